"""Stand-ins for what a student has and the grader lacks: they answer everything, and mean nothing.

A package is often there for a plot, a seed or a type hint. So whatever is done with a stand-in
goes on, and gives another one. Only a number made of one can cost a point: that is noted, with its
place, so that the result can say which package it was.
"""

from __future__ import annotations

import functools
import re
import sys
import types
from collections.abc import Iterator
from copy import copy
from opcode import opmap
from typing import Any

import numpy as np

from .displays import Progress, progress_range, subplots
from .uses import uses

MAX_TRUE = 1000
"""How often one place in the code hears that a stand-in is true: ``while loader:`` must end."""
LARGEST_TOLERANCE = 0.1
VERSION = "2.0.0"
_EXCEPTION_NAME = re.compile(r"[A-Z]\w*(Error|Exception|Timeout|Interrupt)\Z|(Error|Timeout)\Z")
_ASKS = re.compile(r"(is|has|supports)_\w+\Z|iss?[a-z]*(parse|tensor)\Z")
_DOUBTS = frozenset({"isnan", "isinf", "isna", "isnull", "is_nan", "is_inf"})
"""What is not so, also after ``.any()``: nothing is known to be wrong with what is not here."""
_NOWHERE: dict[str, Any] = {
    "is_available": False, "device_count": 0, "num_gpus": 0, "getDeviceCount": 0,
    "list_physical_devices": [], "list_gpus": [],
}  # fmt: skip
"""What is asked of a machine, and true of the one that grades."""
_SILENT = re.compile(r"__\w+__\Z|_repr_|_ipython_")
# These make another function of a function; every other call with one is taken for a decorator's.
_TRANSFORMS = frozenset(
    [
        "grad",
        "value_and_grad",
        "elementwise_grad",
        "vjp",
        "jvp",
        "vmap",
        "pmap",
        "jacobian",
        "jacrev",
        "jacfwd",
        "hessian",
        "holomorphic_grad",
        "multigrad_dict",
    ]
)
_PLOTS = [
    "plot",
    "figure",
    "show",
    "title",
    "xlabel",
    "ylabel",
    "legend",
    "subplot",
    "subplots",
    "grid",
    "hist",
    "scatter",
    "imshow",
    "bar",
    "axis",
    "xlim",
    "ylim",
    "semilogy",
    "loglog",
    "savefig",
    "tight_layout",
    "colorbar",
    "close",
    "suptitle",
    "axhline",
    "axvline",
]


_told: dict[tuple[Any, int], int] = {}


