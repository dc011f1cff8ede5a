"""People who come with a certificate: what they are asked to sign, and whose word it then is (SPEC 24.7).

Owns the challenges that are out, each for one asker, used once, for a minute; and the order of work: form,
challenge, signature, certificate, and only then evidence over the line, so that nobody has this machine fetch
for a certificate whose key they do not hold. What follows from a sign-in is whoever calls this one's.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from protocol import canonical, limits
from protocol.refusals import Refusal, refuse
from protocol.seal.trust import certificate, judge, spoken
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.judge import NO_EVIDENCE, Evidence, Verdict
from protocol.seal.trust.purposes import PurposeName
from protocol.seal.trust.spoken import (
    Challenge,
    PasskeyBinding,
    SeatDelegation,
    Signed,
    SignedBinding,
    SignedDelegation,
    SignedSignIn,
    Spoken,
)
from server.gateway.revocation import Fetcher
from server.gateway.trust_file import TrustFile

CHALLENGES_MAX: Final = 4_096
"""How many challenges are out at once, of all askers."""
NONCE_BYTES: Final = 32

Form = TypeVar("Form", SignedSignIn, SignedDelegation, SignedBinding)
Judging = Callable[[Evidence], Spoken | Refusal]


class Challenges:
    """The nonces that are out: one for each asker (a socket, a cookie), the newest ends any other."""

    def __init__(self, entropy: Callable[[int], bytes]) -> None:
        """Make nonces of so many bytes of `entropy`."""
        self._entropy = entropy
        self._out: dict[str, Challenge] = {}

    def send(self, asker: str, now_ms: int) -> Challenge | Refusal:
        """A new challenge for an asker.

        Returns:
          Refusal: `TooBusy` while too many are out.
        """
        self._out.pop(asker, None)
        if len(self._out) >= CHALLENGES_MAX:
            self._out = {
                name: one for name, one in self._out.items() if now_ms - one.issued_at < limits.CHALLENGE_MS
            }
            if len(self._out) >= CHALLENGES_MAX:
                return refuse("TooBusy")
        made = Challenge(self._entropy(NONCE_BYTES), now_ms)
        self._out[asker] = made
        return made

    def take(self, asker: str) -> Challenge | Refusal:
        """The challenge that an asker was sent; it is used up, whatever comes of it.

        Returns:
          Refusal: `ChallengeStale` where there is none.
        """
        found = self._out.pop(asker, None)
        return found if found is not None else refuse("ChallengeStale", seconds=limits.CHALLENGE_MS // 1000)


class Certified:
    """Takes statements that were signed by certificate."""

    def __init__(self, trust: TrustFile, fetcher: Fetcher, challenges: Challenges) -> None:
        """Judge by a trust list, with evidence that is fetched."""
        self._trust = trust
        self._fetcher = fetcher
        self._challenges = challenges

    async def sign_in(self, asker: str, raw: bytes, audience: str, now_ms: int) -> Spoken | Refusal:
        """Who has signed in before an origin, from the canonical bytes of a `SignedSignIn`.

        Returns:
          Refusal: `Malformed`, or as `protocol.seal.trust.spoken.sign_in`.
        """
        challenge = self._challenges.take(asker)
        if isinstance(challenge, Refusal):
            return challenge
        signed = read(raw, SignedSignIn)
        if isinstance(signed, Refusal):
            return signed
        trusted = self._trust.trusted
        return await self._judged(
            signed,
            lambda evidence: spoken.sign_in(signed, challenge, audience, trusted, now_ms, evidence),
            now_ms,
        )

    async def delegate(self, asker: str, raw: bytes, wanted: SeatDelegation, now_ms: int) -> Spoken | Refusal:
        """Whose voice a seat's key has, from the canonical bytes of a `SignedDelegation`.

        Returns:
          Refusal: `Malformed`, or as `protocol.seal.trust.spoken.delegate`.
        """
        challenge = self._challenges.take(asker)
        if isinstance(challenge, Refusal):
            return challenge
        signed = read(raw, SignedDelegation)
        if isinstance(signed, Refusal):
            return signed
        trusted = self._trust.trusted
        return await self._judged(
            signed,
            lambda evidence: spoken.delegate(signed, challenge, wanted, trusted, now_ms, evidence),
            now_ms,
        )

    async def bind(
        self, signed: SignedBinding, challenge: Challenge, wanted: PasskeyBinding, now_ms: int
    ) -> Spoken | Refusal:
        """Whose passkey it is from now on; whoever calls has used up the challenge.

        Returns:
          Refusal: as `protocol.seal.trust.spoken.bind`.
        """
        trusted = self._trust.trusted
        return await self._judged(
            signed,
            lambda evidence: spoken.bind(signed, challenge, wanted, trusted, now_ms, evidence),
            now_ms,
        )

    async def still(self, signed: Signed, now_ms: int, purpose: PurposeName = "sign") -> Verdict:
        """Whether the certificate under a statement that was accepted before counts today."""
        leaf = certificate.read(signed.certificate)
        if isinstance(leaf, Refusal):
            return judge.refused(leaf)
        read = tuple(one for one in map(certificate.read, signed.others) if isinstance(one, Certificate))
        trusted = self._trust.trusted
        evidence = await self._fetcher.evidence(trusted, leaf, read, now_ms)
        return judge.judge(leaf, read, trusted, now_ms, purpose, evidence)

    @property
    def list_digest(self) -> bytes:
        """The digest of the trust list in use, 32 bytes."""
        return self._trust.trusted.digest

    async def _judged(self, signed: Signed, judging: Judging, now_ms: int) -> Spoken | Refusal:
        """The judgement with evidence, which is fetched where nothing but that is missing."""
        found = judging(NO_EVIDENCE)
        if isinstance(found, Spoken) or found.code not in judge.UNDECIDED:
            return found
        leaf = certificate.read(signed.certificate)
        others = tuple(certificate.read(one) for one in signed.others)
        if isinstance(leaf, Refusal) or not all(isinstance(one, Certificate) for one in others):
            return found
        between = tuple(one for one in others if isinstance(one, Certificate))
        return judging(await self._fetcher.evidence(self._trust.trusted, leaf, between, now_ms))


def read(raw: bytes, form: type[Form]) -> Form | Refusal:
    """A signed statement from its canonical bytes, or `Malformed`."""
    try:
        return canonical.decode(raw, form, limits.CERTIFICATE_FILE_BYTES_MAX)
    except canonical.NotCanonical as error:
        return refuse("Malformed", why=str(error)[:200])
