"""Signing by certificate beside the browser: a loopback program that shows a statement and asks (SPEC 19.7).

Owns the door: loopback only, own names only, pages of the named origins only, one question at a time. What a
page sends is fields, never bytes to be signed; the program builds the statement, shows all of it, and signs
after its holder has agreed in the program itself, where the PIN is typed too. A page can therefore neither
see a PIN nor have anything signed that was not shown.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec
from aiohttp import web
from msgspec import Struct

from ops.trouble import Trouble
from ops.ukey import report_paper
from ops.ukey.report_paper import Paper
from protocol import canonical, serving, wire
from protocol.refusals import Refusal, refuse
from protocol.seal.trust import moment, spoken
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.spoken import (
    PasskeyBinding,
    SeatDelegation,
    SignedBinding,
    SignedDelegation,
    SignedSignIn,
    SignIn,
    Statement,
)
from protocol.words import Term

CERTIFICATE: Final = "/ukey/certificate"
SIGN: Final = "/ukey/sign"
BODY_BYTES_MAX: Final = 65_536
PORT: Final = serving.UKEY_PORT
FIELD_CHARS_SHOWN_MAX: Final = 200
"""A longer field is cut on the screen: all of ours are shorter."""

FORMS: Final[Mapping[str, tuple[type[Statement], Term]]] = {
    "sign-in": (SignIn, Term("登录", "Sign in")),
    "delegate": (SeatDelegation, Term("授权席位密钥代表我操作", "Let a seat's key act for me")),
    "passkey": (
        PasskeyBinding,
        Term("把手机通行密钥绑定到我的证书", "Bind a phone's passkey to my certificate"),
    ),
}
"""What may be signed, by the name that a page gives it."""
_FIELDS: Final[Mapping[str, Term]] = {
    "audience": Term("网址", "address"),
    "session": Term("会话", "session"),
    "seat": Term("席位", "seat"),
    "role": Term("角色", "role"),
    "key": Term("席位密钥", "seat's key"),
    "until": Term("有效至", "until"),
    "credential": Term("通行密钥", "passkey"),
}

Signs = Callable[[bytes], str | Refusal]
"""Signs bytes (`<algorithm>:<base64>`), or says why not."""
Agree = Callable[[Term, tuple[tuple[Term, str], ...]], Signs | Refusal]
"""Shows a statement and asks; gives what signs, or why nothing is signed.

