"""Run the abuse suite and print what came of it: ``python tests/hostile/table.py``.

The table of ``docs/security.md`` is made with ``--write docs/security.md``.
"""

import collections
import platform
import re
import sys
import tempfile
import time
from pathlib import Path

import click
from arena import TIERS, USERS, run_tier
from collection import load_scripts

from autograder.config import load_config
from autograder.guest.lockdown import landlock_version

COURSE = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"


def render_table(scripts, reports):
    """Return a Markdown table: a row for each area of scripts, a column for each report."""
    areas = collections.Counter(script.area for script in scripts)
    heads = ["area", "scripts", *(f"{report.tier}, {report.user}" for report in reports)]
    rows = [
        [area, str(count), *(cell(report, area, count) for report in reports)]
        for area, count in sorted(areas.items())
    ]
    rows.append(["all", str(len(scripts)), *(cell(report, "", len(scripts)) for report in reports)])
    lines = [heads, ["---", "---:", *("---" for _ in reports)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def cell(report, area, count):
    """Say how many scripts of an area were held, of all where it is empty."""
    if report.skipped:
        reason = report.skipped.splitlines()[0].replace("|", "\\|")
        return f"skipped: {reason}"
    held = sum(name.startswith(f"{area}/") or not area for name in report.held)
    return f"{held} of {count} held"


def published_counts(page):
    """Return the number of scripts of each area as a page's table has it."""
    rows = re.findall(r"^\| (\w+) \| (\d+) \|", part_between(page)[1], re.MULTILINE)
    return {area: int(count) for area, count in rows if area != "all"}


def replace_table(page, table):
    """Return the page with another table between its marks."""
    head, _, tail = part_between(page)
    return f"{head}{BEGIN}\n\n{table}\n{END}{tail}"


def part_between(page):
    """Split a page at its marks."""
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise click.UsageError(f"The page needs one line {BEGIN!r} and one line {END!r}.")
    head, rest = page.split(BEGIN)
    return head, *rest.split(END)


def describe_machine():
    """Return one line on the machine that the suite ran on."""
    kernel = re.match(r"\d+\.\d+", platform.release())
    return (
        f"Run on Linux {kernel[0] if kernel else 'of an unknown version'}, {platform.machine()}, "
        f"Landlock ABI {landlock_version()}, Python {platform.python_version()}.\n"
    )


def run_and_tell(tier, user, scripts):
    """Run one tier as one user; tell on standard error how far it is."""
    what, started, done = f"tier {tier}, {user}", time.monotonic(), 0
    lively = sys.stderr.isatty()

    def progress(name):
        nonlocal done
        done += 1
        if lively:
            click.echo(f"\r\033[K{what}: {done} of {len(scripts)}, {name}", err=True, nl=False)
        elif done % 20 == 1:
            click.echo(f"{what}: {done} of {len(scripts)}, {name}", err=True)

    with tempfile.TemporaryDirectory(prefix="autograder-abuse-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the unprivileged user enters it
        report = run_tier(tier, user, scripts, COURSE, load_config(COURSE / "config.yaml"), folder,
                          progress)  # fmt: skip
    end = "\r\033[K" if lively else ""
    said = f"skipped: {report.skipped}" if report.skipped else f"{len(report.held)} held"
    click.echo(f"{end}{what}: {said}, {time.monotonic() - started:.0f} s", err=True)
    for breach in report.breaches:
        click.echo(f"BREACH in {what}, {breach.script}: {breach.what}", err=True)
    return report


@click.command()
@click.option("--tier", "tiers", multiple=True, type=click.Choice(TIERS), help="Only this tier.")
@click.option("--user", "users", multiple=True, type=click.Choice(USERS), help="Only this user.")
@click.option("--script", "names", multiple=True, metavar="AREA/NAME", help="Only this script.")
@click.option(
    "--write",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Also replace the table in this Markdown file; with nothing left out.",
)
def main(tiers, users, names, write):
    """Run the hostile scripts in every tier, as root and as an unprivileged user.

    Takes some minutes. Exit status 1 when a script is not held.

    \b
    Examples:
      python tests/hostile/table.py --tier L --script time/busy_loop
      python tests/hostile/table.py --write docs/security.md
    """
    if write is not None:
        if tiers or users or names:
            raise click.UsageError("--write takes the whole table.")
        part_between(write.read_text(encoding="utf-8"))
    scripts = [script for script in load_scripts() if not names or script.name in names]
    unknown = set(names) - {script.name for script in scripts}
    if unknown:
        raise click.UsageError(f"There is no script {sorted(unknown)[0]!r}.")
    reports = [
        run_and_tell(tier, user, scripts) for tier in tiers or TIERS for user in users or USERS
    ]
    table = f"{render_table(scripts, reports)}\n{describe_machine()}"
    click.echo(table)
    if write is not None:
        write.write_text(replace_table(write.read_text(encoding="utf-8"), table), encoding="utf-8")
    if any(report.breaches for report in reports):
        sys.exit(1)


if __name__ == "__main__":
    main()
