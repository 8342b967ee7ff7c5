"""What one slip costs, in every style of submission, and that mending never costs."""

import itertools
import random

import msgspec
import pytest

from autograder.audit.corpus import HOSTS, Corpus
from autograder.audit.costs import own_points, slip_costs
from autograder.audit.mutants import ENGINE, apply_edits, load_catalogue
from autograder.cases.names import own_checks
from autograder.course.layout import Layout
from autograder.errors import CaseError
from autograder.grading.grader import Exam, Grader
from autograder.operations import operations
from autograder.workers.local import grade_all

ROUNDING = 0.03
"""Each check's score is rounded to a hundredth."""
NOTHING_RUNS = {
    *(
        f"{name} ({host})"
        for name in (
            "requires-grad-only", "no-backward-chain", "first-operand-only", "last-operand-only"
        )
        for host in ("topological", "recursive")
    ),
    "tracked-only-if-all-ask (topological)",
}  # fmt: skip
"""What cannot be shown to work: without a node any operation, without a chain any composition of
two, without an operand's entry any operation of two, and with a constant any operation at all."""
RAISES = """
def _broken(self, *given):
    raise NameError("gone")
for _name in list(globals()):
    if _name.lower() == "{}":
        globals()[_name].apply = _broken
"""
DELETED = """
for _name in list(globals()):
    if _name.lower() == "{}":
        del globals()[_name]
"""


@pytest.fixture(scope="module")
def layout(course, config):
    return Layout(course=course, config=config)


@pytest.fixture(scope="module")
def corpus(course, solution):
    return Corpus(course, solution)


@pytest.fixture(scope="module")
def score_all(exam, tmp_path_factory):
    """Grade texts by name; return their results by name."""
    exam.compute()

    def grade(texts):
        folder = tmp_path_factory.mktemp("costs")
        jobs = []
        for place, (name, text) in enumerate(texts.items()):
            path = folder / f"{place}.py"
            path.write_text(text, encoding="utf-8")
            jobs.append((name, path))
        return dict(grade_all(exam, "L", jobs, 2))

    return grade


def required_rules(config):
    return [op for op in operations() if own_points(config, op)]


def test_every_slip_of_the_catalogue_costs_about_its_share(layout):
    costs = slip_costs(layout, b"audit", processes=2, progress=lambda: None)
    dear = {cost.name: cost.once for cost in costs if cost.once > cost.allowed}
    assert dear.keys() == NOTHING_RUNS
    assert all(cost.once > 0 for cost in costs)
    assert all(cost.once <= cost.everywhere for cost in costs)
    assert sum(cost.everywhere - cost.once for cost in costs if cost.part != ENGINE) > 100


def test_a_broken_rule_costs_about_its_share_in_every_style(course, config, score_all):
    """By turns one that raises and one that is not there; both in the styles of HOSTS below."""
    texts = {}
    for number, path in enumerate(sorted((course / "tests" / "variants").glob("*.py"))):
        source = path.read_text(encoding="utf-8")
        for place, op in enumerate(required_rules(config), start=number):
            slip = (RAISES, DELETED)[place % 2]
            texts[path.stem, op] = source + slip.format(operations().rule_of[op].lower())
    dear = {}
    for (style, op), result in score_all(texts).items():
        lost = {check.id for check in result.checks if check.score < check.max_score}
        # Where a class is made from another one, both of them are broken.
        broken = {op} | {other for other in operations() if set(own_checks(other)) <= lost}
        own = sum(own_points(config, each) for each in broken)
        if result.max_score - result.score > 1.5 * own:
            dear[style, op] = result.max_score - result.score
    assert dear == {}


def test_a_second_mistake_never_raises_a_score(corpus, course, config, grader, tmp_path):
    """Pairs of the catalogue, a fixed sample; those that undo each other are left out."""
    stretch = {check.id for check in config.stretch}
    pairs = []
    for host in HOSTS:
        entries = [
            entry
            for entry in load_catalogue(course)
            if entry.edits(host) and entry.check not in stretch
        ]
        found = [(host, *pair) for pair in itertools.combinations(entries, 2)]
        pairs += random.Random(9).sample(found, 25)

    def grade(host, *entries):
        source = corpus.hosts[host]
        for entry in entries:
            source = apply_edits(source, entry.edits(host), entry.id)
        path = tmp_path / "submission.py"
        path.write_text(source, encoding="utf-8")
        graded = grader.grade(path)
        failing = {each.case.id for each in graded.verdicts if each.status != "passed"}
        return graded.result.score, failing

    compared = 0
    for host, one, other in pairs:
        try:
            score, failing = grade(host, one, other)
        except CaseError:
            continue  # both change the same line
        singles = [grade(host, one), grade(host, other)]
        if all(alone <= failing for _, alone in singles):
            compared += 1
            assert score <= min(alone for alone, _ in singles) + ROUNDING, (host, one.id, other.id)
    assert compared > 30


