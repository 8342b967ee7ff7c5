"""Likely mistakes of gradient rules, as small wrong formulas."""
# ruff: noqa: ARG001, ARG005 - all rules are called alike, though few need all that they are given.

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.cases.names import RULE_OF
from autograder.grading.diagnosis.misconception import Misconception, Rule, lenient
from reference.forward import FORWARD, Floats
from reference.rules import RULES


def _wrong(op: str, id_: str, sentence: str, hint: str, *rules: Rule) -> Misconception:
    """Replace the first rules of an operation; the others stay right."""
    rest = RULES[op][len(rules) :]
    return Misconception(
        id_, sentence, hint, {op: (*rules, *rest)}, lenient,
        about=RULE_OF[op], operations=frozenset({op}),
    )  # fmt: skip


def _drops(op: str, name: str) -> Misconception:
    """Forget the incoming gradient: the right rule, called with ones."""

    def without(vjp: Rule | None) -> Rule | None:
        if vjp is None:
            return None
        return lambda g, *rest, **options: vjp(np.ones_like(g), *rest, **options)

    return Misconception(
        f"{op}-drops-gradient",
        f"{name} forgets the incoming gradient G",
        "The chain rule has two factors: the rule's own slope, and what comes in.",
        {op: tuple(without(vjp) for vjp in RULES[op])},
        about=name,
        operations=frozenset({op}),
    )


def _sigmoid(x: Floats) -> Floats:
    value: Floats = FORWARD["sigmoid"](x)
    return value


def _last_two(a: Floats) -> Floats:
    return np.swapaxes(a, -1, -2)


def _spread_first(g: Floats, a: Floats, axis: Any, keepdims: bool) -> Floats:
    """Put the summed axis back in front, wherever it was."""
    return np.broadcast_to(g if keepdims or axis is None else np.expand_dims(g, 0), a.shape)


def _spread(g: Floats, out: Floats, a: Floats, axis: Any, keepdims: bool) -> Floats:
    """Spread a gradient as the right rule of a sum does."""
    spread: Floats = RULES["sum"][0](g, out, a, axis=axis, keepdims=keepdims)  # type: ignore[misc] # a sum has a rule
    return spread


def _cross_entropy(change: Callable[[Floats, Floats], Floats]) -> Rule:
    """Change softmax and one-hot into something else than their difference over N."""

    def vjp(g: Floats, out: Floats, logits: Floats, classes: Any) -> Floats:
        softmax = FORWARD["softmax"](logits, dim=1)
        return np.asarray(g * change(softmax, np.eye(logits.shape[1])[classes]))

    return vjp


_RIGHT_A, _RIGHT_B = (vjp for vjp in RULES["matmul"] if vjp is not None)


def _TURNED_A(g: Floats, out: Floats, a: Floats, b: Floats) -> Floats:  # noqa: N802 # as the two above
    product: Floats = g @ b.T
    return product


def _TURNED_B(g: Floats, out: Floats, a: Floats, b: Floats) -> Floats:  # noqa: N802
    product: Floats = a.T @ g
    return product


def _first_of_batch(gradient: Floats, shape: tuple[int, ...]) -> Floats:
    kept: Floats = gradient[(0,) * max(0, gradient.ndim - len(shape))]
    return kept


def _first_for_a(g: Floats, out: Floats, a: Floats, b: Floats) -> Floats:
    return _first_of_batch(_RIGHT_A(g, out, a, b), a.shape)


def _first_for_b(g: Floats, out: Floats, a: Floats, b: Floats) -> Floats:
    return _first_of_batch(_RIGHT_B(g, out, a, b), b.shape)


def _sigmoid_gelu(g: Floats, out: Floats, x: Floats) -> Floats:
    s = _sigmoid(1.702 * x)
    slope: Floats = g * (s + 1.702 * x * s * (1 - s))
    return slope


def _slice_once(g: Floats, out: Floats, a: Floats, index: Any) -> Floats:
    da = np.zeros_like(a)
    da[index] = g
    return da


