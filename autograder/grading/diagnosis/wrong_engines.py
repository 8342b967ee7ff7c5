"""Likely mistakes of the sum over broadcast axes, of tracking, and of backward()."""
# ruff: noqa: ARG005 - all of a kind are called alike, though some need not all that they are given.

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.cases.program import Step
from autograder.grading.diagnosis import engines
from autograder.grading.diagnosis.misconception import Misconception, lenient
from reference import unbroadcast
from reference.forward import Floats


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

_SIGNS = {"add": "a + b", "sub": "a − b", "mul": "a * b", "div": "a / b"}
_CALLS = {
    **_SIGNS,
    "neg": "-x", "pow": "x ** n", "matmul": "A @ B", "sum": "x.sum()", "mean": "x.mean()",
    "relu": "ReLU", "sigmoid": "Sigmoid", "mse": "MSELoss", "cross_entropy": "CrossEntropyLoss",
    "transpose": "x.transpose()", "reshape": "x.reshape()", "getitem": "x[key]",
    "softmax": "Softmax", "gelu": "GELU", "bce": "BinaryCrossEntropyLoss",
}  # fmt: skip
_ASK_FOR_NODE = "After the operation, print requires_grad and _grad_fn of its result."


def _has_number(step: Step) -> bool:
    return step.op in _SIGNS and any(isinstance(arg, tuple) for arg in step.args)


def _number_first(step: Step) -> bool:
    return step.op in _SIGNS and bool(step.args) and isinstance(step.args[0], tuple)


def _of(op: str) -> Callable[[Step], bool]:
    return lambda step: step.op == op


def _not_tracked(id_: str, what: str, concerns: Callable[[Step], bool], *ops: str) -> Misconception:
    return Misconception(
        id_, f"{what} is not tracked: its result carries no node, and the gradient stops there",
        _ASK_FOR_NODE, machine=engines.untracked(concerns), operations=frozenset(ops),
        untracked=True,
    )  # fmt: skip


TRACKING = (
    *(_not_tracked(f"{op}-not-tracked", what, _of(op), op)
      for op, what in _CALLS.items()),
    _not_tracked("reflected-not-patched", "an operation with a Python number on its left",
                 _number_first, *_SIGNS),
    _not_tracked("scalar-untracked", "an operation with a Python number", _has_number, *_SIGNS),
    _not_tracked("scalar-untracked-on-the-right", "an operation with a Python number on its right",
                 lambda step: _has_number(step) and not _number_first(step), *_SIGNS),
    _not_tracked("at-not-patched", "A @ B (while A.matmul(B) is)",
                 lambda step: step.options.get("form") == "operator", "matmul"),
    _not_tracked("method-not-patched", "A.matmul(B) (while A @ B is)",
                 lambda step: step.options.get("form") == "method", "matmul"),
    _not_tracked("forward-not-patched", "forward() of a layer or loss (while calling it is)",
                 lambda step: step.options.get("form") == "forward"),
    _not_tracked("nothing-tracked", "every operation", lambda step: True),
    Misconception("iadd-not-tracked", "y += x changes y in place, and x is forgotten",
                  "Does Tensor define __iadd__ after enable_autograd()? What does it return?",
                  machine=engines.UntrackedInPlace),
    Misconception("rsub-one", "number − x is computed as 1 − x",
                  "Which number stands on the left?", machine=engines.OneMinus,
                  operations=frozenset({"sub"})),
)  # fmt: skip

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
    Misconception("overwrites", "a second backward call overwrites .grad",
                  "What is in x.grad before the second call, and should it be lost?",
                  machine=engines.Overwrites),
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

WRONG_ENGINES = (*BROADCASTING, *TRACKING, *ENGINE)
