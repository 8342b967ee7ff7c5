"""Name what became of a submission as a whole, so that nobody has to guess from a zero."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from autograder.contract import Contract
from autograder.grading.allowance import Allowance
from autograder.grading.verdicts import Verdict
from autograder.grading.words import names
from autograder.grading.words.losses import LOSSES
from autograder.grading.words.undefined import undefined_name, where_used
from autograder.model import Outcome, Record
from autograder.operations import operations
from autograder.sandbox.frames import CellReport, Error, Loss
from autograder.sandbox.records import Lost, Run
from autograder.submission.load import Submission

MAX_TOLD = 5
"""Lost statements that are told one by one: what is said must not grow with the notebook."""
RUN_ALL = "Restart the kernel and run all cells before handing in."
OLDER_PYTHON = "Rewrite that line, or ask your instructor which Python grades."

STAND_INS = (
    "It imports what is not installed where grading happens: stand-ins took its place, which cost"
    " nothing unless a check says so."
)
NOT_USED = "The hand-in brings its own earlier modules; the course's were used instead."


class Place(Record, frozen=True):
    """Something that was lost: which cell, from which line on, how, and whether it matters."""

    cell: int
    line: int | None
    loss: Loss | None
    lost: Lost | None
    wanted: bool


def find_outcome(
    submission: Submission,
    run: Run,
    required: Sequence[Verdict],
    contract: Contract,
    allowance: Allowance,
    python: str,
) -> Outcome:
    """Return the most telling outcome.

    Parameters
    ----------
    required
        Verdicts of the checks that count for a checkpoint.
    contract
        What the course calls the parts of the assignment.
    allowance
        What the submission may still tell.
    python
        The version that the submission ran with.
    """
    teller = Teller(submission, allowance, python)
    if not submission.cells:
        return Outcome(
            id="empty", message="The submission has no code.", remedy="Was it the right file?"
        )
    if all(verdict.status == "passed" for verdict in required):
        return _first_loss(
            teller, [place for place in _losses(submission, run) if place.lost is not None]
        ) or Outcome(id="complete", message="Every required check passes.")
    losses = list(_losses(submission, run))
    return (
        _first_loss(teller, [place for place in losses if place.wanted])
        or _first_loss(teller, [place for place in losses if place.lost or _is_syntax(place)])
        or _lost_case(required)
        or _unfinished(teller, required, contract)
        or _raised(teller, required)
        or Outcome(id="partial", message="Some checks do not pass.")
    )


def find_notes(
    submission: Submission, run: Run, allowance: Allowance, python: str
) -> tuple[str, ...]:
    """Return a line for each of the first statements that were lost, and for what was left out."""
    losses, teller = list(_losses(submission, run)), Teller(submission, allowance, python)
    notes = [
        f"{teller.say(place)}; the statements after it still ran." for place in losses[:MAX_TOLD]
    ]
    if len(losses) > MAX_TOLD:
        notes += ["More statements stopped at an error; those after them still ran."]
    reports = [report for report in run.cells.values() if isinstance(report, CellReport)]
    if any(report.skipped for report in reports):
        notes.append("Shell lines, and magics that install, run or write something, were left out.")
    if any(report.stand_ins for report in reports):
        notes.append(STAND_INS)
    return (*notes, *_mending(submission, run))


def note_of(verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """Return one sentence that names the rules whose faults are charged once, if there are any."""
    ops = {op for verdict in verdicts if verdict.excused for op in verdict.blamed}
    if not ops:
        return ()
    rules = ", ".join(sorted(operations().rule_of[op] for op in ops))
    return (
        f"A fault in {rules} is charged once: cases of other checks that use it count where all"
        " the rest is right.",
    )


def no_diagnosis(error: Exception) -> str:
    """Say that a fault of ours kept us from looking for the mistake."""
    return f"No diagnosis: internal error ({type(error).__name__})."


def restored_cells(submission: Submission, run: Run) -> tuple[str, ...]:
    """Return the cells of the assignment of which the released text ran without an error."""
    return tuple(
        cell.known
        for cell in submission.cells
        if cell.known
        and isinstance(report := run.cells.get(cell.index), CellReport)
        and (report.restored or cell.change == "put-back")
    )


def _mending(submission: Submission, run: Run) -> Iterator[str]:
    """Say in one sentence what was done about cells of the assignment, if anything was."""
    said = []
    if restored_cells(submission, run):
        said.append("the released text ran where a locked cell was damaged or missing")
    if any(cell.change == "retyped" for cell in submission.cells):
        said.append("a cell of the assignment that was no code cell any more ran as one")
    if said:
        sentence = ", and ".join(said)
        yield f"{sentence[0].upper()}{sentence[1:]}."


class Teller:
    """Says what was lost and where, as far as the submission may tell it."""

    def __init__(self, submission: Submission, allowance: Allowance, python: str) -> None:
        self.submission = submission
        self.allowance = allowance
        self._python = ".".join(python.split(".")[:2])

    def say(self, place: Place) -> str:
        """Return the subject and the verb of a sentence."""
        return f"{self.where(place.cell, place.line)} {self._what(place)}"

    def where(self, cell: int, line: int | None) -> str:
        """Return where something stands; the line only if it may be named."""
        return place_in(self.submission, cell, self.allowance.place(cell, line)[1])

    def _what(self, place: Place) -> str:
        if place.loss is None:
            return LOSSES["killed" if place.lost is None else place.lost.reason].verb
        needs = place.loss.needs
        if needs == "2":
            return "is Python 2, and not valid in Python 3"
        if needs:
            return f"needs Python {needs} or newer, and this is graded with Python {self._python}"
        if place.loss.syntax:
            return "is not valid Python"
        return f"stopped with {self.allowance.exception(place.loss.error.type)}"


def place_in(submission: Submission, cell: int, line: int | None) -> str:
    """Say where something stands: a ``.py`` has lines, a notebook code cells and lines."""
    if submission.script:
        return "The file" if line is None else f"Line {line}"
    # A cell that is no code cell in the file has a name, and no number there.
    named = next((one.known for one in submission.cells if one.index == cell and one.change), "")
    cell_name = f"ell `{named}`" if named else f"ode cell {cell + 1}"
    return f"C{cell_name}" if line is None else f"Line {line} of c{cell_name}"


def _losses(submission: Submission, run: Run) -> Iterator[Place]:
    """Yield what was lost, in the order of the cells, and was not made good by a released text."""
    for index in (cell.index for cell in submission.cells if cell.index in run.cells):
        report = run.cells[index]
        for end in run.statements.get(index, ()):
            yield Place(cell=index, line=end.line, loss=None, lost=end.lost, wanted=end.wanted)
        if isinstance(report, Lost):
            yield Place(cell=index, line=None, loss=None, lost=report, wanted=True)
            continue
        for loss in () if report.restored else report.losses:
            line = loss.error.line
            yield Place(cell=index, line=line, loss=loss, lost=None, wanted=loss.wanted)


def _is_syntax(place: Place) -> bool:
    return place.loss is not None and place.loss.syntax


def _first_loss(teller: Teller, losses: Sequence[Place]) -> Outcome | None:
    for place in losses[:1]:
        message = f"{teller.say(place)}."
        if place.lost is not None:
            words = LOSSES[place.lost.reason]
            return Outcome(id=words.id, message=message, remedy=words.remedy)
        if place.loss is not None and place.loss.needs not in {"", "2"}:
            return Outcome(id="python-version", message=message, remedy=OLDER_PYTHON)
        if _is_syntax(place):
            return Outcome(id="syntax-error", message=message, remedy=RUN_ALL)
        return Outcome(id="cell-error", message=message, remedy=RUN_ALL)
    return None


def _lost_case(required: Sequence[Verdict]) -> Outcome | None:
    for verdict in required:
        if verdict.lost is not None:
            words = LOSSES[verdict.lost.reason]
            message = f"Your code {words.verb} in check {verdict.case.check}."
            return Outcome(id=words.id, message=message, remedy=words.remedy)
    return None


def _unfinished(teller: Teller, required: Sequence[Verdict], contract: Contract) -> Outcome | None:
    """Tell a blank submission from one in which names are missing, or a cell that defines them."""
    failures = [verdict.failure for verdict in required if verdict.failure is not None]
    kinds = [failure.type for failure in failures]
    nothing = not any(verdict.status == "passed" for verdict in required)
    if nothing and kinds.count("NotImplementedError") >= 0.5 * max(1, len(failures)):
        return Outcome(id="blank", message="Nothing is implemented yet.")
    edition = next((failure.edition for failure in failures if failure.edition), "")
    if edition:
        classes = re.findall(r"^class[ \t]{1,4}(\w{1,80})", _text(teller.submission), re.MULTILINE)
        message = names.other_edition(edition, classes, contract)
        return Outcome(id="other-edition", message=message, remedy=names.OTHER_EDITION_REMEDY)
    missing = [failure for failure in failures if failure.type == "MissingName"]
    if not missing:
        return _undefined(teller, failures, contract)
    said = names.missing(missing, contract)
    return Outcome(
        id="missing-names",
        message=said,
        remedy="Was it the right notebook, and do its cells run from top to bottom?"
        if nothing
        else "Is its cell there, and does it run without an error?",
    )


def _undefined(teller: Teller, failures: Sequence[Error], contract: Contract) -> Outcome | None:
    """Say which name the submission's own code uses and nothing defines, and where."""
    found = next((failure for failure in failures if failure.type == "NameError"), None)
    if found is None:
        return None
    found = where_used(found, teller.submission)
    said = undefined_name(found)
    if found.cell is None:  # no line of the submission asked for it: we did
        if said not in {known.name for known in contract.names.values()}:
            return None
        return Outcome(
            id="missing-names",
            message=f"{said} is not defined.",
            remedy="Is its cell there, and does it run without an error?",
        )
    name = said if said and teller.allowance.words.take(said) else ""
    what = f"`{name}`, which is not defined" if name else "a name that is not defined"
    return Outcome(
        id="undefined-name",
        message=f"{teller.where(found.cell, found.line)} uses {what} (NameError).",
        remedy=RUN_ALL,
    )


def _raised(teller: Teller, required: Sequence[Verdict]) -> Outcome | None:
    """Say where the submission's own code raised, if that is why the first check does not pass."""
    failed = [verdict for verdict in required if verdict.status == "failed"]
    raised = [
        verdict.failure
        for verdict in failed
        if verdict.case.check == failed[0].case.check and verdict.failure is not None
    ]
    for failure in raised:
        if failure.cell is not None and failure.type != "NotImplementedError":
            kind = teller.allowance.exception(failure.type)
            where = teller.where(failure.cell, failure.line)
            return Outcome(id="partial", message=f"{where} stopped with {kind}.")
    return None


def _text(submission: Submission) -> str:
    return "\n".join(cell.source for cell in submission.cells)
