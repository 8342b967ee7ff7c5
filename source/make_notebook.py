"""Write the instructor notebook from its reviewable text: python source/make_notebook.py.

The text beside this script is the original; the notebook is generated and never edited.
The same text gives the same bytes: cell ids are the grade ids, or a running number.
"""

from pathlib import Path

import jupytext
import nbformat

HERE = Path(__file__).resolve().parent
TEXT = HERE / "05_autograd.py"
NOTEBOOK = HERE / "05_autograd" / "05_autograd.ipynb"


def make_notebook(text: str) -> str:
    """Turn py:percent text into the JSON of a notebook with stable cell ids."""
    notebook = jupytext.reads(text, fmt="py:percent")
    for number, cell in enumerate(notebook.cells):
        cell.id = cell.metadata.get("nbgrader", {}).get("grade_id", f"cell-{number:03d}")
        # What jupytext notes about the text form means nothing inside the notebook.
        cell.metadata.pop("lines_to_next_cell", None)
    notebook.metadata.pop("jupytext", None)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


if __name__ == "__main__":
    NOTEBOOK.write_text(make_notebook(TEXT.read_text(encoding="utf-8")), encoding="utf-8")