Runs in a thread of its own: a person reads and types.
"""


class Asked(Struct, frozen=True, forbid_unknown_fields=True):
    """What a page asks to have signed: which statement, and its fields but `at` and `certificate`."""

    kind: str
    fields: dict[str, Any]


class Token(Struct, frozen=True):
    """A certificate, those between it and its root, and who is asked before its key signs."""

    own: Certificate
    others: tuple[Certificate, ...]
    agree: Agree


Chooses = Callable[[str, str], Awaitable[Token | Refusal]]
"""The token of whoever sits at a seat: (session, seat), both empty where the page does not say."""


class Bridge:
    """The door to one certificate's key."""

    def __init__(
        self, own: Certificate, others: tuple[Certificate, ...], origins: frozenset[str], agree: Agree,
        now_ms: Callable[[], int],
    ) -> None:  # fmt: skip
        """Serve pages of these origins and no other."""
        token = Token(own, others, agree)

        async def the_one(_session: str, _seat: str) -> Token:
            return token

        self._choose: Chooses = the_one
        self._origins = origins
        self._now_ms = now_ms
        self._asking = False

    def application(self) -> web.Application:
        """What listens on loopback."""
        app = web.Application(client_max_size=BODY_BYTES_MAX, middlewares=[self._guard])
        app.router.add_get(CERTIFICATE, self._certificate)
        app.router.add_post(SIGN, self._sign)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
        """A page of a named origin, which has come to this machine by its own name (no DNS rebinding)."""
        origin = request.headers.get("Origin", "")
        if serving.host_name(request.host) not in ("127.0.0.1", "localhost", "::1"):
            return web.Response(status=421)
        if origin not in self._origins:
            return _refused(refuse("OriginNotAllowed", origin=origin[:200] or "-"))
        if request.method == "OPTIONS":
            answer = web.Response(status=204)
            answer.headers["Access-Control-Allow-Methods"] = "GET, POST"
            answer.headers["Access-Control-Allow-Headers"] = "Content-Type"
            answer.headers["Access-Control-Allow-Private-Network"] = "true"
        else:
            answer = await handler(request)
        answer.headers["Access-Control-Allow-Origin"] = origin
        answer.headers["Vary"] = "Origin"
        answer.headers["Cache-Control"] = "no-store"
        return answer

    async def _certificate(self, request: web.Request) -> web.Response:
        """Whose certificate is here: public, and asked for before a person chooses this way."""
        token = await self._token(request)
        if isinstance(token, Refusal):
            return _refused(token)
        others = [_text(one.raw) for one in token.others]
        return _answer({"certificate": _text(token.own.raw), "name": token.own.shown, "others": others})

    async def _sign(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            return _refused(refuse("Malformed", why="content type"))
        if self._asking:
            return _refused(refuse("TooBusy"))
        self._asking = True
        try:
            token = await self._token(request)
            if isinstance(token, Refusal):
                return _refused(token)
            found = await self._signed(await request.read(), request.headers["Origin"], token)
        finally:
            self._asking = False
        return _refused(found) if isinstance(found, Refusal) else _answer({"signed": found.decode()})

    async def _token(self, request: web.Request) -> Token | Refusal:
        """Of whom the page says that it asks; who holds one certificate passes that over."""
        return await self._choose(request.query.get("session", ""), request.query.get("seat", ""))

    async def _signed(self, raw: bytes, origin: str, token: Token) -> bytes | Refusal:
        try:
            asked = msgspec.json.decode(raw, type=Asked)
            if asked.kind == report_paper.KIND:
                return await _on_paper(msgspec.convert(asked.fields, Paper), token)
            form, title = FORMS[asked.kind]
            fields = {**asked.fields, "at": self._now_ms(), "certificate": _text(token.own.fingerprint)}
            statement: Statement = msgspec.convert(fields, form)
        except KeyError:
            return refuse("Malformed", why="kind")
        except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
            return refuse("Malformed", why=str(error)[:200])
        if isinstance(statement, SignIn) and statement.audience != origin:
            return refuse("StatementMismatch", field="audience")
        signer = await asyncio.to_thread(token.agree, title, shown(statement))
        if isinstance(signer, Refusal):
            return signer
        sig = await asyncio.to_thread(signer, spoken.signed_bytes(statement))
        if isinstance(sig, Refusal):
            return sig
        own, others = token.own.raw, tuple(one.raw for one in token.others)
        signed: SignedSignIn | SignedDelegation | SignedBinding
        match statement:
            case SignIn():
                signed = SignedSignIn(statement=statement, certificate=own, others=others, sig=sig)
            case SeatDelegation():
                signed = SignedDelegation(statement=statement, certificate=own, others=others, sig=sig)
            case _:
                signed = SignedBinding(statement=statement, certificate=own, others=others, sig=sig)
        return canonical.encode(signed)


class Several(Bridge):
    """The door to several certificates' keys: the page's seat says which."""

    def __init__(self, choose: Chooses, origins: frozenset[str], now_ms: Callable[[], int]) -> None:
        """Serve pages of these origins and no other."""
        self._choose = choose
        self._origins = origins
        self._now_ms = now_ms
        self._asking = False


async def _on_paper(paper: Paper, token: Token) -> bytes | Refusal:
    """A signature over a report's attributes, with its algorithm in front."""
    told = report_paper.shown(paper, token.own)
    if isinstance(told, Refusal):
        return told
    signer = await asyncio.to_thread(token.agree, report_paper.TITLE, told)
    if isinstance(signer, Refusal):
        return signer
    sig = await asyncio.to_thread(signer, paper.question)
    return sig if isinstance(sig, Refusal) else sig.encode()


async def serve(bridge: Bridge, port: int, ready: Callable[[int], None]) -> None:
    """Listen on loopback until cancelled; `ready` is told the port.

    Raises:
      Trouble: the port is taken.
    """
    runner = web.AppRunner(bridge.application(), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        ready(int(runner.addresses[0][1]))
        await asyncio.Event().wait()
    except OSError as error:
        raise Trouble(
            f"端口 {port} 已被占用。请关闭另一个 UKey 签名程序,或用 --port 另选端口。",
            f"Port {port} is taken. Close the other program of this kind, or choose another with --port.",
        ) from error
    finally:
        await runner.cleanup()


def shown(statement: Statement) -> tuple[tuple[Term, str], ...]:
    """A statement's fields as a person reads them; control characters do not reach a terminal."""
    told: list[tuple[Term, str]] = []
    for name, term in _FIELDS.items():
        value = getattr(statement, name, None)
        if value is None:
            continue
        if name == "until":
            text = moment.text(value)
        else:
            text = value.hex() if isinstance(value, bytes) else str(value)
        told.append((term, "".join(one for one in text if one.isprintable())[:FIELD_CHARS_SHOWN_MAX]))
    return tuple(told)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _answer(value: Any) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")


def _refused(refusal: Refusal) -> web.Response:
    body = msgspec.json.encode({"refused": wire.refused(refusal)})
    return web.Response(body=body, status=403, content_type="application/json")