class StandIn:
    """Something of a package that is not here.

    Parameters
    ----------
    label
        What it stands for: a package, or ``where:name`` for a name that a module lacks.
    name
        What it was called, which decides how it behaves where that matters.
    truth
        What ``bool`` says.
    kept
        Real classes that were joined to it by ``|``.
    """

    def __init__(
        self, label: str, name: str = "", *, truth: bool = True, kept: tuple[Any, ...] = ()
    ) -> None:
        vars(self).update(_label=label, _name=name, _truth=truth, _kept=kept, _items={})

    def _like(self, name: str = "", *, truth: bool = True) -> StandIn:
        return StandIn(vars(self)["_label"], name, truth=truth)

    def __getattr__(self, name: str) -> Any:
        own = object.__getattribute__(self, "__dict__")
        if name in {"__name__", "__qualname__"}:
            return own.get("_name") or "stand_in"
        if "_label" not in own:  # while a copy is being made
            raise AttributeError(name)
        if not own["_truth"] and not name.startswith("__"):
            return self._like(name, truth=False)
        return attribute(own["_label"], own["_name"], name)

    def __call__(self, *args: Any, **_options: Any) -> Any:
        name = vars(self)["_name"]
        if name in _NOWHERE:
            return copy(_NOWHERE[name])
        if name in _DOUBTS or not vars(self)["_truth"]:
            return self._like(truth=False)
        if _ASKS.match(name):  # of what is not here, it is so
            return any(isinstance(value, StandIn) for value in args)
        if name in {"raises", "warns", "deprecated_call"}:
            return Expecting(vars(self)["_label"], args[0] if args else ())
        if len(args) == 1 and isinstance(args[0], _DECORATED) and name not in _TRANSFORMS:
            return args[0]
        return self._like()

    # Containers

    def __getitem__(self, key: Any) -> Any:
        try:
            return vars(self)["_items"][key]
        except (KeyError, TypeError):
            return self._like()

    def __setitem__(self, key: Any, value: Any) -> None:
        try:
            vars(self)["_items"][key] = value
        except TypeError:
            return

    def __delitem__(self, key: Any) -> None:
        vars(self)["_items"].pop(key, None)

    def __delattr__(self, name: str) -> None:
        if not name.startswith("_"):
            vars(self).pop(name, None)

    def __iter__(self) -> Iterator[Any]:
        return iter([self._like() for _ in range(_asked_for(sys._getframe(1)))])

    def __next__(self) -> Any:
        return self._like()

    def __reversed__(self) -> Iterator[Any]:
        return iter([self._like(), self._like()])

    def __len__(self) -> int:
        return 2

    def __contains__(self, _item: object) -> bool:
        return False

    # Contexts

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_details: object) -> bool | None:
        return None

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, *_details: object) -> None:
        return None

    async def _awaited(self) -> Any:
        return self

    def __await__(self) -> Any:
        return self._awaited().__await__()

    def __aiter__(self) -> Any:
        return self._items_later()

    async def _items_later(self) -> Any:
        for _ in range(2):
            yield self._like()

    # Comparison, truth, text

    def __eq__(self, other: object) -> Any:
        return self._like(truth=self is other or not _differs(other))

    def __ne__(self, other: object) -> Any:
        return self._like(truth=self is not other and _differs(other))

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        frame = sys._getframe(1)
        place = (frame.f_code, frame.f_lasti)
        _told[place] = _told.get(place, 0) + 1
        return bool(vars(self)["_truth"]) and _told[place] <= MAX_TRUE

    def __repr__(self) -> str:
        return f"<stand-in for {vars(self)['_label']}>"

    __str__ = __repr__

    def __format__(self, _form: str) -> str:
        return repr(self)

    def __bytes__(self) -> bytes:
        return b""

    def __fspath__(self) -> str:
        return "stand-in"

    # Classes: base class, type hint, isinstance

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        first = next(base for base in bases if isinstance(base, StandIn))
        return (base_class(vars(self)["_label"]),) if first is self else ()

    def __or__(self, other: Any) -> Any:
        if isinstance(other, type | types.UnionType) or other is None:
            kept = (*vars(self)["_kept"], type(None) if other is None else other)
            return StandIn(vars(self)["_label"], kept=kept)
        if isinstance(other, StandIn):
            kept = (*vars(self)["_kept"], *vars(other)["_kept"])
            return StandIn(vars(self)["_label"], kept=kept)
        return self._like()

    __ror__ = __or__

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, vars(self)["_kept"])

    def __subclasscheck__(self, subclass: type) -> bool:
        return issubclass(subclass, vars(self)["_kept"])

    # Numbers

    def __float__(self) -> float:
        uses.note(vars(self)["_label"])
        return 1.0

    def __int__(self) -> int:
        uses.note(vars(self)["_label"])
        return 1

    __index__ = __trunc__ = __floor__ = __ceil__ = __int__

    def __complex__(self) -> complex:
        return complex(float(self))

    def __round__(self, digits: int | None = None) -> Any:
        return self._number()

    def _number(self, *_others: Any, **_options: Any) -> Any:
        uses.note(vars(self)["_label"])
        return self._like()

    def __array_ufunc__(self, _ufunc: Any, _method: str, *_inputs: Any, **_options: Any) -> Any:
        return self._number()

    def __array_function__(self, function: Any, _types: Any, _args: Any, _options: Any) -> Any:
        return False if function.__name__ == "iscomplexobj" else self._number()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        uses.note(vars(self)["_label"])
        if dtype is not None and np.dtype(dtype) != object:
            return _ones((), dtype)
        holder = _empty((), object).view(Holder)
        holder.fill(self)
        return holder


def _is_small(number: object) -> bool:
    return isinstance(number, float) and 0.0 < number < LARGEST_TOLERANCE


_ones, _empty, _dtype = np.ones, np.empty, np.dtype
_KINDS = ("bool_", "float16", "float32", "float64", "complex64", "complex128",
          *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)))  # fmt: skip


def _differs(other: object) -> bool:
    """Tell what a stand-in is certainly not: nothing, or a class or type of what is here."""
    if isinstance(other, StandIn):
        return False
    return other is None or other is False or isinstance(other, type | np.dtype | types.ModuleType)


_DECORATED = (
    types.FunctionType, types.BuiltinFunctionType, types.MethodType, type, staticmethod,
    classmethod, property, functools.partial,
)  # fmt: skip
for _operation in [
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "and",
    "xor",
    "lshift",
    "rshift",
    "divmod",
]:
    setattr(StandIn, f"__{_operation}__", StandIn._number)
    setattr(StandIn, f"__r{_operation}__", StandIn._number)
for _operation in ("neg", "pos", "abs", "invert"):
    setattr(StandIn, f"__{_operation}__", StandIn._number)
for _operation in ("lt", "le"):
    setattr(StandIn, f"__{_operation}__", lambda self, _other: self._like())
for _operation in ("gt", "ge"):  # no error is larger than what is tolerated
    setattr(
        StandIn, f"__{_operation}__", lambda self, other: self._like(truth=not _is_small(other))
    )


