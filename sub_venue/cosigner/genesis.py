"""Genesis: a session is cosigned only if every province has signed its policy before (SPEC 27.4).

Owns reading a log's first entry, and what it must carry. Asked before the first signature of a session; what
was found good stays so, since a head that a cosigner signs extends the one before. The same judgement is made
by a cosigner that replays, from its own copy (`replaying`).
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from protocol import canonical, commands, entry, replay_cosigner
from protocol.commands import BookSession
from protocol.ledger import levels, quorum, tiles, tree, trust
from protocol.ledger.cosigner import TEXT, Answer, Keep
from protocol.ledger.quorum import Policy
from protocol.ledger.tree import ProofError
from sub_venue.cosigner.asking import Asking, Unanswered
from sub_venue.cosigner.entries import Entries
from sub_venue.cosigner.settings import Settings

FOREIGN = "EntriesForeign"
"""The entries that were given are not those of the head."""
FOREIGN_POLICY = "PolicyForeign"
"""The policy that genesis names is not the one that was agreed before the session."""
_log = structlog.get_logger("sub_venue.cosigner")


class Genesis:
    """Judges the first entries of logs."""

    def __init__(
        self, settings: Settings, asking: Asking, entries: Entries,
        signed_before: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        """Nothing is known of any log; `signed_before` are those that were cosigned before this start.

        Raises:
          OSError, ValueError: the agreed policy cannot be read.
        """
        self._agreed = read_agreed(settings)
        self._signed_before = signed_before
        self._settings = settings
        self._asking = asking
        self._entries = entries
        self._good: set[str] = set()

    async def weigh(self, origin: str, head: Keep) -> Answer | None:
        """Why a head is not cosigned; None where its genesis carries what it must."""
        if origin in self._good or head.size == 0:
            return None
        session = session_of(origin)
        try:
            (raw,) = await self._entries.read(session, 0, 1)
            await self._prove(origin, head, raw)
        except Unanswered as error:
            _log.warning("the genesis cannot be read now", log=origin, error=str(error))
            return Answer(503, "the genesis cannot be read now; come again\n", TEXT)
        except ProofError as error:
            _log.error("the genesis is not of the log's head", log=origin, error=str(error))
            return Answer(422, f"{FOREIGN}: {error}\n", TEXT)
        code = fault_of(session, raw, self._settings.provinces, self._settings.installation_key)
        # A session that was cosigned under a policy of its time goes on under it.
        if not code and origin not in self._signed_before:
            code = policy_fault(session, raw, self._agreed)
        if code:
            _log.error("a genesis that is not cosigned", log=origin, code=code)
            return Answer(403, f"{code}: this session's genesis is not what was agreed before it\n", TEXT)
        self._good.add(origin)
        return None

    async def _prove(self, origin: str, head: Keep, raw: bytes) -> None:
        """See that an entry is the first one under a head.

        Raises:
          Unanswered: the log's tiles cannot be had now.
          ProofError: it is not.
        """
        leaf = tree.leaf_hash(raw)
        log = self._settings.log_of(origin)
        held = {}
        if head.size > 1:
            if log is None or not log.url:
                raise Unanswered(f"nobody knows where the tiles of {origin} are")
            wanted = tiles.wanted_for_inclusion(0, head.size)
            held = await self._asking.of_log(log.prefix_of(origin), wanted)
        proof = levels.inclusion(tiles.hashes_in(held), 0, head.size)
        tree.verify_inclusion(0, head.size, leaf, proof, head.root)


def session_of(origin: str) -> str:
    """The session whose log has this origin (SPEC 20.1)."""
    return origin.rpartition("/")[2]


def fault_of(session: str, raw: bytes, provinces: Mapping[str, str], installation_key: str) -> str:
    """What is wrong with a genesis as its canonical bytes; empty where nothing is.

    Args:
      session: the id that it must be of.
      raw: the entry.
      provinces: province → the key that must have signed, as told before.
      installation_key: whose sessions are cosigned; empty for anybody's.
    """
    try:
        one = entry.decode(raw)
    except (canonical.NotCanonical, commands.UnknownContent):
        return "Malformed"
    booked = one.command.content
    if one.session != session or not isinstance(booked, BookSession):
        return "WrongSession"
    if installation_key and booked.installation_key != installation_key:
        return "OtherInstallation"
    try:
        asked = replay_cosigner.asks_provinces(booked)
    except KeyError:
        return "UnknownRules"
    return replay_cosigner.genesis_fault(session, booked, provinces) if asked else ""


def read_agreed(settings: Settings) -> Policy | None:
    """The policy of all the logs that a cosigner was told; None where it was told none.

    Raises:
      OSError, ValueError: it cannot be read.
    """
    return None if settings.policy is None else quorum.read(settings.policy.read_bytes())


def policy_fault(session: str, raw: bytes, agreed: Policy | None) -> str:
    """Whether a genesis, found good otherwise, names another policy than was agreed; empty where it does not.

    So logs, cosigners, quorum and the signers of the trust list are those of before the session.
    """
    booked = entry.decode(raw).command.content
    if agreed is None or not isinstance(booked, BookSession) or not replay_cosigner.asks_provinces(booked):
        return ""
    named = trust.digest(trust.of_session(agreed, session))
    return "" if booked.policy_digest == named else FOREIGN_POLICY
