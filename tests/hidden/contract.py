"""What is pinned beside the numbers: the base class, tuples, errors, and whose array is whose.

What a rule's entries hold is the business of the rule's own check: here only their form counts.
"""

from autograder.cases import Recorder, case, form

ELEMENTWISE = ("AddBackward", "MulBackward", "SubBackward", "DivBackward")


@case(check="function-base", kind="contract")
def keeps_its_operands(t: Recorder) -> None:
    """Function(a, b) keeps both operands, in order, in saved_tensors."""
    a, b = t.leaf(2, 3), t.constant(4)
    function = t.rule("Function", a, b)
    t.observe(function.saved(0), function.saved(1))


@case(check="function-base", kind="contract")
def keeps_one_operand(t: Recorder) -> None:
    """Function(a) keeps its one operand."""
    a = t.leaf(3, 2)
    t.observe(t.rule("Function", a).saved(0))


@case(check="function-base", kind="contract")
def base_rule_is_not_implemented(t: Recorder) -> None:
    """The base class has no rule of its own: apply raises NotImplementedError."""
    a, b, g = t.leaf(3), t.leaf(3), t.array(3)
    function = t.rule("Function", a, b)
    t.observe(function.saved(1), t.apply_error(function, g))


RULES_OF_TWO = (*ELEMENTWISE, "MatmulBackward")


@case(check="function-base", kind="contract")
def classes_have_their_names(t: Recorder) -> None:
    """Function, the rules and enable_autograd have the names that the assignment gives them."""
    a, b = t.leaf(2, 3), t.constant(2, 3)
    t.observe(t.rule("Function", a, b).saved(0))
    for name in ("Function", *RULES_OF_TWO, "SumBackward", "enable_autograd"):
        t.observe(t.named(name))


@case(check="function-base", kind="contract")
def parts_of_rules_have_their_names(t: Recorder) -> None:
    """Rules are built from their operands, keep them in saved_tensors, and answer to apply."""
    a, b = t.leaf(2, 3), t.constant(2, 3)
    function = t.rule("Function", a, b)
    t.observe(function.saved(0), t.named("saved_tensors", function))
    c = t.constant(3, 2)
    for name in RULES_OF_TWO:
        second = c if name == "MatmulBackward" else b
        t.observe(t.named("apply", of=name), t.named("constructor", a, second, of=name))
    t.observe(t.named("apply", of="SumBackward"), t.named("constructor", a, of="SumBackward"))


def _one_operand_needs_none(t: Recorder, name: str) -> None:
    a, b, g = t.leaf(2, 3), t.constant(2, 3), t.array(2, 3)
    first = t.rule(name, a, b).apply(g)
    t.observe(form(first, 0), form(first, 1))
    c, d, h = t.constant(2, 3), t.leaf(2, 3), t.array(2, 3)
    second = t.rule(name, c, d).apply(h)
    t.observe(form(second, 0), form(second, 1))


def _leaves_incoming_gradient_alone(t: Recorder, name: str) -> None:
    a, b, g = t.leaf(3, 2), t.leaf(3, 2), t.array(3, 2)
    entries = t.rule(name, a, b).apply(g)
    t.observe(g, form(entries, 0), form(entries, 1))


@case(check="rule-contract", kind="contract")
def add_gives_none_where_none_is_needed(t: Recorder) -> None:
    """AddBackward's entry for an input that needs no gradient is None."""
    _one_operand_needs_none(t, "AddBackward")


@case(check="rule-contract", kind="contract")
def mul_gives_none_where_none_is_needed(t: Recorder) -> None:
    """MulBackward's entry for an input that needs no gradient is None."""
    _one_operand_needs_none(t, "MulBackward")


@case(check="rule-contract", kind="contract")
def sub_gives_none_where_none_is_needed(t: Recorder) -> None:
    """SubBackward's entry for an input that needs no gradient is None."""
    _one_operand_needs_none(t, "SubBackward")


@case(check="rule-contract", kind="contract")
def div_gives_none_where_none_is_needed(t: Recorder) -> None:
    """DivBackward's entry for an input that needs no gradient is None."""
    _one_operand_needs_none(t, "DivBackward")


