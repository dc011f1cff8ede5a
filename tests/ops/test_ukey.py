"""`tongchang ukey`: a real token signs what its holder was shown and agreed to, for named pages alone."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec.structs import replace

from ops.ukey.asking import Terminal, suite_of
from ops.ukey.bridge import CERTIFICATE, SIGN, Bridge, Token
from protocol import canonical
from protocol.refusals import Refusal, refuse
from protocol.seal import signing
from protocol.seal.trust import der, spoken
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.spoken import SignedDelegation, SignedSignIn
from sub_venue import tokens
from tests.attacks.province import AT, SIGNER, Province, read
from tests.softhsm import PIN, Slot, slot

__all__ = ["slot"]

ORIGIN = "http://hefei.localhost:7711"
NONCE = base64.b64encode(b"\7" * 32).decode()
SIGN_IN = {"kind": "sign-in", "fields": {"audience": ORIGIN, "nonce": NONCE}}
DELEGATE = {
    "kind": "delegate",
    "fields": {
        "key": signing.public_text(SIGNER), "nonce": NONCE, "role": "expert", "seat": "M2", "session": "S-1",
        "until": AT + 1,
    },
}  # fmt: skip


class Beside:
    """A bridge to a token whose certificate a province has made, and what its holder sees and says."""

    def __init__(self, slot: Slot, folder: Path) -> None:
        pin = folder / "pin"
        pin.write_text(PIN)
        self.where = (
            f"pkcs11:token={slot.label};object={slot.key}?module-path={slot.module}&pin-source=file:{pin}"
        )
        with tokens.opened(slot.module, slot.label, PIN, slot.key) as key:
            self.own = certified(key.public)
        self.says = "y"
        self.seen: list[str] = []
        terminal = Terminal(
            suite_of(self.own.spki), self.where, self.own.spki, lambda _: self.says, self.seen.append
        )
        self.bridge = Bridge(self.own, (), frozenset({ORIGIN}), terminal.agree, lambda: AT)
        self.at = ""

    async def asks(
        self, body: Any, origin: str = ORIGIN, path: str = SIGN, host: str = ""
    ) -> tuple[int, dict[str, Any], str]:
        """What a page of an origin gets: status, JSON, and to which origin a browser would show it."""
        headers = {"Origin": origin} | ({"Host": host} if host else {})
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                "GET" if body is None else "POST", self.at + path, json=body, headers=headers
            ) as response,
        ):
            told = await response.json() if response.content_type == "application/json" else {}
            return response.status, told, response.headers.get("Access-Control-Allow-Origin", "")


def certified(spki: bytes) -> Certificate:
    """A person's certificate for a key that lies in a token."""
    province = Province("ecdsa")
    public = serialization.load_der_public_key(spki)
    made = x509.load_der_x509_certificate(province.person())
    builder = (
        x509.CertificateBuilder()
        .subject_name(made.subject)
        .issuer_name(made.issuer)
        .public_key(public)  # type: ignore[arg-type]
        .serial_number(7)
        .not_valid_before(made.not_valid_before_utc)
        .not_valid_after(made.not_valid_after_utc)
    )
    issuer = ec.derive_private_key(99, ec.SECP256R1())
    return read(builder.sign(issuer, hashes.SHA256()).public_bytes(serialization.Encoding.DER))


