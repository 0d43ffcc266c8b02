"""openapi.json is committed, equal to what the application says, and strict where SDKs need it to be."""

import json
from pathlib import Path
from typing import Any

import pytest

from honeyguide.settings import Settings
from honeyguide.web.server import create_api, openapi
from honeyguide.web.shapes import In

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "reference" / "openapi.json"


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    return openapi(create_api(None, Settings.load({})))


def test_the_committed_file_is_what_the_application_says(spec: dict[str, Any]) -> None:
    assert json.loads(COMMITTED.read_text()) == spec, (
        "docs/reference/openapi.json is stale: run `python -m honeyguide.web.openapi docs/reference/openapi.json`"
    )


def test_answers_have_no_defaults_and_refuse_surprises(spec: dict[str, Any]) -> None:
    """What a field of an answer means never depends on its absence; what a body holds is known."""
    bodies = {body.__name__ for body in In.__subclasses__()}
    for name, schema in spec["components"]["schemas"].items():
        if schema.get("type") != "object" or name in bodies:
            continue
        assert set(schema.get("required", ())) == set(schema["properties"]), name
        assert schema.get("additionalProperties") is False, name


def test_every_answer_is_typed_and_every_operation_told(spec: dict[str, Any]) -> None:
    seen = set()
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], f"{method} {path}"
            assert operation["operationId"] not in seen
            seen.add(operation["operationId"])
            good = next(a for status, a in operation["responses"].items() if status.startswith("2"))
            assert good["content"], f"{method} {path} answers with nothing typed"
            assert all(c.get("schema") != {} for c in good["content"].values()), f"{method} {path}"


def test_errors_are_documented_as_problems(spec: dict[str, Any]) -> None:
    for methods in spec["paths"].values():
        for operation in methods.values():
            assert operation["responses"]["default"]["content"] == {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            }
            assert "422" not in operation["responses"]


def test_ids_of_entities_are_strings(spec: dict[str, Any]) -> None:
    """JavaScript rounds 63-bit numbers."""
    for name in ("PersonaRow", "PersonaBrief", "Node", "Edge", "Named", "CompanyName"):
        properties = spec["components"]["schemas"][name]["properties"]
        for key in properties.keys() & {"id", "src", "dst"}:
            assert properties[key]["type"] == "string", name
