"""The oracle of the transformations: a real Jupyter kernel.

A transformed notebook must run there without an error, and leave the same public names behind as
the untransformed one, of the same kinds, and no others than the transformation says.

    python tests/wild/real_kernel.py              every transformation, on the solved notebook
    python tests/wild/real_kernel.py --only ID    one of them, with what went wrong in full
    python tests/wild/real_kernel.py --turn       each on another correct submission
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from autograder.audit.wild import HandIn, Transformation, load_transformations, right_submissions
from autograder.config import load_config
from autograder.course.layout import Layout
from autograder.submission.notebooks import nbformat, v4  # before nbclient: it is quick this way

HERE = Path(__file__).resolve().parent
COURSE = HERE.parents[1]
LAYOUT = Layout(course=COURSE, config=load_config(COURSE / "config.yaml"))
HANDOUT, SOLUTION = LAYOUT.handout, LAYOUT.solution
CELL_SECONDS = 60
KERNELS = 2
WITH_PYTORCH = frozenset({"torch", "theirs", "F", "mine", "tt"})
"""Names that comparisons with PyTorch make, in the assignment and in a variant."""

NEEDS_OF = {
    "plots_and_magics.ipynb": ("matplotlib", "matplotlib_inline", "pandas", "seaborn", "tqdm")
}
"""What a correct submission needs by itself."""

PRESS_ENTER = """
get_ipython().kernel.raw_input = lambda *prompt: ""
get_ipython().kernel.getpass = lambda *prompt, **options: ""
"""
"""The person at the keyboard."""

NAMES = """
import builtins as _builtins, json as _json, types as _types
_own = {
    _name: "class" if isinstance(_value, type) else _builtins.type(_value).__name__
    for _name, _value in globals().items()
    if not _name.startswith("_")
    and _name not in {"In", "Out", "get_ipython", "exit", "quit", "open"}
}
_builtins.print("NAMES " + _json.dumps(_own))
"""


@dataclass(frozen=True)
class Run:
    """What came of a hand-in: the names it made with their kinds, or its error."""

    names: dict[str, str]
    error: str = ""


def notebook_of(handed_in: HandIn) -> dict:
    """Return the notebook that runs a hand-in: a script is run by a cell."""
    if handed_in.name.lower().endswith(".py"):
        notebook = v4.new_notebook(cells=[v4.new_code_cell(f"%run {handed_in.name}")])
    else:
        text = handed_in.data.decode("utf-8-sig")
        notebook = nbformat.convert(nbformat.reader.reads(text), 4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return v4.new_notebook(cells=[
        v4.new_code_cell(PRESS_ENTER),
        # The public checks have tests of their own, and take most of the time.
        *(v4.new_code_cell(cell.source, metadata=cell.metadata) for cell in code
          if not cell.source.startswith("check(")),
        v4.new_code_cell(NAMES),
    ])  # fmt: skip


def run(handed_in: HandIn, needs: Sequence[str] = ()) -> Run:
    """Run a hand-in in a kernel of its own, in a copy of the handout's folder."""
    from jupyter_client.manager import KernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    with tempfile.TemporaryDirectory(prefix="autograder-kernel-") as scratch:
        folder = Path(scratch) / "work" / LAYOUT.config.assignment
        shutil.copytree(HANDOUT, folder / "tinytorch")
        # Some keep their notebooks in a folder of the repository that holds the package.
        (folder.parent / "tinytorch").symlink_to(folder / "tinytorch")
        (folder / Path(handed_in.name).name).write_bytes(handed_in.data)
        manager = KernelManager(kernel_name="python3")
        manager.transport = "ipc"
        manager.ip = str(Path(scratch) / "socket")
        client = NotebookClient(
            notebook_of(handed_in),
            km=manager,
            timeout=CELL_SECONDS,
            resources={"metadata": {"path": str(folder)}},
            coalesce_streams=True,
        )
        try:
            client.execute(cleanup_kc=True, env=_environment(scratch, needs))
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            return Run({}, str(error))
        said = "".join(
            output.text for output in client.nb.cells[-1].outputs
            if output.output_type == "stream" and output.name == "stdout"
        )  # fmt: skip
    return Run(json.loads(said.partition("NAMES ")[2].splitlines()[0]))


