"""Cells split, merged, moved, repeated, left empty; texts with odd characters."""

from __future__ import annotations

from dataclasses import replace

from .draft import Cell
from .registry import wild


def _is_plain(cell: Cell) -> bool:
    return bool(cell.tree and cell.statements)


@wild("cells")
def unchanged_as_a_notebook(nb):
    """Hands in the notebook as it is."""
    return nb


@wild("cells")
def split_into_single_statements(nb):
    """Splits every cell into one cell for each statement."""
    if not nb.clean:
        return None
    cells = []
    for cell in nb.cells:
        whole = not _is_plain(cell) or cell.metadata.get("nbgrader", {}).get("locked")
        cells += [cell] if whole else [replace(cell, source=piece, metadata={})
                                       for piece in cell.pieces()]  # fmt: skip
    return nb.with_cells(cells)


@wild("cells")
def all_in_one_cell(nb):
    """Merges all code cells into one."""
    if not nb.clean or not all(cell.tree for cell in nb.code):
        return None
    future = [cell for cell in nb.code if cell.imports_the_future]
    rest = [cell for cell in nb.code if not cell.imports_the_future]
    return nb.with_cells([Cell("\n\n\n".join(cell.source for cell in [*future, *rest]))])


@wild("cells")
def merged_in_pairs(nb):
    """Merges each rule with the cell below it, as one does with Shift-M."""
    if not nb.clean:
        return None
    cells: list[Cell] = []
    for cell in nb.cells:
        before = cells[-1] if cells else None
        if before and _is_plain(before) and _is_plain(cell) and not cell.imports_the_future:
            cells[-1] = replace(before, source=f"{before.source}\n\n{cell.source}")
        else:
            cells.append(cell)
    return nb.with_cells(cells)


@wild("cells")
def definitions_repeated(nb):
    """Runs the cell of a rule and that of the engine twice, as copies."""
    return nb.below(nb.rule, nb.rule.source).below(nb.engine, nb.engine.source)


@wild("cells")
def repeated_with_their_metadata(nb):
    """Copies the cell of a rule with all of its metadata."""
    return nb.swap(nb.rule, nb.rule, nb.rule)


@wild("cells")
def earlier_attempt_kept(nb):
    """Keeps an earlier, wrong attempt above the cell of a rule."""
    name = sorted(nb.rule.defined)[0]
    return nb.above(
        nb.rule, f"class {name}(object):\n    def apply(self, grad_output):\n        return None"
    )


@wild("cells")
def neighbouring_rules_swapped(nb):
    """Moves the cell of a rule below the next one that does not need it."""
    place = nb.cells.index(nb.rule)
    after = next(k for k in range(place + 1, len(nb.cells)) if nb.cells[k].kind == "code")
    cell, other = nb.cells[place], nb.cells[after]
    if any(name in other.source for name in cell.defined) or not other.defined:
        return None
    cells = list(nb.cells)
    cells[place], cells[after] = other, cell
    return nb.with_cells(cells)


@wild("cells")
def engine_called_three_times(nb):
    """Calls the engine after its definition and twice at the end."""
    return nb.in_engine("", "enable_autograd()").last("enable_autograd()\nenable_autograd()")


@wild("cells")
def empty_and_comment_cells(nb):
    """Leaves empty cells and cells of comments between the others."""
    return (
        nb.above(nb.rule, "", "   \n\n", "# nothing\n# yet", "\t", "'''a text'''", "pass")
        .first("")
        .last("")
    )


@wild("cells")
def prose_everywhere(nb):
    """Writes notes in Markdown and raw cells with code in them."""
    notes = [Cell("```python\nclass AddBackward: pass\n```", "markdown"), Cell("1/0", "raw")]
    return nb.swap(nb.rule, *notes, nb.rule)


@wild("cells")
def outputs_and_counts(nb):
    """Saves the notebook with outputs and counts out of order."""
    shown = [
        {"output_type": "stream", "name": "stdout", "text": ["hello\n"]},
        {"output_type": "error", "ename": "NameError", "evalue": "x", "traceback": ["\u001b[31mx"]},
        {
            "output_type": "execute_result", "execution_count": 7, "metadata": {},
            "data": {"text/plain": ["7"], "text/html": "<b>7</b>"},
        },
    ]  # fmt: skip
    return nb.map_code(lambda cell: replace(cell, outputs=shown))


