"""`tongchang cert verify`: whether a certificate counts, for anybody, from files alone (证书验证命令).

Owns: reading the files, what is printed, and the exit code: 0 valid, 1 invalid, 2 it cannot be decided. Must
not know: how a certificate is judged. Nothing is fetched unless it is asked for, and then only from where the
trust list says. With `--json` exactly one line goes to stdout, whatever came.
"""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from ops.trouble import Trouble
from protocol.refusals import Refusal, refuse, text
from protocol.seal.trust import certificate, judge, moment, trust_list
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.judge import Evidence, Verdict
from protocol.seal.trust.purposes import PURPOSES, PurposeName
from protocol.seal.trust.trust_list import Signers, Trusted
from protocol.words import Term

EXIT: Final = {"valid": 0, "invalid": 1, "undecided": 2}
SECONDS_BELOW: Final = 100_000_000_000
"""A number of seconds is below this, one of milliseconds above (both until the year 5138)."""
FILE_BYTES_MAX: Final = 64 * 1024 * 1024

_ALSO: Final[dict[str, PurposeName]] = {
    "login": "sign-in", "signing-in": "sign-in", "signing": "sign", "encryption": "encrypt",
    "encrypting": "encrypt", "seal": "encrypt", "opening": "open", "decrypt": "open", "viewing": "view",
}  # fmt: skip
_OUTCOME: Final = {
    "valid": Term("✓ 有效", "valid"),
    "invalid": Term("✗ 无效", "invalid"),
    "undecided": Term("? 无法判定", "cannot be decided"),
}

Fetch = Callable[[Trusted, Certificate, tuple[Certificate, ...]], Evidence]


class Asked(Struct, frozen=True, kw_only=True):
    """What was typed: paths, the moment and the purpose in words; `fetch` where evidence is to be fetched."""

    cert: Path
    trust: Path
    chain: tuple[Path, ...] = ()
    crls: tuple[Path, ...] = ()
    answers: tuple[Path, ...] = ()
    at: int = 0
    purpose: PurposeName = "sign"
    signers: tuple[str, ...] = ()
    needed: int = 1
    held: Path | None = None
    fetch: Fetch | None = None


def verify(asked: Asked, as_json: bool) -> int:
    """Judge a certificate, print the verdict, and give the exit code."""
    leaf: Certificate | None = None
    trusted: Trusted | Refusal | None = None
    try:
        own = _certificates(asked.cert)
        if isinstance(own, Refusal):
            return _tell(asked, judge.refused(own), None, None, as_json)
        leaf, others = own[0], own[1:]
        trusted = _list(asked)
        if isinstance(trusted, Refusal):
            return _tell(asked, judge.refused(trusted), leaf, None, as_json)
        for path in asked.chain:
            more = _certificates(path)
            if isinstance(more, Refusal):
                return _tell(asked, judge.refused(more), leaf, trusted, as_json)
            others += more
        evidence = _evidence(asked)
        if asked.fetch is not None:
            evidence = _joined(evidence, asked.fetch(trusted, leaf, others))
        verdict = judge.judge(leaf, others, trusted, asked.at, asked.purpose, evidence)
    except _CannotRead as error:
        told = trusted if isinstance(trusted, Trusted) else None
        unread = refuse("CannotRead", file=error.path, why=error.why)
        return _tell(asked, judge.refused(unread), leaf, told, as_json)
    return _tell(asked, verdict, leaf, trusted, as_json)


