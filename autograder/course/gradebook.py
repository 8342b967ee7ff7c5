"""nbgrader's gradebook: scores, comments, and what waits for a human, many submissions at a time.

nbgrader's own call for one submission loads and flushes its hundred rows one by one, which takes
longer than grading it. Rows are read and written here with a few statements for a whole batch, on
nbgrader's own tables, in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any

from autograder.course.desk import Marks
from autograder.course.handwork import HandGrade
from autograder.course.layout import Layout
from autograder.course.reader import trouble, without
from autograder.errors import InfrastructureError
from autograder.submission.notebooks import nbformat

Row = dict[str, Any]


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
        self._notebook = ""
        url = layout.gradebook_url
        try:
            self._book = api.Gradebook(url, course_id=layout.config.course)
        except ModuleNotFoundError as error:
            raise InfrastructureError(*without(error)) from error
        except Exception as error:
            message, remedy = trouble("opened", error)
            # An address may hold a password.
            raise InfrastructureError(message.replace(url, "its address"), remedy) from None

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
        """Find the assignment; a gradebook that does not know it learns it from release/."""
        try:
            if not self.knows_assignment():
                self._register(self._layout.config.assignment)
                self._find()
        except Exception as error:
            raise InfrastructureError(*trouble("read", error)) from error

    def knows_assignment(self) -> bool:
        """Find the assignment; tell whether it is there."""
        try:
            self._find()
        except self._api.MissingEntry:
            return False
        return True

    def _find(self) -> None:
        config = self._layout.config
        notebook = self._book.find_notebook(config.notebook, config.assignment)
        self._assignment: str = self._book.find_assignment(config.assignment).id
        self._notebook = notebook.id
        graded = [*notebook.grade_cells, *notebook.task_cells]
        commented = [*notebook.solution_cells, *notebook.task_cells]
        self._graded_cells = {cell.id: cell.name for cell in graded}
        self._commented_cells = {cell.id: cell.name for cell in commented}

    def _register(self, name: str) -> None:
        """Enter the released notebook's cells, as nbgrader's generate_assignment does."""
        from nbgrader.preprocessors import SaveCells

        self._book.update_or_create_assignment(name)
        settings = {
            "assignment": name,
            "notebook": self._layout.config.notebook,
            "db_url": self._layout.gradebook_url,
        }
        released = nbformat.read(self._layout.released_notebook, as_version=4)
        SaveCells().preprocess(released, {"nbgrader": settings})
        self._book.db.expire_all()

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
            raise InfrastructureError(*trouble("written", error)) from error

    def change(self, make: Callable[[Any, Any], None]) -> None:
        """Change the gradebook in one transaction, by its session and nbgrader's tables.

        Raises
        ------
        InfrastructureError
            When it cannot be written; then nothing is changed.
        """
        try:
            make(self._book.db, self._api)
            self._book.db.commit()
        except Exception as error:
            self._book.db.rollback()
            raise InfrastructureError(*trouble("written", error)) from error

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
        self._name(student, students)
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

    def _name(self, table: Any, students: Sequence[str]) -> None:
        """Make the rows that are missing; a student without names is called by the id."""
        from sqlalchemy import and_

        nameless = {"first_name": "", "last_name": table.c.id}
        neither = and_(table.c.first_name.is_(None), table.c.last_name.is_(None))
        mine = and_(table.c.id.in_(students), neither)
        self._book.db.connection().execute(table.update().where(mine).values(nameless))
        known = set(self._column(table.c.id, table.c.id, students))
        new = [name for name in students if name not in known]
        self._insert(table, [{"id": name, "first_name": "", "last_name": name} for name in new])

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
        hand = HandGrade() if old is None else HandGrade(
            old.auto_score, old.manual_score, old.extra_credit, bool(old.needs_manual_grade)
        )  # fmt: skip
        before, answered = marks.before, marks.answered.get(cell)
        score: float | None
        ours: float | None = None
        changed = before.other_file
        if marks.scores is None:
            score = None  # no zero for what nobody could read: a human decides
        elif answered is not None:
            # As nbgrader does: an unchanged answer is a zero, a written one waits for a human.
            score = None if answered else 0.0
            changed = changed and cell in before.rewritten
        else:
            score, ours = marks.scores.get(cell, (0.0, None))
        return {
            "auto_score": score,
            "needs_manual_grade": hand.waiting
            if before.same and hand.manual is not None
            else hand.needs_review(score, changed=changed),
            "extra_credit": before.keep_extra(cell, ours, hand.extra),
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
