"""What an instructor writes, in YAML and Python: read, and told what is wrong in which line."""

from __future__ import annotations

import difflib
import importlib.util
import sys
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, get_args, get_origin

import msgspec
import yaml

from autograder.errors import ConfigError, UsageError

Key = tuple[str | int, ...]
"""The way to a value: keys of mappings and places in lists."""

_EXPECTED = {
    "float": "a number",
    "int": "a whole number",
    "str": "text",
    "bool": "on or off",
    "array": "a list",
    "object": "a group of keys",
    "null": "nothing",
}
_BOUNDS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}


class Loader(yaml.SafeLoader):
    """Leaves a moment as it is written: YAML's own kind may have no time zone."""

    yaml_implicit_resolvers = {  # noqa: RUF012 # as PyYAML declares it
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_document(self, node: yaml.Node) -> Any:
        """Leave students' ids as they are written: 0012 is no ten, and no is a name."""
        for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
            if isinstance(key, yaml.ScalarNode) and key.value in _OF_STUDENTS:
                for scalar in _scalars(value):
                    scalar.tag = _TEXT
        return super().construct_document(node)


_OF_STUDENTS = {"extensions", "excused"}
_TEXT = "tag:yaml.org,2002:str"


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """Yield the keys and values of a list or a mapping; an empty one stays empty."""
    parts: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        parts = [part for pair in node.value for part in pair]
    elif isinstance(node, yaml.SequenceNode):
        parts = node.value
    for part in parts:
        if isinstance(part, yaml.ScalarNode) and part.tag != "tag:yaml.org,2002:null":
            yield part


def read_text(path: Path, raises: type[UsageError] = ConfigError) -> str:
    """Read a text file of the instructor's.

    Raises
    ------
    UsageError
        Of the given kind, when it is not UTF-8; it says in which line.
    """
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise raises(f"{path}, line {line}: {NOT_UTF8}") from None


NOT_UTF8 = "not UTF-8 text: save the file as UTF-8"


def read_yaml(path: Path, raises: type[UsageError] = ConfigError) -> Any:
    """Read a YAML file of the instructor's as plain data.

    Raises
    ------
    UsageError
        Of the given kind, with the line, when it is not YAML.
    """
    try:
        return yaml.load(read_text(path, raises), Loader)  # noqa: S506 # a safe one
    except yaml.YAMLError as error:
        raise raises(f"{path}{_place_of(error)}: not valid YAML: {_problem_of(error)}") from None


def load_python(
    path: Path, name: str, raises: type[UsageError] = ConfigError, *, package: bool = False
) -> ModuleType:
    """Run a Python file of the instructor's as a module.

    Raises
    ------
    UsageError
        Of the given kind, with the line, whatever it raises; also when it ends the program.
    """
    inside = [str(path.parent)] if package else None
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=inside)
    if spec is None or spec.loader is None or not path.is_file():
        raise raises(f"There is no {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise raises(f"{path}{line_of(error, path)}: {what_raised(error)}") from error
    return module


def line_of(error: BaseException, path: Path) -> str:
    """Return where in a file an exception came from, as ", line 3"; empty where not in it."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return f", line {error.lineno}" if error.lineno else ""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    return f", line {lines[-1]}" if lines else ""


def what_raised(error: BaseException) -> str:
    """Say in one line what a file of the instructor's has raised."""
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    lines = said.splitlines()
    return f"{type(error).__name__}{f': {lines[0]}' if lines else ''}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ": did you mean …?" where something of a like name is known, else nothing."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f": did you mean {near[0]!r}?" if near else ""


def _place_of(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f", line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""


def _problem_of(error: yaml.YAMLError) -> str:
    said = getattr(error, "problem", None) or str(error)
    return " ".join(str(said).split()).replace("'<stream end>'", "the end of the file")


def refuse_faults(path: Path, faults: Iterable[tuple[Key, str]]) -> None:
    """Refuse a file with all that is wrong, a line each.

    Raises
    ------
    ConfigError
        When there is anything.
    """
    said = told(path, faults)
    if len(said) == 1:
        raise ConfigError(said[0])
    if said:
        rest = "\n".join(f"  {line.removeprefix(f'{path}, ')}" for line in said)
        raise ConfigError(f"{path}: {len(said)} things are wrong:\n{rest}")


def told(path: Path, faults: Iterable[tuple[Key, str]]) -> list[str]:
    """Return faults as lines: file, line, and what is wrong."""
    found = list(faults)
    lines = _lines_of(path) if found else {}
    return [f"{path}{_line(lines, key)}: {what}" for key, what in found]


def faults_of(value: Any, wanted: Any, key: Key = ()) -> Iterator[tuple[Key, str]]:
    """Yield what in plain data is not as a type wants it, with the way to it."""
    if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct) and isinstance(value, dict):
        yield from _faults_of_keys(value, wanted, key)
    elif get_origin(wanted) is tuple and isinstance(value, list):
        for place, item in enumerate(value):
            yield from faults_of(item, get_args(wanted)[0], (*key, place))
    else:
        try:
            msgspec.convert(value, wanted)
        except msgspec.ValidationError as error:
            where = f"{_said(key)}, value {value!r}" if key else "the whole file"
            yield key, f"{where}: {_in_words(str(error), wanted)}"


def _faults_of_keys(value: dict[Any, Any], wanted: Any, key: Key) -> Iterator[tuple[Key, str]]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(wanted)}
    meant: set[str] = set()
    for name in value:
        if name in fields:
            continue
        others = [other for other in fields if other not in value]
        near = difflib.get_close_matches(str(name), others, 1)
        meant.update(near)
        hint = f"did you mean {near[0]!r}?" if near else f"there is {', '.join(fields)}"
        yield (*key, name), f"{_said((*key, name))} is unknown: {hint}"
    for name, field in fields.items():
        if name in value:
            yield from faults_of(value[name], field.type, (*key, name))
        elif field.required and name not in meant:
            yield key, f"{_said((*key, name))} is missing"


