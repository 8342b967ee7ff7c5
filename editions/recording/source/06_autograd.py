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
# In the modules before, you have built `Tensor`, activations, layers and losses. Each operation there is a class with a `forward`: `Add`, `Mul`, `Sum` and so on. In this module every one of these classes receives its other half, `backward`, and `Function.apply`, through which all of them run, learns to remember. After that `loss.backward()` computes the gradient of any network.
#
# | part | points | you write |
# |---|---|---|
# | Checkpoint 1 | 40 | what a node keeps, and `backward` of six operations |
# | Checkpoint 2 | 40 | `backward` of six more, `apply` that records, and the walk |
# | Systems thinking | 20 | four written answers |
# | Stretch | up to 12, extra credit | seven more operations, gradient checkpointing, deep graphs |
#
# A checkpoint is passed with 80 % of its points, unless your instructor says otherwise.
#
# Fill in every place that says `YOUR CODE HERE`, and remove the `raise NotImplementedError()` there. Add cells wherever you like. You hand in this notebook, a `.py` file with the same definitions, or your whole repository.
#
# Cells such as `check("mul")` try small cases and say what is wrong. Your points come from hidden tests with other numbers and other shapes.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
from tinytorch.checks import check
from tinytorch.core.activations import (
    GELU, GELUFunction, ReLU, ReLUFunction, Sigmoid, SigmoidFunction, Softmax, SoftmaxFunction,
)
from tinytorch.core.layers import Linear, Sequential
from tinytorch.core.losses import (
    BinaryCrossEntropyFunction, BinaryCrossEntropyLoss, CrossEntropyFunction, CrossEntropyLoss,
    MSEFunction, MSELoss,
)
from tinytorch.core.tensor import (
    Add, Div, Function, MatMul, Mean, Mul, Neg, Pow, Reshape, Slice, Sub, Sum, Tensor, Transpose,
    method_of,
)


# %% [markdown]
# Run the cell above, then this one: it shows all parts at a glance.

# %%
check()

# %% [markdown]
# ## The contract
#
# Everything that the hidden tests rely on.
#
# | | what must hold |
# |---|---|
# | 1 | `Mul(a, b)` is a node: it keeps its tensors, in order, in `inputs`. `node.backward(grad_output)` takes an ndarray of the result's shape and returns a tuple: one entry for each input, None for an input that needs no gradient. `Function.backward` itself raises `NotImplementedError`. |
# | 2 | `Mul.apply(a, b)` computes the result. When an input has `requires_grad`, so has the result, and its `_grad_fn` is the node. |
# | 3 | After `backward`, the `.grad` of a leaf has the leaf's shape. Who sums over broadcast axes is your choice: `backward` of the operation, or the walk. |
# | 4 | `sum` and `mean` take `axis` and `keepdims`. Python numbers work on both sides of `+ - * /`. |
# | 5 | `matmul` and `@` work for matrices, for batches, and for batches that broadcast. Vectors in `matmul` are stretch. |
# | 6 | `backward()` without an argument on a tensor of more than one element raises `ValueError`. On a tensor with `requires_grad=False` it returns without doing anything. |
# | 7 | Gradients accumulate over paths and over calls of `backward`, until `zero_grad()`. A tensor that is used several times gets the sum over its uses. |
# | 8 | `backward` does not change the array that the caller passes in, and no two tensors share one gradient array. |
# | 9 | Chains of up to 300 operations work. |
# | 10 | The gradient of ReLU at 0 is 0. GELU is the tanh form of `activations.py`. |
# | 11 | NumPy only. float32 is the default; a float64 array stays float64. |
# | 12 | What a node has to remember is kept on the node: in `self`, not on the class. |
# | 13 | One slip costs about its own share, and mending something never lowers your score. |
#
# Calling `backward` twice through one graph is not tested; keep the graph or release it as you like. `backward` may return a list, Tensors, or zeros in place of None.

# %% [markdown]
# ## `method_of`
#
# The classes live in `tinytorch.core`, and you do not edit them there. Instead the decorator `method_of` puts a function into a class, under the function's own name. So `@method_of(Mul)` above `def backward` has the effect of writing `backward` inside `class Mul`.
#
# Below is a helper for cells that print gradients: it accepts ndarrays and Tensors alike.

