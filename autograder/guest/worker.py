"""The worker: imports NumPy and the handout once, then forks one child for each submission.

It never reads a job. Job bytes go straight from the host to the child through a socket that is
passed along, so neither the worker nor the next child ever holds anything of a submission.
"""

from __future__ import annotations

import importlib
import json
import os
import socket
import struct
import sys

import numpy as np

from . import child, inert, lockdown

STATUS = struct.Struct(">i")
HANDOUT = ("tensor", "activations", "layers", "losses")


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
    for name in HANDOUT:
        importlib.import_module(f"tinytorch.core.{name}")
    inert.silence_checks()
    control = socket.socket(fileno=control_fd)
    control.sendall(json.dumps({"numpy": np.__version__, "tier": settings.tier}).encode())
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 16, 1)
        if not message:
            return
        job = descriptors[0]
        process = os.fork()
        if process == 0:
            control.close()
            child.run(job, settings, ruleset)
        os.close(job)
        _, status = os.waitpid(process, 0)
        control.sendall(STATUS.pack(status))
