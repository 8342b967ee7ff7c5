# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # @@title@@
#
# You will build the engine that trains neural networks: a program that watches a computation, remembers it as a graph, and then walks the graph backwards to find how the result depends on every input.
#
# When you are done, `loss.backward()` works for any computation made of your operations.
#
# **You will learn**
#
# - how a forward computation becomes a graph of `Function` nodes
# - the gradient rule of each operation, and how to check it with shapes and small numbers
# - how `backward` walks the graph, and why gradients add up
# - what the graph costs in memory, and how to trade memory for time
# - how all of this corresponds to PyTorch
#
# **How the work is divided**
#
# | part | points | you write |
# |---|---|---|
# | Checkpoint 1 | @@points checkpoint-1@@ | `Function` and six gradient rules |
# | Checkpoint 2 | @@points checkpoint-2@@ | six more rules and the engine |
# @@if written@@
# | Systems thinking | @@points written@@ | written answers |
# @@end@@
# @@if stretch@@
# | Stretch | up to @@points stretch@@, extra credit | more rules, gradient checkpointing, deep graphs |
# @@end@@
#
# Checkpoint 1 is passed with @@pass checkpoint-1@@ of its points, Checkpoint 2 with @@pass checkpoint-2@@.@@if stretch@@ Stretch points come on top; no checkpoint needs them.@@end@@
#
# Plan 8 to 10 hours. Fill in every place that says `YOUR CODE HERE` and remove the `raise NotImplementedError()` there. You may add cells, plots and prints wherever you like. You hand in this notebook, or a `.py` file that defines the same names.
#
# **Where it runs.** Keep this notebook and the folder `tinytorch` side by side. On Colab, upload both: pack `tinytorch` into `tinytorch.zip`, upload it with the file browser on the left, and run `!unzip -q tinytorch.zip` in a new cell at the top.
#
# **About the checks.** In Checkpoint 1 a cell such as `check("mul")` stands under each part. In Checkpoint 2 a cell to try stands under each part, with the right answer, and the checks follow the engine. A check tries a few small cases and prints one line when all is well. Otherwise it shows the rule, what was expected and what came, the graph, and what is likely wrong.
#
# A check that fails does not stop *Run All*: the cells below it run too. So read from the top, and fix the first one that fails.
#
# Your points come from hidden tests of the same rules with other numbers, other shapes and longer computations. A rule that is right in general passes both.

# %% [markdown]
# ## The idea in one picture
#
# Forward: compute `y = x * w + b` with `x = 3`, `w = 2`, `b = 1`. Every operation leaves a node behind.
#
# ```
#  forward ────────────────────────────────────────────────►
#
#    x = 3 ───┐
#             ├──[ MulBackward ]── p = 6 ──┐
#    w = 2 ───┘                            ├──[ AddBackward ]── y = 7
#                                          │
#    b = 1 ────────────────────────────────┘
# ```
#
# Backward: start with dy/dy = 1 on the right and go left. Each node turns the gradient of its output into the gradients of its inputs.
#
# ```
#  ◄─────────────────────────────────────────────── backward
#
#    dy/dx = 1·w = 2 ──┐
#                      ├──[ MulBackward ]── dy/dp = 1 ──┐
#    dy/dw = 1·x = 3 ──┘                                ├──[ AddBackward ]── dy/dy = 1
#                                                       │
#    dy/db = 1 ─────────────────────────────────────────┘
# ```
#
# The gradient rules of single operations are Checkpoint 1. The walk is Checkpoint 2.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
from tinytorch.checks import check
from tinytorch.core.activations import GELU, ReLU, Sigmoid, Softmax
from tinytorch.core.layers import Linear, Sequential
from tinytorch.core.losses import BinaryCrossEntropyLoss, CrossEntropyLoss, MSELoss
from tinytorch.core.tensor import Tensor, operand_data


# %% [markdown]
# Run the cell above, then this one: it shows all parts at a glance. Nothing works yet. Come back to it whenever you like.

# %%
check()

# %% [markdown]
# ## What you are given
#
# The folder `tinytorch` beside this notebook holds a small library: `Tensor`, activations, layers, losses. It needs Python 3.10 or newer, and NumPy. Read `tinytorch/core/tensor.py` first, it is short. It computes forward only: a `Tensor` has `data` (an ndarray), `requires_grad` and `grad` (None), and no operation knows about gradients.
#
# Three facts about `Tensor` that matter later:
#
# - Lists, Python numbers and integer arrays become float32. A float64 array stays float64.
# - In `x * 0.1` the number takes the type of `x`. `operand_data(0.1, x.dtype)` gives that array.
# - Every operator is its own method. `x + 1` calls `__add__`, `1 + x` calls `__radd__`, `x @ w` calls `__matmul__`, `x.matmul(w)` calls `matmul`. None of them calls another one.
#
# Please do not change the files in `tinytorch`: your notebook is graded with the original ones. Use NumPy only.

# %% [markdown]
# ## The contract
#
# Everything that the hidden tests rely on. Nothing else is demanded.
#
# | | what must hold |
# |---|---|
# | 1 | `rule.apply(grad_output)` is the gradient rule, called on an instance. An ndarray of the output's shape comes in. A tuple goes out, with one entry for each input, and None for an input that needs no gradient. `Function.apply` itself raises `NotImplementedError`. |
# | 2 | After `backward`, the `.grad` of a leaf (a tensor that you made yourself with `requires_grad=True`) has the shape of the leaf. When broadcasting repeated a tensor, its gradient is summed over the repetitions. The sum may happen in the rule or in `backward`: only the leaf's `.grad` is looked at. |
# | 3 | `sum` and `mean` take `axis` (an int, a tuple, negative numbers, or None) and `keepdims`. `x ** n` is for a constant `n`. Python numbers work on both sides of `+ - * /`. |
# | 4 | `matmul` and `@` work for 2-D matrices, for batches `(..., m, k)`, and for batches that broadcast, for example `(5, 2, 3) @ (3, 4)`. @@if matmul-vectors@@Vectors (1-D) in `matmul` are stretch.@@else@@Vectors (1-D) in `matmul` are not tested.@@end@@ |
# | 5 | `backward()` without an argument on a tensor of more than one element raises `ValueError`. On a tensor with `requires_grad=False`, `backward` returns without doing anything. The argument `gradient` is an ndarray of the tensor's shape; what you do with another shape is up to you. |
# | 6 | Gradients accumulate: over the paths of one graph and over several `backward` calls, until `zero_grad()`. After `zero_grad()`, `.grad` is None or zeros; both are right. |
# | 7 | A tensor that is used several times gets the sum over its uses, whatever lies between. Calling `backward` twice through one and the same graph, or through a part that two results share, is undefined and not tested: build the graph anew. |
# | 8 | `backward` does not change the gradient array that the caller passes in, and no two tensors share one gradient array. |
# | 9 | Chains of up to 300 operations work. If your `backward` takes twice as long with each reuse of a tensor, you still pass the required tests@@if stretch@@; deeper graphs and heavy sharing are stretch@@end@@. |
# | 10 | `MSELoss` is the mean over all elements. `CrossEntropyLoss` takes class indices and averages over the batch. `BinaryCrossEntropyLoss` clips probabilities at 1e-7; its gradient inside the clipped range is not tested. The gradient of ReLU at 0 is 0. GELU is the tanh form in `activations.py`. |
# | 11 | NumPy only. float32 is the default; a float64 array stays float64. Gradients are compared to about six digits, so a mask or a cached value in float32 costs nothing. |
# | 12 | A rule is built from its operands in order, then its options with defaults: `MulBackward(a, b)`, `SumBackward(t, axis=None, keepdims=False)`. Checkpoint 1 builds rules from operands alone, of equal shapes wherever broadcasting would matter; there each entry has its operand's shape. Everything with options or broadcasting is tested through tensors, in Checkpoint 2. |
# | 13 | Use the names of this notebook. A part with another name is still found where it can be, by what it does: `backward` for `apply`, `inputs` for `saved_tensors`, `SubtractBackward`. That costs a share of the check `function`, which looks at names, and nothing else. |
# | 14 | One slip costs about its own share. Where a test fails only because an operation is wrong that has a test of its own, that operation alone pays for it. Mending something never lowers your score. |
# | 15 | Rules are to be derived. The tests look at gradients only, and a gradient that your rule measures (2.12 shows how) may pass them. A person reads your rules with the written part, see question 2. |
# | 16 | What a rule has to remember is stored on its node: in `self`, not on the class, and not on a `ReLU` or `Sigmoid` object. Two ReLUs, two sums or two powers may stand in one graph, and one `ReLU` object may be called twice. |
#
# `enable_autograd()` installs the tracked operations, `Tensor.backward` and `Tensor.zero_grad`. Calling it twice is the same as calling it once.
#
# **Your choice, no point depends on it**
#
# - `apply` may return a tuple or a list; gradients may be ndarrays or Tensors, float32 or float64.
# - For an input without gradient: None, zeros or an empty array.
# - `backward` may be recursive or go through a sorted list; it may keep the graph or free it.
# - `next_functions`, `_grad_fn` on leaves, and `.grad` on intermediate results are up to you.
# - Rules may take more constructor arguments, for example `SigmoidBackward(x, output)`, and may save what they like. `MatMulBackward`, `CEBackward` and `GeLUBackward` are accepted spellings.
# - Methods may be replaced on `Tensor` or written in a subclass. A subclass takes the place of `Tensor` by its name in your notebook, or because `enable_autograd()` puts it into `tinytorch.core.tensor`.
# - `enable_autograd` may print, warn, and have more options, or none; your notebook may call it or leave that to us.
# - Only the names in the table of the assignment count: `Function`, the rules@@if checkpointing@@, `enable_autograd` and, for stretch, `checkpoint`@@else@@ and `enable_autograd`@@end@@. Helper functions are yours to keep, rename or drop.
# - Gradients of a loss's targets, and of `x ** n` at `x = 0`, are not tested.
# - Plots, prints, magics and shell lines in cells of your own.
# - `max`, `Tanh`, comparisons and everything else not named here need no gradient.

