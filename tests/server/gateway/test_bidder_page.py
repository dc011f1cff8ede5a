"""The bidder's page over HTTP: a code buys a cookie, the cookie the bidder's fold, and nothing else does."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from protocol import limits, outside, wire
from protocol.hidden import holds
from protocol.ledger import checkpoint, note, quorum, tree, trust
from protocol.ledger.quorum import Party, Policy
from protocol.link.bid_receipt import fault, make
from protocol.outside import BidderNews
from protocol.seal import signing
from server.assembly import Coordinator
from server.gateway.identity import bidder_codes_bytes
from tests.protocol.world import START_MS, key, private_key
from tests.server import nodes
from tests.server.acting import Script, TestSenses, binding
from tests.server.gateway.test_sockets import play
from tests.server.nodes import Node, TurnedDown
from tests.server.outsiders import browser


async def issued(
    node: Node, *bidders: str, author: str = "agent", at: int = START_MS, session: str = "s-1"
) -> dict[str, str]:
    """Codes of bidders, as the session's agent asks for them."""
    sig = signing.sign(private_key(author), bidder_codes_bytes(session, bidders, key(author), at))
    asked = wire.IssueCodes(session, (), key(author), at, sig, bidders)
    codes = await node.ask(wire.ISSUE_CODES, asked, wire.Codes)
    assert {(one.role, one.venue) for one in codes.codes} == {("bidder", "")}
    return {one.seat: one.code for one in codes.codes}


@pytest.fixture
async def opened(folder: Path, running: Coordinator, script: Script) -> dict[str, str]:
    """A session at check-in, and the codes of two of its bidders."""
    script.to_check_in()
    await play(running, script)
    async with nodes.node(folder, running, "hefei") as hefei:
        return await issued(hefei, "b1", "b2")


async def test_a_code_buys_a_cookie_and_the_cookie_the_bidders_own_page(
    running: Coordinator, script: Script, opened: dict[str, str]
) -> None:
    async with browser(running) as page:
        assert (await page.get(outside.BIDDER_SEATED))[1]["refused"]["code"] == "NotSignedIn"
        status, seated = await page.sign_in("b1", opened["b1"].lower())
        assert (status, seated["bidder"]) == (200, "b1")
        assert seated["until"] == START_MS + limits.CODE_LIFETIME_MS
        (cookie,) = page.http.cookie_jar
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/bidder/")
        assert (await page.get(outside.BIDDER_SEATED))[1] == seated
        async with page.events() as events:
            news = await events.news()
    assert news.view.name == script.case.bidders[0].name
    assert [bid.own for bid in news.view.stages[0].bids] == [True, False, False, False, False]
    assert [line.seq for line in news.lines] == list(range(script.at.size))
    assert tree.root([line.leaf for line in news.lines]) == news.view.as_of.root
    assert {line.type for line in news.lines} <= {"", "ImportOpening", "DrawK", "ReachMilestone"}
    (told,) = news.entries
    receipt = make(news, told)
    assert fault(receipt) == ""
    assert all(holds(one) for one in receipt.disclosures)


async def test_news_come_as_the_record_grows_and_go_on_from_the_last_event(
    running: Coordinator, script: Script, opened: dict[str, str]
) -> None:
    async with browser(running) as page:
        await page.sign_in("b1", opened["b1"])
        async with page.events() as events:
            first = await events.news()
            await running.registry.submit(binding(script, "M1", "key-1"), "hefei")
            second = await events.news()
            assert (second.since, len(second.lines)) == (first.view.as_of.size, 1)
            assert second.entries == ()
            assert (second.lines[0].type, second.lines[0].who) == ("", "")
            _holds_against(second, first)
        async with page.events(since=str(second.view.as_of.size)) as events:
            again = await events.news()
            assert (again.since, again.lines) == (second.view.as_of.size, ())
        async with page.events(since="999999") as events:
            assert (await events.news()).since == 0


def _holds_against(later: BidderNews, earlier: BidderNews) -> None:
    """The entry told earlier is proved against the later head."""
    assert fault(make(later, earlier.entries[0])) == ""


