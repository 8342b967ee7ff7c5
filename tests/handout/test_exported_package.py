"""The exported module inside the package: what the course's later modules and tests rely on."""

QUIET = "import tinytorch.core.autograd\nimport numpy as np\nfrom tinytorch import Tensor\n"


def says(package, program):
    done = package.python("-c", program)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_it_switches_autograd_on_and_prints_nothing(package):
    assert says(package, QUIET) == ""
    program = QUIET + "x = Tensor([3.0], requires_grad=True)\n(x * x).backward()\nprint(x.grad[0])"
    assert says(package, program) == "6.0\n"


def test_a_name_of_the_package_switches_autograd_on_as_well(package):
    """The course's own tests only say `from tinytorch import Tensor`."""
    program = (
        "from tinytorch import Tensor, Linear, MSELoss\n"
        "loss = MSELoss()(Linear(2, 1)(Tensor([[1.0, 2.0]])), Tensor([[0.0]]))\n"
        "loss.backward()\n"
        "print(loss.requires_grad)"
    )
    assert says(package, program) == "True\n"


def test_beside_the_notebook_an_earlier_export_does_not_take_part(package):
    program = (
        "from tinytorch.checks import check\n"
        "from tinytorch import Tensor\n"
        "print(hasattr(Tensor, 'backward'))"
    )
    assert says(package, program) == "False\n"


def test_enabling_it_again_changes_nothing(package):
    program = QUIET + (
        "from tinytorch.core.autograd import enable_autograd\n"
        "enable_autograd(quiet=True)\n"
        "a, b = Tensor([3.0], requires_grad=True), Tensor([2.0], requires_grad=True)\n"
        "(a * b).backward()\n"
        "print(a.grad[0], b.grad[0])"
    )
    assert says(package, program) == "2.0 3.0\n"


def test_classes_that_the_package_names_are_tracked(package):
    program = QUIET + (
        "from tinytorch import GELU, Linear, MSELoss, ReLU, Sequential\n"
        "model = Sequential(Linear(3, 4), ReLU(), Linear(4, 2), GELU())\n"
        "MSELoss()(model(Tensor(np.ones((5, 3)))), Tensor(np.zeros((5, 2)))).backward()\n"
        "print([p.grad.shape == p.shape for p in model.parameters()])"
    )
    assert says(package, program) == "[True, True, True, True]\n"


def test_a_result_wants_a_gradient_and_knows_its_node(package):
    program = QUIET + (
        "from tinytorch import GELU\n"
        "x, y = (Tensor(np.array([2.0, 3.0]), requires_grad=True) for _ in 'xy')\n"
        "results = [x + y, x - y, x * y, x / y, GELU()(x), x.reshape(2, 1), x.sum(), x.mean()]\n"
        "print(all(z.requires_grad and z._grad_fn is not None for z in results))"
    )
    assert says(package, program) == "True\n"


def test_heads_of_attention_receive_gradients_of_their_shapes(package):
    program = QUIET + (
        "q, k, v = (Tensor(np.random.randn(2, 4, 5, 3), requires_grad=True) for _ in 'qkv')\n"
        "scores = q.matmul(k.transpose())\n"
        "scores.matmul(v).backward(np.ones((2, 4, 5, 3)))\n"
        "print(scores.shape, q.grad.shape == k.grad.shape == v.grad.shape == (2, 4, 5, 3))"
    )
    assert says(package, program) == "(2, 4, 5, 5) True\n"


def test_an_old_gradient_can_be_copied_and_is_added_to(package):
    program = QUIET + (
        "x, two = Tensor([1.0], requires_grad=True), Tensor([2.0])\n"
        "(x * two).backward()\n"
        "first = x.grad.copy()\n"
        "(x * two).backward()\n"
        "print(first[0], x.grad[0])"
    )
    assert says(package, program) == "2.0 4.0\n"


def test_importing_the_package_alone_still_loads_nothing(package):
    program = "import sys, tinytorch\nprint('numpy' in sys.modules)"
    assert says(package, program) == "False\n"
