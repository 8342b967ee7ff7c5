"""Files written and read, folders, logs, locale, and other things of the machine."""

from __future__ import annotations

from .registry import wild


@wild("files", adds="os")
def folder_made_with_the_imports(nb):
    """Makes a folder for plots in the cell of the imports."""
    return nb.in_imports(
        "import os\nos.makedirs('plots', exist_ok=True)\nos.mkdir('more') if not os.path.exists('more') else None"
    )


@wild("files", adds="os sys")
def folder_changed_with_the_imports(nb):
    """Goes to the folder above and adds it to the path, with the imports."""
    return nb.in_imports("import os, sys\nos.chdir('..')\nsys.path.append(os.getcwd())")


@wild("files", adds="os Path home")
def folder_changed_and_back(nb):
    """Goes to the home folder and back, above the engine."""
    return nb.in_engine(
        "import os\nfrom pathlib import Path\nhome = Path.cwd()\nos.chdir(Path.home())\nos.chdir(home)\n"
        "print(sorted(os.listdir('.'))[:1], home.exists())"
    )


@wild("files", adds="notes")
def file_written_and_read(nb):
    """Writes a text file and reads it again, above a rule."""
    return nb.in_rule(
        "with open('notes.txt', 'w') as notes:\n    notes.write('rule\\n')\n"
        "with open('notes.txt') as notes:\n    assert notes.read() == 'rule\\n'"
    )


@wild("files", adds="json Path saved")
def results_saved_as_json(nb):
    """Saves results as JSON in a folder of its own and loads them, in the engine's cell."""
    return nb.in_engine(
        "import json\nfrom pathlib import Path\n"
        "Path('out/run1').mkdir(parents=True, exist_ok=True)\n"
        "Path('out/run1/result.json').write_text(json.dumps({'loss': [1.0, 0.5]}))\n"
        "saved = json.loads(Path('out/run1/result.json').read_text())\nassert saved['loss'][1] == 0.5"
    )


@wild("files", adds="numpy_for_files weights")
def arrays_saved(nb):
    """Saves arrays with NumPy and loads them, above a rule."""
    return nb.in_rule(
        "import numpy as numpy_for_files\n"
        "numpy_for_files.save('weights.npy', numpy_for_files.ones((2, 3)))\n"
        "numpy_for_files.savez('all.npz', w=numpy_for_files.zeros(2))\n"
        "numpy_for_files.savetxt('table.csv', numpy_for_files.eye(2), delimiter=',')\n"
        "weights = numpy_for_files.load('weights.npy')\n"
        "assert weights.shape == (2, 3) and numpy_for_files.loadtxt('table.csv', delimiter=',').trace() == 2"
    )


@wild("files", adds="pickle csv writer out")
def pickled_and_tabulated(nb):
    """Pickles a dictionary and writes a table, above a rule."""
    return nb.in_rule(
        "import csv, pickle\n"
        "with open('state.pkl', 'wb') as out:\n    pickle.dump({'a': 1}, out)\n"
        "assert pickle.load(open('state.pkl', 'rb')) == {'a': 1}\n"
        "with open('log.csv', 'w', newline='') as out:\n    writer = csv.writer(out)\n    writer.writerow(['step', 'loss'])"
    )


@wild("files", adds="logging logger")
def log_written_to_a_file(nb):
    """Logs into a file, with the imports."""
    return nb.in_imports(
        "import logging\n"
        "logging.basicConfig(filename='run.log', level=logging.INFO)\n"
        "logger = logging.getLogger('module05')\nlogger.addHandler(logging.FileHandler('more.log'))\n"
        "logger.info('started')\nlogging.getLogger('matplotlib').setLevel(logging.WARNING)"
    )


@wild("files", adds="tempfile temporary folder")
def temporary_files(nb):
    """Uses temporary files and folders above a rule."""
    return nb.in_rule(
        "import tempfile\n"
        "with tempfile.TemporaryDirectory() as folder:\n    open(folder + '/a.txt', 'w').close()\n"
        "with tempfile.NamedTemporaryFile('w+') as temporary:\n    temporary.write('x')\n    temporary.seek(0)\n    assert temporary.read() == 'x'\n"
        "print(tempfile.gettempdir() != '', tempfile.mkdtemp() != '')"
    )


@wild("files", adds="os")
def nothing_written_to(nb):
    """Writes to /dev/null and silences a stream, above the engine."""
    return nb.in_engine(
        "import os\nwith open(os.devnull, 'w') as _nothing:\n    print('silence', file=_nothing)\n"
        "open('/dev/null', 'a').close()"
    )


