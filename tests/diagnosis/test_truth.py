"""Nothing is said that the evidence of the very case does not entail; each was said once."""

import importlib
import re
from pathlib import Path

import numpy as np
import pytest

from autograder.audit.hosts import recursive_source, topological_source
from autograder.audit.mutants import apply_edits
from autograder.grading.words.raised import NO_SOURCE, Source, explain_raised
from autograder.kernel import words
from autograder.kernel.facts import of_paths, of_values
from autograder.sandbox.frames import Error
from autograder.submission.load import Cell, Submission

COURSE = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def told(grader, solution, tmp_path_factory):
    """Return what is told of an edited host, by check."""
    folder = tmp_path_factory.mktemp("truth")
    hosts = {"topological": topological_source(solution), "recursive": recursive_source(COURSE)}

    def tell(*edits, host="topological", more=""):
        path = folder / "submission.py"
        path.write_text(apply_edits(hosts[host], edits, "test") + more, encoding="utf-8")
        result = grader.grade(path).result
        return {check.id: check.diagnosis for check in result.checks
                if check.diagnosis and check.status in {"failed", "error"}}  # fmt: skip

    return tell


def test_a_memory_case_is_not_told_the_mistake_of_other_cases(told):
    """It was told "that may be what is wrong here as well" for any operation that it used."""
    found = told(
        ("def operator(", "return track(forward(self, other), rule, self, other)",
         "return forward(self, other)"),
        ("def checkpoint", "def checkpoint", "def checkpoint(function, *inputs):\n"
         "    return function(*inputs)\n\n\ndef old_checkpoint"),
    )  # fmt: skip
    assert "In many other cases" not in found["checkpointing"].message


def test_a_rule_that_we_do_not_know_is_never_said_to_be_right(told):
    """A class of the student's own took the rule's place, and is wrong."""
    found = told(
        ("class SigmoidBackward(", "class SigmoidBackward(", "class SquashBackward("),
        ("install(Sigmoid", "SigmoidBackward", "SquashBackward"),
        ("class SquashBackward(", "(grad_output * s * (1 - s),)", "(grad_output * s,)"),
    )
    assert not any("right by itself" in diagnosis.message for diagnosis in found.values())


def test_after_zero_grad_it_is_not_backward_alone_that_may_be_wrong(told):
    found = told(("def zero_grad", "self.grad = None", "self.grad = self.grad * 0.37"))
    assert "look at backward()." not in found["calls"].message


def test_an_operation_that_is_tracked_is_never_called_untracked(told):
    """backward() leaves None; every operation carries its node."""
    found = told(("def backward(self", "if not self.requires_grad:", "if True:"))
    assert found
    assert not any("not tracked" in diagnosis.message for diagnosis in found.values())


def test_swapped_operands_of_a_reflected_minus_are_not_the_rule_of_minus(told):
    found = told(
        ("def reflected_operator", "rule, other, self)", "rule, self, other)"),
    )
    assert {diagnosis.rule for diagnosis in found.values()} <= {""}


def test_an_exponential_walk_is_not_asked_for_a_loop_that_does_not_end(told):
    found = told(
        ("    arrived = {id(self): gradient}", "for tensor in topological_order(self)",
         "def walk(tensor, grad):\n"
         "        node = getattr(tensor, '_grad_fn', None)\n"
         "        if node is None:\n"
         "            tensor.grad = grad.copy() if tensor.grad is None else tensor.grad + grad\n"
         "            return\n"
         "        for operand, part in zip(node.saved_tensors, node.apply(grad)):\n"
         "            if part is not None and operand.requires_grad:\n"
         "                walk(operand, unbroadcast(part, operand.shape))\n\n"
         "    walk(self, gradient)\n"
         "    for tensor in []"),
    )  # fmt: skip
    assert found["deep-sharing"].message.startswith("It ran out of time.")
    assert "loop" not in found["deep-sharing"].message + found["deep-sharing"].hint


def test_a_mistake_of_other_cases_is_not_told_over_an_exception_with_its_line(told):
    found = told(
        ("class MulBackward", "grad_output * b.data", "grad_output * a.data"),
        ("class MulBackward", "grad_output * a.data if b", "grad_output * b.data if b"),
        ("class ReLUBackward", "grad_output * (x.data > 0)", "grad_output * (y.data > 0)"),
    )
    assert found["relu"].id == "undefined-name"
    assert "`y` is not defined (NameError)" in found["relu"].message
    assert "The line is `return (grad_output * (y.data" in found["relu"].message


def test_parameters_after_steps_are_not_called_a_gradient(told):
    found = told(("def backward(self", "tensor.grad + grad", "tensor.grad + 0.9 * grad"))
    assert found
    for diagnosis in found.values():
        if "data of a tensor" in diagnosis.message:
            assert "A gradient" not in diagnosis.message


