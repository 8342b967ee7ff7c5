"""What decides a grade, and what only says why: a reworded sentence regrades nobody."""

import ast
import shutil

import msgspec
import pytest

from autograder.cases import load_cases
from autograder.grading import decisive
from autograder.grading.decisive import PACKAGE, WORDS, Decisive
from autograder.sandbox.handout import write_list

replace = msgspec.structs.replace
SENTENCES = [
    ("words/losses.py", "It ran out of time.", "It took too long."),
    ("outcome.py", "Every required check passes.", "All required checks pass."),
    ("words/claims.py", "the", "this"),
    ("words/raised.py", "could not run", "did not run"),
]
RULES = [("compare.py", "==", "!="), ("once.py", "passed", "failed"), ("score.py", "== 0", "== 1")]


@pytest.fixture(scope="module")
def hidden(course, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cases") / "hidden"
    shutil.copytree(course / "tests" / "hidden", folder)
    return folder


@pytest.fixture
def code(tmp_path, monkeypatch):
    """Return a copy of the grading code that is looked at in place of the real one."""
    copy = tmp_path / "autograder"
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("grading", "guest", "cases"):
        shutil.copytree(PACKAGE / name, copy / name, ignore=ignore)
    for table in ("CODE", "WORDS"):
        places = [
            copy / path.relative_to(PACKAGE) if path.is_relative_to(PACKAGE) else path
            for path in getattr(decisive, table)
        ]
        monkeypatch.setattr(decisive, table, tuple(places))
    return copy


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(("name", "old", "new"), SENTENCES)
def test_a_reworded_diagnosis_is_the_same_exam(code, name, old, new):
    before = decisive._digest_of_code()
    change(code / "grading" / name, old, new)
    assert decisive._digest_of_code() == before


@pytest.mark.parametrize(("name", "old", "new"), RULES)
def test_another_way_of_judging_is_another_exam(code, name, old, new):
    before = decisive._digest_of_code()
    change(code / "grading" / name, old, new)
    assert decisive._digest_of_code() != before


def test_a_new_module_of_grading_decides_until_somebody_says_that_it_does_not(code):
    before = decisive._digest_of_code()
    (code / "grading" / "new.py").write_text("", encoding="utf-8")
    assert decisive._digest_of_code() != before


def test_no_sentence_stands_in_a_module_that_decides():
    """But for what a mistake of the instructor's raises: no result repeats it."""
    assert all(path.exists() for path in WORDS)
    looked = [path for path in (PACKAGE / "grading").rglob("*.py") if not decisive._only_says(path)]
    assert {path.name for path in looked} >= {"compare.py", "grader.py", "score.py", "once.py"}
    assert {path.name: found for path in looked if (found := sentences(path))} == {}


EVIDENCE = ("claim", "hypotheses", "observed", "programs", "sampling", "trace", "weighing")


def test_evidence_writes_no_prose():
    """A diagnosis is data; words come last. The likely mistakes' own rows hold their sentences."""
    folder = PACKAGE / "grading" / "diagnosis"
    paths = [folder / f"{name}.py" for name in EVIDENCE]
    paths += [PACKAGE / "kernel" / f"{name}.py" for name in ("facts", "calls", "tracking")]
    assert {path.name: found for path in paths if (found := sentences(path))} == {}


def test_sentences_are_found_where_they_are():
    assert sentences(PACKAGE / "grading" / "words" / "checks.py")


def sentences(path):
    """Return strings of four words or more that are neither documentation nor raised."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    other = {
        id(inside)
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for inside in ast.walk(node)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        and id(node) not in other and len(node.value.split()) >= 4
    ]  # fmt: skip


def test_a_reworded_case_is_the_same_exam_and_another_program_is_not(hidden, config):
    before = load_cases(hidden, config)
    change(hidden / "shape.py", '    """', '    """In other words: ')
    reworded = load_cases(hidden, config)
    assert [case.sentence for case in reworded.cases] != [case.sentence for case in before.cases]
    assert reworded.digest == before.digest
    change(hidden / "gradient.py", "t.leaf(3, 4)", "t.leaf(3, 5)")
    assert load_cases(hidden, config).digest != before.digest


def test_a_reworded_title_is_the_same_exam_and_other_terms_are_not(course, config):
    cases = course / "tests" / "hidden"
    before = load_cases(cases, config).digest
    retitled = replace(
        config,
        checks=tuple(replace(check, title=f"{check.title}!") for check in config.checks),
        checkpoints=tuple(replace(one, title="Other") for one in config.checkpoints),
    )
    assert load_cases(cases, retitled).digest == before
    others = [
        replace(config, checks=(replace(config.checks[0], points=99), *config.checks[1:])),
        replace(config, checkpoints=(replace(config.checkpoints[0], pass_at=0.5),
                                     *config.checkpoints[1:])),
        replace(config, limits=replace(config.limits, case_seconds=1)),
        replace(config, tolerance=replace(config.tolerance, float64=5)),
        replace(config, charge_once=not config.charge_once),
        replace(config, contract={"apply": "backward"}),
        replace(config, package="student"),
    ]  # fmt: skip
    digests = {load_cases(cases, other).digest for other in others}
    assert len(digests | {before}) == len(others) + 1


def test_other_words_of_the_public_checks_are_the_same_exam(course, config, exam, tmp_path):
    handout = tmp_path / "release" / config.assignment / "tinytorch"
    shutil.copytree(exam.handout, handout, ignore=shutil.ignore_patterns("__pycache__"))

    def digest():
        write_list(handout)
        return decisive.decisive(exam.case_set.terms, handout, ()).digest

    before = digest()
    change(handout / "checks" / "words.py", "the", "this")
    assert digest() == before
    change(handout / "core" / "tensor.py", "self", "this")
    assert digest() != before


def test_what_decides_survives_json(exam):
    kept = msgspec.json.decode(msgspec.json.encode(exam.decisive), type=Decisive)
    assert kept.digest == exam.decisive.digest == exam.case_set.digest
