import json
import os
import textwrap
import warnings

import msgspec
import nbformat
import pytest
from nbformat import v4

from autograder.config import Limits
from autograder.grading.grader import Grader
from autograder.grading.outcome import STAND_INS
from autograder.model import encode_result

SWALLOWS_EVERYTHING = """
import time
while True:
    try:
        time.sleep(9)
    except BaseException:
        pass
"""
WRITES_TO_EVERYTHING = """
import os
for descriptor in range(3, 100):
    try:
        os.write(descriptor, b"x" * 4096)
    except OSError:
        pass
"""
SHORT = Limits(cell_seconds=1.0, case_seconds=1.0, submission_seconds=20)


def points(graded, checkpoint):
    return graded.result.checkpoints[checkpoint - 1].score


def test_solution_scores_every_point_and_all_extra_credit(grader, solution):
    result = grader.grade(solution).result
    assert (result.score, result.max_score) == (80, 80)
    assert result.extra_credit.score == result.extra_credit.max_score
    assert result.outcome.id == "complete"
    assert all(check.status == "passed" for check in result.checks)


def test_released_stub_scores_nothing_and_is_called_blank(grader, released):
    result = grader.grade(released).result
    assert (result.score, result.extra_credit.score) == (0, 0)
    assert result.status == "graded"
    assert result.outcome.id == "blank"


def test_python_file_is_graded_like_a_notebook(grader, course):
    result = grader.grade(course / "tests" / "variants" / "recursive.py").result
    assert result.score == 80


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ('{"cells": [', "unreadable"),
        ("[1, 2]", "unreadable"),
        ("", "unreadable"),
        (nbformat.writes(v4.new_notebook()), "empty"),
        (
            nbformat.writes(v4.new_notebook(cells=[v4.new_code_cell("def broken(:\n")])),
            "syntax-error",
        ),
        (
            nbformat.writes(v4.new_notebook(cells=[v4.new_code_cell("answer = 42")])),
            "missing-names",
        ),
    ],
    ids=["truncated", "not a notebook", "nothing", "no cells", "broken", "no names"],
)
def test_file_that_is_no_solution_has_a_named_outcome(grader, tmp_path, text, outcome):
    path = tmp_path / "submission.ipynb"
    path.write_text(text, encoding="utf-8")
    result = grader.grade(path).result
    assert result.outcome.id == outcome
    assert result.score == 0
    assert result.status == ("error" if outcome == "unreadable" else "graded")


def test_cell_that_raises_does_not_stop_the_next(grade_cells):
    graded = grade_cells(before=("1 / 0", "undefined_name", "raise SystemExit", "exit()"))
    assert graded.result.score == 80
    assert [note.split(" stopped with ")[1] for note in graded.result.notes] == [
        "ZeroDivisionError; the statements after it still ran.",
        "NameError; the statements after it still ran.",
    ]


def test_lone_surrogate_costs_its_own_cell_only(grader, solution, tmp_path):
    notebook = json.loads(solution.read_text(encoding="utf-8"))
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    notebook["cells"].insert(1, {**cell, "id": "lone", "source": "x = '\ud800'"})
    path = tmp_path / "lone.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert grader.grade(path).result.score == 80


def test_abandoned_cell_with_a_syntax_error_costs_nothing(grade_cells):
    graded = grade_cells(before=("for x in range(3\n    print(x)",))
    assert graded.result.score == 80
    assert graded.result.outcome.id == "complete"


def test_magics_and_shell_lines_are_skipped_and_reported(grade_cells):
    graded = grade_cells(
        before=(
            "%matplotlib inline\nimport numpy as np",
            "!pip install something",
            "%%bash\nls /",
            "files = !ls",
            "np.add?",
            "display(get_ipython())",
            "%load_ext autoreload\n%autoreload 2",
        )
    )
    assert graded.result.score == 80
    assert graded.result.notes == (
        "Shell lines, and magics that install, run or write something, were left out.",
    )


def test_python_below_a_timing_magic_still_runs(grader, course, tmp_path):
    text = (course / "tests" / "variants" / "recursive.py").read_text(encoding="utf-8")
    path = tmp_path / "timed.ipynb"
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell("%%time\n" + text)]), path)
    assert grader.grade(path).result.score == 80


