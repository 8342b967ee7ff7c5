"""The audit at the release gate: what a course's own checks must notice, and what they must not.

Only what an edit touches is tried again, see ``kept``.
"""

from __future__ import annotations

import datetime
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from autograder.audit.corpus import EQUIVALENT, Corpus, Sample
from autograder.audit.fairness import try_seeds, variants
from autograder.audit.kept import Kept, code_digest, keys_of
from autograder.audit.killing import grade_mutants
from autograder.audit.lacking import told
from autograder.audit.mutants import CATALOGUE, SLIPS
from autograder.audit.wild import (
    KINDS,
    load_transformations,
    right_submissions,
    rotating_pairs,
    try_wild,
)
from autograder.cases.names import own_checks
from autograder.cases.registry import Case, record_all
from autograder.cases.terms import digest_of
from autograder.config import Check, Config
from autograder.course.build import refuse
from autograder.course.layout import Layout
from autograder.course.notes import Accepted, Audited, Notes
from autograder.errors import UsageError
from autograder.grading.grader import Exam
from autograder.grading.material import CASES
from autograder.operations import OPERATIONS, operations

Progress = Callable[[int, int], None]
"""Told how many are done, of how many."""
Stage = Callable[[str], Progress]
"""Takes what is done next, and returns whom to tell how far it is."""
MAX_DIFF_LINES = 12
MOST_SHOWN = 12


