"""Everything about everybody, for programs and spreadsheets: CSV, JSON lines and Parquet.

Everybody who takes the course has a line, with a state; who has no grade has no number.
"""

from __future__ import annotations

import io
from typing import Any

import msgspec

from autograder.config import Config
from autograder.errors import UsageError
from autograder.exports.base import Exported, Job, Target, why_left
from autograder.exports.sheets import Cell, table
from autograder.grades import STATES, Member, StudentGrade
from autograder.reports.boundary import in_json

SCHEMA = "autograder/grade/v1"
Fields = dict[str, tuple[type, Cell]]


def fields(config: Config, grade: StudentGrade) -> Fields:
    """Return what there is to say of a student, with the type of each column."""
    member, known = grade.member, grade.total is not None
    scores = {one.id: one for one in grade.checkpoints}
    row: Fields = {
        "assignment": (str, config.assignment),
        "student": (str, member.id),
        "last_name": (str, member.last),
        "first_name": (str, member.first),
        "email": (str, member.email),
        "lms_id": (str, member.lms),
        "groups": (str, "; ".join(member.groups)),
        "state": (str, grade.state),
        "status": (str, STATES[grade.state]),
        "final": (bool, grade.final),
        "handed_in": (str, member.handed_in or None),
        "seconds_late": (float, member.seconds_late if member.handed_in else None),
        "graded_at": (str, grade.graded or None),
        "total": (float, grade.total),
        "max_score": (float, grade.max_score),
    }
    for checkpoint in config.checkpoints:
        found = scores.get(checkpoint.id)
        key = checkpoint.id.replace("-", "_")
        row[key] = (float, None if found is None else found.score)
        row[f"{key}_max"] = (float, None if found is None else found.max_score)
        row[f"{key}_passed"] = (bool, None if found is None else found.passed)
    for name, value in (
        ("automatic", grade.automatic),
        ("overrides", grade.overrides),
        ("written", grade.written),
        ("extra_credit", grade.extra_credit.score),
        ("late_penalty", grade.late_penalty),
    ):
        row[name] = (float, value if known else None)
    row["waiting_cells"] = (str, " ".join(grade.waiting))
    row["detail"] = (str, grade.detail)
    return row


def _exported(job: Job, data: bytes) -> Exported:
    with_number = [student for student, grade in job.grades.items() if grade.total is not None]
    left = {
        student: why_left(grade) for student, grade in job.grades.items() if grade.total is None
    }
    return Exported(data, tuple(with_number), left, {})


def _rows(job: Job) -> list[Fields]:
    return [fields(job.config, grade) for grade in job.grades.values()]


def _shape(job: Job) -> Fields:
    """Return the columns and their types, whoever is in the table."""
    return fields(job.config, StudentGrade(member=Member(""), state="missing", work="missing"))


class Csv(Target):
    """A table for a spreadsheet."""

    name = "csv"
    file = "grades.csv"

    def export(self, job: Job) -> Exported:
        """Make the table."""
        rows = [[cell for _, cell in row.values()] for row in _rows(job)]
        return _exported(job, table(list(_shape(job)), rows).encode("utf-8"))


class JsonLines(Target):
    """An object for each student, a line each."""

    name = "jsonl"
    file = "grades.jsonl"

    def export(self, job: Job) -> Exported:
        """Make the lines."""
        lines = [
            msgspec.json.encode({"schema": SCHEMA} | {key: cell for key, (_, cell) in row.items()})
            for row in _rows(job)
        ]
        text = "".join(f"{in_json(line.decode())}\n" for line in lines)
        return _exported(job, text.encode("ascii"))


class Parquet(Target):
    """A typed table for pandas, Polars, DuckDB or R."""

    name = "parquet"
    file = "grades.parquet"

    def export(self, job: Job) -> Exported:
        """Make the table.

        Raises
        ------
        UsageError
            When pyarrow is not installed.
        """
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            raise UsageError(
                "Parquet needs pyarrow, which is not installed",
                "pip install 'tinytorch-autograder[parquet]'",
            ) from None
        types: dict[type, Any] = {
            str: pyarrow.string(), float: pyarrow.float64(), bool: pyarrow.bool_()
        }  # fmt: skip
        schema = pyarrow.schema(
            [(key, types[type_]) for key, (type_, _) in _shape(job).items()], {"schema": SCHEMA}
        )
        rows = [{key: cell for key, (_, cell) in row.items()} for row in _rows(job)]
        out = io.BytesIO()
        made = pyarrow.Table.from_pylist(rows, schema=schema)
        pyarrow.parquet.write_table(made, out)
        return _exported(job, out.getvalue())
