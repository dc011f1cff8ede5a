"""A UKey for whoever sits down (演示 UKey): the program beside the browser, with everybody's certificates.

Owns its door on loopback, by the demonstration authorities' certificates, agreeing to whatever a desk of this
demonstration asks. For demonstrations alone: a person's own UKey asks its holder. Where its port is taken
(somebody's own UKey program listens there) a witness answers for people instead. Source: SPEC 19.7.
"""

import functools
from collections.abc import Awaitable, Callable

from aiohttp import web

from ops import certifying, senses, show
from ops.certifying import Held
from ops.installation import LOOPBACK, Installation
from ops.trouble import Trouble
from ops.ukey import bridge
from ops.ukey.bridge import Several, Signs, Token
from protocol.refusals import Refusal, refuse
from protocol.seal.trust import certificate
from protocol.seal.trust.certificate import Certificate
from protocol.words import Term

Holds = Callable[[str, str], Awaitable[Held]]
"""The certificate of whoever sits at a seat: (session, seat)."""


class DemonstrationToken:
    """Nothing listens before `open`."""

    def __init__(self, found: Installation, holds: Holds) -> None:
        """Serve the desks of an installation's venues, and no other page."""
        self.there = False
        self._holds = holds
        self._origins = frozenset(node.url.rstrip("/") for node in found.nodes)
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Listen, unless somebody else listens there."""
        door = Several(self._choose, self._origins, senses.now_ms)
        self._runner = web.AppRunner(door.application(), access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, LOOPBACK, bridge.PORT).start()
        except OSError:
            await self.close()
            show.notice(
                f"端口 {bridge.PORT} 已被占用(另一个 UKey 签名程序?),演示 UKey 不可用:"
                "就座者由见证人员当面确认,签署报告前请将席位交还系统。",
                f"Port {bridge.PORT} is taken (another UKey program?), so there is no demonstration UKey: a "
                "witness confirms whoever sits down, and the report is signed once the seat is given back.",
            )
        else:
            self.there = True

    async def close(self) -> None:
        """Listen no more; twice is the same as once."""
        self.there = False
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _choose(self, session: str, seat: str) -> Token | Refusal:
        try:
            held = await self._holds(session, seat)
        except Trouble as trouble:
            return refuse("TokenFailed", zh=trouble.zh, en=trouble.en)
        own = certificate.read(held.certificate)
        assert isinstance(own, Certificate), "what was issued here can be read"
        read = map(certificate.read, held.others)
        others = tuple(one for one in read if isinstance(one, Certificate))

        def agree(_title: Term, _fields: tuple[tuple[Term, str], ...]) -> Signs:
            return functools.partial(certifying.tagged, held.key)

        return Token(own, others, agree)
