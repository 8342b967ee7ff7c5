"""Files as other programs save them, and as people name them."""

from __future__ import annotations

import json

from autograder.audit.wild import HandIn

from .draft import NAME, STEM, Draft, as_file
from .registry import wild

COLAB = {
    "colab": {"provenance": [], "collapsed_sections": ["a1"], "toc_visible": True},
    "kernelspec": {"name": "python3", "display_name": "Python 3"},
    "language_info": {"name": "python"},
    "accelerator": "GPU",
}
CODE_STUDIO = {
    "kernelspec": {"display_name": ".venv (3.12.1)", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "version": "3.12.1", "file_extension": ".py"},
    "orig_nbformat": 4,
    "vscode": {
        "interpreter": {"hash": "aee8b7b246df8f9039afb4144a1f6fd8d2ca17a180786b69acc140d282b71a49"}
    },
}
KAGGLE = {
    "kaggle": {"accelerator": "none", "dataSources": [], "isGpuEnabled": False},
    "kernelspec": {"language": "python", "display_name": "Python 3", "name": "python3"},
    "papermill": {"duration": 3.2, "exception": None, "version": "2.6.0"},
}
DEEPNOTE = {"deepnote": {}, "deepnote_notebook_id": "a1b2", "deepnote_execution_queue": []}


def _saved_by(nb: Draft, frame: dict, minor: int, per_cell) -> HandIn:
    """Return the notebook as another program saves it."""
    saved = {**nb.as_json(minor), "metadata": frame}
    for number, cell in enumerate(saved["cells"]):
        cell["metadata"] |= per_cell(number)
    return as_file(saved)


@wild("formats")
def saved_by_colab(nb):
    """Saves the notebook in Colab: format 4.0, identifiers in the metadata."""
    return _saved_by(nb, COLAB, 0, lambda n: {"id": f"aB{n}_xYz", "cellView": "form",
        "colab": {"base_uri": "https://localhost:8080/", "height": 35}, "outputId": f"o{n}"})  # fmt: skip


@wild("formats")
def saved_by_vs_code(nb):
    """Saves the notebook in VS Code."""
    return _saved_by(nb, CODE_STUDIO, 2, lambda n: {"vscode": {"languageId": "python"}})


@wild("formats")
def saved_by_kaggle(nb):
    """Saves the notebook on Kaggle."""
    return _saved_by(nb, KAGGLE, 4, lambda n: {"trusted": True, "papermill": {"status": "completed"},
        "execution": {"iopub.execute_input": "2026-01-01T00:00:00Z"}, "_uuid": f"u{n}"})  # fmt: skip


@wild("formats")
def saved_by_deepnote(nb):
    """Saves the notebook in Deepnote."""
    return _saved_by(nb, DEEPNOTE, 0, lambda n: {"cell_id": f"c{n}", "deepnote_cell_type": "code",
        "source_hash": "b6", "execution_millis": 3})  # fmt: skip


@wild("formats")
def saved_by_jupytext_and_lab(nb):
    """Saves the notebook in JupyterLab with slides, tags, collapsed cells and a jupytext header."""
    frame = {"jupytext": {"formats": "ipynb,py:percent"}, "toc-autonumbering": True, "widgets": {}}
    return _saved_by(nb, frame, 5, lambda n: {"tags": ["a"], "slideshow": {"slide_type": "slide"},
        "jupyter": {"source_hidden": True}, "collapsed": True, "scrolled": "auto"})  # fmt: skip


@wild("formats")
def without_any_metadata(nb):
    """Loses the notebook's own metadata."""
    return as_file({**nb.as_json(5), "metadata": {}})


@wild("formats")
def kernel_of_another_name(nb):
    """Saves the notebook with the name of an environment as its kernel."""
    return as_file(
        {
            **nb.as_json(5),
            "metadata": {
                "kernelspec": {
                    "name": "conda-env-ml-py",
                    "display_name": "ml",
                    "language": "python",
                }
            },
        }
    )


