"""What an exception of the interpreter says, composed here from its kind and the student's words.

The message of an exception comes from the sandbox and is never repeated (``kernel/raised.py``): a
name in it is shown only if it stands in the submission's text.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property

from autograder.grading.allowance import Allowance, Words
from autograder.grading.names_of_errors import exception_name
from autograder.grading.outcome import place_in
from autograder.grading.words.claims import step_name
from autograder.kernel.raised import Raised, of_exception
from autograder.model import Record
from autograder.sandbox.frames import Error
from autograder.submission.load import Submission

MAX_LINE = 100
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}")
_OF_NUMPY = {
    "AxisError": "NumPy's AxisError",
    "UFuncTypeError": "NumPy's UFuncTypeError",
    "_UFuncNoLoopError": "NumPy's UFuncTypeError",
    "_UFuncOutputCastingError": "NumPy's UFuncTypeError",
    "_UFuncInputCastingError": "NumPy's UFuncTypeError",
}


class Source(Record, frozen=True, dict=True):
    """A submission's text, for quoting from it.

    Attributes
    ----------
    allowance
        What may still be told of it; None for all, where an instructor reads it.
    """

    submission: Submission
    allowance: Allowance | None = None

    @cached_property
    def words(self) -> Words:
        """Its short plain identifiers."""
        if self.allowance is not None:
            return self.allowance.words
        return Words((cell.source for cell in self.submission.cells), None)

    def exception(self, type_name: str) -> str:
        """Return what an exception is called."""
        if self.allowance is not None and type_name not in _OF_NUMPY:
            return self.allowance.exception(type_name)
        return _OF_NUMPY.get(type_name) or exception_name(type_name)

    def place(self, failure: Error) -> str:
        """Say where an exception was raised, at the start of a sentence; empty if unknown."""
        if failure.cell is None:
            return ""
        return place_in(self.submission, failure.cell, failure.line)

    def at(self, cell: int | None, line: int | None) -> str:
        """Say the same in the middle of a sentence: ", at line 3"; empty if unknown."""
        if cell is None or line is None:
            return ""
        where = place_in(self.submission, cell, line)
        return f", at {where[0].lower()}{where[1:]}"

    def line(self, failure: Error) -> str:
        """Return the line that raised, shortened, without what does not print."""
        sources = {cell.index: cell.source for cell in self.submission.cells}
        lines = sources.get(-1 if failure.cell is None else failure.cell, "").split("\n")
        if failure.line is None or not 1 <= failure.line <= len(lines):
            return ""
        text = lines[failure.line - 1].strip().replace("`", "'")
        text = "".join(sign for sign in text[: MAX_LINE + 1] if sign.isprintable())
        return text if len(text) <= MAX_LINE else text[:MAX_LINE] + "…"

    def function_at(self, failure: Error) -> str:
        """Return the function in whose body a line stands, where that shows in the text."""
        sources = {cell.index: cell.source for cell in self.submission.cells}
        lines = sources.get(-1 if failure.cell is None else failure.cell, "").split("\n")
        above = lines[: failure.line or 0]
        own = _indent(above[-1]) + 1 if above else 0  # the line may hold all of the function
        for line in reversed(above):
            told = line.strip()
            if told.startswith("def ") and _indent(line) < own:
                found = _NAME.match(told[len("def ") :].lstrip())
                return found[0] if found else ""
        return ""

    def class_at(self, failure: Error) -> str:
        """Return the class in whose body a line stands, where that shows in the text.

        A function that a decorator puts into a class, as ``@method_of(Mul)``, counts as its own.
        """
        sources = {cell.index: cell.source for cell in self.submission.cells}
        lines = sources.get(-1 if failure.cell is None else failure.cell, "").split("\n")
        for line in reversed(lines[: failure.line or 0]):
            if line.startswith("class "):
                found = _NAME.match(line[len("class ") :].lstrip())
                return found[0] if found else ""
            if line.startswith("@") and "(" in line:
                return line.partition("(")[2].partition(")")[0].strip()
            if line[:1].strip() and line[:1] not in "#@)]}" and not line.startswith("def "):
                return ""
        return ""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


NO_SOURCE = Source(submission=Submission(name="", sha256="", cells=()))


def explain_raised(failure: Error, source: Source) -> tuple[Raised, str]:
    """Return what can be said of an exception, and the sentence with its place and its line."""
    line = source.line(failure)
    found = of_exception(failure.type, failure.message, line, source.words)
    step = step_name(failure.op)
    if found.id == "wrong-call" and failure.cell is None and step and f"{step}`" not in found.what:
        hint = f"The case calls {step}: which function stands in its place?"
        found = replace(found, hint=hint)
    name = source.exception(failure.type)
    start = _start(failure, source.place(failure))
    what = f"{found.what} ({name})" if found.what else f"it raised {name}"
    quoted = f" The line is `{line}`." if line else ""
    return found, f"{start}: {what}.{quoted}"


def _start(failure: Error, where: str) -> str:
    """Say where it was; what no line of the submission raised is a step of the case."""
    if failure.op == "start":
        return f"enable_autograd(), {where[0].lower()}{where[1:]}" if where else "enable_autograd()"
    step = step_name(failure.op)
    return where or (f"{step} could not run" if step else "A step of this case could not run")
