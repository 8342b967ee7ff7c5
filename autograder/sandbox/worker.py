"""One worker process, from the trusted side."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from typing import IO, Any

import msgspec

from autograder.config import Limits
from autograder.errors import IsolationError
from autograder.guest import wire
from autograder.sandbox.cases import PreparedCase, describe
from autograder.sandbox.isolation import ENVIRONMENT, SCRATCH, Tier, worker_command
from autograder.sandbox.runtime import Runtime
from autograder.sandbox.scratch import FileSystem, Folder, Scratch, make_folder

START_SECONDS = 30
REAP_SECONDS = 1
LIVED_ON = -1


class Worker:
    """Starts a zygote, hands it jobs one at a time, and replaces it after anything abnormal.

    Parameters
    ----------
    cases
        What each job is likely to need: the zygote reads them once, for all of its children.
    contract
        The names that the course pins, as data; None for those of the package.
    """

    def __init__(
        self,
        tier: Tier,
        runtime: Runtime,
        limits: Limits,
        cases: Sequence[PreparedCase] = (),
        contract: dict[str, Any] | None = None,
    ) -> None:
        self.tier: Tier = tier
        self.cases_known = len(cases)
        self._runtime = runtime
        self._limits = limits
        self._cases = cases
        self._contract = contract
        self._places = {id(case): place for place, case in enumerate(cases)}
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self.scratch: Scratch | None = None
        self.processor: int | None = None
        """Which of our processors it and its children are kept to, counted from 0; None for all:
        threads beyond measure then slow down themselves, and no neighbour."""

    def start(self) -> None:
        """Start the process and wait until it is warm.

        Raises
        ------
        IsolationError
            When it does not come up; the message holds what it printed.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        folder = None if self.tier == "L" else make_folder()
        processors = os.sched_getaffinity(0)
        if self.processor is not None:
            os.sched_setaffinity(0, {sorted(processors)[self.processor % len(processors)]})
        with theirs, tempfile.TemporaryFile() as complaints, self._cases_file() as cases:
            self._process = subprocess.Popen(  # noqa: S603 # our own command, no shell
                worker_command(
                    self.tier,
                    self._runtime,
                    self._limits,
                    theirs.fileno(),
                    str(folder or SCRATCH),
                    self._contract,
                ),
                stdin=cases,
                stdout=subprocess.DEVNULL,
                stderr=complaints,
                env=ENVIRONMENT,
                cwd="/",
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
            os.sched_setaffinity(0, processors)
            theirs.close()
            ours.settimeout(START_SECONDS)
            try:
                hello, descriptors, _, _ = socket.recv_fds(ours, 4096, 1)
            except OSError:
                hello, descriptors = b"", []
            size = self._limits.scratch_mib << 20
            if folder is not None:
                self.scratch = Folder(folder, size)
            elif descriptors:
                self.scratch = FileSystem(descriptors[0], size)
            if not hello or self.scratch is None:
                self.stop()
                raise IsolationError(
                    f"The sandbox (tier {self.tier}) does not start on this machine:\n"
                    f"{_last_words(complaints)}",
                    "autograder doctor explains what is missing.",
                )

    def place_of(self, case: PreparedCase) -> int | None:
        """Return the place of a case that the zygote has read, this very object, or None."""
        return self._places.get(id(case))

    def _cases_file(self) -> IO[bytes]:
        """Return a file in memory that holds the cases' frame."""
        described, payload = describe(self._cases)
        file = os.fdopen(os.memfd_create("cases"), "w+b")
        file.write(wire.frame(msgspec.json.encode({"cases": described}), payload))
        file.seek(0)
        return file

    def submit(self) -> socket.socket:
        """Fork a child for one job; return our end of its socket."""
        if self.scratch is not None and not self.scratch.empty():
            self.stop()
        if self._process is None or self._process.poll() is not None:
            self.stop()
            self.start()
        assert self._control is not None  # noqa: S101 # start() has made it
        ours, theirs = socket.socketpair()
        # The kernel will say who sends: nothing inside can forge the number of its process.
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        with theirs:
            socket.send_fds(self._control, [b"job"], [theirs.fileno()])
        return ours

    def reap(self) -> int | None:
        """Return the wait status of a child that has said its last word.

        Returns
        -------
        int or None
            -1 where the child lives on and was killed with its worker, None where the worker is
            not there any more.
        """
        assert self._control is not None  # noqa: S101 # a job was submitted
        self._control.settimeout(REAP_SECONDS)
        try:
            answer = self._control.recv(64)
        except TimeoutError:
            self.stop()
            return LIVED_ON
        except OSError:
            answer = b""
        if len(answer) != wire.STATUS.size:
            self.stop()
            return None
        return int(wire.STATUS.unpack(answer)[0])

    def stop(self) -> None:
        """Kill the worker and everything below it."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
        if self.scratch is not None:
            self.scratch.close()
            self.scratch = None

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *details: object) -> None:
        self.stop()


def _last_words(complaints: IO[bytes]) -> str:
    time.sleep(0.05)
    complaints.seek(0)
    text = complaints.read(4000).decode("utf-8", "replace").strip()
    return text or "it printed nothing"
