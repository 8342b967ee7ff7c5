"""The folder in which a submission may write: what works in it, what ends it, what stays."""

from pathlib import Path

import msgspec
import pytest

from autograder.cells import Cell
from autograder.sandbox.records import Job, Lost
from autograder.sandbox.runtime import find_runtime
from autograder.sandbox.session import Session
from autograder.sandbox.worker import Worker

EVERYDAY = {
    "empty at first": "assert os.listdir('.') == []",
    "folders": "os.makedirs('a/b/c'); os.mkdir('d'); os.chdir('d'); os.chdir('..')",
    "/dev/null": "open('/dev/null', 'w').write('x'); assert open(os.devnull).read() == ''",
    "text": "open('f', 'w').write('1'); open('f', 'a').write('2'); assert open('f').read() == '12'",
    "copies": "open('f', 'w').write('1'); shutil.copy('f', 'g'); shutil.copy2('f', 'h');"
    "shutil.copytree('.', 'all'); shutil.move('g', 'all/moved'); shutil.rmtree('all')",
    "touch": "path = pathlib.Path('t'); path.touch(); path.touch(); assert path.exists()",
    "paths": "path = pathlib.Path('p'); path.write_text('x'); path.rename('q').unlink()",
    "modes": "open('f', 'w').close(); os.chmod('f', 0o400); os.utime('f', (1, 1))",
    "unnamed files": "file = tempfile.TemporaryFile(); file.write(b'x'); file.seek(0)",
    "named files": "file = tempfile.NamedTemporaryFile(); file.write(b'x'); file.close()",
    "folders for a while": "with tempfile.TemporaryDirectory() as name: os.listdir(name)",
    "home": "assert os.path.samefile(pathlib.Path.home(), tempfile.gettempdir())",
    "logs": "logging.basicConfig(filename='log', force=True); logging.error('x')",
    "arrays": "np.save('a', np.ones(3)); np.load('a.npy', mmap_mode='r+')[0] = 2;"
    "np.savez('b', x=np.ones(2)); np.load('b.npz')['x']; np.savetxt('c', np.ones(2))",
    "pickles": "pickle.dump([1], open('p', 'wb')); shelve.open('s').close()",
    "databases": "base = sqlite3.connect('x.db'); base.execute('create table a (b)');"
    "base.commit(); base.execute('pragma journal_mode=wal');"
    "base.execute('insert into a values (2)'); base.commit();"
    "assert sqlite3.connect('x.db').execute('select * from a').fetchall() == [(2,)]",
    "who": "assert getpass.getuser() == 'student'; os.path.expanduser('~')",
    "language": "locale.setlocale(locale.LC_ALL, ''); sys.stdout.isatty()",
}
IMPORTS = (
    "import getpass, locale, logging, os, pathlib, pickle, shelve, shutil, sqlite3, sys, tempfile\n"
    "import numpy as np\n"
)


@pytest.fixture(params=["L", "B"])
def worker(exam, request):
    limits = msgspec.structs.replace(exam.config.limits, scratch_mib=2, cell_seconds=20)
    runtime = find_runtime(exam.handout, exam.config.packages)
    with Worker(request.param, runtime, limits) as worker:
        yield worker


def run(worker, *sources):
    cells = tuple(Cell(index=place, source=source) for place, source in enumerate(sources))
    return Session(worker, worker._limits, Job(cells=cells)).run([])


@pytest.mark.parametrize("tier", ["L", "B", "none"])
def test_what_notebooks_do_with_files_works_in_every_tier(exam, tier):
    with exam.worker(tier) as worker:
        for what, source in EVERYDAY.items():
            report = run_in(worker, exam, IMPORTS + source.replace("with ", "\nwith ")).cells[0]
            assert report.losses == (), what


