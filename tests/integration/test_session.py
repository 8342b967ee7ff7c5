"""One submission on one worker: which child runs what, and what an early end costs."""

import msgspec
import pytest

from autograder.sandbox.cases import prepare
from autograder.sandbox.session import Cell, Lost, Session
from autograder.submission.load import load_submission

FOREVER = Cell(index=0, source="while True: pass")
HARMLESS = Cell(index=0, source="x = 1")


class Counted:
    """A worker that counts the children and the processes that it starts."""

    def __init__(self, worker, monkeypatch):
        self.children = self.starts = 0

        def submit():
            self.children += 1
            return original_submit()

        def start():
            self.starts += 1
            original_start()

        original_submit, original_start = worker.submit, worker.start
        monkeypatch.setattr(worker, "submit", submit)
        monkeypatch.setattr(worker, "start", start)


@pytest.fixture(params=["L", "B"])
def worker(exam, request):
    with exam.worker(request.param) as worker:
        yield worker


@pytest.fixture
def counted(worker, monkeypatch):
    return Counted(worker, monkeypatch)


@pytest.fixture
def recursive(course):
    return load_submission(course / "tests" / "variants" / "recursive.py")


@pytest.fixture
def impatient(exam):
    return msgspec.structs.replace(exam.config.limits, cell_seconds=0.2)


def test_a_child_that_takes_too_long_dies_alone(worker, counted, impatient):
    for _ in range(3):
        lost = Session(worker, impatient, "__main__").run([FOREVER], []).cells[0]
        assert lost == Lost(reason="timeout", detail="wall clock")
    assert Session(worker, impatient, "__main__").run([HARMLESS], []).cells[0].status == "ok"
    assert counted.starts == 1


def test_threads_of_a_child_that_takes_too_long_die_with_it(worker, counted, impatient):
    busy = (
        "import threading\n"
        "def spin():\n"
        "    while True: pass\n"
        "for _ in range(3): threading.Thread(target=spin).start()\n"
        "spin()\n"
    )
    Session(worker, impatient, "__main__").run([Cell(index=0, source=busy)], [])
    assert worker._process.poll() is None
    assert Session(worker, impatient, "__main__").run([HARMLESS], []).cells[0].status == "ok"
    assert counted.starts == 1


def test_a_child_that_ends_itself_costs_the_worker(worker, counted, exam):
    ends = Cell(index=0, source="import os; os._exit(3)")
    lost = Session(worker, exam.config.limits, "__main__").run([ends], []).cells[0]
    assert lost == Lost(reason="exited", detail="exit status 3")
    Session(worker, exam.config.limits, "__main__").run([HARMLESS], [])
    assert counted.starts == 2


@pytest.mark.parametrize(("stay", "children"), [(True, 1), (False, 2)])
def test_cases_are_traced_in_the_child_that_waits_else_in_another(
    stay, children, worker, counted, exam, recursive
):
    with Session(worker, exam.config.limits, recursive.module_name) as session:
        session.run(recursive.cells, exam.prepared[:20], stay=stay)
        traced = session.trace(recursive.cells, exam.prepared[10:12]).cases
    assert counted.children == children
    assert all(output.applications for output in traced)


def test_inputs_are_fresh_when_a_case_runs_again(worker, exam, recursive):
    vandal = Cell(index=9, source=(
        "_init = Tensor.__init__\n"
        "def _init_and_spoil(self, data, requires_grad=False):\n"
        "    _init(self, data, requires_grad)\n"
        "    import numpy as np\n"
        "    if isinstance(data, np.ndarray) and data.flags.writeable: data *= 1000\n"
        "Tensor.__init__ = _init_and_spoil\n"
    ))  # fmt: skip
    cells = [*recursive.cells, vandal]
    with Session(worker, exam.config.limits, recursive.module_name) as session:
        first = session.run(cells, exam.prepared[10:14], stay=True)
        again = session.trace(cells, exam.prepared[10:14])
    assert first.cells[9].status == "ok"
    for before, after in zip(first.cases, again.cases, strict=True):
        assert str(before.observed) == str(after.observed)


def test_a_traced_case_that_ends_the_child_is_lost_and_the_rest_runs(worker, exam, recursive):
    again = Cell(index=9, source=(
        "_calls = 0\n"
        "_apply = MulBackward.apply\n"
        "def _apply_a_few_times(self, grad):\n"
        "    global _calls\n"
        "    _calls += 1\n"
        "    if _calls > 5: import os; os._exit(0)\n"
        "    return _apply(self, grad)\n"
        "MulBackward.apply = _apply_a_few_times\n"
    ))  # fmt: skip
    mul = [
        place
        for place, case in enumerate(exam.case_set.cases)
        if case.check == "mul" and not case.program.engine
    ][:3]
    cells, cases = [*recursive.cells, again], [exam.prepared[place] for place in mul]
    with Session(worker, exam.config.limits, recursive.module_name) as session:
        first = session.run(cells, cases, stay=True).cases
        traced = session.trace(cells, cases * 2).cases
    assert not any(isinstance(output, Lost) for output in first)
    assert [isinstance(output, Lost) for output in traced].count(True) == 1


def test_a_waiting_child_ends_with_its_session(worker, counted, exam, recursive):
    for _ in range(3):
        with Session(worker, exam.config.limits, recursive.module_name) as session:
            session.run(recursive.cells, exam.prepared[:3], stay=True)
    assert (counted.children, counted.starts) == (3, 1)


def test_cases_that_the_worker_does_not_know_come_with_the_job(worker, exam, recursive):
    known = exam.prepared[:12]
    mixed = [
        case if place % 3 else prepare(exam.case_set.cases[place].program, exam.inputs(place))
        for place, case in enumerate(known)
    ]
    assert [worker.place_of(case) is None for case in mixed[:4]] == [True, False, False, True]
    limits, module = exam.config.limits, recursive.module_name
    wanted = Session(worker, limits, module).run(recursive.cells, known).cases
    found = Session(worker, limits, module).run(recursive.cells, mixed).cases
    assert [str(output.observed) for output in found] == [str(one.observed) for one in wanted]
    assert len({str(output.observed) for output in found}) > 6
