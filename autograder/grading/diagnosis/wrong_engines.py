"""Likely mistakes of the sum over broadcast axes, of tracking, and of backward()."""
# ruff: noqa: ARG005 - all of a kind are called alike, though some need not all that they are given.

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import numpy as np

from autograder.cases.program import Step
from autograder.grading.diagnosis import engines
from autograder.grading.diagnosis.misconception import Misconception, lenient
from reference import Floats, KeptOnClass, Operation, Operations, unbroadcast


def _mean_over_repeats(gradient: Floats, shape: tuple[int, ...]) -> Floats:
    summed = unbroadcast(gradient, shape)
    return summed * (summed.size / gradient.size)


def _first_repeat(gradient: Floats, shape: tuple[int, ...]) -> Floats:
    kept: Floats = gradient[(0,) * (gradient.ndim - len(shape))]
    index = tuple(slice(0, 1) if n == 1 else slice(None) for n in shape)
    return kept[index].copy()


def _summed_in_front(gradient: Floats, shape: tuple[int, ...]) -> Floats:
    """Sum over new axes in front, and over no axis of length one."""
    new = tuple(range(max(0, gradient.ndim - len(shape))))
    summed: Floats = np.sum(gradient, axis=new)
    return summed


def _averaged_in_front(gradient: Floats, shape: tuple[int, ...]) -> Floats:
    """Average over new axes in front, and sum over axes of length one."""
    new = tuple(range(max(0, gradient.ndim - len(shape))))
    return lenient(np.mean(gradient, axis=new) if new else gradient, shape)


def _summed_behind(gradient: Floats, shape: tuple[int, ...]) -> Floats:
    """Sum over the last axes where there are more than the shape has."""
    summed = np.sum(gradient, axis=tuple(range(len(shape), gradient.ndim)))
    return lenient(summed, shape)


BROADCASTING = (
    Misconception("no-unbroadcast", "the axes that broadcasting repeated are not summed",
                  "A tensor that was repeated was used several times: what becomes of the parts?",
                  unbroadcast=lambda gradient, shape: gradient),
    Misconception("unbroadcast-forgets-ones",
                  "new axes are summed, and axes of length 1 that were repeated are not",
                  "(2, 1) used as (2, 3): which axis was repeated, and is its length 1 kept?",
                  unbroadcast=_summed_in_front),
    Misconception("unbroadcast-wrong-axis", "the last axes are summed, not the new ones in front",
                  "(3,) used as (2, 3): on which side did broadcasting put the new axis?",
                  unbroadcast=_summed_behind),
    Misconception("unbroadcast-mean", "repeated axes are averaged instead of summed",
                  "Used twice means two contributions. Are they averaged or added?",
                  unbroadcast=_mean_over_repeats),
    Misconception("unbroadcast-mean-in-front", "new axes in front are averaged instead of summed",
                  "Used twice means two contributions. Are they averaged or added?",
                  unbroadcast=_averaged_in_front),
    Misconception("unbroadcast-first", "one of the repeated entries is taken instead of their sum",
                  "Used twice means two contributions: each of them counts.",
                  unbroadcast=_first_repeat),
)  # fmt: skip

_ASK_WHO = "Where one operand asks for a gradient and another does not: what is each asked?"
_ASK_FOR_NODE = "After the operation, print requires_grad and _grad_fn of its result."


def _has_number(step: Step) -> bool:
    return any(isinstance(arg, tuple) for arg in step.args)


def _must_be(step: Step, form: str) -> bool:
    return bool(step.options.get("strict")) and step.options.get("form") == form


def _number_first(step: Step) -> bool:
    return bool(step.args) and isinstance(step.args[0], tuple)


def _of(ops: Collection[str], has: Callable[[Step], bool] = bool) -> Callable[[Step], bool]:
    return lambda step: step.op in ops and has(step)


def _not_tracked(
    id_: str, what: str, concerns: Callable[[Step], bool], *ops: str, though: str = ""
) -> Misconception:
    return Misconception(
        id_,
        f"{what} is not tracked{though}: its result carries no node, and the gradient stops there",
        _ASK_FOR_NODE, machine=engines.untracked(concerns), operations=frozenset(ops),
        untracked=True,
    )  # fmt: skip


def _tracking(operations: Operations) -> Iterator[Misconception]:
    for op, declared in operations.items():
        yield _not_tracked(f"{op}-not-tracked", declared.written, _of({op}), op)
    yield from _tracking_of_numbers(operations.having(takes_numbers=True))
    for op, declared in operations.items():
        if declared.run.operator and declared.run.method:
            yield from _tracking_in_two_ways(op, declared)
    yield _not_tracked("forward-not-patched", "forward() of a layer or loss",
                       lambda step: step.options.get("form") == "forward",
                       though=", though calling it is")  # fmt: skip
    yield Misconception("nothing-tracked", "no operation is tracked: results carry no node",
                        _ASK_FOR_NODE, machine=engines.untracked(lambda step: True),
                        untracked=True)  # fmt: skip
    yield Misconception(
        "tracked-only-if-all-ask",
        "an operation is tracked only if every operand asks for a gradient",
        _ASK_WHO,
        machine=engines.untracked_unless(all),
        untracked=True,
    )
    yield Misconception(
        "tracked-only-if-first-asks",
        "an operation is tracked only if its first operand asks for a gradient",
        _ASK_WHO,
        machine=engines.untracked_unless(lambda asking: asking[0]),
        untracked=True,
    )
    yield Misconception("iadd-not-tracked", "y += x changes y in place, and x is forgotten",
                        "Does Tensor define __iadd__ after enable_autograd()? What does it return?",
                        machine=engines.UntrackedInPlace)  # fmt: skip
    subtraction = operations.written_with("sub")
    if subtraction:
        yield Misconception("rsub-one", "number − x is computed as 1 − x",
                            "Which number stands on the left?",
                            machine=engines.one_minus(subtraction),
                            operations=frozenset({subtraction}))  # fmt: skip


