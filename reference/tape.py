"""Recording a computation and reading it backwards.

The errors, all of them mistakes of the caller:

    TapeError
    +-- UnknownOperation    (LookupError)  no operation has this name
    +-- WrongOperands       (TypeError)    their number, their kind, or the tape they come from
    +-- WrongOptions        (TypeError)    an option that is missing or that the operation lacks
    +-- ImpossibleOperation (ValueError)   NumPy refuses these shapes or option values
    +-- NonScalarOutput     (ValueError)   backward from several elements without a gradient
    +-- WrongGradientShape  (ValueError)   the gradient does not have the shape of the output
    +-- WrongRounding       (ValueError)   the rounding function changed the shape of a value

Reference: Griewank and Walther, "Evaluating Derivatives", 2nd edition, SIAM 2008, chapter 3.
"""
# ruff: noqa: N818 - an error's name says what went wrong; "Error" at its end would say it twice.

import copy
import numbers
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .broadcasting import unbroadcast
from .operation import Floats, Rules
from .table import Operations


class TapeError(Exception):
    """Anything that the tape refuses to do."""


class UnknownOperation(TapeError, LookupError):
    """No operation has this name."""


class WrongOperands(TapeError, TypeError):
    """Operands of the wrong number or kind, or recorded on another tape."""


class WrongOptions(TapeError, TypeError):
    """An option is missing, or the operation has no such option."""


class ImpossibleOperation(TapeError, ValueError):
    """NumPy refuses these shapes or option values."""


class NonScalarOutput(TapeError, ValueError):
    """An output of several elements needs the gradient to start from."""


class WrongGradientShape(TapeError, ValueError):
    """The gradient to start from does not have the shape of the output."""


