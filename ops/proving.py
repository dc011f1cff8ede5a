"""By what an archive's certificates and last head are judged (归档证据; SPEC 26.2).

Owns which authorities a session's policy names, and what is gathered of them once the session has ended:
revocation lists, the trust list, a time-stamp over the final head. A real installation says in `proving.json`
in its data folder whose they are; where it says nothing, the demonstration authorities answer here.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import aiohttp
import msgspec
from asn1crypto import algos, tsp
from msgspec import Struct
from msgspec.structs import replace

from ops import senses
from ops.ca import alliance
from ops.trouble import Trouble
from ops.tsa import answering, desk
from protocol import canonical
from protocol.archive import Proved
from protocol.ledger.quorum import ListSigners, Policy
from protocol.refusals import Refusal, text
from protocol.seal.trust import trust_list

FILE: Final = "proving.json"
"""In an installation's data folder: whose list, lists and time-stamp its archives are proved by."""
_LISTS: Final = ("issuing.crl", "root.crl")


class Means(Struct, frozen=True, forbid_unknown_fields=True):
    """By what a real installation's archives are proved.

    `stampers`: ids of authorities of the trust list, by one of which the last head's time-stamp is; `tsa`:
    the address at which it answers; `trust`: the alliance's trust list; `crls`: revocation lists, files or
    folders of `.crl`.
    """

    stampers: tuple[str, ...]
    trust: str
    tsa: str = ""
    crls: tuple[str, ...] = ()


def means(data: Path) -> Means | None:
    """What an installation says of its own authorities; None where it goes by the demonstration's.

    Raises:
      Trouble: the file is not of its form.
    """
    path = data / FILE
    if not path.exists():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=Means)
    except (OSError, msgspec.MsgspecError) as error:
        raise Trouble(
            f"{path} 无法读取({error})。请写明 stampers、trust、tsa 与 crls。",
            f"{path} cannot be read ({error}). Say stampers, trust, tsa and crls in it.",
        ) from error


def named(policy: Policy, trusted: str | None, own: Means | None = None) -> Policy:
    """A policy that names who signs the trust list, and whose time-stamp the last head bears.

    Args:
      policy: the logs, the cosigners, the quorum.
      trusted: where the installation's trust list lies; without one nothing is named.
      own: what the installation says of its authorities.

    Raises:
      Trouble: it cannot be read, or has no authority of that name.
    """
    if own is not None:
        trusted = own.trust
    if not trusted:
        return policy
    held = _list(Path(trusted))
    signers = ListSigners(held.list.signers.needed, tuple(sorted(held.list.signers.keys)))
    known = [one.id for one in held.list.authorities]
    if own is not None and (strange := sorted(set(own.stampers) - set(known))):
        raise Trouble(
            f"信任列表 {trusted} 中没有时间戳机构 {'、'.join(strange)};"
            f"现有:{'、'.join(known)}。请核对 {FILE}。",
            f"The trust list {trusted} has no authority {', '.join(strange)} to stamp the time; it has "
            f"{', '.join(known)}. Check {FILE}.",
        )
    wanted = {desk.BY} if own is None else {*own.stampers}
    stampers = tuple(one for one in known if one in wanted)
    return replace(policy, list_signers=signers, stampers=stampers)


def gathered(folder: Path, head: bytes, policy: Policy, own: Means | None = None) -> Proved:
    """What proves certificates and the last head's time, as of now; nothing where the policy names nobody.

    Args:
      folder: the demonstration authorities', where the installation names none of its own.
      head: the final head as it is archived, a signed note.
      policy: the session's.
      own: what the installation says of its authorities.

    Raises:
      Trouble: files cannot be read or written, or the time-stamping authority does not answer.
    """
    if policy.list_signers is None:
        return Proved()
    if own is not None:
        token = asked(own.tsa, head) if policy.stampers and own.tsa else b""
        return handed(Path(own.trust), map(Path, own.crls), token)
    now_ms = senses.now_ms()
    listed = folder / alliance.FILE
    _list(listed)
    evidence = []
    for one in alliance.authorities(folder):
        one.write_lists(now_ms)
        evidence += [(folder / one.book.id / name).read_bytes() for name in _LISTS]
    stamp = stamped(desk.ensure(folder, now_ms), head, now_ms) if policy.stampers else b""
    return Proved(listed.read_bytes(), stamp, tuple(sorted(set(evidence))))


def handed(listed: Path | None, evidence: Iterable[Path], token: bytes) -> Proved:
    """What was handed over: a trust list, revocation lists and answers (files, folders of `.crl`), a token.

    Raises:
      Trouble: one of them cannot be read.
    """
    trust = b""
    if listed is not None:
        _list(listed)
        trust = _read(listed)
    raws = [
        _read(path) for one in evidence for path in (sorted(one.glob("*.crl")) if one.is_dir() else (one,))
    ]
    return Proved(trust, token, tuple(sorted(set(raws))))


def asked(url: str, over: bytes) -> bytes:
    """A time-stamp token over some bytes from the authority at an address, DER.

    Raises:
      Trouble: it does not answer, or answers something else.
    """
    # The library of signatures is slow to load, and not every archive needs it.
    from main_venue.signing.stamping import Stamper, StampFault  # noqa: PLC0415

    async def ask() -> bytes:
        async with aiohttp.ClientSession() as http:
            token = await Stamper(http, url).async_timestamp(canonical.sha256(over), "sha256")
            return bytes(token.dump())

    try:
        return checked(asyncio.run(ask()), over, url)
    except StampFault as error:
        raise Trouble(error.zh, error.en) from error


def checked(token: bytes, over: bytes, where: str) -> bytes:
    """A token that stamps these bytes; whose it is says the trust list.

    Raises:
      Trouble: it is none, or stamps others (1).
    """
    from main_venue.signing import stamp  # noqa: PLC0415 - as above

    try:
        stamp.read(token, over)
    except stamp.NotStamped as error:
        raise Trouble(
            f"{where} 的时间戳不是对最终树头的时间戳({error})。请以最终检查点文件重新取得时间戳。",
            f"The time-stamp of {where} does not stamp the final head ({error}). Have the file of the last "
            "checkpoint stamped.",
            1,
        ) from error
    return token


def stamped(by: answering.Own, over: bytes, at_ms: int) -> bytes:
    """A time-stamp token of an authority over some bytes, DER."""
    chance = senses.Dice().bytes32("stamp")
    digest = algos.DigestAlgorithm({"algorithm": "sha256"})
    asked = tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": {"hash_algorithm": digest, "hashed_message": canonical.sha256(over)},
            "nonce": int.from_bytes(chance[:8]),
            "cert_req": True,
        }
    )
    answer = answering.answer(asked.dump(), by, at_ms, int.from_bytes(chance[8:28]) >> 1)
    found = tsp.TimeStampResp.load(answer)
    assert found["status"]["status"].native == "granted", "our own question is in its form"
    return bytes(found["time_stamp_token"].dump())


def _list(path: Path) -> trust_list.Trusted:
    found = trust_list.read(_read(path).rstrip(b"\r\n"))
    if isinstance(found, Refusal):
        told = text(found)
        raise Trouble(f"信任列表 {path}:{told.zh}", f"The trust list {path}: {told.en}")
    return found


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Trouble(
            f"{path} 无法读取({error.strerror})。请核对路径。",
            f"{path} cannot be read ({error.strerror}). Check the path.",
            2,
        ) from error
