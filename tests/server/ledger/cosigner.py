"""A cosigner that is one object in the test's own loop, and can be made to misbehave."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.ledger import kinds, note
from protocol.ledger.cosigner import Answer, History
from protocol.ledger.cosigner import Cosigner as Rules
from protocol.ledger.note import Key
from protocol.seal import sm2
from server.ledger.asking import Party


class Cosigner:
    """Answers `add-checkpoint` for one log; `instead` is what it answers to everything, where it is set."""

    def __init__(self, number: int, log: Key, *, with_sm2: bool = False) -> None:
        name = f"p{number}.example/cosigner"
        private = Ed25519PrivateKey.from_private_bytes(bytes([number + 1] * 32))
        signers = [note.ed25519_signer(name, private, kinds.COSIGNATURE)]
        if with_sm2:
            signers.append(note.sm2_signer(name, sm2.PrivateKey(sm2.private_der(bytes([number + 1] * 32)))))
        self.name = f"p{number}"
        self.history = History((log,))
        self.rules = Rules(tuple(signers), {log.name: self.history})
        self.instead: Answer | None = None
        self.statuses: list[int] = []
        self.url = ""

    @property
    def party(self) -> Party:
        return Party(self.name, self.rules.keys, self.url)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Cosigner]:
        app = web.Application()
        app.add_routes([web.post("/add-checkpoint", self._add)])
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _add(self, request: web.Request) -> web.Response:
        answer = self.instead
        if answer is None:
            decided = self.rules.consider(await request.read(), 1_000)
            answer = decided if isinstance(decided, Answer) else self.rules.kept(decided)
        self.statuses.append(answer.status)
        return web.Response(
            status=answer.status, body=answer.body.encode(), headers={"Content-Type": answer.type}
        )
