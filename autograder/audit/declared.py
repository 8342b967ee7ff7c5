"""Whether the rest of a course goes with the operations that it declares."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autograder.audit.hosts import topological_source
from autograder.audit.mutants import load_catalogue
from autograder.course.build import refuse
from autograder.course.derivatives import wrong_rules_of
from autograder.course.layout import Layout
from autograder.operations import OPERATIONS, choose, operations


def require_whole_operations(layout: Layout) -> str:
    """Refuse a course in which something of an operation is missing; return what else to know.

    Raises
    ------
    ReleaseRefused
        With all that is missing, a line each.
    """
    home = layout.config.home(layout.course, "reference")
    choose(home, [check.id for check in layout.config.all_checks])
    problems = list(problems_of_operations(layout))
    refuse(problems)
    checks = {check.id for check in layout.config.all_checks}
    idle = [name for name, one in operations().items() if not checks & {*one.checks}]
    said = f", and no check of config.yaml tests {', '.join(idle)}" if idle else ""
    return f"{len(operations())} operations are declared, and their rules are right{said}"


def problems_of_operations(layout: Layout) -> Iterator[str]:
    """Yield what is missing: a right rule, a class in the solution, a mutant for a check.

    An edition has the operations of another course, which is asked for classes and mutants.
    """
    for operation in operations().values():
        yield from wrong_rules_of(operation)
    if layout.config.home(layout.course, "reference") == layout.course:
        yield from _left_out(layout)


def _left_out(layout: Layout) -> Iterator[str]:
    graded = {check.id for check in layout.config.all_checks}
    notebook = layout.source / f"{layout.config.notebook}.ipynb"
    solution = topological_source(notebook)
    # An edition may complete the handout's classes, by a decorator such as @method_of(Mul).
    classes = set(re.findall(r"^(?:class |@\w+\()(\w+)", solution, re.MULTILINE))
    mutated = {entry.check for entry in load_catalogue(layout.course)}
    names = layout.config.names
    for name, operation in operations().items():
        if not graded & {*operation.checks}:
            continue
        if names[operation.rule] not in classes:
            yield f"{notebook.name}: class {names[operation.rule]} of {name} not defined"
        if not mutated & {*operation.checks}:
            yield (
                f"{OPERATIONS / name}.py: no mutant of {name} defined: give a mistake its code, or"
                " add one to tests/mutants/catalogue.py"
            )
