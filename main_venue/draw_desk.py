"""The draw at the agent's desk (抽取): what the agent signs from the frozen roll to whoever was drawn.

Works out the roll from the pool that lies with this node and the filter, and, once the record shows the
shares, which leaf each seat took. Names and facts stay here until then: the agent signs digests, and is never
told who is in the pool. Owns the safe-keeping of what stands behind the digests, one file for each session,
written before it is signed and gone when the session is archived. Must not choose anybody.
Source: SPEC 15.2-15.6.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct

from protocol import canonical, hidden, limits
from protocol import commands_draw as form
from protocol.chance import Share
from protocol.commands import NodeKey
from protocol.commands_draw import DrawnMember, DrawParty, OpenedShare, SeatWanted
from protocol.content import Content, SeatRef, VenueRef
from protocol.hidden import Disclosed, Disclosure
from protocol.ledger import tree
from protocol.plan.case import Case, Drawing
from protocol.pool import roll
from protocol.pool.conflict import Sieve
from protocol.pool.expert import Expert, Party
from protocol.pool.roll import Listed, Roll
from protocol.refusals import Refusal, refuse
from protocol.session import draw
from protocol.session.state import State
from protocol.wire import NodeNote, Prepare
from sub_venue.journal.disk import make_folder, replace_file

OFFICE: Final = "supervision"
"""The party as which a supervising office gives its share."""
ACTS: Final = frozenset({"FreezePool", "DrawVenues", "DrawCommittee", "PublishDraw", "CallReplacement"})

Made = tuple[Content, tuple[Disclosure, ...]]
Salt = Callable[..., bytes]
Named = tuple[SeatRef, Disclosure]
"""A seat that nobody is drawn for, and the name behind it."""


class Kept(Struct, frozen=True, forbid_unknown_fields=True):
    """What stands behind the digests of one draw: roll and parties, names and facts of everybody listed."""

    draw: str
    pool: Disclosure
    parties: Disclosure
    people: tuple[Disclosure, ...]
    facts: tuple[Disclosure, ...]


class DrawDesk:
    """Prepares the acts of a draw at the main venue."""

    def __init__(self, folder: Path, pool: Path, salt: Salt, office_key: str) -> None:
        """Keep what stands behind rolls in a folder.

        `pool` is the file of experts (JSON), `office_key` the key of the supervising office.
        """
        self._folder = folder
        self._pool = pool
        self._salt = salt
        self._office_key = office_key
        make_folder(folder)

    def node_keys(self, case: Case, nodes: tuple[NodeNote, ...]) -> tuple[NodeKey, ...] | Refusal:
        """The standing parties that a genesis names: the case's venues, and the supervising office."""
        if not nodes:
            return refuse("LineDown")
        by_node = {one.node: one.key for one in nodes}
        unknown = next((one.id for one in case.venues if one.id not in by_node), None)
        if unknown is not None:
            return refuse("UnknownVenue", venue=unknown)
        if not self._office_key:
            return refuse("PartiesMissing", missing="supervisor")
        venues = (NodeKey(one.id, by_node[one.id]) for one in case.venues)
        return (*venues, NodeKey(OFFICE, self._office_key))

    def prepare(
        self, ask: Prepare, case: Case, state: State, disclosed: Disclosed, people: Iterable[Named]
    ) -> Made | Refusal:
        """The content and the disclosures of one of `ACTS`.

        Args:
          ask: the act; for `CallReplacement` its `source` is the act as it is meant, without who follows.
          case: how it is drawn.
          state: the session as this node has it.
          disclosed: what this node holds of it.
          people: everybody of the case who is not drawn for, with a seat at any venue.
        """
        assert case.drawing is not UNSET
        if ask.type == "FreezePool":
            return self._freeze(ask.session, case, case.drawing, state)
        frozen = state.drawn.frozen
        if frozen is None:
            return refuse("DrawUnknown", draw="-")
        match ask.type:
            case "DrawVenues":
                return form.DrawVenues(frozen.draw), ()
            case "DrawCommittee":
                main = next(venue.venue for venue in frozen.venues if venue.role == "main")
                hosts = [one for one in people if one[0].venue == main]
                seats = tuple(seat for seat, _ in hosts)
                return form.DrawCommittee(frozen.draw, seats), tuple(name for _, name in hosts)
            case "PublishDraw":
                return self._publish(state, disclosed, people)
        return self._call(ask, state, disclosed)

    def following(
        self, state: State, disclosed: Disclosed, seats: tuple[SeatWanted, ...]
    ) -> tuple[tuple[DrawnMember, ...], tuple[Disclosure, ...]] | Refusal:
        """Whoever comes next for seats, one after the other: the leaves, and what stands behind them.

        Refuses `DrawUnknown` before the draw is public, `PoolExhausted`, and `DisclosureMissing` where what
        stands behind the roll does not lie with this node.
        """
        if not state.drawn.seed:
            return refuse("DrawUnknown", draw="-")
        shown = self._shown(state, disclosed, state.drawn.seed, (*state.drawn.takes, *seats))
        if isinstance(shown, Refusal):
            return shown
        members, behind = shown
        told = tuple(one for wanted in seats for one in behind[wanted.seat])
        return tuple(members[wanted.seat] for wanted in seats), told

    def drop(self, session: str) -> None:
        """Forget who stands behind a session's roll."""
        self._path(session).unlink(missing_ok=True)

    # --- the roll -------------------------------------------------------------------------

    def _freeze(self, session: str, case: Case, drawing: Drawing, state: State) -> Made | Refusal:
        name = f"draw-{len(state.drawn.draws) + 1}"
        kept = self._kept(session)
        if kept is None or kept.draw != name:
            try:
                experts = msgspec.json.decode(self._pool.read_bytes(), type=tuple[Expert, ...])
            except (OSError, msgspec.MsgspecError):
                return refuse("DisclosureMissing", field="pool")
            kept = self._keep(session, name, case, drawing, experts)
        told = canonical.decode(kept.pool.value.encode(), Roll, limits.DISCLOSURE_BYTES_MAX)
        keys = {one.node: one.key for one in state.node_keys}
        host = next(one.province for one in case.venues if one.role == "main")
        content = form.FreezePool(
            draw=name,
            pool=kept.pool.digest,
            root=roll.root(told),
            sieved_by=kept.parties.digest,
            strata=roll.strata(told),
            venues=tuple(VenueRef(v.id, v.province, v.role, keys[v.id]) for v in case.venues),
            subs=drawing.subs,
            seats=tuple(SeatWanted(one.seat, one.place, one.speciality) for one in drawing.seats),
            parties=(
                *(DrawParty(v.id, v.province, "venue") for v in case.venues),
                DrawParty(OFFICE, host, "supervisor"),
            ),
        )
        return content, (kept.pool, kept.parties)

    def _keep(
        self, session: str, name: str, case: Case, drawing: Drawing, experts: tuple[Expert, ...]
    ) -> Kept:
        parties = (
            *(Party("bidder", one.name) for one in case.bidders),
            *(Party(role, one) for role, one in sorted(drawing.concerned.items())),
        )
        sieved_by = hidden.disclose("parties", self._salt(session, "parties", name), parties)
        people, facts, listed = [], [], []
        for one in experts:
            people.append(hidden.disclose("person", self._salt(session, "person", name, one.id), one.name))
            facts.append(hidden.disclose("facts", self._salt(session, "facts", name, one.id), one))
            listed.append(Listed(one, people[-1].digest, facts[-1].digest))
        wanted = tuple(dict.fromkeys(one.speciality for one in drawing.seats))
        told = roll.freeze(listed, wanted, parties, sieved_by.digest, Sieve(drawing.day))
        pool = hidden.disclose("pool", self._salt(session, "pool", name), told)
        kept = Kept(name, pool, sieved_by, tuple(people), tuple(facts))
        replace_file(self._path(session), msgspec.json.encode(kept))
        return kept

    # --- who was drawn --------------------------------------------------------------------

    def _publish(self, state: State, disclosed: Disclosed, people: Iterable[Named]) -> Made | Refusal:
        frozen = state.drawn.frozen
        assert frozen is not None
        opened = []
        for one in sorted(frozen.parties, key=lambda party: party.party):
            told = disclosed.get(state.drawn.commitments.get(one.party, b""))
            if told is None:
                return refuse("DisclosureMissing", field="draw_share")
            share: Share = disclosed.value(told.digest, Share)
            opened.append(OpenedShare(one.party, share.random, told.salt))
        seed = draw.seed_of(state.session, frozen, opened)
        shown = self._shown(state, disclosed, seed, state.drawn.takes)
        if isinstance(shown, Refusal):
            return shown
        members, behind = shown
        subs = {venue.venue for venue in draw.venues_drawn(seed, frozen)[1:]}
        here = [one for one in people if one[0].venue in subs]
        content = form.PublishDraw(
            frozen.draw,
            tuple(opened),
            tuple(members[seat] for seat in sorted(members)),
            tuple(seat for seat, _ in here),
        )
        of_members = tuple(one for seat in sorted(members) for one in behind[seat])
        return content, (*of_members, *(name for _, name in here))

    def _call(self, ask: Prepare, state: State, disclosed: Disclosed) -> Made | Refusal:
        """The call as it is meant; with whoever follows, once the draw is public."""
        try:
            meant = canonical.decode(ask.source.encode(), form.CallReplacement)
        except canonical.NotCanonical as error:
            return refuse("Malformed", why=str(error)[:200])
        drawn = state.drawn
        wanted = next((one for one in drawn.takes if one.seat == meant.seat), None)
        if wanted is None:
            return refuse("UnknownSeat", seat=meant.seat)
        if not drawn.seed:
            return form.CallReplacement(meant.seat, meant.reason, ()), ()
        shown = self.following(state, disclosed, (wanted,))
        if isinstance(shown, Refusal):
            return shown
        members, behind = shown
        return form.CallReplacement(meant.seat, meant.reason, members), behind

    def _shown(
        self, state: State, disclosed: Disclosed, seed: bytes, takes: tuple[SeatWanted, ...]
    ) -> tuple[dict[str, DrawnMember], dict[str, tuple[Disclosure, ...]]] | Refusal:
        """By seat: the leaf that it took last, with its proof; and what stands behind that leaf."""
        frozen, kept = state.drawn.frozen, self._kept(state.session)
        assert frozen is not None
        told: Roll | None = disclosed.get_value(frozen.pool, Roll)
        if told is None or kept is None or kept.pool.digest != frozen.pool:
            return refuse("DisclosureMissing", field="pool")
        try:
            picked = draw.seated(draw.picks(seed, frozen, takes))
        except draw.PoolExhausted as error:
            one = error.stratum
            return refuse("PoolExhausted", province=one.province, speciality=one.speciality)
        hashes = roll.leaf_hashes(told)
        known: dict[bytes, Disclosure] = {one.digest: one for one in (*kept.people, *kept.facts)}
        members: dict[str, DrawnMember] = {}
        behind: dict[str, tuple[Disclosure, ...]] = {}
        for seat, pick in picked.items():
            place = draw.leaf_place(frozen, pick)
            leaf = told.eligible[place]
            members[seat] = DrawnMember(seat, leaf, tree.inclusion_proof(hashes, place, len(hashes)))
            behind[seat] = (known[leaf.person], known[leaf.facts])
        return members, behind

    # --- the file -------------------------------------------------------------------------

    def _kept(self, session: str) -> Kept | None:
        try:
            raw: Any = self._path(session).read_bytes()
        except FileNotFoundError:
            return None
        return msgspec.json.decode(raw, type=Kept)

    def _path(self, session: str) -> Path:
        return self._folder / f"{session}.json"
