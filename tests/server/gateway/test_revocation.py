"""Evidence on revocation over real HTTP: from authorities that answer, and from whoever is in their place."""

import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from ops import senses
from ops.ca import alliance
from ops.ca.serve import application
from protocol import limits
from protocol.refusals import Refusal
from protocol.seal.trust import certificate, judge, ocsp, trust_list
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.judge import Evidence, Verdict
from protocol.seal.trust.trust_list import Trusted
from server.gateway import revocation
from server.gateway.revocation import KEPT_MS, Fetcher

PROVINCES = [province for province, _, _ in alliance.BOOKS]
Meddling = Callable[[web.Request], web.StreamResponse | None]


@dataclass
class Town:
    """Four authorities behind one listener, which a test may stand in front of."""

    folder: Path
    base: str = ""
    asked: list[str] = field(default_factory=list)
    meddle: Meddling | None = None

    def trusted(self) -> Trusted:
        found = trust_list.read((self.folder / "trust.json").read_bytes())
        assert isinstance(found, Trusted)
        return found

    def issue(self, province: str) -> tuple[Certificate, Certificate]:
        own = alliance.named(self.folder, province)
        raw, _ = own.issue("张三", "sign", senses.now_ms())
        person = certificate.read(raw)
        assert not isinstance(person, Refusal)
        return person, own.issuing


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authorities") / "all"
    alliance.make(folder, senses.now_ms())
    return folder


@pytest.fixture
async def town(made: Path) -> AsyncIterator[Town]:
    found = Town(made)

    @web.middleware
    async def watched(request: web.Request, handler: Handler) -> web.StreamResponse:
        found.asked.append(request.path)
        instead = found.meddle(request) if found.meddle is not None else None
        return instead if instead is not None else await handler(request)

    app = application(made)
    app.middlewares.append(watched)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    alliance.publish(made, senses.now_ms(), address=found.base)
    try:
        yield found
    finally:
        await runner.cleanup()


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with aiohttp.ClientSession() as session:
        yield Fetcher(session, lambda size: senses.Dice().bytes32()[:size])


def judged(town: Town, person: Certificate, issuing: Certificate, evidence: Evidence) -> Verdict:
    return judge.judge(person, (issuing,), town.trusted(), senses.now_ms(), "sign", evidence)


async def fetched(town: Town, fetcher: Fetcher, person: Certificate, issuing: Certificate) -> Evidence:
    return await fetcher.evidence(town.trusted(), person, (issuing,), senses.now_ms())


def code(verdict: Verdict) -> str:
    return verdict.reason.code if verdict.reason is not None else verdict.outcome


@pytest.mark.parametrize("province", PROVINCES)
async def test_a_certificate_counts_by_what_its_authority_says_over_the_line(
    town: Town, fetcher: Fetcher, province: str
) -> None:
    person, issuing = town.issue(province)
    evidence = await fetched(town, fetcher, person, issuing)
    assert (len(evidence.crls), len(evidence.answers), evidence.unread) == (2, 2, ())
    assert code(judged(town, person, issuing, evidence)) == "valid"
    # Answers alone serve as well, and so do lists alone.
    assert code(judged(town, person, issuing, Evidence(crls=evidence.crls))) == "valid"
    assert code(judged(town, person, issuing, Evidence(answers=evidence.answers))) == "valid"


@pytest.mark.parametrize("province", PROVINCES)
async def test_what_was_revoked_a_moment_ago_is_known_by_the_answer_before_the_list(
    town: Town, fetcher: Fetcher, province: str
) -> None:
    person, issuing = town.issue(province)
    assert code(judged(town, person, issuing, await fetched(town, fetcher, person, issuing))) == "valid"
    own = alliance.named(town.folder, province)
    own.revoke(person.serial, senses.now_ms() - 1000, "key-compromise")
    evidence = await fetched(town, fetcher, person, issuing)
    assert code(judged(town, person, issuing, Evidence(crls=evidence.crls))) == "valid"
    assert code(judged(town, person, issuing, evidence)) == "CertificateRevoked"
    own.write_lists(senses.now_ms())
    fresh = Fetcher(fetcher._session, bytes)
    evidence = await fetched(town, fresh, person, issuing)
    assert code(judged(town, person, issuing, Evidence(crls=evidence.crls))) == "CertificateRevoked"


async def test_lists_are_used_again_for_a_while_and_answers_are_asked_for_each_time(
    town: Town, fetcher: Fetcher
) -> None:
    person, issuing = town.issue("jiangsu")
    now = senses.now_ms()
    for at, lists in ((now, 2), (now + KEPT_MS - 1, 2), (now + KEPT_MS, 4)):
        await fetcher.evidence(town.trusted(), person, (issuing,), at)
        assert sum(path.endswith(".crl") for path in town.asked) == lists
    assert sum(path.endswith("/ocsp") for path in town.asked) == 6