class WrongRounding(TapeError, ValueError):
    """The rounding function changed the shape of a value."""


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Variable:
    """A recorded value, equal only to itself.

    Attributes
    ----------
    value : ndarray of float64 (int64 for the class indices of a constant), of any shape
        Read-only: a rule may need it long after it was computed.
    differentiable : bool
        Whether a leaf is among its ancestors, or is the variable itself.
    op : str or None
        The operation that computed it; None for leaves and constants.
    parents : tuple of Variable
        The operands, in order.
    options : mapping of str to object
        The options of the operation, defaults included.
    """

    value: NDArray[Any]
    differentiable: bool
    op: str | None = None
    parents: tuple["Variable", ...] = ()
    options: Mapping[str, object] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Say how the variable came about and its shape; never its ancestors or its elements."""
        kind = self.op or ("leaf" if self.differentiable else "constant")
        return f"Variable({kind}, shape={self.value.shape})"


class Tape:
    """Records operations in the order of their evaluation and differentiates through them.

    Parameters
    ----------
    operations : Operations
        The operations that it knows.
    rounding : callable from ndarray of float64 to ndarray of float64 of the same shape, optional
        Receives the result of every operation and of every rule, once each, as a read-only array;
        the tape goes on with what it returns. Injecting relative noise here measures how rounding
        error propagates. A rule's product passes before it is summed over broadcast axes, so that
        cancellation in that sum shows. Leaves, constants and the gradient to start from are exact.
    rules : mapping of str to tuple of callable, optional
        The calculus to differentiate by, in the form of `operations.rules`, and that by default.
        Another one shows what a mistake in it would give.
    unbroadcast : callable from ndarray of float64 and shape to ndarray of that shape, optional
        How a product is summed back to the shape of its operand.
    """

    def __init__(
        self,
        operations: Operations,
        rounding: Callable[[Floats], Floats] | None = None,
        rules: Mapping[str, Rules] | None = None,
        unbroadcast: Callable[[Floats, tuple[int, ...]], Floats] = unbroadcast,
    ) -> None:
        self.operations = operations
        self._rounding = rounding
        self._rules = operations.rules if rules is None else rules
        self._unbroadcast = unbroadcast
        self._record: dict[Variable, None] = {}  # an ordered set: evaluation order, and membership

    def leaf(self, value: ArrayLike) -> Variable:
        """Record an input that wants a gradient.

        Parameters
        ----------
        value : array_like of real numbers, of any shape
            Copied, as float64.

        Raises
        ------
        WrongOperands
            If `value` does not consist of real numbers.
        """
        return self._recorded(Variable(_real(value).astype(np.float64), differentiable=True))

    def constant(self, value: ArrayLike) -> Variable:
        """Record an input that wants no gradient.

        Parameters
        ----------
        value : array_like of real numbers, of any shape
            Copied: integers as int64, so that they can be indices, all else as float64.

        Raises
        ------
        WrongOperands
            If `value` does not consist of real numbers.
        """
        array = _real(value)
        dtype = np.int64 if array.dtype.kind in "iu" else np.float64
        return self._recorded(Variable(array.astype(dtype), differentiable=False))

    def apply(self, op: str, *operands: Variable | float, **options: object) -> Variable:
        """Compute an operation and record it.

        Parameters
        ----------
        op : str
            The name of an operation.
        *operands : Variable of this tape, or float
            A number stands for a constant.
        **options
            The keyword-only parameters of the operation.

        Returns
        -------
        Variable
            Its value has the shape that NumPy gives to the result.

        Raises
        ------
        UnknownOperation, WrongOperands, WrongOptions, ImpossibleOperation, WrongRounding
        """
        bound = self._bind(op, len(operands), options)
        parents = tuple(self._operand(op, position, x) for position, x in enumerate(operands))
        try:
            function = self.operations.forward[op]
            value = np.asarray(function(*self._values(op, parents), **bound), dtype=np.float64)
        except (TypeError, ValueError, IndexError) as refusal:
            shapes = ", ".join(str(parent.value.shape) for parent in parents)
            message = f"{op} of shapes {shapes} with options {bound}: {refusal}"
            raise ImpossibleOperation(message) from refusal
        differentiable = any(
            parent.differentiable and vjp is not None
            for parent, vjp in zip(parents, self.operations.rules[op], strict=True)
        )
        value = self._rounded(value, f"the result of {op}")
        return self._recorded(Variable(value, differentiable, op, parents, bound))

    def gradients(
        self, output: Variable, gradient: ArrayLike | None = None
    ) -> dict[Variable, Floats]:
        """Differentiate an output with respect to everything that it was computed from.

        Parameters
        ----------
        output : Variable of this tape
        gradient : array_like of the shape of `output.value`, optional
            The gradient to start from; 1 if `output` has a single element and none is given.

        Returns
        -------
        dict of Variable to ndarray of float64, of the shape of the variable's value
            One entry for each differentiable variable reached, `output` among them; empty if
            `output` is not differentiable. The arrays are new, writable, C-contiguous, and share
            no memory with anything.

        Raises
        ------
        WrongOperands
            If `output` was recorded on another tape.
        NonScalarOutput
            If `gradient` is missing and `output` does not have exactly one element.
        WrongGradientShape
            If `gradient` does not have the shape of `output.value`.
        """
        if output not in self._record:
            raise WrongOperands(f"gradients of {output}: it was recorded on another tape")
        if not output.differentiable:
            return {}
        return self._walk(output, _start(output, gradient))

    def _walk(self, output: Variable, start: Floats) -> dict[Variable, Floats]:
        """Carry a gradient from an output back to all that it was computed from."""
        gradients = {output: start}
        # An operation is recorded after its operands, so the record read backwards meets a variable
        # when all of its uses have contributed: the topological order needs no search.
        for variable in reversed(self._record):
            if variable in gradients:
                for parent, contribution in self._contributions(variable, gradients[variable]):
                    self._add(gradients, parent, contribution)
        return gradients

    def _add(self, gradients: dict[Variable, Floats], to: Variable, contribution: Floats) -> None:
        """Add a contribution to the gradient that has arrived at a variable so far."""
        if to in gradients:
            gradients[to] += contribution
        else:  # copied, because a rule may return the very array that it received
            gradients[to] = np.array(contribution, order="C")

    def _contributions(self, result: Variable, g: Floats) -> Iterator[tuple[Variable, Floats]]:
        """Yield what one operation adds to the gradient of each of its operands."""
        if result.op is None:
            return
        values = self._values(result.op, result.parents)
        for position, vjp in enumerate(self._rules[result.op]):
            parent = result.parents[position]
            if vjp is not None and parent.differentiable:
                product = np.asarray(vjp(g, result.value, *values, **result.options))
                product = self._rounded(product, f"rule {position} of {result.op}")
                yield parent, self._unbroadcast(product, parent.value.shape)

    def _operand(self, op: str, position: int, operand: Variable | float) -> Variable:
        """Check one operand, or make a constant of a number."""
        if isinstance(operand, numbers.Real):
            return self.constant(float(operand))
        where = f"operand {position} of {op}"
        if not isinstance(operand, Variable):
            kind = type(operand).__name__
            raise WrongOperands(f"{where} is a {kind}: make it a leaf() or a constant()")
        if operand not in self._record:
            raise WrongOperands(f"{where}, {operand}, was recorded on another tape")
        return operand

    def _values(self, op: str, parents: tuple[Variable, ...]) -> list[NDArray[Any]]:
        """Return the operands as an operation computes with them: float64, but for its indices."""
        pairs = zip(parents, self.operations.rules[op], strict=True)
        return [p.value if vjp is None else p.value.astype(float, copy=False) for p, vjp in pairs]

    def _bind(
        self, op: str, operand_count: int, options: Mapping[str, object]
    ) -> dict[str, object]:
        """Return the options, defaults included, as copies: the caller may reuse an index array."""
        if op not in self.operations:
            raise UnknownOperation(f"no operation {op!r}: there are {', '.join(self.operations)}")
        signature, wanted = self.operations.signature(op), len(self.operations.rules[op])
        if operand_count != wanted:
            raise WrongOperands(f"{op} takes {wanted} operands, not {operand_count}")
        if not options and len(signature.parameters) == wanted:
            return {}  # most operations take none, and binding takes longer than they do
        try:
            bound = signature.bind(*range(wanted), **options)
        except TypeError as refusal:
            raise WrongOptions(f"{op}{signature}: {refusal}") from refusal
        bound.apply_defaults()
        return copy.deepcopy(bound.kwargs)

    def _recorded(self, variable: Variable) -> Variable:
        variable.value.setflags(write=False)
        self._record[variable] = None
        return variable

    def _rounded(self, value: Floats, what: str) -> Floats:
        """Pass a value through the rounding function, which can neither change nor keep it."""
        if self._rounding is None:
            return value
        shown = value.view()
        shown.setflags(write=False)
        rounded = np.array(self._rounding(shown), dtype=np.float64)
        if rounded.shape != value.shape:
            raise WrongRounding(f"rounding {what} turned {value.shape} into {rounded.shape}")
        return rounded


def _real(value: ArrayLike) -> NDArray[Any]:
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise WrongOperands(f"an array of {array.dtype}: want real numbers")
    return array


def _start(output: Variable, gradient: ArrayLike | None) -> Floats:
    """Return the gradient to start from, as an array of our own."""
    shape = output.value.shape
    if gradient is None and output.value.size != 1:
        raise NonScalarOutput(f"{output} does not have one element: give a gradient of its shape")
    given = np.ones(shape) if gradient is None else _real(gradient)
    if given.shape != shape:
        raise WrongGradientShape(f"gradient of shape {given.shape} for {output}")
    return np.array(given, dtype=np.float64, order="C")
