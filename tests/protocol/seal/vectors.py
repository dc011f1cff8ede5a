"""The vectors made by others, as the tests read them; where they come from: `tests/data/crypto/README.md`."""

import base64
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "data" / "crypto"


def wycheproof(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Group and row of every row of one file."""
    for group in json.loads((FOLDER / "wycheproof" / name).read_text())["testGroups"]:
        for row in group["tests"]:
            yield group, row


def nist(name: str) -> list[dict[str, str]]:
    """The blocks of `NAME = value` lines of one file; a name that comes again begins the next."""
    found: list[dict[str, str]] = [{}]
    for line in (FOLDER / "pyca" / name).read_text().splitlines():
        matched = re.match(r"(\w+) *= *(\S*)$", line)
        if matched is None:
            continue
        if matched.group(1) in found[-1]:
            found.append({})
        found[-1][matched.group(1)] = matched.group(2)
    return found


def chunked() -> list[dict[str, Any]]:
    """The rows of C2SP chunked-encryption, their bytes as bytes."""
    rows = json.loads((FOLDER / "pyca" / "chunked-encryption.json").read_text())["vectors"]
    for row in rows:
        sealed = base64.b64decode(row["ciphertext"] or "")
        row["ciphertext"] = zlib.decompress(sealed) if row.get("compressed") else sealed
        row["key"] = bytes.fromhex(row["key"])
        row["context"] = row["context"].encode()
    return list(rows)


def hpke() -> list[dict[str, Any]]:
    """RFC 9180's rows of base mode."""
    return list(json.loads((FOLDER / "pyca" / "hpke-rfc9180-base.json").read_text()))
