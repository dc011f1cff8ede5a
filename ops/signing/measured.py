"""`tongchang sign measure`: how long six signatures take, each with a time-stamp asked for over HTTP.

Owns one run in a folder of its own: authorities and persons are made beforehand and not counted; counted is
what a session waits for: signature, time-stamp, evidence, and the file written anew each time.
"""

import asyncio
import tempfile
from pathlib import Path
from typing import Final

import aiohttp

from main_venue.signing import signed
from main_venue.signing.manifest import Field
from main_venue.signing.signed import Beside
from main_venue.signing.signer import HeldKey
from main_venue.signing.stamping import Stamper
from main_venue.signing.statement import Statement
from ops import files, senses
from ops.ca import alliance
from ops.signing import room
from ops.tsa import desk, serve
from protocol.seal.trust import certificate

SIGNERS: Final = 6
ROUNDS: Final = 5
GOAL_MS: Final = 2_000
PROVINCES: Final = ("anhui", "jiangsu")
"""RSA and ECDSA by turns."""


def measure(report: Path) -> dict[str, object]:
    """Sign a report six times over, several rounds; what each took, milliseconds.

    Raises:
      Trouble: the report cannot be read or prepared.
    """
    raw = room.bytes_of(report)
    with tempfile.TemporaryDirectory() as folder:
        took = asyncio.run(_rounds(Path(folder), raw))
    middle = sorted(took)[len(took) // 2]
    return {
        "signers": SIGNERS, "rounds_ms": took, "median_ms": middle, "goal_ms": GOAL_MS,
        "met": middle < GOAL_MS, "report_bytes": len(raw),
    }  # fmt: skip


async def _rounds(folder: Path, report: bytes) -> list[int]:
    now_ms = senses.now_ms()
    alliance.make(folder, now_ms)
    stamps = desk.ensure(folder, now_ms)
    fields = tuple(Field(f"e{number}", "member") for number in range(1, SIGNERS + 1))
    signers = []
    for number, field in enumerate(fields):
        by = alliance.named(folder, PROVINCES[number % 2])
        raw, key = by.issue(field.seat, "sign", now_ms)
        signers.append(HeldKey(key.pem(), certificate.pem(raw) + certificate.pem(by.issuing.raw)))
    crls = tuple(
        (folder / province / f"{which}.crl").read_bytes()
        for province in PROVINCES
        for which in ("root", "issuing")
    )
    beside = Beside(tuple(one.raw for one in stamps.others), crls)
    bare = room.prepared_of(report, fields, (), now_ms)
    stop = asyncio.Event()
    where: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    served = asyncio.create_task(serve.serve(stamps, 0, stop, where.set_result))
    took = []
    try:
        async with aiohttp.ClientSession() as http:
            stamper = Stamper(http, await where)
            for _ in range(ROUNDS):
                begun_ms, pdf = senses.running_ms(), bare
                for field, signer in zip(fields, signers, strict=True):
                    pdf = await signed.sign(pdf, field.name, signer, stamper, Statement("member"), beside)
                    files.write(folder / "signed.pdf", pdf)
                took.append(senses.running_ms() - begun_ms)
    finally:
        stop.set()
        await served
    return took
