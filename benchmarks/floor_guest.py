"""The floor's inside: a warm process that forks a child for each submission, without any walls.

It imports what the sandbox's worker imports, through the same folder of links, and runs the same
``guest.cells`` and ``guest.interpreter``. Missing on purpose: namespaces, Landlock, seccomp,
resource limits.
"""

from __future__ import annotations

import importlib
import os
import socket
import sys
import warnings
from typing import Any

import numpy as np

# Both names exist only in the folder of links that benchmarks/floor.py makes.
from guest import cells, inert, interpreter, wire  # type: ignore[import-not-found]
from guest.child import RECURSION_LIMIT  # type: ignore[import-not-found]
from guest.exam import read_cases  # type: ignore[import-not-found]
from guest.student import Student  # type: ignore[import-not-found]
from guest.worker import HANDOUT, warm_up  # type: ignore[import-not-found]


def main(control_fd: int) -> None:
    """Receive the cases, then serve one submission after another until the socket closes."""
    for name in HANDOUT:
        importlib.import_module(f"tinytorch.core.{name}")
    inert.silence_checks()
    warm_up()
    control = socket.socket(fileno=control_fd)
    exam, payload = wire.receive(control.fileno())
    cases = read_cases(exam["cases"], payload)
    while True:
        try:
            job, _ = wire.receive(control.fileno())
        except EOFError:
            return
        process = os.fork()
        if process == 0:
            try:
                _child(control, job, exam, cases)
            finally:
                os._exit(0)
        os.waitpid(process, 0)
        wire.send(control, {"type": "done"})


def _child(
    control: socket.socket, job: dict[str, Any], exam: dict[str, Any], cases: list[Any]
) -> None:
    sys.setrecursionlimit(RECURSION_LIMIT)
    sys.stdout = sys.stderr = cells.Ring(exam["output_bytes"])
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    inert.install(exam["inert"])
    student = Student(job["module_name"])
    for cell in job["cells"]:
        report = cells.run_cell(cell, student)
        wire.send(control, {"type": "cell", "index": cell["index"], **report})
    for index, (program, drawn) in enumerate(cases):
        packer = wire.Packer()
        inputs = {key: array.copy() for key, array in drawn.items()}
        reply = interpreter.run(program, inputs, student, packer)
        wire.send(control, {"type": "case", "index": index, **reply}, packer.payload())
