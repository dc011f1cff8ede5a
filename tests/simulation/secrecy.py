"""The secrecy judge: what was sent to whom, through the allow-table, and canaries in all the rest.

Owns its own reading of the table (`visibility.FIELDS` and `PARTS` are the law, their evaluation here is
another than the product's) and of the state at the moment of sending, folded from the durable entries. A
disclosure may go to a node that seats a role which may see it by now, a view's field to such a page, a
sheet to the coordinator only once everybody's may open; and no canary may stand in any other part of a
message, nor, before the first opening, on a disk or in the database. Source: DESIGN 1.6, 7.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from protocol import entry, wire
from protocol.hidden import Disclosure
from protocol.projection.visibility import FIELDS, PARTS, digests
from protocol.session.phases import SESSION_ORDER, STAGE_ORDER
from protocol.session.state import State, Track
from protocol.views import StageView, View
from tests.simulation import tender
from tests.simulation.memo import replay_one
from tests.simulation.net import Cable

if TYPE_CHECKING:
    from tests.simulation.world import World

MARKS = {
    "sheet": tender.NONCE_TEXT.encode(),
    "bidder_name": tender.NAME_TEXT.encode(),
    "price": f"{tender.PRICE_TEXT}.".encode(),
}
"""What gives a hidden value of a kind away."""
SALT = tender.SALT_TEXT.encode()
"""What gives a disclosure away, of whatever kind."""
_ALL_MARKS = (*MARKS.values(), SALT)


class Secrecy:
    """Listens to everything that is sent in one world."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._state: State | None = None
        self._naming: dict[bytes, tuple[str, Track | None, str]] = {}
        self._known: dict[tuple[tuple[str, ...], str, str | None, str, str], bool] = {}
        self._passed: object = None
        """The phases that session and stages have been in: what the law depends on, and the next four."""
        self._stages: dict[tuple[int, str], tuple[tuple[str, ...], StageView]] = {}
        """What is too much in a stage as shown to a role; the stage is kept: its identity is its name."""
        self._agreed: dict[tuple[int, str], tuple[StageView, ...]] = {}
        """Stages as shown to a role that were examined."""
        self._marks: dict[str, tuple[bytes, ...]] = {}
        """What may not stand in a page of a role."""
        self._texts: dict[int, tuple[bytes, StageView]] = {}
        self._looked: dict[tuple[int, tuple[bytes, ...]], object] = {}
        """Stages and seats as shown that were looked through for these marks."""
        self._clean: set[str] = set()
        """Entries that were looked through."""
        self._searched = False
        self.looked_at = 0
        """Messages examined."""
        world.taps.append(self)

    def logged(self, _method: str, _event: dict[str, Any]) -> None:
        """Logs are the other judge's."""

    def told(self, cable: Cable, event: str, data: Any, asked: Any) -> None:
        """Examine what a server sends, and what it was asked."""
        self._catch_up()
        self.looked_at += 1
        to = cable.ends[0].life.machine
        if to in self._world.volumes:
            if event == wire.SUBMIT:
                self._submitted(to, asked)
            self._to_node(to, event, data)
        else:
            self._to_page(to.partition("#")[0], event, data)

    # --- the law ------------------------------------------------------------------------------

    def _may(
        self, roles: Iterable[str], field: str, track: Track | None, *, of: str = "", to: str = ""
    ) -> bool:
        """Whether one of these roles may see a field by now; worked out once for each state.

        `of` is the province that a value is of, `to` where it is shown.
        """
        known = (tuple(roles), field, None if track is None else track.name, of, to)
        found = self._known.get(known)
        if found is None:
            found = self._known[known] = self._allowed(known[0], field, track, of, to)
        return found

    def _allowed(self, roles: tuple[str, ...], field: str, track: Track | None, of: str, to: str) -> bool:
        state = self._state
        rows: Any = FIELDS[field]  # type: ignore[index]
        for role in roles:
            row = rows.get(role)
            if row is None or state is None or (field == "bidder_name" and state.names_hidden):
                continue
            if row.reach == "province" and (not to or to not in (of, self._host())):
                continue
            order, path = (SESSION_ORDER, state.path) if row.scope == "session" else (STAGE_ORDER, ())
            if row.scope == "stage":
                if track is None:
                    continue
                path = state.tracks[track.name].path
            first = order.index(row.phase)
            if any(phase in order and order.index(phase) >= first for phase in path):
                return True
        return False

    def _may_anywhere(self, roles: Iterable[str], field: str) -> bool:
        tracks = () if self._state is None else tuple(self._state.tracks.values())
        return any(self._may(roles, field, track) for track in (None, *tracks))

    def _host(self) -> str:
        venues = () if self._state is None else self._state.venues.values()
        return next((one.province for one in venues if one.role == "main"), "")

    def _province(self, venue: str) -> str:
        found = None if self._state is None else self._state.venues.get(venue)
        return "" if found is None else found.province

    def _roles_at(self, node: str) -> set[str]:
        state = self._state
        if state is None or not state.venues:
            return {"agent"} if node == "hefei" else set()
        return {one.role for one in state.seats.values() if one.venue == node and not one.reserve}

    # --- to a node ----------------------------------------------------------------------------

    def _to_node(self, node: str, event: str, data: Any) -> None:
        if event == wire.FEED and isinstance(data, dict) and "disclosures" in data:
            data = msgspec.convert(data, wire.Feed)
        if not isinstance(data, wire.Feed):
            self._search(f"{event} to {node}", data, _ALL_MARKS)
            return
        if data.disclosures:
            roles = sorted(self._roles_at(node))
            for one in data.disclosures:
                self._disclosed(node, roles, one)
        for text in data.entries:
            if text not in self._clean:
                self._clean.add(text)
                self._search(f"{event} to {node}", text, _ALL_MARKS)

    def _disclosed(self, node: str, roles: list[str], one: Disclosure) -> None:
        field, track, of = self._named().get(one.digest, ("", None, ""))
        if field != one.field:
            self._world.found(f"{node} was given a {one.field} that the record does not name")
        elif not self._may(roles, field, track, of=of, to=self._province(node)):
            where = "" if track is None else f" of {track.name}"
            self._world.found(f"{node} was given a {field}{where} that nobody there may see yet")

    def _submitted(self, node: str, asked: dict[str, Any]) -> None:
        """What a node hands to the coordinator: no sheet before the opening, and never an opening."""
        if asked.get("opening") is not None:
            self._world.found(f"{node} sent an opening up the line")
        state = self._state
        for one in asked.get("disclosures", ()):
            if one["field"] != "sheet":
                continue
            _, track, _ = self._named().get(msgspec.convert(one["digest"], bytes), ("", None, ""))
            reached = track is not None and state is not None and state.tracks[track.name].path
            if not reached or "SCORES_OPENING" not in reached:
                self._world.found(f"{node} sent a sheet up before the opening")
        self._search(f"a command of {node}", asked["command"], _ALL_MARKS)

    # --- to a page ----------------------------------------------------------------------------

    def _to_page(self, seat: str, event: str, data: Any) -> None:
        if event == wire.PREPARE:
            return  # the agent's own contents, which it is about to sign and disclose
        roles = (self._world.cast.seats[seat].role,)
        if event == wire.FOLLOW and isinstance(data, dict) and "view" in data:
            data = msgspec.convert(data, wire.News)
        if isinstance(data, wire.News):
            for what in self._shown_too_much(roles, data, self._province(self._world.cast.seats[seat].venue)):
                self._world.found(f"{seat} was shown {what}")
            self._search_news(f"{event} to {seat}", roles, data)
        else:
            self._search(f"{event} to {seat}", data, _ALL_MARKS)

    def _shown_too_much(self, roles: tuple[str], news: wire.News, to: str) -> Iterator[str]:
        view, role = news.view, roles[0]
        known = (id(view.stages), role)
        if self._agreed.get(known) is not view.stages:
            yield from self._stages_too_much(roles, view)
            self._agreed[known] = view.stages
        plan = self._may(roles, "plan", None)
        if not plan and (view.title is not None or view.undertaking is not None):
            yield "the plan"
        if not self._may(roles, "report", None) and view.report is not None:
            yield "the report"
        for one in view.seats:
            of = self._province(one.venue)
            if one.person is not None and not self._may(roles, "person", None, of=of, to=to):
                yield f"the name of {one.seat}"
        for part in ("venues", "seats", "awaited", "acts", "milestones"):
            if role not in PARTS[part] and getattr(view, part):
                yield part
        if role not in PARTS["refusals"] and any(one.type == "NoteRefusal" for one in news.lines):
            yield "refusals"

    def _stages_too_much(self, roles: tuple[str], view: View) -> Iterator[str]:
        state = self._state
        plan = self._may(roles, "plan", None)
        for stage in view.stages:
            track = None if state is None else state.tracks.get(f"{stage.lot}/{stage.envelope}")
            yield from self._stage_once(roles, stage, track, plan=plan)

    def _stage_once(
        self, roles: tuple[str], stage: StageView, track: Track | None, *, plan: bool
    ) -> tuple[str, ...]:
        """What is too much in a stage, worked out once while neither it nor what the law says has changed."""
        known = (id(stage), roles[0])
        found = self._stages.get(known)
        if found is None:
            told = tuple(self._stage_too_much(roles, stage, track, plan=plan))
            found = self._stages[known] = (told, stage)
        return found[0]

    def _stage_too_much(
        self, roles: tuple[str], stage: StageView, track: Track | None, *, plan: bool
    ) -> Iterator[str]:
        role = roles[0]
        if not plan and (stage.criteria is not None or stage.title is not None):
            yield "the plan of a stage"
        if role not in PARTS["bids"] and stage.bids is not None:
            yield "bids"
        if role not in PARTS["sheets"] and stage.sheets is not None:
            yield "sheets"
        bids = stage.bids or ()
        if any(one.name is not None for one in bids) and not self._may(roles, "bidder_name", track):
            yield f"a bidder's name of {stage.lot}"
        if any(one.price is not None for one in bids) and not self._may(roles, "price", track):
            yield f"a price of {stage.lot}"
        if any(one.quantities is not None for one in bids) and not self._may(roles, "quantities", track):
            yield f"quantities of {stage.lot}"
        sheets = stage.sheets or ()
        if any(one.scores is not None for one in sheets) and not self._may(roles, "sheet", track):
            yield f"scores of {stage.lot} before they are open"
        if stage.tally is not None and not self._may(roles, "tally", track):
            yield f"the tally of {stage.lot}"

    # --- canaries -----------------------------------------------------------------------------

    def _search(self, where: str, what: Any, marks: Iterable[bytes]) -> None:
        self._look(where, msgspec.json.encode(what), marks)

    def _search_news(self, where: str, roles: tuple[str], news: wire.News) -> None:
        """As `_search`, stage by stage: most are the very ones that were looked through before."""
        marks = self._marks.get(roles[0])
        if marks is None:
            hidden = (mark for field, mark in MARKS.items() if not self._may_anywhere(roles, field))
            marks = self._marks[roles[0]] = (*hidden, MARKS["sheet"], SALT)
        view = news.view
        known = (id(view.stages), marks)
        if known not in self._looked:
            self._looked[known] = view.stages
            for stage in view.stages:
                found = self._texts.get(id(stage))
                if found is None:
                    found = self._texts[id(stage)] = (msgspec.json.encode(stage), stage)
                self._look(where, found[0], marks)
        known = (id(view.seats), marks)
        if known not in self._looked:
            self._looked[known] = view.seats
            self._search(where, view.seats, marks)
        self._search(where, (replace(view, stages=(), seats=()), news.lines), marks)

    def _look(self, where: str, raw: bytes, marks: Iterable[bytes]) -> None:
        for mark in marks:
            if mark in raw:
                self._world.found(f"{mark.decode()} stands in {where}")

    def _catch_up(self) -> None:
        """Fold what has become durable since."""
        rows = self._world.database.sessions.get(tender.SESSION)
        size = 0 if self._state is None else self._state.size
        if rows is None or size == len(rows.entries):
            return
        for raw in rows.entries[size:]:
            self._state = replay_one(self._state, entry.decode(raw), raw)
        assert self._state is not None
        self._naming = {}
        paths = tuple(one.path for one in self._state.tracks.values())
        passed = (self._state.path, self._state.names_hidden, tuple(self._state.venues), paths)
        if passed != self._passed:
            self._passed = passed
            for memory in (self._known, self._marks, self._agreed, self._stages):
                memory.clear()
        if not self._searched and any(one.phase == "SCORES_SEALED" for one in self._state.tracks.values()):
            self._searched = True
            self._at_rest()

    def _named(self) -> dict[bytes, tuple[str, Track | None, str]]:
        """What the record names: digest → field, stage, province."""
        if not self._naming and self._state is not None:
            self._naming = {one.digest: (one.field, one.track, one.province) for one in digests(self._state)}
        return self._naming

    def _at_rest(self) -> None:
        """Every sheet is sealed and none may be open: neither lies anywhere in clear."""
        if any("SCORES_OPENING" in one.path for one in (self._state or self._never()).tracks.values()):
            return
        for name, disk in self._world.volumes.items():
            for path, raw in disk.everything():
                if MARKS["sheet"] in raw or tender.NONCE_MARK in raw:
                    self._world.found(f"a sealed sheet lies in clear at {name}: {path}")
        for rows in self._world.database.sessions.values():
            if any(one.field == "sheet" for one in rows.disclosures.values()):
                self._world.found("a sealed sheet lies in the database")

    @staticmethod
    def _never() -> State:
        raise AssertionError("there is a state")