# %% [markdown]
# A helper for the cells that print gradients: it accepts ndarrays and Tensors alike.

# %% nbgrader={"grade": false, "grade_id": "check_helpers", "locked": true, "schema_version": 3, "solution": false, "task": false}
def as_array(value):
    """Return the numbers of a gradient, whether it is an ndarray or a Tensor."""
    return np.asarray(value, dtype=np.float64)


# %% [markdown]
# ---
# # Checkpoint 1: rules
#
# ## 1.1 A node of the graph
#
# A `Function` is one node: one operation that happened. It has two duties.
#
# 1. **Remember.** The rule of `a * b` needs `a` and `b` later, so the node keeps the input tensors in `saved_tensors`.
# 2. **Point back.** `next_functions` lists the nodes that made the inputs. An input that you created yourself has no such node. (In Checkpoint 2 a result will carry its node in the attribute `_grad_fn`.)
#
# ```
#    x ──┐
#        ├──[ node of p = x · w ]── p ──┐
#    w ──┘            ▲                 ├──[ node of y = p + b ]── y
#                     │             b ──┘             │
#                     └─────── next_functions ────────┘
#
#          saved_tensors = (x, w)          saved_tensors = (p, b)
# ```
#
# `apply(grad_output)` is the rule. The base class has none, so here it raises `NotImplementedError`; every operation below overrides it.
#
# Each operation makes a node of its own, so whatever a rule needs later is stored in `self`. A variable of the class is shared by all nodes: the second ReLU of a network would overwrite what the first one remembers.

# %% nbgrader={"grade": false, "grade_id": "function", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Function:
    """One operation in the computation graph.

    saved_tensors   the input tensors, in order
    next_functions  the nodes that made those inputs (their `_grad_fn`), if any
    """

    def __init__(self, *tensors):
        """Remember the input tensors and link to the nodes that made them."""
        ### BEGIN SOLUTION
        self.saved_tensors = tensors
        makers = (getattr(t, "_grad_fn", None) for t in tensors)
        self.next_functions = [node for node in makers if node is not None]
        ### END SOLUTION

    def apply(self, grad_output):
        """Turn the gradient of the output into the gradients of the inputs.

        In:  ndarray of the output's shape.
        Out: tuple, one entry for each input: an ndarray, or None if not needed.

        The base class has no rule: raise NotImplementedError.
        """
        ### BEGIN SOLUTION
        raise NotImplementedError(f"{type(self).__name__} has no gradient rule")
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_function", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("function")

# %% [markdown]
# ## 1.2 Add
#
# One pattern serves all rules. Call the incoming gradient $G$: how the final result changes when the output $z$ changes. The chain rule says
#
# $$\text{gradient of } a \;=\; G \cdot \frac{\partial z}{\partial a}.$$
#
# For $z = a + b$ both derivatives are 1, so $G$ goes to both inputs unchanged.
#
# | a | b | z | G | to a | to b |
# |---|---|---|---|---|---|
# | 2 | 5 | 7 | 10 | 10 | 10 |
#
# An input with `requires_grad=False` gets None.

# %% nbgrader={"grade": false, "grade_id": "add_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
class AddBackward(Function):
    """Rule of z = a + b."""

    def apply(self, grad_output):
        """In: gradient of z, shape of z. Out: (gradient of a, gradient of b)."""
        ### BEGIN SOLUTION
        a, b = self.saved_tensors
        return (
            grad_output if a.requires_grad else None,
            grad_output if b.requires_grad else None,
        )
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_add", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("add")

# %% [markdown]
# ## 1.3 Multiply
#
# $z = a \cdot b$, element by element. When $a$ grows by a little, $z$ grows by $b$ times as much:
#
# $$\frac{\partial z}{\partial a} = b, \qquad \frac{\partial z}{\partial b} = a.$$
#
# | a | b | z | G | to a = G·b | to b = G·a |
# |---|---|---|---|---|---|
# | 2 | 5 | 10 | 10 | 50 | 20 |
#
# Each input receives the **other** one. Use `.data` inside rules: a rule computes with arrays. Tensor operations inside a rule would be tracked and make the graph grow.

# %% nbgrader={"grade": false, "grade_id": "mul_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MulBackward(Function):
    """Rule of z = a * b, element by element."""

    def apply(self, grad_output):
        """In: gradient of z, shape of z. Out: (gradient of a, gradient of b)."""
        ### BEGIN SOLUTION
        a, b = self.saved_tensors
        return (
            grad_output * b.data if a.requires_grad else None,
            grad_output * a.data if b.requires_grad else None,
        )
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_mul", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("mul")

# %% [markdown]
# ## 1.4 Subtract
#
# $z = a - b$. When $b$ grows, $z$ shrinks by the same amount:
#
# $$\frac{\partial z}{\partial a} = 1, \qquad \frac{\partial z}{\partial b} = -1.$$
#
# | a | b | z | G | to a | to b |
# |---|---|---|---|---|---|
# | 2 | 5 | -3 | 10 | 10 | -10 |

# %% nbgrader={"grade": false, "grade_id": "sub_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
class SubBackward(Function):
    """Rule of z = a - b."""

    def apply(self, grad_output):
        """In: gradient of z, shape of z. Out: (gradient of a, gradient of b)."""
        ### BEGIN SOLUTION
        a, b = self.saved_tensors
        return (
            grad_output if a.requires_grad else None,
            -grad_output if b.requires_grad else None,
        )
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_sub", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("sub")

# %% [markdown]
# ## 1.5 Divide
#
# $z = a / b$. The numerator is simple. The denominator works against $z$, hence the minus, and the more $b$ there is already, the less a change matters, hence the square:
#
# $$\frac{\partial z}{\partial a} = \frac{1}{b}, \qquad \frac{\partial z}{\partial b} = -\frac{a}{b^2}.$$
#
# | a | b | z | G | to a = G/b | to b = -G·a/b² |
# |---|---|---|---|---|---|
# | 6 | 2 | 3 | 10 | 5 | -15 |

# %% nbgrader={"grade": false, "grade_id": "div_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
class DivBackward(Function):
    """Rule of z = a / b, element by element."""

    def apply(self, grad_output):
        """In: gradient of z, shape of z. Out: (gradient of a, gradient of b)."""
        ### BEGIN SOLUTION
        a, b = self.saved_tensors
        return (
            grad_output / b.data if a.requires_grad else None,
            -grad_output * a.data / b.data**2 if b.requires_grad else None,
        )
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_div", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("div")

# %% [markdown]
# ## 1.6 Matrix product
#
# $Z = A B$ mixes rows with columns: $z_{ij} = \sum_k a_{ik}\, b_{kj}$. The element $a_{ik}$ takes part in the whole row $i$ of $Z$, each time with a factor $b_{kj}$. So its gradient is $\sum_j g_{ij}\, b_{kj}$, which is a matrix product again:
#
# $$\text{to } A:\; G\,B^{\mathsf T}, \qquad \text{to } B:\; A^{\mathsf T} G.$$
#
# You need not remember it: only one way of arranging the factors gives the right shapes.
#
# ```
#                  (m, k)     (k, n)        (m, n)
#    forward          A    @     B      =      Z
#
#                  (m, n)     (n, k)        (m, k)
#    to A             G    @     Bᵀ     =   the shape of A
#
#                  (k, m)     (m, n)        (k, n)
#    to B             Aᵀ   @     G      =   the shape of B
# ```
#
# Worked: $A = (1\;\;2)$, $B = \binom{3}{4}$, $Z = (11)$. With $G = (10)$: to $A$ goes $(30\;\;40)$, to $B$ goes $\binom{10}{20}$.
#
# Later `matmul` also takes stacks of matrices `(..., m, k)`. There, transposing means swapping the **last two** axes; `.T` turns all of them around.

# %% nbgrader={"grade": false, "grade_id": "matmul_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MatmulBackward(Function):
    """Rule of Z = A @ B."""

    def apply(self, grad_output):
        """In: gradient of Z, (..., m, n).

        Out: (gradient of A, (..., m, k); gradient of B, (..., k, n)).
        """
        ### BEGIN SOLUTION
        a, b = self.saved_tensors
        # A vector is a matrix of one row (on the left) or one column (on the right).
        left = a.data[np.newaxis, :] if a.ndim == 1 else a.data
        right = b.data[:, np.newaxis] if b.ndim == 1 else b.data
        grad = grad_output
        if b.ndim == 1:
            grad = grad[..., np.newaxis]
        if a.ndim == 1:
            grad = np.expand_dims(grad, -2)
        grad_a = grad_b = None
        if a.requires_grad:
            grad_a = grad @ np.swapaxes(right, -1, -2)
            grad_a = grad_a[..., 0, :] if a.ndim == 1 else grad_a
        if b.requires_grad:
            grad_b = np.swapaxes(left, -1, -2) @ grad
            grad_b = grad_b[..., 0] if b.ndim == 1 else grad_b
        return grad_a, grad_b
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_matmul", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("matmul")

