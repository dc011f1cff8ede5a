"""One signature made for a seat elsewhere: into the prepared report, or beside it, and checked at once.

Owns what a signature takes besides its key: the file as it stands, whom to ask for a time-stamp, the trust
list and evidence; and that nothing is kept or handed on whose own check finds a fault. Runs in a thread of
its own, since it waits for a person. SPEC 29.2, 29.4, 29.5.
"""

import asyncio
from pathlib import Path

import aiohttp
import msgspec
from msgspec import Struct

from main_venue.papers.remote import RemoteSigner
from main_venue.papers.shelf import PaperShelf
from main_venue.signing import check, prepared, revision, signed
from main_venue.signing.check import SM2, Expected
from main_venue.signing.manifest import Field, Manifest
from main_venue.signing.prepared import NotPrepared
from main_venue.signing.revision import UNREADABLE
from main_venue.signing.signed import Beside, NotSigned
from main_venue.signing.stamping import Stamper, StampFault
from main_venue.signing.statement import Statement
from protocol import canonical
from protocol.commands_signatures import SignPaper
from protocol.refusals import Refusal, refuse
from protocol.seal.trust import judge, trust_list
from protocol.seal.trust.judge import Evidence
from protocol.seal.trust.trust_list import Trusted
from protocol.session.state import State


class Means(Struct, frozen=True, forbid_unknown_fields=True):
    """What a main venue signs with: `signing.json` in its data folder.

    `tsa`: the time-stamping service's address; `trust`: the alliance's trust list; `crls`: revocation lists,
    files or folders of `.crl`.
    """

    tsa: str
    trust: str
    crls: tuple[str, ...] = ()


class Wanted(Struct, frozen=True):
    """A signature that is wanted: by which seat, in which file."""

    state: State
    seat: str
    at_ms: int


def read_means(path: Path) -> Means | Refusal:
    """What the main venue signs with; `PaperNotMade` where it was not told."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Means)
    except (OSError, msgspec.MsgspecError) as error:
        return refuse("PaperNotMade", why=f"{path.name}: {type(error).__name__}")


def make(wanted: Wanted, signer: RemoteSigner, means: Means, shelf: PaperShelf) -> SignPaper | Refusal:
    """A seat's signature, kept; the act's content without its certificate's digest.

    Raises:
      OSError: the disk would not take it.
    """
    state, own = wanted.state, wanted.state.signatures
    beside = signer.algorithm == "sm2-sm3"
    before = own.prepared if beside else own.document
    pdf = shelf.get(state.session, before)
    if pdf is None:
        return refuse("PaperNotMade", why=before.hex()[:16])
    listed = trust_list.read(Path(means.trust).read_bytes().rstrip(b"\r\n"))
    if isinstance(listed, Refusal):
        return listed
    crls = tuple(path.read_bytes() for one in means.crls for path in _files(Path(one)))
    evidence = judge.read_evidence(crls, ())
    verdict = judge.judge(signer.own, signer.others, listed, wanted.at_ms, "sign", evidence)
    if verdict.reason is not None:
        return verdict.reason
    try:
        manifest = prepared.manifest_of(revision.read(pdf))
        field = _field(manifest, wanted.seat)
        made = asyncio.run(_made(pdf, field, signer, means, _statement(state, manifest, field), crls))
        fault = _fault(pdf, made, field, listed, evidence, beside)
    except (NotSigned, NotPrepared, *UNREADABLE) as error:
        return refuse("PaperNotMade", why=str(error)[:200])
    except StampFault as fault_:
        return refuse("PaperNotMade", why=str(fault_)[:200])
    except TimeoutError:
        return refuse("PaperNotMade", why="nobody signed in time")
    if fault is not None:
        return fault
    after = shelf.put(state.session, made, "p7s" if beside else "pdf")
    return SignPaper(own.prepared, beside, before, after, b"")


async def _made(
    pdf: bytes,
    field: Field,
    signer: RemoteSigner,
    means: Means,
    statement: Statement,
    crls: tuple[bytes, ...],
) -> bytes:
    async with aiohttp.ClientSession() as http:
        stamper = Stamper(http, means.tsa)
        held = Beside(certificates=await stamper.chain(), crls=crls)
        if signer.algorithm == "sm2-sm3":
            return await SM2.make(pdf, field.name, signer, stamper, statement, held)
        return await signed.sign(pdf, field.name, signer, stamper, statement, held)


def _fault(
    pdf: bytes, made: bytes, field: Field, trusted: Trusted, evidence: Evidence, beside: bool
) -> Refusal | None:
    """What the check of the new signature finds amiss with it; of the others nothing is asked here."""
    if beside:
        found = check.check(pdf, trusted, Expected(), evidence, (made,))
    else:
        found = check.check(made, trusted, Expected(), evidence)
    mine = [one for one in found.signatures if one.field == field.name]
    if not mine:
        return refuse("PaperNotMade", why=", ".join(one.code for one in found.findings)[:200])
    faults = [one.code for one in mine[-1].findings if one.weight == "fault"]
    return refuse("PaperNotMade", why=", ".join(faults)) if faults else None


def _field(manifest: Manifest, seat: str) -> Field:
    found = next((one for one in manifest.fields if one.seat == seat), None)
    if found is None:
        raise NotPrepared(f"no place of {seat}")
    return found


def _statement(state: State, manifest: Manifest, field: Field) -> Statement:
    """What the seat signs for: its dissent where that is no annex; a witness, who does not sign and why."""
    turns = state.turns
    if field.role == "witness":
        deemed = tuple(seat for seat in sorted(turns.deemed) if seat not in turns.dissents)
        return Statement("witness", deemed=deemed, dissented=tuple(sorted(turns.dissents)))
    annexed = {one.name for one in manifest.annexes}
    own = b"" if f"dissent-{field.seat}.pdf" in annexed else turns.dissents.get(field.seat, b"")
    return Statement(field.role, dissent=own if field.role == "member" else b"")


def _files(path: Path) -> tuple[Path, ...]:
    return tuple(sorted(path.rglob("*.crl"))) if path.is_dir() else (path,)


def named(content: SignPaper, certificate: bytes) -> SignPaper:
    """The content with its certificate's hidden digest."""
    return SignPaper(content.prepared, content.beside, content.before, content.after, certificate)


def encoded(content: SignPaper) -> str:
    """Its canonical text."""
    return canonical.encode(content).decode()
