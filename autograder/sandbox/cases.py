"""Cases as they go into the sandbox: programs and drawn inputs, without any expected value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from autograder.cases.program import Program
from autograder.guest import wire
from autograder.model import Record


class PreparedCase(Record, frozen=True):
    """A program with its drawn inputs, encoded once for the whole class.

    ``last`` says that it runs after all the others of a submission, since it may leave the engine
    in another state: it calls ``enable_autograd()`` again.
    """

    encoded: bytes
    payload: bytes
    cpu_seconds: float = math.inf
    last: bool = False


def prepare(program: Program, inputs: dict[int, NDArray[np.generic]]) -> PreparedCase:
    """Encode a program and its inputs."""
    packer = wire.Packer()
    described = {str(key): packer.add(array) for key, array in inputs.items()}
    encoded = msgspec.json.encode({"program": program, "inputs": described})
    return PreparedCase(
        encoded=encoded,
        payload=packer.payload(),
        cpu_seconds=program.cpu_seconds or math.inf,
        last=any(step.op == "enable" for step in program.steps),
    )


def describe(cases: Sequence[PreparedCase]) -> tuple[list[dict[str, Any]], bytes]:
    """Return cases for a frame's header, and its payload."""
    described, offset = [], 0
    for case in cases:
        described.append({"offset": offset, "case": msgspec.Raw(case.encoded)})
        offset += len(case.payload)
    return described, b"".join(case.payload for case in cases)