# %% [markdown]
# ## 1.7 Sum
#
# $s = \sum_i t_i$. Every element takes part with the factor 1, so every element receives the same incoming gradient.
#
# | t | s | G | to t |
# |---|---|---|---|
# | (1, 4, 2) | 7 | 10 | (10, 10, 10) |
#
# With an axis, each row (or column) has its own sum and its own incoming gradient. With `keepdims=False` the summed axis is missing in G: put it back with length 1, then spread.
#
# ```
#    t (2, 3)           s = t.sum(axis=1)      G (2,)       to t (2, 3)
#
#    1   2   3  ──────►        6                10  ──────►  10  10  10
#    4   5   6  ──────►       15                20  ──────►  20  20  20
# ```
#
# On a square t, spreading along the wrong axis gives the right shape and wrong numbers. Try your rules on shapes like (2, 3).
#
# Checkpoint 1 tests `SumBackward(t)` alone; `axis` and `keepdims` are tested in Checkpoint 2, but it is easiest to write them now.

# %% nbgrader={"grade": false, "grade_id": "sum_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
class SumBackward(Function):
    """Rule of s = t.sum(axis, keepdims)."""

    def __init__(self, t, axis=None, keepdims=False):
        """Remember t and how it was summed."""
        ### BEGIN SOLUTION
        super().__init__(t)
        self.axis = axis
        self.keepdims = keepdims
        ### END SOLUTION

    def apply(self, grad_output):
        """In: gradient of s, shape of s. Out: (gradient of t,), shape of t."""
        ### BEGIN SOLUTION
        (t,) = self.saved_tensors
        if not t.requires_grad:
            return (None,)
        grad = grad_output
        if self.axis is not None and not self.keepdims:
            grad = np.expand_dims(grad, self.axis)
        return (np.broadcast_to(grad, t.shape).copy(),)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_sum", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("sum")

# %% [markdown]
# ## 1.8 What all rules have in common
#
# The next check looks at the form (points 1 and 8 of the contract): a tuple with one entry for each input, None where nothing is needed, and the caller's array left as it was.

# %% nbgrader={"grade": true, "grade_id": "test_rule_contract", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("rule_contract")

# %% [markdown]
# ---
# ## Checkpoint 1 reached
#
# You have the node of the graph and six rules: add, multiply, subtract, divide, matrix product, sum. You can compute any gradient made of them, by hand, node by node.
#
# **Progress: about 40 %.** What is missing is the part that does it for you: operations that build the graph while they compute, and a walk that calls the rules in the right order.
#
# ```
#   [##########               ]  40 %
# ```
#
# Run the next cell: all six rules should stand under "works".
# ---

# %%
check()

# %% [markdown]
# # Checkpoint 2: the engine
#
# First six more rules, in the same form as before. They are checked after the engine, in 2.13, through tensors, because that is how they are used. Until then, each part has a cell to try, with the right answer in its comment. (If the constructor of your rule takes more arguments, add them in that cell.)
#
# ## 2.1 Mean
#
# The mean is the sum divided by the number of elements **that were averaged together**. For t of shape (2, 3):
#
# | | elements in one mean | each receives |
# |---|---|---|
# | `t.mean()` | 6 | G / 6 |
# | `t.mean(axis=0)` | 2 | G / 2 of its column |
# | `t.mean(axis=1)` | 3 | G / 3 of its row |
#
# The number is always (elements of t) / (elements of the result).

# %% nbgrader={"grade": false, "grade_id": "mean_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MeanBackward(Function):
    """Rule of m = t.mean(axis, keepdims)."""

    def __init__(self, t, axis=None, keepdims=False):
        """Remember t and how it was averaged."""
        ### BEGIN SOLUTION
        super().__init__(t)
        self.axis = axis
        self.keepdims = keepdims
        ### END SOLUTION

    def apply(self, grad_output):
        """In: gradient of m, shape of m. Out: (gradient of t,), shape of t."""
        ### BEGIN SOLUTION
        (t,) = self.saved_tensors
        if not t.requires_grad:
            return (None,)
        (grad,) = SumBackward(t, self.axis, self.keepdims).apply(grad_output)
        return (grad * (np.size(grad_output) / t.size),)
        ### END SOLUTION


# %%
# Try it: the mean of each column, two elements each.
# Right: each row of the gradient is 5, 10, 15.
t = Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
print(MeanBackward(t, axis=0).apply(np.array([10.0, 20.0, 30.0])))

# %% [markdown]
# ## 2.2 Power
#
# $z = t^n$ with a constant $n$, so there is one input and one gradient:
#
# $$\frac{dz}{dt} = n\, t^{\,n-1}.$$
#
# | t | n | z | G | to t = G·n·tⁿ⁻¹ |
# |---|---|---|---|---|
# | 2 | 3 | 8 | 10 | 120 |

# %% nbgrader={"grade": false, "grade_id": "pow_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
class PowBackward(Function):
    """Rule of z = t ** n for a constant n."""

    def __init__(self, t, n=2):
        """Remember t and the exponent."""
        ### BEGIN SOLUTION
        super().__init__(t)
        self.n = float(n)
        ### END SOLUTION

    def apply(self, grad_output):
        """In: gradient of z, shape of t. Out: (gradient of t,)."""
        ### BEGIN SOLUTION
        (t,) = self.saved_tensors
        if not t.requires_grad:
            return (None,)
        if self.n == 0:  # t ** -1 has no value at 0, the slope of a constant has: 0
            return (np.zeros_like(t.data),)
        return (grad_output * self.n * t.data ** (self.n - 1),)
        ### END SOLUTION


# %%
# Try it: the row of the table. Right: 120.
print(PowBackward(Tensor([2.0], requires_grad=True), 3).apply(np.array([10.0])))

# %% [markdown]
# ## 2.3 ReLU
#
# $z = \max(x, 0)$ has slope 1 where $x > 0$ and slope 0 elsewhere. At exactly 0 there is no slope; we agree on 0, as PyTorch does. The question "was it positive?" is about the **input**, not about the incoming gradient.
#
# | x | -2 | 0 | 3 |
# |---|---|---|---|
# | z | 0 | 0 | 3 |
# | G | 10 | 10 | -10 |
# | to x | 0 | 0 | -10 |

# %% nbgrader={"grade": false, "grade_id": "relu_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
class ReLUBackward(Function):
    """Rule of z = max(x, 0)."""

    def apply(self, grad_output):
        """In: gradient of z, shape of x. Out: (gradient of x,)."""
        ### BEGIN SOLUTION
        (x,) = self.saved_tensors
        return (grad_output * (x.data > 0) if x.requires_grad else None,)
        ### END SOLUTION


# %%
# Try it: the table again. Right: 0, 0, -10.
x = Tensor([-2.0, 0.0, 3.0], requires_grad=True)
print(ReLUBackward(x).apply(np.array([10.0, 10.0, -10.0])))

# %% [markdown]
# ## 2.4 Sigmoid
#
# $s = 1 / (1 + e^{-x})$. Its slope can be written with the result itself:
#
# $$\frac{ds}{dx} = s\,(1 - s).$$
#
# At $x = 0$: $s = 0.5$, slope $0.25$. You may compute $s$ anew from `x`, or save it when the node is made (then give your constructor one more argument). Here is a first small trade of memory for time.

# %% nbgrader={"grade": false, "grade_id": "sigmoid_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
class SigmoidBackward(Function):
    """Rule of s = 1 / (1 + exp(-x))."""

    def apply(self, grad_output):
        """In: gradient of s, shape of x. Out: (gradient of x,)."""
        ### BEGIN SOLUTION
        (x,) = self.saved_tensors
        if not x.requires_grad:
            return (None,)
        s = Sigmoid().forward(Tensor(x.data)).data
        return (grad_output * s * (1 - s),)
        ### END SOLUTION


# %%
# Try it: the slope at 0, times 10. Right: 2.5.
print(SigmoidBackward(Tensor([0.0], requires_grad=True)).apply(np.array([10.0])))

# %% [markdown]
# ## 2.5 Mean squared error
#
# $L = \frac{1}{N} \sum_i (p_i - t_i)^2$ over **all** $N$ elements, so
#
# $$\text{to } p:\; G \cdot \frac{2\,(p - t)}{N}, \qquad \text{to } t:\; \text{the same with a minus}.$$
#
# | p | t | L | G | to p |
# |---|---|---|---|---|
# | (3, 1) | (1, 2) | (4 + 1) / 2 = 2.5 | 1 | (2, -1) |
#
# G is a single number, and it is not always 1: think of `loss * 0.5`.