def _said(key: Key) -> str:
    written = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in key)
    return f"key {written.removeprefix('.')!r}"


def _in_words(message: str, wanted: Any) -> str:
    """Say in words what msgspec says of types."""
    message = message.partition(" - at `")[0]
    while get_origin(wanted) is not None and get_origin(wanted) is not Literal:
        wanted = get_args(wanted)[0]
    if get_origin(wanted) is Literal:
        return f"there is {', '.join(map(str, get_args(wanted)))}"
    head, _, limit = message.rpartition(" ")
    sign = head.rpartition(" ")[2]
    if sign in _BOUNDS:
        return f"must be {_BOUNDS[sign]} {float(limit):g}"
    if "matching regex" in message:
        return "small letters, digits and hyphens are expected"
    expected, comma, _ = message.removeprefix("Expected `").partition("`, got")
    if comma:
        words = [_EXPECTED.get(kind, kind) for kind in expected.split(" | ")]
        return f"{' or '.join(words)} is expected"
    return message


def _line(lines: dict[Key, int], key: Key) -> str:
    while key and key not in lines:
        key = key[:-1]
    return f", line {lines[key]}" if key else ""


def _lines_of(path: Path) -> dict[Key, int]:
    """Return the line of each key and item of a YAML file."""
    found: dict[Key, int] = {}

    def walk(node: Any, key: Key) -> None:
        found.setdefault(key, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            for name, value in node.value:
                found[*key, str(name.value)] = name.start_mark.line + 1
                walk(value, (*key, str(name.value)))
        elif isinstance(node, yaml.SequenceNode):
            for place, item in enumerate(node.value):
                walk(item, (*key, place))

    root = yaml.compose(read_text(path), Loader)
    if root is not None:
        walk(root, ())
    return found
