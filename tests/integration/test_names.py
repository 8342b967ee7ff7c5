"""A slip in a name costs the check of names, and nothing else; what is told of it is true."""

import re

import msgspec
import pytest

from autograder.config import load_config
from autograder.errors import ConfigError
from autograder.grading.grader import Exam, Grader

NAMES = "function-base"
TENSOR_NAMES = "backward-contract"
ALL_SIX = {
    "AddBackward": "Joined", "SubBackward": "Difference", "MulBackward": "Product",
    "DivBackward": "Quotient", "MatmulBackward": "MatrixProduct", "SumBackward": "Total",
}  # fmt: skip

# A variant of tests/variants, the names that are changed in all of it, and the check that pays.
SLIPS = [
    ("recursive", {"apply": "backward_fn"}, NAMES),
    ("recursive", {"apply": "vjp"}, NAMES),
    ("recursive", {"apply": "gradient_rule"}, NAMES),
    ("dependency_counting", {"apply": "pullback"}, NAMES),
    ("dependency_counting", {"apply": "compute_grad"}, NAMES),
    ("tape", {"apply": "__call__"}, NAMES),
    ("float32_everywhere", {"apply": "apply_gradient"}, NAMES),
    ("mixed_precision", {"apply": "backprop"}, NAMES),
    ("recursive", {"saved_tensors": "inputs"}, NAMES),
    ("recursive", {"saved_tensors": "save_tensors"}, NAMES),
    ("tape", {"saved_tensors": "_saved_tensors"}, NAMES),
    ("dependency_counting", {"saved_tensors": "parents_of_this"}, NAMES),
    ("float32_everywhere", {"saved_tensors": "operands"}, NAMES),
    ("recursive", {"SubBackward": "SubtractBackward"}, NAMES),
    ("recursive", {"AddBackward": "AdditionBackward"}, NAMES),
    ("recursive", {"MulBackward": "MultiplyBackward"}, NAMES),
    ("dependency_counting", {"DivBackward": "DivideBackward"}, NAMES),
    ("recursive", {"MatmulBackward": "MatrixProduct"}, NAMES),
    ("tape", {"SumBackward": "ReduceSumBackward"}, NAMES),
    ("tape", {"SubBackward": "Difference"}, NAMES),
    ("mixed_precision", {"MulBackward": "GradMul"}, NAMES),
    ("recursive", ALL_SIX, NAMES),
    ("recursive", {"Function": "Node"}, NAMES),
    ("dependency_counting", {"Function": "Op"}, NAMES),
    ("tape", {"Function": "WhatTheyShare"}, NAMES),
    ("closures", {"Function": "GradFn"}, NAMES),
    ("recursive", {"enable_autograd": "enable_auto_grad"}, NAMES),
    ("recursive", {"enable_autograd": "enableAutograd"}, NAMES),
    ("recursive", {"zero_grad": "zero_gradients"}, TENSOR_NAMES),
    ("recursive", {"backward": "backprop"}, TENSOR_NAMES),
    ("grad_is_tensor", {"Function": "Node", "SubBackward": "SubtractBackward"}, NAMES),
]
FREE = [
    ("recursive", {"_grad_fn": "grad_fn"}),
    ("dependency_counting", {"_grad_fn": "creator"}),
    ("recursive", {"next_functions": "children"}),
    ("recursive", {"DivBackward": "TrueDivBackward"}),
    ("recursive", {"MatmulBackward": "MATMULBackward"}),
    ("recursive", {"MeanBackward": "AverageBackward", "ReLUBackward": "ReluGrad"}),
]


def renamed(text, names):
    for old, new in names.items():
        assert re.search(rf"\b{old}\b", text), old
        text = re.sub(rf"\b{old}\b", new, text)
    return text


@pytest.fixture
def grade(grader, tmp_path):
    def grade_text(text):
        path = tmp_path / "submission.py"
        path.write_text(text, encoding="utf-8")
        return grader.grade(path).result

    return grade_text


