"""The course's configuration: ``config.yaml``, decoded into typed records."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import yaml
from msgspec import Meta

from autograder.errors import ConfigError
from autograder.model import EXTRA_CREDIT, Kind, Record

CONFIG_NAME = "config.yaml"

Positive = Annotated[float, Meta(gt=0)]
Points = Annotated[float, Meta(ge=0)]
Identifier = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]*$")]


class Strict(Record, frozen=True, forbid_unknown_fields=True):
    """A record whose misspelt keys are errors."""


class Checkpoint(Strict, frozen=True):
    """A group of checks with a pass mark, as a share of its points."""

    id: Literal["checkpoint-1", "checkpoint-2"]
    title: str
    pass_at: Annotated[float, Meta(gt=0, le=1)] = 0.8


class Check(Strict, frozen=True, kw_only=True):
    """A group of hidden cases worth points."""

    id: Identifier
    kind: Kind
    points: Points
    cell: str
    title: str
    checkpoint: Literal["checkpoint-1", "checkpoint-2", "extra-credit"] = EXTRA_CREDIT  # type: ignore[assignment] # the constant is that literal
    needs: tuple[str, ...] = ()
    solution: str = ""


class Written(Strict, frozen=True):
    """A question that is graded by hand."""

    cell: str
    points: Points


class Limits(Strict, frozen=True):
    """What one submission may use; the unit is in each name.

    ``seconds`` are of the wall clock, ``cpu_seconds`` of processor time, both measured from
    outside. ``threads`` counts the submission's own first one; more processes are never allowed.
    """

    cell_seconds: Positive = 10
    cell_cpu_seconds: Positive = 10
    case_seconds: Positive = 5
    case_cpu_seconds: Positive = 5
    submission_seconds: Positive = 60
    submission_cpu_seconds: Positive = 60
    memory_mib: Annotated[int, Meta(ge=256)] = 768
    reply_mib: Annotated[int, Meta(ge=1, le=1024)] = 16
    output_kib: Annotated[int, Meta(ge=0)] = 64
    threads: Annotated[int, Meta(ge=1, le=1000)] = 64
    scratch_mib: Annotated[int, Meta(ge=0, le=256)] = 0


class Tolerance(Strict, frozen=True):
    """Accepted distance for each returned dtype, in multiples of single-precision noise."""

    float64: Positive = 4
    float32: Positive = 32


class Config(Strict, frozen=True, kw_only=True):
    """``config.yaml`` as a record."""

    course: str
    assignment: str
    notebook: str
    checkpoints: tuple[Checkpoint, ...]
    checks: tuple[Check, ...]
    stretch: tuple[Check, ...] = ()
    written: tuple[Written, ...] = ()
    limits: Limits = Limits()
    tolerance: Tolerance = Tolerance()
    packages: tuple[str, ...] = ()

    @property
    def all_checks(self) -> tuple[Check, ...]:
        """Required checks, then stretch checks."""
        return self.checks + self.stretch

    @property
    def cell_points(self) -> dict[str, float]:
        """Points of each automatically graded nbgrader cell; stretch cells count zero."""
        points: dict[str, float] = {}
        for check in self.all_checks:
            required = check.checkpoint != EXTRA_CREDIT
            points[check.cell] = points.get(check.cell, 0.0) + (check.points if required else 0.0)
        return points


def load_config(path: Path) -> Config:
    """Read and check ``config.yaml``.

    Raises
    ------
    ConfigError
        Naming the file, the key and the value that is wrong.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"There is no {path.name} in {path.parent}",
            "Run the command in the course's folder, or name it with --course DIR.",
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid YAML: {error}") from None
    try:
        config = msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {_locate(str(error), raw)}") from None
    _check_consistency(config, path)
    return config


def _locate(message: str, raw: object) -> str:
    """Turn "… - at `$.limits.cell_seconds`" into key, value and what is wrong."""
    found = re.search(r"^(.*) - at `\$\.?(.*)`$", message)
    if not found:
        return message
    what, key = found.groups()
    value = raw
    for name, index in re.findall(r"([A-Za-z_0-9]+)|\[(\d+)\]", key):
        try:
            value = value[int(index) if index else name]  # type: ignore[index] # walked by path
        except (KeyError, IndexError, TypeError):
            return f"key {key!r}: {what}"
    return f"key {key!r}, value {value!r}: {what}"


def _check_consistency(config: Config, path: Path) -> None:
    known = {checkpoint.id for checkpoint in config.checkpoints}
    seen: set[str] = set()
    for check in config.checks:
        if check.checkpoint not in known:
            raise ConfigError(
                f"{path}: check {check.id!r}: checkpoint {check.checkpoint!r} is not defined"
            )
    for check in config.stretch:
        if check.checkpoint != EXTRA_CREDIT:
            raise ConfigError(f"{path}: stretch check {check.id!r} cannot belong to a checkpoint")
    for check in config.all_checks:
        if check.id in seen:
            raise ConfigError(f"{path}: check {check.id!r} is defined twice")
        missing = [need for need in check.needs if need not in seen]
        if missing:
            raise ConfigError(
                f"{path}: check {check.id!r} needs {missing[0]!r}, which is not defined before it"
            )
        seen.add(check.id)
