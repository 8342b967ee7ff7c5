"""The cases as the guest runs them: read once by the worker, before it forks.

A child inherits them. What it does to them is its own affair: the next one has the worker's.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import wire

Case = tuple[dict[str, Any], dict[int, "np.ndarray[Any, Any]"]]
"""A program, and its inputs by id."""


def read_cases(described: list[dict[str, Any]], payload: bytes) -> list[Case]:
    """Decode cases of a frame; each has ``case`` and the ``offset`` of its inputs' bytes."""
    return [
        (
            entry["case"]["program"],
            {
                int(key): wire.unpack(array, payload, entry["offset"])
                for key, array in entry["case"]["inputs"].items()
            },
        )
        for entry in described
    ]