def test_numbers_that_are_nearly_right_are_not_right_but_for_signs():
    expected = np.linspace(0.5, 2.0, 6).reshape(2, 3)
    noise = np.array([[1, -1, 1], [-1, 1, -1]]) * 1e-6
    found = of_values(expected * (1 + noise), expected, [])
    assert found is not None
    assert found.id == "nearly-right"


def test_one_missing_path_is_missing_and_two_are():
    paths = [np.array([1.0, 2.0]), np.array([3.0, 5.0]), np.array([7.0, 11.0])]
    one, two = of_paths(paths[0] + paths[1], paths), of_paths(paths[0], paths)
    assert one is not None
    assert two is not None
    assert words.fact(one) == "1 of 3 paths to it is missing."
    assert words.fact(two) == "2 of 3 paths to it are missing."


TEXT = """class SumBackward(Function):
    def apply(self, g):
        self.saved_tensors, tanh, grad, x.data, axis = g
        return f(secret)
"""


@pytest.mark.parametrize(
    ("does", "id_"),
    [
        (lambda h: {np.ones(2)}, "wrong-kind"),
        (lambda h: np.broadcast_to(np.ones(2), (3, 2)).__setitem__(0, 1), "read-only"),
        (lambda h: np.ones(2, dtype=int).__iadd__(0.5), "wrong-kind"),
        (lambda h: np.array([np.ones(2), np.ones(3)]), "shapes-differ"),
        (lambda h: np.add.at(np.zeros((2, 3)), 0, np.ones((2, 2))), "shapes-differ"),
        (lambda h: h.Tensor(np.ones(2)) + h.Tensor(np.ones(3)), "shapes-differ"),
        (lambda h: h.Tensor(1.0).matmul(h.Tensor(1.0)), "wrong-kind"),
        (lambda h: h.Tensor(np.ones(2)).transpose(0, 1), "axis-error"),
        (lambda h: h.Tensor(np.ones(2)).item(), "wrong-kind"),
        (lambda h: h.Tensor(np.ones(2)) ** h.Tensor(2.0), "wrong-kind"),
        (lambda h: setattr(h.Tensor(1.0), "shape", ()), "wrong-kind"),
        (lambda h: list(np.array(1.0)), "wrong-kind"),
        (lambda h: (1, 2) * 2.5, "wrong-kind"),
        (lambda h: h.MSELoss()(h.Tensor([1.0]), h.Tensor([1.0, 2.0])), "shapes-differ"),
    ],
)
def test_what_python_numpy_and_the_handout_really_say_has_words(does, id_, monkeypatch):
    """The forms are compared with the messages of the versions that are installed here."""
    monkeypatch.syspath_prepend(str(COURSE / "source" / "05_autograd"))
    losses = importlib.import_module("tinytorch.core.losses")
    with pytest.raises((TypeError, ValueError, AttributeError)) as raised:
        does(losses)
    assert say(type(raised.value).__name__, str(raised.value))[0].id == id_


def say(type_, message, line=3):
    cells = (Cell(index=0, source=TEXT),)
    source = Source(submission=Submission(name="a.py", sha256="", cells=cells, script="a.py"))
    found, sentence = explain_raised(
        Error(type=type_, message=message, cell=0, line=line, op="backward"), source
    )
    return found, sentence


@pytest.mark.parametrize(
    ("type_", "message", "id_", "sentence"),
    [
        ("AttributeError", "'SumBackward' object has no attribute 'saved_tensors'", "no-attribute",
         "Line 3: a `SumBackward` object has no attribute `saved_tensors` (AttributeError)."),
        ("NameError", "name 'tanh' is not defined", "undefined-name",
         "Line 3: `tanh` is not defined (NameError)."),
        ("UnboundLocalError", "cannot access local variable 'grad' where it is not associated",
         "unbound-local", "`grad` is used before the function gives it a value"),
        ("TypeError", "SumBackward.apply() takes 1 positional argument but 2 were given",
         "wrong-call", "`SumBackward.apply` is called with more arguments than it takes"),
        ("TypeError", "unhashable type: 'numpy.ndarray'", "wrong-kind",
         "an array cannot be a member of a set, or the key of a dict"),
        ("TypeError", "super(type, obj): obj must be an instance or subtype of type", "wrong-kind",
         "`super(…)` names a class that this object does not belong to"),
        ("TypeError", "x ** n needs one constant number n", "wrong-kind",
         "`x ** n` takes one plain number as n"),
        ("AttributeError", "property 'shape' of 'Tensor' object has no setter", "wrong-kind",
         "an attribute of a Tensor cannot be set"),
        ("ValueError", "assignment destination is read-only", "read-only",
         "an array is written into that can only be read"),
        ("ValueError", "array is not broadcastable to correct shape", "shapes-differ",
         "two shapes do not fit together"),
        ("TypeError", "f() missing 1 required positional argument: 'axis'", "wrong-call",
         "`f` is called without its argument `axis`"),
        ("TypeError", "unsupported operand type(s) for *: 'NoneType' and 'float'", "wrong-kind",
         "`*` does not work between None and a float"),
        ("TypeError", "cannot unpack non-iterable NoneType object", "wrong-kind",
         "None cannot be unpacked"),
        ("IndexError", "tuple index out of range", "index-error", "an index is beyond the end"),
        ("KeyError", "'axis'", "key-error", "the key `axis` is not there"),
        ("ValueError", "operands could not be broadcast together with shapes (3,4) (7,)",
         "shapes-differ", "two shapes do not fit together"),
        ("AxisError", "axis 5 is out of bounds for array of dimension 2", "axis-error",
         "an axis is named that the array does not have (NumPy's AxisError)"),
        ("ZeroDivisionError", "division by zero", "zero-division", "a number is divided by zero"),
        ("RecursionError", "maximum recursion depth exceeded", "recursion",
         "Python ran out of nested calls"),
    ],
)  # fmt: skip
def test_an_exception_is_told_in_words_that_stand_in_the_submission(type_, message, id_, sentence):
    found, said = say(type_, message)
    assert found.id == id_
    assert sentence in said
    assert said.endswith("The line is `self.saved_tensors, tanh, grad, x.data, axis = g`.")


