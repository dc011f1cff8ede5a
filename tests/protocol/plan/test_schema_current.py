"""The committed JSON Schemas are those of the structs, and say what a file may hold."""

import json

import pytest

from ops.generate_schema import FOLDER, SCHEMAS, schema_bytes


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_committed_schema_is_current(name: str) -> None:
    form, title = SCHEMAS[name]
    assert (FOLDER / name).read_bytes() == schema_bytes(form, title), "run: python -m ops.generate_schema"


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_schema_forbids_unknown_fields_everywhere(name: str) -> None:
    schema = json.loads((FOLDER / name).read_bytes())
    objects = [one for one in schema["$defs"].values() if one.get("type") == "object"]
    assert len(objects) > 10
    assert all(one["additionalProperties"] is False for one in objects)
