"""The floor's inside: a warm process that forks a child for each submission, without any walls.

It imports what the sandbox's worker imports, through the same folder of links, and runs the same
``guest.cells``, ``guest.shell`` and ``guest.interpreter``. Missing on purpose: namespaces,
Landlock, seccomp, resource limits.
"""

from __future__ import annotations

import os
import socket
import sys
import warnings
from typing import Any

import numpy as np

# Both names exist only in the folder of links that benchmarks/floor.py makes.
from guest import handout, home, interpreter, wire  # type: ignore[import-not-found]
from guest.child import RECURSION_LIMIT, run_cells  # type: ignore[import-not-found]
from guest.contract import read_contract  # type: ignore[import-not-found]
from guest.exam import read_cases  # type: ignore[import-not-found]
from guest.output import Ring  # type: ignore[import-not-found]
from guest.shell import start_shell  # type: ignore[import-not-found]
from guest.worker import settle, warm_up  # type: ignore[import-not-found]


def main(control_fd: int) -> None:
    """Receive the cases, then serve one submission after another until the socket closes."""
    handout.import_handout()
    handout.silence_checks()
    handout.let_handout_wait()
    home.furnish()
    warm_up()
    shell = start_shell()
    control = socket.socket(fileno=control_fd)
    exam, payload = wire.receive(control.fileno())
    cases = read_cases(exam["cases"], payload)
    settle()
    while True:
        try:
            job, _ = wire.receive(control.fileno())
        except EOFError:
            return
        process = os.fork()
        if process == 0:
            try:
                _child(control, job, exam, cases, shell)
            finally:
                os._exit(0)
        os.waitpid(process, 0)
        wire.send(control, {"type": "done"})


def _child(
    control: socket.socket,
    job: dict[str, Any],
    exam: dict[str, Any],
    cases: list[Any],
    shell: Any,
) -> None:
    sys.setrecursionlimit(RECURSION_LIMIT)
    sys.stdout = sys.stderr = Ring(exam["output_bytes"])
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    contract = read_contract(exam["contract"])
    student = run_cells(job, shell, contract, lambda frame: wire.send(control, frame))
    for index, (program, drawn) in enumerate(cases):
        packer = wire.Packer()
        inputs = {key: array.copy() for key, array in drawn.items()}
        reply = interpreter.run(program, inputs, student, packer)
        wire.send(control, {"type": "case", "index": index, **reply}, packer.payload())
