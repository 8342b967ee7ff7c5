"""What one slip costs: each misconception of the catalogue, charged once and charged everywhere."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from autograder.audit.corpus import Corpus
from autograder.audit.killing import grade_mutants
from autograder.audit.mutants import ENGINE
from autograder.cases.names import own_checks
from autograder.config import Config
from autograder.course.layout import Layout
from autograder.grading.grader import Exam, Graded
from autograder.grading.score import score_checks, total
from autograder.model import EXTRA_CREDIT, Record
from autograder.operations import operations

MOST_OF_A_RULE = 1.5
"""A broken rule costs at most so many times its own points."""
MOST_OF_THE_ENGINE = 1 / 3
"""A broken part of the engine costs at most this share of Checkpoint 2."""


class Cost(Record, frozen=True):
    """What one wrong submission loses of the checkpoints' points.

    Attributes
    ----------
    part
        The class of the rule that is wrong, or ``engine``.
    allowed
        The most that it should cost.
    everywhere, once
        What it costs with ``charge_once`` off, and on.
    """

    name: str
    part: str
    allowed: float
    everywhere: float
    once: float


def slip_costs(
    layout: Layout, seed: bytes, *, processes: int, progress: Callable[[], None]
) -> tuple[Cost, ...]:
    """Grade every misconception of the catalogue, and say what it costs.

    Parameters
    ----------
    progress
        Called after each submission.
    """
    corpus = Corpus(layout.course, layout.solution, layout.config.names)
    stretch = {check.id for check in layout.config.stretch}
    samples = [sample for sample in corpus.catalogue() if sample.check not in stretch]
    config = replace(layout.config, charge_once=True)
    exam = Exam(layout.course, config, seed)
    full = sum(check.points for check in config.checks)
    with tempfile.TemporaryDirectory(prefix="autograder-costs-") as scratch:

        def keep(name: str, graded: Graded) -> None:
            (Path(scratch) / name).write_text(str(_charged_everywhere(config, graded)), "utf-8")

        tier = exam.choose_tier("auto")
        kills = grade_mutants(exam, tier, corpus.hosts, samples, processes, progress, keep)
        texts = [(Path(scratch) / str(at)).read_text("utf-8") for at in range(len(kills))]
    return tuple(
        Cost(
            name=kill.sample.name,
            part=kill.sample.parts[0],
            allowed=allowed(layout.config, kill.sample.parts[0]),
            everywhere=round(full - float(text), 2),
            once=round(full - kill.score, 2),
        )
        for kill, text in zip(kills, texts, strict=True)
    )


def _charged_everywhere(config: Config, graded: Graded) -> float:
    """Return the score without what is excused."""
    verdicts = [replace(verdict, blamed=(), excused=0.0) for verdict in graded.verdicts]
    checks = score_checks(config, verdicts)
    return total([check for check in checks if check.checkpoint != EXTRA_CREDIT])[0]


def allowed(config: Config, part: str) -> float:
    """Return the most points that a mistake in one part should cost."""
    if part == ENGINE:
        second = [check for check in config.checks if check.checkpoint == "checkpoint-2"]
        return MOST_OF_THE_ENGINE * sum(check.points for check in second)
    return MOST_OF_A_RULE * own_points(config, operations().operation_of[part])


def own_points(config: Config, op: str) -> float:
    """Return the points of the checks that test an operation's rule, extra credit left out."""
    return sum(
        check.points
        for check in config.checks
        if check.id in own_checks(op) and check.checkpoint != EXTRA_CREDIT
    )