class Holder(np.ndarray[Any, Any]):
    """An array that holds a stand-in: what is computed or compared with it is another one."""

    def __array_ufunc__(self, ufunc: Any, method: Any, *inputs: Any, **kwargs: Any) -> Any:
        return self.item()._number()

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        return self.item().__array_function__(function, types, args, options)


class Expecting(StandIn):
    """``with pytest.raises(ValueError):`` lets such an exception pass, as the real one does."""

    def __init__(self, label: str, kinds: Any) -> None:
        super().__init__(label)
        vars(self)["_kinds"] = kinds

    def __exit__(self, kind: Any, error: object, _trace: object) -> bool | None:  # type: ignore[override]
        vars(self)["value"] = error
        try:
            return kind is not None and issubclass(kind, vars(self)["_kinds"])
        except TypeError:
            return None


class StandInModule(types.ModuleType, StandIn):
    """A module of which every name exists."""

    __path__: list[str] = []  # noqa: RUF012 # a package without a place
    __version__ = VERSION

    def __init__(self, name: str, label: str) -> None:
        types.ModuleType.__init__(self, name)
        StandIn.__init__(self, label, name)

    def __getattr__(self, name: str) -> Any:
        label = self.__dict__.get("_label", "")
        if name == "__all__" and label in {"matplotlib", "pylab"}:
            return _PLOTS
        return attribute(label, self.__name__.rpartition(".")[2], name, module=True)

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Answer a call too: ``from tqdm import tqdm`` after ``import tqdm`` confuses people."""
        last = self.__name__.rpartition(".")[2]
        return attribute(self.__dict__["_label"], "", last)(*args, **options)


def attribute(label: str, owner: str, name: str, *, module: bool = False) -> Any:
    """Return what a stand-in answers to ``owner.name``; raise AttributeError as objects do."""
    if name == "__version__":
        return VERSION
    if _SILENT.match(name):
        raise AttributeError(name)
    if name == "subplots":
        whole = module or owner in {"pyplot", "pylab"}
        return functools.partial(subplots, functools.partial(StandIn, label), whole=whole)
    if name in _ITEMS:
        return tuple
    if name == "dtype" and owner in _KINDS:  # jnp.float32 is a type to NumPy too
        return _dtype(owner.rstrip("_"))
    if label in _WRAPPERS and name in _WRAPPERS[label]:
        return _WRAPPERS[label][name]
    if name.endswith("Warning"):
        return _exception(label, name, Warning)
    if _EXCEPTION_NAME.match(name):
        return _exception(label, name, Exception)
    return StandIn(label, name)


_ITEMS = frozenset(("keys", "items"))  # so that ** unpacks one, to nothing
_WRAPPERS: dict[str, dict[str, Any]] = {
    "tqdm": {
        "tqdm": Progress, "tqdm_notebook": Progress, "trange": progress_range,
        "tnrange": progress_range,
    },
    "rich": {"track": Progress},
    "fastprogress": {"progress_bar": Progress, "master_bar": Progress},
    "alive_progress": {"alive_it": Progress},
}  # fmt: skip


@functools.cache
def _exception(label: str, name: str, kind: type[Exception]) -> type[Exception]:
    return type(name, (kind,), {"__module__": label})


@functools.cache
def base_class(label: str) -> type:
    """Return the class that ``class Net(nn.Module)`` inherits from."""

    def __init__(self: Any, *_args: Any, **options: Any) -> None:  # noqa: N807 # it becomes one
        self.__dict__.update(options)

    def __init_subclass__(cls: Any, /, **options: Any) -> None:  # noqa: N807
        try:  # Generic and others prepare the class
            super(made, cls).__init_subclass__(**options)
        except TypeError:  # options of the class that it stands for
            return

    def __getattr__(self: Any, name: str) -> Any:  # noqa: N807
        return attribute(label, "", name)

    def __call__(self: Any, *args: Any, **options: Any) -> Any:  # noqa: N807
        return self.forward(*args, **options)

    members: dict[str, Any] = {
        "__init__": __init__, "__getattr__": __getattr__, "__call__": __call__,
        "__init_subclass__": classmethod(__init_subclass__), "__module__": label,
    }  # fmt: skip
    made: Any = type("StandIn", (), members)
    return made  # type: ignore[no-any-return] # a class


def _asked_for(frame: types.FrameType) -> int:
    """Return how many items the caller wants: as many as it unpacks, else two."""
    code = frame.f_code.co_code
    at = frame.f_lasti
    if at < 0:
        return 2
    if code[at] == opmap["UNPACK_SEQUENCE"]:
        return code[at + 1]
    if code[at] == opmap["UNPACK_EX"]:  # before the star, and behind it in the extended argument
        behind = code[at - 1] if at >= 2 and code[at - 2] == opmap["EXTENDED_ARG"] else 0
        return code[at + 1] + behind + 1
    return 2