# %% nbgrader={"grade": false, "grade_id": "check_helpers", "locked": true, "schema_version": 3, "solution": false, "task": false}
def as_array(value):
    """Return the numbers of a gradient, whether it is an ndarray or a Tensor."""
    return np.asarray(value, dtype=np.float64)


# %% [markdown]
# ---
# # Checkpoint 1: what a node keeps, and six rules
#
# ## 1.1 The node
#
# `Function.__init__` of the handout keeps nothing, so `Mul(a, b)` forgets a and b at once. Its rule needs them: keep them in `inputs`, as a tuple, in order. And give the base class a `backward` that says that there is none yet.
#
# The operations call `super().__init__(t)` in their own constructors, and keep options such as `axis` themselves.

# %% nbgrader={"grade": false, "grade_id": "function", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(Function)
def __init__(self, *inputs):
    """Keep the input tensors, in order."""
    ### BEGIN SOLUTION
    self.inputs = inputs
    ### END SOLUTION


@method_of(Function)
def backward(self, grad_output):
    """Raise NotImplementedError: the rule is each operation's own."""
    ### BEGIN SOLUTION
    raise NotImplementedError(f"{type(self).__name__} has no backward yet")
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_function", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("function")

# %% [markdown]
# ## 1.2 Add
#
# $z = a + b$ grows as fast as each of its inputs: both receive G, the gradient that comes in.

# %% nbgrader={"grade": false, "grade_id": "add_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(Add)
def backward(self, grad_output):
    """In: gradient of z. Out: (gradient of a, gradient of b)."""
    ### BEGIN SOLUTION
    a, b = self.inputs
    return (
        grad_output if a.requires_grad else None,
        grad_output if b.requires_grad else None,
    )
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_add", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check("add")

# %% [markdown]
# ## 1.3 Multiply
#
# $z = a \cdot b$: each input receives G times the **other** one. Compute with `.data`: an operation on tensors inside a rule would be recorded too.

# %% nbgrader={"grade": false, "grade_id": "mul_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(Mul)
def backward(self, grad_output):
    """In: gradient of z. Out: (gradient of a, gradient of b)."""
    ### BEGIN SOLUTION
    a, b = self.inputs
    return (
        grad_output * b.data if a.requires_grad else None,
        grad_output * a.data if b.requires_grad else None,
    )
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_mul", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check("mul")

# %% [markdown]
# ## 1.4 Subtract
#
# $z = a - b$ falls where b grows, so b receives a minus.

# %% nbgrader={"grade": false, "grade_id": "sub_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(Sub)
def backward(self, grad_output):
    """In: gradient of z. Out: (gradient of a, gradient of b)."""
    ### BEGIN SOLUTION
    a, b = self.inputs
    return (
        grad_output if a.requires_grad else None,
        -grad_output if b.requires_grad else None,
    )
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_sub", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check("sub")

# %% [markdown]
# ## 1.5 Divide
#
# $\dfrac{\partial z}{\partial a} = \dfrac1b$ and $\dfrac{\partial z}{\partial b} = -\dfrac{a}{b^2}$.

# %% nbgrader={"grade": false, "grade_id": "div_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(Div)
def backward(self, grad_output):
    """In: gradient of z. Out: (gradient of a, gradient of b)."""
    ### BEGIN SOLUTION
    a, b = self.inputs
    return (
        grad_output / b.data if a.requires_grad else None,
        -grad_output * a.data / b.data**2 if b.requires_grad else None,
    )
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_div", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check("div")

# %% [markdown]
# ## 1.6 Matrix product
#
# To A goes $G\,B^{\mathsf T}$, to B goes $A^{\mathsf T} G$: the only arrangements with the right shapes. In a batch `(..., m, k)` the last two axes are swapped, not all of them.

# %% nbgrader={"grade": false, "grade_id": "matmul_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(MatMul)
def backward(self, grad_output):
    """In: gradient of Z, (..., m, n). Out: (gradient of A, gradient of B)."""
    ### BEGIN SOLUTION
    a, b = self.inputs
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


# %% nbgrader={"grade": true, "grade_id": "test_matmul", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
check("matmul")

# %% [markdown]
# ## 1.7 Sum
#
# Every element takes part with the factor 1, so each receives G. With `keepdims=False` the summed axis is missing in G: put it back with length 1, then spread. The node has `self.axis` and `self.keepdims`.

