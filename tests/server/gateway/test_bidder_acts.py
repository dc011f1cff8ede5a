"""A bidder's own acts over its page: a key is vouched for, an objection is taken, nothing else comes in."""

from pathlib import Path

import msgspec
import pytest

from protocol import commands as cmd
from protocol import commands_turns as turns
from protocol import hidden, outside, voices
from protocol.commands import NO_HEAD, Command
from protocol.outside import BidderKey
from protocol.voices import VoiceAsk
from protocol.wire import Submit
from protocol.words import SESSION_STAGE, Stage
from server.assembly import Coordinator
from tests.protocol.world import key, salt
from tests.server import nodes
from tests.server.acting import Script, signed
from tests.server.gateway.test_bidder_page import issued
from tests.server.gateway.test_sockets import play
from tests.server.outsiders import Browser, browser

FIRST = Stage("01", "1", 1)


@pytest.fixture
def script(script: Script) -> Script:
    """Under rules version 3, whose openings take objections."""
    script.rules = "3"
    return script


@pytest.fixture
async def codes(folder: Path, running: Coordinator, script: Script) -> dict[str, str]:
    script.to_check_in()
    await play(running, script)
    async with nodes.node(folder, running, "hefei") as hefei:
        return await issued(hefei, "b1", "b2")


def act(
    script: Script, author: str, number: int, content: cmd.Content, stage: Stage = SESSION_STAGE
) -> Submit:
    """A command as a bidder's page makes it, with what it hides."""
    held: tuple[hidden.Disclosure, ...] = ()
    if isinstance(content, turns.RaiseObjection):
        held = (hidden.disclose("objection", salt("objection"), "唱标有误"),)
        content = msgspec.structs.replace(content, objection=held[0].digest)
    command = Command(
        session=script.session, type=type(content).__name__, command_id=f"{author}-{number}",
        author_key=key(author), author_at=script.now, author_seq=number, seen=NO_HEAD, stage=stage,
        content=content,
    )  # fmt: skip
    return signed(command, author, held)


async def bound(page: Browser, script: Script, bidder: str, author: str) -> cmd.BindSeat:
    status, told = await page.post(outside.BIDDER_BIND, BidderKey(key(author)))
    assert (status, told["seat"], told["key"]) == (200, bidder, key(author))
    return cmd.BindSeat(bidder, "code", told["attestation"])


async def test_a_bidder_binds_its_key_and_objects_once_its_code_was_spent(
    running: Coordinator, script: Script, codes: dict[str, str]
) -> None:
    async with browser(running) as page:
        assert (await page.post(outside.BIDDER_BIND, BidderKey(key("b1"))))[1]["refused"][
            "code"
        ] == "NotSignedIn"
        await page.sign_in("b1", codes["b1"])
        objection = turns.RaiseObjection("b1", bytes(32))
        early = await page.post(outside.BIDDER_ACT, act(script, "b1", 1, objection, FIRST))
        assert early[1]["refused"]["code"] == "UnknownAuthor"
        binding = await bound(page, script, "b1", "b1")
        status, answer = await page.post(outside.BIDDER_ACT, act(script, "b1", 2, binding))
        assert (status, answer["status"]) == (200, "accepted")
        status, answer = await page.post(outside.BIDDER_ACT, act(script, "b1", 3, objection, FIRST))
        assert (status, answer["status"], answer["refused"]) == (200, "accepted", None)
        async with page.events() as events:
            shown = (await events.news()).view
    assert shown.keyed
    assert [one.objection for one in shown.stages[0].objections] == ["唱标有误"]


async def test_a_bidders_door_takes_no_other_act_and_no_other_bidders(
    running: Coordinator, script: Script, codes: dict[str, str]
) -> None:
    async with browser(running) as page:
        await page.sign_in("b1", codes["b1"])
        other = await page.post(
            outside.BIDDER_ACT, act(script, "b2", 1, cmd.BindSeat("b2", "code", "ed25519:AA=="))
        )
        assert other[1]["refused"]["code"] == "UnknownAuthor"
        foreign = await page.post(outside.BIDDER_ACT, act(script, "agent", 99, cmd.LockRoster()))
        assert foreign[1]["refused"]["code"] == "NotAllowed"
        forged = act(script, "b1", 5, await bound(page, script, "b1", "b1"))
        forged = msgspec.structs.replace(forged, sig=act(script, "b2", 5, cmd.LockRoster()).sig)
        assert (await page.post(outside.BIDDER_ACT, forged))[1]["refused"]["code"] == "BadSignature"
        away = await page.post(outside.BIDDER_BIND, BidderKey(key("b1")), Origin="https://elsewhere.example")
        assert away[1]["refused"]["code"] == "Malformed"


async def test_a_voice_is_asked_for_the_cookies_own_bidder_alone(
    running: Coordinator, script: Script, codes: dict[str, str]
) -> None:
    def asked(bidder: str) -> VoiceAsk:
        return VoiceAsk(script.session, bidder, key(bidder), "certificate")

    path = outside.BIDDER_VOICES + voices.VOICE_ASK
    async with browser(running) as page:
        assert (await page.post(path, asked("b1")))[1]["refused"]["code"] == "NotSignedIn"
        await page.sign_in("b1", codes["b1"])
        assert (await page.post(path, asked("b2")))[1]["refused"]["code"] == "UnknownAuthor"
        away = await page.post(path, asked("b1"), Origin="https://elsewhere.example")
        assert away[1]["refused"]["code"] == "Malformed"
        large = await page.post(path, {"padding": "x" * 300_000})
        assert large[1]["refused"]["code"] == "TooLarge"
        # Whoever may ask is told that this house goes by no trust list.
        assert (await page.post(path, asked("b1")))[1]["refused"]["code"] == "NoTrustList"
