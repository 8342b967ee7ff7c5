"""The command group: finds the course, and maps errors to exit codes."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import click
from rich.console import Console

import autograder
from autograder.config import CONFIG_NAME
from autograder.errors import AutograderError


class Group(click.Group):
    """Shows an AutograderError as what happened and what to do, with its own exit code."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; nothing of ours leaves as a traceback."""
        try:
            return super().invoke(ctx)
        except AutograderError as error:
            errors = Console(stderr=True, highlight=False, soft_wrap=True)
            errors.print(f"[bold red]error:[/] {_escape(error.message)}")
            if error.remedy:
                errors.print(f"  → {_escape(error.remedy)}")
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("\ninterrupted: what was graded so far is kept", err=True)
            ctx.exit(130)
        return None


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def find_course(start: Path) -> Path:
    """Return the nearest folder, from ``start`` upwards, that holds config.yaml."""
    for folder in (start, *start.parents):
        if (folder / CONFIG_NAME).is_file():
            return folder
    return start


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(autograder.__version__, prog_name="autograder")
@click.option(
    "--course",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The course's folder; by default the nearest one above with a config.yaml.",
)
@click.pass_context
def main(ctx: click.Context, course: Path | None) -> None:
    """Release and grade the autograd assignment.

    \b
    autograder release              source/ -> release/, if it is fit to go out
    autograder collect FOLDER       take submissions in
    autograder grade                grade what is new into the gradebook
    autograder feedback             one HTML page for each student
    autograder run notebook.ipynb   grade one file and change nothing
    """
    signal.signal(signal.SIGTERM, _interrupt)
    ctx.obj = (course or find_course(Path.cwd())).resolve()


def _interrupt(*_: object) -> None:
    """Let a request to terminate end like Ctrl-C: what is done is kept."""
    raise KeyboardInterrupt


def load_commands() -> None:
    """Attach the commands; each module imports what is heavy only when it runs."""
    from autograder.cli import audit, cases, course, demo, feedback, run

    commands = (
        course.release,
        course.collect,
        course.grade,
        feedback.feedback,
        feedback.inspect,
        run.run,
        cases.cases,
        audit.audit,
        audit.fairness,
        demo.demo,
        demo.doctor,
    )
    for command in commands:
        main.add_command(command)


load_commands()

if __name__ == "__main__":
    sys.exit(main())
