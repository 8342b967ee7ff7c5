"""The decorator that makes a function a transformation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from autograder.audit.wild import Group, HandIn, Transformation

from .draft import Draft, read

Change = Callable[[Draft], Draft | HandIn | None]
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
            changed = change(read(path))
            return changed.hand_in() if isinstance(changed, Draft) else changed

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
