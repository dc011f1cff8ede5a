"""What `tongchang ca` does and prints: for people on stdout, in both languages.

Owns the sentences and the files that a person is handed. The work is the authorities' and the alliance's.
"""

import json
import re
from pathlib import Path
from typing import Final

import msgspec

from ops import files
from ops.ca import alliance, authority
from ops.trouble import Trouble
from protocol.seal.trust import certificate, moment
from protocol.seal.trust.trust_list import Trusted

_UNFIT: Final = re.compile(r'[\x00-\x1f/\\:*?"<>|]+')
NAME_CHARS_MAX: Final = 64
"""Longest common name in a certificate (RFC 5280, upper bounds)."""


def made(folder: Path, trusted: Trusted) -> None:
    """Say which list is in force now, and who signed it."""
    listed = trusted.list
    print(f"信任列表 {folder / alliance.FILE}:联盟 {listed.alliance},第 {listed.version} 版")
    print(f"Trust list {folder / alliance.FILE}: alliance {listed.alliance}, version {listed.version}")
    print(f"  SHA-256 {trusted.digest.hex()}")
    for one in listed.authorities:
        print(f"  {one.id}  {one.name}  {', '.join(one.algorithms)}  {one.ocsp[0]}")
    print(f"  签署 signers ({listed.signers.needed}/{len(listed.signers.keys)}):")
    for key in trusted.signed_by:
        print(f"    {key}")
    print("  仅供演示:私钥未加密 / For demonstrations: private keys are not encrypted")


def show(folder: Path, *, as_json: bool) -> None:
    """Every authority with what it has issued and revoked."""
    books = [one.book for one in alliance.authorities(folder)]
    if as_json:
        print(json.dumps({"authorities": msgspec.to_builtins(books)}, ensure_ascii=False))
        return
    for book in books:
        print(f"{book.id}  {book.name}  {book.kind}  CRL {book.crl_number}")
        revoked = {one.serial: one for one in book.revoked}
        for one in book.issued:
            gone = revoked.get(one.serial)
            state = f"已吊销 revoked {moment.text(gone.since)} ({gone.reason})" if gone else "有效 good"
            print(f"  {one.serial:x}  {one.subject}  {one.use}  – {moment.text(one.ends)}  {state}")


def issue(folder: Path, ca: str, name: str, out: Path, use: str, days: int, now_ms: int) -> None:
    """Issue a person's certificates, each beside its key and with the issuing CA's behind it.

    Raises:
      Trouble: no such authority or use, a name that is none, or files that cannot be written.
    """
    uses = authority.USES if use == "both" else (use,)
    if not set(uses) <= set(authority.USES):
        raise Trouble(
            f"没有用途“{use}”;可用:sign、encrypt、both。", f"No use “{use}”: sign, encrypt or both.", 2
        )
    if not name.strip() or len(name) > NAME_CHARS_MAX or not name.isprintable():
        raise Trouble(
            f"姓名须为 1 至 {NAME_CHARS_MAX} 个可见字符。", f"A name has 1 to {NAME_CHARS_MAX} characters.", 2
        )
    own = alliance.named(folder, ca)
    files.make_folder(out)
    stem = _UNFIT.sub("_", name.strip()).strip(".") or "certificate"
    for one in uses:
        raw, key = own.issue(name.strip(), one, now_ms, days)
        path = out / f"{stem}-{one}.pem"
        files.write(path.with_suffix(".key"), key.pem())
        both = certificate.pem(raw) + certificate.pem(own.issuing.raw)
        files.write(path, both, mode=0o644)
        print(f"已签发 issued  {path}  ({one})")


def revoke(folder: Path, cert: Path, since: int, reason: str) -> None:
    """Revoke a certificate since a moment, and sign the lists anew.

    Raises:
      Trouble: not a certificate of these authorities, revoked before, or no such reason.
    """
    if reason not in authority.REASONS:
        known = ", ".join(authority.REASONS)
        raise Trouble(f"没有吊销原因“{reason}”;可用:{known}。", f"No reason “{reason}”: {known}.", 2)
    own, found = alliance.issuer_of(folder, _bytes(cert))
    own.revoke(found.serial, since, reason)
    _, path = own.write_lists(since)
    print(f"已吊销 revoked  {found.shown}  {moment.text(since)}\n  CRL {path}")


def lists(folder: Path, ca: str, now_ms: int) -> None:
    """Sign an authority's lists anew.

    Raises:
      Trouble: no such authority.
    """
    for path in alliance.named(folder, ca).write_lists(now_ms):
        print(f"CRL {path}")


def answer(folder: Path, cert: Path, out: Path, now_ms: int) -> None:
    """Write an answer on one certificate, a person's or an issuing CA's.

    Raises:
      Trouble: not a certificate of these authorities, or the file cannot be written.
    """
    own, found = alliance.issuer_of(folder, _bytes(cert))
    by_root = found.parsed.issuer == own.root.parsed.subject
    files.write(out, own.answer(found.serial, now_ms, by_root=by_root), mode=0o644)
    print(f"OCSP {out}  {found.shown}")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Trouble(
            f"无法读取 {path}({error.strerror})。请核对路径。",
            f"Cannot read {path} ({error.strerror}). Check the path.",
            2,
        ) from error
