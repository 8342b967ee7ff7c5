import pytest

from autograder.config import load_config
from autograder.errors import ConfigError


@pytest.fixture
def spoiled(course, tmp_path):
    def load(old, new):
        text = (course / "config.yaml").read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / "config.yaml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(ConfigError) as caught:
            load_config(path)
        assert "config.yaml" in caught.value.message
        return caught.value.message

    return load


def test_checkpoints_are_worth_forty_points_each(config):
    for checkpoint in config.checkpoints:
        own = [check.points for check in config.checks if check.checkpoint == checkpoint.id]
        assert sum(own) == 40
    assert sum(written.points for written in config.written) == 20


def test_wrong_type_names_key_and_value(spoiled):
    message = spoiled("cell_seconds: 10", "cell_seconds: soon")
    assert "limits.cell_seconds" in message
    assert "'soon'" in message


def test_value_out_of_range_names_key_and_value(spoiled):
    message = spoiled("memory_mib: 768", "memory_mib: 5")
    assert "limits.memory_mib" in message
    assert "5" in message


def test_misspelt_key_is_refused(spoiled):
    assert "cell_second" in spoiled("cell_seconds: 10", "cell_second: 10")


def test_negative_points_name_the_check(spoiled):
    message = spoiled("kind: contract, points: 4", "kind: contract, points: -4")
    assert "checks[0].points" in message
    assert "-4" in message


def test_unknown_kind_is_refused(spoiled):
    assert "magic" in spoiled("kind: contract, points: 4", "kind: magic, points: 4")


def test_check_defined_twice_is_refused(spoiled):
    assert "'add' is defined twice" in spoiled("{id: mul, checkpoint", "{id: add, checkpoint")


def test_need_that_is_not_defined_before_is_refused(spoiled):
    assert "'nothing'" in spoiled("needs: [matmul]", "needs: [nothing]")


def test_stretch_check_inside_a_checkpoint_is_refused(spoiled):
    assert "stretch" in spoiled("{id: neg, kind", "{id: neg, checkpoint: checkpoint-2, kind")


def test_text_that_is_not_yaml_is_refused(spoiled):
    assert "YAML" in spoiled("course: autograd", "course: [autograd")


def test_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(ConfigError, match="There is no") as caught:
        load_config(tmp_path / "config.yaml")
    assert "--course" in caught.value.remedy
