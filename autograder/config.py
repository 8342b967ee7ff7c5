"""The course's configuration: ``config.yaml``, decoded into typed records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import yaml
from msgspec import Meta
from msgspec.structs import replace

from autograder import operations
from autograder.contract import Contract, Wording, contract_data, read_contract, wording_of
from autograder.errors import ConfigError
from autograder.language import ENGLISH, LANGUAGES
from autograder.model import EXTRA_CREDIT, Kind, Record

CONFIG_NAME = "config.yaml"
EDITIONS = "editions"
"""Where a course keeps its other editions, each a course's folder."""
SHARED = ("reference", "tests/hidden", "tests/public")
"""What an edition may share with the course that it is based on: no text of a student's."""

Positive = Annotated[float, Meta(gt=0)]
Points = Annotated[float, Meta(ge=0)]
Identifier = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]*$")]


class Strict(Record, frozen=True, forbid_unknown_fields=True):
    """A record whose misspelt keys are errors."""


class Checkpoint(Strict, frozen=True):
    """A group of checks with a pass mark, as a share of its points."""

    id: Literal["checkpoint-1", "checkpoint-2"]
    title: str
    pass_at: Annotated[float, Meta(gt=0, le=1)] = 0.8


class Check(Strict, frozen=True, kw_only=True):
    """A group of hidden cases worth points."""

    id: Identifier
    kind: Kind
    points: Points
    cell: str
    title: str
    checkpoint: Literal["checkpoint-1", "checkpoint-2", "extra-credit"] = EXTRA_CREDIT  # type: ignore[assignment] # the constant is that literal
    needs: tuple[str, ...] = ()
    solution: str = ""


class Written(Strict, frozen=True):
    """A question that is graded by hand."""

    cell: str
    points: Points


class Limits(Strict, frozen=True):
    """What one submission may use; the unit is in each name.

    ``seconds`` are of the wall clock without what the submission waited for a processor,
    ``cpu_seconds`` of processor time, both measured from outside. ``threads`` counts the
    submission's own first one; more processes are never allowed.
    """

    cell_seconds: Positive = 10
    cell_cpu_seconds: Positive = 10
    case_seconds: Positive = 5
    case_cpu_seconds: Positive = 5
    submission_seconds: Positive = 60
    submission_cpu_seconds: Positive = 60
    memory_mib: Annotated[int, Meta(ge=256)] = 768
    reply_mib: Annotated[int, Meta(ge=1, le=1024)] = 16
    output_kib: Annotated[int, Meta(ge=0)] = 64
    threads: Annotated[int, Meta(ge=1, le=1000)] = 16
    scratch_mib: Annotated[int, Meta(ge=1, le=256)] = 16


class Tolerance(Strict, frozen=True):
    """Accepted distance for each returned dtype, in multiples of single-precision noise."""

    float64: Positive = 4
    float32: Positive = 32


class Late(Strict, frozen=True, kw_only=True):
    """Which attempt counts, and what a late one costs.

    Attributes
    ----------
    counts
        ``before-deadline``: the last one in time, and a late one only where there is no other;
        ``last``: the last one; ``best``: the one with the most points, after the late penalty.
    points_per_day
        Points that each day or part of a day costs, up to ``at_most``.
    plugin
        One of nbgrader's plugins for late submissions instead, as a dotted name, with ``options``.
    """

    counts: Literal["before-deadline", "last", "best"] = "before-deadline"
    points_per_day: Points = 0
    at_most: Points | None = None
    grace_minutes: Points = 0
    plugin: str = ""
    options: dict[str, str | float | bool] = {}  # noqa: RUF012 # msgspec makes a fresh dict for each record


class Parts(Strict, frozen=True):
    """Parts of the assignment that a course may switch off."""

    stretch: bool = True
    written: bool = True