def _of_minor(minor: int, words: str):
    def change(nb):
        return as_file(nb.as_json(minor))

    change.__name__ = f"format_4_{minor}"
    change.__doc__ = f"Saves the notebook in format 4.{minor}{words}."
    return wild("formats")(change)


for _minor in range(6):
    _of_minor(_minor, ", which has no identifiers" if _minor < 5 else "")


@wild("formats")
def newer_minor_version(nb):
    """Saves the notebook in a minor version of the format that is newer than ours."""
    return as_file({**nb.as_json(5), "nbformat_minor": 6})


@wild("formats")
def format_three(nb):
    """Saves the notebook in format 3, with a worksheet."""
    cells = []
    for cell in nb.cells:
        if cell.kind == "code":
            cells.append({"cell_type": "code", "collapsed": False, "input": cell.source, "language": "python",
                          "metadata": cell.metadata, "outputs": [], "prompt_number": 1})  # fmt: skip
        else:
            cells.append({"cell_type": cell.kind, "metadata": {}, "source": cell.source})
    return as_file({"metadata": {"name": "05"}, "nbformat": 3, "nbformat_minor": 0,
                    "worksheets": [{"cells": cells, "metadata": {}}]})  # fmt: skip


@wild("formats")
def identifiers_lost(nb):
    """Loses the cells' identifiers though the format says that they are there."""
    saved = nb.as_json(5)
    for cell in saved["cells"]:
        del cell["id"]
    return as_file(saved)


@wild("formats")
def identifiers_repeated(nb):
    """Has the same identifier on all cells, and ones that the format does not allow."""
    saved = nb.as_json(5)
    for number, cell in enumerate(saved["cells"]):
        cell["id"] = "same" if number % 2 else f"not allowed {number}"
    return as_file(saved)


@wild("formats")
def sources_as_single_texts(nb):
    """Saves each cell as one text instead of a list of lines."""
    saved = nb.as_json(5)
    for cell in saved["cells"]:
        cell["source"] = "".join(cell["source"])
    return as_file(saved)


@wild("formats")
def fields_missing(nb):
    """Loses outputs, counts and metadata of the cells."""
    saved = nb.as_json(5)
    for cell in saved["cells"]:
        for key in ("outputs", "execution_count", "id"):
            cell.pop(key, None)
        cell["metadata"] = {}
    return as_file(saved)


@wild("formats")
def fields_added(nb):
    """Has fields that no format knows, with attachments and null values."""
    saved = {**nb.as_json(5), "signature": None, "x": [1]}
    for cell in saved["cells"]:
        cell |= {"attachments": {}, "extra": None}
    return as_file(saved)


@wild("formats")
def minified(nb):
    """Saves the notebook's JSON without blanks, with escapes for every foreign letter."""
    return HandIn(NAME, json.dumps(nb.as_json(5), separators=(",", ":")).encode())


@wild("formats")
def byte_order_mark(nb):
    """Saves the notebook with a byte order mark and the line ends of Windows."""
    plain = nb.hand_in()
    return HandIn(plain.name, b"\xef\xbb\xbf" + plain.data.replace(b"\n", b"\r\n"))


def _renamed(name: str, sentence: str):
    def change(nb):
        return nb.hand_in(name)

    change.__name__ = "named_" + "".join(c if c.isalnum() else "_" for c in name.lower()).strip("_")
    change.__doc__ = sentence
    return wild("file-names")(change)


_renamed(f"{STEM} (1).ipynb", "Downloads the notebook twice, so that its name has a number.")
_renamed(f"{STEM}-Copy1.ipynb", "Hands in a copy that Jupyter named.")
_renamed("Müller, Zoë – Übung 5.ipynb", "Names the notebook after herself.")
_renamed(NAME.upper(), "Has a file system that writes names in capitals.")
_renamed(f"{STEM}.ipynb.txt", "Downloads the notebook in a browser that adds .txt.")
_renamed(f"{STEM}.ipynb.json", "Downloads the notebook in a browser that adds .json.")
_renamed(".ipynb", "Loses all of the name but its ending.")
