"""Cells of the assignment that were damaged: the grader knows them and mends them, a kernel does not."""

from __future__ import annotations

from dataclasses import replace

from .draft import Cell, Draft
from .registry import wild


def _changed(nb: Draft, grade_id: str, **fields) -> Draft | None:
    cell = nb.known(grade_id)
    return None if cell is None else nb.swap(cell, replace(cell, **fields))


def _dropped(nb: Draft, grade_id: str) -> Draft | None:
    cell = nb.known(grade_id)
    return None if cell is None else nb.swap(cell)


@wild("known-cells", group="known-cells")
def setup_became_markdown(nb):
    """Turns the locked cell of the imports into Markdown by pressing M."""
    return _changed(nb, "setup", kind="markdown")


@wild("known-cells", group="known-cells")
def setup_became_raw(nb):
    """Turns the locked cell of the imports into a raw cell by pressing R."""
    return _changed(nb, "setup", kind="raw")


@wild("known-cells", group="known-cells")
def setup_deleted(nb):
    """Deletes the locked cell of the imports."""
    return _dropped(nb, "setup")


@wild("known-cells", group="known-cells")
def setup_emptied(nb):
    """Empties the locked cell of the imports."""
    return _changed(nb, "setup", source="")


@wild("known-cells", group="known-cells")
def setup_with_a_typo(nb):
    """Types a letter into the first line of the locked cell of the imports."""
    cell = nb.known("setup")
    return None if cell is None else nb.edit(cell, "y" + cell.source)


@wild("known-cells", group="known-cells")
def setup_cut_short(nb):
    """Loses the last lines of the locked cell of the imports."""
    cell = nb.known("setup")
    return None if cell is None else nb.edit(cell, "\n".join(cell.source.split("\n")[:2]))


@wild("known-cells", group="known-cells")
def setup_is_commented_out(nb):
    """Comments the locked cell of the imports out."""
    cell = nb.known("setup")
    return None if cell is None else nb.edit(cell, "# " + cell.source.replace("\n", "\n# "))


@wild("known-cells", group="known-cells")
def helpers_deleted(nb):
    """Deletes the locked cell of the helper."""
    return _dropped(nb, "check_helpers")


@wild("known-cells", group="known-cells")
def switch_deleted(nb):
    """Deletes the locked cell that calls the engine."""
    return _dropped(nb, "switch_on")


@wild("known-cells", group="known-cells")
def solution_became_markdown(nb):
    """Turns the cell of a rule into Markdown by pressing M."""
    return _changed(nb, "mul_backward", kind="markdown")


@wild("known-cells", group="known-cells")
def solution_became_raw(nb):
    """Turns the cell of the engine into a raw cell by pressing R."""
    return _changed(nb, "enable_autograd", kind="raw")


@wild("known-cells")
def checks_deleted(nb):
    """Deletes all the check cells."""
    if nb.known("test_add") is None:
        return None
    return nb.with_cells([cell for cell in nb.cells if not cell.grade_id.startswith("test_")])


@wild("known-cells")
def all_metadata_lost(nb):
    """Copies all cells into a fresh notebook, which has none of nbgrader's metadata."""
    return nb.with_cells([replace(cell, metadata={}) for cell in nb.cells])


@wild("known-cells")
def metadata_on_the_wrong_half(nb):
    """Splits the cell of a rule, so that its metadata stay on a comment."""
    comment = Cell("# my first idea", metadata=nb.rule.metadata)
    return nb.swap(nb.rule, comment, replace(nb.rule, metadata={}))


@wild("known-cells")
def solution_moved_into_another_cell(nb):
    """Writes a rule in a cell of its own and leaves the known cell empty."""
    cell = nb.known("mul_backward")
    if cell is None:
        return None
    return nb.swap(cell, replace(cell, source=""), Cell(cell.source))


@wild("known-cells")
def names_repeated(nb):
    """Copies a check cell with its metadata, so that nbgrader's name is there twice."""
    cell = nb.known("test_add")
    return None if cell is None else nb.swap(cell, cell, cell)


@wild("known-cells")
def locked_cells_edited(nb):
    """Adds prints to the locked cells."""
    if nb.known("setup") is None:
        return None
    return nb.with_cells([
        cell.around("", "print('ok')") if cell.metadata.get("nbgrader", {}).get("locked") and cell.kind == "code" else cell
        for cell in nb.cells
    ])  # fmt: skip
