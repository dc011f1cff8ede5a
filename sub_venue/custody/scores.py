"""A custodian's part in the escrow of scores: it holds openings, and releases shares when a machine is lost.

To hold means: the box was opened, the share in it is the one that the dealing says, and the whole of it lies
on this disk; only then is it acknowledged. To release takes what releasing a bid's share takes: the entries
replayed, a checkpoint good under this service's own trust policy over exactly them, and the milestone
`scores_closed` in the record. And then only for a seat whose venue cannot open, or had its time by this
service's own clock: what all venues have said `ok` of opens without anybody's share. Asked again it gives the
very bytes. Source: SPEC 28.8, DESIGN 7.
"""

from typing import Final

from protocol import canonical, entry, hidden, limits
from protocol.commands_escrow import AcknowledgeEscrow, ReleaseEscrow
from protocol.hidden import Disclosed, Disclosure
from protocol.seal import escrowing, releasing, suites
from protocol.seal.escrowing import SheetEscrow
from protocol.seal.refused import SealRefused
from protocol.seal.releasing import Shares
from protocol.session.escrow.asking import is_closed, needs_release
from protocol.session.escrow.guards import group_of, held
from protocol.session.state import State, milestone_key
from protocol.words import Id
from sub_venue.custody.book import noted
from sub_venue.custody.judgement import Believed, Refused
from sub_venue.custody.service import Answered, Asked, Service
from sub_venue.custody.shelf import Shelf

VENUE_WAIT_MS: Final = 30_000
"""How long after the milestone a venue has to say that it can open; then custodians release for its seats."""


@noted("acknowledge_escrow")
def hold(service: Service, asked: Asked, disclosed: Disclosed, seat: Id) -> Answered:
    """Open the box of a seat, keep what it escrowed, and acknowledge it.

    Args:
      service: the custodian.
      asked: the record and its checkpoint.
      disclosed: the disclosure `sheet_escrow` among it.
      seat: whose opening.

    Raises:
      Refused: the record is not believed; `phase` where scoring is not open; `seat` where nothing was given
        for the sheet; `box` where its share is not what it should be.
      OSError: the disk does not take it; nothing is acknowledged.
    """
    believed = _believed(service, asked)
    if believed.here.phase != "DETAILED":
        raise Refused("phase", f"{believed.here.phase}, not DETAILED")
    shown, escrow = _given(service, believed, disclosed, seat)
    try:
        escrowing.take(service.suite, escrow, service.me.custodian, service.key)
    except SealRefused as refused:
        raise Refused("box", f"{seat}: {refused}") from refused
    service.step("taken")
    _boxes(service).put(shown.digest, canonical.encode(shown))
    service.step("held")
    return service.act(believed, asked.stage, AcknowledgeEscrow(seat, escrow.commitment, shown.digest), ())


@noted("release_escrow")
def release(service: Service, asked: Asked, disclosed: Disclosed, seat: Id) -> Answered:
    """Release this service's share of a seat's opening; what it holds itself need not be brought.

    Raises:
      Refused: the record is not believed; `phase` where scores are not closed under their milestone; `venue`
        where the seat's own venue can open, or still has time; `seat`, `box` as `hold`.
      OSError: the disk does not take it; nothing has left.
    """
    believed = _believed(service, asked)
    if not is_closed(believed.state, believed.here):
        raise Refused("phase", f"{believed.here.phase}: scores are not closed under their milestone")
    _, escrow = _given(service, believed, disclosed, seat)
    if not needs_release(believed.here, seat):
        raise Refused("venue", f"the venue of {seat} has said that it can open")
    over = _closed_at(believed, asked) + VENUE_WAIT_MS
    if believed.here.sheets[seat].tried != "fault" and service.senses.now_ms() < over:
        raise Refused("venue", f"the venue of {seat} still has time, by this clock")
    released = _release(service, believed, seat, escrow)
    service.step("kept")
    content = ReleaseEscrow(seat, escrow.commitment, released.digest)
    return service.act(believed, asked.stage, content, (released,))


def _believed(service: Service, asked: Asked) -> Believed:
    """The session, in which this service is of the group that holds the scores."""
    believed = service.believed(asked)
    group = group_of(believed.state, believed.here)
    if group is None or group.group != believed.group.group:
        raise Refused("custodian", f"{service.me.custodian} holds no scores here")
    if believed.opening.suite != service.suite.name:
        raise Refused("key", f"this service is of {service.suite.name}")
    return believed


def _given(
    service: Service, believed: Believed, disclosed: Disclosed, seat: str
) -> tuple[Disclosure, SheetEscrow]:
    """What a seat escrowed as the record names it: what was brought, or what is held here."""
    one = held(believed.state, believed.here, seat)
    sheet = believed.here.sheets.get(seat)
    if one is None or sheet is None or one.commitment != sheet.commitment:
        raise Refused("seat", f"no opening of the sheet of {seat} is escrowed")
    shown = disclosed.get(one.escrow)
    if shown is None:
        kept = _boxes(service).get(one.escrow)
        if kept is None:
            raise Refused("seat", f"what {seat} escrowed was not brought")
        shown = _disclosure(kept)
    try:
        escrow: SheetEscrow = Disclosed((shown,)).value(one.escrow, SheetEscrow)
    except (KeyError, canonical.NotCanonical) as error:
        raise Refused("box", f"{seat}: what was brought is no escrow") from error
    here, suite = believed.here, suites.get(believed.opening.suite)
    meant = escrowing.sheet_of(suite, believed.state.session, here.lot, here.envelope, one.commitment)
    if shown.field != "sheet_escrow" or (escrow.sheet, escrow.commitment) != (meant, one.commitment):
        raise Refused("box", f"{seat}: another seat, round or session")
    return shown, escrow


def _release(service: Service, believed: Believed, seat: str, escrow: SheetEscrow) -> Disclosure:
    """The share in boxes for the venues' keys: made once, on the disk before it leaves."""
    session, here, suite = believed.state.session, believed.here, service.suite
    name = canonical.encode([session, here.name, here.round, seat, escrow.commitment])
    shelf = Shelf(service.folder / "released-scores")
    before = shelf.get(name)
    if before is None:
        try:
            share = escrowing.take(suite, escrow, service.me.custodian, service.key)
        except SealRefused as refused:
            raise Refused("box", f"{seat}: {refused}") from refused
        to = [one.public for one in believed.opening.to]
        made = releasing.release_shares(
            suite, session, service.me.custodian, escrow.commitment, Shares((), (share,)), to,
            service.senses.secret(32),
        )  # fmt: skip
        shown = hidden.disclose("escrow_release", service.senses.secret(limits.SALT_BYTES), made)
        service.step("made")
        before = shelf.put(name, canonical.encode(shown))
    return _disclosure(before)


def _closed_at(believed: Believed, asked: Asked) -> int:
    """When the milestone `scores_closed` was entered (coordinator's clock, ms)."""
    here = believed.here
    found = _reached(believed.state, here.lot, here.envelope)
    return entry.decode(asked.entries[found].encode()).at


def _reached(state: State, lot: str, envelope: str) -> int:
    return state.milestones[milestone_key("scores_closed", lot, envelope)].size


def _boxes(service: Service) -> Shelf:
    return Shelf(service.folder / "held-scores")


def _disclosure(raw: bytes) -> Disclosure:
    return canonical.decode(raw, Disclosure, limits.DISCLOSURE_BYTES_MAX * 2)