GREEDY = {
    "many files": "import os\nfor n in range(10**9): os.mkdir(str(n))",
    "large files": "n = 0\nwhile True:\n    n += 1\n    open(str(n), 'wb').write(bytes(1 << 20))",
    "nameless files": (
        "import tempfile\n"
        "def fill(kept):\n"
        "    while len(kept) < 40:\n"
        "        file = tempfile.TemporaryFile(); kept.append(file)\n"
        "        file.write(bytes(1 << 20)); file.flush()\n"
        "    while True: pass\n"
        "fill([])"  # one statement: the next would run after one that finds no room
    ),
    "nested too deep": (
        "import os\nfor n in range(3000): os.mkdir('d'); os.chdir('d')\nwhile True: pass"
    ),
}


@pytest.mark.parametrize("what", GREEDY)
def test_too_many_files_end_a_child_or_fail_and_never_stay(worker, what):
    done = run(worker, GREEDY[what])
    ends = [end.lost for end in done.statements.get(0, ())]
    if isinstance(done.cells[0], Lost):  # on a busy machine it is stopped before it is caught
        assert done.cells[0].reason in {"killed", "timeout", "submission-timeout"}
    elif ends:
        assert ends[0].reason == "killed"
        assert "scratch files" in ends[0].detail
    else:
        assert done.cells[0].losses[0].error.type == "OSError"
    assert run(worker, "import os; print(os.listdir('.'))").output == "[]\n"


HOSTILE = """
import os
os.umask(0o777)
for name in ("\\n", "\\x1b[2J", "\\udcff", "-rf", "...", "\u202e", "a" * 255, "moved-1", "0-1"):
    open(name, "w").close()
    os.mkdir("folder" + name[:200], 0)
os.umask(0)
here = os.getcwd()
for n in range(1900):
    os.mkdir("d"); os.chdir("d")
    if n % 100 == 0: open("file", "w").close()
os.chdir(here)
kept = open("open", "w"); kept.write("x"); os.unlink("open")
print("made")
"""


def test_nothing_stays_however_deep_and_whatever_it_is_called(exam):
    # Without a bound on how deep, as nobody looks while it is made in one go.
    with exam.worker("L") as worker:
        for _ in range(2):
            assert run_in(worker, exam, HOSTILE).output == "made\n"
        process = worker._process
        assert run_in(worker, exam, "import os; print(os.listdir('.'))").output == "[]\n"
        assert worker._process is process


def run_in(worker, exam, source):
    return Session(worker, exam.config.limits, Job(cells=(Cell(index=0, source=source),))).run([])


def test_what_a_killed_child_wrote_is_gone(worker, exam):
    limits = msgspec.structs.replace(exam.config.limits, cell_seconds=0.3)
    job = Job(cells=(Cell(index=0, source="open('kept', 'w').write('x')\nwhile True: pass"),))
    assert Session(worker, limits, job).run([]).statements[0][0].lost.reason == "timeout"
    assert run(worker, "import os; print(os.listdir('.'))").output == "[]\n"


def test_the_folder_of_a_worker_is_removed_with_it(exam, tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.sandbox.scratch.MEMORY", tmp_path)
    with exam.worker("B") as worker:
        run_in(worker, exam, "import os; os.makedirs('a/b'); open('a/b/c', 'w').write('x')")
        assert len(list(tmp_path.iterdir())) == 1
    assert not any(tmp_path.iterdir())


def test_a_folder_that_cannot_be_emptied_costs_the_worker(worker, exam, monkeypatch):
    run(worker, "open('kept', 'w').write('x')")
    process = worker._process
    monkeypatch.setattr("autograder.sandbox.scratch._empty", lambda _folder: None)
    assert run(worker, "import os; print(os.listdir('.'))").output == "[]\n"
    assert worker._process is not process


def test_a_folder_is_emptied_whoever_else_is_in_the_file_system(tmp_path):
    from autograder.sandbox.scratch import Folder

    beside = tmp_path / "beside"
    beside.write_text("stays")
    folder = tmp_path / "folder"
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "link").symlink_to(tmp_path)
    scratch = Folder(Path(folder), 1000)
    assert scratch.empty()
    assert beside.read_text() == "stays"
    scratch.close()
    assert not folder.exists()
