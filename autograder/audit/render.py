"""The audit as Markdown: for the terminal and for docs/audit.md alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograder.audit.costs import Cost
from autograder.audit.findings import Findings, Rate
from autograder.audit.killing import Kill

MAX_DIFF_LINES = 12


def render_tables(findings: Findings) -> str:
    """Return the tables: kill rates, where mistakes show, and what each check kills."""
    rates = [
        *findings.families,
        findings.rules,
        findings.engines,
        findings.noticed,
        findings.localised,
        findings.spared,
        *findings.named,
        *findings.truthful,
    ]
    lines = ["| mutants | killed or kept | of | share |", "|---|---:|---:|---:|"]
    lines += [_rate_row(rate) for rate in rates]
    lines += ["", f"{findings.equivalent} mechanical mutants are declared equivalent, with proofs."]
    lines += ["", "| kind | mutants it kills |", "|---|---:|"]
    lines += [f"| {kind} | {count} |" for kind, count in findings.by_kind]
    lines += ["", "| check | mutants it kills |", "|---|---:|"]
    lines += [f"| {check} | {count} |" for check, count in findings.by_check]
    return "\n".join(lines) + "\n"


def render_costs(costs: Sequence[Cost]) -> str:
    """Return what each slip costs, the dearest first; ``over`` marks what is above its limit."""
    lines = [
        "| slip | part | at most | charge_once: false | charge_once: true | |",
        "|---|---|---:|---:|---:|---|",
    ]
    for cost in sorted(costs, key=lambda cost: -cost.once):
        over = "over" if cost.once > cost.allowed else ""
        lines.append(
            f"| {cost.name} | {cost.part} | {cost.allowed:.2f} | {cost.everywhere:.2f}"
            f" | {cost.once:.2f} | {over} |"
        )
    return "\n".join(lines) + "\n"


def render_survivors(findings: Findings, diff: Callable[[Kill], str]) -> str:
    """Return every mutant that should have lost points, with what it changes."""
    lines = []
    for kill in findings.survivors:
        lines += [f"SURVIVES {kill.sample.name}: {kill.sample.sentence}"]
        lines += [f"    {line}" for line in diff(kill).splitlines()[:MAX_DIFF_LINES]]
    for kill in findings.not_equivalent:
        lines += [f"NOT EQUIVALENT {kill.sample.name}: it loses {', '.join(kill.lost)}"]
    return "\n".join(lines)


def render_tellings(findings: Findings) -> str:
    """Return what students would be told of mutants that is not the mistake, a line each."""
    lines = [
        f"TOLD OTHERWISE {kill.sample.name}: "
        + ", ".join(dict.fromkeys(told.id for told in kill.told.values()))
        for kill in findings.misnamed
    ]
    lines += [
        f"BLAMED {claim.blamed} in {claim.check} ({claim.diagnosis}): {claim.mutant}"
        for claim in findings.false_claims
    ]
    return "\n".join(lines)


def _rate_row(rate: Rate) -> str:
    return f"| {rate.name} | {rate.killed} | {rate.total} | {rate.percent:.1f} % |"
