"""Name what became of a submission as a whole, so that nobody has to guess from a zero."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.grading.verdicts import Verdict
from autograder.model import Outcome
from autograder.sandbox.frames import CellReport
from autograder.sandbox.session import Lost, Run
from autograder.submission.load import Submission

_LOST = {
    "timeout": ("timeout", "ran out of time", "Look there for a loop that does not end."),
    "submission-timeout": ("timeout", "ran out of time", "Look for what takes so long."),
    "exited": ("exited", "ended the process", "Remove exit() and os._exit()."),
    "killed": ("killed", "was killed: memory, processor time or a crash", "Run it by itself."),
    "garbled": ("killed", "disturbed the grader's channel", "Write to no file descriptor."),
}


def find_outcome(submission: Submission, run: Run, required: Sequence[Verdict]) -> Outcome:
    """Return the most telling outcome.

    Parameters
    ----------
    required
        Verdicts of the checks that count for a checkpoint.
    """
    if not submission.cells:
        return Outcome(
            id="empty", message="The submission has no code.", remedy="Was it the right file?"
        )
    complete = all(verdict.status == "passed" for verdict in required)
    return (
        _lost_cell(run)
        or (Outcome(id="complete", message="Every required check passes.") if complete else None)
        or _syntax_error(run)
        or _lost_case(required)
        or _unfinished(run, required)
        or Outcome(id="partial", message="Some checks do not pass.")
    )


def find_notes(run: Run) -> tuple[str, ...]:
    """Return one line for each cell that did not simply run: raised, skipped lines, was lost."""
    notes = []
    for index, report in sorted(run.cells.items()):
        where = f"Code cell {index + 1}"
        if isinstance(report, Lost):
            notes.append(f"{where} {_LOST[report.reason][1]}; the cells after it still ran.")
            continue
        if report.status != "ok":
            notes.append(
                f"{where} stopped at an error{_line(report)}; the cells after it still ran."
            )
        if report.skipped:
            notes.append(f"{where}: {len(report.skipped)} magic or shell line(s) were skipped.")
        if report.missing:
            notes.append(
                f"{where}: {len(report.missing)} import(s) of packages that the grader does not"
                " have were skipped."
            )
    return tuple(notes)


def _lost_cell(run: Run) -> Outcome | None:
    for index, report in sorted(run.cells.items()):
        if isinstance(report, Lost):
            id_, what, remedy = _LOST[report.reason]
            return Outcome(id=id_, message=f"Code cell {index + 1} {what}.", remedy=remedy)
    return None


def _syntax_error(run: Run) -> Outcome | None:
    for index, report in sorted(run.cells.items()):
        if isinstance(report, CellReport) and report.status == "syntax-error":
            return Outcome(
                id="syntax-error",
                message=f"Code cell {index + 1} is not valid Python{_line(report)}.",
                remedy="Restart the kernel and run all cells before handing in.",
            )
    return None


def _lost_case(required: Sequence[Verdict]) -> Outcome | None:
    for verdict in required:
        if verdict.lost is not None:
            id_, what, remedy = _LOST[verdict.lost.reason]
            return Outcome(
                id=id_, message=f"Your code {what} in check {verdict.case.check}.", remedy=remedy
            )
    return None


def _unfinished(run: Run, required: Sequence[Verdict]) -> Outcome | None:
    """Tell a blank submission from one in which names are missing, or a cell that defines them."""
    failures = [verdict.failure.type for verdict in required if verdict.failure is not None]
    nothing = not any(verdict.status == "passed" for verdict in required)
    if nothing and failures.count("NotImplementedError") >= 0.5 * max(1, len(failures)):
        return Outcome(id="blank", message="Nothing is implemented yet.")
    if not {"MissingName", "NameError"} & set(failures):
        return None
    # Only where a name is missing does a cell that raised matter: a check cell may well raise.
    for index, report in sorted(run.cells.items()):
        if isinstance(report, CellReport) and report.status == "error":
            return Outcome(
                id="cell-error",
                message=f"A name is missing; code cell {index + 1} stopped at an error"
                f"{_line(report)}.",
                remedy="Restart the kernel and run all cells before handing in.",
            )
    return Outcome(
        id="missing-names",
        message="Names of the assignment are not defined.",
        remedy="Was it the right notebook, and do its cells run from top to bottom?",
    )


def _line(report: CellReport) -> str:
    known = report.error is not None and report.error.line is not None
    return f" in line {report.error.line}" if known and report.error is not None else ""