# %% nbgrader={"grade": false, "grade_id": "sum_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(Sum)
def backward(self, grad_output):
    """In: gradient of s. Out: (gradient of t,), shape of t."""
    ### BEGIN SOLUTION
    (t,) = self.inputs
    if not t.requires_grad:
        return (None,)
    grad = grad_output
    if self.axis is not None and not self.keepdims:
        grad = np.expand_dims(grad, self.axis)
    return (np.broadcast_to(grad, t.shape).copy(),)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_sum", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("sum")

# %% [markdown]
# ## 1.8 The form of all rules
#
# One entry for each input, None where nothing is needed, and the caller's array left as it was.

# %% nbgrader={"grade": true, "grade_id": "test_rule_contract", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("rule_contract")

# %% [markdown]
# ---
# # Checkpoint 2: six more rules, and the engine
#
# ## 2.1 Mean
#
# Each element receives its share: G divided by the number of elements that were averaged together.

# %% nbgrader={"grade": false, "grade_id": "mean_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(Mean)
def backward(self, grad_output):
    """In: gradient of m. Out: (gradient of t,), shape of t."""
    ### BEGIN SOLUTION
    (t,) = self.inputs
    if not t.requires_grad:
        return (None,)
    (grad,) = Sum(t, self.axis, self.keepdims).backward(grad_output)
    return (grad * (np.size(grad_output) / t.size),)
    ### END SOLUTION


# %% [markdown]
# ## 2.2 Power
#
# $z = t^n$ with a constant n, which the node keeps as `self.n`: the slope is $n\,t^{\,n-1}$.

# %% nbgrader={"grade": false, "grade_id": "pow_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(Pow)
def backward(self, grad_output):
    """In: gradient of z. Out: (gradient of t,)."""
    ### BEGIN SOLUTION
    (t,) = self.inputs
    if not t.requires_grad:
        return (None,)
    if self.n == 0:  # t ** -1 has no value at 0, the slope of a constant has: 0
        return (np.zeros_like(t.data),)
    return (grad_output * self.n * t.data ** (self.n - 1),)
    ### END SOLUTION


# %% [markdown]
# ## 2.3 ReLU and sigmoid
#
# ReLU lets G through where its **input** was positive. The slope of the sigmoid is $s\,(1 - s)$, with its own result s.

# %% nbgrader={"grade": false, "grade_id": "relu_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(ReLUFunction)
def backward(self, grad_output):
    """In: gradient of z. Out: (gradient of x,)."""
    ### BEGIN SOLUTION
    (x,) = self.inputs
    return (grad_output * (x.data > 0) if x.requires_grad else None,)
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "sigmoid_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(SigmoidFunction)
def backward(self, grad_output):
    """In: gradient of s. Out: (gradient of x,)."""
    ### BEGIN SOLUTION
    (x,) = self.inputs
    if not x.requires_grad:
        return (None,)
    s = self.forward(x.data)
    return (grad_output * s * (1 - s),)
    ### END SOLUTION


# %% [markdown]
# ## 2.4 Losses
#
# Mean squared error over N elements: to the predictions goes $G \cdot 2\,(p - t)/N$. Cross-entropy over N rows: to the logits goes $G \cdot (\text{softmax} - \text{onehot})/N$; the class numbers receive nothing. G is a single number, and not always 1.

# %% nbgrader={"grade": false, "grade_id": "mse_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(MSEFunction)
def backward(self, grad_output):
    """In: gradient of L, shape (). Out: (gradient of predictions, gradient of targets)."""
    ### BEGIN SOLUTION
    predictions, targets = self.inputs
    grad = grad_output * 2 * (predictions.data - targets.data) / predictions.size
    return (
        grad if predictions.requires_grad else None,
        -grad if targets.requires_grad else None,
    )
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "cross_entropy_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(CrossEntropyFunction)
def backward(self, grad_output):
    """In: gradient of L, shape (). Out: (gradient of logits (N, C), None)."""
    ### BEGIN SOLUTION
    logits, targets = self.inputs
    if not logits.requires_grad:
        return None, None
    rows = np.arange(logits.shape[0])
    grad = np.exp(logits.data - logits.data.max(axis=1, keepdims=True))
    grad /= grad.sum(axis=1, keepdims=True)  # softmax
    grad[rows, targets.data.astype(int)] -= 1  # minus one-hot
    return grad_output * grad / len(rows), None
    ### END SOLUTION


