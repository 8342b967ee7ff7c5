"""The decorator that makes a function a transformation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from autograder.audit.wild import Group, HandIn, Transformation

from .draft import Draft, Missing, read

Change = Callable[[Draft], Draft | HandIn | None]
OF_THE_COURSE = ("enable_autograd", "AddBackward", "MulBackward")
"""Names that a change may use; a submission of an edition that does not have them is left out."""
FOUND: list[Transformation] = []


def wild(
    kind: str,
    *,
    group: Group = "same",
    needs: tuple[str, ...] = (),
    adds: str = "",
    partial: bool = False,
    may_cost: tuple[str, ...] = (),
) -> Callable[[Change], Change]:
    """Register a change of a notebook; its name is the id, its docstring what a person did.

    Parameters
    ----------
    adds
        The public names that it leaves behind, with spaces between them.

    The other parameters are those of :class:`Transformation`.
    """

    def register(change: Change) -> Change:
        def hand_in(path: Path) -> HandIn | None:
            draft = read(path)
            try:
                changed = change(draft)
            except Missing:
                return None
            handed_in = changed.hand_in() if isinstance(changed, Draft) else changed
            return handed_in if handed_in is None or _is_of(draft, handed_in) else None

        FOUND.append(
            Transformation(
                id=change.__name__.strip("_").replace("_", "-"),
                kind=kind,
                sentence=(change.__doc__ or "").strip(),
                hand_in=hand_in,
                group=group,
                needs=needs,
                adds=tuple(adds.split()),
                partial=partial,
                may_cost=may_cost,
            )
        )
        return change

    return register


def _is_of(draft: Draft, handed_in: HandIn) -> bool:
    """Tell whether a change names nothing of the course that the submission does not have."""
    own = "\n".join(cell.source for cell in draft.cells)
    strange = [name.encode() for name in OF_THE_COURSE if name not in own]
    return not any(name in handed_in.data for name in strange)