# %% nbgrader={"grade": false, "grade_id": "mse_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MSEBackward(Function):
    """Rule of L = mean((predictions - targets)^2)."""

    def apply(self, grad_output):
        """In: gradient of L, shape (). Out: (gradient of predictions, gradient of targets)."""
        ### BEGIN SOLUTION
        predictions, targets = self.saved_tensors
        grad = grad_output * 2 * (predictions.data - targets.data) / predictions.size
        return (
            grad if predictions.requires_grad else None,
            -grad if targets.requires_grad else None,
        )
        ### END SOLUTION


# %%
# Try it: the row of the table, with G = 1 and then with G = 10.
# Right: (2, -1) for p and nothing for t; then (20, -10) for p.
p, t = Tensor([3.0, 1.0], requires_grad=True), Tensor([1.0, 2.0])
print(MSEBackward(p, t).apply(np.array(1.0)))
print(MSEBackward(p, t).apply(np.array(10.0)))

# %% [markdown]
# ## 2.6 Cross-entropy
#
# Logits $z$ of shape (N, C): C scores for each of N examples. The loss takes the softmax of each row, then minus the logarithm of the right class, then the mean over the N rows. Softmax and logarithm together have a simple gradient, the reason why they are one operation:
#
# $$\text{to } z:\; G \cdot \frac{\text{softmax}(z) - \text{onehot}}{N}.$$
#
# | one row | class 0 | class 1 | class 2 |
# |---|---|---|---|
# | softmax | 0.2 | 0.7 | 0.1 |
# | one-hot of the right class 1 | 0 | 1 | 0 |
# | to z, with N = 1, G = 1 | 0.2 | -0.3 | 0.1 |
#
# Each row of the gradient sums to 0. Subtract the largest logit of a row before `exp`, or large logits overflow. The targets are class numbers in a float Tensor; they receive no gradient.

# %% nbgrader={"grade": false, "grade_id": "cross_entropy_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
class CrossEntropyBackward(Function):
    """Rule of the cross-entropy of logits (N, C) and class indices (N,)."""

    def apply(self, grad_output):
        """In: gradient of the loss, shape (). Out: (gradient of logits (N, C), None)."""
        ### BEGIN SOLUTION
        logits, targets = self.saved_tensors
        if not logits.requires_grad:
            return None, None
        rows = np.arange(logits.shape[0])
        grad = np.exp(logits.data - logits.data.max(axis=1, keepdims=True))
        grad /= grad.sum(axis=1, keepdims=True)  # softmax
        grad[rows, targets.data.astype(int)] -= 1  # minus one-hot
        return grad_output * grad / len(rows), None
        ### END SOLUTION


# %%
# Try it: logits whose softmax is the row of the table. Right: 0.2, -0.3, 0.1 for the logits.
logits = Tensor(np.log([[0.2, 0.7, 0.1]]), requires_grad=True)
print(CrossEntropyBackward(logits, Tensor([1])).apply(np.array(1.0)))

# %% [markdown]
# ## 2.7 Broadcasting runs backwards as a sum
#
# `x + b` with shapes (2, 3) and (3,) uses every element of b twice, once for each row. Used twice means: two contributions, added up.
#
# ```
#   forward     x (2, 3)            b (3,)                 z (2, 3)
#
#              1   2   3       [ 10  20  30 ]            11  22  33
#              4   5   6   +   [ 10  20  30 ]     =      14  25  36
#                               (repeated)
#
#   backward    G (2, 3)                        to x (2, 3)       to b (3,)
#
#              1   1   2         ──────►        1   1   2
#              5   0   1                        5   0   1        [ 6  1  3 ]
#                                                                column sums
# ```
#
# Two things can happen to a tensor in broadcasting, and both are undone by a sum:
#
# | broadcasting did | example | undo it by |
# |---|---|---|
# | put new axes in front | (3,) used as (2, 3) | summing over these axes |
# | repeated an axis of length 1 | (2, 1) used as (2, 3) | summing over it, keeping length 1 |
#
# The same happens to the batch axes of a matrix product: `(5, 2, 3) @ (3, 4)` uses the second matrix five times.
#
# **A suggestion.** From here to `enable_autograd`, the given functions (`unbroadcast`, `track`, `topological_order`, `backward`, `zero_grad`) are one way to organise the engine. They are not tested by name: fill them in, change them, or delete them and write your own (and delete the cells that try them).

# %% nbgrader={"grade": false, "grade_id": "unbroadcast", "locked": false, "schema_version": 3, "solution": true, "task": false}
def unbroadcast(gradient, shape):
    """Sum a gradient over the axes that broadcasting repeated.

    In:  ndarray of a shape that `shape` was broadcast to.
    Out: ndarray of shape `shape`.
    """
    ### BEGIN SOLUTION
    new_axes = tuple(range(gradient.ndim - len(shape)))
    gradient = gradient.sum(axis=new_axes)
    repeated = tuple(axis for axis, n in enumerate(shape) if n == 1 and gradient.shape[axis] != 1)
    return gradient.sum(axis=repeated, keepdims=True)
    ### END SOLUTION


# %%
# Try it: G of the drawing. Right: [6. 1. 3.], then one column with 4 and 6, then the number 10.
G = np.array([[1.0, 1.0, 2.0], [5.0, 0.0, 1.0]])
for shape in [(3,), (2, 1), ()]:
    print(unbroadcast(G, shape))

# %% [markdown]
# ## 2.8 Recording the graph
#
# After `z = x * w`, the tensor z must know that it came from a multiplication: `z._grad_fn` is its `MulBackward` node, and `z.requires_grad` is True. If no operand wants a gradient, nothing is recorded and nothing is kept in memory.
#
# Both must be set together. A result with `requires_grad=True` but without a node looks like a leaf, and the gradient stops there.

# %% nbgrader={"grade": false, "grade_id": "track", "locked": false, "schema_version": 3, "solution": true, "task": false}
def track(result, rule, *arguments, **options):
    """Attach the node rule(*arguments, **options) to result if an operand wants a gradient.

    In:  result, a fresh Tensor; the class of the rule; what the rule is built
         from: its operands (Tensors), then its options.
    Out: result.
    """
    ### BEGIN SOLUTION
    if any(isinstance(t, Tensor) and t.requires_grad for t in arguments):
        result.requires_grad = True
        result._grad_fn = rule(*arguments, **options)
    return result
    ### END SOLUTION


# %%
# Try it. Right: True MulBackward, then False, since nobody asked for a gradient.
x, w = Tensor([2.0], requires_grad=True), Tensor([3.0])
z = track(Tensor([6.0]), MulBackward, x, w)
print(z.requires_grad, type(z._grad_fn).__name__)
print(track(Tensor([9.0]), MulBackward, w, w).requires_grad)

# %% [markdown]
# ## 2.9 A tensor on two paths
#
# Here x = 3 reaches y on two paths, through a = 2x and through b = x²:
#
# ```
#              ┌──[ ·2 ]── a = 6 ──┐
#    x = 3 ────┤                   ├──[ a·b ]── y = 54
#              └──[ x² ]── b = 9 ──┘
#
#    backward:  dy/da = b = 9     along the upper path  9 · 2      = 18
#               dy/db = a = 6     along the lower path  6 · (2·3)  = 36
#                                                                   ────
#                                               dy/dx = sum       =  54
# ```
#
# (y = 2x³, so dy/dx = 6x² = 54.) The gradient of x is the **sum** over the paths. Now suppose x was itself a result of something earlier. Its node must wait until both contributions have arrived, or it must run once for each of them, with that contribution alone. What goes wrong:
#
# - run it once, with the first contribution: the second path is lost
# - run it twice, the second time with the sum so far: the first path counts double
#
# A list of tensors in the right order makes it simple. In **topological order** from the result, every tensor comes after everything that was computed from it. Walk this list once: when you arrive at a tensor, its gradient is complete.
#
# A recursive `backward` that passes each contribution on separately is right too, but a chain of additions `x = x + x` doubles its work at each step. For long chains write the search with a list as a stack instead of recursion: Python stops a recursion at about 1,000 calls.

# %% nbgrader={"grade": false, "grade_id": "topological_order", "locked": false, "schema_version": 3, "solution": true, "task": false}
def topological_order(output):
    """List the tensors that output was computed from and that want a gradient.

    In:  a Tensor with requires_grad.
    Out: list of Tensors, each once; output first, every tensor after all its users.
    """
    ### BEGIN SOLUTION
    finished, seen = [], set()
    stack = [(output, False)]
    while stack:
        tensor, inputs_done = stack.pop()
        if inputs_done:
            finished.append(tensor)
            continue
        if id(tensor) in seen:
            continue
        seen.add(id(tensor))
        # Come back to this tensor once everything below it is finished.
        stack.append((tensor, True))
        node = getattr(tensor, "_grad_fn", None)
        for operand in node.saved_tensors if node is not None else ():
            if operand.requires_grad:
                stack.append((operand, False))
    return finished[::-1]
    ### END SOLUTION


# %%
# Try it: the picture above. Right: 54 first, 3 last, and 6 and 9 between them in any order.
x = Tensor([3.0], requires_grad=True)
a = track(Tensor([6.0]), MulBackward, x, Tensor([2.0]))
b = track(Tensor([9.0]), PowBackward, x, 2)
y = track(Tensor([54.0]), MulBackward, a, b)
print([tensor.item() for tensor in topological_order(y)])