@wild("cells")
def pictures_of_megabytes(nb):
    """Saves the notebook with plots of two megabytes in its outputs."""
    picture = {
        "output_type": "display_data", "metadata": {},
        "data": {"image/png": "iVBORw0KGgo" + "A" * (1 << 20), "text/plain": ["<Figure>"]},
    }  # fmt: skip
    return nb.swap(nb.rule, replace(nb.rule, outputs=[picture, picture]))


@wild("raises")
def demo_that_raises_with_its_tag(nb):
    """Shows an error in a cell that is tagged raises-exception."""
    cell = Cell("[1, 2][5]\nprint('not reached')", metadata={"tags": ["raises-exception"]})
    return nb.swap(nb.rule, cell, nb.rule)


@wild("raises", adds="shown_before")
def definitions_before_a_tagged_error(nb):
    """Shows an error below a rule, in one cell that is tagged raises-exception."""
    cell = nb.rule.around("shown_before = 1", "raise NotImplementedError('on purpose')")
    tags = {**cell.metadata, "tags": ["raises-exception"]}
    return nb.swap(nb.rule, replace(cell, metadata=tags))


@wild("raises")
def errors_caught_and_printed(nb):
    """Shows errors in `try`, prints their traces, and goes on to a rule."""
    return nb.in_rule(
        "import traceback as _traceback\n"
        "for _bad in (lambda: 1 / 0, lambda: [][1], lambda: missing_name, lambda: int('x')):\n"
        "    try:\n        _bad()\n    except Exception as _error:\n"
        "        _traceback.print_exc(limit=1)\n        print(type(_error).__name__, _error)"
    )


@wild("text")
def crlf_lines(nb):
    """Saves all cells with the line ends of Windows."""
    return nb.map_code(lambda cell: replace(cell, source=cell.source.replace("\n", "\r\n")))


@wild("text")
def tabs_for_indents(nb):
    """Indents a rule by tabs."""
    lines = []
    for line in nb.rule.source.split("\n"):
        depth = len(line) - len(line.lstrip(" "))
        lines.append("\t" * (depth // 4) + " " * (depth % 4) + line.lstrip(" "))
    mixed = any(line.lstrip("\t").startswith(" ") for line in lines)
    return (
        None
        if mixed or '"""' in nb.rule.source.strip()[-3:]
        else nb.edit(nb.rule, "\n".join(lines))
    )


@wild("text")
def odd_blanks_in_comments(nb):
    """Has non-breaking and zero-width blanks, a page break and a BOM inside comments."""
    return nb.in_rule(
        "# a\u00a0rule\u200b with\u2028 odd\ufeff blanks \u0085 – “quoted”".replace("\u2028", " ")
    )


@wild("text")
def very_long_lines(nb):
    """Has a comment, a list and a text of ten thousand characters, above a rule."""
    return nb.in_rule(
        f"# {'long ' * 2000}\nassert len([{'0, ' * 3000}]) == 3000\n_text = '{'x' * 10_000}'"
    )


@wild("text")
def trailing_blanks(nb):
    """Has blanks at the ends of all lines and blank lines around every cell."""
    if any("\\\n" in cell.source or "'''" in cell.source for cell in nb.code):
        return None
    return nb.map_code(
        lambda cell: cell if not cell.tree else replace(
            cell, source="\n\n" + cell.source.replace("\n", "  \n") + "  \n\n"
        )
    )  # fmt: skip


@wild("text")
def backslashes_and_raw_texts(nb):
    """Has broken lines, raw texts, bytes and f-strings with braces above a rule."""
    return nb.in_rule(
        "_total = 1 + \\\n    2\nprint(r'\\frac{a}{b}', rb'\\x00', f'{{}} {_total!r:>4}', 'a' 'b', '\\N{BULLET}')"
    )


@wild("text")
def emoji_and_escapes(nb):
    """Has emoji, right-to-left text and escape sequences in texts and comments."""
    return nb.in_rule(
        "# 🎓👩‍💻 עברית العربية\nprint('🎉', '\\033[1mbold\\033[0m', '中文', 'é' == 'e\\u0301')"
    )


@wild("text")
def cell_begins_with_blank_lines(nb):
    """Begins the cell of a rule with blank lines and a comment, above a magic."""
    return nb.in_rule("\n\n# time it\n%precision 5\n")


@wild("text")
def todo_markers_left(nb):
    """Leaves the markers of the assignment in comments and a text with `raise` in it."""
    return nb.in_rule(
        "# YOUR CODE HERE\n# raise NotImplementedError()\n_hint = '''\nraise NotImplementedError()\n'''"
    )
