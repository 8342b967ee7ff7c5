"""The contract: which names an edition of the course pins, and what else they may be called.

It is data, made of the course's declarations: the sandbox is sent it, and the handout carries it.
What it says of a name goes by the key that recorded cases use: ``name`` is what the course calls
it, ``spellings`` are as good, and ``others`` are found and cost the check of names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Json = dict[str, Any]
PINNED, LIST, OPTIONS = "as pinned", "from a list", "with options"
"""Answers about a name or a constructor; each has a space, so that no name is one of them."""
FUNCTIONS = frozenset({"enable_autograd", "checkpoint"})
"""Parts that are functions of the module."""


@dataclass(frozen=True)
class Name:
    """What the course calls a part, what is as good, and what else people call it."""

    name: str
    spellings: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """How a program runs an operation: see the course's declarations for what each field means."""

    operator: str = ""
    method: str = ""
    made: str = ""
    function: str = ""
    by_position: tuple[str, ...] = ()
    spread: str = ""


@dataclass(frozen=True)
class Operation:
    """How to meet the node of an operation, and the words that name it in people's files.

    Attributes
    ----------
    op, operands, options
        A step of a program, and what it is computed on; operands of floats ask for a gradient.
    constructor
        Options of the rule's constructor with their defaults.
    words
        In small letters; with one of the contract's affixes they make the name of a rule.
    run
        How a program runs it.
    label, sign
        What sentences and drawings call it.
    """

    op: str
    operands: tuple[Any, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    constructor: Mapping[str, Any] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    run: Run = Run()
    label: str = ""
    sign: str = ""


@dataclass(frozen=True)
class Edition:
    """Another edition of the course, known by ``least`` of its classes with all of the methods."""

    title: str
    classes: tuple[str, ...]
    methods: tuple[str, ...]
    least: int


@dataclass(frozen=True)
class Contract:
    """The pinned names of an edition; rules are those that have an operation.

    Attributes
    ----------
    applied_by
        The class method of a rule that computes the operation and records the node on its result,
        as ``Mul.apply(a, b)``; empty where a rule is built from its operands by hand.
    always_tracked
        Whether operations are tracked without a function that turns tracking on.
    made_of
        ``numbers`` where a tensor is a single Python number, and made of nothing else.
    """

    names: Mapping[str, Name]
    operations: Mapping[str, Operation]
    affixes: tuple[str, ...]
    editions: Mapping[str, Edition]
    applied_by: str = ""
    always_tracked: bool = False
    made_of: str = "arrays"

    def __getitem__(self, key: str) -> str:
        """Return what the course calls a part."""
        return self.names[key].name

    @cached_property
    def runs(self) -> dict[str, Run]:
        """How each operation is run, by what programs call it."""
        return {operation.op: operation.run for operation in self.operations.values()}


def read_contract(data: Json) -> Contract:
    """Make the record of a contract's data."""
    return Contract(
        names={key: Name(**_tuples(found)) for key, found in data["names"].items()},
        operations={key: _operation(found) for key, found in data["operations"].items()},
        affixes=tuple(data["affixes"]),
        editions={key: Edition(**_tuples(found)) for key, found in data["editions"].items()},
        applied_by=data.get("applied_by", ""),
        always_tracked=data.get("always_tracked", False),
        made_of=data.get("made_of", "arrays"),
    )


def _operation(found: Json) -> Operation:
    return Operation(**_tuples({**found, "run": Run(**_tuples(found["run"]))}))


def _tuples(found: Json) -> Json:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in found.items()}
