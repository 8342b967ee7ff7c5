"""Text of others on its way out: one function for each kind of reader.

What a reader sees of others' text is a file's name, a student's id, code and answers, and what the
operating system says of a path. Control characters, changes of direction and halves of characters
become visible everywhere.
"""

from __future__ import annotations

import re

_CI_COMMANDS = (("::", ":\\x3a"), ("##", "#\\x23"))
"""What begins a command in a log of GitHub, Azure or TeamCity, some of them anywhere in a line."""

_FORMULA = frozenset("=+-@＝＋－＠")
"""What begins a formula, in full width too; a tab or a return never leaves."""
_BLANKS = " \n\u00a0\u3000"
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,15})?")


def sentence(text: str) -> str:
    """Return text with a full stop, where another sentence comes after it."""
    return text if not text or text.endswith((".", "!", "?", ":", "…")) else f"{text}."


def on_terminal(text: str, keep: str = "") -> str:
    """Return text for a terminal and for a CI log: nothing moves, rings or gives an order.

    Parameters
    ----------
    keep
        Control characters to leave: a line feed where the text has several lines.
    """
    text = on_page(text, keep)
    for command, shown in _CI_COMMANDS:
        text = text.replace(command, shown)
    return text


def on_page(text: str, keep: str = "\n\t") -> str:
    """Return text in which everything shows, for a page or for XML; both escape it themselves."""
    return "".join(
        char if char.isprintable() or char in keep else repr(char)[1:-1] for char in text
    )


def in_spreadsheet(text: str) -> str:
    """Return text for a cell of a CSV file: a spreadsheet shows it, and runs nothing of it.

    What begins as a formula does gets an apostrophe in front, which a spreadsheet hides. A number
    stays one, and so does a lone sign.
    """
    text = on_page(text, keep="\n")
    begins = text.lstrip(_BLANKS)[:1]
    if begins not in _FORMULA or len(text.strip()) < 2 or _NUMBER.fullmatch(text):
        return text
    return f"'{text}"


def in_json(document: str) -> str:
    """Return the same JSON in ASCII, harmless to a terminal and to a CI log; values stay."""
    shown = "".join(
        char if char.isascii() and (char.isprintable() or char == "\n") else _escaped(char)
        for char in document
    )
    # Outside of a string JSON has neither of them.
    return shown.replace("::", ":\\u003a").replace("##", "#\\u0023")


def _escaped(char: str) -> str:
    """Write a character as JSON does: outside the basic plane, as two halves."""
    code = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{code[at : at + 2].hex()}" for at in range(0, len(code), 2))
