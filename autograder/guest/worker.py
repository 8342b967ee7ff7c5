"""The worker: imports NumPy and the handout once, then forks one child for each submission.

It reads the cases, which are the same for everybody, and never a job. Job bytes go straight from
the host to the child through a socket that is passed along, so neither the worker nor the next
child ever holds anything of a submission.
"""

from __future__ import annotations

import gc
import json
import os
import socket
import sys

import numpy as np

from . import child, handout, home, lockdown, wire
from .exam import read_cases
from .shell import start_shell

CASES_FD = 0
"""Standard input: a frame with the cases."""


def main(control_fd: int, settings_json: str) -> None:
    """Serve until the control socket closes.

    Parameters
    ----------
    control_fd
        Socket on which the host passes one job socket at a time; the answer is a wait status.
    settings_json
        Limits and read-only paths, see :class:`lockdown.Settings`.
    """
    settings = lockdown.Settings(**json.loads(settings_json))
    lockdown.end_with_parent()
    ruleset = lockdown.prepare(settings)
    sys.path[:0] = settings.import_paths
    handout.import_handout()
    handout.silence_checks()
    handout.let_handout_wait()
    home.furnish()
    warm_up()
    shell = start_shell()
    described, payload = wire.receive(CASES_FD)
    known = read_cases(described["cases"], payload)
    os.dup2(os.open(os.devnull, os.O_RDWR), CASES_FD)
    settle()
    control = socket.socket(fileno=control_fd)
    hello = json.dumps({"numpy": np.__version__, "tier": settings.tier}).encode()
    scratch = [] if settings.tier != "L" else [os.open(settings.scratch, os.O_RDONLY)]
    socket.send_fds(control, [hello], scratch)
    for descriptor in scratch:
        os.close(descriptor)
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 16, 1)
        if not message:
            return
        job = descriptors[0]
        process = os.fork()
        if process == 0:
            control.close()
            child.run(job, settings, ruleset, known, shell)
        os.close(job)
        _, status = os.waitpid(process, 0)
        control.sendall(wire.STATUS.pack(status))


def settle() -> None:
    """Keep the garbage collector of each child off what the worker has made.

    Looking at it finds nothing, and copies each of its pages: 30 ms for each full collection.
    """
    gc.collect()
    gc.freeze()


def warm_up() -> None:
    """Let NumPy make now what it makes on first use; each child would make it again.

    BLAS reserves its buffers in the first product, which takes as long as twenty cells.
    """
    for dtype in (np.float64, np.float32):
        matrix = np.ones((16, 16), dtype)
        matrix @ matrix  # the products alone matter
        matrix[0] @ matrix
        for function in (np.exp, np.log, np.tanh, np.sqrt, np.sum, np.mean, np.max, repr):
            function(matrix)
    np.random.seed(0)  # the notebook's demonstrations use it
    np.random.randn(2, 2)