# %% [markdown]
# ## 2.10 The walk
#
# `backward` starts with the gradient of the result with respect to itself. For a single number that is 1. For more elements the caller must say which combination is meant, by passing `gradient`; without it, raise `ValueError`.
#
# Then, for each tensor in order: take the gradient that has arrived; if the tensor is a leaf, **add** it to `.grad`; if it has a node, call its rule and hand the entries to the operands.
#
# Three traps, all about arrays that two owners share:
#
# - `x.grad = gradient` makes x share the caller's array. A later `x.grad += ...` changes it under the caller's feet. Store a copy.
# - The rule of `a + b` returns one array for both inputs. Store a copy here too.
# - `a += b` on arrays changes a in place, `a = a + b` makes a new one.

# %% nbgrader={"grade": false, "grade_id": "backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def backward(self, gradient=None):
    """Add to `.grad` of every leaf the gradient of self with respect to it.

    gradient: ndarray of self's shape; may be left out if self has one element.
    Raises ValueError if it is left out for more elements. Does nothing if self
    has requires_grad=False.
    """
    ### BEGIN SOLUTION
    if not self.requires_grad:
        return
    if gradient is None:
        if self.size != 1:
            raise ValueError(f"backward() on shape {self.shape} needs a gradient of that shape")
        gradient = np.ones_like(self.data)
    gradient = np.asarray(gradient, dtype=self.dtype)
    if gradient.shape != self.shape:
        raise ValueError(f"gradient of shape {gradient.shape} for a tensor of {self.shape}")

    # Gradients that have arrived so far. They are never changed in place.
    arrived = {id(self): gradient}
    for tensor in topological_order(self):
        grad = arrived.pop(id(tensor), None)
        if grad is None:
            continue
        node = getattr(tensor, "_grad_fn", None)
        if node is None:
            tensor.grad = grad.copy() if tensor.grad is None else tensor.grad + grad
            continue
        for operand, part in zip(node.saved_tensors, node.apply(grad), strict=True):
            if part is None or not operand.requires_grad:
                continue
            fitted = np.asarray(unbroadcast(part, operand.shape), dtype=operand.dtype)
            key = id(operand)
            arrived[key] = arrived[key] + fitted if key in arrived else fitted
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "zero_grad", "locked": false, "schema_version": 3, "solution": true, "task": false}
def zero_grad(self):
    """Forget the gradient, so that the next backward starts from nothing."""
    ### BEGIN SOLUTION
    self.grad = None
    ### END SOLUTION


# %%
# Try it: the picture of 2.9 once more. Right: [54.], then None or [0.].
# (If your backward calls itself as tensor.backward, this works only after 2.11.)
x = Tensor([3.0], requires_grad=True)
a = track(Tensor([6.0]), MulBackward, x, Tensor([2.0]))
b = track(Tensor([9.0]), PowBackward, x, 2)
backward(track(Tensor([54.0]), MulBackward, a, b))
print(x.grad)
zero_grad(x)
print(x.grad)

# %% [markdown]
# ## 2.11 Switching it on
#
# `enable_autograd()` replaces each operation by one that computes the same value and also records its node. What to replace:
#
# | owner | methods | rule |
# |---|---|---|
# | `Tensor` | `__add__`, `__radd__` | `AddBackward` |
# | | `__sub__`, `__rsub__` | `SubBackward` |
# | | `__mul__`, `__rmul__` | `MulBackward` |
# | | `__truediv__`, `__rtruediv__` | `DivBackward` |
# | | `matmul`, `__matmul__` | `MatmulBackward` |
# | | `sum`, `mean` | `SumBackward`, `MeanBackward` |
# | | `__pow__` | `PowBackward` |
# | | `backward`, `zero_grad` | new |
# | `ReLU`, `Sigmoid` | `forward` | `ReLUBackward`, `SigmoidBackward` |
# | `MSELoss`, `CrossEntropyLoss` | `forward` | `MSEBackward`, `CrossEntropyBackward` |
#
# Things to think of:
#
# - In `__rsub__(self, other)` the result is `other - self`: the first operand of the rule is `other`.
# - `other` may be a number. Make it a Tensor before you give it to a rule: `Tensor(operand_data(other, self.dtype))`.
# - The replaced method needs the original one to compute the value. Keep the original where a second call of `enable_autograd` can find it, so that you never wrap a wrapped method.
# - Return the result.
# - What a rule needs goes into its node, not onto the class and not onto `self` of `ReLU` or `Sigmoid` (point 16 of the contract).
# - Do not hide errors with `try ... except ...: pass`: a loss that is silently not tracked is hard to find.
# @@if stretch@@
# - The stretch rules come later in this notebook. If you write them, let `enable_autograd` install those that exist at the time of the call (`"NegBackward" in globals()` tells), and call it once more below them.
# @@end@@

# %% nbgrader={"grade": false, "grade_id": "enable_autograd", "locked": false, "schema_version": 3, "solution": true, "task": false}
def enable_autograd(quiet=False):
    """Install tracked operations, Tensor.backward and Tensor.zero_grad.

    Calling it twice is the same as calling it once. quiet=True prints nothing.
    """

    ### BEGIN SOLUTION
    # Each wrapper takes a forward-only method and returns its tracked version.
    def operator(forward, rule):
        def tracked(self, other):
            other = as_operand(other, self)
            return track(forward(self, other), rule, self, other)

        return tracked

    def reflected_operator(forward, rule):
        def tracked(self, other):
            other = as_operand(other, self)
            return track(forward(self, other), rule, other, self)

        return tracked

    def method(forward, rule):
        def tracked(self, *options, **named):
            return track(forward(self, *options, **named), rule, self, *options, **named)

        return tracked

    def module(forward, rule):
        def tracked(self, *operands, **options):
            return track(forward(self, *operands, **options), rule, *operands, **options)

        return tracked

    def as_operand(other, tensor):
        return other if isinstance(other, Tensor) else Tensor(operand_data(other, tensor.dtype))

    def install(owner, name, wrapper, rule):
        current = getattr(owner, name)
        forward = getattr(current, "forward_only", current)  # never wrap a wrapped method
        tracked = wrapper(forward, rule)
        tracked.forward_only = forward
        setattr(owner, name, tracked)

    arithmetic = {
        "add": AddBackward,
        "sub": SubBackward,
        "mul": MulBackward,
        "truediv": DivBackward,
    }
    for name, rule in arithmetic.items():
        install(Tensor, f"__{name}__", operator, rule)
        install(Tensor, f"__r{name}__", reflected_operator, rule)
    install(Tensor, "matmul", operator, MatmulBackward)
    install(Tensor, "__matmul__", operator, MatmulBackward)
    install(Tensor, "sum", method, SumBackward)
    install(Tensor, "mean", method, MeanBackward)
    install(Tensor, "__pow__", method, PowBackward)
    install(ReLU, "forward", module, ReLUBackward)
    install(Sigmoid, "forward", module, SigmoidBackward)
    install(MSELoss, "forward", module, MSEBackward)
    install(CrossEntropyLoss, "forward", module, CrossEntropyBackward)

    # @@if stretch@@
    # The stretch rules are written further down; install those that exist by now.
    for owner, name, wrapper, rule_name in [
        (Tensor, "__neg__", method, "NegBackward"),
        (Tensor, "transpose", method, "TransposeBackward"),
        (Tensor, "reshape", method, "ReshapeBackward"),
        (Tensor, "__getitem__", method, "SliceBackward"),
        (Softmax, "forward", module, "SoftmaxBackward"),
        (GELU, "forward", module, "GELUBackward"),
        (BinaryCrossEntropyLoss, "forward", module, "BCEBackward"),
    ]:
        if rule_name in globals():
            install(owner, name, wrapper, globals()[rule_name])
    # @@end@@

    Tensor.backward = backward
    Tensor.zero_grad = zero_grad
    if not quiet:
        print("Autograd is on.")
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "switch_on", "locked": true, "schema_version": 3, "solution": false, "task": false}
enable_autograd()
enable_autograd()  # twice is the same as once


# %%
# Try it: is everything tracked? Right: True and the name of the rule in every line.
# False or NoneType means: this method is not replaced, or its new version returns the wrong thing.
x, label = Tensor([[3.0]], requires_grad=True), Tensor([0])
results = {
    "x + 1": x + 1,
    "1 + x": 1 + x,
    "x - 1": x - 1,
    "1 - x": 1 - x,
    "x * 2": x * 2,
    "2 * x": 2 * x,
    "x / 2": x / 2,
    "2 / x": 2 / x,
    "x ** 2": x**2,
    "x @ x": x @ x,
    "x.matmul(x)": x.matmul(x),
    "x.sum()": x.sum(),
    "x.mean()": x.mean(),
    "ReLU": ReLU()(x),
    "Sigmoid": Sigmoid()(x),
    "MSELoss": MSELoss()(x, Tensor([[1.0]])),
    "CrossEntropyLoss": CrossEntropyLoss()(x, label),
}
for name, result in results.items():
    node = getattr(result, "_grad_fn", None)
    print(f"{name:17}", result.requires_grad, type(node).__name__)

# And the picture of 2.9, now without any help. Right: [54.].
x = Tensor([3.0], requires_grad=True)
y = (2 * x) * x**2
y.backward()
print("x.grad", x.grad)

