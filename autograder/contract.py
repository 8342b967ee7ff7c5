"""The contract of names as the course has it: its declarations, with the changes of config.yaml."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.errors import ConfigError
from autograder.guest.contract import (
    FUNCTIONS,
    LIST,
    OPTIONS,
    PINNED,
    Contract,
    Run,
    read_contract,
)
from autograder.operations import names_file, operations
from reference import Operation

__all__ = [
    "FUNCTIONS", "KEYS", "LIST", "OPTIONS", "PINNED", "Contract", "OwnNames", "Wording",
    "contract_data", "declared", "encode_contract", "read_contract", "wording_of",
]  # fmt: skip

OwnNames = Mapping[str, "str | tuple[str, ...]"]
"""By the key of a part: what the course calls it, and further spellings that cost nothing."""

AS_DECLARED: OwnNames = {}
"""No names but those of the declarations."""
AS_RUN: Mapping[str, Mapping[str, str]] = {}
"""Every operation is run as it is declared."""


def contract_data(
    own: OwnNames = AS_DECLARED, runs: Mapping[str, Mapping[str, str]] = AS_RUN
) -> dict[str, Any]:
    """Return the contract as data, with the course's own names; what they replace stays known.

    It is what the sandbox and the handout are told: names, and how to run an operation, and no
    formula.

    Parameters
    ----------
    runs
        By an operation: how an edition runs it, where that is not as it is declared.

    Raises
    ------
    ConfigError
        When there is no part of that key or no such operation, or a name is none.
    """
    data = _declared()
    for key, given in own.items():
        name, *spellings = (given,) if isinstance(given, str) else given or ("",)
        if key not in data["names"]:
            raise ConfigError(f"key 'contract.{key}': the contract has no such name")
        if not all(each.isidentifier() for each in (name, *spellings)):
            raise ConfigError(f"key 'contract.{key}', value {given!r}: not a name")
        known = data["names"][key]
        data["names"][key] = {
            "name": name,
            "spellings": [*known["spellings"], *spellings],
            "others": [other for other in (key, *known["others"]) if other != name],
        }
    known_rules = {each["op"]: each for each in data["operations"].values()}
    for op, run in runs.items():
        if op not in known_rules:
            raise ConfigError(f"key 'edition.runs.{op}': there is no such operation")
        if not run.keys() <= Run.__dataclass_fields__.keys():
            raise ConfigError(f"key 'edition.runs.{op}', value {dict(run)}: no way to run it")
        known_rules[op]["run"] = dict(run)
    return data


_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Wording:
    """Says in an edition's own names what was written in the keys of the contract.

    Attributes
    ----------
    names
        By a key: what the edition calls it, where that is something else.
    rules
        Those of them that no submission of the edition has for anything of its own.
    method
        The name of a rule's gradient method.
    sentences
        By a sentence of the course: what it is called here, where other names would not do.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    method: str = "apply"
    sentences: Mapping[str, str] = field(default_factory=dict)

    def of_course(self, text: str) -> str:
        """Return a sentence of the course's own, with every name that is another one here."""
        if text in self.sentences:
            return self.sentences[text]
        return _WORD.sub(lambda found: self.names.get(found[0], found[0]), self.of_finding(text))

    def of_finding(self, text: str) -> str:
        """Return what a student is told: there only our own names are others, and none of theirs.

        ``apply`` is a key where it follows a rule's, and else may be a name of the submission's.
        """
        if text in self.sentences:
            return self.sentences[text]
        for key, name in self.rules.items():
            text = text.replace(f"{key}.apply", f"{name}.{self.method}").replace(key, name)
        return text


KEYS = Wording()
"""Says everything as it is written."""


def wording_of(contract: Contract, sentences: Mapping[str, str]) -> Wording:
    """Return the wording of an edition."""
    pairs = {key: known.name for key, known in contract.names.items()}
    names = {key: name for key, name in pairs.items() if key != name}
    ours = {*contract.operations, "saved_tensors"}
    rules = {key: name for key, name in names.items() if key in ours}
    return Wording(names, rules, contract["apply"], sentences)


def _declared() -> dict[str, Any]:
    """Return the names of the course's file, and those of its operations."""
    path = names_file()
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for name in data["names"].values():
            _ = name["name"], name["spellings"], name["others"]
        _ = data["affixes"], data["editions"]
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise ConfigError(f"{path}: {type(error).__name__}: {error}") from None
    for one in operations().values():
        data["names"][one.rule] = {
            "name": one.rule, "spellings": list(one.spellings), "others": []
        }  # fmt: skip
    return {
        "names": data["names"],
        "operations": {one.rule: _told(one) for one in operations().values()},
        "affixes": data["affixes"],
        "editions": data["editions"],
    }


def _told(operation: Operation) -> dict[str, Any]:
    run = dataclasses.asdict(operation.run)
    told = {
        "options": dict(operation.example_options),
        "constructor": dict(operation.constructor),
        "op": operation.name,
        "operands": operation.example,
        "words": operation.words,
        "run": {name: value for name, value in run.items() if value},
        "label": operation.label,
        "sign": operation.sign,
    }
    plain: dict[str, Any] = json.loads(json.dumps(told))
    return plain


def declared() -> Contract:
    """Return the contract as the course declares it."""
    return read_contract(contract_data())


def encode_contract(data: Mapping[str, Any]) -> str:
    """Write the data as the handout's ``contract.json`` has it: one part a line."""
    parts = []
    for title, found in data.items():
        lines = found
        if isinstance(found, dict):
            entries = (f"  {json.dumps(key)}: {json.dumps(each)}" for key, each in found.items())
            lines = "{\n" + ",\n".join(entries) + "\n }"
        else:
            lines = json.dumps(found)
        parts.append(f" {json.dumps(title)}: {lines}")
    return "{\n" + ",\n".join(parts) + "\n}\n"
