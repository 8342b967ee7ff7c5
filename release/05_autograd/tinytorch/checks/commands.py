"""The command line: python -m tinytorch, which tests, and python -m tinytorch complete."""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from pathlib import Path
from typing import Any

from . import data, words
from .execute import Problem, run_cells
from .export import export, unfinished
from .notebook import Cell, Unreadable, read
from .run import Report, run_checks
from .session import say
from .verify import verify

Json = dict[str, Any]
HANDOUT = Path(__file__).resolve().parents[1]
TARGET = HANDOUT / "core" / "autograd.py"
MOST_PROBLEMS = 6
WORKS, NOT_YET, WRONG_USAGE, BROKEN = 0, 1, 2, 3

EPILOG = """\
examples:
  python -m tinytorch                      test all parts, one line each
  python -m tinytorch test mul             one part, with all that can be said about it
  python -m tinytorch test --file my.py    another notebook, or a .py file
  python -m tinytorch complete             export to tinytorch/core/autograd.py

exit status:
  0  all required public checks pass (complete: and the export works)
  1  some do not pass yet
  2  wrong usage
  3  the file cannot be read, or the export does not work

Run it in the folder that holds your notebook and the folder tinytorch.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit status."""
    for stream in (sys.stdout, sys.stderr):
        # Our own words fit; a student's text may hold signs that the terminal lacks.
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr] # of a real stream
    given = sys.argv[1:] if arguments is None else arguments
    if not given or given[0].startswith("--file"):
        given = ["test", *given]
    options = _parser().parse_args(given)
    try:
        path = options.file or _only_notebook()
        cells = read(path)
        say(f"Testing {_shortest(path)}\n")
        part = options.part if options.command == "test" else None
        checks = data.checks() if part is None else data.find(part)
        reports, problems = _run(cells, path, checks)
        if options.command == "test":
            return _test(part, reports, problems)
        return _complete(cells, path, reports, problems)
    except Unreadable as error:
        sys.stderr.write(words.for_terminal(f"{error}\n"))
        return BROKEN
    except KeyboardInterrupt as error:
        sys.stderr.write(words.for_terminal(f"{str(error) or 'Stopped'}.\n"))
        return BROKEN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tinytorch",
        description="Test your autograd notebook with its public cases, and export it.\n"
        "Without a command it tests.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    test = commands.add_parser("test", help="run the public checks of one part, or of all")
    test.add_argument(
        "part", nargs="?", type=_part, metavar="PART", help=f"one of: {', '.join(data.parts())}"
    )
    complete = commands.add_parser(
        "complete", help="export the finished cells to tinytorch/core/autograd.py, and check it"
    )
    for command in (test, complete):
        command.add_argument(
            "--file", type=Path, metavar="FILE", help="the notebook, or a .py file"
        )
    return parser


def _part(name: str) -> str:
    try:
        data.find(name)
    except KeyError as error:
        raise argparse.ArgumentTypeError(
            f"there is no part {name!r}. The parts are: {error.args[0]}"
        ) from None
    return name


def _only_notebook() -> Path:
    folder = HANDOUT.parent
    usual = folder / f"{data.load()['notebook']}.ipynb"
    if usual.is_file():
        return usual
    found = sorted(folder.glob("*.ipynb"))
    if len(found) == 1:
        return found[0]
    what = "There is no notebook" if not found else "There are several notebooks"
    raise Unreadable(f"{what} in {folder}. Name yours: --file NOTEBOOK.ipynb")


def _shortest(path: Path) -> str:
    """Return the path as seen from the current folder, where that is shorter."""
    with contextlib.suppress(ValueError, OSError):
        return str(path.resolve().relative_to(Path.cwd()))
    return str(path)


def _run(
    cells: list[Cell], path: Path, checks: list[Json]
) -> tuple[list[Report], list[Problem]]:
    """Run the notebook, then public checks on it."""
    module_name = "submission" if path.suffix == ".py" else "__main__"
    namespace, problems = run_cells(cells, module_name)
    return run_checks(checks, namespace), problems


def _is_required(report: Report) -> bool:
    return bool(report.check["checkpoint"] != data.EXTRA and report.check["points"])