async def test_nothing_is_asked_of_a_place_that_only_the_certificate_names(
    town: Town, fetcher: Fetcher
) -> None:
    person, issuing = town.issue("shanghai")
    alliance.publish(town.folder, senses.now_ms(), without=frozenset({"shanghai"}))
    evidence = await fetched(town, fetcher, person, issuing)
    assert (town.asked, evidence) == ([], Evidence())
    alliance.publish(town.folder, senses.now_ms(), address=town.base)


@pytest.mark.parametrize(
    ("what", "status", "body"),
    [
        ("HTTP 500", 500, b""),
        ("not well formed", 200, b"<html>login</html>"),
        ("not well formed", 200, b""),
        ("HTTP 302", 302, b""),
    ],
)
async def test_an_address_that_answers_something_else_decides_nothing(
    town: Town, fetcher: Fetcher, what: str, status: int, body: bytes
) -> None:
    """Had: the line between. Tried: another page in place of the evidence. Stopped by: it is no evidence."""
    person, issuing = town.issue("jiangsu")
    elsewhere = {"Location": "http://127.0.0.1:9/"}
    town.meddle = lambda _: web.Response(status=status, body=body, headers=elsewhere)
    evidence = await fetched(town, fetcher, person, issuing)
    verdict = judged(town, person, issuing, evidence)
    assert (verdict.outcome, code(verdict)) == ("undecided", "EvidenceUnreadable")
    assert what in evidence.unread[0].detail["why"]
    assert len(town.asked) == 4
    town.meddle = None
    assert code(judged(town, person, issuing, await fetched(town, fetcher, person, issuing))) == "valid"


@pytest.mark.parametrize("province", ["jiangsu", "zhejiang"])
async def test_an_answer_kept_from_before_is_not_the_answer_to_this_question(
    town: Town, fetcher: Fetcher, province: str
) -> None:
    """Had: the line between, and a good answer from before the revocation. Tried: to replay it.

    Stopped by: the question's nonce. Control: the authority's own answer to the same question.
    """
    person, issuing = town.issue(province)
    own = alliance.named(town.folder, province)
    old = own.answer(person.serial, senses.now_ms(), b"n" * 32)
    own.revoke(person.serial, senses.now_ms() - 1000, "key-compromise")
    town.meddle = lambda request: web.Response(body=old) if request.path.endswith("ocsp") else None
    evidence = await fetched(town, fetcher, person, issuing)
    assert evidence.answers == ()
    assert {one.code for one in evidence.unread} == {"EvidenceForeign"}
    town.meddle = None
    evidence = await fetched(town, fetcher, person, issuing)
    assert code(judged(town, person, issuing, evidence)) == "CertificateRevoked"


async def test_one_who_never_answers_is_waited_for_no_longer_than_the_bound(
    town: Town, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revocation, "FETCH_TIMEOUT_S", 0.05)
    silent = socket.create_server(("127.0.0.1", 0))
    try:
        port = silent.getsockname()[1]
        alliance.publish(town.folder, senses.now_ms(), address=f"http://127.0.0.1:{port}")
        person, issuing = town.issue("jiangsu")
        evidence = await fetched(town, fetcher, person, issuing)
        assert {one.detail["why"].partition(": ")[2] for one in evidence.unread} == {
            "no answer within 0.05 s"
        }
        assert judged(town, person, issuing, evidence).outcome == "undecided"
    finally:
        silent.close()
        alliance.publish(town.folder, senses.now_ms(), address=town.base)


async def test_a_body_without_end_is_given_up(
    town: Town, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CRL_BYTES_MAX", 1_000)
    town.meddle = lambda request: web.Response(body=b"0" * 100_000) if request.path.endswith(".crl") else None
    person, issuing = town.issue("jiangsu")
    evidence = await fetched(town, fetcher, person, issuing)
    assert {one.code for one in evidence.unread} == {"TooLarge"}
    assert code(judged(town, person, issuing, evidence)) == "valid"


async def test_the_answerer_says_what_it_cannot_answer(town: Town) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{town.base}/anhui/ocsp", data=b"no question") as response:
            assert await response.read() == bytes.fromhex("30030a0101")
        async with session.get(f"{town.base}/gansu/issuing.crl") as response:
            assert response.status == 404
        person, issuing = town.issue("jiangsu")
        question = ocsp.request(person, issuing, b"n" * 32)
        async with session.post(f"{town.base}/zhejiang/ocsp", data=question) as response:
            assert await response.read() == bytes.fromhex("30030a0106")