def test_plotting_package_that_is_not_there_costs_nothing(grader, course, tmp_path):
    text = (course / "tests" / "variants" / "recursive.py").read_text(encoding="utf-8")
    plots = textwrap.dedent("""
        import matplotlib.pyplot as plt
        import some_package_nobody_has
        from another_missing_one import thing
        fig, ax = plt.subplots()
        fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3))
        left.plot([1, 2], label="x"); right.set_title("y"); plt.show()
    """)
    path = tmp_path / "plots.ipynb"
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell(plots + text)]), path)
    result = grader.grade(path).result
    assert result.score == 80
    assert result.notes == (STAND_INS,)  # one sentence, however many they are


def test_loop_over_a_progress_bar_that_is_not_there_still_runs(grader, course, tmp_path):
    text = (course / "tests" / "variants" / "recursive.py").read_text(encoding="utf-8")
    loop = "from tqdm.auto import tqdm, trange\nseen = list(tqdm([1, 2, 3])) + list(trange(2))\n"
    path = tmp_path / "bars.py"
    path.write_text(loop + "assert seen == [1, 2, 3, 0, 1]\n" + text, encoding="utf-8")
    assert grader.grade(path).result.score == 80


def test_name_that_the_handout_lacks_costs_the_other_names_nothing(grader, course, tmp_path):
    text = (course / "tests" / "variants" / "recursive.py").read_text(encoding="utf-8")
    path = tmp_path / "more_names.py"
    imports = "from tinytorch.core.layers import Dropout, Linear as Layer, Sequential\nLayer\n"
    path.write_text(imports + text, encoding="utf-8")
    assert grader.grade(path).result.score == 80


@pytest.fixture
def short_grader(exam, monkeypatch):
    """Grade with limits of one second, so that waiting for them is bearable."""
    monkeypatch.setattr(exam, "config", msgspec.structs.replace(exam.config, limits=SHORT))
    with exam.worker("L") as worker:
        yield Grader(exam, worker)


def write_with(solution, tmp_path, cell, place=3):
    notebook = nbformat.read(solution, as_version=4)
    notebook.cells.insert(place, v4.new_code_cell(cell))
    path = tmp_path / "submission.ipynb"
    nbformat.write(notebook, path)
    return path


@pytest.mark.parametrize(
    ("cell", "outcome"),
    [
        ("while True:\n    pass", "timeout"),
        (
            SWALLOWS_EVERYTHING,
            "timeout",
        ),
        ("import os\nos._exit(0)", "exited"),
        ("import ctypes\nctypes.string_at(0)", "killed"),
        (
            WRITES_TO_EVERYTHING,
            "killed",
        ),
    ],
)
def test_cell_that_ends_the_process_costs_itself_only(
    short_grader, solution, tmp_path, cell, outcome
):
    result = short_grader.grade(write_with(solution, tmp_path, cell)).result
    assert result.outcome.id == outcome
    assert result.score == 80
    assert any("the statements after it still ran" in note for note in result.notes)


def test_memory_beyond_the_limit_is_refused_and_the_rest_is_graded(
    short_grader, solution, tmp_path
):
    hungry = "import numpy as np\nhoard = np.ones((1 << 29,))"
    result = short_grader.grade(write_with(solution, tmp_path, hungry)).result
    assert result.score == 80
    assert any("stopped with MemoryError" in note for note in result.notes) or any(
        "an exception of its own" in note for note in result.notes
    )


def test_rule_that_hangs_costs_its_own_check_and_names_it(short_grader, course, tmp_path):
    text = (course / "tests" / "variants" / "recursive.py").read_text(encoding="utf-8")
    start = text.index("class PowBackward")
    hung = text[:start] + text[start:].replace(
        "(x,) = self.saved_tensors", "while True:\n            pass", 1
    )
    path = tmp_path / "hung.py"
    path.write_text(hung, encoding="utf-8")
    result = short_grader.grade(path).result
    by_id = {check.id: check for check in result.checks}
    assert by_id["pow"].status == "error"
    assert by_id["pow"].diagnosis.id == "timeout"
    assert result.checkpoints[0].score == 40
    assert by_id["relu"].status == "passed"