def moment_of(typed: str) -> int:
    """The moment that was typed, ms: ISO 8601 (UTC where it names no zone), or seconds or ms since 1970.

    >>> moment_of("2026-11-26T16:30:00+08:00"), moment_of("2026-11-26 08:30"), moment_of("1795681800")
    (1795681800000, 1795681800000, 1795681800000)

    Raises:
      Trouble: it is none of these.
    """
    if typed.isascii() and typed.isdigit() and len(typed) <= 15:
        number = int(typed)
        return number * 1000 if number < SECONDS_BELOW else number
    try:
        found = datetime.fromisoformat(typed)
        found = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
        at = int(found.timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise _no_moment(typed) from error
    if at < 0:
        raise _no_moment(typed)
    return at


def purpose_of(typed: str) -> PurposeName:
    """The purpose that was typed.

    Raises:
      Trouble: there is none of that name.
    """
    for one in PURPOSES:
        if typed == one:
            return one
    if typed in _ALSO:
        return _ALSO[typed]
    known = ", ".join(PURPOSES)
    raise Trouble(
        f"没有用途“{typed}”;可用:{known}。", f"There is no purpose “{typed}”; there are {known}.", 2
    )


class _CannotRead(Exception):
    def __init__(self, path: Path, why: str) -> None:
        super().__init__(why)
        self.path, self.why = path, why


def _bytes(path: Path) -> bytes:
    try:
        if path.is_file() and path.stat().st_size > FILE_BYTES_MAX:
            raise _CannotRead(path, f"> {FILE_BYTES_MAX} bytes")
        return path.read_bytes()
    except OSError as error:
        raise _CannotRead(path, error.strerror or str(error)) from error


def _certificates(path: Path) -> tuple[Certificate, ...] | Refusal:
    return certificate.read_file(_bytes(path))


def _list(asked: Asked) -> Trusted | Refusal:
    """The list that counts: pinned where signers were named, and not older than one that was seen."""
    raw = _bytes(asked.trust).rstrip(b"\r\n")
    pinned = Signers(asked.signers, asked.needed) if asked.signers else None
    shown = trust_list.read(raw, pinned)
    if isinstance(shown, Refusal) or asked.held is None:
        return shown
    held = trust_list.read(_bytes(asked.held).rstrip(b"\r\n"))
    return held if isinstance(held, Refusal) else trust_list.follow(held, raw)


def _evidence(asked: Asked) -> Evidence:
    crls: list[bytes] = []
    answers: list[bytes] = []
    unread: list[Refusal] = []
    for paths, label, into in ((asked.crls, "X509 CRL", crls), (asked.answers, "OCSP RESPONSE", answers)):
        for path in paths:
            found = certificate.blocks(_bytes(path), label)
            if isinstance(found, Refusal):
                unread.append(refuse("EvidenceUnreadable", why=f"{path.name}: {found.detail.get('why', '')}"))
            else:
                into.extend(found)
    read = judge.read_evidence(tuple(crls), tuple(answers))
    return Evidence(read.crls, read.answers, (*unread, *read.unread))


def _joined(one: Evidence, other: Evidence) -> Evidence:
    return Evidence(one.crls + other.crls, one.answers + other.answers, one.unread + other.unread)


def _tell(
    asked: Asked, verdict: Verdict, leaf: Certificate | None, trusted: Trusted | None, as_json: bool
) -> int:
    why = text(verdict.reason) if verdict.reason is not None else Term("", "")
    if as_json:
        print(json.dumps(_told(asked, verdict, leaf, trusted, why), ensure_ascii=False), flush=True)
        return EXIT[verdict.outcome]
    word = _OUTCOME[verdict.outcome]
    subject = f"  {leaf.shown}" if leaf is not None else ""
    print(f"{word.zh} / {word.en}{subject}")
    if verdict.reason is not None:
        print(f"  [{verdict.reason.code}] {why.zh}\n  {why.en}")
    print(f"  时刻 at {moment.text(asked.at)} · 用途 purpose {asked.purpose}")
    if verdict.authority is not None:
        print(f"  认证机构 authority {verdict.authority.id} {verdict.authority.name}")
    for above in verdict.path[1:]:
        print(f"    ← {above.shown}")
    if verdict.outcome == "valid":
        print(f"  结论有效至 holds until {moment.text(verdict.until)}")
    if trusted is not None:
        by = ", ".join(trusted.signed_by)
        print(f"  信任列表 trust list {trusted.list.alliance} {trusted.list.version}  {trusted.digest.hex()}")
        if not asked.signers:
            print(
                f"  列表由其自列的密钥签署,请与联盟公布的核对,或用 --signer 指定:{by}\n"
                "  The list is signed by keys that it names itself: compare them with those the alliance "
                "published, or name them with --signer."
            )
    sys.stdout.flush()
    return EXIT[verdict.outcome]


def _told(
    asked: Asked, verdict: Verdict, leaf: Certificate | None, trusted: Trusted | None, why: Term
) -> dict[str, Any]:
    return {
        "outcome": verdict.outcome,
        "code": verdict.reason.code if verdict.reason is not None else "",
        "zh": why.zh,
        "en": why.en,
        "at": asked.at,
        "purpose": asked.purpose,
        "until": verdict.until,
        "certificate": None if leaf is None else _shown(leaf),
        "path": [_shown(one) for one in verdict.path],
        "authority": None
        if verdict.authority is None
        else {
            "id": verdict.authority.id,
            "name": verdict.authority.name,
            "province": verdict.authority.province,
        },
        "list": None
        if trusted is None
        else {
            "alliance": trusted.list.alliance,
            "version": trusted.list.version,
            "digest": trusted.digest.hex(),
            "signed_by": list(trusted.signed_by),
            "pinned": bool(asked.signers),
        },
    }


def _shown(one: Certificate) -> dict[str, Any]:
    return {
        "subject": one.shown,
        "issuer": certificate.shown(one.parsed.issuer),
        "serial": f"{one.serial:x}",
        "sha256": one.fingerprint.hex(),
        "begins": one.begins,
        "ends": one.ends,
    }


def _no_moment(typed: str) -> Trouble:
    return Trouble(
        f"“{typed}”不是时刻。请写成 2026-11-26T16:30:00+08:00,或自 1970 年起的秒数、毫秒数。",
        f"“{typed}” is no moment. Write 2026-11-26T16:30:00+08:00, or seconds or milliseconds since 1970.",
        2,
    )
