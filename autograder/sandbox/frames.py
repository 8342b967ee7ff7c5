"""What the guest says, as typed records. Every byte may have been written by a hostile submission.

Headers are decoded into records with bounds on every length; arrays must be of four plain dtypes
and must fit their bytes exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from autograder.guest.wire import DTYPES
from autograder.model import Record

MAX_OUTPUT = 1 << 20
MAX_DIMENSIONS = 16
MAX_EMPTY_EXTENT = 1 << 40
"""NumPy counts an empty array's bytes without its zeros, and overflows at 2⁶³."""

Text = Annotated[str, Meta(max_length=1000)]
Size = Annotated[int, Meta(ge=0, le=1 << 40)]
Place = Annotated[int, Meta(ge=0, le=1 << 31)]
Form = Literal[
    "tuple", "tensors", "nothing", "array", "tensor", "number", "generator", "other", "raised"
]
StepResult = Literal["nothing", "array", "constant", "leaf", "node", "silent", "other"]


class Malformed(Exception):  # noqa: N818 # a finding about the bytes, not a fault of ours
    """The guest's bytes are not a frame that we accept."""


class ArrayFrame(Record, frozen=True):
    """Where an array lies in the payload."""

    dtype: Literal["float64", "float32", "int64", "bool"]
    shape: Annotated[tuple[Size, ...], Meta(max_length=MAX_DIMENSIONS)]
    offset: Size
    size: Size


class Error(Record, frozen=True):
    """An exception of the submission, or a part of it that the grader did not find.

    What concerns names is checked against the contract and the submission's text before it is used
    (``grading/naming.py``).

    Attributes
    ----------
    absent, entry, owner
        What the grader reached for in vain: a part of the contract, and what lacks it.
    edition
        The other edition of the course that the submission looks like.
    form
        What a rule returned instead of a tuple.
    shadowed, bound, bound_in
        A function's name that was bound to something else, the type of that, and the cell.
    """

    type: Text
    message: Text
    cell: Place | None = None
    line: Place | None = None
    op: Text = ""
    absent: Literal["", "method", "attribute", "constructor", "name"] = ""
    entry: Text = ""
    owner: Text = ""
    edition: Text = ""
    form: Literal[
        "", "nothing", "array", "tensor", "number", "generator", "other", "few", "saved-few"
    ] = ""
    shadowed: Text = ""
    bound: Text = ""
    bound_in: Place | None = None


class StandIn(Record, frozen=True):
    """A stand-in of which a case has made a number: what it stands for, and where that was.

    ``name`` is a package, or ``module:name`` for a name that a module lacks.
    """

    name: Annotated[str, Meta(max_length=60)]
    cell: Place | None = None
    line: Place | None = None


class Observed(Record, frozen=True):
    """One observed value: an array, a name, or nothing."""

    kind: Literal["array", "text", "none"]
    array: ArrayFrame | None = None
    text: Text | None = None


class Locked(Record, frozen=True, tag="locked"):
    """The child has given everything up; what follows is the submission's doing."""


class Loss(Record, frozen=True):
    """A top-level statement that was lost: it raised, or it is no Python.

    Attributes
    ----------
    syntax
        Whether it is no Python here.
    needs
        The version of Python in which it would be, where one is known.
    wanted
        Whether it would have bound a name of the assignment.
    """

    error: Error
    syntax: bool = False
    needs: Literal["", "2", "3.12", "3.13", "3.14", "3.15"] = ""
    wanted: bool = False


class StatementReport(Record, frozen=True, tag="statement"):
    """A statement of a cell that is run with care is about to run."""

    index: Place
    number: Place
    line: Place
    wanted: bool = False


class CellReport(Record, frozen=True, tag="cell"):
    """A cell has run.

    Attributes
    ----------
    losses
        The first statements that were lost.
    skipped
        Whether a shell line, or a magic that runs, installs or writes something, was left out.
    restored
        Whether the released text of the cell ran after it.
    stand_ins
        Whether something that is not installed here was replaced.
    """

    index: Place
    losses: Annotated[tuple[Loss, ...], Meta(max_length=100)] = ()
    skipped: bool = False
    restored: bool = False
    stand_ins: bool = False


Whose = Annotated[int, Meta(ge=-1, le=1 << 31)]
Operands = Annotated[tuple[ArrayFrame | None, ...], Meta(max_length=8)]


class AppliedFrame(Record, frozen=True):
    """One call of a rule's ``apply``, as the submission's process tells it.

    Attributes
    ----------
    rule
        Name of its class: text of the submission.
    step
        The step of the program whose result carries this node, where it is known.
    depth
        How many other calls of rules were under way.
    operands, incoming, entries
        Saved operands, the gradient that came in, and what went out; None for what is no array.
    asking
        Of each saved operand, whether it asks for a gradient.
    form
        How it ended.
    changed
        Whether the rule wrote into the array that came in.
    count
        How many entries came out; -1 where that is not known.
    """

    rule: Text
    step: Place | None
    depth: Place
    operands: Operands
    asking: Annotated[tuple[bool, ...], Meta(max_length=8)]
    incoming: ArrayFrame | None
    form: Form
    entries: Operands
    changed: bool = False
    count: Annotated[int, Meta(ge=-1, le=99)] = -1


class NodeFrame(Record, frozen=True):
    """What a step's result is like, as the submission's process tells it.

    Attributes
    ----------
    kept
        Of each tensor that its node keeps: which value of the program it is; -1 for another tensor
        that no operation made; None for all else.
    asking
        Of each argument of the step, whether it asked for a gradient.
    elsewhere
        Whether the node stands under another name than the assignment's.
    value
        The result's numbers, where there was room.
    """

    kept: Annotated[tuple[Whose | None, ...], Meta(max_length=8)] = ()
    asking: Annotated[tuple[bool, ...], Meta(max_length=8)] = ()
    elsewhere: bool = False
    value: ArrayFrame | None = None