# %% [markdown]
# After you change a rule or the engine, restart the kernel and run all cells: the installed operations may still hold the old version.
#
# ## 2.12 Your own microscope
#
# Before the checks, a tool. The slope of any function can be **measured**: move one element a little up, a little down, and look at the difference of the results. This is slow: it computes the function twice for each element, where a rule needs one pass for all of them. But it needs no rule, so it can judge one. Use it on float64 arrays.

# %% nbgrader={"grade": false, "grade_id": "numerical_gradient", "locked": true, "schema_version": 3, "solution": false, "task": false}
def numerical_gradient(function, values, step=1e-6):
    """Measure the gradient of a function with a single number as its result.

    function: takes a Tensor of the shape of values, returns a Tensor of one element.
    Returns an ndarray of the shape of values.
    """
    values = np.array(values, dtype=np.float64)
    gradient = np.zeros_like(values)
    for index in np.ndindex(values.shape):
        up, down = values.copy(), values.copy()
        up[index] += step
        down[index] -= step
        gradient[index] = (function(Tensor(up)).item() - function(Tensor(down)).item()) / (2 * step)
    return gradient


# %%
# Change the function and the numbers as you like.
def my_function(t):
    """Compute something from a (2, 3) tensor."""
    return ((t * t + 1) / (t - 7)).mean(axis=1).sum()


t = Tensor(np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 4.0]]), requires_grad=True)
my_function(t).backward()
print("backward:\n", as_array(t.grad))
print("measured:\n", numerical_gradient(my_function, t.data))

# %% [markdown]
# ## 2.13 Checks of the engine
#
# **Tracking.** Operations compute the same values as before, and their results ask for gradients exactly when an operand does.

# %% nbgrader={"grade": true, "grade_id": "test_tracking", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("tracking")

# %% [markdown]
# **Backward.** From a result to the leaves, through several operations.

# %% nbgrader={"grade": true, "grade_id": "test_backward", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("backward")

# %% [markdown]
# **Accumulation.** A tensor used twice; paths of different lengths, as in 2.9; two backward calls; `zero_grad`.

# %% nbgrader={"grade": true, "grade_id": "test_accumulation", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("accumulation")

# %% [markdown]
# **The contract of backward** (points 5 and 8).

# %% nbgrader={"grade": true, "grade_id": "test_backward_contract", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("backward_contract")

# %% [markdown]
# **Broadcasting.** The gradient of each leaf has the shape of the leaf.

# %% nbgrader={"grade": true, "grade_id": "test_broadcasting", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("broadcasting")

# %% [markdown]
# **Sum and mean** with `axis` and `keepdims`.

# %% nbgrader={"grade": true, "grade_id": "test_reductions", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("reductions")

# %% [markdown]
# **Batches of matrices.** The batch axes of the two operands may differ; they broadcast.

# %% nbgrader={"grade": true, "grade_id": "test_matmul_broadcast", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("matmul_broadcast")

# %% [markdown]
# **Power, ReLU, sigmoid, losses.** The incoming gradient is not 1, and two nodes of one kind stand in one graph.

# %% nbgrader={"grade": true, "grade_id": "test_pow", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("pow")

# %% nbgrader={"grade": true, "grade_id": "test_relu", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("relu")

# %% nbgrader={"grade": true, "grade_id": "test_sigmoid", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("sigmoid")

# %% nbgrader={"grade": true, "grade_id": "test_mse", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("mse")

# %% nbgrader={"grade": true, "grade_id": "test_cross_entropy", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("cross_entropy")

# %% [markdown]
# ## 2.14 Four examples by hand
#
# Work each out on paper first. The right answers are 6, 80, 12 and 5.

# %%
# Power rule: y = x², dy/dx = 2x
x = Tensor([3.0], requires_grad=True)
y = x * x
y.backward()
print("1. x² at 3:         ", x.grad)

# Product rule: u = x², v = x³, y = u v = x⁵, dy/dx = 5x⁴
x = Tensor([2.0], requires_grad=True)
u = x * x
v = x * x * x
y = u * v
y.backward()
print("2. x² · x³ at 2:    ", x.grad)

# Chain rule: g = x², f = 3g, df/dx = 3 · 2x
x = Tensor([2.0], requires_grad=True)
g = x * x
f = g + g + g
f.backward()
print("3. 3x² at 2:        ", x.grad)

# Several paths: z = (x + x) + 3x, dz/dx = 2 + 3
x = Tensor([1.0], requires_grad=True)
z = (x + x) + x * 3
z.backward()
print("4. (x + x) + 3x at 1:", x.grad)

# %% [markdown]
# ## 2.15 A network of two layers
#
# ```
#   x (1,3) ──┐
#             ├─[ @ ]─ (1,2) ─┐
#   W1 (3,2) ─┘               ├─[ + ]─ h (1,2) ─┐
#   b1 (1,2) ─────────────────┘                 ├─[ @ ]─ output (1,1) ─[ **2 ]─[ sum ]─ loss ()
#   W2 (2,1) ───────────────────────────────────┘
# ```

# %%
x = Tensor([[1.0, -1.0, 2.0]], requires_grad=True)
W1 = Tensor([[0.4, 0.1], [-0.2, 0.3], [0.5, -0.6]], requires_grad=True)
b1 = Tensor([[0.2, -0.1]], requires_grad=True)
W2 = Tensor([[0.7], [0.9]], requires_grad=True)

h = x.matmul(W1) + b1
output = h.matmul(W2)
loss = (output**2).sum()
loss.backward()

print("loss", loss.item())
for name, tensor in {"x": x, "W1": W1, "b1": b1, "W2": W2}.items():
    print(f"{name}.grad  shape {tensor.grad.shape}\n{tensor.grad}")

# %% [markdown]
# ## 2.16 Training
#
# Everything together: a network of the given layers learns a curve. One step is always the same four lines: compute the loss, forget old gradients, `backward`, move every parameter a little against its gradient.
#
# The layers are written with Tensor operations, so they are tracked without any further work.

# %%
np.random.seed(1)
inputs = Tensor(np.linspace(-1, 1, 40).reshape(40, 1).astype(np.float32))
targets = Tensor(np.sin(3 * inputs.data) + 0.5)
model = Sequential(Linear(1, 8), ReLU(), Linear(8, 8), ReLU(), Linear(8, 1))

for step in range(31):
    loss = MSELoss()(model(inputs), targets)
    for parameter in model.parameters():
        parameter.zero_grad()
    loss.backward()
    for parameter in model.parameters():
        parameter.data = parameter.data - 0.3 * np.asarray(parameter.grad)
    if step % 5 == 0:
        print(f"step {step:2d}   loss {loss.item():.4f}   {'#' * round(50 * min(1, loss.item()))}")

# %% nbgrader={"grade": true, "grade_id": "test_training", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("training")

# %% [markdown]
# ---
# ## Checkpoint 2 reached
#
# `loss.backward()` now computes the gradients of any network made of your operations. This is what training needs; the optimizers of the next module only decide how to use the gradients.
#
# **Progress: about 80 %.** Still to come: the comparison with PyTorch@@if written@@, the systems questions@@end@@@@if stretch@@, the stretch for those who want more@@end@@.
#
# Later modules import your engine. Save this notebook, then, in a terminal in its folder:
#
# | | |
# |---|---|
# | `python -m tinytorch` | all parts at a glance, without Jupyter |
# | `python -m tinytorch test mul` | one part in full |
# | `python -m tinytorch complete` | exports your finished cells to `tinytorch/core/autograd.py`, imports them in a fresh process and runs the checks again |
#
# The export switches autograd on when it is imported: `import tinytorch.core.autograd` is enough.
#
# ```
#   [####################     ]  80 %
# ```
# ---

# %%
check()

# %% [markdown]
# # Comparison with PyTorch
#
# The same computation in both. If PyTorch is not installed, the cell says so; nothing depends on it.

# %%
x = Tensor([[1.5, -2.0]], requires_grad=True)
w = Tensor([[0.4], [-0.3]], requires_grad=True)
ours = (Sigmoid()(x.matmul(w)) ** 2).mean()
ours.backward()
print("tinytorch  loss", ours.item(), " x.grad", as_array(x.grad), " w.grad", as_array(w.grad).T)

try:
    import torch
except ImportError:
    print("PyTorch is not installed here: comparison left out.")
else:
    x = torch.tensor([[1.5, -2.0]], requires_grad=True)
    w = torch.tensor([[0.4], [-0.3]], requires_grad=True)
    theirs = (torch.sigmoid(x @ w) ** 2).mean()
    theirs.backward()
    print("PyTorch    loss", theirs.item(), " x.grad", x.grad.numpy(), " w.grad", w.grad.numpy().T)


# %% [markdown]
# | you wrote | PyTorch has |
# |---|---|
# | `Function`, `saved_tensors` | `torch.autograd.Function`, `ctx.save_for_backward` |
# | `apply(grad_output)` | `backward(ctx, grad_output)` |
# | `_grad_fn`, `next_functions` | `tensor.grad_fn`, `grad_fn.next_functions` |
# | the walk in `backward` | an engine in C++, with one thread for each device |
# | gradients stored in the tensor itself | the same since version 0.4; before, a separate `Variable` wrapped the tensor |
#
# PyTorch also frees the graph during the walk, notices values that were overwritten after they were saved, and can track the backward pass itself for second derivatives.

