"""What shows something and shapes a program: progress bars are iterated, axes are unpacked."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

MAX_AXES = 10_000
_empty = np.empty


class Progress:
    """Hands the items on that it was given, and answers whatever a bar is told."""

    def __init__(self, iterable: Iterable[Any] | None = None, *_args: Any, **_options: Any) -> None:
        self._items = () if iterable is None else iterable
        self.n, self.total, self.desc = 0, _options.get("total"), _options.get("desc", "")

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)  # type: ignore[arg-type] # as with the real one

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_details: object) -> None:
        return None

    @classmethod
    def write(cls, *_args: Any, **_options: Any) -> None:
        """Show nothing; the class has this method too."""

    pandas = write

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_args, **_options: None


def progress_range(*bounds: int, **_: Any) -> Progress:
    """Stand in for trange."""
    return Progress(range(*bounds))


def subplots(
    make: Callable[[], Any], nrows: Any = 1, ncols: Any = 1, *_: Any, whole: bool, **options: Any
) -> Any:
    """Return a figure and axes that unpack, index and flatten as Matplotlib's do.

    Parameters
    ----------
    make
        Makes what stands for a figure, and for axes.
    whole
        Whether a figure is wanted too: ``plt.subplots``, not ``figure.subplots``.
    """
    shape = (max(1, operator.index(nrows)), max(1, operator.index(ncols)))
    if shape[0] * shape[1] > MAX_AXES:
        raise ValueError("too many axes")
    axes = _empty(shape, dtype=object)
    for place in np.ndindex(*shape):
        axes[place] = make()
    if options.get("squeeze", True):
        axes = axes.squeeze()
    found = axes if axes.ndim else axes.item()
    return (make(), found) if whole else found
