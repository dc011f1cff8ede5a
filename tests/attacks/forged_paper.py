"""A signed report of the forger's own (SPEC 26.3, 29): prepared, signed place by place, named by the record.

It is no PDF that a reader would show: it has what is seen without one, so that each part can be made false by
itself and all else made right again. The real one is the kept archive's (`tests/ops/verify`).
"""

import base64
import hashlib
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes

from ops import certifying, proving
from ops.certifying import Held
from ops.tsa import desk
from ops.verify import tongchang_verify as verifier
from protocol import canonical
from tests.attacks.forged_archive import b64
from tests.attacks.forged_sealed import ForgedSealed, issued
from tests.attacks.forging import both

BARE = b"%PDF-1.7\n% the report in front\nstartxref\n0\n%%EOF\n"
HEX_DIGITS = 24_000
_SETS, _SEQUENCE, _OCTETS = 0x31, 0x30, 4
der, oid = verifier.der_of, verifier.der_of_oid
_SHA256, _SM3 = oid("2.16.840.1.101.3.4.2.1"), oid("1.2.156.10197.1.401")


@dataclass
class Paper:
    """How the report is to be made; by default all is right."""

    annex: bytes = b"%PDF-1.7 a dissent\n%%EOF\n"
    embedded: tuple[bytes, ...] | None = None
    """What lies in it; None: the annex."""
    manifest: dict[str, Any] = field(default_factory=dict)
    """What the manifest says otherwise."""
    manifests: int = 1
    persons: dict[str, str] = field(default_factory=dict)
    """Seat → another name than its certificate's."""
    holders: dict[str, Held] = field(default_factory=dict)
    """Seat → the certificate that signs, whatever the record shows."""
    shown: dict[str, Held] = field(default_factory=dict)
    """Seat → the certificate that the record shows and that signs."""
    unsigned: str = ""
    """A seat whose part of the PDF has no signature."""
    doubled: str = ""
    """A seat whose part has two."""
    flipped: str = ""
    """A seat under whose signature a byte was changed afterwards."""
    gap: str = ""
    """A seat whose signature leaves more out than itself."""
    unstamped: str = ""
    """A seat whose signature has no time-stamp."""
    misstamped: str = ""
    """A seat whose time-stamp is over something else."""
    stamped_by: dict[str, Path] = field(default_factory=dict)
    """Seat → another time-stamping authority's folder."""
    fields: dict[str, str] = field(default_factory=dict)
    """Seat beside the PDF → another place that it says it signs."""
    seal_digest: str = ""
    """A seat beside the PDF that signed another prepared report."""
    seal_raw: dict[str, bytes] = field(default_factory=dict)
    """Seat beside the PDF → the file that stands there."""


def put(of: ForgedSealed, paper: Paper) -> None:
    """The report with all its signatures into the archive, and what the record says of it."""
    for at in of.places("SignPaper"):
        _show(of, paper, at)
    whole = _prepared(of, paper)
    prepared, stands = whole, b64(hashlib.sha256(whole).digest())
    both(of, of.find("PrepareReport"), prepared=stands)
    first = stands
    beside: dict[str, bytes] = {}
    for at in of.places("SignPaper"):
        content, seat = of.entries[at]["command"]["content"], of.event(at, "PaperSigned")["seat"]
        stamp_at = of.entries[at]["at"]
        if content["beside"]:
            raw = beside[f"signed/{seat}.p7s"] = _seal(of, paper, seat, prepared, stamp_at)
            both(of, at, before=first, prepared=first, after=b64(hashlib.sha256(raw).digest()))
            continue
        whole += _part(of, paper, seat, whole, stamp_at)
        if paper.flipped == seat:
            place = len(whole) - 30_000
            whole = whole[:place] + bytes((whole[place] ^ 1,)) + whole[place + 1 :]
        after = b64(hashlib.sha256(whole).digest())
        both(of, at, before=stands, prepared=first, after=after)
        stands = after
    of.others |= {"report.pdf": BARE, "signed/report.pdf": whole, **beside}


def signer(of: ForgedSealed, seat: str, beside: bool) -> Held:
    """The certificate of a seat's person: in the national suite for who signs beside the PDF."""
    return issued(of.folder, "shanghai" if beside else "jiangsu", f"person {seat}", "sign", of.began_ms)


def _show(of: ForgedSealed, paper: Paper, at: int) -> None:
    content, seat = of.entries[at]["command"]["content"], of.event(at, "PaperSigned")["seat"]
    held = paper.shown.get(seat) or signer(of, seat, content["beside"])
    one = next(each for each in of.disclosures if each["digest"] == content["certificate"])
    of.revalue(one, {"certificate": b64(held.certificate)})


def _prepared(of: ForgedSealed, paper: Paper) -> bytes:
    places = of.entries[of.find("PrepareReport")]["command"]["content"]["places"]
    fields = [
        {"person": paper.persons.get(one["seat"], f"person {one['seat']}"), **one} for one in places
    ]  # fmt: skip
    value = {
        "annexes": [{"digest": b64(hashlib.sha256(paper.annex).digest()), "name": "dissent.pdf"}],
        "at": of.began_ms, "fields": fields,
        "report": {"bytes": len(BARE), "digest": b64(hashlib.sha256(BARE).digest())}, "v": 1,
        **paper.manifest,
    }  # fmt: skip
    text = b"/Private <" + canonical.encode(value).hex().encode() + b">\n"
    packed = b""
    for raw in (paper.annex,) if paper.embedded is None else paper.embedded:
        small = zlib.compress(raw)
        packed += b"9 0 obj\n<<\n/Type /EmbeddedFile\n/Filter /FlateDecode\n/Length %d\n>>\n" % len(small)
        packed += b"stream\n" + small + b"\nendstream\nendobj\n"
    return BARE + b"8 0 obj\n<<\n" + text * paper.manifests + b">>\nendobj\n" + packed + b"%%EOF\n"


