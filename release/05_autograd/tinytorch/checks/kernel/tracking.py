"""Whether the operations of a case are tracked: looked at, never inferred."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence


def first_broken(
    operations: Sequence[int], differentiable: Collection[int], results: Mapping[int, str]
) -> tuple[int, str] | None:
    """Return the first operation whose result should carry a node and does not, and what it is.

    An engine that keeps its nodes elsewhere gives results that look like leaves, so a result that
    asks for nothing tells more.

    Parameters
    ----------
    operations
        The steps of a program that are operations, in order.
    differentiable
        Those that depend on a leaf, so that their results must carry a node.
    results
        What steps gave: ``nothing``, an ``array``, a ``constant``, a ``leaf``, a result with its
        ``node``, or ``other``.
    """
    found: dict[str, int] = {}
    for step in operations:
        state = results.get(step)
        if state == "nothing" or (state is not None and step in differentiable):
            found.setdefault(state, step)
    for state in ("nothing", "array", "constant", "leaf"):
        if state in found:
            return found[state], state
    return None