class Gate:
    """The audit of a course that is about to be released.

    Parameters
    ----------
    notebook
        What is about to be released.
    notes
        Those of the last release, and whatever else somebody has accepted.
    """

    def __init__(
        self,
        layout: Layout,
        seed: bytes,
        notebook: Path,
        notes: Notes,
        processes: int,
        stage: Stage,
    ) -> None:
        self._layout, self._seed, self._notebook = layout, seed, notebook
        self._notes, self._processes, self._stage = notes, processes, stage
        self._exam = Exam(layout.course, layout.config, seed, draft=True, released=notebook)
        self._cases = record_all(layout.config.part(layout.course, CASES["hidden"]))
        place = layout.course / ".autograder" / "audit" / f"{layout.config.assignment}.json"
        self._kept = Kept(place, self._exam, self._cases)

    def require_no_hole(self, accepted: Sequence[str] = (), *, full: bool = False) -> Audited:
        """Refuse a course whose checks let a wrong submission pass, or fail a correct one.

        Parameters
        ----------
        accepted
            Names of wrong submissions that may keep full marks.
        full
            Every mechanical mutant and every pair; otherwise a fixed selection.

        Raises
        ------
        ReleaseRefused
            With each submission that is graded wrongly, and what to do.
        UsageError
            When one is accepted that is no survivor.
        """
        try:
            # First, since wrong submissions are made of some of them.
            refuse(self._losses_of_variants())
            wrong, notes = self._require_kills(accepted, full)
            refuse(self._losses_in_the_wild())
        finally:
            self._kept.save()
        without = told(variants(self._layout.course), self._layout.config)
        return Audited((*wrong, "correct submissions lose no point", *without), notes)

    def _require_kills(self, accepted: Sequence[str], full: bool) -> tuple[tuple[str, ...], Notes]:
        course, config = self._layout.course, self._layout.config
        graded = {check.id for check in config.all_checks}
        unmade: dict[str, str] = {}
        corpus = Corpus(course, self._layout.solution, config.names, graded, unmade)
        known = sorted(one.id for one in self._notes.accepted)
        files = [course / name for name in (CATALOGUE, SLIPS, EQUIVALENT)]
        files += sorted((config.home(course, "reference") / OPERATIONS).glob("*.py"))
        defined = [_bytes(path) for path in files]
        hosts = {name: code_digest(text) for name, text in corpus.hosts.items()}
        whole = f"audit {digest_of((hosts, defined, full, known))}"
        if not accepted and self._kept.is_right(whole):
            return ("wrong submissions lose points, as in the last audit",), self._notes
        mechanical = list(corpus.mechanical())
        samples = [one for one in corpus.selection(mechanical, full=full) if not one.proof]
        survivors = self._survivors(corpus, samples)
        notes = self._accept(corpus, survivors, accepted)
        left = [one for one in survivors if one.name not in notes.ids]
        refuse([self._described(corpus, one) for one in left[:MOST_SHOWN]])
        if notes == self._notes:
            self._kept.keep_right(whole)
        lines = [f"{len(samples)} wrong submissions lose points"]
        if notes.accepted:
            lines = [f"{lines[0]}, but for {len(notes.accepted)} accepted: {', '.join(notes.ids)}"]
        if unmade:
            lines.append(
                f"{len(unmade)} of tests/mutants cannot be made from the solution as it is now, and"
                f" were left out, such as {next(iter(unmade.values()))}"
            )
        stale = [] if config.ungraded else corpus.stale_proofs(mechanical)
        if stale:
            lines.append(
                f"{len(stale)} proofs in {EQUIVALENT} are of nothing, such as {stale[0]!r}"
            )
        return tuple(lines), notes

    def _survivors(self, corpus: Corpus, samples: Sequence[Sample]) -> list[Sample]:
        """Grade what is not known to be killed; return what keeps full marks."""
        key = keys_of(corpus.hosts)
        waiting = [one for one in samples if not self._kept.is_killed(key(one))]
        if not waiting:
            return []
        found = self._grade(self._exam, corpus, waiting, "testing the tests")
        whole = self._with_all_checks()
        if found and whole is not None:
            found = self._grade(whole, corpus, found, "looking at what is switched off")
        return found

    def _grade(
        self, exam: Exam, corpus: Corpus, samples: Sequence[Sample], what: str
    ) -> list[Sample]:
        progress, key = self._stage(what), keys_of(corpus.hosts)
        done, total = 0, len(samples) + len(corpus.hosts)

        def advance() -> None:
            nonlocal done
            done += 1
            progress(done, total)

        kills = grade_mutants(
            exam,
            exam.choose_tier("auto"),
            corpus.hosts,
            samples,
            self._processes,
            advance,
            hosts_are_right=exam is self._exam,
        )
        for kill in kills:
            if kill.killed:
                self._kept.keep_kill(key(kill.sample), kill.lost)
        return [kill.sample for kill in kills if not kill.killed]

    def _with_all_checks(self) -> Exam | None:
        """Return the exam with what config.yaml switches off or leaves out; None where nothing is.

        A wrong submission that only those cases notice is wrong in a part that is not graded.
        """
        config = self._layout.config
        graded = {check.id for check in config.all_checks}
        others: dict[str, Case] = {}
        for case in self._cases:
            if case.check not in graded:
                others.setdefault(case.check, case)
        if not others:
            return None
        added = tuple(
            Check(id=name, kind=case.kind, points=1, cell=f"test_{name}", title=name)
            for name, case in others.items()
        )
        whole: Config = msgspec.structs.replace(config, stretch=config.stretch + added, ungraded=())
        return Exam(self._layout.course, whole, self._seed, draft=True, released=self._notebook)

    def _accept(
        self, corpus: Corpus, survivors: Sequence[Sample], accepted: Sequence[str]
    ) -> Notes:
        by_name = {one.name: one for one in survivors}
        unknown = [name for name in accepted if name not in by_name]
        if unknown:
            raise UsageError(
                f"No wrong submission {unknown[0]!r} keeps full marks",
                "Leave --accept-survivor out, or copy a name as it was shown.",
            )
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        new = [
            Accepted(id=name, diff=corpus.diff(by_name[name]), since=today)
            for name in accepted
            if name not in self._notes.ids
        ]
        still = [one for one in self._notes.accepted if one.id in by_name]
        return Notes(accepted=(*still, *new))

    def _described(self, corpus: Corpus, sample: Sample) -> str:
        """Say what a survivor changes, which check should notice it, and what can be done."""
        diff = corpus.diff(sample).splitlines()[:MAX_DIFF_LINES]
        lines = [f"a wrong submission keeps full marks: {sample.name}"]
        lines += [f"    {line}" for line in diff]
        checks = " or ".join(_checks_for(sample, self._layout.config)) or "a check of the engine"
        lines += [
            f"    should lose points in: {checks}",
            "    choose: add a case to tests/hidden that tells it from the solution,",
            f"      or prove in {EQUIVALENT} that nothing can,",
            f"      or autograder release --accept-survivor {shlex.quote(sample.name)}",
        ]
        return "\n".join(lines)

    def _losses_of_variants(self) -> list[str]:
        """Name correct submissions that lose points, with check and case."""
        course, config = self._layout.course, self._layout.config
        waiting = {
            path: name
            for path in variants(course)
            if not self._kept.is_right(name := f"variant {path.name} {_bytes(path)}")
        }
        if not waiting:
            return []
        progress = self._stage("trying correct submissions")
        tier = self._exam.choose_tier("auto")
        problems = []
        seeds = [self._seed.decode()]
        (report,) = try_seeds(course, config, tier, seeds, self._processes, list(waiting))
        progress(1, 1)
        for path, name in waiting.items():
            if path.name not in report.lost:
                self._kept.keep_right(name)
                continue
            checks = ", ".join(report.lost[path.name])
            cases = ", ".join(report.cases[path.name])
            problems.append(
                f"tests/variants/{path.name} is correct and loses points in the check {checks},"
                f" by the case {cases}: mend the case, or remove the variant if it is wrong here"
            )
        return problems

    def _losses_in_the_wild(self) -> list[str]:
        """Name the ways in which people hand in that cost a correct submission points.

        Each way is tried on one submission; ``autograder fairness --wild`` tries all. A course that
        has no such folder, as older ones, is not asked for it.
        """
        course = self._layout.course
        home = self._layout.config.home(course, str(KINDS))
        if not (home / KINDS).is_dir():
            return []
        library = load_transformations(home)
        hosts = right_submissions(course, self._layout.solution)
        name_of = self._wild_names(hosts)
        known = f"wild {digest_of(sorted(name_of(pair) for pair in _all_pairs(library, hosts)))}"
        if self._kept.is_right(known):
            return []
        pairs = rotating_pairs(library, hosts)
        waiting = [pair for pair in pairs if not self._kept.is_right(name_of(pair))]
        by_trial = {(name, host.name): name_of((name, host)) for name, host in waiting}
        progress = self._stage("trying what people do")
        problems = []
        tier = self._exam.choose_tier("auto")
        trials = try_wild(self._exam, tier, library, waiting, self._processes) if waiting else ()
        for done, trial in enumerate(trials, 1):
            progress(done, len(waiting))
            if trial.loss is None:
                self._kept.keep_right(by_trial[trial.transformation, trial.host])
                continue
            problems.append(
                f"{trial.host} is correct and loses {trial.loss.points:g} points in"
                f" {', '.join(trial.loss.checks)} when handed in as {trial.transformation}:"
                f" autograder fairness --wild --only {trial.transformation}"
            )
        if not problems:
            self._kept.keep_right(known)
        return problems

    def _wild_names(self, hosts: Sequence[Path]) -> Callable[[tuple[str, Path]], str]:
        """Return what gives a pair its key: code decides, and no sentence between it."""
        folder = self._layout.config.part(self._layout.course, str(KINDS))
        kinds = digest_of([_bytes(path) for path in sorted(folder.glob("*.py"))])
        released = _code_of(self._notebook)
        digests = {host: _code_of(host) for host in hosts}
        return lambda pair: f"wild {pair[0]} {digests[pair[1]]} {kinds} {released}"


def _all_pairs(library: Mapping[str, object], hosts: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    return ((name, host) for name in library for host in hosts)


def _checks_for(sample: Sample, config: Config) -> list[str]:
    """Return the graded checks that are about what a mutant changes."""
    graded = {check.id for check in config.all_checks}
    wanted = [sample.check] if sample.check else []
    for part in sample.parts if not sample.check else ():
        wanted += own_checks(operations().operation_of.get(part, ""))
    return [check for check in wanted if check in graded]


def _bytes(path: Path) -> str:
    return digest_of(path.read_bytes()) if path.is_file() else ""


def _code_of(path: Path) -> str:
    """Return the digest of a submission's code cells, with their names; of all of a script."""
    if path.suffix != ".ipynb":
        return _bytes(path)
    from autograder.submission.notebooks import nbformat

    cells = nbformat.read(path, as_version=4).cells
    return digest_of(
        [
            (cell.cell_type, cell.get("id", ""), code_digest(cell.source))
            for cell in cells
            if cell.cell_type == "code"
        ]
    )
