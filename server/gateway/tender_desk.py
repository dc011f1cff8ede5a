"""What a main venue's node is told of a tender whose bids come in here (SPEC 23.3).

Owns who is told what, and when: the notice to any main venue, the list that was frozen at the deadline to the
agent whose tender it is. Before the deadline an answer follows from notice and clock alone. Holds no bid.
"""

from collections.abc import Callable, Mapping

from msgspec import Struct

from protocol.handed_in import TenderAsk, TenderTold
from protocol.refusals import Refusal, refuse
from protocol.seal.handing_in import Announced
from server.bids.receiving import Receiving
from server.config import NodeSettings
from server.fanout import audience
from server.senses import Senses
from server.sessions.registry import Registry


class TenderDesk(Struct, frozen=True):
    """The message `tender_told` of a node; `nodes` by their ids, `address` is where bids go."""

    bids: Receiving
    registry: Registry
    senses: Senses
    nodes: Mapping[str, NodeSettings]
    address: Callable[[], str]

    async def told(self, node: str, asked: TenderAsk) -> TenderTold | Refusal:
        """How the tender of a session stands.

        Raises:
          NotDurable: session or list cannot be read now.
        """
        if self.nodes[node].role != "main":
            return refuse("NotAllowed", role="venue", type="tender_told", allowed="main")
        found = await self.bids.tender(asked.session)
        if isinstance(found, Refusal) and found.code != "TenderUnknown":
            return found
        announced = None if isinstance(found, Refusal) else found
        received = None
        if announced is not None and await self._is_its_agent(self.nodes[node].key, asked, announced):
            listed = await self.bids.listed(asked.session)
            if isinstance(listed, Refusal):
                return listed
            received = listed
        return TenderTold(self.senses.now_ms(), self.address(), announced, received)

    async def _is_its_agent(self, node_key: str, asked: TenderAsk, announced: Announced) -> bool:
        """Whether the key is that of the session's agent at this node; before any record, the notice's."""
        published = await self.registry.published(asked.session)
        if published is None:
            return asked.key == announced.key
        speaker = published.state.keys.get(asked.key)
        here = audience.roles_at(published.state, published.home_key, node_key)
        return speaker is not None and speaker.role == "agent" and "agent" in here
