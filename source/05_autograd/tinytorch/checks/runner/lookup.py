"""Find the parts of a submission: by the pinned name, else by what they are and what they do.

The pinned name always wins. What is reached by another name is remembered nowhere: the cases about
names ask :meth:`Names.called` for it, and all other cases only use it.
"""

from __future__ import annotations

import functools
import inspect
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from . import rebound
from .contract import FUNCTIONS, LIST, OPTIONS, PINNED, Contract

HANDOUT_MODULES = ("tensor", "activations", "layers", "losses")
Compute = Callable[[str], Any]
"""Computes the operation of a rule, by its key, and returns the result."""


class MissingName(Exception):  # noqa: N818 # names what happened, as the report shows it
    """A name of the assignment is not defined.

    Attributes
    ----------
    entry
        Its key in the contract, or the name of a class of the handout.
    edition
        The other edition of the course that the submission looks like; empty for none.
    """

    def __init__(self, name: str, entry: str = "", edition: str = "") -> None:
        super().__init__(f"{name} is not defined")
        self.entry = entry
        self.edition = edition


class Absent(Exception):  # noqa: N818 # as above
    """The grader reached for a part of an object that is not there.

    Attributes
    ----------
    what
        "method", "attribute", "constructor" for one that does not take the operands, or "name" for
        one that is bound to something else.
    entry, owner
        Keys in the contract: of the part, and of the class that lacks it.
    """

    def __init__(self, what: str, entry: str, owner: str) -> None:
        said = {
            "constructor": "cannot be built from its operands",
            "name": "is bound to something else",
        }
        super().__init__(f"{owner} {said.get(what, f'has no {entry}')}")
        self.what = what
        self.entry = entry
        self.owner = owner


