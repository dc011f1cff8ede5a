"""The chronicle: how far a session is, read from the venues' own copies while it goes on.

Owns looking at the copies' files, whoever sits where and whichever line is cut: the longest copy is believed,
entry by entry, as every venue does. What only the main venue holds (disclosures) comes from its copy alone.
Shows nothing that is hidden but through the allow-table. Must not know pages.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ops.installation import Installation
from protocol import entry
from protocol.commands import BindSeat
from protocol.commands_draw import CallReplacement
from protocol.entry import Entry
from protocol.hidden import Disclosed
from protocol.projection.project import view
from protocol.session.apply import EntryRefused, apply
from protocol.session.state import State, speaker
from protocol.views import VenueView, View
from sub_venue.journal.frames import DamagedFile
from sub_venue.journal.replica import read_copy

LINES_KEPT: Final = 60
"""How many of the last acts are remembered for the page."""


class Told(Struct, frozen=True):
    """An act as the page tells it: when (coordinator's clock, ms), which, by whom and as what.

    `who` is a seat, or a role where no seat acts; `venue` where they stand, empty for none.
    """

    seq: int
    at: int
    type: str
    who: str
    venue: str
    role: str


class Chronicle:
    """One session as its copies tell it; nothing is known before the first `look`."""

    def __init__(self, installation: Installation, session: str) -> None:
        """Read the copies of this session."""
        self.state: State | None = None
        self.acts: list[Told] = []
        self.disclosed = Disclosed()
        self._main = installation.main.place.node
        self._places = {node.place.node: node.place for node in installation.nodes}
        self._copies = {
            node.place.node: installation.config(node.place.node).parent / "sessions" / f"{session}.copy"
            for node in installation.nodes
        }
        self._seen: dict[str, tuple[int, int]] = {}

    def look(self) -> tuple[Entry, ...]:
        """The entries that are new since the last look; cheap where no copy has grown."""
        return tuple(new for name, path in self._copies.items() for new in self._read(name, path))

    def view(self) -> View | None:
        """What a venue's keeper is shown: phase, seats, who is awaited, counts; nothing hidden."""
        if self.state is None:
            return None
        shown = view(self.state, Disclosed(), "keeper", "")
        return replace(shown, venues=tuple(self._named(one) for one in shown.venues))

    def opened(self, bidder: str) -> bool:
        """Whether a bidder's bid stands in the record."""
        tracks = () if self.state is None else self.state.tracks.values()
        return any(bid.bidder == bidder for track in tracks for bid in track.bids)

    def _named(self, venue: VenueView) -> VenueView:
        """A venue with its names, which no entry carries."""
        place = self._places.get(venue.venue)
        return venue if place is None else replace(venue, zh=place.zh, en=place.en)

    def _read(self, name: str, path: Path) -> Iterator[Entry]:
        try:
            told = path.stat()
            if self._seen.get(name) == (told.st_size, told.st_mtime_ns):
                return
            entries, disclosures = read_copy(path)
        except (OSError, DamagedFile):
            return
        self._seen[name] = (told.st_size, told.st_mtime_ns)
        if name == self._main:
            self.disclosed = Disclosed(disclosures)
        known = 0 if self.state is None else self.state.size
        for raw in entries[known:]:
            found = entry.decode(raw)
            try:
                self.state = apply(self.state, found, raw)
            except EntryRefused:
                return
            self._note(found)
            yield found

    def _note(self, found: Entry) -> None:
        assert self.state is not None
        who = speaker(self.state, found.command.author_key)
        name, venue, role = ("", "", "") if who is None else (who.seat or who.role, who.venue, who.role)
        new = Told(found.seq, found.at, found.command.type, name, venue, role)
        self.acts = [*self.acts, new][-LINES_KEPT:]


def binding(found: Entry) -> tuple[str, str] | None:
    """The seat and the key that an entry binds together, where it does."""
    content = found.command.content
    return (content.seat, found.command.author_key) if isinstance(content, BindSeat) else None


def followed(found: Entry) -> str | None:
    """The seat on which somebody else follows whoever did not come, where an entry says so."""
    content = found.command.content
    return content.seat if isinstance(content, CallReplacement) else None
