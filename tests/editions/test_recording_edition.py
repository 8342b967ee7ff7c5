"""The edition whose operations record themselves: same cases, same engine, its own names."""

import re
import subprocess
import sys

import nbformat
import pytest
from msgspec.structs import replace

from autograder.audit.declared import problems_of_operations
from autograder.audit.hosts import recursive_source, topological_source
from autograder.audit.mutants import apply_edits, load_catalogue, load_common
from autograder.audit.wild import KINDS, load_transformations, try_wild
from autograder.config import edition_of, keep_base, load_config
from autograder.course.layout import Layout
from autograder.course.release import release
from autograder.grading.grader import Exam, Grader
from autograder.submission.choose import choose

OTHER_NAMES = re.compile(
    r"\w+Backward|saved_tensors|enable_autograd|(?<!Function)\.apply\b|`apply`"
)
"""What the course that it is based on says, and this edition never."""


@pytest.fixture(scope="module")
def edition(course):
    return edition_of(course, "recording")


@pytest.fixture(scope="module")
def layout(edition):
    return Layout(course=edition, config=load_config(edition / "config.yaml"))


@pytest.fixture(scope="module")
def solved(layout):
    return layout.source / "06_autograd.ipynb"


@pytest.fixture(scope="module")
def theirs(layout, seed):
    """A grader of the edition."""
    exam = Exam(layout.course, layout.config, seed, draft=True)
    with exam.worker("L") as worker:
        yield Grader(exam, worker)


@pytest.fixture(scope="module")
def source(solved):
    return topological_source(solved)


def all_texts(result):
    yield from (result.outcome.message, *result.notes)
    for check in result.checks:
        yield from (check.title, check.case)
        if check.diagnosis is not None:
            yield from (check.diagnosis.message, check.diagnosis.hint)


def test_its_solution_scores_every_point_by_the_same_hidden_cases(theirs, solved, exam):
    result = theirs.grade(solved).result
    assert (result.score, result.extra_credit.score) == (80, 12)
    own = [case.id for case in theirs._exam.case_set.cases]
    assert own == [case.id for case in exam.case_set.cases]
    assert not [text for text in all_texts(result) if OTHER_NAMES.search(text)]


@pytest.mark.parametrize("name", ["recursive", "releases_the_graph", "table_of_rules"])
def test_other_styles_lose_nothing(theirs, edition, name):
    result = theirs.grade(edition / "tests" / "variants" / f"{name}.py").result
    assert result.score == 80


def test_operations_may_be_imported_from_the_package_itself(theirs, edition, tmp_path):
    """The package names classes of layers and losses only; a student's own may name all."""
    text = (edition / "tests" / "variants" / "recursive.py").read_text(encoding="utf-8")
    path = tmp_path / "submission.py"
    path.write_text(re.sub(r"from tinytorch\.core\.\w+ import", "from tinytorch import", text))
    assert theirs.grade(path).result.score == 80


def test_ways_of_handing_in_are_shared_as_far_as_they_name_nothing_of_the_other(layout, solved):
    library = load_transformations(layout.config.home(layout.course, str(KINDS)))
    made = {name: one.hand_in(solved) for name, one in library.items()}
    assert sum(one is not None for one in made.values()) > 0.8 * len(library)
    assert not [name for name, one in made.items() if one and b"enable_autograd" in one.data]


def test_a_few_ways_of_handing_in_lose_nothing(layout, seed, solved):
    library = load_transformations(layout.config.home(layout.course, str(KINDS)))
    exam = Exam(layout.course, layout.config, seed, draft=True, released=solved)
    names = ["solution-became-markdown", *list(library)[::30]]
    pairs = [(name, solved) for name in names if library[name].hand_in(solved)]
    assert len(pairs) > 5
    assert not [trial for trial in try_wild(exam, "L", library, pairs, 1) if trial.loss]


def grade_text(grader, tmp_path, text):
    path = tmp_path / "submission.py"
    path.write_text(text, encoding="utf-8")
    result = grader.grade(path).result
    assert not [said for said in all_texts(result) if OTHER_NAMES.search(said)]
    return result


def test_wrong_rule_is_named_as_the_edition_calls_it(theirs, source, tmp_path):
    wrong = source.replace("grad_output * b.data if a", "grad_output * a.data if a")
    checks = {check.id: check for check in grade_text(theirs, tmp_path, wrong).checks}
    assert checks["mul"].status == "failed"
    assert "Mul uses a itself for the gradient of a" in checks["mul"].diagnosis.message
    assert checks["add"].status == checks["chain-rule"].status.replace("failed", "passed")


def test_missing_rule_is_said_to_be_inherited(theirs, source, tmp_path):
    start = source.index("@method_of(Div)")
    missing = source[:start] + source[source.index("# %% next cell", start) :]
    result = grade_text(theirs, tmp_path, missing)
    div = next(check for check in result.checks if check.id == "div")
    assert div.diagnosis.message.startswith("Div has no `backward` of its own")
    assert result.score > 70


