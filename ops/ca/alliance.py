"""Four demonstration authorities that recognise each other: the folder, and the list that they sign.

Owns which provinces there are, the keys by which each signs the trust list, and making the list's next
version. Three of the four must sign, so that no province alone says whose certificates count.
"""

from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ops import certificates, files
from ops.ca import authority
from ops.ca.authority import DAY_MS, Authority, Book
from ops.ca.keys import ALGORITHM, Kind
from ops.trouble import Trouble
from protocol.refusals import Refusal, text
from protocol.seal import signing
from protocol.seal.trust import certificate, trust_list
from protocol.seal.trust.trust_list import ListSignature, SignedList, Signers, Trusted, TrustList

NAME: Final = "yangtze-demo"
NEEDED: Final = 3
LIST_DAYS: Final = 90
ADDRESS: Final = "http://127.0.0.1:7790"
"""Where `tongchang ca serve` answers, unless told otherwise."""

BOOKS: Final[tuple[tuple[str, str, Kind], ...]] = (
    ("anhui", "安徽演示CA", "rsa"),
    ("jiangsu", "江苏演示CA", "ecdsa"),
    ("shanghai", "上海演示CA", "sm2"),
    ("zhejiang", "浙江演示CA", "sm2"),
)
"""Each province's authority, its name and the kind of its keys."""

FILE: Final = "trust.json"


def make(folder: Path, now_ms: int, address: str = ADDRESS) -> Trusted:
    """Make all authorities, the signers' keys and the list's first version in a folder.

    Raises:
      Trouble: there is an alliance in it already, or it cannot be written.
    """
    if (folder / FILE).exists():
        raise Trouble(
            f"{folder} 中已有演示认证机构。请换一个文件夹。",
            f"There are demonstration authorities in {folder} already. Name another folder.",
        )
    files.make_folder(folder)
    files.make_folder(folder / "signers")
    for province, name, kind in BOOKS:
        authority.make(folder / province, Book(province, name, province, kind), now_ms)
        certificates.ensure_signing_key(folder / "signers" / f"{province}.key")
    return publish(folder, now_ms, address=address)


def authorities(folder: Path) -> tuple[Authority, ...]:
    """All authorities of a folder.

    Raises:
      Trouble: it holds none.
    """
    return tuple(Authority(folder / province) for province, _, _ in BOOKS)


def named(folder: Path, province: str) -> Authority:
    """The authority of a province.

    Raises:
      Trouble: there is none.
    """
    if province not in {each for each, _, _ in BOOKS}:
        known = "、".join(each for each, _, _ in BOOKS)
        raise Trouble(
            f"没有名为“{province}”的演示认证机构;现有:{known}。",
            f"There is no demonstration authority “{province}”; there are {known.replace('、', ', ')}.",
            2,
        )
    return Authority(folder / province)


def issuer_of(folder: Path, raw: bytes) -> tuple[Authority, certificate.Certificate]:
    """The authority of a folder that issued the certificate in a file, and that certificate.

    Raises:
      Trouble: it is no certificate, or none of these authorities issued it.
    """
    found = certificate.read_file(raw)
    if isinstance(found, Refusal):
        told = text(found)
        raise Trouble(told.zh, told.en, 2)
    for one in authorities(folder):
        if found[0].parsed.issuer in {one.issuing.parsed.subject, one.root.parsed.subject}:
            return one, found[0]
    raise Trouble(
        f"证书“{found[0].shown}”不是这些演示认证机构签发的。请核对文件与文件夹。",
        f"The certificate “{found[0].shown}” was issued by none of these authorities. Check file and folder.",
    )


def publish(
    folder: Path, now_ms: int, *, address: str = "", without: frozenset[str] = frozenset()
) -> Trusted:
    """Sign the next version of the list; an authority that is left out is recognised no more from now on.

    Returns:
      The list, also written to `trust.json` and, to be kept, to `trust-N.json`.
    """
    held = _held(folder)
    signers = {
        province: certificates.read_signing_key(folder / "signers" / f"{province}.key")
        for province, _, _ in BOOKS
    }
    rows = tuple(
        _row(one, now_ms, address or _address(held), held)
        for one in authorities(folder)
        if one.book.id not in without
    )
    said = TrustList(
        v=1,
        alliance=NAME,
        version=1 if held is None else held.list.version + 1,
        issued_at=now_ms if held is None else max(now_ms, held.list.issued_at),
        next_by=now_ms + LIST_DAYS * DAY_MS,
        signers=Signers(tuple(signing.public_text(key) for key in signers.values()), NEEDED),
        authorities=rows,
    )
    raw = trust_list.encode(SignedList(said, tuple(_signature(said, key) for key in signers.values())))
    made = trust_list.read(raw) if held is None else trust_list.follow(held, raw)
    assert isinstance(made, Trusted), "the next version follows the one before"
    files.write(folder / f"trust-{said.version}.json", raw, mode=0o644)
    files.write(folder / FILE, raw, mode=0o644)
    return made


def _row(one: Authority, now_ms: int, address: str, held: Trusted | None) -> trust_list.Authority:
    before = {each.id: each for each in held.list.authorities} if held is not None else {}
    own = before.get(one.book.id)
    return trust_list.Authority(
        id=one.book.id,
        name=one.book.name,
        province=one.book.province,
        roots=(one.root.raw,),
        algorithms=(ALGORITHM[one.book.kind],),
        policies=(authority.POLICY,),
        crl=(f"{address}/{one.book.id}/root.crl", f"{address}/{one.book.id}/issuing.crl"),
        ocsp=(f"{address}/{one.book.id}/ocsp",),
        valid_from=now_ms - authority.BACKDATED_MS if own is None else own.valid_from,
        valid_until=one.root.ends,
    )


def _held(folder: Path) -> Trusted | None:
    path = folder / FILE
    if not path.exists():
        return None
    found = trust_list.read(path.read_bytes())
    if isinstance(found, Refusal):
        told = text(found)
        raise Trouble(told.zh, told.en)
    return found


def _address(held: Trusted | None) -> str:
    """The address that the list in use names."""
    if held is None or not held.list.authorities:
        return ADDRESS
    first = held.list.authorities[0]
    return first.ocsp[0].removesuffix(f"/{first.id}/ocsp")


def _signature(said: TrustList, key: Ed25519PrivateKey) -> ListSignature:
    return ListSignature(signing.public_text(key), signing.sign(key, trust_list.signed_bytes(said)))
