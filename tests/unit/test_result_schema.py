"""What is promised of a result's JSON: its schema, and that older results can still be read."""

import json
from pathlib import Path

import jsonschema
import pytest

from autograder.model import decode_result, encode_result
from autograder.reports.formats import Report, find_format
from autograder.reports.schema import preview_schema, result_schema

COURSE = Path(__file__).resolve().parents[2]
OLD = sorted((COURSE / "tests" / "golden" / "results").glob("*/*.json"))
"""Results as earlier versions wrote them; a folder is named by schema and version."""


def in_one_order(schema):
    """Sort alternatives: versions of msgspec name them in different orders."""
    if isinstance(schema, list):
        return [in_one_order(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    sorted_ = {key: in_one_order(value) for key, value in schema.items()}
    if "anyOf" in sorted_:
        sorted_["anyOf"] = sorted(sorted_["anyOf"], key=json.dumps)
    return sorted_


def keeps(new, old):
    """Tell whether all of the old document is in the new one, which may have more fields."""
    if isinstance(old, dict):
        return new.keys() >= old.keys() and all(keeps(new[key], old[key]) for key in old)
    if isinstance(old, list):
        return len(new) == len(old) and all(map(keeps, new, old))
    return new == old


SCHEMAS = [("result", result_schema), ("preview", preview_schema)]


@pytest.mark.parametrize(("name", "make"), SCHEMAS)
def test_published_schema_is_that_of_the_records(name, make):
    """Made by ``python -m autograder.reports.schema``."""
    published = (COURSE / "docs" / f"{name}.schema.json").read_text(encoding="utf-8")
    assert in_one_order(json.loads(published)) == in_one_order(json.loads(make()))


@pytest.mark.parametrize(("name", "make"), SCHEMAS)
def test_published_schema_is_a_schema(name, make):
    jsonschema.Draft202012Validator.check_schema(json.loads(make()))


def test_a_fresh_result_keeps_to_the_schema(grader, solution):
    text = find_format("json").render(Report(result=grader.grade(solution).result))
    jsonschema.validate(json.loads(text), json.loads(result_schema()))


@pytest.mark.parametrize("path", OLD, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_result_of_an_earlier_version_is_still_read(path):
    document = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.validate(document, json.loads(result_schema()))
    result = decode_result(path.read_bytes())
    again = json.loads(encode_result(result))
    for part in ("submission", "score", "max_score", "checks", "outcome", "notes"):
        assert keeps(again[part], document[part])
    assert again["provenance"].items() >= document["provenance"].items()


def test_there_are_results_of_an_earlier_version():
    assert {path.stem for path in OLD} == {
        "blank", "complete", "no-isolation", "unreadable", "wrong"
    }  # fmt: skip


def test_a_field_of_a_later_version_does_not_make_a_result_unreadable():
    document = json.loads(OLD[0].read_text(encoding="utf-8"))
    document["provenance"]["invented_later"] = 1
    jsonschema.validate(document, json.loads(result_schema()))
    decode_result(json.dumps(document).encode())
