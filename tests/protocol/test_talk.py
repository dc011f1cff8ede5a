"""The talk-room: open as the record says, and in it everybody may do what the table says and nothing else."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from protocol import entry, media, record, talk
from protocol.media import Intercom, Talk
from protocol.refusals import Refusal
from protocol.session.apply import apply
from protocol.session.state import Speaker, State
from protocol.talk import TalkAction, TalkRoom

HERE = Path(__file__).parent / "golden"
CHAIR, ONE, TWO = "N2", "N1", "N3"
DESKS = {
    "agent": Speaker("agent", "agent", "hefei"),
    "tenderee": Speaker("tenderee", "tenderee", "hefei"),
    "witness": Speaker("witness", "witness-nanjing", "nanjing"),
    "supervisor": Speaker("supervisor", "supervisor-hefei", "hefei"),
    "keeper": Speaker("keeper", "keeper-nanjing", "nanjing"),
    "bidder": Speaker("bidder", "B1", ""),
}


def _states(name: str) -> list[tuple[str, State]]:
    """After each entry of a golden record: what act it was, and the state."""
    found: list[tuple[str, State]] = []
    state: State | None = None
    for raw in record.read((HERE / f"record-3-{name}.jsonl").read_bytes()).entries:
        one = entry.decode(raw)
        state = apply(state, one, raw)
        found.append((one.command.type, state))
    return found


@pytest.fixture(scope="module")
def states() -> list[tuple[str, State]]:
    return _states("tender")


@pytest.fixture(scope="module")
def summary(states: list[tuple[str, State]]) -> State:
    """A committee of five with a chair, after all scores were opened."""
    return next(s for _, s in reversed(states) if s.phase == "SIGNING")


def _turns(states: list[tuple[str, State]]) -> list[tuple[str, str]]:
    """The acts at which the room opened (empty) or closed (why)."""
    found: list[tuple[str, str]] = []
    for act, state in states:
        why = talk.closed_by(state)
        if not found or found[-1][1] != why:
            found.append((act, why))
    return found


def _member(state: State, seat: str) -> Speaker:
    found = state.seats[seat]
    return Speaker(found.role, found.seat, found.venue)


def _room(state: State) -> TalkRoom:
    return talk.stands(TalkRoom(session=state.session), state)


def _did(state: State, room: TalkRoom, *acts: tuple[str, TalkAction, str]) -> TalkRoom:
    for seat, asked, target in acts:
        done = talk.act(room, _member(state, seat), asked, target, state)
        assert isinstance(done, TalkRoom), done
        room = done
    return room


def test_the_room_is_open_while_the_committee_sits_and_nobody_scores_alone(
    states: list[tuple[str, State]],
) -> None:
    assert _turns(states) == [
        ("BookSession", "phase"), ("LockRoster", ""), ("VoidCommittee", "phase"), ("LockRoster", ""),
        ("ConcludePreliminary", "scoring"), ("Suspend", "phase"), ("Resume", "scoring"),
        ("ReplaceMember", ""), ("ConcludePreliminary", "scoring"), ("OpenSheet", ""),
        ("SubmitReport", "phase"),
    ]  # fmt: skip


def test_a_second_envelope_that_is_scored_closes_the_room_again() -> None:
    assert _turns(_states("envelopes"))[2:6] == [
        ("ConcludePreliminary", "scoring"), ("OpenSheet", ""),
        ("ConcludePreliminary", "scoring"), ("OpenSheet", ""),
    ]  # fmt: skip


def test_a_side_state_of_scoring_is_scoring(states: list[tuple[str, State]]) -> None:
    alone = next(s for _, s in states if talk.closed_by(s) == "scoring")
    track = alone.tracks["01/1"]
    aside = replace(alone, tracks={"01/1": replace(track, phase="REJECT_VOTE")})
    assert talk.closed_by(aside) == "scoring"


def test_hands_stand_in_order_and_the_word_takes_them_down(summary: State) -> None:
    room = _did(summary, _room(summary), (TWO, "raise", ""), (ONE, "raise", ""), (TWO, "raise", ""))
    assert room.hands == (TWO, ONE)
    room = _did(summary, room, (CHAIR, "grant", TWO), (ONE, "lower", ""))
    assert room.hands == ()
    assert room.speaks == room.members


def test_a_chair_mutes_one_and_all_and_is_never_muted(summary: State) -> None:
    room = _did(summary, _room(summary), (CHAIR, "mute", ONE), (CHAIR, "mute", CHAIR))
    assert set(room.members) - set(room.speaks) == {ONE}
    assert talk.voices(room) == Talk(room.members, room.speaks)
    room = _did(summary, room, (CHAIR, "quiet", ""))
    assert room.speaks == (CHAIR,)
    room = _did(summary, room, (CHAIR, "grant", ONE), (CHAIR, "grant", TWO), (CHAIR, "mute", TWO))
    assert set(room.speaks) == {CHAIR, ONE}
    room = _did(summary, room, (CHAIR, "unquiet", ""))
    assert (room.speaks, room.muted, room.granted) == (room.members, (), ())
    assert _did(summary, room, (CHAIR, "open", "")).mode == "open"


def test_only_the_chair_presides_and_only_members_take_part(summary: State) -> None:
    room = _room(summary)
    for asked in talk.CHAIRS:
        refused = talk.act(room, _member(summary, ONE), asked, TWO, summary)
        assert isinstance(refused, Refusal)
        assert refused.code == "NotAllowed"
    lowering = talk.act(room, _member(summary, ONE), "lower", TWO, summary)
    unknown = talk.act(room, _member(summary, CHAIR), "mute", "nobody", summary)
    assert isinstance(lowering, Refusal)
    assert isinstance(unknown, Refusal)
    assert (lowering.code, unknown.code) == ("NotAllowed", "UnknownSeat")
    for who in DESKS.values():
        refused = talk.act(room, who, "raise", "", summary)
        assert isinstance(refused, Refusal)
        assert refused.code == "NotAllowed"


def test_a_room_that_closes_forgets_hands_and_mutes_and_refuses(
    states: list[tuple[str, State]], summary: State
) -> None:
    room = _did(summary, _room(summary), (ONE, "raise", ""), (CHAIR, "mute", TWO), (CHAIR, "open", ""))
    suspended = next(s for act, s in states if act == "Suspend")
    shut = talk.stands(room, suspended)
    assert (shut.open, shut.why, shut.hands, shut.muted, shut.speaks) == (False, "phase", (), (), ())
    assert (shut.mode, talk.voices(shut)) == ("open", None)
    refused = talk.act(shut, _member(suspended, shut.members[0]), "raise", "", suspended)
    assert isinstance(refused, Refusal)
    assert refused.code == "TalkClosed"


def test_a_seat_that_was_replaced_is_no_member_any_more(states: list[tuple[str, State]]) -> None:
    gone = next(s for act, s in states if act == "ReplaceMember")
    room = talk.stands(TalkRoom(session=gone.session, hands=("N4", "N1"), muted=("N4",)), gone)
    assert "N4" not in room.members
    assert (room.hands, room.muted) == (("N1",), ())


def test_a_call_for_help_waits_for_its_own_desk() -> None:
    calls = talk.called((), Speaker("expert", "N3", "nanjing"), 5)
    assert isinstance(calls, tuple)
    assert talk.called(calls, Speaker("expert", "N3", "nanjing"), 9) == calls
    elsewhere = talk.answered(calls, Speaker("keeper", "keeper-pudong", "pudong"), "N3", 9)
    assert isinstance(elsewhere, Refusal)
    assert elsewhere.code == "NotAllowed"
    for who in (DESKS["agent"], DESKS["keeper"], Speaker("expert", "N3", "nanjing")):
        done = talk.answered(calls, who, "N3", 9)
        assert isinstance(done, tuple)
        assert (done[0].answered_by, done[0].answered_at) == (who.seat, 9)
        again = talk.called(done, Speaker("expert", "N3", "nanjing"), 12)
        assert isinstance(again, tuple)
        assert (again[0].at, again[0].answered_by) == (12, "")
    refused = talk.called((), DESKS["supervisor"], 5)
    assert isinstance(refused, Refusal)


def test_a_call_to_a_venue_is_opened_and_ended_by_whom_it_concerns(summary: State) -> None:
    room = talk.act(_room(summary), DESKS["agent"], "call", "nanjing", summary)
    assert isinstance(room, TalkRoom)
    assert room.intercoms == (Intercom("agent", "nanjing"),)
    for who, code in (
        (DESKS["keeper"], ""), (DESKS["witness"], ""), (DESKS["agent"], ""),
        (Speaker("keeper", "keeper-pudong", "pudong"), "NotAllowed"), (_member(summary, "N3"), "NotAllowed"),
    ):  # fmt: skip
        ended = talk.act(room, who, "hang_up", "agent", summary)
        if code:
            assert isinstance(ended, Refusal)
            assert ended.code == code
        else:
            assert isinstance(ended, TalkRoom)
            assert ended.intercoms == ()
    for who, target in ((DESKS["keeper"], "pudong"), (DESKS["agent"], "nowhere")):
        assert isinstance(talk.act(room, who, "call", target, summary), Refusal)


def test_each_page_is_told_what_its_role_may_be_shown(summary: State) -> None:
    calls = talk.called((), Speaker("expert", "N3", "nanjing"), 5)
    assert isinstance(calls, tuple)
    room = replace(
        _did(summary, _room(summary), (ONE, "raise", ""), (CHAIR, "mute", TWO)),
        calls=calls, intercoms=(Intercom("agent", "pudong"),),
    )  # fmt: skip
    sees = {
        name: (bool(told.hands), bool(told.members), bool(told.calls), bool(told.intercoms))
        for name, who in {**DESKS, "N3": _member(summary, "N3"), "N1": _member(summary, "N1")}.items()
        for told in [talk.shown(room, who)]
    }
    assert sees == {
        "agent": (False, False, True, True),
        "tenderee": (False, False, False, False),
        "witness": (True, True, True, False),
        "supervisor": (True, True, True, True),
        "keeper": (False, False, True, False),
        "bidder": (False, False, False, False),
        "N3": (True, True, True, False),
        "N1": (True, True, False, False),
    }


def test_a_mark_is_another_one_whenever_the_room_is(summary: State) -> None:
    room = _room(summary)
    assert talk.mark(room) == talk.mark(_room(summary))
    assert talk.mark(room) != talk.mark(_did(summary, room, (ONE, "raise", "")))


def _table(talked: Talk | None, *lines: Intercom) -> media.Table:
    people = tuple(
        media.Present(media.token_digest(seat), seat, role, venue)  # type: ignore[arg-type]
        for seat, role, venue in (
            ("N1", "expert", "hefei"), ("N3", "expert", "nanjing"), ("R1", "expert", "nanjing"),
            ("agent", "agent", "hefei"), ("tenderee", "tenderee", "hefei"), ("B1", "bidder", ""),
            ("keeper-nanjing", "keeper", "nanjing"), ("keeper-pudong", "keeper", "pudong"),
            ("witness-nanjing", "witness", "nanjing"), ("supervisor-hefei", "supervisor", "hefei"),
            ("", "venue", "nanjing"),
        )
    )  # fmt: skip
    return media.Table(1, "s", 9, "COMMITTEE_READY", people, talked, lines)


def _who(table: media.Table, name: str, *, publish: bool) -> set[str]:
    source = media.read_source(name)
    assert source is not None
    may = media.may_publish if publish else media.may_see
    return {one.seat for one in table.people if may(table, one, source)}


def test_only_who_may_speak_sends_a_voice_and_members_supervisors_and_witnesses_hear_it() -> None:
    table = _table(Talk(("N1", "N3"), ("N3",)))
    assert _who(table, "talk.N3", publish=True) == {"N3", ""}
    assert _who(table, "talk.N1", publish=True) == set()
    assert _who(table, "talk.R1", publish=True) == set()
    assert _who(table, "talk.N3", publish=False) == {"N1", "N3", "supervisor-hefei", "witness-nanjing"}
    for closed in (_table(None),):
        assert _who(closed, "talk.N3", publish=True) == _who(closed, "talk.N3", publish=False) == set()


def test_a_call_is_between_its_caller_and_one_venues_desk() -> None:
    table = _table(None, Intercom("agent", "nanjing"))
    on = {"agent", "keeper-nanjing", "witness-nanjing"}
    for seat in on:
        assert seat in _who(table, f"call.{seat}", publish=True)
        assert _who(table, f"call.{seat}", publish=False) == on | {"supervisor-hefei"}
    for seat in ("N3", "keeper-pudong", "supervisor-hefei", "tenderee"):
        assert _who(table, f"call.{seat}", publish=True) == set()
        assert _who(table, f"call.{seat}", publish=False) == set()
    assert _who(_table(None), "call.agent", publish=True) == set()


def test_an_expert_is_never_sent_the_sound_of_another_experts_camera() -> None:
    table = _table(Talk(("N1", "N3"), ("N1", "N3")))
    people = {one.seat: one for one in table.people}
    for name, heard in (
        ("camera.N3", {"agent", "witness-nanjing", "supervisor-hefei"}),
        ("talk.N3", {"N1", "witness-nanjing", "supervisor-hefei"}),
    ):
        source = media.read_source(name)
        assert source is not None
        hears = {
            seat
            for seat in ("N1", "agent", "witness-nanjing", "supervisor-hefei")
            if media.may_see(table, people[seat], source) and media.may_hear(table, people[seat], source)
        }
        assert hears == heard