@pytest.mark.parametrize(
    ("type_", "message"),
    [
        ("NameError", "name 'x1234567' is not defined"),
        ("AttributeError", "'T1234567' object has no attribute 'x1234567'"),
        ("KeyError", "'x1234567'"),
        ("IndexError", "index 1234567 is out of bounds for axis 7 with size 3"),
        ("ValueError", "shapes (1234567,) and (3,) not aligned"),
        ("TypeError", "x1234567() takes 1234567 positional arguments but 3 were given"),
        ("x1234567", "x1234567"),
        ("ValueError", "x1234567 " * 30),
    ],
)
def test_nothing_of_a_message_is_repeated_that_the_submission_does_not_say(type_, message):
    assert "1234567" not in say(type_, message)[1]


def test_a_line_is_quoted_short_and_without_what_does_not_print():
    text = "x = '" + "\x1b[31m\u202e`" + "a" * 200 + "'"
    submission = Submission(name="a", sha256="", cells=(Cell(index=0, source=text),))
    failure = Error(type="ValueError", message="", cell=0, line=1)
    said = explain_raised(failure, Source(submission=submission))[1]
    assert len(said) < 170
    assert said.isprintable()
    assert said.count("`") == 2


def test_what_no_line_of_the_submission_raised_is_not_its_code():
    failure = Error(type="AttributeError", message="'NoneType' object has no attribute 'sum'",
                    op="sum")  # fmt: skip
    said = explain_raised(failure, NO_SOURCE)[1]
    assert said.startswith("sum could not run: None has no attribute")
    assert not re.search("[Yy]our code", said)


def test_a_rule_that_changes_what_it_is_given_is_not_said_to_be_right(told):
    """A node that shares its gradient with another gets the changed one: the rule is to blame."""
    found = told(
        ("class DivBackward", "a, b = self.saved_tensors\n",
         "a, b = self.saved_tensors\n        grad_output /= b.data\n"),
        ("class DivBackward", "grad_output / b.data if", "grad_output if"),
        ("class DivBackward", "b.data**2 if", "b.data if"),
    )  # fmt: skip
    assert found["rule-contract"].id == "changes-incoming"
    assert not any("right by itself" in diagnosis.message for diagnosis in found.values())


def test_saved_tensors_are_not_called_a_gradient(told):
    found = told(("class Function", "self.saved_tensors = tensors",
                  "self.saved_tensors = tensors[::-1]"))  # fmt: skip
    assert "A gradient" not in found["function-base"].message
    assert {found[check].rule for check in ("mul", "div", "matmul")} == {""}


def test_losses_are_not_blamed_for_an_engine_that_starts_with_ones(told):
    """Many checks fail then, and no call of these two was traced."""
    found = told(("def backward(self", "if gradient is None:", "if True:"))
    assert found["backward-contract"]
    assert {diagnosis.rule for check, diagnosis in found.items()
            if check in {"mse", "cross-entropy"}} <= {""}  # fmt: skip


def test_an_exception_is_told_rather_than_a_plain_fact_of_another_case(told):
    found = told(("def enable_autograd", "Tensor.zero_grad = zero_grad",
                  "Tensor.backward = zero_grad"))  # fmt: skip
    assert found["tracking"].id == "wrong-call"
    assert "`zero_grad`" in found["tracking"].message


def test_an_option_without_which_nothing_fails_is_named(told):
    found = told(("class SumBackward", "self.keepdims = keepdims", "self.keepdims = False"))
    assert "All cases with keepdims=True in sum fail" in found["sum-axes"].message
