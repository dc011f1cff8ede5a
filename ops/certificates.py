"""The installation's own authority: one CA, and a certificate for each process under it.

Owns making, judging and renewing X.509 certificates (RFC 5280, P-256, SHA-256) and Ed25519 signing keys
(RFC 8032) on disk. Must not know ports, configuration or who a node is beyond its name.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ops import files
from ops.trouble import Trouble

AUTHORITY_DAYS = 3_650
CERTIFICATE_DAYS = 397
RENEW_DAYS = 30
"""A certificate with less than this left is made anew at the next start."""
BACKDATE_DAYS = 1
"""Certificates begin this much earlier, for machines whose clock is behind."""


def host_name(node: str) -> str:
    """The name a process answers to on loopback: `hefei` → `hefei.localhost`."""
    return f"{node}.localhost"


def ensure_authority(folder: Path, now_ms: int) -> None:
    """See that `ca.pem` and `ca.key` stand in the folder and are good for a while."""
    cert_path, key_path = folder / "ca.pem", folder / "ca.key"
    if _is_good(cert_path, key_path, now_ms):
        return
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Tongchang installation"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Tongchang installation CA"),
        ]
    )
    cert = (
        _builder(name, name, key.public_key(), now_ms, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _put(cert_path, key_path, cert, key)


def ensure_certificate(ca_folder: Path, folder: Path, node: str, now_ms: int, *also: str) -> None:
    """See that `cert.pem` and `key.pem` in the folder name the node, under the CA, and last a while.

    `also` are further names: every coordinator's certificate bears the one that they all go by.
    """
    wanted = [host_name(one) for one in dict.fromkeys((node, *also))]
    cert_path, key_path = folder / "cert.pem", folder / "key.pem"
    authority = read_certificate(ca_folder / "ca.pem")
    if _is_good(cert_path, key_path, now_ms):
        mine = read_certificate(cert_path)
        if is_under(mine, authority) and set(wanted) <= set(names(mine)):
            return
    ca_key = _read_key(ca_folder / "ca.key")
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host_name(node))])
    usage = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    cert = (
        _builder(subject, authority.subject, key.public_key(), now_ms, CERTIFICATE_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usage), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in wanted]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
        .sign(ca_key, hashes.SHA256())
    )
    _put(cert_path, key_path, cert, key)


def ensure_signing_key(path: Path) -> Ed25519PrivateKey:
    """The Ed25519 key at a path (PKCS8 PEM), made at first."""
    if not path.exists():
        key = Ed25519PrivateKey.generate()
        files.write(path, _pem(key))
        return key
    return read_signing_key(path)


def read_signing_key(path: Path) -> Ed25519PrivateKey:
    """The Ed25519 key at a path.

    Raises:
      Trouble: there is none that can be read.
    """
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _unreadable(path, ValueError("not an Ed25519 key"))
    return key


def read_certificate(path: Path) -> x509.Certificate:
    """The certificate at a path.

    Raises:
      Trouble: there is none that can be read.
    """
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def names(certificate: x509.Certificate) -> tuple[str, ...]:
    """The DNS names a certificate is for."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(found.value.get_values_for_type(x509.DNSName))


def is_under(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Whether the authority signed the certificate."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def days_left(certificate: x509.Certificate, now_ms: int) -> int:
    """Whole days until a certificate ends; negative when it has ended."""
    return (certificate.not_valid_after_utc - _moment(now_ms)).days


def has_begun(certificate: x509.Certificate, now_ms: int) -> bool:
    """Whether a certificate is valid already; a machine whose clock is far behind says no."""
    return certificate.not_valid_before_utc <= _moment(now_ms)


def is_pair(certificate: x509.Certificate, key_path: Path) -> bool:
    """Whether the key at a path is the certificate's own.

    Raises:
      Trouble: there is no key that can be read.
    """
    return _read_key(key_path).public_key() == certificate.public_key()


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now_ms: int, days: int
) -> x509.CertificateBuilder:
    start = _moment(now_ms) - timedelta(days=BACKDATE_DAYS)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _is_good(cert_path: Path, key_path: Path, now_ms: int) -> bool:
    """Whether both files are there, belong together and last a while."""
    if not cert_path.exists() or not key_path.exists():
        return False
    cert, key = read_certificate(cert_path), _read_key(key_path)
    return key.public_key() == cert.public_key() and days_left(cert, now_ms) >= RENEW_DAYS


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise _unreadable(path, ValueError("not a P-256 key"))
    return key


def _moment(now_ms: int) -> datetime:
    return datetime.fromtimestamp(now_ms / 1000, UTC)


def _pem(key: ec.EllipticCurvePrivateKey | Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _put(cert_path: Path, key_path: Path, cert: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    files.write(key_path, _pem(key))
    files.write(cert_path, cert.public_bytes(serialization.Encoding.PEM), mode=0o644)


def _unreadable(path: Path, error: Exception) -> Trouble:
    return Trouble(
        f"{path} 无法读取({error})。请恢复该文件,或移开整个数据文件夹重新建立。",
        f"{path} cannot be read ({error}). Restore it, or move the data folder away and make a new one.",
    )