def _tracking_of_numbers(signs: frozenset[str]) -> Iterator[Misconception]:
    yield _not_tracked("reflected-not-patched", "an operation with a Python number on its left",
                       _of(signs, _number_first), *signs)  # fmt: skip
    yield _not_tracked("scalar-untracked", "an operation with a Python number",
                       _of(signs, _has_number), *signs)  # fmt: skip
    yield _not_tracked(
        "scalar-untracked-on-the-right", "an operation with a Python number on its right",
        _of(signs, lambda step: _has_number(step) and not _number_first(step)), *signs,
    )  # fmt: skip


def _tracking_in_two_ways(op: str, declared: Operation) -> Iterator[Misconception]:
    sign, call = declared.written, f"A.{declared.run.method}(B)"
    yield _not_tracked("at-not-patched", sign, lambda step: _must_be(step, "operator"), op,
                       though=f", though {call} is")  # fmt: skip
    yield _not_tracked("method-not-patched", call, lambda step: _must_be(step, "method"), op,
                       though=f", though {sign} is")  # fmt: skip


ENGINE = (
    Misconception("first-path-only", "only one of several paths to a tensor counts",
                  "What does your engine do when a tensor is reached a second time?",
                  tape=engines.FirstPath),
    Misconception("last-path-only", "only one of several paths to a tensor counts",
                  "What does your engine do when a tensor is reached a second time?",
                  tape=engines.LastPath),
    Misconception("passes-accumulated",
                  "a node runs once for each contribution, each time with the sum so far",
                  "The first path counts double: does the node wait until both have arrived?",
                  tape=engines.SumSoFar),
    Misconception("appends-twice",
                  "a node that is reached on several paths runs once for each of them, with the sum"
                  " so far",
                  "How often does each tensor stand in the list that backward walks along?",
                  tape=engines.RunsTwice),
    Misconception("no-backward-chain", "backward serves the operands of the result, and stops",
                  "Who calls the rule of the node before the last one?", tape=engines.OneStep),
    Misconception("passes-the-seed",
                  "every rule receives the gradient that backward() started with",
                  "Which gradient has arrived at this node? That is what its rule needs.",
                  tape=engines.PassesTheSeed),
    Misconception("first-operand-only", "only the first operand of an operation is served",
                  "The rule returns one entry per operand: where does each of them go?",
                  tape=engines.serves_one(0)),
    Misconception("last-operand-only", "only the last operand of an operation is served",
                  "The rule returns one entry per operand: where does each of them go?",
                  tape=engines.serves_one(-1)),
    Misconception("options-lost",
                  "a rule is built without the options that its operation was called with",
                  "Print the options, such as axis, in the `__init__` of the rule: what arrives?",
                  machine=engines.LosesNamedOptions, tape=engines.LosesOptions, in_calls=True),
    Misconception("overwrites", "a second backward call overwrites .grad",
                  "What is in x.grad before the second call, and should it be lost?",
                  machine=engines.Overwrites),
    Misconception("adds-itself", "a second backward call adds .grad to itself",
                  "Which two arrays are added when .grad is there already?",
                  machine=engines.AddsItself),
    Misconception("zero-grad-nothing", "zero_grad does not forget",
                  "Print x.grad right after zero_grad().", machine=engines.NeverForgets),
    Misconception("seeds-ones", "backward starts with ones when no gradient is given",
                  "Which combination of the three elements would that be? The caller must say.",
                  machine=engines.SeedsOnes),
    Misconception("keeps-callers-array", "the caller's own array G is stored in .grad",
                  "Who else holds that array? What happens to it when .grad changes?",
                  machine=engines.KeepsCallersArray),
    Misconception("shares-one-array", "one and the same array is stored in a.grad and in b.grad",
                  "The rule of a + b returns one array for both inputs. When is it copied?",
                  machine=engines.SharesOneArray),
)  # fmt: skip

_STATE_HINT = "The second use overwrites what the first one kept: is it self.… or the class's?"


def _state(operations: Operations) -> Iterator[Misconception]:
    for op, declared in operations.items():
        for mistake in declared.mistakes:
            if isinstance(mistake, KeptOnClass):
                yield Misconception(
                    mistake.id,
                    f"{declared.rule} keeps {mistake.what} on the class, where all of its nodes"
                    " share it",
                    _STATE_HINT, tape=engines.state_of_the_latest(op, mistake.kept),
                    about=declared.rule, operations=frozenset({op}),
                )  # fmt: skip


def wrong_engines(operations: Operations) -> Iterator[Misconception]:
    """Yield the mistakes that are no single rule's formula."""
    yield from BROADCASTING
    yield from _tracking(operations)
    yield from ENGINE
    yield from _state(operations)