ARITHMETIC = (
    _wrong("add", "add-minus", "AddBackward gives the second input a minus",
           "When b grows, does a + b grow or shrink?",
           lambda g, out, a, b: g, lambda g, out, a, b: -g),
    _wrong("sub", "sub-plus", "SubBackward forgets the minus for the second input",
           "When b grows, does a − b grow or shrink?",
           lambda g, out, a, b: g, lambda g, out, a, b: g),
    _wrong("sub", "sub-swapped", "SubBackward swaps its two inputs",
           "Which of the two carries the minus in a − b?",
           lambda g, out, a, b: -g, lambda g, out, a, b: g),
    _wrong("sub", "sub-minus-first", "SubBackward gives both inputs a minus",
           "When a grows, does a − b grow or shrink?",
           lambda g, out, a, b: -g, lambda g, out, a, b: -g),
    _wrong("mul", "mul-own-operand",
           "MulBackward multiplies by each input itself: G·a for a, G·b for b",
           "Hold b still and move a by a little: what decides how far a·b moves?",
           lambda g, out, a, b: g * a, lambda g, out, a, b: g * b),
    _wrong("mul", "mul-own-operand-once", "MulBackward uses b itself for the gradient of b",
           "The rule for b is the mirror image of the rule for a.",
           lambda g, out, a, b: g * b, lambda g, out, a, b: g * b),
    _wrong("mul", "mul-own-first", "MulBackward uses a itself for the gradient of a",
           "The rule for a is the mirror image of the rule for b.",
           lambda g, out, a, b: g * a, lambda g, out, a, b: g * a),
    _wrong("mul", "mul-no-incoming", "MulBackward forgets the incoming gradient G for a",
           "The chain rule has two factors: the rule's own slope, and what comes in.",
           lambda g, out, a, b: b),
    _wrong("mul", "mul-hands-on", "MulBackward hands G on to both inputs as it is",
           "That is the rule of a + b. How far does a·b move when a moves a little and b is 5?",
           lambda g, out, a, b: g, lambda g, out, a, b: g),
    _wrong("mul", "mul-product", "MulBackward multiplies by the whole product a·b",
           "That is the result. The slope is how fast the result changes when one input moves.",
           lambda g, out, a, b: g * a * b, lambda g, out, a, b: g * a * b),
    _wrong("div", "div-no-minus", "DivBackward forgets the minus for b",
           "When the denominator grows, does the quotient grow or shrink?",
           lambda g, out, a, b: g / b, lambda g, out, a, b: g * a / b**2),
    _wrong("div", "div-no-square", "DivBackward forgets the square for b",
           "Write 1/b as a power of b. What does the power rule do to the exponent?",
           lambda g, out, a, b: g / b, lambda g, out, a, b: -g * a / b),
    _wrong("div", "div-no-minus-no-square", "DivBackward uses a/b instead of −a/b² for b",
           "Write 1/b as a power of b, and take the power rule: a sign and an exponent change.",
           lambda g, out, a, b: g / b, lambda g, out, a, b: g * a / b),
    _wrong("div", "div-wrong-operand", "DivBackward divides by a instead of b in its first entry",
           "In a/b, which number stands below the line?",
           lambda g, out, a, b: g / a),
    _wrong("div", "div-forgets-numerator", "DivBackward forgets the factor a for b",
           "Does the result depend on b more strongly when a is large?",
           lambda g, out, a, b: g / b, lambda g, out, a, b: -g / b**2),
    _wrong("neg", "neg-plus", "NegBackward forgets the minus",
           "When x grows, does −x grow or shrink?", lambda g, out, a: g),
    _wrong("pow", "pow-no-n", "PowBackward forgets the factor n",
           "Try n = 2 by hand: the slope of x² at 3 is 6.",
           lambda g, out, a, exponent: g * a ** (exponent - 1.0)),
    _wrong("pow", "pow-no-n-but-at-zero", "PowBackward forgets the factor n",
           "Try n = 2 by hand: the slope of x² at 3 is 6.",
           lambda g, out, a, exponent: g * a ** (exponent - 1.0) if exponent else 0 * g),
    _wrong("pow", "pow-exponent", "PowBackward keeps the exponent n instead of n − 1",
           "Try n = 2 by hand: the slope of x² at 3 is 6.",
           lambda g, out, a, exponent: g * exponent * a**exponent),
)  # fmt: skip

