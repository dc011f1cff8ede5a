"""One demonstration authority in its folder: root, issuing CA, answerer, and the book of what it did.

Owns issuing, revoking, revocation lists and answers of one authority, and its files. The root signs the
issuing CA and nothing else; people's certificates are the issuing CA's; answers are given by a third key.
Private keys lie unencrypted in files readable by their owner alone: for demonstrations and tests.
"""

from pathlib import Path
from typing import Final

import msgspec
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec import Struct

from ops import files, senses
from ops.ca import keys, making
from ops.ca.keys import Key, Kind
from ops.ca.making import Draft, Status, Withdrawn
from ops.trouble import Trouble
from protocol.refusals import Refusal
from protocol.seal.trust import certificate
from protocol.seal.trust.certificate import Certificate

DAY_MS: Final = 86_400_000
HOUR_MS: Final = 3_600_000
ROOT_DAYS: Final = 7_300
ISSUING_DAYS: Final = 3_650
PERSON_DAYS: Final = 365
ANSWERER_DAYS: Final = 30
"""An answerer is not checked for revocation, so its certificate is short."""
BACKDATED_MS: Final = HOUR_MS
"""Certificates and lists begin this much earlier, for machines whose clock is behind."""
CRL_MS: Final = 7 * DAY_MS
ANSWER_MS: Final = 12 * HOUR_MS

POLICY: Final = "1.3.6.1.4.1.55555.1.1"
"""The policy under which these authorities certify people: a number of nobody's, for demonstrations."""

USES: Final = ("sign", "encrypt")
"""A person gets two certificates, one to sign and one to be encrypted to (双证书, GM/T 0015)."""
_USAGES: Final = {
    "sign": ("digital_signature", "content_commitment"),
    "encrypt": ("key_encipherment", "data_encipherment", "key_agreement"),
}
REASONS: Final = {
    "unspecified": x509.ReasonFlags.unspecified,
    "key-compromise": x509.ReasonFlags.key_compromise,
    "affiliation-changed": x509.ReasonFlags.affiliation_changed,
    "superseded": x509.ReasonFlags.superseded,
    "cessation": x509.ReasonFlags.cessation_of_operation,
}


class Issued(Struct, frozen=True, forbid_unknown_fields=True):
    """A certificate that was issued; times in ms."""

    serial: int
    subject: str
    use: str
    begins: int
    ends: int


class Revoked(Struct, frozen=True, forbid_unknown_fields=True):
    """A certificate that was revoked, since when (ms) and why (a key of `REASONS`)."""

    serial: int
    since: int
    reason: str


class Book(Struct, forbid_unknown_fields=True):
    """What an authority is and did; `crl_number` is that of its newest revocation list."""

    id: str
    name: str
    province: str
    kind: Kind
    next_serial: int = 1
    crl_number: int = 0
    issued: list[Issued] = []
    revoked: list[Revoked] = []


