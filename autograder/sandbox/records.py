"""What goes into a session and what comes of it, as records."""

from __future__ import annotations

from typing import Literal

from autograder.cells import Cell
from autograder.model import Record
from autograder.sandbox import frames

LossReason = Literal["timeout", "exited", "killed", "garbled", "submission-timeout"]


class Job(Record, frozen=True):
    """What of a submission runs before the cases.

    Attributes
    ----------
    script
        The file's name where it is a ``.py``, which runs as a script.
    wanted
        Names of the assignment: a lost statement that would bind one of them matters.
    modules
        Names and texts of the student's modules that stand in for the handout's.
    """

    cells: tuple[Cell, ...]
    script: str = ""
    wanted: tuple[str, ...] = ()
    modules: tuple[tuple[str, str], ...] = ()


class Lost(Record, frozen=True):
    """A statement, cell or case in flight when the child ended or ran out of time."""

    reason: LossReason
    detail: str = ""


class LostStatement(Record, frozen=True):
    """A statement of a cell that ended a child, or took too long; the others of the cell ran.

    Attributes
    ----------
    line
        Where it begins.
    wanted
        Whether it would have bound a name of the assignment.
    """

    lost: Lost
    line: int
    wanted: bool


class PlaceboSpec(Record, frozen=True):
    """Which rules to replace while a case runs, see ``guest/placebo.py``.

    Attributes
    ----------
    operands
        The operations, and how many operands each has.
    rules
        The operation of every class of the assignment, by the class's name.
    nonce
        Of the case.
    """

    operands: dict[str, int]
    rules: dict[str, str]
    nonce: int


class CaseOutput(Record, frozen=True):
    """What a case gave: observed values by name, and the failure that ended it.

    ``applications``, ``results`` and ``nodes`` are there where the case was traced, see
    ``frames.CaseReport``.
    """

    observed: dict[str, frames.Value]
    failure: frames.Error | None = None
    stand_in: frames.StandIn | None = None
    applications: tuple[frames.Applied, ...] = ()
    results: dict[int, frames.StepResult] = {}  # noqa: RUF012 # msgspec makes a fresh dict for each record
    nodes: dict[int, frames.Node] = {}  # noqa: RUF012 # the same


class Run(Record, frozen=True):
    """What became of every cell and case of a submission, and statements lost by cell.

    ``seconds`` is how long each case took, lost ones included, by its place.
    """

    cells: dict[int, frames.CellReport | Lost]
    cases: tuple[CaseOutput | Lost, ...]
    output: str
    statements: dict[int, tuple[LostStatement, ...]] = {}  # noqa: RUF012 # msgspec makes a fresh dict for each record
    seconds: dict[int, float] = {}  # noqa: RUF012 # the same