# %% [markdown]
# ## 2.5 Broadcasting runs backwards as a sum
#
# Where broadcasting put new axes in front, sum over them; where it repeated an axis of length 1, sum over it and keep length 1.
#
# The functions from here on are one way to organise the engine. Change them, or write your own.

# %% nbgrader={"grade": false, "grade_id": "unbroadcast", "locked": false, "schema_version": 3, "solution": true, "task": false}
def unbroadcast(gradient, shape):
    """Sum a gradient over the axes that broadcasting repeated, down to a shape."""
    ### BEGIN SOLUTION
    new_axes = tuple(range(gradient.ndim - len(shape)))
    gradient = gradient.sum(axis=new_axes)
    repeated = tuple(axis for axis, n in enumerate(shape) if n == 1 and gradient.shape[axis] != 1)
    return gradient.sum(axis=repeated, keepdims=True)
    ### END SOLUTION


# %% [markdown]
# ## 2.6 Recording
#
# `apply` of the handout makes a node, runs its `forward`, and lets the node go. Write one that keeps it: when an input wants a gradient, the result wants one too, and its `_grad_fn` is the node. Where nobody wants one, nothing is kept.
#
# This one method tracks every operation, since all of them pass through it.

# %% nbgrader={"grade": false, "grade_id": "track", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(Function)
@classmethod
def apply(cls, *inputs, **options):
    """Compute the operation, and record its node on the result if an input wants a gradient."""
    ### BEGIN SOLUTION
    node = cls(*inputs, **options)
    result = Tensor(node.forward(*(tensor.data for tensor in inputs)))
    if any(tensor.requires_grad for tensor in inputs):
        result.requires_grad = True
        result._grad_fn = node
    return result
    ### END SOLUTION


# %%
# Try it. Right: True Mul, then False, since nobody asked for a gradient.
x, w = Tensor([2.0], requires_grad=True), Tensor([3.0])
print((x * w).requires_grad, type((x * w)._grad_fn).__name__)
print((w * w).requires_grad)

# %% [markdown]
# ## 2.7 The order
#
# A tensor may be used by several operations. Its gradient is complete when all of them have handed on theirs. So list the tensors from the result on, each once, and every tensor after all that was computed from it.

# %% nbgrader={"grade": false, "grade_id": "topological_order", "locked": false, "schema_version": 3, "solution": true, "task": false}
def topological_order(output):
    """List the tensors that output was computed from and that want a gradient; output first."""
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
        node = tensor._grad_fn
        for operand in node.inputs if node is not None else ():
            if operand.requires_grad:
                stack.append((operand, False))
    return finished[::-1]
    ### END SOLUTION


# %% [markdown]
# ## 2.8 The walk
#
# Start with 1 for a single number, or with the caller's gradient. Then, tensor by tensor: a leaf adds what has arrived to its `.grad`; a result calls `backward` of its node, and hands the entries to the inputs. Store copies: neither the caller's array nor another tensor's may become yours.