class Names:
    """The names of one submission."""

    def __init__(self, namespace: dict[str, Any], contract: Contract) -> None:
        self._namespace = namespace
        self.contract = contract
        rebound.PINNED.update(contract.names)
        self._usual = {
            spelling.lower(): key.lower()
            for key in contract.operations
            for spelling in (contract[key], *contract.names[key].spellings)
        }
        self._found: dict[str, type] = {}
        self._reached: dict[str, type] | None = None

    def usual(self, owner: type) -> str:
        """Return a rule's key in small letters, or the name of a class that is none, so too."""
        for key, found in self._found.items():
            if found is owner:
                return key.lower()
        name = str(owner.__name__).lower()
        return self._usual.get(name, name)

    # Classes.

    def class_of(self, key: str, compute: Compute | None = None) -> type:
        """Return a class: by name, by a usual spelling, by its operation, by a telling name.

        Raises
        ------
        MissingName
            When there is none.
        """
        found = self._named(key) or self._found.get(key)
        if found is None:
            found = self._base(compute) if key == "Function" else self._rule(key, compute)
            if found is None:
                raise self.missing(key)
            self._found[key] = found
        return found

    def missing(self, key: str) -> Exception:
        """Return the error that says that a name is not there, or is bound to something else."""
        name = self.contract[key] if key in self.contract.names else key
        if self._namespace.get(name) is not None:
            return Absent("name", key, key)
        return MissingName(name, key, self._edition())

    def key_of(self, name: str) -> str:
        """Return the key in the contract of what the course calls so; empty for other names."""
        return next((key for key, known in self.contract.names.items() if known.name == name), "")

    def _named(self, key: str) -> type | None:
        """Return a class that has the name that the course gives it, or a spelling as good."""
        known = self.contract.names[key]
        exact = self._namespace.get(known.name)
        if isinstance(exact, type):
            return exact
        wanted = {known.name.lower(), *map(str.lower, known.spellings)}
        for name, value in self._classes():
            if name.lower() in wanted:
                return value
        return self._of_handout(known.name)

    def classes(self) -> Iterator[type]:
        """Yield the classes of the submission, and the operations that the handout defines."""
        seen = [value for _, value in self._classes()]
        yield from seen
        for key in ("Function", *self.contract.operations):
            found = self._of_handout(self.contract[key])
            if found is not None and found not in seen:
                yield found

    def _of_handout(self, name: str) -> type | None:
        """Return a class of the handout, where it is there that the operations are defined."""
        for part in HANDOUT_MODULES if self.contract.applied_by else ():
            found = getattr(sys.modules.get(f"tinytorch.core.{part}"), name, None)
            if isinstance(found, type):
                return found
        return None

    def _rule(self, key: str, compute: Compute | None) -> type | None:
        return self._through_operation(key, compute) or self._by_words(key)

    def _by_words(self, key: str) -> type | None:
        """Return the one class whose name says the operation and that it is a rule."""
        words = self.contract.operations[key].words
        wanted = {order for word in words for affix in self.contract.affixes
                  for order in (word + affix, affix + word)}  # fmt: skip
        fitting = (
            each for name, each in self._classes() if name.lower().replace("_", "") in wanted
        )
        found = {each for each in fitting if not self._is_claimed(each)}
        return found.pop() if len(found) == 1 else None

    def _through_operation(self, key: str, compute: Compute | None) -> type | None:
        """Return the class of the node that the operation makes, if it is this operation's own."""
        if self._reached is None and compute is not None:
            self._reached = {}  # also where the computation comes back here
            for other in self.contract.operations:
                node = self._node(compute, other)
                if node is not None:
                    self._reached[other] = type(node)
        reached = self._reached or {}
        found = reached.get(key)
        if found is None or list(reached.values()).count(found) > 1 or self._is_claimed(found):
            return None
        return found

    def _node(self, compute: Compute, key: str) -> Any:
        try:
            node = self.node_of(compute(key))
            return node if _is_of_a_submission(type(node)) else None
        except (Exception, SystemExit):
            return None

    def _is_claimed(self, found: type) -> bool:
        """Tell whether a class has a name of the contract: then it is that part, and no other."""
        keys = ("Function", *self.contract.operations)
        return any(self._named(key) is found for key in keys)

    def _base(self, compute: Compute | None) -> type | None:
        """Return the class that all rules derive from."""
        candidates = (self._named(key) or self._rule(key, compute)
                      for key in self.contract.operations)  # fmt: skip
        rules = [found for found in candidates if found is not None]
        if len(rules) > 1:
            for base in rules[0].__mro__[1:-1]:
                if all(issubclass(rule, base) for rule in rules):
                    return base
        for other in self.contract.names["Function"].others:
            found = self._namespace.get(other)
            if isinstance(found, type):
                return found
        return None

    def _classes(self) -> Iterator[tuple[str, type]]:
        for name, value in list(self._namespace.items()):
            if isinstance(value, type) and isinstance(name, str):
                yield name, value

    def _edition(self) -> str:
        """Return the other edition that the classes are of, if they are of one."""
        if any(self._named(key) is not None for key in self.contract.operations):
            return ""
        for key, edition in self.contract.editions.items():
            known = [value for name, value in self._classes() if name in edition.classes]
            fitting = [value for value in known
                       if all(hasattr(value, method) for method in edition.methods)]  # fmt: skip
            if len(fitting) >= edition.least:
                return key
        return ""

    # Parts of an object.

    def method(self, rule: Any) -> str:
        """Return the name of a rule's gradient method.

        Raises
        ------
        Absent
            When it has none.
        """
        pinned = self.contract["apply"]
        if pinned in getattr(rule, "__dict__", {}):
            return pinned
        found = self.method_of(type(rule))
        if found is None:
            raise Absent("method", "apply", self._key_of(type(rule)))
        return found

    def method_of(self, owner: type) -> str | None:
        """Return the name of the gradient method of a rule's class: the pinned one, if it serves.

        It does not where it is the base's stub and the class has written another one, nor where it
        is called on the class, as another edition of the course has it.
        """
        known = self.contract.names["apply"]
        depth, pinned = _written(owner, known.name)
        others = [(name, *_written(owner, name)) for name in known.others]
        others = [found for found in others if isinstance(found[2], types.FunctionType)]
        if pinned is None:
            return others[0][0] if others else _only_method(owner)
        if isinstance(pinned, classmethod | staticmethod):
            return others[0][0] if others else known.name
        below = [name for name, place, _ in others if place < depth]
        return below[0] if below and _is_a_stub(pinned) else known.name

    def method_to_watch(self, owner: type) -> str:
        """Return the name of the gradient method of a class that may be a rule's."""
        pinned = self.contract["apply"]
        is_rule = self.usual(owner) in self._usual.values()
        return (self.method_of(owner) or pinned) if is_rule else pinned

    def saved(self, rule: Any) -> Any:
        """Return the operands that a rule keeps."""
        name = self._saved_name(rule)
        if name is None:
            raise Absent("attribute", "saved_tensors", self._key_of(type(rule)))
        return getattr(rule, name)

    def operands_of(self, rule: Any) -> Any:
        """Return the operands that a rule keeps, and none where it keeps none."""
        name = self._saved_name(rule)
        return () if name is None else getattr(rule, name)

    def _saved_name(self, rule: Any) -> str | None:
        known = self.contract.names["saved_tensors"]
        for name in (known.name, *known.others):
            if hasattr(rule, name):
                return name
        for name, value in list(getattr(rule, "__dict__", {}).items()):
            if isinstance(value, tuple | list) and value and all(map(_is_tensor, value)):
                return str(name)
        return None

    def node_of(self, value: Any) -> Any:
        """Return the node of a result, or None."""
        known = self.contract.names["_grad_fn"]
        for name in (known.name, *known.others):
            node = getattr(value, name, None)
            if node is not None:
                return node
        return None

    def of_tensor(self, tensor: Any, key: str, tensor_class: type) -> Any:
        """Return a method or an attribute of a tensor.

        Raises
        ------
        Absent
            When a tensor lacks it; whatever Python raises when it is no tensor at all.
        """
        name = self._tensor_name(tensor, key)
        if name is None and isinstance(tensor, tensor_class):
            what = "attribute" if key == "grad" else "method"
            raise Absent(what, key, "Tensor")
        return getattr(tensor, name or self.contract[key])

    def _tensor_name(self, tensor: Any, key: str) -> str | None:
        known = self.contract.names[key]
        return next((name for name in (known.name, *known.others) if hasattr(tensor, name)), None)

    def function(self, key: str) -> Any:
        """Return a function of the assignment: by name, or the one of a name that is like it."""
        name = self._function_name(key)
        if name is None:
            raise self.missing(key)
        return self._namespace[name]

    def _function_name(self, key: str) -> str | None:
        known = self.contract.names[key]
        if callable(self._namespace.get(known.name)):
            return known.name
        found = [name for name in known.others if callable(self._namespace.get(name))]
        return found[0] if len(found) == 1 else None

    # Construction.

    def build(self, key: str, operands: list[Any], compute: Compute | None) -> tuple[Any, str]:
        """Make a rule of its operands; say how: as pinned, from a list, or with its options.

        Raises
        ------
        Absent
            When no way that we know is the constructor's.
        """
        owner = self.class_of(key, compute)
        node = self._applied(key, owner, operands)
        if node is not None:
            return node, PINNED
        if len(operands) == 1 and self._takes_a_list(owner, compute):
            return owner(operands), LIST
        made: Any = self._factory(key) or owner
        for how, given, options in self._ways(key, owner, operands):
            try:
                return made(*given, **options), how
            except TypeError as error:
                if not _is_ours(error):
                    raise
        raise Absent("constructor", key, key)

    def _factory(self, key: str) -> Any:
        """Return a function that has the name of a rule, and makes one."""
        found = self._namespace.get(self.contract[key]) if key in self.contract.operations else None
        return found if isinstance(found, types.FunctionType | functools.partial) else None

    def _applied(self, key: str, owner: type, operands: list[Any]) -> Any:
        """Return the node that an operation records when it is applied, where it does so."""
        if not self.contract.applied_by or key not in self.contract.operations:
            return None
        try:
            node = self.node_of(getattr(owner, self.contract.applied_by)(*operands))
        except (Exception, SystemExit):
            return None
        return node if isinstance(node, owner) else None

    def _ways(
        self, key: str, owner: type, operands: list[Any]
    ) -> Iterator[tuple[str, Any, dict[str, Any]]]:
        yield PINNED, operands, {}
        yield LIST, [list(operands)], {}
        operation = self.contract.operations.get(key)
        if operation is not None and operation.constructor:
            defaults = dict(operation.constructor)
            yield OPTIONS, [], _by_keyword(owner, operands, defaults)
            yield OPTIONS, [*operands, *defaults.values()], {}

    def _takes_a_list(self, owner: type, compute: Compute | None) -> bool:
        """Tell whether a rule of one operand has the constructor of a base that takes a list."""
        try:
            base: Any = self.class_of("Function", compute)
            if inspect.getattr_static(owner, "__init__") is not base.__init__:
                return False
            parameters = inspect.signature(base)
            parameters.bind(None)
        except (MissingName, Absent, TypeError, ValueError, AttributeError):
            return False
        try:
            parameters.bind(None, None)
        except TypeError:
            return True
        return False

    # What the cases about names ask.

    def called(self, key: str, of: str, given: list[Any], compute: Compute) -> str:
        """Return :data:`PINNED` where a part has its pinned name, else what it is called.

        What is not there at all has no other name, and other cases fail.

        Parameters
        ----------
        of
            The class, for the gradient method and the constructor.
        given
            Operands to build a rule of, or a rule or a tensor that has the part.
        """
        try:
            found = self._called(key, of, given, compute)
        except (Exception, SystemExit):
            return PINNED
        pinned = self.contract[key] if key in self.contract.names else PINNED
        return PINNED if found is None or found == pinned else found

    def _called(self, key: str, of: str, given: list[Any], compute: Compute) -> str | None:
        if key == "constructor":
            return self.build(of, given, compute)[1]
        if key == "apply":
            return self.method_of(self.class_of(of, compute))
        if given:
            saved = key == "saved_tensors"
            return self._saved_name(given[0]) if saved else self._tensor_name(given[0], key)
        return self._function_name(key) if key in FUNCTIONS else self._class_name(key, compute)

    def _class_name(self, key: str, compute: Compute) -> str | None:
        if self._named(key) is not None or self._factory(key) is not None:
            return None
        found = self.class_of(key, compute)
        return next((name for name, each in self._classes() if each is found), found.__name__)

    def _key_of(self, owner: type) -> str:
        keys = {key.lower(): key for key in self.contract.operations}
        return keys.get(self.usual(owner), "Function")


