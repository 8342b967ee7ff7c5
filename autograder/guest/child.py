"""The child: lock itself in, read its job, run the cells, run the cases, send arrays."""

from __future__ import annotations

import os
import socket
import sys
import warnings
from typing import Any, NoReturn

import numpy as np

from . import cells, inert, interpreter, lockdown, wire
from .student import Student
from .trace import Trace

RECURSION_LIMIT = 1500
"""Room for three Python frames at each of 300 operations, the depth that must work."""


def run(job: int, settings: lockdown.Settings, ruleset: int) -> NoReturn:
    """Serve one submission on the socket ``job``, then leave without any clean-up handler."""
    try:
        channel = socket.socket(fileno=job)
        for descriptor in (0, 1, 2):
            os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
        lockdown.apply(settings, ruleset)
        # From here on whatever goes wrong is the submission's doing: the host knows by this frame.
        wire.send(channel, {"type": "locked"})
        _serve(channel, settings)
        os._exit(0)
    except BaseException:  # nothing of the worker may run in this process
        os._exit(70)
    os._exit(70)


def _serve(channel: socket.socket, settings: lockdown.Settings) -> None:
    sys.setrecursionlimit(RECURSION_LIMIT)
    output = cells.Ring(settings.output_bytes)
    sys.stdout = sys.stderr = output
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    job, payload = wire.receive(channel)
    inert.install(settings.inert)
    student = Student(job["module_name"])
    for cell in job["cells"]:
        report = cells.run_cell(cell, student)
        wire.send(channel, {"type": "cell", "index": cell["index"], **report})
    for case in job["cases"]:
        reply, packed = _run_case(case, payload, student, traced=job["traced"])
        wire.send(channel, {"type": "case", "index": case["index"], **reply}, packed)
    wire.send(channel, {"type": "done", "output": output.tail()})


def _run_case(
    case: dict[str, Any], payload: bytes, student: Student, *, traced: bool
) -> tuple[dict[str, Any], bytes]:
    packer = wire.Packer()
    start, body = case["offset"], case["case"]
    inputs = {int(key): wire.unpack(value, payload, start) for key, value in body["inputs"].items()}
    if not traced:
        return interpreter.run(body["program"], inputs, student, packer), packer.payload()
    with Trace(student, packer) as trace:
        reply = interpreter.run(
            body["program"], inputs, student, packer, note_value=trace.note_value
        )
    reply |= {"applications": trace.applications, "results": trace.results}
    return reply, packer.payload()
