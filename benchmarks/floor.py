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

from autograder.grading.grader import Exam
from autograder.grading.verdicts import judge
from autograder.guest import wire
from autograder.model import Record
from autograder.sandbox import frames
from autograder.sandbox.channel import Channel
from autograder.sandbox.isolation import ENVIRONMENT
from autograder.sandbox.runtime import INERT_PACKAGES, find_runtime
from autograder.sandbox.session import CaseOutput, Lost, Session
from autograder.submission.load import Submission, load_submission
from benchmarks.measure import children_cpu, guest_worker

_BOOT = (
    "import sys; sys.path[:0] = [sys.argv[2]];from floor_guest import main; main(int(sys.argv[1]))"
)
Outputs = tuple[CaseOutput | Lost, ...]


class Cost(Record, frozen=True):
    """Seconds for a whole class on one worker: the children's processor time, ours, wall clock."""

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
            child_cpu=self.child_cpu + other.child_cpu,
            host_cpu=self.host_cpu + other.host_cpu,
            wall=self.wall + other.wall,
        )


_NOTHING = Cost(child_cpu=0.0, host_cpu=0.0, wall=0.0)


class Floor:
    """A warm process without walls, and its socket."""

    def __init__(self, exam: Exam) -> None:
        self._exam = exam
        self._folder = tempfile.TemporaryDirectory(prefix="floor-")
        runtime = find_runtime(exam.handout, exam.config.packages)
        guest = Path(__file__).with_name("floor_guest.py")
        for name, place in (*runtime.packages, ("floor_guest.py", guest)):
            (Path(self._folder.name) / name).symlink_to(place)
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 # our own command
                [str(runtime.python), "-I", "-S", "-B", "-c", _BOOT,
                 str(theirs.fileno()), self._folder.name],
                env=ENVIRONMENT, pass_fds=[theirs.fileno()],
            )  # fmt: skip
        self._send_cases()

    def _send_cases(self) -> None:
        described, offset = [], 0
        for case in self._exam.prepared:
            described.append({"offset": offset, "case": msgspec.Raw(case.encoded)})
            offset += len(case.payload)
        header = {
            "cases": described, "inert": INERT_PACKAGES,
            "output_bytes": self._exam.config.limits.output_kib << 10,
        }  # fmt: skip
        payload = b"".join(case.payload for case in self._exam.prepared)
        wire.send_encoded(self._socket, msgspec.json.encode(header), payload)

    def run(self, submission: Submission) -> Outputs:
        """Run one submission's cells and all cases; again without the case that ended a child."""
        outputs: dict[int, CaseOutput | Lost] = {}
        count = len(self._exam.prepared)
        while rest := [index for index in range(count) if index not in outputs]:
            outputs |= self._attempt(submission, rest)
            lost = next((index for index in rest if index not in outputs), None)
            if lost is not None:  # a case's own timer of processor time ended the child
                outputs[lost] = Lost(reason="timeout")
        return tuple(outputs[index] for index in range(count))

    def _attempt(self, submission: Submission, rest: list[int]) -> dict[int, CaseOutput]:
        job = {
            "module_name": submission.module_name, "cells": submission.cells, "rest": rest
        }  # fmt: skip
        wire.send_encoded(self._socket, msgspec.json.encode(job), b"")
        limits = self._exam.config.limits
        channel = Channel(self._socket, limits.reply_mib << 20, limits.threads)
        outputs: dict[int, CaseOutput] = {}
        while True:
            message, payload = channel.receive(time.monotonic() + 60)
            if isinstance(message, frames.Done):
                return outputs
            if isinstance(message, frames.CaseReport):
                observed = frames.values_of(message, payload)
                outputs[message.index] = CaseOutput(observed=observed, failure=message.failure)

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

    A submission that ends its child counts on neither side: its worker is replaced, and Linux adds
    the time of a killed PID namespace to nobody's.
    """
    submissions = [load_submission(path) for path in paths]
    totals = [_NOTHING, _NOTHING]
    with exam.worker(exam.choose_tier("auto")) as worker, Floor(exam) as floor:
        worker.start()

        def sandboxed(submission: Submission) -> Outputs:
            session = Session(worker, exam.config.limits, submission.module_name)
            return session.run(submission.cells, exam.prepared).cases

        for number, submission in enumerate(submissions):
            guest = guest_worker(os.getpid())
            sides = [
                partial(_cost, exam, sandboxed, submission, partial(children_cpu, guest)),
                partial(_cost, exam, floor.run, submission, floor.child_cpu),
            ]
            order = (0, 1) if number % 2 else (1, 0)
            found = {side: sides[side]() for side in order}
            if not Path(f"/proc/{guest}").exists():
                worker.start()
                continue
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
    try:
        child = child_cpu() - before
    except OSError:  # its worker was replaced
        child = 0.0
    return Cost(child_cpu=child, host_cpu=host, wall=wall), verdicts