@pytest.fixture(scope="module")
def variant(course):
    return lambda name: (course / "tests" / "variants" / f"{name}.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def right(variant):
    return variant("recursive")


def check_of(result, id_):
    return next(check for check in result.checks if check.id == id_)


def lost(result):
    return {check.id for check in result.checks if check.score < check.max_score}


def ids(value):
    return "-".join(value.values()) if isinstance(value, dict) else value


@pytest.mark.parametrize(("name", "names", "pays"), SLIPS, ids=ids)
def test_a_slip_in_a_name_costs_one_case_about_names(grade, variant, name, names, pays):
    before = lost(grade(variant(name)))
    result = grade(renamed(variant(name), names))
    assert lost(result) == before | {pays}
    assert result.score >= 79
    found = check_of(result, pays).diagnosis
    assert found.id == "other-name"
    told = [f"`{new}" in found.message for new in names.values()]
    assert any(told), found.message


@pytest.mark.parametrize(("name", "names"), FREE, ids=ids)
def test_what_is_optional_or_as_good_costs_nothing(grade, variant, name, names):
    before = lost(grade(variant(name)))
    assert lost(grade(renamed(variant(name), names))) == before


def test_a_constructor_that_takes_a_list_costs_the_same(grade, right):
    text = right
    for old, new in {
        "def __init__(self, *tensors)": "def __init__(self, tensors)",
        "super().__init__(tensor)": "super().__init__([tensor])",
        "function(*inputs)": "(function(list(inputs)) if function in LISTS else function(*inputs))",
        "function(p, target)": "function([p, target])",
        "ReLUBackward(x)": "ReLUBackward([x])",
        "GELUBackward(x)": "GELUBackward([x])",
        "def _enable():": "LISTS = [each for each in Function.__subclasses__()"
        " if '__init__' not in vars(each)]\n\n\ndef _enable():",
    }.items():
        assert old in text
        text = text.replace(old, new)
    result = grade(text)
    assert lost(result) == lost(grade(right)) | {NAMES}
    assert check_of(result, NAMES).diagnosis.message.startswith("Your rules are built from a list;")


def test_options_before_the_operand_cost_the_same(grade, right):
    text = right.replace(
        'reduction("sum", SumBackward)',
        'reduction("sum", lambda x, axis, keepdims: SumBackward(axis, keepdims, x))',
    )
    own = "(self, axis, keepdims, tensor):"
    text = text.replace("(self, tensor, axis=None, keepdims=False):", own, 1)
    result = grade(text)
    assert lost(result) == lost(grade(right)) | {NAMES}
    message = check_of(result, NAMES).diagnosis.message
    assert message.startswith("Your SumBackward is built with options;")


def test_the_named_class_wins(grade, right):
    """A right rule that the operation reaches does not hide a wrong one of the pinned name."""
    wrong = renamed(right, {"SubBackward": "SubtractBackward"}) + (
        "\n\nclass SubBackward(Function):\n"
        "    def apply(self, grad_output):\n        return grad_output, grad_output\n"
    )
    result = grade(wrong)
    assert check_of(result, "sub").score == 0
    assert check_of(result, NAMES).score == check_of(result, NAMES).max_score


def test_a_pinned_method_wins_over_another_of_the_same_class(grade, right):
    wrong = (
        right + "\n\nSubBackward.vjp = SubBackward.apply\nSubBackward.apply = AddBackward.apply\n"
    )
    assert check_of(grade(wrong), "sub").score == 0


def test_a_wrong_rule_gains_nothing_by_another_name(grade, right):
    wrong = right + "\n\nSubBackward.apply = AddBackward.apply\n"
    by_name = grade(wrong)
    assert check_of(by_name, "sub").score == 0
    assert grade(renamed(wrong, {"SubBackward": "SubtractBackward"})).score <= by_name.score


def test_a_rule_of_another_operation_is_not_taken_for_a_missing_one(grade, right):
    """a - b computed as a + (-b) makes an AddBackward: there is no rule of a - b."""
    text = right + (
        "\n\ndel SubBackward\nTensor.__sub__ = lambda a, b: a + (-b)\n"
        "Tensor.__rsub__ = lambda a, b: (-a) + b\n"
    )
    result = grade(text)
    assert check_of(result, "sub").diagnosis.message.startswith("SubBackward is not defined.")
    assert result.outcome.id in {"missing-names", "cell-error"}
    assert "SubBackward is not defined." in result.outcome.message


def test_a_rule_that_is_missing_is_told_as_missing_and_nowhere_as_called(grade, right):
    """The engine goes on without it, and reaches for a rule of which there is none."""
    before, _, rest = right.partition("class DivBackward")
    after = rest[rest.index("\n\n\n") :]
    result = grade(before + after)
    told = [check.diagnosis for check in result.checks if check.status == "failed"]
    about = {found.message for found in told if "DivBackward" in found.full}
    assert about == {"DivBackward is not defined."}
    assert result.outcome.message == "DivBackward is not defined."


def test_one_slip_in_all_rules_is_told_as_one(grade, right):
    found = check_of(grade(renamed(right, {"apply": "vjp"})), NAMES).diagnosis
    assert found.message.startswith(
        "Your rules have `vjp(grad_output)`; the assignment calls it `apply(grad_output)`."
    )


def test_a_name_is_told_with_the_assignments_own(grade, right):
    found = check_of(grade(renamed(right, {"SubBackward": "SubtractBackward"})), NAMES).diagnosis
    assert found.message.startswith(
        "The rule of a − b is called `SubtractBackward`; the assignment calls it `SubBackward`."
    )


def test_only_a_name_that_stands_in_the_text_is_repeated(grade, right):
    text = renamed(right, {"SubBackward": "SubtractBackward"}) + (
        "\n\nenable_autograd()\nSubtractBackward.__name__ = 'num' + 'bers_42'\n"
        "globals()['num' + 'bers_42'] = SubtractBackward\ndel SubtractBackward\n"
    )
    message = check_of(grade(text), NAMES).diagnosis.message
    assert "numbers_42" not in message
    assert "is called another name" in message


@pytest.mark.parametrize(
    ("line", "name", "kind"),
    [("id = 's123'", "id", "str"), ("getattr = 3", "getattr", "int"), ("zip = [1]", "zip", "list")],
)
def test_a_shadowed_name_is_named_with_its_cell(grade_cells, line, name, kind):
    uses = f"def needs(x):\n    return {name}(x, 'requires_grad', 0)\n"
    patch = "_was = Tensor.backward\nTensor.backward = lambda t, *g: (needs(t), _was(t, *g))[1]"
    result = grade_cells(after=(uses, patch, line)).result
    messages = [c.diagnosis.message for c in result.checks if c.diagnosis is not None]
    told = [message for message in messages if message.startswith(f"`{name}` is bound to")]
    assert told
    assert f"to a value of type {kind} in code cell " in told[0]


def test_a_call_of_something_else_is_not_called_shadowed(grade, right):
    text = right + "\n\nid = 5\nTensor.backward = lambda t, *g: (3)(id)\n"
    result = grade(text)
    assert all(
        check.diagnosis is None or check.diagnosis.id != "shadowed-name" for check in result.checks
    )


def test_a_method_that_is_not_there_is_named(grade, right):
    found = check_of(grade(right + "\n\nenable_autograd()\ndel Tensor.backward\n"), "tracking")
    assert found.diagnosis.message.startswith("Tensor has no `backward`.")


def test_a_method_of_rules_that_is_not_there_is_named(grade, right):
    text = right + "\n\ndel AddBackward.apply\ndel Function.apply\n"
    found = check_of(grade(text), "add")
    assert found.diagnosis.message.startswith("AddBackward has no `apply`.")


def test_a_constructor_that_takes_something_else_is_named(grade, right):
    text = right + ("\n\ndef _nothing(self):\n    pass\n\n\nMulBackward.__init__ = _nothing\n")
    found = check_of(grade(text), "mul")
    assert found.diagnosis.message.startswith("MulBackward cannot be built from its operands")


def test_an_undefined_name_is_no_missing_name_of_the_assignment(grade, right):
    text = right + (
        "\n\ndef _wrong(self, grad_output):\n    return undefined_thing, grad_output\n\n\n"
        "SubBackward.apply = _wrong\n"
    )
    outcome = grade(text).outcome
    assert outcome.id == "undefined-name"
    assert "`undefined_thing`, which is not defined" in outcome.message
    assert "notebook" not in outcome.message


def test_missing_names_are_told_by_name(grade):
    outcome = grade("from tinytorch.core.tensor import Tensor\n").outcome
    assert outcome.id == "missing-names"
    assert outcome.message.startswith("Function, AddBackward, MulBackward and ")


OTHER_EDITION = """
import numpy as np
from tinytorch.core.tensor import Tensor

def method_of(owner):
    def put(function):
        setattr(owner, function.__name__, function)
        return function
    return put

class Function:
    def __init__(self, *inputs):
        self.inputs = inputs

    @classmethod
    def apply(cls, *inputs):
        node = cls(*inputs)
        out = Tensor(node.forward(*[t.data for t in inputs]), requires_grad=True)
        out._grad_fn = node
        return out

class Add(Function):
    def forward(self, a, b):
        return a + b

class Mul(Function):
    def forward(self, a, b):
        return a * b

class Sum(Function):
    def forward(self, a):
        return a.sum()

@method_of(Add)
def backward(self, grad_output):
    return grad_output, grad_output

@method_of(Mul)
def backward(self, grad_output):
    a, b = self.inputs
    return grad_output * b.data, grad_output * a.data

@method_of(Sum)
def backward(self, grad_output):
    return (np.ones_like(self.inputs[0].data) * grad_output,)
"""


def test_another_edition_is_told_in_one_sentence(grade):
    outcome = grade(OTHER_EDITION).outcome
    assert outcome.id == "other-edition"
    assert "another edition of the course" in outcome.message
    assert "It has Add, Mul, Sum." in outcome.message
    assert "AddBackward" in outcome.message


def test_classes_of_another_edition_beside_the_rules_are_nobodys_edition(grade, right):
    text = (
        right
        + "\n\ndel SubBackward\n"
        + OTHER_EDITION.partition("class Add")[2].join(["\n\nclass Add", ""])
    )
    assert grade(text).outcome.id != "other-edition"


def test_a_base_that_calls_the_rule_of_its_subclasses_is_no_stub(grade, right):
    """apply of the base may hand on to another method, whatever else the rules define."""
    text = right.replace("    def apply(self", "    def rule(self").replace(
        'raise NotImplementedError("a rule must be given by a subclass")',
        'raise NotImplementedError("no rule")\n\n'
        "    def apply(self, grad_output):\n        return self.rule(grad_output)\n\n"
        "    def __call__(self, *tensors):\n        return None\n\n"
        "    def gradient(self, tensor):\n        return tensor.grad",
        1,
    )
    text = text.replace(
        "class AddBackward(Function):\n",
        "class AddBackward(Function):\n    def __call__(self, a):\n        return a\n\n",
    )
    assert lost(grade(text)) == lost(grade(right))


def test_a_gradient_that_is_a_property_costs_nothing(grade, right):
    text = right + (
        "\n\nTensor.grad = property(\n    lambda t: t.__dict__.get('_grad'),"
        " lambda t, value: t.__dict__.__setitem__('_grad', value)\n)\n"
    )
    assert lost(grade(text)) == lost(grade(right))


def test_the_course_may_say_that_a_name_is_its_own(course, config, seed, right, tmp_path):
    own = msgspec.structs.replace(config, contract={"apply": "vjp", "SubBackward": "Difference"})
    path = tmp_path / "submission.py"
    path.write_text(renamed(right, {"apply": "vjp", "SubBackward": "Difference"}))
    exam = Exam(course, own, seed)
    with exam.worker("L") as worker:
        grader = Grader(exam, worker)
        assert grader.grade(path).result.score == 80
        path.write_text(right)
        found = check_of(grader.grade(path).result, NAMES)
    assert found.score < found.max_score
    assert "the assignment calls it `" in found.diagnosis.message


@pytest.mark.parametrize("line", ["contract: {aply: backward}", "contract: {apply: 'not a name'}"])
def test_a_contract_of_unknown_names_is_refused(course, tmp_path, line):
    text = (course / "config.yaml").read_text(encoding="utf-8")
    path = tmp_path / "config.yaml"
    path.write_text(f"{text}\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="contract"):
        load_config(path)
