"""People of a stack under rules version 4: known by certificate, and revoked in mid-session."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from ops import certifying, files, installation, places, ports, senses
from ops.ca import alliance
from ops.installation import COORDINATOR, DEFAULT_PLACES, PORTS_SPAN, Installation, Shape
from ops.people import agent, script
from ops.people.listener import ActRefused
from ops.people.play import Play, main_venue
from ops.people.voicing import Voicing
from ops.senses import Dice
from ops.stack import Stack
from protocol.views import View
from protocol.words import SESSION_STAGE

SESSION = "voiced"
REJUDGE_MS = 300


@pytest.fixture
async def found(tmp_path: Path) -> AsyncIterator[Installation]:
    """A stack with authorities, whose coordinator looks at certificates again all the time."""
    base = ports.free_base(PORTS_SPAN + len(DEFAULT_PLACES), Dice())
    made = installation.ensure(
        tmp_path, now_ms=senses.now_ms(), ports_from=base, shape=Shape(authorities=True)
    )
    config = made.config(COORDINATOR)
    files.write_json(config, {**files.read_json(config), "bounds": {"rejudge_ms": REJUDGE_MS}})
    stack = Stack(made)
    await stack.start()
    try:
        yield made
    finally:
        await stack.stop()


def standing(view: View) -> str:
    return "" if view.voice is None else view.voice.stands


async def test_a_certificate_gives_a_voice_and_is_silent_from_where_its_revocation_stands(
    found: Installation,
) -> None:
    case = replace(script.load(places.sample_case()), rules="4")
    play = Play(found, case, SESSION, Dice())
    async with play.open():
        agent_ = play.agent
        await agent.book(agent_, case)
        await agent_.follow_session()
        assert await agent_.until(standing) == "none"
        voices = Voicing(found, SESSION, main_venue(case))
        await voices.give(agent_)
        await voices.give(agent_)
        shown = await agent_.until(lambda view: view.voice)
        assert (shown.stands, shown.means, shown.key) == ("given", "certificate", agent_.key_text)
        assert [line.type for line in agent_.lines].count("DelegateSeatKey") == 1

        # The authority revokes the agent's certificate: the installation enters it by itself.
        by = alliance.named(found.data / certifying.AUTHORITIES, "anhui")
        (issued,) = by.book.issued
        assert issued.subject == "示例 agent"
        by.revoke(issued.serial, senses.now_ms(), "key-compromise")
        await agent_.until(lambda view: True if standing(view) == "revoked" else None)
        assert agent_.lines[-1].type == "RevokeCertificate"
        with pytest.raises(ActRefused) as refused:
            await agent_.act_prepared("ImportCommittee", SESSION_STAGE)
        assert refused.value.refused.code == "CertificateRevoked"
        # The same certificate gives no voice any more; another of the same person's does.
        with pytest.raises(ActRefused) as again:
            await voices.give(agent_)
        assert again.value.refused.code == "CertificateRevoked"
        await Voicing(found, SESSION, main_venue(case)).give(agent_)
        assert agent_.view is not None
        assert standing(agent_.view) == "given"
