"""How much of its own choosing a submission may tell: the first few of each kind, and no more.

A line, an identifier or the name of an exception is a choice of the submission's, and the
submission knows the hidden inputs. Each is checked against what the host knows; this module bounds
how many of them reach a result, so that a grading tells a known number of bits
(``docs/security.md``).
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping

import msgspec

from autograder.grading.names_of_errors import SOME_EXCEPTION, exception_name
from autograder.grading.verdicts import Verdict

MAX_PLACES = 8
"""Different lines, or cells, of one submission that a result names."""
MAX_LINE = 10_000
"""Lines of a submission, counted over its cells, that can be named at all."""
MAX_EXCEPTIONS = 6
"""Different exceptions that a result names."""
MAX_NAMES = 8
"""Different identifiers of a submission's text that a result repeats."""
MAX_PACKAGES = 4
"""Different packages, or names of packages, that it says were not there."""
MAX_NAME = 60
MAX_IDENTIFIERS = 10_000
"""Different identifiers of a text that can be repeated at all: the first of them."""

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)
Place = tuple[int | None, int | None]
NOWHERE: Place = (None, None)


class Few:
    """The first few different values of a kind."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: set[Hashable] = set()

    def takes(self, value: Hashable) -> bool:
        """Tell whether a value is one of them; it is where there is room for it."""
        if value not in self._kept and len(self._kept) < self._most:
            self._kept.add(value)
        return value in self._kept


class Words:
    """The short plain identifiers of a submission's text, and which few of them are told.

    Parameters
    ----------
    most
        How many different ones are told; None for all, where an instructor reads them.
    """

    def __init__(self, texts: Iterable[str], most: int | None = MAX_NAMES) -> None:
        self._texts = tuple(texts)
        self._few = None if most is None else Few(most)
        self._known: frozenset[str] | None = None

    def take(self, word: str) -> bool:
        """Tell whether a word stands in the text and may be told; it then is one of the few."""
        if self._known is None:
            self._known = frozenset(_first_words(self._texts))
        return word in self._known and (self._few is None or self._few.takes(word))

    def assigns(self, attribute: str) -> bool:
        """Tell whether some line looks like one that sets an attribute of this name."""
        quoted = (f"'{attribute}'", f'"{attribute}"')
        for text in self._texts:
            if any(sign in text for sign in quoted):
                return True
            for line in text.splitlines():
                target, equals, _ = line.partition("=")
                if equals and "(" not in target and f".{attribute}" in target:
                    return True
        return False


def _first_words(texts: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for text in texts:
        for match in _WORD.finditer(text):
            if len(match[0]) <= MAX_NAME:
                found.add(match[0])
            if len(found) >= MAX_IDENTIFIERS:
                return found
    return found


class Allowance:
    """What the result of one submission may still tell.

    Parameters
    ----------
    cells
        Its code cells by number.

    Attributes
    ----------
    words
        Its identifiers.
    """

    def __init__(self, cells: Mapping[int, str]) -> None:
        self.words = Words(cells.values())
        self._places, self._exceptions = Few(MAX_PLACES), Few(MAX_EXCEPTIONS)
        self._stand_ins = Few(MAX_PACKAGES)
        self._lines = {index: text.count("\n") + 1 for index, text in cells.items()}
        self._before: dict[int, int] = {}
        total = 0
        for index, lines in self._lines.items():
            self._before[index] = total
            total += lines

    def place(self, cell: int | None, line: int | None) -> Place:
        """Return a cell and a line that exist and may be named, or nowhere."""
        if cell not in self._lines or line is None or not 1 <= line <= self._lines[cell]:
            return NOWHERE
        near = self._before[cell] + line <= MAX_LINE
        return (cell, line) if near and self._places.takes((cell, line)) else NOWHERE

    def exception(self, type_name: str) -> str:
        """Return what an exception is called, if it may be named."""
        name = exception_name(type_name)
        return name if self._exceptions.takes(name) else SOME_EXCEPTION

    def of(self, verdict: Verdict) -> Verdict:
        """Return a verdict that is about to be explained without what may not be told."""
        failure, stand_in = verdict.failure, verdict.stand_in
        if failure is not None:
            cell, line = self.place(failure.cell, failure.line)
            failure = msgspec.structs.replace(failure, cell=cell, line=line)
        if stand_in is not None:
            cell, line = self.place(stand_in.cell, stand_in.line)
            name = stand_in.name if self._stand_ins.takes(stand_in.name) else ""
            stand_in = msgspec.structs.replace(stand_in, name=name, cell=cell, line=line)
        return msgspec.structs.replace(verdict, failure=failure, stand_in=stand_in)