def _part(of: ForgedSealed, paper: Paper, seat: str, before: bytes, at_ms: int) -> bytes:
    """One revision with a signature, and one behind it with nothing that matters."""
    if paper.unsigned == seat:
        return b"7 0 obj\n<<\n>>\nendobj\n" + b"%" * 40_000 + b"\n%%EOF\n"
    head = b"7 0 obj\n<<\n/Contents "
    a = len(before) + len(head)
    b = a + HEX_DIGITS + 2
    b_said = b + 8 if paper.gap == seat else b
    tail = b"\n%s\n>>\nendobj\n%s%%%%EOF\n"
    filler = b"%" * 12_000 + b"\n"
    plain = b"/ByteRange [0 %d %d %d]" % (a, b_said, 0)
    size = len(tail % (plain.ljust(60), filler))
    said = (b"/ByteRange [0 %d %d %d]" % (a, b_said, b + size - b_said)).ljust(60)
    rest = tail % (said, filler)
    covered = before + head + rest[b_said - b :]
    held = paper.holders.get(seat) or paper.shown.get(seat) or signer(of, seat, beside=False)
    digest = hashlib.sha256(covered).digest()
    raw = _cms(of, paper, seat, held, digest, at_ms, _attributes_of_pdf(held))
    more = b"6 0 obj\n<<\n>>\nendobj\n" + (b"/ByteRange [0 1 2 3]\n" if paper.doubled == seat else b"")
    return head + b"<" + raw.hex().encode().ljust(HEX_DIGITS, b"0") + b">" + rest + more + b"%%EOF\n"


def _attributes_of_pdf(held: Held) -> bytes:
    """ESSCertIDv2 of the signer's certificate."""
    named = der(_OCTETS, hashlib.sha256(held.certificate).digest())
    return _attribute("1.2.840.113549.1.9.16.2.47", der(0x30, der(0x30, der(0x30, named))))


def _seal(of: ForgedSealed, paper: Paper, seat: str, prepared: bytes, at_ms: int) -> bytes:
    if seat in paper.seal_raw:
        return paper.seal_raw[seat]
    role = "member" if seat.startswith("M") else "witness"
    said = canonical.encode({"field": paper.fields.get(seat, f"{role}-{seat}"), "reason": "签署"})
    state = hashes.Hash(hashes.SM3())
    state.update(prepared + (b"another" if paper.seal_digest == seat else b""))
    held = paper.holders.get(seat) or paper.shown.get(seat) or signer(of, seat, beside=True)
    own = _attribute("1.3.6.1.4.1.55555.1.3", der(_OCTETS, said))
    return _cms(of, paper, seat, held, state.finalize(), at_ms, own)


def _attribute(name: str, value: bytes) -> bytes:
    return der(_SEQUENCE, oid(name), der(_SETS, value))


def _cms(
    of: ForgedSealed, paper: Paper, seat: str, held: Held, digest: bytes, at_ms: int, own: bytes
) -> bytes:
    """SignedData without content: SM2 as GM/T 0010-2012 has it, else as RFC 5652 has it."""
    national = certifying.tagged(held.key, b"").startswith("sm2")
    hash_of = der(_SEQUENCE, _SM3 if national else _SHA256)
    data = oid("1.2.156.10197.6.1.4.2.1" if national else "1.2.840.113549.1.7.1")
    whole = oid("1.2.156.10197.6.1.4.2.2" if national else "1.2.840.113549.1.7.2")
    attributes = b"".join(sorted((
        _attribute("1.2.840.113549.1.9.3", data), own,
        _attribute("1.2.840.113549.1.9.4", der(_OCTETS, digest)),
    )))  # fmt: skip
    name, _, text = certifying.tagged(held.key, der(_SETS, attributes)).partition(":")
    algorithm = next(raw for raw, one in verifier.ALGORITHMS.items() if one == name)
    signature = base64.b64decode(text)
    own_cert = verifier.Certificate(held.certificate)
    number = own_cert.serial.to_bytes(own_cert.serial.bit_length() // 8 + 1, "big")
    by = der(_SEQUENCE, own_cert.issuer, der(2, number))
    unsigned = b""
    if paper.unstamped != seat:
        stamper = desk.ensure(paper.stamped_by.get(seat) or of.folder, of.began_ms)
        over = b"something else" if paper.misstamped == seat else signature
        token = proving.stamped(stamper, over, at_ms)
        unsigned = der(0xA1, _attribute("1.2.840.113549.1.9.16.2.14", token))
    info = der(
        _SEQUENCE, der(2, b"\1"), by, hash_of, der(0xA0, attributes), algorithm,
        der(_OCTETS, signature), unsigned,
    )  # fmt: skip
    certificates = der(0xA0, held.certificate, *held.others)
    body = der(
        _SEQUENCE, der(2, b"\1"), der(_SETS, hash_of), der(_SEQUENCE, data), certificates, der(_SETS, info)
    )
    return der(_SEQUENCE, whole, der(0xA0, body))
