"""A province's authority as an attacker meets it: a root, an issuing CA, people, and all that can be wrong.

By default all that it makes is right, so that an attack changes one thing and its control changes none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID

from ops.ca import keys, making
from ops.ca.keys import ALGORITHM, KINDS, Kind
from ops.ca.making import Draft, Signer, Status, Withdrawn
from protocol.refusals import Refusal
from protocol.seal import signing, sm2
from protocol.seal.trust import algorithms, certificate, judge, trust_list
from protocol.seal.trust.algorithms import AlgorithmName
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.judge import Verdict
from protocol.seal.trust.purposes import PurposeName
from protocol.seal.trust.trust_list import Authority, ListSignature, SignedList, Signers, Trusted, TrustList

AT = 1_795_681_800_000
"""2026-11-26 08:30:00Z, when everything happens."""
DAY = 86_400_000
YEAR = 365 * DAY
POLICY = "1.2.156.112600.7.1"
EVERY_KIND = KINDS

Extensions = tuple[tuple[x509.ExtensionType, bool], ...]


@cache
def key(kind: Kind, holder: str, bits: int = 2048) -> keys.Key:
    """A key of a holder; made once for all tests of a process."""
    return keys.make(kind, bits)


def name(common: str, province: str = "Anhui", **more: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "CN")]
    parts.append(x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, province))
    parts.append(x509.NameAttribute(NameOID.COMMON_NAME, common))
    parts += [x509.NameAttribute(getattr(NameOID, oid), value) for oid, value in more.items()]
    return x509.Name(parts)


def ca_extensions(path_length: int | None = None, *more: tuple[x509.ExtensionType, bool]) -> Extensions:
    return (
        (x509.BasicConstraints(ca=True, path_length=path_length), True),
        (making.usage("key_cert_sign", "crl_sign"), True),
        *more,
    )


def person_extensions(
    *usages: str, policy: str = POLICY, more: Extensions = (), ca: bool = False
) -> Extensions:
    usages = usages or ("digital_signature", "content_commitment")
    policies = (
        ((x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(policy), None)]), False),)
        if policy
        else ()
    )
    return (
        (x509.BasicConstraints(ca=ca, path_length=None), True),
        (making.usage(*usages), True),
        *policies,
        *more,
    )


ANY_POLICY = (
    x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("2.5.29.32.0"), None)]),
    False,
)


@dataclass(frozen=True)
class Weak:
    """A signer whose algorithm is not allowed, or who names another than the one that it used."""

    spki: bytes
    identifier: bytes
    with_key: Callable[[bytes], bytes]

    def sign(self, message: bytes) -> bytes:
        return self.with_key(message)


def private(of: keys.Key) -> Any:
    if of.kind == "sm2":
        return sm2.PrivateKey(of.der)
    return serialization.load_der_private_key(of.der, None)


def weak(of: keys.Key) -> Weak:
    """The same key, signing with SHA-1 as its kind once did."""
    own = private(of)
    if of.kind == "rsa":
        sha1_rsa = bytes.fromhex("300d06092a864886f70d0101050500")
        return Weak(of.spki, sha1_rsa, lambda raw: own.sign(raw, padding.PKCS1v15(), hashes.SHA1()))
    if of.kind == "ecdsa":
        sha1_ecdsa = bytes.fromhex("300906072a8648ce3d0401")
        return Weak(of.spki, sha1_ecdsa, lambda raw: own.sign(raw, ec.ECDSA(hashes.SHA1())))
    # 1.2.156.10197.1.502: SM2 with SHA-1.
    return Weak(of.spki, bytes.fromhex("300a06082a811ccf55018376"), own.sign)


def short_key(kind: Kind) -> Weak:
    """A key that no authority may certify: RSA of 1,024 bits, or a curve that is not on the list."""
    made: Any
    if kind == "rsa":
        made = rsa.generate_private_key(65_537, 1024)
        own = keys.ALGORITHM["rsa"]
        sign: Callable[[bytes], bytes] = lambda raw: made.sign(raw, padding.PKCS1v15(), hashes.SHA256())  # noqa: E731
    else:
        made = ec.generate_private_key(ec.SECP256K1() if kind == "ecdsa" else ec.SECP224R1())
        own = keys.ALGORITHM["ecdsa"]
        sign = lambda raw: made.sign(raw, ec.ECDSA(hashes.SHA256()))  # noqa: E731
    spki = made.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return Weak(spki, identifier_of(own), sign)


def identifier_of(algorithm: AlgorithmName) -> bytes:
    return algorithms.IDENTIFIERS[algorithm][0]


class Province:
    """One authority of a kind: `anhui` with its root and its issuing CA; more of either on demand."""

    def __init__(self, kind: Kind, ca: str = "anhui-ca") -> None:
        self.kind: Kind = kind
        self.ca = ca
        self.root_key, self.issuing_key = key(kind, f"{ca}/root"), key(kind, f"{ca}/issuing")
        self.person_key = key(kind, f"{ca}/person")
        self.root_name, self.issuing_name = name(f"{ca} root"), name(f"{ca} issuing")
        self.root = self.make("root", self.root_name, self.root_key, ca_extensions(), serial=1)
        self.issuing = self.make(
            "root", self.issuing_name, self.issuing_key, ca_extensions(0, ANY_POLICY), serial=2
        )

    def make(
        self,
        by: str,
        subject: x509.Name,
        of: Signer,
        extensions: Extensions,
        *,
        serial: int,
        begins: int = AT - YEAR,
        ends: int = AT + YEAR,
        signer: Signer | None = None,
        issuer: x509.Name | None = None,
    ) -> bytes:
        """A certificate by the `root` or the `issuing` CA, or whoever is given."""
        own: Signer = self.root_key if by == "root" else self.issuing_key
        signer = signer or own
        return making.certificate(
            Draft(
                subject=subject,
                issuer=issuer or (self.root_name if by == "root" else self.issuing_name),
                spki=of.spki,
                serial=serial,
                begins=begins,
                ends=ends,
                key_id=making.key_id(signer.spki),
                extensions=extensions,
            ),
            signer,
        )

    def person(self, extensions: Extensions | None = None, **changes: Any) -> bytes:
        """A person's certificate to sign with, by the issuing CA, with one thing changed."""
        of = changes.pop("of", self.person_key)
        subject = changes.pop("subject", name("张三"))
        serial = changes.pop("serial", 1001)
        extensions = person_extensions() if extensions is None else extensions
        return self.make("issuing", subject, of, extensions, serial=serial, **changes)

    def authority(self, **changes: Any) -> Authority:
        said = {
            "id": self.ca,
            "name": "安徽CA",
            "province": "anhui",
            "roots": (self.root,),
            "algorithms": (ALGORITHM[self.kind],),
            "policies": (POLICY,),
            "crl": ("http://127.0.0.1/crl",),
            "ocsp": (),
            "valid_from": AT - YEAR,
            "valid_until": AT + YEAR,
        }
        return Authority(**{**said, **changes})

    def crls(self, *revoked: Withdrawn, **changes: Any) -> tuple[bytes, bytes]:
        """The lists of the root and of the issuing CA; `revoked` and changes are of the second."""
        said = {"number": 7, "begins": AT - DAY, "ends": AT + DAY}
        root = making.revocation_list(
            self.root_name, self.root_key, (), number=3, begins=AT - DAY, ends=AT + DAY
        )
        signer = changes.pop("signer", self.issuing_key)
        issuer = changes.pop("issuer", self.issuing_name)
        return root, making.revocation_list(issuer, signer, revoked, **{**said, **changes})

    def answers(self, serial: int = 1001, **changes: Any) -> tuple[bytes, bytes]:
        """The root's answer on the issuing CA, and that CA's own on a person's certificate."""
        said = {"begins": AT - 3_600_000, "ends": AT + 3_600_000}
        signer = changes.pop("signer", self.issuing_key)
        answerer = changes.pop("answerer", self.issuing_name)
        with_certificate = changes.pop("with_certificate", b"")
        above = Status(issuer=self.root_name, issuer_spki=self.root_key.spki, serial=2, **said)  # type: ignore[arg-type]
        status = Status(
            **{
                "issuer": self.issuing_name,
                "issuer_spki": self.issuing_key.spki,
                "serial": serial,
                **said,
                **changes,
            }
        )
        return (
            making.answer(above, self.root_name, self.root_key),
            making.answer(status, answerer, signer, with_certificate),
        )

    def judged(
        self,
        leaf: bytes,
        *,
        others: tuple[bytes, ...] | None = None,
        at: int = AT,
        purpose: PurposeName = "sign",
        crls: tuple[bytes, ...] | None = None,
        answers: tuple[bytes, ...] = (),
        trusted: Trusted | None = None,
    ) -> Verdict:
        """The verdict on a certificate; by default with the issuing CA, fresh lists, this province's list."""
        between = (self.issuing,) if others is None else others
        lists = self.crls() if crls is None and not answers else crls or ()
        return judge.judge(
            read(leaf),
            tuple(read(one) for one in between),
            trusted or trusting(self.authority()),
            at,
            purpose,
            judge.read_evidence(lists, answers),
        )


