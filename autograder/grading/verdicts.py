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
from autograder.sandbox.frames import Error
from autograder.sandbox.session import CaseOutput, Lost, Run


class Verdict(Record, frozen=True):
    """One case. ``error`` means that the child ended or ran late while the case was in flight."""

    case: Case
    status: Literal["passed", "failed", "error"]
    mismatches: tuple[Mismatch, ...] = ()
    failure: Error | None = None
    lost: Lost | None = None


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
        return Verdict(case=case, status="failed", failure=output.failure)
    mismatches = _mismatches(output, expected, tolerance)
    return Verdict(
        case=case, status="failed" if mismatches else "passed", mismatches=tuple(mismatches)
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
    if failure.line is None or (failure.cell in cells and 1 <= failure.line <= lines):
        return output
    placeless = msgspec.structs.replace(failure, cell=None, line=None)
    return msgspec.structs.replace(output, failure=placeless)


def without_invented_lines(run: Run, cells: Mapping[int, str]) -> Run:
    """Do the same for the line at which a cell stopped."""
    reports = dict(run.cells)
    for index, report in run.cells.items():
        if isinstance(report, Lost) or report.error is None or report.error.line is None:
            continue
        if not 1 <= report.error.line <= cells.get(index, "").count("\n") + 1:
            error = msgspec.structs.replace(report.error, line=None)
            reports[index] = msgspec.structs.replace(report, error=error)
    return msgspec.structs.replace(run, cells=reports)


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