@case(check="rule-contract", kind="contract")
def matmul_gives_none_where_none_is_needed(t: Recorder) -> None:
    """MatmulBackward's entry for an input that needs no gradient is None."""
    a, b, g = t.leaf(2, 3), t.constant(3, 4), t.array(2, 4)
    first = t.rule("MatmulBackward", a, b).apply(g)
    t.observe(form(first, 0), form(first, 1))
    c, d, h = t.constant(2, 3), t.leaf(3, 4), t.array(2, 4)
    second = t.rule("MatmulBackward", c, d).apply(h)
    t.observe(form(second, 0), form(second, 1))


@case(check="rule-contract", kind="contract")
def sum_gives_none_where_none_is_needed(t: Recorder) -> None:
    """SumBackward's entry for an input that needs no gradient is None."""
    a, b, g = t.constant(2, 3), t.leaf(2, 3), t.array()
    t.observe(form(t.rule("SumBackward", a).apply(g), 0))
    t.observe(form(t.rule("SumBackward", b).apply(g), 0))


@case(check="rule-contract", kind="contract")
def add_leaves_grad_output_alone(t: Recorder) -> None:
    """AddBackward does not change the array that it is given."""
    _leaves_incoming_gradient_alone(t, "AddBackward")


@case(check="rule-contract", kind="contract")
def mul_leaves_grad_output_alone(t: Recorder) -> None:
    """MulBackward does not change the array that it is given."""
    _leaves_incoming_gradient_alone(t, "MulBackward")


@case(check="rule-contract", kind="contract")
def sub_leaves_grad_output_alone(t: Recorder) -> None:
    """SubBackward does not change the array that it is given."""
    _leaves_incoming_gradient_alone(t, "SubBackward")


@case(check="rule-contract", kind="contract")
def div_leaves_grad_output_alone(t: Recorder) -> None:
    """DivBackward does not change the array that it is given."""
    _leaves_incoming_gradient_alone(t, "DivBackward")


@case(check="backward-contract", kind="contract")
def non_scalar_needs_a_gradient(t: Recorder) -> None:
    """backward() on several elements without a gradient raises ValueError."""
    x, c, g = t.leaf(3), t.constant(3), t.array(3)
    t.observe(t.backward_error(x * c))
    t.backward(x * c, g)
    t.observe(x.grad)


@case(check="backward-contract", kind="contract")
def non_scalar_matrix_needs_a_gradient(t: Recorder) -> None:
    """backward() on a matrix without a gradient raises ValueError."""
    x, c, d, g = t.leaf(1, 2), t.constant(3, 1), t.constant(1, 2), t.array(1, 2)
    t.observe(t.backward_error(x + c))
    t.backward(x * d, g)
    t.observe(x.grad)


@case(check="backward-contract", kind="contract")
def one_element_needs_no_gradient(t: Recorder) -> None:
    """backward() on a tensor of one element starts from 1, whatever its number of axes."""
    x, c = t.leaf(1), t.constant(1)
    t.backward(c / x)
    y, e = t.leaf(1, 1), t.constant(1, 1)
    t.backward(e / y)
    t.observe(x.grad, y.grad)


@case(check="backward-contract", kind="contract")
def without_requires_grad_it_returns_quietly(t: Recorder) -> None:
    """backward() on a tensor that requires no gradient returns quietly."""
    a, b, c, x = t.constant(3), t.constant(3), t.constant(1), t.leaf(3)
    t.observe(t.backward_error(a * b), t.backward_error(c))
    g = t.array(3)
    t.backward(x * a, g)
    t.observe(x.grad, a.grad, b.grad)


@case(check="backward-contract", kind="contract")
def constants_receive_no_gradient(t: Recorder) -> None:
    """A tensor that did not ask for a gradient has none after backward()."""
    a, b, c, g = t.leaf(3, 2), t.constant(3, 2), t.constant(3, 2), t.array(3, 2)
    for result in (a * b, c + a, a / c, b - a):
        t.backward(result, g)
    t.observe(a.grad, b.grad, c.grad)


@case(check="backward-contract", kind="contract")
def gradient_argument_is_where_it_starts(t: Recorder) -> None:
    """backward(gradient) starts from the given array instead of ones."""
    x, c, g = t.leaf(2, 3), t.constant(2, 3), t.array(2, 3)
    t.backward(x * c, g)
    y, d, h = t.leaf(1), t.constant(1), t.array(1)
    t.backward(y * d, h)
    t.observe(x.grad, y.grad)


