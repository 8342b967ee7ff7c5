"""The notebook in a real kernel: what its check cells show."""

import nbformat
import pytest
from nbclient import NotebookClient


def execute(desk):
    notebook = nbformat.read(desk.notebook, as_version=4)
    client = NotebookClient(
        notebook, allow_errors=True, resources={"metadata": {"path": str(desk.folder)}}
    )
    client.execute()
    return {
        cell.metadata.nbgrader["grade_id"]: cell.outputs
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code"
    }


@pytest.mark.filterwarnings("ignore")  # of the Jupyter stack
def test_each_check_of_the_solution_prints_lines_and_nothing_else(desk):
    for name, outputs in execute(desk).items():
        assert {output.output_type for output in outputs} == {"stream"}, name
        text = "".join(output.text for output in outputs)
        assert text.startswith(("✓", "Stretch: 11 of 11")), name
        assert text.count("\n") <= 2, name


@pytest.mark.filterwarnings("ignore")
def test_a_wrong_rule_is_shown_in_pictures_and_the_cell_fails_in_one_line(own_mul):
    shown, error = execute(own_mul)["test_mul"]
    assert shown.output_type == "display_data"
    html = shown.data["text/html"]
    for part in ("<svg", "<math", "difference", "look here", "✗", "Exactly this comes out"):
        assert part in html, part
    for part in ("<script", "<style", "onload", 'http://www.w3.org/2000/svg"'):
        assert part not in html, part
    assert "Exactly this comes out" in shown.data["text/plain"]
    assert error.output_type == "error"
    assert error.ename == "CheckFailed"
    assert error.traceback == ["mul: 1 of 2 cases pass so far."]


@pytest.mark.filterwarnings("ignore")
def test_the_stub_fails_kindly(desk):
    desk.take_stub()
    for name, outputs in execute(desk).items():
        if name == "test_stretch":
            continue
        (error,) = outputs
        assert error.ename == "NotWrittenYet", name
        assert "is not written yet" in error.evalue, name
        assert len(error.traceback) == 1, name
