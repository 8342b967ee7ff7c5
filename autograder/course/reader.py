"""What nbgrader's gradebook says, read by SQL alone: nbgrader takes a second to import."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from autograder.course.layout import Layout
from autograder.errors import InfrastructureError
from autograder.grades import GradedCell, Review

if TYPE_CHECKING:
    from sqlalchemy import Row

MANY = 500
"""Students that one statement names; databases take some thousand parameters."""
_OF_NBGRADER = ("", "No response.")
"""Automatic comments that nbgrader writes itself."""

_SUBMITTED = """
    FROM submitted_notebook
    JOIN notebook ON notebook.id = submitted_notebook.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    JOIN assignment ON assignment.id = submitted_assignment.assignment_id
"""
_MINE = "WHERE assignment.name = :assignment AND notebook.name = :notebook"
_NOTEBOOKS = f"""
    SELECT submitted_assignment.student_id AS student,
           submitted_notebook.late_submission_penalty AS penalty
    {_SUBMITTED} {_MINE}
"""
_GRADES = f"""
    SELECT submitted_assignment.student_id AS student, base_cell.name, grade.auto_score,
           grade.manual_score, grade.extra_credit, grade.needs_manual_grade,
           COALESCE(grade_cells.max_score, task_cells.max_score, 0.0) AS max_score
    {_SUBMITTED}
    JOIN grade ON grade.notebook_id = submitted_notebook.id
    JOIN base_cell ON base_cell.id = grade.cell_id
    LEFT JOIN grade_cells ON grade_cells.id = base_cell.id
    LEFT JOIN task_cells ON task_cells.id = base_cell.id
    {_MINE}
"""
_COMMENTS = f"""
    SELECT submitted_assignment.student_id AS student, base_cell.name,
           comment.auto_comment, comment.manual_comment
    {_SUBMITTED}
    JOIN comment ON comment.notebook_id = submitted_notebook.id
    JOIN base_cell ON base_cell.id = comment.cell_id
    {_MINE}
"""
_BY_NAME = " ORDER BY submitted_assignment.student_id, base_cell.name"
_STUDENTS = """
    SELECT submitted_assignment.student_id AS student FROM submitted_assignment
    JOIN assignment ON assignment.id = submitted_assignment.assignment_id
    WHERE assignment.name = :assignment
    ORDER BY submitted_assignment.student_id
"""


class Reader:
    """An open gradebook that is only read; an empty one where there is none.

    Raises
    ------
    InfrastructureError
        By each method, when the gradebook cannot be read.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._engine: Any = None
        self._is_new = False

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._engine is not None:
            self._engine.dispose()

    def students(self) -> list[str]:
        """Return who has a submission of the assignment, sorted."""
        return [row.student for row in self._rows(_STUDENTS)]

    def review(self, student: str) -> Review:
        """Return the scores and comments of a student's cells; nothing for one not recorded."""
        return self.reviews([student]).get(student, Review())

    def reviews(self, students: Sequence[str] | None = None) -> dict[str, Review]:
        """Return scores, comments and late penalties of many students, or of all, by student.

        Only those who are recorded are in it.
        """
        found: dict[str, Review] = {}
        for some in _parts(students):
            cells: dict[str, dict[str, GradedCell]] = {}
            for row in self._rows(_GRADES, some, _BY_NAME):
                cells.setdefault(row.student, {})[row.name] = GradedCell(
                    name=row.name,
                    automatic=row.auto_score,
                    manual=row.manual_score,
                    max_score=row.max_score,
                    waiting=bool(row.needs_manual_grade),
                    extra=row.extra_credit,
                )
            for row in self._rows(_COMMENTS, some, _BY_NAME):
                theirs = cells.setdefault(row.student, {})
                cell = theirs.get(row.name, GradedCell(row.name, None, None, 0.0, waiting=False))
                theirs[row.name] = replace(cell, comment=row.manual_comment or "")
            for row in self._rows(_NOTEBOOKS, some):
                theirs = cells.get(row.student, {})
                found[row.student] = Review(tuple(theirs.values()), row.penalty or 0.0)
        return found

    def scores(self) -> dict[str, dict[str, float | None]]:
        """Return automatic scores by student and cell."""
        found: dict[str, dict[str, float | None]] = {}
        for row in self._rows(_GRADES):
            found.setdefault(row.student, {})[row.name] = row.auto_score
        return found

    def commented(self) -> frozenset[str]:
        """Return who has an automatic comment that is not nbgrader's own."""
        return frozenset(
            row.student
            for row in self._rows(_COMMENTS)
            if (row.auto_comment or "") not in _OF_NBGRADER
        )

    def _rows(
        self, query: str, students: Sequence[str] | None = None, order: str = ""
    ) -> Sequence[Row[Any]]:
        """Return what a query gives, of these students or of all."""
        if not self._layout.has_gradebook:
            return []
        from sqlalchemy import bindparam, create_engine, inspect, text

        config = self._layout.config
        named: dict[str, Any] = {"assignment": config.assignment}
        if ":notebook" in query:
            named["notebook"] = config.notebook
        if students is None:
            statement = text(query + order)
        else:
            statement = text(
                f"{query} AND submitted_assignment.student_id IN :students{order}"
            ).bindparams(bindparam("students", expanding=True))
            named["students"] = list(students)
        try:
            if self._engine is None:
                self._engine = create_engine(self._layout.gradebook_url)
                self._is_new = not inspect(self._engine).has_table("assignment")
            if self._is_new:
                return []
            with self._engine.connect() as connection:
                rows: Sequence[Row[Any]] = connection.execute(statement, named).all()
                return rows
        except ModuleNotFoundError as error:
            raise InfrastructureError(*without(error)) from error
        except Exception as error:
            message, remedy = trouble("read", error)
            # An address may hold a password.
            message = message.replace(self._layout.gradebook_url, "its address")
            raise InfrastructureError(message, remedy) from None


def _parts(students: Sequence[str] | None) -> Iterator[Sequence[str] | None]:
    if students is None:
        yield None
        return
    for start in range(0, len(students), MANY):
        yield students[start : start + MANY]


def without(error: ModuleNotFoundError) -> tuple[str, str]:
    """Return message and remedy for a database whose driver is not installed."""
    return (
        f"The gradebook needs the package {error.name}, which is not installed",
        "For PostgreSQL: pip install 'tinytorch-autograder[postgresql]'",
    )


def trouble(what: str, error: BaseException) -> tuple[str, str]:
    """Return message and remedy, without SQLAlchemy's statement and parameters."""
    first = (str(error).splitlines() or [""])[0][:300]
    return f"The gradebook could not be {what}: {first}", (
        "Results are kept; close what else has it open and run autograder grade again."
    )