# %% [markdown] with="written"
# # Systems thinking
#
# Questions for @@points written@@ points, read and graded by a person. Five to ten sentences each; numbers and reasons count more than length.
#
# The same person looks through your rules: they are to be derived, not measured. That is part of question 2.

# %% [markdown] with="systems_graph_memory"
# ## Question 1: memory of the graph
#
# 1. Which data structures form the graph in your implementation? When is each part made, and when can its memory be freed?
# 2. ResNet-50 has about 25.6 million parameters. Assume that its layers save about 11 million numbers for each image. With float32 and a batch of 32, compare the memory of the parameters with that of the saved tensors.
# 3. What does gradient checkpointing change in this comparison, and what does it cost?

# %% [markdown] nbgrader={"grade": true, "grade_id": "systems_graph_memory", "locked": false, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# The nodes are `Function` objects. Each tensor that an operation returns points to its node (`_grad_fn`), and the node points to its input tensors (`saved_tensors`): together a directed graph without cycles. It is made during forward, one node for each operation, by the code that ran (define-by-run). Nothing points from inputs to results, so as soon as the loss and the other results are out of use, Python frees the whole graph; an engine may also free each node after its rule has run. Parameters and their gradients stay.
#
# Parameters: 25.6 million · 4 bytes = about 102 MB (the gradients need as much again). Saved tensors: 11 million · 4 bytes = 44 MB for an image, about 1.4 GB for 32 images, fourteen times the parameters. It grows with the batch and the image size, the parameters do not. Real numbers are higher still, because normalisation and ReLU save their inputs too.
#
# Checkpointing keeps only the inputs of segments and computes the inside again during backward. With k layers in segments of about √k, memory falls from k to about 2√k layers, for one additional forward pass: about a third more time, since backward costs about two forwards.
# ### END SOLUTION

# %% [markdown] with="systems_reverse_mode"
# ## Question 2: reverse mode and forward mode
#
# 1. For a function from n numbers to m numbers, how many passes does forward mode need for all derivatives, and how many does reverse mode?
# 2. What does that mean for a loss that depends on 25.6 million parameters?
# 3. Why does one backward pass cost about twice a forward pass in a network of matrix products? What is the price of reverse mode, and when would you choose forward mode?
# 4. Derive one of your rules, other than add and subtract, in two or three lines, and say which part of your `apply` is which factor. A rule that measures the slope instead earns nothing here.

# %% [markdown] nbgrader={"grade": true, "grade_id": "systems_reverse_mode", "locked": false, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Forward mode pushes one direction of the input through the computation (a Jacobian-vector product): one pass for each of the n inputs. Reverse mode pulls one weighting of the outputs back (a vector-Jacobian product, what `apply` does): one pass for each of the m outputs.
#
# A loss has m = 1. Reverse mode needs one backward pass for all 25.6 million derivatives; forward mode would need 25.6 million passes of about the cost of a forward. The advantage is of the order of 10⁷.
#
# For Z = A @ B backward computes two products of the same size, G Bᵀ and Aᵀ G, so about twice the forward. With the forward itself a training step costs about three forwards. The price of reverse mode is memory: values are needed in the opposite order, so they are kept until backward reaches them, or computed again. Forward mode needs no graph, and is better for few inputs and many outputs: sensitivity to one parameter, a directional derivative, a Hessian-vector product (forward over reverse).
#
# The rule of z = a / b, for b: dz/db = d(a·b⁻¹)/db = −a·b⁻², and the chain rule gives G·(−a/b²). In `apply`, `grad_output` is G, and `-a.data / b.data**2` is the slope.
#
# Rubric: 1 point for the passes (n and m), 1 for what they mean for a loss, 2 for cost, price and choice, 1 for the derivation. The last needs a right derivation, and rules in the notebook that are derived, not measured by finite differences.
# ### END SOLUTION

# %% [markdown] with="systems_accumulation"
# ## Question 3: accumulation
#
# 1. Why does `.grad` add instead of overwrite? Name one situation within a graph and one between two `backward` calls.
# 2. A batch of 64 does not fit in memory. How do you get the same gradient from four batches of 16, why does it need less memory, and what can still differ?
# 3. Why can an in-place operation such as `x.data += y` make gradients wrong? How could an engine notice?

# %% [markdown] nbgrader={"grade": true, "grade_id": "systems_accumulation", "locked": false, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Within one graph a tensor can be used several times; the chain rule says that its gradient is the sum over all paths. Between calls, several losses (or several batches) that share parameters contribute to one step, so their gradients must add; the user says with `zero_grad` when a new step begins. Forgetting it mixes in old gradients, as if the step size grew.
#
# For four batches of 16: compute the mean loss of each, divide it by 4, call `backward` on each, then do one optimizer step and one `zero_grad`. The sum of the four gradients is the gradient of the mean over 64. Only one graph of 16 examples is alive at a time, so the saved tensors take a quarter of the memory. Layers that look at the whole batch differ: batch normalisation computes its mean over 16 instead of 64. Rounding differs slightly, and four smaller passes use the hardware less well.
#
# A rule such as that of a · b reads a and b during backward. If somebody overwrote them in between, the rule computes with values that were not used in forward, without any error. An engine can keep a version number in each tensor, raise it at every in-place change, store it when a tensor is saved, and compare during backward. PyTorch does this and raises an error.
# ### END SOLUTION

# %% [markdown] with="systems_pytorch"
# ## Question 4: from here to PyTorch
#
# 1. Say which part of your code corresponds to `grad_fn`, `ctx.save_for_backward`, `torch.autograd.Function` and the engine.
# 2. Explain with your implementation: `RuntimeError: element 0 of tensors does not require grad`, and a parameter whose `.grad` is None after `backward`.
# 3. PyTorch builds its graph while the program runs; TensorFlow 1 had it built first and run later. Give one advantage of each.

# %% [markdown] nbgrader={"grade": true, "grade_id": "systems_pytorch", "locked": false, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# `grad_fn` is our `_grad_fn`, the node on a result. `ctx.save_for_backward` is our `saved_tensors`. A `torch.autograd.Function` subclass corresponds to one of our `...Backward` classes, except that it holds forward too and receives `ctx` instead of `self`. The engine is our `backward`: it visits nodes after all their users and adds contributions. PyTorch's runs in C++, frees saved tensors as it goes, and stores `.grad` on leaves only.
#
# The error means that `backward` was called on a tensor that is not connected to anything that wants a gradient: all operands had `requires_grad=False`, or the path was cut by working on `.data`, on NumPy arrays, or on an untracked operation. Our `backward` returns quietly in this case, so the mistake shows later. A parameter with `.grad` None is not on any path to the loss: it was not used, or an operation between was not tracked, or the parameter was replaced by a new tensor, or `backward` has not been called since `zero_grad`.
#
# A graph built while running follows ordinary Python control flow, can differ from step to step, and is debugged with print and a debugger at the line that fails. A graph that is built first can be optimised as a whole before it runs: fused operations, planned memory, other devices, export without Python. `torch.compile` recovers part of this.
# ### END SOLUTION

# %% [markdown] with="stretch"
# ---
# # Stretch
#
# Extra credit, beside the checkpoints: up to @@points stretch@@ points.
#
# | part | points |
# |---|---|
# @@if neg@@
# | negation (S.1) | @@points neg@@ |
# @@end@@
# @@if transpose@@
# | transpose (S.1) | @@points transpose@@ |
# @@end@@
# @@if reshape@@
# | reshape (S.1) | @@points reshape@@ |
# @@end@@
# @@if slice@@
# | slice (S.2) | @@points slice@@ |
# @@end@@
# @@if softmax@@
# | softmax (S.3) | @@points softmax@@ |
# @@end@@
# @@if gelu@@
# | GELU (S.4) | @@points gelu@@ |
# @@end@@
# @@if bce@@
# | binary cross-entropy (S.5) | @@points bce@@ |
# @@end@@
# @@if checkpointing@@
# | gradient checkpointing (S.6) | @@points checkpointing@@ |
# @@end@@
# @@if deeper-chain@@
# | a chain of 2,000 operations (S.7) | @@points deeper-chain@@ |
# @@end@@
# @@if deep-sharing@@
# | heavy sharing (S.7) | @@points deep-sharing@@ |
# @@end@@
# @@if matmul-vectors@@
# | vectors in `matmul` (S.7) | @@points matmul-vectors@@ |
# @@end@@
#
# The rules below have the same form as the others. When you have written some, make sure that `enable_autograd()` installs them: `__neg__`, `transpose`, `reshape`, `__getitem__` of `Tensor`, and `forward` of `Softmax`, `GELU`, `BinaryCrossEntropyLoss`. Install only what you wrote: an unfinished rule would stop a forward computation that works now.
#
# Constructor options follow the forward methods: `TransposeBackward(t, dim0=None, dim1=None)`, `SliceBackward(t, key)`, `SoftmaxBackward(x, dim=-1)`.
#
# ## S.1 Rules that only rearrange
#
# Negation turns the sign. Transpose swaps two axes: swap them again. Reshape puts the same numbers in another shape: give the gradient the old shape back.

