"""Turn public cases into the data that the handout carries: numbers and sentences, no formula."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import yaml
from numpy.typing import NDArray

from autograder.cases import Case, load_cases
from autograder.config import Check, Config
from autograder.errors import CaseError
from autograder.grading.diagnosis.misconceptions import MISCONCEPTIONS
from autograder.grading.diagnosis.predict import concerned, predict
from autograder.grading.oracle import Expected, expected_values
from autograder.model import Record
from autograder.public.inputs import PUBLIC_SEED, public_inputs

Json = dict[str, Any]
Inputs = dict[int, NDArray[Any]]

CASES = Path("source") / "public_cases"
TEXTS = "rules.yaml"
DIGITS = 12
"""Digits that are kept: fewer than NumPy's builds agree on, far more than any tolerance."""


class Text(Record, frozen=True, forbid_unknown_fields=True):
    """What a public check says, see ``rules.yaml``."""

    rule: str
    latex: str
    works: str
    hint: str


def public_data(course: Path, config: Config) -> str:
    """Return the data of all public checks as JSON text.

    Raises
    ------
    CaseError
        For a check without a case or without a text.
    """
    cases = load_cases(course / CASES, config)
    texts = _read_texts(course / CASES / TEXTS)
    checks = [
        _check(check, texts, [_case(case) for case in cases.of_check(check.id)])
        for check in config.all_checks
    ]
    used = {found for check in checks for case in check["cases"] for found in case["mistakes"]}
    data = {
        "tolerance": {"float64": config.tolerance.float64, "float32": config.tolerance.float32},
        "checkpoints": [
            {"id": checkpoint.id, "title": checkpoint.title, "pass_at": checkpoint.pass_at}
            for checkpoint in config.checkpoints
        ],
        "mistakes": {
            found.id: {"sentence": found.sentence, "hint": found.hint, "ops": sorted(found.rules)}
            for found in MISCONCEPTIONS
            if found.id in used
        },
        "checks": checks,
    }
    return _one_case_a_line(data)


def _read_texts(path: Path) -> dict[str, Text]:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        return msgspec.convert(raw, dict[str, Text])
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise CaseError(f"{path}: {error}") from None


def _check(check: Check, texts: dict[str, Text], cases: list[Json]) -> Json:
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
        "rule": text.rule,
        "latex": text.latex,
        "mathml": latex2mathml.converter.convert(text.latex, display="block"),
        "works": text.works,
        "hint": text.hint,
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
    }


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
