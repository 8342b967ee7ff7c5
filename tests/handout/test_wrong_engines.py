"""Engines that are wrong in a way that small tests miss: public checks catch them."""

import pytest

SIGMOID = (
    "        s = Sigmoid().forward(Tensor(x.data)).data\n"
    "        return (grad_output * s * (1 - s),)"
)
RELU = "        return (grad_output * (x.data > 0) if x.requires_grad else None,)"
WALK = "    return finished[::-1]"
BREADTH_FIRST = """\
    order, waiting = [], [output]
    while waiting:
        tensor = waiting.pop(0)
        if any(tensor is known for known in order):
            continue
        order.append(tensor)
        node = getattr(tensor, "_grad_fn", None)
        waiting += [t for t in (node.saved_tensors if node else ()) if t.requires_grad]
    return order"""
DEPTH_FIRST = BREADTH_FIRST.replace("waiting.pop(0)", "waiting.pop()")
INSTALL = "    Tensor.backward = backward\n"
RECURSIVE = """\
    def walk(self, gradient=None):
        if not self.requires_grad:
            return
        if gradient is None:
            if self.size != 1:
                raise ValueError("which gradient?")
            gradient = np.ones_like(self.data)
        node = getattr(self, "_grad_fn", None)
        if node is None:
            self.grad = gradient + (0 if self.grad is None else self.grad)
            return
        parts = [
            None if part is None else unbroadcast(np.asarray(part, dtype=t.dtype), t.shape)
            for t, part in zip(node.saved_tensors, node.apply(gradient))
        ]
        if len(parts) == 2 and node.saved_tensors[0] is node.saved_tensors[1]:
            node.saved_tensors[0].backward(parts[0] + parts[1])
            return
        for t, part in zip(node.saved_tensors, parts):
            if part is not None:
                t.backward(part)

    Tensor.backward = walk
"""

WRONG = {
    "sigmoid keeps its output on the class": (
        [
            (
                SIGMOID,
                "        return (grad_output * SigmoidBackward.s * (1 - SigmoidBackward.s),)",
            ),
            (
                '    """Rule of s = 1 / (1 + exp(-x))."""\n',
                '    """Rule of s."""\n\n    def __init__(self, x):\n        super().__init__(x)\n'
                "        SigmoidBackward.s = 1 / (1 + np.exp(-x.data))\n",
            ),
        ],
        {"sigmoid"},
    ),
    "ReLU keeps its mask on the class": (
        [
            (
                RELU,
                "        return (grad_output * ReLUBackward.mask if x.requires_grad else None,)",
            ),
            (
                '    """Rule of z = max(x, 0)."""\n',
                '    """Rule of z."""\n\n    def __init__(self, x):\n        super().__init__(x)\n'
                "        ReLUBackward.mask = x.data > 0\n",
            ),
        ],
        {"relu"},
    ),
    "ReLU keeps its mask on the activation object": (
        [
            (
                RELU,
                "        return (grad_output * self.owner.mask if x.requires_grad else None,)",
            ),
            (
                '    install(ReLU, "forward", module, ReLUBackward)\n',
                "    plain = getattr(ReLU.forward, 'plain', ReLU.forward)\n\n"
                "    def forward(self, x):\n"
                "        self.mask = x.data > 0\n"
                "        result = track(plain(self, x), ReLUBackward, x)\n"
                "        if result.requires_grad:\n"
                "            result._grad_fn.owner = self\n"
                "        return result\n\n"
                "    forward.plain = plain\n"
                "    ReLU.forward = forward\n",
            ),
        ],
        {"relu"},
    ),
    "the exponent is kept on the class": (
        [
            ("self.n = float(n)", "PowBackward.n = float(n)"),
        ],
        {"pow"},
    ),
    "the axis of a sum is kept on the class": (
        [
            (
                "(t)\n        self.axis = axis\n        self.keepdims",
                "(t)\n        type(self).axis = axis\n        self.keepdims",
            ),
        ],
        {"sum-axes", "mean"},
    ),
    "breadth-first order": ([(WALK, BREADTH_FIRST)], {"paths"}),
    "depth-first order": ([(WALK, DEPTH_FIRST)], {"paths"}),
    "adding in place into an array that others hold": (
        [
            (
                "    new_axes = tuple(",
                "    if gradient.shape == tuple(shape):\n        return gradient\n"
                "    new_axes = tuple(",
            ),
            (
                "arrived[key] = arrived[key] + fitted if key in arrived else fitted",
                "arrived[key] = np.add(arrived[key], fitted, out=arrived[key]) "
                "if key in arrived else fitted",
            ),
        ],
        {"paths"},
    ),
    "one path at a time, with a special case for t + t": ([(INSTALL, RECURSIVE)], {"deep-sharing"}),
}


def not_passing(done):
    """Return the checks that an answer of `python -m tinytorch` calls wrong."""
    return {line.split()[1].rstrip(":") for line in done.stdout.splitlines() if line[:2] == "✗ "}


@pytest.mark.parametrize("name", WRONG)
def test_it_fails_the_check_that_is_about_it(desk, name):
    edits, checks = WRONG[name]
    for old, new in edits:
        desk.edit(old, new)
    done = desk.tinytorch()
    assert done.stderr == ""
    assert checks <= not_passing(done), done.stdout


@pytest.mark.parametrize(
    "name", ["breadth-first order", "adding in place into an array that others hold"]
)
def test_the_other_checks_of_the_engine_do_not_tell(desk, name):
    for old, new in WRONG[name][0]:
        desk.edit(old, new)
    assert not_passing(desk.tinytorch()) <= {"paths", "deep-sharing"}


def test_a_walk_over_all_paths_is_stopped_early_and_not_called_an_error(desk):
    edits, _ = WRONG["one path at a time, with a special case for t + t"]
    for old, new in edits:
        desk.edit(old, new)
    done = desk.tinytorch("test", "deep-sharing")
    assert "Your code was stopped: more than 0.1 s of processor time" in done.stdout
    assert "did not come to an end in time" in done.stdout


def test_a_rule_that_writes_into_its_input_is_not_called_right(desk):
    desk.edit(RELU, "        return (grad_output * np.greater(x.data, 0, out=x.data),)")
    told = " ".join(desk.tinytorch("test", "relu").stdout.split())
    assert "The numbers of an input have changed by the end of this case" in told
    assert "is right by itself" not in told
