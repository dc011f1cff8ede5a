"""Every golden vector belongs to a section of SPEC.md, and every one that it names is there (section 33)."""

import re

from tests.house import ground

GOLDEN, ARCHIVES = (ground.ROOT / "tests" / one for one in ("protocol/golden", "data/archive"))


def test_each_vector_is_named_by_its_section_and_each_named_one_is_there() -> None:
    spec = (ground.ROOT / "protocol" / "SPEC.md").read_text(encoding="utf-8")
    table = spec.partition("## 33. ")[2]
    named = set(re.findall(r"`([a-z0-9_-]+\.(?:jsonl?|zip))`", table))
    there = {one.name for one in GOLDEN.iterdir() if one.suffix in {".json", ".jsonl"}}
    there |= {one.name for one in ARCHIVES.glob("*.zip")}
    assert named == there
