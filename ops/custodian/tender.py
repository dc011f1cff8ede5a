"""A custodian's part in a tender: the sealing policy made of all custodians' public keys, and its own boxes.

Owns the files and the sentences; what a policy is stands in SPEC 22.3, what a box holds in SPEC 21. A box is
opened as soon as a bid has come in, so that a dealer's fault is known while the bid can still be replaced.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from ops import files
from ops.bids import reading
from ops.trouble import Trouble
from protocol import limits
from protocol.seal import dealing, suites
from protocol.seal.container import Header
from protocol.seal.dealing import Custodian, Group
from protocol.seal.refused import SealRefused
from protocol.seal.sealing import Policy

_GROUP: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,63}):([0-9]{1,2})=(.+)")
_MEMBER: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,63})@(.+)")


class Held(Struct, frozen=True):
    """One box of a bid that this key opens: its group, its place there, how many places there are."""

    group: str
    custodian: str
    index: int
    members: int
    threshold: int
    fault: str = ""
    """The code of what is wrong with it; empty where the share is the one committed to."""


def policy(
    project: str, lot: str, envelope: str, suite_name: str, groups: Sequence[str], out: Path
) -> Policy:
    """Write the sealing policy of one lot and envelope.

    Args:
      project: the tender's id; lot and envelope as its plan has them.
      lot: see `project`.
      envelope: see `project`.
      suite_name: the project's suite.
      groups: each `GROUP:THRESHOLD=NAME@FILE,NAME@FILE…`, the files public keys or certificates.
      out: where to.

    Raises:
      Trouble: a group is misspelt or cannot be; a key is none of the suite's; the file cannot be written.
    """
    with reading.told():
        suite = suites.get(suite_name)
    made = Policy(
        envelope=envelope, groups=tuple(sorted(map(_group, groups), key=lambda one: one.group)), lot=lot,
        project=project, suite=suite.name,
    )  # fmt: skip
    bid = dealing.Bid("bid", envelope, lot, project, suite.name)
    names = [group.group for group in made.groups]
    if len(set(names)) != len(names) or not 1 <= len(names) <= limits.BID_GROUPS_MAX:
        raise Trouble(
            f"托管组须为 1 至 {limits.BID_GROUPS_MAX} 个且不重名。",
            f"There are 1 to {limits.BID_GROUPS_MAX} groups, each with a name of its own.",
            2,
        )
    for group in made.groups:
        with reading.told():
            dealing.deal(suite, bid, group, (1).to_bytes(dealing.KEY_BYTES))
    files.write(out.absolute(), msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n", mode=0o644)
    return made


def take(path: Path, key: Path) -> tuple[Held, ...]:
    """Open every box of a bid that is for a key, and see that it holds what the bid commits to.

    Raises:
      Trouble: the bid or the key cannot be read, the bid is damaged, or no box is for this key.
    """
    inspected = reading.inspected(path)
    if inspected.header is None or not inspected.whole:
        where = "、".join(inspected.damaged) or "签名"
        raise Trouble(
            f"标书文件已损坏({where})。请投标人重新递交。",
            f"The bid is damaged ({', '.join(inspected.damaged) or 'signature'}). Have it handed in again.",
        )
    header = inspected.header
    suite = suites.get(header.bid.suite)
    held = reading.private_key(suite, key)
    found = [
        _taken(header, group, place, key)
        for group in header.groups
        for place, member in enumerate(group.members, 1)
        if member.public == held.public
    ]
    if not found:
        raise Trouble(
            "该标书没有给这把密钥的份额。请核对所选密钥与招标文件中的托管方。",
            "No share of this bid is for this key. Check which key was chosen, and who the custodians are.",
        )
    return tuple(found)


def _taken(header: Header, group: dealing.Dealing, place: int, key: Path) -> Held:
    suite = suites.get(header.bid.suite)
    fault = ""
    try:
        dealing.take(suite, header.bid, group, place, reading.private_key(suite, key))
    except SealRefused as refused:
        fault = refused.code
    return Held(
        group.group, group.members[place - 1].custodian, place, len(group.members), group.threshold, fault
    )


def _group(typed: str) -> Group:
    found = _GROUP.fullmatch(typed)
    members = [] if found is None else [_MEMBER.fullmatch(one) for one in found[3].split(",")]
    if found is None or not all(members):
        raise Trouble(
            f"托管组“{typed}”的写法不对,应为 组名:门限=名称@公钥文件,名称@公钥文件…",
            f"The group “{typed}” is not written as GROUP:THRESHOLD=NAME@FILE,NAME@FILE…",
            2,
        )
    custodians = tuple(Custodian(one[1], reading.public_key(Path(one[2]))) for one in members if one)
    return Group(found[1], custodians, int(found[2]))
