"""Preparing, signing and checking a report for a person at the terminal.

Owns reading and writing the files, judging the signer's certificate before it signs, gathering the evidence
that goes beside a signature, and the sentences. How a report is prepared, signed and checked is
`main_venue.signing`'s.
"""

import asyncio
import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NoReturn, get_args

import aiohttp
import msgspec
from msgspec import Struct
from msgspec.structs import replace

from main_venue.signing import check as checking
from main_venue.signing import prepared, revision, signed
from main_venue.signing.check import SM2, Checked, Expected
from main_venue.signing.manifest import Field, Role
from main_venue.signing.prepared import Attached, NotPreparable
from main_venue.signing.revision import UNREADABLE
from main_venue.signing.signed import Beside, NotSigned
from main_venue.signing.signer import HeldKey, NotUsable, Signer, TokenSigner
from main_venue.signing.stamping import Stamper, StampFault
from main_venue.signing.statement import Statement
from ops import files, replay, senses, show
from ops.trouble import Trouble
from protocol import canonical
from protocol.record import Record
from protocol.refusals import Refusal, text
from protocol.seal.trust import certificate, judge, moment, trust_list
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.judge import Evidence
from protocol.seal.trust.trust_list import Trusted
from protocol.session.state import State
from sub_venue import tokens
from sub_venue.tokens import TokenFault

EXIT: Final = {"valid": 0, "invalid": 1, "undecided": 2}
NOTHING: Final = Expected()
_WORDS: Final = {
    "valid": "✓ 签署有效 / validly signed",
    "invalid": "✗ 签署无效 / not validly signed",
    "undecided": "? 无法判定 / cannot be decided",
}


class Wanted(Struct, frozen=True):
    """How a report is to be prepared."""

    fields: tuple[Field, ...]
    annexes: tuple[Path, ...]
    at_ms: int


class Asked(Struct, frozen=True, kw_only=True):
    """A signature that was asked for, as it was typed."""

    report: Path
    place: str
    cert: Path
    key: Path | None
    token: str
    trust: Path
    tsa: str
    crls: tuple[Path, ...] = ()
    fetch: bool = False
    dissent: Path | None = None
    deemed: tuple[str, ...] = ()
    dissented: tuple[str, ...] = ()


def field(role: str, typed: str) -> Field:
    """A place as it was typed: `e1` or `e1=张三`.

    Raises:
      Trouble: no seat in it.
    """
    seat, _, person = typed.partition("=")
    try:
        return msgspec.convert({"seat": seat, "role": role, "person": person}, Field)
    except msgspec.ValidationError as error:
        raise Trouble(
            f"“{typed}”不是签署处。请写成 席位 或 席位=姓名。",
            f"“{typed}” is no place: write SEAT or SEAT=NAME.",
            2,
        ) from error


def prepare(report: Path, wanted: Wanted, out: Path, *, as_json: bool) -> None:
    """Prepare a report and say its digest.

    Raises:
      Trouble: a file cannot be read or written, or does not fit.
    """
    annexes = tuple(
        Attached(one.name, bytes_of(one)) for one in sorted(wanted.annexes, key=lambda one: one.name)
    )
    made = prepared_of(bytes_of(report), wanted.fields, annexes, wanted.at_ms)
    files.write(out, made, mode=0o644)
    digest = prepared.digest(made).hex()
    show.notice(f"备签报告:{out}\n  SHA-256 {digest}", f"Prepared report: {out}")
    if as_json:
        said = {"prepared": str(out), "sha256": digest, "places": [one.name for one in wanted.fields]}
        print(msgspec.json.encode(said).decode(), flush=True)


def prepared_of(report: bytes, fields: tuple[Field, ...], annexes: tuple[Attached, ...], at_ms: int) -> bytes:
    """A report made ready to be signed.

    Raises:
      Trouble: it cannot be (2).
    """
    try:
        return prepared.prepare(report, fields, annexes, at_ms)
    except NotPreparable as error:
        raise Trouble(
            f"无法备签({error})。请核对报告、签署处与附件(附件须为 PDF)。",
            f"It cannot be prepared ({error}). Check the report, its places and its annexes (PDF).",
            2,
        ) from error


