"""The gate judges a course's own checks, tells what can be done, and tries nothing twice."""

import shutil

import pytest
from msgspec.structs import replace

from autograder.audit import corpus as corpus_module
from autograder.audit import gate as gate_module
from autograder.audit.gate import Gate
from autograder.audit.kept import Kept, code_digest, keys_of
from autograder.audit.mutants import Misconception
from autograder.cases.registry import record_all
from autograder.config import load_config
from autograder.course.layout import Layout
from autograder.course.notes import Notes, read_notes, write_notes
from autograder.errors import ReleaseRefused, UsageError
from autograder.grading.grader import Exam

HARMLESS = Misconception(
    "harmless", "mul", "only the printed text changes",
    topological=[("print(", "Autograd is on.", "Autograd is off.")],
    impossible="one style is enough here",
)  # fmt: skip
WRONG = Misconception(
    "own-operand", "mul", "a's gradient is a",
    topological=[("class MulBackward", "grad_output * b.data", "grad_output * a.data")],
    impossible="one style is enough here",
)  # fmt: skip
IN_STRETCH = Misconception(
    "gelu-half", "gelu", "the first half is forgotten",
    topological=[("class GELUBackward", "0.5 * (1 + tanh) +", "(1 + tanh) +")],
    impossible="one style is enough here",
)  # fmt: skip
NAME = "harmless (topological)"


@pytest.fixture
def desk(course, released, tmp_path, monkeypatch):
    """A course with three wrong submissions, and one correct one; what was graded is counted."""
    for name in ("source", "tests/hidden", "tests/public", "tests/mutants"):
        shutil.copytree(course / name, tmp_path / name)
    (tmp_path / "tests" / "variants").mkdir()
    for name in ("recursive.py", "tape.py", "closures.py"):
        shutil.copy(course / "tests" / "variants" / name, tmp_path / "tests" / "variants")
    shutil.copy(course / "config.yaml", tmp_path)
    entries = (HARMLESS, WRONG, IN_STRETCH)
    monkeypatch.setattr(corpus_module, "load_catalogue", lambda course: entries)
    monkeypatch.setattr(corpus_module, "load_transplants", lambda course: {})
    monkeypatch.setattr(corpus_module.Corpus, "mechanical", lambda self: iter(()))
    monkeypatch.setattr(corpus_module.Corpus, "stale_proofs", lambda self, samples: [])
    monkeypatch.setattr(gate_module, "variants", lambda course: [])
    graded = []
    grade = gate_module.grade_mutants

    def counted(exam, tier, hosts, samples, *rest, **named):
        graded.extend(sample.name for sample in samples)
        return grade(exam, "L", hosts, samples, *rest, **named)

    monkeypatch.setattr(gate_module, "grade_mutants", counted)

    class Desk:
        folder = tmp_path

        @property
        def layout(self):
            return Layout(course=tmp_path, config=load_config(tmp_path / "config.yaml"))

        def change(self, old, new, file="config.yaml"):
            path = tmp_path / file
            text = path.read_text(encoding="utf-8")
            assert old in text
            path.write_text(text.replace(old, new), encoding="utf-8")

        def gate(self, *accepted):
            graded.clear()
            gate = Gate(
                self.layout, b"gate", released, read_notes(self.layout), 1,
                lambda what: lambda done, total: None,
            )  # fmt: skip
            return gate.require_no_hole(accepted)

        @property
        def graded(self):
            return list(graded)

    return Desk()


def test_a_survivor_is_shown_with_its_choice_until_it_is_accepted(desk):
    with pytest.raises(ReleaseRefused) as caught:
        desk.gate()
    message = caught.value.message
    for words in (
        NAME, "-        print(", "should lose points in: mul", "tests/hidden", "equivalent.yaml",
        f"autograder release --accept-survivor '{NAME}'",
    ):  # fmt: skip
        assert words in message
    with pytest.raises(UsageError, match="keeps full marks"):
        desk.gate("own-operand (topological)")
    audited = desk.gate(NAME)
    assert audited.notes.ids == (NAME,)
    assert NAME in audited.lines[0]
    write_notes(desk.layout, audited.notes)
    assert read_notes(desk.layout) == audited.notes
    assert "Autograd is off." in desk.layout.release.with_name(
        f"{desk.layout.config.assignment}.notes.yaml"
    ).read_text(encoding="utf-8")

    # Accepted holds; what was killed is not graded again, and words and points touch nothing.
    assert desk.gate().notes.ids == (NAME,)
    desk.change('title: "Module 05: Autograd"', 'title: "Another one"')
    desk.change("points: 6, cell: test_mul", "points: 9, cell: test_mul")
    desk.gate()
    assert desk.graded == []

    # A part that is off takes what is about it with it: only the other two are looked at.
    desk.change("stretch: on", "stretch: off")
    desk.gate()
    assert set(desk.graded) == {NAME}


def test_what_only_a_check_that_is_off_would_notice_is_left_out(desk, monkeypatch):
    about_another = replace_check(WRONG, "add")
    monkeypatch.setattr(corpus_module, "load_catalogue", lambda course: (about_another,))
    desk.change(
        "kind: gradient, points: 6, cell: test_mul", "kind: gradient, points: 0, cell: test_mul"
    )
    assert desk.gate().notes == Notes()


def replace_check(entry, check):
    return Misconception(
        entry.id, check, entry.sentence, topological=entry.topological, impossible=entry.impossible
    )


def test_an_entry_that_cannot_be_made_any_more_is_told_and_left_out(desk, monkeypatch):
    entries = (WRONG, Misconception("gone", "mul", "x", [("class Nothing", "a", "b")], (), "one"))
    monkeypatch.setattr(corpus_module, "load_catalogue", lambda course: entries)
    assert any("cannot be made" in line for line in desk.gate().lines)


def test_a_kill_holds_while_the_cases_of_its_check_are_the_same(course, config, tmp_path):
    exam = Exam(course, config, b"kept")
    cases = record_all(course / "tests" / "hidden")
    kept = Kept(tmp_path / "kept.json", exam, cases)
    kept.keep_kill("a", ["mul", "add"])
    kept.keep_right("b")
    kept.save()
    same = Kept(tmp_path / "kept.json", exam, cases)
    assert same.is_killed("a")
    assert same.is_right("b")
    without_mul = [
        case for case in cases if case.id != next(c.id for c in cases if c.check == "mul")
    ]
    assert Kept(tmp_path / "kept.json", exam, without_mul).is_killed("a")
    assert not Kept(tmp_path / "kept.json", exam, without_mul).is_right("b")
    of_neither = [case for case in cases if case.check not in {"mul", "add"}]
    assert not Kept(tmp_path / "kept.json", exam, of_neither).is_killed("a")
    other = Exam(course, replace(config, charge_once=False), b"kept")
    assert not Kept(tmp_path / "kept.json", other, cases).is_killed("a")


def test_a_docstring_changes_no_key_and_an_operator_does():
    plain = "def f(x):\n    '''One.'''\n    return x * 2\n"
    reworded = "def f(x):\n    '''Two,\n    lines.'''\n    return x * 2  # so\n"
    assert code_digest(plain) == code_digest(reworded)
    assert code_digest(plain) != code_digest(plain.replace("*", "+"))

    def key(host):
        wrong = host.replace("x * 2", "x + 2")
        sample = corpus_module.Sample("n", "catalogue", "h", "", "", wrong)
        return keys_of({"h": host})(sample)

    assert key(plain) == key(reworded.replace("  # so", ""))
    assert key(plain) != key(
        plain.replace("2\n", "2\n    # more\n").replace("return", "y = 1; return")
    )
