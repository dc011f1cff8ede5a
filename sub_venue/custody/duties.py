"""What a record asks of a custodian's service now, read off a state (SPEC 28.3, 28.4, 28.8).

Owns which act is due at which stage; whether it is right to do it is `judgement`'s, who believes nobody. A
group of acts adds its reading to `READINGS`.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from msgspec import Struct

from protocol.hidden import Disclosed
from protocol.session.ceremony import reading
from protocol.session.escrow import asking
from protocol.session.state import State, is_reached
from protocol.words import Stage
from sub_venue.custody import scores
from sub_venue.custody.service import Answered, Asked, Service

Act = Callable[[Service, Asked, Disclosed], Answered]
"""Judges the question, and answers with the act; may raise `Refused`. `Disclosed` is what this node holds."""


class Duty(Struct, frozen=True):
    """An act that is due: `about` tells it from others of its type in the session.

    With `headers` the headers of the stage's bids are fetched for the question; `patience_ms` is how long it
    is let stand first, since somebody else may do what makes it needless.
    """

    type: str
    stage: Stage
    about: bytes
    act: Act
    headers: bool = False
    patience_ms: int = 0


def of_opening(state: State, custodian: str) -> Iterator[Duty]:
    """The roll-call, and the release."""
    for here in state.tracks.values():
        found = reading.of(state, here)
        if reading.keyholder(found, custodian) is None:
            continue
        stage = Stage(here.lot, here.envelope, here.round)
        if here.phase == "OPENING" and custodian not in found.answered:
            yield Duty("AnswerRollCall", stage, found.challenge, _answer)
        closed = is_reached(state, "release_closed", here.lot, here.envelope)
        if here.phase == "CUSTODIANS_RELEASE" and closed and custodian not in found.custody:
            yield Duty("ReleaseCustody", stage, found.list_digest, _release, headers=True)


def of_escrow(state: State, custodian: str) -> Iterator[Duty]:
    """Openings of scores to be held, and shares of them that are needed."""
    for here in state.tracks.values():
        stage = Stage(here.lot, here.envelope, here.round)
        for seat, one in asking.to_hold(state, here, custodian):
            yield Duty("AcknowledgeEscrow", stage, one.escrow, partial(_hold, seat))
        for seat, one in asking.to_release(state, here, custodian):
            patience_ms = 0 if here.sheets[seat].tried == "fault" else scores.VENUE_WAIT_MS
            yield Duty("ReleaseEscrow", stage, one.escrow, partial(_give, seat), patience_ms=patience_ms)


def _hold(seat: str, service: Service, asked: Asked, disclosed: Disclosed) -> Answered:
    return scores.hold(service, asked, disclosed, seat)


def _give(seat: str, service: Service, asked: Asked, disclosed: Disclosed) -> Answered:
    return scores.release(service, asked, disclosed, seat)


def _answer(service: Service, asked: Asked, _disclosed: Disclosed) -> Answered:
    return service.answer_roll_call(asked)


def _release(service: Service, asked: Asked, _disclosed: Disclosed) -> Answered:
    return service.release(asked)


READINGS: Final[tuple[Callable[[State, str], Iterator[Duty]], ...]] = (of_opening, of_escrow)
"""Everything that a custodian's service may be asked for."""


def due(state: State, custodian: str) -> Iterator[Duty]:
    """Every act that is due of a custodian in a session."""
    for one in READINGS:
        yield from one(state, custodian)
