"""Which version of Python a text needs that is not valid here.

Newer syntax is written away and the rest compiled again: what is valid then was valid there. Each
way of writing away is that of one version, and they are tried together with those of the versions
before it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable

MAX_TEXT = 50_000
"""A longer statement is looked at by nobody."""
MAX_NESTED = 20
"""Strings within fields of strings."""
Rewrite = Callable[[str], str]

_PREFIX = re.compile(r"(?<![A-Za-z0-9_])([rRfFtTbBuU]{0,2})('''|\"\"\"|'|\")")
_TYPE_STATEMENT = re.compile(r"(?m)^([ \t]*)type[ \t]+([A-Za-z_]\w*)")
_GENERIC = re.compile(r"(?m)^([ \t]*(?:async[ \t]+def|def|class)[ \t]+[A-Za-z_]\w*)[ \t]*\[")
_EXCEPT = re.compile(
    r"(?m)^([ \t]*except\*?[ \t]+)([A-Za-z_][\w.]*(?:[ \t]*,[ \t]*[A-Za-z_][\w.]*)+)[ \t]*:"
)
_PRINT = re.compile(r"(?m)^([ \t]*|.*[:;][ \t]*)print(?:[ \t]+(?![=(.\[,>])|[ \t]*>>)([^;\n]*)")
_EXCEPT_NAME = re.compile(
    r"(?m)^([ \t]*except[ \t]+[A-Za-z_][\w.]*)[ \t]*,[ \t]*([A-Za-z_]\w*)[ \t]*:"
)
_RAISE = re.compile(r"(?m)^([ \t]*raise[ \t]+[A-Za-z_][\w.]*)[ \t]*,[ \t]*([^\n]*)")
_EXEC = re.compile(r"(?m)^([ \t]*)exec[ \t]+([^(\n][^\n]*)")
_BACKTICKS = re.compile(r"`([^`\n]*)`")
_OCTAL = re.compile(r"(?<![\w.])0([0-7]+)\b(?!\.)")
_UNEQUAL = re.compile(r"<>")


def needed_version(source: str) -> str | None:
    """Return "2", or a version of Python 3 newer than this, in which a text is valid.

    None where it is not valid in any that we know, or valid here.
    """
    if len(source) > MAX_TEXT or _is_valid(source):
        return None
    text = source
    for version, rewrites in _NEWER:
        for rewrite in rewrites:
            text = rewrite(text)
        if _is_newer(version) and _is_valid(text):
            return version
    return "2" if _is_valid(_without_python_2(source)) else None


def _is_newer(version: str) -> bool:
    return tuple(map(int, version.split("."))) > sys.version_info[:2]


def _is_valid(source: str) -> bool:
    for text in (source, f"{source.rstrip()}\n    pass\n"):  # a block of which the rest was cut off
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        return True
    return False


# Python 3.12: any expression in the fields of an f-string; type parameters.


def _plain_fields(source: str) -> str:
    """Put 0 in the place of each replacement field of an f-string."""
    return _strings(source, "fF")


def _strings(source: str, letters: str) -> str:
    parts: list[str] = []
    place = 0
    while True:
        found = _PREFIX.search(source, place)
        comment = source.find("#", place, found.start() if found else len(source))
        if comment >= 0:
            end = source.find("\n", comment)
            end = len(source) if end < 0 else end
            parts.append(source[place:end])
            place = end
            continue
        if found is None:
            return "".join([*parts, source[place:]])
        parts.append(source[place : found.end()])
        formatted = any(letter in letters for letter in found[1])
        body, place = _body(source, found.end(), found[2], formatted=formatted)
        parts.append(body)


def _body(
    source: str, place: int, quote: str, *, formatted: bool, depth: int = 0
) -> tuple[str, int]:
    """Return the inside of a string with its closing quotes, fields written away, and its end."""
    if depth > MAX_NESTED:
        return "", len(source)
    parts: list[str] = []
    while place < len(source):
        if source.startswith(quote, place):
            return "".join([*parts, quote]), place + len(quote)
        letter = source[place]
        if letter == "\\":
            parts.append(source[place : place + 2])
            place += 2
        elif formatted and letter in "{}" and source.startswith(letter * 2, place):
            parts.append(letter * 2)
            place += 2
        elif formatted and letter == "{":
            place = _after_field(source, place + 1, depth + 1)
            parts.append("{0}")
        else:
            parts.append(letter)
            place += 1
    return "".join(parts), place


def _after_field(source: str, place: int, nested: int) -> int:
    """Return where a replacement field ends: brackets are counted, strings inside are left out."""
    depth = 0
    while place < len(source):
        letter = source[place]
        found = _PREFIX.match(source, place) if letter in "rRfFtTbBuU'\"" else None
        if found is not None:
            formatted = any(letter in "fFtT" for letter in found[1])
            _, place = _body(source, found.end(), found[2], formatted=formatted, depth=nested)
            continue
        if letter == "#":
            end = source.find("\n", place)
            place = len(source) if end < 0 else end
            continue
        if letter == "}" and depth == 0:
            return place + 1
        depth += (letter in "([{") - (letter in ")]}")
        place += 1
    return place


def _without_type_parameters(source: str) -> str:
    text = _TYPE_STATEMENT.sub(r"\1\2", source)
    return _without_brackets(text, defaults=False)


def _without_defaults(source: str) -> str:
    """Do the same for type parameters with defaults, which are newer."""
    return _without_brackets(source, defaults=True)


def _without_brackets(source: str, *, defaults: bool) -> str:
    """Drop the square brackets behind the name of a function, a class or a type."""
    parts, place = [], 0
    for found in _GENERIC.finditer(source):
        if found.start() < place:
            continue
        end = _closing(source, found.end())
        if end is None or ("=" in source[found.end() : end] and not defaults):
            continue
        parts.append(source[place : found.start()] + found[1])
        place = end + 1
    return "".join([*parts, source[place:]])


def _closing(source: str, place: int) -> int | None:
    depth = 1
    while place < len(source):
        depth += (source[place] == "[") - (source[place] == "]")
        if depth == 0:
            return place
        place += 1
    return None


# Python 3.14: several exceptions without parentheses; template strings.


def _grouped_exceptions(source: str) -> str:
    return _EXCEPT.sub(r"\1(\2):", source)


def _templates_as_formats(source: str) -> str:
    """Write template strings as bytes are not: as f-strings, with their fields written away."""
    text = _PREFIX.sub(
        lambda found: (
            re.sub("[tT]", "f", found[1]) + found[2]
            if found[1].lower() in {"t", "tr", "rt"}
            else found[0]
        ),
        source,
    )
    return _plain_fields(text)


_NEWER: tuple[tuple[str, tuple[Rewrite, ...]], ...] = (
    ("3.12", (_plain_fields, _without_type_parameters)),
    ("3.13", (_without_defaults,)),
    ("3.14", (_grouped_exceptions, _templates_as_formats)),
)


def _without_python_2(source: str) -> str:
    text = _PRINT.sub(r"\1print(0)", source)
    text = _EXCEPT_NAME.sub(r"\1 as \2:", text)
    text = _RAISE.sub(r"\1", text)
    text = _EXEC.sub(r"\1exec(0)", text)
    text = _BACKTICKS.sub("0", text)
    return _OCTAL.sub("0", _UNEQUAL.sub("!=", text))
