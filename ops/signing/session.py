"""A session's report signed by everybody of a demonstration (示例报告签署): certificates made on the spot.

Owns the order: the archive's report is prepared with each member's and each witness's place and the dissents,
demonstration authorities certify the persons, a time-stamping service answers on loopback, all sign. Whose
province has an authority of SM2 signs beside the PDF. Who did not sign in the session does not sign here: the
witnesses record it. For demonstrations: true persons bring certificates of their own.
"""

import asyncio
from pathlib import Path

import aiohttp

from main_venue.report import dissent, gathered
from main_venue.report.gathered import Gathered
from main_venue.signing import prepared, signed
from main_venue.signing.check import SM2
from main_venue.signing.manifest import Field
from main_venue.signing.prepared import Attached
from main_venue.signing.signed import Beside
from main_venue.signing.signer import HeldKey
from main_venue.signing.stamping import Stamper
from main_venue.signing.statement import Statement
from ops import certifying, files, replay, senses
from ops.ca import alliance, authority
from ops.ca.authority import Authority
from ops.signing.left import Signed
from ops.tsa import desk, serve
from ops.tsa.answering import Own
from protocol import archive, canonical
from protocol.archive import Archive
from protocol.record import Record
from protocol.seal.trust import certificate
from protocol.session.state import State


async def sign(data: Path, record: Path, archived: Path) -> Signed | None:
    """Have the report of an archive signed by all, beside its record; None where there is no report.

    Args:
      data: the installation's data folder.
      record: the session's record.
      archived: its archive.

    Raises:
      Trouble: a file cannot be read or written.
    """
    found = await asyncio.to_thread(archive.read, replay.read(archived))
    if not isinstance(found, Archive) or "report.pdf" not in found.members:
        return None
    told = await asyncio.to_thread(replay.told, replay.read(record), str(record), _gathered)
    folder, now_ms = data / certifying.AUTHORITIES, senses.now_ms()
    await asyncio.to_thread(certifying.in_force, folder, now_ms)
    pdf = await asyncio.to_thread(_prepared, told, found.members["report.pdf"])
    stamps = await asyncio.to_thread(desk.ensure, folder, now_ms)
    stop = asyncio.Event()
    where: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    served = asyncio.create_task(serve.serve(stamps, 0, stop, where.set_result))
    try:
        async with aiohttp.ClientSession() as http:
            return await _all(told, folder, record, pdf, Stamper(http, await where), stamps)
    finally:
        stop.set()
        await served


async def _all(
    told: Gathered, folder: Path, record: Path, bare: bytes, stamper: Stamper, stamps: Own
) -> Signed:
    """Every place that its person signs, members first, witnesses last."""
    pdf, beside = bare, []
    out = record.with_suffix(".signed.pdf")
    for field in _fields(told):
        statement = _statement(told, field)
        if statement is None:
            continue
        by = alliance.named(folder, _province(told.state, field.seat))
        signer = await asyncio.to_thread(_signer, by, field.person or field.seat)
        held = Beside(tuple(one.raw for one in stamps.others), _lists(folder, by))
        if by.book.kind == "sm2":
            path = out.with_suffix(f".{field.name}.p7s")
            seal = await SM2.make(bare, field.name, signer, stamper, statement, held)
            files.write(path, seal, mode=0o644)
            beside.append(path)
        else:
            pdf = await signed.sign(pdf, field.name, signer, stamper, statement, held)
    files.write(out, pdf, mode=0o644)
    return Signed(out, tuple(beside), folder / alliance.FILE, prepared.digest(bare))


def _gathered(record: Record, state: State) -> Gathered:
    return gathered.gather(record, state)


def _prepared(told: Gathered, report: bytes) -> bytes:
    said = () if told.turns is None else told.turns.dissents
    annexes = tuple(
        Attached(f"dissent-{one.seat}.pdf", dissent.pdf(told, one)) for one in said if one.dissent is not None
    )
    return prepared.prepare(report, _fields(told), annexes, told.ended_ms)


def _fields(told: Gathered) -> tuple[Field, ...]:
    """A place for each member of the roster, then for each witness who signed the session's own record."""
    members = tuple(Field(one.seat, "member", one.name) for one in told.members)
    records = sorted(told.state.witness_records.items())
    return members + tuple(Field(seat, "witness") for seat, one in records if one.signed)


def _statement(told: Gathered, field: Field) -> Statement | None:
    """What somebody signs for; None for a member who did not sign in the session."""
    gone = [one for one in told.members if one.signature is None]
    dissented = {} if told.turns is None else {one.seat: one for one in told.turns.dissents}
    if field.role == "witness":
        return Statement(
            "witness",
            deemed=tuple(one.seat for one in gone if one.seat not in dissented),
            dissented=tuple(one.seat for one in gone if one.seat in dissented),
        )
    if any(one.seat == field.seat for one in gone):
        return None
    own = dissented.get(field.seat)
    if own is None or own.dissent is None:
        return Statement("member")
    return Statement("member", dissent=canonical.sha256(dissent.pdf(told, own)))


def _province(state: State, seat: str) -> str:
    return certifying.by_province(state.venues[state.seats[seat].venue].province)


def _signer(by: Authority, name: str) -> HeldKey:
    raw, key = by.issue(name, "sign", senses.now_ms(), authority.ANSWERER_DAYS)
    return HeldKey(key.pem(), certificate.pem(raw) + certificate.pem(by.issuing.raw))


def _lists(folder: Path, by: Authority) -> tuple[bytes, ...]:
    """The revocation lists of the signer's authority and of the stamper's."""
    provinces = dict.fromkeys((by.book.id, desk.BY))
    return tuple(
        (folder / province / f"{which}.crl").read_bytes()
        for province in provinces
        for which in ("root", "issuing")
    )
