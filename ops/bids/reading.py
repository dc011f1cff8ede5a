"""What a bidder's commands read from files: keys, certificates, policies, containers, each with its trouble.

Owns how a refusal and an unreadable file become a sentence for the person. Must not know what is sealed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getpass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import msgspec

from ops.trouble import Trouble
from protocol import limits
from protocol.refusals import Refusal, refuse, text
from protocol.seal import container, sealing
from protocol.seal.refused import SealRefused
from protocol.seal.sealing import Policy
from protocol.seal.suite import SoftwareKey, Suite
from protocol.seal.trust import certificate
from sub_venue import tokens

_URI: Final = "pkcs11:"
_EXAMPLE: Final = "pkcs11:token=LABEL;object=LABEL?module-path=FILE"
_PIN_BYTES_MAX: Final = 256

BidderKey = SoftwareKey | tokens.TokenKey
"""Signs and opens; in this process, or in a token."""


@contextmanager
def told() -> Iterator[None]:
    """Turns what a seal refuses into what the person reads."""
    try:
        yield
    except SealRefused as refused:
        raise trouble_of(refused.refusal) from refused


def trouble_of(refusal: Refusal) -> Trouble:
    """A refusal as the sentence that it is."""
    term = text(refusal)
    return Trouble(f"{term.zh}[{refusal.code}]", f"{term.en} [{refusal.code}]")


def content(path: Path, bytes_max: int) -> bytes:
    """A small file.

    Raises:
      Trouble: it cannot be read or is larger.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(bytes_max + 1)
    except OSError as error:
        raise unreadable(path, error) from error
    if len(raw) > bytes_max:
        raise Trouble(
            f"{path} 过大(上限 {bytes_max} 字节)。请核对所选文件。",
            f"{path} is too large (at most {bytes_max} bytes). Check which file was chosen.",
            2,
        )
    return raw


def unreadable(path: Path, error: OSError) -> Trouble:
    """The trouble of a file that cannot be read."""
    why = error.strerror or str(error)
    return Trouble(
        f"无法读取 {path}({why})。请核对路径与权限。",
        f"Cannot read {path} ({why}). Check the path and its permissions.",
        2,
    )


@contextmanager
def own_key(suite: Suite, where: str) -> Iterator[BidderKey]:
    """The bidder's key for as long as the block runs: a file's, or a token's by its URI (RFC 7512).

    `pkcs11:token=LABEL;object=LABEL?module-path=FILE`, with `&pin-source=file:FILE` where nobody is asked.

    Raises:
      Trouble: no such file, token or key, a wrong PIN, a key of another suite.
    """
    if not where.startswith(_URI):
        yield private_key(suite, Path(where))
        return
    path, _, query = where.removeprefix(_URI).partition("?")
    said = {
        name: unquote(value)
        for name, _, value in (part.partition("=") for part in (*path.split(";"), *query.split("&")))
    }
    missing = {"token", "object", "module-path"} - set(said)
    if missing:
        raise Trouble(
            f"{where} 缺少 {'、'.join(sorted(missing))}。写法:{_EXAMPLE}",
            f"{where} lacks {', '.join(sorted(missing))}. It is written so: {_EXAMPLE}",
            2,
        )
    source = said.get("pin-source", "").removeprefix("file:")
    pin = content(Path(source), _PIN_BYTES_MAX).decode().strip() if source else getpass("PIN: ")
    try:
        with tokens.opened(said["module-path"], said["token"], pin, said["object"]) as key:
            if not suite.is_public(key.public):
                raise trouble_of(refuse("SuiteMixed", suite=suite.name))
            yield key
    except tokens.TokenFault as fault:
        raise Trouble(fault.zh, fault.en) from fault


def private_key(suite: Suite, path: Path) -> SoftwareKey:
    """A private key of the suite, PKCS #8, PEM or DER, without a pass phrase."""
    der = private_der(path)
    with told():
        return suite.private_key(der)


def private_der(path: Path) -> bytes:
    """The bytes of a private key's file, PKCS #8, of whatever suite."""
    found = certificate.blocks(content(path, limits.CERTIFICATE_FILE_BYTES_MAX), "PRIVATE KEY")
    if isinstance(found, Refusal):
        raise trouble_of(found)
    return found[0]


def public_key(path: Path) -> bytes:
    """A public key from a certificate or a `PUBLIC KEY` file: SubjectPublicKeyInfo, DER."""
    raw = content(path, limits.CERTIFICATE_FILE_BYTES_MAX)
    if b"BEGIN PUBLIC KEY" in raw:
        found = certificate.blocks(raw, "PUBLIC KEY")
        if isinstance(found, Refusal):
            raise trouble_of(found)
        return found[0]
    return certificates(path)[0].spki


def certificates(path: Path) -> tuple[certificate.Certificate, ...]:
    """The certificates of a file, the holder's own first."""
    found = certificate.read_file(content(path, limits.CERTIFICATE_FILE_BYTES_MAX))
    if isinstance(found, Refusal):
        raise trouble_of(found)
    return found


def policy(path: Path) -> Policy:
    """A sealing policy of a tender document."""
    raw = content(path, limits.CONTAINER_HEADER_BYTES_MAX)
    try:
        return msgspec.json.decode(raw, type=Policy)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Trouble(
            f"{path} 不是密封方案文件({error})。请使用招标文件所附的方案。",
            f"{path} is no sealing policy ({error}). Use the one that came with the tender document.",
            2,
        ) from error


def pieces(path: Path) -> Iterator[memoryview]:
    """A file in pieces of a megabyte, good until the next.

    Raises:
      Trouble: it cannot be read.
    """
    buffer = bytearray(sealing.STEP_BYTES)
    view = memoryview(buffer)
    try:
        with path.open("rb", buffering=0) as file:
            while count := file.readinto(buffer):
                yield view[:count]
    except OSError as error:
        raise unreadable(path, error) from error


def inspected(path: Path) -> container.Inspected:
    """All that can be said of a container without a key, in one pass."""
    reader = container.Reader()
    for piece in pieces(path):
        reader.feed(piece)
    return reader.close()