def test_apply_that_records_nothing_spares_the_rules(theirs, source, tmp_path):
    result = grade_text(theirs, tmp_path, source.replace("result._grad_fn = node", "pass"))
    first, second = result.checkpoints
    assert (first.score, second.passed) == (40, False)


def repository(tmp_path, edition, course, solved):
    """Write a student's repository: own earlier modules, and the notebook under modules/."""
    shared, own = course / "source/05_autograd/tinytorch/core", edition / "source/06_autograd"
    for name in ("tensor", "activations", "losses"):
        text = (own / "tinytorch" / "core" / f"{name}.py").read_text(encoding="utf-8")
        target = tmp_path / "tinytorch" / "core" / f"{name}.py"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(f"{text}\n# mine\n", encoding="utf-8")
    (target.parent / "layers.py").write_bytes((shared / "layers.py").read_bytes())
    notebook = tmp_path / "modules" / "06_autograd" / "autograd.ipynb"
    notebook.parent.mkdir(parents=True)
    notebook.write_bytes(solved.read_bytes())
    stub = tmp_path / "src" / "06_autograd" / "06_autograd.py"
    stub.parent.mkdir(parents=True)
    stub.write_text("from tinytorch.core.tensor import Add, method_of\n", encoding="utf-8")
    return tmp_path


def test_whole_repository_is_graded_over_its_own_modules(
    theirs, layout, edition, course, solved, tmp_path
):
    folder = repository(tmp_path, edition, course, solved)
    taken = choose(folder, layout.config).path
    assert taken.relative_to(folder).as_posix() == "modules/06_autograd/autograd.ipynb"
    assert theirs.grade(taken).result.score == 80
    tensor = folder / "tinytorch" / "core" / "tensor.py"
    text = tensor.read_text(encoding="utf-8")
    tensor.write_text(text.replace("np.multiply, a, b", "np.add, a, b"), encoding="utf-8")
    assert theirs.grade(taken).result.score < 80


def test_every_misconception_has_its_place_in_both_styles(edition, source):
    hosts = {"topological": source, "recursive": recursive_source(edition)}
    catalogue = load_catalogue(edition)
    assert len(catalogue) > 70
    assert len({entry.id for entry in catalogue} & {*load_common(edition)}) > 12
    for entry in catalogue:
        for host, text in hosts.items():
            edits = entry.edits(host)
            assert edits or entry.impossible, entry.id
            compile(apply_edits(text, edits, entry.id), entry.id, "exec")


@pytest.fixture(scope="module")
def released(layout, theirs, tmp_path_factory):
    """The edition, released from a copy of its folder."""
    copy = tmp_path_factory.mktemp("edition")
    target = copy / "source" / "06_autograd"
    for path in layout.source.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            place = target / path.relative_to(layout.source)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
    keep_base(layout.course, copy)
    fresh = Layout(course=copy, config=load_config(copy / "config.yaml"))
    release(fresh, theirs, lambda _: None)
    return fresh.release


def test_release_holds_the_whole_handout_with_no_name_of_the_other(released):
    notebook = nbformat.read(released / "06_autograd.ipynb", as_version=4)
    assert "BEGIN SOLUTION" not in str(notebook)
    assert (released / "tinytorch" / "core" / "layers.py").is_file()
    cases = (released / "tinytorch" / "checks" / "cases.json").read_text(encoding="utf-8")
    said = re.findall(r'"(?:title|works|hint|sentence)":"([^"]*)"', cases)
    assert len(said) > 150
    assert not [text for text in said if OTHER_NAMES.search(text)]


def test_public_check_names_a_wrong_rule_of_the_edition(released, source, tmp_path):
    wrong = source.replace("grad_output * b.data if a", "grad_output * a.data if a")
    run = tmp_path / "attempt.py"
    run.write_text(f"{wrong}\nfrom tinytorch.checks import check\ncheck('mul')\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-X", "utf8", str(run)],
        capture_output=True, encoding="utf-8", env={"PYTHONPATH": str(released)}, check=False,
    )  # fmt: skip
    assert "Mul uses a itself" in done.stdout
    assert not OTHER_NAMES.search(done.stdout + done.stderr)


def test_titles_are_said_in_its_names(layout):
    titles = {check.id: check.title for check in layout.config.all_checks}
    assert titles["matmul"] == "MatMul: the gradient of A @ B for matrices"
    assert titles["rule-contract"].startswith("backward(grad_output) returns")
    assert not [title for title in titles.values() if OTHER_NAMES.search(title)]


def test_how_a_node_comes_about_decides_grades(layout, seed):
    by_hand = replace(layout.config, edition=replace(layout.config.edition, applied_by=""))
    digests = {
        Exam(layout.course, config, seed, draft=True).case_set.digest
        for config in (layout.config, by_hand)
    }
    assert len(digests) == 2


def test_gate_finds_every_operation_in_the_classes_that_it_completes(layout):
    assert list(problems_of_operations(layout)) == []
