"""Keep generated tables inside a hand-written page."""

from __future__ import annotations

from autograder.errors import UsageError

BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"


def replace_tables(page: str, tables: str) -> str:
    """Return the page with its tables replaced; raises UsageError when it has no place for them."""
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise UsageError(f"The page needs one line {BEGIN!r} and one line {END!r}")
    head, rest = page.split(BEGIN)
    tail = rest.split(END)[1]
    return f"{head}{BEGIN}\n\n{tables}\n{END}{tail}"
