"""The newest signed head of a session's log, as a bidder's page is told it, with the policy that judges it.

Owns that the policy is the very one that every node was handed before the session. What it is worth is for
the page to work out (SPEC 10.3, 27.1).
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

from protocol.heads import HeadTold
from protocol.ledger import quorum, trust


class BidderHeads:
    """Tells heads to bidders."""

    def __init__(self, newest: Callable[[str], Awaitable[str | None]], policy: Path | None) -> None:
        """Tell what `newest` gives; `policy` is the installation's file, None where there is none."""
        self._newest = newest
        self._policy = None if policy is None else quorum.read(policy.read_bytes())

    async def told(self, session: str) -> HeadTold:
        """A session's newest head and its policy; both empty where there is no log."""
        checkpoint = None if self._policy is None else await self._newest(session)
        if not checkpoint or self._policy is None:
            return HeadTold(session, "")
        return HeadTold(session, checkpoint, trust.text(trust.of_session(self._policy, session)))
