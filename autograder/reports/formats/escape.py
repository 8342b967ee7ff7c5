"""Text on its way into a format: one function for each kind of reader.

Words of ours are harmless; a file's name is the submission's, and titles come from a course.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from autograder.reports import boundary
from autograder.reports.boundary import on_page, on_terminal

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+.!|~:=$^-])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"})


def in_data(text: str) -> str:
    """Return text for the message of a workflow command, which may have several lines."""
    text = on_terminal(text, keep="\n")
    return text.replace("%", "%25").replace("\n", "%0A")


def in_property(text: str) -> str:
    """Return text for a property of a workflow command."""
    return in_data(text).replace(":", "%3A").replace(",", "%2C")


def in_markdown(text: str) -> str:
    """Return text that Markdown shows as it stands: no markup, link, mention or HTML."""
    text = _MARKDOWN.sub(r"\\\1", on_page(text, keep=""))
    return text.translate(_ENTITIES)


def in_code(text: str) -> str:
    """Return text as a code span, where nobody is mentioned and nothing is a link."""
    text = on_terminal(text).replace("|", "\\x7c")
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def in_json(value: Any) -> str:
    """Return a value as indented JSON, harmless as :func:`harmless` says."""
    return harmless(msgspec.json.format(msgspec.json.encode(value), indent=2).decode()) + "\n"


def harmless(document: str) -> str:
    """Return JSON with the same values that does nothing to a page, a terminal or a log."""
    shown = boundary.in_json(document)
    for sign, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        shown = shown.replace(sign, escaped)
    return shown
