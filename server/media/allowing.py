"""The allow-tables that a worker holds, one for each session: given by its own node, replaced as a whole.

Owns asking them. What no table names is refused; a worker that has just started refuses everything until its
node has spoken.
"""

import msgspec

from protocol import media
from protocol.media import Present, Shown, Source, Table

VERSION = 1


class Older(ValueError):
    """A table as of an earlier entry than the one that is held."""


class Allowing:
    """Asks the tables."""

    def __init__(self, sessions_max: int) -> None:
        """Nobody may do anything yet."""
        self._tables: dict[str, Table] = {}
        self._sessions_max = sessions_max

    def put(self, session: str, raw: bytes) -> Table:
        """Take a session's table.

        Raises:
          Older: a later one is held.
          ValueError: it is out of form, of another version or session, or there are too many.
        """
        try:
            table = msgspec.json.decode(raw, type=Table)
        except msgspec.MsgspecError as error:
            raise ValueError(str(error)) from error
        if table.v != VERSION or table.session != session:
            raise ValueError("of another version or session")
        held = self._tables.get(session)
        if held is not None and table.as_of < held.as_of:
            raise Older(f"as of {table.as_of}, held as of {held.as_of}")
        if held is None and len(self._tables) >= self._sessions_max:
            raise ValueError(f"more than {self._sessions_max} sessions")
        self._tables[session] = table
        return table

    def drop(self, session: str) -> None:
        """Nobody may do anything in a session any more."""
        self._tables.pop(session, None)

    def knows(self, session: str) -> bool:
        """Whether a session's table has been given."""
        return session in self._tables

    def sessions(self) -> tuple[str, ...]:
        """Whose tables are held."""
        return tuple(sorted(self._tables))

    def who(self, session: str, secret: str) -> Present | None:
        """Who asks; None for nobody that the session's table names."""
        table = self._tables.get(session)
        return None if table is None or not secret else media.who(table, secret)

    def may(self, session: str, person: Present, source: Source, *, publish: bool) -> bool:
        """Whether somebody may publish, or see, a source now."""
        table = self._tables.get(session)
        if table is None or person not in table.people:
            return False
        return (media.may_publish if publish else media.may_see)(table, person, source)

    def is_by_venue(self, session: str, person: Present, source: Source) -> bool:
        """Whether somebody's own source is sent by a camera of the venue instead."""
        table = self._tables.get(session)
        return table is not None and bool(person.seat) and media.is_by_venue(table, source)

    def is_by_page(self, session: str, person: Present, source: Source) -> bool:
        """Whether a camera of the venue's own offers what an expert's own page alone may send."""
        table = self._tables.get(session)
        return table is not None and bool(person.only) and media.is_by_page(table, source)

    def may_hear(self, session: str, person: Present, source: Source) -> bool:
        """Whether a source that somebody may see comes with its sound."""
        table = self._tables.get(session)
        return table is not None and media.may_hear(table, person, source)

    def shown(self, session: str, person: Present, live: frozenset[str]) -> tuple[Shown, ...]:
        """The sources that somebody may see now, by venue and seat; `live` are those that are sent."""
        table = self._tables.get(session)
        if table is None:
            return ()
        found = []
        for owner in table.people:
            is_room = owner.role == "venue"
            for device in ("room",) if is_room else ("camera", "screen", *media.SOUND):
                source = Source(device, owner.venue if is_room else owner.seat)
                is_live = source.name in live
                if (is_live or device in ("room", "camera")) and media.may_see(table, person, source):
                    seat = "" if is_room else owner.seat
                    found.append(Shown(source.name, source.device, seat, owner.role, owner.venue, is_live))
        return tuple(sorted(set(found), key=lambda one: (one.venue, one.seat, one.source)))