class Edition(Strict, frozen=True, kw_only=True):
    """How an edition of the assignment differs, beside its names; see docs/editions.md.

    Attributes
    ----------
    applied_by, always_tracked, made_of
        How nodes and tensors come about, see ``guest/contract.py``.
    runs
        By an operation: how it is run, where that is not as it is declared.
    defines
        What a hand-in defines at its top, where it is not the rules themselves.
    sentences
        By a sentence of the course that it is based on: what it is called here.
    cells
        By a solution cell of that course's notebook: the one that has its part here.
    handout
        The folder of another handout, relative to the course: what of it this one does not have
        is handed out with it.
    """

    applied_by: str = ""
    always_tracked: bool = False
    made_of: Literal["arrays", "numbers"] = "arrays"
    runs: dict[str, dict[str, str]] = {}  # noqa: RUF012 # msgspec makes a fresh dict for each record
    defines: tuple[str, ...] = ()
    sentences: dict[str, str] = {}  # noqa: RUF012 # msgspec makes a fresh dict for each record
    cells: dict[str, str] = {}  # noqa: RUF012 # the same
    handout: str = ""

    @property
    def style(self) -> dict[str, str | bool]:
        """What the contract says of nodes and tensors, where it is not what it is elsewhere."""
        said: dict[str, str | bool] = {
            "applied_by": self.applied_by,
            "always_tracked": self.always_tracked,
            "made_of": self.made_of if self.made_of != "arrays" else "",
        }
        return {key: value for key, value in said.items() if value}


class Config(Strict, frozen=True, kw_only=True):
    """``config.yaml`` as a record.

    ``based_on`` names the folder of another course, relative to this one's: what this one's
    config.yaml does not say, and what of :data:`SHARED` its folder does not have, is taken there.

    Attributes
    ----------
    notebook, title
        The notebook's name, and what students read as that of the assignment; its own where left
        out.
    language
        That of the words that students read, see ``autograder.language``.
    ungraded
        Checks of 0 points and of parts that are off: ``load_config`` takes them out of ``checks``
        and ``stretch``, so that all other code knows graded checks only.
    """

    based_on: str = ""
    edition: Edition = Edition()
    course: str
    assignment: str
    notebook: str = ""
    title: str = ""
    language: str = ENGLISH
    parts: Parts = Parts()
    checkpoints: tuple[Checkpoint, ...]
    checks: tuple[Check, ...]
    stretch: tuple[Check, ...] = ()
    written: tuple[Written, ...] = ()
    limits: Limits = Limits()
    tolerance: Tolerance = Tolerance()
    packages: tuple[str, ...] = ()
    python: str = ""
    contract: dict[str, str | tuple[str, ...]] = {}  # noqa: RUF012 # msgspec makes a fresh dict for each record
    charge_once: bool = True
    package: Literal["handout", "student"] = "handout"
    gradebook: str = ""
    roster: str = ""
    due: str = ""
    extensions: dict[str, str] | str = {}  # noqa: RUF012 # msgspec makes a fresh dict for each record
    excused: tuple[str, ...] = ()
    late: Late = Late()
    ungraded: tuple[Check, ...] = ()

    @property
    def shown_title(self) -> str:
        """The assignment's name for people."""
        return self.title or self.assignment

    @property
    def practice(self) -> tuple[Check, ...]:
        """Checks of 0 points in parts that are on: public, and graded by nobody."""
        return tuple(
            check
            for check in self.ungraded
            if self.parts.stretch or check.checkpoint != EXTRA_CREDIT
        )

    @property
    def all_checks(self) -> tuple[Check, ...]:
        """Required checks, then stretch checks."""
        return self.checks + self.stretch

    @property
    def names(self) -> Contract:
        """What the course calls the parts of the assignment."""
        return read_contract(self.contract_data)

    @property
    def contract_data(self) -> dict[str, Any]:
        """The contract as data, for the sandbox and the handout."""
        return {**contract_data(self.contract, self.edition.runs), **self.edition.style}

    @property
    def wording(self) -> Wording:
        """How the edition says what was written of another."""
        return wording_of(self.names, self.edition.sentences)

    def home(self, course: Path, name: str) -> Path:
        """Return the folder of the course that has a part: this one, or that it is based on."""
        shared = self.based_on and name in SHARED and not (course / name).exists()
        return (course / self.based_on).resolve() if shared else course

    def part(self, course: Path, name: str) -> Path:
        """Return where a part of the course lies."""
        return self.home(course, name) / name

    @property
    def max_score(self) -> float:
        """Points of all that counts, without extra credit; release compares them with the cells."""
        return sum(check.points for check in self.checks) + sum(one.points for one in self.written)

    @property
    def cell_points(self) -> dict[str, float]:
        """Points of each automatically graded nbgrader cell; stretch cells count zero."""
        points: dict[str, float] = {}
        for check in self.all_checks:
            required = check.checkpoint != EXTRA_CREDIT
            points[check.cell] = points.get(check.cell, 0.0) + (check.points if required else 0.0)
        return points


