"""The command group: finds the course, and maps errors to exit codes."""

from __future__ import annotations

import io
import os
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

import autograder
from autograder.cli.context import note
from autograder.cli.trust import choose
from autograder.errors import AutograderError
from autograder.reports.boundary import on_terminal

BROKEN_PIPE, INTERRUPTED = 128 + signal.SIGPIPE, 128 + signal.SIGINT
DEBUG_VARIABLE = "AUTOGRADER_DEBUG"


class Group(click.Group):
    """Shows whatever goes wrong as what happened and what to do, with an exit code of its own."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command; nothing leaves as a traceback."""
        run: Any = super().main
        _never_fail_to_print()
        try:
            status = run(*args, **{**kwargs, "standalone_mode": False})
            if sys.stdout is not None:  # closed by who started us
                sys.stdout.flush()
        except BrokenPipeError:
            status = _stop_printing()
        except (KeyboardInterrupt, click.Abort):
            click.echo("\ninterrupted: what was finished is kept", err=True)
            status = INTERRUPTED
        except Exception as error:
            if os.environ.get(DEBUG_VARIABLE):
                raise
            status = explain(error)
        sys.exit(status if isinstance(status, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; click itself would end a closed pipe with 1, which means a low score."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            return _stop_printing()


def _stop_printing() -> int:
    """Whoever read has enough; what is still buffered must not complain at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE


def _never_fail_to_print() -> None:
    """Let what the terminal's encoding lacks be shown as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def explain(error: Exception) -> int:
    """Say on standard error what went wrong; return the exit status."""
    if isinstance(error, AutograderError):
        complain(error.message, error.remedy)
        return error.exit_code
    if isinstance(error, click.ClickException):
        told = io.StringIO()
        error.show(told)
        note(told.getvalue().rstrip("\n"))
        return error.exit_code
    if isinstance(error, OSError) and error.strerror:
        place = "" if error.filename is None else f": {os.fsdecode(error.filename)}"
        complain(f"{error.strerror}{place}")
    else:
        complain(f"the grader failed: {type(error).__name__}{_kept_account()}")
    return AutograderError.exit_code


def _kept_account() -> str:
    """Write the traceback to a private file, and say where it is."""
    text = traceback.format_exc().encode("utf-8", "backslashreplace")
    try:
        descriptor, name = tempfile.mkstemp(prefix="autograder-", suffix=".txt")
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
    except OSError:
        return f"; {DEBUG_VARIABLE}=1 shows where"
    return f"; {name} says where. Please report it."


def complain(message: str, remedy: str = "") -> None:
    """Print an error and what to do about it."""
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    errors.print(Text("error: ", "bold red") + Text(on_terminal(message, keep="\n")))
    if remedy:
        errors.print(Text(f"  → {on_terminal(remedy, keep=chr(10))}"))


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(autograder.__version__, prog_name="autograder")
@click.option(
    "--course",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The course's folder; by default the nearest one above with a config.yaml, if you have"
    " approved it (autograder trust).",
)
@click.pass_context
def main(ctx: click.Context, course: Path | None) -> None:
    """Release and grade the autograd assignment.

    \b
    autograder init FOLDER          make a course
    autograder add check NAME       a new operation with its check
    autograder release              source/ -> release/, if it is fit to go out
    autograder collect SOURCE       take submissions in
    autograder grade                grade what is new into the gradebook
    autograder status               where the class stands, and what to type next
    autograder overview             how the class did: scores, checks, mistakes
    autograder history STUDENT      every result of a student, and how to bring one back
    autograder feedback             one HTML page for each student
    autograder run notebook.ipynb   grade one file and change nothing
    """
    signal.signal(signal.SIGTERM, _interrupt)
    ctx.obj = choose(course)


def _interrupt(*_: object) -> None:
    """Let a request to terminate end like Ctrl-C: what is done is kept."""
    raise KeyboardInterrupt


def load_commands() -> None:
    """Attach the commands; each module imports what is heavy only when it runs."""
    from autograder.cli import (
        add,
        audit,
        cases,
        ci,
        collect,
        course,
        demo,
        export,
        feedback,
        init,
        overview,
        regrade,
        run,
        trust,
    )

    commands = (
        course.release,
        course.build,
        collect.collect,
        collect.attempts,
        collect.status,
        init.init,
        add.add,
        course.grade,
        overview.overview,
        regrade.history,
        regrade.regrade,
        feedback.feedback,
        feedback.inspect,
        run.run,
        ci.ci,
        ci.bundle,
        export.export,
        cases.cases,
        audit.audit,
        audit.fairness,
        demo.demo,
        demo.doctor,
        trust.trust,
    )
    for command in commands:
        main.add_command(command)


load_commands()

if __name__ == "__main__":
    sys.exit(main())
