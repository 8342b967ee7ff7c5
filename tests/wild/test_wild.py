"""Right submissions as people hand them in keep their points; and the proof is one."""

import json
from dataclasses import replace

import pytest
import real_kernel
from click.testing import CliRunner

from autograder.audit.render_wild import render_wild
from autograder.audit.wild import (
    HandIn,
    Transformation,
    every_pair,
    load_transformations,
    right_submissions,
    rotating_pairs,
    try_wild,
)
from autograder.cli import main
from autograder.errors import CaseError

KERNEL_STRIDE = 19


@pytest.fixture(scope="module")
def library(course):
    return load_transformations(course)


@pytest.fixture(scope="module")
def hosts(course, solution):
    return right_submissions(course, solution)


def without_a_rule(path):
    """Hand in a submission whose rule for products is gone."""
    return HandIn("broken.py", path.read_bytes() + b"\n\ndel MulBackward\n")


BROKEN = Transformation(
    id="broken", kind="test", sentence="Deletes a rule.", hand_in=without_a_rule
)


def test_no_right_submission_loses_a_point_in_the_wild(exam, library, hosts):
    trials = list(try_wild(exam, "L", library, rotating_pairs(library, hosts), processes=2))
    table = render_wild(list(library.values()), trials)
    assert all(trial.loss is None for trial in trials), table


def test_a_sample_of_the_transformations_means_the_same_to_a_real_kernel(library):
    same = {name: one for name, one in library.items() if one.group == "same"}
    chosen = dict(list(same.items())[::KERNEL_STRIDE])
    pairs = rotating_pairs(chosen, [real_kernel.SOLUTION])
    found = [(name, text) for name, _, text in real_kernel.troubles(pairs) if text]
    assert found == []


def test_a_kernel_notices_errors_lost_names_and_undeclared_ones(monkeypatch, library, solution):
    plain = library["unchanged-as-a-notebook"]

    def with_a_cell(source):
        def hand_in(path):
            notebook = json.loads(plain.hand_in(path).data)
            cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": source}
            notebook["cells"].append({**cell, "execution_count": None})
            return HandIn("a.ipynb", json.dumps(notebook).encode())

        return replace(plain, id="made", hand_in=hand_in)

    def trouble(source):
        made = {**library, "made": with_a_cell(source)}
        monkeypatch.setattr(real_kernel, "library", lambda: made)
        return real_kernel.trouble("made", solution)

    assert "ZeroDivisionError" in trouble("1 / 0")
    assert "undeclared: ['extra']" in trouble("extra = 1")
    assert "'MulBackward': 'class'" in trouble("MulBackward = 3")
    assert trouble("_hidden = 1") == ""


def test_every_transformation_says_what_a_person_did_and_applies_to_somebody(library, hosts):
    for one in library.values():
        assert one.sentence.endswith(".") and "\n" not in one.sentence, one.id
        assert one.group == "losses" or not one.may_cost, one.id
        assert rotating_pairs({one.id: one}, hosts), one.id
    assert len(library) > 200
    assert len({one.kind for one in library.values()}) > 20


def test_transformations_are_pure(library, solution):
    before = solution.read_bytes()
    for one in library.values():
        assert one.hand_in(solution) == one.hand_in(solution), one.id
    assert solution.read_bytes() == before


def test_every_transformation_changes_something_but_the_one_that_says_so(library, solution):
    plain = library["unchanged-as-a-notebook"].hand_in(solution)
    same = [name for name, one in library.items() if one.hand_in(solution) == plain]
    assert sorted(same) == ["format-4-5", "unchanged-as-a-notebook"]


def test_a_transformation_that_costs_points_is_told_with_its_checks(exam, course):
    host = course / "tests" / "variants" / "recursive.py"
    (trial,) = try_wild(exam, "L", {"broken": BROKEN}, [("broken", host)], processes=1)
    assert "mul" in trial.loss.checks
    assert trial.loss.points >= 6
    assert trial.loss.told
    table = render_wild([BROKEN], [trial])
    assert "| broken | test | 1 | 1 |" in table
    assert "1 transformations, 1 gradings: 1 lost points, by 1 transformations" in table


def test_what_a_transformation_may_cost_is_no_loss(exam, course):
    host = course / "tests" / "variants" / "recursive.py"
    everything = tuple(check.id for check in exam.config.checks + exam.config.stretch)
    allowed = replace(BROKEN, may_cost=everything)
    (trial,) = try_wild(exam, "L", {"broken": allowed}, [("broken", host)], processes=1)
    assert trial.loss is None
    assert "not one point lost" in render_wild([allowed], [trial])


def test_all_pairs_are_every_transformation_with_every_submission(library, hosts):
    assert len(every_pair(library, hosts)) == len(library) * len(hosts)


def test_a_course_without_transformations_says_so(tmp_path):
    with pytest.raises(CaseError, match="no transformations"):
        load_transformations(tmp_path)


def test_the_command_refuses_an_id_that_is_not_there(course):
    done = CliRunner().invoke(
        main, ["--course", str(course), "fairness", "--wild", "--only", "nothing"]
    )
    assert done.exit_code == 2
    assert "there is no transformation 'nothing'" in done.output


def test_only_and_sample_belong_to_wild(course):
    done = CliRunner().invoke(main, ["--course", str(course), "fairness", "--sample"])
    assert done.exit_code == 2
