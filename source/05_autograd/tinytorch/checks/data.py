"""The public cases: read from the file beside this one."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np

from .runner.contract import Contract, Operation, read_contract

Json = dict[str, Any]
EXTRA = "extra-credit"


@functools.lru_cache(maxsize=1)
def load() -> Json:
    """Return all that is known of the public checks."""
    text = (Path(__file__).parent / "cases.json").read_text(encoding="utf-8")
    found: Json = json.loads(text)
    return found


@functools.lru_cache(maxsize=1)
def contract() -> Contract:
    """Return the names of the assignment, and how its operations run and are called."""
    text = (Path(__file__).parent / "runner" / "contract.json").read_text(encoding="utf-8")
    return read_contract(json.loads(text))


@functools.lru_cache(maxsize=1)
def operations() -> dict[str, tuple[str, Operation]]:
    """Return the rule of each operation and what is told of it, by what programs call it."""
    return {told.op: (contract()[rule], told) for rule, told in contract().operations.items()}


def checks() -> list[Json]:
    """Return the checks in the order of the notebook."""
    found: list[Json] = load()["checks"]
    return found


def parts() -> list[str]:
    """Return the names of the notebook's parts, each one or several checks."""
    return list(dict.fromkeys(check["part"] for check in checks()))


def find(name: str) -> list[Json]:
    """Return the checks of a part, or the one check of that name.

    Raises
    ------
    KeyError
        With the names there are.
    """
    wanted = str(name).strip().lower().removeprefix("test_")
    found = [check for check in checks() if check["part"] == wanted.replace("-", "_")]
    found = found or [check for check in checks() if check["id"] == wanted.replace("_", "-")]
    if not found:
        raise KeyError(", ".join(parts()))
    return found


def array(described: Json) -> np.ndarray:
    """Return a fresh array of the shape and dtype that were written down."""
    return np.array(described["values"], dtype=described["dtype"]).reshape(described["shape"])
