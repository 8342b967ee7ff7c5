"""Which checks a right submission does not answer, since it was written before their operation.

A course that adds an operation keeps its corpus: fourteen submissions of many styles are about all
the rest, and say nothing of the new rule. What they lose in its own checks is no fault of a case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from autograder.config import Config
from autograder.operations import operations
from reference import Operation

_IDENTIFIER = re.compile(r"\w+")
_AFFIX = re.compile(
    r"(?:backward|back|bwd|rule|gradient|grad|vjp|function|node|op)$"
    r"|^(?:backward|back|bwd|rule|gradient|grad|vjp|function|node|op)"
)


def lacking(text: str, config: Config) -> frozenset[str]:
    """Return the required checks of those operations for which a submission names no rule."""
    names, written = config.names, set(_IDENTIFIER.findall(text))
    named = {_plain(name) for name in written if _may_be_a_rule(name)}
    stems = named | {_AFFIX.sub("", name, count=1) for name in named}
    required = {check.id for check in config.checks}
    spoken = {
        check
        for one in operations().values()
        if names[one.rule] in written or stems & _words(one)
        for check in one.checks
    }
    return frozenset(
        check for one in operations().values() for check in one.checks if check in required - spoken
    )


def code_of(path: Path) -> str:
    """Return the code of a submission of the corpus."""
    if path.suffix != ".ipynb":
        return path.read_text(encoding="utf-8")
    from autograder.submission.notebooks import nbformat

    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


def told(paths: Iterable[Path], config: Config) -> tuple[str, ...]:
    """Say how many of the corpus were judged without which check."""
    without: dict[str, int] = {}
    for path in paths:
        for check in lacking(code_of(path), config):
            without[check] = without.get(check, 0) + 1
    return tuple(
        f"{count} of tests/variants name no rule for {check!r}, and were judged without that check"
        for check, count in without.items()
    )


def _may_be_a_rule(name: str) -> bool:
    """Tell whether a name may be a rule's: tanh alone is a function of NumPy's."""
    return name[0].isupper() or name.startswith("__") or bool(_AFFIX.search(_plain(name)))


def _words(operation: Operation) -> set[str]:
    return {_plain(word) for word in (operation.name, *operation.words)} | {
        _AFFIX.sub("", _plain(rule)) for rule in (operation.rule, *operation.spellings)
    }


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
