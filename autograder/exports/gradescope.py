"""What Gradescope's own Download Grades writes for an assignment.

Gradescope takes no grades in; this is for programs that read its file.
"""

from __future__ import annotations

from autograder.exports.base import Exported, Job, Target, why_left
from autograder.exports.sheets import Cell, table
from autograder.grades import StudentGrade

_HEADER = (
    "First Name", "Last Name", "SID", "Email", "Sections", "Total Score", "Max Points", "Status",
    "Submission ID", "Submission Time", "Lateness (H:M:S)", "View Count", "Submission Count",
)  # fmt: skip


class Gradescope(Target):
    """A file in the layout of Review Grades > Download Grades > Download CSV."""

    name = "gradescope"
    file = "gradescope.csv"

    def export(self, job: Job) -> Exported:
        """Make the file: everybody is in it, with a status."""
        checkpoints = job.config.checkpoints
        titles = [f"{place}: {one.title}" for place, one in enumerate(checkpoints, 1)]
        rows = [_row(job, grade) for grade in job.grades.values()]
        scored = {
            student for student, grade in job.grades.items() if _total(job, grade) is not None
        }
        return Exported(
            table([*_HEADER, *titles], rows).encode("utf-8"),
            written=tuple(sorted(scored)),
            left={
                student: why_left(grade)
                for student, grade in job.grades.items()
                if student not in scored
            },
            lost={},
            notes=("Gradescope takes no grades in: this is what its Download Grades writes",),
        )


def _total(job: Job, grade: StudentGrade) -> float | None:
    return grade.total if job.so_far or grade.final else None


def _row(job: Job, grade: StudentGrade) -> list[Cell]:
    member, total = grade.member, _total(job, grade)
    absent = grade.state in {"missing", "excused", "expected"}
    scores = {one.id: one.score for one in grade.checkpoints}
    return [
        member.first,
        member.last,
        member.id,
        member.email,
        ", ".join(member.groups),
        total,
        job.config.max_score,
        "Missing" if absent else "Ungraded" if total is None else "Graded",
        "",
        member.handed_in,
        "" if absent else _clock(member.seconds_late),
        "",
        "",
        *(scores.get(one.id) if total is not None else None for one in job.config.checkpoints),
    ]


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest:02}"
