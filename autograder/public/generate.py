"""Turn public cases into the data that the handout carries: numbers and sentences, no formula."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import yaml
from numpy.typing import NDArray

from autograder.cases import Case, load_cases
from autograder.config import Check, Config
from autograder.errors import CaseError
from autograder.grading.diagnosis.misconceptions import misconceptions
from autograder.grading.diagnosis.predict import concerned, predict
from autograder.grading.oracle import Expected, expected_values
from autograder.model import Record
from autograder.operations import choose, operations
from autograder.public.calls import Calls, calls_of
from autograder.public.inputs import PUBLIC_SEED, public_inputs

Json = dict[str, Any]
Inputs = dict[int, NDArray[Any]]

CASES = "tests/public"
TEXTS = "rules.yaml"
DIGITS = 12
"""Digits that are kept: fewer than NumPy's builds agree on, far more than any tolerance."""


class Text(Record, frozen=True, forbid_unknown_fields=True):
    """What a public check says, see ``rules.yaml``."""

    rule: str
    latex: str
    works: str
    hint: str


def public_data(course: Path, config: Config, stub: str) -> str:
    """Return the data of all public checks as JSON text.

    Parameters
    ----------
    stub
        What stands where students are to write code.

    Raises
    ------
    CaseError
        For a check without a case or without a text.
    """
    choose(config.home(course, "reference"), [check.id for check in config.all_checks])
    folder = config.part(course, CASES)
    cases = load_cases(folder, config, practice=True)
    texts = _read_texts(folder / TEXTS)
    say = config.wording.of_course
    checks = [
        _check(check, texts, [_case(case) for case in cases.of_check(check.id)], say)
        for check in config.all_checks + config.practice
    ]
    used = {found for check in checks for case in check["cases"] for found in case["mistakes"]}
    data = {
        "title": config.shown_title,
        "notebook": config.notebook,
        "stub": stub,
        "tolerance": {"float64": config.tolerance.float64, "float32": config.tolerance.float32},
        "checkpoints": [
            {"id": checkpoint.id, "title": checkpoint.title, "pass_at": checkpoint.pass_at}
            for checkpoint in config.checkpoints
        ],
        "mistakes": {
            found.id: {
                "sentence": say(found.sentence),
                "hint": say(found.hint),
                "ops": sorted(found.rules),
                "untracked": found.untracked,
                "part": found.part,
            }
            for found in misconceptions()
            if found.id in used
        },
        "checks": checks,
    }
    return _one_case_a_line(data)


def _read_texts(path: Path) -> dict[str, Text]:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        return _declared_texts() | msgspec.convert(raw, dict[str, Text])
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise CaseError(f"{path}: {error}") from None


def _declared_texts() -> dict[str, Text]:
    """Return what operations bring themselves, by their first check."""
    return {
        operation.checks[0]: Text(**dataclasses.asdict(operation.text))
        for operation in operations().values()
        if operation.text is not None
    }


def _check(
    check: Check, texts: dict[str, Text], cases: list[Json], say: Callable[[str], str]
) -> Json:
    import latex2mathml.converter

    if check.id not in texts:
        raise CaseError(f"{TEXTS}: says nothing of the check {check.id!r}")
    text = texts[check.id]
    return {
        "id": check.id,
        "title": check.title,
        "checkpoint": check.checkpoint,
        "points": check.points,
        "part": check.cell.removeprefix("test_"),
        "rule": say(text.rule),
        "latex": say(text.latex),
        "mathml": latex2mathml.converter.convert(say(text.latex), display="block"),
        "works": say(text.works),
        "hint": say(text.hint),
        "cases": cases,
    }


def _case(case: Case) -> Json:
    inputs = public_inputs(case.program, case.id)
    expected = expected_values(case, PUBLIC_SEED, inputs)
    return {
        "id": case.id,
        "sentence": case.sentence,
        "program": msgspec.to_builtins(case.program),
        "inputs": {str(key): _array(array) for key, array in inputs.items()},
        "expected": {name: _expected(found) for name, found in expected.items()},
        "mistakes": _mistakes(case, inputs, expected),
        **_calls(calls_of(case, inputs)),
    }


def _calls(calls: Calls) -> Json:
    """Return what each call receives and hands on, by the step that it belongs to."""
    return {
        "operations": list(calls.operations),
        "differentiable": list(calls.differentiable),
        "calls": {
            str(step): {
                "rule": call.rule,
                "result": _array(call.result),
                "incoming": _array(call.incoming),
                "entries": [_array_or_none(entry) for entry in call.entries],
                "unsummed": [_array_or_none(entry) for entry in call.unsummed],
            }
            for step, call in calls.expected.items()
        },
    }


def _array_or_none(array: NDArray[Any] | None) -> Json | None:
    return None if array is None else _array(array)


def _expected(expected: Expected) -> Json:
    described: Json = {"what": expected.what, "single": expected.single}
    if isinstance(expected.value, np.ndarray):
        described["array"] = _array(expected.value)
        if expected.spread is not None:
            described["spread"] = [float(f"{v:.3g}") for v in expected.spread.ravel()]
    else:
        described["text"] = expected.value
    return described


def _array(array: NDArray[Any]) -> Json:
    values = array.ravel().tolist()
    if array.dtype.kind == "f":
        values = [float(f"{value:.{DIGITS}g}") + 0.0 for value in values]
    return {"shape": list(array.shape), "dtype": array.dtype.name, "values": values}


def _mistakes(case: Case, inputs: Inputs, expected: dict[str, Expected]) -> Json:
    """Return what each misconception would give, where it gives something else than is right."""
    found = {}
    for misconception in concerned(case.program):
        differing = predict(case.program, inputs, expected, misconception).differing
        if differing:
            found[misconception.id] = {
                name: _array(value) if isinstance(value, np.ndarray) else value
                for name, value in differing.items()
            }
    return found


def _one_case_a_line(data: Json) -> str:
    """Write JSON whose lines are cases, so that a change of one is one line of a diff."""

    def line(value: object) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    checks = []
    for check in data["checks"]:
        head = line({key: value for key, value in check.items() if key != "cases"})
        cases = ",\n".join(line(case) for case in check["cases"])
        checks.append(f'{head[:-1]},"cases":[\n{cases}]}}')
    head = line({key: value for key, value in data.items() if key != "checks"})
    return f'{head[:-1]},\n"checks":[\n' + ",\n".join(checks) + "\n]}\n"
