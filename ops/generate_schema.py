"""Writes the JSON Schemas of the plan and the case from their structs (生成 JSON Schema).

Run it after a change of `protocol/plan`: `python -m ops.generate_schema`. A test holds the committed files
against it, so that the schemas that others read never lag behind.
"""

from pathlib import Path
from typing import Final

import msgspec

from protocol.plan.case import Case
from protocol.plan.plan import Plan

FOLDER: Final = Path(__file__).resolve().parents[1] / "protocol" / "plan"

SCHEMAS: Final[dict[str, tuple[type, str]]] = {
    "plan.schema.json": (Plan, "Evaluation plan 评标办法, version 1"),
    "case.schema.json": (Case, "Case 案例, version 1"),
}
"""File name to the struct and the schema's title."""


def schema_bytes(form: type, title: str) -> bytes:
    """Return the JSON Schema of a struct as sorted, indented bytes that end with a newline."""
    schema = {
        **msgspec.json.schema(form),
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
    }
    return msgspec.json.format(msgspec.json.encode(schema, order="sorted"), indent=2) + b"\n"


def main() -> None:
    """Write both schemas and say which changed."""
    for name, (form, title) in SCHEMAS.items():
        path = FOLDER / name
        fresh = schema_bytes(form, title)
        changed = not path.exists() or path.read_bytes() != fresh
        if changed:
            path.write_bytes(fresh)
        print(f"{name}: {'written 已写入' if changed else 'current 无变化'}")


if __name__ == "__main__":
    main()
