"""What changes of right submissions cost, as a table in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.audit.wild import Loss, Transformation, Trial

MOST_TOLD = 2


def render_wild(library: Sequence[Transformation], trials: Sequence[Trial]) -> str:
    """Return a row for each transformation that cost something, and a summary.

    Parameters
    ----------
    library
        What was tried, in order.
    """
    rows = []
    for transformation in library:
        own = [trial for trial in trials if trial.transformation == transformation.id]
        losses = sorted((trial.loss for trial in own if trial.loss), key=lambda loss: loss.host)
        if losses:
            graded = sum(trial.graded for trial in own)
            rows.append(_row(transformation, graded, losses))
    graded = sum(trial.graded for trial in trials)
    lost = sum(trial.loss is not None for trial in trials)
    summary = (
        f"{len(library)} transformations, {graded} gradings: "
        f"{lost} lost points, by {len(rows)} transformations"
        if lost
        else f"{len(library)} transformations, {graded} gradings: not one point lost"
    )
    head = [
        "| transformation | kind | losing | of | most points | checks | for example |",
        "|---|---|---:|---:|---:|---|---|",
    ]
    return "\n".join([*head, *rows, "", summary] if rows else [summary])


def _row(transformation: Transformation, graded: int, losses: Sequence[Loss]) -> str:
    worst = max(losses, key=lambda loss: loss.points)
    checks = f"{worst.checks[0]} and {len(worst.checks) - 1} more"
    told = " ".join(worst.told[:MOST_TOLD]).replace("|", "/")
    return (
        f"| {transformation.id} | {transformation.kind} | {len(losses)} | {graded} "
        f"| {worst.points:g} | {checks if len(worst.checks) > 1 else worst.checks[0]} "
        f"| {worst.host}: {told} |"
    )
