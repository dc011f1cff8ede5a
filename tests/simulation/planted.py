"""Planted bugs: mistakes put into the product for the time of a run, each of which the judge has to find.

Owns what is wrong and a seed that is known to show it. A bug is a patch over the product's own functions,
never a switch in the product. Must not be imported by anything but the simulator. Source: DESIGN 9; issue
3.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

import server.fanout.follower
import server.sessions.waking
import sub_venue.journal.disk
import sub_venue.journal.replica
from protocol.entry import Entry
from protocol.projection import visibility
from protocol.session.state import State
from server.fanout.followers import Followers
from server.sessions.shared import SharedRegistry
from server.store.contract import Batch, NotDurable, SeqTaken
from tests.simulation.database import Database, SimStore

Patch = tuple[Any, str, Callable[[Any], Any]]
"""Whose, which name, and what makes the wrong one of the right one."""


class Bug(Struct, frozen=True):
    """A mistake, in words and as patches; `seeds` are known to show it."""

    says: str
    patches: tuple[Patch, ...]
    seeds: tuple[int, ...]
    safety: bool = False
    """Whether these seeds are played in weather that never ends."""


def _answers_before_commit(right: Any) -> Any:
    async def append(store: SimStore, batch: Batch) -> None:
        async def later() -> None:
            with contextlib.suppress(NotDurable, SeqTaken):
                await right(store, batch)

        store.promised = asyncio.ensure_future(later())  # type: ignore[attr-defined]

    return append


def _forgets_fdatasync(right: Any) -> Any:
    def append(disk: Any, group: list[Any]) -> None:
        sync, disk._sync = disk._sync, lambda _handle: None
        try:
            right(disk, group)
        finally:
            disk._sync = sync

    return append


def _takes_any_sync(right: Any) -> Any:
    """An fdatasync that says EIO is taken for one that was done."""

    def append(disk: Any, group: list[Any]) -> None:
        sync = disk._sync

        def done(handle: Any) -> None:
            with contextlib.suppress(OSError):
                sync(handle)

        disk._sync = done
        try:
            right(disk, group)
        finally:
            disk._sync = sync

    return append


def _begins_at_the_end(right: Any) -> Any:
    async def follow(followers: Followers, occupant: Any, session: str, since: int) -> Any:
        published = await followers._source.published(session)
        size = since if published is None or since == 0 else published.state.size
        return await right(followers, occupant, session, max(since, size))

    return follow


def _gives_everything(_right: Any) -> Any:
    return lambda _state, disclosed, _roles, _province: disclosed


def _shows_names_early(right: Any) -> Any:
    def allowed(state: State, field: str, role: str, track: Any = None, **reach: str) -> bool:
        return field == "bidder_name" or bool(right(state, field, role, track, **reach))

    return allowed


def _counts_again(right: Any) -> Any:
    """What is folded from the store or from a file counts a person's act once more."""

    def apply_known(state: State | None, one: Entry, raw: bytes) -> State:
        after: State = right(state, one, raw)
        if one.command.type != "CheckIn":
            return after
        return replace(
            after, orders={seat: replace(o, count=o.count + 1) for seat, o in after.orders.items()}
        )

    return apply_known


def _fences_nothing(right: Any) -> Any:
    def commit(base: Database, batch: Batch) -> None:
        right(base, replace(batch, epoch=0))

    return commit


def _never_asks_whose(_right: Any) -> Any:
    async def renew(_registry: SharedRegistry) -> None:
        """The holder goes on without looking whether it still is."""

    return renew


BUGS: dict[str, Bug] = {
    "coordinator acknowledges before durable": Bug(
        "An act is answered before its COMMIT.", ((SimStore, "append", _answers_before_commit),), (0,)
    ),
    "venue acknowledges before durable": Bug(
        "An act is called kept before its fdatasync.",
        ((sub_venue.journal.disk.Disk, "_append", _forgets_fdatasync),),
        (0,),
    ),
    "failed fdatasync taken for done": Bug(
        "An act is called kept although its fdatasync has failed.",
        ((sub_venue.journal.disk.Disk, "_append", _takes_any_sync),),
        (1,),
        safety=True,
    ),
    "lost resume": Bug(
        "A node that comes back is followed from the end, not from its cursor.",
        ((Followers, "follow", _begins_at_the_end),),
        (0,),
    ),
    "stale lease accepted": Bug(
        "A holder whose lease another has taken goes on deciding, and nothing fences it.",
        ((Database, "commit", _fences_nothing), (SharedRegistry, "_renew", _never_asks_whose)),
        (1,),
    ),
    "disclosures leak to nodes": Bug(
        "A node is given every disclosure there is.",
        ((server.fanout.follower, "releasable", _gives_everything),),
        (0,),
    ),
    "names leak to pages": Bug(
        "An expert's page shows bidders' names before the scores are open.",
        ((visibility, "allowed", _shows_names_early),),
        (0,),
    ),
    "double count on replay": Bug(
        "Folding a stored session again counts an act twice.",
        (
            (server.sessions.waking, "apply_known", _counts_again),
            (sub_venue.journal.replica, "apply_known", _counts_again),
        ),
        (0,),
    ),
}
"""Every planted bug by its name."""


@contextlib.contextmanager
def bug(name: str) -> Iterator[None]:
    """A planted bug is in the house until the end of the block; an empty name plants nothing."""
    patches = BUGS[name].patches if name else ()
    before = [(where, what, getattr(where, what)) for where, what, _ in patches]
    try:
        for where, what, wrong in patches:
            setattr(where, what, wrong(getattr(where, what)))
        yield
    finally:
        for where, what, right in before:
            setattr(where, what, right)