def _environment(scratch: str, needs: Sequence[str]) -> dict[str, str]:
    """Return an environment with a home, stand-ins of packages, and programs that do nothing."""
    fakes, programs = Path(scratch) / "fakes", Path(scratch) / "bin"
    fakes.mkdir()
    programs.mkdir()
    for need in [*needs, "pip"]:
        _copy(HERE / "fakes" / need, fakes)
    for program in ("pip", "pip3", "git", "apt-get", "wget", "unzip"):
        (programs / program).write_text("#!/bin/sh\nexit 0\n")
        (programs / program).chmod(0o755)
    home = Path(scratch) / "home"
    home.mkdir()
    return {
        **os.environ,
        "PYTHONPATH": str(fakes),
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_PLATFORM_DIRS": "1",
    }


def _copy(source: Path, target: Path) -> None:
    shutil.copy(HERE / "fakes" / "anything.py", target)
    shutil.copytree(source, target / source.name, dirs_exist_ok=True)


@functools.cache
def unchanged(host: Path) -> Run:
    """Run a correct submission as it is."""
    return run(library()["unchanged-as-a-notebook"].hand_in(host), NEEDS_OF.get(host.name, ()))


@functools.cache
def library() -> dict[str, Transformation]:
    """Return the transformations."""
    return load_transformations(COURSE)


def trouble(name: str, host: Path) -> str:
    """Say what is wrong with a transformation of a correct submission; nothing if all is well."""
    transformation = library()[name]
    handed_in = transformation.hand_in(host)
    if handed_in is None:
        return ""
    needs = {*transformation.needs, *NEEDS_OF.get(host.name, ())}
    before, after = unchanged(host), run(handed_in, sorted(needs))
    if before.error or after.error:
        return before.error or after.error
    lost = {
        key: kind
        for key, kind in before.names.items()
        if after.names.get(key) != kind
        and key not in transformation.adds
        and not (transformation.partial and not _is_asked_for(key))
    }
    more = after.names.keys() - before.names.keys() - set(transformation.adds)
    if "torch" in transformation.needs:
        more -= WITH_PYTORCH
    problems = [f"lost or changed: {lost}"] if lost else []
    return "; ".join([*problems, f"undeclared: {sorted(more)}"] if more else problems)


def _is_asked_for(name: str) -> bool:
    return name.endswith("Backward") or name in {"Function", "enable_autograd", "checkpoint"}


def troubles(pairs: Sequence[tuple[str, Path]]) -> Iterator[tuple[str, Path, str]]:
    """Yield what is wrong with each pair, in order; several kernels run at once."""
    for host in {host for _, host in pairs}:
        unchanged(host)
    with ThreadPoolExecutor(KERNELS) as pool:
        found = pool.map(lambda pair: trouble(*pair), pairs)
        yield from ((*pair, text) for pair, text in zip(pairs, found, strict=True))


def main() -> int:
    """Check transformations against a kernel, and say which ones break it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", action="append", metavar="ID")
    parser.add_argument("--turn", action="store_true")
    options = parser.parse_args()
    from autograder.audit.wild import rotating_pairs

    # What fails on purpose, or is mended by the grader only, is no business of a kernel.
    checked = {
        name: transformation for name, transformation in library().items()
        if transformation.group == "same" and (not options.only or name in options.only)
    }  # fmt: skip
    hosts = [host for host in right_submissions(COURSE, SOLUTION) if host.name != "messy.ipynb"]
    pairs = rotating_pairs(checked, hosts if options.turn else [SOLUTION])
    broken = 0
    for name, host, text in troubles(pairs):
        if text:
            broken += 1
            sys.stdout.write(f"{name} on {host.name}: {text if options.only else text[-600:]}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(pairs)} transformations tried, {broken} do not hold\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