async def test_a_wrong_code_is_counted_and_locks_and_a_strangers_name_is_a_wrong_code(
    running: Coordinator, opened: dict[str, str]
) -> None:
    async with browser(running) as page:
        for session, bidder in (("s-1", "nobody"), ("s-none", "b1")):
            status, told = await page.sign_in(bidder, opened["b1"], session)
            assert (status, told["refused"]["code"]) == (403, "BadCode")
        tries = [(await page.sign_in("b1", "AAAAA-AAAAA"))[1]["refused"] for _ in range(5)]
        assert [one["code"] for one in tries] == ["BadCode"] * 4 + ["CodeLocked"]
        assert tries[-1]["detail"]["seat"] == "b1"
        assert (await page.sign_in("b1", opened["b1"]))[1]["refused"]["code"] == "CodeLocked"
        assert (await page.sign_in("b2", opened["b2"]))[0] == 200


async def test_a_code_is_spent_once_and_is_good_for_no_other_bidder_and_no_seat(
    folder: Path, running: Coordinator, opened: dict[str, str]
) -> None:
    async with browser(running) as page, browser(running) as other:
        assert (await other.sign_in("b2", opened["b1"]))[1]["refused"]["code"] == "BadCode"
        assert (await page.sign_in("b1", opened["b1"]))[0] == 200
        assert (await other.sign_in("b1", opened["b1"]))[1]["refused"]["code"] == "BadCode"
        async with nodes.node(folder, running, "hefei") as hefei:
            with pytest.raises(TurnedDown, match="UnknownSeat"):
                await hefei.sign_in("s-1", "b2", opened["b2"], "fresh")


async def test_a_new_code_or_signing_out_ends_the_page_at_once(
    folder: Path, running: Coordinator, opened: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with browser(running) as page, nodes.node(folder, running, "hefei") as hefei:
        await page.sign_in("b1", opened["b1"])
        async with page.events() as events:
            await events.news()
            fresh = await issued(hefei, "b1", at=START_MS + 1)
            name, _, data = await events.next()
            assert (name, data["refused"]["code"]) == ("unseated", "BidderSignedOut")
            assert await events.next() == ("", "", None)
        assert (await page.sign_in("b1", fresh["b1"]))[0] == 200
        async with page.events() as events:
            await events.news()
        assert (await page.post(outside.BIDDER_SIGN_OUT, {}))[0] == 200
        assert (await page.get(outside.BIDDER_SEATED))[1]["refused"]["code"] == "NotSignedIn"
        assert (await page.sign_in("b1", fresh["b1"]))[1]["refused"]["code"] == "BadCode"


async def test_a_cookie_is_good_after_a_restart_until_its_codes_end(
    folder: Path, tmp_path: Path, script: Script
) -> None:
    script.to_check_in()
    async with nodes.coordinator(folder, tmp_path) as running, browser(running) as page:
        await play(running, script)
        async with nodes.node(folder, running, "hefei") as hefei:
            code = (await issued(hefei, "b1"))["b1"]
        await page.sign_in("b1", code)
        kept = {one.key: one.value for one in page.http.cookie_jar}
    senses = TestSenses()
    async with nodes.coordinator(folder, tmp_path, senses=senses) as again, browser(again) as page:
        page.http.cookie_jar.update_cookies(kept)
        assert (await page.get(outside.BIDDER_SEATED))[1]["bidder"] == "b1"
        senses.now += limits.CODE_LIFETIME_MS
        assert (await page.get(outside.BIDDER_SEATED))[1]["refused"]["code"] == "BidderSignedOut"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
        {"Content-Type": "text/plain"},
    ],
)
async def test_nobody_signs_in_or_out_from_a_foreign_page(
    running: Coordinator, opened: dict[str, str], headers: dict[str, str]
) -> None:
    asked = {"session": "s-1", "bidder": "b1", "code": opened["b1"]}
    async with browser(running) as page:
        for path, body in ((outside.BIDDER_SIGN_IN, asked), (outside.BIDDER_SIGN_OUT, {})):
            status, told = await page.post(path, body, **headers)
            assert (status, told["refused"]["code"]) == (403, "Malformed")
        status, _ = await page.get("/bidder/", Host="rebound.example")
        assert status == 421


