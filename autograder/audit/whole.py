"""The whole audit, as ``autograder audit`` prints it; the release gate has a module of its own."""

from __future__ import annotations

from collections.abc import Callable

from autograder.audit.corpus import Corpus
from autograder.audit.findings import Findings, summarise
from autograder.audit.killing import grade_mutants
from autograder.course.layout import Layout
from autograder.errors import CaseError
from autograder.grading.grader import Exam

Progress = Callable[[int, int], None]
"""Told how many are done, of how many."""


def run_audit(
    layout: Layout,
    seed: bytes,
    *,
    full: bool,
    processes: int,
    progress: Progress,
) -> tuple[Findings, Corpus]:
    """Grade the wrong submissions of a course.

    Parameters
    ----------
    full
        Every mechanical mutant, every pair and every host; otherwise a fixed selection.

    Raises
    ------
    CaseError
        When a mutant is declared equivalent that does not exist.
    """
    graded = {check.id for check in layout.config.all_checks}
    corpus = Corpus(layout.course, layout.solution, layout.config.names, graded)
    mechanical = list(corpus.mechanical())
    stale = [] if layout.config.ungraded else corpus.stale_proofs(mechanical)
    if stale:
        raise CaseError(
            f"{len(stale)} mutants are declared equivalent and do not exist, such as {stale[0]!r}",
            "Remove them from tests/mutants/equivalent.yaml.",
        )
    samples = corpus.selection(mechanical, full=full)
    done = 0
    total = len(samples) + len(corpus.hosts)

    def advance() -> None:
        nonlocal done
        done += 1
        progress(done, total)

    exam = Exam(layout.course, layout.config, seed, draft=True)
    kills = grade_mutants(exam, exam.choose_tier("auto"), corpus.hosts, samples, processes, advance)
    timed = {case.check for case in exam.case_set.cases if case.program.cpu_seconds}
    return summarise(kills, layout.config, timed), corpus
