"""One submission on one worker: which child runs what, and what an early end costs."""

import msgspec
import pytest

from autograder.cells import Cell
from autograder.grading.grader import job_of
from autograder.sandbox.cases import prepare
from autograder.sandbox.records import Job, Lost
from autograder.sandbox.session import Session
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
        run = Session(worker, impatient, Job(cells=(FOREVER,))).run([])
        assert run.statements[0][0].lost == Lost(reason="timeout", detail="wall clock")
    assert Session(worker, impatient, Job(cells=(HARMLESS,))).run([]).cells[0].losses == ()
    assert counted.starts == 1


def test_threads_of_a_child_that_takes_too_long_die_with_it(worker, counted, impatient):
    busy = (
        "import threading\n"
        "def spin():\n"
        "    while True: pass\n"
        "for _ in range(3): threading.Thread(target=spin).start()\n"
        "spin()\n"
    )
    Session(worker, impatient, Job(cells=(Cell(index=0, source=busy),))).run([])
    assert worker._process.poll() is None
    assert Session(worker, impatient, Job(cells=(HARMLESS,))).run([]).cells[0].losses == ()
    assert counted.starts == 1


def test_a_child_that_ends_itself_costs_the_worker(worker, counted, exam):
    ends = Cell(index=0, source="import os; os._exit(3)")
    run = Session(worker, exam.config.limits, Job(cells=(ends,))).run([])
    assert [end.lost for end in run.statements[0]] == [
        Lost(reason="exited", detail="exit status 3")
    ]
    assert counted.starts == counted.children == 3


def test_a_statement_that_ends_the_child_costs_itself(worker, exam, impatient):
    source = "a = 1\nimport os\nos._exit(3)\nwhile True: pass\nb = 2\n1 / 0\nc = a + b\nprint(c)"
    run = Session(worker, impatient, Job(cells=(Cell(index=0, source=source),))).run([])
    assert [(end.line, end.lost.reason) for end in run.statements[0]] == [
        (3, "exited"),
        (4, "timeout"),
    ]
    assert [loss.error.line for loss in run.cells[0].losses] == [6]
    assert run.output == "3\n"


def test_a_file_that_ends_its_child_loses_that_statement_at_once(worker, counted, exam):
    source = "import os\nos._exit(3)\nprint(__name__, __file__[-4:])"
    job = Job(cells=(Cell(index=0, source=source),), script="a.py")
    run = Session(worker, exam.config.limits, job).run([])
    assert [end.line for end in run.statements[0]] == [2]
    assert (run.output, counted.children) == ("__main__ a.py\n", 2)


@pytest.mark.parametrize(("stay", "children"), [(True, 1), (False, 2)])
def test_cases_are_traced_in_the_child_that_waits_else_in_another(
    stay, children, worker, counted, exam, recursive
):
    with Session(worker, exam.config.limits, job_of(recursive)) as session:
        session.run(exam.prepared[:20], stay=stay)
        traced = session.trace(exam.prepared[10:12]).cases
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
    with Session(worker, exam.config.limits, Job(cells=(*recursive.cells, vandal))) as session:
        first = session.run(exam.prepared[10:14], stay=True)
        again = session.trace(exam.prepared[10:14])
    assert not first.cells[9].losses
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
    cases = [exam.prepared[place] for place in mul]
    with Session(worker, exam.config.limits, Job(cells=(*recursive.cells, again))) as session:
        first = session.run(cases, stay=True).cases
        traced = session.trace(cases * 2).cases
    assert not any(isinstance(output, Lost) for output in first)
    assert [isinstance(output, Lost) for output in traced].count(True) == 1


def test_a_waiting_child_ends_with_its_session(worker, counted, exam, recursive):
    for _ in range(3):
        with Session(worker, exam.config.limits, job_of(recursive)) as session:
            session.run(exam.prepared[:3], stay=True)
    assert (counted.children, counted.starts) == (3, 1)


def test_cases_that_the_worker_does_not_know_come_with_the_job(worker, exam, recursive):
    known = exam.prepared[:12]
    mixed = [
        case if place % 3 else prepare(exam.case_set.cases[place].program, exam.inputs(place))
        for place, case in enumerate(known)
    ]
    assert [worker.place_of(case) is None for case in mixed[:4]] == [True, False, False, True]
    limits, job = exam.config.limits, job_of(recursive)
    wanted = Session(worker, limits, job).run(known).cases
    found = Session(worker, limits, job).run(mixed).cases
    assert [str(output.observed) for output in found] == [str(one.observed) for one in wanted]
    assert len({str(output.observed) for output in found}) > 6


HOLDS_BACK = """
import sys, time
wire, child = sys.modules["guest.wire"], sys.modules["guest.child"]
send, last = wire.send, []
def hold_back(channel, header, payload=b""):
    if header["type"] != "case":
        for held in last: send(*held)
        last.clear()
        return send(channel, header, payload)
    start = time.process_time()
    if header["index"] == COSTLY:
        while time.process_time() - start < 0.4: pass
    for held in last: send(*held)
    last[:] = [(channel, header, payload)]
wire.send = hold_back
"""


def test_a_case_about_cost_is_asked_for_alone(worker, exam, recursive):
    """The answer before it, held back until the costly work is done, hid that work."""
    cheap = exam.prepared[10]
    costly = msgspec.structs.replace(exam.prepared[11], cpu_seconds=0.2)
    limits = msgspec.structs.replace(exam.config.limits, case_seconds=2)
    cell = Cell(index=9, source=HOLDS_BACK.replace("COSTLY", "1"))
    job = Job(cells=(*recursive.cells, cell))
    done = Session(worker, limits, job).run([cheap, costly])
    assert isinstance(done.cases[1], Lost)


def test_who_does_not_take_another_request_loses_its_own_cases_only(worker, exam, recursive):
    """That is no failure of the machine, whatever the submission does to its socket."""
    costly = msgspec.structs.replace(exam.prepared[11], cpu_seconds=3.0)
    closes = Cell(index=9, source=(
        "import sys, os, socket\n"
        "wire = sys.modules['guest.wire']\n"
        "send = wire.send\n"
        "def send_and_close(channel, header, payload=b''):\n"
        "    send(channel, header, payload)\n"
        "    if header['type'] == 'done': channel.close()\n"
        "wire.send = send_and_close\n"
    ))  # fmt: skip
    job = Job(cells=(*recursive.cells, closes))
    cases = [exam.prepared[10], costly, exam.prepared[12]]
    done = Session(worker, exam.config.limits, job).run(cases)
    assert not isinstance(done.cases[0], Lost)