def add(asked: Asked, out: Path | None) -> None:
    """Sign one place: in the PDF itself, or beside it where the key is SM2's.

    Raises:
      Trouble: a file cannot be read, the certificate does not count, or no signature or time-stamp came.
    """
    trusted = _list(asked.trust)
    role = _role(asked.place)
    dissent = canonical.sha256(bytes_of(asked.dissent)) if asked.dissent is not None else b""
    statement = Statement(role, dissent, asked.deemed, asked.dissented)
    with _signer(asked) as signer:
        try:
            made = asyncio.run(_add(asked, trusted, signer, statement))
        except (NotSigned, prepared.NotPrepared) as error:
            _not_signed(str(error))
        except (StampFault, TokenFault) as error:
            raise Trouble(error.zh, error.en) from error
    beside = signer.algorithm == "sm2-sm3"
    where = out or (asked.report.with_suffix(f".{asked.place}.p7s") if beside else asked.report)
    files.write(where, made, mode=0o644)
    show.notice(f"已签署 {asked.place}:{where}", f"Signed {asked.place}: {where}")


def check(
    report: Path,
    trust: Path,
    expected: Expected,
    crls: tuple[Path, ...],
    seals: tuple[Path, ...],
    *,
    as_json: bool,
    bare: bytes | None = None,
) -> int:
    """Check a report, say what was found, and give the exit code; `bare` as in `Expected`.

    Raises:
      Trouble: a file cannot be read (2).
    """
    evidence = judge.read_evidence(tuple(bytes_of(one) for one in crls), ())
    beside = tuple(bytes_of(one) for one in seals)
    wanted = expected if bare is None else replace(expected, bare=bare)
    return said(checking.check(bytes_of(report), _list(trust), wanted, evidence, beside), as_json=as_json)


def said(found: Checked, *, as_json: bool) -> int:
    """Say what a check came to, and give the exit code."""
    if as_json:
        print(msgspec.json.encode(told(found)).decode(), flush=True)
        return EXIT[found.outcome]
    print(_WORDS[found.outcome])
    for one in found.signatures:
        mark = "✗" if one.faulty else "✓"
        print(f"  {mark} {one.field}  {one.signer}  {moment.text(one.at_ms)}  {one.authority or '?'}")
    for finding in found.findings:
        print(f"  [{finding.code}] {finding.term.zh}\n    {finding.term.en}")
    if found.prepared:
        print(f"  备签摘要 prepared {found.prepared.hex()}")
    return EXIT[found.outcome]


def told(found: Checked) -> dict[str, Any]:
    """What a check came to as plain values: `{outcome, prepared, findings, signatures}`."""
    return {
        "outcome": found.outcome,
        "prepared": found.prepared.hex(),
        "findings": [
            {"code": one.code, "weight": one.weight, "of": one.of, "zh": one.term.zh, "en": one.term.en}
            for one in found.findings
        ],
        "signatures": [
            {
                "kind": one.kind, "field": one.field, "seat": one.seat, "role": one.role,
                "signer": one.signer,
                "certificate": one.fingerprint.hex(), "at": one.at_ms, "authority": one.authority,
                "stamper": one.stamper, "stamp_authority": one.stamp_authority,
                "dissent": one.statement.dissent.hex(), "deemed": one.statement.deemed,
                "dissented": one.statement.dissented, "codes": [each.code for each in one.findings],
            }
            for one in found.signatures
        ],
    }  # fmt: skip


def expected(
    digest: str, deemed: list[str] | tuple[str, ...], dissented: list[str] | tuple[str, ...]
) -> Expected:
    """What the record says, as it was typed.

    Raises:
      Trouble: the digest is none.
    """
    try:
        raw = bytes.fromhex(digest)
    except ValueError:
        raw = b"?"
    if len(raw) not in {0, 32}:
        raise Trouble("备签摘要须为 64 位十六进制。", "A prepared digest is 64 hexadecimal digits.", 2)
    return Expected(prepared=raw or None, deemed=frozenset(deemed), dissented=frozenset(dissented))


def by_record(record: Path, typed: Expected) -> Expected:
    """What a session's record says of its members, besides what was typed.

    Raises:
      Trouble: it cannot be read (2), or breaks a rule (1).
    """

    def tell(_: Record, state: State) -> Expected:
        return said_by(state, typed)

    return replay.told(replay.read(record), str(record), tell)


def said_by(state: State, typed: Expected = NOTHING) -> Expected:
    """Who in a session is deemed to agree, and who dissented in place of a signature."""
    turns = state.turns
    recorded = typed.prepared or state.signatures.prepared or None
    return replace(
        typed,
        prepared=recorded,
        deemed=typed.deemed | frozenset(turns.deemed),
        dissented=typed.dissented | frozenset(turns.dissents),
    )


