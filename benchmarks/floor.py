"""The floor: what grading would cost with no sandbox at all, beside what it costs with ours.

Both run the same cells and cases of the same submissions, in turn, in warm processes; the same
functions decode and compare outside.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType

import msgspec

from autograder.grading.grader import Exam, job_of
from autograder.grading.verdicts import judge
from autograder.guest import wire
from autograder.model import Record
from autograder.sandbox import frames
from autograder.sandbox.cases import describe
from autograder.sandbox.channel import Channel
from autograder.sandbox.isolation import ENVIRONMENT
from autograder.sandbox.records import CaseOutput, Lost
from autograder.sandbox.runtime import find_runtime
from autograder.sandbox.session import Session
from autograder.submission.load import Submission, load_submission
from benchmarks.measure import children_cpu, guest_worker

_BOOT = (
    "import sys; sys.path[:0] = [sys.argv[2]];from floor_guest import main; main(int(sys.argv[1]))"
)
Outputs = tuple[CaseOutput | Lost, ...]


class Cost(Record, frozen=True):
    """Seconds for submissions on one worker: the children's processor time, ours, wall clock."""

    submissions: int
    child_cpu: float
    host_cpu: float
    wall: float

    @property
    def cpu(self) -> float:
        """Processor time of both sides."""
        return self.child_cpu + self.host_cpu

    def plus(self, other: Cost) -> Cost:
        """Return the sum."""
        return Cost(
            submissions=self.submissions + other.submissions,
            child_cpu=self.child_cpu + other.child_cpu,
            host_cpu=self.host_cpu + other.host_cpu,
            wall=self.wall + other.wall,
        )


_NOTHING = Cost(submissions=0, child_cpu=0.0, host_cpu=0.0, wall=0.0)


class Floor:
    """A warm process without walls, and its socket."""

    def __init__(self, exam: Exam) -> None:
        self._exam = exam
        self._folder = tempfile.TemporaryDirectory(prefix="floor-")
        runtime = find_runtime(exam.handout, exam.config.packages)
        guest = Path(__file__).with_name("floor_guest.py")
        for name, place in (*runtime.packages, ("floor_guest.py", guest)):
            link = Path(self._folder.name) / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(place)
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 # our own command
                [str(runtime.python), "-I", "-S", "-B", "-c", _BOOT,
                 str(theirs.fileno()), self._folder.name],
                env=ENVIRONMENT, pass_fds=[theirs.fileno()],
            )  # fmt: skip
        self._send_cases()

    def _send_cases(self) -> None:
        described, payload = describe(self._exam.prepared)
        header = {
            "cases": described,
            "contract": self._exam.config.contract_data,
            "output_bytes": self._exam.config.limits.output_kib << 10,
        }  # fmt: skip
        wire.send_encoded(self._socket, msgspec.json.encode(header), payload)

    def run(self, submission: Submission) -> Outputs:
        """Run one submission's cells and all cases."""
        job = job_of(submission)
        wire.send_encoded(self._socket, msgspec.json.encode(job), b"")
        limits = self._exam.config.limits
        channel = Channel(self._socket, limits.reply_mib << 20, limits.threads)
        outputs: list[CaseOutput] = []
        while True:
            message, payload = channel.receive(time.monotonic() + 60)
            if isinstance(message, frames.Done):
                return tuple(outputs)
            if isinstance(message, frames.CaseReport):
                observed = frames.values_of(message, payload)
                outputs.append(CaseOutput(observed=observed, failure=message.failure))

    def child_cpu(self) -> float:
        """Return the children's processor time so far."""
        return children_cpu(self._process.pid)

    def __enter__(self) -> Floor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()
        self._process.wait()
        self._folder.cleanup()


def compare_with_floor(exam: Exam, paths: Sequence[Path]) -> tuple[Cost, Cost]:
    """Grade each file in the sandbox and on the floor, in turn; return both costs.

    A submission that loses a cell or a case counts on neither side: the floor has nothing that
    would stop it.
    """
    submissions = [load_submission(path) for path in paths]
    totals = [_NOTHING, _NOTHING]
    with exam.worker(exam.choose_tier("auto")) as worker, Floor(exam) as floor:

        def sandboxed(submission: Submission) -> Outputs:
            session = Session(worker, exam.config.limits, job_of(submission))
            return session.run(exam.prepared).cases

        comparable = [
            submission
            for submission in submissions
            if not any(isinstance(output, Lost) for output in sandboxed(submission))
        ]
        sandboxed(comparable[0])  # the last one may have cost us the worker
        for number, submission in enumerate(comparable):
            guest = guest_worker(os.getpid())
            sides = [
                partial(_cost, exam, sandboxed, submission, partial(children_cpu, guest)),
                partial(_cost, exam, floor.run, submission, floor.child_cpu),
            ]
            order = (0, 1) if number % 2 else (1, 0)
            found = {side: sides[side]() for side in order}
            if found[0][1] != found[1][1]:
                sys.stderr.write(f"note: {submission.name}: the floor grades it otherwise\n")
            totals = [total.plus(found[side][0]) for side, total in enumerate(totals)]
    return totals[0], totals[1]


def _cost(
    exam: Exam,
    run: Callable[[Submission], Outputs],
    submission: Submission,
    child_cpu: Callable[[], float],
) -> tuple[Cost, list[str]]:
    """Run a submission and judge it; return what that cost, and the verdicts."""
    before, cpu, clock = child_cpu(), time.process_time(), time.monotonic()
    verdicts: list[str] = [
        judge(case, output, expected, exam.config.tolerance).status
        for case, output, expected in zip(
            exam.case_set.cases, run(submission), exam.expected, strict=True
        )
    ]
    host, wall = time.process_time() - cpu, time.monotonic() - clock
    child = child_cpu() - before
    return Cost(submissions=1, child_cpu=child, host_cpu=host, wall=wall), verdicts