@wild("files", adds="contextlib io heard")
def output_redirected(nb):
    """Redirects standard output while it calls things, in the engine's cell."""
    return nb.in_engine(
        "import contextlib, io\n"
        "with contextlib.redirect_stdout(io.StringIO()) as heard:\n    print('caught')\n"
        "assert heard.getvalue() == 'caught\\n'\n"
        "with contextlib.suppress(FileNotFoundError):\n    open('no such file.txt')"
    )


@wild("files", adds="shutil os")
def files_copied_and_removed(nb):
    """Copies, renames and removes files above a rule."""
    return nb.in_rule(
        "import os, shutil\n"
        "open('one.txt', 'w').close()\nshutil.copy('one.txt', 'two.txt')\nos.rename('two.txt', 'three.txt')\n"
        "os.makedirs('tree/leaf', exist_ok=True)\nshutil.rmtree('tree')\nos.remove('three.txt')\n"
        "print(shutil.which('no-such-program'), os.path.getsize('one.txt'))"
    )


@wild("machine", adds="locale")
def locale_set(nb):
    """Sets a locale where there is one, with the imports."""
    return nb.in_imports(
        "import locale\n"
        "locale.setlocale(locale.LC_ALL, '')\n"
        "try:\n    locale.setlocale(locale.LC_ALL, 'de_DE.UTF-8')\nexcept locale.Error:\n    pass\n"
        "locale.setlocale(locale.LC_ALL, 'C')"
    )


@wild("machine", adds="platform os")
def machine_asked_for(nb):
    """Prints the machine's data, with the imports."""
    return nb.in_imports(
        "import os, platform\n"
        "print(platform.system(), platform.python_version(), os.name)\n"
        "print(os.cpu_count(), os.getpid() > 0, platform.node() != None, os.environ.get('HOME', ''))"
    )


@wild("machine", adds="subprocess found_by_git")
def subprocess_guarded(nb):
    """Asks git for a version and goes on without, above a rule."""
    return nb.in_rule(
        "import subprocess\n"
        "try:\n    found_by_git = subprocess.run(['git', '--version'], capture_output=True, text=True).stdout\n"
        "except OSError:\n    found_by_git = ''\n"
        "print(found_by_git)"
    )


@wild("machine", adds="requests urllib page")
def web_guarded(nb):
    """Tries to download data and goes on without, above a rule."""
    return nb.in_rule(
        "import urllib.request, urllib.error\n"
        "try:\n    page = urllib.request.urlopen('http://127.0.0.1:9/data.csv', timeout=1).read()\n"
        "except (urllib.error.URLError, OSError):\n    page = b''"
    )


@wild("machine", adds="threading worker_thread results")
def thread_used(nb):
    """Starts a thread and waits for it, above a rule."""
    return nb.in_rule(
        "import threading\nresults = []\n"
        "worker_thread = threading.Thread(target=lambda: results.append(1))\n"
        "worker_thread.start()\nworker_thread.join()\nassert results == [1]"
    )


@wild("machine", adds="signal resource sys")
def limits_changed(nb):
    """Raises the recursion limit and looks at signals, with the imports."""
    return nb.in_imports(
        "import signal, sys\nsys.setrecursionlimit(10_000)\nprint(signal.SIGINT, sys.getrecursionlimit())"
    )


@wild("machine", adds="time datetime stamp")
def clock_used(nb):
    """Stamps the time and sleeps a little, above the engine."""
    return nb.in_engine(
        "import time, datetime\nstamp = datetime.datetime.now().strftime('%Y-%m-%d')\n"
        "time.sleep(0.01)\nprint(stamp, time.perf_counter() > 0, time.process_time() >= 0)"
    )


@wild("machine", adds="sys")
def stream_reconfigured(nb):
    """Reconfigures the streams where they can be, with the imports."""
    return nb.in_imports(
        "import sys\n"
        "if hasattr(sys.stdout, 'reconfigure'):\n    sys.stdout.reconfigure(encoding='utf-8')\n"
        "print('∂L/∂x ✓', len(sys.argv) >= 1, sys.executable is not None)"
    )


@wild("machine", adds="gc tracemalloc psutil")
def memory_measured(nb):
    """Measures memory above a rule."""
    return nb.in_rule(
        "import gc, tracemalloc\ntracemalloc.start()\n_used = tracemalloc.get_traced_memory()\ntracemalloc.stop()\n"
        "gc.collect()\nprint(len(gc.get_objects()) > 0)"
    )


@wild("machine", adds="faulthandler atexit")
def handlers_registered(nb):
    """Registers a function for the end, above a rule."""
    return nb.in_rule("import atexit\natexit.register(print, 'bye')")