async def _add(asked: Asked, trusted: Trusted, signer: Signer, statement: Statement) -> bytes:
    async with aiohttp.ClientSession() as http:
        stamper = Stamper(http, asked.tsa)
        evidence = judge.read_evidence(tuple(bytes_of(one) for one in asked.crls), ())
        stampers: tuple[Certificate, ...] = ()
        if asked.fetch:
            stampers = await _stampers(stamper)
            evidence = await _fetched(http, trusted, signer, stampers, evidence)
        now_ms = senses.now_ms()
        verdict = judge.judge(signer.own, signer.others, trusted, now_ms, "sign", evidence)
        if verdict.reason is not None:
            why = text(verdict.reason)
            raise Trouble(f"证书不能用于签署:{why.zh}", f"The certificate cannot sign: {why.en}")
        beside = Beside(
            certificates=tuple(one.raw for one in stampers),
            crls=tuple(one.raw for one in evidence.crls),
            answers=tuple(one.raw for one in evidence.answers),
        )
        pdf = bytes_of(asked.report)
        if signer.algorithm != "sm2-sm3":
            return await signed.sign(pdf, asked.place, signer, stamper, statement, beside)
        return await SM2.make(_prepared(pdf, asked.place), asked.place, signer, stamper, statement, beside)


def _prepared(pdf: bytes, place: str) -> bytes:
    """The file as it was prepared, if it has such a place."""
    try:
        _, bare = prepared.base_of(pdf, revision.read(pdf))
        if prepared.manifest_of(revision.read(bare)).field(place) is None:
            raise NotSigned(f"no place {place}")
    except UNREADABLE as error:
        raise NotSigned("no PDF that can be read") from error
    return bare


async def _stampers(stamper: Stamper) -> tuple[Certificate, ...]:
    """The authority's certificate and what it sends along, from a stamp on nothing."""
    found = [certificate.read(raw) for raw in await stamper.chain()]
    return tuple(one for one in found if not isinstance(one, Refusal))


async def _fetched(
    http: aiohttp.ClientSession, trusted: Trusted, signer: Signer, stampers: tuple[Certificate, ...],
    evidence: Evidence,
) -> Evidence:  # fmt: skip
    """What the authorities say of the signer, of the stamper, and of those between."""
    from server.gateway.revocation import Fetcher  # noqa: PLC0415 - only where something is fetched

    fetcher = Fetcher(http, lambda size: senses.Dice().bytes32("nonce")[:size])
    asked = [(signer.own, signer.others)]
    asked += [(stampers[0], stampers[1:])] if stampers else []
    for own, others in asked:
        more = await fetcher.evidence(trusted, own, others, senses.now_ms())
        evidence = Evidence(
            evidence.crls + more.crls, evidence.answers + more.answers, evidence.unread + more.unread
        )
    return evidence


@contextmanager
def _signer(asked: Asked) -> Iterator[Signer]:
    certificates = bytes_of(asked.cert)
    try:
        if asked.token:
            module, token, key = _token(asked.token)
            pin = getpass.getpass("PIN: ")
            with tokens.opened(module, token, pin, key) as opened:
                yield TokenSigner(opened, certificates)
        elif asked.key is not None:
            yield HeldKey(bytes_of(asked.key), certificates)
        else:
            raise Trouble("请用 --key 或 --token 指定私钥。", "Name the key with --key or --token.", 2)
    except NotUsable as error:
        _not_signed(str(error))
    except TokenFault as error:
        raise Trouble(error.zh, error.en) from error


def _token(typed: str) -> tuple[str, str, str]:
    parts = typed.rsplit(":", 2)
    if len(parts) != 3:
        raise Trouble("--token 须写成 库:令牌:密钥。", "--token is MODULE:TOKEN:KEY.", 2)
    return parts[0], parts[1], parts[2]


def _role(place: str) -> Role:
    for role in get_args(Role):
        if place.startswith(f"{role}-"):
            found: Role = role
            return found
    return _not_signed(f"no place {place}")


def _not_signed(why: str) -> NoReturn:
    raise Trouble(
        f"未能签署({why})。请核对签署处、证书与私钥。",
        f"Not signed ({why}). Check place, certificate and key.",
    )


def _list(path: Path) -> Trusted:
    found = trust_list.read(bytes_of(path).rstrip(b"\r\n"))
    if isinstance(found, Refusal):
        told_ = text(found)
        raise Trouble(told_.zh, told_.en, 2)
    return found


def bytes_of(path: Path) -> bytes:
    """The bytes at a path.

    Raises:
      Trouble: it cannot be read (2).
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise Trouble(
            f"无法读取 {path}({error.strerror})。请核对路径。",
            f"Cannot read {path} ({error.strerror}). Check the path.",
            2,
        ) from error