# %% with="neg" nbgrader={"grade": false, "grade_id": "neg_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
class NegBackward(Function):
    """Rule of z = -t."""

    def apply(self, grad_output):
        """In: gradient of z, shape of t. Out: (gradient of t,)."""
        ### BEGIN SOLUTION
        (t,) = self.saved_tensors
        return (-grad_output if t.requires_grad else None,)
        ### END SOLUTION


# %% with="transpose" nbgrader={"grade": false, "grade_id": "transpose_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
class TransposeBackward(Function):
    """Rule of z = t.transpose(dim0, dim1); without arguments the last two axes."""

    def __init__(self, t, dim0=None, dim1=None):
        """Remember t and the two axes."""
        ### BEGIN SOLUTION
        super().__init__(t)
        self.axes = (-2, -1) if dim0 is None else (dim0, dim1)
        ### END SOLUTION

    def apply(self, grad_output):
        """In: gradient of z, shape of z. Out: (gradient of t,), shape of t."""
        ### BEGIN SOLUTION
        (t,) = self.saved_tensors
        return (np.swapaxes(grad_output, *self.axes) if t.requires_grad else None,)
        ### END SOLUTION


# %% with="reshape" nbgrader={"grade": false, "grade_id": "reshape_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
class ReshapeBackward(Function):
    """Rule of z = t.reshape(shape)."""

    def __init__(self, t, *shape):
        """Remember t (its old shape is all that the rule needs)."""
        ### BEGIN SOLUTION
        super().__init__(t)
        ### END SOLUTION

    def apply(self, grad_output):
        """In: gradient of z, shape of z. Out: (gradient of t,), shape of t."""
        ### BEGIN SOLUTION
        (t,) = self.saved_tensors
        return (np.reshape(grad_output, t.shape) if t.requires_grad else None,)
        ### END SOLUTION


# %% [markdown] with="slice"
# ## S.2 Slice
#
# $z = t[\text{key}]$ reads some elements. Elements that were not read receive 0. An index list such as `t[np.array([0, 0, 2])]` reads one element twice: its contributions are added. Note that `grad[key] += g` adds only once there; look up `np.add.at`.

# %% with="slice" nbgrader={"grade": false, "grade_id": "slice_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
class SliceBackward(Function):
    """Rule of z = t[key]."""

    def __init__(self, t, key=...):
        """Remember t and the key."""
        ### BEGIN SOLUTION
        super().__init__(t)
        self.key = key
        ### END SOLUTION

    def apply(self, grad_output):
        """In: gradient of z, shape of z. Out: (gradient of t,), shape of t."""
        ### BEGIN SOLUTION
        (t,) = self.saved_tensors
        if not t.requires_grad:
            return (None,)
        grad = np.zeros_like(t.data)
        np.add.at(grad, self.key, grad_output)
        return (grad,)
        ### END SOLUTION


# %% [markdown] with="softmax"
# ## S.3 Softmax
#
# Each output depends on each input of its row: $\partial s_i / \partial x_j = s_i\,(\delta_{ij} - s_j)$. Summed against G:
#
# $$\text{to } x:\; s \cdot \Bigl(G - \sum_i G_i\, s_i\Bigr),$$
#
# where the sum runs along `dim` and is kept as an axis of length 1. A constant G gives 0: softmax does not change when everything moves together.

# %% with="softmax" nbgrader={"grade": false, "grade_id": "softmax_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
class SoftmaxBackward(Function):
    """Rule of s = softmax(x) along dim."""

    def __init__(self, x, dim=-1):
        """Remember x and the axis."""
        ### BEGIN SOLUTION
        super().__init__(x)
        self.dim = dim
        ### END SOLUTION

    def apply(self, grad_output):
        """In: gradient of s, shape of x. Out: (gradient of x,)."""
        ### BEGIN SOLUTION
        (x,) = self.saved_tensors
        if not x.requires_grad:
            return (None,)
        s = Softmax().forward(Tensor(x.data), self.dim).data
        along = np.sum(grad_output * s, axis=self.dim, keepdims=True)
        return (s * (grad_output - along),)
        ### END SOLUTION


# %% [markdown] with="gelu"
# ## S.4 GELU
#
# The form in `activations.py`: with $u = \sqrt{2/\pi}\,(x + 0.044715\,x^3)$,
#
# $$z = \tfrac12\, x\,(1 + \tanh u), \qquad \frac{dz}{dx} = \tfrac12\,(1 + \tanh u) + \tfrac12\, x\,(1 - \tanh^2 u)\,\frac{du}{dx}.$$

# %% with="gelu" nbgrader={"grade": false, "grade_id": "gelu_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
class GELUBackward(Function):
    """Rule of GELU in its tanh form."""

    def apply(self, grad_output):
        """In: gradient of z, shape of x. Out: (gradient of x,)."""
        ### BEGIN SOLUTION
        (tensor,) = self.saved_tensors
        if not tensor.requires_grad:
            return (None,)
        x, c = tensor.data, float(np.sqrt(2 / np.pi))
        tanh = np.tanh(c * (x + 0.044715 * x**3))
        slope_of_u = c * (1 + 3 * 0.044715 * x**2)
        slope = 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh**2) * slope_of_u
        return (grad_output * slope,)
        ### END SOLUTION


# %% [markdown] with="bce"
# ## S.5 Binary cross-entropy
#
# $L = -\frac1N \sum_i \bigl(t_i \log p_i + (1 - t_i) \log(1 - p_i)\bigr)$ over all $N$ elements, with p clipped to $10^{-7} \dots 1 - 10^{-7}$:
#
# $$\text{to } p:\; \frac{G}{N} \cdot \frac{p - t}{p\,(1 - p)}.$$

# %% with="bce" nbgrader={"grade": false, "grade_id": "bce_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
class BCEBackward(Function):
    """Rule of the binary cross-entropy of probabilities and targets."""

    def apply(self, grad_output):
        """In: gradient of L, shape (). Out: (gradient of predictions, gradient of targets)."""
        ### BEGIN SOLUTION
        predictions, targets = self.saved_tensors
        p = np.clip(predictions.data, 1e-7, 1.0 - 1e-7)
        t = targets.data
        scale = grad_output / p.size
        return (
            scale * (p - t) / (p * (1 - p)) if predictions.requires_grad else None,
            scale * (np.log(1 - p) - np.log(p)) if targets.requires_grad else None,
        )
        ### END SOLUTION


# %% [markdown] with="checkpointing"
# ## S.6 Gradient checkpointing
#
# `checkpoint(function, *inputs)` computes `function(*inputs)` and returns its result as a Tensor, but keeps only the inputs, not the graph inside. During backward the function runs a second time, now with its graph, and gradients flow through it. The gradients, of the inputs and of any parameters used inside, are the same as without it.
#
# ```
#   without      x ─[ ]─ . ─[ ]─ . ─[ ]─ . ─[ ]─ y      every . stays in memory
#   with         x ─[         checkpoint       ]─ y     only x stays; the rest comes back
#                                                       for a moment, during backward
# ```

# %% with="checkpointing" nbgrader={"grade": false, "grade_id": "checkpoint", "locked": false, "schema_version": 3, "solution": true, "task": false}
def checkpoint(function, *inputs):
    """Compute function(*inputs) without keeping the graph inside; recompute it in backward.

    In:  a function of Tensors that returns a Tensor; its inputs.
    Out: a Tensor with the same value and the same gradients as function(*inputs).
    """

    ### BEGIN SOLUTION
    def run():
        """Run function on copies of the inputs that are cut off from the graph outside."""
        copies = [
            Tensor(x.data, requires_grad=x.requires_grad) if isinstance(x, Tensor) else x
            for x in inputs
        ]
        return function(*copies), copies

    class CheckpointBackward(Function):
        """Rule of the whole function: run it again and walk the graph that appears."""

        def apply(self, gradient):
            output, copies = run()
            output.backward(gradient)  # parameters inside receive their gradients here
            return tuple(copy.grad for copy in copies if isinstance(copy, Tensor))

    inside, _ = run()
    result = Tensor(inside.data)
    # inside also wants a gradient when only a parameter within the function does.
    if inside.requires_grad:
        result.requires_grad = True
        result._grad_fn = CheckpointBackward(*(x for x in inputs if isinstance(x, Tensor)))
    return result
    ### END SOLUTION


# %% [markdown] with="stretch"
# ## S.7 Deep graphs
#
# @@if deeper-chain@@
# - a chain of 2,000 operations: no new code is needed if your engine walks a list
# @@end@@
# @@if deep-sharing@@
# - heavy sharing: twenty doublings such as `x = x + x`, or `x = x * 1.5 - x * 0.25`, in time that grows with the number of operations, not with the number of paths (more than a million)
# @@end@@
# @@if matmul-vectors@@
# - vectors (1-D) in `matmul`: `v @ B`, `A @ v` and `v @ w`
# @@end@@

# %% with="stretch"
enable_autograd()  # once more: now the stretch rules exist


# %% with="stretch" nbgrader={"grade": true, "grade_id": "test_stretch", "locked": true, "schema_version": 3, "solution": false, "task": false}
check("stretch")

# %% [markdown]
# ---
# # What you have built
#
# An engine that differentiates any program made of your operations: nodes that remember, rules of a few lines, and one walk. The next module uses the gradients to move the parameters; everything from here on, however large, rests on the same three parts.