def _test(part: str | None, reports: list[Report], problems: list[Problem]) -> int:
    if part is not None:
        for report in reports:
            say(_in_full(report))
        return WORKS if all(report.passed for report in reports) else NOT_YET
    for report in reports:
        if not report.unfinished:
            say(_in_one_line(report))
    say(words.overview(reports))
    _list_problems(reports, problems)
    failing = [report for report in reports if not report.passed and not report.unfinished]
    if failing:
        say(f"\nMore about one of them: python -m tinytorch test {failing[0].check['id']}")
    return WORKS if all(found.passed for found in reports if _is_required(found)) else NOT_YET


def _list_problems(reports: list[Report], problems: list[Problem]) -> None:
    """List the cells that raised, unless that only follows from what is not written yet."""
    if any(report.unfinished for report in reports if _is_required(report)):
        problems = [found for found in problems if found.type == "SyntaxError"]
    if problems:
        say("\nCells that raised an error:")
        for problem in problems[:MOST_PROBLEMS]:
            say(f"  ✗ {problem}")
        if len(problems) > MOST_PROBLEMS:
            say(f"  … and {len(problems) - MOST_PROBLEMS} more.")


def _in_full(report: Report) -> str:
    if report.passed:
        return words.passed(report)
    return words.unfinished(report) if report.unfinished else words.failed(report)


def _in_one_line(report: Report) -> str:
    if report.passed:
        return words.passed(report)
    passing = len(report.outcomes) - len(report.failing)
    return f"✗ {report.check['id']}: {passing} of {len(report.outcomes)} cases pass so far"


def _complete(cells: list[Cell], path: Path, reports: list[Report], problems: list[Problem]) -> int:
    todo = [found for found in reports if _is_required(found) and found.unfinished]
    say(words.overview(reports))
    _list_problems(reports, problems)
    if todo:
        names = ", ".join(dict.fromkeys(found.unfinished for found in todo))
        say(f"\nNot complete yet, so nothing was exported. Still to write: {names}.")
        return NOT_YET
    passing = {found.check["id"] for found in reports if found.passed}
    ended = {problem.cell.number: problem.line for problem in problems}
    text = _exported(cells, path.name, ended, passing)
    _write(text)
    reply = verify(HANDOUT)
    if "error" in reply:
        raise Unreadable(f"{TARGET} was written, but its import failed: {reply['error']}.")
    name = TARGET.relative_to(HANDOUT.parent).as_posix()
    say(f"\n✓ Exported to {name}, imported in a fresh process, checked.")
    left_out = unfinished(cells)
    if left_out:
        say(f"  Left out, since not written yet: {', '.join(left_out)}.")
    say("  Use it: import tinytorch.core.autograd    (switches autograd on)")
    return _verdict(reports, passing, set(reply["passed"]))


def _verdict(reports: list[Report], passing: set[str], exported: set[str]) -> int:
    lost = sorted(passing - exported)
    wrong = [found.check["id"] for found in reports if _is_required(found) and not found.passed]
    if lost:
        say(f"✗ These checks pass in the notebook, but not in the export: {', '.join(lost)}.")
        return BROKEN
    if wrong:
        say(f"✗ These checks do not pass yet: {', '.join(wrong)}.")
        say(f"  More about one of them: python -m tinytorch test {wrong[0]}")
        return NOT_YET
    return WORKS


def _exported(cells: list[Cell], name: str, ended: dict[int, int], passing: set[str]) -> str:
    """Return the leanest export with which all that passes in the notebook passes again.

    Raises
    ------
    Unreadable
        When no export can be imported.
    """
    lean = export(cells, name, ended)
    first = _try(lean)
    if passing <= set(first.get("passed", ())):
        return lean
    everything = export(cells, name, ended, everything=True)
    second = _try(everything)
    if len(second.get("passed", ())) > len(first.get("passed", ())):
        return everything
    if "error" in first:
        raise Unreadable(
            f"The export cannot be imported: {first['error']}. Nothing was written. "
            "Move what later modules do not need, such as plots, into cells of its own."
        )
    return lean


def _try(text: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as scratch:
        trial = Path(scratch) / "autograd.py"
        trial.write_text(text, encoding="utf-8")
        return verify(HANDOUT, trial)


def _write(text: str) -> None:
    """Replace the module in one step, so that nobody ever imports half of it."""
    trial = TARGET.with_suffix(".new")
    try:
        trial.write_text(text, encoding="utf-8")
        trial.replace(TARGET)
    except OSError as error:
        raise Unreadable(
            f"{TARGET} cannot be written: {error.strerror}. Make the folder writable."
        ) from None
