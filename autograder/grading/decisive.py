"""Everything beside seed and submission that decides a grade, part by part, with one digest.

A result whose exam has another digest is graded again. Whatever only words come from is left out:
a reworded sentence regrades nobody.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from functools import cached_property
from pathlib import Path

import numpy as np

import autograder
import reference
from autograder.cases.terms import Terms, digest_of
from autograder.model import Record
from autograder.operations import names_file, operations
from autograder.sandbox.handout import handout_files
from autograder.sandbox.runtime import packages_and_versions

PACKAGE = Path(autograder.__file__).parent
REFERENCE = Path(reference.__file__).parent
CODE = (
    *(REFERENCE / name for name in ("broadcasting.py", "operation.py", "table.py", "tape.py")),
    PACKAGE / "guest",
    PACKAGE / "grading",
    PACKAGE / "cases" / "inputs.py",
    PACKAGE / "cases" / "names.py",
)
"""What draws inputs, computes expected values, runs a submission, and compares."""
WORDS = (
    PACKAGE / "grading" / "diagnosis",
    PACKAGE / "grading" / "absent.py",
    PACKAGE / "grading" / "names_of_errors.py",
    PACKAGE / "grading" / "outcome.py",
    PACKAGE / "grading" / "words",
)
"""What of it only says why: no point depends on it. A test looks for sentences in the rest."""
SILENT = "checks/"
"""Of the handout: the public checks, in whose place the sandbox has something that does nothing."""


class Decisive(Record, frozen=True, kw_only=True, dict=True):
    """What decides a grade.

    Attributes
    ----------
    packages
        Versions of what submissions import and of Python, by name.
    handout
        Digests of the handout's files that a submission can import.
    grader, python, numpy
        The versions with which it is compared and expected values are computed.
    code
        Digest of the grader's own code.
    operations
        Digest of what the course declares: operations without their words, and names.
    """

    terms: Terms
    packages: dict[str, str]
    handout: dict[str, str]
    grader: str
    python: str
    numpy: str
    ipython: str
    code: str
    operations: str = ""

    @cached_property
    def digest(self) -> str:
        """The digest of an exam."""
        return digest_of(self)


def decisive(terms: Terms, handout: Path, packages: tuple[str, ...], python: str = "") -> Decisive:
    """Look at what decides a grade here and now.

    Parameters
    ----------
    handout, packages
        What submissions import beside the standard library.
    python
        The interpreter that they run with; empty for this one.
    """
    files = handout_files(handout)
    return Decisive(
        terms=terms,
        packages=packages_and_versions(packages, python),
        handout={name: files[name] for name in files if not name.startswith(SILENT)},
        grader=autograder.__version__,
        python=platform.python_version(),
        numpy=np.__version__,
        ipython=importlib.metadata.version("ipython"),
        code=_digest_of_code(),
        operations=_digest_of_course(),
    )


def _digest_of_course() -> str:
    names = hashlib.sha256(operations().digest.encode() + b"\0" + names_file().read_bytes())
    return names.hexdigest()[:16]


def _digest_of_code() -> str:
    digest = hashlib.sha256()
    for top in CODE:
        for path in sorted(top.rglob("*")) if top.is_dir() else (top,):
            if path.suffix in {".py", ".json"} and not _only_says(path):
                name = path.relative_to(top.parent).as_posix()
                digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _only_says(path: Path) -> bool:
    return any(path == words or path.is_relative_to(words) for words in WORDS)
