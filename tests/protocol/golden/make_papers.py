"""Makes `papers-1.json`: `python -m tests.protocol.golden.make_papers`. Once published it never moves.

A small report prepared for three signers, signed by one in the PDF and by one beside it (SPEC 29), with the
trust list by which both count. Preparing has no randomness: whoever prepares the same has the same bytes.
"""

import asyncio
import base64
import json
import tempfile
from pathlib import Path
from typing import Any

import aiohttp

from main_venue.signing import check, manifest, prepared, revision
from main_venue.signing.detached import Sm2SignedData
from main_venue.signing.manifest import Field
from main_venue.signing.prepared import Attached
from main_venue.signing.signed import Beside
from main_venue.signing.stamping import Stamper
from main_venue.signing.statement import Statement
from ops.ca import alliance
from ops.tsa import serve
from tests.main_venue.signing import signing_house
from tests.main_venue.signing.signing_house import House

HERE = Path(__file__).resolve().parent
FIELDS = (Field("M1", "member", "专家1"), Field("M2", "member", "专家2"), Field("witness.1", "witness"))
DISSENT = bytes(range(32))
STATEMENTS = (
    Statement("member"), Statement("tenderee"), Statement("member", dissent=DISSENT),
    Statement("witness", deemed=("M3", "M4"), dissented=("M5",)),
)  # fmt: skip


def made(folder: Path) -> dict[str, Any]:
    """The vector: bytes as base64, digests in hexadecimal."""
    house = signing_house.build(folder)
    report, annex = signing_house.paper("评标报告"), signing_house.paper("保留意见")
    annexes = (Attached("dissent-M2.pdf", annex),)
    ready = prepared.prepare(report, FIELDS, annexes, signing_house.AT_MS)
    house.signers["member-M1"] = house.signers["member-e1"]
    signed = house.sign(ready, ("member-M1", Statement("member")))
    seal = asyncio.run(_sealed(house, ready))
    found = check.check(signed, house.trusted, seals=(seal,))
    return {
        "annexes": [{"name": one.name, "raw": _b64(one.pdf)} for one in annexes],
        "at": signing_house.AT_MS,
        "fields": [{"person": one.person, "role": one.role, "seat": one.seat} for one in FIELDS],
        "findings": [[one.code, one.of] for one in found.findings],
        "manifest": manifest.encode(prepared.manifest_of(revision.read(ready))).decode(),
        "names": [one.name for one in FIELDS],
        "prepared": {"digest": prepared.digest(ready).hex(), "raw": _b64(ready)},
        "reasons": [
            {"deemed": one.deemed, "dissent": one.dissent.hex(), "dissented": one.dissented, "role": one.role,
             "text": one.text}
            for one in STATEMENTS
        ],
        "report": _b64(report),
        "seal": _b64(seal),
        "signatures": [
            {"at": one.at_ms, "kind": one.kind, "seat": one.seat, "signer": one.signer}
            for one in found.signatures
        ],
        "signed": {"behind": _b64(signed[len(ready) :])},
        "trust_list": (folder / alliance.FILE).read_text(encoding="utf-8"),
    }  # fmt: skip


async def _sealed(house: House, ready: bytes) -> bytes:
    signer = signing_house.person(alliance.named(house.folder, "shanghai"), "专家2", house.now_ms)
    crls = tuple(
        (house.folder / province / f"{which}.crl").read_bytes()
        for province in ("shanghai", "jiangsu")
        for which in ("root", "issuing")
    )
    stop = asyncio.Event()
    where: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    served = asyncio.create_task(serve.serve(house.stamper, 0, stop, where.set_result))
    try:
        async with aiohttp.ClientSession() as http:
            stamper, own = Stamper(http, await where), Statement("member", dissent=DISSENT)
            return await Sm2SignedData().make(ready, "member-M2", signer, stamper, own, Beside(crls=crls))
    finally:
        stop.set()
        await served


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        vector = made(Path(folder) / "ca")
    (HERE / "papers-1.json").write_text(json.dumps(vector, ensure_ascii=False, indent=1) + "\n")
