"""A hidden case, recorded: inputs to draw and steps to run, some of which observe a value.

The recording is plain data. The reference and the submission run the same one, so it holds no
expected value and nothing that only one of them could understand.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from autograder.model import Record

Role = Literal["leaf", "constant", "array", "labels"]
Draw = Literal["normal", "positive", "probability", "binary", "kinked", "labels"]
DType = Literal["float64", "float32", "int64"]
Argument: TypeAlias = "int | tuple[int | float, ...]"
"""The id of an earlier value, or a one-element tuple around a literal number."""


class Input(Record, frozen=True):
    """A value drawn from the seed.

    ``role`` says what the program gets: a tensor that asks for a gradient (``leaf``), one that
    does not (``constant``), a bare ndarray (``array``), or a tensor of class indices (``labels``).
    ``name`` is what public cases call it in reports.
    """

    id: int
    role: Role
    shape: tuple[int, ...]
    dtype: DType = "float64"
    draw: Draw = "normal"
    scale: float = 1.0
    classes: int = 0
    name: str = ""


class Step(Record, frozen=True, array_like=True):
    """One instruction and the id of the value it defines; as JSON an array: there are many."""

    op: str
    out: int
    args: tuple[Argument, ...] = ()
    options: dict[str, object] = {}  # noqa: RUF012 # msgspec makes a fresh dict for each record


class Body(Record, frozen=True):
    """A function that a program passes on: its parameters, its steps, and what it returns."""

    parameters: tuple[int, ...]
    steps: tuple[Step, ...]
    result: int


class Program(Record, frozen=True):
    """Inputs and steps in order.

    ``engine`` says that tensors must be tracked. ``cpu_seconds`` is a budget of processor time, and
    ``frames`` of nested Python calls, for cases that are about cost; 0 where there is none beside
    the limits of the course. ``bodies`` are the steps of functions that the program passes on.
    """

    inputs: tuple[Input, ...]
    steps: tuple[Step, ...]
    engine: bool
    cpu_seconds: float = 0.0
    frames: int = 0
    bodies: tuple[Body, ...] = ()

    @property
    def about_cost(self) -> bool:
        """Whether the case is about time or memory rather than values."""
        return self.cpu_seconds > 0 or any(step.op == "measure" for step in self.steps)

    @property
    def observations(self) -> tuple[Step, ...]:
        """The steps whose value leaves the sandbox."""
        return tuple(step for step in self.steps if step.op == "observe")
