"""All misconceptions that a submission is compared with."""

from __future__ import annotations

import functools

from autograder.grading.diagnosis.misconception import Misconception
from autograder.grading.diagnosis.wrong_engines import wrong_engines
from autograder.grading.diagnosis.wrong_rules import wrong_rules
from autograder.operations import operations
from reference import Operations


def misconceptions() -> tuple[Misconception, ...]:
    """Return those of the course's operations, and those of engines."""
    return _of(operations())


@functools.lru_cache(maxsize=8)
def _of(declared: Operations) -> tuple[Misconception, ...]:
    return (*wrong_rules(declared), *wrong_engines(declared))