class Authority:
    """An authority as its folder holds it."""

    def __init__(self, folder: Path) -> None:
        """Read an authority from its folder.

        Raises:
          Trouble: the folder holds none, or a file of it cannot be read.
        """
        self.folder = folder
        try:
            self.book = msgspec.json.decode((folder / "book.json").read_bytes(), type=Book)
        except (OSError, msgspec.MsgspecError) as error:
            raise Trouble(
                f"{folder} 不是演示认证机构的文件夹({error})。请先执行 tongchang ca init。",
                f"{folder} is no demonstration authority ({error}). Run tongchang ca init first.",
            ) from error
        self.root, self.issuing = self._certificate("root"), self._certificate("issuing")

    def issue(self, subject: str, use: str, now_ms: int, days: int = PERSON_DAYS) -> tuple[bytes, Key]:
        """A person's certificate for a use, and its key, made here.

        Returns:
          The certificate, DER, and the private key.
        """
        key = keys.make(self.book.kind, keys.PERSON_RSA_BITS)
        ends = min(now_ms + days * DAY_MS, self.issuing.ends)
        extensions = (
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (making.usage(*_USAGES[use]), True),
            (
                x509.ExtendedKeyUsage(
                    [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION]
                ),
                False,
            ),
            _policies(POLICY),
        )
        made = self._make("issuing", _name(self.book, subject), key.spki, extensions, now_ms, ends)
        serial = _read(made).serial
        self.book.issued.append(Issued(serial, subject, use, now_ms, ends))
        self._save()
        return made, key

    def certify_stamper(self, subject: str, now_ms: int) -> tuple[bytes, Key]:
        """The certificate of a time-stamping authority, and its key, made here; revocable as any other.

        Returns:
          The certificate, DER, and the private key.
        """
        key = keys.make(self.book.kind, keys.PERSON_RSA_BITS)
        ends = min(now_ms + PERSON_DAYS * DAY_MS, self.issuing.ends)
        extensions = (*making.stamper_extensions(), _policies(POLICY))
        made = self._make("issuing", _name(self.book, subject), key.spki, extensions, now_ms, ends)
        self.book.issued.append(Issued(_read(made).serial, subject, "time-stamp", now_ms, ends))
        self._save()
        return made, key

    def revoke(self, serial: int, since: int, reason: str) -> None:
        """Revoke a certificate that it issued.

        Raises:
          Trouble: it issued none with this number, or has revoked it before.
        """
        if serial not in {one.serial for one in self.book.issued}:
            raise Trouble(
                f"{self.book.name} 没有签发过序列号为 {serial:x} 的证书。请核对证书。",
                f"{self.book.id} has issued no certificate with the serial number {serial:x}. Check it.",
            )
        if serial in {one.serial for one in self.book.revoked}:
            raise Trouble("该证书已被吊销。", "The certificate has been revoked before.")
        self.book.revoked.append(Revoked(serial, since, reason))
        self._save()

    def write_lists(self, now_ms: int) -> tuple[Path, Path]:
        """Sign both revocation lists anew, the root's and the issuing CA's; gives their paths (DER)."""
        self.book.crl_number += 1
        self._save()
        paths = self.folder / "root.crl", self.folder / "issuing.crl"
        for name, path, lines in (
            ("root", paths[0], ()),
            ("issuing", paths[1], tuple(self._withdrawn())),
        ):
            issuer: Certificate = getattr(self, name)
            made = making.revocation_list(
                issuer.parsed.subject, self._key(name), lines, number=self.book.crl_number,
                begins=now_ms - BACKDATED_MS, ends=now_ms + CRL_MS,
            )  # fmt: skip
            files.write(path, made, mode=0o644)
        return paths

    def answer(self, serial: int, now_ms: int, nonce: bytes = b"", *, by_root: bool = False) -> bytes:
        """Its answer on one certificate, DER: of the issuing CA's, or of the root's.

        The root's are given by itself, the issuing CA's by its answerer.
        """
        issuer = self.root if by_root else self.issuing
        known = {self.issuing.serial} if by_root else {one.serial for one in self.book.issued}
        since = {} if by_root else {one.serial: one.since for one in self.book.revoked}
        status = Status(
            issuer=issuer.parsed.subject,
            issuer_spki=issuer.spki,
            serial=serial,
            begins=now_ms - BACKDATED_MS,
            ends=now_ms + ANSWER_MS,
            since=since.get(serial),
            known=serial in known,
            nonce=nonce,
        )
        if by_root:
            return making.answer(status, issuer.parsed.subject, self._key("root"))
        answerer = self._answerer(now_ms)
        return making.answer(status, answerer.parsed.subject, self._key("answerer"), answerer.raw)

    def _answerer(self, now_ms: int) -> Certificate:
        """The answerer's certificate, made anew when it has less than half of its time left."""
        if (self.folder / "answerer.pem").exists():
            own = self._certificate("answerer")
            if now_ms + ANSWERER_DAYS * DAY_MS // 2 < own.ends:
                return own
        key = keys.make(self.book.kind, keys.PERSON_RSA_BITS)
        files.write(self.folder / "answerer.key", key.pem())
        made = self._make(
            "issuing", _name(self.book, f"{self.book.name} OCSP"), key.spki, making.answerer_extensions(),
            now_ms, now_ms + ANSWERER_DAYS * DAY_MS,
        )  # fmt: skip
        self._save()
        files.write(self.folder / "answerer.pem", certificate.pem(made), mode=0o644)
        return self._certificate("answerer")

    def _make(
        self,
        by: str,
        subject: x509.Name,
        spki: bytes,
        extensions: tuple[tuple[x509.ExtensionType, bool], ...],
        now_ms: int,
        ends: int,
    ) -> bytes:
        signer = self._key(by)
        issuer: Certificate = getattr(self, by)
        return making.certificate(
            Draft(
                subject=subject, issuer=issuer.parsed.subject, spki=spki, serial=_serial(self.book),
                begins=now_ms - BACKDATED_MS, ends=ends, key_id=making.key_id(signer.spki),
                extensions=extensions,
            ),
            signer,
        )  # fmt: skip

    def _withdrawn(self) -> list[Withdrawn]:
        return [Withdrawn(one.serial, one.since, REASONS[one.reason]) for one in self.book.revoked]

    def _key(self, name: str) -> Key:
        path = self.folder / f"{name}.key"
        try:
            return keys.read(self.book.kind, path.read_bytes(), str(path))
        except OSError as error:
            raise _unreadable(path, str(error)) from error

    def _certificate(self, name: str) -> Certificate:
        path = self.folder / f"{name}.pem"
        try:
            found = certificate.read_file(path.read_bytes())
        except OSError as error:
            raise _unreadable(path, str(error)) from error
        if isinstance(found, Refusal):
            raise _unreadable(path, found.code)
        return found[0]

    def _save(self) -> None:
        files.write_json(self.folder / "book.json", msgspec.to_builtins(self.book))


