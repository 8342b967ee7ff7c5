import stat

import msgspec
import numpy as np
import pytest

from autograder.cases import Recorder, load_cases
from autograder.cases.inputs import draw_inputs
from autograder.cases.secret import course_seed, find_seed, seed_digest
from autograder.errors import CaseError, UsageError

HEADER = "from autograder.cases import case\n\n\n"
GOOD = '''@case(check="{check}", kind="gradient")
def {name}(t):
    """{sentence}"""
    t.observe(t.rule("MulBackward", t.leaf(2), t.leaf(2)).saved(0))


'''


def ops(recorder):
    return [step.op for step in recorder.program().steps]


def test_arithmetic_is_recorded_on_both_sides():
    t = Recorder()
    x = t.leaf(2)
    t.observe(2 - (x + 1) * 3 / x, (1 / x).data)
    steps = [(step.op, step.args) for step in t.program().steps[:4]]
    assert steps == [("add", (0, (1,))), ("mul", (1, (3,))), ("div", (2, 0)), ("sub", ((2,), 3))]


def test_options_with_their_default_are_left_out():
    t = Recorder()
    x = t.leaf(2, 3)
    t.observe(x.sum(), x.sum(axis=0), x.mean(keepdims=True))
    assert [step.options for step in t.program().steps if step.op in {"sum", "mean"}] == [
        {}, {"axis": 0}, {"keepdims": True}
    ]  # fmt: skip


def test_rules_alone_need_no_engine_and_tensors_do():
    rules, tensors = Recorder(), Recorder()
    rules.observe(rules.rule("AddBackward", rules.leaf(2), rules.leaf(2)).saved(0))
    x = tensors.leaf(2)
    tensors.backward(x * x, tensors.array(2))
    tensors.observe(x.grad)
    assert not rules.program().engine
    assert tensors.program().engine


def test_case_that_observes_nothing_is_refused():
    t = Recorder()
    t.backward(t.leaf(1))
    with pytest.raises(CaseError, match="could not fail"):
        t.program()


def test_value_of_another_case_is_refused():
    first, second = Recorder(), Recorder()
    with pytest.raises(CaseError, match="another case"):
        second.relu(first.leaf(2))


def test_recording_survives_json():
    t = Recorder()
    x = t.leaf(3, 2)
    t.observe(t.checkpoint(lambda a: t.relu(a) ** 2, x), x[0, 1:], x.grad)
    program = t.program()
    again = msgspec.json.decode(msgspec.json.encode(program), type=type(program))
    assert msgspec.json.encode(again) == msgspec.json.encode(program)


@pytest.fixture
def folder(tmp_path, config):
    def load(text):
        (tmp_path / "cases.py").write_text(HEADER + text, encoding="utf-8")
        with pytest.raises(CaseError) as caught:
            load_cases(tmp_path, config)
        return caught.value.message

    return load


def test_case_without_a_sentence_is_refused(folder):
    assert "docstring" in folder(GOOD.format(check="mul", name="one", sentence=""))


def test_case_of_an_unknown_check_is_refused(folder):
    assert "'nothing'" in folder(GOOD.format(check="nothing", name="one", sentence="A."))


def test_check_without_a_case_is_refused(folder):
    assert "no hidden case" in folder(GOOD.format(check="mul", name="one", sentence="A."))


def test_file_that_does_not_import_is_named(folder):
    message = folder("1 / 0\n")
    assert "cases.py" in message
    assert "ZeroDivisionError" in message


def test_case_of_the_same_name_in_two_files_is_refused(tmp_path, config):
    for name in ("a.py", "b.py"):
        text = HEADER + GOOD.format(check="mul", name="one", sentence="A.")
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match="twice"):
        load_cases(tmp_path, config)


def test_draw_depends_on_seed_case_and_input_only():
    t = Recorder()
    x, y = t.leaf(3, 2), t.leaf(3, 2)
    t.observe(x.data, y.data)
    program = t.program()
    first = draw_inputs(program, "mul/a", b"seed")
    assert all(
        (first[key] == array).all() for key, array in draw_inputs(program, "mul/a", b"seed").items()
    )
    assert (first[0] != first[1]).any()
    assert (first[0] != draw_inputs(program, "mul/b", b"seed")[0]).any()
    assert (first[0] != draw_inputs(program, "mul/a", b"other")[0]).any()


def test_draw_honours_shape_dtype_and_kind():
    t = Recorder()
    values = [
        t.leaf(3, 4, dtype="float32"), t.leaf(8, draw="kinked"), t.leaf(4, draw="probability"),
        t.constant(6, draw="binary"), t.labels(5, 3), t.leaf(2, scale=2.0**20),
    ]  # fmt: skip
    t.observe(*(value.data for value in values))
    single, kinked, chance, binary, labels, large = draw_inputs(t.program(), "x", b"s").values()
    assert (single.shape, single.dtype) == ((3, 4), np.float32)
    assert (kinked == 0).sum() == 2
    assert ((chance > 0.1) & (chance < 0.9)).all()
    assert set(binary) == {0.0, 1.0}
    assert labels.dtype == np.int64
    assert len(set(labels)) > 1
    assert (np.abs(large) >= 2.0**19).all()


def test_seed_is_made_once_kept_private_and_said(tmp_path, monkeypatch):
    monkeypatch.delenv("AUTOGRADER_SEED", raising=False)
    said = []
    first = course_seed(tmp_path, said.append)
    assert course_seed(tmp_path, said.append) == first
    assert len(said) == 1
    assert "keep a copy" in said[0]
    mode = (tmp_path / ".autograder" / "seed").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_seed_of_the_environment_wins(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_SEED", "from outside")
    assert course_seed(tmp_path, print) == b"from outside"
    assert not (tmp_path / ".autograder").exists()


def test_earlier_seed_is_found_by_its_digest(tmp_path, monkeypatch):
    monkeypatch.delenv("AUTOGRADER_SEED", raising=False)
    first = course_seed(tmp_path, lambda message: None)
    (tmp_path / ".autograder" / "seed").unlink()
    assert course_seed(tmp_path, lambda message: None) != first
    assert find_seed(tmp_path, seed_digest(first)) == first
    with pytest.raises(UsageError, match="is not here"):
        find_seed(tmp_path, "0123456789abcdef")


def test_digest_of_a_seed_does_not_hold_it():
    assert "secret" not in seed_digest(b"secret")
    assert len(seed_digest(b"secret")) == 16
