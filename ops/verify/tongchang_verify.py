#!/usr/bin/env python3
"""Independent verifier of archives of 同场 Tongchang (cross-province remote bid evaluation).

    python tongchang_verify.py ARCHIVE --policy POLICY [--since OLD] [--json]
    python tongchang_verify.py RECORD [--policy POLICY --checkpoint NOTE] [--head SIZE:ROOT] [--json]
    python tongchang_verify.py --handover LIST [--head SIZE:ROOT] [--json]
    python tongchang_verify.py --receipt FILE --policy POLICY [--json]

Exit 0: valid. 1: invalid, a rule and an entry are named (entry -1: none). 2: cannot decide: something that is
needed is withheld, no head is vouched for, or a form or version is not known here. What is broken
outweighs what cannot be decided. With `--json` the last line is one object `{verdict, rule, entry, seen, text_zh, text_en,
checked, undecided, ...}`; the codes of rules stand in the table RULES below with both languages.

One file; needs Python 3.11 and the package `cryptography` (tried with 48), nothing else. It was written from
SPEC.md and the golden vectors alone, without sight of the product's code: where both come to the same, two
programs by different authors agree. Sections named are those of SPEC.md. Where the specification leaves
something open, this program answers 2 rather than 0.
"""

# tidy: long because it is one file by purpose: whoever checks an archive in fifteen years copies it alone.

import argparse
import base64
import binascii
import bisect
import datetime
import functools
import hashlib
import io
import itertools
import json
import os
import re
import struct
import sys
import zlib
from fractions import Fraction

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# ----------------------------------------------------------------------------------------------------------
# Bounds (limits.py), each named once. Those marked "ours" are not in the specification: they bound what this
# program reads, and crossing one means "cannot decide".

INTEGER_MAX = 2**53 - 1
NESTING_DEPTH_MAX = 16
ENTRY_BYTES_MAX = 65_535
COMMAND_BYTES_MAX = 49_152
DISCLOSURE_BYTES_MAX = 1_048_576
DISCLOSURES_PER_COMMAND_MAX = 512
ID_CHARS_MAX = 64
TEXT_CHARS_MAX = 2_000
KEY_CHARS_MAX = 1_024
STATEMENT_CHARS_MAX = 2_000
REMARK_CHARS_MAX = 500
LOTS_MAX = 64
ENVELOPES_PER_LOT_MAX = 4
VENUES_MAX = 64
SEATS_MAX = 256
NODES_MAX = 1_024
BIDS_PER_STAGE_MAX = 300
OBSERVATIONS_PER_SEAT_MAX = 2_000
AUTHOR_CLOCK_SKEW_MS_MAX = 31 * 24 * 3_600_000
ROUND_MAX = 99
NOTE_SIGNATURES_MAX = 100
NOTE_BYTES_MAX = 1_000_000
PROOF_HASHES_MAX = 63
TRUST_POLICY_BYTES_MAX = 262_144
TRUST_POLICY_LINES_MAX = 4_096
HANDOVER_BYTES_MAX = 8_388_608
K_CANDIDATES_MAX = 200
CERTIFICATE_BYTES_MAX = 16_384
TRUST_LIST_BYTES_MAX = 4_194_304

HEADER_BYTES_MAX = 1_024  # ours: the header has two numbers and an identifier of 64 characters
DISCLOSURE_LINE_BYTES_MAX = 2 * DISCLOSURE_BYTES_MAX + 1_024  # ours: the value again as text, each " as \"
ENTRIES_MAX = 1_000_000  # ours: 32 bytes are kept for each entry's head
DISCLOSURES_MAX = 500_000  # ours: place and field are kept for each
RECEIPT_BYTES_MAX = NOTE_BYTES_MAX + 2 * ENTRY_BYTES_MAX + 8_192  # ours: note, extra in base64, proof
OPEN_POINTS_MAX = 200  # ours: so many open points are told
DECIMAL_CHARS_MAX = 29
DISTANCES_MAX = 3_000  # of more distances only those over the threshold are told (section 11)
KEYS_BOUND_MAX = 100_000  # ours: so many keys are bound in one record
PLAIN_PLACES_MAX = 9  # digits behind the point of a number that no rounding rule shortens (from the vectors)

EMPTY_ROOT = hashlib.sha256(b"").digest()


class Stop(Exception):
    """Why verification ends or stays open: a rule's code, the entry concerned, and what was seen."""

    def __init__(self, rule: str, seen: str, entry: int | None = None):
        super().__init__(f"{rule}: {seen}")
        self.rule, self.seen, self.entry = rule, seen, entry


class Invalid(Stop):
    """The record breaks a rule (exit 1)."""


class Undecided(Stop):
    """What is at hand does not suffice to say (exit 2)."""


# ----------------------------------------------------------------------------------------------------------
# Section 1: canonical bytes


def canonical(value) -> bytes:
    """The one form of a value: sorted keys, no white space, only what must be escaped is (section 1)."""
    return _ENCODER.encode(value).encode("utf-8")


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _no_float(text: str):
    raise ValueError(f"{text[:20]} is no integer")


def _pairs(pairs: list) -> dict:
    """An object; duplicate keys and keys that are not ASCII are refused (section 1)."""
    found = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"key {key[:40]!r} stands twice")
        if not key.isascii():
            raise ValueError("a key is not ASCII")
        found[key] = value
    return found


def _integer(text: str) -> int:
    if len(text) > 17:
        raise ValueError("an integer is too large")
    number = int(text)
    if abs(number) > INTEGER_MAX:
        raise ValueError("an integer is too large")
    return number


def _depth(value) -> int:
    """How deep arrays and objects nest; a plain value is 0 deep. Stops counting one past the bound."""
    level, layer = 0, [value]
    while level <= NESTING_DEPTH_MAX:
        containers = [whole for whole in layer if isinstance(whole, (dict, list))]
        if not containers:
            break
        layer = [
            part for whole in containers for part in (whole.values() if isinstance(whole, dict) else whole)
        ]
        level += 1
    return level


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=_no_float, parse_constant=_no_float, parse_int=_integer
)


def decode_canonical(raw: bytes, what: str):
    """A value from its canonical bytes; whatever is not its own re-encoding is refused (section 1)."""
    try:
        value = _DECODER.decode(raw.decode("utf-8"))
        if _depth(value) > NESTING_DEPTH_MAX:
            raise ValueError(f"nested deeper than {NESTING_DEPTH_MAX}")
        if canonical(value) != raw:
            raise ValueError("not its own re-encoding")
    except (ValueError, RecursionError) as error:
        raise Invalid("Malformed", f"{what}: {str(error)[:120]}") from None
    return value


def from_base64(text, what: str, length: int | None = None) -> bytes:
    """Bytes from their one base64 form (RFC 4648 section 4, padded)."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (ValueError, TypeError, binascii.Error):
        raise Invalid("Malformed", f"{what} is no base64") from None
    if base64.b64encode(raw).decode() != text or (length is not None and len(raw) != length):
        raise Invalid("Malformed", f"{what} has another form or length")
    return raw


def to_base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


# ----------------------------------------------------------------------------------------------------------
# Section 2: hashes and tags


def sha256(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()


@functools.lru_cache(256)
def tag(name: str) -> bytes:
    """The 32 bytes before every hash input and every signed value."""
    return sha256(b"tongchang/" + name.encode("ascii"))


def tagged(name: str, *parts: bytes) -> bytes:
    return sha256(tag(name) + b"".join(parts))


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry)


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


class Tree:
    """The RFC 6962 tree of all entries so far: whole subtrees from left to right, largest first."""

    def __init__(self):
        self.size = 0
        self._whole: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        self._whole.append(leaf)
        self.size += 1
        carry = self.size
        while carry % 2 == 0:
            right = self._whole.pop()
            self._whole[-1] = node_hash(self._whole[-1], right)
            carry //= 2

    def root(self) -> bytes:
        if not self._whole:
            return EMPTY_ROOT
        root = self._whole[-1]
        for left in reversed(self._whole[:-1]):
            root = node_hash(left, root)
        return root


def tree_root(leaves: list[bytes]) -> bytes:
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def inclusion_root(index: int, size: int, leaf: bytes, proof: list[bytes]) -> bytes:
    """The root that an inclusion proof leads to (RFC 9162 2.1.3.2); a proof that does not fit is refused."""
    if not 0 <= index < size or len(proof) > PROOF_HASHES_MAX:
        raise Invalid("ProofFalse", f"no entry {index} in a tree of {size}")
    first, last, root = index, size - 1, leaf
    for part in proof:
        if last == 0:
            raise Invalid("ProofFalse", "the inclusion proof is too long")
        if first % 2 or first == last:
            root = node_hash(part, root)
            while first % 2 == 0 and first:
                first, last = first // 2, last // 2
        else:
            root = node_hash(root, part)
        first, last = first // 2, last // 2
    if last:
        raise Invalid("ProofFalse", "the inclusion proof is too short")
    return root


def check_consistency(size1: int, size2: int, proof: list[bytes], root1: bytes, root2: bytes) -> None:
    """That the tree of `size2` extends that of `size1` (RFC 9162 2.1.4.2)."""
    if not 0 < size1 <= size2 or len(proof) > PROOF_HASHES_MAX:
        raise Invalid("ProofFalse", f"sizes {size1} and {size2}")
    if size1 == size2:
        if proof or root1 != root2:
            raise Invalid("ProofFalse", "equal sizes ask for equal roots and no proof")
        return
    path = list(proof)
    if size1 & (size1 - 1) == 0:
        path.insert(0, root1)
    if not path:
        raise Invalid("ProofFalse", "the consistency proof is empty")
    first, last = size1 - 1, size2 - 1
    while first % 2:
        first, last = first // 2, last // 2
    old = new = path[0]
    for part in path[1:]:
        if last == 0:
            raise Invalid("ProofFalse", "the consistency proof is too long")
        if first % 2 or first == last:
            old, new = node_hash(part, old), node_hash(part, new)
            while first % 2 == 0 and first:
                first, last = first // 2, last // 2
        else:
            new = node_hash(new, part)
        first, last = first // 2, last // 2
    if last or old != root1 or new != root2:
        raise Invalid("ProofFalse", "the consistency proof does not hold")


# ----------------------------------------------------------------------------------------------------------
# Section 3: keys and signatures

_KEY_FORM = re.compile(r"[a-z0-9-]{2,32}:[A-Za-z0-9+/]+={0,2}")
ED25519_KEY_BYTES, ED25519_SIGNATURE_BYTES = 32, 64


def key_bytes(text, what: str, length: int) -> bytes:
    """The bytes of `ed25519:<base64>`; version 1 of the specification has no other algorithm."""
    if not isinstance(text, str) or len(text) > KEY_CHARS_MAX or not _KEY_FORM.fullmatch(text):
        raise Invalid("Malformed", f"{what} is no key or signature")
    algorithm, _, encoded = text.partition(":")
    if algorithm != "ed25519":
        raise Invalid("BadSignature", f"{what}: the algorithm {algorithm} is not known")
    return from_base64(encoded, what, length)


def ed25519_holds(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def signature_holds(key_text: str, signature_text: str, tag_name: str, value: bytes) -> bool:
    """Whether a signature over a tag and canonical bytes verifies (section 3)."""
    key = key_bytes(key_text, "a key", ED25519_KEY_BYTES)
    signature = key_bytes(signature_text, "a signature", ED25519_SIGNATURE_BYTES)
    return ed25519_holds(key, signature, tag(tag_name) + value)


# ----------------------------------------------------------------------------------------------------------
# SM3 and SM2 in Python (GM/T 0003, 0004): the curve of GB/T 32918.5, identity of section 18

SM2_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
SM2_A = SM2_P - 3
SM2_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
SM2_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
SM2_G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
SM2_IDENTITY = b"1234567812345678"


def sm3(raw: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(raw)
    return digest.finalize()


def _sm2_double(point):
    """Twice a point in Jacobian coordinates (a = -3); z = 0 is the point at infinity."""
    x, y, z = point
    if not z or not y:
        return (1, 1, 0)
    delta, gamma = z * z % SM2_P, y * y % SM2_P
    beta = x * gamma % SM2_P
    alpha = 3 * (x - delta) * (x + delta) % SM2_P
    x3 = (alpha * alpha - 8 * beta) % SM2_P
    z3 = 2 * y * z % SM2_P
    return (x3, (alpha * (4 * beta - x3) - 8 * gamma * gamma) % SM2_P, z3)


def _sm2_add(one, two):
    """The sum of two points in Jacobian coordinates."""
    if not one[2]:
        return two
    if not two[2]:
        return one
    z1z1, z2z2 = one[2] ** 2 % SM2_P, two[2] ** 2 % SM2_P
    u1, u2 = one[0] * z2z2 % SM2_P, two[0] * z1z1 % SM2_P
    s1, s2 = one[1] * two[2] * z2z2 % SM2_P, two[1] * one[2] * z1z1 % SM2_P
    if u1 == u2:
        return _sm2_double(one) if s1 == s2 else (1, 1, 0)
    h, r = (u2 - u1) % SM2_P, (s2 - s1) % SM2_P
    h2 = h * h % SM2_P
    h3, v = h * h2 % SM2_P, u1 * h2 % SM2_P
    x3 = (r * r - h3 - 2 * v) % SM2_P
    return (x3, (r * (v - x3) - s1 * h3) % SM2_P, h * one[2] * two[2] % SM2_P)


def _sm2_sum(one: int, two: int, point):
    """`one` times the base point and `two` times another, doubled together."""
    base = (*SM2_G, 1)
    added = {(1, 0): base, (0, 1): point, (1, 1): _sm2_add(base, point)}
    total = (1, 1, 0)
    for place in range(max(one.bit_length(), two.bit_length()) - 1, -1, -1):
        total = _sm2_double(total)
        bits = (one >> place & 1, two >> place & 1)
        if bits in added:
            total = _sm2_add(total, added[bits])
    return total


def sm2_holds(public: bytes, r: int, s: int, message: bytes) -> bool:
    """Whether an SM2 signature with SM3 verifies under an uncompressed public point (section 18.1)."""
    if len(public) != 65 or public[0] != 4:
        return False
    x, y = int.from_bytes(public[1:33], "big"), int.from_bytes(public[33:], "big")
    if x >= SM2_P or y >= SM2_P or (y * y - x**3 - SM2_A * x - SM2_B) % SM2_P:
        return False
    if not (0 < r < SM2_N and 0 < s < SM2_N) or (t := (r + s) % SM2_N) == 0:
        return False
    constants = b"".join(part.to_bytes(32, "big") for part in (SM2_A, SM2_B, *SM2_G))
    z = sm3((8 * len(SM2_IDENTITY)).to_bytes(2, "big") + SM2_IDENTITY + constants + public[1:])
    e = int.from_bytes(sm3(z + message), "big")
    total = _sm2_sum(s, t, (x, y, 1))
    if not total[2]:
        return False
    affine = total[0] * pow(total[2], -2, SM2_P) % SM2_P
    return (e + affine) % SM2_N == r


# ----------------------------------------------------------------------------------------------------------
# Section 20: notes, checkpoints, cosignatures, policies, receipts (C2SP signed-note, tlog-checkpoint,
# tlog-cosignature, tlog-policy, tlog-proof)

TYPE_ED25519, TYPE_COSIGNATURE = b"\x01", b"\x04"
TYPE_SM2 = b"\xfftongchang/sm2-cosignature/v1\x00"
_LINE_START = "\u2014 "


class NoteKey:
    """A verifier key: name, kind and public bytes (sections 20.1, 20.2)."""

    def __init__(self, vkey: str):
        name, _, rest = vkey.partition("+")
        identifier, _, encoded = rest.partition("+")
        if not _name_fits(name) or not re.fullmatch(r"[0-9a-f]{8}", identifier):
            raise Invalid("PolicyFalse", f"{vkey[:80]!r} is no verifier key")
        raw = from_base64(encoded, "a verifier key")
        for kind, length in ((TYPE_ED25519, 32), (TYPE_COSIGNATURE, 32), (TYPE_SM2, 65)):
            if raw.startswith(kind) and len(raw) == len(kind) + length:
                self.kind, self.public = kind, raw[len(kind) :]
                break
        else:
            raise Invalid("PolicyFalse", f"the key of {name} is of a kind that is not known")
        self.name, self.id = name, sha256(name.encode() + b"\n" + raw)[:4]
        if self.id.hex() != identifier:
            raise Invalid("PolicyFalse", f"the identifier of {name}'s key is another")

    def holds(self, signature: bytes, text: bytes) -> bool:
        """Whether one line's signature over a note's text verifies."""
        if self.kind == TYPE_ED25519:
            return len(signature) == 64 and ed25519_holds(self.public, signature, text)
        if len(signature) != 72:
            return False
        seconds = int.from_bytes(signature[:8], "big")
        if self.kind == TYPE_COSIGNATURE:
            message = f"cosignature/v1\ntime {seconds}\n".encode() + text
            return ed25519_holds(self.public, signature[8:], message)
        message = f"tongchang/sm2-cosignature/v1\ntime {seconds}\nname {self.name}\n".encode() + text
        r, s = int.from_bytes(signature[8:40], "big"), int.from_bytes(signature[40:], "big")
        return sm2_holds(self.public, r, s, message)


def _name_fits(name: str) -> bool:
    """A key's name: not empty, no white space, no plus (C2SP signed-note)."""
    return bool(name) and not any(sign.isspace() or sign == "+" for sign in name)


def open_note(raw: bytes, keys: list[NoteKey]) -> tuple[str, set[tuple[str, bytes]]]:
    """A signed note's text and which of the known keys signed it; a known key's false line is refused."""
    text, signed = timed_note(raw, keys)
    return text, set(signed)


def timed_note(raw: bytes, keys: list[NoteKey]) -> tuple[str, dict[tuple[str, bytes], int]]:
    """A signed note's text, and the known keys that signed it with their earliest times in seconds."""
    if len(raw) > NOTE_BYTES_MAX:
        raise Invalid("NoteFalse", f"a note of more than {NOTE_BYTES_MAX} bytes")
    try:
        note = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid("NoteFalse", "the note is not UTF-8") from None
    if any(ord(sign) < 0x20 and sign != "\n" for sign in note):
        raise Invalid("NoteFalse", "the note holds control characters")
    split = note.rfind("\n\n")
    if split < 0 or not note.endswith("\n"):
        raise Invalid("NoteFalse", "the note has no signatures")
    text, lines = note[: split + 1], note[split + 2 : -1].split("\n")
    if len(lines) > NOTE_SIGNATURES_MAX:
        raise Invalid("NoteFalse", f"more than {NOTE_SIGNATURES_MAX} signature lines")
    by_key = {(key.name, key.id): key for key in keys}
    signed: dict[tuple[str, bytes], int] = {}
    for line in dict.fromkeys(lines):
        name, _, encoded = line.removeprefix(_LINE_START).partition(" ")
        if not line.startswith(_LINE_START) or not _name_fits(name):
            raise Invalid("NoteFalse", "a signature line has another form")
        signature = from_base64(encoded, "a signature line")
        if len(signature) < 5:
            raise Invalid("NoteFalse", "a signature line is too short")
        key = by_key.get((name, signature[:4]))
        if key is None:
            continue
        if not key.holds(signature[4:], text.encode()):
            raise Invalid("NoteFalse", f"the signature of {name} does not verify")
        seconds = 0 if key.kind == TYPE_ED25519 else int.from_bytes(signature[4:12], "big")
        signed[name, key.id] = min(seconds, signed.get((name, key.id), seconds))
    return text, signed


def parse_checkpoint(text: str) -> tuple[str, int, bytes]:
    """Origin, size and root; without extension lines (section 20.1)."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0]:
        raise Invalid("NoteFalse", "the checkpoint has another form")
    if not re.fullmatch(r"0|[1-9][0-9]{0,15}", lines[1]) or int(lines[1]) > INTEGER_MAX:
        raise Invalid("NoteFalse", "the checkpoint's size has another form")
    return lines[0], int(lines[1]), from_base64(lines[2], "the checkpoint's root", 32)


class Policy:
    """Whose signatures a checkpoint needs (section 20.3): logs, cosigners, groups, the quorum."""

    def __init__(self, raw: bytes):
        if len(raw) > TRUST_POLICY_BYTES_MAX:
            raise Invalid("PolicyFalse", f"more than {TRUST_POLICY_BYTES_MAX} bytes")
        try:
            lines = raw.decode("utf-8").split("\n")
        except UnicodeDecodeError:
            raise Invalid("PolicyFalse", "not UTF-8") from None
        if lines[-1] or len(lines) > TRUST_POLICY_LINES_MAX + 1:
            raise Invalid("PolicyFalse", "the last line has no end, or there are too many lines")
        self.logs: list[NoteKey] = []
        self.cosigners: dict[str, NoteKey] = {}
        self.groups: dict[str, tuple[int, list[str]]] = {}
        self.list_signers: tuple[int, list[str]] | None = None  # how many of whom sign a trust list
        self.stampers: list[str] | None = None  # the authorities for the final head's time-stamp
        self.grouped: set[str] = set()  # a name is a member of one group at most
        self.quorum: str | None = None
        for line in lines[:-1]:
            if line.startswith(("#tongchang/trust-list ", "#tongchang/time-stamp ")):
                self._take_ours(line.split(" "))
            elif line.strip() and not line.lstrip().startswith("#"):
                self._take(line.split())
        if self.quorum is None or not self.logs:
            raise Invalid("PolicyFalse", "a log or the quorum is missing")

    def _take_ours(self, words: list[str]) -> None:
        """A line that others pass over: whose certificates count (section 20.3), each once, after the quorum."""
        rest = words[1:]
        try:
            if self.quorum is None or len(set(rest)) != len(rest) or self.stampers is not None:
                raise Invalid("PolicyFalse", "out of order, or a word stands twice")
            if words[0] == "#tongchang/time-stamp":
                for one in rest:
                    an_id(one, "an authority")
                self.stampers = rest
                return
            for one in rest[1:]:
                a_key(one, "a signer")
            if self.list_signers is not None or not re.fullmatch("[1-9][0-9]?", rest[0]):
                raise Invalid("PolicyFalse", "it stands twice, or asks for another number of signers")
            if int(rest[0]) > len(rest) - 1 or rest[1:] != sorted(rest[1:]):
                raise Invalid(
                    "PolicyFalse", "it asks for more signers than it names, or they are out of order"
                )
            self.list_signers = (int(rest[0]), rest[1:])
        except Invalid as stop:
            raise Invalid("PolicyFalse", f"the line {words[0]}: {stop.seen}") from None

    def _take(self, words: list[str]) -> None:
        """One line. A group names only what stands before it, so that no group holds itself."""
        kind, rest = words[0], words[1:]
        if kind == "log" and len(rest) in (1, 2):
            key = NoteKey(rest[0])
            if key.kind != TYPE_ED25519 or any(
                log.id == key.id and log.name == key.name for log in self.logs
            ):
                raise Invalid("PolicyFalse", f"the log key of {key.name} is of another kind or stands twice")
            self.logs.append(key)
        elif kind == "witness" and len(rest) in (2, 3):
            key = NoteKey(rest[1])
            if key.kind == TYPE_ED25519:
                raise Invalid("PolicyFalse", f"the key of {rest[0]} signs no time")
            if any((other.name, other.id) == (key.name, key.id) for other in self.cosigners.values()):
                raise Invalid("PolicyFalse", f"the key of {rest[0]} stands twice")
            self._new_name(rest[0])
            self.cosigners[rest[0]] = key
        elif kind == "group" and len(rest) >= 3:
            name, threshold, members = rest[0], rest[1], rest[2:]
            self._new_name(name)
            if len(set(members)) != len(members):
                raise Invalid("PolicyFalse", f"a member of {name} stands twice")
            if not self.grouped.isdisjoint(members):
                raise Invalid("PolicyFalse", f"a member of {name} stands in another group")
            self.grouped.update(members)
            if any(one not in self.cosigners and one not in self.groups for one in members):
                raise Invalid("PolicyFalse", f"a member of {name} does not stand before it")
            counts = {"any": 1, "all": len(members)}
            if threshold not in counts and not re.fullmatch(r"[1-9][0-9]{0,3}", threshold):
                raise Invalid("PolicyFalse", f"the threshold of {name}")
            needed = counts.get(threshold) or int(threshold)
            if needed > len(members):
                raise Invalid("PolicyFalse", f"{name} needs more than it has")
            self.groups[name] = (needed, members)
        elif kind == "quorum" and len(rest) == 1 and self.quorum is None:
            if rest[0] != "none" and rest[0] not in self.cosigners and rest[0] not in self.groups:
                raise Invalid("PolicyFalse", "the quorum is not defined")
            self.quorum = rest[0]
        else:
            raise Invalid("PolicyFalse", f"a line of another form: {kind[:20]!r}")

    def _new_name(self, name: str) -> None:
        if name == "none" or name in self.cosigners or name in self.groups:
            raise Invalid("PolicyFalse", f"the name {name[:40]!r} stands twice or is kept")

    def met_by(self, signed: set[tuple[str, bytes]]) -> bool:
        """Whether the quorum is met by keys that signed."""
        return self.met_by_names({n for n, key in self.cosigners.items() if (key.name, key.id) in signed})

    def met_by_names(self, signed: set[str]) -> bool:
        """Whether the quorum is met; groups are worked out in their order, each from what stands before."""
        met = {name: name in signed for name in self.cosigners}
        for name, (needed, members) in self.groups.items():
            met[name] = sum(met[member] for member in members) >= needed
        return self.quorum == "none" or met[self.quorum]

    def cosigned_at(self, times: dict[tuple[str, bytes], int]) -> dict[str, int]:
        """Which cosigners signed, by their names in the policy, and when (seconds)."""
        return {
            name: times[key.name, key.id]
            for name, key in self.cosigners.items()
            if (key.name, key.id) in times
        }

    def quorum_moment(self, cosigned: dict[str, int]) -> int | None:
        """The moment, in ms, at which the cosignatures made up the quorum; None where they never do."""
        signed: set[str] = set()
        for name in sorted(cosigned, key=lambda one: (cosigned[one], one)):
            signed.add(name)
            if self.met_by_names(signed):
                return 1_000 * cosigned[name]
        return None

    def checkpoint(self, raw: bytes) -> tuple[str, int, bytes]:
        """Origin, size and root of a checkpoint that is good under this policy."""
        text, signed = open_note(raw, [*self.logs, *self.cosigners.values()])
        origin, size, root = parse_checkpoint(text)
        if not any(log.name == origin and (log.name, log.id) in signed for log in self.logs):
            raise Invalid("LogUnsigned", f"no log of the policy signed the checkpoint of {origin[:80]!r}")
        if not self.met_by(signed):
            raise Invalid("QuorumUnmet", "the cosignatures do not make up the policy's quorum")
        return origin, size, root


_PROOF_FIRST_LINE = "c2sp.org/tlog-proof@v1"


def verify_receipt(raw: bytes, policy: Policy) -> tuple[str, int, int, bytes]:
    """A receipt (section 20.4): origin, size, index and the entry's bytes, once all of it holds."""
    if len(raw) > RECEIPT_BYTES_MAX:
        raise Invalid("ReceiptFalse", "the receipt is too large")
    head, found, note = raw.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise Invalid("ReceiptFalse", "the receipt's head is not ASCII") from None
    if not found or len(lines) < 3 or lines[0] != _PROOF_FIRST_LINE or not lines[1].startswith("extra "):
        raise Invalid("ReceiptFalse", "no tlog-proof with extra data")
    entry = from_base64(lines[1].removeprefix("extra "), "the extra data")
    if not re.fullmatch(r"index (0|[1-9][0-9]{0,15})", lines[2]):
        raise Invalid("ReceiptFalse", "the index has another form")
    index = int(lines[2].removeprefix("index "))
    proof = [from_base64(line, "a proof's hash", 32) for line in lines[3:]]
    origin, size, root = policy.checkpoint(note)
    if inclusion_root(index, size, leaf_hash(entry), proof) != root:
        raise Invalid("ProofFalse", "the entry is not in the checkpoint's tree")
    return origin, size, index, entry


# ----------------------------------------------------------------------------------------------------------
# Forms: what a field may hold (words.py). A form is a function that refuses whatever does not fit.

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,9})?")


def _refuse(what: str):
    raise Invalid("Malformed", f"{what[:120]} has another form")


def an_id(value, what):
    if not isinstance(value, str) or len(value) > ID_CHARS_MAX or not _ID.fullmatch(value):
        _refuse(what)


def an_id_or_empty(value, what):
    if value != "" or not isinstance(value, str):
        an_id(value, what)


def a_text(longest=TEXT_CHARS_MAX, shortest=0):
    def form(value, what):
        if not isinstance(value, str) or not shortest <= len(value) <= longest:
            _refuse(what)

    return form


def a_count(value, what):
    if type(value) is not int or not 0 <= value <= INTEGER_MAX:
        _refuse(what)


def a_bool(value, what):
    if type(value) is not bool:
        _refuse(what)


def a_hash(value, what):
    from_base64(value if isinstance(value, str) else None, what, 32)


def a_hash_or_empty(value, what):
    if value != "" or not isinstance(value, str):
        a_hash(value, what)


def a_key(value, what):
    key_bytes(value, what, ED25519_KEY_BYTES)


def a_signature(value, what):
    key_bytes(value, what, ED25519_SIGNATURE_BYTES)


def a_decimal(value, what):
    if not isinstance(value, str) or len(value) > DECIMAL_CHARS_MAX or not _DECIMAL.fullmatch(value):
        _refuse(what)


def an_int(least, most):
    def form(value, what):
        if type(value) is not int or not least <= value <= most:
            _refuse(what)

    return form


def an_amount(value, what):
    a_decimal(value, what)
    if value.startswith("-"):
        _refuse(what)


def one_of(*allowed):
    def form(value, what):
        if not isinstance(value, str) or value not in allowed:
            _refuse(what)

    return form


def a_list(of, longest, shortest=0):
    def form(value, what):
        if not isinstance(value, list) or not shortest <= len(value) <= longest:
            _refuse(what)
        for part in value:
            of(part, what)

    return form


def a_bytes(longest: int, shortest: int = 0):
    """Bytes in base64, of a bounded length."""

    def form(value, what):
        if not isinstance(value, str) or len(value) > 2 * longest + 4:
            _refuse(what)
        if not shortest <= len(from_base64(value, what)) <= longest:
            _refuse(what)

    return form


def an_object(**fields):
    """An object with exactly these fields (section 1: unknown and missing fields are refused)."""

    def form(value, what):
        if not isinstance(value, dict) or value.keys() != fields.keys():
            _refuse(what)
        for name, of in fields.items():
            of(value[name], f"{what}.{name}")

    return form


def a_round(value, what):
    if type(value) is not int or not 0 <= value <= ROUND_MAX:
        _refuse(what)


def anything(value, what):
    """A field whose form the specification does not give; whoever reads it answers for that."""


STAGE = an_object(envelope=an_id_or_empty, lot=an_id_or_empty, round=a_round)
COMMAND = an_object(
    author_at=a_count,
    author_key=a_key,
    author_seq=a_count,
    command_id=an_id,
    content=anything,
    seen=an_object(root=a_hash, size=a_count),
    session=an_id,
    stage=STAGE,
    type=an_id,
)
ENTRY = an_object(
    at=a_count,
    command=COMMAND,
    entropy=a_hash,
    events=a_list(anything, 4_096),
    seq=a_count,
    session=an_id,
    sig=a_signature,
    v=anything,
)


# ----------------------------------------------------------------------------------------------------------
# Section 8: reading a record. Entries are read one after the other; of disclosures only their places are
# kept, so that memory does not grow with what they hold.

DISCLOSURE = an_object(
    digest=a_hash, field=a_text(ID_CHARS_MAX, 1), salt=a_hash, value=a_text(DISCLOSURE_BYTES_MAX)
)
_BASE64_HASH = re.compile(rb"[A-Za-z0-9+/]{43}=")


def disclosure_digest(field: str, salt: bytes, value: bytes) -> bytes:
    """The digest that a hidden value has (sections 2 and 5.4); a sheet's is its commitment (section 6)."""
    if field == "sheet":
        return tagged("sheet/v1", value)
    return tagged("hidden/v1/" + field, salt, value)


class Record:
    """A record's file: header, entries by line, disclosures by digest."""

    def __init__(self, file, index: bool = True):
        self._file = file  # a buffered reader; closed by whoever opened the record
        header = decode_canonical(self._line(HEADER_BYTES_MAX, "the header"), "the header")
        an_object(entries=a_count, record=a_count, session=an_id)(header, "the header")
        if header["record"] != 1:
            raise Undecided("UnknownRecord", f"form {header['record']} of a record is not known")
        self.session, self.entries = header["session"], header["entries"]
        if self.entries < 1:
            raise Invalid("Malformed", "a record has at least its genesis")
        if self.entries > ENTRIES_MAX:
            raise Undecided("TooLarge", f"more than {ENTRIES_MAX} entries")
        self._start = self._file.tell()
        self.fields: dict[str, int] = {}  # the fields of disclosures, numbered
        self.places: dict[bytes, int] = {}  # digest -> place, length and field in one number, to save memory
        self.missing: set[str] = set()  # the fields of which a disclosure was looked for in vain
        if index:
            self._index()

    def close(self) -> None:
        self._file.close()

    def _line(self, longest: int, what: str) -> bytes:
        """The next line without its line feed."""
        raw = self._file.readline(longest + 2)
        if not raw.endswith(b"\n"):
            rule = "TooLarge" if len(raw) > longest else "Malformed"
            raise Invalid(rule, f"{what} is too long, is missing or has no end")
        return raw[:-1]

    def _index(self) -> None:
        """Goes over the entries, then checks each disclosure: canonical, in order, and it holds."""
        for seq in range(self.entries):
            try:
                self._line(ENTRY_BYTES_MAX, "an entry")
            except Invalid as stop:
                stop.entry = seq
                raise
        last = b""
        while self._file.peek(1):
            place = self._file.tell()
            raw = self._line(DISCLOSURE_LINE_BYTES_MAX, "a disclosure")
            digest, field = self._held_disclosure(raw)
            if digest <= last:
                raise Invalid("OutOfOrder", "disclosures stand in order of their digests, each once")
            if len(self.places) >= DISCLOSURES_MAX:
                raise Undecided("TooLarge", f"more than {DISCLOSURES_MAX} disclosures")
            last = digest
            number = self.fields.setdefault(field, len(self.fields))
            self.places[digest] = place << 44 | len(raw) << 20 | number
        self._all_named()

    @staticmethod
    def _held_disclosure(raw: bytes) -> tuple[bytes, str]:
        """Digest and field of one disclosure whose value has that digest."""
        found = decode_canonical(raw, "a disclosure")
        DISCLOSURE(found, "a disclosure")
        digest, salt = from_base64(found["digest"], "digest"), from_base64(found["salt"], "salt")
        value = found["value"].encode()
        if len(value) > DISCLOSURE_BYTES_MAX:
            raise Invalid("TooLarge", "a disclosure's value")
        content = decode_canonical(value, f"the disclosure of {found['field']}")
        if disclosure_digest(found["field"], salt, value) != digest:
            raise Invalid("DisclosureMismatch", f"a disclosure of {found['field']} does not hold")
        if found["field"] == "sheet" and (
            not isinstance(content, dict) or content.get("nonce") != found["salt"]
        ):
            raise Invalid("DisclosureMismatch", "a sheet's salt is its nonce")
        return digest, found["field"]

    def _all_named(self) -> None:
        """Every disclosure opens a digest that an entry, or the value of another disclosure, names."""
        unnamed = set(self.places)
        for raw in self.lines():
            unnamed.difference_update(base64.b64decode(one) for one in _BASE64_HASH.findall(raw))
        for own, packed in self.places.items():
            if not unnamed:
                break
            self._file.seek(packed >> 44)
            raw = self._file.read(packed >> 20 & 0xFFFFFF)
            value = decode_canonical(raw, "a disclosure")["value"].encode()
            named = {base64.b64decode(one) for one in _BASE64_HASH.findall(value)}
            unnamed -= named - {own}
        if unnamed:
            field = list(self.fields)[self.places[min(unnamed)] & 0xFFFFF]
            raise Invalid(
                "DisclosureForeign", f"a disclosure of {field} opens nothing that this record names"
            )

    def lines(self):
        """The entries' bytes in order."""
        self._file.seek(self._start)
        for _ in range(self.entries):
            place = self._file.tell()
            raw = self._line(ENTRY_BYTES_MAX, "an entry")
            following = place + len(raw) + 1
            yield raw
            self._file.seek(following)

    def of_field(self, field: str):
        """The values of all disclosures of a field."""
        number = self.fields.get(field)
        for packed in self.places.values() if number is not None else ():
            if packed & 0xFFFFF == number:
                self._file.seek(packed >> 44)
                found = decode_canonical(self._file.read(packed >> 20 & 0xFFFFFF), "a disclosure")
                yield decode_canonical(found["value"].encode(), field)

    def disclosure(self, digest_text: str, field: str):
        """The value that a digest hides; None where it is withheld. Of another field, it is no opening."""
        packed = self.places.get(from_base64(digest_text, field, 32))
        if packed is None:
            self.missing.add(field)
            return None
        if packed & 0xFFFFF != self.fields.get(field):
            raise Invalid("DisclosureMismatch", f"what should be {field} is disclosed as another field")
        self._file.seek(packed >> 44)
        found = decode_canonical(self._file.read(packed >> 20 & 0xFFFFFF), "a disclosure")
        value = decode_canonical(found["value"].encode(), field)
        if value is None:
            raise Invalid("Malformed", f"what is disclosed as {field} is nothing")
        return value


# ----------------------------------------------------------------------------------------------------------
# Section 7: the phase table of versions 1 and 2 (phases.py)

# fmt: off
SESSION_ORDER = (
    "DRAFT", "BOOKED", "DRAWN", "CHECKIN", "COMMITTEE_READY", "REPORT_DRAFT", "SIGNING", "SUBMITTED",
    "ARCHIVED",
)
ANY_SESSION = SESSION_ORDER[1:-1]
RUNNING = ("DRAWN", "CHECKIN", "COMMITTEE_READY", "REPORT_DRAFT", "SIGNING")
STAGE_ORDER = (
    "AWAITED", "OPENING", "BIDDERS_RELEASE", "CUSTODIANS_RELEASE", "OPENED", "PRELIM", "DETAILED",
    "SCORES_SEALED", "SCORES_OPENING", "SUMMARY", "RANKED",
)
AGENT = ("agent",)
PERSONS = ("agent", "tenderee", "expert", "witness", "supervisor", "bidder", "keeper")

ACTS_1 = {
    # type: (scope, phases, roles)
    "BookSession": ("session", ("DRAFT",), AGENT),
    "ImportCommittee": ("session", ("BOOKED",), AGENT),
    "BindSeat": ("session", ANY_SESSION, PERSONS),
    "ImportOpening": ("stage", ("AWAITED",), AGENT),
    "DrawK": ("stage", ("OPENED", "PRELIM"), AGENT),
    "OpenCheckIn": ("session", ("DRAWN",), AGENT),
    "CheckIn": ("session", ("CHECKIN",), ("expert",)),
    "LockRoster": ("session", ("CHECKIN",), AGENT),
    "BeginPreliminary": ("stage", ("OPENED",), AGENT),
    "ImportPreliminary": ("stage", ("PRELIM",), AGENT),
    "SealSheet": ("stage", ("DETAILED",), ("expert",)),
    "CloseScoring": ("stage", ("DETAILED",), AGENT),
    "TryOpening": ("stage", ("SCORES_SEALED",), ("venue",)),
    "OpenSheet": ("stage", ("SCORES_OPENING",), ("venue",)),
    "PublishTally": ("stage", ("SUMMARY",), AGENT),
    "ConfirmRanking": ("stage", ("SUMMARY",), AGENT),
    "BeginReport": ("session", ("COMMITTEE_READY",), AGENT),
    "ImportReport": ("session", ("REPORT_DRAFT",), AGENT),
    "SignReport": ("session", ("SIGNING",), ("expert",)),
    "SubmitReport": ("session", ("SIGNING",), AGENT),
    "ArchiveSession": ("session", ("SUBMITTED",), AGENT),
    "ReachMilestone": ("any", SESSION_ORDER[1:], ("installation",)),
    "RaiseOverrun": ("stage", ("DETAILED",), ("installation",)),
    "NoteRefusal": ("session", SESSION_ORDER[1:], ("installation",)),
}
ACTS_2 = {
    **ACTS_1,
    "ReadOut": ("stage", ("OPENED",), ("tenderee",)),
    "SignOpeningRecord": ("stage", ("OPENED",), ("tenderee", "witness")),
    "NoteObservation": ("any", ANY_SESSION, ("witness",)),
    "SignWitnessRecord": ("session", ("REPORT_DRAFT", "SIGNING", "SUBMITTED"), ("witness",)),
}
UNCOUNTED_2 = frozenset(("ReadOut", "SignOpeningRecord", "NoteObservation", "SignWitnessRecord"))
NOT_YET = frozenset((
    "FreezePool", "CommitDrawSeed", "RevealDrawSeed", "DrawCommittee", "DrawVenues", "CallReplacement",
    "DeclareRecusal", "ReplaceMember", "BeginOpening", "AnswerRollCall", "ReceiveBids", "ReleaseBid",
    "CloseRelease", "ReleaseCustody", "ReportDecryption", "ReadOut", "RaiseObjection", "AnswerObjection",
    "SignOpeningRecord", "CommitK", "RevealK", "ConfirmIdentity", "ElectChair", "MarkItem",
    "AskClarification", "AnswerClarification", "CloseClarification", "ProposeRejection", "CastVote",
    "CloseVote", "ConcludePreliminary", "AcknowledgeEscrow", "AskMoreTime", "ExplainDeviation",
    "BeginRecheck", "CorrectItem", "EndRecheck", "RecordDissent", "DeemAgreement", "Suspend", "Resume",
    "VoidCommittee", "RebuildCommittee", "FailSession", "FailStage", "NoteObservation", "Intervene",
    "AnswerIntervention", "RecordSegment",
))
MOVES_1 = {
    # act: (target, milestone awaited, milestone that the target calls for)
    "BookSession": ("BOOKED", "", "genesis"),
    "ImportCommittee": ("DRAWN", "genesis", ""),
    "OpenCheckIn": ("CHECKIN", "", ""),
    "LockRoster": ("COMMITTEE_READY", "", "roster_locked"),
    "BeginReport": ("REPORT_DRAFT", "", "ranking_final"),
    "ImportReport": ("SIGNING", "ranking_final", ""),
    "SubmitReport": ("SUBMITTED", "", ""),
    "ArchiveSession": ("ARCHIVED", "", ""),
    "ImportOpening": ("OPENED", "", "bids_opened"),
    "BeginPreliminary": ("PRELIM", "bids_opened", ""),
    "ImportPreliminary": ("DETAILED", "", ""),
    "CloseScoring": ("SCORES_SEALED", "", "scores_closed"),
    "TryOpening": ("SCORES_OPENING", "scores_closed", ""),
    "OpenSheet": ("SUMMARY", "", "scores_opened"),
    "ConfirmRanking": ("RANKED", "scores_opened", ""),
}
OBSERVATION_ITEMS = frozenset((
    "room_ready", "identity_checked", "devices_stored", "statements_signed", "recording_runs",
    "materials_returned", "step_late", "system_fault", "line_cut", "query_received", "out_of_order",
    "opening_late", "bid_unreadable", "read_out_differs", "draw_faulty", "objection_raised", "guiding_words",
    "opinions_exchanged", "score_abnormal", "objective_differs", "clarification_faulty", "seat_left",
    "seat_swapped", "stranger_present", "device_used", "materials_taken", "other",
))
FINDINGS = ("normal", "irregular", "handled")
MILESTONES = (
    "genesis", "bids_received", "release_closed", "bids_opened", "roster_locked", "scores_closed",
    "scores_opened", "ranking_final",
)
# fmt: on
SESSION_STAGE = {"envelope": "", "lot": "", "round": 0}

# Section 4: forms of content, from forms.json: act or part, then its fields and their forms.
FORMS_TEXT = """
@PoolLeaf = facts:hash person:hash province:id speciality:id
@BidRef = bidder:id code:text(1,16) name:hash price:hash quantities:hash
@DrawParty = party:id province:id role:enum(supervisor|venue)
@DrawnMember = leaf:@PoolLeaf proof:[hash](0,12) seat:id
@Item = bidder:id criterion:id
@ItemRef = by:enum(committee|desk) ground:id item:id part:enum(conformity|form|qualification|responsiveness)
@LotRef = envelopes:[id](1,4) lot:id
@Mark = item:id mark:enum(material|minor|pass) reason:hash0
@NodeKey = key:key node:id
@OpenedShare = party:id random:hash salt:hash
@ProvinceSignature = key:key province:id sig:sig
@RejectedBid = bidder:id ground:id
@SeatRef = kind:enum(expert|none|tenderee_rep) person:hash reserve:bool
    role:enum(agent|bidder|expert|installation|keeper|supervisor|tenderee|venue|witness) seat:id venue:id
@SeatWanted = place:id seat:id speciality:id
@StratumCount = eligible:int(0,4096) left:int(0,4096) province:id speciality:id
@VenueRef = node_key:key province:id role:enum(main|sub) venue:id
AnswerClarification = answer:hash0 number:count refused:bool
AnswerObjection = answer:hash number:int(1,300)
AskClarification = bidder:id purpose:enum(inconsistent|low_price|slip|unclear) question:hash
BeginDrawK = candidates:[decimal](1,200) rate:id
BeginRecheck = ground:enum(abnormal|objective_differs|over_range|slip|sum_error)
BeginReevaluation = ground:enum(abnormal|objective_differs|over_range|slip|sum_error) statement:hash
BindSeat = attestation:sig means:enum(certificate|code|desk|passkey) seat:id
BookSession = bids_min:int(1,99) committee_odd:bool committee_size_min:int(1,99) demonstration:bool
    experts_den:int(1,100) experts_num:int(0,100) installation_key:key lots:[@LotRef](1,64)
    milestone_wait_ms:count names_hidden:bool node_keys:[@NodeKey](0,64) plan:hash policy_digest:hash0
    province_signatures:[@ProvinceSignature](0,40) regime:enum(GOV_PROC|TENDER) rules_version:id
    scoring_ms:count
CallReplacement = drawn:[@DrawnMember](0,1) reason:enum(ineligible|no_show|recused|refused|unreachable)
    seat:id
CastSecretVote = bidder:id0 commitment:hash ground:id
CastVote = bidder:id0 choice:enum(abstain|no|yes) ground:id reason:hash0
CheckBlindPart = bidder:id findings:hash0 result:enum(fail|pass)
CheckIn = recusal:enum(none) undertaking:hash
CloseClarification = number:count result:enum(answered|overdue|refused)
CloseVote = bidder:id0 ground:id
CommitDrawSeed = commitment:hash draw:id
CommitK = commitment:hash rate:id
ConfirmDeduction = bidder:id deduction:hash
ConfirmIdentity = evidence:hash0 seat:id step:enum(certificate|desk|document|face)
ConfirmPassing = passing:[id](1,300)
CorrectItem = correction:hash ground:enum(abnormal|objective_differs|over_range|slip|sum_error)
    items:[@Item](1,200) seat:id
DecideTie = of:id0 order:[id](1,300) statement:hash
DeclareRecusal = bidder:id0 ground:enum(employer|interest|kin|other|penalty|staff) remark:hash0
DeemAgreement = seat:id statement:hash waited_ms:count
DrawCommittee = draw:id hosts:[@SeatRef](1,256)
DrawK = k:decimal rate:id
DrawVenues = draw:id
ElectChair = candidate:id0 commitment:hash0
ExplainDeviation = bidder:id criterion:id0 explanation:hash
ExtendTime = added_ms:int(60000,604800000)
FailSession = reason:enum(all_stages_failed|cannot_continue|ended|other|too_few_bids) statement:hash
FailStage = reason:enum(all_rejected|ended|too_few_bids) statement:hash
FindAbnormal = bidder:id criterion:id seat:id
FreezePool = draw:id parties:[@DrawParty](2,40) pool:hash root:hash seats:[@SeatWanted](1,31) sieved_by:hash
    strata:[@StratumCount](1,128) subs:int(0,64) venues:[@VenueRef](1,64)
ImportCommittee = digest:hash seats:[@SeatRef](1,256) signer:text(0,2000) source:text(0,2000)
    venues:[@VenueRef](1,64)
ImportOpening = bids:[@BidRef](1,300) digest:hash signer:text(0,2000) source:text(0,2000)
ImportPreliminary = digest:hash rejected:[@RejectedBid](0,300) signer:text(0,2000) source:text(0,2000)
    valid:[id](0,300)
ImportReport = digest:hash report:hash signer:text(0,2000) source:text(0,2000)
MarkItem = bidder:id marks:[@Mark](1,120)
NameChair = seat:id
NoteObservation = entry:count finding:enum(handled|irregular|normal) item:id media_offset_ms:count
    noted_at:count remark:hash0 subject:id0
NoteRefusal = code:id command_digest:hash command_type:id seat:id0
NoteSameBrand = bidders:[id](2,300) statement:hash
OpenChairBallot = secret:bool
OpenChairVote = candidate:id nonce:hash
OpenSheet = commitment:hash seat:id
OpenVote = bidder:id0 choice:enum(abstain|no|yes) ground:id nonce:hash reason:hash0
ProposeCorrection = bidder:id correction:hash
ProposeRejection = bidder:id ground:id reason:hash
PublishDraw = draw:id members:[@DrawnMember](0,31) seats:[@SeatRef](0,256) shares:[@OpenedShare](0,40)
PublishItems = answer_ms:int(60000,604800000) blind:bool items:[@ItemRef](0,120)
    vote_ms:int(60000,604800000)
PublishTally = tally:hash
RaiseObjection = bidder:id objection:hash
RaiseOverrun = seats:[id](0,256)
ReachMilestone = cosigned:[id](0,64)
    milestone:enum(bids_opened|bids_received|genesis|ranking_final|release_closed|roster_locked|scores_closed|scores_opened)
    owed:[id](0,64) root:hash size:count
ReadOut = bidder:id
RebuildCommittee = digest:hash seats:[@SeatRef](1,256) signer:text(0,2000) source:text(0,2000)
    venues:[@VenueRef](1,64)
ReconfirmSeat = means:enum(desk|document|face) seat:id
RecordDissent = dissent:hash report:hash
RedrawCommittee = draw:id members:[@DrawnMember](1,31) named:[@SeatRef](0,256) seats:[@SeatWanted](1,31)
RefuseToSign = report:hash
ReplaceMember = drawn:[@DrawnMember](0,1) named:[@SeatRef](0,1)
    reason:enum(absent|ill|misconduct|other|recused) seat:id successor:id
RestartDrawK = rate:id statement:hash
RevealDrawSeed = commitment:hash draw:id
RevealK = random:hash rate:id salt:hash
SealSheet = commitment:hash
SignOpeningRecord = record:hash
SignReport = report:hash
SignWitnessRecord = count:count record:hash
Suspend = limit_ms:count reason:enum(disaster|equipment|line|other|people|power|system) statement:hash
TryOpening = cause:id0 commitment:hash result:enum(fault|ok) seat:id
VoidCommittee = reason:enum(cannot_replace|misconduct|other|suspended_too_long|unlawful) statement:hash
VoteCompetition = reason:hash
"""

# What version 4 adds
FORMS_TEXT_4 = """
@FalseShare = bid:id custodian:id
@Gap = at_ms:count cause:enum(busy|lost|silent) count:count duration_ms:count
@Keyholder = custodian:id key:key public:bytes(1,256)
@KeyGroup = group:id members:[@Keyholder](1,31) threshold:int(1,31)
@OpenedBid = bid:id listing:bytes(0,32) result:enum(container_broken|dealer_fault|opened|release_false)
@Place = role:enum(member|tenderee|witness) seat:id
@ReceivedBid = bid:id bidder:id mark:hash
AcceptWitnessRecord = count:count reason:id0 record:hash remark:hash0 seat:id verdict:enum(accepted|objection)
AcknowledgeEscrow = commitment:hash escrow:hash seat:id
AnswerIntervention = answer:hash number:int(1,9007199254740991) outcome:enum(corrected|declined|explained|suspended)
AnswerRollCall = challenge:hash
AppointCustodians = groups:[@KeyGroup](1,8) project:id suite:enum(gm-1|intl-1) window_ms:int(1000,86400000)
BeginOpening = challenge:hash
ConfirmSeatKey = document:enum(id_card|passport|work_card) evidence:hash key:key seat:id until:count
DelegateSeatKey = attestation:sig evidence:hash means:enum(certificate|passkey) until:count
DestroyOpeningKey = public:bytes(1,256)
DisclosePolicy = policy:text(1,32768)
EscrowSheet = commitment:hash escrow:hash seat:id
Intervene = answer_ms:int(60000,86400000) kind:enum(question|suspend_request|warning) reason:id
    scope:enum(role|seat|session|venue) subject:id0 text:hash
NoteAnswerOverdue = number:int(1,9007199254740991)
OfferOpeningKey = public:bytes(1,256) suite:enum(gm-1|intl-1)
OpenBids = bids:[@BidRef](1,300)
PrepareReport = places:[@Place](1,32) prepared:hash report:hash
ReceiveBids = bids:[@ReceivedBid](0,300)
RecordBidFailure = bid:id cause:enum(revoked|withdrawn)
    reason:enum(bidder_key_lost|container_broken|dealer_fault|not_released|other|platform|release_false)
    remedy:enum(backup_file|none|other|paper) statement:hash
RecordRollCall = digest:hash height:int(16,4096) missing:[id](0,256) octets:int(1,393216) picture:hash
    rooms:[id](0,64) shown:[id](0,256) taken_at:count width:int(16,4096)
RecordSegment = began_at:count cause:enum(|away|busy|disk|stopped) codecs:[enum(H264|VP8|opus)](1,4) digest:hash
    duration_ms:int(1,600000) frames:count gaps:[@Gap](0,64) missing_ms:count
    number:int(1,9007199254740991) octets:int(1,9007199254740991) source:id
ReleaseBid = bid:id release:hash
ReleaseCustody = bids:hash custodian:id release:hash
ReleaseEscrow = commitment:hash release:hash seat:id
ReportDecryption = bids:[@OpenedBid](1,300) false_shares:[@FalseShare](0,300)
RevokeCertificate = evidence:hash since:count
SetFaceMask = masked:bool reason:enum(discipline|identity|other|request|technical) seat:id
SettleCosignature = cosigned:[id](1,64)
    milestone:enum(bids_opened|bids_received|genesis|ranking_final|release_closed|roster_locked|scores_closed|scores_opened)
    root:hash size:count
SignPaper = after:hash before:hash beside:bool certificate:hash prepared:hash
"""


def _form(text: str, parts: dict):
    """A form from its notation: `id`, `hash0`, `int(1,9)`, `enum(a|b)`, `[form](least,most)`, `@Part`."""
    simple = {
        "amount": an_amount, "bool": a_bool, "count": a_count, "decimal": a_decimal, "hash": a_hash,
        "hash0": a_hash_or_empty, "id": an_id, "id0": an_id_or_empty, "key": a_key, "sig": a_signature,
    }  # fmt: skip
    if text in simple:
        return simple[text]
    if text.startswith("@"):
        return parts[text[1:]]
    if text.startswith("["):
        inner, _, bounds = text[1:].rpartition("](")
        least, most = bounds.rstrip(")").split(",")
        return a_list(_form(inner, parts), int(most), int(least))
    name, _, rest = text.rstrip(")").partition("(")
    if name == "enum":
        return one_of(*rest.split("|"))
    least, most = map(int, rest.split(","))
    if name == "bytes":
        return a_bytes(most, least)
    return an_int(least, most) if name == "int" else a_text(most, least)


def _forms(text: str) -> dict:
    """The forms of all contents; parts stand before what is made of them."""
    lines: list[str] = []
    for line in text.strip().split("\n"):
        if line.startswith(" "):
            lines[-1] += line
        else:
            lines.append(line)
    parts: dict = {}
    contents: dict = {}
    for line in lines:
        name, _, fields = line.partition(" = ")
        pairs = (field.split(":", 1) for field in fields.split())
        form = an_object(**{field: _form(kind, parts) for field, kind in pairs})
        (parts if name.startswith("@") else contents)[name.removeprefix("@")] = form
    return contents


NOTHING = an_object()
CONTENT = _forms(FORMS_TEXT + FORMS_TEXT_4)


class Stage:
    """One lot's envelope as the entries so far leave it (section 7)."""

    def __init__(self, lot: str, envelope: str):
        self.lot, self.envelope, self.round, self.phase = lot, envelope, 1, "AWAITED"
        self.path: list[str] = ["AWAITED"]
        self.bids: list[dict] = []
        self.source = ""
        self.valid: list[str] = []
        self.rejected: list[str] = []
        self.draws: dict[str, str] = {}
        self.sealed: dict[str, str] = {}
        self.tried: set[str] = set()
        self.opened: set[str] = set()
        self.sheets: dict[str, dict] = {}
        self.sheets_known = True
        self.tally_digest = ""
        self.tally: dict | None = None
        self.tally_fits = False  # whether the tally was worked out again and is the same
        self.read_out: list[str] = []
        self.record_signers: set[str] = set()
        # Version 3: which bids were valid in this round, questions, corrected prices, shares, brands
        self.detailed_at, self.overrun = 0, False
        self.valid_had: list[list[str]] = []
        self.corrected: dict[str, str] = {}
        self.shares: dict[str, str] = {}
        self.brands: list[list[str]] = []
        self.overlays: list[tuple[str, dict]] = []
        self.counting: dict[str, dict[str, dict]] = {}  # the sheets that count, as far as they were asked for

    def counting_sheet(self, seat: str) -> dict[str, dict]:
        """The sealed sheet with the seat's corrections laid over it in order (section 17.1)."""
        held = self.counting.get(seat)
        if held is None:
            held = {bidder: dict(points) for bidder, points in self.sheets.get(seat, {}).items()}
            for whose, scores in self.overlays:
                if whose == seat:
                    self._lay_over(held, scores)
            self.counting[seat] = held
        return held

    @staticmethod
    def _lay_over(sheet: dict[str, dict], scores: dict) -> None:
        for bidder, points in scores.items():
            sheet.setdefault(bidder, {}).update(points)

    def correct(self, seat: str, scores: dict) -> None:
        """One more correction of a seat's sheet."""
        self.overlays.append((seat, scores))
        if seat in self.counting:
            self._lay_over(self.counting[seat], scores)

    def name(self) -> str:
        return f"{self.lot}/{self.envelope}"


class Replay:
    """The state that a record's entries lead to, and the rules that decide each command again."""

    def __init__(self, record: Record):
        self.record = record
        self.session = record.session
        self.tree = Tree()
        self.roots = bytearray(EMPTY_ROOT)
        self.seq = 0
        self.at = 0
        self.phase = "DRAFT"
        self.path: list[str] = []
        self.book: dict = {}
        self.version = ""
        self.installation = ""
        self.plan: dict | None = None
        self.seats: dict[str, dict] = {}
        self.venues: dict[str, dict] = {}
        self.keys: dict[str, str] = {}  # a seat's present key -> seat
        self.key_of: dict[str, str] = {}  # seat -> its present key
        self.node_keys: dict[str, str] = {}  # a venue node's key -> venue
        self.keys_used: set[str] = set()
        self.last_number: dict[str, int] = {}
        self.commands: set[bytes] = set()
        self.stages: dict[tuple[str, str], Stage] = {}
        self.pending: set[tuple[str, str, str]] = set()
        self.reached: set[tuple[str, str, str]] = set()
        self.checked_in: set[str] = set()
        self.roster: list[str] = []
        self.report = ""
        self.signed: set[str] = set()
        self.observed: dict[str, tuple[int, bytes]] = {}
        self.record_signed: set[str] = set()
        self.orders: dict[str, tuple[int, bytes]] = {}
        self.open_points: list[Stop] = []
        self.tallies_checked = 0
        self.given: list = []  # the events of the entry at hand
        self.bound: list[dict] = []  # the keys that the record binds, for the list in an archive

    # -- what stays open ---------------------------------------------------------------------------------

    def leave_open(self, rule: str, seen: str) -> None:
        """Notes what cannot be decided and goes on: a broken rule found later outweighs it."""
        if len(self.open_points) < OPEN_POINTS_MAX and not any(
            (point.rule, point.seen) == (rule, seen) for point in self.open_points
        ):
            self.open_points.append(Undecided(rule, seen, self.seq))

    def disclosed(self, digest: str, field: str):
        """A hidden value that a check needs; noted as open where it is withheld."""
        value = self.record.disclosure(digest, field)
        if value is None:
            self.leave_open("DisclosureMissing", f"the disclosure of {field} is withheld")
        return value

    def finish(self) -> None:
        """Nothing waits at the end of a record of versions 1 and 2."""

    # -- section 5.2: one entry after the other ----------------------------------------------------------

    def take(self, raw: bytes) -> None:
        """Checks one entry in the order of section 5.2, decides its command again, and folds it."""
        entry = decode_canonical(raw, "the entry")
        ENTRY(entry, "the entry")
        command = entry["command"]
        signed = canonical(command)
        if len(signed) > COMMAND_BYTES_MAX:
            raise Invalid("TooLarge", f"a command of more than {COMMAND_BYTES_MAX} bytes")
        if entry["v"] != 1 or type(entry["v"]) is not int:
            raise Invalid("Malformed", "the entry is of another version")
        if entry["seq"] != self.seq:
            raise Invalid("BadSeq", f"entry {self.seq} says it is {entry['seq']}")
        if entry["session"] != self.session or command["session"] != self.session:
            raise Invalid("WrongSession", f"the entry is of session {entry['session']}")
        if entry["at"] < self.at:
            raise Invalid("ClockBackwards", "the coordinator's clock falls")
        if abs(command["author_at"] - entry["at"]) > AUTHOR_CLOCK_SKEW_MS_MAX:
            raise Invalid("ClockTooFar", "the author's clock is too far off")
        self.at = entry["at"]
        self._number(command)
        self._seen(command["seen"])
        if not signature_holds(command["author_key"], entry["sig"], "command/v1", signed):
            raise Invalid("BadSignature", "the author's signature does not verify")
        self.given = entry["events"]
        events = self.decide(command)
        if events is not None and canonical(events) != canonical(entry["events"]):
            raise Invalid("EventsFalse", f"{command['type']}: the events are not what the rules come to")
        # Events whose form is not specified are not applied: what they would change stays open.
        self.fold(command, entry["events"] if events is not None else [])
        self.tree.append(leaf_hash(raw))
        self.roots += self.tree.root()
        self.seq += 1

    def _number(self, command: dict) -> None:
        """The author's number rises (section 4); a command's id is used once by an author."""
        key, number = command["author_key"], command["author_seq"]
        if key == self.installation:
            if number != 0:
                raise Invalid("OutOfOrder", "the installation's acts bear the number 0")
            if not re.fullmatch(r"due-[0-9a-f]{40}", command["command_id"]):
                raise Invalid("Malformed", "an installation's command id has another form")
        elif number <= self.last_number.get(key, 0):
            raise Invalid("OutOfOrder", f"the author's number {number} does not rise")
        identity = sha256(canonical([key, command["command_id"]]))[:20]
        if identity in self.commands:
            raise Invalid("CommandReused", f"the command {command['command_id']} stands twice")
        self.commands.add(identity)
        self.last_number[key] = number

    def _seen(self, seen: dict) -> None:
        """The head that the author verified last is one of ours (section 4)."""
        size = seen["size"]
        if size > self.seq or self.root_at(size) != from_base64(seen["root"], "seen.root", 32):
            raise Invalid("SeenUnknown", f"the head of size {size} that the author saw is not ours")

    def root_at(self, size: int) -> bytes:
        return bytes(self.roots[32 * size : 32 * size + 32])

    # -- who may do what, when (section 7) ----------------------------------------------------------------

    def acts(self) -> dict:
        return ACTS_1 if self.version == "1" else ACTS_2

    def decide(self, command: dict) -> list | None:
        """The events that the rules give for a command; None where their form is not known here."""
        kind = command["type"]
        if self.seq == 0:
            return self._genesis(command)
        if kind not in self.acts():
            rule = "NotYetAvailable" if kind in NOT_YET else "UnknownCommand"
            raise Invalid(rule, f"{kind} is no act of rules version {self.version}")
        scope, phases, roles = self.acts()[kind]
        CONTENT.get(kind, NOTHING)(command["content"], f"{kind}.content")
        role = self._role(command)
        if role not in roles:
            raise Invalid("NotAllowed", f"the role {role} may not do {kind}")
        stage = self._stage(command["stage"], scope)
        phase = stage.phase if scope == "stage" else self.phase
        if phase not in phases:
            raise Invalid("WrongPhase", f"{kind} in {phase}")
        move = MOVES_1.get(kind)
        if move and move[1] and (move[1], *self._place(stage)) not in self.reached:
            raise Invalid("MilestoneAwaited", f"{kind} awaits {move[1]}")
        if role == "installation":
            self._due_id(command, stage)
        return getattr(self, "_decide_" + kind)(command, stage)

    def _role(self, command: dict) -> str:
        """In which role the author speaks; the key of a seat that was bound anew speaks no more."""
        key = command["author_key"]
        if key == self.installation:
            return "installation"
        if command["type"] == "BindSeat":
            seat = self.seats.get(command["content"]["seat"])
            if seat is None:
                raise Invalid("UnknownSeat", f"there is no seat {command['content']['seat']}")
            return seat["role"]
        if key in self.node_keys:
            return "venue"
        if key not in self.keys:
            raise Invalid("UnknownAuthor", "no seat or node of this session has the signing key")
        if self.keys[key] not in self.seats:
            return "agent"  # the agent before the committee is imported
        return self.seats[self.keys[key]]["role"]

    def author(self, command: dict) -> str:
        """The seat of the author."""
        return self.keys[command["author_key"]]

    def _stage(self, named: dict, scope: str) -> Stage | None:
        if named == SESSION_STAGE:
            if scope == "stage":
                raise Invalid("UnknownStage", "an act of a stage names none")
            return None
        if scope == "session":
            raise Invalid("UnknownStage", "an act of the session names a stage")
        stage = self.stages.get((named["lot"], named["envelope"]))
        if stage is None:
            raise Invalid("UnknownStage", f"there is no stage {named['lot']}/{named['envelope']}")
        if named["round"] != stage.round:
            raise Invalid("WrongRound", f"round {named['round']} is not {stage.round}")
        return stage

    @staticmethod
    def _place(stage: Stage | None) -> tuple[str, str]:
        return (stage.lot, stage.envelope) if stage else ("", "")

    def _moved(self, kind: str, stage: Stage | None) -> list[dict]:
        """The events of a move: the phase entered and the milestone that it calls for."""
        target, _, calls = MOVES_1[kind]
        if stage is None:
            events = [{"phase": target, "type": "PhaseEntered.1"}]
        else:
            events = [self._of(stage, "StageEntered.1", phase=target)]
        if calls:
            lot, envelope = self._place(stage)
            events.append(
                {"envelope": envelope, "lot": lot, "milestone": calls, "type": "MilestonePending.1"}
            )
        return events

    @staticmethod
    def _of(stage: Stage, kind: str, **fields) -> dict:
        """An event of a stage and its round."""
        return {"envelope": stage.envelope, "lot": stage.lot, "round": stage.round, "type": kind, **fields}

    # -- genesis (section 5.3) ----------------------------------------------------------------------------

    def _genesis(self, command: dict) -> list[dict]:
        content = command["content"]
        if command["type"] != "BookSession":
            raise Invalid("WrongPhase", "the first entry books the session")
        CONTENT["BookSession"](content, "BookSession.content")
        if content["rules_version"] not in ("1", "2", *LATER_RULES):
            raise Undecided("UnknownRules", f"rules version {content['rules_version']} is not known here")
        if command["stage"] != SESSION_STAGE:
            raise Invalid("UnknownStage", "genesis is of the whole session")
        if command["author_key"] == content["installation_key"]:
            raise Invalid("KeyTaken", "the agent's key is the installation's")
        _distinct([lot["lot"] for lot in content["lots"]])
        for lot in content["lots"]:
            _distinct(lot["envelopes"])
        _distinct([node["node"] for node in content["node_keys"]])
        _distinct([node["key"] for node in content["node_keys"]])
        if content["rules_version"] in ("1", "2") and any(
            len(lot["envelopes"]) != 1 for lot in content["lots"]
        ):
            raise Invalid("Malformed", "a lot has one envelope under this version")
        self.plan = self.disclosed(content["plan"], "plan")
        if self.plan is not None:
            self._plan_fits(content)
        event = {
            **content,
            "agent_key": command["author_key"],
            "session": self.session,
            "type": "SessionBooked.1",
        }
        return [event, *self._moved("BookSession", None)]

    def _plan_fits(self, content: dict) -> None:
        """What genesis carries of the plan is the plan's (PlanMismatch)."""
        try:
            plan, committee = self.plan, self.plan["committee"]
            schemes = {scheme["id"]: scheme for scheme in plan["schemes"]}
            lots = []
            for lot in plan["lots"]:
                envelopes = sorted(schemes[lot["scheme"]]["envelopes"], key=lambda one: one["order"])
                lots.append({"envelopes": [one["id"] for one in envelopes], "lot": lot["id"]})
            wanted = {
                "bids_min": plan["bids_min"],
                "committee_odd": committee["odd_required"],
                "committee_size_min": committee["size_min"],
                "experts_den": committee["experts_den"],
                "experts_num": committee["experts_num"],
                "names_hidden": plan["hide_names"],
                "regime": plan["regime"],
                "scoring_ms": plan["scoring_ms"],
                "lots": lots,
            }
        except (KeyError, TypeError, AttributeError):
            raise Invalid("PlanInvalid", "the plan lacks what genesis carries of it") from None
        for field, value in wanted.items():
            if canonical(content[field]) != canonical(value):
                raise Invalid("PlanMismatch", f"{field} is not the plan's")

    # -- committee and check-in ---------------------------------------------------------------------------

    def _decide_ImportCommittee(self, command: dict, stage) -> list[dict]:
        content = command["content"]
        self.committee_fits(content)
        return [{**content, "type": "CommitteeImported.1"}, *self._moved("ImportCommittee", None)]

    def committee_fits(self, content: dict) -> None:
        """Seats and venues agree: ids once, one main venue, members' kinds, no key twice."""
        venues = [venue["venue"] for venue in content["venues"]]
        _distinct(venues)
        _distinct([seat["seat"] for seat in content["seats"]])
        if [venue["role"] for venue in content["venues"]].count("main") != 1:
            raise Invalid("UnknownVenue", "there is one main venue")
        keys = [venue["node_key"] for venue in content["venues"]]
        _distinct(keys)
        for key in keys:
            if key in self.keys_used or key == self.installation:
                raise Invalid("KeyTaken", "a venue's key belongs to a seat or the installation")
        for seat in content["seats"]:
            if seat["venue"] not in venues:
                raise Invalid("UnknownVenue", f"seat {seat['seat']} is at no venue of the session")
            if (seat["role"] == "expert") != (seat["kind"] != "none"):
                raise Invalid("Malformed", f"the kind of seat {seat['seat']} does not go with its role")
        for seat in content["seats"]:
            if seat["seat"] == "agent" and seat["role"] != "agent":
                raise Invalid("NotAllowed", "the seat agent is the agent's")
            self.text_if_open(seat["person"], "person")

    def text_if_open(self, digest: str, field: str, longest: int = TEXT_CHARS_MAX, shortest: int = 0) -> None:
        """A hidden text, where it is disclosed, is a text. Personal data may be erased: no need of it."""
        value = self.record.disclosure(digest, field)
        if value is not None and (not isinstance(value, str) or not shortest <= len(value) <= longest):
            raise Invalid("TextLength", f"what is hidden as {field} is no text of the right length")

    def _decide_BindSeat(self, command: dict, stage) -> list[dict]:
        content, key = command["content"], command["author_key"]
        if self.seats[content["seat"]]["reserve"]:
            raise Invalid("SeatReserve", f"seat {content['seat']} is a reserve")
        self.binding_holds(command)
        return [{"key": key, "means": content["means"], "seat": content["seat"], "type": "SeatBound.1"}]

    def binding_holds(self, command: dict) -> None:
        """The key is new to the session, and the installation attests it for the seat (section 3)."""
        content, key = command["content"], command["author_key"]
        if key in self.keys_used or key in self.node_keys or key == self.installation:
            raise Invalid("KeyTaken", "the key was bound before")
        attested = {"key": key, "means": content["means"], "seat": content["seat"], "session": self.session}
        attestation = content["attestation"]
        if not signature_holds(self.installation, attestation, "bind-seat/v1", canonical(attested)):
            raise Invalid("BadAttestation", f"the attestation of seat {content['seat']} does not verify")

    def members(self) -> list[str]:
        """The seats that make up the committee, in the order of the import."""
        return [name for name, seat in self.seats.items() if seat["role"] == "expert" and not seat["reserve"]]

    def _decide_OpenCheckIn(self, command: dict, stage) -> list[dict]:
        for lot in self.book["lots"]:
            if self.stages[lot["lot"], lot["envelopes"][0]].phase == "AWAITED":
                raise Invalid("GuardUnmet", f"lot {lot['lot']} is not opened")
        return self._moved("OpenCheckIn", None)

    def _decide_CheckIn(self, command: dict, stage) -> list[dict]:
        seat, content = self.author(command), command["content"]
        if seat in self.checked_in:
            raise Invalid("AlreadyCheckedIn", f"seat {seat} has checked in")
        self.undertaking_fits(content)
        return [{"seat": seat, "type": "SeatCheckedIn.1", "undertaking": content["undertaking"]}]

    def undertaking_fits(self, content: dict) -> None:
        """SHA-256 over the plan's undertaking in Chinese, without a tag (section 2)."""
        text = (self.plan or {}).get("undertaking_zh")
        if self.plan is not None and (
            not isinstance(text, str) or to_base64(sha256(text.encode())) != content["undertaking"]
        ):
            raise Invalid("PlanMismatch", "the undertaking that was signed is not the plan's")

    def _decide_LockRoster(self, command: dict, stage) -> list[dict]:
        members = self.members()
        missing = [seat for seat in members if seat not in self.checked_in]
        if missing:
            raise Invalid("GuardUnmet", f"not all members have checked in ({missing[0]})")
        self.committee_is_lawful(members)
        return [{"members": sorted(members), "type": "RosterLocked.1"}, *self._moved("LockRoster", None)]

    def committee_is_lawful(self, members: list[str]) -> None:
        """Size, odd number and share of experts as genesis carries them (招标投标法 37)."""
        book, size = self.book, len(members)
        experts = sum(self.seats[seat]["kind"] == "expert" for seat in members)
        if size < book["committee_size_min"]:
            raise Invalid("CommitteeTooSmall", f"{size} members")
        if book["committee_odd"] and size % 2 == 0:
            raise Invalid("CommitteeEven", f"{size} members")
        if experts * book["experts_den"] < size * book["experts_num"]:
            raise Invalid("CommitteeRatio", f"{experts} experts of {size} members")

    # -- opening ------------------------------------------------------------------------------------------

    def _decide_ImportOpening(self, command: dict, stage: Stage) -> list[dict]:
        content = command["content"]
        if self.phase not in SESSION_ORDER[2:]:
            raise Invalid("GuardUnmet", "the committee is not drawn")
        self.bids_fit(content["bids"])
        if len(content["bids"]) < self.book["bids_min"]:
            raise Invalid("TooFewBids", f"{len(content['bids'])} bids")
        place = {"envelope": stage.envelope, "lot": stage.lot}
        return [{**content, **place, "type": "OpeningImported.1"}, *self._moved("ImportOpening", stage)]

    def bids_fit(self, bids: list[dict]) -> None:
        """Each bidder once, each neutral code once; prices and quantities, where open, are numbers."""
        _distinct([bid["bidder"] for bid in bids])
        _distinct([bid["code"] for bid in bids if bid["code"]])
        for bid in bids:
            price = self.record.disclosure(bid["price"], "price")
            if price is not None and price != "":
                try:
                    a_decimal(price, "a price")
                except Invalid:
                    raise Invalid("PriceInvalid", f"the price of {bid['bidder']} is no amount") from None
            quantities = self.record.disclosure(bid["quantities"], "quantities")
            if quantities is not None:
                if not isinstance(quantities, dict):
                    raise Invalid("PriceInvalid", f"the quantities of {bid['bidder']} are none")
                for value in quantities.values():
                    a_decimal(value, f"a quantity of {bid['bidder']}")
            self.text_if_open(bid["name"], "bidder_name")

    def _decide_DrawK(self, command: dict, stage: Stage) -> list[dict]:
        content = command["content"]
        if content["rate"] in stage.draws:
            raise Invalid("AlreadyDone", f"the rate {content['rate']} is drawn already")
        if self.plan is not None:
            rates = {rate["id"]: rate for rate in self.scheme(stage)["rates"]}
            if content["k"] not in rates.get(content["rate"], {}).get("candidates", ()):
                raise Invalid("NotACandidate", f"{content['k']} is no candidate of {content['rate']}")
        place = {"envelope": stage.envelope, "lot": stage.lot}
        return [{**place, "k": content["k"], "rate": content["rate"], "type": "KDrawn.1"}]

    def scheme(self, stage: Stage) -> dict:
        """The plan's scheme for a stage's lot."""
        try:
            lot = next(lot for lot in self.plan["lots"] if lot["id"] == stage.lot)
            return next(scheme for scheme in self.plan["schemes"] if scheme["id"] == lot["scheme"])
        except (KeyError, TypeError, StopIteration):
            raise Invalid("PlanInvalid", f"the plan has no scheme for lot {stage.lot}") from None

    def _decide_ReadOut(self, command: dict, stage: Stage) -> list[dict]:
        bidder = command["content"]["bidder"]
        if bidder not in [bid["bidder"] for bid in stage.bids]:
            raise Invalid("UnknownBidder", f"there is no bidder {bidder}")
        if bidder in stage.read_out:
            raise Invalid("AlreadyReadOut", f"{bidder} has been read out")
        return [self._of(stage, "BidReadOut.1", bidder=bidder, seat=self.author(command))]

    def _decide_SignOpeningRecord(self, command: dict, stage: Stage) -> list[dict]:
        """Section 13.2: the record's hash is over bids, order of reading, session, source and stage."""
        seat, record = self.author(command), command["content"]["record"]
        if seat in stage.record_signers:
            raise Invalid("AlreadySigned", f"seat {seat} has signed")
        if len(stage.read_out) != len(stage.bids):
            raise Invalid("GuardUnmet", "not all bids are read out")
        value = {
            "bids": stage.bids,
            "read_out": stage.read_out,
            "session": self.session,
            "source": stage.source,
            "stage": command["stage"],
        }
        if to_base64(tagged("opening-record/v1", canonical(value))) != record:
            raise Invalid("RecordMismatch", "what is signed is not the opening record")
        return [self._of(stage, "OpeningRecordSigned.1", record=record, seat=seat)]

    # -- review and scores (section 6) --------------------------------------------------------------------

    def _decide_BeginPreliminary(self, command: dict, stage: Stage) -> list[dict]:
        if self.phase != "COMMITTEE_READY":
            raise Invalid("GuardUnmet", "the committee is not ready")
        return self._moved("BeginPreliminary", stage)

    def _decide_ImportPreliminary(self, command: dict, stage: Stage) -> list[dict]:
        content = command["content"]
        if self.phase != "COMMITTEE_READY":
            raise Invalid("GuardUnmet", "the committee is not ready")
        bidders = [bid["bidder"] for bid in stage.bids]
        rejected = [one["bidder"] for one in content["rejected"]]
        if not content["valid"]:
            raise Invalid("UnknownBidder", "one bid at least is valid")
        if sorted([*content["valid"], *rejected]) != sorted(bidders):
            raise Invalid("UnknownBidder", "valid and rejected bids together are not the bids opened")
        if content["valid"] != [bidder for bidder in bidders if bidder in content["valid"]]:
            raise Invalid("OutOfOrder", "valid bids stand in the order of the opening")
        place = {"envelope": stage.envelope, "lot": stage.lot}
        moved = self._moved("ImportPreliminary", stage)
        return [{**content, **place, "type": "PreliminaryImported.1"}, *moved]

    def _decide_SealSheet(self, command: dict, stage: Stage) -> list[dict]:
        seat, commitment = self.author(command), command["content"]["commitment"]
        if seat not in self.roster:
            raise Invalid("NotAllowed", f"seat {seat} is no member")
        if seat in stage.sealed:
            raise Invalid("AlreadySealed", f"seat {seat} has sealed")
        return [self._of(stage, "SheetSealed.1", commitment=commitment, seat=seat)]

    def _decide_CloseScoring(self, command: dict, stage: Stage) -> list[dict]:
        missing = [seat for seat in self.roster if seat not in stage.sealed]
        if missing:
            raise Invalid("GuardUnmet", f"seat {missing[0]} has not sealed")
        return self._moved("CloseScoring", stage)

    def _sheet_of_venue(self, command: dict, stage: Stage) -> str:
        """The seat whose sheet a node speaks of: sealed, of this commitment, at the node's venue."""
        content = command["content"]
        seat, venue = content["seat"], self.node_keys[command["author_key"]]
        if seat not in self.seats:
            raise Invalid("UnknownSeat", f"there is no seat {seat}")
        self.at_venue(command, stage, seat, venue)
        if seat not in stage.sealed:
            raise Invalid("NotSealed", f"seat {seat} has sealed nothing")
        if stage.sealed[seat] != content["commitment"]:
            raise Invalid("OpeningMismatch", f"that is not what seat {seat} sealed")
        return seat

    def at_venue(self, command: dict, stage: Stage, seat: str, venue: str) -> None:
        """A node speaks for the seats of its own venue."""
        if self.seats[seat]["venue"] != venue:
            raise Invalid("WrongVenue", f"seat {seat} is not at {venue}")

    def _decide_TryOpening(self, command: dict, stage: Stage) -> list[dict]:
        content, seat = command["content"], self._sheet_of_venue(command, stage)
        if seat in stage.tried:
            raise Invalid("AlreadyDone", f"the opening of seat {seat} was tried with success")
        ok = content["result"] == "ok"
        events = [self._of(stage, "OpeningTried.1", cause=content["cause"], ok=ok, seat=seat)]
        if ok and stage.tried | {seat} >= set(self.roster):
            events += self._moved("TryOpening", stage)
        return events

    def _decide_OpenSheet(self, command: dict, stage: Stage) -> list[dict]:
        content, seat = command["content"], self._sheet_of_venue(command, stage)
        if seat in stage.opened:
            raise Invalid("AlreadyDone", f"the sheet of seat {seat} is open")
        self.open_sheet(content["commitment"], seat, stage, command["stage"])
        events = [self._of(stage, "SheetOpened.1", commitment=content["commitment"], seat=seat)]
        if stage.opened | {seat} >= set(self.roster):
            events += [self._of(stage, "ScoresOpened.1"), *self._moved("OpenSheet", stage)]
        return events

    def open_sheet(
        self, commitment: str, seat: str, stage: Stage, named: dict, bids: list | None = None
    ) -> None:
        """Section 6: the opening is this seat's, of this stage, complete, in range and on step."""
        sheet = self.disclosed(commitment, "sheet")
        if sheet is None:
            stage.sheets_known = False
            return
        try:
            an_object(
                bids=a_list(an_id, BIDS_PER_STAGE_MAX),
                expert=an_id,
                nonce=a_hash,
                scores=anything,
                session=an_id,
                stage=STAGE,
            )(sheet, "the sheet")
        except Invalid as stop:
            raise Invalid("SheetInvalid", f"seat {seat}: {stop.seen}") from None
        if sheet["expert"] != seat or sheet["session"] != self.session or sheet["stage"] != named:
            raise Invalid("SheetInvalid", f"the sheet of seat {seat} is of another seat, session or stage")
        if sheet["bids"] != (stage.valid if bids is None else bids):
            raise Invalid("SheetInvalid", f"the sheet of seat {seat} is not about the valid bids")
        if self.plan is not None:
            self.scores_fit(sheet["scores"], sheet["bids"], seat, stage)
        stage.sheets[seat] = sheet["scores"]
        stage.counting.pop(seat, None)

    def scores_fit(self, scores, bids: list[str], seat: str, stage: Stage) -> None:
        """Every scored leaf of the stage for every bid, each within its range and on its step."""
        leaves = scored_leaves(self.scheme(stage), stage.envelope)
        if not isinstance(scores, dict) or scores.keys() != set(bids):
            raise Invalid("SheetInvalid", f"the sheet of seat {seat} does not score each valid bid")
        for bidder, points in scores.items():
            if not isinstance(points, dict) or points.keys() != leaves.keys():
                raise Invalid("SheetInvalid", f"seat {seat}, {bidder}: the items are not the plan's")
            for item, value in points.items():
                if type(value) is not int or not 0 <= value <= leaves[item]["max_centi"]:
                    raise Invalid("SheetInvalid", f"seat {seat}, {bidder}, {item}: out of range")
                if value % leaves[item]["step_centi"]:
                    raise Invalid("SheetInvalid", f"seat {seat}, {bidder}, {item}: not on the step")

    # -- aggregation --------------------------------------------------------------------------------------

    def _decide_PublishTally(self, command: dict, stage: Stage) -> list[dict]:
        digest = command["content"]["tally"]
        if ("scores_opened", *self._place(stage)) not in self.reached:
            raise Invalid("MilestoneAwaited", "PublishTally awaits scores_opened")
        if stage.tally_digest:
            raise Invalid("AlreadyDone", "the tally is published")
        self.tally_holds(digest, stage)
        return [self._of(stage, "TallyPublished.1", tally=digest)]

    def stage_bids(self, stage: Stage) -> list[dict] | None:
        """Prices and quantities of the valid bids; None where one of them is withheld."""
        found = []
        for bid in stage.bids:
            price = self.disclosed(bid["price"], "price")
            quantities = self.disclosed(bid["quantities"], "quantities")
            if price is None or quantities is None:
                return None
            found.append(
                {"bidder": bid["bidder"], "code": bid["code"], "price": price, "quantities": quantities}
            )
        return found

    def tally_holds(self, digest: str, stage: Stage) -> None:
        """The tally is what the plan comes to (section 11.1), to the byte."""
        stage.tally = self.disclosed(digest, "tally")
        bids = self.stage_bids(stage)
        if stage.tally is None or bids is None or self.plan is None or not stage.sheets_known:
            self.leave_open("DisclosureMissing", "what the tally is worked out from is withheld")
            return
        valid = [bid for bid in bids if bid["bidder"] in stage.valid]
        self.compare_tally(
            stage, Evaluation(self.scheme(stage), self.plan, stage.lot, valid, stage.sheets, stage.draws)
        )

    def compare_tally(self, stage: Stage, evaluation: "Evaluation") -> None:
        try:
            wanted = evaluation.told()
        except Undecided as stop:
            self.leave_open(stop.rule, stop.seen)
            return
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, ZeroDivisionError) as error:
            raise Invalid("PlanInvalid", f"the plan cannot be worked out: {type(error).__name__}") from None
        if canonical(wanted) == canonical(stage.tally):
            self.tallies_checked += 1
            stage.tally_fits = True
            return
        if evaluation.without_vector() and decisive(wanted) == decisive(stage.tally):
            seen = (
                f"stage {stage.name()}: ranking and totals are those of the plan, the rest is told otherwise"
            )
            self.leave_open("TallyForm", seen)
            return
        where = first_difference(wanted, stage.tally)
        raise Invalid("TallyMismatch", f"stage {stage.name()}: the tally differs at {where}")

    def _decide_ConfirmRanking(self, command: dict, stage: Stage) -> list[dict]:
        if not stage.tally_digest:
            raise Invalid("GuardUnmet", "no tally is published")
        if stage.tally is not None and stage.tally.get("blocked"):
            raise Invalid("GuardUnmet", "the tally is blocked")
        return self._moved("ConfirmRanking", stage)

    # -- report -------------------------------------------------------------------------------------------

    def _decide_BeginReport(self, command: dict, stage) -> list[dict]:
        waiting = [one.name() for one in self.stages.values() if one.phase != "RANKED"]
        if waiting:
            raise Invalid("GuardUnmet", f"stage {waiting[0]} is not ranked")
        return self._moved("BeginReport", None)

    def _decide_ImportReport(self, command: dict, stage) -> list[dict]:
        self.report_fits(command["content"]["report"])
        event = {**command["content"], "type": "ReportImported.1"}
        return [event, *self._moved("ImportReport", None)]

    def report_fits(self, digest: str) -> None:
        """What the report tells of session and tallies, where it is open and tells it, is the record's."""
        report = self.record.disclosure(digest, "report")
        if not isinstance(report, dict):
            return
        told = {"regime": self.book["regime"], "rules_version": self.version, "session": self.session}
        for field, value in told.items():
            if field in report and report[field] != value:
                raise Invalid("ReportFalse", f"the report has another {field}")
        lots = report.get("lots")
        for lot in lots if isinstance(lots, list) else ():
            if not isinstance(lot, dict) or "evaluation" not in lot:
                continue
            try:
                stage = self.stages[lot["lot"], lot["envelope"]]
            except (KeyError, TypeError):
                raise Invalid("ReportFalse", "the report tells of a lot that the session has not") from None
            if stage.tally is not None and canonical(lot["evaluation"]) != canonical(stage.tally):
                raise Invalid("ReportFalse", f"the report has another tally of {stage.name()}")

    def _decide_SignReport(self, command: dict, stage) -> list[dict]:
        seat, report = self.author(command), command["content"]["report"]
        if seat not in self.roster:
            raise Invalid("NotAllowed", f"seat {seat} is no member")
        if report != self.report:
            raise Invalid("RecordMismatch", f"seat {seat} signs another report")
        if seat in self.signed:
            raise Invalid("AlreadySigned", f"seat {seat} has signed")
        return [{"report": report, "seat": seat, "type": "ReportSigned.1"}]

    def _decide_SubmitReport(self, command: dict, stage) -> list[dict]:
        missing = [seat for seat in self.roster if seat not in self.signed]
        if missing:
            raise Invalid("GuardUnmet", f"seat {missing[0]} has not signed")
        return self._moved("SubmitReport", None)

    def _decide_ArchiveSession(self, command: dict, stage) -> list[dict]:
        return self._moved("ArchiveSession", None)

    # -- the installation's own ---------------------------------------------------------------------------

    def _decide_ReachMilestone(self, command: dict, stage) -> list[dict]:
        """Section 7: over the head before it, once it is pending; the quorum of version 1 is empty."""
        content = command["content"]
        place = (content["milestone"], *self._place(stage))
        if place not in self.pending:
            raise Invalid("WrongPhase", f"the milestone {content['milestone']} is not pending")
        if content["size"] != self.seq or content["root"] != to_base64(self.root_at(self.seq)):
            raise Invalid("SeenUnknown", "a milestone is over the head before it")
        if content["cosigned"] or content["owed"]:
            raise Invalid("Malformed", "the quorum is empty: nothing is cosigned or owed")
        lot, envelope = self._place(stage)
        return [{**content, "envelope": envelope, "lot": lot, "type": "MilestoneReached.1"}]

    def cause(self, command: dict, stage) -> str | None:
        """The cause of an act of the installation (section 7.2); None where it is the coordinator's own."""
        if command["type"] == "RaiseOverrun":
            return f"overrun {stage.name()} {stage.round}"
        if command["type"] != "ReachMilestone":
            return None
        times = self.times_reached(stage)
        lot, envelope = self._place(stage)
        again = f" {times}" if times > 1 else ""
        return f"milestone {command['content']['milestone']}@{lot}/{envelope}{again}"

    def times_reached(self, stage) -> int:
        return stage.round if stage is not None else 1

    def _due_id(self, command: dict, stage) -> None:
        """The installation's command id is that of its cause (section 7.2)."""
        cause = self.cause(command, stage)
        due = cause and "due-" + tagged("due/v1", canonical([self.session, cause])).hex()[:40]
        if due and command["command_id"] != due:
            raise Invalid("DueFalse", f"the id is not that of {cause!r}")

    def _decide_RaiseOverrun(self, command: dict, stage: Stage) -> list[dict]:
        """Section 7.2: once, when the time for scoring is over and somebody has not sealed."""
        scoring = self.book["scoring_ms"]
        missing = [seat for seat in self.roster if seat not in stage.sealed]
        if not scoring or self.at - stage.detailed_at < scoring or not missing or stage.overrun:
            raise Invalid("GuardUnmet", "no overrun is due")
        if sorted(command["content"]["seats"]) != sorted(missing):
            raise Invalid("EventsFalse", "the overrun names other seats than those that have not sealed")
        return [self._of(stage, "OverrunRaised.1", seats=command["content"]["seats"])]

    def _decide_NoteRefusal(self, command: dict, stage) -> list[dict]:
        return [{**command["content"], "type": "RefusalNoted.1"}]

    def _on_OverrunRaised(self, event, command):
        self._at_stage(event).overrun = True

    # -- witnessing (section 13) --------------------------------------------------------------------------

    def _decide_NoteObservation(self, command: dict, stage) -> list[dict]:
        content, seat = command["content"], self.author(command)
        if seat in self.record_signed:
            raise Invalid("RecordSigned", f"the record of seat {seat} is signed")
        if content["item"] not in OBSERVATION_ITEMS:
            raise Invalid("UnknownItem", f"there is no item {content['item']}")
        subject = content["subject"]
        if subject and subject not in self.seats and subject not in self.venues:
            raise Invalid("UnknownSubject", f"there is no seat or venue {subject}")
        if content["entry"] >= self.seq:
            raise Invalid("UnknownEntry", f"entry {content['entry']} does not exist yet")
        if command["author_at"] < content["noted_at"]:
            raise Invalid("ClockTooFar", "an observation is signed before it was noted")
        count, _ = self.observed.get(seat, (0, b""))
        if count >= OBSERVATIONS_PER_SEAT_MAX:
            raise Invalid("ObservationsFull", f"seat {seat} has noted {count}")
        if content["remark"]:
            self.remark_if_open(content["remark"])
        return [
            {
                **content,
                **command["stage"],
                "number": count + 1,
                "seat": seat,
                "type": "ObservationNoted.1",
                "venue": self.seats[seat]["venue"],
            }
        ]

    def remark_if_open(self, digest: str) -> None:
        """A remark, where it is disclosed, is a text of the right length (section 13.1)."""
        remark = self.record.disclosure(digest, "remark")
        if remark is not None and not (isinstance(remark, str) and 1 <= len(remark) <= REMARK_CHARS_MAX):
            raise Invalid("RemarkTooLong", "a remark has 1 to 500 characters")

    def _decide_SignWitnessRecord(self, command: dict, stage) -> list[dict]:
        content, seat = command["content"], self.author(command)
        if seat in self.record_signed:
            raise Invalid("AlreadySigned", f"seat {seat} has signed")
        count, chain = self.observed.get(seat, (0, bytes(32)))
        if content["count"] != count or content["record"] != to_base64(chain):
            raise Invalid("RecordMismatch", f"what seat {seat} signs is not its record")
        return [
            {**content, "seat": seat, "type": "WitnessRecordSigned.1", "venue": self.seats[seat]["venue"]}
        ]

    # -- the outcome (section 9) --------------------------------------------------------------------------

    def outcome(self) -> str | None:
        """The outcome's digest, versions 1 and 2; None where a disclosure that is part of it is withheld."""
        if self.open_points:
            return None
        stages = []
        more, more_of_stage = self.outcome_parts()
        for stage in sorted(self.stages.values(), key=Stage.name):
            stages.append(
                {
                    "bids": self.stage_bids(stage)
                    and sorted(self.stage_bids(stage), key=lambda b: b["bidder"]),
                    "draws": stage.draws,
                    "envelope": stage.envelope,
                    "lot": stage.lot,
                    "path": stage.path,
                    "rejected": sorted([one["bidder"], one["ground"]] for one in stage.rejected),
                    "round": stage.round,
                    "sealed": sorted(stage.sealed),
                    "sheets": self.sheets_told(stage),
                    "tally": stage.tally,
                    "valid": sorted(stage.valid),
                    **more_of_stage(stage),
                }
            )
        roster = [
            {
                "kind": self.seats[seat]["kind"],
                "seat": seat,
                "signed": seat in self.signed,
                "venue": self.seats[seat]["venue"],
            }
            for seat in self.roster
        ]
        orders = {
            seat: {"chain": chain.hex(), "count": count} for seat, (count, chain) in self.orders.items()
        }
        outcome = {
            "orders": orders,
            "path": self.path,
            "regime": self.book["regime"],
            "roster": roster,
            "rules_version": self.version,
            "stages": stages,
            "v": 1,
            "votes": [],
            **more,
        }
        return None if self.open_points else tagged("outcome/v1", canonical(outcome)).hex()

    def outcome_parts(self):
        """What version 3 adds to an outcome and to each of its stages."""
        return {}, lambda stage: {}

    def sheets_told(self, stage: Stage) -> dict:
        """Once all sheets are open, as sealed, of the valid bidders alone."""
        if not self.roster or not stage.sealed or not set(self.roster) <= stage.opened:
            return {}
        return {
            seat: {bidder: points for bidder, points in sheet.items() if bidder in stage.valid}
            for seat, sheet in stage.sheets.items()
        }

    # -- folding: what an accepted entry changes ----------------------------------------------------------

    def fold(self, command: dict, events: list) -> None:
        """Applies the events (they are those that the rules give) and counts the act in its seat's order."""
        for event in events:
            apply = getattr(self, "_on_" + str(event["type"]).removesuffix(".1"), None)
            if apply is not None:
                apply(event, command)
        kind = command["type"]
        seat = "agent" if self.seq == 0 else self.seat_counted(command)
        if seat and kind != "BindSeat" and kind not in self.uncounted():
            count, chain = self.orders.get(seat, (0, bytes(32)))
            act = tagged("order-act/v1", canonical([kind, command["stage"]]))
            self.orders[seat] = (count + 1, tagged("order/v1", chain, act))

    def uncounted(self) -> frozenset:
        """The acts that no author's order counts (section 9)."""
        return frozenset() if self.version == "1" else UNCOUNTED_2

    def seat_counted(self, command: dict) -> str:
        """Whose order an act counts in: the seat that has the key once the act has taken effect."""
        return self.keys.get(command["author_key"], "")

    def _at_stage(self, event: dict) -> Stage:
        return self.stages[event["lot"], event["envelope"]]

    def _on_SessionBooked(self, event, command):
        self.book, self.version = command["content"], command["content"]["rules_version"]
        self.installation = self.book["installation_key"]
        self._note_key(self.installation, "installation", "")
        self._note_key(command["author_key"], "agent", "agent")
        self._bind("agent", command["author_key"])
        for lot in self.book["lots"]:
            for envelope in lot["envelopes"]:
                self.stages[lot["lot"], envelope] = Stage(lot["lot"], envelope)

    def _note_key(self, key: str, of: str, seat: str) -> None:
        if len(self.bound) >= KEYS_BOUND_MAX:
            raise Undecided("TooLarge", f"more than {KEYS_BOUND_MAX} keys are bound")
        self.bound.append({"from": self.seq, "key": key, "of": of, "seat": seat})

    def _bind(self, seat: str, key: str) -> None:
        """Gives a seat its key; the former one speaks no more and never again (section 5.3)."""
        self.keys.pop(self.key_of.get(seat, ""), None)
        self.keys[key], self.key_of[seat] = seat, key
        self.keys_used.add(key)

    def _on_PhaseEntered(self, event, command):
        self.phase = event["phase"]
        self.path.append(self.phase)

    def _on_StageEntered(self, event, command):
        stage = self._at_stage(event)
        stage.phase = event["phase"]
        stage.path.append(stage.phase)
        if stage.phase == "DETAILED":
            stage.detailed_at = self.at

    def _on_MilestonePending(self, event, command):
        self.pending.add((event["milestone"], event["lot"], event["envelope"]))

    def _on_MilestoneReached(self, event, command):
        place = (event["milestone"], event["lot"], event["envelope"])
        self.pending.discard(place)
        self.reached.add(place)

    def _on_CommitteeImported(self, event, command):
        content = command["content"]
        self.seats = {seat["seat"]: seat for seat in content["seats"]}
        self.venues = {venue["venue"]: venue for venue in content["venues"]}
        self.node_keys = {venue["node_key"]: venue["venue"] for venue in content["venues"]}
        for venue in content["venues"]:
            self._note_key(venue["node_key"], "venue", venue["venue"])

    def _on_SeatBound(self, event, command):
        self._note_key(event["key"], self.seats[event["seat"]]["role"], event["seat"])
        self._bind(event["seat"], event["key"])

    def _on_SeatCheckedIn(self, event, command):
        self.checked_in.add(event["seat"])

    def _on_RosterLocked(self, event, command):
        self.roster = list(event["members"])

    def _on_OpeningImported(self, event, command):
        stage = self._at_stage(event)
        stage.bids, stage.source = command["content"]["bids"], command["content"]["digest"]
        stage.valid = [bid["bidder"] for bid in stage.bids]

    def _on_KDrawn(self, event, command):
        self._at_stage(event).draws[event["rate"]] = event["k"]

    def _on_BidReadOut(self, event, command):
        self._at_stage(event).read_out.append(event["bidder"])

    def _on_OpeningRecordSigned(self, event, command):
        self._at_stage(event).record_signers.add(event["seat"])

    def _on_PreliminaryImported(self, event, command):
        stage = self._at_stage(event)
        stage.valid, stage.rejected = list(event["valid"]), list(event["rejected"])

    def _on_SheetSealed(self, event, command):
        self._at_stage(event).sealed[event["seat"]] = event["commitment"]

    def _on_OpeningTried(self, event, command):
        if event["ok"]:
            self._at_stage(event).tried.add(event["seat"])

    def _on_SheetOpened(self, event, command):
        self._at_stage(event).opened.add(event["seat"])

    def _on_TallyPublished(self, event, command):
        self._at_stage(event).tally_digest = event["tally"]

    def _on_ReportImported(self, event, command):
        self.report = event["report"]

    def _on_ReportSigned(self, event, command):
        self.signed.add(event["seat"])

    def _on_ObservationNoted(self, event, command):
        """Section 13.1: the chain over the hashes of this seat's observations."""
        count, chain = self.observed.get(event["seat"], (0, bytes(32)))
        value = {name: event[name] for name in event if name not in ("type", "lot", "envelope", "round")}
        value |= {"session": self.session, "stage": command["stage"]}
        digest = tagged("observation/v1", canonical(value))
        self.observed[event["seat"]] = (count + 1, tagged("witness-record/v1", chain, digest))

    def _on_WitnessRecordSigned(self, event, command):
        self.record_signed.add(event["seat"])


def decisive(tally) -> list:
    """What a tally decides: who is ranked where, with which figure, and who is a candidate."""
    try:
        return [
            [
                row["bidder"],
                row["rank"],
                row["status"],
                row["candidate"],
                row["tied"],
                row["rank"] and row["total"],
            ]
            for row in tally["rows"]
        ]
    except (KeyError, TypeError):
        return []


def _distinct(names: list) -> None:
    seen = set()
    for name in names:
        if name in seen:
            raise Invalid("DuplicateId", f"{name[:80]} stands twice")
        seen.add(name)


def first_difference(wanted, given, place: str = "$") -> str:
    """Where two values differ first, and what each says there."""
    if isinstance(wanted, dict) and isinstance(given, dict) and wanted.keys() == given.keys():
        for name in sorted(wanted):
            if canonical(wanted[name]) != canonical(given[name]):
                return first_difference(wanted[name], given[name], f"{place}.{name}")
    if isinstance(wanted, list) and isinstance(given, list) and len(wanted) == len(given):
        for number, (one, other) in enumerate(zip(wanted, given, strict=True)):
            if canonical(one) != canonical(other):
                return first_difference(one, other, f"{place}[{number}]")
    return f"{place}: {canonical(wanted)[:60]!r} by the plan, {canonical(given)[:60]!r} in the tally"


# ----------------------------------------------------------------------------------------------------------
# Section 11.1: the evaluation, in exact fractions. What the specification leaves open about the written form
# of a number follows the golden vectors: rounded numbers have all their places, others the fewest that say
# them, at most nine.


def all_criteria(criterion: dict, envelope: str = ""):
    """A criterion and everything below it, each with the envelope that holds it."""
    envelope = criterion["envelope"] or envelope
    yield criterion, envelope
    for child in criterion["children"]:
        yield from all_criteria(child, envelope)


def scored_leaves(scheme: dict, envelope: str) -> dict[str, dict]:
    """The leaves that members score in one envelope (a criterion without one is of every envelope)."""
    try:
        return {
            one["id"]: one
            for top in scheme["criteria"]
            for one, where in all_criteria(top)
            if not one["children"] and one["formula"] is None and where in ("", envelope)
        }
    except (KeyError, TypeError, AttributeError):
        raise Invalid("PlanInvalid", "the criteria of the plan have another form") from None


def round_half_up(value: Fraction, places: int) -> Fraction:
    """Halves go away from zero."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(whole if value >= 0 else -whole, 10**places)


def round_by(value: Fraction, rule: dict | None) -> Fraction:
    """*Rounded by X* (section 11.1): as the plan's rule says, exact where it says nothing."""
    if rule is None:
        return value
    if rule["mode"] == "half_up":
        return round_half_up(value, rule["places"])
    if rule["mode"] == "truncate":
        scaled = abs(value) * 10 ** rule["places"]
        whole = scaled.numerator // scaled.denominator
        return Fraction(whole if value >= 0 else -whole, 10 ** rule["places"])
    raise Undecided("RoundingForm", f"rounding {rule['mode']!r} is not known")


def plain(value: Fraction, places: int | None = None) -> str:
    """A number in decimals: with exactly so many places, or with the fewest that say it, at most nine."""
    shown = round_half_up(value, PLAIN_PLACES_MAX if places is None else places)
    digits = PLAIN_PLACES_MAX if places is None else places
    scaled = abs(shown) * 10**digits
    text = str(scaled.numerator).rjust(digits + 1, "0")
    text = text if not digits else f"{text[:-digits]}.{text[-digits:]}"
    if places is None:
        text = text.rstrip("0").rstrip(".")
    return "-" + text if shown < 0 else text


class Evaluation:
    """The tally of one lot (section 11.1). `envelope` is named for a stage that is not its lot's last."""

    def __init__(self, scheme, plan, lot, bids, sheets, draws, envelope="", brands=()):
        self.scheme, self.plan, self.lot, self.draws = scheme, plan, lot, draws
        self.bids = {bid["bidder"]: bid for bid in bids}
        self.bidders = sorted(self.bids)
        self.members = sorted(sheets)
        self.sheets, self.envelope, self.brands = sheets, envelope, brands
        self.rounding = scheme["rounding"]
        self.tops = [
            top for top in scheme["criteria"] if not envelope or (top["envelope"] or envelope) == envelope
        ]
        self.with_prices = not envelope
        self.by_id, self.parent = {}, {}
        for top in self.tops:
            for one, _ in all_criteria(top):
                self.by_id[one["id"]] = one
                for child in one["children"]:
                    self.parent[child["id"]] = one
        self.goes_on = [bidder for bidder in self.bidders if self._passes_members_marks(bidder)]
        self.prices: dict[str, Fraction] = {}
        if self.with_prices:
            given = [bidder for bidder in self.goes_on if self.bids[bidder]["price"] != ""]
            self.prices = {bidder: self._evaluated_price(bidder) for bidder in given}
        self._bases: dict[str, tuple[Fraction, Fraction]] = {}

    # -- small steps --------------------------------------------------------------------------------------

    def rounded(self, value: Fraction, name: str) -> Fraction:
        return round_by(value, self.rounding[name])

    def settled(self, value: Fraction, name: str) -> Fraction:
        """*Settled by X*: rounded under round_then_sum, exact under sum_then_round."""
        return self.rounded(value, name) if self.rounding["order"] == "round_then_sum" else value

    def shown(self, value: Fraction, name: str) -> str:
        rule = self.rounding[name]
        return plain(value) if rule is None else plain(round_by(value, rule), rule["places"])

    def only_scored(self, criterion: dict) -> bool:
        return all(one["formula"] is None for one, _ in all_criteria(criterion))

    def aggregate_rule(self, criterion: dict) -> dict:
        """The criterion's own, else of the nearest group above, else the scheme's (step 3)."""
        one = criterion
        while one is not None:
            if one["aggregate"] is not None:
                return one["aggregate"]
            one = self.parent.get(one["id"])
        return self.scheme["aggregate"]

    def members_total(self, criterion: dict, seat: str, bidder: str) -> Fraction:
        """Step 1."""
        if not criterion["children"]:
            if criterion["formula"] is not None:
                return Fraction(0)
            return Fraction(self.sheets[seat][bidder][criterion["id"]], 100)
        return sum(
            (
                self.members_total(child, seat, bidder) * Fraction(child["weight"])
                for child in criterion["children"]
            ),
            Fraction(0),
        )

    def trimmed(self, values: dict[str, Fraction], trim: dict | None) -> tuple[Fraction, list[str]]:
        """Step 2: the mean, and whose values fell out (sorted by value, then seat; first low, last high)."""
        order = sorted(values, key=lambda seat: (values[seat], seat))
        dropped: list[str] = []
        if trim is not None and len(order) >= trim["members_min"] and len(order) > trim["high"] + trim["low"]:
            dropped = order[: trim["low"]] + order[len(order) - trim["high"] :]
        kept = [values[seat] for seat in order if seat not in dropped]
        return Fraction(sum(kept), len(kept)), sorted(dropped)

    def aggregated(self, criterion: dict, bidder: str) -> tuple[Fraction, list[str]]:
        values = {seat: self.members_total(criterion, seat, bidder) for seat in self.members}
        return self.trimmed(values, self.aggregate_rule(criterion)["trim"])

    def by_totals(self, criterion: dict) -> bool:
        if not criterion["children"] or not self.only_scored(criterion):
            return False
        return self.aggregate_rule(criterion)["of"] == "totals"

    def points(self, criterion: dict, bidder: str) -> Fraction:
        """Step 3, before the criterion's weight."""
        if not criterion["children"]:
            if criterion["formula"] is not None:
                value = self.settled(self.formula_points(criterion, bidder), "item")
            else:
                value = self.settled(self.aggregated(criterion, bidder)[0], "item")
        elif self.by_totals(criterion):
            value = self.aggregated(criterion, bidder)[0]
        else:
            value = sum(
                (self.points(child, bidder) * Fraction(child["weight"]) for child in criterion["children"]),
                Fraction(0),
            )
        return value

    def top_points(self, criterion: dict, bidder: str) -> Fraction:
        return self.settled(self.points(criterion, bidder), "part")

    def points_of(self, criterion: dict, bidder: str) -> Fraction:
        return (
            self.top_points(criterion, bidder)
            if criterion["id"] not in self.parent
            else self.points(criterion, bidder)
        )

    def _passes_members_marks(self, bidder: str) -> bool:
        """Step 4: pass marks on what members score alone."""
        for one in self.by_id.values():
            if one["pass_centi"] and self.only_scored(one):
                if self.points_of(one, bidder) < Fraction(one["pass_centi"], 100):
                    return False
        for envelope in self.scheme["envelopes"]:
            mark = envelope.get("pass_centi", 0)
            tops = [top for top in self.tops if (top["envelope"] or envelope["id"]) == envelope["id"]]
            if mark and (not self.envelope or self.envelope == envelope["id"]):
                if any(not self.only_scored(top) for top in tops):
                    raise Undecided("PassMarkForm", "a pass mark of an envelope that holds a formula")
                total = sum(
                    self.settled(self.top_points(top, bidder) * Fraction(top["weight"]), "weighted")
                    for top in tops
                )
                if total < Fraction(mark, 100):
                    return False
        return True

    # -- prices and formulas ------------------------------------------------------------------------------

    def _evaluated_price(self, bidder: str) -> Fraction:
        """Step 5."""
        price = Fraction(self.bids[bidder]["price"])
        rule = self.scheme.get("small_business")
        if price <= 0:
            raise Invalid("TallyImpossible", f"the price of {bidder} is not above 0")
        if rule is not None and rule["on"] == "price":
            percent = self.deduction(bidder)
            if percent:
                price = round_by(price * (1 - percent / 100), rule["rounding"])
        if price <= 0:
            raise Invalid("TallyImpossible", f"the price of {bidder} is not above 0")
        return price

    def deduction(self, bidder: str) -> Fraction:
        """The percentage for small businesses, by the share of the contract that they carry (plan schema)."""
        rule = self.scheme["small_business"]
        share = Fraction(self.bids[bidder]["quantities"].get(rule["quantity"]) or "0")
        if not 0 <= share <= 100:
            raise Invalid("TallyImpossible", f"the share of {bidder} is not within 0 and 100")
        if share == 100:
            return Fraction(rule["percent"])
        part = rule.get("consortium_percent", "")
        least = Fraction(rule.get("consortium_share_min", "30"))
        return Fraction(part) if part and share >= least else Fraction(0)

    def formula_points(self, leaf: dict, bidder: str) -> Fraction:
        """Step 6, exact."""
        form, full = leaf["formula"], Fraction(leaf["max_centi"], 100)
        if form["type"] == "base_price_deviation":
            points = self._deviation_points(leaf, form, full, bidder)
        else:
            values = self._values(leaf)
            own, lowest, highest = values[bidder], min(values.values()), max(values.values())
            if form["type"] == "low_price_first":
                points = full * lowest / own
            elif form["type"] == "share_of_highest":
                points = full * own / highest if highest else Fraction(0)
            elif form["type"] == "linear_ratio":
                points = max(Fraction(form["floor_centi"], 100), full * (2 - own / lowest))
            else:
                raise Undecided("FormulaForm", f"formula {form['type']!r} is not known")
        rule = self.scheme.get("small_business")
        if rule is not None and rule["on"] == "points" and leaf["kind"] == "price":
            points *= 1 + self.deduction(bidder) / 100
            points = min(points, full) if rule["capped"] else points
        return points

    def _values(self, leaf: dict) -> dict[str, Fraction]:
        if leaf["kind"] == "price":
            return self.all_prices()
        return {bidder: self.quantity(bidder, leaf["quantity"]) for bidder in self.goes_on}

    def all_prices(self) -> dict[str, Fraction]:
        """The prices of those who go on, where a formula or the award asks for them."""
        for bidder in self.goes_on:
            if bidder not in self.prices:
                raise Invalid("TallyImpossible", f"{bidder} has no price")
        return self.prices

    def quantity(self, bidder: str, name: str) -> Fraction:
        if name not in self.bids[bidder]["quantities"]:
            raise Invalid("TallyImpossible", f"{bidder} has no quantity {name}")
        return Fraction(self.bids[bidder]["quantities"][name])

    def lot_amount(self, name: str) -> Fraction:
        amount = next(lot for lot in self.plan["lots"] if lot["id"] == self.lot)[name]
        if not amount:
            raise Invalid("TallyImpossible", f"the lot has no {name}")
        return Fraction(amount)

    def drawn_price(self, name: str) -> tuple[str, Fraction]:
        """Whose bid was drawn under a name, and its price; it is looked at (DrawNotCandidate)."""
        bidder = self.draws.get(name, "")
        if bidder not in self.prices:
            raise Invalid("DrawNotCandidate", f"the bid drawn under {name} is none whose price is looked at")
        return bidder, self.prices[bidder]

    def terms_sum(self, terms: list, mean: Fraction, lowest: Fraction) -> Fraction:
        """The sum of terms: each its price times its factors (step 6)."""
        total = Fraction(0)
        for term in terms:
            if term["of"] == "mean":
                value = mean
            elif term["of"] == "lowest":
                value = lowest
            elif term["of"] == "ceiling":
                value = self.lot_amount("price_ceiling")
            elif term["of"] == "reference":
                value = self.lot_amount("reference_price")
            else:
                value = self.drawn_price(term["draw"])[1]
            for factor in term["factors"]:
                part = self.rate(factor["rate"]) / 100
                value *= {"times": part, "less": 1 - part, "plus": 1 + part}[factor["form"]]
            total += value
        return total

    def rate(self, name: str) -> Fraction:
        """A rate in per cent, fixed by the plan or drawn."""
        rule = next(rate for rate in self.scheme["rates"] if rate["id"] == name)
        if rule["percent"]:
            return Fraction(rule["percent"])
        if name not in self.draws:
            raise Invalid("TallyImpossible", f"the rate {name} is not drawn")
        return Fraction(self.draws[name])

    def base(self, leaf: dict) -> tuple[Fraction, Fraction]:
        """The mean of the counted prices and the base price (step 6)."""
        if leaf["id"] in self._bases:
            return self._bases[leaf["id"]]
        form = leaf["formula"]
        everyone = sorted(self.all_prices().values())
        if not everyone:
            raise Invalid("TallyImpossible", "no bid goes on")
        bounds = []
        for name, low in (("count_from_percent", True), ("count_to_percent", False)):
            if form[name]:
                bounds.append((self.lot_amount("price_ceiling") * Fraction(form[name]) / 100, low))
        mean_of_all = Fraction(sum(everyone), len(everyone))
        for name, low in (("range_from", True), ("range_to", False)):
            if form.get(name):
                bounds.append((self.terms_sum(form[name], mean_of_all, everyone[0]), low))
        counts = {
            bidder: all(price >= bound if low else price <= bound for bound, low in bounds)
            for bidder, price in self.prices.items()
        }
        counted = sorted(price for bidder, price in self.prices.items() if counts[bidder])
        if not counted:
            raise Invalid("TallyImpossible", "no bid counts")
        if form.get("range_from") or form.get("range_to"):
            for term in form["terms"]:
                if term["of"] == "drawn_bid" and not counts[self.drawn_price(term["draw"])[0]]:
                    raise Invalid("TallyImpossible", "the drawn bid does not count")
        row = None
        for one in form["drop"]:
            row = one if len(counted) >= one["bids_min"] else row
        kept = counted[row["low"] : len(counted) - row["high"]] if row else counted
        if not kept:
            raise Invalid("TallyImpossible", "no bid is left for the mean")
        mean = self.rounded(Fraction(sum(kept), len(kept)), "mean_price")
        base = self.terms_sum(form["terms"], mean, counted[0])
        base = self.rounded(base, "base_price")
        if base <= 0:
            raise Invalid("TallyImpossible", "the base price is not above 0")
        self._bases[leaf["id"]] = mean, base
        return mean, base

    def _deviation_points(self, leaf: dict, form: dict, full: Fraction, bidder: str) -> Fraction:
        _, base = self.base(leaf)
        rate = self.rounded((self.prices[bidder] - base) / base * 100, "rate")
        size = abs(rate)
        if form["counting"] != "interpolate":
            step = Fraction(form["step_percent"])
            whole = size / step
            steps = whole.numerator // whole.denominator
            if form["counting"] == "begun_steps":
                steps += whole.denominator != 1
            elif form["counting"] != "full_steps":
                raise Undecided("FormulaForm", f"counting {form['counting']!r} is not known")
            size = steps * step
        side = "above" if rate > 0 else "below"
        lost = size * Fraction(form[f"e_{side}"])
        most = form[f"deduct_{side}_max_centi"]
        if most:
            lost = min(lost, Fraction(most, 100))
        return max(Fraction(form["floor_centi"], 100), full - lost)

    # -- what is told -------------------------------------------------------------------------------------

    def told(self) -> dict:
        """The evaluation as a tally tells it (step 12)."""
        if not self.members:
            raise Undecided("TallyForm", "a tally without members' sheets is not specified")
        mismatches = self._mismatches()
        used, mean, base = self._rates_used(), "", ""
        for leaf in self.by_id.values():
            if (
                leaf["formula"] is not None
                and leaf["formula"]["type"] == "base_price_deviation"
                and not base
                and self.goes_on
            ):
                numbers = self.base(leaf)
                mean, base = self.shown(numbers[0], "mean_price"), self.shown(numbers[1], "base_price")
        told = {
            "base_price": base,
            "blocked": bool(mismatches) and self.scheme.get("objective_mismatch", "block") == "block",
            "deviations": self._deviations(),
            "draws": used,
            "lot": self.lot,
            "mean_price": mean,
            "mismatches": mismatches,
            "rows": self._rows(),
        }
        if self.scheme.get("low_prices") and self.with_prices:
            told["low_prices"] = self._low_prices()
        return told

    def without_vector(self) -> bool:
        """Whether the tally holds what the golden vectors have no example of, so that its form is inferred."""
        rule = self.scheme["deviation"] or {}
        return bool(
            (self.goes_on != self.bidders and "small_business" in self.scheme)
            or self.scheme["award"]["type"] != "sum_of_points"
            or any(top["normalise_centi"] for top in self.tops)
            or self._mismatches()
            or rule.get("total")
            or any(name in self.by_id and not self.by_id[name]["children"] for name in rule.get("of", ()))
        )

    def _rates_used(self) -> dict[str, str]:
        """The drawn rates that formulas use, and the orders of ties that were decided."""
        wanted = {
            factor["rate"]
            for leaf in self.by_id.values()
            if leaf["formula"] is not None
            for part in ("terms", "range_from", "range_to")
            for term in leaf["formula"].get(part) or ()
            for factor in term["factors"]
        }
        drawn = {rate["id"] for rate in self.scheme["rates"] if not rate["percent"]}
        drawn_bids = {
            term["draw"]
            for leaf in self.by_id.values()
            if leaf["formula"] is not None
            for part in ("terms", "range_from", "range_to")
            for term in leaf["formula"].get(part) or ()
            if term["of"] == "drawn_bid"
        }
        decided = {tie["of"] for tie in self.scheme["ties"] if tie["by"] == "decided"} | {"undecided"}
        return {
            name: value
            for name, value in self.draws.items()
            if name in (wanted & drawn) | drawn_bids | decided
        }

    def _mismatches(self) -> list[dict]:
        """Objective items on which the members' points differ (87号令 64)."""
        found = []
        for bidder in self.bidders:
            for one in self.by_id.values():
                if one["kind"] == "objective" and not one["children"] and one["formula"] is None:
                    scores = {seat: self.sheets[seat][bidder][one["id"]] for seat in self.members}
                    if len(set(scores.values())) > 1:
                        found.append({"bidder": bidder, "criterion": one["id"], "scores": scores})
        return found

    def _deviations(self) -> list[dict]:
        """Step 10: groups and the total in full up to a bound, single items only when over."""
        rule = self.scheme["deviation"]
        if rule is None:
            return []
        names = [name for name in rule["of"] if name in self.by_id] + ([""] if rule.get("total") else [])
        found = []
        for bidder in self.bidders:
            for name in names:
                single = bool(name) and not self.by_id[name]["children"]
                totals = {seat: self._compared(name, seat, bidder) for seat in self.members}
                for seat in self.members:
                    others = [totals[one] for one in self.members if one != seat or rule["against"] == "all"]
                    if not others:
                        continue
                    one = self._distance(Fraction(sum(others), len(others)), totals[seat], rule)
                    if one["over"] or not single:
                        found.append({"bidder": bidder, "criterion": name, "seat": seat, **one})
        return found if len(found) <= DISTANCES_MAX else [one for one in found if one["over"]]

    def _compared(self, name: str, seat: str, bidder: str) -> Fraction:
        """A member's total of a criterion; of all together where none is named."""
        if name:
            return self.members_total(self.by_id[name], seat, bidder)
        return sum(
            (self.members_total(top, seat, bidder) * Fraction(top["weight"]) for top in self.tops),
            Fraction(0),
        )

    @staticmethod
    def _distance(mean: Fraction, own: Fraction, rule: dict) -> dict:
        if not mean and own:
            raise Undecided("DeviationForm", "a distance from 0 has no vector")
        percent = (own - mean) / mean * 100 if mean else Fraction(0)
        over = abs(percent) > Fraction(rule["threshold_percent"])
        return {"mean": plain(mean), "over": over, "percent": plain(percent, 2), "points": plain(own)}

    def _low_prices(self) -> list[dict]:
        """Step 11."""
        prices = {bidder: Fraction(self.bids[bidder]["price"]) for bidder in self.prices}
        lot = next(lot for lot in self.plan["lots"] if lot["id"] == self.lot)
        found = []
        for bidder in prices:
            others = [price for one, price in prices.items() if one != bidder]
            for check in self.scheme["low_prices"]:
                than = check["than"]
                reference = None
                if than == "mean" or (than == "mean_of_others" and others):
                    counted = list(prices.values()) if than == "mean" else others
                    reference = Fraction(sum(counted), len(counted))
                elif than == "lowest_of_others" and others:
                    reference = min(others)
                elif than in ("ceiling", "reference"):
                    amount = lot["price_ceiling" if than == "ceiling" else "reference_price"]
                    reference = Fraction(amount) if amount else None
                if reference is None:
                    continue
                if prices[bidder] * 100 < Fraction(check["percent"]) * reference:
                    limit = Fraction(check["percent"]) * reference / 100
                    found.append({"bidder": bidder, "limit": plain(limit), "than": than})
        return found

    def _part(self, top: dict, bidder: str) -> tuple[dict, Fraction]:
        """Step 7 for one criterion at the top: what is told, and its product with the weight."""
        points = self.points(top, bidder)
        if top["normalise_centi"] and bidder in self.goes_on:
            best = max(self.points(top, one) for one in self.goes_on)
            points = Fraction(top["normalise_centi"], 100) * points / best if best else Fraction(0)
        points = self.settled(points, "part")
        weighted = self.settled(points * Fraction(top["weight"]), "weighted")
        items = []
        for one, _ in all_criteria(top):
            if one is top or one["children"]:
                continue
            if one["formula"] is not None or not self._below_totals(one):
                items.append({"criterion": one["id"], "points": self.shown(self.points(one, bidder), "item")})
        dropped: list[str] = []
        if self.by_totals(top) or (
            not top["children"] and top["formula"] is None and self.aggregate_rule(top)["of"] == "totals"
        ):
            dropped = self.aggregated(top, bidder)[1]
        part = {
            "criterion": top["id"],
            "dropped": dropped,
            "items": items,
            "points": self.shown(points, "part"),
            "weighted": self.shown(weighted, "weighted"),
        }
        return part, weighted

    def _below_totals(self, leaf: dict) -> bool:
        return self.aggregate_rule(leaf)["of"] == "totals"

    def _rows(self) -> list[dict]:
        """Steps 7 to 9: parts, figure, rank and candidates."""
        rows, technical = {}, {}
        for bidder in self.bidders:
            goes_on = bidder in self.goes_on
            told = [top for top in self.tops if goes_on or self.only_scored(top)]
            parts = [self._part(top, bidder) for top in told]
            technical[bidder] = sum((weighted for _, weighted in parts), Fraction(0))
            status = (
                "ranked" if goes_on and self._passes_other_marks(bidder, technical[bidder]) else "below_pass"
            )
            rows[bidder] = {
                "bidder": bidder,
                "candidate": False,
                "parts": [part for part, _ in parts],
                "price": self.bids[bidder]["price"] if self.with_prices else "",
                "rank": 0,
                "status": status,
                "tied": False,
                "total": "",
            }
            rule = self.scheme.get("small_business")
            if rule is not None and rule["on"] == "price" and self.with_prices:
                rows[bidder]["evaluated_price"] = plain(self.prices[bidder]) if bidder in self.prices else ""
        self._qualify(rows, technical)
        ranked = [bidder for bidder in self.bidders if rows[bidder]["status"] == "ranked"]
        exact = {bidder: self.figure(bidder, technical[bidder]) for bidder in ranked}
        rounding = self.rounding["rank_on"] == "rounded"
        figures = {b: self.rounded(one, "total") if rounding else one for b, one in exact.items()}
        for bidder in ranked:
            rows[bidder]["total"] = self.shown(exact[bidder], "total")
        by_points = not self.with_prices
        sign = -1 if by_points or self.scheme["wins"] == "highest" else 1
        groups = self._split([[bidder] for bidder in ranked], None, figures, sign) if ranked else []
        ties = [
            *self.scheme["ties"],
            *([{"by": "decided", "of": "undecided"}] if "undecided" in self.draws else []),
        ]
        for tie in ties:
            groups = [part for group in groups for part in self._break(group, tie)]
        rank, told_rows, brands_taken, passed = 1, [], set(), 0
        for group in groups:
            for bidder in group:
                brand = next((one for one in self.brands if bidder in one), None)
                second = brand is not None and brand in brands_taken
                row = rows[bidder]
                row |= {
                    "candidate": rank - passed <= self.plan["candidates_max"] and not second,
                    "rank": rank,
                    "tied": len(group) > 1,
                }
                told_rows.append(row)
            passed += sum(any(bidder in one for one in brands_taken) for bidder in group)
            brands_taken |= {one for one in self.brands if any(bidder in one for bidder in group)}
            rank += len(group)
        return told_rows + [rows[bidder] for bidder in self.bidders if rows[bidder]["status"] != "ranked"]

    def _passes_other_marks(self, bidder: str, technical: Fraction) -> bool:
        """Step 7: pass marks of criteria with a formula below them, and the scheme's."""
        for one in self.by_id.values():
            if one["pass_centi"] and not self.only_scored(one):
                if self.points_of(one, bidder) < Fraction(one["pass_centi"], 100):
                    return False
        award = self.scheme["award"]["type"]
        if self.with_prices and award == "price_over_technical" and not technical:
            return False
        return not self.with_prices or technical >= Fraction(self.scheme["pass_centi"], 100)

    def _qualify(self, rows: dict, technical: dict) -> None:
        """技术评分最低标价法: the best `qualify` go on, equals of the last one too."""
        if self.scheme["award"]["type"] != "technical_then_price":
            return
        ranked = [bidder for bidder in self.bidders if rows[bidder]["status"] == "ranked"]
        best = sorted((technical[bidder] for bidder in ranked), reverse=True)
        last = best[: self.scheme["award"]["qualify"]][-1:]
        for bidder in ranked:
            if technical[bidder] < last[0]:
                rows[bidder]["status"] = "not_qualified"

    def figure(self, bidder: str, technical: Fraction) -> Fraction:
        """Step 8: what is ranked; of an envelope before the last the points (section 17.6)."""
        award = self.scheme["award"]
        if award["type"] == "sum_of_points" or not self.with_prices:
            return technical
        price = self.all_prices()[bidder]
        if award["type"] == "lowest_evaluated_price":
            percents = sum((self.quantity(bidder, one) for one in award["percents"]), Fraction(0))
            amounts = sum((self.quantity(bidder, one) for one in award["amounts"]), Fraction(0))
            return price * (1 + percents / 100) + amounts
        if award["type"] == "technical_then_price":
            return price
        if award["type"] == "price_over_technical":
            for one in award["values"]:
                price += self.quantity(bidder, one["quantity"]) * Fraction(one["value"])
            return price / technical
        if award["type"] == "price_less_credit":
            return price - technical * Fraction(award["credit_per_point"])
        if award["type"] == "technical_over_price":
            return (technical + Fraction(award["offset"])) * Fraction(award["factor"]) / price
        raise Invalid("PlanInvalid", f"there is no award {award['type']!r}")

    @staticmethod
    def _split(groups, _, values: dict, sign: int) -> list[list[str]]:
        """Bidders put in order of a value; equal ones stay together, by id."""
        bidders = sorted(one for group in groups for one in group)
        ordered = sorted({values[bidder] for bidder in bidders}, key=lambda value: sign * value)
        return [[bidder for bidder in bidders if values[bidder] == value] for value in ordered]

    def _break(self, group: list[str], tie: dict) -> list[list[str]]:
        """Step 9: one rule for equal bids; passed over where a bid has no value for it."""
        if len(group) < 2:
            return [group]
        if tie["by"] == "lower_price":
            if any(not self.bids[bidder]["price"] for bidder in group):
                return [group]
            values = {bidder: Fraction(self.bids[bidder]["price"]) for bidder in group}
            return self._split([group], None, values, 1)
        if tie["by"] in ("higher_quantity", "lower_quantity"):
            given = {bidder: self.bids[bidder]["quantities"].get(tie["of"], "") for bidder in group}
            if not all(given.values()):
                return [group]
            values = {bidder: Fraction(one) for bidder, one in given.items()}
            return self._split([group], None, values, -1 if tie["by"] == "higher_quantity" else 1)
        if tie["by"] == "higher_points" and tie["of"] not in self.by_id:
            return [group]  # of another envelope
        if tie["by"] == "higher_points":
            values = {bidder: self.points_of(self.by_id[tie["of"]], bidder) for bidder in group}
            return self._split([group], None, values, -1)
        if tie["by"] == "decided":
            order = self.draws.get(tie["of"], "").split()
            values = {bidder: order.index(bidder) if bidder in order else len(order) for bidder in group}
            return self._split([group], None, values, 1)
        raise Undecided("TieForm", f"the tie rule {tie['by']!r} has no vector")


# ----------------------------------------------------------------------------------------------------------
# Sections 15 to 17: rules version 3, in part

ACTS_3 = {
    # type: (scope, phases, roles, events that the act may cause), from table-3.json
    "AnswerClarification": ("stage", "CLARIFYING REJECT_VOTE", "bidder agent", "ClarificationAnswered"),
    "AnswerObjection": ("stage", "OPENED", "tenderee", "ObjectionAnswered"),
    "ArchiveSession": ("session", "SUBMITTED", "agent", "PhaseEntered"),
    "AskClarification": (
        "stage",
        "PRELIM DETAILED SUMMARY CLARIFYING REJECT_VOTE",
        "expert",
        "ClarificationAsked StageEntered",
    ),
    "AskMoreTime": ("stage", "PRELIM DETAILED", "expert", "MoreTimeAsked"),
    "BeginDrawK": ("stage", "OPENED PRELIM", "agent", "KDrawBegun"),
    "BeginPreliminary": ("stage", "OPENED", "agent", "StageEntered"),
    "BeginRecheck": ("stage", "SUMMARY RANKED", "agent expert", "RecheckBegun StageEntered"),
    "BeginReevaluation": (
        "session",
        "REPORT_DRAFT SIGNING SUBMITTED",
        "agent tenderee",
        "PhaseEntered ReevaluationBegun",
    ),
    "BeginReport": ("session", "COMMITTEE_READY", "agent", "MilestonePending PhaseEntered"),
    "BindSeat": (
        "session",
        "BOOKED DRAWN CHECKIN COMMITTEE_READY REPORT_DRAFT SIGNING SUBMITTED SUSPENDED COMMITTEE_VOID",
        "agent tenderee expert witness supervisor bidder keeper",
        "SeatBound",
    ),
    "BookSession": ("session", "DRAFT", "agent", "MilestonePending PhaseEntered SessionBooked"),
    "CallReplacement": ("session", "DRAWN CHECKIN COMMITTEE_READY", "agent", "ReplacementCalled"),
    "CastSecretVote": ("stage", "REJECT_VOTE", "expert", "VoteSealed"),
    "CastVote": ("stage", "REJECT_VOTE", "expert", "VoteCast"),
    "CheckBlindPart": (
        "stage",
        "OPENED PRELIM CLARIFYING REJECT_VOTE",
        "agent witness venue",
        "BlindPartChecked",
    ),
    "CheckIn": ("session", "CHECKIN COMMITTEE_READY", "expert", "SeatCheckedIn"),
    "CloseClarification": (
        "stage",
        "CLARIFYING REJECT_VOTE",
        "expert installation",
        "ClarificationClosed StageEntered",
    ),
    "CloseScoring": ("stage", "DETAILED", "agent", "MilestonePending StageEntered"),
    "CloseVote": ("stage", "REJECT_VOTE", "expert installation", "StageEntered VoteClosed"),
    "CommitDrawSeed": ("session", "BOOKED", "supervisor venue", "DrawSeedCommitted"),
    "CommitK": ("stage", "OPENED PRELIM", "tenderee witness supervisor", "KCommitted"),
    "ConcludePreliminary": ("stage", "PRELIM", "expert agent", "PreliminaryConcluded StageEntered"),
    "ConfirmDeduction": (
        "stage",
        "OPENED PRELIM DETAILED SUMMARY CLARIFYING REJECT_VOTE",
        "agent tenderee",
        "DeductionConfirmed",
    ),
    "ConfirmIdentity": ("session", "CHECKIN COMMITTEE_READY", "keeper witness", "IdentityConfirmed"),
    "ConfirmPassing": ("stage", "SUMMARY", "agent", "PassingConfirmed StageEntered"),
    "ConfirmRanking": ("stage", "SUMMARY", "agent", "StageEntered"),
    "CorrectItem": ("stage", "RECHECK", "expert", "ItemCorrected"),
    "DecideTie": ("stage", "SUMMARY", "tenderee", "TallySetAside TieDecided"),
    "DeclareRecusal": ("session", "CHECKIN COMMITTEE_READY", "expert", "RecusalDeclared"),
    "DeemAgreement": ("session", "SIGNING", "agent", "AgreementDeemed"),
    "DrawCommittee": ("session", "BOOKED", "agent", "CommitteeDrawn PhaseEntered"),
    "DrawVenues": ("session", "BOOKED", "agent", "VenuesDrawn"),
    "ElectChair": ("session", "CHECKIN COMMITTEE_READY", "expert", "ChairElected ChairVoted"),
    "EndRecheck": ("stage", "RECHECK", "agent expert", "StageEntered TallySetAside"),
    "ExplainDeviation": ("stage", "SUMMARY RECHECK CLARIFYING REJECT_VOTE", "expert", "DeviationExplained"),
    "ExtendTime": ("stage", "PRELIM DETAILED", "agent tenderee", "TimeExtended"),
    "FailSession": (
        "session",
        "BOOKED DRAWN CHECKIN COMMITTEE_READY REPORT_DRAFT SIGNING SUSPENDED COMMITTEE_VOID",
        "agent tenderee",
        "PhaseEntered SessionFailed",
    ),
    "FailStage": (
        "stage",
        "AWAITED OPENING BIDDERS_RELEASE CUSTODIANS_RELEASE OPENED PRELIM DETAILED SCORES_SEALED "
        "SCORES_OPENING SUMMARY CLARIFYING REJECT_VOTE RECHECK",
        "agent tenderee",
        "",
    ),
    "FindAbnormal": ("stage", "RECHECK", "expert", "AbnormalFound"),
    "FreezePool": ("session", "BOOKED", "agent", "PoolFrozen"),
    "ImportCommittee": ("session", "BOOKED", "agent", "CommitteeImported PhaseEntered"),
    "ImportOpening": ("stage", "AWAITED", "agent", "MilestonePending OpeningImported StageEntered"),
    "ImportReport": ("session", "REPORT_DRAFT", "agent", "PhaseEntered ReportImported"),
    "LockRoster": ("session", "CHECKIN", "agent", "MilestonePending PhaseEntered RosterLocked"),
    "MarkItem": ("stage", "OPENED PRELIM CLARIFYING REJECT_VOTE", "expert tenderee agent", "ItemsMarked"),
    "NameChair": ("session", "CHECKIN COMMITTEE_READY", "tenderee", "ChairElected"),
    "NoteObservation": (
        "any",
        "BOOKED DRAWN CHECKIN COMMITTEE_READY REPORT_DRAFT SIGNING SUBMITTED SUSPENDED COMMITTEE_VOID FAILED",
        "witness",
        "ObservationNoted",
    ),
    "NoteRefusal": (
        "session",
        "BOOKED DRAWN CHECKIN COMMITTEE_READY REPORT_DRAFT SIGNING SUBMITTED ARCHIVED SUSPENDED "
        "COMMITTEE_VOID FAILED",
        "installation",
        "",
    ),
    "NoteSameBrand": ("stage", "OPENED PRELIM CLARIFYING REJECT_VOTE", "agent tenderee", "SameBrandNoted"),
    "OpenChairBallot": ("session", "CHECKIN COMMITTEE_READY", "agent", "ChairBallotOpened"),
    "OpenChairVote": ("session", "CHECKIN COMMITTEE_READY", "expert", "ChairElected ChairVoteOpened"),
    "OpenCheckIn": ("session", "DRAWN", "agent", "PhaseEntered"),
    "OpenSheet": (
        "stage",
        "SCORES_OPENING",
        "venue",
        "MilestonePending ScoresOpened SheetOpened StageEntered",
    ),
    "OpenVote": ("stage", "REJECT_VOTE", "expert", "VoteCast"),
    "ProposeCorrection": (
        "stage",
        "PRELIM DETAILED SUMMARY CLARIFYING REJECT_VOTE",
        "expert",
        "ClarificationAsked StageEntered",
    ),
    "ProposeRejection": (
        "stage",
        "PRELIM DETAILED SUMMARY CLARIFYING REJECT_VOTE",
        "expert",
        "StageEntered VoteOpened",
    ),
    "PublishDraw": ("session", "CHECKIN", "agent", "DrawPublished"),
    "PublishItems": ("stage", "AWAITED OPENED PRELIM", "agent", "ItemsPublished"),
    "PublishTally": ("stage", "SUMMARY", "agent", "TallyPublished"),
    "RaiseObjection": ("stage", "OPENED", "tenderee bidder", "ObjectionRaised"),
    "RaiseOverrun": ("stage", "DETAILED", "installation", ""),
    "ReachMilestone": (
        "any",
        "BOOKED DRAWN CHECKIN COMMITTEE_READY REPORT_DRAFT SIGNING SUBMITTED ARCHIVED SUSPENDED "
        "COMMITTEE_VOID FAILED",
        "installation",
        "MilestoneReached",
    ),
    "ReadOut": ("stage", "OPENED", "tenderee", "BidReadOut"),
    "RebuildCommittee": ("session", "COMMITTEE_VOID", "agent", "CommitteeRebuilt PhaseEntered"),
    "ReconfirmSeat": ("session", "SUSPENDED", "witness keeper", "SeatReconfirmed"),
    "RecordDissent": ("session", "SIGNING", "expert", "DissentRecorded"),
    "RedrawCommittee": ("session", "COMMITTEE_VOID", "agent", "CommitteeRedrawn PhaseEntered"),
    "RefuseToSign": ("session", "SIGNING", "expert", "SignatureRefused"),
    "ReplaceMember": ("session", "CHECKIN COMMITTEE_READY", "agent", "MemberReplaced StageEntered"),
    "RestartDrawK": ("stage", "OPENED PRELIM", "supervisor", "KDrawRestarted"),
    "Resume": ("session", "SUSPENDED", "agent tenderee", "PhaseEntered SessionResumed"),
    "RevealDrawSeed": ("session", "BOOKED", "supervisor venue", "DrawSeedRevealed"),
    "RevealK": ("stage", "OPENED PRELIM", "tenderee witness supervisor", "KDrawn KRevealed"),
    "SealSheet": ("stage", "DETAILED CLARIFYING REJECT_VOTE", "expert", "SheetSealed"),
    "SignOpeningRecord": ("stage", "OPENED", "tenderee witness", "OpeningRecordSigned"),
    "SignReport": ("session", "SIGNING", "expert", "ReportSigned"),
    "SignWitnessRecord": (
        "session",
        "REPORT_DRAFT SIGNING SUBMITTED FAILED",
        "witness",
        "WitnessRecordSigned",
    ),
    "SubmitReport": ("session", "SIGNING", "agent", "PhaseEntered"),
    "Suspend": (
        "session",
        "CHECKIN COMMITTEE_READY REPORT_DRAFT SIGNING",
        "agent supervisor",
        "PhaseEntered SessionSuspended",
    ),
    "TryOpening": ("stage", "SCORES_SEALED", "venue", "OpeningTried StageEntered"),
    "VoidCommittee": (
        "session",
        "DRAWN CHECKIN COMMITTEE_READY REPORT_DRAFT SIGNING SUSPENDED",
        "agent tenderee",
        "CommitteeVoided PhaseEntered StageEntered",
    ),
    "VoteCompetition": (
        "stage",
        "PRELIM DETAILED SUMMARY CLARIFYING REJECT_VOTE",
        "expert",
        "StageEntered VoteOpened",
    ),
}
# The guards of an act that moves a track, in their order (table-3.json, section 7.1)
GUARDS_3 = {
    "BeginPreliminary": "committee_ready chair_known items_published blind_parts_checked objections_answered",
    "BeginRecheck": "committee_ready next_envelope_closed",
    "BeginReport": "stages_ranked nobody_recused members_checked_in chair_known",
    "CloseScoring": "members_checked_in nobody_recused members_sealed enough_left",
    "ConcludePreliminary": (
        "committee_ready members_checked_in nobody_recused items_marked deviations_voted enough_left"
    ),
    "ConfirmPassing": "tally_published nobody_recused enough_left",
    "ConfirmRanking": "tally_published nobody_recused enough_left",
    "ImportOpening": "committee_drawn earlier_envelope",
    "LockRoster": "draw_published members_checked_in nobody_recused committee_lawful committee_of_law",
    "OpenCheckIn": "first_envelopes_opened",
    "Resume": "seats_reconfirmed",
    "SubmitReport": "members_answered",
}
AWAITS_3 = {
    "BeginPreliminary": "bids_opened",
    "ConfirmPassing": "scores_opened",
    "ConfirmRanking": "scores_opened",
    "DrawCommittee": "genesis",
    "ImportCommittee": "genesis",
    "ImportReport": "ranking_final",
    "TryOpening": "scores_closed",
}
CALLS_3 = {
    "BeginReport": "ranking_final",
    "BookSession": "genesis",
    "CloseScoring": "scores_closed",
    "ImportOpening": "bids_opened",
    "LockRoster": "roster_locked",
    "OpenSheet": "scores_opened",
}

# How an act's own event follows from it: (event, fields left out, place, who).
# Forms as in the golden records; `place` is "", "stage" (lot, envelope) or "round" (round too).
FORMS_3 = {
    "AnswerClarification": ("ClarificationAnswered", "", "round", "by"),
    "AnswerObjection": ("ObjectionAnswered", "", "stage", "seat"),
    "AskClarification": ("ClarificationAsked", "", "round", "seat"),
    "AskMoreTime": ("MoreTimeAsked", "", "round", "seat"),
    "BeginDrawK": ("KDrawBegun", "", "round", ""),
    "BeginRecheck": ("RecheckBegun", "", "round", "seat"),
    "BeginReevaluation": ("ReevaluationBegun", "", "", "seat"),
    "CallReplacement": ("ReplacementCalled", "drawn", "", ""),
    "CastSecretVote": ("VoteSealed", "", "round", "seat"),
    "CastVote": ("VoteCast", "", "round", "seat"),
    "CheckBlindPart": ("BlindPartChecked", "", "round", "by"),
    "CloseClarification": ("ClarificationClosed", "", "round", ""),
    "CloseVote": ("VoteClosed", "", "round", ""),
    "CommitDrawSeed": ("DrawSeedCommitted", "", "", "party"),
    "CommitK": ("KCommitted", "", "stage", "seat"),
    "ConcludePreliminary": ("PreliminaryConcluded", "", "round", ""),
    "ConfirmDeduction": ("DeductionConfirmed", "", "round", "seat"),
    "ConfirmIdentity": ("IdentityConfirmed", "", "", "by"),
    "ConfirmPassing": ("PassingConfirmed", "", "round", ""),
    "CorrectItem": ("ItemCorrected", "", "round", ""),
    "DecideTie": ("TieDecided", "", "round", "seat"),
    "DeclareRecusal": ("RecusalDeclared", "", "", "seat"),
    "DeemAgreement": ("AgreementDeemed", "waited_ms", "", ""),
    "DrawCommittee": ("CommitteeDrawn", "", "", ""),
    "DrawVenues": ("VenuesDrawn", "", "", ""),
    "ElectChair": ("ChairVoted", "", "", "seat"),
    "ExplainDeviation": ("DeviationExplained", "", "round", "seat"),
    "ExtendTime": ("TimeExtended", "", "round", "seat"),
    "FailSession": ("SessionFailed", "", "", "seat"),
    "FindAbnormal": ("AbnormalFound", "", "round", "by"),
    "FreezePool": ("PoolFrozen", "", "", ""),
    "ImportCommittee": ("CommitteeImported", "", "", ""),
    "ImportOpening": ("OpeningImported", "", "stage", ""),
    "ImportReport": ("ReportImported", "", "", ""),
    "MarkItem": ("ItemsMarked", "", "round", "seat"),
    "NameChair": ("ChairElected", "", "", ""),
    "NoteSameBrand": ("SameBrandNoted", "", "round", "seat"),
    "OpenChairBallot": ("ChairBallotOpened", "", "", ""),
    "OpenChairVote": ("ChairVoteOpened", "nonce", "", "seat"),
    "OpenVote": ("VoteCast", "nonce", "round", "seat"),
    "ProposeRejection": ("VoteOpened", "", "round", "seat"),
    "PublishDraw": ("DrawPublished", "members", "", ""),
    "PublishItems": ("ItemsPublished", "", "round", ""),
    "PublishTally": ("TallyPublished", "", "round", ""),
    "RaiseObjection": ("ObjectionRaised", "", "stage", "seat"),
    "RebuildCommittee": ("CommitteeRebuilt", "", "", ""),
    "ReconfirmSeat": ("SeatReconfirmed", "", "", "by"),
    "RecordDissent": ("DissentRecorded", "", "", "seat"),
    "RedrawCommittee": ("CommitteeRedrawn", "members", "", ""),
    "RefuseToSign": ("SignatureRefused", "", "", "seat"),
    "ReplaceMember": ("MemberReplaced", "drawn", "", ""),
    "RestartDrawK": ("KDrawRestarted", "", "stage", "by"),
    "Resume": ("SessionResumed", "", "", "seat"),
    "RevealDrawSeed": ("DrawSeedRevealed", "commitment", "", "party"),
    "RevealK": ("KRevealed", "", "stage", "seat"),
    "Suspend": ("SessionSuspended", "", "", "seat"),
    "VoidCommittee": ("CommitteeVoided", "", "", "seat"),
}
SEALED_TAKES = frozenset(
    (
        "ReconfirmSeat",
        "Resume",
        "VoidCommittee",
        "FailSession",
        "NoteObservation",
        "BindSeat",
        "NoteRefusal",
        "ReachMilestone",
        "RebuildCommittee",
        "RedrawCommittee",
    )
)


def drawn_words(label: list, seed: bytes):
    """The 64-bit words of a draw's stream for one label (section 15.1)."""
    key = tagged("draw-stream/v1", canonical([label, to_base64(seed)]))
    number = 0
    while True:
        block = tagged("draw-block/v1", key, number.to_bytes(8, "big"))
        for place in range(0, 32, 8):
            yield int.from_bytes(block[place : place + 8], "big")
        number += 1


def number_below(words, bound: int) -> int:
    limit = 2**64 - 2**64 % bound
    return next(word for word in words if word < limit) % bound


def drawn_order(size: int, label: list, seed: bytes) -> list[int]:
    """Fisher–Yates from the front (section 15.1)."""
    return list(_drawn_order(size, tuple(label), seed))


@functools.lru_cache(256)
def _drawn_order(size: int, label: tuple, seed: bytes) -> tuple[int, ...]:
    words, order = drawn_words(list(label), seed), list(range(size))
    for place in range(size - 1):
        other = place + number_below(words, size - place)
        order[place], order[other] = order[other], order[place]
    return tuple(order)


def draw_seed(draw: str, session: str, subject: str, shares: dict[str, str]) -> bytes:
    value = {
        "draw": draw,
        "session": session,
        "shares": [[one, shares[one]] for one in sorted(shares)],
        "subject": subject,
    }
    return tagged("draw-seed/v1", canonical(value))


class Vote:
    """A vote on one bid and ground (section 16.4)."""

    def __init__(self, due_at: int, opened_at: int):
        self.due_at, self.opened_at = due_at, opened_at
        self.ballots: dict[str, str] = {}
        self.sealed: dict[str, str] = {}
        self.closed = self.rejected = False


class Question:
    """A clarification asked of a bidder (section 16.2)."""

    def __init__(self, event: dict, asked_at: int):
        self.bidder, self.purpose, self.question = event["bidder"], event["purpose"], event["question"]
        self.due_at, self.asked_at = event["due_at"], asked_at
        self.answered = self.refused = False
        self.result = ""


class Stage3(Stage):
    """A stage under version 3: review, votes, questions, corrections and turns as well."""

    def __init__(self, lot: str, envelope: str):
        super().__init__(lot, envelope)
        self.items: dict = {}
        self.marks: dict[str, dict[str, dict[str, str]]] = {}
        self.blind: dict[str, str] = {}
        self.questions: dict[int, Question] = {}
        self.votes: dict[tuple[str, str], Vote] = {}
        self.out: list[tuple[str, str]] = []  # bids out and their grounds, in the order in which it happened
        self.objections: list[dict] = []
        self.asked_time: list[str] = []
        self.detailed_at = self.added_ms = self.extensions = 0
        self.overrun = False
        self.rechecks: list[str] = []
        self.corrections: list[dict] = []
        self.corrected_now = False
        self.found_by: dict[tuple[str, str, str], list[str]] = {}
        self.abnormal: set[tuple[str, str, str]] = set()
        self.explained: set[tuple[str, str, str]] = set()
        self.decided: dict[str, list[str]] = {}
        self.passing: list[str] = []
        self.failure = ""
        self._bidders: tuple[list, frozenset] = ([], frozenset())
        self.base = ""  # the last of PRELIM, DETAILED, SUMMARY that was entered

    def has_bidder(self, bidder: str) -> bool:
        """Whether a bidder has a bid here; the names are kept as long as the bids are the same."""
        if self._bidders[0] is not self.bids:
            self._bidders = (self.bids, frozenset(bid["bidder"] for bid in self.bids))
        return bidder in self._bidders[1]

    def left(self) -> list[str]:
        """The bids that no vote rejected."""
        voted = {bidder for (bidder, _), vote in self.votes.items() if vote.closed and vote.rejected}
        return [bid["bidder"] for bid in self.bids if bid["bidder"] not in voted]

    def desk_grounds(self, bidder: str) -> list[str]:
        """The grounds on which the desk puts a bid out: each item that it marked as a material deviation."""
        marks = self.marks.get(bidder, {})
        return [
            one["ground"]
            for one in self.items.get("items", ())
            if one["by"] == "desk" and marks.get(one["item"], {}).get("desk") == "material"
        ]

    def standing(self) -> list[str]:
        """The bids that neither a vote nor the desk has put out."""
        return [bidder for bidder in self.left() if not self.desk_grounds(bidder)]

    def suppliers(self) -> int:
        """How many suppliers are left, those of one brand as one (section 16.5)."""
        left = self.standing()
        of_brands = sum(1 for brand in self.brands if any(one in left for one in brand))
        return of_brands + sum(1 for one in left if not any(one in brand for brand in self.brands))

    def side(self) -> str:
        """Where the stage belongs now (section 7.1): a vote before a question before where it came from."""
        if any(not vote.closed for vote in self.votes.values()):
            return "REJECT_VOTE"
        return "CLARIFYING" if any(not one.result for one in self.questions.values()) else self.base


WORDS_DIGITS = {sign: value for value, pair in enumerate(zip("零壹贰叁肆伍陆柒捌玖", "〇一二三四五六七八九", strict=True))
                for sign in pair}  # fmt: skip
WORDS_UNITS = {"拾": 10, "十": 10, "佰": 100, "百": 100, "仟": 1_000, "千": 1_000}


def yuan_in_words(text: str) -> Fraction | None:
    """An amount in Chinese capitals (大写) in yuan; None where the text is empty or is no such amount."""
    whole = section = digit = 0
    cents, seen_yuan = Fraction(0), False
    for sign in text.removeprefix("人民币").strip():
        if sign in WORDS_DIGITS:
            digit = WORDS_DIGITS[sign]
        elif sign in WORDS_UNITS:
            section, digit = section + (digit or 1) * WORDS_UNITS[sign], 0
        elif sign == "万":
            whole, section, digit = whole + (section + digit) * 10_000, 0, 0
        elif sign == "亿":
            whole, section, digit = (whole + section + digit) * 100_000_000, 0, 0
        elif sign in "元圆" and not seen_yuan:
            whole, section, digit, seen_yuan = whole + section + digit, 0, 0, True
        elif sign in "角分":
            cents, digit = cents + Fraction(digit, 10 if sign == "角" else 100), 0
        elif sign not in "整正":
            return None
    return whole + cents if seen_yuan and not section and not digit else None


SIDES = ("CLARIFYING", "REJECT_VOTE")
GROUNDS = {
    "TENDER": {
        "51-1": False, "51-2": False, "51-3": False, "51-4": False, "51-5-cost": True, "51-5-ceiling": False,
        "51-6": False, "51-7": False,
    },
    "GOV_PROC": {
        "87-63-1": False, "87-63-2": False, "87-63-3": False, "87-63-4": False, "87-63-5": False,
        "87-63-6": False, "87-59": False, "87-60": True, "87-37": False,
    },
}  # fmt: skip
COMPETITION, UNCONFIRMED = "27", "87-59"
USUAL_ITEMS = {
    # regime: (item, part, ground, by)
    "TENDER": (
        ("form", "form", "51-1", "committee"),
        ("qualification", "qualification", "51-3", "committee"),
        ("responsiveness", "responsiveness", "51-6", "committee"),
    ),
    "GOV_PROC": (
        ("qualification", "qualification", "87-63-3", "desk"),
        ("conformity", "conformity", "87-63-6", "committee"),
    ),
}
REVIEW_MS = 1_800_000
LAWFUL_GROUNDS = ("sum_error", "over_range", "objective_differs", "abnormal")
USUAL_CONDUCT = {
    "suspension_before_ms": 7_200_000,
    "suspension_during_ms": 14_400_000,
    "signing_ms": 7_200_000,
    "explanations": "awaited",
    "grounds": list(LAWFUL_GROUNDS),
    "chair": "any",
    "chair_ballot": "any",
}
REPORT_SECTIONS = {
    "TENDER": (
        "basic_facts", "committee", "opening_record", "conforming_bids", "rejected_bids", "standards",
        "comparison", "ranking", "candidates", "clarifications",
    ),
    "GOV_PROC": (
        "notice", "bidders_and_committee", "standards", "opening_and_review", "result", "other",
    ),
}  # fmt: skip
LARGE_CEILING_YUAN = 10_000_000
OBJECTIONS_MAX = 300
COMMITTEES_MAX = 20
SUSPENSIONS_MAX = 1_000  # ours: so many are kept
POOL_PERSONS_MAX = 4_096
CLARIFICATIONS_PER_STAGE_MAX = 1_000
CORRECTIONS_PER_STAGE_MAX = 2_000
STEPS_OF_IDENTITY = (frozenset(("desk",)), frozenset(("certificate",)), frozenset(("document", "face")))
UNCHECKED_MAY = ("BindSeat", "CheckIn", "DeclareRecusal")
VOID_TAKES = frozenset((
    "ReconfirmSeat", "Resume", "VoidCommittee", "FailSession", "NoteObservation", "BindSeat", "NoteRefusal",
    "ReachMilestone",
))  # fmt: skip
AFTER_SCORES = ("SCORES_OPENING", "SUMMARY", "RECHECK", "RANKED")


class Replay3(Replay):
    """Version 3 (sections 15 to 17): every act is decided anew, its events are worked out and compared."""

    ACTS, GUARDS, AWAITS, CALLS, FORMS, STAGE = ACTS_3, GUARDS_3, AWAITS_3, CALLS_3, FORMS_3, Stage3
    UNCHECKED = UNCHECKED_MAY

    def begin(self) -> None:
        for place, stage in self.stages.items():
            self.stages[place] = self.STAGE(stage.lot, stage.envelope)
        self.standing = {node["key"]: node["node"] for node in self.book["node_keys"]}
        self.frozen: dict = {}
        self.draws_used: set[str] = set()
        self.committed: dict[str, str] = {}
        self.revealed: list[str] = []
        self.venues_drawn = self.drawn = self.published = False
        self.seed: bytes | None = None
        self.takes: list[dict] = []
        self.k_draws: dict[tuple, dict] = {}
        self.bidder_keys: dict[str, str] = {}
        self.key_of_bidder: dict[str, str] = {}
        self.identity: dict[str, set[str]] = {}
        self.recused: set[str] = set()
        self.member_seats: set[str] = set()  # every seat that a member ever had
        self.chair = ""
        self.chair_named = False
        self.chair_from: list[str] = []  # whose votes made the chair
        self.ballot: dict = {}
        self.ballots = 0
        self.replaced: list[list[str]] = []
        self.suspensions: list[dict] = []
        self.voids: list[dict] = []
        self.void_names: set[str] = set()
        self.reevaluations: list[list[str]] = []
        self.dissents: set[str] = set()
        self.deemed: set[str] = set()
        self.refused: set[str] = set()
        self.signing_at = 0
        self.failure = ""
        self.lost_keys: dict[str, str] = {}  # keys that speak no more -> seat
        self.first_take = 0  # the first taking of the present committee

    # -- the frame ----------------------------------------------------------------------------------------

    def acts(self) -> dict:
        return self.ACTS

    def _role(self, command: dict) -> str:
        key = command["author_key"]
        if command["type"] == "BindSeat":
            seat = command["content"]["seat"]
            if seat not in self.seats and any(one.has_bidder(seat) for one in self.stages.values()):
                return "bidder"
        if key in self.bidder_keys:
            return "bidder"
        if key in self.standing and command["type"] in ("CommitDrawSeed", "RevealDrawSeed"):
            parties = {one["party"]: one["role"] for one in self.frozen.get("parties", ())}
            if self.standing[key] not in parties:
                raise Invalid("PartyUnknown", f"{self.standing[key]} is no party of the draw")
            return parties[self.standing[key]]
        if key in self.lost_keys:
            raise Invalid("SeatLeft", f"the key of seat {self.lost_keys[key]} speaks no more")
        return super()._role(command)

    def decide(self, command: dict) -> list | None:
        kind = command["type"]
        if kind not in self.ACTS:
            rule = "NotYetAvailable" if kind in NOT_YET or kind in ACTS_1 else "UnknownCommand"
            raise Invalid(rule, f"{kind} is no act of rules version {self.version}")
        scope, phases, roles, _ = self.ACTS[kind]
        CONTENT.get(kind, NOTHING)(command["content"], f"{kind}.content")
        role = self._role(command)
        if role not in roles.split():
            raise Invalid("NotAllowed", f"the role {role} may not do {kind}")
        if role == "expert" and kind not in self.UNCHECKED and self.author(command) not in self.checked_in:
            raise Invalid("NotCheckedIn", f"seat {self.author(command)} has not checked in")
        if self.phase in ("SUSPENDED", "COMMITTEE_VOID") and not self.taken_while_sealed(kind):
            raise Invalid("SessionSealed", f"{kind} while {self.phase}")
        stage = self._stage(command["stage"], scope)
        phase = stage.phase if scope == "stage" else self.phase
        if phase not in phases.split():
            raise Invalid("WrongPhase", f"{kind} in {phase}")
        self.role = role
        self.may_speak(command)
        # Acts that call nobody's guard but wait for a milestone, whether or not this one moves the stage
        if kind in self.AWAITS:
            self.awaited(self.AWAITS[kind], stage)
        for guard in self.GUARDS.get(kind, "").split():
            getattr(self, "guard_" + guard)(stage)
        if role == "installation" and not self.due_after(kind):
            self._due_id(command, stage)
        return getattr(self, "_decide_" + kind)(command, stage)

    def may_speak(self, command: dict) -> None:
        """Version 4 asks whose voice a key is."""

    def due_after(self, kind: str) -> bool:
        """Whether the installation's command id is compared by the act's own rule."""
        return False

    def taken_while_sealed(self, kind: str) -> bool:
        """Whether an act is taken while the session stands still (section 17.3)."""
        return kind in (VOID_TAKES if self.phase == "SUSPENDED" else SEALED_TAKES)

    def awaited(self, milestone: str, stage) -> None:
        if (milestone, *self._place(stage)) not in self.reached:
            raise Invalid("MilestoneAwaited", f"the milestone {milestone} is awaited")

    def cause(self, command: dict, stage) -> str | None:
        kind, content = command["type"], command["content"]
        if kind == "RaiseOverrun":
            return f"overrun {stage.name()} {stage.round}" + "+" * stage.extensions
        if kind == "CloseVote":
            return f"vote {stage.name()} {stage.round} {content['bidder']}/{content['ground']}"
        if kind == "CloseClarification":
            return f"clarification {stage.name()} {stage.round} {content['number']}"
        return super().cause(command, stage)

    def times_reached(self, stage) -> int:
        return stage.round if stage is not None else 1 + len(self.voids) + len(self.reevaluations)

    def own(self, command: dict, stage, **derived) -> dict:
        """The act's own event: what the act says, where, who, and what is worked out (section 5.1)."""
        name, left_out, place, who = self.FORMS[command["type"]]
        event = {field: one for field, one in command["content"].items() if field not in left_out.split()}
        if place:
            event |= {"envelope": stage.envelope, "lot": stage.lot}
        if place == "round":
            event["round"] = stage.round
        if who:
            event[who] = self._speaker(command)
        return event | {"type": name + ".1"} | derived

    def _speaker(self, command: dict) -> str:
        key = command["author_key"]
        if command["type"] in ("CommitDrawSeed", "RevealDrawSeed"):
            return self.standing.get(key) or self.keys[key]
        if key in self.keys:
            return self.keys[key]
        return self.bidder_keys.get(key) or self.node_keys[key]

    def entered(self, stage: Stage, phase: str) -> dict:
        return self._of(stage, "StageEntered.1", phase=phase)

    @staticmethod
    def phase_entered(phase: str) -> dict:
        return {"phase": phase, "type": "PhaseEntered.1"}

    def calls(self, kind: str, stage) -> list[dict]:
        lot, envelope = self._place(stage)
        return [
            {"envelope": envelope, "lot": lot, "milestone": self.CALLS[kind], "type": "MilestonePending.1"}
        ]

    def set_aside(self, stage: Stage) -> list[dict]:
        return [self._of(stage, "TallySetAside.1", tally=stage.tally_digest)] if stage.tally_digest else []

    def back(self, stage: Stage3, after: str) -> list[dict]:
        """The move of a side state, if the stage belongs elsewhere now."""
        return [self.entered(stage, after)] if after != stage.phase else []

    def conduct(self) -> dict | None:
        return None if self.plan is None else {**USUAL_CONDUCT, **(self.plan.get("conduct") or {})}

    def review(self) -> dict | None:
        """The plan's review with its items, the usual ones where it names none (section 16.1)."""
        if self.plan is None:
            return None
        given = self.plan.get("review") or {}
        items = given.get("items") or [
            {"by": by, "envelope": "", "ground": ground, "id": item, "part": part}
            for item, part, ground, by in USUAL_ITEMS[self.book["regime"]]
        ]
        return {
            "answer_ms": given.get("answer_ms", REVIEW_MS),
            "ballot": given.get("ballot", "open"),
            "items": items,
            "vote_ms": given.get("vote_ms", REVIEW_MS),
        }

    def envelopes_of(self, stage: Stage) -> list[str]:
        return next(lot["envelopes"] for lot in self.book["lots"] if lot["lot"] == stage.lot)

    def is_last(self, stage: Stage) -> bool:
        return self.envelopes_of(stage)[-1] == stage.envelope

    def bidder_of(self, stage: Stage3, bidder: str, left: bool = True) -> None:
        if bidder not in [bid["bidder"] for bid in stage.bids]:
            raise Invalid("UnknownBidder", f"there is no bidder {bidder}")
        if left and bidder not in stage.left():
            raise Invalid("BidRejected", f"the bid of {bidder} is rejected")

    def suspended_since(self, moment: int) -> int:
        """For how long the session stood still since a moment, suspensions that were resumed alone."""
        return sum(one["ms"] for one in self.suspensions if one["resumed"] and one["at"] >= moment)

    def members(self) -> list[str]:
        """Section 7.1: the roster once it is locked, before it every expert's seat that is no reserve."""
        if self.roster:
            return list(self.roster)
        return [
            name
            for name, seat in self.seats.items()
            if seat["role"] == "expert" and not seat["reserve"] and not seat.get("left")
        ]

    def member(self, command: dict) -> str:
        seat = self.author(command)
        if seat not in self.members():
            raise Invalid("NotAllowed", f"seat {seat} is no member")
        return seat

    def text_here(self, digest: str, field: str) -> None:
        if digest:
            self.text_if_open(digest, field, STATEMENT_CHARS_MAX, 1)

    # -- guards (section 7.1) -----------------------------------------------------------------------------

    @staticmethod
    def unmet(what: str):
        raise Invalid("GuardUnmet", what)

    def guard_first_envelopes_opened(self, stage) -> None:
        for lot in self.book["lots"]:
            if self.stages[lot["lot"], lot["envelopes"][0]].phase in STAGE_ORDER[:4]:
                self.unmet(f"lot {lot['lot']} is not opened")

    def guard_members_checked_in(self, stage) -> None:
        for seat in self.members():
            if seat not in self.checked_in:
                self.unmet(f"seat {seat} has not checked in")

    def guard_committee_lawful(self, stage) -> None:
        self.committee_is_lawful(self.members())

    def guard_committee_of_law(self, stage) -> None:
        members = self.members()
        experts = sum(self.seats[seat]["kind"] == "expert" for seat in members)
        needed = 5
        if self.plan is not None and self.book["regime"] == "GOV_PROC":
            try:
                ceilings = sum(self._yuan(lot) for lot in self.plan["lots"])
            except (KeyError, TypeError, ValueError, Invalid):
                ceilings = 0
            needed = 7 if ceilings >= LARGE_CEILING_YUAN else 5
        if not self.book["demonstration"]:
            if len(members) < 5:
                raise Invalid("CommitteeTooSmall", f"{len(members)} members")
            if len(members) % 2 == 0:
                raise Invalid("CommitteeEven", f"{len(members)} members")
            if 3 * experts < 2 * len(members):
                raise Invalid("CommitteeRatio", f"{experts} experts of {len(members)} members")
        if len(members) < needed and not self.book["demonstration"]:
            raise Invalid("CommitteeTooSmall", f"{len(members)} members, {needed} from such a ceiling on")

    @staticmethod
    def _yuan(lot: dict) -> Fraction:
        units = {"元": 1, "千元": 1_000, "万元": 10_000, "百万元": 1_000_000, "亿元": 100_000_000}
        if lot["currency"] != "CNY" or not lot["price_ceiling"]:
            return Fraction(0)
        a_decimal(lot["price_ceiling"], "a ceiling")
        return Fraction(lot["price_ceiling"]) * units.get(lot["unit"], 0)

    def guard_stages_ranked(self, stage) -> None:
        for one in self.stages.values():
            if one.phase not in ("RANKED", "FAILED"):
                self.unmet(f"stage {one.name()} is not ranked")

    def guard_members_answered(self, stage) -> None:
        for seat in self.members():
            if seat not in self.signed | self.dissents | self.deemed:
                self.unmet(f"seat {seat} has not answered the report")

    def guard_committee_drawn(self, stage) -> None:
        if self.phase not in SESSION_ORDER[2:]:
            self.unmet("the committee is not drawn")

    def guard_earlier_envelope(self, stage) -> None:
        envelopes = self.envelopes_of(stage)
        for envelope in envelopes[: envelopes.index(stage.envelope)]:
            if self.stages[stage.lot, envelope].phase != "RANKED":
                self.unmet(f"envelope {envelope} is not ranked")

    def guard_committee_ready(self, stage) -> None:
        if self.phase != "COMMITTEE_READY":
            self.unmet("the committee is not ready")

    def guard_members_sealed(self, stage) -> None:
        for seat in self.members():
            if seat not in stage.sealed:
                self.unmet(f"seat {seat} has not sealed")

    def guard_tally_published(self, stage) -> None:
        if not stage.tally_digest:
            self.unmet("no tally stands")

    def guard_draw_published(self, stage) -> None:
        if self.drawn and not self.published:
            self.unmet("the draw is not published")

    def guard_nobody_recused(self, stage) -> None:
        for seat in self.members():
            if seat in self.recused:
                self.unmet(f"seat {seat} has recused")

    def guard_chair_known(self, stage) -> None:
        planned = (self.conduct() or USUAL_CONDUCT)["chair"] != "any"
        if not self.chair and (self.drawn or (planned and stage is not None)):
            self.unmet("there is no chair")

    def guard_items_published(self, stage) -> None:
        if not stage.items:
            self.unmet("no items are published")

    def guard_blind_parts_checked(self, stage) -> None:
        for bid in stage.bids if stage.items["blind"] else ():
            if bid["bidder"] not in stage.blind:
                self.unmet(f"the blind part of {bid['bidder']} is not checked")

    def guard_items_marked(self, stage) -> None:
        self.guard_items_published(stage)
        standing, members = stage.standing(), self.members()
        for bidder in stage.left():
            marks = stage.marks.get(bidder, {})
            for one in stage.items["items"]:
                given = marks.get(one["item"], {})
                if one["by"] == "desk" and "desk" not in given:
                    self.unmet(f"the desk has not marked {one['item']} of {bidder}")
                if one["by"] == "committee" and bidder in standing:
                    for seat in members:
                        if seat not in given:
                            self.unmet(f"seat {seat} has not marked {one['item']} of {bidder}")

    def guard_deviations_voted(self, stage) -> None:
        members = self.members()
        for bidder in stage.standing():
            closed = {
                ground for (whose, ground), vote in stage.votes.items() if whose == bidder and vote.closed
            }
            for one in stage.items["items"]:
                given = stage.marks.get(bidder, {}).get(one["item"], {})
                material = one["by"] == "committee" and any(given.get(seat) == "material" for seat in members)
                if material and one["ground"] not in closed:
                    self.unmet(f"the deviation of {bidder} in {one['item']} is not voted on")
            if stage.blind.get(bidder) == "fail" and not closed:
                self.unmet(f"the blind part of {bidder} failed and is not voted on")

    def guard_enough_left(self, stage) -> None:
        count, needed = stage.suppliers(), self.book["bids_min"]
        if count == 0:
            raise Invalid("TooFewValid", "no bid is left")
        if count >= needed or self._opened_suppliers(stage) < needed:
            return
        if self.book["regime"] == "GOV_PROC":
            raise Invalid("TooFewValid", f"{count} bids are left")
        vote = stage.votes.get(("", COMPETITION))
        if vote is None or not vote.closed:
            self.unmet("the vote on lack of competition is not closed")

    @staticmethod
    def _opened_suppliers(stage: Stage3) -> int:
        """How many were opened: bids, as the guard says."""
        return len(stage.bids)

    def guard_objections_answered(self, stage) -> None:
        if any(not one["answered"] for one in stage.objections):
            self.unmet("an objection is not answered")

    def guard_next_envelope_closed(self, stage) -> None:
        envelopes = self.envelopes_of(stage)
        for envelope in envelopes[envelopes.index(stage.envelope) + 1 :]:
            if self.stages[stage.lot, envelope].phase != "AWAITED":
                self.unmet(f"envelope {envelope} is open")

    def guard_seats_reconfirmed(self, stage) -> None:
        held = self.suspensions[-1]["reconfirmed"]
        for seat in self.roster or [one for one in self.members() if one in self.checked_in]:
            if held.get(seat) != self.key_of.get(seat, ""):
                self.unmet(f"seat {seat} is not reconfirmed")

    # -- draw (sections 15.1 to 15.4) ---------------------------------------------------------------------

    def _decide_FreezePool(self, command, stage):
        content = command["content"]
        if content["draw"] in self.draws_used:
            raise Invalid("AlreadyDone", f"the draw {content['draw']} stands")
        if self.frozen and len(self.revealed) == len(self.frozen["parties"]):
            raise Invalid("AlreadyDone", "a draw whose shares are all in is never made again")
        self._freeze_fits(content)
        roll = self.record.disclosure(content["pool"], "pool")
        if roll is not None:
            self._roll_fits(roll, content)
        subject = to_base64(tagged("draw-frozen/v1", canonical([self.session, content])))
        withheld = [
            one["party"] for one in self.frozen.get("parties", ()) if one["party"] not in self.revealed
        ]
        return [self.own(command, stage, subject=subject, withheld=withheld)]

    def _freeze_fits(self, content: dict) -> None:
        for names in (
            [one["party"] for one in content["parties"]],
            [one["seat"] for one in content["seats"]],
            [one["venue"] for one in content["venues"]],
            [one["node_key"] for one in content["venues"]],
        ):
            _distinct(names)
        strata = [(one["province"], one["speciality"]) for one in content["strata"]]
        if strata != sorted(set(strata)):
            raise Invalid("OutOfOrder", "strata stand in order, each once")
        for party in content["parties"]:
            if party["party"] not in self.standing.values():
                raise Invalid("PartyUnknown", f"{party['party']} is no standing node of genesis")
        provinces = {venue["province"] for venue in content["venues"]}
        there = {party["province"] for party in content["parties"]}
        if not provinces <= there or not any(one["role"] == "supervisor" for one in content["parties"]):
            raise Invalid("PartiesMissing", "a province of the venues or a supervisor has no share")
        mains = [venue["province"] for venue in content["venues"] if venue["role"] == "main"]
        if len(mains) != 1:
            raise Invalid("UnknownVenue", "there is one main venue")
        candidates = [venue["province"] for venue in content["venues"] if venue["role"] == "sub"]
        if len(candidates) < content["subs"]:
            raise Invalid("VenuesTooFew", f"{len(candidates)} sub-venues to draw {content['subs']} from")
        places = {"main", *(f"sub-{number + 1}" for number in range(content["subs"]))}
        if any(one["place"] not in places for one in content["seats"]):
            raise Invalid("UnknownVenue", "a seat is at a place that is not drawn")
        for venue in content["venues"]:
            if venue["node_key"] in self.keys_used or venue["node_key"] == self.installation:
                raise Invalid("KeyTaken", "a venue's key belongs to a seat or the installation")
        self._pool_suffices(content, mains[0], candidates)

    @staticmethod
    def _roll_fits(roll, content: dict) -> None:
        """The roll, where it is disclosed, comes to the frozen root, counts and parties (section 15.2)."""
        leaf = an_object(facts=a_hash, person=a_hash, province=an_id, speciality=an_id)
        found = a_list(an_object(party=an_int(-1, 4_096), reason=an_id), 4_096)
        an_object(
            eligible=a_list(leaf, POOL_PERSONS_MAX),
            left=a_list(an_object(found=found, leaf=leaf), POOL_PERSONS_MAX),
            parties=a_hash,
            sieve=an_object(day=a_text(ID_CHARS_MAX), past_years=a_count),
        )(roll, "the roll")
        lists = (roll["eligible"], [one["leaf"] for one in roll["left"]])
        for leaves in lists:
            order = [(one["province"], one["speciality"], from_base64(one["person"], "")) for one in leaves]
            if order != sorted(order):
                raise Invalid("PoolMismatch", "the roll is out of order")
        _distinct([one["person"] for leaves in lists for one in leaves])
        counts: dict[tuple[str, str], list[int]] = {}
        for place, leaves in enumerate(lists):
            for one in leaves:
                counts.setdefault((one["province"], one["speciality"]), [0, 0])[place] += 1
        strata = [
            {"eligible": both[0], "left": both[1], "province": province, "speciality": speciality}
            for (province, speciality), both in sorted(counts.items())
        ]
        root = tree_root([leaf_hash(canonical(one)) for one in roll["eligible"]])
        if to_base64(root) != content["root"] or roll["parties"] != content["sieved_by"]:
            raise Invalid("PoolMismatch", "the roll has another root or other parties")
        if [one for one in strata if one["eligible"] or one["left"]] != [
            one for one in content["strata"] if one["eligible"] or one["left"]
        ]:
            raise Invalid("PoolMismatch", "the strata are not those of the roll")

    @staticmethod
    def _pool_suffices(content: dict, main: str, candidates: list[str]) -> None:
        """Whichever sub-venues come out, every stratum has enough (section 15.3)."""
        eligible = {(one["province"], one["speciality"]): one["eligible"] for one in content["strata"]}
        wanted: dict[str, dict[str, int]] = {}
        for seat in content["seats"]:
            places = wanted.setdefault(seat["speciality"], {})
            places[seat["place"]] = places.get(seat["place"], 0) + 1
        for speciality, places in wanted.items():
            subs = sorted((count for place, count in places.items() if place != "main"), reverse=True)
            for province in {main, *candidates}:
                most = sum(subs[: candidates.count(province)])
                most += places.get("main", 0) if province == main else 0
                if most > eligible.get((province, speciality), 0):
                    raise Invalid("PoolTooSmall", f"{province} has too few of {speciality}")

    def _draw_of(self, content: dict) -> None:
        if not self.frozen or content["draw"] != self.frozen["draw"]:
            raise Invalid("DrawUnknown", f"there is no draw {content['draw']}")

    def _decide_CommitDrawSeed(self, command, stage):
        content, party = command["content"], self._speaker(command)
        self._draw_of(content)
        if party in self.committed or content["commitment"] in self.committed.values():
            raise Invalid("AlreadyDone", f"{party} has committed, or to another's share")
        return [self.own(command, stage)]

    def _decide_RevealDrawSeed(self, command, stage):
        content, party = command["content"], self._speaker(command)
        self._draw_of(content)
        if len(self.committed) != len(self.frozen["parties"]):
            raise Invalid("SharesAwaited", "not all parties have committed")
        if self.committed.get(party) != content["commitment"]:
            raise Invalid("ShareMismatch", f"{party} reveals another commitment")
        if party in self.revealed:
            raise Invalid("AlreadyDone", f"{party} has revealed")
        share = self.record.disclosure(content["commitment"], "draw_share")
        if share is not None:
            an_object(draw=an_id, party=an_id, random=a_hash, session=an_id, subject=a_hash)(share, "a share")
            if canonical(share) != canonical(self._share(party, share["random"])):
                raise Invalid("ShareMismatch", f"the share of {party} is of another draw or form")
        return [self.own(command, stage)]

    def _share(self, party: str, random: str) -> dict:
        return {
            "draw": self.frozen["draw"],
            "party": party,
            "random": random,
            "session": self.session,
            "subject": self.frozen["subject"],
        }

    def _shares_in(self, content: dict) -> None:
        self._draw_of(content)
        if len(self.revealed) != len(self.frozen["parties"]):
            raise Invalid("SharesAwaited", "not all shares are in")

    def _decide_DrawVenues(self, command, stage):
        self._shares_in(command["content"])
        if self.venues_drawn:
            raise Invalid("AlreadyDone", "the venues are drawn")
        return [self.own(command, stage)]

    def _decide_DrawCommittee(self, command, stage):
        content = command["content"]
        self._shares_in(content)
        if self.frozen["subs"] and not self.venues_drawn:
            self.unmet("the sub-venues are not drawn")
        _distinct([one["seat"] for one in [*content["hosts"], *self.frozen["seats"]]])
        main = next(venue["venue"] for venue in self.frozen["venues"] if venue["role"] == "main")
        self._named_seats(content["hosts"], {main})
        return [self.own(command, stage), self.phase_entered("DRAWN")]

    def _named_seats(self, seats: list[dict], venues: set[str]) -> None:
        """Seats that are named, not drawn: no experts, at the venues that they may be at."""
        for seat in seats:
            if seat["kind"] == "expert":
                raise Invalid("NotDrawn", f"seat {seat['seat']} names an expert")
            if seat["venue"] not in venues:
                raise Invalid("UnknownVenue", f"seat {seat['seat']} is at another venue")
        self._seats_fit(seats)

    def _seats_fit(self, seats: list[dict]) -> None:
        for seat in seats:
            if seat["role"] in ("venue", "installation", "bidder"):
                raise Invalid("NotAllowed", f"no seat has the role {seat['role']}")
            if (seat["role"] == "expert") != (seat["kind"] != "none"):
                raise Invalid("Malformed", f"the kind of seat {seat['seat']} does not go with its role")
            if (seat["seat"] == "agent") != (seat["role"] == "agent"):
                raise Invalid("NotAllowed", "the agent's seat is called agent")
            self.text_if_open(seat["person"], "person")

    def _decide_PublishDraw(self, command, stage):
        """Every share opens its commitment; seed, venues and members follow (sections 15.4, 15.5)."""
        content = command["content"]
        self._draw_of(content)
        if not self.drawn or self.published:
            raise Invalid("AlreadyDone", "the draw is published, or none was made")
        shares = {one["party"]: one for one in content["shares"]}
        if shares.keys() != self.committed.keys() or len(content["shares"]) != len(shares):
            raise Invalid("ShareMismatch", "the shares are not those of the parties")
        for party, one in shares.items():
            value = canonical(self._share(party, one["random"]))
            digest = disclosure_digest("draw_share", from_base64(one["salt"], "salt", 32), value)
            if to_base64(digest) != self.committed[party]:
                raise Invalid("ShareMismatch", f"the share of {party} is not the one committed to")
        randoms = {party: one["random"] for party, one in shares.items()}
        seed = draw_seed(self.frozen["draw"], self.session, self.frozen["subject"], randoms)
        self._settle_takes(seed, self.takes)
        subs = self._drawn_subs(seed)
        seats = [one["seat"] for one in content["seats"]]
        _distinct([*seats, *self.seats, *(one["seat"] for one in self.frozen["seats"])])
        self._named_seats(content["seats"], {venue["venue"] for venue in subs})
        if any(one["role"] == "expert" for one in content["seats"]):
            raise Invalid("NotDrawn", "a member is named at a sub-venue")
        last = {take["seat"]: take for take in self.takes}
        taken = self._members_drawn(content["members"], [last[one["seat"]] for one in self.frozen["seats"]])
        return [self.own(command, stage, members=taken, seed=to_base64(seed), venues=subs)]

    def _drawn_subs(self, seed: bytes) -> list[dict]:
        candidates = sorted(
            (venue for venue in self.frozen["venues"] if venue["role"] == "sub"), key=lambda one: one["venue"]
        )
        order = drawn_order(len(candidates), ["venues"], seed)
        return [candidates[order[number]] for number in range(self.frozen["subs"])]

    def _settle_takes(self, seed: bytes, takes: list[dict]) -> None:
        """Works out each taking in the record's order once the seed is known (section 15.4)."""
        main = next(venue["venue"] for venue in self.frozen["venues"] if venue["role"] == "main")
        places = {"main": main}
        places |= {f"sub-{n + 1}": venue["venue"] for n, venue in enumerate(self._drawn_subs(seed))}
        provinces = {venue["venue"]: venue["province"] for venue in self.frozen["venues"]}
        sizes = {(one["province"], one["speciality"]): one["eligible"] for one in self.frozen["strata"]}
        used: dict[tuple[str, str], int] = {}
        for take in takes:
            if take["place"] not in places:
                raise Invalid("UnknownVenue", f"there is no place {take['place']}")
            take["venue"] = places[take["place"]]
            stratum = (provinces[take["venue"]], take["speciality"])
            place = used.get(stratum, 0)
            if place >= sizes.get(stratum, 0):
                raise Invalid("PoolExhausted", f"nobody is left of {stratum}")
            used[stratum] = place + 1
            take["index"] = drawn_order(sizes[stratum], ["stratum", *stratum], seed)[place]
            take["leaf_index"] = sum(n for one, n in sorted(sizes.items()) if one < stratum) + take["index"]
            take["stratum"] = stratum

    def _members_drawn(self, shown: list, takes: list[dict]) -> list[dict]:
        """Each leaf stands under the frozen root where the draw says; what the event tells of them."""
        total = sum(one["eligible"] for one in self.frozen["strata"])
        if len(shown) != len(takes):
            raise Invalid("DrawMismatch", "not as many are shown as were drawn")
        told = []
        for member, take in zip(shown, takes, strict=True):
            leaf = member["leaf"]
            proof = [from_base64(one, "a proof", 32) for one in member["proof"]]
            try:
                root = inclusion_root(take["leaf_index"], total, leaf_hash(canonical(leaf)), proof)
            except Invalid:
                root = b""
            if (
                member["seat"] != take["seat"]
                or (leaf["province"], leaf["speciality"]) != take["stratum"]
                or to_base64(root) != self.frozen["root"]
            ):
                raise Invalid("DrawMismatch", f"who is shown for {take['seat']} is not the one drawn")
            told.append(
                {
                    "index": take["index"],
                    "leaf": leaf,
                    "seat": take["seat"],
                    "type": "SeatTaken.1",
                    "venue": take["venue"],
                }
            )
        return told

    def _next_takes(self, wanted: list[dict]) -> list[dict]:
        """What these seats take after all takings of the record."""
        takes = [{key: one[key] for key in ("place", "seat", "speciality")} for one in wanted]
        if self.seed is not None:
            self._settle_takes(self.seed, [*(dict(one) for one in self.takes), *takes])
        return takes

    def _taking_of(self, seat: str) -> dict:
        for place in range(len(self.takes) - 1, self.first_take - 1, -1):
            if self.takes[place]["seat"] == seat:
                return self.takes[place]
        raise Invalid("UnknownSeat", f"seat {seat} is not drawn")

    def _decide_CallReplacement(self, command, stage):
        content = command["content"]
        if self.roster:
            self.unmet("the roster is locked; a member is replaced")
        former = self._taking_of(content["seat"])
        if self.seats.get(content["seat"], {}).get("left"):
            raise Invalid("SeatLeft", f"seat {content['seat']} was replaced")
        takes = self._next_takes([former])
        if self.seed is None and content["drawn"]:
            raise Invalid("DrawMismatch", "nobody is known before the draw is published")
        taken = self._members_drawn(content["drawn"], takes) if self.seed is not None else []
        return [self.own(command, stage, taken=taken)]

    def _decide_RedrawCommittee(self, command, stage):
        content = command["content"]
        self._draw_of(content)
        if not self.published:
            self.unmet("the draw was not published")
        names = [one["seat"] for one in [*content["seats"], *content["named"]]]
        _distinct(names)
        for seat in names:
            if seat in self.seats or seat in self.member_seats:
                raise Invalid("SeatUsed", f"seat {seat} was somebody's before")
        self._named_seats(content["named"], set(self.venues))
        if any(one["role"] != "expert" for one in content["named"]):
            raise Invalid("NotAllowed", "only representatives are named anew")
        self._nobody_again(content["named"])
        taken = self._members_drawn(content["members"], self._next_takes(content["seats"]))
        return [self.own(command, stage, members=taken), self.phase_entered("DRAWN")]

    def _nobody_again(self, seats: list[dict]) -> None:
        for seat in seats:
            name = self.record.disclosure(seat["person"], "person")
            if seat["role"] == "expert" and name is not None and name in self.void_names:
                raise Invalid("MemberAgain", f"who sits at {seat['seat']} was on a void committee")

    # -- committee and check-in (15.5 to 15.8) ------------------------------------------------------------

    def _decide_ImportCommittee(self, command, stage):
        if self.frozen:
            raise Invalid("AlreadyDone", "a draw has begun")
        self.committee_fits(command["content"])
        self._seats_fit(command["content"]["seats"])
        return [self.own(command, stage), self.phase_entered("DRAWN")]

    def _decide_RebuildCommittee(self, command, stage):
        content = command["content"]
        held = set(self.key_of.values())
        self.keys_used -= {venue["node_key"] for venue in content["venues"]} - held
        self.committee_fits(content)
        self._seats_fit(content["seats"])
        for seat in content["seats"]:
            if seat["role"] == "expert" and seat["seat"] in self.member_seats:
                raise Invalid("SeatUsed", f"seat {seat['seat']} was on a committee before")
        self._nobody_again(content["seats"])
        return [self.own(command, stage), self.phase_entered("DRAWN")]

    def _decide_BindSeat(self, command, stage):
        content, seat = command["content"], self.seats.get(command["content"]["seat"])
        if seat is not None and (seat.get("left") or content["seat"] in self.recused):
            raise Invalid("SeatLeft", f"seat {content['seat']} has left")
        if seat is not None and seat["reserve"]:
            raise Invalid("SeatReserve", f"seat {content['seat']} is a reserve")
        self.binding_holds(command)
        return [{"key": command["author_key"], "means": content["means"], "seat": content["seat"],
                 "type": "SeatBound.1"}]  # fmt: skip

    def binding_holds(self, command):
        if command["author_key"] in self.standing:
            raise Invalid("KeyTaken", "the key is a standing node's")
        super().binding_holds(command)

    def _decide_OpenCheckIn(self, command, stage):
        return [self.phase_entered("CHECKIN")]

    def _decide_ConfirmIdentity(self, command, stage):
        seat = command["content"]["seat"]
        self._here(command, seat)
        return [self.own(command, stage)]

    def _here(self, command, seat: str) -> None:
        """The seat is at the author's venue."""
        if seat not in self.seats:
            raise Invalid("UnknownSeat", f"there is no seat {seat}")
        if self.seats[seat]["venue"] != self.seats[self.author(command)]["venue"]:
            raise Invalid("WrongVenue", f"seat {seat} is at another venue")

    def _decide_CheckIn(self, command, stage):
        seat = self.author(command)
        if seat in self.checked_in:
            raise Invalid("AlreadyCheckedIn", f"seat {seat} has checked in")
        if seat not in self.members():
            raise Invalid("NotAllowed", f"seat {seat} is no member")
        drawn = any(take["seat"] == seat for take in self.takes)
        if drawn and not any(steps <= self.identity.get(seat, set()) for steps in STEPS_OF_IDENTITY):
            raise Invalid("IdentityAwaited", f"the identity at seat {seat} is not confirmed")
        return super()._decide_CheckIn(command, stage)

    def _decide_DeclareRecusal(self, command, stage):
        seat = self.author(command)
        if seat not in self.members():
            raise Invalid("NotAllowed", f"seat {seat} is no member")
        self.text_here(command["content"]["remark"], "remark")
        return [self.own(command, stage)]

    def _decide_LockRoster(self, command, stage):
        members = sorted(self.members())
        event = {"members": members, "type": "RosterLocked.1"}
        return [event, self.phase_entered("COMMITTEE_READY"), *self.calls("LockRoster", None)]

    def _decide_ReplaceMember(self, command, stage):
        """Section 15.6: who comes instead, and which stages begin their review again."""
        content = command["content"]
        seat, successor = content["seat"], content["successor"]
        if seat not in self.members():
            raise Invalid("UnknownSeat", f"seat {seat} is no member")
        if any(self._after_scores(one) for one in self.stages.values()):
            raise Invalid("ScoresShown", "scores are open")
        kind, taken = self.seats[seat]["kind"], []
        reserve = self.seats.get(successor)
        if reserve is not None and reserve["reserve"] and not (content["drawn"] or content["named"]):
            if reserve["kind"] != kind or reserve["role"] != "expert":
                raise Invalid("NotAllowed", f"the reserve {successor} is of another kind")
        else:
            if successor in self.seats or successor in self.member_seats:
                raise Invalid("SeatUsed", f"seat {successor} was somebody's before")
            if content["named"]:
                one = content["named"][0]
                if kind != "tenderee_rep" or content["drawn"] or one["kind"] != "tenderee_rep":
                    raise Invalid("NotDrawn", "a representative alone is named")
                if one["seat"] != successor or one["venue"] != self.seats[seat]["venue"]:
                    raise Invalid("WrongVenue", "the successor is of another seat or venue")
                self._seats_fit([one])
                if one["reserve"]:
                    raise Invalid("SeatReserve", "a successor is no reserve")
            else:
                takes = self._next_takes([{**self._taking_of(seat), "seat": successor}])
                taken = self._members_drawn(content["drawn"], takes)
        events = [self.own(command, stage, taken=taken)]
        for lot in self.book["lots"]:
            for envelope in lot["envelopes"]:
                one = self.stages[lot["lot"], envelope]
                if one.phase in ("DETAILED", "SCORES_SEALED"):
                    events.append(self.entered(one, "PRELIM"))
                elif one.phase in SIDES and one.base == "DETAILED":
                    events += [self.entered(one, "PRELIM"), self.entered(one, one.phase)]
        return events

    @staticmethod
    def _after_scores(stage: Stage3) -> bool:
        return stage.phase in AFTER_SCORES or (stage.phase in SIDES and stage.base == "SUMMARY")

    # -- the chair (15.7) ---------------------------------------------------------------------------------

    def _decide_OpenChairBallot(self, command, stage):
        conduct, secret = self.conduct(), command["content"]["secret"]
        if conduct is not None and (
            conduct["chair"] == "named" or conduct["chair_ballot"] == ("open" if secret else "secret")
        ):
            raise Invalid("ChairUnplanned", "the plan has the chair chosen in another way")
        return [self.own(command, stage, number=self.ballots + 1)]

    def _candidate(self, seat: str) -> None:
        if seat not in self.members():
            raise Invalid("UnknownSeat", f"seat {seat} is no member")
        if self.book["regime"] == "GOV_PROC" and self.seats[seat]["kind"] == "tenderee_rep":
            raise Invalid("ChairNotAllowed", f"seat {seat} is the purchaser's representative")

    def _decide_ElectChair(self, command, stage):
        content, seat = command["content"], self.member(command)
        if not self.ballot or self.chair:
            raise Invalid("BallotClosed", "no election is going on")
        if seat in self.ballot["given"]:
            raise Invalid("AlreadyVoted", f"seat {seat} has voted")
        if bool(content["commitment"]) != self.ballot["secret"] or bool(content["candidate"]) == bool(
            content["commitment"]
        ):
            raise Invalid("Malformed", "a secret vote is sealed, an open one names a candidate")
        events = [self.own(command, stage)]
        if not self.ballot["secret"]:
            self._candidate(content["candidate"])
            events += self._elected(
                {**self.ballot["votes"], seat: content["candidate"]}, content["candidate"]
            )
        return events

    def _elected(self, votes: dict[str, str], candidate: str) -> list[dict]:
        members = self.members()
        count = sum(votes.get(seat) == candidate for seat in members)
        if 2 * count <= len(members):
            return []
        return [{"named": False, "seat": candidate, "type": "ChairElected.1", "votes": count}]

    def _decide_OpenChairVote(self, command, stage):
        """A secret vote for a chair opens its commitment (section 15.7)."""
        content, seat = command["content"], self.member(command)
        if not self.ballot or not self.ballot["secret"] or self.chair:
            raise Invalid("BallotClosed", "no secret election is going on")
        missing = [one for one in self.members() if one not in self.ballot["given"]]
        if missing:
            raise Invalid("VotesMissing", f"seat {missing[0]} has not voted")
        if seat in self.ballot["votes"]:
            raise Invalid("AlreadyVoted", f"seat {seat} has opened its vote")
        value = {"ballot": self.ballots, "candidate": content["candidate"], "nonce": content["nonce"]}
        value |= {"seat": seat, "session": self.session}
        if self.ballot["given"][seat] != to_base64(tagged("chair-vote/v1", canonical(value))):
            raise Invalid("VoteMismatch", f"seat {seat} opens another vote")
        self._candidate(content["candidate"])
        votes = {**self.ballot["votes"], seat: content["candidate"]}
        return [self.own(command, stage), *self._elected(votes, content["candidate"])]

    def _decide_NameChair(self, command, stage):
        if self.book["regime"] == "GOV_PROC":
            raise Invalid("ChairElected", "in a purchase the committee elects its chair")
        conduct = self.conduct()
        if conduct is not None and conduct["chair"] == "elected":
            raise Invalid("ChairUnplanned", "the plan has the chair elected")
        self._candidate(command["content"]["seat"])
        return [self.own(command, stage, named=True, votes=0)]

    # -- opening (17.6 to 17.8) ---------------------------------------------------------------------------

    def _decide_ImportOpening(self, command, stage):
        bids, envelopes = command["content"]["bids"], self.envelopes_of(stage)
        self.bids_fit(bids)
        place = envelopes.index(stage.envelope)
        if place:
            before = self.stages[stage.lot, envelopes[place - 1]]
            codes = {bid["bidder"]: bid["code"] for bid in before.bids}
            if {bid["bidder"]: bid["code"] for bid in bids} != {one: codes[one] for one in before.passing}:
                raise Invalid("NotPassing", "others than those who pass are opened")
        elif len(bids) < self.book["bids_min"]:
            raise Invalid("TooFewBids", f"{len(bids)} bids")
        return [self.own(command, stage), self.entered(stage, "OPENED"), *self.calls("ImportOpening", stage)]

    def _decide_RaiseObjection(self, command, stage):
        content = command["content"]
        self.may_object(stage, content["bidder"])
        self.for_bidder(command, content["bidder"])
        self.text_here(content["objection"], "objection")
        if len(stage.objections) >= OBJECTIONS_MAX:
            raise Invalid("TooLarge", f"{OBJECTIONS_MAX} objections")
        return [self.own(command, stage, number=len(stage.objections) + 1)]

    def may_object(self, stage, bidder: str) -> None:
        self.bidder_of(stage, bidder, left=False)

    def for_bidder(self, command, bidder: str) -> None:
        """A bidder speaks for itself; the desk for one that has no key (sections 16.2, 17.8)."""
        if self.role == "bidder":
            if self.bidder_keys[command["author_key"]] != bidder:
                raise Invalid("NotAllowed", "a bidder speaks for itself alone")
        elif bidder in self.key_of_bidder:
            raise Invalid("NotAllowed", f"{bidder} has a key and speaks for itself")

    def _decide_AnswerObjection(self, command, stage):
        number = command["content"]["number"]
        if number > len(stage.objections):
            raise Invalid("UnknownObjection", f"there is no objection {number}")
        if stage.objections[number - 1]["answered"]:
            raise Invalid("AlreadyAnswered", f"objection {number} was answered")
        return [self.own(command, stage)]

    def _decide_BeginDrawK(self, command, stage):
        content = command["content"]
        if not self.is_last(stage):
            raise Invalid("WrongEnvelope", "rates are drawn in the lot's last envelope")
        if self._place(stage) + (content["rate"],) in self.k_draws or content["rate"] in stage.draws:
            raise Invalid("AlreadyDone", f"the draw of {content['rate']} has begun")
        if self.plan is not None:
            rates = {one["id"]: one["candidates"] for one in self.scheme(stage)["rates"]}
            if not content["candidates"] or rates.get(content["rate"]) != content["candidates"]:
                raise Invalid("PlanMismatch", f"the candidates of {content['rate']} are not the plan's")
        return [self.own(command, stage, attempt=1)]

    def _k_draw(self, command, stage) -> dict:
        rate = command["content"]["rate"]
        draw = self.k_draws.get(self._place(stage) + (rate,))
        if draw is None:
            raise Invalid("DrawUnknown", f"no draw of {rate} has begun")
        if rate in stage.draws:
            raise Invalid("AlreadyDone", f"{rate} is drawn")
        return draw

    def _decide_CommitK(self, command, stage):
        draw, seat = self._k_draw(command, stage), self.author(command)
        if draw["revealed"]:
            raise Invalid("DrawClosed", "the reveal has begun")
        if seat in draw["committed"] or command["content"]["commitment"] in draw["committed"].values():
            raise Invalid("AlreadyDone", f"seat {seat} has committed, or to another's share")
        return [self.own(command, stage)]

    def _decide_RevealK(self, command, stage):
        """Section 17.7: each share opens its commitment; the last one draws."""
        content, draw, seat = command["content"], self._k_draw(command, stage), self.author(command)
        roles = {self.seats[one]["role"] for one in draw["committed"]}
        if not {"tenderee", "witness", "supervisor"} <= roles:
            raise Invalid("SharesAwaited", "one of each role commits first")
        if seat in draw["revealed"]:
            raise Invalid("AlreadyDone", f"seat {seat} has revealed")
        subject = {
            "attempt": draw["attempt"],
            "candidates": draw["candidates"],
            "rate": content["rate"],
            "stage": command["stage"],
        }
        subject_text = to_base64(tagged("draw-k/v1", canonical(subject)))
        share = {
            "draw": content["rate"],
            "party": seat,
            "random": content["random"],
            "session": self.session,
            "subject": subject_text,
        }
        salt = from_base64(content["salt"], "salt", 32)
        if draw["committed"].get(seat) != to_base64(disclosure_digest("draw_share", salt, canonical(share))):
            raise Invalid("RevealMismatch", f"seat {seat} reveals something else than it committed to")
        events, revealed = [self.own(command, stage)], {**draw["revealed"], seat: content["random"]}
        if revealed.keys() == draw["committed"].keys():
            seed = draw_seed(content["rate"], self.session, subject_text, revealed)
            words = drawn_words(["k", content["rate"]], seed)
            k = draw["candidates"][number_below(words, len(draw["candidates"]))]
            place = {"envelope": stage.envelope, "lot": stage.lot}
            events.append({**place, "k": k, "rate": content["rate"], "type": "KDrawn.1"})
        return events

    def _decide_RestartDrawK(self, command, stage):
        draw = self._k_draw(command, stage)
        withheld = sorted(seat for seat in draw["committed"] if seat not in draw["revealed"])
        if not draw["revealed"]:
            withheld = self._as_given("withheld", [withheld, []])
        return [self.own(command, stage, attempt=draw["attempt"] + 1, withheld=withheld)]

    def _as_given(self, field: str, ways: list):
        """Where the specification leaves two ways open, the one that the entry has; else the first."""
        given = self.given[0].get(field) if self.given and isinstance(self.given[0], dict) else None
        return given if given in ways else ways[0]

    # -- review (section 16) ------------------------------------------------------------------------------

    def _decide_PublishItems(self, command, stage):
        content, review = command["content"], self.review()
        if stage.items:
            raise Invalid("AlreadyDone", "the items of this round are published")
        if review is not None:
            first = self.envelopes_of(stage)[0]
            items = [
                {
                    "by": one.get("by", "committee"),
                    "ground": one["ground"],
                    "item": one["id"],
                    "part": one["part"],
                }
                for one in review["items"]
                if (one.get("envelope") or first) == stage.envelope
            ]
            blind = any(
                one["blind"] and where in ("", stage.envelope)
                for top in self.scheme(stage)["criteria"]
                for one, where in all_criteria(top)
            )
            wanted = {"answer_ms": review["answer_ms"], "blind": blind, "items": items,
                      "vote_ms": review["vote_ms"]}  # fmt: skip
            for field, value in wanted.items():
                if content[field] != value:
                    raise Invalid("PlanMismatch", f"{field} is not the plan's")
        return [self.own(command, stage)]

    def _decide_MarkItem(self, command, stage):
        content = command["content"]
        self.bidder_of(stage, content["bidder"])
        by = "committee" if self.role == "expert" else "desk"
        if by == "committee":
            self.member(command)
            if (stage.base if stage.phase in SIDES else stage.phase) != "PRELIM":
                raise Invalid("WrongPhase", "members mark in PRELIM")
        elif stage.phase in SIDES and stage.base != "PRELIM":
            raise Invalid("WrongPhase", "the desk marks in OPENED and PRELIM")
        items = {one["item"]: one for one in stage.items.get("items", ())}
        _distinct([one["item"] for one in content["marks"]])
        for mark in content["marks"]:
            if mark["item"] not in items:
                raise Invalid("UnknownReviewItem", f"there is no item {mark['item']}")
            if items[mark["item"]]["by"] != by:
                raise Invalid("NotYourItem", f"the item {mark['item']} is for another")
            if mark["mark"] != "pass" and not mark["reason"]:
                raise Invalid("TextLength", "a deviation has a reason")
            self.text_here(mark["reason"], "reason")
        return [self.own(command, stage)]

    def _decide_CheckBlindPart(self, command, stage):
        content = command["content"]
        self.bidder_of(stage, content["bidder"], left=False)
        if stage.phase in SIDES and stage.base != "PRELIM":
            raise Invalid("WrongPhase", "blind parts are checked in OPENED and PRELIM")
        if not stage.items.get("blind") or bool(content["findings"]) != (content["result"] == "fail"):
            raise Invalid("NoBlindPart", "there is no blind part, or findings and result disagree")
        self.text_here(content["findings"], "blind_findings")
        return [self.own(command, stage)]

    def _opens_question(self, command, stage, content: dict) -> list[dict]:
        if not stage.items:
            self.unmet("no items are published, so there is no time to answer in")
        self.bidder_of(stage, content["bidder"])
        number = len(stage.questions) + 1
        if number > CLARIFICATIONS_PER_STAGE_MAX:
            raise Invalid("ClarificationsFull", f"{number} clarifications")
        event = {
            **content,
            "due_at": self.at + stage.items["answer_ms"],
            "envelope": stage.envelope,
            "lot": stage.lot,
            "number": number,
            "round": stage.round,
            "seat": self.member(command),
            "type": "ClarificationAsked.1",
        }
        return [event, *([] if stage.phase in SIDES else [self.entered(stage, "CLARIFYING")])]

    def _decide_AskClarification(self, command, stage):
        self.text_here(command["content"]["question"], "question")
        return self._opens_question(command, stage, command["content"])

    def _decide_ProposeCorrection(self, command, stage):
        content = command["content"]
        bidder = content["bidder"]
        if any(one.bidder == bidder and one.purpose == "correction" for one in stage.questions.values()):
            raise Invalid("AlreadyProposed", f"a correction was proposed to {bidder}")
        asked = {"bidder": bidder, "purpose": "correction", "question": content["correction"]}
        events = self._opens_question(command, stage, asked)
        value = self.record.disclosure(content["correction"], "price_correction")
        if value is not None:
            self.correction_fits(value, stage, bidder)
        return events

    def correction_fits(self, value, stage: Stage3, bidder: str) -> None:
        """The price that was read is the bid's; the arithmetic itself where it is plain (section 16.3)."""
        try:
            corrected, schedule = Fraction(value["corrected"]), value["schedule"]
            read_out, lines = Fraction(schedule["read_out"]), schedule["lines"]
            digest = next(bid["price"] for bid in stage.bids if bid["bidder"] == bidder)
            price = self.record.disclosure(digest, "price")
            total = Fraction(0)
            for line in lines:
                product = Fraction(line["quantity"]) * Fraction(line["unit_price"])
                total += round_half_up(product, schedule["places"])
            yuan = yuan_in_words(schedule["words"])
            if yuan is not None:
                yuan /= Fraction(schedule["yuan_per_unit"])
        except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError):
            raise Invalid("Malformed", "a price correction has another form") from None
        if price is not None and (price == "" or Fraction(price) != read_out):
            raise Invalid("CorrectionMismatch", f"the price of {bidder} that was read is another")
        if corrected == read_out:
            raise Invalid("CorrectionMismatch", f"there is nothing to correct in the price of {bidder}")
        if not lines and yuan is not None and yuan != corrected:
            raise Invalid("CorrectionMismatch", f"the words of {bidder} come to another price")
        if corrected not in ([total, yuan] if lines else [yuan]):
            self.leave_open("CorrectionForm", "how the schedule is corrected is not specified to the step")

    def _question(self, stage, number: int) -> Question:
        if number not in stage.questions:
            raise Invalid("UnknownClarification", f"there is no clarification {number}")
        return stage.questions[number]

    def _decide_AnswerClarification(self, command, stage):
        content = command["content"]
        question = self._question(stage, content["number"])
        if question.result:
            raise Invalid("ClarificationOver", f"clarification {content['number']} is closed")
        if question.answered:
            raise Invalid("AlreadyAnswered", f"clarification {content['number']} was answered")
        self.for_bidder(command, question.bidder)
        self.text_here(content["answer"], "reply")
        return [self.own(command, stage)]

    def _decide_CloseClarification(self, command, stage):
        content = command["content"]
        question = self._question(stage, content["number"])
        if question.result:
            raise Invalid("ClarificationOver", f"clarification {content['number']} is closed")
        state = "refused" if question.refused else "answered" if question.answered else "overdue"
        due = question.due_at + self.suspended_since(question.asked_at)
        if self.role == "expert":
            self.member(command)
        if (
            content["result"] != state
            or (self.role == "installation") != (state == "overdue")
            or (state == "overdue" and self.at < due)
        ):
            raise Invalid(
                "StillOpen", f"clarification {content['number']} cannot be closed as {content['result']}"
            )
        events = [self.own(command, stage)]
        if question.purpose == "correction" and state == "answered" and stage.base == "SUMMARY":
            events += self.set_aside(stage)
        question.result = state  # for the move alone; folding says it again
        return events + self.back(stage, stage.side())

    def _opens_vote(self, command, stage, content: dict) -> list[dict]:
        seat = self.member(command)
        if not stage.items:
            self.unmet("no items are published, so there is no time to vote in")
        if (content["bidder"], content["ground"]) in stage.votes:
            raise Invalid("AlreadyProposed", f"{content['ground']} was put forward before")
        self.text_here(content["reason"], "reason")
        event = {
            **content,
            "due_at": self.at + stage.items["vote_ms"],
            "envelope": stage.envelope,
            "lot": stage.lot,
            "round": stage.round,
            "seat": seat,
            "type": "VoteOpened.1",
        }
        return [event, *([] if stage.phase == "REJECT_VOTE" else [self.entered(stage, "REJECT_VOTE")])]

    def _decide_ProposeRejection(self, command, stage):
        content = command["content"]
        bidder, ground = content["bidder"], content["ground"]
        self.bidder_of(stage, bidder)
        grounds = GROUNDS[self.book["regime"]]
        if ground not in grounds:
            raise Invalid("UnknownGround", f"{ground} is no ground here")
        mine = [one for one in stage.questions.values() if one.bidder == bidder and one.result]
        if grounds[ground] and not any(one.purpose == "low_price" for one in mine):
            raise Invalid("ExplanationFirst", f"{bidder} was not asked to explain")
        if ground == UNCONFIRMED and not any(
            one.purpose == "correction" and one.result in ("refused", "overdue") for one in mine
        ):
            raise Invalid("CorrectionFirst", f"{bidder} was not asked to confirm a correction")
        return self._opens_vote(command, stage, content)

    def _decide_VoteCompetition(self, command, stage):
        if self.book["regime"] != "TENDER":
            raise Invalid("UnknownGround", "there is no such vote in a purchase")
        if stage.suppliers() >= self.book["bids_min"]:
            raise Invalid("EnoughLeft", f"{stage.suppliers()} bids are left")
        content = {"bidder": "", "ground": COMPETITION, "reason": command["content"]["reason"]}
        return self._opens_vote(command, stage, content)

    def _vote(self, stage, content: dict) -> Vote:
        vote = stage.votes.get((content["bidder"], content["ground"]))
        if vote is None:
            raise Invalid("UnknownVote", f"there is no vote on {content['bidder']} and {content['ground']}")
        if vote.closed:
            raise Invalid("VoteOver", "the vote is over")
        return vote

    def _ballot_is(self, secret: bool) -> None:
        review = self.review()
        if review is not None and (review["ballot"] == "secret") != secret:
            raise Invalid("BallotSecret", "the plan has votes given in another way")

    def _voted(self, command, vote: Vote, content: dict) -> str:
        seat = self.member(command)
        if seat in vote.ballots:
            raise Invalid("AlreadyVoted", f"seat {seat} has voted")
        if content["choice"] != "abstain" and not content["reason"]:
            raise Invalid("TextLength", "yes and no have a reason")
        self.text_here(content["reason"], "reason")
        return seat

    def _decide_CastVote(self, command, stage):
        content = command["content"]
        vote = self._vote(stage, content)
        self._ballot_is(secret=False)
        self._voted(command, vote, content)
        return [self.own(command, stage)]

    def _decide_CastSecretVote(self, command, stage):
        vote, seat = self._vote(stage, command["content"]), self.member(command)
        self._ballot_is(secret=True)
        if seat in vote.sealed:
            raise Invalid("AlreadyVoted", f"seat {seat} has voted")
        return [self.own(command, stage)]

    def _decide_OpenVote(self, command, stage):
        """A secret vote opens its commitment (section 16.4)."""
        content = command["content"]
        vote = self._vote(stage, content)
        overdue = self.at >= vote.due_at + self.suspended_since(vote.opened_at)
        if not overdue and any(seat not in vote.sealed for seat in self.members()):
            raise Invalid("VotesMissing", "not all members have voted")
        seat = self._voted(command, vote, content)
        value = {name: content[name] for name in ("bidder", "choice", "ground", "nonce", "reason")}
        value |= {"seat": seat, "session": self.session, "stage": command["stage"]}
        if vote.sealed.get(seat) != to_base64(tagged("rejection-vote/v1", canonical(value))):
            raise Invalid("VoteMismatch", f"seat {seat} opens another vote")
        return [self.own(command, stage)]

    def _decide_CloseVote(self, command, stage):
        content = command["content"]
        vote, members = self._vote(stage, content), self.members()
        choices = [vote.ballots[seat] for seat in members if seat in vote.ballots]
        yes, missing = choices.count("yes"), len(members) - len(choices)
        rejected = 2 * yes > len(members)
        if missing:
            settled = rejected or 2 * (yes + missing) <= len(members)
            overdue = self.at >= vote.due_at + self.suspended_since(vote.opened_at)
            if self.role == "installation" or not (settled and overdue):
                raise Invalid("VotesMissing", f"{missing} votes are missing")
        if self.role == "expert":
            self.member(command)
        counts = {"abstain": choices.count("abstain"), "no": choices.count("no"), "yes": yes}
        events = [self.own(command, stage, members=len(members), rejected=rejected, **counts)]
        vote.closed, vote.rejected = True, rejected  # for the move alone; folding says it again
        if rejected and content["ground"] == COMPETITION:
            return [*events, self.entered(stage, "FAILED")]
        if rejected and stage.base == "SUMMARY":
            events += self.set_aside(stage)
        return events + self.back(stage, stage.side())

    def _failing(self, stage: Stage3) -> list[dict]:
        """The stage and each later envelope of the lot that has not failed."""
        envelopes = self.envelopes_of(stage)
        later = [self.stages[stage.lot, one] for one in envelopes[envelopes.index(stage.envelope) :]]
        return [self.entered(one, "FAILED") for one in later if one.phase != "FAILED"]

    def _decide_NoteSameBrand(self, command, stage):
        bidders = command["content"]["bidders"]
        if self.book["regime"] != "GOV_PROC":
            raise Invalid("NotAllowed", "brands are noted in a purchase alone")
        if stage.phase in SIDES and stage.base != "PRELIM":
            raise Invalid("WrongPhase", "brands are noted in OPENED and PRELIM")
        _distinct(bidders)
        for bidder in bidders:
            self.bidder_of(stage, bidder, left=False)
            if any(bidder in brand for brand in stage.brands):
                raise Invalid("AlreadyDone", f"{bidder} is of a brand already")
        self.text_here(command["content"]["statement"], "statement")
        return [self.own(command, stage)]

    def _decide_ConfirmDeduction(self, command, stage):
        content = command["content"]
        self.bidder_of(stage, content["bidder"], left=False)
        value = self.record.disclosure(content["deduction"], "deduction")
        if value is not None:
            an_object(basis=a_text(), share=a_decimal)(value, "a deduction")
            if not 0 <= Fraction(value["share"]) <= 100:
                raise Invalid("ShareUnfit", f"a share of {value['share']}")
        return [self.own(command, stage), *self.set_aside(stage)]

    def _decide_BeginPreliminary(self, command, stage):
        return [self.entered(stage, "PRELIM")]

    def _decide_ConcludePreliminary(self, command, stage):
        if self.role == "expert":
            self.member(command)
        if self.plan is not None and self.is_last(stage):
            for rate in self.scheme(stage)["rates"]:
                if rate["candidates"] and rate["id"] not in stage.draws:
                    self.unmet(f"the rate {rate['id']} is not drawn")
        standing = stage.standing()
        rejected = []
        for bidder, grounds in self._out(stage).items():
            for ground in grounds:
                rejected.append({"bidder": bidder, "ground": ground})
        given = self.given[0].get("rejected") if self.given and isinstance(self.given[0], dict) else None
        if isinstance(given, list) and sorted(map(canonical, given)) == sorted(map(canonical, rejected)):
            rejected = given
        event = self.own(command, stage, rejected=rejected, valid=standing)
        return [event, self.entered(stage, "DETAILED")]

    def _out(self, stage: Stage3) -> dict[str, list[str]]:
        """Which bids are out, and the ground of each: of the vote that put it out first, else the desk's."""
        found: dict[str, list[str]] = {}
        for bid in stage.bids:
            bidder = bid["bidder"]
            votes = [ground for one, ground in stage.out if one == bidder]
            grounds = votes[:1] or stage.desk_grounds(bidder)[:1]
            if grounds:
                found[bidder] = grounds
        return found

    # -- scores, tally, ranking ---------------------------------------------------------------------------

    def _decide_SealSheet(self, command, stage):
        if stage.phase in SIDES and stage.base != "DETAILED":
            raise Invalid("WrongPhase", "sheets are sealed in DETAILED")
        return super()._decide_SealSheet(command, stage)

    def _decide_CloseScoring(self, command, stage):
        return [self.entered(stage, "SCORES_SEALED"), *self.calls("CloseScoring", stage)]

    def open_sheet(self, commitment, seat, stage, named, bids=None):
        """Section 16.4: a sheet may be of any valid bids that the stage has had in its round."""
        sheet = self.record.disclosure(commitment, "sheet")
        given = sheet.get("bids") if isinstance(sheet, dict) else None
        super().open_sheet(commitment, seat, stage, named, given if given in stage.valid_had else None)

    def _decide_PublishTally(self, command, stage):
        """The tally is what plan, counting sheets, corrections, rates and orders come to."""
        if ("scores_opened", *self._place(stage)) not in self.reached:
            raise Invalid("MilestoneAwaited", "PublishTally awaits scores_opened")
        if stage.tally_digest:
            raise Invalid("AlreadyDone", "the tally is published")
        digest = command["content"]["tally"]
        stage.tally = self.disclosed(digest, "tally")
        bids = self.stage_bids(stage) if self.is_last(stage) else self._bids_without(stage)
        if stage.tally is None or bids is None or self.plan is None or not stage.sheets_known:
            self.leave_open("DisclosureMissing", "what the tally is worked out from is withheld")
            return [self.own(command, stage)]
        self._tally3(stage, bids)
        return [self.own(command, stage)]

    @staticmethod
    def _bids_without(stage) -> list[dict]:
        """The bids of an envelope before the last: prices and quantities are passed over (section 17.6)."""
        return [
            {"bidder": one["bidder"], "code": one["code"], "price": "", "quantities": {}}
            for one in stage.bids
        ]

    def _tally3(self, stage, bids: list[dict]) -> None:
        last, rule = self.is_last(stage), self.scheme(stage).get("small_business")
        for bid in bids:
            bidder = bid["bidder"]
            if bidder in stage.corrected and last:
                value = self.disclosed(stage.corrected[bidder], "price_correction")
                if value is None:
                    return
                bid["price"] = value["corrected"]
            if rule is not None and last and bidder in stage.valid:
                declared = bid["quantities"].get(rule["quantity"], "")
                if bidder in stage.shares:
                    value = self.disclosed(stage.shares[bidder], "deduction")
                    if value is None:
                        return
                    bid["quantities"] = {**bid["quantities"], rule["quantity"]: value["share"]}
                elif declared and Fraction(declared) != 0:
                    self.unmet(f"the share of {bidder} is not confirmed")
        valid = [bid for bid in bids if bid["bidder"] in stage.valid]
        sheets: dict[str, dict] = {}
        draws: dict[str, str] = {}
        for envelope in self.envelopes_of(stage) if last else [stage.envelope]:
            one = self.stages[stage.lot, envelope]
            draws |= one.draws
            if not one.sheets_known:
                self.leave_open("DisclosureMissing", "the sheets of an earlier envelope are withheld")
                return
            for seat in self.members():
                mine = sheets.setdefault(seat, {})
                for bidder, points in one.counting_sheet(seat).items():
                    mine.setdefault(bidder, {}).update(points)
        draws |= {of or "undecided": " ".join(order) for of, order in stage.decided.items()}
        brands = tuple(tuple(one) for one in stage.brands)
        part = "" if last else stage.envelope
        self.compare_tally(
            stage, Evaluation(self.scheme(stage), self.plan, stage.lot, valid, sheets, draws, part, brands)
        )

    def _explained(self, stage) -> None:
        conduct = self.conduct()
        if stage.tally is None or conduct is None or conduct["explanations"] != "awaited":
            return
        if not scored_leaves(self.scheme(stage), stage.envelope):
            return  # what members score, an earlier envelope's stage awaited (section 17.1)
        for one in stage.tally["deviations"]:
            if one["over"] and (one["seat"], one["bidder"], one["criterion"]) not in stage.explained:
                self.unmet(f"seat {one['seat']} has not explained {one['criterion']} of {one['bidder']}")

    def _decide_ConfirmRanking(self, command, stage):
        if not self.is_last(stage):
            raise Invalid("WrongEnvelope", "this stage ends with ConfirmPassing")
        self._explained(stage)
        tally = stage.tally
        if tally is not None:
            if tally["blocked"]:
                self.unmet("the tally is blocked")
            for low in tally.get("low_prices", ()):
                if not any(
                    one.bidder == low["bidder"] and one.purpose == "low_price" and one.result
                    for one in stage.questions.values()
                ):
                    self.unmet(f"the low price of {low['bidder']} is not explained")
            self._nothing_undecided(stage, tally)
        return [self.entered(stage, "RANKED")]

    def _nothing_undecided(self, stage, tally: dict) -> None:
        """Section 11.1, step 9 and 17.9: no more candidates than there may be, no two best of one brand."""
        rows = [row for row in tally["rows"] if row["status"] == "ranked"]
        if self.plan is not None and sum(row["candidate"] for row in rows) > self.plan["candidates_max"]:
            self.unmet("equal bids make too many candidates")
        for brand in stage.brands:
            mine = sorted(row["rank"] for row in rows if row["bidder"] in brand)
            if len(mine) > 1 and mine[0] == mine[1]:
                self.unmet("two of one brand are equally best")

    def _decide_ConfirmPassing(self, command, stage):
        if self.is_last(stage):
            raise Invalid("WrongEnvelope", "this stage ends with ConfirmRanking")
        self._explained(stage)
        if stage.tally is not None:
            ranked = {row["bidder"] for row in stage.tally["rows"] if row["status"] == "ranked"}
            wanted = [bid["bidder"] for bid in stage.bids if bid["bidder"] in ranked]
            if command["content"]["passing"] != wanted:
                raise Invalid("PassingMismatch", "those who go on are not those whom the tally ranks")
        return [self.own(command, stage), self.entered(stage, "RANKED")]

    def _decide_DecideTie(self, command, stage):
        content = command["content"]
        if not self.is_last(stage):
            raise Invalid("WrongEnvelope", "ties are decided in the lot's last envelope")
        if not stage.tally_digest:
            self.unmet("no tally stands")
        _distinct(content["order"])
        self.text_here(content["statement"], "statement")
        if (
            self.plan is not None
            and content["of"]
            and not any(
                tie["by"] == "decided" and tie["of"] == content["of"] for tie in self.scheme(stage)["ties"]
            )
        ):
            raise Invalid("PlanMismatch", f"the plan has no rule {content['of']}")
        if stage.tally is not None:
            ranks = {row["bidder"]: row["rank"] for row in stage.tally["rows"] if row["status"] == "ranked"}
            named = [ranks.get(bidder) for bidder in content["order"]]
            if None in named or len(set(named)) != 1 or list(ranks.values()).count(named[0]) < 2:
                raise Invalid("NotTied", "the bids are not equal")
        return [self.own(command, stage), *self.set_aside(stage)]

    # -- recheck, time (17.1, 17.2) -----------------------------------------------------------------------

    def _ground(self, ground: str) -> None:
        if self.book["regime"] == "GOV_PROC":
            allowed = LAWFUL_GROUNDS
        else:
            conduct = self.conduct()
            allowed = None if conduct is None else conduct["grounds"]
        if allowed is not None and ground not in allowed:
            raise Invalid("GroundUnknown", f"{ground} is no ground here")

    def _decide_BeginRecheck(self, command, stage):
        if self.role == "expert":
            self.member(command)
        self._ground(command["content"]["ground"])
        return [self.own(command, stage, number=len(stage.rechecks) + 1), self.entered(stage, "RECHECK")]

    def _decide_EndRecheck(self, command, stage):
        if self.role == "expert":
            self.member(command)
        anew = stage.corrected_now or stage.rechecks[-1] == "sum_error"
        return [*(self.set_aside(stage) if anew else []), self.entered(stage, "SUMMARY")]

    def _decide_FindAbnormal(self, command, stage):
        content, by = command["content"], self.member(command)
        item = (content["seat"], content["bidder"], content["criterion"])
        if content["seat"] not in self.members():
            raise Invalid("UnknownSeat", f"seat {content['seat']} is no member")
        self.bidder_of(stage, content["bidder"], left=False)
        held = stage.found_by.get(item, [])
        if by in held:
            raise Invalid("AlreadyDone", f"seat {by} has said so")
        return [self.own(command, stage, found=2 * (len(held) + 1) > len(self.members()))]

    def _decide_CorrectItem(self, command, stage):
        content, seat = command["content"], self.member(command)
        if content["seat"] != seat:
            raise Invalid("OwnSheetOnly", "only one's own sheet is corrected")
        ground = content["ground"]
        self._ground(ground)
        if ground == "sum_error":
            raise Invalid("GroundUnfit", "with sum_error no item changes")
        if len(stage.corrections) >= CORRECTIONS_PER_STAGE_MAX:
            raise Invalid("TooLarge", "too many corrections")
        items = [(one["bidder"], one["criterion"]) for one in content["items"]]
        _distinct([f"{bidder}/{criterion}" for bidder, criterion in items])
        for bidder, criterion in items:
            if bidder not in stage.valid:
                raise Invalid("UnknownBidder", f"{bidder} is not valid")
            if ground == "abnormal" and (seat, bidder, criterion) not in stage.abnormal:
                self.unmet(f"the committee has not found {criterion} of {bidder} abnormal")
        value = self.disclosed(content["correction"], "corrected_scores")
        if value is not None and self.plan is not None and stage.sheets_known:
            self._correction_holds(value, command, stage, seat, items)
        return [self.own(command, stage, number=len(stage.corrections) + 1)]

    def _correction_holds(self, value, command, stage, seat: str, items: list) -> None:
        an_object(expert=an_id, ground=a_text(), scores=anything, session=an_id, stage=STAGE)(
            value, "a correction"
        )
        ground = command["content"]["ground"]
        told = {name: value[name] for name in ("expert", "ground", "session", "stage")}
        wanted = {"expert": seat, "ground": ground, "session": self.session, "stage": command["stage"]}
        scores = value["scores"]
        if told != wanted or not isinstance(scores, dict):
            raise Invalid("CorrectionInvalid", "the correction is of another seat, ground or stage")
        given = [
            (bidder, criterion)
            for bidder, points in scores.items()
            for criterion in (points if isinstance(points, dict) else {})
        ]
        if sorted(given) != sorted(items) or any(
            not isinstance(one, dict) or not one for one in scores.values()
        ):
            raise Invalid("CorrectionInvalid", "the correction is not of the items that are named")
        leaves = scored_leaves(self.scheme(stage), stage.envelope)
        sheets = {one: stage.counting_sheet(one) for one in self.members()}
        for bidder, criterion in items:
            leaf, points = leaves.get(criterion), scores[bidder][criterion]
            if leaf is None or type(points) is not int or not 0 <= points <= leaf["max_centi"]:
                raise Invalid("CorrectionInvalid", f"{criterion} of {bidder} is out of range")
            if points % leaf["step_centi"]:
                raise Invalid("CorrectionInvalid", f"{criterion} of {bidder} is not on the step")
            before = sheets[seat].get(bidder, {}).get(criterion)
            if before == points:
                raise Invalid("CorrectionInvalid", f"{criterion} of {bidder} is as it was")
            if ground == "over_range" and (before is None or before <= leaf["max_centi"]):
                raise Invalid("GroundUnfit", f"{criterion} of {bidder} is not over its range")
            if ground == "objective_differs" and (
                leaf["kind"] != "objective"
                or len({sheets[one].get(bidder, {}).get(criterion) for one in sheets}) < 2
            ):
                raise Invalid("GroundUnfit", f"members do not differ in {criterion} of {bidder}")

    def _decide_ExplainDeviation(self, command, stage):
        content, seat = command["content"], self.member(command)
        if stage.phase in SIDES and stage.base != "SUMMARY":
            raise Invalid("WrongPhase", "scores are explained once they are open")
        self.bidder_of(stage, content["bidder"], left=False)
        if (seat, content["bidder"], content["criterion"]) in stage.explained:
            raise Invalid("AlreadyDone", "it was explained before")
        self.text_here(content["explanation"], "explanation")
        return [self.own(command, stage)]

    def _decide_AskMoreTime(self, command, stage):
        if self.member(command) in stage.asked_time:
            raise Invalid("AlreadyDone", "the seat has asked")
        return [self.own(command, stage)]

    def _decide_ExtendTime(self, command, stage):
        asked = [seat for seat in stage.asked_time if seat in self.members()]
        if 3 * len(asked) <= len(self.members()):
            self.unmet(f"{len(asked)} members have asked")
        seats = self._as_given("seats", [asked, sorted(asked), [s for s in self.members() if s in asked]])
        return [self.own(command, stage, seats=seats)]

    def _decide_RaiseOverrun(self, command, stage):
        """Section 7.2: once the time for scoring is over, and once more for each extension."""
        scoring = self.book["scoring_ms"]
        missing = [seat for seat in self.members() if seat not in stage.sealed]
        spent = self.at - stage.detailed_at - self.suspended_since(stage.detailed_at)
        if not scoring or spent < scoring + stage.added_ms or not missing or stage.overrun:
            raise Invalid("GuardUnmet", "no overrun is due")
        if sorted(command["content"]["seats"]) != sorted(missing):
            raise Invalid("EventsFalse", "the overrun names other seats than those that have not sealed")
        return [self._of(stage, "OverrunRaised.1", seats=command["content"]["seats"])]

    # -- suspension, void, failure (17.3, 17.4) -----------------------------------------------------------

    def _decide_Suspend(self, command, stage):
        content, conduct = command["content"], self.conduct()
        if conduct is not None:
            field = "suspension_before_ms" if self.phase == "CHECKIN" else "suspension_during_ms"
            if content["limit_ms"] != conduct[field]:
                raise Invalid("PlanMismatch", "the limit of a suspension is not the plan's")
        self.text_here(content["statement"], "statement")
        seat = self.author(command)
        event = self.own(
            command,
            stage,
            author_at=command["author_at"],
            phase=self.phase,
            root=to_base64(self.root_at(self.seq)),
            size=self.seq,
            venue=self.seats.get(seat, {}).get("venue", ""),
        )
        return [event, self.phase_entered("SUSPENDED")]

    def _decide_ReconfirmSeat(self, command, stage):
        seat = command["content"]["seat"]
        self._here(command, seat)
        return [self.own(command, stage)]

    def _decide_Resume(self, command, stage):
        held = self.suspensions[-1]
        lasted = self.at - held["at"]
        if lasted > held["limit_ms"] and not (held["phase"] == "CHECKIN" and self.role == "tenderee"):
            raise Invalid("SuspendedTooLong", f"it lasted {lasted} ms")
        event = self.own(command, stage, phase=held["phase"], suspended_ms=lasted)
        return [event, self.phase_entered(held["phase"])]

    def _decide_VoidCommittee(self, command, stage):
        if len(self.voids) + 1 >= COMMITTEES_MAX:
            raise Invalid("TooLarge", "too many committees")
        self.text_here(command["content"]["statement"], "statement")
        members = sorted(self.members())
        members = self._as_given("members", [members, self.members()])
        events = [self.own(command, stage, members=members, number=len(self.voids) + 1)]
        for lot in self.book["lots"]:
            for number, envelope in enumerate(lot["envelopes"]):
                one = self.stages[lot["lot"], envelope]
                target = ""
                if number and one.phase != "AWAITED" and (one.bids or self.opening_put_back(one)):
                    target = "AWAITED"
                elif not number and "PRELIM" in one.path:
                    target = "OPENED"
                if target:
                    event = self.entered(one, target)
                    events.append(event | {"round": one.round + 1})
        return [*events, self.phase_entered("COMMITTEE_VOID")]

    def opening_put_back(self, stage) -> bool:
        """Whether a later envelope that was being opened goes back (version 4 alone opens step by step)."""
        return False

    def _decide_FailSession(self, command, stage):
        self.text_here(command["content"]["statement"], "statement")
        return [self.own(command, stage), self.phase_entered("FAILED")]

    def _decide_FailStage(self, command, stage):
        content = command["content"]
        self.text_here(content["statement"], "statement")
        early = stage.phase in STAGE_ORDER[:4]
        few = self.book["regime"] == "GOV_PROC" and stage.suppliers() < self.book["bids_min"]
        if content["reason"] == "too_few_bids" and not (early or few):
            self.unmet("there are enough bids")
        if content["reason"] == "all_rejected" and (early or stage.standing()):
            self.unmet("not all bids are rejected")
        event = {
            **content,
            "envelope": stage.envelope,
            "lot": stage.lot,
            "round": stage.round,
            "seat": self.author(command),
            "type": "StageFailed.1",
        }
        return [event, *self._failing(stage)]

    def _decide_NoteRefusal(self, command, stage):
        return [{**command["content"], "type": "RefusalNoted.1"}]

    # -- report and signing (17.5, 17.10) -----------------------------------------------------------------

    def _decide_BeginReport(self, command, stage):
        return [self.phase_entered("REPORT_DRAFT"), *self.calls("BeginReport", None)]

    def _decide_ImportReport(self, command, stage):
        digest = command["content"]["report"]
        report = self.record.disclosure(digest, "report")
        if report is not None:
            sections = report.get("sections") if isinstance(report, dict) else None
            for code in REPORT_SECTIONS[self.book["regime"]]:
                if not isinstance(sections, dict) or not sections.get(code):
                    raise Invalid("ReportIncomplete", f"the section {code} is missing")
        self.report_fits(digest)
        return [self.own(command, stage), self.phase_entered("SIGNING")]

    def _answers(self, command) -> str:
        if command["content"]["report"] != self.report:
            raise Invalid("RecordMismatch", "it is of another report")
        return self.member(command)

    def _decide_RecordDissent(self, command, stage):
        seat = self._answers(command)
        if seat in self.dissents:
            raise Invalid("AlreadyDone", f"seat {seat} has dissented")
        self.text_here(command["content"]["dissent"], "dissent")
        return [self.own(command, stage)]

    def _decide_RefuseToSign(self, command, stage):
        seat = self._answers(command)
        if seat in self.refused | self.signed:
            raise Invalid("AlreadyDone", f"seat {seat} has refused or signed")
        return [self.own(command, stage)]

    def _decide_DeemAgreement(self, command, stage):
        content, conduct = command["content"], self.conduct()
        seat = content["seat"]
        if seat not in self.members():
            raise Invalid("UnknownSeat", f"seat {seat} is no member")
        if seat in self.deemed | self.signed | self.dissents:
            raise Invalid("AlreadyDone", f"seat {seat} has answered")
        if conduct is not None and content["waited_ms"] != conduct["signing_ms"]:
            raise Invalid("PlanMismatch", "the time that is waited is not the plan's")
        self.text_here(content["statement"], "statement")
        refused = seat in self.refused
        if (
            not refused
            and self.at - self.signing_at - self.suspended_since(self.signing_at) < content["waited_ms"]
        ):
            raise Invalid("TooEarly", f"seat {seat} may still answer")
        return [self.own(command, stage, refused=refused)]

    def _decide_SubmitReport(self, command, stage):
        return [self.phase_entered("SUBMITTED")]

    def _decide_ArchiveSession(self, command, stage):
        return [self.phase_entered("ARCHIVED")]

    def _decide_BeginReevaluation(self, command, stage):
        content = command["content"]
        self._ground(content["ground"])
        self.text_here(content["statement"], "statement")
        number = len(self.reevaluations) + 1
        event = self.own(command, stage, number=number, phase=self.phase, report=self.report)
        return [event, self.phase_entered("COMMITTEE_READY")]

    # -- folding ------------------------------------------------------------------------------------------

    def seat_counted(self, command: dict) -> str:
        key = command["author_key"]
        if command["type"] in ("CommitDrawSeed", "RevealDrawSeed") and self.role == "supervisor":
            return self._speaker(command)
        return self.bidder_keys.get(key) or super().seat_counted(command)

    def _lose_key(self, seat: str) -> None:
        """The seat's key speaks no more."""
        key = self.key_of.pop(seat, "")
        if key:
            self.keys.pop(key, None)
            self.lost_keys[key] = seat

    def _bind(self, seat: str, key: str) -> None:
        if seat in self.key_of:
            self.lost_keys[self.key_of[seat]] = seat
        super()._bind(seat, key)

    def _on_SeatBound(self, event, command):
        if event["seat"] in self.seats:
            super()._on_SeatBound(event, command)
            return
        former = self.key_of_bidder.get(event["seat"])
        if former is not None:
            self.lost_keys[former] = self.bidder_keys.pop(former)
        self._note_key(event["key"], "bidder", event["seat"])
        self.bidder_keys[event["key"]] = event["seat"]
        self.key_of_bidder[event["seat"]] = event["key"]
        self.keys_used.add(event["key"])

    def _on_PhaseEntered(self, event, command):
        super()._on_PhaseEntered(event, command)
        if event["phase"] == "SIGNING":
            self.signing_at = self.at

    def _on_StageEntered(self, event, command):
        stage, phase = self._at_stage(event), event["phase"]
        if event["round"] != stage.round:
            self._anew(stage, event["round"], phase)
            if phase == "AWAITED":
                return
        aside = stage.phase in SIDES
        stage.phase = phase
        if phase in SIDES:
            return
        if phase in ("PRELIM", "DETAILED", "SUMMARY"):
            stage.base = phase
        if phase == "DETAILED" and not aside:
            stage.detailed_at, stage.overrun = self.at, False
        if phase == "FAILED" and not stage.failure:
            stage.failure = self.failing_reason
        if not (aside and stage.path and stage.path[-1] == phase):
            stage.path.append(phase)

    failing_reason = ""  # why the stages that fail with one entry fail

    def _anew(self, stage: Stage3, number: int, phase: str) -> None:
        """A further round (section 17.4): what remains of a stage after its committee was void."""
        kept = {"draws": stage.draws}
        if phase != "AWAITED":
            for name in ("bids", "source", "read_out", "record_signers", "objections"):
                kept[name] = getattr(stage, name)
        stage.__init__(stage.lot, stage.envelope)
        stage.round = number
        for name, value in kept.items():
            setattr(stage, name, value)
        if phase == "AWAITED":
            stage.path = ["AWAITED"]
        stage.valid = [bid["bidder"] for bid in stage.bids]
        stage.valid_had = [stage.valid]
        gone = ("scores_closed", "scores_opened", *(("bids_opened",) if phase == "AWAITED" else ()))
        place = (stage.lot, stage.envelope)
        self.reached = {one for one in self.reached if one[1:] != place or one[0] not in gone}
        self.pending = {one for one in self.pending if one[1:] != place or one[0] not in gone}

    def _on_OpeningImported(self, event, command):
        super()._on_OpeningImported(event, command)
        stage = self._at_stage(event)
        stage.valid_had = [stage.valid]

    # draw and committee

    def _on_PoolFrozen(self, event, command):
        self.frozen, self.committed, self.revealed = event, {}, []
        self.draws_used.add(event["draw"])
        self.venues_drawn = False
        self.takes = [dict(seat) for seat in event["seats"]]
        self.venues = {venue["venue"]: venue for venue in event["venues"]}
        self.node_keys = {venue["node_key"]: venue["venue"] for venue in event["venues"]}
        for venue in event["venues"]:
            self._note_key(venue["node_key"], "venue", venue["venue"])

    def _on_DrawSeedCommitted(self, event, command):
        self.committed[event["party"]] = event["commitment"]

    def _on_DrawSeedRevealed(self, event, command):
        self.revealed.append(event["party"])

    def _on_VenuesDrawn(self, event, command):
        self.venues_drawn = True

    def _on_CommitteeDrawn(self, event, command):
        self.drawn = True
        self.seats = {seat["seat"]: dict(seat) for seat in event["hosts"]}
        self._were_members(event["hosts"])

    def _were_members(self, seats: list[dict]) -> None:
        self.member_seats |= {one["seat"] for one in seats if one["role"] == "expert"}

    def _seated(self, taken: list) -> None:
        """Whoever is drawn onto a seat begins there anew: the seat's former key and check-in are gone."""
        for take in taken:
            seat = take["seat"]
            self._lose_key(seat)
            self.checked_in.discard(seat)
            self.recused.discard(seat)
            self.identity.pop(seat, None)
            self._ballots_without(seat)
            self.seats[seat] = {
                "kind": "expert",
                "person": take["leaf"]["person"],
                "reserve": False,
                "role": "expert",
                "seat": seat,
                "venue": take["venue"],
            }
            self.member_seats.add(seat)

    def _ballots_without(self, seat: str) -> None:
        """A vote for a chair of somebody who left does not count; nor does a chair who owes it the office."""
        if self.ballot:
            self.ballot["given"].pop(seat, None)
            self.ballot["votes"].pop(seat, None)
        if self.chair == seat:
            self.chair, self.chair_from = "", []
        elif self.chair and not self.chair_named and seat in self.chair_from:
            self.chair_from = [one for one in self.chair_from if one != seat]
            if 2 * len(self.chair_from) <= len(self.members()):
                self.chair, self.chair_from = "", []

    def _on_DrawPublished(self, event, command):
        self.published, self.seed = True, from_base64(event["seed"], "seed", 32)
        self._settle_takes(self.seed, self.takes)
        self.seats |= {seat["seat"]: dict(seat) for seat in event["seats"]}
        self._seated(event["members"])
        main = [one for one in self.frozen["venues"] if one["role"] == "main"]
        self.venues = {venue["venue"]: venue for venue in [*main, *event["venues"]]}
        self.node_keys = {venue["node_key"]: venue["venue"] for venue in [*main, *event["venues"]]}
        for venue in event["venues"]:
            self._note_key(venue["node_key"], "venue", venue["venue"])

    def _on_ReplacementCalled(self, event, command):
        self.takes += self._next_takes([self._taking_of(event["seat"])])
        self._seated(event["taken"])

    def _on_CommitteeImported(self, event, command):
        held = dict(self.key_of)
        super()._on_CommitteeImported(event, command)
        self.seats = {name: dict(seat) for name, seat in self.seats.items()}
        self._were_members(event["seats"])
        for seat in held:
            if seat not in self.seats and seat != "agent":
                self._lose_key(seat)

    def _on_CommitteeRebuilt(self, event, command):
        former = self.seats
        self._on_CommitteeImported(event, command)
        for name, seat in self.seats.items():
            before = former.get(name)
            if before is not None and any(
                before[one] != seat[one] for one in ("kind", "role", "venue", "person")
            ):
                self._lose_key(name)
        self.frozen, self.takes, self.seed = {}, [], None
        self.drawn = self.published = False

    def _on_CommitteeRedrawn(self, event, command):
        self.first_take = len(self.takes)
        self.takes += self._next_takes(event["seats"])
        self.seats |= {seat["seat"]: dict(seat) for seat in event["named"]}
        self._were_members(event["named"])
        self._seated(event["members"])

    def _on_IdentityConfirmed(self, event, command):
        self.identity.setdefault(event["seat"], set()).add(event["step"])

    def _on_RecusalDeclared(self, event, command):
        self.recused.add(event["seat"])
        self._lose_key(event["seat"])

    def _on_MemberReplaced(self, event, command):
        """Section 15.6: what of the seat that leaves is taken out of every stage."""
        left, comes = event["seat"], event["successor"]
        if event["taken"]:
            self.takes += self._next_takes([{**self._taking_of(left), "seat": comes}])
        self._lose_key(left)
        self._ballots_without(left)
        self.recused.discard(left)
        self.replaced.append([left, comes])
        self._seated(event["taken"])
        self.seats |= {seat["seat"]: dict(seat) for seat in event["named"]}
        self.member_seats |= {left, comes}
        self.seats[comes]["reserve"] = False
        self.seats[left]["left"] = True
        self.checked_in.discard(left)
        self.roster = [comes if seat == left else seat for seat in self.roster]
        members = self.members()
        for stage in self.stages.values():
            for held in (stage.sealed, stage.sheets, stage.counting):
                held.pop(left, None)
            stage.tried.discard(left)
            stage.opened.discard(left)
            if left in stage.asked_time:
                stage.asked_time.remove(left)
            for marks in stage.marks.values():
                for given in marks.values():
                    given.pop(left, None)
            for place, vote in list(stage.votes.items()):
                had = left in vote.ballots
                vote.ballots.pop(left, None)
                vote.sealed.pop(left, None)
                if vote.closed and had and not self._stays(vote, members):
                    del stage.votes[place]
                    if vote.rejected:
                        stage.out = [one for one in stage.out if one != place]
                        stage.sealed, stage.sheets, stage.counting = {}, {}, {}

    @staticmethod
    def _stays(vote: Vote, members: list[str]) -> bool:
        choices = [vote.ballots[seat] for seat in members if seat in vote.ballots]
        yes, missing = choices.count("yes"), len(members) - len(choices)
        return 2 * yes > len(members) if vote.rejected else 2 * (yes + missing) <= len(members)

    # the chair

    def _on_ChairBallotOpened(self, event, command):
        self.ballots = event["number"]
        self.ballot = {"given": {}, "secret": event["secret"], "votes": {}}

    def _on_ChairVoted(self, event, command):
        self.ballot["given"][event["seat"]] = event["commitment"]
        if event["candidate"]:
            self.ballot["votes"][event["seat"]] = event["candidate"]

    def _on_ChairVoteOpened(self, event, command):
        self.ballot["votes"][event["seat"]] = event["candidate"]

    def _on_ChairElected(self, event, command):
        self.chair, self.chair_named = event["seat"], event["named"]
        votes = self.ballot.get("votes", {})
        self.chair_from = [] if event["named"] else [one for one in votes if votes[one] == self.chair]

    # rates drawn by all

    def _k_at(self, event) -> dict:
        return self.k_draws[event["lot"], event["envelope"], event["rate"]]

    def _on_KDrawBegun(self, event, command):
        self.k_draws[event["lot"], event["envelope"], event["rate"]] = {
            "attempt": event["attempt"],
            "candidates": event["candidates"],
            "committed": {},
            "revealed": {},
        }

    def _on_KDrawRestarted(self, event, command):
        self._k_at(event).update({"attempt": event["attempt"], "committed": {}, "revealed": {}})

    def _on_KCommitted(self, event, command):
        self._k_at(event)["committed"][event["seat"]] = event["commitment"]

    def _on_KRevealed(self, event, command):
        self._k_at(event)["revealed"][event["seat"]] = event["random"]

    # review

    def _on_ObjectionRaised(self, event, command):
        self._at_stage(event).objections.append({"answered": False, "bidder": event["bidder"]})

    def _on_ObjectionAnswered(self, event, command):
        self._at_stage(event).objections[event["number"] - 1]["answered"] = True

    def _on_ItemsPublished(self, event, command):
        self._at_stage(event).items = event

    def _on_ItemsMarked(self, event, command):
        stage, seat = self._at_stage(event), event["seat"]
        who = seat if self.seats[seat]["role"] == "expert" else "desk"
        for mark in event["marks"]:
            marks = stage.marks.setdefault(event["bidder"], {})
            marks.setdefault(mark["item"], {})[who] = mark["mark"]

    def _on_BlindPartChecked(self, event, command):
        self._at_stage(event).blind[event["bidder"]] = event["result"]

    def _on_ClarificationAsked(self, event, command):
        self._at_stage(event).questions[event["number"]] = Question(event, self.at)

    def _on_ClarificationAnswered(self, event, command):
        question = self._at_stage(event).questions[event["number"]]
        question.answered, question.refused = True, event["refused"]

    def _on_ClarificationClosed(self, event, command):
        stage = self._at_stage(event)
        question = stage.questions[event["number"]]
        question.result = event["result"]
        if question.purpose == "correction" and event["result"] == "answered":
            stage.corrected[question.bidder] = question.question

    def _on_VoteOpened(self, event, command):
        self._at_stage(event).votes[event["bidder"], event["ground"]] = Vote(event["due_at"], self.at)

    def _vote_at(self, event) -> Vote:
        return self._at_stage(event).votes[event["bidder"], event["ground"]]

    def _on_VoteSealed(self, event, command):
        self._vote_at(event).sealed[event["seat"]] = event["commitment"]

    def _on_VoteCast(self, event, command):
        self._vote_at(event).ballots[event["seat"]] = event["choice"]

    def _on_VoteClosed(self, event, command):
        stage, vote = self._at_stage(event), self._vote_at(event)
        vote.closed, vote.rejected = True, event["rejected"]
        if event["rejected"] and event["bidder"]:
            stage.out.append((event["bidder"], event["ground"]))
            if stage.base in ("DETAILED", "SUMMARY"):
                stage.rejected.append({"bidder": event["bidder"], "ground": event["ground"]})
                stage.valid = [bidder for bidder in stage.valid if bidder != event["bidder"]]
                stage.valid_had.append(stage.valid)

    def _on_PreliminaryConcluded(self, event, command):
        stage = self._at_stage(event)
        stage.valid, stage.rejected = list(event["valid"]), list(event["rejected"])
        stage.valid_had.append(stage.valid)

    def _on_DeductionConfirmed(self, event, command):
        self._at_stage(event).shares[event["bidder"]] = event["deduction"]

    def _on_SameBrandNoted(self, event, command):
        self._at_stage(event).brands.append(event["bidders"])

    # turns

    def _on_RecheckBegun(self, event, command):
        stage = self._at_stage(event)
        stage.rechecks.append(event["ground"])
        stage.corrected_now = False

    def _on_AbnormalFound(self, event, command):
        stage = self._at_stage(event)
        item = (event["seat"], event["bidder"], event["criterion"])
        stage.found_by.setdefault(item, []).append(event["by"])
        if event["found"]:
            stage.abnormal.add(item)

    def _on_ItemCorrected(self, event, command):
        stage = self._at_stage(event)
        value = self.disclosed(event["correction"], "corrected_scores")
        stage.corrected_now = True
        if value is None:
            stage.sheets_known = False
            stage.corrections.append({"ground": event["ground"], "scores": None, "seat": event["seat"]})
        else:
            stage.correct(event["seat"], value["scores"])
            told = {"ground": event["ground"], "scores": value["scores"], "seat": event["seat"]}
            stage.corrections.append(told)

    def _on_DeviationExplained(self, event, command):
        item = (event["seat"], event["bidder"], event["criterion"])
        self._at_stage(event).explained.add(item)

    def _on_TallySetAside(self, event, command):
        stage = self._at_stage(event)
        stage.tally_digest, stage.tally, stage.tally_fits = "", None, False

    def _on_TieDecided(self, event, command):
        self._at_stage(event).decided[event["of"]] = event["order"]

    def _on_PassingConfirmed(self, event, command):
        self._at_stage(event).passing = event["passing"]

    def _on_MoreTimeAsked(self, event, command):
        self._at_stage(event).asked_time.append(event["seat"])

    def _on_TimeExtended(self, event, command):
        stage = self._at_stage(event)
        stage.added_ms += event["added_ms"]
        stage.extensions += 1
        stage.asked_time, stage.overrun = [], False

    def _on_OverrunRaised(self, event, command):
        self._at_stage(event).overrun = True

    def _on_SessionSuspended(self, event, command):
        if len(self.suspensions) >= SUSPENSIONS_MAX:
            raise Undecided("TooLarge", f"more than {SUSPENSIONS_MAX} suspensions")
        self.suspensions.append(
            {"at": self.at, "limit_ms": event["limit_ms"], "ms": 0, "phase": event["phase"],
             "reason": event["reason"], "reconfirmed": {}, "resumed": False}
        )  # fmt: skip

    def _on_SeatReconfirmed(self, event, command):
        self.suspensions[-1]["reconfirmed"][event["seat"]] = self.key_of.get(event["seat"], "")

    def _on_SessionResumed(self, event, command):
        self.suspensions[-1] |= {"ms": event["suspended_ms"], "resumed": True}

    def _on_CommitteeVoided(self, event, command):
        """The members speak no more; what they concluded is kept apart (section 17.4)."""
        going = {(e["lot"], e["envelope"]) for e in self.given if e["type"] == "StageEntered.1"}
        kept = [
            {
                "envelope": stage.envelope,
                "lot": stage.lot,
                "path": list(stage.path),
                "round": stage.round,
                "sealed": sorted(stage.sealed),
            }
            for place, stage in self.stages.items()
            if place in going
        ]
        path = list(self.path)
        self.voids.append(
            {"path": path, "reason": event["reason"], "roster": list(self.roster), "stages": kept}
        )
        if "CHECKIN" in self.path:
            self.path = self.path[: self.path.index("CHECKIN")]
        elif self.path[-1:] == ["SUSPENDED"]:
            self.path = self.path[:-1]
        for seat in [name for name, one in self.seats.items() if one["role"] == "expert"]:
            name = self.record.disclosure(self.seats[seat]["person"], "person")
            if name is not None and not self.seats[seat]["reserve"]:
                self.void_names.add(name)
            self.seats[seat]["left"] = True
            self._lose_key(seat)
        self.roster, self.checked_in, self.report = [], set(), ""
        self.signed, self.dissents, self.deemed, self.refused = set(), set(), set(), set()
        self.identity, self.recused, self.replaced = {}, set(), []
        self.chair, self.chair_named, self.chair_from, self.ballot = "", False, [], {}
        self.ballots = 0
        self.first_take = len(self.takes)
        again = ("roster_locked", "ranking_final")
        self.reached = {one for one in self.reached if one[0] not in again}
        self.pending = {one for one in self.pending if one[0] not in again}

    def _on_SessionFailed(self, event, command):
        self.failure = event["reason"]

    def _on_StageFailed(self, event, command):
        self.failing_reason = event["reason"]
        self._at_stage(event).failure = event["reason"]

    def _on_DissentRecorded(self, event, command):
        self.dissents.add(event["seat"])

    def _on_AgreementDeemed(self, event, command):
        self.deemed.add(event["seat"])

    def _on_SignatureRefused(self, event, command):
        self.refused.add(event["seat"])

    def _on_ReevaluationBegun(self, event, command):
        self.reevaluations.append([event["phase"], event["ground"]])
        self.report = ""
        self.signed, self.dissents, self.deemed, self.refused = set(), set(), set(), set()
        self.reached = {one for one in self.reached if one[0] != "ranking_final"}
        self.pending = {one for one in self.pending if one[0] != "ranking_final"}

    # -- the outcome (sections 9, 16.7, 17.11) ------------------------------------------------------------

    def outcome_parts(self) -> tuple[dict, "callable"]:
        provinces = {one["venue"]: one["province"] for one in self.frozen.get("venues", ())}
        last = {take["seat"]: take for take in self.takes[self.first_take :]}
        taken = [
            {
                "index": take["index"],
                "province": provinces[take["venue"]],
                "seat": seat,
                "speciality": take["speciality"],
                "venue": take["venue"],
            }
            for seat, take in sorted(last.items())
            if "index" in take
        ]
        suspended = [{one: held[one] for one in ("phase", "reason", "resumed")} for held in self.suspensions]
        more = {
            "chair": self.chair,
            "deemed": sorted(self.deemed),
            "dissents": sorted(self.dissents),
            "failure": self.failure,
            "reevaluations": self.reevaluations,
            "refused": sorted(self.refused),
            "replaced": self.replaced,
            "suspended": suspended,
            "taken": taken,
            "void": self.voids,
        }
        return more, self.stage_parts

    def stage_parts(self, stage: Stage3) -> dict:
        corrected, shares = {}, {}
        for bidder, digest in stage.corrected.items():
            value = self.disclosed(digest, "price_correction")
            corrected[bidder] = value["corrected"] if value else ""
        for bidder, digest in stage.shares.items():
            value = self.disclosed(digest, "deduction")
            shares[bidder] = value["share"] if value else ""
        votes = [
            {
                "ballots": {s: choice for s, choice in vote.ballots.items() if s in self.members()},
                "bidder": bidder,
                "ground": ground,
                "result": "rejected" if vote.rejected else "kept" if vote.closed else "open",
            }
            for (bidder, ground), vote in sorted(stage.votes.items())
        ]
        members = set(self.members()) | {"desk"}
        marks = {
            bidder: {
                item: {seat: mark for seat, mark in given.items() if seat in members}
                for item, given in of_bid.items()
            }
            for bidder, of_bid in stage.marks.items()
        }
        return {
            "abnormal": sorted(map(list, stage.abnormal)),
            "brands": sorted(sorted(one) for one in stage.brands),
            "clarifications": sorted(
                [one.bidder, one.purpose, one.result] for one in stage.questions.values()
            ),
            "corrected": corrected,
            "corrections": stage.corrections,
            "decided": {of or "undecided": " ".join(order) for of, order in stage.decided.items()},
            "explained": sorted(map(list, stage.explained)),
            "failure": stage.failure,
            "marks": marks,
            "objections": sorted(one["bidder"] for one in stage.objections),
            "passing": stage.passing,
            "rechecks": len(stage.rechecks),
            "shares": shares,
            "votes": votes,
        }


# ----------------------------------------------------------------------------------------------------------
# Sections 19.6, 27.3, 28, 29.6, 31: rules version 4, version 3 grown by six groups of acts

HEADS_KEPT = 64
COSIGNERS_MAX = RELEASES_MAX = 64
HEAD_CLAIMS_MAX = 10_000  # ours: so many milestones and settlements are held against checkpoints
RELEASES_CHECKED_MAX = 5_000  # ours: so many bidders' releases are checked
DELEGATIONS_MAX = 5_000  # ours: so many delegations are judged
SEGMENTS_MAX = 200_000  # ours: so many recorded segments are kept
DAY_MS = 24 * 3_600_000
DELEGATION_MS_MAX, CONFIRMATION_MS_MAX = 31 * DAY_MS, DAY_MS
SEALED_SUITES = {"intl-1": ("ecdsa-p256", "ecdsa-p256-sha256"), "gm-1": ("sm2", "sm2-sm3")}
_OPEN_4 = "BOOKED DRAWN CHECKIN COMMITTEE_READY REPORT_DRAFT SIGNING SUBMITTED"
_ANY_4 = _OPEN_4 + " SUSPENDED COMMITTEE_VOID"
_TO_END_4 = _ANY_4 + " FAILED"
_CALLED_4 = "CHECKIN COMMITTEE_READY REPORT_DRAFT SIGNING SUBMITTED SUSPENDED COMMITTEE_VOID"  # section 31.6
_EVER_4 = _TO_END_4 + " ARCHIVED"
_PERSONS_4 = "agent tenderee expert witness supervisor bidder keeper"
_OPENING_4 = "OPENING BIDDERS_RELEASE CUSTODIANS_RELEASE OPENED"
_RUNNING_4 = "DRAWN CHECKIN COMMITTEE_READY REPORT_DRAFT SIGNING"
ACTS_4 = {
    # what version 4 adds to version 3 or has otherwise, from table-4.json: (scope, phases, roles, "")
    **ACTS_3,
    "AcceptWitnessRecord": ("session", "REPORT_DRAFT SIGNING SUBMITTED FAILED", "witness", ""),
    "AcknowledgeEscrow": ("stage", "DETAILED", "custodian", ""),
    "AnswerIntervention": ("session", _TO_END_4, "agent witness keeper expert tenderee", ""),
    "AnswerObjection": ("stage", _OPENING_4, "tenderee", ""),
    "AnswerRollCall": ("stage", "OPENING", "custodian", ""),
    "AppointCustodians": ("stage", "AWAITED", "agent", ""),
    "BeginOpening": ("stage", "AWAITED", "tenderee", ""),
    "CloseRelease": ("stage", "BIDDERS_RELEASE", "tenderee installation", ""),
    "ConfirmSeatKey": ("session", _ANY_4, "witness keeper", ""),
    "DelegateSeatKey": ("session", _ANY_4, _PERSONS_4, ""),
    "DestroyOpeningKey": ("session", "SUBMITTED ARCHIVED FAILED", "venue", ""),
    "DisclosePolicy": ("session", _EVER_4, "installation", ""),
    "EscrowSheet": ("stage", "DETAILED", "venue", ""),
    "Intervene": ("session", _ANY_4, "supervisor", ""),
    "NoteAnswerOverdue": ("session", _OPEN_4, "installation", ""),
    "OfferOpeningKey": ("session", _RUNNING_4, "venue", ""),
    "OpenBids": ("stage", "CUSTODIANS_RELEASE", "agent", ""),
    "PrepareReport": ("session", "SIGNING", "agent", ""),
    "RaiseObjection": ("stage", _OPENING_4, "tenderee bidder", ""),
    "ReceiveBids": ("stage", "OPENING", "installation", ""),
    "RecordBidFailure": ("stage", "CUSTODIANS_RELEASE", "tenderee", ""),
    "RecordRollCall": ("session", _CALLED_4, "agent witness", ""),
    "RecordSegment": ("session", _TO_END_4, "venue", ""),
    "ReleaseBid": ("stage", "BIDDERS_RELEASE", "bidder", ""),
    "ReleaseCustody": ("stage", "CUSTODIANS_RELEASE", "custodian", ""),
    "ReleaseEscrow": ("stage", "SCORES_SEALED SCORES_OPENING", "custodian", ""),
    "ReportDecryption": ("stage", "CUSTODIANS_RELEASE", "venue", ""),
    "RevokeCertificate": ("session", _TO_END_4, "installation", ""),
    "SetFaceMask": ("session", _ANY_4, "witness", ""),
    "SettleCosignature": ("any", _EVER_4, "installation", ""),
    "SignOpeningRecord": ("stage", "OPENED", "tenderee witness bidder", ""),
    "SignPaper": ("session", "SIGNING", "expert tenderee witness", ""),
    "Suspend": ("session", _RUNNING_4, "agent supervisor tenderee", ""),
}
GUARDS_4 = {
    **GUARDS_3,
    "BeginOpening": "committee_drawn earlier_envelope custodians_appointed opening_keys_offered",
    "CloseScoring": GUARDS_3["CloseScoring"] + " escrow_acknowledged",
    "ArchiveSession": "interventions_answered",
    "SubmitReport": "members_answered paper_signed interventions_answered",
}
AWAITS_4 = {
    **AWAITS_3,
    "ReleaseBid": "bids_received",
}
CALLS_4 = {
    **CALLS_3,
    "CloseRelease": "release_closed",
    "OpenBids": "bids_opened",
    "ReceiveBids": "bids_received",
}
FORMS_4 = {
    **FORMS_3,
    "AcceptWitnessRecord": ("WitnessRecordAnswered", "", "", "by"),
    "AnswerIntervention": ("InterventionAnswered", "", "", "seat"),
    "AcknowledgeEscrow": ("EscrowAcknowledged", "commitment escrow", "round", "custodian"),
    "AnswerRollCall": ("RollCallAnswered", "challenge", "stage", "custodian"),
    "AppointCustodians": ("CustodiansAppointed", "", "stage", ""),
    "BeginOpening": ("OpeningBegun", "", "stage", "seat"),
    "ConfirmSeatKey": ("SeatKeyDelegated", "document", "", "by"),
    "DelegateSeatKey": ("SeatKeyDelegated", "attestation", "", "seat"),
    "DestroyOpeningKey": ("OpeningKeyDestroyed", "", "", "venue"),
    "DisclosePolicy": ("PolicyDisclosed", "", "", ""),
    "EscrowSheet": ("SheetEscrowed", "", "round", ""),
    "Intervene": ("Intervened", "", "", "seat"),
    "NoteAnswerOverdue": ("AnswerOverdue", "", "", ""),
    "OfferOpeningKey": ("OpeningKeyOffered", "", "", "venue"),
    "OpenBids": ("BidsOpened", "", "stage", ""),
    "PrepareReport": ("ReportPrepared", "", "", ""),
    "ReceiveBids": ("BidsReceived", "", "stage", ""),
    "RecordBidFailure": ("BidFailed", "", "stage", "seat"),
    "RecordRollCall": ("RollCallRecorded", "", "", "by"),
    "RecordSegment": ("SegmentRecorded", "", "", "venue"),
    "ReleaseBid": ("BidReleased", "", "stage", "bidder"),
    "ReleaseCustody": ("CustodyReleased", "", "stage", "custodian"),
    "ReleaseEscrow": ("EscrowReleased", "commitment", "round", "custodian"),
    "ReportDecryption": ("DecryptionReported", "", "stage", "venue"),
    "RevokeCertificate": ("CertificateRevoked", "", "", ""),
    "SetFaceMask": ("FaceMaskSet", "", "", "by"),
    "SignPaper": ("PaperSigned", "before", "", "seat"),
}
# What stays of a stage's opening when its committee is void (section 32.4)
STAYING = (
    "appointed", "challenge", "to", "answered", "received", "received_at", "released", "closed", "custody",
    "found", "failures",
)  # fmt: skip
# Reasons why a bid was not opened (section 32.4)
UNRELEASED_REASONS = ("not_released", "bidder_key_lost")
ANY_REASONS = ("platform", "other")
# Scores, votes and signatures: acts of a delegated key alone (section 32.1)
VOICED = frozenset((
    "SealSheet", "CorrectItem", "ExplainDeviation", "FindAbnormal", "MarkItem", "ProposeRejection", "CastVote",
    "CastSecretVote", "OpenVote", "VoteCompetition", "SignReport", "SignPaper", "RecordDissent", "RefuseToSign",
    "SignOpeningRecord", "SignWitnessRecord", "ConfirmSeatKey", "ConfirmIdentity", "ReconfirmSeat",
    "AcceptWitnessRecord", "Intervene",
))  # fmt: skip
UNCOUNTED_4 = frozenset((
    "ConfirmSeatKey", "DelegateSeatKey", "AcceptWitnessRecord", "Intervene", "AnswerIntervention",
    "SetFaceMask", "RecordRollCall",
))  # fmt: skip
# Why a record is objected to (section 13.4), why somebody intervenes (34.1), whom (32.9)
RECOGNITION_REASONS = frozenset(("incomplete", "mismatch", "time", "place", "recording", "other"))
INTERVENTION_REASONS = frozenset((
    "procedure", "secrecy", "interference", "private_contact", "recusal", "identity", "criteria", "rejection",
    "clarification", "scores", "discipline", "recording", "technical", "other",
))  # fmt: skip
ADDRESSABLE = ("expert", "tenderee", "witness", "keeper")
INTERVENTIONS_PER_SEAT_MAX = 100
ROLL_CALLS_MAX = 24


_RAW = a_bytes(DISCLOSURE_BYTES_MAX)  # of any length: what it holds is compared, verified or never opened
_BID = an_object(bid=an_id, envelope=an_id, lot=an_id, project=an_id, suite=one_of(*SEALED_SUITES))
_BOXES = a_list(an_object(box=_RAW, public=_RAW), VENUES_MAX, 1)
BID_RELEASE = an_object(
    mark=an_object(bid=_BID, header=a_hash, public=_RAW, segments=a_hash),
    session=an_id,
    sig=_RAW,
    unlocking=an_object(bid=_BID, boxes=_BOXES, header_digest=a_hash, v=an_int(1, 1)),
)
CUSTODY_RELEASE = an_object(bids=a_hash, boxes=_BOXES, custodian=an_id, sealed=_RAW, session=an_id)
_DEALT = an_object(box=_RAW, commitment=a_hash, custodian=an_id, public=_RAW)
SHEET_ESCROW = an_object(
    commitment=a_hash,
    dealing=an_object(
        group=an_id,
        key_commitment=a_hash,
        members=a_list(_DEALT, SEATS_MAX),
        threshold=an_int(0, INTEGER_MAX),
    ),
    sealed=_RAW,
    sheet=_BID,
)
_ROLE = one_of(*_PERSONS_4.split(), "custodian", "installation", "venue")
_AUDIENCE = a_text(500, 1)
_CERTIFICATE = a_bytes(CERTIFICATE_BYTES_MAX + 2, 1)
_STATED = {
    "certificate": _CERTIFICATE,
    "others": a_list(_CERTIFICATE, 16),
    "sig": a_text(KEY_CHARS_MAX, 1),
    "v": an_int(1, 1),
}
_DELEGATED = {
    "at": a_count, "key": a_key, "nonce": a_hash, "role": _ROLE, "seat": an_id, "session": an_id,
    "until": a_count,
}  # fmt: skip
SIGNED_STATEMENT = an_object(statement=an_object(certificate=a_hash, **_DELEGATED), **_STATED)
SIGNED_PASSKEY = an_object(
    statement=an_object(
        at=a_count, audience=_AUDIENCE, certificate=a_hash, credential=a_hash, nonce=a_hash, spki=_CERTIFICATE
    ),
    **_STATED,
)
SIGNED_SCAN = an_object(
    assertion=an_object(authenticator=a_bytes(2_048), client=a_bytes(2_048), sig=a_bytes(2_048)),
    binding=SIGNED_PASSKEY,
    statement=an_object(audience=_AUDIENCE, compare=a_text(2, 2), **_DELEGATED),
    v=an_int(1, 1),
)
DELEGATION = an_object(
    judged=an_object(at=a_count, trust_list=a_hash, until=a_count),
    signed=anything,
    type=one_of("certificate", "passkey"),
)
DESK_EVIDENCE = an_object(
    document=one_of("id_card", "passport", "work_card"), key=a_key, name=a_text(200, 1),
    number_tail=a_text(4, 4), seat=an_id, session=an_id,
    type=one_of("desk"), until=a_count,
)  # fmt: skip


def spki_of(text: str, kind: str) -> "PublicKey":
    """A public key of a suite (section 18.1)."""
    try:
        key = PublicKey(from_base64(text, "a public key"))
    except (ValueError, IndexError):
        raise Invalid("KeyRefused", "a public key in another form") from None
    if key.kind != kind:
        raise Invalid("KeyRefused", f"a public key is not of the suite's kind {kind}")
    return key


def statement_holds(signed: dict, tag_name: str) -> "Certificate":
    """A statement by certificate (section 24.7): it names its certificate, whose key signed it."""
    raw = from_base64(signed["certificate"], "a certificate")
    statement = signed["statement"]
    if statement["certificate"] != to_base64(sha256(raw)):
        raise Invalid("StatementMismatch", "the statement names another certificate")
    algorithm, _, encoded = signed["sig"].partition(":")
    try:
        certificate = Certificate(raw)
    except (ValueError, IndexError):
        raise Invalid("CertificateUnreadable", "the certificate of a statement") from None
    message = tag(tag_name) + canonical(statement)
    if algorithm not in ALGORITHM_NAMES or not certificate.key.holds(
        algorithm, from_base64(encoded, "a signature"), message
    ):
        raise Invalid("StatementForged", "the statement is not signed by its certificate")
    return certificate


def scan_holds(signed: dict) -> "Certificate":
    """A scanned delegation (section 19.4): the passkey's assertion, and its binding by certificate."""
    binding, statement, assertion = signed["binding"], signed["statement"], signed["assertion"]
    certificate = statement_holds(binding, "bind-passkey/v1")
    authenticator, client = (from_base64(assertion[one], one) for one in ("authenticator", "client"))
    host = re.fullmatch(r"https?://([^/:?#]+)(:[0-9]{1,5})?", statement["audience"])
    try:
        said = _DECODER.decode(client.decode("utf-8"))
        challenge = base64.urlsafe_b64decode(said["challenge"] + "==")
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Invalid("AssertionMismatch", "what the passkey's holder saw cannot be read") from None
    flags = authenticator[32] if len(authenticator) > 32 else 0
    mismatch = (
        host is None
        or statement["audience"] != binding["statement"]["audience"]
        or said.get("type") != "webauthn.get"
        or said.get("origin") != statement["audience"]
        or said.get("crossOrigin", False) is not False
        or challenge != tagged("scan-seat/v1", canonical(statement))
        or authenticator[:32] != sha256(host[1].encode())
        or flags & 5 != 5
    )
    if mismatch:
        raise Invalid("AssertionMismatch", "the passkey asserts something else")
    try:
        key = PublicKey(from_base64(binding["statement"]["spki"], "a passkey"))
        held = key.kind == "ecdsa-p256" and key.holds(
            "ecdsa-p256-sha256", from_base64(assertion["sig"], "a signature"), authenticator + sha256(client)
        )
    except (ValueError, IndexError):
        held = False
    if not held:
        raise Invalid("AssertionForged", "the passkey's signature does not verify")
    return certificate


class Stage4(Stage3):
    """A stage under version 4: its opening ceremony and the sheets in escrow as well."""

    def __init__(self, lot: str, envelope: str):
        super().__init__(lot, envelope)
        self.appointed: dict = {}  # AppointCustodians as it was said
        self.challenge = ""
        self.to: list[dict] = []  # the venues' keys of this opening
        self.answered: list[str] = []
        self.received: list[dict] = []
        self.received_at = 0
        self.released: dict[str, str] = {}  # bid -> digest of its release
        self.closed: dict = {}
        self.custody: dict[str, str] = {}  # custodian -> digest of its release
        self.found: dict[str, list[dict]] = {}  # venue -> what it found
        self.failures: dict[str, dict] = {}
        self.escrows: dict[str, dict] = {}  # seat -> its opening in escrow, who holds it, who released

    def has_bidder(self, bidder: str) -> bool:
        return super().has_bidder(bidder) or any(one["bidder"] == bidder for one in self.received)

    def custodians(self) -> dict[str, tuple[str, dict]]:
        """custodian -> (group, member) as appointed."""
        return {
            one["custodian"]: (group["group"], one)
            for group in self.appointed.get("groups", ())
            for one in group["members"]
        }

    def thresholds_met(self, who) -> str:
        """The first group of which fewer than its threshold are in `who`; empty where there is none."""
        for group in self.appointed["groups"]:
            if sum(one["custodian"] in who for one in group["members"]) < group["threshold"]:
                return group["group"]
        return ""

    def released_list(self) -> list[dict]:
        return [one for one in self.received if one["bid"] in self.released]


def jpeg_sides(raw: bytes):
    """Width and height as the frame of a JPEG says, None where there is none (section 31.6)."""
    if raw[:2] != b"\xff\xd8" or raw[-2:] != b"\xff\xd9":
        return None
    place = 2
    while place + 4 <= len(raw):
        mark, kind = raw[place], raw[place + 1]
        length = raw[place + 2] * 256 + raw[place + 3]
        if mark != 0xFF or kind in (0xD8, 0xD9, 0xDA) or length < 2:
            return None
        if kind in (0xC0, 0xC1, 0xC2):
            frame = raw[place : place + 9]
            if length < 7 or len(frame) < 9:
                return None
            return frame[7] * 256 + frame[8], frame[5] * 256 + frame[6]
        place += 2 + length
    return None


class Replay4(Replay3):
    """Version 4: heads under the policy's quorum, keys with a voice, openings, escrow, papers, recordings."""

    ACTS, GUARDS, AWAITS, CALLS, FORMS, STAGE = ACTS_4, GUARDS_4, AWAITS_4, CALLS_4, FORMS_4, Stage4
    UNCHECKED = (*UNCHECKED_MAY, "DelegateSeatKey")

    def begin(self) -> None:
        super().begin()
        self.policy: Policy | None = None
        # milestone -> the least head that it waits for, and since when
        self.called: dict[tuple, tuple[int, int]] = {("genesis", "", ""): (1, self.at)}
        self.heads: dict[tuple, dict] = {}  # milestone -> its head, who cosigned it, who owes
        self.head_claims: list[dict] = []  # all that the record says of cosigned heads, for the archive
        self.voices: dict[str, dict] = {}  # key -> its newest delegation
        self.resting: dict[str, str] = {}  # what a newest delegation rests on -> its key
        self.delegations: list[
            tuple[int, int, str]
        ] = []  # entry, its time, evidence; those of the desk left out
        self.custodian_keys: dict[str, str] = {}
        self.opening_keys: dict[str, dict] = {}  # venue -> its newest key
        self.keys_destroyed: set[tuple[str, str]] = set()
        self.releases_checked = 0
        self.paper: dict = {}
        self.paper_at = ""  # where the document stands
        self.paper_signed: dict[str, dict] = {}
        self.sources: dict[str, dict] = {}
        self.masks: dict[str, bool] = {}
        self.roll_calls = 0
        self.segments: dict[tuple[str, int], tuple[str, int]] = {}  # source, number -> digest, octets
        self.bids_ever: set[tuple[str, str, str]] = set()  # lot, envelope, bid of every `ReceiveBids`
        self.records: dict[str, tuple[int, int, str]] = {}  # witness -> entry, count and chain that it signed
        self.recognised: dict[tuple[str, str], str] = {}  # witness, venue -> the verdict that stands
        self.answers_at: dict[str, list[int]] = {}  # witness -> the entries that answer its record
        self.interventions: list[dict] = []
        self.suspends = 0

    # -- who speaks ---------------------------------------------------------------------------------------

    def _role(self, command: dict) -> str:
        if command["author_key"] in self.custodian_keys:
            return "custodian"
        return super()._role(command)

    def _speaker(self, command: dict) -> str:
        return self.custodian_keys.get(command["author_key"]) or super()._speaker(command)

    def may_speak(self, command: dict) -> None:
        """Section 32.1: a score, a vote, a signature is of a delegated key, and within its delegation."""
        key, kind = command["author_key"], command["type"]
        if kind in ("DelegateSeatKey", "BindSeat") or self.role in ("venue", "installation"):
            return
        voice = self.voices.get(key)
        if voice is not None and voice["revoked"]:
            raise Invalid("CertificateRevoked", "the certificate behind this key is revoked")
        if kind not in VOICED:
            return
        if voice is None:
            raise Invalid("VoiceAwaited", f"{kind} needs a delegated key")
        if self.at >= voice["until"]:
            raise Invalid("DelegationEnded", "the key's delegation is over")

    def cause(self, command: dict, stage) -> str | None:
        """Section 32.3; the id of a `ReceiveBids` is the coordinator's own."""
        kind, content = command["type"], command["content"]
        lot, envelope = self._place(stage)
        if kind == "DisclosePolicy":
            return "policy"
        if kind == "RevokeCertificate":
            return f"revoked {from_base64(content['evidence'], 'evidence').hex()}"
        if kind == "NoteAnswerOverdue":
            return f"overdue {content['number']}"
        if kind == "CloseRelease":
            return f"release closed {lot}/{envelope} {stage.round}"
        if kind in ("ReachMilestone", "SettleCosignature") and self.book["policy_digest"]:
            place = (content["milestone"], lot, envelope)
            settled = kind == "SettleCosignature"
            since = self.heads[place]["since"] if settled else self.called[place][0]
            names = "".join(f" {name}" for name in content["cosigned"]) if settled else ""
            verb = "settle" if settled else "milestone"
            return f"{verb} {content['milestone']}@{lot}/{envelope} since {since}{names}"
        return super().cause(command, stage)

    def due_after(self, kind: str) -> bool:
        """Whether the command id is compared once the act's own rule holds (what it names is known then)."""
        by_head = kind in ("ReachMilestone", "SettleCosignature") and bool(self.book["policy_digest"])
        return by_head or kind == "RevokeCertificate"

    def taken_while_sealed(self, kind: str) -> bool:
        """The acts of the session whose rows name the phase; of a stage none is taken."""
        scope, phases, _, _ = self.ACTS[kind]
        return scope != "stage" and self.phase in phases.split()

    # -- milestones (section 27.3) ------------------------------------------------------------------------

    def _decide_DisclosePolicy(self, command, stage):
        if self.policy is not None:
            raise Invalid("AlreadyDone", "the policy is disclosed")
        raw = command["content"]["policy"].encode()
        try:
            policy = Policy(raw)
            for name in policy.cosigners:
                an_id(name, "a cosigner's name")
        except Invalid as stop:
            raise Invalid("PolicyForeign", stop.seen) from None
        if to_base64(sha256(raw)) != self.book["policy_digest"]:
            raise Invalid("PolicyForeign", "the policy is not the one of genesis")
        if any(log.name.rpartition("/")[2] != self.session for log in policy.logs):
            raise Invalid("PolicyForeign", "a log is of another session")
        if len(policy.cosigners) > COSIGNERS_MAX or not policy.met_by_names(set(policy.cosigners)):
            raise Invalid("PolicyForeign", "too many cosigners, or all together are no quorum")
        return [self.own(command, stage)]

    def _decide_ReachMilestone(self, command, stage):
        if not self.book["policy_digest"]:
            return super()._decide_ReachMilestone(command, stage)
        content = command["content"]
        place = (content["milestone"], *self._place(stage))
        if self.policy is None:
            raise Invalid("MilestoneAwaited", "the policy is not disclosed")
        if place not in self.pending:
            raise Invalid("AlreadyDone", f"the milestone {content['milestone']} does not wait")
        least, since = self.called[place]
        self._head_kept(content, least)
        cosigned = content["cosigned"]
        owed = sorted(set(self.policy.cosigners) - set(cosigned))
        if cosigned != sorted(set(cosigned) & set(self.policy.cosigners)) or content["owed"] != owed:
            raise Invalid("CosignerUnknown", "cosigned and owed are not the policy's cosigners, each in one")
        if not self.policy.met_by_names(set(cosigned)):
            raise Invalid("QuorumUnmet", f"the milestone {content['milestone']} lacks the policy's quorum")
        if owed and self.at < since + self.book["milestone_wait_ms"]:
            raise Invalid("MilestoneAwaited", "who owes a cosignature is waited for")
        self._due_id(command, stage)
        lot, envelope = self._place(stage)
        return [{**content, "envelope": envelope, "lot": lot, "type": "MilestoneReached.1"}]

    def _head_kept(self, content: dict, least: int) -> None:
        """One of the newest 64 heads of this record, not below a size."""
        size = content["size"]
        if not max(least, self.seq - HEADS_KEPT + 1) <= size <= self.seq:
            raise Invalid("SeenUnknown", f"the head of size {size} is too old or does not exist")
        if content["root"] != to_base64(self.root_at(size)):
            raise Invalid("SeenUnknown", f"the head of size {size} is not ours")

    def _decide_SettleCosignature(self, command, stage):
        content = command["content"]
        place = (content["milestone"], *self._place(stage))
        held = self.heads.get(place)
        if held is None or place not in self.reached:
            raise Invalid("MilestoneAwaited", f"the milestone {content['milestone']} is not reached")
        self._head_kept(content, held["size"])
        cosigned = content["cosigned"]
        if not cosigned or cosigned != sorted(set(cosigned) & set(held["owed"])):
            raise Invalid("CosignerUnknown", "what is settled is not owed, or out of order")
        self._due_id(command, stage)
        lot, envelope = self._place(stage)
        return [{**content, "envelope": envelope, "lot": lot, "type": "CosignatureSettled.1"}]

    def _on_PolicyDisclosed(self, event, command):
        self.policy = Policy(command["content"]["policy"].encode())

    def _on_MilestonePending(self, event, command):
        super()._on_MilestonePending(event, command)
        self.called[event["milestone"], event["lot"], event["envelope"]] = (self.seq + 1, self.at)

    def _on_MilestoneReached(self, event, command):
        super()._on_MilestoneReached(event, command)
        if self.policy is not None:
            place = (event["milestone"], event["lot"], event["envelope"])
            held = {"owed": list(event["owed"]), "since": self.called[place][0], "size": event["size"]}
            self.heads[place] = held
            self._claim(event, False)

    def _claim(self, event: dict, settled: bool) -> None:
        if len(self.head_claims) >= HEAD_CLAIMS_MAX:
            raise Undecided("TooLarge", f"more than {HEAD_CLAIMS_MAX} heads are told of")
        self.head_claims.append({"seq": self.seq, "settled": settled, **event})

    def _on_CosignatureSettled(self, event, command):
        held = self.heads[event["milestone"], event["lot"], event["envelope"]]
        held["owed"] = [one for one in held["owed"] if one not in event["cosigned"]]
        self._claim(event, True)

    # -- identity (section 19.6) --------------------------------------------------------------------------

    def _decide_DelegateSeatKey(self, command, stage):
        content, key = command["content"], command["author_key"]
        seat = self._speaker(command)
        self._delegation_new(content, DELEGATION_MS_MAX)
        attested = {
            "evidence": content["evidence"],
            "key": key,
            "means": content["means"],
            "seat": seat,
            "session": self.session,
            "until": content["until"],
        }
        signed = signature_holds(
            self.installation, content["attestation"], "delegate-seat-key/v1", canonical(attested)
        )
        if not signed:
            raise Invalid(
                "BadAttestation", f"the attestation of the delegation of seat {seat} does not verify"
            )
        value = self.record.disclosure(content["evidence"], "delegation")
        if value is not None:
            self._delegation_fits(value, command, seat)
        return [self.own(command, stage, by="", key=key)]

    def _delegation_new(self, content: dict, longest: int) -> None:
        if not self.at < content["until"] <= self.at + longest:
            raise Invalid("DelegationTooLong", "a delegation lasts too long or not at all")
        if content["evidence"] in self.resting:
            raise Invalid("AlreadyDone", "a key rests on this evidence")

    def _delegation_fits(self, value, command, seat: str) -> None:
        """Act, evidence and signatures against each other; certificates are judged with the archive."""
        DELEGATION(value, "a delegation")
        content = command["content"]
        if value["type"] != content["means"]:
            raise Invalid("StatementMismatch", "the evidence is of another kind")
        signed = value["signed"]
        (SIGNED_STATEMENT if value["type"] == "certificate" else SIGNED_SCAN)(signed, "a delegation")
        statement = signed["statement"]
        wanted = {
            "key": command["author_key"],
            "seat": seat,
            "session": self.session,
            "until": content["until"],
        }
        for field, one in wanted.items():
            if statement[field] != one:
                raise Invalid("StatementMismatch", f"the statement has another {field}")
        if value["type"] == "certificate":
            statement_holds(signed, "delegate-seat/v1")
        else:
            scan_holds(signed)

    def _decide_ConfirmSeatKey(self, command, stage):
        """Section 32.2: an officer of the seat's venue, known by certificate or passkey, has seen who it is."""
        content, key = command["content"], command["content"]["key"]
        seat, own = content["seat"], self._speaker(command)
        if (self.keys.get(key) or self.bidder_keys.get(key) or self.custodian_keys.get(key)) != seat:
            raise Invalid("StatementMismatch", f"that key does not speak for seat {seat}")
        if self.seats.get(seat, {}).get("venue") != self.seats[own]["venue"]:
            raise Invalid("WrongVenue", f"seat {seat} is at another venue")
        if seat == own or self.voices[command["author_key"]]["means"] == "desk":
            raise Invalid("OfficerUnproved", "the officer is not proved, or confirms itself")
        self._delegation_new(content, CONFIRMATION_MS_MAX)
        value = self.record.disclosure(content["evidence"], "delegation")
        if value is not None:
            DESK_EVIDENCE(value, "a delegation")
            for field in ("document", "key", "seat", "until"):
                if value[field] != content[field]:
                    raise Invalid("StatementMismatch", f"the officer's evidence has another {field}")
            if value["session"] != self.session:
                raise Invalid("StatementMismatch", "the officer's evidence is of another session")
        return [self.own(command, stage, means="desk")]

    def _decide_RevokeCertificate(self, command, stage):
        evidence = command["content"]["evidence"]
        key = self.resting.get(evidence, "")
        voice = self.voices.get(key)
        if voice is None or voice["means"] == "desk":
            raise Invalid("StatementMismatch", "no key's newest delegation rests on this evidence")
        if voice["revoked"]:
            raise Invalid("AlreadyDone", "the revocation is entered")
        self._due_id(command, stage)
        return [self.own(command, stage, key=key, seat=voice["seat"])]

    def _on_SeatKeyDelegated(self, event, command):
        former = self.voices.get(event["key"])
        if former is not None:
            self.resting.pop(former["evidence"], None)
        self.resting[event["evidence"]] = event["key"]
        if event["means"] != "desk":
            if len(self.delegations) >= DELEGATIONS_MAX:
                raise Undecided("TooLarge", f"more than {DELEGATIONS_MAX} delegations")
            self.delegations.append((self.seq, self.at, event["evidence"]))
        fields = ("evidence", "means", "seat", "until")
        self.voices[event["key"]] = {field: event[field] for field in fields} | {"revoked": False}

    def _on_CertificateRevoked(self, event, command):
        self.voices[event["key"]]["revoked"] = True

    # -- the opening ceremony (section 28) ----------------------------------------------------------------

    def _decide_AppointCustodians(self, command, stage):
        content = command["content"]
        if stage.appointed:
            raise Invalid("AlreadyDone", "custodians are appointed")
        groups = [group["group"] for group in content["groups"]]
        members = [one for group in content["groups"] for one in group["members"]]
        for names in (groups, [one["custodian"] for one in members], [one["key"] for one in members]):
            _distinct(names)
        if groups != sorted(groups) or "bidder" in groups:
            raise Invalid("GroupRefused", "groups stand in order of their names, none is the bidder's")
        if any(group["threshold"] > len(group["members"]) for group in content["groups"]):
            raise Invalid("GroupRefused", "a threshold is more than a group has")
        for one in members:
            spki_of(one["public"], SEALED_SUITES[content["suite"]][0])
            key, held = one["key"], self.custodian_keys.get(one["key"])
            taken = key in self.keys_used or key in self.node_keys or key in self.standing
            if held != one["custodian"] and (held or taken or key == self.installation):
                raise Invalid("KeyTaken", f"the key of {one['custodian']} is somebody else's")
        return [self.own(command, stage)]

    def _on_CustodiansAppointed(self, event, command):
        stage = self._at_stage(event)
        stage.appointed = command["content"]
        for name, (_, one) in stage.custodians().items():
            self._note_key(one["key"], "custodian", name)
            self.custodian_keys[one["key"]] = name
            self.keys_used.add(one["key"])

    def _decide_OfferOpeningKey(self, command, stage):
        content = command["content"]
        spki_of(content["public"], SEALED_SUITES[content["suite"]][0])
        if any(one["public"] == content["public"] for one in self.opening_keys.values()):
            raise Invalid("KeyTaken", "the opening key is offered")
        return [self.own(command, stage)]

    def _on_OpeningKeyOffered(self, event, command):
        self.opening_keys[event["venue"]] = event

    def _decide_DestroyOpeningKey(self, command, stage):
        public, venue = command["content"]["public"], self._speaker(command)
        if self.opening_keys.get(venue, {}).get("public") != public:
            raise Invalid("NoOpeningKey", f"{venue}'s newest key is another")
        if (venue, public) in self.keys_destroyed:
            raise Invalid("AlreadyDone", "the key is destroyed")
        return [self.own(command, stage)]

    def _on_OpeningKeyDestroyed(self, event, command):
        self.keys_destroyed.add((event["venue"], event["public"]))

    def guard_custodians_appointed(self, stage) -> None:
        if not stage.appointed:
            self.unmet("no custodians are appointed")

    def _key_of_venue(self, venue: str, suite: str) -> str:
        """A venue's newest key, if it is of the suite and not destroyed; else empty."""
        held = self.opening_keys.get(venue)
        if held is None or held["suite"] != suite or (venue, held["public"]) in self.keys_destroyed:
            return ""
        return held["public"]

    def main_venue(self) -> str:
        return next(name for name, one in self.venues.items() if one["role"] == "main")

    def guard_opening_keys_offered(self, stage) -> None:
        if not self._key_of_venue(self.main_venue(), stage.appointed["suite"]):
            self.unmet("the main venue has offered no key")

    def _decide_BeginOpening(self, command, stage):
        suite = stage.appointed["suite"]
        to = [
            {"public": self._key_of_venue(venue, suite), "venue": venue}
            for venue in sorted(self.opening_keys)
            if self._key_of_venue(venue, suite)
        ]
        return [self.own(command, stage, to=to[:RELEASES_MAX]), self.entered(stage, "OPENING")]

    def _on_OpeningBegun(self, event, command):
        stage = self._at_stage(event)
        stage.challenge, stage.to, stage.answered = event["challenge"], event["to"], []

    def _custodian(self, command, stage) -> str:
        name = self.custodian_keys[command["author_key"]]
        if name not in stage.custodians():
            raise Invalid("NotCustodian", f"{name} is no custodian of this stage")
        return name

    def _decide_AnswerRollCall(self, command, stage):
        name = self._custodian(command, stage)
        if command["content"]["challenge"] != stage.challenge:
            raise Invalid("ChallengeStale", "the challenge is of another opening")
        if name in stage.answered:
            raise Invalid("AlreadyDone", f"{name} has answered")
        return [self.own(command, stage)]

    def _on_RollCallAnswered(self, event, command):
        self._at_stage(event).answered.append(event["custodian"])

    def guard_custodians_answered(self, stage) -> None:
        lacking = stage.thresholds_met(stage.answered)
        if lacking:
            raise Invalid("CustodiansTooFew", f"the group {lacking} has not answered")

    def may_object(self, stage, bidder: str) -> None:
        """Before bids are opened, and of those that were not, whoever handed one in may object."""
        if bidder not in [one["bidder"] for one in stage.received]:
            super().may_object(stage, bidder)

    def _decide_ReceiveBids(self, command, stage):
        bids, envelopes = command["content"]["bids"], self.envelopes_of(stage)
        _distinct([one["bid"] for one in bids])
        _distinct([*(one["bidder"] for one in bids), *self.seats])
        place = envelopes.index(stage.envelope)
        if place:
            before = self.stages[stage.lot, envelopes[place - 1]]
            if sorted(one["bidder"] for one in bids) != sorted(before.passing):
                raise Invalid("NotPassing", "others than those who passed are received")
        elif len(bids) < self.book["bids_min"]:
            raise Invalid("TooFewBids", f"{len(bids)} bids")
        self.guard_custodians_answered(stage)
        return [
            self.own(command, stage, until=self.at + stage.appointed["window_ms"]),
            self.entered(stage, "BIDDERS_RELEASE"),
            *self.calls("ReceiveBids", stage),
        ]

    def _on_BidsReceived(self, event, command):
        stage = self._at_stage(event)
        stage.received, stage.received_at = event["bids"], self.at
        self.bids_ever |= {(stage.lot, stage.envelope, one["bid"]) for one in event["bids"]}

    def window_until(self, stage) -> int:
        """Until when bidders release: the time of a suspension in between does not count."""
        return stage.received_at + stage.appointed["window_ms"] + self.suspended_since(stage.received_at)

    def _received(self, stage, bid: str) -> dict:
        for one in stage.received:
            if one["bid"] == bid:
                return one
        raise Invalid("UnknownBid", f"no bid {bid} was received")

    def _decide_ReleaseBid(self, command, stage):
        content = command["content"]
        held = self._received(stage, content["bid"])
        if self.bidder_keys[command["author_key"]] != held["bidder"]:
            raise Invalid("UnknownBid", "a bidder releases its own bid alone")
        if content["bid"] in stage.released:
            raise Invalid("AlreadyReleased", f"the bid {content['bid']} was released")
        if self.at > self.window_until(stage):
            raise Invalid("WindowOver", "the time for releasing is over")
        value = self.record.disclosure(content["release"], "bid_release")
        if value is not None:
            self._bid_release_fits(value, stage, held)
        return [self.own(command, stage)]

    def _bid_release_fits(self, value, stage, held: dict) -> None:
        """Section 28.1: for this session and bid, to exactly the keys of the opening, by the bid's own key."""
        BID_RELEASE(value, "a release")
        mark, unlocking = value["mark"], value["unlocking"]
        digest = tagged("received-bid/v1", canonical(mark))
        bid = {
            "bid": held["bid"],
            "envelope": stage.envelope,
            "lot": stage.lot,
            "project": stage.appointed["project"],
            "suite": stage.appointed["suite"],
        }
        foreign = (
            value["session"] != self.session
            or to_base64(digest) != held["mark"]
            or mark["bid"] != bid
            or unlocking["bid"] != bid
            or unlocking["header_digest"] != mark["header"]
            or [one["public"] for one in unlocking["boxes"]] != [one["public"] for one in stage.to]
        )
        if foreign:
            raise Invalid(
                "ReleaseForeign", f"the release of {held['bid']} is of another session, bid or keys"
            )
        self.releases_checked += 1
        if self.releases_checked > RELEASES_CHECKED_MAX:
            raise Undecided("TooLarge", f"more than {RELEASES_CHECKED_MAX} releases of bids")
        key = spki_of(mark["public"], SEALED_SUITES[stage.appointed["suite"]][0])
        signed = canonical([self.session, to_base64(digest), unlocking])
        algorithm = SEALED_SUITES[stage.appointed["suite"]][1]
        if not key.holds(algorithm, from_base64(value["sig"], "sig"), tag("bid-release/v1") + signed):
            raise Invalid("ReleaseForged", f"the release of {held['bid']} is not signed by the bid's key")

    def _on_BidReleased(self, event, command):
        self._at_stage(event).released[event["bid"]] = event["release"]

    def released_digest(self, stage, named: dict) -> str:
        place = {"envelope": stage.envelope, "lot": stage.lot, "round": named["round"]}
        value = canonical([self.session, place, stage.released_list()])
        return to_base64(tagged("released-bids/v1", value))

    def _decide_CloseRelease(self, command, stage):
        waiting = [one["bid"] for one in stage.received if one["bid"] not in stage.released]
        if waiting and self.at <= self.window_until(stage):
            raise Invalid("WindowOpen", "bidders may still release")
        if not stage.released_list():
            raise Invalid("NothingReleased", "no bid was released")
        self.awaited("bids_received", stage)
        names = [one["bid"] for one in stage.received]
        event = {
            "bids": self.released_digest(stage, command["stage"]),
            "envelope": stage.envelope,
            "lot": stage.lot,
            "missing": waiting,
            "released": [one for one in names if one in stage.released],
            "type": "ReleaseClosed.1",
        }
        return [event, self.entered(stage, "CUSTODIANS_RELEASE"), *self.calls("CloseRelease", stage)]

    def _on_ReleaseClosed(self, event, command):
        self._at_stage(event).closed = event

    def _decide_ReleaseCustody(self, command, stage):
        content, name = command["content"], self._custodian(command, stage)
        if content["custodian"] != name:
            raise Invalid("NotCustodian", "a custodian speaks for itself alone")
        self.awaited("release_closed", stage)
        if name in stage.custody:
            raise Invalid("AlreadyReleased", f"{name} has released")
        if content["bids"] != self.released_digest(stage, command["stage"]):
            raise Invalid("OtherBids", f"{name} releases for another list of bids")
        value = self.record.disclosure(content["release"], "custody_release")
        if value is not None:
            self._release_fits(value, stage, name, content["bids"])
        return [self.own(command, stage)]

    def _release_fits(self, value, stage, name: str, bids: str) -> None:
        """A custodian's release is of this session and list (or sheet), boxed to the keys of the opening."""
        CUSTODY_RELEASE(value, "a release")
        wanted = {"bids": bids, "custodian": name, "session": self.session}
        keys = [one["public"] for one in value["boxes"]]
        if any(value[field] != one for field, one in wanted.items()) or keys != [
            one["public"] for one in stage.to
        ]:
            raise Invalid("ReleaseForeign", f"the release of {name} is of another session, list or keys")

    def _on_CustodyReleased(self, event, command):
        self._at_stage(event).custody[event["custodian"]] = event["release"]

    def _decide_ReportDecryption(self, command, stage):
        content, venue = command["content"], self._speaker(command)
        if all(one["venue"] != venue for one in stage.to):
            raise Invalid("NoOpeningKey", f"{venue} has no key of this opening")
        lacking = stage.thresholds_met(stage.custody)
        if lacking:
            raise Invalid("CustodiansTooFew", f"the group {lacking} has not released")
        if [one["bid"] for one in content["bids"]] != [one["bid"] for one in stage.released_list()]:
            raise Invalid("OtherBids", f"{venue} tells of other bids than were released")
        for one in content["bids"]:
            if (one["result"] == "opened") != (len(from_base64(one["listing"], "a listing")) == 32):
                raise Invalid("Malformed", "a listing is of an opened bid")
        for one in content["false_shares"]:
            if one["custodian"] not in stage.custody:
                raise Invalid("NotCustodian", f"{one['custodian']} has released nothing")
        value = canonical([self.session, stage.lot, stage.envelope, content["bids"]])
        digest = to_base64(tagged("decryption/v1", value))
        if stage.found.get(venue, {}).get("digest") == digest:
            raise Invalid("AlreadyDone", f"{venue} has said so")
        return [self.own(command, stage, digest=digest)]

    def _on_DecryptionReported(self, event, command):
        self._at_stage(event).found[event["venue"]] = event

    @staticmethod
    def opened_first(stage) -> list[str]:
        """The bids that the first venue that reported has opened."""
        first = next(iter(stage.found.values()), {"bids": ()})
        return [one["bid"] for one in first["bids"] if one["result"] == "opened"]

    def _decide_RecordBidFailure(self, command, stage):
        content = command["content"]
        bid, reason = content["bid"], content["reason"]
        held = self._received(stage, bid)
        if bid in stage.failures:
            raise Invalid("AlreadyDone", f"the bid {bid} is accounted for")
        results = {
            one["result"] for found in stage.found.values() for one in found["bids"] if one["bid"] == bid
        }
        released = bid in stage.released
        if released and not results - {"opened"}:
            raise Invalid("BidNotFailed", f"the bid {bid} has not failed")
        if reason not in ANY_REASONS and released == (reason in UNRELEASED_REASONS):
            raise Invalid("GroundUnfit", f"the record says otherwise of the bid {bid}")
        self.text_here(content["statement"], "statement")
        return [self.own(command, stage, bidder=held["bidder"])]

    def _on_BidFailed(self, event, command):
        self._at_stage(event).failures[event["bid"]] = event

    def guard_decrypted_alike(self, stage) -> None:
        main = self.main_venue()
        if main not in stage.found:
            self.unmet("the main venue has not reported")
        if len(stage.found) < min(2, len(stage.to)):
            self.unmet("no other venue has reported")
        if len({one["digest"] for one in stage.found.values()}) > 1:
            raise Invalid("DigestsUnequal", f"venues found otherwise: {' '.join(sorted(stage.found))[:80]}")

    def guard_failures_recorded(self, stage) -> None:
        opened = self.opened_first(stage)
        for one in stage.received:
            if one["bid"] not in opened and one["bid"] not in stage.failures:
                self.unmet(f"the bid {one['bid']} was not opened and is not accounted for")

    def _decide_OpenBids(self, command, stage):
        bids = command["content"]["bids"]
        self.bids_fit(bids)
        self.awaited("release_closed", stage)
        self.guard_decrypted_alike(stage)
        self.guard_failures_recorded(stage)
        opened = self.opened_first(stage)
        wanted = [one["bidder"] for one in stage.received if one["bid"] in opened]
        if sorted(one["bidder"] for one in bids) != sorted(wanted):
            raise Invalid("NotOpened", "others are named than those whose bids were opened")
        envelopes = self.envelopes_of(stage)
        for envelope in envelopes[: envelopes.index(stage.envelope)]:
            codes = {one["bidder"]: one["code"] for one in self.stages[stage.lot, envelope].bids}
            for one in bids:
                if codes.get(one["bidder"], one["code"]) != one["code"]:
                    raise Invalid("NotPassing", f"{one['bidder']} has another code in an earlier envelope")
        return [self.own(command, stage), self.entered(stage, "OPENED"), *self.calls("OpenBids", stage)]

    def _on_BidsOpened(self, event, command):
        stage = self._at_stage(event)
        stage.bids = command["content"]["bids"]
        stage.valid = [bid["bidder"] for bid in stage.bids]
        stage.valid_had = [stage.valid]

    def _decide_SignOpeningRecord(self, command, stage):
        if not stage.received:
            return super()._decide_SignOpeningRecord(command, stage)
        seat, record = self._speaker(command), command["content"]["record"]
        if seat in stage.record_signers:
            raise Invalid("AlreadySigned", f"seat {seat} has signed")
        if len(stage.read_out) != len(stage.bids):
            raise Invalid("GuardUnmet", "not all bids are read out")
        record_value = {
            "bids": stage.bids,
            "failures": [
                [bid, one["cause"], one["reason"], one["remedy"]]
                for bid, one in sorted(stage.failures.items())
            ],
            "found": next(iter(stage.found.values()))["digest"],
            "objections": len(stage.objections),
            "read_out": stage.read_out,
            "received": stage.received,
            "session": self.session,
            "stage": command["stage"],
        }
        if to_base64(tagged("opening-record/v2", canonical(record_value))) != record:
            raise Invalid("RecordMismatch", "what is signed is not the opening record")
        return [self._of(stage, "OpeningRecordSigned.1", record=record, seat=seat)]

    def opening_put_back(self, stage) -> bool:
        """Section 17.4 does not say whether one that has no bids yet goes back: both are taken."""
        entered = self._of(stage, "StageEntered.1", phase="AWAITED") | {"round": stage.round + 1}
        return stage.phase in STAGE_ORDER[1:4] and entered in self.given

    def _anew(self, stage, number: int, phase: str) -> None:
        """What is told of a stage's opening stays whatever the round; before it the custodians alone (32.4)."""
        kept = {name: getattr(stage, name) for name in STAYING}
        super()._anew(stage, number, phase)
        if phase == "AWAITED":
            kept = {"appointed": kept["appointed"]}
            gone = {(one, stage.lot, stage.envelope) for one in ("bids_received", "release_closed")}
            self.reached, self.pending = self.reached - gone, self.pending - gone
        for name, value in kept.items():
            setattr(stage, name, value)

    # -- scores in escrow (section 28.8) ------------------------------------------------------------------

    @staticmethod
    def escrow_group(stage) -> dict:
        """The largest group of the stage's custodians; of equal ones the first by name."""
        groups = stage.appointed.get("groups", ())
        return max(groups, key=lambda one: len(one["members"]), default={})

    def _escrow_member(self, command, stage) -> str:
        name = self._custodian(command, stage)
        if all(one["custodian"] != name for one in self.escrow_group(stage).get("members", ())):
            raise Invalid("NotCustodian", f"{name} holds no scores of this stage")
        return name

    def _decide_EscrowSheet(self, command, stage):
        content, seat = command["content"], command["content"]["seat"]
        if not stage.appointed:
            raise Invalid("NotCustodian", "the stage has no custodians")
        if seat not in stage.sealed:
            raise Invalid("NotSealed", f"seat {seat} has sealed nothing")
        self._sheet_of_venue(command, stage)
        held = stage.escrows.get(seat)
        if held is not None and held["escrow"] == content["escrow"]:
            raise Invalid("AlreadyDone", f"the opening of seat {seat} lies in escrow")
        value = self.record.disclosure(content["escrow"], "sheet_escrow")
        if value is not None:
            self._escrow_fits(value, command, stage, seat)
        return [self.own(command, stage)]

    def _escrow_fits(self, value, command, stage, seat: str) -> None:
        """For this seat and commitment, dealt to the appointed custodians under their keys."""
        SHEET_ESCROW(value, "an escrow")
        group, dealing = self.escrow_group(stage), value["dealing"]
        sheet = {
            "bid": from_base64(command["content"]["commitment"], "a commitment").hex(),
            "envelope": stage.envelope,
            "lot": stage.lot,
            "project": self.session,
            "suite": stage.appointed["suite"],
        }
        dealt = [(one["custodian"], one["public"]) for one in dealing["members"]]
        foreign = (
            value["commitment"] != command["content"]["commitment"]
            or value["sheet"] != sheet
            or (dealing["group"], dealing["threshold"]) != (group["group"], group["threshold"])
            or dealt != [(one["custodian"], one["public"]) for one in group["members"]]
        )
        if foreign:
            raise Invalid("DisclosureMismatch", f"the escrow of seat {seat} is of another sheet or group")

    def _on_SheetEscrowed(self, event, command):
        held = {
            "commitment": event["commitment"],
            "escrow": event["escrow"],
            "held": set(),
            "released": set(),
        }
        self._at_stage(event).escrows[event["seat"]] = held

    def _escrowed(self, stage, content: dict) -> dict:
        held = stage.escrows.get(content["seat"])
        if held is None:
            raise Invalid("NotSealed", f"nothing of seat {content['seat']} lies in escrow")
        if held["commitment"] != content["commitment"] or held["escrow"] != content.get(
            "escrow", held["escrow"]
        ):
            raise Invalid("OpeningMismatch", f"that is not what lies in escrow for seat {content['seat']}")
        return held

    def _decide_AcknowledgeEscrow(self, command, stage):
        name = self._escrow_member(command, stage)
        if name in self._escrowed(stage, command["content"])["held"]:
            raise Invalid("AlreadyDone", f"{name} has acknowledged")
        return [self.own(command, stage)]

    def _on_EscrowAcknowledged(self, event, command):
        self._at_stage(event).escrows[event["seat"]]["held"].add(event["custodian"])

    def guard_escrow_acknowledged(self, stage) -> None:
        if not stage.appointed:
            return
        for seat in self.members():
            held = stage.escrows.get(seat)
            lies = held is not None and held["commitment"] == stage.sealed.get(seat)
            if not lies or len(held["held"]) < self.escrow_group(stage)["threshold"]:
                raise Invalid("EscrowAwaited", f"too few custodians hold the scores of seat {seat}")

    def _decide_ReleaseEscrow(self, command, stage):
        content, name = command["content"], self._escrow_member(command, stage)
        held = self._escrowed(stage, content)
        self.awaited("scores_closed", stage)
        if name in held["released"]:
            raise Invalid("AlreadyReleased", f"{name} has released")
        value = self.record.disclosure(content["release"], "escrow_release")
        if value is not None:
            self._release_fits(value, stage, name, content["commitment"])
        return [self.own(command, stage)]

    def _on_EscrowReleased(self, event, command):
        self._at_stage(event).escrows[event["seat"]]["released"].add(event["custodian"])

    def at_venue(self, command, stage, seat: str, venue: str) -> None:
        """Any venue with a key of the opening opens what a threshold of custodians has released."""
        if command["type"] != "EscrowSheet" and stage.appointed:
            released = stage.escrows.get(seat, {}).get("released", ())
            to = [one["venue"] for one in stage.to]
            if venue in to and len(released) >= self.escrow_group(stage)["threshold"]:
                return
        super().at_venue(command, stage, seat, venue)

    # -- the signed report (section 29.6) -----------------------------------------------------------------

    def _decide_PrepareReport(self, command, stage):
        content = command["content"]
        if content["report"] != self.report:
            raise Invalid("DisclosureMismatch", "another report is prepared than the one imported")
        if self.paper_signed and self.paper["report"] == self.report:
            raise Invalid("PaperBegun", "somebody has signed the paper")
        seats = [one["seat"] for one in content["places"]]
        members = [one["seat"] for one in content["places"] if one["role"] == "member"]
        if len(set(seats)) != len(seats) or sorted(members) != sorted(self.members()):
            raise Invalid("PaperIncomplete", "there is not one place for each member, each seat once")
        for one in content["places"]:
            if one["role"] != "member" and self.seats.get(one["seat"], {}).get("role") != one["role"]:
                raise Invalid("UnknownSeat", f"the place of {one['seat']} is of another role")
        return [self.own(command, stage)]

    def _on_ReportPrepared(self, event, command):
        self.paper, self.paper_at, self.paper_signed = event, event["prepared"], {}

    def _paper_stands(self) -> bool:
        return bool(self.paper) and self.paper["report"] == self.report

    def _decide_SignPaper(self, command, stage):
        content, seat = command["content"], self._speaker(command)
        if not self._paper_stands() or content["prepared"] != self.paper["prepared"]:
            raise Invalid("PaperOther", "another paper is signed than the one prepared")
        if seat not in [one["seat"] for one in self.paper["places"]]:
            raise Invalid("NoPlace", f"there is no place for {seat}")
        if seat in self.paper_signed:
            raise Invalid("AlreadySigned", f"seat {seat} has signed")
        if content["before"] != (self.paper["prepared"] if content["beside"] else self.paper_at):
            raise Invalid("PaperMoved", "the file has moved on")
        value = self.record.disclosure(content["certificate"], "certificate")
        if value is not None:
            SHOWN(value, "a certificate")
            try:
                Certificate(from_base64(value["certificate"], "a certificate"))
            except (ValueError, IndexError):
                raise Invalid("CertificateUnreadable", f"the certificate of {seat}") from None
        return [self.own(command, stage)]

    def _on_PaperSigned(self, event, command):
        self.paper_signed[event["seat"]] = event | {"seq": self.seq}
        if not event["beside"]:
            self.paper_at = event["after"]

    def guard_paper_signed(self, stage) -> None:
        if not self._paper_stands():
            return
        answered = self.dissents | self.deemed
        for one in self.paper["places"]:
            if one["seat"] not in self.paper_signed and not (
                one["role"] == "member" and one["seat"] in answered
            ):
                self.unmet(f"seat {one['seat']} has not signed the paper")

    # -- recordings (section 31.2) ------------------------------------------------------------------------

    def _decide_RecordSegment(self, command, stage):
        content, venue = command["content"], self._speaker(command)
        if not content["source"].startswith(venue + "."):
            raise Invalid("SourceElsewhere", f"{content['source']} is not of {venue}")
        held = self.sources.get(content["source"], {"end": 0, "number": 0})
        if content["number"] != held["number"] + 1:
            raise Invalid("SegmentOutOfOrder", f"segment {content['number']} of {content['source']}")
        if held["number"] and content["began_at"] < held["end"]:
            raise Invalid("SegmentOverlaps", f"segment {content['number']} begins before the last one's end")
        between = content["began_at"] - held["end"] if held["number"] else 0
        if content["missing_ms"] != between or (content["cause"] == "") != (between <= 2_000):
            raise Invalid("GapUntold", "what is missing before the segment is not told as it is")
        place = 0
        for gap in content["gaps"]:
            if gap["at_ms"] < place or gap["at_ms"] + gap["duration_ms"] > content["duration_ms"]:
                raise Invalid("GapUntold", "gaps stand in order, apart and inside the segment")
            place = gap["at_ms"] + gap["duration_ms"]
        return [self.own(command, stage)]

    def _on_SegmentRecorded(self, event, command):
        self.sources[event["source"]] = {
            "end": event["began_at"] + event["duration_ms"],
            "number": event["number"],
        }
        if len(self.segments) >= SEGMENTS_MAX:
            raise Undecided("TooLarge", f"more than {SEGMENTS_MAX} segments")
        self.segments[event["source"], event["number"]] = (event["digest"], event["octets"])

    # -- masked faces (section 31.5) ----------------------------------------------------------------------

    def _decide_SetFaceMask(self, command, stage):
        content, venue = command["content"], self.seats[self._speaker(command)]["venue"]
        seat = self.seats.get(content["seat"])
        if seat is None or seat["role"] != "expert":
            raise Invalid("UnknownSeat", f"{content['seat']} is no expert's seat")
        if seat["venue"] != venue:
            raise Invalid("WrongVenue", f"{content['seat']} does not sit at {venue}")
        if self.masks.get(content["seat"]) == content["masked"]:
            raise Invalid("AlreadyDone", f"the mask of {content['seat']} is so already")
        return [self.own(command, stage)]

    def _on_FaceMaskSet(self, event, command):
        self.masks[event["seat"]] = event["masked"]

    # -- roll-call pictures (section 31.6) ------------------------------------------------------------------

    def _decide_RecordRollCall(self, command, stage):
        content = command["content"]
        for field in ("shown", "missing", "rooms"):
            ids = [one.encode() for one in content[field]]
            if any(first >= second for first, second in zip(ids, ids[1:])):
                raise Invalid("RollCallUnfit", f"{field} are not ascending, each once")
        called = set(self.members())
        called.update(name for name, seat in self.seats.items() if seat["role"] != "expert")
        shown, missing = set(content["shown"]), set(content["missing"])
        if shown & missing or shown | missing != called:
            raise Invalid("RollCallIncomplete", "shown and missing are not exactly those who are called")
        for room in content["rooms"]:
            if room not in self.venues:
                raise Invalid("UnknownVenue", f"{room} is no venue of the session")
        if self.roll_calls >= ROLL_CALLS_MAX:
            raise Invalid("RollCallsFull", f"there are {ROLL_CALLS_MAX} pictures already")
        text = self.record.disclosure(content["picture"], "roll_call")
        if text is not None:
            if not isinstance(text, str):
                raise Invalid("DisclosureMismatch", "what is hidden as roll_call is no text")
            try:
                raw = from_base64(text, "a roll-call picture")
            except Invalid:
                raise Invalid("DisclosureMismatch", "a roll-call picture is no base64") from None
            if len(raw) != content["octets"] or to_base64(sha256(raw)) != content["digest"]:
                raise Invalid("RollCallUnfit", "the picture is another than its digest says")
            if jpeg_sides(raw) != (content["width"], content["height"]):
                raise Invalid("RollCallUnfit", "the picture is no JPEG of that width and height")
        return [self.own(command, stage)]

    def _on_RollCallRecorded(self, event, command):
        self.roll_calls += 1

    # -- witness records accepted (sections 13.4, 32.8) -----------------------------------------------------

    def _on_WitnessRecordSigned(self, event, command):
        super()._on_WitnessRecordSigned(event, command)
        self.records[event["seat"]] = (self.seq, event["count"], event["record"])

    def _decide_AcceptWitnessRecord(self, command, stage):
        content, venue = command["content"], self.seats[self._speaker(command)]["venue"]
        other = self.seats.get(content["seat"])
        if other is None or other["role"] != "witness":
            raise Invalid("UnknownSeat", f"{content['seat']} is no witness's seat")
        if other["venue"] == venue:
            raise Invalid("OwnRecord", f"{content['seat']} is a witness of {venue} itself")
        if content["seat"] not in self.records:
            raise Invalid("RecordUnsigned", f"{content['seat']} has not signed its record")
        entry, count, record = self.records[content["seat"]]
        if command["seen"]["size"] <= entry:
            raise Invalid("RecordUnseen", "the head that was seen does not cover the signature")
        if (content["count"], content["record"]) != (count, record):
            raise Invalid("RecordMismatch", f"it is not the record that {content['seat']} signed")
        accepted = content["verdict"] == "accepted"
        if content["reason"] != "" if accepted else content["reason"] not in RECOGNITION_REASONS:
            raise Invalid("UnknownReason", f"the reason {content['reason']!r} of {content['verdict']}")
        if accepted and content["remark"]:
            raise Invalid("Malformed", "an acceptance with a remark")
        if content["reason"] == "other" and not content["remark"]:
            raise Invalid("RemarkNeeded", "the reason `other` without a remark")
        stands = self.recognised.get((content["seat"], venue), "")
        if stands and not (stands == "objection" and accepted):
            raise Invalid("AlreadyDone", f"{venue} has answered the record of {content['seat']}")
        if content["remark"]:
            self.remark_if_open(content["remark"])
        return [self.own(command, stage, venue=venue)]

    def _on_WitnessRecordAnswered(self, event, command):
        self.recognised[event["seat"], event["venue"]] = event["verdict"]
        self.answers_at.setdefault(event["seat"], []).append(self.seq)

    # -- interventions (sections 34, 32.9) ------------------------------------------------------------------

    def _on_SessionSuspended(self, event, command):
        super()._on_SessionSuspended(event, command)
        self.suspends += 1

    def _subject_holds(self, content: dict) -> None:
        scope, subject = content["scope"], content["subject"]
        found = {
            "session": subject == "",
            "venue": subject in self.venues,
            "seat": self.seats.get(subject, {}).get("role") in ADDRESSABLE,
            "role": subject in ADDRESSABLE,
        }
        if not found[scope]:
            raise Invalid("UnknownSubject", f"there is no {scope} {subject!r} to address")

    def _standing(self, content: dict, venue: str) -> bool:
        """Whether a supervisor at a venue may address this: its province's, or the main venue's province."""
        scope, subject = content["scope"], content["subject"]
        own = self.venues[venue]["province"]
        if own == self.venues[self.main_venue()]["province"] or scope == "session":
            return True
        place = self.seats[subject]["venue"] if scope == "seat" else subject
        return scope != "role" and self.venues[place]["province"] == own

    def _decide_Intervene(self, command, stage):
        content, seat = command["content"], self._speaker(command)
        venue = self.seats[seat]["venue"]
        self._subject_holds(content)
        if not self._standing(content, venue):
            raise Invalid("NoStanding", f"{seat} may not address {content['scope']} {content['subject']}")
        if content["reason"] not in INTERVENTION_REASONS:
            raise Invalid("InterventionUnfit", f"there is no reason {content['reason']}")
        if content["kind"] == "suspend_request":
            if content["scope"] != "session":
                raise Invalid("InterventionUnfit", "a suspension is requested of the session")
            if self.phase not in self.ACTS["Suspend"][1].split():
                raise Invalid("WrongPhase", f"a suspension is requested in {self.phase}")
        if sum(one["seat"] == seat for one in self.interventions) >= INTERVENTIONS_PER_SEAT_MAX:
            raise Invalid("InterventionsFull", f"{seat} has raised {INTERVENTIONS_PER_SEAT_MAX}")
        self.text_if_open(content["text"], "intervention", STATEMENT_CHARS_MAX, 1)
        number, due = len(self.interventions) + 1, self.at + content["answer_ms"]
        return [self.own(command, stage, venue=venue, number=number, due_at=due)]

    def _on_Intervened(self, event, command):
        self.interventions.append(
            event | {"suspends": self.suspends, "is_answered": False, "is_overdue": False}
        )

    def _intervention(self, number: int) -> dict | None:
        return self.interventions[number - 1] if number <= len(self.interventions) else None

    def _decide_AnswerIntervention(self, command, stage):
        content, seat = command["content"], self._speaker(command)
        asked = self._intervention(content["number"])
        if asked is None:
            raise Invalid("UnknownIntervention", f"there is no intervention {content['number']}")
        there = self.seats.get(seat, {}).get("venue")
        by_venue = self.role in ("witness", "keeper") and (asked["scope"], asked["subject"]) == (
            "venue",
            there,
        )
        by_seat = (asked["scope"], asked["subject"]) == ("seat", seat)
        if not (self.role == "agent" or by_venue or by_seat):
            raise Invalid("NotAddressed", f"intervention {content['number']} is not put to {seat}")
        if asked["is_answered"]:
            raise Invalid("AlreadyDone", f"intervention {content['number']} is answered")
        outcome = content["outcome"]
        requested = asked["kind"] == "suspend_request"
        if outcome not in ("suspended", "declined") if requested else outcome == "suspended":
            raise Invalid("InterventionUnfit", f"{outcome} of a {asked['kind']}")
        if outcome == "suspended" and self.suspends <= asked["suspends"]:
            raise Invalid("InterventionUnfit", "nobody has suspended the session since")
        self.text_if_open(content["answer"], "intervention_answer", STATEMENT_CHARS_MAX, 1)
        return [self.own(command, stage)]

    def _on_InterventionAnswered(self, event, command):
        self._intervention(event["number"])["is_answered"] = True

    def _decide_NoteAnswerOverdue(self, command, stage):
        asked = self._intervention(command["content"]["number"])
        if asked is None or asked["is_answered"] or asked["is_overdue"] or self.at < asked["due_at"]:
            raise Invalid("AlreadyDone", f"no answer {command['content']['number']} is overdue")
        return [self.own(command, stage)]

    def _on_AnswerOverdue(self, event, command):
        self._intervention(event["number"])["is_overdue"] = True

    def guard_interventions_answered(self, stage) -> None:
        for one in self.interventions:
            if not one["is_answered"]:
                self.unmet(f"intervention {one['number']} is not answered")

    def uncounted(self) -> frozenset:
        return UNCOUNTED_2 | UNCOUNTED_4


LATER_RULES: dict[str, type[Replay3]] = {"3": Replay3, "4": Replay4}


# ----------------------------------------------------------------------------------------------------------
# Section 13.3: a witness's record handed over

_ENTRY_PROOF = an_object(proof=a_list(a_hash, PROOF_HASHES_MAX), raw=a_text(2 * ENTRY_BYTES_MAX, 1))
_HANDED = dict(
    bound=_ENTRY_PROOF,
    genesis=_ENTRY_PROOF,
    handover=a_count,
    observations=a_list(anything, OBSERVATIONS_PER_SEAT_MAX),
    remarks=a_list(DISCLOSURE, OBSERVATIONS_PER_SEAT_MAX),
    root=a_hash,
    seat=an_id,
    session=an_id,
    signed=_ENTRY_PROOF,
    size=a_count,
    venue=an_id,
)
HANDOVER = an_object(**_HANDED)
HANDOVER_ANSWERS_MAX = 128
HANDOVER_2 = an_object(
    answers=a_list(an_object(answered=_ENTRY_PROOF, bound=_ENTRY_PROOF), HANDOVER_ANSWERS_MAX, 1),
    **_HANDED | {"remarks": a_list(DISCLOSURE, OBSERVATIONS_PER_SEAT_MAX + HANDOVER_ANSWERS_MAX)},
)
OBSERVATION = an_object(
    entry=a_count,
    finding=one_of(*FINDINGS),
    item=one_of(*OBSERVATION_ITEMS),
    media_offset_ms=a_count,
    noted_at=a_count,
    number=a_count,
    remark=a_hash_or_empty,
    seat=an_id,
    session=an_id,
    stage=STAGE,
    subject=an_id_or_empty,
    venue=an_id,
)


def verify_handover(raw: bytes, head: tuple[int, bytes] | None) -> dict:
    """Checks a hand-over list in the order of section 13.3; what it comes to for the report."""
    if len(raw) > HANDOVER_BYTES_MAX or not raw.endswith(b"\n"):
        raise Invalid("HandoverRefused", "form: too large, or the line has no end")
    whole = decode_canonical(raw[:-1], "the list")
    form = whole.get("handover") if isinstance(whole, dict) else None
    (HANDOVER_2 if form == 2 and type(form) is int else HANDOVER)(whole, "the list")
    if form not in (1, 2):
        raise Undecided("UnknownRecord", f"form {form} of a hand-over list is not known")
    size, root = whole["size"], from_base64(whole["root"], "root", 32)
    if head is not None and head != (size, root):
        raise Invalid("HandoverRefused", "head: it is not the one that is known")
    entries = {part: _handed_entry(whole, whole, part, size, root) for part in ("genesis", "bound", "signed")}
    genesis, bound, signed = (entries[part]["command"] for part in ("genesis", "bound", "signed"))
    if genesis["type"] != "BookSession" or entries["genesis"]["seq"] != 0:
        raise Invalid("HandoverRefused", "genesis: it is not the first entry")
    CONTENT["BookSession"](genesis["content"], "genesis")
    if genesis["content"]["rules_version"] not in ("2", *LATER_RULES):
        raise Undecided("UnknownRules", "the rules version has no witness's records, or is not known here")
    installation = genesis["content"]["installation_key"]
    if _handed_seat(whole, bound, installation, "bound") != whole["seat"]:
        raise Invalid("HandoverRefused", "bound: the key of another seat")
    if signed["type"] != "SignWitnessRecord" or signed["author_key"] != bound["author_key"]:
        raise Invalid("HandoverRefused", "signed: that key did not sign the record")
    if entries["signed"]["seq"] <= entries["bound"]["seq"]:
        raise Invalid("HandoverRefused", "signed: before the key was bound")
    CONTENT["SignWitnessRecord"](signed["content"], "signed")
    event = {
        **signed["content"],
        "seat": whole["seat"],
        "type": "WitnessRecordSigned.1",
        "venue": whole["venue"],
    }
    if canonical(entries["signed"]["events"]) != canonical([event]):
        raise Invalid("HandoverRefused", "signed: its event is of another seat, venue or record")
    chain, remarks_named = bytes(32), set()
    for number, observation in enumerate(whole["observations"], 1):
        OBSERVATION(observation, f"observation {number}")
        expected = (number, whole["seat"], whole["session"], whole["venue"])
        if tuple(observation[name] for name in ("number", "seat", "session", "venue")) != expected:
            raise Invalid(
                "HandoverRefused", f"observations: number {number} is of another place in the record"
            )
        chain = tagged("witness-record/v1", chain, tagged("observation/v1", canonical(observation)))
        remarks_named.add(observation["remark"])
    if signed["content"]["count"] != len(whole["observations"]) or signed["content"]["record"] != to_base64(
        chain
    ):
        raise Invalid("HandoverRefused", "observations: they are not those that were signed")
    answers: list[int] = []
    if form == 2:
        if genesis["content"]["rules_version"] not in LATER_RULES or not hasattr(
            LATER_RULES[genesis["content"]["rules_version"]], "_decide_AcceptWitnessRecord"
        ):
            raise Invalid("HandoverRefused", "answers: the rules version knows none")
        for held in whole["answers"]:
            answers.append(_handed_answer(whole, held, signed["content"], installation, remarks_named))
        if answers[0] <= entries["signed"]["seq"] or answers != sorted(set(answers)):
            raise Invalid("HandoverRefused", "answers: before the signature, or out of order")
    last = b""
    for remark in whole["remarks"]:
        digest, salt = from_base64(remark["digest"], "digest"), from_base64(remark["salt"], "salt")
        value = remark["value"].encode()
        text = decode_canonical(value, "a remark")
        if remark["field"] != "remark" or disclosure_digest("remark", salt, value) != digest:
            raise Invalid("HandoverRefused", "remarks: one does not hold")
        if remark["digest"] not in remarks_named or digest <= last:
            raise Invalid("HandoverRefused", "remarks: one opens nothing that was noted, or is out of order")
        if not isinstance(text, str) or not 1 <= len(text) <= REMARK_CHARS_MAX:
            raise Invalid("HandoverRefused", "remarks: one is too long or no text")
        last = digest
    return {
        "session": whole["session"],
        "seat": whole["seat"],
        "observations": len(whole["observations"]),
        "size": size,
        "root": root.hex(),
        "head_known": head is not None,
        **({"answers": answers} if answers else {}),
    }


def _handed_seat(whole: dict, bound: dict, installation: str, part: str) -> str:
    """The seat whose key a command binds, once the installation is seen to attest it."""
    content = bound["content"]
    if bound["type"] != "BindSeat" or bound["stage"] != SESSION_STAGE:
        raise Invalid("HandoverRefused", f"{part}: it binds no seat")
    CONTENT["BindSeat"](content, part)
    attested = {
        "key": bound["author_key"],
        "means": content["means"],
        "seat": content["seat"],
        "session": whole["session"],
    }
    if not signature_holds(installation, content["attestation"], "bind-seat/v1", canonical(attested)):
        raise Invalid("HandoverRefused", f"{part}: the installation does not attest the seat's key")
    return content["seat"]


def _handed_answer(whole: dict, held: dict, signed: dict, installation: str, remarks: set) -> int:
    """Another venue's answer to the record handed over (section 13.3, form 2); its entry's number."""
    size, root = whole["size"], from_base64(whole["root"], "root", 32)
    try:
        bound, answered = (_handed_entry(whole, held, part, size, root) for part in ("bound", "answered"))
        by = _handed_seat(whole, bound["command"], installation, "bound")
    except Invalid as stop:
        raise Invalid("HandoverRefused", f"answers: {stop.seen}") from None
    command = answered["command"]
    if command["type"] != "AcceptWitnessRecord" or command["author_key"] != bound["command"]["author_key"]:
        raise Invalid("HandoverRefused", "answers: that key gave no answer")
    if answered["seq"] <= bound["seq"]:
        raise Invalid("HandoverRefused", "answers: before the key was bound")
    content = command["content"]
    CONTENT["AcceptWitnessRecord"](content, "answers")
    wanted = (whole["seat"], signed["count"], signed["record"])
    if (content["seat"], content["count"], content["record"]) != wanted:
        raise Invalid("HandoverRefused", "answers: of another record")
    events = answered["events"]
    venue = events[0].get("venue") if len(events) == 1 and isinstance(events[0], dict) else None
    event = {**content, "by": by, "type": "WitnessRecordAnswered.1", "venue": venue}
    if venue is None or venue == whole["venue"] or canonical(events) != canonical([event]):
        raise Invalid("HandoverRefused", "answers: its event is of another seat, venue or record")
    remarks.add(content["remark"])
    return answered["seq"]


def _handed_entry(whole: dict, holder: dict, part: str, size: int, root: bytes) -> dict:
    """One of a list's entries: of the session, in the tree, signed by its author."""
    raw = from_base64(holder[part]["raw"], part)
    if len(raw) > ENTRY_BYTES_MAX:
        raise Invalid("HandoverRefused", f"{part}: the entry is too large")
    entry = decode_canonical(raw, part)
    ENTRY(entry, part)
    if entry["session"] != whole["session"] or entry["command"]["session"] != whole["session"]:
        raise Invalid("HandoverRefused", f"{part}: of another session")
    proof = [from_base64(one, "proof", 32) for one in holder[part]["proof"]]
    try:
        found = inclusion_root(entry["seq"], size, leaf_hash(raw), proof)
    except Invalid:
        found = b""
    if found != root:
        raise Invalid("HandoverRefused", f"{part}: not in the tree")
    command = entry["command"]
    if not signature_holds(command["author_key"], entry["sig"], "command/v1", canonical(command)):
        raise Invalid("HandoverRefused", f"{part}: not signed by its author")
    return entry


# ----------------------------------------------------------------------------------------------------------
# A whole record


def replay_record(record: Record) -> Replay:
    """Sections 4 to 17 for every entry."""
    replay = Replay(record)
    for raw in record.lines():
        try:
            replay.take(raw)
        except Stop as stop:
            stop.entry = replay.seq
            raise
        if replay.seq == 1 and replay.version in LATER_RULES:
            replay.__class__ = LATER_RULES[replay.version]
            replay.begin()
    return replay


def verify_record(
    path: str, policy: Policy | None, policy_raw: bytes, note: bytes | None, head: tuple[int, bytes] | None
) -> dict:
    """A record's file by itself, then the head and its quorum; what was found, for the report."""
    with open(path, "rb") as file:
        replay = replay_record(Record(file))
        _check_head(replay, policy, policy_raw, note, head)
        replay.finish()
        return report_of(replay, head is not None, note is not None)


def policy_of_genesis(replay: Replay, policy_raw: bytes) -> None:
    """The policy is the one whose digest genesis carries, where it carries one."""
    named = replay.book["policy_digest"]
    if named and named != to_base64(sha256(policy_raw)):
        raise Invalid("PolicyFalse", "the policy is not the one whose digest genesis carries", 0)


def provinces_of_genesis(replay: Replay) -> None:
    """Each signature of a province that stands in genesis holds (sections 26.1, 5, and 27.4)."""
    if replay.version in ("1", "2", "3"):
        return
    for one in replay.book["province_signatures"]:
        said = {
            "policy_digest": replay.book["policy_digest"],
            "province": one["province"],
            "session": replay.session,
        }
        if not signature_holds(one["key"], one["sig"], "province-policy/v1", canonical(said)):
            raise Invalid("ProvinceForged", f"the signature of {one['province']} does not hold", 0)


def _check_head(replay: Replay, policy, policy_raw: bytes, note, head) -> None:
    """The head is the one known from elsewhere, and covered by the policy's quorum."""
    root = replay.tree.root()
    if head is not None and head != (replay.seq, root):
        raise Invalid("HeadMismatch", f"the record's head is {replay.seq}:{root.hex()}")
    if policy is not None:
        policy_of_genesis(replay, policy_raw)
        provinces_of_genesis(replay)
    if policy is None or note is None:
        return
    origin, size, signed_root = policy.checkpoint(note)
    if not origin.endswith("/" + replay.session):
        raise Invalid("WrongSession", f"the checkpoint is of {origin[:80]!r}")
    if size > replay.seq:
        raise Invalid("RolledBack", f"the checkpoint has {size} entries, the record {replay.seq}")
    if replay.root_at(size) != signed_root:
        raise Invalid(
            "HeadMismatch", f"the checkpoint's root of size {size} is not the record's: two histories"
        )
    if size < replay.seq:
        replay.leave_open("HeadNotCovered", f"the checkpoint covers {size} of {replay.seq} entries")


def _checked_of(replay: Replay, outcome: str | None) -> list[str]:
    """What was checked of the record itself; of what hangs on disclosures, only what all were there for."""
    found = ["entries", "canonical", "signatures"]
    open_rules = {point.rule for point in replay.open_points}
    if not open_rules - {"DisclosureMissing"}:
        found.append("rules")
    if "DisclosureMissing" not in open_rules:
        found += ["disclosures", "commitments"]
    if replay.tallies_checked and all(one.tally_fits for one in replay.stages.values() if one.tally_digest):
        found += ["tally", "ranking"]
    return found + (["outcome"] if outcome is not None else [])


def report_of(replay: Replay, head_known: bool, covered: bool) -> dict:
    outcome = replay.outcome()
    return {
        "session": replay.session,
        "rules_version": replay.version,
        "entries": replay.seq,
        "root": replay.tree.root().hex(),
        "phase": replay.phase,
        "disclosures": len(replay.record.places),
        "outcome": outcome,
        "tallies_recomputed": replay.tallies_checked,
        "head_known": head_known,
        "quorum": covered,
        "checked": _checked_of(replay, outcome),
        "open": [{"rule": one.rule, "entry": one.entry, "seen": one.seen} for one in replay.open_points],
    }


# ----------------------------------------------------------------------------------------------------------
# DER (ITU-T X.690): as much of it as certificates, revocation lists, answers and time-stamps need

DER_PARTS_MAX = 100_000  # ours: so many parts of one value are read, a revocation list's entries aside


class DerFalse(ValueError):
    """Bytes that are no DER of the form that is read."""


def der_walk(raw: bytes):
    """What stands one after the other: (tag, content, the whole part). Definite, shortest lengths alone."""
    place, end = 0, len(raw)
    while place < end:
        start, kind = place, raw[place]
        if kind & 0x1F == 0x1F or place + 2 > end:
            raise DerFalse("a tag or a length that is not read")
        length, place = raw[place + 1], place + 2
        if length >= 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4 or place + count > end:
                raise DerFalse("a length that is not read")
            length, place = int.from_bytes(raw[place : place + count], "big"), place + count
            if length < 0x80 or length >> (8 * (count - 1)) == 0:
                raise DerFalse("a length that is not the shortest")
        if place + length > end:
            raise DerFalse("a part that is cut off")
        yield kind, raw[place : place + length], raw[start : place + length]
        place += length


def der_parts(raw: bytes) -> list[tuple[int, bytes, bytes]]:
    """All parts that stand one after the other."""
    found = list(itertools.islice(der_walk(raw), DER_PARTS_MAX + 1))
    if len(found) > DER_PARTS_MAX:
        raise DerFalse("more parts than are read")
    return found


def der_one(raw: bytes, kind: int) -> bytes:
    """The content of exactly one part of a kind."""
    parts = der_parts(raw)
    if len(parts) != 1 or parts[0][0] != kind:
        raise DerFalse("another part is expected")
    return parts[0][1]


def der_integer(content: bytes) -> int:
    if not content or (len(content) > 1 and content[0] in (0, 0xFF) and content[0] >> 7 == content[1] >> 7):
        raise DerFalse("an integer in another form")
    return int.from_bytes(content, "big", signed=True)


def der_oid(content: bytes) -> str:
    """An object identifier, dotted."""
    if not content or content[-1] & 0x80 or len(content) > 64:
        raise DerFalse("an object identifier in another form")
    numbers, number, fresh = [], 0, True
    for octet in content:
        if fresh and octet == 0x80:
            raise DerFalse("an object identifier in another form")
        number, fresh = number << 7 | octet & 0x7F, not octet & 0x80
        if fresh:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, [first, numbers[0] - 40 * first, *numbers[1:]]))


def der_time(kind: int, content: bytes) -> int:
    """A UTCTime or GeneralizedTime, in ms; fractions of a second as time-stamps may have them."""
    text = content.decode("ascii", "replace")
    if kind == 0x17 and re.fullmatch(r"[0-9]{12}Z", text):
        text = ("20" if text < "50" else "19") + text
    fraction = "0"
    if "." in text and kind == 0x18:
        text, _, rest = text.partition(".")
        fraction, text = rest[:-1], text + rest[-1:]
    if kind not in (0x17, 0x18) or not re.fullmatch(r"[0-9]{14}Z", text) or not fraction.isdigit():
        raise DerFalse("a time in another form")
    parts = [int(text[place : place + 2]) for place in range(2, 14, 2)]
    try:
        moment = datetime.datetime(int(text[:4]), *parts[1:], tzinfo=datetime.UTC)
    except ValueError:
        raise DerFalse("a time that there is not") from None
    seconds = (moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)) // datetime.timedelta(seconds=1)
    return 1_000 * seconds + int((fraction + "00")[:3])


def der_bits(content: bytes) -> bytes:
    """A BIT STRING of whole octets."""
    if not content or content[0]:
        raise DerFalse("a bit string that has no whole octets")
    return content[1:]


def der_flags(content: bytes) -> set[int]:
    """The numbers of the bits that are set in a BIT STRING."""
    if not content or content[0] > 7:
        raise DerFalse("a bit string in another form")
    bits = "".join(f"{octet:08b}" for octet in content[1:9])
    return {place for place, bit in enumerate(bits) if bit == "1"}


# ----------------------------------------------------------------------------------------------------------
# Section 24: certificates and trust. A verdict is `(outcome, code, until)`.

OTHERS_MAX, STEPS_MAX, WAYS_MAX, WAY_MAX = 16, 256, 16, 5
PIECES_MAX, PIECES_OF_ONE_MAX = 4_096, 256  # ours: so much evidence is read, of one issuer or certificate
VIEWING_GRACE_MS = 7 * 24 * 3_600_000
OID_RSA, OID_EC, OID_SM2_CURVE = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1", "1.2.156.10197.1.301"
_HASHES = {
    "sha256": (hashes.SHA256, "2.16.840.1.101.3.4.2.1", 32),
    "sha384": (hashes.SHA384, "2.16.840.1.101.3.4.2.2", 48),
    "sha512": (hashes.SHA512, "2.16.840.1.101.3.4.2.3", 64),
}


def der_of(kind: int, *contents: bytes) -> bytes:
    """One part in DER."""
    raw = b"".join(contents)
    size = len(raw)
    length = bytes((size,)) if size < 0x80 else size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((kind,)) + (b"" if size < 0x80 else bytes((0x80 | len(length),))) + length + raw


def der_of_oid(dotted: str) -> bytes:
    numbers = [int(one) for one in dotted.split(".")]
    octets = b""
    for number in [40 * numbers[0] + numbers[1], *numbers[2:]]:
        groups = bytes((number & 0x7F,))
        while number := number >> 7:
            groups = bytes((number & 0x7F | 0x80,)) + groups
        octets += groups
    return der_of(6, octets)


def _algorithms() -> dict[bytes, str]:
    """Every AlgorithmIdentifier of section 24.2, by its bytes."""
    null, found = b"\x05\x00", {}
    for number, (name, (_, oid, size)) in enumerate(_HASHES.items()):
        found[der_of(0x30, der_of_oid(f"1.2.840.113549.1.1.{11 + number}"), null)] = "rsa-" + name
        salt = der_of(0xA2, der_of(2, bytes((size,))))
        for own in (b"", null):
            for inner in (b"", null):
                mask_hash = der_of(0x30, der_of_oid(oid), inner)
                parameters = der_of(
                    0x30,
                    der_of(0xA0, der_of(0x30, der_of_oid(oid), own)),
                    der_of(0xA1, der_of(0x30, der_of_oid("1.2.840.113549.1.1.8"), mask_hash)),
                    salt,
                )
                found[der_of(0x30, der_of_oid("1.2.840.113549.1.1.10"), parameters)] = "rsa-pss-" + name
    found[der_of(0x30, der_of_oid("1.2.840.10045.4.3.2"))] = "ecdsa-p256-sha256"
    found[der_of(0x30, der_of_oid("1.2.840.10045.4.3.3"))] = "ecdsa-p384-sha384"
    for rest in (b"", null):
        found[der_of(0x30, der_of_oid("1.2.156.10197.1.501"), rest)] = "sm2-sm3"
    return found


ALGORITHMS = _algorithms()
ALGORITHM_NAMES = tuple(dict.fromkeys(
    ["rsa-sha256", "rsa-sha384", "rsa-sha512", "rsa-pss-sha256", "rsa-pss-sha384", "rsa-pss-sha512",
     "ecdsa-p256-sha256", "ecdsa-p384-sha384", "sm2-sm3"]
))  # fmt: skip
_CURVES = {"1.2.840.10045.3.1.7": "ecdsa-p256", "1.3.132.0.34": "ecdsa-p384", OID_SM2_CURVE: "sm2"}


def key_kind(algorithm: str) -> str:
    return "rsa" if algorithm.startswith("rsa") else algorithm.rpartition("-")[0]


class PublicKey:
    """A SubjectPublicKeyInfo: its kind (rsa, ecdsa-p256, ecdsa-p384, sm2; empty: none that is allowed)."""

    def __init__(self, spki: bytes):
        self.spki, self.kind, self.numbers = spki, "", (0, 0)
        (a_kind, algorithm, _), (b_kind, bits, _) = der_parts(der_one(spki, 0x30))
        if (a_kind, b_kind) != (0x30, 3):
            raise DerFalse("a public key in another form")
        self.bits = der_bits(bits)
        parts = der_parts(algorithm)
        oid = der_oid(parts[0][1]) if parts and parts[0][0] == 6 else ""
        if oid == OID_RSA and [one[2] for one in parts[1:]] == [b"\x05\x00"]:
            modulus, exponent = der_parts(der_one(self.bits, 0x30))
            n, e = der_integer(modulus[1]), der_integer(exponent[1])
            if (modulus[0], exponent[0]) == (2, 2) and 2_048 <= n.bit_length() <= 8_192:
                if e % 2 and 65_537 <= e < 2**64 and n > 0:
                    self.kind, self.numbers = "rsa", (n, e)
        elif oid == OID_EC and len(parts) == 2 and parts[1][0] == 6:
            curve = _CURVES.get(der_oid(parts[1][1]), "")
            size = 97 if curve == "ecdsa-p384" else 65
            if curve and len(self.bits) == size and self.bits[0] == 4:
                self.kind = curve

    def holds(self, algorithm: str, signature: bytes, message: bytes) -> bool:
        """Whether a signature by a named algorithm of section 24.2 verifies."""
        if not self.kind or key_kind(algorithm) != self.kind:
            return False
        try:
            if self.kind == "sm2":
                r, s = _two_integers(signature)
                return sm2_holds(self.bits, r, s, message)
            if self.kind == "rsa":
                made, _, size = _HASHES[algorithm.rpartition("-")[2]]
                how = padding.PKCS1v15()
                if "pss" in algorithm:
                    how = padding.PSS(padding.MGF1(made()), size)
                key = rsa.RSAPublicNumbers(self.numbers[1], self.numbers[0]).public_key()
                key.verify(signature, message, how, made())
                return True
            _two_integers(signature)
            curve, made = (ec.SECP256R1(), hashes.SHA256())
            if self.kind == "ecdsa-p384":
                curve, made = (ec.SECP384R1(), hashes.SHA384())
            key = ec.EllipticCurvePublicKey.from_encoded_point(curve, self.bits)
            key.verify(signature, message, ec.ECDSA(made))
        except (InvalidSignature, ValueError):
            return False
        return True


def _two_integers(signature: bytes) -> tuple[int, int]:
    """`SEQUENCE {r, s}` in its one form (section 18.1)."""
    parts = der_parts(der_one(signature, 0x30))
    if [one[0] for one in parts] != [2, 2]:
        raise DerFalse("a signature in another form")
    r, s = (der_integer(one[1]) for one in parts)
    return r, s


def der_extensions(raw: bytes) -> dict[str, tuple[bool, bytes]]:
    """Extensions by identifier: whether critical, and their value; each stands once."""
    found: dict[str, tuple[bool, bytes]] = {}
    for kind, content, _ in der_parts(der_one(raw, 0x30)):
        parts = der_parts(content)
        critical = False
        if len(parts) == 3 and parts[1][0] == 1:
            critical = parts[1][1] == b"\xff"
            if not critical:
                raise DerFalse("a boolean in another form")
            del parts[1]
        if kind != 0x30 or [one[0] for one in parts] != [6, 4]:
            raise DerFalse("an extension in another form")
        oid = der_oid(parts[0][1])
        if oid in found:
            raise DerFalse("an extension stands twice")
        found[oid] = (critical, parts[1][1])
    return found


class Certificate:
    """An X.509 certificate of version 3, read strictly."""

    def __init__(self, raw: bytes):
        self.raw = raw
        (_, _, self.tbs), (kind, _, self.algorithm), (bits_kind, bits, _) = der_parts(der_one(raw, 0x30))
        if kind != 0x30 or bits_kind != 3:
            raise DerFalse("a certificate in another form")
        self.signature = der_bits(bits)
        parts = der_parts(der_one(self.tbs, 0x30))
        kinds = [one[0] for one in parts]
        if kinds[:7] != [0xA0, 2, 0x30, 0x30, 0x30, 0x30, 0x30] or parts[0][1] != b"\x02\x01\x02":
            raise DerFalse("a certificate of another version or form")
        self.serial = der_integer(parts[1][1])
        if self.serial <= 0 or len(parts[1][1]) > 20 or parts[2][2] != self.algorithm:
            raise DerFalse("a certificate's number or algorithm")
        self.issuer, self.subject = parts[3][2], parts[5][2]
        (k1, t1, _), (k2, t2, _) = der_parts(parts[4][1])
        self.begins, self.ends = der_time(k1, t1), der_time(k2, t2)
        self.key = PublicKey(parts[6][2])
        self.extensions: dict[str, tuple[bool, bytes]] = {}
        for kind, content, _ in parts[7:]:
            if kind == 0xA3:
                self.extensions = der_extensions(content)
            elif kind not in (0x81, 0x82):
                raise DerFalse("a certificate with another field")
        self._read_extensions()

    def _value(self, oid: str) -> bytes | None:
        held = self.extensions.get(oid)
        return None if held is None else held[1]

    def _read_extensions(self) -> None:
        self.is_ca, self.path_length = False, None
        if (value := self._value("2.5.29.19")) is not None:
            for kind, content, _ in der_parts(der_one(value, 0x30)):
                if kind == 1:
                    self.is_ca = content == b"\xff"
                elif kind == 2:
                    self.path_length = der_integer(content)
        value = self._value("2.5.29.15")
        self.usage = None if value is None else der_flags(der_one(value, 3))
        value = self._value("2.5.29.37")
        self.purposes = None
        if value is not None:
            self.purposes = [der_oid(one[1]) for one in der_parts(der_one(value, 0x30))]
        value = self._value("2.5.29.32")
        self.policies = []
        if value is not None:
            for _, content, _ in der_parts(der_one(value, 0x30)):
                self.policies.append(der_oid(der_parts(content)[0][1]))
        self.own_id = self.issuer_id = None
        if (value := self._value("2.5.29.14")) is not None:
            self.own_id = der_one(value, 4)
        if (value := self._value("2.5.29.35")) is not None:
            given = {kind: content for kind, content, _ in der_parts(der_one(value, 0x30))}
            self.issuer_id = given.get(0x80)

    def names(self) -> list[tuple[int, bytes]]:
        """The alternative names: (tag, content)."""
        value = self._value("2.5.29.17")
        return [] if value is None else [(kind, one) for kind, one, _ in der_parts(der_one(value, 0x30))]

    def common_name(self) -> str:
        """The last commonName of the subject; empty where there is none."""
        found = ""
        for _, relative, _ in der_parts(der_one(self.subject, 0x30)):
            for _, pair, _ in der_parts(relative):
                oid, value = der_parts(pair)
                if der_oid(oid[1]) == "2.5.4.3":
                    found = _der_text(value[0], value[1])
        return found

    def points(self) -> set[bytes]:
        """The distribution points that the certificate names, each as its bytes."""
        value, found = self._value("2.5.29.31"), set()
        for _, content, _ in der_parts(der_one(value, 0x30)) if value is not None else ():
            for kind, name, _ in der_parts(content):
                if kind == 0xA0:
                    for full, names, _ in der_parts(name):
                        found |= {one[2] for one in der_parts(names)} if full == 0xA0 else set()
        return found


def _der_text(kind: int, content: bytes) -> str:
    return content.decode("utf-16-be" if kind == 0x1E else "utf-8", "replace")


KNOWN_EXTENSIONS = frozenset((
    "2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.17", "2.5.29.18", "2.5.29.30", "2.5.29.32", "2.5.29.31",
    "2.5.29.14", "2.5.29.35", "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.48.1.5",
))  # fmt: skip
ANY_PURPOSE, ANY_POLICY = "2.5.29.37.0", "2.5.29.32.0"
_SIGNING = ("1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36")
PURPOSES = {
    # purpose: (keyUsage bits of which one is set, extKeyUsage of which one stands, whether it must be there)
    "sign-in": ({0}, ("1.3.6.1.5.5.7.3.2",), False),
    "sign": ({0, 1}, _SIGNING, False),
    "view": ({0, 1}, _SIGNING, False),
    "encrypt": ({2, 3, 4}, _SIGNING, False),
    "open": ({2, 3, 4}, _SIGNING, False),
    "time-stamp": ({0, 1}, ("1.3.6.1.5.5.7.3.8",), True),
}
TRUST_LIST = an_object(
    list=an_object(
        alliance=an_id,
        authorities=a_list(
            an_object(
                algorithms=a_list(one_of(*ALGORITHM_NAMES), len(ALGORITHM_NAMES)),
                crl=a_list(a_text(), 64),
                id=an_id,
                name=a_text(),
                ocsp=a_list(a_text(), 64),
                policies=a_list(a_text(ID_CHARS_MAX, 1), 64),
                province=an_id,
                roots=a_list(a_text(2 * CERTIFICATE_BYTES_MAX, 1), 64),
                valid_from=a_count,
                valid_until=a_count,
            ),
            256,
        ),
        issued_at=a_count,
        next_by=a_count,
        signers=an_object(keys=a_list(a_key, 64, 1), needed=an_int(1, 64)),
        v=an_int(1, 1),
        version=an_int(1, INTEGER_MAX),
    ),
    signatures=a_list(an_object(key=a_key, sig=a_signature), 64),
)


class TrustList:
    """A list that enough of its own signers have signed (section 24.1)."""

    def __init__(self, raw: bytes, pinned: tuple[int, list[str]] | None = None):
        if len(raw) > TRUST_LIST_BYTES_MAX:
            raise Undecided("TooLarge", "the trust list is too large")
        try:
            whole = decode_canonical(raw, "the trust list")
            TRUST_LIST(whole, "the trust list")
        except Invalid as stop:
            raise Undecided("TrustListMalformed", stop.seen) from None
        self.list = whole["list"]
        value = canonical(self.list)
        self.digest = tagged("trust-list/v1", value)
        signers = self.list["signers"]
        held = {
            one["key"]
            for one in whole["signatures"]
            if one["key"] in signers["keys"]
            and signature_holds(one["key"], one["sig"], "trust-list/v1", value)
        }
        if len(held) < signers["needed"]:
            raise Undecided("TrustListUnsigned", "too few of its signers have signed the trust list")
        if pinned is not None:
            signed = {
                one["key"]
                for one in whole["signatures"]
                if one["key"] in pinned[1] and signature_holds(one["key"], one["sig"], "trust-list/v1", value)
            }
            if len(signed) < pinned[0]:
                raise Undecided(
                    "TrustListForeign", "too few of the policy's signers have signed the trust list"
                )
        self.roots: dict[bytes, list[tuple[Certificate, dict]]] = {}  # by the root's name
        for authority in self.list["authorities"]:
            for text in authority["roots"]:
                try:
                    root = Certificate(from_base64(text, "a root"))
                    self.roots.setdefault(root.subject, []).append((root, authority))
                except (ValueError, Invalid):
                    raise Undecided("TrustListMalformed", f"a root of {authority['id']}") from None


class Unfit(Exception):
    """Why a way or a piece of evidence does not count."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


class RevocationList:
    """A CRL: who says it, for whom, from when to when."""

    def __init__(self, raw: bytes):
        (_, _, self.tbs), (_, _, self.algorithm), (_, bits, _) = der_parts(der_one(raw, 0x30))
        self.signature = der_bits(bits)
        parts = der_parts(der_one(self.tbs, 0x30))
        if parts and parts[0][0] == 2:
            if parts[0][1] != b"\x01":
                raise DerFalse("a revocation list of another version")
            del parts[0]
        if len(parts) < 3 or parts[0][2] != self.algorithm:
            raise DerFalse("a revocation list in another form")
        self.issuer, self.begins = parts[1][2], der_time(parts[2][0], parts[2][1])
        del parts[:3]
        self.ends, self.revoked, self.extensions = None, b"", {}
        if parts and parts[0][0] in (0x17, 0x18):
            self.ends = der_time(parts[0][0], parts.pop(0)[1])
        if parts and parts[0][0] == 0x30:
            self.revoked = parts.pop(0)[1]
        if parts and parts[0][0] == 0xA0:
            self.extensions = der_extensions(parts.pop(0)[1])
        if parts:
            raise DerFalse("a revocation list with another field")
        self._entries: dict[int, int] | None = None

    def since(self, serial: int) -> int | None:
        """The moment from which a certificate is revoked; None where it is not."""
        if self._entries is None:
            self._entries = {}
            for _, content, _ in der_walk(self.revoked):
                parts = der_parts(content)
                moment = der_time(parts[1][0], parts[1][1])
                if len(parts) > 2:
                    extensions = der_extensions(parts[2][2])
                    if "2.5.29.24" in extensions:  # invalidityDate
                        moment = min(moment, der_time(0x18, der_one(extensions["2.5.29.24"][1], 0x18)))
                    if any(critical and oid not in ("2.5.29.21", "2.5.29.24")
                           for oid, (critical, _) in extensions.items()):  # fmt: skip
                        raise DerFalse("an entry with a critical extension that is not known")
                number = der_integer(parts[0][1])
                self._entries[number] = min(moment, self._entries.get(number, moment))
        return self._entries.get(serial)

    def fits(self, of: Certificate) -> None:
        """Whole for this certificate: no delta, not indirect, not of some reasons (section 24.5)."""
        for oid, (critical, value) in self.extensions.items():
            if oid == "2.5.29.27":
                raise Unfit("EvidencePartial")
            if oid == "2.5.29.28":
                for kind, content, _ in der_parts(der_one(value, 0x30)):
                    if kind == 0xA0:
                        names: set[bytes] = set()
                        for full, inner, _ in der_parts(content):
                            names |= {one[2] for one in der_parts(inner)} if full == 0xA0 else set()
                        if not names & of.points():
                            raise Unfit("EvidencePartial")
                    elif kind in (0x81, 0x82):
                        if content != b"\x00" and of.is_ca != (kind == 0x82):
                            raise Unfit("EvidencePartial")
                    elif content != b"\x00":
                        raise Unfit("EvidencePartial")
            elif critical and oid not in ("2.5.29.20", "2.5.29.35"):
                raise Unfit("EvidencePartial")


class StatusAnswer:
    """An OCSP answer (RFC 6960) that is signed and says something."""

    def __init__(self, raw: bytes):
        parts = der_parts(der_one(raw, 0x30))
        if not parts or parts[0][2] != b"\x0a\x01\x00" or len(parts) != 2 or parts[1][0] != 0xA0:
            raise DerFalse("an answer without a status")
        oid, body = der_parts(der_one(parts[1][1], 0x30))
        if der_oid(oid[1]) != "1.3.6.1.5.5.7.48.1.1" or body[0] != 4:
            raise DerFalse("an answer of another kind")
        basic = der_parts(der_one(body[1], 0x30))
        (_, _, self.tbs), (_, _, self.algorithm), (_, bits, _) = basic[:3]
        self.signature, self.others = der_bits(bits), []
        if len(basic) == 4 and basic[3][0] == 0xA0:
            self.others = [one[2] for one in der_parts(der_one(basic[3][1], 0x30))][:OTHERS_MAX]
        fields = der_parts(der_one(self.tbs, 0x30))
        if fields and fields[0][0] == 0xA0:
            if fields[0][1] != b"\x02\x01\x00":
                raise DerFalse("an answer of another version")
            del fields[0]
        self.by, self.at = (fields[0][0], fields[0][1]), der_time(fields[1][0], fields[1][1])
        self.singles = [der_parts(one[1]) for one in der_parts(fields[2][1])]
        for kind, content, _ in fields[3:]:
            if kind != 0xA1 or any(critical for critical, _ in der_extensions(content).values()):
                raise DerFalse("an answer with another field")

    def numbers(self) -> set[int]:
        """The numbers of the certificates that are told of."""
        return {der_integer(der_parts(parts[0][1])[3][1]) for parts in self.singles}

    def single(self, of: Certificate, issuer: Certificate):
        """(revoked since or None, from, until or None) of one certificate; None where it is not told of."""
        for parts in self.singles:
            (_, algorithm, _), (_, name, _), (_, key, _), (_, number, _) = der_parts(parts[0][1])
            made = _OCSP_HASHES.get(der_oid(der_parts(algorithm)[0][1]))
            if made is None or der_integer(number) != of.serial:
                continue
            if (made(issuer.subject), made(issuer.key.bits)) != (name, key):
                continue
            kind, content, _ = parts[1]
            since = None
            if kind == 0xA1:
                first = der_parts(content)[0]
                since = der_time(first[0], first[1])
            elif kind != 0x80:
                return None
            begins, ends = der_time(parts[2][0], parts[2][1]), None
            for kind, content, _ in parts[3:]:
                if kind == 0xA0:
                    one = der_parts(content)[0]
                    ends = der_time(one[0], one[1])
                elif kind == 0xA1:
                    extensions = der_extensions(content)
                    if "2.5.29.24" in extensions and since is not None:
                        since = min(since, der_time(0x18, der_one(extensions["2.5.29.24"][1], 0x18)))
                    if any(critical for oid, (critical, _) in extensions.items() if oid != "2.5.29.24"):
                        raise DerFalse("an answer with a critical extension that is not known")
            return since, begins, ends
        return None


def _sha1(raw: bytes) -> bytes:
    return hashlib.sha1(raw, usedforsecurity=False).digest()  # names a key here, proves nothing (24.2)


_OCSP_HASHES = {
    "1.3.14.3.2.26": _sha1,
    "2.16.840.1.101.3.4.2.1": sha256,
    "2.16.840.1.101.3.4.2.2": lambda raw: hashlib.sha384(raw).digest(),
    "2.16.840.1.101.3.4.2.3": lambda raw: hashlib.sha512(raw).digest(),
    "1.2.156.10197.1.401": sm3,
}


class Judge:
    """Whether a certificate counts at a moment for a purpose, by a trust list and evidence (section 24)."""

    def __init__(self, trust: TrustList, evidence: list[bytes], listed: list[bytes] = ()):
        if len(evidence) > PIECES_MAX:
            raise Undecided("TooLarge", f"more than {PIECES_MAX} pieces of evidence")
        self.trust = trust
        self.lists: dict[bytes, list[RevocationList]] = {}  # by the issuer's name
        self.answers: dict[int, list[StatusAnswer]] = {}  # by the number of a certificate that it is about
        self.unreadable = False
        for raw in evidence:
            self._read_evidence(raw)
        for held in (self.lists, self.answers):
            if any(len(pieces) > PIECES_OF_ONE_MAX for pieces in held.values()):
                raise Undecided("TooLarge", "more evidence on one certificate than is read")
        self.vouched: dict = {}  # the authority of the newest valid verdict
        self._certificates: dict[bytes, Certificate | None] = {}
        self._listed = self._by_name(listed)
        self._signed: dict[tuple, bool] = {}

    def _read_evidence(self, raw: bytes) -> None:
        try:
            crl = RevocationList(raw)
            self.lists.setdefault(crl.issuer, []).append(crl)
            return
        except (ValueError, IndexError):
            pass
        try:
            answer = StatusAnswer(raw)
            for number in answer.numbers():
                self.answers.setdefault(number, []).append(answer)
        except (ValueError, IndexError):
            self.unreadable = True

    def _by_name(self, raws: list[bytes]) -> dict[bytes, list[Certificate]]:
        """Certificates that can be read, by their names."""
        found: dict[bytes, list[Certificate]] = {}
        for raw in dict.fromkeys(raws):
            held = self._read(raw)
            if held is not None:
                found.setdefault(held.subject, []).append(held)
        return found

    def verdict(
        self, raw: bytes, others: list[bytes], at: int, purpose: str, among: list[str] | None = None
    ) -> tuple[str, str, int]:
        """Outcome, code, until; with `among`, only an authority of these ids may vouch."""
        if at >= self.trust.list["next_by"]:
            return "undecided", "TrustListStale", 0
        if len(raw) > CERTIFICATE_BYTES_MAX:
            return "undecided", "TooLarge", 0
        leaf = self._read(raw)
        if leaf is None:
            return "undecided", "CertificateUnreadable", 0
        between = self._by_name(others)
        found = []
        for way, authority in self._ways(leaf, between):
            try:
                self._way_holds(way, authority, at, purpose)
                until = min(self.trust.list["next_by"], authority["valid_until"], *(one.ends for one in way))
                for of, issuer in zip(way, way[1:], strict=False):
                    until = min(until, self._not_revoked(of, issuer, authority, at, purpose))
                if among is not None and authority["id"] not in among:
                    raise Unfit("CaUnknown")
                self.vouched = authority
                return "valid", "", until
            except Unfit as why:
                broken = why.code in _BROKEN
                found.append(("invalid" if broken else "undecided", why.code, 0))
            except (ValueError, IndexError):
                found.append(("undecided", "CertificateUnreadable", 0))
        if not found:
            return "invalid", "CaUnknown", 0
        return next((one for one in found if one[0] == "undecided"), found[0])

    def _read(self, raw: bytes) -> Certificate | None:
        """A certificate, read once; None where it cannot be."""
        if raw not in self._certificates:
            try:
                if len(raw) > CERTIFICATE_BYTES_MAX:
                    raise DerFalse("a certificate that is too large")
                self._certificates[raw] = Certificate(raw)
            except (ValueError, IndexError):
                self._certificates[raw] = None
        return self._certificates[raw]

    def _ways(self, leaf: Certificate, between: dict[bytes, list[Certificate]]):
        """Ways from the leaf to a root by names and key identifiers, within the bounds of section 24.3."""
        steps, ways, open_ways = 0, 0, [[leaf]]
        while open_ways:
            way = open_ways.pop(0)
            last = way[-1]
            for root, authority in self.trust.roots.get(last.issuer, ()):
                steps += 1
                if steps > STEPS_MAX or ways >= WAYS_MAX:
                    return
                if self._issued(last, root):
                    ways += 1
                    yield [*way, root], authority
            for held in (between, self._listed) if len(way) < 2 * WAY_MAX else ():
                for one in held.get(last.issuer, ()):
                    steps += 1
                    if steps > STEPS_MAX:
                        return
                    if self._issued(last, one) and all(one.raw != other.raw for other in way):
                        open_ways.append([*way, one])

    @staticmethod
    def _issued(of: Certificate, issuer: Certificate) -> bool:
        named = of.issuer_id is None or issuer.own_id is None or of.issuer_id == issuer.own_id
        return of.issuer == issuer.subject and named

    def _holds(self, key: PublicKey, of, algorithm: str) -> bool:
        """Whether a key signed a certificate or a piece of evidence, worked out once."""
        place = (key.spki, id(of))  # what was read is kept, so that an id stays its own
        if place not in self._signed:
            self._signed[place] = key.holds(algorithm, of.signature, of.tbs)
        return self._signed[place]

    def _way_holds(self, way: list[Certificate], authority: dict, at: int, purpose: str) -> None:
        """The rules of section 24.3 in their order."""
        if not authority["valid_from"] <= at < authority["valid_until"]:
            raise Unfit("CaNotInForce")
        allowed = authority["algorithms"]
        kinds = {key_kind(one) for one in allowed}
        for one in reversed(way):
            if ALGORITHMS.get(one.algorithm) not in allowed or one.key.kind not in kinds:
                raise Unfit("AlgorithmNotAllowed")
        for of, issuer in zip(way, way[1:], strict=False):
            if not self._holds(issuer.key, of, ALGORITHMS[of.algorithm]):
                raise Unfit("CertificateForged")
        issuers = way[1:]
        for one in issuers:
            if not one.is_ca or one.usage is None or 5 not in one.usage:
                raise Unfit("NotACa")
        for place, one in enumerate(issuers):
            below = sum(other.subject != other.issuer for other in issuers[:place])
            if one.path_length is not None and below > one.path_length:
                raise Unfit("ChainTooLong")
        if len(way) > WAY_MAX:
            raise Unfit("ChainTooLong")
        for one in reversed(way):
            if at < one.begins:
                raise Unfit("CertificateNotYet")
            if at > one.ends:
                raise Unfit("CertificateExpired")
        for one in way:
            if any(critical and oid not in KNOWN_EXTENSIONS for oid, (critical, _) in one.extensions.items()):
                raise Unfit("ExtensionUnknown")
        for place, one in enumerate(issuers):
            _names_allowed(one, [way[0], *(o for o in way[1 : place + 1] if o.subject != o.issuer)])
        if authority["policies"] and not any(
            policy in way[0].policies
            and all(policy in one.policies or ANY_POLICY in one.policies for one in way[1:-1])
            for policy in authority["policies"]
        ):
            raise Unfit("PolicyMissing")
        if way[0].is_ca:
            raise Unfit("IsACa")
        self._for_purpose(way, purpose)

    @staticmethod
    def _for_purpose(way: list[Certificate], purpose: str) -> None:
        usage, purposes, must = PURPOSES[purpose]
        leaf = way[0]
        if leaf.usage is None or not usage & leaf.usage:
            raise Unfit("WrongPurpose")
        if leaf.purposes is None and must:
            raise Unfit("WrongPurpose")
        if must and leaf.purposes != list(purposes):
            raise Unfit("WrongPurpose")
        for one in way:
            if one.purposes is not None and not {*purposes, ANY_PURPOSE} & set(one.purposes):
                raise Unfit("WrongPurpose")

    def _not_revoked(
        self, of: Certificate, issuer: Certificate, authority: dict, at: int, purpose: str
    ) -> int:
        """Until when the evidence says that a certificate was not revoked (section 24.5)."""
        grace = VIEWING_GRACE_MS if purpose == "view" else 0
        ends, codes = [], []
        for piece in [*self.lists.get(issuer.subject, ()), *self.answers.get(of.serial, ())]:
            try:
                said = (self._by_list if isinstance(piece, RevocationList) else self._by_answer)(
                    piece, of, issuer, authority
                )
            except Unfit as why:
                codes.append(why.code)
                continue
            except (ValueError, IndexError):
                codes.append("EvidenceUnreadable")
                continue
            if said is None:
                continue
            since, begins, until, partial = said
            if since is not None and since <= at:
                raise Unfit("CertificateRevoked")
            if partial:
                codes.append(partial)
            elif until is None or at >= until + grace or begins > of.ends:
                codes.append("EvidenceStale")
            else:
                ends.append(until + grace)
        if ends:
            return max(ends)
        if not codes:
            codes = ["EvidenceUnreadable" if self.unreadable else "RevocationUnknown"]
        raise Unfit(codes[0])

    def _by_list(self, piece: RevocationList, of: Certificate, issuer: Certificate, authority: dict):
        algorithm = ALGORITHMS.get(piece.algorithm)
        if algorithm not in authority["algorithms"]:
            raise Unfit("EvidenceWeak")
        if not self._holds(issuer.key, piece, algorithm):
            raise Unfit("EvidenceForged")
        if issuer.usage is None or 6 not in issuer.usage:
            raise Unfit("EvidenceForged")
        partial = ""
        try:
            piece.fits(of)
        except Unfit as why:
            partial = why.code
        return piece.since(of.serial), piece.begins, piece.ends, partial

    def _by_answer(self, piece: StatusAnswer, of: Certificate, issuer: Certificate, authority: dict):
        said = piece.single(of, issuer)
        if said is None:
            return None
        algorithm = ALGORITHMS.get(piece.algorithm)
        if algorithm not in authority["algorithms"]:
            raise Unfit("EvidenceWeak")
        for key, name in self._answerers(piece, issuer, authority):
            named = piece.by == (0xA1, name) or piece.by == (0xA2, der_of(4, _sha1(key.bits)))
            if named and self._holds(key, piece, algorithm):
                return (*said, "")
        raise Unfit("EvidenceForged")

    def _answerers(self, piece: StatusAnswer, issuer: Certificate, authority: dict):
        """The issuer itself, and whom it has certified for answering (section 24.5)."""
        yield issuer.key, issuer.subject
        for raw in piece.others:
            one = self._read(raw)
            if one is None:
                continue
            algorithm = ALGORITHMS.get(one.algorithm)
            if one.issuer != issuer.subject or algorithm not in authority["algorithms"]:
                continue
            if "1.3.6.1.5.5.7.3.9" not in (one.purposes or ()) or not one.begins <= piece.at <= one.ends:
                continue
            if "1.3.6.1.5.5.7.48.1.5" not in one.extensions:
                continue
            if self._holds(issuer.key, one, algorithm):
                yield one.key, one.subject


_BROKEN = frozenset((
    "CaNotInForce", "AlgorithmNotAllowed", "CertificateForged", "NotACa", "ChainTooLong", "CertificateNotYet",
    "CertificateExpired", "ExtensionUnknown", "NameNotAllowed", "PolicyMissing", "IsACa", "WrongPurpose",
    "CertificateRevoked", "CaUnknown",
))  # fmt: skip


def _name_of(raw: bytes) -> list[list[tuple[str, str]]]:
    """A directory name as relative names of (identifier, text), compared without case and double spaces."""
    found = []
    for _, relative, _ in der_parts(raw):
        pairs = []
        for _, pair, _ in der_parts(relative):
            oid, value = der_parts(pair)
            pairs.append((der_oid(oid[1]), " ".join(_der_text(value[0], value[1]).casefold().split())))
        found.append(sorted(pairs))
    return found


def _names_allowed(issuer: Certificate, below: list[Certificate]) -> None:
    """Directory names, host names and mail addresses within an issuer's nameConstraints (section 24.3)."""
    held = issuer.extensions.get("2.5.29.30")
    if held is None:
        return
    permitted: dict[int, list[bytes]] = {}
    excluded: dict[int, list[bytes]] = {}
    for kind, content, _ in der_parts(der_one(held[1], 0x30)):
        into = {0xA0: permitted, 0xA1: excluded}.get(kind)
        for _, subtree, _ in der_parts(content) if into is not None else ():
            base = der_parts(subtree)
            if len(base) != 1 or base[0][0] not in (0xA4, 0x82, 0x81):
                raise Unfit("ExtensionUnknown")
            into.setdefault(base[0][0], []).append(base[0][1])
    for one in below:
        names = one.names()
        if der_one(one.subject, 0x30):
            names = [*names, (0xA4, one.subject)]
        for kind, content in names:
            if any(_name_within(kind, content, base) for base in excluded.get(kind, ())):
                raise Unfit("NameNotAllowed")
            bases = permitted.get(kind)
            if bases is not None and not any(_name_within(kind, content, base) for base in bases):
                raise Unfit("NameNotAllowed")


def _name_within(kind: int, content: bytes, base: bytes) -> bool:
    if kind == 0xA4:
        name, within = _name_of(der_one(content, 0x30)), _name_of(der_one(base, 0x30))
        return name[: len(within)] == within
    name, within = content.decode("latin-1").lower(), base.decode("latin-1").lower()
    if kind == 0x81:
        if "@" in within:
            return name == within
        name = name.rpartition("@")[2]
        return name.endswith(within) if within.startswith(".") else name == within
    return not within or name == within.lstrip(".") or name.endswith("." + within.lstrip("."))


# ----------------------------------------------------------------------------------------------------------
# Time-stamps (RFC 3161, RFC 5652)

OID_SIGNED, OID_STAMP = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
_DIGESTS = {oid: name for name, (_, oid, _) in _HASHES.items()} | {"1.2.156.10197.1.401": "sm3"}


def _digest(name: str, raw: bytes) -> bytes:
    return sm3(raw) if name == "sm3" else hashlib.new(name, raw).digest()


def _stamp_algorithm(identifier: bytes, digest: str) -> str:
    """The name (24.2) of the algorithm that a signer says; RSA and SM2 may be named by their key's kind."""
    if identifier in ALGORITHMS:
        return ALGORITHMS[identifier]
    oid = der_oid(der_parts(der_one(identifier, 0x30))[0][1])
    if oid == OID_RSA:
        return "rsa-" + digest
    if oid in ("1.2.156.10197.1.301.1", OID_SM2_CURVE) and digest == "sm3":
        return "sm2-sm3"
    raise DerFalse("a signature algorithm that is not known")


class TimeStamp:
    """A TimeStampToken: what it stamps, when, and the certificate that it says signed it."""

    def __init__(self, raw: bytes):
        oid, body = der_parts(der_one(raw, 0x30))
        if der_oid(oid[1]) != OID_SIGNED or body[0] != 0xA0:
            raise DerFalse("no signed data")
        parts = der_parts(der_one(body[1], 0x30))
        if [one[0] for one in parts[:3]] != [2, 0x31, 0x30]:
            raise DerFalse("signed data in another form")
        kind, content = der_parts(parts[2][1])
        if der_oid(kind[1]) != OID_STAMP or content[0] != 0xA0:
            raise DerFalse("no time-stamp")
        self.info = der_one(content[1], 4)
        self.certificates: list[bytes] = []
        for tag_, value, _ in parts[3:-1]:
            if tag_ == 0xA0:
                self.certificates = [one[2] for one in der_parts(value) if one[0] == 0x30]
        signers = der_parts(der_one(parts[-1][2], 0x31))
        if len(signers) != 1 or len(self.certificates) > OTHERS_MAX + 1:
            raise DerFalse("a time-stamp has one signer")
        self._read_info()
        self._read_signer(signers[0][1])

    def _read_info(self) -> None:
        parts = der_parts(der_one(self.info, 0x30))
        if [one[0] for one in parts[:5]] != [2, 6, 0x30, 2, 0x18] or parts[0][1] != b"\x01":
            raise DerFalse("a time-stamp of another version or form")
        algorithm, hashed = der_parts(parts[2][1])
        name = _DIGESTS.get(der_oid(der_parts(algorithm[1])[0][1]))
        if name is None or hashed[0] != 4:
            raise DerFalse("a hash that is not known")
        self.hash, self.imprint, self.at = name, hashed[1], der_time(0x18, parts[4][1])
        self.policy = der_oid(parts[1][1])

    def _read_signer(self, raw: bytes) -> None:
        parts = der_parts(raw)
        self.signer, digest = (parts[1][0], parts[1][2], parts[1][1]), der_parts(parts[2][1])
        self.digest = _DIGESTS.get(der_oid(digest[0][1]), "")
        if not self.digest or parts[3][0] != 0xA0 or parts[5][0] != 4:
            raise DerFalse("a signer in another form")
        self.signed = b"\x31" + parts[3][2][1:]
        self.algorithm = _stamp_algorithm(parts[4][2], self.digest)
        self.signature = parts[5][1]
        self.attributes: dict[str, bytes] = {}
        for _, content, _ in der_parts(parts[3][1]):
            oid, values = der_parts(content)
            name = der_oid(oid[1])
            if name in self.attributes:
                raise DerFalse("an attribute stands twice")
            self.attributes[name] = values[1]

    def stamps(self, message: bytes) -> bool:
        return self.imprint == _digest(self.hash, message)

    def certificate(self) -> Certificate:
        """The signer's certificate, found by issuer and number or by its key's identifier, and named by hash."""
        for raw in self.certificates:
            one = Certificate(raw)
            kind, whole, content = self.signer
            if kind == 0x30:
                issuer, number = der_parts(der_one(whole, 0x30))
                fits = (issuer[2], der_integer(number[1])) == (one.issuer, one.serial)
            else:
                fits = kind == 0x80 and content == one.own_id
            if fits and self._names(raw):
                return one
        raise DerFalse("the signer's certificate is not there")

    def _names(self, raw: bytes) -> bool:
        """Whether the attribute signingCertificate, of either version, names a certificate by its hash."""
        for oid, usual in (("1.2.840.113549.1.9.16.2.47", "sha256"), ("1.2.840.113549.1.9.16.2.12", "")):
            if oid not in self.attributes:
                continue
            first = der_parts(der_parts(der_one(self.attributes[oid], 0x30))[0][1])[0][1]
            parts, name = der_parts(first), usual
            if usual and parts[0][0] == 0x30:
                name = _DIGESTS.get(der_oid(der_parts(parts.pop(0)[1])[0][1]), "")
                if not name:
                    return False
            return parts[0][1] == (_digest(name, raw) if usual else _sha1(raw))
        return False

    def holds(self, certificate: Certificate) -> bool:
        """Whether the signature is the certificate's and covers what is stamped."""
        content_type = self.attributes.get("1.2.840.113549.1.9.3")
        digest = self.attributes.get("1.2.840.113549.1.9.4")
        if content_type != der_of_oid(OID_STAMP) or digest is None:
            return False
        if der_one(digest, 4) != _digest(self.digest, self.info):
            return False
        return certificate.key.holds(self.algorithm, self.signature, self.signed)


# ----------------------------------------------------------------------------------------------------------
# Section 29: the signed report. No PDF is understood here: what is read is where revisions end, what a
# `/ByteRange` covers, the streams, and the manifest (26.1, rule 7b). A reader of PDFs asks for more (29.4).

SIGNED_BYTES_MAX = 67_108_864  # ours: the longest signed report that is read
SEAL_BYTES_MAX = 262_144
PLACES_MAX = ANNEXES_MAX = 32
ANNEX_BYTES_MAX = 4 * 1_048_576
REVISION_ENDS_MAX = 100_000  # ours: so many ends of revisions are tried
STREAMS_MAX = 4_096  # ours: so many streams of a part are read
PIECE_BYTES_MAX = 1_048_576  # ours: the longest piece of evidence that is taken out of a report
EVIDENCE_BYTES_MAX = 16_777_216  # ours: so much evidence is taken out of a report
INFLATED_BYTES_MAX = ANNEXES_MAX * ANNEX_BYTES_MAX + EVIDENCE_BYTES_MAX  # ours: so much is inflated of a report
OID_DATA = "1.2.840.113549.1.7.1"
OID_GM_SIGNED, OID_GM_DATA = "1.2.156.10197.6.1.4.2.2", "1.2.156.10197.6.1.4.2.1"
OID_CONTENT_TYPE, OID_MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
OID_STAMP_OF, OID_SEAL_SAYS = "1.2.840.113549.1.9.16.2.14", "1.3.6.1.4.1.55555.1.3"
_REVISION_END = re.compile(rb"%%EOF(?:\r\n|\n|\r)?")
_BYTE_RANGE = re.compile(rb"/ByteRange\s{0,8}\[\s{0,8}0\s{1,8}([0-9]{1,10})\s{1,8}([0-9]{1,10})\s{1,8}([0-9]{1,10})\s{0,64}\]")
_HEX = re.compile(rb"<[0-9A-Fa-f]+>")
_MANIFEST = re.compile(rb"/Private\s{0,8}<([0-9A-Fa-f]{2,131072})>")
_STREAM = re.compile(rb">>\s{0,8}stream\r?\n")
_EMBEDDED = re.compile(rb"/Type\s{0,8}/EmbeddedFile\b")
MANIFEST = an_object(
    annexes=a_list(an_object(digest=a_hash, name=a_text(255, 1)), ANNEXES_MAX),
    at=a_count,
    fields=a_list(
        an_object(person=a_text(), role=one_of("member", "tenderee", "witness"), seat=an_id), PLACES_MAX
    ),
    report=an_object(bytes=a_count, digest=a_hash),
    v=a_count,
)
SEAL_SAYS = an_object(field=a_text(255, 1), reason=a_text(65_536, 1))


class SignedData:
    """CMS SignedData (RFC 5652; GM/T 0010-2012) of one signer, without content: what it says, not whether."""

    def __init__(self, raw: bytes, kind: str, data: str):
        (oid_kind, oid, _), (body_kind, body, _) = der_parts(der_one(raw, 0x30))
        if oid_kind != 6 or der_oid(oid) != kind or body_kind != 0xA0:
            raise DerFalse("no signed data of the form that is asked for")
        parts = der_parts(der_one(body, 0x30))
        if [one[0] for one in parts[:3]] != [2, 0x31, 0x30] or len(parts) < 4:
            raise DerFalse("signed data in another form")
        self.data, self.version = data, der_integer(parts[0][1])
        self.hashes = [der_oid(der_parts(one[1])[0][1]) for one in der_parts(parts[1][1])]
        content = der_parts(parts[2][1])
        if len(content) != 1 or content[0][0] != 6 or der_oid(content[0][1]) != data:
            raise DerFalse("signed data that hold another content, or hold it themselves")
        self.certificates: list[bytes] = []
        self.lists: list[bytes] = []
        for part_kind, value, _ in parts[3:-1]:
            if part_kind not in (0xA0, 0xA1):
                raise DerFalse("signed data with another field")
            held = self.certificates if part_kind == 0xA0 else self.lists
            held += [one[2] for one in der_parts(value) if one[0] == 0x30]
        signers = der_parts(der_one(parts[-1][2], 0x31))
        if len(signers) != 1 or len(self.certificates) > OTHERS_MAX + 1 or len(self.lists) > PIECES_OF_ONE_MAX:
            raise DerFalse("signed data have one signer, and no more certificates than are read")
        self._read_signer(der_parts(der_one(signers[0][2], 0x30)))

    def _read_signer(self, parts: list) -> None:
        kinds = [one[0] for one in parts]
        if kinds[:1] != [2] or kinds[2:6] != [0x30, 0xA0, 0x30, 4] or kinds[6:] not in ([], [0xA1]):
            raise DerFalse("a signer in another form")
        self.signer = (parts[1][0], parts[1][2], parts[1][1])
        self.digest = _DIGESTS.get(der_oid(der_parts(parts[2][1])[0][1]), "")
        if not self.digest:
            raise DerFalse("a hash that is not known")
        self.algorithm = _stamp_algorithm(parts[4][2], self.digest)
        if not self.algorithm.endswith(self.digest):
            raise DerFalse("a signature over another hash than the one named")
        self.signed, self.signature = b"\x31" + parts[3][2][1:], parts[5][1]
        self.attributes = self._attributes(parts[3][1])
        self.unsigned = self._attributes(parts[6][1]) if len(parts) > 6 else {}

    @staticmethod
    def _attributes(raw: bytes) -> dict[str, bytes]:
        """Attributes by identifier, each once and of one value."""
        found: dict[str, bytes] = {}
        for _, content, _ in der_parts(raw):
            (_, oid, _), (set_kind, values, _) = der_parts(content)
            name = der_oid(oid)
            if name in found or set_kind != 0x31 or len(der_parts(values)) != 1:
                raise DerFalse("an attribute stands twice, or has not one value")
            found[name] = values
        return found

    _names = TimeStamp._names

    def certificate(self, named: bool) -> Certificate:
        """The signer's own; with `named` an attribute names it by its hash as well (ESSCertID)."""
        kind, whole, content = self.signer
        for raw in self.certificates:
            one = Certificate(raw)
            if kind == 0x30:
                issuer, number = der_parts(der_one(whole, 0x30))
                fits = (issuer[2], der_integer(number[1])) == (one.issuer, one.serial)
            else:
                fits = kind == 0x80 and content == one.own_id
            if fits and (not named or self._names(raw)):
                return one
        raise DerFalse("the signer's certificate is not there")

    def holds(self, certificate: Certificate, digest: bytes) -> bool:
        """Whether the signature is the certificate's, over attributes of what has this digest."""
        said = self.attributes.get(OID_MESSAGE_DIGEST)
        if self.attributes.get(OID_CONTENT_TYPE) != der_of_oid(self.data) or said is None:
            return False
        return der_one(said, 4) == digest and certificate.key.holds(
            self.algorithm, self.signature, self.signed
        )


def first_der(raw: bytes) -> bytes:
    """The one part at the beginning; what stands behind it must be zeros."""
    whole = next(der_walk(raw), (0, b"", b""))[2]
    if not whole or raw[len(whole) :].strip(b"\0"):
        raise DerFalse("something stands behind a signature")
    return whole


def _inflated(raw: bytes, longest: int) -> bytes | None:
    """A stream as FlateDecode has it; None where it is none, or longer."""
    engine = zlib.decompressobj()
    try:
        plain = engine.decompress(raw, longest + 1)
    except zlib.error:
        return None
    return plain if engine.eof and len(plain) <= longest else None


class SignedReport:
    """A signed report's bytes: the prepared report in front, a part for each signature behind it."""

    def __init__(self, whole: bytes, front: int, ends: list[bytes]):
        """`front`: the bare report's length. `ends`: SHA-256 of the prepared report and after each signature."""
        self.whole, self.front = whole, front
        self.places = self._parts(ends)
        if len(self.places) != len(ends) or self.places[-1] != len(whole):
            raise Invalid("ReportFalse", "signed/report.pdf is not made of the revisions that the record names")
        self._fed: dict[str, tuple] = {}  # hash -> its state, and of how many bytes

    def _parts(self, ends: list[bytes]) -> list[int]:
        """Where each of these files ends within the whole, one behind the other."""
        state, at, found, view = hashlib.sha256(), 0, [], memoryview(self.whole)
        for number, match in enumerate(_REVISION_END.finditer(self.whole, self.front)):
            if number >= REVISION_ENDS_MAX:
                raise Undecided("TooLarge", "signed/report.pdf has more revisions than are read")
            state.update(view[at : match.end()])
            at = match.end()
            if len(found) < len(ends) and state.digest() == ends[len(found)]:
                found.append(at)
        return found

    def streams(self, start: int, end: int, longest: int):
        """The streams between two places, none within another: as they lie there and, where they are, inflated."""
        at, left = start, INFLATED_BYTES_MAX
        for _ in range(STREAMS_MAX):
            match = _STREAM.search(self.whole, at, end)
            close = self.whole.find(b"endstream", match.end(), end) if match else -1
            if close < 0:
                return
            at = close + 9
            if close - match.end() > longest + 2:
                continue
            raw = self.whole[match.end() : close]
            plain = _inflated(raw, longest)
            left -= len(plain or b"")
            if left < 0:
                raise Undecided("TooLarge", "signed/report.pdf holds more in streams than is read")
            yield raw, plain
        raise Undecided("TooLarge", "signed/report.pdf has more streams than are read")

    def manifest(self) -> dict:
        """What the prepared report says of itself (29.1)."""
        found = _MANIFEST.findall(self.whole, self.front, self.places[0])
        try:
            if len(found) != 1:
                raise Invalid("ReportNotPrepared", f"{len(found)} manifests in the prepared report")
            value = decode_canonical(bytes.fromhex(found[0].decode()), "the manifest")
            MANIFEST(value, "the manifest")
        except Invalid as stop:
            raise Invalid("ReportNotPrepared", stop.seen) from None
        except ValueError as error:
            raise Invalid("ReportNotPrepared", str(error)[:80]) from None
        if value["v"] != 1:
            raise Undecided("UnknownRecord", f"form {value['v']} of a manifest is not known")
        return value

    def annexes(self, manifest: dict) -> None:
        """The embedded files of the prepared report are the manifest's."""
        part = (self.front, self.places[0])
        embedded = len(_EMBEDDED.findall(self.whole, *part))
        if embedded != len(manifest["annexes"]):
            rule = "AnnexMissing" if embedded < len(manifest["annexes"]) else "AnnexAdded"
            raise Invalid(rule, f"{embedded} embedded files, {len(manifest['annexes'])} annexes")
        if not embedded:
            return
        there = set()
        for raw, plain in self.streams(*part, ANNEX_BYTES_MAX):
            for one in (plain,) if plain is not None else (raw, raw.removesuffix(b"\n"), raw.removesuffix(b"\r\n")):
                there.add(to_base64(sha256(one)))
        for one in manifest["annexes"]:
            if one["digest"] not in there:
                raise Invalid("AnnexSwapped", f"the annex {one['name']} is another than the manifest's")

    def signature(self, number: int) -> tuple[bytes, int, int, int]:
        """The signature that ends a part: its DER, and what it covers: [0, a) and [b, e)."""
        start, end = self.places[number], self.places[number + 1]
        named = re.finditer(rb"/ByteRange", memoryview(self.whole)[start:end])
        where = [one.start() for one in itertools.islice(named, 2)]
        if len(where) != 1:
            rule = "SignatureForeign" if where else "SignatureMissing"
            raise Invalid(rule, f"{'more than one' if where else 'no'} signature where the record has one")
        match = _BYTE_RANGE.match(self.whole, start + where[0], end)
        a, b, c = (int(one) for one in match.groups()) if match else (0, 0, 0)
        e = b + c
        if not start < a < b < e <= end or not match.end() <= e:
            raise Invalid("SignatureBroken", "what is signed does not end with the signature's own revision")
        closed = any(one.end() == e for one in _REVISION_END.finditer(self.whole, max(start, e - 8), e))
        named = self.whole[a - 24 : a].rstrip().endswith(b"/Contents")
        held = _HEX.fullmatch(self.whole, a, b)
        if not closed or not named or not held:
            raise Invalid("SignatureBroken", "what is not signed is not the signature alone")
        try:
            return first_der(bytes.fromhex(self.whole[a + 1 : b - 1].decode())), a, b, e
        except ValueError as error:
            raise Invalid("SignatureBroken", str(error)[:80]) from None

    def covered(self, name: str, a: int, b: int, e: int) -> bytes:
        """The hash of what a signature covers; what was hashed for one before is not hashed again."""
        view = memoryview(self.whole)
        state, done = self._fed.get(name, (hashlib.new(name), 0))
        state.update(view[done:a])
        self._fed[name] = (state, a)
        own = state.copy()
        own.update(view[b:e])
        return own.digest()

    def evidence(self) -> tuple[list[bytes], list[bytes]]:
        """Revocation evidence and certificates that lie in the document; what is neither is passed over."""
        found: tuple[dict, dict] = ({}, {})
        left = EVIDENCE_BYTES_MAX
        for raw, plain in self.streams(self.places[0], len(self.whole), PIECE_BYTES_MAX):
            one = raw if plain is None else plain
            if one[:1] != b"\x30" or len(one) > PIECE_BYTES_MAX + 2:
                continue
            left -= len(one)
            if left < 0:
                raise Undecided("TooLarge", "signed/report.pdf holds more evidence than is read")
            try:
                one = next(der_walk(one))[2]
            except (ValueError, StopIteration):
                continue
            for place, read in ((0, RevocationList), (0, StatusAnswer), (1, Certificate)):
                try:
                    read(one)
                except (ValueError, IndexError):
                    continue
                found[place][one] = None
                break
        return list(found[0]), list(found[1])


# ----------------------------------------------------------------------------------------------------------
# Section 26: the archive, a ZIP of stored members that its content alone gives byte for byte

ARCHIVE_BYTES_MAX = 4_000_000_000
MEMBERS_MAX = 65_000
MEMBER_NAME_BYTES_MAX = 255  # ours: the longest lawful name is `witness/`, an identifier and `.json`
MEMBER_READ_BYTES_MAX = 16_777_216  # ours: a JSON member that is read whole
MEMBER_VALUES_MAX = 1_000_000  # ours: so many values in a JSON member that is read whole
CHECKPOINTS_MAX = 2_000  # ours: so many heads are checked
_CHUNK = 1 << 20

_LOCAL = struct.Struct("<IHHHHHIIIHH")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END = struct.Struct("<IHHHHIIH")
_DOS_DATE = (1 << 5) | 1  # 1980-01-01
_ID_TEXT = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_MEMBER_NAME = re.compile(
    r"README\.txt|archive\.json|record\.jsonl|policy|trust-list|time-stamp|keys\.json|attached\.json|report\.(pdf|xlsx|json)"
    r"|checkpoints/[1-9][0-9]{0,15}|witness/" + _ID_TEXT + r"\.(json|pdf)"
    r"|tile/[0-9]{1,2}/(x[0-9]{3}/){0,5}[0-9]{3}(\.p/[1-9][0-9]{0,2})?"
    r"|signed/(report\.pdf|" + _ID_TEXT + r"\.p7s)"
)
_MEMBERS_NEEDED = ("README.txt", "archive.json", "attached.json", "keys.json", "record.jsonl")


class Window(io.RawIOBase):
    """A part of a file, read as a file of its own."""

    def __init__(self, file, start: int, length: int):
        super().__init__()
        self._file, self._start, self._length, self._at = file, start, length, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._length}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer) -> int:
        want = min(len(buffer), max(0, self._length - self._at))
        self._file.seek(self._start + self._at)
        raw = self._file.read(want)
        buffer[: len(raw)] = raw
        self._at += len(raw)
        return len(raw)


def _archive_refused(seen: str):
    raise Invalid("ArchiveRefused", seen)


class Archive:
    """An archive's members: where they lie, how long they are, and their SHA-256."""

    def __init__(self, path: str):
        self.file = open(path, "rb")  # noqa: SIM115 (closed by whoever opened the archive)
        try:
            self.members: dict[str, tuple[int, int, bytes]] = {}
            self._read_frame()
        except BaseException:
            self.file.close()
            raise

    def close(self) -> None:
        self.file.close()

    def _read_frame(self) -> None:
        """Limits, directory and every local header: each byte is the one that section 26 gives."""
        length = os.fstat(self.file.fileno()).st_size
        if not _END.size <= length <= ARCHIVE_BYTES_MAX:
            _archive_refused(f"a file of {length} bytes")
        self.file.seek(length - _END.size)
        mark, disk, first, here, count, size, start, comment = _END.unpack(self.file.read(_END.size))
        if mark != 0x06054B50 or disk or first or here != count or comment:
            _archive_refused("the end of the directory has another form")
        if start + size + _END.size != length or not 0 < count <= MEMBERS_MAX:
            _archive_refused("the directory is elsewhere, empty or too long")
        if size > count * (_CENTRAL.size + MEMBER_NAME_BYTES_MAX):
            _archive_refused("the directory is too large")
        self.file.seek(start)
        directory, at, running, last = self.file.read(size), 0, 0, b""
        found = []
        for _ in range(count):
            if len(directory) - at < _CENTRAL.size:
                _archive_refused("the directory is cut short")
            fields = _CENTRAL.unpack_from(directory, at)
            crc, packed, plain_size, name_length = fields[7:11]
            name = directory[at + _CENTRAL.size : at + _CENTRAL.size + name_length]
            wanted = (
                0x02014B50, 0x0314, 20, 0, 0, 0, _DOS_DATE, crc, packed, packed, name_length, 0, 0, 0, 0,
                0o100644 << 16, running,
            )  # fmt: skip
            if fields != wanted or plain_size != packed or len(name) != name_length:
                _archive_refused(f"the directory's record of {name[:80]!r} has another form or place")
            text = name.decode("latin-1")
            if name_length > MEMBER_NAME_BYTES_MAX or not _MEMBER_NAME.fullmatch(text):
                _archive_refused(f"there is no member {name[:80]!r}")
            if name <= last:
                _archive_refused(f"{text[:80]} is out of order or stands twice")
            found.append((text, crc, packed, running))
            at, last = at + _CENTRAL.size + name_length, name
            running += _LOCAL.size + name_length + packed
            if running > start:
                _archive_refused(f"{text[:80]} goes over its end")
        if running != start or at != size:
            _archive_refused("something stands between the members and the directory")
        for text, crc, packed, place in found:
            self._read_member(text, crc, packed, place)
        for text in _MEMBERS_NEEDED:
            if text not in self.members:
                _archive_refused(f"{text} is missing")

    def _read_member(self, name: str, crc: int, size: int, place: int) -> None:
        header = _LOCAL.pack(0x04034B50, 20, 0, 0, 0, _DOS_DATE, crc, size, size, len(name), 0)
        header += name.encode("latin-1")
        self.file.seek(place)
        if self.file.read(len(header)) != header:
            _archive_refused(f"the header of {name[:80]} is another than in the directory")
        left, sum32, digest = size, 0, hashlib.sha256()
        while left:
            chunk = self.file.read(min(left, _CHUNK))
            if not chunk:
                _archive_refused(f"{name[:80]} is cut short")
            left -= len(chunk)
            sum32 = zlib.crc32(chunk, sum32)
            digest.update(chunk)
        if sum32 != crc:
            _archive_refused(f"the checksum of {name[:80]} does not hold")
        self.members[name] = (place + len(header), size, digest.digest())

    def open(self, name: str):
        place, size, _ = self.members[name]
        return io.BufferedReader(Window(self.file, place, size), 1 << 16)

    def read(self, name: str, longest: int = MEMBER_READ_BYTES_MAX) -> bytes:
        place, size, _ = self.members[name]
        if size > longest:
            raise Undecided("TooLarge", f"{name} has {size} bytes; {longest} are read here")
        self.file.seek(place)
        return self.file.read(size)

    def value(self, name: str):
        """A canonical member's value; how many values it holds is bounded before it is decoded."""
        raw = self.read(name)
        if raw.count(b",") + raw.count(b"[") + raw.count(b"{") > MEMBER_VALUES_MAX:
            raise Undecided("TooLarge", f"{name} holds more values than are read here")
        return decode_canonical(raw, name)


ARCHIVE_LIST = an_object(
    archive=a_count,
    files=a_list(an_object(digest=a_hash, name=a_text(MEMBER_NAME_BYTES_MAX, 1), size=a_count), MEMBERS_MAX),
    root=a_hash,
    session=an_id,
    size=a_count,
    withheld=a_list(a_text(ID_CHARS_MAX, 1), 1_000),
)
ATTACHED = a_list(
    an_object(
        digest=a_hash,
        kind=one_of("recording", "bid", "document"),
        name=a_text(TEXT_CHARS_MAX, 1),
        size=a_count,
    ),
    MEMBERS_MAX,
)
BINARY = a_list(a_text(MEMBER_READ_BYTES_MAX, 1), MEMBERS_MAX)
SHOWN = an_object(certificate=a_text(2 * CERTIFICATE_BYTES_MAX, 1))
STAMP_BYTES_MAX = 262_144  # ours: the longest time-stamp that is read
KEYS = an_object(
    certificates=BINARY,
    evidence=BINARY,
    keys=a_list(
        an_object(**{"from": a_count, "key": a_key, "of": an_id, "seat": an_id_or_empty}), MEMBERS_MAX
    ),
)


def tile_path(level: int, number: int, width: int) -> str:
    """A tile's name (C2SP tlog-tiles): the number in groups of three digits, `x` before all but the last."""
    groups = [f"{number % 1000:03}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03}")
    return f"tile/{level}/" + "/".join(groups) + (f".p/{width}" if width < 256 else "")


class ArchiveCheck:
    """One archive under one policy, in the order in which each part is believed."""

    def __init__(self, archive: Archive, policy: Policy | None, policy_raw: bytes):
        self.archive, self.policy, self.policy_raw = archive, policy, policy_raw
        self.checked: list[str] = ["container"]
        self.open_points: list[Stop] = []
        self.list: dict = {}
        self.leaves = bytearray()
        self.heads: dict[int, bytes] = {}
        self.origin = ""
        self.cosigned: dict[int, dict[str, int]] = {}  # size -> who cosigned that head, and when
        self.moments: dict[int, int] = {}  # size -> when that head had its quorum
        self.quorum_sizes: list[int] = []  # the sizes of these, rising
        self.listed_certificates: list[bytes] = []
        self.evidence: list[bytes] = []
        self.attachments: list[dict] = []
        self.policy_is_same: bool | None = None
        self.covered = False
        self.trust: TrustList | None = None
        self.trust_asked = False

    def leave_open(self, rule: str, seen: str, entry: int | None = None) -> None:
        if len(self.open_points) < OPEN_POINTS_MAX:
            self.open_points.append(Undecided(rule, seen, entry))

    def members(self) -> None:
        """`archive.json` lists every other member with its digest, and nothing else."""
        self.list = self.archive.value("archive.json")
        ARCHIVE_LIST(self.list, "archive.json")
        if self.list["archive"] != 1:
            raise Undecided("UnknownRecord", f"form {self.list['archive']} of an archive is not known")
        wanted = [
            {"digest": to_base64(digest), "name": name, "size": size}
            for name, (_, size, digest) in self.archive.members.items()
            if name != "archive.json"
        ]
        if self.list["files"] != wanted:
            listed = {one["name"]: one for one in self.list["files"]}
            other = next((one["name"] for one in wanted if listed.get(one["name"]) != one), "a member")
            raise Invalid("ArchiveRefused", f"{other} is not the one that archive.json lists")
        withheld = self.list["withheld"]
        if withheld != sorted(set(withheld)):
            raise Invalid("Malformed", "withheld fields stand in order, each once")
        self.checked.append("members")

    def policy_same(self) -> None:
        """Whether the policy in the archive, where there is one, is the one given: this is only said."""
        if self.policy is None:
            self.leave_open("PolicyMissing", "no policy was given, so nobody vouches for the head")
            return
        if "policy" in self.archive.members:
            self.policy_is_same = self.archive.read("policy") == self.policy_raw

    def hash_record(self, record: Record) -> None:
        """Hashes all entries; the head is the one that archive.json names."""
        if record.session != self.list["session"]:
            raise Invalid("WrongSession", f"the record is of {record.session}")
        if record.entries != self.list["size"]:
            raise Invalid("HeadMismatch", f"the record has {record.entries} entries, the head another size")
        wanted = {int(name[12:]) for name in self.archive.members if name.startswith("checkpoints/")}
        tree = Tree()
        for raw in record.lines():
            leaf = leaf_hash(raw)
            self.leaves += leaf
            tree.append(leaf)
            if tree.size in wanted:
                self.heads[tree.size] = tree.root()
        self.heads[tree.size] = tree.root()
        if to_base64(tree.root()) != self.list["root"]:
            raise Invalid("HeadMismatch", "the entries do not come to the root that archive.json names")
        self.checked.append("hashes")

    def checkpoints(self) -> None:
        """Every head is this record's; the final one has the log's line and the policy's quorum."""
        sizes = sorted(int(name[12:]) for name in self.archive.members if name.startswith("checkpoints/"))
        if len(sizes) > CHECKPOINTS_MAX:
            raise Undecided("TooLarge", f"more than {CHECKPOINTS_MAX} checkpoints")
        keys = [*self.policy.logs, *self.policy.cosigners.values()] if self.policy else []
        final = self.list["size"]
        for size in sizes:
            raw = self.archive.read(f"checkpoints/{size}", NOTE_BYTES_MAX)
            try:
                text, signed = timed_note(raw, keys)
                origin, said, root = parse_checkpoint(text)
            except Invalid as stop:
                raise Invalid("NoteFalse", f"checkpoint {size}: {stop.seen}") from None
            if size > final:
                raise Invalid("RolledBack", f"there is a checkpoint of size {size}, the record has {final}")
            if said != size:
                raise Invalid("HeadMismatch", f"checkpoint {size} is of size {said}")
            if self.heads[size] != root:
                raise Invalid("HeadMismatch", f"checkpoint {size} has another root than the record")
            self.origin = self.origin or origin
            if origin != self.origin or not origin.endswith("/" + self.list["session"]):
                raise Invalid("WrongSession", f"checkpoint {size} is of {origin[:80]!r}")
            if self.policy is None:
                continue
            if not any(log.name == origin and (log.name, log.id) in signed for log in self.policy.logs):
                raise Invalid("LogUnsigned", f"no log of the policy signed checkpoint {size}")
            if size == final and not self.policy.met_by(set(signed)):
                raise Invalid("QuorumUnmet", f"checkpoint {size} lacks the policy's quorum")
            self.cosigned[size] = self.policy.cosigned_at(signed)
            moment = self.policy.quorum_moment(self.cosigned[size])
            if moment is not None:
                self.moments[size] = moment
                self.quorum_sizes.append(size)
        if self.policy is None:
            return
        self.checked += ["policy", "notes"]
        if final in sizes:
            self.checked.append("quorum")
            self.covered = True
        else:
            self.leave_open("HeadNotCovered", f"no checkpoint covers the head of size {final}")

    def tiles(self) -> None:
        """The hash tiles are those of the tree, all of them and no other."""
        wanted, level, layer = {}, 0, bytes(self.leaves)
        while layer:
            count, above = len(layer) // 32, bytearray()
            for number in range((count + 255) // 256):
                part = layer[number * 8_192 : (number + 1) * 8_192]
                wanted[tile_path(level, number, len(part) // 32)] = sha256(part)
                if len(part) == 8_192:
                    above += tree_root([part[place : place + 32] for place in range(0, 8_192, 32)])
            level, layer = level + 1, bytes(above)
        given = {n: one[2] for n, one in self.archive.members.items() if n.startswith("tile/")}
        if given != wanted:
            differs = min(n for n in given.keys() | wanted.keys() if given.get(n) != wanted.get(n))
            raise Invalid("ArchiveRefused", f"{differs} is missing, too many or another than the tree's")
        self.checked.append("tiles")

    def withheld(self, record: Record) -> None:
        """Nothing that is said to be withheld is there; what is missing is said to be withheld."""
        there = set(record.fields)
        for field in self.list["withheld"]:
            if field in there:
                raise Invalid("ArchiveRefused", f"{field} is said to be withheld and is there")
        for field in sorted(record.missing):
            if field not in self.list["withheld"]:
                raise Invalid(
                    "ArchiveRefused", f"a disclosure of {field} is missing, not said to be withheld"
                )
        self.checked.append("withheld")

    def keys(self, replay: "Replay") -> None:
        """`keys.json` lists the keys that the record binds."""
        value = self.archive.value("keys.json")
        KEYS(value, "keys.json")
        wanted = sorted(replay.bound, key=lambda one: tuple(one[n] for n in ("from", "seat", "of", "key")))
        if value["keys"] != wanted:
            first = next(
                (o for o in value["keys"] + wanted if o not in value["keys"] or o not in wanted), None
            )
            where = (
                f"of {first['of']} {first['seat']} from entry {first['from']}" if first else "out of order"
            )
            raise Invalid("ArchiveRefused", f"keys.json differs from the record at the key {where}")
        lists = [[from_base64(one, of) for one in value[of]] for of in ("certificates", "evidence")]
        self.listed_certificates, self.evidence = lists
        if self.evidence != sorted(set(self.evidence)):
            raise Invalid("ArchiveRefused", "evidence stands in order of its bytes, each once")
        if self.listed_certificates != sorted(self._disclosed_certificates(replay.record)):
            raise Invalid(
                "ArchiveRefused", "certificates are not those of the disclosures, in order of bytes"
            )
        self.checked.append("keys")

    @staticmethod
    def _disclosed_certificates(record: Record) -> set[bytes]:
        """The certificates of the delegations and signatures that are disclosed."""
        texts: list[str] = []
        for value in record.of_field("certificate"):
            SHOWN(value, "a certificate")
            texts.append(value["certificate"])
        for value in record.of_field("delegation"):
            if isinstance(value, dict) and value.get("type") == "desk":
                continue
            DELEGATION(value, "a delegation")
            by_scan = value["type"] == "passkey"
            (SIGNED_SCAN if by_scan else SIGNED_STATEMENT)(value["signed"], "a delegation")
            signed = value["signed"]["binding"] if by_scan else value["signed"]
            texts += [signed["certificate"], *signed["others"]]
        return {from_base64(one, "a certificate") for one in texts}

    def milestones(self, replay: "Replay") -> None:
        """What the record says of cosigned heads is what stands under them (section 26.2, 1)."""
        claims = getattr(replay, "head_claims", [])
        if self.policy is None or not claims:
            return
        for claim in claims:
            size, names, seq = claim["size"], set(claim["cosigned"]), claim["seq"]
            if claim["settled"]:
                above = [held.keys() for other, held in self.cosigned.items() if other >= size]
                if names.difference(*above):
                    seen = f"no head shows that {min(names.difference(*above))} settled"
                    self.leave_open("MilestoneUnproved", seen, seq)
            elif size not in self.cosigned:
                self.leave_open("MilestoneUnproved", f"checkpoints/{size} is not there", seq)
            elif from_base64(claim["root"], "root", 32) != self.heads[size]:
                raise Invalid("HeadMismatch", f"the head of {claim['milestone']} is another", seq)
            elif not names <= self.cosigned[size].keys():
                missing = min(names - self.cosigned[size].keys())
                seen = f"{missing} has not cosigned the head of {claim['milestone']}"
                raise Invalid("MilestoneFalse", seen, seq)
        self.checked.append("milestones")

    def _trust_list(self, pinned: tuple[int, list[str]] | None) -> TrustList | None:
        """The archive's trust list, signed by whom the policy names; None where it is not to be used."""
        if "trust-list" not in self.archive.members:
            self.leave_open("TrustListMissing", "there is no trust list")
            return None
        try:
            return TrustList(self.archive.read("trust-list", TRUST_LIST_BYTES_MAX), pinned)
        except Undecided as stop:
            self.leave_open(stop.rule, stop.seen)
            return None

    def certificates(self, replay: "Replay") -> None:
        """Certificates behind delegations, and the final head's time-stamp (section 26.2, 2 to 4)."""
        if self.policy is None:
            return
        delegations = [
            (seq, at, value)
            for seq, at, evidence in getattr(replay, "delegations", ())
            if (value := replay.record.disclosure(evidence, "delegation")) is not None
        ]
        pinned, stampers = self.policy.list_signers, self.policy.stampers
        trust = self._trust_list(pinned) if pinned and (delegations or stampers) else None
        self.trust, self.trust_asked = trust, bool(pinned and (delegations or stampers))
        judge = Judge(trust, self.evidence, self.listed_certificates) if trust is not None else None
        if delegations and not pinned:
            self.leave_open("CertificatesUnjudged", "the policy does not say whose certificates count")
        if judge is not None:
            for seq, at, value in delegations:
                self._delegation(judge, seq, at, value)
            if delegations:
                self.checked.append("certificates")
        if stampers is not None:
            self._time_stamp(judge, stampers)

    def _delegation(self, judge: Judge, seq: int, at: int, value: dict) -> None:
        """One delegation's certificate at the moment of the first quorum head that covers its entry."""
        if self.policy.cosigners and self.policy.quorum != "none":
            place = bisect.bisect_right(self.quorum_sizes, seq)
            if place == len(self.quorum_sizes):
                self.leave_open("HeadNotCovered", f"no quorum head covers entry {seq}", seq)
                return
            at = self.moments[self.quorum_sizes[place]]
        signed = value["signed"] if value["type"] == "certificate" else value["signed"]["binding"]
        raws = [from_base64(one, "a certificate") for one in (signed["certificate"], *signed["others"])]
        outcome, code, _ = judge.verdict(raws[0], raws[1:], at, "sign")
        seen = f"the certificate behind the delegation at {at} ms"
        if outcome == "invalid":
            raise Invalid(code, seen, seq)
        if outcome == "undecided":
            self.leave_open(code, seen, seq)

    def _time_stamp(self, judge: Judge | None, stampers: list[str]) -> None:
        """The final head's token, by an authority that the policy names."""
        name = f"checkpoints/{self.list['size']}"
        if "time-stamp" not in self.archive.members:
            self.leave_open("StampMissing", "the final head has no time-stamp")
            return
        if name not in self.archive.members:
            return
        raw = self.archive.read("time-stamp", STAMP_BYTES_MAX)
        try:
            stamp = TimeStamp(raw)
            signer = stamp.certificate()
            holds = stamp.stamps(self.archive.read(name, NOTE_BYTES_MAX)) and stamp.holds(signer)
        except (ValueError, IndexError) as error:
            raise Invalid("StampFalse", f"the time-stamp cannot be read: {str(error)[:80]}") from None
        if not holds:
            raise Invalid(
                "StampFalse", "the time-stamp is not of the final head, or its signature does not hold"
            )
        if judge is None:
            self.leave_open("StampUndecided", "no trust list by which the time-stamp's certificate is judged")
            return
        outcome, code, _ = judge.verdict(signer.raw, stamp.certificates, stamp.at, "time-stamp", stampers)
        if outcome == "invalid":
            raise Invalid("StampNotTrusted", f"the time-stamp's certificate: {code}")
        if outcome == "undecided":
            self.leave_open("StampUndecided", f"the time-stamp's certificate: {code}")
        else:
            self.checked.append("time_stamp")

    def attached(self) -> None:
        value = self.archive.value("attached.json")
        ATTACHED(value, "attached.json")
        order = [(one["kind"], one["name"]) for one in value]
        if order != sorted(set(order)):
            raise Invalid("Malformed", "attached.json stands in order of kind and name, each once")
        self.attachments = value
        self.checked.append("attached")

    def attached_fits(self, replay: "Replay") -> None:
        """Recordings and sealed bids that are attached are those of the record (section 26)."""
        if replay.version in ("1", "2", "3"):
            return
        segments = {
            f"{source}/{number}.mkv": held
            for (source, number), held in getattr(replay, "segments", {}).items()
        }
        bids = {"/".join(one) for one in getattr(replay, "bids_ever", ())}
        for one in self.attachments:
            fits = one["kind"] == "document"
            if one["kind"] == "recording":
                fits = segments.get(one["name"]) == (one["digest"], one["size"])
            elif one["kind"] == "bid":
                fits = one["name"] in bids
            if not fits:
                raise Invalid("ArchiveRefused", f"the {one['kind']} {one['name']!r} is none of the record")

    def report(self, replay: "Replay", outcome: str | None) -> None:
        """`report.json` tells of this session, head and outcome; it is there only if nothing is withheld."""
        names = [name for name in self.archive.members if name.startswith("report.")]
        if not names:
            return
        if "report.json" not in self.archive.members:
            raise Invalid("ReportFalse", "a report without report.json")
        raw = self.archive.read("report.json")
        if raw.count(b",") + raw.count(b"[") + raw.count(b"{") > MEMBER_VALUES_MAX:
            raise Undecided("TooLarge", "report.json holds more values than are read here")
        try:
            value = _DECODER.decode(raw.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise Invalid("ReportFalse", f"report.json is no JSON: {str(error)[:80]}") from None
        if not isinstance(value, dict):
            raise Invalid("ReportFalse", "report.json is no object")
        wanted = {
            "regime": replay.book["regime"],
            "rules_version": replay.version,
            "session": replay.session,
            "tree_head": {"root": self.heads[self.list["size"]].hex(), "size": self.list["size"]},
        }
        if replay.plan is not None and isinstance(replay.plan.get("title"), str):
            wanted["title"] = replay.plan["title"]
        if outcome is not None:
            wanted["outcome"] = outcome
        for field, one in wanted.items():
            if value.get(field) != one:
                raise Invalid("ReportFalse", f"report.json has another {field} than the record comes to")
        self.checked.append("report")

    def signed_report(self, replay: "Replay") -> None:
        """What was signed is what the record names (section 26.1, 7a), and what signatures say (7b)."""
        held = {name[7:]: one for name, one in self.archive.members.items() if name.startswith("signed/")}
        if not held:
            return
        if self.list["withheld"]:
            raise Invalid("ArchiveRefused", "what is signed names persons, and something is withheld")
        paper = getattr(replay, "paper", None)
        if not paper or paper["report"] != replay.report:
            raise Invalid("ReportFalse", "a signed report, and the report that stands was not prepared")
        document = held.pop("report.pdf", None)
        if document is None:
            raise Invalid("ReportFalse", f"signed/{min(held)} stands beside no report")
        if to_base64(document[2]) != replay.paper_at:
            raise Invalid("ReportFalse", "signed/report.pdf is not the file at which the document stands")
        self._begins_with_report(document[1])
        for name, (_, _, digest) in held.items():
            act = replay.paper_signed.get(name.removesuffix(".p7s"))
            if act is None or not act["beside"] or act["after"] != to_base64(digest):
                raise Invalid("ReportFalse", f"signed/{name} is not what a seat signed beside the report")
        self.checked.append("signed_report")
        self._signatures(replay, document[1], held)

    def _begins_with_report(self, size: int) -> None:
        bare = self.archive.members.get("report.pdf")
        if bare is None or bare[1] > size:
            raise Invalid("ReportFalse", "report.pdf is not there, or longer than the one that was signed")
        with self.archive.open("report.pdf") as front, self.archive.open("signed/report.pdf") as whole:
            while chunk := front.read(_CHUNK):
                if whole.read(len(chunk)) != chunk:
                    raise Invalid("ReportFalse", "report.pdf is not the beginning of signed/report.pdf")

    def _signatures(self, replay: "Replay", size: int, beside: dict) -> None:
        """Rule 7b: the prepared report and each signature, as far as bytes alone say."""
        if size > SIGNED_BYTES_MAX:
            self.leave_open("TooLarge", f"a signed report of {size} bytes")
            return
        acts = list(replay.paper_signed.values())
        ends = [replay.paper["prepared"], *(one["after"] for one in acts if not one["beside"])]
        bare, whole = self.archive.members["report.pdf"], self.archive.read("signed/report.pdf", SIGNED_BYTES_MAX)
        report = SignedReport(whole, bare[1], [from_base64(one, "a digest", 32) for one in ends])
        manifest = report.manifest()
        if manifest["report"] != {"bytes": bare[1], "digest": to_base64(bare[2])}:
            raise Invalid("ReportChanged", "the manifest is of another report")
        places = [{"role": one["role"], "seat": one["seat"]} for one in manifest["fields"]]
        if places != replay.paper["places"]:
            raise Invalid("ReportForeign", "the places of the manifest are not those of the record")
        report.annexes(manifest)
        persons = {one["seat"]: one for one in manifest["fields"]}
        shown, others, evidence = [], [], dict.fromkeys(self.evidence)
        number = 0
        for act in acts:
            try:
                if act["beside"]:
                    if f"{act['seat']}.p7s" not in beside:
                        continue
                    one = self._seal(act, persons[act["seat"]], whole[: report.places[0]])
                else:
                    raw, *span = report.signature(number)
                    number += 1
                    try:
                        cms = SignedData(raw, OID_SIGNED, OID_DATA)
                        signer = cms.certificate(named=True)
                        holds = cms.digest != "sm3" and cms.holds(signer, report.covered(cms.digest, *span))
                    except (ValueError, IndexError) as error:
                        raise Invalid("SignatureBroken", str(error)[:80]) from None
                    one = (cms, signer, holds)
                stamp = self._signature(replay, act, persons[act["seat"]]["person"], *one)
            except Invalid as stop:
                raise Invalid(stop.rule, f"the signature of {act['seat']}: {stop.seen}", act["seq"]) from None
            shown.append((act, *one[:2], stamp))
            evidence |= dict.fromkeys(one[0].lists)
        pieces, certificates = report.evidence()
        others = [*self.listed_certificates, *certificates]
        self._signers(shown, list(evidence | dict.fromkeys(pieces)), others)
        self.checked.append("paper_signatures")

    def _seal(self, act: dict, place: dict, prepared: bytes) -> tuple:
        """A signature beside the report (29.5): its signed data, its signer, whether it holds."""
        raw = self.archive.read(f"signed/{act['seat']}.p7s")
        try:
            if len(raw) > SEAL_BYTES_MAX:
                raise DerFalse("it is too long")
            cms = SignedData(raw, OID_GM_SIGNED, OID_GM_DATA)
            if (cms.version, cms.hashes, cms.digest, cms.algorithm, cms.signer[0]) != (
                1, ["1.2.156.10197.1.401"], "sm3", "sm2-sm3", 0x30,
            ):  # fmt: skip
                raise DerFalse("it is of another form than section 29.5's")
            signer = cms.certificate(named=False)
            says = decode_canonical(der_one(cms.attributes[OID_SEAL_SAYS], 4), "what is signed for")
            SEAL_SAYS(says, "what is signed for")
        except (ValueError, IndexError, KeyError, Invalid) as error:
            raise Invalid("SealUnreadable", str(error)[:80]) from None
        if says["field"] != f"{place['role']}-{place['seat'].replace('.', '_')}":
            raise Invalid("SignatureForeign", f"it is for the place {says['field'][:80]}")
        try:
            return cms, signer, cms.holds(signer, sm3(prepared))
        except (ValueError, IndexError) as error:
            raise Invalid("SignatureBroken", str(error)[:80]) from None

    @staticmethod
    def _signature(replay: "Replay", act: dict, person: str, cms: SignedData, signer: Certificate, holds: bool):
        """The signature, whose it is, and its time-stamp; certificates are judged afterwards."""
        if not holds:
            raise Invalid("SignatureBroken", "it does not fit the bytes or its key")
        value = replay.record.disclosure(act["certificate"], "certificate")
        if value is not None and from_base64(value["certificate"], "a certificate") != signer.raw:
            raise Invalid("SignerAnother", "another certificate signed than the record shows")
        try:
            name = signer.common_name()
        except (ValueError, IndexError):
            name = ""
        if person and name != person:
            raise Invalid("SignerAnother", f"the certificate is not {person}'s")
        if OID_STAMP_OF not in cms.unsigned:
            raise Invalid("StampMissing", "it has no time-stamp")
        try:
            stamp = TimeStamp(cms.unsigned[OID_STAMP_OF])
            authority = stamp.certificate()
            if stamp.stamps(cms.signature) and stamp.holds(authority):
                return stamp, authority
        except (ValueError, IndexError) as error:
            raise Invalid("StampBroken", str(error)[:80]) from None
        raise Invalid("StampBroken", "its time-stamp is of something else, or does not hold")

    def _signers(self, shown: list, evidence: list[bytes], others: list[bytes]) -> None:
        """Each certificate at its signature's time-stamp's time, and the time-stamp's own."""
        if not shown or self.policy is None:
            return
        pinned = self.policy.list_signers
        if not pinned:
            self.leave_open("CertificatesUnjudged", "the policy does not say whose certificates count")
            return
        trust = self.trust if self.trust_asked else self._trust_list(pinned)
        if trust is None:
            return
        judge = Judge(trust, evidence, others)
        for act, cms, signer, (stamp, authority) in shown:
            of = (
                ("Stamp", authority, stamp.certificates, "time-stamp", stamp.algorithm),
                ("Signer", signer, cms.certificates, "sign", cms.algorithm),
            )
            for who, certificate, more, purpose, algorithm in of:
                outcome, code, _ = judge.verdict(certificate.raw, more, stamp.at, purpose)
                if outcome == "valid" and algorithm not in judge.vouched["algorithms"]:
                    outcome, code = "invalid", "AlgorithmNotAllowed"
                if outcome == "invalid":
                    seen = f"the signature of {act['seat']}, {purpose}: {code}"
                    raise Invalid(f"{who}NotTrusted", seen, act["seq"])
                if outcome == "undecided":
                    seen = f"the signature of {act['seat']}, {purpose}: {code}"
                    self.leave_open(f"{who}Undecided", seen, act["seq"])

    def witnesses(self, replay: "Replay") -> None:
        """Each witness who signed has a list that holds under this head; nobody else has one."""
        given = {n[8:-5] for n in self.archive.members if n.startswith("witness/") and n.endswith(".json")}
        sheets = {n[8:-4] for n in self.archive.members if n.startswith("witness/") and n.endswith(".pdf")}
        if given != replay.record_signed or not sheets <= given:
            seat = min((given ^ replay.record_signed) | (sheets - given))
            raise Invalid("HandoverRefused", f"lists are not those of the witnesses who signed ({seat})")
        head = (self.list["size"], self.heads[self.list["size"]])
        for seat in sorted(given):
            raw = self.archive.read(f"witness/{seat}.json", HANDOVER_BYTES_MAX)
            try:
                found = verify_handover(raw, head)
            except Invalid as stop:
                raise Invalid("HandoverRefused", f"the list of {seat}: {stop.rule}: {stop.seen}") from None
            if found["seat"] != seat or found["session"] != replay.session:
                raise Invalid("HandoverRefused", f"the list of {seat} is of another seat or session")
            if found.get("answers", []) != getattr(replay, "answers_at", {}).get(seat, []):
                raise Invalid("HandoverRefused", f"the list of {seat} has other answers than the record")
        self.checked.append("witness_lists")


def verify_archive(path: str, policy: Policy | None, policy_raw: bytes, since: str | None, head) -> dict:
    """Everything that an archive says, in order; what was found, for the report."""
    archive = Archive(path)
    record = None
    check = ArchiveCheck(archive, policy, policy_raw)
    try:
        check.members()
        check.policy_same()
        record = Record(archive.open("record.jsonl"))
        check.hash_record(record)
        check.tiles()
        check.attached()
        check.checkpoints()
        replay = replay_record(record)
        _check_head(replay, None, policy_raw, None, head)
        replay.finish()
        check.keys(replay)
        check.attached_fits(replay)
        check.milestones(replay)
        check.certificates(replay)
        if policy is not None:
            policy_of_genesis(replay, policy_raw)
        provinces_of_genesis(replay)
        check.withheld(record)
        check.witnesses(replay)
        details = report_of(replay, check.covered or head is not None, check.covered)
        check.report(replay, details["outcome"])
        check.signed_report(replay)
        if since is not None:
            check.checked.append(_since(since, check, record))
        details["policy_in_archive_same"] = check.policy_is_same
        details["origin"] = check.origin
        details["withheld"] = check.list["withheld"]
        details["checked"] = [*check.checked, *details["checked"]]
        details["open"] += [{"rule": o.rule, "entry": o.entry, "seen": o.seen} for o in check.open_points]
        return details
    except Stop as stop:
        stop.checked = list(check.checked)
        raise
    finally:
        if record is not None:
            record.close()
        archive.close()


def _since(path: str, check: ArchiveCheck, record: Record) -> str:
    """An older archive or checkpoint of the same log is a prefix of this record (section 26.1, rule 9)."""
    with open(path, "rb") as file:
        whole = file.read(4) == b"PK\x03\x04"
    keys = [*check.policy.logs, *check.policy.cosigners.values()] if check.policy else []
    try:
        session, size, root, raw = _older(path, check) if whole else ("", 0, b"", _read(path, NOTE_BYTES_MAX))
        origin, signed = "", set()
        if raw is not None:
            text, signed = open_note(raw, [] if whole else keys)
            origin, said, head = parse_checkpoint(text)
            if not whole:
                session, size, root = origin.rpartition("/")[2], said, head
            elif (said, head) != (size, root):
                raise Invalid("HeadMismatch", "its final checkpoint is not the root over its entries")
    except Invalid as stop:
        seen = f"what is older does not hold by itself: {stop.rule}: {stop.seen}"
        raise Undecided("SinceRefused", seen) from None
    if session != record.session or (origin and check.origin and origin != check.origin):
        raise Undecided("SinceForeign", f"what is older is of another log: {origin or session}")
    tree = Tree()
    for place in range(0, 32 * min(size, record.entries), 32):
        tree.append(bytes(check.leaves[place : place + 32]))
    if size <= record.entries and tree.root() == root:
        return "since"
    logs = check.policy.logs if check.policy else []
    if not whole and not any(log.name == origin and (log.name, log.id) in signed for log in logs):
        raise Undecided("SinceRefused", "no log of the policy signed the older checkpoint")
    if size > record.entries:
        raise Invalid("RolledBack", f"what is older has {size} entries, the archive {record.entries}")
    rule = "RolledBack" if whole else "HeadMismatch"
    raise Invalid(rule, f"the {size} entries that were known are not the first of this record")


def _older(path: str, check: ArchiveCheck) -> tuple[str, int, bytes, bytes | None]:
    """Session, size and root of an older archive, and its final checkpoint where it has one."""
    old = Archive(path)
    try:
        other = ArchiveCheck(old, check.policy, check.policy_raw)
        other.members()
        other.hash_record(Record(old.open("record.jsonl"), index=False))
        size = other.list["size"]
        name = f"checkpoints/{size}"
        raw = old.read(name, NOTE_BYTES_MAX) if name in old.members else None
        return other.list["session"], size, other.heads[size], raw
    finally:
        old.close()


# ----------------------------------------------------------------------------------------------------------
# The rules by which a finding is named. A code never changes its meaning. Those of a refusal (refusals.py) name
# the rule of the protocol that an accepted entry breaks; the others are a verifier's own.

RULES: dict[str, tuple[str, str, str]] = {
    # code: (kind, Chinese, English); kind `own` is the verifier's, `act` a refusal's, `open` leads to exit 2
    # The file and its frame
    "ArchiveRefused": ("own", "归档文件的结构、清单或成员不符合规范", "the archive's frame, list or members are not section 26's"),
    "ReportFalse": ("own", "评标报告与记录不符", "the report differs from the record"),
    "Malformed": ("act", "格式不符合规范", "something has another form than the specification's"),
    "TooLarge": ("act", "超过规定的上限", "a bound is crossed"),
    # Heads, notes, policies
    "PolicyFalse": ("own", "信任策略无效", "the policy is not valid"),
    "NoteFalse": ("own", "检查点签名或格式无效", "a checkpoint's signature or form does not hold"),
    "LogUnsigned": ("own", "日志未签署检查点", "the policy's log has not signed the checkpoint"),
    "QuorumUnmet": ("own", "联署不足法定组合", "the cosignatures do not make up the quorum"),
    "HeadMismatch": ("own", "记录头不一致", "the head is another"),
    "RolledBack": ("own", "记录被截短", "the record is shorter than one known before"),
    "ProvinceForged": ("own", "会话启动所载的省级签名无效", "a province's signature in genesis does not hold"),
    "ProofFalse": ("own", "证明不成立", "a proof does not hold"),
    "ReceiptFalse": ("own", "存证回执不成立", "the receipt does not hold"),
    "HandoverRefused": ("act", "移交清单不成立", "the hand-over list does not hold"),
    # Entries
    "BadSeq": ("own", "条目序号不正确", "an entry's number is not the next"),
    "OutOfOrder": ("act", "次序或序号不正确", "an order or a number is false"),
    "WrongSession": ("act", "属于另一场评标", "it is of another session"),
    "ClockBackwards": ("own", "时间倒退", "the coordinator's clock falls"),
    "ClockTooFar": ("act", "时钟相差过大", "a clock is too far off"),
    "CommandReused": ("act", "操作编号重复使用", "a command's id is used twice"),
    "DueFalse": ("own", "系统操作的编号不是由其缘由得出", "the installation's command id is not that of its cause"),
    "SeenUnknown": ("act", "所依据的记录头与本记录不符", "the head that the author saw is not this record's"),
    "BadSignature": ("act", "操作者签名无效", "the author's signature does not verify"),
    "EventsFalse": ("own", "事件与规则推演结果不一致", "the events are not those that the rules give"),
    "DisclosureMismatch": ("act", "披露内容与摘要不符", "a disclosure does not open its digest"),
    "DisclosureForeign": ("own", "披露内容不属于本记录", "a disclosure opens nothing that the record names"),
    # Who and when
    "UnknownCommand": ("act", "规则中没有该操作", "the rules have no such act"),
    "NotYetAvailable": ("act", "本规则版本尚无该操作", "the rules version does not have the act yet"),
    "UnknownAuthor": ("act", "签名密钥不属于本场", "no seat or node has the signing key"),
    "NotAllowed": ("act", "角色无权办理", "the role may not do this"),
    "WrongPhase": ("act", "阶段不符", "the phase is another"),
    "WrongRound": ("act", "轮次不符", "the round is another"),
    "UnknownStage": ("act", "没有该标段或信封", "there is no such stage"),
    "MilestoneAwaited": ("act", "里程碑尚未达成", "a milestone is awaited"),
    "GuardUnmet": ("act", "进入下一步的条件未满足", "a condition of the step is not met"),
    "SessionSealed": ("act", "评标已中断或终止,全部封存", "the session stands still and is sealed"),
    "AlreadyDone": ("act", "该步骤已完成", "the step was done before"),
    "UnknownSeat": ("act", "没有该席位", "there is no such seat"),
    "UnknownVenue": ("act", "没有该会场", "there is no such venue"),
    "WrongVenue": ("act", "席位不在该会场", "the seat is at another venue"),
    "DuplicateId": ("act", "编号重复", "an id stands twice"),
    "KeyTaken": ("act", "密钥已被使用", "the key is taken"),
    "BadAttestation": ("act", "身份核验凭证无效", "the attestation does not verify"),
    "SeatReserve": ("act", "席位为候补", "the seat is a reserve"),
    "SeatLeft": ("act", "席位的成员已回避或被更换", "the seat's member has left"),
    "SeatUsed": ("act", "席位属于以前的成员", "the seat was somebody else's before"),
    "MemberAgain": ("act", "已作废委员会的成员再次参加", "a member of a void committee sits again"),
    "AlreadyCheckedIn": ("act", "席位已签到", "the seat has checked in"),
    "NotCheckedIn": ("act", "席位尚未签到", "the seat has not checked in"),
    "IdentityAwaited": ("act", "身份尚未核验", "the identity is not confirmed"),
    "CommitteeTooSmall": ("act", "评标委员会人数不足", "the committee is too small"),
    "CommitteeEven": ("act", "评标委员会人数应为单数", "the committee's number is even"),
    "CommitteeRatio": ("act", "专家比例不足", "too few experts"),
    # Draw
    "DrawUnknown": ("act", "没有该抽取", "there is no such draw"),
    "PartyUnknown": ("act", "不是登记的参与方", "it is no party of the draw"),
    "PartiesMissing": ("act", "抽取缺少参与方", "a party of the draw is missing"),
    "SharesAwaited": ("act", "尚有参与方未提交随机数", "shares are awaited"),
    "ShareMismatch": ("act", "揭示的随机数与承诺不符", "a share is not the one committed to"),
    "PoolMismatch": ("act", "专家名册与冻结的不一致", "the roll is not the one frozen"),
    "PoolTooSmall": ("act", "专家库人数不足", "the pool is too small"),
    "PoolExhausted": ("act", "已无可补抽的专家", "nobody is left to be drawn"),
    "VenuesTooFew": ("act", "候选副场不足", "too few sub-venues to draw from"),
    "DrawMismatch": ("act", "所示人员不是抽取结果", "who is shown is not who was drawn"),
    "NotDrawn": ("act", "专家须随机抽取,不能指定", "an expert is named and not drawn"),
    "ScoresShown": ("act", "评分已开启,不能更换成员", "scores are open; nobody is replaced"),
    "ChairNotAllowed": ("act", "该成员不得担任组长", "the member may not chair"),
    "ChairElected": ("act", "组长应由委员会推选", "the committee elects its chair"),
    "ChairUnplanned": ("act", "组长产生方式与评标办法不符", "the chair is chosen in another way than planned"),
    "BallotClosed": ("act", "没有进行中的组长推选", "no election of a chair is going on"),
    "BallotSecret": ("act", "应以秘密方式表决", "votes are secret"),
    "VoteMismatch": ("act", "开启的选票与承诺不符", "a vote is not the one sealed"),
    # Opening, scores, tally
    "UnknownBidder": ("act", "没有该投标人", "there is no such bidder"),
    "TooFewBids": ("act", "投标数量不足,不得开标", "too few bids to open"),
    "PriceInvalid": ("act", "报价不是有效金额", "a price is no amount"),
    "NotACandidate": ("act", "抽取值不在备选值之中", "the rate is no candidate"),
    "AlreadyReadOut": ("act", "已唱标", "the bid was read out before"),
    "AlreadySealed": ("act", "评分已封存", "the seat has sealed"),
    "NotSealed": ("act", "没有封存的评分", "nothing is sealed"),
    "OpeningMismatch": ("act", "评分与封存的承诺不符", "the opening is not what was sealed"),
    "SheetInvalid": ("act", "评分表无效", "a sheet is not valid"),
    "TallyMismatch": ("act", "汇总结果与评标方案推算不一致", "the tally is not what the plan comes to"),
    "TallyImpossible": ("act", "无法汇总", "the scores cannot be aggregated"),
    "PlanInvalid": ("act", "评标方案有误", "the plan is not valid"),
    "PlanMismatch": ("act", "会话参数与评标方案不一致", "the session differs from the plan"),
    "TallyForm": ("open", "汇总的其余写法未能核对", "the rest of a tally is told in a way that is not known here"),
    "TextLength": ("act", "文字长度不符", "a text has another length"),
    # Review
    "UnknownReviewItem": ("act", "没有该评审项目", "there is no such item"),
    "NotYourItem": ("act", "该项目不由本席位评审", "the item is not this seat's"),
    "BidRejected": ("act", "该投标已被否决", "the bid is rejected"),
    "NoBlindPart": ("act", "没有暗标或检查结果不符", "there is no blind part, or result and findings disagree"),
    "UnknownClarification": ("act", "没有该澄清", "there is no such clarification"),
    "AlreadyAnswered": ("act", "已经答复", "it was answered before"),
    "ClarificationOver": ("act", "澄清已结束", "the clarification is over"),
    "StillOpen": ("act", "澄清还不能这样结束", "the clarification cannot be closed so yet"),
    "ClarificationsFull": ("act", "澄清数量已达上限", "too many clarifications"),
    "CorrectionMismatch": ("act", "算术修正与重算不一致", "the correction is not what the schedule comes to"),
    "CorrectionFirst": ("act", "须先请投标人确认修正", "the correction must be put to the bidder first"),
    "UnknownGround": ("act", "不是法定的否决理由", "it is no ground for a rejection"),
    "ExplanationFirst": ("act", "须先要求投标人说明", "the bidder must be asked to explain first"),
    "AlreadyProposed": ("act", "该事项已提出过", "it was put forward before"),
    "EnoughLeft": ("act", "有效投标并未不足", "enough bids are left"),
    "UnknownVote": ("act", "没有该表决", "there is no such vote"),
    "VoteOver": ("act", "表决已结束", "the vote is over"),
    "AlreadyVoted": ("act", "席位已表决", "the seat has voted"),
    "VotesMissing": ("act", "尚有可能改变结果的票", "votes are missing"),
    "TooFewValid": ("act", "有效投标不足", "too few bids are left"),
    "ShareUnfit": ("act", "份额不在 0 至 100 之间", "a share is not from 0 to 100"),
    "ShareRange": ("act", "份额不在 0 至 100 之间", "a share is not from 0 to 100"),
    "PriceZero": ("act", "评标价不大于零", "an evaluated price is not above 0"),
    "DrawNotCandidate": ("act", "抽中的投标不是价格被开启的投标", "the drawn bid's price is not looked at"),
    "NotTied": ("act", "不是并列的投标人", "the bids are not equal"),
    # Witnessing
    "AlreadySigned": ("act", "席位已签署", "the seat has signed"),
    "RecordMismatch": ("act", "签署内容与记录不符", "what is signed is not the record's"),
    "RecordSigned": ("act", "见证记录已签署", "the witness's record is signed"),
    "ObservationsFull": ("act", "见证记录已达上限", "too many observations"),
    "UnknownItem": ("act", "没有该见证事项", "there is no such item of observation"),
    "UnknownSubject": ("act", "没有该对象", "there is no such subject"),
    "UnknownEntry": ("act", "所引用的条目不存在", "the entry that is referred to does not exist"),
    "RemarkTooLong": ("act", "备注长度不符", "a remark has another length"),
    # Turns
    "SuspendedTooLong": ("act", "中断超过限度", "the suspension lasted too long"),
    "GroundUnknown": ("act", "不是允许的复核理由", "it is no ground for a recheck"),
    "OwnSheetOnly": ("act", "只能更正本人的评分", "only one's own sheet is corrected"),
    "GroundUnfit": ("act", "复核理由不成立", "the ground does not hold"),
    "CorrectionInvalid": ("act", "更正内容有误", "the correction is not valid"),
    "TooEarly": ("act", "时限未到", "it is too early"),
    "WrongEnvelope": ("act", "信封不适用该操作", "the act is not for this envelope"),
    "NotPassing": ("act", "开启的不是通过上一信封的投标人", "others than those who pass are opened"),
    "PassingMismatch": ("act", "进入下一信封者与汇总不一致", "those who go on are not the tally's"),
    "DrawClosed": ("act", "已开始揭示", "the reveal has begun"),
    "RevealMismatch": ("act", "揭示的随机数与承诺不符", "a reveal is not what was committed to"),
    "UnknownObjection": ("act", "没有该异议", "there is no such objection"),
    "ReportIncomplete": ("act", "评标报告缺少法定内容", "the report lacks a section"),
    # Version 4: heads under a quorum
    "PolicyForeign": ("act", "信任策略与开评前约定的不符", "the trust policy is not the one agreed before"),
    "CosignerUnknown": ("act", "所列联署或待补签与信任策略不符", "who cosigned or owes is not the policy's"),
    # Version 4: keys with a voice, certificates
    "VoiceAwaited": ("act", "席位密钥尚未授权", "the key is not delegated; a code makes no score, vote or signature"),
    "DelegationEnded": ("act", "席位委托已到期", "the key's delegation is over"),
    "DelegationTooLong": ("act", "席位委托期限不符", "a delegation lasts too long or not at all"),
    "OfficerUnproved": ("act", "确认人自身未经授权", "the officer's own key is not proved"),
    "StatementMismatch": ("act", "所签声明与要求不符", "a statement is of something else"),
    "StatementForged": ("act", "声明不是该证书签署", "a statement is not signed by its certificate"),
    "AssertionMismatch": ("act", "通行密钥签署的内容不符", "a passkey signed something else"),
    "AssertionForged": ("act", "通行密钥签名无效", "a passkey's signature does not hold"),
    "CertificateUnreadable": ("act", "证书无法读取", "a certificate cannot be read"),
    "CertificateRevoked": ("act", "证书已被吊销", "the certificate is revoked"),
    "CaUnknown": ("act", "签发机构不在信任列表中", "the certificate's authority is not in the trust list"),
    "CaNotInForce": ("act", "签发机构当时不在互认期内", "the authority was not recognised then"),
    "AlgorithmNotAllowed": ("act", "算法或密钥不被认可", "an algorithm or key is not allowed"),
    "CertificateForged": ("act", "证书签名不成立", "a certificate is not signed by its issuer"),
    "NotACa": ("act", "签发者不是认证机构", "an issuer is no authority"),
    "IsACa": ("act", "认证机构证书不能用于此", "an authority's own certificate was used"),
    "ChainTooLong": ("act", "证书链过长", "the certificate's way is too long"),
    "CertificateNotYet": ("act", "证书尚未生效", "the certificate was not valid yet"),
    "CertificateExpired": ("act", "证书已过期", "the certificate had expired"),
    "ExtensionUnknown": ("act", "证书含不认识的关键扩展", "a critical extension is not known"),
    "NameNotAllowed": ("act", "证书名称超出签发范围", "the certificate's name is not its authority's to certify"),
    "WrongPurpose": ("act", "证书不适用于此用途", "the certificate is for another purpose"),
    "MilestoneFalse": ("own", "里程碑的联署与检查点不符", "a milestone's cosignatures are not those under its head"),
    "MilestoneUnproved": ("open", "里程碑的检查点未提供", "the head of a milestone or settlement is not there"),
    "TrustListMissing": ("open", "没有信任列表", "there is no trust list"),
    "StampMissing": ("open", "没有时间戳", "a time-stamp is missing"),
    "StampUndecided": ("open", "时间戳证书无法判定", "the time-stamp's certificate cannot be judged"),
    "StampNotTrusted": ("own", "时间戳机构不被认可", "the time-stamp's authority is not one that counts"),
    "StampFalse": ("own", "时间戳不成立", "the time-stamp does not hold"),
    "RevocationUnknown": ("open", "没有吊销状态的证据", "there is no evidence on revocation"),
    "EvidenceUnreadable": ("open", "吊销证据无法读取", "evidence on revocation cannot be read"),
    "EvidenceForeign": ("open", "吊销证据与证书无关", "evidence on revocation is about others"),
    "EvidenceForged": ("open", "吊销证据签名不成立", "evidence on revocation is not signed by its author"),
    "EvidencePartial": ("open", "吊销证据不完整", "evidence on revocation is partial"),
    "EvidenceStale": ("open", "吊销证据不适用于该时刻", "evidence on revocation does not cover the moment"),
    "EvidenceWeak": ("open", "吊销证据算法不被认可", "evidence on revocation uses an algorithm that is not allowed"),
    "TrustListMalformed": ("open", "信任列表无法读取", "the trust list cannot be read"),
    "TrustListUnsigned": ("open", "信任列表签名不足", "too few have signed the trust list"),
    "TrustListForeign": ("open", "信任列表不是所认可的", "the trust list is another than the one trusted"),
    "TrustListStale": ("open", "信任列表已过期", "the trust list had run out"),
    # Version 4: the opening ceremony and escrow
    "CustodiansTooFew": ("act", "密钥托管方不足", "too few custodians"),
    "NotCustodian": ("act", "不是本次开标的密钥托管方", "it is no custodian of this opening"),
    "ChallengeStale": ("act", "应答不是针对本次点名", "an answer is to another roll-call"),
    "KeyRefused": ("act", "密钥不可用", "a key cannot be used"),
    "GroupRefused": ("act", "密钥托管组不成立", "a group of custodians is not valid"),
    "UnknownBid": ("act", "没有该标书", "there is no such bid"),
    "AlreadyReleased": ("act", "已解密,不可重复", "it was released before"),
    "WindowOver": ("act", "解密时间已过", "the time to unlock is over"),
    "WindowOpen": ("act", "解密时间未到", "the time to unlock is not over"),
    "NothingReleased": ("act", "没有任何标书解密", "no bid was unlocked"),
    "OtherBids": ("act", "所列标书与记录不一致", "other bids are named than the record's"),
    "ReleaseForeign": ("act", "解密信息不属于本次开标", "a release is of another opening"),
    "ReleaseForged": ("act", "解密信息不是标书证书签署", "a release is not signed by the bid's key"),
    "NoOpeningKey": ("act", "会场没有本次开标的密钥", "the venue has no key of this opening"),
    "DigestsUnequal": ("act", "各会场解密结果不一致", "venues found otherwise"),
    "NotOpened": ("act", "公布者与解密结果不一致", "others are published than were opened"),
    "BidNotFailed": ("act", "标书并无解密失败", "the bid has not failed"),
    "EscrowAwaited": ("act", "评分尚未由足够的托管方保管", "too few custodians hold a seat's scores"),
    # Version 4: the signed report, recordings
    "PaperOther": ("act", "不是会话记录所载的备签报告", "it is another report than the one prepared"),
    "PaperBegun": ("act", "报告已有人签署", "somebody has signed the report"),
    "PaperIncomplete": ("act", "签署处与委员会不符", "the places do not fit the committee"),
    "PaperMoved": ("act", "签署期间已有他人签署", "the file has moved on"),
    "ReportNotPrepared": ("own", "报告未经备签", "the report was not prepared"),
    "ReportChanged": ("own", "备签的不是此报告", "another report was prepared"),
    "ReportForeign": ("own", "签署的不是会话记录所载的备签报告", "it is another prepared report than the record's"),
    "AnnexMissing": ("own", "附件缺失", "an annex is missing"),
    "AnnexAdded": ("own", "多出附件", "an annex was added"),
    "AnnexSwapped": ("own", "附件被替换", "an annex was swapped"),
    "SignatureMissing": ("own", "签名缺失", "a signature is missing"),
    "SignatureBroken": ("own", "签名无效", "a signature does not fit the bytes or its key"),
    "SignatureForeign": ("own", "签名不属于该签署处", "a signature is in another place"),
    "SignerAnother": ("own", "签署人不是该签署处的人", "another certificate signed than the place's"),
    "SignerNotTrusted": ("own", "签署人证书不被认可", "a signer's certificate does not count"),
    "SignerUndecided": ("open", "签署人证书无法判定", "a signer's certificate cannot be decided"),
    "SealUnreadable": ("own", "随附签名无法读取", "a signature beside the report cannot be read"),
    "StampBroken": ("own", "签名的时间戳无效", "a signature's time-stamp does not hold"),
    "OwnRecord": ("act", "本会场的见证记录不由本会场互认", "a venue accepts no record of its own"),
    "RecordUnsigned": ("act", "该见证记录尚未签署", "the witness's record is not signed"),
    "RecordUnseen": ("act", "互认所依据的记录头未覆盖该签署", "the head that was seen does not cover the signature"),
    "UnknownReason": ("act", "理由代码不在规定之列", "there is no such reason"),
    "RemarkNeeded": ("act", "选择其他理由时须附说明", "the reason needs a remark"),
    "NoStanding": ("act", "该监督人员无权向此对象提出", "the supervisor has no standing there"),
    "InterventionUnfit": ("act", "监督介入或答复的内容不合规定", "an intervention or its answer does not fit"),
    "InterventionsFull": ("act", "监督介入已达上限", "too many interventions"),
    "UnknownIntervention": ("act", "没有该项监督介入", "there is no such intervention"),
    "NotAddressed": ("act", "该项监督介入不由此席位答复", "the intervention is not put to this seat"),
    "NoPlace": ("act", "备签报告没有该席位的签署处", "the report has no place for the seat"),
    "SourceElsewhere": ("act", "音视频来源不属于该会场", "the source is another venue's"),
    "SegmentOutOfOrder": ("act", "录像分段不是下一段", "a segment is not the next"),
    "SegmentOverlaps": ("act", "录像分段与上一段重叠", "a segment overlaps the one before"),
    "GapUntold": ("act", "录像缺失未如实申报", "what a recording lacks is not told as it is"),
    "RollCallUnfit": ("act", "点名画面与登记不符", "a roll-call picture is not the one that was recorded"),
    "RollCallIncomplete": ("act", "点名画面所列席位与本场席位不符", "a roll-call does not list exactly who is called"),
    "RollCallsFull": ("act", "点名画面已达上限", "too many roll-call pictures"),
    # What stays open
    "DisclosureMissing": ("open", "所需披露内容未提供", "a disclosure that is needed is withheld"),
    "PolicyMissing": ("open", "没有给出信任策略,或证书不具备所需策略", "no trust policy was given, or a certificate lacks a policy"),
    "HeadNotCovered": ("open", "检查点未覆盖全部条目", "the checkpoint does not cover all entries"),
    "SinceRefused": ("open", "用于比对的旧档本身不成立", "what is older does not hold by itself"),
    "SinceForeign": ("open", "用于比对的旧档属于另一日志", "what is older is of another log"),
    "CertificatesUnjudged": ("open", "数字证书未作判断", "the policy does not say whose certificates count"),
    "UnknownRules": ("open", "不认识的规则版本", "the rules version is not known here"),
    "UnknownRecord": ("open", "不认识的文件格式版本", "the file's form is not known here"),
    "RulesInPart": ("open", "部分规则未能推演", "a rule is replayed in part"),
    "FormUnknown": ("open", "规范未给出该格式", "the specification does not give this form"),
    "MemoryFull": ("open", "内存不足", "memory does not suffice"),
    "Unreadable": ("open", "文件无法读取", "the file cannot be read"),
    "Faulted": ("open", "核验程序出错", "the verifier itself failed"),
}  # fmt: skip


def rule_texts(rule: str) -> tuple[str, str]:
    """A rule's text in Chinese and English; what evaluation leaves open ends in `Form`."""
    if rule in RULES:
        return RULES[rule][1:]
    return "规范未给出所需的写法", "the specification does not give the form that is needed"


# ----------------------------------------------------------------------------------------------------------
# The command


def _outcome(code: int, what: str, details: dict, stop: Stop | None) -> dict:
    """The result: verdict, rule, entry, texts, what was checked and what stays undecided."""
    verdict = {0: "valid", 1: "invalid", 2: "undecided"}[code]
    result = {
        "exit": code,
        "verdict": verdict,
        "what": what,
        "rule": None,
        "entry": None,
        "seen": "",
        **details,
    }
    undecided = []
    for one in result.pop("open", []):
        zh, en = rule_texts(one["rule"])
        undecided.append({**one, "text_zh": zh, "text_en": en})
    if stop is not None:
        result |= {"rule": stop.rule, "entry": stop.entry, "seen": stop.seen}
        result.setdefault("checked", getattr(stop, "checked", []))
        if code == 2 and not undecided:
            zh, en = rule_texts(stop.rule)
            one = {"rule": stop.rule, "entry": stop.entry, "seen": stop.seen, "text_zh": zh, "text_en": en}
            undecided.append(one)
    result["undecided"] = undecided
    result["text_zh"], result["text_en"] = _texts(result)
    if result["entry"] is None:
        result["entry"] = -1
    for one in undecided:
        one["entry"] = -1 if one["entry"] is None else one["entry"]
    return result


def _texts(result: dict) -> tuple[str, str]:
    """The verdict as a Chinese and an English sentence."""
    where_zh = where_en = ""
    if result["entry"] is not None:
        where_zh, where_en = f",第 {result['entry']} 条", f", entry {result['entry']}"
    if result["exit"] == 0:
        known = result.get("head_known") or result.get("quorum")
        heads, heads_en = "(未与外部记录头比对)", " (its head was not compared with one known from elsewhere)"
        zh = f"有效:{WHAT_ZH[result['what']]}核验通过{'' if known else heads}。"
        return zh, f"Valid: the {result['what']} holds{'' if known else heads_en}."
    zh, en = rule_texts(result["rule"])
    head_zh, head_en = {1: ("无效", "Invalid"), 2: ("无法判定", "Cannot decide")}[result["exit"]]
    return (
        f"{head_zh}:{zh}(规则 {result['rule']}{where_zh})。",
        f"{head_en}: {en} (rule {result['rule']}{where_en}): {result['seen']}.",
    )


WHAT_ZH = {"archive": "归档文件", "record": "记录", "handover": "移交清单", "receipt": "存证回执"}


def _say(result: dict, as_json: bool) -> None:
    """One line of JSON, or a Chinese and an English sentence."""
    if as_json:
        print(json.dumps(result, ensure_ascii=False, sort_keys=True))
        return
    print(result["text_zh"])
    print(result["text_en"])


def _read(path: str, longest: int) -> bytes:
    with open(path, "rb") as file:
        raw = file.read(longest + 1)
    if len(raw) > longest:
        raise Invalid("TooLarge", f"{os.path.basename(path)} is larger than {longest} bytes")
    return raw


def _head(text: str) -> tuple[int, bytes]:
    """SIZE:ROOT, the root in hexadecimal or base64."""
    size, _, root = text.partition(":")
    if not re.fullmatch(r"0|[1-9][0-9]{0,15}", size):
        raise argparse.ArgumentTypeError("SIZE:ROOT")
    if re.fullmatch(r"[0-9a-f]{64}", root):
        return int(size), bytes.fromhex(root)
    try:
        return int(size), from_base64(root, "root", 32)
    except Invalid:
        raise argparse.ArgumentTypeError("SIZE:ROOT, the root as 64 hex digits or base64") from None


def run(arguments: argparse.Namespace) -> dict:
    """The verdict on what the arguments name."""
    what = "handover" if arguments.handover else "receipt" if arguments.receipt else "record"
    try:
        if what == "record":
            with open(arguments.record, "rb") as file:
                what = "record" if file.read(1) == b"{" else "archive"
        policy_raw = _read(arguments.policy, TRUST_POLICY_BYTES_MAX) if arguments.policy else b""
        policy = Policy(policy_raw) if arguments.policy else None
        note = _read(arguments.checkpoint, NOTE_BYTES_MAX) if arguments.checkpoint else None
        if arguments.handover:
            details = verify_handover(_read(arguments.handover, HANDOVER_BYTES_MAX), arguments.head)
        elif arguments.receipt:
            if policy is None:
                raise Undecided("PolicyMissing", "a receipt is judged under a policy")
            found = verify_receipt(_read(arguments.receipt, RECEIPT_BYTES_MAX), policy)
            details = {"origin": found[0], "size": found[1], "index": found[2], "quorum": True}
        elif what == "archive":
            details = verify_archive(arguments.record, policy, policy_raw, arguments.since, arguments.head)
        else:
            if (policy is None) != (note is None):
                raise Undecided("PolicyMissing", "a policy and a checkpoint are judged together")
            details = verify_record(arguments.record, policy, policy_raw, note, arguments.head)
    except Stop as stop:
        return _outcome(1 if isinstance(stop, Invalid) else 2, what, {}, stop)
    except OSError as error:
        return _outcome(2, what, {}, Undecided("Unreadable", str(error)[:200]))
    except MemoryError:
        return _outcome(2, what, {}, Undecided("MemoryFull", "memory does not suffice"))
    except Exception as error:  # whatever the bytes are, the answer is a verdict, never a trace
        return _outcome(2, what, {}, Undecided("Faulted", f"{type(error).__name__}: {str(error)[:200]}"))
    if details.get("open"):
        first = details["open"][0]
        return _outcome(2, what, details, Undecided(first["rule"], first["seen"], first["entry"]))
    return _outcome(0, what, details, None)


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verifies a session's record (SPEC.md), standing alone.")
    parser.add_argument("record", nargs="?", metavar="ARCHIVE", help="an archive, or a record's file")
    parser.add_argument("--since", metavar="OLD", help="an older archive or checkpoint of the same log")
    parser.add_argument("--handover", metavar="LIST")
    parser.add_argument("--receipt", metavar="FILE")
    parser.add_argument("--policy")
    parser.add_argument("--checkpoint", metavar="NOTE")
    parser.add_argument("--head", type=_head, metavar="SIZE:ROOT")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(words)
    if sum(map(bool, (arguments.record, arguments.handover, arguments.receipt))) != 1:
        parser.error("name one of ARCHIVE, --handover LIST, --receipt FILE")
    result = run(arguments)
    try:
        _say(result, arguments.json)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has gone; the verdict is the exit code all the same
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return result["exit"]


if __name__ == "__main__":
    sys.exit(main())
