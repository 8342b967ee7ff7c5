"""All misconceptions that a submission is compared with."""

from autograder.grading.diagnosis.misconception import Misconception
from autograder.grading.diagnosis.wrong_engines import WRONG_ENGINES
from autograder.grading.diagnosis.wrong_rules import WRONG_RULES

MISCONCEPTIONS: tuple[Misconception, ...] = (*WRONG_RULES, *WRONG_ENGINES)
