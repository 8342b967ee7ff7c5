"""``autograder ci`` and ``autograder bundle``: files with which other systems run the grader."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.context import note
from autograder.cli.trust import pass_course
from autograder.errors import UsageError

if TYPE_CHECKING:
    from autograder.ci.write import Role, Wanted
    from autograder.model import Cases

PROVIDERS = (
    "github", "gitlab", "gradescope", "prairielearn", "classroom50", "devcontainer", "binder",
    "colab",
)  # fmt: skip
_cases = click.option(
    "--cases",
    type=click.Choice(["hidden", "public"]),
    help="Which cases it grades with; public ones wherever students can look.",
)
_isolation = click.option(
    "--isolation", type=click.Choice(["auto", "none"]), default="auto", show_default=True,
    help="none is written for public cases only.",
)  # fmt: skip


@click.command("ci")
@click.argument("provider", type=click.Choice(PROVIDERS))
@click.option("--role", type=click.Choice(["student", "instructor"]), help="Whose repository.")
@click.option(
    "--into", type=click.Path(path_type=Path, file_okay=False), default=Path(), show_default=True,
    help="Where the files go.",
)  # fmt: skip
@click.option("--grader", default="", help="What pip installs: a requirement, a URL, a path.")
@click.option("--image", default="autograd-grader", help="PrairieLearn: name of the container.")
@click.option("--handout", default="", help="Colab: git URL of the handout.")
@click.option(
    "--check", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="WORKFLOW",
    help="Write nothing; say how a GitHub workflow lets student code reach the seed.",
)  # fmt: skip
@_cases
@_isolation
@pass_course
def ci(
    course: Path,
    provider: str,
    role: Role | None,
    into: Path,
    grader: str,
    image: str,
    handout: str,
    check: Path | None,
    cases: Cases | None,
    isolation: str,
) -> None:
    """Write the files with which PROVIDER runs the grader.

    \b
    Examples:
      autograder ci github --into student-repo \\
        --grader git+https://example.org/autograder@v1
      autograder ci gitlab --role instructor --grader .
      autograder ci prairielearn --into prairielearn
      autograder ci github --check .github/workflows/grade.yml
    """
    from autograder.ci.write import TWO_ROLES, Wanted

    if check is not None:
        _check(check)
        return
    role = role or ("student" if provider in TWO_ROLES else "instructor")
    if cases is None:
        hidden = provider in {"gradescope", "prairielearn"} or (
            provider in TWO_ROLES and role == "instructor"
        )
        cases = "hidden" if hidden else "public"
    wanted = Wanted(
        provider=provider, role=role, cases=cases, isolation=isolation, grader=grader,
        image=image, handout=handout,
    )  # fmt: skip
    _write(course, wanted, into)
    note(f"written into {into}, for the {cases} cases")


def _write(course: Path, wanted: Wanted, into: Path) -> None:
    from autograder.cases.secret import course_seed
    from autograder.ci.secrecy import refuse_exposure
    from autograder.ci.write import WITH_GRADER, write_files
    from autograder.config import CONFIG_NAME, load_config

    refuse_exposure(wanted.provider, wanted.role, wanted.cases, wanted.isolation)
    config = load_config(course / CONFIG_NAME)
    secret = wanted.cases == "hidden" and wanted.provider in WITH_GRADER
    seed = course_seed(course, say=note) if secret else b""
    for told in write_files(course, config, wanted, into, seed):
        note(f"note: {told}")
    if secret:
        note("it holds the secret seed and the hidden cases: keep it where students cannot look")


def _check(workflow: Path) -> None:
    from autograder.ci.secrecy import check_workflow

    reasons = check_workflow(workflow)
    if reasons:
        raise UsageError(
            f"{workflow} lets student code reach the seed:\n" + "\n".join(f"  {r}" for r in reasons)
        )
    note(f"{workflow}: student code cannot reach the seed in a way that is known here")


@click.command()
@click.argument("provider", type=click.Choice(["gradescope"]))
@click.option(
    "--to", type=click.Path(path_type=Path, dir_okay=False), default=Path("gradescope.zip"),
    show_default=True, help="The zip that Gradescope takes.",
)  # fmt: skip
@_cases
@_isolation
@pass_course
def bundle(course: Path, provider: str, to: Path, cases: Cases | None, isolation: str) -> None:
    """Pack the zip that PROVIDER takes: the grader, the course, setup.sh and run_autograder.

    \b
    Examples:
      autograder bundle gradescope
      autograder bundle gradescope --cases public --to public.zip
    """
    import os

    from autograder.ci.write import Wanted
    from autograder.ci.zip import pack

    wanted = Wanted(
        provider=provider, role="instructor", cases=cases or "hidden", isolation=isolation
    )
    with tempfile.TemporaryDirectory() as folder:
        _write(course, wanted, Path(folder))
        descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            pack(Path(folder), file)
    note(f"{to}: upload it to Gradescope under Configure Autograder")