class Node(Record, frozen=True):
    """A :class:`NodeFrame` with its array."""

    kept: tuple[int | None, ...] = ()
    asking: tuple[bool, ...] = ()
    elsewhere: bool = False
    value: NDArray[np.generic] | None = None


class CaseReport(Record, frozen=True, tag="case"):
    """A case has run.

    ``applications``, ``results`` and ``nodes`` are there for a case that was traced: the calls of
    rules in order, and for each step by number what its result was, and was like.
    """

    index: Place
    observed: Annotated[dict[Text, Observed], Meta(max_length=1000)]
    failure: Error | None = None
    stand_in: StandIn | None = None
    applications: Annotated[tuple[AppliedFrame, ...], Meta(max_length=1000)] = ()
    results: Annotated[dict[Text, StepResult], Meta(max_length=10_000)] = {}  # noqa: RUF012 # msgspec makes a fresh dict for each record
    nodes: Annotated[dict[Text, NodeFrame], Meta(max_length=10_000)] = {}  # noqa: RUF012 # the same


class Applied(Record, frozen=True):
    """An :class:`AppliedFrame` with its arrays."""

    rule: str
    step: int | None
    depth: int
    operands: tuple[NDArray[np.generic] | None, ...]
    asking: tuple[bool, ...]
    incoming: NDArray[np.generic] | None
    form: Form
    entries: tuple[NDArray[np.generic] | None, ...]
    changed: bool
    count: int = -1


class Done(Record, frozen=True, tag="done"):
    """The child has finished."""

    output: Annotated[str, Meta(max_length=MAX_OUTPUT)] = ""


Message = Locked | StatementReport | CellReport | CaseReport | Done
Value = NDArray[np.generic] | str | None

_decoder = msgspec.json.Decoder(Message)


def decode(head: bytes) -> Message:
    """Read the header of a frame.

    Raises
    ------
    Malformed
        When it is none of the messages above.
    """
    try:
        message: Message = _decoder.decode(head)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Malformed(f"unreadable header: {type(error).__name__}") from None
    return message


def values_of(report: CaseReport, payload: bytes) -> dict[str, Value]:
    """Return a case's observed values by name; together no larger than the payload.

    Raises
    ------
    Malformed
        When arrays lie over one another, so that copies would take more memory than was sent, or
        when one of them is not an array that we accept.
    """
    frames = (value.array for value in report.observed.values())
    _refuse_shared_bytes(frames, payload)
    return {name: value_of(value, payload) for name, value in report.observed.items()}


def applications_of(report: CaseReport, payload: bytes) -> tuple[Applied, ...]:
    """Return the calls of rules in a traced case, with their arrays.

    Raises
    ------
    Malformed
        As :func:`values_of` does.
    """
    frames = (
        frame
        for applied in report.applications
        for frame in (*applied.operands, applied.incoming, *applied.entries)
    )
    _refuse_shared_bytes(frames, payload)
    return tuple(
        Applied(
            rule=applied.rule,
            step=applied.step,
            depth=applied.depth,
            operands=tuple(_optional_array(frame, payload) for frame in applied.operands),
            asking=applied.asking,
            incoming=_optional_array(applied.incoming, payload),
            form=applied.form,
            entries=tuple(_optional_array(frame, payload) for frame in applied.entries),
            changed=applied.changed,
            count=applied.count,
        )
        for applied in report.applications
    )


def nodes_of(report: CaseReport, payload: bytes) -> dict[int, Node]:
    """Return what the results in a traced case were like, by step.

    Raises
    ------
    Malformed
        As :func:`values_of` does.
    """
    _refuse_shared_bytes((node.value for node in report.nodes.values()), payload)
    return {
        int(step): Node(
            kept=node.kept, asking=node.asking, elsewhere=node.elsewhere,
            value=_optional_array(node.value, payload),
        )
        for step, node in report.nodes.items()
        if step.isdecimal()
    }  # fmt: skip


def _refuse_shared_bytes(frames: Iterable[ArrayFrame | None], payload: bytes) -> None:
    if sum(frame.size for frame in frames if frame is not None) > len(payload):
        raise Malformed("arrays that share their bytes")


def _optional_array(frame: ArrayFrame | None, payload: bytes) -> NDArray[np.generic] | None:
    return None if frame is None else _array_of(frame, payload)


def value_of(observed: Observed, payload: bytes) -> Value:
    """Return an observed value.

    Returns
    -------
    ndarray, str or None
        An owned array of dtype float64, float32, int64 or bool.

    Raises
    ------
    Malformed
        When the array's shape, bytes and place in the payload do not fit together.
    """
    if observed.kind == "none":
        return None
    if observed.kind == "text":
        if observed.text is None:
            raise Malformed("a text without text")
        return observed.text
    if observed.array is None:
        raise Malformed("an array without a description")
    return _array_of(observed.array, payload)


def _array_of(frame: ArrayFrame, payload: bytes) -> NDArray[np.generic]:
    dtype = np.dtype(DTYPES[frame.dtype])
    count = math.prod(frame.shape)
    if count * dtype.itemsize != frame.size or frame.offset + frame.size > len(payload):
        raise Malformed("an array that does not fit its bytes")
    if count == 0 and math.prod(size or 1 for size in frame.shape) > MAX_EMPTY_EXTENT:
        raise Malformed("an empty array of a shape that NumPy does not make")
    flat = np.frombuffer(payload, dtype=dtype, count=count, offset=frame.offset)
    if frame.dtype == "bool" and count and flat.view(np.uint8).max() > 1:
        raise Malformed("a truth value that is neither")
    return flat.reshape(frame.shape).copy()