def read(raw: bytes) -> Certificate:
    found = certificate.read(raw)
    assert not isinstance(found, Refusal), found
    return found


SIGNER = Ed25519PrivateKey.from_private_bytes(b"\x11" * 32)
OTHER_SIGNER = Ed25519PrivateKey.from_private_bytes(b"\x22" * 32)


def listed(
    *authorities: Authority, version: int = 1, signer: Ed25519PrivateKey = SIGNER, **changes: Any
) -> TrustList:
    said: dict[str, Any] = {
        "v": 1,
        "alliance": "yangtze",
        "version": version,
        "issued_at": AT - DAY,
        "next_by": AT + 90 * DAY,
        "signers": Signers((signing.public_text(signer),), 1),
        "authorities": authorities,
    }
    return TrustList(**{**said, **changes})


def signed(what: TrustList, *signers: Ed25519PrivateKey) -> bytes:
    message = trust_list.signed_bytes(what)
    made = tuple(
        ListSignature(signing.public_text(one), signing.sign(one, message)) for one in signers or (SIGNER,)
    )
    return trust_list.encode(SignedList(what, made))


def trusting(*authorities: Authority, **changes: Any) -> Trusted:
    found = trust_list.read(signed(listed(*authorities, **changes)))
    assert not isinstance(found, Refusal), found
    return found


def code(verdict: Verdict | Refusal | Trusted) -> str:
    """The stable code of what was refused; `valid` where nothing was."""
    if isinstance(verdict, Refusal):
        return verdict.code
    if isinstance(verdict, Verdict) and verdict.reason is not None:
        return verdict.reason.code
    return "valid"
