"""python -m tinytorch, as a student runs it."""

import json
import shutil

import pytest

VARIANTS = ("recursive.py", "subclass.py", "object_oriented.py", "messy.ipynb", "novice.ipynb")


def test_solution_passes_all_parts(desk):
    done = desk.tinytorch("test")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("100 %") == 2
    assert "✗" not in done.stdout
    assert done.stderr == ""


def test_stub_is_work_to_do_and_not_an_error(desk):
    desk.take_stub()
    done = desk.tinytorch("test")
    assert done.returncode == 1
    assert "to do   function, add, mul" in done.stdout
    assert "✗" not in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_without_a_command_it_tests_and_says_which_file_it_took(desk):
    done = desk.tinytorch()
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("Testing 05_autograd.ipynb\n")
    assert done.stdout == desk.tinytorch("test", "--file", "05_autograd.ipynb").stdout
    assert done.stdout == desk.tinytorch("--file", "05_autograd.ipynb").stdout


def test_a_stretch_part_that_nobody_wrote_is_not_called_wrong(desk):
    desk.edit("class NegBackward", "class Neg")
    done = desk.tinytorch()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not yet   neg" in done.stdout


def test_one_part_is_explained_in_full(own_mul):
    done = own_mul.tinytorch("test", "mul")
    assert done.returncode == 1
    for words in (
        "z = a·b:   to a: G·b    to b: G·a", "expected", "yours", "what arrives here is wrong",
        "Exactly this comes out when MulBackward multiplies by each", "Hint",
    ):  # fmt: skip
        assert words in done.stdout, words


def test_a_terminal_without_unicode_gets_ascii(own_mul):
    done = own_mul.tinytorch("test", "mul", encoding="ascii")
    assert done.returncode == 1
    assert "z = a*b" in done.stdout
    assert "|- a (2, 3)" in done.stdout.replace("|-- ", "|- ").replace("|--", "|-")


def test_a_part_that_there_is_not_is_named_with_those_that_there_are(desk):
    done = desk.tinytorch("test", "multiply")
    assert done.returncode == 2
    assert "there is no part 'multiply'" in done.stderr
    assert "matmul_broadcast" in done.stderr


def test_help_has_examples_and_exit_status(desk):
    done = desk.tinytorch("--help")
    assert done.returncode == 0
    assert "python -m tinytorch test mul" in done.stdout
    assert "exit status:" in done.stdout


@pytest.mark.parametrize("text", ["", "{}", '{"cells": 3}', '{"cells": [1]}', "\x00"])
def test_a_file_that_is_no_notebook_is_refused_in_one_sentence(desk, text):
    desk.notebook.write_text(text, encoding="utf-8")
    done = desk.tinytorch("test")
    assert done.returncode == 3
    assert "is not a notebook that can be read" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_file_is_named(desk):
    done = desk.tinytorch("test", "--file", "mine.ipynb")
    assert done.returncode == 3
    assert done.stderr.startswith("mine.ipynb: ")


def test_a_cell_that_is_not_python_is_named_and_costs_its_own_part_only(desk):
    desk.edit("grad_output * b.data if a", "grad_output * * b.data if a")
    done = desk.tinytorch("test")
    assert done.returncode == 1
    assert "(mul_backward), line" in done.stdout
    assert "SyntaxError" in done.stdout
    assert "✓ add:" in done.stdout


def test_magics_and_shell_lines_are_left_out(desk):
    desk.edit("class AddBackward", "%matplotlib inline\n!ls\nclass AddBackward")
    desk.edit("class SubBackward", "%%time\nclass SubBackward")
    assert desk.tinytorch("test").returncode == 0
    assert desk.tinytorch("complete").returncode == 0
    assert "matplotlib" not in desk.exported.read_text(encoding="utf-8")


def test_complete_exports_what_later_modules_import(desk):
    done = desk.tinytorch("complete")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "100 %" in done.stdout
    program = (
        "from tinytorch.core.autograd import enable_autograd\n"
        "from tinytorch.core.tensor import Tensor\n"
        "enable_autograd(quiet=True)\n"
        "x = Tensor([3.0], requires_grad=True)\n"
        "(x * x).backward()\n"
        "print(x.grad)\n"
    )
    assert desk.python("-c", program).stdout == "[6.]\n"


def test_export_holds_no_check_no_plot_and_no_demonstration(desk):
    desk.edit("class AddBackward", "print('looking at AddBackward')\n\n\nclass AddBackward")
    assert desk.tinytorch("complete").returncode == 0
    text = desk.exported.read_text(encoding="utf-8")
    for words in ("check(", "my_function", "import torch", "looking at", "numerical_gradient"):
        assert words not in text, words
    assert "class AddBackward" in text


def test_export_takes_a_helper_from_a_cell_of_the_students_own(desk):
    desk.edit("class AddBackward", "class AddBackward")
    desk.edit("def my_function(t):", "def twice(g):\n    return 2 * g / 2\n\n\ndef my_function(t):")
    desk.edit("(-grad_output if t.requires_grad", "(-twice(grad_output) if t.requires_grad")
    assert desk.tinytorch("complete").returncode == 0
    text = desk.exported.read_text(encoding="utf-8")
    assert "def twice" in text
    assert "my_function" not in text


def test_nothing_is_exported_before_the_required_parts_are_written(desk):
    desk.take_stub()
    done = desk.tinytorch("complete")
    assert done.returncode == 1
    assert "nothing was exported. Still to write: Function.__init__" in done.stdout
    assert not desk.exported.exists()


def test_an_export_with_a_wrong_rule_says_so(own_mul):
    done = own_mul.tinytorch("complete")
    assert done.returncode == 1
    assert "These checks do not pass yet: mul" in done.stdout


def test_an_unfinished_stretch_rule_is_left_out_by_name(desk):
    desk.edit("(-grad_output if t.requires_grad else None,)", "...")
    desk.edit("        return ...", "        # YOUR CODE HERE\n        raise NotImplementedError()")
    done = desk.tinytorch("complete")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Left out, since not written yet: neg_backward." in done.stdout
    assert "NegBackward(Function)" not in desk.exported.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", VARIANTS)
def test_correct_submissions_of_other_styles_can_be_exported(desk, course, name):
    shutil.copy(course / "tests" / "variants" / name, desk.folder / name)
    done = desk.tinytorch("complete", "--file", name)
    assert done.returncode == 0, done.stdout + done.stderr
    reply = desk.python("-m", "tinytorch.checks.verify").stdout
    assert "mul" in json.loads(reply.splitlines()[-1])["passed"]
