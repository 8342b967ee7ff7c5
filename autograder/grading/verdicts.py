"""What each case shows: a status and facts, before anyone chooses words for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from autograder.cases.registry import Case
from autograder.config import Tolerance
from autograder.grading.compare import Mismatch, compare
from autograder.grading.oracle import Expected
from autograder.model import Record
from autograder.sandbox.frames import CellReport, Error, Loss, StandIn
from autograder.sandbox.records import CaseOutput, Lost, Run


class Verdict(Record, frozen=True):
    """One case. ``error`` means that the child ended or ran late while the case was in flight.

    Attributes
    ----------
    blamed
        The operations whose rules alone are at fault: with placebos for them all is right.
    excused
        The share of the case that counts although it failed, since those rules have paid for it.
    """

    case: Case
    status: Literal["passed", "failed", "error"]
    mismatches: tuple[Mismatch, ...] = ()
    failure: Error | None = None
    lost: Lost | None = None
    blamed: tuple[str, ...] = ()
    excused: float = 0.0
    stand_in: StandIn | None = None

    @property
    def share(self) -> float:
        """What counts of the case: all, nothing, or what is excused."""
        return 1.0 if self.status == "passed" else self.excused

    @property
    def counts(self) -> bool:
        """Whether all of the case counts."""
        return self.share >= 1.0


def judge(
    case: Case,
    output: CaseOutput | Lost,
    expected: dict[str, Expected],
    tolerance: Tolerance,
) -> Verdict:
    """Compare everything that a case observed; an observation that is missing is a failure."""
    if isinstance(output, Lost):
        return Verdict(case=case, status="error", lost=output)
    if output.failure is not None:
        return Verdict(case=case, status="failed", failure=output.failure, stand_in=output.stand_in)
    mismatches = _mismatches(output, expected, tolerance)
    if not mismatches:
        return Verdict(case=case, status="passed")
    return Verdict(
        case=case, status="failed", mismatches=tuple(mismatches), stand_in=output.stand_in
    )


def without_invented_places(
    output: CaseOutput | Lost, cells: Mapping[int, str]
) -> CaseOutput | Lost:
    """Drop a line that its cell does not have: a line number is shown, and could carry a message.

    Parameters
    ----------
    cells
        The submission's code cells by number.
    """
    if isinstance(output, Lost) or output.failure is None:
        return output
    failure = output.failure
    lines = cells.get(-1 if failure.cell is None else failure.cell, "").count("\n") + 1
    placed = failure.line is not None and failure.cell in cells and 1 <= failure.line <= lines
    if placed or (failure.line is None and failure.cell is None):
        return output
    placeless = msgspec.structs.replace(failure, cell=None, line=None)
    return msgspec.structs.replace(output, failure=placeless)


def without_invented_lines(run: Run, cells: Mapping[int, str]) -> Run:
    """Do the same for the lines of lost statements."""
    reports: dict[int, CellReport | Lost] = {}
    for index, report in run.cells.items():
        if isinstance(report, Lost):
            reports[index] = report
            continue
        losses = tuple(_at_a_line(loss, cells.get(index, "")) for loss in report.losses)
        reports[index] = msgspec.structs.replace(report, losses=losses)
    ends = {
        index: tuple(end for end in lost if _has_line(cells.get(index, ""), end.line))
        for index, lost in run.statements.items()
    }
    return msgspec.structs.replace(run, cells=reports, statements=ends)


def _at_a_line(loss: Loss, source: str) -> Loss:
    if loss.error.line is None or _has_line(source, loss.error.line):
        return loss
    return msgspec.structs.replace(loss, error=msgspec.structs.replace(loss.error, line=None))


def _has_line(source: str, line: int) -> bool:
    return 1 <= line <= source.count("\n") + 1


def _mismatches(
    output: CaseOutput, expected: dict[str, Expected], tolerance: Tolerance
) -> Sequence[Mismatch]:
    found = []
    for name, wanted in expected.items():
        if name not in output.observed:
            found.append(
                Mismatch(name=name, kind="missing", expected="an observation", actual="nothing")
            )
            continue
        mismatch = compare(name, wanted, output.observed[name], tolerance)
        if mismatch is not None:
            found.append(mismatch)
    return found
