"""A venue puts the releases of an opening together, and opens the containers it fetched before (SPEC 28.5).

Content keys are in this process for as long as a container is read, and nowhere else. What a venue found is a
value that every venue comes to alike; progress is told as bytes of ciphertext read.
"""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from msgspec import Struct

from protocol import commands_ceremony as acts
from protocol import limits
from protocol.hidden import Disclosed
from protocol.seal import container, releasing, suites
from protocol.seal.container import Header
from protocol.seal.refused import SealRefused
from protocol.seal.releasing import BidRelease, CustodyRelease, Opened, Shares
from protocol.seal.suite import OpeningKey
from protocol.session.ceremony import reading
from protocol.session.state import State, Track
from sub_venue.unsealed import writing

AT_ONCE_MAX: Final = 4
"""So many containers are opened at once, where there are as many cores."""
Progress = Callable[[str, int], None]
"""(bid, bytes of its container that were read just now)."""


class Fetched(Struct, frozen=True):
    """A container that lies at the venue, read through and whole: its path, its header, the header's digest.

    Its segments are not hashed a second time at the opening: of whatever the disk gives back otherwise since
    then, no chunk opens under the bid's key.
    """

    path: Path
    header: Header
    digest: bytes


class Found(Struct, frozen=True):
    """What a venue found: `report` to be signed, and by bid what was opened under which key."""

    report: acts.ReportDecryption
    opened: Mapping[str, Opened]


def fetch(path: Path) -> tuple[Fetched, bytes]:
    """Read a container through, without a key; and the digest of its mark, to be compared with the record.

    Raises:
      SealRefused: `ContainerBroken` names what is damaged.
      OSError: the disk.
    """
    reader = container.Reader()
    for data in writing.read(path):
        reader.feed(data)
    seen = reader.close()
    if seen.header is None or seen.seal is None or not seen.whole:
        raise SealRefused("ContainerBroken", part=", ".join(seen.damaged) or "signature")
    mark = releasing.mark_of(seen.header, seen.header_digest, seen.seal)
    return Fetched(path, seen.header, seen.header_digest), releasing.mark_digest(mark)


def custody_of(state: State, here: Track, disclosed: Disclosed, key: OpeningKey) -> dict[str, Shares]:
    """What each custodian released to this venue; one whose boxes do not open has released nothing to it."""
    opening = reading.of(state, here)
    suite = suites.get(opening.suite)
    found = {}
    for custodian, digest in opening.custody.items():
        release = disclosed.value(digest, CustodyRelease)
        try:
            found[custodian] = releasing.shares_of(suite, release, key)
        except SealRefused:
            continue
    return found


def put_together(
    state: State,
    here: Track,
    disclosed: Disclosed,
    fetched: Mapping[str, Fetched],
    key: OpeningKey,
    folder: Path | None,
    progress: Progress = lambda _bid, _read: None,
) -> Found:
    """Open every released bid.

    A custodian whose boxes do not open here is named for every bid; of more false shares than a report holds,
    each custodian's first stand before any second.

    Args:
      state: the session as of now.
      here: the stage's track, in CUSTODIANS_RELEASE.
      disclosed: releases among it.
      fetched: bid → its container, whose mark was compared with the record's.
      key: the venue's key for this session.
      folder: where the bids' folders are made, `folder/BID`; None to open in memory only.
      progress: told while containers are read, of each by one thread.

    Raises:
      SealRefused: `SharesTooFew` while shares are missing.
      OSError: the disk.
    """
    opening = reading.of(state, here)
    suite = suites.get(opening.suite)
    custody = custody_of(state, here, disclosed, key)
    released = reading.released(opening)
    opened: dict[str, Opened] = {}
    shut = [name for name in opening.custody if name not in custody]
    false = [acts.FalseShare(bid.bid, name) for bid in released for name in shut]
    for bid in released:
        one = fetched.get(bid.bid)
        if one is not None:
            release = disclosed.value(opening.released[bid.bid], BidRelease)
            found = releasing.put_together(suite, one.header, one.digest, release, custody, key)
            false += [acts.FalseShare(bid.bid, culprit) for culprit in found.culprits]
            opened[bid.bid] = found

    def told(bid: str) -> acts.OpenedBid:
        if bid not in opened:
            return acts.OpenedBid(bid, "container_broken", b"")
        if opened[bid].result != "opened":
            return acts.OpenedBid(bid, opened[bid].result, b"")
        return _told(bid, fetched[bid], opened[bid], folder, progress)

    # The libraries that decrypt and hash let other threads run: a venue with several cores uses them.
    with ThreadPoolExecutor(min(AT_ONCE_MAX, os.cpu_count() or 1), "opening") as threads:
        bids = tuple(threads.map(told, [bid.bid for bid in released]))
    return Found(acts.ReportDecryption(bids, named(false)), opened)


def culprits(state: State, here: Track, disclosed: Disclosed, fetched: Mapping[str, Fetched], key: OpeningKey
) -> tuple[str, ...]:  # fmt: skip
    """Custodians whose release is false for some released bid, whether or not the others' shares suffice."""
    opening = reading.of(state, here)
    custody = custody_of(state, here, disclosed, key)
    found = {name for name in opening.custody if name not in custody}
    for bid in reading.released(opening):
        found |= set(releasing.false_shares(suites.get(opening.suite), fetched[bid.bid].header, custody))
    return tuple(sorted(found))


def named(false: list[acts.FalseShare]) -> tuple[acts.FalseShare, ...]:
    """As many as a report holds, in order of bids; of more, every custodian's first ones first."""
    if len(false) <= limits.FALSE_SHARES_MAX:
        return tuple(false)
    times: dict[str, int] = {}
    ranked = []
    for at, one in enumerate(false):
        times[one.custodian] = times.get(one.custodian, 0) + 1
        ranked.append((times[one.custodian], at))
    kept = sorted(at for _, at in sorted(ranked)[: limits.FALSE_SHARES_MAX])
    return tuple(false[at] for at in kept)


def _told(bid: str, one: Fetched, found: Opened, folder: Path | None, progress: Progress) -> acts.OpenedBid:
    suite = suites.get(one.header.bid.suite)
    try:
        # A folder that is there was finished before a crash: what lies in it is what the list says.
        if folder is None or (folder / bid).exists():
            listing = writing.listing(one.path, suite, found.key, compared=True)
        else:
            made = writing.unseal(
                one.path, suite, found.key, folder / bid, lambda count: progress(bid, count), compared=True
            )
            listing = made.listing
    except SealRefused:
        return acts.OpenedBid(bid, "container_broken", b"")
    return acts.OpenedBid(bid, "opened", releasing.listing_digest(listing))
