"""What earlier audits found, by digest, so that only what an edit touches is tried again.

A wrong submission that lost a check loses it still while its code, the cases of that check and all
that decides how a case runs are the same: other cases, words and points do not matter. A correct
one must lose none, so that it is tried again with each change of any case.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path

import msgspec

from autograder.audit.corpus import Sample
from autograder.cases.registry import Case
from autograder.cases.terms import digest_of
from autograder.course.files import write_atomically
from autograder.grading.grader import Exam
from autograder.model import Record

MOST = 20_000
"""Entries that are kept; a change of the grader itself forgets all of them."""


class _File(Record, frozen=True):
    """What is on the disk: for each killed mutant the digests of the cases of checks it lost."""

    base: str
    kills: dict[str, dict[str, str]]
    right: list[str]


class Kept:
    """The findings of earlier audits that still hold.

    Parameters
    ----------
    path
        Where they are kept.
    exam
        What is graded with.
    cases
        All hidden cases of the course, also those of checks that it leaves out.
    """

    def __init__(self, path: Path, exam: Exam, cases: Iterable[Case]) -> None:
        self._path = path
        self._base = _base_of(exam)
        digests: dict[str, list[str]] = {}
        for case in cases:
            digests.setdefault(case.check, []).append(f"{case.id} {digest_of(case.program)}")
        self._checks = {check: digest_of(sorted(own)) for check, own in digests.items()}
        self._graded = digest_of(sorted(check.id for check in exam.config.all_checks))
        old = _read(path)
        fresh = old is None or old.base != self._base
        self._kills = {} if old is None or fresh else dict(old.kills)
        self._right = set() if old is None or fresh else set(old.right)

    def is_killed(self, key: str) -> bool:
        """Tell whether a mutant is known to lose one of the checks as they are now."""
        lost = self._kills.get(key, {})
        return any(self._checks.get(check) == digest for check, digest in lost.items())

    def keep_kill(self, key: str, lost: Iterable[str]) -> None:
        """Remember in which checks a mutant loses points."""
        self._kills.pop(key, None)
        self._kills[key] = {check: self._checks[check] for check in lost}

    def is_right(self, name: str) -> bool:
        """Tell whether a correct submission is known to lose nothing with the cases as they are."""
        return self._with_cases(name) in self._right

    def keep_right(self, name: str) -> None:
        """Remember that a correct submission loses nothing."""
        self._right.add(self._with_cases(name))

    def _with_cases(self, name: str) -> str:
        return digest_of((name, self._all_cases, self._graded))

    @cached_property
    def _all_cases(self) -> str:
        return digest_of(self._checks)

    def save(self) -> None:
        """Write down what is known."""
        kills = dict(list(self._kills.items())[-MOST:])
        right = sorted(self._right) if len(self._right) < MOST else []
        file = _File(base=self._base, kills=kills, right=right)
        write_atomically(self._path, msgspec.json.encode(file), durable=False)


def _base_of(exam: Exam) -> str:
    """Return the digest of what decides how any case runs, whatever the cases and points are."""
    decisive = exam.decisive
    terms = msgspec.structs.replace(decisive.terms, cases=(), checks={}, pass_marks={})
    return digest_of((msgspec.structs.replace(decisive, terms=terms), exam.seed_digest))


def _read(path: Path) -> _File | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_File)
    except (OSError, msgspec.DecodeError):
        return None


def keys_of(hosts: Mapping[str, str]) -> Callable[[Sample], str]:
    """Return what gives each mutant a key: its host's code, and what it changes where.

    A comment or a docstring elsewhere changes no key.
    """
    digests = {name: code_digest(text) for name, text in hosts.items()}
    lines = {name: text.splitlines() for name, text in hosts.items()}

    def key(sample: Sample) -> str:
        old, new = lines[sample.host], sample.source.splitlines()
        first = next((n for n, pair in enumerate(zip(old, new)) if pair[0] != pair[1]), 0)  # noqa: B905 # up to the shorter one's end
        shorter = min(len(old), len(new)) - first
        last = next((n for n in range(shorter) if old[-1 - n] != new[-1 - n]), shorter)
        before = old[first : len(old) - last]
        repeat = old[:first].count(before[0]) if before else first
        return digest_of((digests[sample.host], before, new[first : len(new) - last], repeat))

    return key


def code_digest(source: str) -> str:
    """Return the digest of what a module does: neither comments nor docstrings."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return hashlib.sha256(source.encode()).hexdigest()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and body:
            text = body[0]
            if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
                node.body = body[1:] or [ast.Pass()]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()