MATRICES = (
    _wrong("matmul", "matmul-no-transpose", "MatmulBackward does not transpose at all",
           "On a square matrix every order has the right shape. Check yours with (2, 3) @ (3, 4).",
           lambda g, out, a, b: g @ b, lambda g, out, a, b: a @ g),
    _wrong("matmul", "matmul-untransposed", "MatmulBackward does not transpose B",
           "To A goes a product of G and B: which shapes fit?",
           lambda g, out, a, b: g @ b),
    _wrong("matmul", "matmul-no-transpose-b", "MatmulBackward does not transpose A",
           "To B goes a product of A and G: which shapes fit?",
           _RIGHT_A, lambda g, out, a, b: a @ g),
    _wrong("matmul", "matmul-swapped", "MatmulBackward has the factors in the other order",
           "Matrix products do not commute: which factor stands on the left?",
           lambda g, out, a, b: _last_two(b) @ g, lambda g, out, a, b: g @ _last_two(a)),
    _wrong("matmul", "matmul-elementwise", "MatmulBackward multiplies element by element",
           "a·b and A @ B have different rules: G is multiplied by a matrix here.",
           lambda g, out, a, b: g * b, lambda g, out, a, b: g * a),
    _wrong("matmul", "matmul-transposed-b", "MatmulBackward hands B its gradient transposed",
           "Which shape does B have, and which one does your product have?",
           _RIGHT_A, lambda g, out, a, b: _last_two(g) @ a),
    _wrong("matmul", "matmul-transposed-a", "MatmulBackward hands A its gradient transposed",
           "Which shape does A have, and which one does your product have?",
           lambda g, out, a, b: b @ _last_two(g)),
    *(_wrong("matmul", id_,
             "MatmulBackward turns all axes around, as .T does, not the last two",
             "Which two axes make up one matrix of the batch?", *rules)
      for id_, rules in {
          "matmul-transpose-all": (_TURNED_A, _TURNED_B),
          "matmul-transpose-all-a": (_TURNED_A,),
          "matmul-transpose-all-b": (_RIGHT_A, _TURNED_B),
      }.items()),
    *(_wrong("matmul", id_,
             "MatmulBackward keeps one matrix of a broadcast batch instead of their sum",
             "The one matrix took part in every product of the batch. What does that mean for it?",
             *rules)
      for id_, rules in {
          "matmul-batch-not-summed": (_first_for_a, _first_for_b),
          "matmul-batch-not-summed-a": (_first_for_a,),
          "matmul-batch-not-summed-b": (_RIGHT_A, _first_for_b),
      }.items()),
    _wrong("transpose", "transpose-not-back", "TransposeBackward leaves G as it is",
           "A swap undoes itself.", lambda g, out, a, **dims: g),
)  # fmt: skip

REDUCTIONS = (
    _wrong("sum", "sum-ignores-axis", "SumBackward spreads along axis 0, whatever axis is",
           "Which axis is missing in G? Put it back there before you spread.",
           lambda g, out, a, axis, keepdims: _spread_first(g, a, axis, keepdims)),
    _wrong("sum", "sum-scalar", "SumBackward hands G on without spreading it",
           "Each element of t took part. Which shape has t, and which one has G?",
           lambda g, out, a, axis, keepdims: g),
    _wrong("sum", "sum-forgets-expand", "SumBackward does not put the summed axis back into G",
           "With keepdims=False an axis is missing in G. Where was it?",
           lambda g, out, a, axis, keepdims: np.broadcast_to(g, a.shape)),
    _wrong("mean", "mean-forgets-expand", "MeanBackward does not put the averaged axis back into G",
           "With keepdims=False an axis is missing in G. Where was it?",
           lambda g, out, a, axis, keepdims: np.broadcast_to(g, a.shape) * out.size / a.size),
    _wrong("mean", "mean-not-divided", "MeanBackward does not divide",
           "One element moves the mean by a share only.",
           _spread),
    _wrong("mean", "mean-whole-size", "MeanBackward divides by all elements, whatever axis is",
           "How many elements were averaged together in one mean?",
           lambda g, out, a, axis, keepdims: _spread(g, out, a, axis, keepdims) / a.size),
    _wrong("mean", "mean-result-size", "MeanBackward divides by the elements of the result",
           "How many elements were averaged together in one mean?",
           lambda g, out, a, axis, keepdims: _spread(g, out, a, axis, keepdims) / out.size),
    _wrong("mean", "mean-of-sum-axis", "MeanBackward spreads along axis 0, whatever axis is",
           "Which axis is missing in G? Put it back there before you spread.",
           lambda g, out, a, axis, keepdims: _spread_first(g, a, axis, keepdims) * out.size
           / a.size),
)  # fmt: skip


