"""Looking again at the certificates behind the delegations of sessions that go on (SPEC 19.6).

Owns the rounds. Only what an authority shows to be revoked is entered, by the installation, from whose entry
on it acts; what cannot be decided (a line that is down) stops no evaluation that has begun.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

from protocol import canonical
from protocol.commands_identity import RevokeCertificate
from protocol.refusals import Refusal
from protocol.seal.trust.proved import ByCertificate, ByPasskey, SeatEvidence
from protocol.seal.trust.spoken import SignedBinding, SignedDelegation
from protocol.session.installation import own
from protocol.wire import Submit
from protocol.words import SESSION_STAGE
from server import telemetry
from server.fanout.follower import Published
from server.gateway.certified import Certified
from server.senses import Senses
from server.sessions.registry import Registry
from server.sessions.signer import Signer
from server.store.contract import NotDurable

_log = telemetry.logger("server.gateway")


class Rejudging:
    """The rounds of one coordinator."""

    def __init__(
        self, registry: Registry, signer: Signer, senses: Senses, certified: Certified, rejudge_ms: int
    ) -> None:
        """Nothing is looked at before `run`."""
        self._registry = registry
        self._signer = signer
        self._senses = senses
        self._certified = certified
        self._rejudge_ms = rejudge_ms

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(self._rejudge_ms / 1000)
            try:
                await self.look()
            except Exception:  # noqa: BLE001 - one bad round must not end the rounds
                _log.exception("a round of looking at certificates failed")

    async def look(self) -> int:
        """One round over the sessions that are awake; how many revocations were entered."""
        entered = 0
        for note in self._registry.notes_awake():
            published = self._registry.awake(note.session)
            if published is None or published.state.phase == "ARCHIVED":
                continue
            for evidence, signed in resting(published):
                entered += await self._look_at(published, evidence, signed)
        return entered

    async def _look_at(
        self, published: Published, evidence: bytes, signed: SignedDelegation | SignedBinding
    ) -> int:
        now = self._senses.now_ms()
        reason = (await self._certified.still(signed, now)).reason
        if reason is None or reason.code != "CertificateRevoked":
            return 0
        content = RevokeCertificate(evidence, since=_since(reason, now))
        command = own(published.state, SESSION_STAGE, content, f"revoked {evidence.hex()}", now)
        submit = Submit(command=canonical.encode(command).decode(), sig=self._signer.command(command))
        try:
            answer = await self._registry.submit(submit, "")
        except NotDurable:
            return 0
        accepted = not isinstance(answer, Refusal) and answer.status == "accepted"
        _log.warning("a certificate is revoked", session=published.state.session, entered=accepted)
        return int(accepted)


def resting(published: Published) -> Iterator[tuple[bytes, SignedDelegation | SignedBinding]]:
    """The evidence of every delegation in force that rests on a certificate, and what that has signed."""
    for one in published.state.identity.delegated.values():
        if one.revoked_seq or one.evidence not in published.disclosed:
            continue
        found: SeatEvidence = published.disclosed.value(one.evidence, SeatEvidence)
        match found:
            case ByCertificate(signed=signed):
                yield one.evidence, signed
            case ByPasskey(signed=scan):
                yield one.evidence, scan.binding


def _since(reason: Refusal, now_ms: int) -> int:
    """From when on the authority revokes, ms, as its reason tells."""
    told = reason.detail.get("at", "")
    try:
        at = datetime.strptime(told, "%Y-%m-%d %H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return now_ms
    return int(at.timestamp()) * 1000
