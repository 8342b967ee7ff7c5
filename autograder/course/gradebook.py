"""nbgrader's gradebook: scores, comments, and what waits for a human, many submissions at a time.

nbgrader's own call for one submission loads and flushes its hundred rows one by one, which takes
longer than grading it. Rows are read and written here with a few statements for a whole batch, on
nbgrader's own tables, in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from autograder.course.desk import Marks
from autograder.course.layout import Layout
from autograder.errors import InfrastructureError, UsageError
from autograder.model import Record

Row = dict[str, Any]


class GradedCell(Record, frozen=True):
    """What the gradebook says of one cell. ``waiting`` means that a person has yet to grade it."""

    name: str
    automatic: float | None
    manual: float | None
    max_score: float
    waiting: bool
    comment: str


class Review(Record, frozen=True):
    """What people added to a submission: scores and comments by cell, and a late penalty."""

    cells: tuple[GradedCell, ...] = ()
    late_penalty: float = 0.0


class Gradebook:
    """One open gradebook.

    Parameters
    ----------
    layout
        The course.
    comment_places
        For each check cell, the cell at which its comment is shown; needed to record marks.
    """

    def __init__(self, layout: Layout, comment_places: Mapping[str, str] | None = None) -> None:
        from nbgrader import api

        self._api = api
        self._layout = layout
        self._places = comment_places or {}
        try:
            self._book = api.Gradebook(layout.gradebook_url, course_id=layout.config.course)
        except Exception as error:
            raise InfrastructureError(*_trouble("opened", error)) from error

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._book.close()

    def require_assignment(self) -> None:
        """Raise UsageError when the assignment has not been released into this gradebook."""
        name = self._layout.config.assignment
        try:
            assignment = self._book.find_assignment(name)
            notebook = self._book.find_notebook(self._layout.config.notebook, name)
        except self._api.MissingEntry:
            raise UsageError(
                f"The gradebook does not know the assignment {name!r} yet", "autograder release"
            ) from None
        except Exception as error:
            raise InfrastructureError(*_trouble("read", error)) from error
        self._assignment: str = assignment.id
        self._notebook: str = notebook.id
        graded = [*notebook.grade_cells, *notebook.task_cells]
        commented = [*notebook.solution_cells, *notebook.task_cells]
        self._graded_cells = {cell.id: cell.name for cell in graded}
        self._commented_cells = {cell.id: cell.name for cell in commented}

    def review(self, student: str) -> Review:
        """Return the scores and comments of a student's cells; nothing for one not recorded."""
        config = self._layout.config
        try:
            found = self._book.find_submission_notebook(config.notebook, config.assignment, student)
        except self._api.MissingEntry:
            return Review()
        comments = {item.name: item.manual_comment or "" for item in found.comments}
        grades = {item.name: item for item in found.grades}
        cells = [
            GradedCell(
                name=name,
                automatic=None if item is None else item.auto_score,
                manual=None if item is None else item.manual_score,
                max_score=0.0 if item is None else item.max_score,
                waiting=item is not None and bool(item.needs_manual_grade),
                comment=comments.get(name, ""),
            )
            for name in dict.fromkeys([*grades, *comments])
            for item in [grades.get(name)]
        ]
        return Review(cells=tuple(cells), late_penalty=found.late_submission_penalty or 0.0)

    def record(self, batch: Sequence[Marks]) -> None:
        """Write the marks of a batch: all of them, or after a failure none.

        Raises
        ------
        InfrastructureError
            When the gradebook cannot be written.
        """
        if not batch:
            return
        try:
            self._write(batch)
            self._book.db.commit()
        except Exception as error:
            self._book.db.rollback()
            raise InfrastructureError(*_trouble("written", error)) from error

    def _write(self, batch: Sequence[Marks]) -> None:
        notebooks = self._notebooks([marks.student for marks in batch])
        by_notebook = {notebooks[marks.student]: marks for marks in batch}
        self._write_rows(
            self._api.Grade.__table__, by_notebook, self._graded_cells, self._grade_values
        )
        self._write_rows(
            self._api.Comment.__table__, by_notebook, self._commented_cells, self._comment_values
        )

    def _notebooks(self, students: Sequence[str]) -> dict[str, str]:
        """Return the id of each student's submitted notebook; rows that are missing are made."""
        api = self._api
        student, submission = api.Student.__table__, api.SubmittedAssignment.__table__
        notebook = api.SubmittedNotebook.__table__
        known = set(self._column(student.c.id, student.c.id, students))
        self._insert(student, [{"id": name} for name in students if name not in known])
        mine = submission.c.assignment_id == self._assignment
        submissions = self._pairs(submission, "student_id", "id", students, mine)
        new = [name for name in students if name not in submissions]
        submissions |= {name: api.new_uuid() for name in new}
        self._insert(
            submission,
            [
                {"id": submissions[name], "assignment_id": self._assignment, "student_id": name}
                for name in new
            ],
        )
        ids = list(submissions.values())
        ours = notebook.c.notebook_id == self._notebook
        notebooks = self._pairs(notebook, "assignment_id", "id", ids, ours)
        missing = [id_ for id_ in ids if id_ not in notebooks]
        notebooks |= {id_: api.new_uuid() for id_ in missing}
        self._insert(
            notebook,
            [
                {"id": notebooks[id_], "assignment_id": id_, "notebook_id": self._notebook}
                for id_ in missing
            ],
        )
        return {name: notebooks[id_] for name, id_ in submissions.items()}

    def _write_rows(
        self, table: Any, by_notebook: Mapping[str, Marks], cells: Mapping[str, str], values: Any
    ) -> None:
        """Insert or update a row for each cell of each notebook."""
        from sqlalchemy import bindparam, select

        query = select(table).where(table.c.notebook_id.in_(by_notebook))
        found = {(row.notebook_id, row.cell_id): row for row in self._book.db.execute(query)}
        inserts: list[Row] = []
        updates: list[Row] = []
        for notebook, marks in by_notebook.items():
            for cell, name in cells.items():
                old = found.get((notebook, cell))
                new = values(marks, name, old)
                if old is None:
                    inserts.append({"notebook_id": notebook, "cell_id": cell, **new})
                else:
                    updates.append({"row": old.id, **new})
        self._insert(table, inserts)
        if updates:
            changed: Row = {name: bindparam(name) for name in updates[0] if name != "row"}
            statement = table.update().where(table.c.id == bindparam("row")).values(changed)
            self._book.db.connection().execute(statement, updates)

    def _grade_values(self, marks: Marks, cell: str, old: Any) -> Row:
        manual = None if old is None else old.manual_score
        extra = None if old is None else old.extra_credit
        answered = marks.answered.get(cell)
        if marks.scores is None:
            # No zero for what nobody could read: a human decides.
            return {"auto_score": None, "needs_manual_grade": True, "extra_credit": extra}
        if answered is not None:
            # As nbgrader does: an unchanged answer is a zero, a written one waits for a human.
            return {
                "auto_score": None if answered else 0.0,
                "needs_manual_grade": answered and manual is None,
                "extra_credit": extra,
            }
        score, ours = marks.scores.get(cell, (0.0, None))
        return {
            "auto_score": score,
            "needs_manual_grade": manual is not None,
            "extra_credit": extra if ours is None else ours,
        }

    def _comment_values(self, marks: Marks, cell: str, _old: Any) -> Row:
        texts = [text for check, text in marks.comments.items() if self._places[check] == cell]
        empty = marks.answered.get(cell) is False
        return {"auto_comment": "\n".join(texts) or ("No response." if empty else None)}

    def _column(self, wanted: Any, key: Any, keys: Sequence[str]) -> list[str]:
        from sqlalchemy import select

        return list(self._book.db.execute(select(wanted).where(key.in_(keys))).scalars())

    def _pairs(
        self, table: Any, key: str, value: str, keys: Sequence[str], condition: Any
    ) -> dict[str, str]:
        from sqlalchemy import select

        query = select(table.c[key], table.c[value]).where(table.c[key].in_(keys), condition)
        return {row[0]: row[1] for row in self._book.db.execute(query)}

    def _insert(self, table: Any, rows: Sequence[Row]) -> None:
        if rows:
            self._book.db.connection().execute(table.insert(), list(rows))


def _trouble(what: str, error: BaseException) -> tuple[str, str]:
    """Return message and remedy, without SQLAlchemy's statement and parameters."""
    first = (str(error).splitlines() or [""])[0][:300]
    return f"The gradebook could not be {what}: {first}", (
        "Results are kept; close what else has it open and run autograder grade again."
    )
