"""Public cases of Checkpoint 1: the base class and six rules, each on an instance."""

from autograder.cases import Recorder, case, entry

ELEMENTWISE = ("AddBackward", "SubBackward", "MulBackward", "DivBackward")


def _both_entries(t: Recorder, name: str) -> None:
    a, b, g = t.leaf(2, 3, name="a"), t.leaf(2, 3, name="b"), t.array(2, 3, name="G")
    applied = t.rule(name, a, b).apply(g)
    t.observe(entry(applied, 0), entry(applied, 1))


def _same_operand_twice(t: Recorder, name: str) -> None:
    a, g = t.leaf(3, name="a"), t.array(3, name="G")
    applied = t.rule(name, a, a).apply(g)
    t.observe(entry(applied, 0), entry(applied, 1))


@case(check="function-base", kind="contract")
def remembers_its_inputs(t: Recorder) -> None:
    """Function(a, b) keeps its inputs, in order, in saved_tensors."""
    a, b = t.leaf(2, 3, name="a"), t.constant(2, name="b")
    node = t.rule("Function", a, b)
    t.observe(node.saved(0), node.saved(1))


@case(check="function-base", kind="contract")
def has_no_rule_of_its_own(t: Recorder) -> None:
    """Function.apply raises NotImplementedError; subclasses override it."""
    a, g = t.leaf(2, name="a"), t.array(2, name="G")
    node = t.rule("Function", a)
    t.observe(node.saved(0), t.apply_error(node, g))


@case(check="add", kind="gradient")
def add(t: Recorder) -> None:
    """AddBackward(a, b).apply(G) for two tensors of shape (2, 3)."""
    _both_entries(t, "AddBackward")


@case(check="add", kind="gradient")
def add_to_itself(t: Recorder) -> None:
    """AddBackward(a, a): the same tensor twice, still two entries."""
    _same_operand_twice(t, "AddBackward")


@case(check="mul", kind="gradient")
def multiply(t: Recorder) -> None:
    """MulBackward(a, b).apply(G) for two tensors of shape (2, 3)."""
    _both_entries(t, "MulBackward")


@case(check="mul", kind="gradient")
def multiply_by_itself(t: Recorder) -> None:
    """MulBackward(a, a): the same tensor twice, still two entries."""
    _same_operand_twice(t, "MulBackward")


@case(check="sub", kind="gradient")
def subtract(t: Recorder) -> None:
    """SubBackward(a, b).apply(G) for two tensors of shape (2, 3)."""
    _both_entries(t, "SubBackward")


@case(check="div", kind="gradient")
def divide(t: Recorder) -> None:
    """DivBackward(a, b).apply(G) for two tensors of shape (2, 3)."""
    _both_entries(t, "DivBackward")


@case(check="matmul", kind="gradient")
def multiply_matrices(t: Recorder) -> None:
    """MatmulBackward(A, B).apply(G) for A (2, 3) and B (3, 4)."""
    a, b, g = t.leaf(2, 3, name="A"), t.leaf(3, 4, name="B"), t.array(2, 4, name="G")
    applied = t.rule("MatmulBackward", a, b).apply(g)
    t.observe(entry(applied, 0), entry(applied, 1))


@case(check="matmul", kind="gradient")
def multiply_square_matrices(t: Recorder) -> None:
    """MatmulBackward for square matrices, where a wrong order still has the right shape."""
    a, b, g = t.leaf(2, 2, name="A"), t.leaf(2, 2, name="B"), t.array(2, 2, name="G")
    applied = t.rule("MatmulBackward", a, b).apply(g)
    t.observe(entry(applied, 0), entry(applied, 1))


@case(check="matmul-batched", kind="shape")
def multiply_stacks(t: Recorder) -> None:
    """MatmulBackward for a stack of two matrices each: A (2, 2, 3), B (2, 3, 2)."""
    a, b, g = t.leaf(2, 2, 3, name="A"), t.leaf(2, 3, 2, name="B"), t.array(2, 2, 2, name="G")
    applied = t.rule("MatmulBackward", a, b).apply(g)
    t.observe(entry(applied, 0), entry(applied, 1))


@case(check="matmul-batched", kind="shape")
def multiply_stacks_of_squares(t: Recorder) -> None:
    """MatmulBackward for stacks (2, 2, 2), where turning all axes around has the right shape."""
    a, b, g = t.leaf(2, 2, 2, name="A"), t.leaf(2, 2, 2, name="B"), t.array(2, 2, 2, name="G")
    applied = t.rule("MatmulBackward", a, b).apply(g)
    t.observe(entry(applied, 0), entry(applied, 1))


@case(check="sum", kind="gradient")
def sum_of_all(t: Recorder) -> None:
    """SumBackward(t).apply(G) for t of shape (2, 3) and a single number G."""
    tensor, g = t.leaf(2, 3, name="t"), t.array(name="G")
    t.observe(entry(t.rule("SumBackward", tensor).apply(g), 0))


@case(check="rule-contract", kind="contract")
def none_where_none_is_needed(t: Recorder) -> None:
    """An input with requires_grad=False gets None, or zeros."""
    for name in ELEMENTWISE:
        a, b, g = t.leaf(1, 3, name="a"), t.constant(1, 3, name="b"), t.array(1, 3, name="G")
        t.observe(entry(t.rule(name, a, b).apply(g), 1))
        t.observe(entry(t.rule(name, b, a).apply(g), 0))


@case(check="rule-contract", kind="contract")
def caller_keeps_its_array(t: Recorder) -> None:
    """A rule leaves the array G that comes in as it was."""
    a, b, g = t.leaf(1, 3, name="a"), t.leaf(1, 3, name="b"), t.array(1, 3, name="G")
    for name in ELEMENTWISE:
        t.rule(name, a, b).apply(g)
        t.observe(g)