def test_submission_is_decided_within_its_total_limit(exam, monkeypatch, solution, tmp_path):
    limits = Limits(cell_seconds=0.5, case_seconds=0.5, submission_seconds=3)
    monkeypatch.setattr(exam, "config", msgspec.structs.replace(exam.config, limits=limits))
    loops = "def enable_autograd(quiet=False):\n    while True:\n        pass"
    notebook = nbformat.read(solution, as_version=4)
    notebook.cells.append(v4.new_code_cell(loops))
    path = tmp_path / "loops.ipynb"
    nbformat.write(notebook, path)
    with exam.worker("L") as worker:
        result = Grader(exam, worker).grade(path).result
    assert result.checkpoints[0].score == 40
    assert result.checkpoints[1].score == 0
    assert result.provenance.seconds < 30


def test_result_as_json_keeps_the_schema(grader, solution):
    from autograder.model import encode_result

    result = json.loads(encode_result(grader.grade(solution).result))
    assert result["schema"] == "autograder/result/v1"
    assert {
        "submission",
        "score",
        "max_score",
        "status",
        "checkpoints",
        "extra_credit",
        "checks",
        "provenance",
    } <= set(result)
    assert [checkpoint["id"] for checkpoint in result["checkpoints"]] == [
        "checkpoint-1",
        "checkpoint-2",
    ]
    assert set(result["checks"][0]) == {
        "id",
        "title",
        "checkpoint",
        "kind",
        "score",
        "max_score",
        "status",
        "diagnosis",
        "case",
    }
    for checkpoint in result["checkpoints"]:
        own = [c["score"] for c in result["checks"] if c["checkpoint"] == checkpoint["id"]]
        assert sum(own) == checkpoint["score"]
    assert result["provenance"]["isolation"] == "bubblewrap+landlock+seccomp"


def test_same_submission_and_seed_give_the_same_result(grader, course):
    path = course / "tests" / "variants" / "recursive.py"
    first, second = grader.grade(path), grader.grade(path)
    assert first.result.checks == second.result.checks
    assert first.verdicts == second.verdicts


def test_a_cell_cannot_tell_anything_by_the_line_at_which_it_stopped(grade_cells):
    """The line comes from the submission's process; one that the cell does not have is dropped."""
    liar = (
        "import ast\n"
        "tree = ast.parse('raise ValueError')\n"
        "tree.body[0].lineno = tree.body[0].end_lineno = 31337\n"
        "exec(compile(tree, '<cell 0>', 'exec'))\n"
    )
    graded = grade_cells(before=(liar,))
    assert any("stopped with ValueError" in note for note in graded.result.notes)
    assert "31337" not in encode_result(graded.result).decode()


@pytest.mark.parametrize(
    "cell",
    [
        "from tinytorch.checks import check\ncheck('mul')",
        "import tinytorch.checks\ntinytorch.checks.check()",
        "from tinytorch import checks\nchecks.check('sum', part=1)",
    ],
)
def test_public_checks_are_silent_however_they_are_called(cell, grade_cells):
    result = grade_cells(after=(f"{cell}\nprint('went on')",)).result
    assert result.score == result.max_score
    assert not any("stopped with" in note for note in result.notes)


def test_an_unreadable_file_with_a_name_that_is_no_text_has_a_result(grader, tmp_path):
    path = tmp_path / os.fsdecode(b"b\xff.ipynb")
    path.write_text("{", encoding="utf-8")
    result = grader.grade(path).result
    assert result.status == "error"
    assert b"unreadable" in encode_result(result)


def test_enormous_gradients_are_graded_without_a_complaint(grade_cells):
    """Numbers near the largest there are overflow in sums and ratios on the way to a finding."""
    cell = (
        "class MulBackward(Function):\n"
        "    def apply(self, grad_output):\n"
        "        a, b = self.saved_tensors\n"
        "        return np.full(a.shape, 1.7e308), np.full(b.shape, -1.7e308)\n"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = grade_cells(after=(cell,)).result
    assert result.status == "graded"
    assert {check.id: check for check in result.checks}["mul"].status == "failed"