def test_to_leave_a_rule_out_never_pays(corpus, config, score_all):
    """Less and less of a rule is there: right, wrong in one way, raising, not defined at all."""
    texts = {}
    for host in HOSTS:  # in others one rule is made of another, which only a raising one breaks
        source = corpus.hosts[host]
        for op in required_rules(config):
            name = operations().rule_of[op].lower()
            texts[host, op, "right"] = source
            texts[host, op, "raises"] = source + RAISES.format(name)
            texts[host, op, "deleted"] = source + DELETED.format(name)
    results = score_all(texts)
    for host, op in itertools.product(HOSTS, required_rules(config)):
        right, raises, deleted = (
            results[host, op, how].score for how in ("right", "raises", "deleted")
        )
        assert deleted <= raises + ROUNDING < right, (host, op)


@pytest.fixture
def grade_edited(corpus, grader, tmp_path):
    def grade(host, *edits):
        path = tmp_path / "submission.py"
        path.write_text(apply_edits(corpus.hosts[host], edits, "test"), encoding="utf-8")
        return grader.grade(path).result

    return grade


def missing(result):
    return {check.id for check in result.checks if check.status != "passed"}


def test_a_typo_in_the_stretch_part_of_enable_autograd_costs_stretch_only(grade_edited):
    whole = grade_edited("recursive")
    result = grade_edited(
        "recursive",
        ("loss(BinaryCross", "loss(BinaryCrossEntropyLoss", "loss(BinaryCrossEntropyLos"),
    )
    assert result.score == result.max_score
    assert missing(result) - missing(whole) == {"bce"}


ASKS_FIRST = """
def enable_autograd():
    _enable()
    if "LateBackward" in globals():
        LateBackward.missing
_switch = []
"""
RUNS_ONCE = """
_switch = []
def enable_autograd():
    if _switch:
        return
    _switch.append(True)
    UndefinedHelper.forward = None
    _enable()
"""


@pytest.mark.parametrize("enable", [ASKS_FIRST, RUNS_ONCE])
def test_a_name_that_enable_autograd_lacks_costs_what_it_stands_for(
    corpus, grader, tmp_path, enable
):
    """Also where the function asks whether the name is there, or sets a flag before it fails."""
    path = tmp_path / "submission.py"
    path.write_text(corpus.hosts["recursive"] + enable, encoding="utf-8")
    result = grader.grade(path).result
    assert result.score == result.max_score


def test_an_engine_that_installs_nothing_is_told_what_enable_autograd_raised(grade_edited):
    result = grade_edited(
        "recursive", ("def _enable", "    def lift(", "    1 / 0\n\n    def lift(")
    )
    told = next(check.diagnosis for check in result.checks if check.id == "tracking")
    assert "enable_autograd(), line 231: a number is divided by zero" in told.message


@pytest.mark.parametrize(
    ("name", "lost"), [("__matmul__", {"tracking"}), ("matmul", {"tracking", "training"})]
)
def test_products_count_by_either_name_where_a_case_is_not_about_the_name(grade_edited, name, lost):
    """The handout's own layers call matmul, so training needs that one."""
    result = grade_edited(
        "recursive", (f'binary("{name}"', f'binary("{name}", MatmulBackward)', "pass")
    )
    required = {check.id for check in result.checks if check.checkpoint != "extra-credit"}
    assert missing(result) & required == lost


def test_charge_once_can_be_switched_off(course, config, seed, corpus, tmp_path):
    path = tmp_path / "submission.py"
    path.write_text(corpus.hosts["recursive"] + RAISES.format("mulbackward"), encoding="utf-8")
    exam = Exam(course, msgspec.structs.replace(config, charge_once=False), seed)
    with exam.worker("L") as worker:
        everywhere = Grader(exam, worker).grade(path).result
    assert everywhere.score < everywhere.max_score - 15
    assert not any("charged once" in note for note in everywhere.notes)


ENDS_WITH_PLACEBOS = """
import os
_right = _plain = None
def _noticing(self, *given):
    if MulBackward.apply is not _plain:
        os._exit(3)
    return _right(self, *given)
enable_autograd()
_right = Tensor.backward
"""


def test_a_crash_while_a_rule_is_replaced_changes_no_verdict(
    course, config, seed, corpus, tmp_path
):
    """A submission that ends itself where it meets a placebo is charged for all that fails."""
    path = tmp_path / "submission.py"
    broken = corpus.hosts["recursive"] + RAISES.format("mulbackward")
    path.write_text(
        f"{broken}{ENDS_WITH_PLACEBOS}\n_plain = MulBackward.apply\nTensor.backward = _noticing\n",
        encoding="utf-8",
    )
    scores = set()
    for charge_once in (True, False):
        exam = Exam(course, msgspec.structs.replace(config, charge_once=charge_once), seed)
        with exam.worker("L") as worker:
            result = Grader(exam, worker).grade(path).result
        scores.add(result.score)
        assert {check.status for check in result.checks} == {"passed", "failed", "error"}
    assert len(scores) == 1
