"""By what an archive's certificates and last head are judged (归档证据; SPEC 26.2).

Owns which of an installation's authorities a session's policy names, and what is gathered of them once the
session has ended: revocation lists of every authority, the trust list, a time-stamp over the final head. For
demonstrations the time-stamping authority answers here; elsewhere its token is handed over as a file.
"""

from pathlib import Path
from typing import Final

from asn1crypto import algos, tsp
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

_LISTS: Final = ("issuing.crl", "root.crl")


def named(policy: Policy, trusted: str | None) -> Policy:
    """A policy that names who signs the trust list, and whose time-stamp the last head bears.

    Args:
      policy: the logs, the cosigners, the quorum.
      trusted: where the installation's trust list lies; without one nothing is named.

    Raises:
      Trouble: it cannot be read.
    """
    if not trusted:
        return policy
    held = _list(Path(trusted))
    signers = ListSigners(held.list.signers.needed, tuple(sorted(held.list.signers.keys)))
    stampers = tuple(one.id for one in held.list.authorities if one.id == desk.BY)
    return replace(policy, list_signers=signers, stampers=stampers)


def gathered(folder: Path, head: bytes, policy: Policy) -> Proved:
    """What proves certificates and the last head's time, as of now; nothing where the policy names nobody.

    Args:
      folder: the demonstration authorities'.
      head: the final head as it is archived, a signed note.
      policy: the session's.

    Raises:
      Trouble: the authorities' files cannot be read or written.
    """
    if policy.list_signers is None:
        return Proved()
    now_ms = senses.now_ms()
    listed = folder / alliance.FILE
    _list(listed)
    evidence = []
    for one in alliance.authorities(folder):
        one.write_lists(now_ms)
        evidence += [(folder / one.book.id / name).read_bytes() for name in _LISTS]
    stamp = stamped(desk.ensure(folder, now_ms), head, now_ms) if policy.stampers else b""
    return Proved(listed.read_bytes(), stamp, tuple(sorted(set(evidence))))


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
    try:
        found = trust_list.read(path.read_bytes().rstrip(b"\r\n"))
    except OSError as error:
        raise Trouble(
            f"信任列表 {path} 无法读取({error.strerror})。", f"{path} cannot be read ({error.strerror})."
        ) from error
    if isinstance(found, Refusal):
        told = text(found)
        raise Trouble(f"信任列表 {path}:{told.zh}", f"The trust list {path}: {told.en}")
    return found
