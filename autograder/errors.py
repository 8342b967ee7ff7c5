"""Everything this package raises on purpose.

AutograderError
├── UsageError            the command or the configuration is wrong           exit 2
│   ├── ConfigError       config.yaml: file, key and value
│   └── CaseError         a hidden case is written wrongly
├── SubmissionError       the submission cannot be graded                     exit 3
└── InfrastructureError   the grader or the machine failed                    exit 4
    └── IsolationError    no isolation works here
ReleaseRefused            the assignment must not go out as it is             exit 1
"""

from __future__ import annotations


class AutograderError(Exception):
    """What happened, and what to do about it.

    Parameters
    ----------
    message
        What happened and where.
    remedy
        What the reader can do; shown on a line of its own.
    """

    exit_code = 4

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class UsageError(AutograderError):
    """The command or its files are wrong; the instructor acts."""

    exit_code = 2


class ConfigError(UsageError):
    """A value in config.yaml is wrong."""


class CaseError(UsageError):
    """A hidden case is written wrongly."""


class SubmissionError(AutograderError):
    """The submission cannot be graded; the student acts."""

    exit_code = 3


class InfrastructureError(AutograderError):
    """The grader or the machine failed; nobody's score changes."""

    exit_code = 4


class IsolationError(InfrastructureError):
    """No isolation works on this machine, so nothing is run."""


class ReleaseRefused(AutograderError):
    """The release gate found a reason not to publish."""

    exit_code = 1
