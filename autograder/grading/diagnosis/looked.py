"""What the results of a traced case are like: the kernel looks, beside the reference."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.cases.program import Program, Step
from autograder.grading.diagnosis.claim import Claim
from autograder.kernel.looked import Looked, Sight, Wanted
from autograder.kernel.looked import look as look_at
from autograder.operations import operations
from autograder.sandbox.frames import Node, StepResult
from reference import Variable


def look(
    program: Program,
    variables: Mapping[int, Variable],
    results: Mapping[int, StepResult],
    nodes: Mapping[int, Node],
) -> Looked:
    """Compare what each step gave with the same step of the reference.

    Parameters
    ----------
    variables
        The reference's own values, by step.
    """
    made = {out: found for out, found in variables.items() if found.op is not None}
    wanted = Wanted(
        leaves={declared.id for declared in program.inputs if declared.role == "leaf"},
        made=made.keys(),
        differentiable={out for out, found in made.items() if found.differentiable},
        values={out: found.value for out, found in made.items()},
        rules=operations().rule_of,
    )
    steps = [(step.op, step.out, step.args, step.options) for step in program.steps]
    return look_at(steps, wanted, results, nodes)


def claim_of(sight: Sight | None, program: Program, *, raised: bool) -> Claim | None:
    """Say what was seen, if anything was; an exception's own words come first."""
    if sight is None:
        return None
    steps: dict[int | None, Step] = {step.out: step for step in program.steps}
    return Claim(
        code=sight.code,
        says="sight",
        sure="seen",
        part="tracking",
        node=sight.step,
        step=steps.get(sight.step),
        operand=sight.operand,
        form=sight.form,
        raised=raised,
    )