def _by_keyword(owner: type, operands: list[Any], defaults: dict[str, Any]) -> dict[str, Any]:
    """Return operands and options by the names that a constructor has for them."""
    try:
        names = list(inspect.signature(owner).parameters)
    except (TypeError, ValueError):
        return defaults
    rest = [name for name in names if name not in defaults]
    return {**dict(zip(rest, operands, strict=False)), **defaults}


def _written(owner: type, name: str) -> tuple[int, Any]:
    """Return how far up a class's ancestors a name is written, and what it is there."""
    for depth, written in enumerate(owner.__mro__[:-1]):
        if name in vars(written):
            return depth, vars(written)[name]
    return len(owner.__mro__), None


def _is_a_stub(function: Any) -> bool:
    """Tell whether a method does nothing but raise NotImplementedError, or nothing at all."""
    code = getattr(function, "__code__", None)
    return code is not None and set(code.co_names) <= _NAMES_OF_A_STUB


_NAMES_OF_A_STUB = frozenset({"NotImplementedError", "type", "__name__", "__class__"})


def _only_method(owner: type) -> str | None:
    """Return the one public method that can be called with one gradient, if there is one."""
    found = {
        name
        for written in owner.__mro__[:-1]
        for name, value in vars(written).items()
        if isinstance(value, types.FunctionType) and not name.startswith("_")
        if value.__code__.co_argcount - len(value.__defaults__ or ()) == 2
    }
    return found.pop() if len(found) == 1 else None


def _is_of_a_submission(owner: type) -> bool:
    top = str(owner.__module__).partition(".")[0]
    return top not in sys.stdlib_module_names and top != "numpy"


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "requires_grad")


def _is_ours(error: BaseException) -> bool:
    """Tell whether our own call raised it, and no code of the submission."""
    return error.__traceback__ is None or error.__traceback__.tb_next is None
