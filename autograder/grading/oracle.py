"""Expected values: run a recorded case on the reference, exactly and with rounding's noise.

The exact run in float64 gives the values; how far the noisy ones stray from it, element by element,
is what rounding can do in this very computation: ``spread``, of which the comparison's tolerance is
a small multiple (``rounding.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.cases.inputs import draw_inputs
from autograder.cases.program import Body, Program, Step
from autograder.cases.registry import Case
from autograder.contract import PINNED
from autograder.errors import CaseError
from autograder.grading.rounding import Noise, NoisyTape, noisy_runs, spread_of
from autograder.model import Record
from autograder.operations import operations
from reference import NonScalarOutput, Tape, Variable

Floats = NDArray[np.float64]

# What a Linear layer of the handout does.
SPELLING = frozenset({"form", "strict", "instance"})
"""Options that say how a step is written, and change nothing of what it computes."""
PRODUCT = Step(op="matmul", out=-1, options={"form": "method"})
SUM = Step(op="add", out=-1)


class Expected(Record, frozen=True):
    """What one observation must be: numbers with their spread, a name, or nothing.

    Attributes
    ----------
    value
        float64 array, an exception's name, or None for "no gradient".
    spread
        Deviation that single-precision rounding causes, same shape as ``value``.
    single
        Whether an input was given in single precision.
    what
        How the observation was read: grad, data, entry …; of a ``form`` only the shape counts.
    """

    what: str
    value: Floats | str | None
    spread: Floats | None = None
    single: bool = False


@dataclass
class TensorState:
    """A tensor of the program: what it was computed as, and the gradient that has arrived."""

    variable: Variable
    grad: Floats | None = None


@dataclass
class RuleState:
    """An instance of a rule's class that the program made."""

    name: str
    operands: list[TensorState]


@dataclass
class Machine:
    """Runs a program's steps on a tape, with the engine's contract: accumulate, zero, raise."""

    tape: Tape
    values: dict[int, Any] = field(default_factory=dict)
    observed: dict[str, tuple[str, Floats | str | None]] = field(default_factory=dict)
    leaves: list[TensorState] = field(default_factory=list)
    bodies: tuple[Body, ...] = ()

    def run(self, program: Program, inputs: dict[int, NDArray[Any]]) -> None:
        """Run all steps; what they observe is then in ``observed``."""
        self.bodies = program.bodies
        for declared in program.inputs:
            self.values[declared.id] = self._input(declared.role, inputs[declared.id])
        self._run_steps(program.steps)

    def _run_steps(self, steps: Sequence[Step]) -> None:
        for step in steps:
            args = [arg[0] if isinstance(arg, tuple) else self.values[arg] for arg in step.args]
            self.values[step.out] = self._step(step, args)

    def _input(self, role: str, array: NDArray[Any]) -> Any:
        if role == "array":
            return np.array(array, dtype=np.float64)
        if role == "leaf":
            return self._leaf(array)
        return TensorState(self.tape.constant(array))

    def _leaf(self, array: NDArray[Any]) -> TensorState:
        tensor = TensorState(self.tape.leaf(array))
        self.leaves.append(tensor)
        return tensor

    def _step(self, step: Step, args: list[Any]) -> Any:
        handler = getattr(self, f"_do_{step.op}", None)
        if handler is not None:
            return handler(args, step.options)
        options = {key: value for key, value in step.options.items() if key not in SPELLING}
        operands = [arg.variable if isinstance(arg, TensorState) else arg for arg in args]
        if step.op in self.tape.operations and self.tape.operations[step.op].run.operator:
            options = {key: index_of(value) for key, value in options.items()}
        return TensorState(self.tape.apply(step.op, *operands, **options))

    def _do_linear(self, args: list[Any], _options: dict[str, Any]) -> TensorState:
        x, weight, *bias = args
        product = self._step(PRODUCT, [x, weight])
        result: TensorState = self._step(SUM, [product, *bias]) if bias else product
        return result

    def _do_checkpoint(self, args: list[Any], options: dict[str, Any]) -> TensorState:
        """Run the function where it stands: recomputing changes no value."""
        body = self.bodies[options["body"]]
        self.values.update(zip(body.parameters, args, strict=True))
        self._run_steps(body.steps)
        result: TensorState = self.values[body.result]
        return result

    def _do_measure(self, _args: list[Any], _options: dict[str, Any]) -> None:
        """Nothing: memory is measured where the submission runs."""

    def _do_measured(self, _args: list[Any], _options: dict[str, Any]) -> None:
        """Nothing either."""

    def _do_enable(self, _args: list[Any], _options: dict[str, Any]) -> None:
        """Nothing: the engine is always on here."""

    def _do_rule(self, args: list[Any], options: dict[str, Any]) -> RuleState:
        return RuleState(options["name"], args)

    def _do_named(self, _args: list[Any], _options: dict[str, Any]) -> str:
        return PINNED

    def _do_apply(self, args: list[Any], _options: dict[str, Any]) -> list[Floats | None]:
        rule, gradient = args
        # One variable for each place: a rule that is given one tensor twice has two entries.
        operands = [
            self.tape.leaf(tensor.variable.value)
            if tensor.variable.differentiable
            else self.tape.constant(tensor.variable.value)
            for tensor in rule.operands
        ]
        output = self.tape.apply(self.tape.operations.operation_of[rule.name], *operands)
        gradients = self.tape.gradients(output, gradient)
        return [gradients.get(operand) for operand in operands]

    def _do_apply_error(self, args: list[Any], _options: dict[str, Any]) -> str:
        if args[0].name != "Function":
            raise CaseError("only the base class's apply is pinned to raise")
        return "NotImplementedError"

    def _do_backward(self, args: list[Any], _options: dict[str, Any]) -> None:
        output, *gradient = args
        found = self.tape.gradients(output.variable, *gradient)
        for leaf in self.leaves:
            if leaf.variable in found:
                arrived = found[leaf.variable]
                leaf.grad = arrived if leaf.grad is None else leaf.grad + arrived

    def _do_backward_error(self, args: list[Any], _options: dict[str, Any]) -> str:
        try:
            self._do_backward(args, {})
        except NonScalarOutput:
            return "ValueError"
        return "nothing"

    def _do_zero_grad(self, args: list[Any], _options: dict[str, Any]) -> None:
        args[0].grad = None

    def _do_overwrite(self, args: list[Any], options: dict[str, Any]) -> None:
        value, number = args
        target = value.grad if options["what"] == "grad" else value[options["index"]]
        target[...] = number

    def _do_descend(self, args: list[Any], _options: dict[str, Any]) -> None:
        parameter, rate = args
        updated = parameter.variable.value - rate * parameter.grad
        parameter.variable, parameter.grad = self.tape.leaf(updated), None

    def _do_observe(self, args: list[Any], options: dict[str, Any]) -> None:
        name, what = str(options["name"]), str(options["what"])
        if what == "less":
            self.observed[name] = (what, np.array(float(options["factor"])))
            return
        self.observed[name] = (what, _read(args[0], what, options))


