"""A class that nobody taught: results as grading makes them, of many students, in no time."""

import random

from autograder.course.layout import Layout
from autograder.course.overview import course_of
from autograder.grading.score import score_checkpoints, score_extra_credit, total
from autograder.grading.words.claims import CONFIDENCE
from autograder.model import CheckResult, Diagnosis, Outcome, Provenance, Result
from autograder.reports.overview.figures import overview_of
from autograder.reports.overview.records import FailedCase, Student
from autograder.reports.overview.students import student_of

FIRST = (
    "Ada", "Amara", "Ben", "Bruno", "Chloé", "Diego", "Elif", "Emre", "Farid", "Freya", "Grace",
    "Hana", "Ines", "Isak", "Joana", "Jun", "Kiran", "Kofi", "Lena", "Mateo", "Mina", "Noor",
)  # fmt: skip
LAST = ("Abe", "Berg", "Costa", "Diallo", "Eriksen", "Fischer", "Gupta", "Haddad", "Ito", "Kaya")
MISTAKES = (
    ("no-unbroadcast", ("broadcasting", "matmul-broadcast", "training"), 0.16),
    ("sum-ignores-axis", ("sum-axes",), 0.13),
    ("overwrites", ("calls", "backward-contract"), 0.11),
    ("mean-whole-size", ("mean",), 0.09),
    ("first-path-only", ("paths", "training"), 0.07),
    ("div-no-square", ("div",), 0.06),
    ("mul-own-operand", ("mul", "chain-rule"), 0.05),
    ("ce-no-one-hot", ("cross-entropy",), 0.04),
    ("relu-mask-of-gradient", ("relu",), 0.03),
)
SENTENCES = {
    "broadcasting": "A bias added to every row receives the sum over the rows.",
    "sum-axes": "A sum over one axis spreads its gradient along that axis.",
    "calls": "Two backward calls add up in a leaf that both reach.",
    "paths": "x·x uses x twice: its gradient is the sum of both uses.",
    "mean": "A mean over one axis divides by that axis's length only.",
}
QUESTIONS = ("systems_graph_memory", "systems_reverse_mode")


def make_result(config, findings, *, outcome=None, status="graded"):
    """Return a result in which some checks do not pass: by id, a share and a diagnosis or None."""
    checks = tuple(
        _check(check, *findings.get(check.id, (1.0, None))) for check in config.all_checks
    )
    score, max_score = total([check for check in checks if check.checkpoint != "extra-credit"])
    passed = all(check.status == "passed" for check in checks)
    return Result(
        submission="05_autograd.ipynb",
        score=score,
        max_score=max_score,
        status=status,
        outcome=outcome or Outcome("complete" if passed else "partial", "Told."),
        checkpoints=score_checkpoints(config.checkpoints, checks),
        extra_credit=score_extra_credit(checks),
        checks=checks,
        provenance=Provenance("1", "c", "s", "f", "none", "2026-11-25T20:00:00+00:00", 0.1),
    )


def _check(check, share, diagnosis):
    words = {"skipped": "skipped", "passed": "passed"}
    status = words.get(diagnosis, "passed" if diagnosis is None and share == 1 else "failed")
    return CheckResult(
        id=check.id, title=check.title, checkpoint=check.checkpoint, kind=check.kind,
        score=round(check.points * share, 2), max_score=check.points, status=status,
        diagnosis=diagnosis if isinstance(diagnosis, Diagnosis) else None,
        case=SENTENCES.get(check.id, ""),
    )  # fmt: skip


def mistake(id_, sure="certain"):
    """Return a finding that has a name; a plain fact, if it is not sure of anything."""
    return Diagnosis(
        id_,
        f"Told of {id_}.",
        "Look again.",
        CONFIDENCE[sure],
        sure=sure,
        tried="Tried: something.",
    )


def unreadable():
    return Outcome("unreadable", "05_autograd.ipynb ends in the middle: part of it is missing.")


def make_students(config, count, seed=7):
    """Return a class of that size: right, wrong, half-done, unreadable, late and missing ones."""
    dice = random.Random(seed)
    return [_student(config, number, dice) for number in range(count)]


def _student(config, number, dice):
    first, last = FIRST[number % len(FIRST)], LAST[number // len(FIRST) % len(LAST)]
    again = number // (len(FIRST) * len(LAST))
    told = {
        "full_name": f"{first} {last}",
        "groups": (("monday", "tuesday", "friday")[number % 3],),
    }
    name = f"{first}.{last}{again or ''}".lower().replace("é", "e")
    luck = dice.random()
    if luck < 0.03:
        reason = "has handed nothing in"
        return Student(
            name, "missing", name=told["full_name"], groups=told["groups"], reason=reason
        )
    if luck < 0.045:
        result = make_result(config, {}, outcome=unreadable(), status="error")
        return student_of(name, result, state="error", **told)
    findings = _findings(config, dice, unfinished=luck > 0.86)
    failed = tuple(
        FailedCase(f"{check}/1", check, SENTENCES[check], excused=dice.random() < 0.1)
        for check in findings
        if check in SENTENCES
    )
    return student_of(
        name,
        make_result(config, findings),
        state="outdated" if luck < 0.075 else "graded",
        waiting=tuple(cell for cell in QUESTIONS if dice.random() < 0.4),
        cases=failed,
        page=True,
        **told,
    )


def _findings(config, dice, *, unfinished):
    found = {}
    for id_, checks, share in MISTAKES:
        if dice.random() < share:
            sure = "certain" if dice.random() < 0.8 else "perhaps"
            for check in checks:
                found.setdefault(check, (round(dice.uniform(0, 0.9), 1), mistake(id_, sure)))
    if unfinished:
        written = dice.choice([2, 5, 7, 9, 9, 13, 16, 20])
        for check in config.checks[written:]:
            found[check.id] = (0.0, mistake("not-implemented", ""))
    for check in config.stretch:
        if unfinished or dice.random() < 0.5:
            found[check.id] = (0.0, mistake("not-implemented", ""))
    return found


def make_overview(course, config, count, students=None, conditions=()):
    """Return the overview of a class of that size, or of students that are given."""
    made = make_students(config, count) if students is None else students
    return overview_of(
        course_of(Layout(course=course, config=config)), made,
        of=count, made="2026-11-25T20:00:00+00:00", conditions=conditions,
    )  # fmt: skip
