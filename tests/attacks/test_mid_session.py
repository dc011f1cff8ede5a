"""A certificate that is revoked while its holder sits: the rounds find it, and it acts from its entry on."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec import Struct

from ops.ca.making import Withdrawn
from protocol import commands
from protocol.plan.case import Case, read_case
from protocol.seal.trust import judge
from protocol.wire import Answer, Submit
from protocol.words import SESSION_STAGE
from server.fanout.follower import Published
from server.gateway.rejudging import Rejudging
from server.sessions.signer import Signer
from tests.attacks.hall import Hall
from tests.attacks.province import AT
from tests.house import ground
from tests.protocol import voicing
from tests.protocol.world import key, private_key


class Note(Struct):
    """A session that is awake."""

    session: str


class Sessions:
    """The registry, as far as the rounds ask it."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall

    def notes_awake(self) -> tuple[Note, ...]:
        return (Note(self.hall.world.session),)

    def awake(self, _: str) -> Published:
        return Published(self.hall.world.at, self.hall.world.disclosed, key("home"))

    async def submit(self, submit: Submit, _: str) -> Answer:
        command = commands.parse(submit.command.encode())
        found = self.hall.world.take(command, "installation")
        status = "accepted" if hasattr(found, "seq") else "refused"
        return Answer(command_id=command.command_id, status=cast(Any, status))


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Hall]:
    case = read_case((ground.ROOT / "ops/sample/case.json").read_bytes())
    assert isinstance(case, Case)
    made = Hall(case, tmp_path)
    made.world.now = AT
    yield made
    await made.store.close()


async def test_the_rounds_enter_what_is_revoked_and_nothing_that_cannot_be_decided(hall: Hall) -> None:
    """Had: a seat delegated by a certificate that was stolen. Tried: to sign on after its revocation.

    Stopped by: the rounds, whose entry ends it. The control: while nothing is revoked, nothing is entered,
    and a line that is down ends no evaluation.
    """
    voicing.delegate(hall.world, hall.seat)
    size = hall.world.at.size
    certified = hall.voices._by.certified
    rounds = Rejudging(
        cast(Any, Sessions(hall)), Signer(private_key("installation")), cast(Any, hall.clock), certified, 1
    )
    assert await rounds.look() == 0
    hall.evidence = judge.read_evidence((), ())
    assert await rounds.look() == 0
    assert hall.world.at.size == size
    hall.evidence = judge.read_evidence(hall.person.province.crls(Withdrawn(1001, AT - 7_000)), ())
    # Everybody in this world has the same certificate: each seat's delegation ends by an entry of its own.
    voices = hall.world.at.identity.delegated
    assert await rounds.look() == len(voices) == hall.world.at.size - size
    voice = hall.world.at.identity.delegated[key(hall.seat)]
    assert voice.revoked_seq >= size
    assert voice.revoked_since == AT - 7_000
    assert await rounds.look() == 0
    refused = hall.world.do(hall.seat, hall.world.check_in_content(), SESSION_STAGE)
    assert getattr(refused, "code", "") == "CertificateRevoked"
