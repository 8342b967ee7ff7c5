"""Names that came from the sandbox: each is compared with the submission's own text, or dropped.

A name is shown only where it is a plain identifier that stands in the text, so that it can carry
nothing from inside; keys of the contract, types and kinds are choices among those we know.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence

import msgspec

from autograder.cases.registry import Case
from autograder.contract import LIST, OPTIONS, PINNED, Contract
from autograder.grading.allowance import Words
from autograder.sandbox.frames import Error, Value
from autograder.sandbox.records import CaseOutput, Lost, Run

_TYPES = frozenset({"NoneType", "bool", "dict", "float", "int", "list", "set", "str", "tuple"})


class Namer:
    """What of one submission may be named.

    Parameters
    ----------
    cells
        Its code cells by number.
    words
        Its identifiers, of which a few are told.
    """

    def __init__(self, cells: Mapping[int, str], contract: Contract, words: Words) -> None:
        self._cells = cells
        self._contract = contract
        self._words = words

    def checked(self, run: Run, cases: Sequence[Case]) -> Run:
        """Return a run in which every name is checked, or empty."""
        outputs = tuple(
            output if isinstance(output, Lost) else self._checked_output(output, case)
            for output, case in zip(run.cases, cases, strict=True)
        )
        return msgspec.structs.replace(run, cases=outputs)

    def _checked_output(self, output: CaseOutput, case: Case) -> CaseOutput:
        asked = {step.out for step in case.program.steps if step.op == "named"}
        observed = output.observed
        if asked:
            observed = dict(observed)
            for step in case.program.observations:
                name = str(step.options["name"])
                if step.args[0] in asked and name in observed:
                    observed[name] = self._checked_name(observed[name])
        failure = output.failure and self._checked_failure(output.failure)
        if observed is output.observed and failure == output.failure:
            return output
        return msgspec.structs.replace(output, observed=observed, failure=failure)

    def _checked_name(self, given: Value) -> str:
        if not isinstance(given, str):
            return ""
        known = given in {PINNED, LIST, OPTIONS}
        return given if known or self._words.take(given) else ""

    def _checked_failure(self, failure: Error) -> Error:
        pinned = self._contract.names
        shadowed = failure.shadowed
        own = hasattr(builtins, shadowed) or shadowed in pinned
        if shadowed and not (own and self._words.take(shadowed)):
            shadowed = ""
        return msgspec.structs.replace(
            failure,
            entry=failure.entry if failure.entry in pinned else "",
            owner=failure.owner if failure.owner in pinned else "",
            absent=failure.absent if {failure.entry, failure.owner} <= pinned.keys() else "",
            edition=failure.edition if failure.edition in self._contract.editions else "",
            shadowed=shadowed,
            bound=failure.bound if failure.bound in _TYPES else "",
            bound_in=self._binding(shadowed) if shadowed else None,
        )

    def _binding(self, name: str) -> int | None:
        """Return the cell in which a line assigns to a name, if there is just one such cell."""
        found = [
            index
            for index, text in self._cells.items()
            if any(_assigned(line) == name for line in text.splitlines() if line.startswith(name))
        ]
        return found[0] if len(found) == 1 else None


def _assigned(line: str) -> str:
    """Return the name that a line assigns to, if it is a line that does."""
    target, equals, value = line.partition("=")
    return target.partition(":")[0].rstrip() if equals and not value.startswith("=") else ""
