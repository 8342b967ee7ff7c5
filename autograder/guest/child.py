"""The child: lock itself in, read its job, run the cells, run the cases, send arrays."""

from __future__ import annotations

import os
import socket
import sys
import warnings
from typing import Any, NoReturn

import numpy as np

from . import cells, inert, interpreter, lockdown, wire
from .exam import Case, read_cases
from .student import Student
from .trace import Trace

RECURSION_LIMIT = 1500
"""Room for three Python frames at each of 300 operations, the depth that must work."""


def run(job: int, settings: lockdown.Settings, ruleset: int, known: list[Case]) -> NoReturn:
    """Serve one submission on the socket ``job``, then leave without any clean-up handler.

    Parameters
    ----------
    known
        The cases that the worker has read already; a job names them by their place.
    """
    try:
        channel = socket.socket(fileno=job)
        for descriptor in (0, 1, 2):
            os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
        lockdown.apply(settings, ruleset)
        # From here on whatever goes wrong is the submission's doing: the host knows by this frame.
        wire.send(channel, {"type": "locked"})
        _serve(channel, settings, known)
        os._exit(0)
    except BaseException:  # nothing of the worker may run in this process
        os._exit(70)
    os._exit(70)


def _serve(channel: socket.socket, settings: lockdown.Settings, known: list[Case]) -> None:
    sys.setrecursionlimit(RECURSION_LIMIT)
    output = cells.Ring(settings.output_bytes)
    sys.stdout = sys.stderr = output
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    job: wire.Json | None
    job, payload = wire.receive(channel.fileno())
    inert.install(settings.inert)
    student = Student(job["module_name"])
    for cell in job["cells"]:
        report = cells.run_cell(cell, student)
        wire.send(channel, {"type": "cell", "index": cell["index"], **report})
    while job is not None:
        cases = [*known, *read_cases(job["cases"], payload)]
        for index, place in job["order"]:
            reply, packed = _run_case(cases[place], student, traced=job["traced"])
            wire.send(channel, {"type": "case", "index": index, **reply}, packed)
        wire.send(channel, {"type": "done", "output": output.tail()})
        job, payload = _next_job(channel)


def _next_job(channel: socket.socket) -> tuple[wire.Json | None, bytes]:
    try:
        return wire.receive(channel.fileno())
    except EOFError:
        return None, b""


def _run_case(case: Case, student: Student, *, traced: bool) -> tuple[dict[str, Any], bytes]:
    packer = wire.Packer()
    program, drawn = case
    inputs = {key: array.copy() for key, array in drawn.items()}
    if not traced:
        return interpreter.run(program, inputs, student, packer), packer.payload()
    with Trace(student, packer) as trace:
        reply = interpreter.run(program, inputs, student, packer, note_value=trace.note_value)
    reply |= {"applications": trace.applications, "results": trace.results}
    return reply, packer.payload()
