"""What cases give with placebos for some rules, by the reference; see ``guest/placebo.py``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from autograder.cases.inputs import Inputs
from autograder.cases.registry import Case
from autograder.errors import CaseError
from autograder.grading.oracle import Expected, expected_values
from autograder.grading.rounding import Noise, NoisyTape
from autograder.guest import linear
from autograder.operations import operations
from autograder.sandbox.records import PlaceboSpec
from reference import Floats, Tape, Variable

Operations = frozenset[str]


class _Placebos(Tape):
    """A tape that has placebos for some operations; mixed in before the tape that it changes."""

    replaced: Operations = frozenset()
    nonce: int = 0

    def _contributions(self, result: Variable, g: Floats) -> Iterator[tuple[Variable, Floats]]:
        if result.op not in self.replaced:
            yield from super()._contributions(result, g)
            return
        pairs = zip(result.parents, self.operations.rules[result.op], strict=True)
        asking = [parent for parent, vjp in pairs if parent.differentiable and vjp is not None]
        for rank, parent in enumerate(asking):
            made = linear.entry(g, result.op, rank, parent.value.shape, self.nonce)
            yield parent, self._rounded(made, f"placebo of {result.op}")


class PlaceboTape(_Placebos):
    """Exact."""


class NoisyPlaceboTape(_Placebos, NoisyTape):
    """With rounding's noise."""


class PlaceboArchive:
    """Expected values with placebos, computed when first asked for and kept for the class.

    Parameters
    ----------
    inputs
        Returns the drawn inputs of the case at a place.
    """

    def __init__(self, cases: Sequence[Case], inputs: Callable[[int], Inputs], seed: bytes) -> None:
        self._cases = cases
        self._inputs = inputs
        self._seed = seed
        self._kept: dict[tuple[int, Operations], dict[str, Expected] | None] = {}

    def spec(self, place: int, replaced: Operations) -> PlaceboSpec:
        """Return what the sandbox must know of it."""
        return PlaceboSpec(
            operands={op: len(operations().rules[op]) for op in sorted(replaced)},
            rules=operations().operation_of,
            nonce=self._nonce(place),
        )

    def expected(self, place: int, replaced: Operations) -> dict[str, Expected] | None:
        """Return what a case must observe with placebos, or None where that judges nothing."""
        key = (place, replaced)
        if key not in self._kept:
            self._kept[key] = self._compute(place, replaced)
        return self._kept[key]

    def _compute(self, place: int, replaced: Operations) -> dict[str, Expected] | None:
        nonce = self._nonce(place)

        def make_tape(noise: Noise | None) -> Tape:
            tape = PlaceboTape(operations()) if noise is None else NoisyPlaceboTape(noise)
            tape.replaced, tape.nonce = replaced, nonce
            return tape

        try:
            with np.errstate(all="ignore"):
                return expected_values(
                    self._cases[place], self._seed, dict(self._inputs(place)), make_tape
                )
        except CaseError:  # not finite: it could not tell right from wrong
            return None

    def _nonce(self, place: int) -> int:
        text = b"placebo\0" + self._seed + b"\0" + self._cases[place].id.encode()
        return int.from_bytes(hashlib.sha256(text).digest()[:4])