@pytest.mark.parametrize(
    "cookie",
    ["", "x", "s-1~b1~", "s-1~b1~AAAA", "s-1~b1~%%%", "~~", "s-1~b1~AAAA~more", "s-1~" + "b" * 99 + "~A"],
)
async def test_a_made_up_cookie_opens_nothing(
    running: Coordinator, opened: dict[str, str], cookie: str
) -> None:
    async with browser(running) as page:
        headers = {"Cookie": f"tongchang_bidder={cookie}"}
        _, told = await page.get(outside.BIDDER_SEATED, **headers)
        assert told["refused"]["code"] in ("NotSignedIn", "BidderSignedOut")
        _, text = await page.get(outside.BIDDER_EVENTS, **headers)
        assert "event: unseated" in text
        assert "event: news" not in text


async def test_only_the_sessions_agent_gets_codes_and_only_for_those_who_bid(
    folder: Path, running: Coordinator, script: Script, opened: dict[str, str]
) -> None:
    async with nodes.node(folder, running, "hefei") as hefei, nodes.node(folder, running, "nanjing") as away:
        with pytest.raises(TurnedDown, match="UnknownBidder"):
            await issued(hefei, "b1", "nobody", at=START_MS + 1)
        with pytest.raises(TurnedDown, match="UnknownAuthor"):
            await issued(hefei, "b1", author="M1", at=START_MS + 1)
        with pytest.raises(TurnedDown, match="WrongVenue"):
            await issued(away, "b1", at=START_MS + 1)
        with pytest.raises(TurnedDown, match="OutOfOrder"):
            await issued(hefei, "b1", at=START_MS)
        with pytest.raises(TurnedDown, match="DuplicateId"):
            await issued(hefei, "b1", "b1", at=START_MS + 1)
        sig = signing.sign(
            private_key("agent"), bidder_codes_bytes("s-1", ("b1",), key("agent"), START_MS + 1)
        )
        both: Any = wire.IssueCodes("s-1", ("M1",), key("agent"), START_MS + 1, sig, ("b1",))
        with pytest.raises(TurnedDown, match="Malformed"):
            await hefei.ask(wire.ISSUE_CODES, both, wire.Codes)
        as_seat = wire.IssueCodes("s-1", ("b1",), key("agent"), START_MS + 1, sig)
        with pytest.raises(TurnedDown, match="BadSignature"):
            await hefei.ask(wire.ISSUE_CODES, as_seat, wire.Codes)


async def test_where_bidders_have_certificates_no_code_is_given_or_taken(
    folder: Path, tmp_path: Path, script: Script
) -> None:
    script.to_check_in()
    settings = nodes.settings(folder, tmp_path, bidders_by_code=False)
    running = Coordinator(settings, TestSenses())
    await running.start()
    try:
        await play(running, script)
        async with nodes.node(folder, running, "hefei") as hefei, browser(running) as page:
            with pytest.raises(TurnedDown, match="CodeNotEnough"):
                await issued(hefei, "b1")
            assert (await page.sign_in("b1", "AAAAA-AAAAA"))[1]["refused"]["code"] == "CodeNotEnough"
    finally:
        await running.stop()


class _FromZero(TestSenses):
    """A steady clock that begins with the test: no minute ends in the middle of it."""

    def __init__(self) -> None:
        super().__init__()
        self._began_ms = super().running_ms()

    def running_ms(self) -> int:
        return super().running_ms() - self._began_ms


