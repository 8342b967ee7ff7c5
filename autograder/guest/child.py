"""The child: lock itself in, read its job, run the cells, run the cases, send arrays."""

from __future__ import annotations

import os
import socket
import sys
import warnings
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from . import imports, interpreter, lockdown, wire
from .cells import Kernel
from .completion import Completion
from .contract import Contract, read_contract
from .exam import Case, read_cases
from .handout import use_theirs
from .output import Ring
from .placebo import Placebo
from .shell import ZMQInteractiveShell
from .standins import StandIn
from .student import Student
from .trace import Trace
from .uses import uses

RECURSION_LIMIT = 1500
"""Room for three Python frames at each of 300 operations, the depth that must work."""


def run(
    job: int,
    settings: lockdown.Settings,
    ruleset: int,
    known: list[Case],
    shell: ZMQInteractiveShell,
) -> NoReturn:
    """Serve one submission on the socket ``job``, then leave without any clean-up handler.

    Parameters
    ----------
    known
        The cases that the worker has read already; a job names them by their place.
    shell
        IPython, started by the worker.
    """
    try:
        channel = socket.socket(fileno=job)
        for descriptor in (0, 1, 2):
            os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
        lockdown.apply(settings, ruleset)
        # From here on whatever goes wrong is the submission's doing: the host knows by this frame.
        wire.send(channel, {"type": "locked"})
        _serve(channel, settings, known, shell)
        os._exit(0)
    except BaseException:  # nothing of the worker may run in this process
        os._exit(70)
    os._exit(70)


def _serve(
    channel: socket.socket,
    settings: lockdown.Settings,
    known: list[Case],
    shell: ZMQInteractiveShell,
) -> None:
    sys.setrecursionlimit(RECURSION_LIMIT)
    screen = Ring(settings.output_bytes)
    sys.stdout = sys.stderr = screen
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    job: wire.Json | None
    job, payload = wire.receive(channel.fileno())
    contract = read_contract(settings.contract)
    student = run_cells(job, shell, contract, lambda frame: wire.send(channel, frame))
    student.complete = Completion(student)
    while job is not None:
        cases = [*known, *read_cases(job["cases"], payload)]
        for index, place in job["order"]:
            placebo = job["placebos"].get(str(index))
            reply, packed = _run_case(cases[place], student, traced=job["traced"], placebo=placebo)
            wire.send(channel, {"type": "case", "index": index, **reply}, packed)
        wire.send(channel, {"type": "done", "output": screen.tail()})
        job, payload = _next_job(channel)


def run_cells(
    job: wire.Json,
    shell: ZMQInteractiveShell,
    contract: Contract,
    report: Callable[[wire.Json], None],
) -> Student:
    """Run a job's cells, and return the namespace that they leave."""
    student = Student("__main__", contract)
    student.unreal = (StandIn,)
    use_theirs(job["modules"])
    imports.install(student.namespace)
    _be_a_script(student, job["script"])
    sources = [cell["source"] for cell in job["cells"]]
    kernel = Kernel(student, shell, sources, frozenset(job["wanted"]), report)
    for cell in job["cells"]:
        report(kernel.run(cell))
    imports.after_cells()
    return student


def _be_a_script(student: Student, name: str) -> None:
    """Set what a file finds when it is run as a script, or what a notebook finds."""
    sys.argv = [name]
    if name:
        student.namespace["__file__"] = os.path.join(os.getcwd(), name)  # noqa: PTH109, PTH118 # no pathlib before the cells


def _next_job(channel: socket.socket) -> tuple[wire.Json | None, bytes]:
    try:
        return wire.receive(channel.fileno())
    except EOFError:
        return None, b""


def _run_case(
    case: Case, student: Student, *, traced: bool, placebo: wire.Json | None
) -> tuple[dict[str, Any], bytes]:
    packer = wire.Packer()
    program, drawn = case
    inputs = {key: array.copy() for key, array in drawn.items()}
    uses.reset()
    if placebo is not None:
        with Placebo(student, program, placebo) as put:
            reply = interpreter.run(
                program, inputs, student, packer,
                note_value=put.note_value, note_input=put.note_value,
            )  # fmt: skip
    elif traced:
        with Trace(student, packer) as trace:
            reply = interpreter.run(
                program, inputs, student, packer,
                note_value=trace.note_value, note_input=trace.note_input,
            )  # fmt: skip
        reply |= {
            "applications": trace.applications, "results": trace.results, "nodes": trace.nodes
        }  # fmt: skip
    else:
        reply = interpreter.run(program, inputs, student, packer)
    return {**reply, "stand_in": uses.found()}, packer.payload()
