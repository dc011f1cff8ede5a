"""A small house that signs reports: authorities, a time-stamping service, six persons, one report."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import typst

from main_venue.signing import prepared, signed
from main_venue.signing.manifest import Field
from main_venue.signing.prepared import Attached
from main_venue.signing.signed import Beside
from main_venue.signing.signer import HeldKey, Signer
from main_venue.signing.stamping import Stamper
from main_venue.signing.statement import Statement
from ops import senses
from ops.ca import alliance
from ops.ca.authority import Authority
from ops.tsa import desk, serve
from ops.tsa.answering import Own
from protocol.refusals import Refusal
from protocol.seal.trust import certificate, trust_list
from protocol.seal.trust.trust_list import Trusted

FIELDS = (*(Field(f"e{number}", "member", f"专家{number}") for number in range(1, 6)), Field("w1", "witness"))
AT_MS = 1_795_681_800_000
PROVINCES = ("anhui", "jiangsu")
"""One issues RSA, the other ECDSA."""


@dataclass(frozen=True)
class House:
    folder: Path
    now_ms: int
    trusted: Trusted
    stamper: Own
    signers: dict[str, Signer]
    annex: bytes
    prepared: bytes

    @property
    def beside(self) -> Beside:
        return Beside(
            certificates=tuple(one.raw for one in self.stamper.others),
            crls=tuple(
                (self.folder / province / f"{which}.crl").read_bytes()
                for province in PROVINCES
                for which in ("root", "issuing")
            ),
        )

    def sign(
        self, pdf: bytes, *places: tuple[str, Statement], signers: dict[str, Signer] | None = None
    ) -> bytes:
        """The document with the places' signatures, each with a time-stamp asked for over HTTP."""
        return asyncio.run(self._sign(pdf, places, signers or self.signers))

    async def _sign(
        self, pdf: bytes, places: tuple[tuple[str, Statement], ...], signers: dict[str, Signer]
    ) -> bytes:
        stop = asyncio.Event()
        where: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        served = asyncio.create_task(serve.serve(self.stamper, 0, stop, where.set_result))
        try:
            async with aiohttp.ClientSession() as http:
                stamper = Stamper(http, await where)
                for place, statement in places:
                    pdf = await signed.sign(pdf, place, signers[place], stamper, statement, self.beside)
        finally:
            stop.set()
            await served
        return pdf


def build(folder: Path) -> House:
    """A house in a folder."""
    now_ms = senses.now_ms()
    alliance.make(folder, now_ms)
    report, annex = paper("评标报告"), paper("保留意见")
    return House(
        folder=folder,
        now_ms=now_ms,
        trusted=trusted(folder),
        stamper=desk.ensure(folder, now_ms),
        signers={
            field.name: person(alliance.named(folder, PROVINCES[number % 2]), field.person or "见证", now_ms)
            for number, field in enumerate(FIELDS)
        },
        annex=annex,
        prepared=prepared.prepare(report, FIELDS, (Attached("dissent-e3.pdf", annex),), AT_MS),
    )


def paper(title: str) -> bytes:
    """A page of PDF/A with nothing but a title; the same bytes each time."""
    text = f'#set document(title: "{title}", date: datetime(year: 2026, month: 11, day: 26))\n= Title\n'
    made = typst.compile(text.encode(), format="pdf", pdf_standards=["a-2b"])
    assert isinstance(made, bytes)
    return made


def person(by: Authority, name: str, now_ms: int) -> HeldKey:
    """Somebody with a certificate to sign, and its key."""
    raw, key = by.issue(name, "sign", now_ms)
    return HeldKey(key.pem(), certificate.pem(raw) + certificate.pem(by.issuing.raw))


def trusted(folder: Path) -> Trusted:
    """The list in force."""
    found = trust_list.read((folder / alliance.FILE).read_bytes())
    assert not isinstance(found, Refusal)
    return found