async def test_tries_and_open_pages_have_their_bounds(folder: Path, tmp_path: Path, script: Script) -> None:
    script.to_check_in()
    bounds = {"bidder_sign_ins_per_minute_max": 2, "page_streams_each_max": 1}
    async with nodes.coordinator(folder, tmp_path, senses=_FromZero(), **bounds) as running:
        await play(running, script)
        async with nodes.node(folder, running, "hefei") as hefei, browser(running) as page:
            code = (await issued(hefei, "b1"))["b1"]
            await page.sign_in("b1", code)
            async with page.events() as events:
                await events.news()
                async with page.events() as second:
                    name, _, data = await second.next()
                    assert (name, data["refused"]["code"]) == ("unseated", "TooBusy")
            await page.sign_in("b1", "AAAAA-AAAAA")
            status, told = await page.sign_in("b1", "AAAAA-AAAAA")
            assert (status, told["refused"]["code"]) == (429, "TooBusy")


async def test_the_clock_is_the_coordinators_and_every_answer_bears_the_pages_headers(
    running: Coordinator,
) -> None:
    async with browser(running) as page:
        assert await page.get(outside.BIDDER_CLOCK) == (200, {"at": START_MS})
        async with page.http.get(page.base + outside.BIDDER_CLOCK) as answer:
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Cache-Control"] == "no-store"
        status, _ = await page.get("/bidder/../../server/config.py")
        assert status == 404


class _Ahead(TestSenses):
    """A steady clock that can be sent ahead."""

    ahead_ms = 0

    def running_ms(self) -> int:
        return super().running_ms() + self.ahead_ms


async def test_who_was_at_nothing_for_too_long_is_signed_out_for_good(
    folder: Path, tmp_path: Path, script: Script
) -> None:
    script.to_check_in()
    senses = _Ahead()
    async with nodes.coordinator(folder, tmp_path, senses=senses, bidder_idle_ms=600_000) as running:
        await play(running, script)
        async with nodes.node(folder, running, "hefei") as hefei, browser(running) as page:
            await page.sign_in("b1", (await issued(hefei, "b1"))["b1"])
            senses.ahead_ms += 400_000
            assert (await page.get(outside.BIDDER_SEATED))[1]["bidder"] == "b1", "asking is no work"
            assert (await page.post(outside.BIDDER_HERE, {}))[1]["bidder"] == "b1"
            senses.ahead_ms += 400_000
            senses.now += 3_600_000
            assert (await page.get(outside.BIDDER_SEATED))[1]["bidder"] == "b1", "as if at work 400 s ago"
            senses.ahead_ms += 200_001
            told = (await page.get(outside.BIDDER_SEATED))[1]["refused"]
            assert (told["code"], told["detail"]) == ("SignInIdle", {"minutes": "10"})
            senses.ahead_ms = 0
            again = (await page.post(outside.BIDDER_HERE, {}))[1]["refused"]
            assert again["code"] == "BidderSignedOut", "the cookie is void, whatever a clock says later"


async def test_the_newest_signed_head_comes_with_the_policy_of_its_log(
    folder: Path, tmp_path: Path, script: Script
) -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    (tmp_path / "log.key").write_bytes(
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    log = note.ed25519_signer("bids.example", private).key
    family = Policy((Party("bids.example", log, ""),), (), (), quorum.NONE)
    (tmp_path / "policy").write_text(trust.text(family))
    script.to_check_in()
    settings = nodes.settings(
        folder, tmp_path, log_name="bids.example", log_key=tmp_path / "log.key",
        trust_policy=tmp_path / "policy",
    )  # fmt: skip
    running = Coordinator(settings, TestSenses())
    try:
        await running.start()
        await play(running, script)
        async with nodes.node(folder, running, "hefei") as hefei, browser(running) as page:
            assert (await page.get(outside.BIDDER_HEAD))[1]["refused"]["code"] == "NotSignedIn"
            await page.sign_in("b1", (await issued(hefei, "b1"))["b1"])
            status, told = await page.get(outside.BIDDER_HEAD)
    finally:
        await running.stop()
    assert (status, told["session"]) == (200, "s-1")
    (party,) = quorum.read(told["policy"].encode()).logs
    head, _ = checkpoint.open_checkpoint(told["checkpoint"].encode(), [party.key])
    assert (head.origin, head.size) == ("bids.example/s-1", script.at.size)
