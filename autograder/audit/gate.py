"""The audit as one call: for the command line and for the release gate."""

from __future__ import annotations

from collections.abc import Callable

from autograder.audit.corpus import QUICK_STRIDE, Corpus
from autograder.audit.fairness import try_seeds, variants
from autograder.audit.findings import Findings, summarise
from autograder.audit.killing import grade_mutants
from autograder.course.layout import Layout
from autograder.errors import CaseError, ReleaseRefused
from autograder.grading.grader import Exam


def run_audit(
    layout: Layout,
    seed: bytes,
    *,
    full: bool,
    processes: int,
    progress: Callable[[int, int], None],
) -> tuple[Findings, Corpus]:
    """Grade the wrong submissions of a course.

    Parameters
    ----------
    full
        Every mechanical mutant; otherwise a fixed selection of them.
    progress
        Called with how many are done, of how many.

    Raises
    ------
    CaseError
        When a mutant is declared equivalent that does not exist.
    """
    corpus = Corpus(layout.course, layout.source / f"{layout.config.notebook}.ipynb")
    mechanical = list(corpus.mechanical())
    stale = corpus.stale_proofs(mechanical)
    if stale:
        raise CaseError(
            f"{len(stale)} mutants are declared equivalent and do not exist, such as {stale[0]!r}",
            "Remove them from tests/mutants/equivalent.yaml.",
        )
    samples = [*corpus.catalogue(), *(mechanical if full else mechanical[::QUICK_STRIDE])]
    done = 0
    total = len(samples) + len(corpus.hosts)

    def advance() -> None:
        nonlocal done
        done += 1
        progress(done, total)

    exam = Exam(layout.course, layout.config, seed)
    kills = grade_mutants(exam, exam.choose_tier("auto"), corpus.hosts, samples, processes, advance)
    timed = {case.check for case in exam.case_set.cases if case.program.cpu_seconds}
    return summarise(kills, layout.config, timed), corpus


def require_no_hole(
    layout: Layout, seed: bytes, *, full: bool, processes: int, progress: Callable[[int, int], None]
) -> str:
    """Refuse a release whose tests let a wrong submission pass, or fail a correct one.

    Returns
    -------
    str
        How many were tried.

    Raises
    ------
    ReleaseRefused
        Naming the first submission that is graded wrongly.
    """
    findings, _ = run_audit(layout, seed, full=full, processes=processes, progress=progress)
    if findings.survivors:
        raise ReleaseRefused(
            f"{len(findings.survivors)} wrong submissions keep full marks, such as "
            f"{findings.survivors[0].sample.name}",
            "autograder audit --full",
        )
    tier = Exam(layout.course, layout.config, seed).choose_tier("auto")
    reports = try_seeds(layout.course, layout.config, tier, [seed.decode()], processes)
    for report in reports:
        for name, lost in report.lost.items():
            raise ReleaseRefused(
                f"{name} is correct and loses points in {', '.join(lost)}", "autograder fairness"
            )
    wrong = sum(rate.total for rate in findings.families)
    right = len(variants(layout.course))
    return f"{wrong} wrong submissions lose points, {right} correct ones lose none"
