"""Whoever spoils a rehearsed opening: a dealer whose shares disagree, a disk that lies, custodians gone.

Owns what is done to the processes, files and bids of a real stack; what must come of it is `real`'s to see.
"""

import os
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from ops import files
from ops.bids import reading
from ops.ceremony.bidding import Container
from ops.ceremony.parties import written
from ops.custody import CENTRES
from ops.installation import Installation
from ops.people.listener import ActRefused
from ops.people.person import Person
from ops.senses import Dice
from ops.stack import Stack
from protocol import hidden
from protocol.commands import Content
from protocol.commands_turns import Resume, Suspend
from protocol.plan.case import Case
from protocol.plan.conduct import conduct_of
from protocol.seal import container, dealing, payload, sealing, suites
from protocol.seal.dealing import Bid
from protocol.seal.payload import File, Listing
from protocol.seal.sealing import Policy
from protocol.words import SESSION_STAGE, Stage

WORDS: Final = b"rehearsal: a dealer whose shares disagree\n"
GONE: Final = "密钥托管方不足门限,中断开标。"
_TEXT: Final = "bid.txt"


def deal_badly(one: Container, policy: Policy, dice: Dice) -> None:
    """Seal a bid anew by a program that deals badly: a centre's share is not the one that is committed to.

    Raises:
      Trouble: its key cannot be read, or the file not be written.
    """
    suite = suites.get(policy.suite)
    signer = suite.private_key(reading.private_der(one.key))
    bid = Bid(one.bidder, one.envelope, one.lot, policy.project, policy.suite)
    names = (*(group.group for group in policy.groups), dealing.BIDDER)
    keys = {name: b"\0" + dice.bytes32("bad dealing", one.bidder, name)[1:] for name in names}
    listing = Listing((), (File(suite.hash(WORDS), _TEXT, len(WORDS)),))
    header, key = sealing.prepare(suite, bid, policy.groups, keys, (signer.public,), listing)
    groups = tuple(
        replace(group, members=(replace(group.members[0], commitment=bytes(32)), *group.members[1:]))
        if group.group == CENTRES
        else group
        for group in header.groups
    )
    header = replace(header, groups=groups)
    files.write(one.path, written(container.Writer(header, key), signer, (payload.head(listing), WORDS)))


def damage(found: Installation, session: str, node: str, one: Container) -> None:
    """A node's disk gives back another byte than it was given, in the middle of a bid's ciphertext."""
    path = fetched(found, session, node, one)
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))


def fetched(found: Installation, session: str, node: str, one: Container) -> Path:
    """Where a node keeps a bid's ciphertext."""
    folder = found.config(node).parent / "openings" / session / f"{one.lot}-{one.envelope}"
    return folder / f"{one.bidder}.tcbid"


class TooFew:
    """So many centres killed that one is missing to the threshold, until they are let up again."""

    def __init__(self, running: Stack, centres: tuple[str, ...], case: Case) -> None:
        """Of all centres a majority is the threshold."""
        self._running, self._case = running, case
        self.down = centres[len(centres) // 2 :]
        self.there = centres[: len(centres) // 2]

    def kill(self) -> None:
        """End them all at once, as power cuts do."""
        for name in self.down:
            self._running.keep_down(name)

    async def back(self) -> None:
        """They come back, each from its disk."""
        for name in self.down:
            self._running.let_up(name)
        for name in self.down:
            await self._running.wait_ready(name)

    async def suspended(self, by: Person, dice: Dice, why: str) -> None:
        """The tenderee suspends the session for want of custodians."""
        limit_ms = conduct_of(self._case.plan.conduct).suspension_during_ms
        text = hidden.disclose("statement", dice.bytes32("statement", why, by.session), GONE)
        await by.act(SESSION_STAGE, Suspend("people", text.digest, limit_ms), (text,))

    async def resumed(self, by: Person) -> None:
        """The agent has it go on."""
        await by.act(SESSION_STAGE, Resume())


async def refused(by: Person, stage: Stage, content: Content) -> str:
    """The code by which somebody's try to force an opening is refused; empty where it was not."""
    try:
        await by.act(stage, content)
    except ActRefused as error:
        return error.refused.code
    return ""