ACTIVATIONS = (
    _wrong("relu", "relu-mask-of-gradient", "ReLUBackward looks at the sign of G instead of x",
           "Which array says whether a number was cut off in forward?",
           lambda g, out, x: g * (g > 0)),
    _wrong("relu", "relu-at-zero", "ReLUBackward lets G through at x = 0 as well",
           "At exactly 0 we agreed on the slope 0.", lambda g, out, x: g * (x >= 0)),
    _wrong("relu", "relu-input", "ReLUBackward multiplies by the output instead of its slope",
           "How steep is max(x, 0) at x = 3? And at x = 5?", lambda g, out, x: g * out),
    _wrong("relu", "relu-no-mask", "ReLUBackward lets all of G through",
           "What happens to the result when a negative x moves a little?",
           lambda g, out, x: g),
    _wrong("sigmoid", "sigmoid-without-complement", "SigmoidBackward forgets the factor (1 − s)",
           "At x = 0 the slope is 1/4: what do you get there?",
           lambda g, out, x: g * out),
    _wrong("sigmoid", "sigmoid-twice", "SigmoidBackward applies the sigmoid twice",
           "Is s computed from x, or from something that already is a sigmoid?",
           lambda g, out, x: g * _sigmoid(out) * (1 - _sigmoid(out))),
    _wrong("sigmoid", "sigmoid-of-output", "SigmoidBackward uses sigmoid(1 − x) for 1 − s",
           "1 minus the result is not the result of 1 minus the input.",
           lambda g, out, x: g * out * _sigmoid(1 - x)),
    _wrong("sigmoid", "sigmoid-of-input", "SigmoidBackward uses x in place of s",
           "The slope is written with the result of the sigmoid.",
           lambda g, out, x: g * x * (1 - x)),
    _wrong("softmax", "softmax-elementwise", "SoftmaxBackward uses s·(1 − s), as if element-wise",
           "When one input grows, what happens to the other outputs of its row?",
           lambda g, out, x, dim: g * out * (1 - out)),
    _wrong("softmax", "softmax-of-everything", "SoftmaxBackward sums over everything",
           "One row does not depend on another row.",
           lambda g, out, x, dim: out * (g - np.sum(g * out))),
    _wrong("softmax", "softmax-squared", "SoftmaxBackward uses s·s, as if element-wise",
           "When one input grows, what happens to the other outputs of its row?",
           lambda g, out, x, dim: g * out * out),
    _wrong("gelu", "gelu-sigmoid-form", "GELUBackward differentiates x·sigmoid(1.702·x)",
           "The handout's GELU is the tanh form: see activations.py.", _sigmoid_gelu),
    _wrong("getitem", "slice-once", "SliceBackward keeps only one of several contributions",
           "What does grad[key] = … do when key names a place twice?", _slice_once),
)  # fmt: skip

LOSSES = (
    _wrong("mse", "mse-rows", "MSEBackward divides by the number of rows",
           "The mean runs over all elements.",
           lambda g, out, p, t: g * 2 * (p - t) / p.shape[0]),
    _wrong("mse", "mse-no-two", "MSEBackward forgets the factor 2",
           "What is the slope of (p − t)²?", lambda g, out, p, t: g * (p - t) / p.size),
    _wrong("mse", "mse-no-mean", "MSEBackward forgets the division by N",
           "One prediction moves the mean by a share only.",
           lambda g, out, p, t: g * 2 * (p - t)),
    _wrong("mse", "mse-sign", "MSEBackward has t − p in place of p − t",
           "If p is too large, does the loss grow or shrink when p grows?",
           lambda g, out, p, t: g * 2 * (t - p) / p.size),
    _wrong("cross_entropy", "ce-no-mean", "CrossEntropyBackward forgets the mean over the batch",
           "The loss is the mean over the N rows.", _cross_entropy(lambda s, y: s - y)),
    _wrong("cross_entropy", "ce-all-elements",
           "CrossEntropyBackward divides by all elements, not by the rows",
           "The loss is the mean over the N rows.",
           _cross_entropy(lambda s, y: (s - y) / s.size)),
    _wrong("cross_entropy", "ce-no-one-hot", "CrossEntropyBackward forgets the one-hot",
           "Each row of the gradient sums to 0. Do yours?",
           _cross_entropy(lambda s, y: s / len(s))),
    _wrong("cross_entropy", "ce-log-probabilities",
           "CrossEntropyBackward uses log-probabilities, not the softmax",
           "The logarithm is gone after differentiating: which array is between 0 and 1?",
           _cross_entropy(lambda s, y: (np.log(s) - y) / len(s))),
    _wrong("cross_entropy", "ce-sign",
           "CrossEntropyBackward has one-hot − softmax, the other way round",
           "Raise the score of the right class: does the loss grow or shrink?",
           _cross_entropy(lambda s, y: (y - s) / len(s))),
    _wrong("bce", "bce-sign", "BCEBackward has the other sign",
           "If p is too large for its target, does the loss grow or shrink when p grows?",
           lambda g, out, p, t: g * (t - p) / (p * (1 - p)) / p.size),
    _wrong("bce", "bce-no-mean", "BCEBackward forgets the division by N",
           "One prediction moves the mean by a share only.",
           lambda g, out, p, t: g * (p - t) / (p * (1 - p))),
)  # fmt: skip

DROPPED = tuple(
    _drops(op, name)
    for op, name in [
        ("add", "AddBackward"), ("mul", "MulBackward"), ("sub", "SubBackward"),
        ("div", "DivBackward"), ("matmul", "MatmulBackward"), ("sum", "SumBackward"),
        ("mean", "MeanBackward"), ("pow", "PowBackward"), ("relu", "ReLUBackward"),
        ("sigmoid", "SigmoidBackward"), ("mse", "MSEBackward"),
        ("cross_entropy", "CrossEntropyBackward"), ("softmax", "SoftmaxBackward"),
        ("gelu", "GELUBackward"), ("bce", "BCEBackward"),
    ]
)  # fmt: skip

WRONG_RULES = (*ARITHMETIC, *MATRICES, *REDUCTIONS, *ACTIVATIONS, *LOSSES, *DROPPED)