@case(check="backward-contract", kind="contract")
def callers_array_stays_as_it_was(t: Recorder) -> None:
    """The caller's gradient array is not changed, not even by a later backward()."""
    a, b, c = t.leaf(3), t.leaf(3), t.constant(3)
    g, h = t.array(3), t.array(3)
    t.backward(a + b, g)
    t.backward(a - c, h)
    t.backward(b + c, h)
    t.observe(g, h, a.grad, b.grad)


@case(check="backward-contract", kind="contract")
def callers_array_survives_reuse_inside_the_graph(t: Recorder) -> None:
    """The caller's gradient array is not changed where a tensor is used twice."""
    x, c, g = t.leaf(3), t.constant(3), t.array(3)
    h = x + c
    t.backward(h + (h + x), g)
    t.observe(g, x.grad)


@case(check="backward-contract", kind="contract")
def a_leaf_keeps_the_callers_array_alone(t: Recorder) -> None:
    """backward(gradient) on a leaf itself accumulates into it, and not into the caller's array."""
    x, g, h = t.leaf(2, 3), t.array(2, 3), t.array(2, 3)
    t.backward(x, g)
    t.backward(x, h)
    t.observe(x.grad, g, h)


@case(check="backward-contract", kind="contract")
def two_leaves_do_not_share_the_callers_array(t: Recorder) -> None:
    """Two leaves that start from one array do not share it."""
    x, y, g = t.leaf(2, 3), t.leaf(2, 3), t.array(2, 3)
    t.backward(x, g)
    t.backward(y, g)
    t.overwrite(x.grad, 5.0)
    c, h = t.constant(2, 3), t.array(2, 3)
    t.backward(y * c, h)
    t.observe(y.grad)


@case(check="backward-contract", kind="contract")
def two_tensors_do_not_share_a_gradient(t: Recorder) -> None:
    """Two operands of one addition do not share one gradient array."""
    a, b, g = t.leaf(2, 3), t.leaf(2, 3), t.array(2, 3)
    t.backward(a + b, g)
    t.overwrite(a.grad, 7.0)
    e, k = t.constant(2, 3), t.array(2, 3)
    t.backward(b * e, k)
    t.observe(b.grad, g)
    c, d, h = t.leaf(2, 3), t.leaf(2, 3), t.array(2, 3)
    t.backward(c + d, h)
    t.overwrite(d.grad, 7.0)
    t.observe(c.grad, h)


@case(check="backward-contract", kind="contract")
def accumulating_into_one_leaves_the_other(t: Recorder) -> None:
    """A second backward into one tensor leaves the other's gradient alone."""
    a, b, c = t.leaf(4), t.leaf(4), t.constant(4)
    g, h = t.array(4), t.array(4)
    t.backward(a + b, g)
    t.backward(a * c, h)
    t.observe(a.grad, b.grad)


@case(check="backward-contract", kind="contract")
def difference_operands_do_not_share_a_gradient(t: Recorder) -> None:
    """The two operands of a difference do not share one gradient array."""
    a, b, g = t.leaf(3), t.leaf(3), t.array(3)
    t.backward(a - b, g)
    t.overwrite(a.grad, -3.0)
    t.observe(b.grad, g)


@case(check="backward-contract", kind="contract")
def different_graphs_do_not_share_a_gradient(t: Recorder) -> None:
    """Tensors of two graphs that start from one array do not share it."""
    a, b, c, g = t.leaf(3), t.leaf(3), t.constant(3), t.array(3)
    t.backward(a + c, g)
    t.backward(b + c, g)
    t.overwrite(a.grad, 2.0)
    h = t.array(3)
    t.backward(b * c, h)
    t.observe(b.grad, g)


@case(check="backward-contract", kind="contract")
def methods_of_tensors_have_their_names(t: Recorder) -> None:
    """A tensor answers to backward and to zero_grad."""
    x, c, g = t.leaf(3), t.constant(3), t.array(3)
    t.backward(x * c, g)
    t.observe(x.grad, t.named("backward", x), t.named("zero_grad", x))