def make(folder: Path, book: Book, now_ms: int) -> Authority:
    """A new authority in a folder of its own, with both revocation lists.

    Raises:
      Trouble: the folder cannot be written.
    """
    files.make_folder(folder)
    root_key, issuing_key = keys.make(book.kind), keys.make(book.kind)
    root_name, issuing_name = _name(book, f"{book.name} 根"), _name(book, book.name)
    begins = now_ms - BACKDATED_MS
    ca = (x509.BasicConstraints(ca=True, path_length=1), True), (_CA_USAGE, True)
    root = making.certificate(
        Draft(
            subject=root_name, issuer=root_name, spki=root_key.spki, serial=_serial(book), begins=begins,
            ends=now_ms + ROOT_DAYS * DAY_MS, key_id=making.key_id(root_key.spki), extensions=ca,
        ),
        root_key,
    )  # fmt: skip
    last = (x509.BasicConstraints(ca=True, path_length=0), True), (_CA_USAGE, True), _policies("2.5.29.32.0")
    issuing = making.certificate(
        Draft(
            subject=issuing_name, issuer=root_name, spki=issuing_key.spki, serial=_serial(book),
            begins=begins, ends=now_ms + ISSUING_DAYS * DAY_MS, key_id=making.key_id(root_key.spki),
            extensions=last,
        ),
        root_key,
    )  # fmt: skip
    for name, key, made in (("root", root_key, root), ("issuing", issuing_key, issuing)):
        files.write(folder / f"{name}.key", key.pem())
        files.write(folder / f"{name}.pem", certificate.pem(made), mode=0o644)
    files.write_json(folder / "book.json", msgspec.to_builtins(book))
    authority = Authority(folder)
    authority.write_lists(now_ms)
    return authority


_CA_USAGE: Final = making.usage("key_cert_sign", "crl_sign", "digital_signature")


def _policies(oid: str) -> tuple[x509.ExtensionType, bool]:
    named = x509.PolicyInformation(x509.ObjectIdentifier(oid), None)
    return x509.CertificatePolicies([named]), False


def _name(book: Book, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, book.province),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _serial(book: Book) -> int:
    """A number never given before: 64 random bits, then a count."""
    count = book.next_serial
    book.next_serial += 1
    chance = int.from_bytes(senses.Dice().bytes32("serial")[:8], "big")
    return (chance | 1 << 63) << 32 | count


def _read(raw: bytes) -> Certificate:
    found = certificate.read(raw)
    assert not isinstance(found, Refusal), "what was made here can be read"
    return found


def _unreadable(path: Path, why: str) -> Trouble:
    return Trouble(
        f"{path} 无法读取({why})。请恢复该文件,或移开整个文件夹重新建立。",
        f"{path} cannot be read ({why}). Restore it, or move the folder away and make a new one.",
    )