def _read(value: Any, what: str, options: dict[str, Any]) -> Floats | str | None:
    if what in {"entry", "form"}:
        found = value[options["index"]]
        if what == "form" and found is not None:
            return np.ones(found.shape)
    elif what == "saved":
        found = value.operands[options["index"]].variable.value
    elif what == "grad":
        found = value.grad
    else:
        found = value.variable.value if isinstance(value, TensorState) else value
    if found is None or isinstance(found, str):
        return found
    return np.array(found, dtype=np.float64)


def index_of(plain: Any) -> Any:
    """Make an index of its data: slices and tuples are lists there that begin with their kind."""
    if not isinstance(plain, list) or not plain or not isinstance(plain[0], str):
        return plain
    tag, *rest = plain
    if tag == "tuple":
        return tuple(index_of(part) for part in rest)
    return slice(*rest) if tag == "slice" else rest


def plain_tape(noise: Noise | None) -> Tape:
    """Return the right tape: an exact one, or one with noise."""
    return Tape(operations()) if noise is None else NoisyTape(noise)


def expected_values(
    case: Case,
    seed: bytes,
    inputs: dict[int, NDArray[Any]] | None = None,
    make_tape: Callable[[Noise | None], Tape] = plain_tape,
) -> dict[str, Expected]:
    """Return what each observation of a case must be, keyed by its name.

    Parameters
    ----------
    case
        Recorded.
    seed
        Of the inputs, and of the noise that measures rounding.
    inputs
        The inputs themselves, where they are not drawn from the seed.
    make_tape
        Returns the tape to run on: other rules may be in force than the right ones.

    Raises
    ------
    CaseError
        When an expected value is not finite: such a case could not tell right from wrong.
    """
    if inputs is None:
        inputs = draw_inputs(case.program, case.id, seed)
    single = any(declared.dtype == "float32" for declared in case.program.inputs)
    exact = _observe(case, inputs, make_tape(None))
    runs = 0
    # No noise where no numbers are compared.
    if any(what != "less" and isinstance(value, np.ndarray) for what, value in exact.values()):
        runs = noisy_runs(len(case.program.steps))
    noise = Noise(case.id, seed)
    noisy = [_observe(case, noise.on_inputs(inputs), make_tape(noise)) for _ in range(runs)]
    expected = {}
    for name, (what, value) in exact.items():
        spread = None
        if isinstance(value, np.ndarray) and what != "less":
            if not np.isfinite(value).all():
                raise CaseError(f"case {case.id}: the expected value of {name} is not finite")
            spread = spread_of(value, [run[name][1] for run in noisy])
        expected[name] = Expected(what=what, value=value, spread=spread, single=single)
    return expected


def _observe(
    case: Case, inputs: dict[int, NDArray[Any]], tape: Tape
) -> dict[str, tuple[str, Floats | str | None]]:
    machine = Machine(tape)
    try:
        machine.run(case.program, inputs)
    except CaseError:
        raise
    except Exception as error:
        raise CaseError(
            f"case {case.id}: the reference cannot run it: {type(error).__name__}: {error}"
        ) from error
    return machine.observed
