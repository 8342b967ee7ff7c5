"""What this edition calls the parts: the checks are written in the contract's keys."""

from __future__ import annotations

from .data import contract


def in_own_names(text: str) -> str:
    """Return a text whose rules, and their parts, have the names that the edition gives them."""
    own = contract()
    for key in (*own.operations, "saved_tensors"):
        name = own[key]
        if name != key:
            text = text.replace(f"{key}.apply", f"{name}.{own['apply']}").replace(key, name)
    return text