# %% nbgrader={"grade": false, "grade_id": "backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(Tensor)
def backward(self, gradient=None):
    """Add to `.grad` of every leaf the gradient of self with respect to it.

    gradient: ndarray of self's shape; may be left out if self has one element.
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
        node = tensor._grad_fn
        if node is None:
            tensor.grad = grad.copy() if tensor.grad is None else tensor.grad + grad
            continue
        for operand, part in zip(node.inputs, node.backward(grad), strict=True):
            if part is None or not operand.requires_grad:
                continue
            fitted = np.asarray(unbroadcast(part, operand.shape), dtype=operand.dtype)
            key = id(operand)
            arrived[key] = arrived[key] + fitted if key in arrived else fitted
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "zero_grad", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(Tensor)
def zero_grad(self):
    """Forget the gradient, so that the next backward starts from nothing."""
    ### BEGIN SOLUTION
    self.grad = None
    ### END SOLUTION


# %%
# Try it: y = 2x * x² at x = 3, so dy/dx = 6x². Right: [54.], then None or [0.].
x = Tensor([3.0], requires_grad=True)
(x * 2 * x**2).backward()
print(x.grad)
x.zero_grad()
print(x.grad)

# %% [markdown]
# ## 2.9 The checks of Checkpoint 2

# %% nbgrader={"grade": true, "grade_id": "test_tracking", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("tracking")

# %% nbgrader={"grade": true, "grade_id": "test_backward", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("backward")

# %% nbgrader={"grade": true, "grade_id": "test_accumulation", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check("accumulation")

# %% nbgrader={"grade": true, "grade_id": "test_backward_contract", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("backward_contract")

# %% nbgrader={"grade": true, "grade_id": "test_broadcasting", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check("broadcasting")

# %% nbgrader={"grade": true, "grade_id": "test_reductions", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check("reductions")

# %% nbgrader={"grade": true, "grade_id": "test_matmul_broadcast", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("matmul_broadcast")

# %% nbgrader={"grade": true, "grade_id": "test_pow", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("pow")

# %% nbgrader={"grade": true, "grade_id": "test_relu", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("relu")

# %% nbgrader={"grade": true, "grade_id": "test_sigmoid", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("sigmoid")

# %% nbgrader={"grade": true, "grade_id": "test_mse", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("mse")

# %% nbgrader={"grade": true, "grade_id": "test_cross_entropy", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("cross_entropy")

# %% [markdown]
# ## 2.10 Training

# %%
np.random.seed(1)
points = Tensor(np.linspace(-1, 1, 40).reshape(40, 1).astype(np.float32))
curve = Tensor(np.sin(3 * points.data) + 0.5)
model = Sequential(Linear(1, 8), ReLU(), Linear(8, 8), ReLU(), Linear(8, 1))
for step in range(31):
    loss = MSELoss()(model(points), curve)
    for parameter in model.parameters():
        parameter.zero_grad()
    loss.backward()
    for parameter in model.parameters():
        parameter.data = parameter.data - 0.3 * np.asarray(parameter.grad)
    if step % 10 == 0:
        print(f"step {step:2d}   loss {loss.item():.4f}")

# %% nbgrader={"grade": true, "grade_id": "test_training", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("training")

# %% [markdown]
# ---
# # Systems thinking
#
# Four questions, 5 points each, read by a person.
#
# ## Question 1: memory of the graph
#
# Which objects form the graph here, and what keeps them alive? Compare, for a network with 25 million parameters and 11 million recorded numbers an image, the memory of both in float32 for a batch of 32. What does gradient checkpointing change?

# %% [markdown] nbgrader={"grade": true, "grade_id": "systems_graph_memory", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# A result points to its node by `_grad_fn`, and the node to its tensors by `inputs`. Both stay as long as a result is in use. 25 million parameters take 100 MB; 11 million numbers an image, times 4 bytes, times 32, take about 1.4 GB. Checkpointing keeps the inputs of segments only, and pays with one more forward pass.
# ### END SOLUTION

# %% [markdown]
# ## Question 2: reverse mode and forward mode
#
# How many passes does each need for n inputs and m outputs? When would you choose which? Derive one of your rules in two or three lines, and say which part of your `backward` is which factor.

# %% [markdown] nbgrader={"grade": true, "grade_id": "systems_reverse_mode", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Reverse mode needs one pass for each output, forward mode one for each input. A loss has one output, so reverse mode wins by the number of parameters. For z = a / b: dz/db is the derivative of a times b to the power -1, that is -a / b², and G comes in as `grad_output`.
# ### END SOLUTION

# %% [markdown]
# ## Question 3: accumulation
#
# Why does `.grad` add? How do four batches of 16 give the gradient of one of 64? Why is `x.data[0] = 5` between forward and backward dangerous?

# %% [markdown] nbgrader={"grade": true, "grade_id": "systems_accumulation", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# The chain rule adds over paths, and several losses may share parameters. Divide each batch's mean by four, call `backward` on each, then take one step. A rule reads the arrays of its inputs during backward, so a change in between gives the gradient of a computation that never took place.
# ### END SOLUTION

# %% [markdown]
# ## Question 4: from here to PyTorch
#
# What in PyTorch corresponds to `apply`, `inputs` and `_grad_fn`? What do you see when a parameter's `.grad` is None after `backward`, and why?

# %% [markdown] nbgrader={"grade": true, "grade_id": "systems_pytorch", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# `torch.autograd.Function.apply`, `ctx.saved_tensors` and `grad_fn`. The parameter lies on no path to the loss: it was not used, or the path was cut by working on `.data`.
# ### END SOLUTION

# %% [markdown]
# ---
# # Stretch
#
# Up to 12 points beside the checkpoints: 1 for each rule below, 2 for `checkpoint`, 1 each for a chain of 2,000 operations, heavy sharing, and vectors in `matmul`.

# %% nbgrader={"grade": false, "grade_id": "neg_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(Neg)
def backward(self, grad_output):
    """In: gradient of z. Out: (gradient of t,)."""
    ### BEGIN SOLUTION
    (t,) = self.inputs
    return (-grad_output if t.requires_grad else None,)
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "transpose_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(Transpose)
def backward(self, grad_output):
    """In: gradient of z. Out: (gradient of t,). The node has the two axes in self.axes."""
    ### BEGIN SOLUTION
    (t,) = self.inputs
    return (np.swapaxes(grad_output, *self.axes) if t.requires_grad else None,)
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "reshape_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(Reshape)
def backward(self, grad_output):
    """In: gradient of z. Out: (gradient of t,), shape of t."""
    ### BEGIN SOLUTION
    (t,) = self.inputs
    return (np.reshape(grad_output, t.shape) if t.requires_grad else None,)
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "slice_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(Slice)
def backward(self, grad_output):
    """In: gradient of z. Out: (gradient of t,). What was read twice receives both parts."""
    ### BEGIN SOLUTION
    (t,) = self.inputs
    if not t.requires_grad:
        return (None,)
    grad = np.zeros_like(t.data)
    np.add.at(grad, self.key, grad_output)
    return (grad,)
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "softmax_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(SoftmaxFunction)
def backward(self, grad_output):
    """In: gradient of s. Out: (gradient of x,). The axis is self.dim."""
    ### BEGIN SOLUTION
    (x,) = self.inputs
    if not x.requires_grad:
        return (None,)
    s = self.forward(x.data)
    along = np.sum(grad_output * s, axis=self.dim, keepdims=True)
    return (s * (grad_output - along),)
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "gelu_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(GELUFunction)
def backward(self, grad_output):
    """In: gradient of z. Out: (gradient of x,)."""
    ### BEGIN SOLUTION
    (tensor,) = self.inputs
    if not tensor.requires_grad:
        return (None,)
    x, c = tensor.data, float(np.sqrt(2 / np.pi))
    tanh = np.tanh(c * (x + 0.044715 * x**3))
    slope_of_u = c * (1 + 3 * 0.044715 * x**2)
    slope = 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh**2) * slope_of_u
    return (grad_output * slope,)
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "bce_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
@method_of(BinaryCrossEntropyFunction)
def backward(self, grad_output):
    """In: gradient of L, shape (). Out: (gradient of predictions, gradient of targets)."""
    ### BEGIN SOLUTION
    predictions, targets = self.inputs
    p = np.clip(predictions.data, 1e-7, 1.0 - 1e-7)
    t = targets.data
    scale = grad_output / p.size
    return (
        scale * (p - t) / (p * (1 - p)) if predictions.requires_grad else None,
        scale * (np.log(1 - p) - np.log(p)) if targets.requires_grad else None,
    )
    ### END SOLUTION


# %% [markdown]
# `checkpoint(function, *inputs)` computes `function(*inputs)`, keeps only the inputs, and runs the function again during backward.

# %% nbgrader={"grade": false, "grade_id": "checkpoint", "locked": false, "schema_version": 3, "solution": true, "task": false}
def checkpoint(function, *inputs):
    """Compute function(*inputs) without keeping the graph inside; recompute it in backward."""

    ### BEGIN SOLUTION
    def run():
        """Run function on copies of the inputs that are cut off from the graph outside."""
        copies = [Tensor(x.data, requires_grad=x.requires_grad) for x in inputs]
        return function(*copies), copies

    class Recompute(Function):
        """The whole function as one node: run it again and walk the graph that appears."""

        def backward(self, grad_output):
            output, copies = run()
            output.backward(grad_output)  # parameters inside receive their gradients here
            return tuple(copy.grad for copy in copies)

    inside, _ = run()
    result = Tensor(inside.data)
    # inside also wants a gradient when only a parameter within the function does.
    if inside.requires_grad:
        result.requires_grad = True
        result._grad_fn = Recompute(*inputs)
    return result
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_stretch", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
check("stretch")