@pytest.fixture
async def beside(slot: Slot, tmp_path: Path) -> AsyncIterator[Beside]:
    made = Beside(slot, tmp_path)
    runner = web.AppRunner(made.bridge.application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.at = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


async def test_the_holder_sees_the_whole_statement_agrees_and_the_token_signs(beside: Beside) -> None:
    status, told, shown_to = await beside.asks(DELEGATE)
    assert (status, shown_to) == (200, ORIGIN)
    signed = canonical.decode(told["signed"].encode(), SignedDelegation, 100_000)
    assert spoken.signature_fault(signed) is None
    assert (signed.statement.seat, signed.statement.at) == ("M2", AT)
    seen = "\n".join(beside.seen)
    for field in ("M2", "S-1", "expert", signing.public_text(SIGNER)):
        assert field in seen
    assert PIN not in seen
    status, told, _ = await beside.asks(SIGN_IN)
    assert spoken.signature_fault(canonical.decode(told["signed"].encode(), SignedSignIn, 100_000)) is None
    _, told, _ = await beside.asks(None, path=CERTIFICATE)
    assert base64.b64decode(told["certificate"]) == beside.own.raw


async def test_a_page_of_another_origin_gets_nothing_signed_and_nothing_to_read(beside: Beside) -> None:
    """Had: a page in the same browser. Tried: to ask the token. Stopped by: its origin."""
    for origin in ("http://evil.example", "http://hefei.localhost:7712", "null", ""):
        status, told, shown_to = await beside.asks(SIGN_IN, origin=origin)
        assert (status, told["refused"]["code"], shown_to) == (403, "OriginNotAllowed", "")
    status, _, _ = await beside.asks(SIGN_IN, host="rebound.example")
    assert status == 421
    assert beside.seen == []
    assert (await beside.asks(SIGN_IN))[0] == 200


async def test_a_sign_in_for_another_place_than_the_pages_own_is_not_signed(beside: Beside) -> None:
    """Had: a named page that was taken over. Tried: a sign-in elsewhere. Stopped by: its audience."""
    body = {"kind": "sign-in", "fields": {"audience": "https://elsewhere.example", "nonce": NONCE}}
    _, told, _ = await beside.asks(body)
    assert told["refused"]["code"] == "StatementMismatch"
    bodies: tuple[Any, ...] = ({"kind": "bytes", "fields": {}}, {"kind": "sign-in", "fields": {}}, [])
    for wrong in bodies:
        _, told, _ = await beside.asks(wrong)
        assert told["refused"]["code"] == "Malformed"
    assert beside.seen == []


async def test_without_a_yes_nothing_is_signed(beside: Beside) -> None:
    for said in ("", "n", "no", "maybe"):
        beside.says = said
        _, told, _ = await beside.asks(SIGN_IN)
        assert told["refused"]["code"] == "HolderDeclined"


async def test_a_wrong_pin_is_told_and_one_question_is_asked_at_a_time(
    beside: Beside, tmp_path: Path
) -> None:
    (tmp_path / "pin").write_text("11112222")
    _, told, _ = await beside.asks(SIGN_IN)
    assert told["refused"]["code"] == "TokenFailed"
    assert "PIN" in told["refused"]["en"]
    (tmp_path / "pin").write_text(PIN)
    entered, leave = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(*_: Any) -> Refusal:
        loop.call_soon_threadsafe(entered.set)
        asyncio.run_coroutine_threadsafe(leave.wait(), loop).result(30)
        return refuse("HolderDeclined")

    token = await beside.bridge._choose("", "")
    assert not isinstance(token, Refusal)

    async def slowly(*_: str) -> Token:
        return replace(token, agree=slow)

    beside.bridge._choose = slowly
    first = asyncio.create_task(beside.asks(SIGN_IN))
    await entered.wait()
    _, told, _ = await beside.asks(SIGN_IN)
    assert told["refused"]["code"] == "TooBusy"
    leave.set()
    _, told, _ = await first
    assert told["refused"]["code"] == "HolderDeclined"


def attribute(oid: str, value: bytes) -> bytes:
    named = der.encode(der.OBJECT, bytes.fromhex(oid))
    return der.encode(der.SEQUENCE, named + der.encode(0x31, value))


CONTENT_TYPE = attribute("2a864886f70d010903", der.encode(der.OBJECT, bytes.fromhex("2a864886f70d010701")))
DIGEST = attribute("2a864886f70d010904", der.encode(der.OCTET_STRING, b"\5" * 32))


def paper(*attributes: bytes) -> dict[str, Any]:
    question = base64.b64encode(der.encode(0x31, b"".join(attributes))).decode()
    prepared = base64.b64encode(b"\6" * 32).decode()
    return {
        "kind": "paper",
        "fields": {"session": "S-1", "seat": "M2", "prepared": prepared, "question": question},
    }


async def test_a_report_is_signed_once_its_holder_has_read_the_digest(beside: Beside) -> None:
    mine = attribute("2a864886f70d010910022f", der.encode(der.OCTET_STRING, beside.own.fingerprint))
    _, told, _ = await beside.asks(paper(CONTENT_TYPE, DIGEST, mine))
    algorithm, _, sig = told["signed"].partition(":")
    assert algorithm == "ecdsa-p256-sha256"
    question = base64.b64decode(paper(CONTENT_TYPE, DIGEST, mine)["fields"]["question"])
    public = serialization.load_der_public_key(beside.own.spki)
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(base64.b64decode(sig), question, ec.ECDSA(hashes.SHA256()))
    seen = "\n".join(beside.seen)
    assert all(one in seen for one in ("签署评标报告", "M2", "S-1", "05" * 32, "06" * 32))
    beside.says = "n"
    _, told, _ = await beside.asks(paper(CONTENT_TYPE, DIGEST, mine))
    assert told["refused"]["code"] == "HolderDeclined"


async def test_bytes_that_are_no_reports_attributes_are_not_even_shown(beside: Beside) -> None:
    """Had: a named page that was taken over. Tried: other bytes as a report. Stopped by: the closed set."""
    other = attribute("2a864886f70d010910022f", der.encode(der.OCTET_STRING, b"\7" * 32))
    mail = attribute("2a864886f70d01090f", der.encode(der.SEQUENCE, b""))
    nested = attribute("2a864886f70d010903", der.encode(der.OBJECT, bytes.fromhex("2a864886f70d010702")))
    for wrong in (
        paper(CONTENT_TYPE), paper(DIGEST), paper(CONTENT_TYPE, DIGEST, other),
        paper(CONTENT_TYPE, DIGEST, mail), paper(CONTENT_TYPE, DIGEST, DIGEST), paper(nested, DIGEST),
    ):  # fmt: skip
        _, told, _ = await beside.asks(wrong)
        assert told["refused"]["code"] == "Malformed", wrong
    assert beside.seen == []