def find_course(start: Path) -> Path:
    """Return the nearest folder, from ``start`` upwards, that holds config.yaml."""
    for folder in (start, *start.parents):
        if (folder / CONFIG_NAME).is_file():
            return folder
    return start


class _Loader(yaml.SafeLoader):
    """Leaves a moment as it is written: YAML's own kind may have no time zone."""

    yaml_implicit_resolvers = {  # noqa: RUF012 # as PyYAML declares it
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_document(self, node: yaml.Node) -> Any:
        """Leave students' ids as they are written: 0012 is no ten, and no is a name."""
        for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
            if key.value in _OF_STUDENTS:
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


def load_config(path: Path) -> Config:
    """Read and check ``config.yaml``.

    Raises
    ------
    ConfigError
        Naming the file, the key and the value that is wrong.
    """
    raw = read_settings(path)
    try:
        config = msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {_locate(str(error), raw)}") from None
    if config.ungraded:
        raise ConfigError(f"{path}: key 'ungraded': give a check 0 points instead")
    home = config.home(path.parent, "reference")
    operations.choose(home, [check.id for check in config.all_checks], read_again=True)
    _check_consistency(config, path)
    config = _settled(config)
    # What an edition says alone, as `autograder ci` writes it, is an edition still.
    other = config.based_on or config.edition != Edition()
    return _in_own_words(config) if other else config


def read_settings(path: Path) -> Any:
    """Read ``config.yaml`` as plain data, with what the course it is based on says beside it.

    Raises
    ------
    ConfigError
        When there is no such file, or it is not YAML.
    """
    raw = _own_settings(path)
    base = _named_base(path.parent, raw)
    if base is None:
        return raw
    shared = _own_settings(base / CONFIG_NAME)
    if _named_base(base, shared) is not None:
        raise ConfigError(f"{path}: key 'based_on': {base} is itself based on another course")
    return {**shared, **raw}


def _own_settings(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 # a safe one
    except FileNotFoundError:
        raise ConfigError(
            f"There is no {path.name} in {path.parent}",
            "Run the command in the course's folder, or name it with --course DIR.",
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid YAML: {error}") from None


def base_of(course: Path) -> Path | None:
    """Return the folder that a course is based on, if it is."""
    return _named_base(course, _own_settings(course / CONFIG_NAME))


def _named_base(course: Path, raw: object) -> Path | None:
    named = raw.get("based_on") if isinstance(raw, dict) else None
    return (course / named).resolve() if isinstance(named, str) and named else None


def edition_of(course: Path, name: str) -> Path:
    """Return the folder of an edition of a course.

    Raises
    ------
    ConfigError
        When there is none of that name; it says which there are.
    """
    folders = [path.parent for path in sorted((course / EDITIONS).glob(f"*/{CONFIG_NAME}"))]
    found = next((folder for folder in folders if folder.name == name), None)
    if found is None:
        known = ", ".join(folder.name for folder in folders) or "none"
        raise ConfigError(f"{course / EDITIONS} has no edition {name!r}", f"There are: {known}.")
    return found


def keep_base(course: Path, copy: Path) -> None:
    """Let a copy of a course, elsewhere, be based on what the course itself is based on."""
    base = base_of(course)
    if base is None:
        return
    raw = _own_settings(course / CONFIG_NAME)
    raw["based_on"] = str(base)
    edition = raw.get("edition", {})
    if edition.get("handout"):
        edition["handout"] = str((course / edition["handout"]).resolve())
    text = yaml.safe_dump(raw, allow_unicode=True, sort_keys=False)
    (copy / CONFIG_NAME).write_text(text, encoding="utf-8")


def _in_own_words(config: Config) -> Config:
    """Return a configuration whose titles and cells have the edition's own names."""
    say, cells = config.wording.of_course, config.edition.cells

    def reworded(checks: tuple[Check, ...]) -> tuple[Check, ...]:
        return tuple(
            replace(
                check,
                title=say(check.title),
                solution=cells.get(check.solution, check.solution),
            )
            for check in checks
        )

    return replace(
        config,
        checks=reworded(config.checks),
        stretch=reworded(config.stretch),
        ungraded=reworded(config.ungraded),
    )


def _settled(config: Config) -> Config:
    """Take out checks of 0 points and parts that are off, also where others need them."""
    stretch = config.stretch if config.parts.stretch else ()
    graded = {check.id for check in config.checks + stretch if check.points}
    ungraded = tuple(check for check in config.all_checks if check.id not in graded)

    def own(checks: tuple[Check, ...]) -> tuple[Check, ...]:
        return tuple(
            replace(check, needs=tuple(need for need in check.needs if need in graded))
            for check in checks
            if check.id in graded
        )

    return replace(
        config,
        notebook=config.notebook or config.assignment,
        checks=own(config.checks),
        stretch=own(config.stretch),
        written=config.written if config.parts.written else (),
        ungraded=ungraded,
    )


def _locate(message: str, raw: object) -> str:
    """Turn "… - at `$.limits.cell_seconds`" into key, value and what is wrong."""
    found = re.search(r"^(.*) - at `\$\.?(.*)`$", message)
    if not found:
        return message
    what, key = found.groups()
    value = raw
    for name, index in re.findall(r"([A-Za-z_0-9]+)|\[(\d+)\]", key):
        try:
            value = value[int(index) if index else name]  # type: ignore[index] # walked by path
        except (KeyError, IndexError, TypeError):
            return f"key {key!r}: {what}"
    return f"key {key!r}, value {value!r}: {what}"


def _check_consistency(config: Config, path: Path) -> None:
    if config.contract:
        try:
            contract_data(config.contract)
        except ConfigError as error:
            raise ConfigError(f"{path}: {error.message}") from None
    if config.language not in LANGUAGES:
        raise ConfigError(
            f"{path}: key 'language', value {config.language!r}: there is {', '.join(LANGUAGES)}"
        )
    known = {checkpoint.id for checkpoint in config.checkpoints}
    seen: set[str] = set()
    for check in config.checks:
        if check.checkpoint not in known:
            raise ConfigError(
                f"{path}: check {check.id!r}: checkpoint {check.checkpoint!r} is not defined"
            )
    for check in config.stretch:
        if check.checkpoint != EXTRA_CREDIT:
            raise ConfigError(f"{path}: stretch check {check.id!r} cannot belong to a checkpoint")
    for check in config.all_checks:
        if check.id in seen:
            raise ConfigError(f"{path}: check {check.id!r} is defined twice")
        missing = [need for need in check.needs if need not in seen]
        if missing:
            raise ConfigError(
                f"{path}: check {check.id!r} needs {missing[0]!r}, which is not defined before it"
            )
        seen.add(check.id)
