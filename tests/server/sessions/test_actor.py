"""The actor with the real store: what is taken, what is refused, what is answered again."""

import asyncio
import base64
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from protocol import canonical, hidden, limits
from protocol import commands as cmd
from protocol.commands import Head
from protocol.refusals import Refusal
from protocol.session.outcome import outcome
from protocol.wire import Answer, Submit
from protocol.words import SESSION_STAGE, Stage
from tests.protocol.world import key, salt
from tests.server.acting import House, Script, binding, changed, signed

ONE = Stage("01", "1", 1)


def found_in(folder: Path, value: bytes) -> list[str]:
    """The files of a folder that hold a value."""
    return [path.name for path in folder.iterdir() if value in path.read_bytes()]


@pytest.fixture
async def scoring(house: House, script: Script) -> Script:
    """A session whose members sit before empty sheets, in the house and in memory."""
    script.to_scoring()
    await house.play(script)
    return script


async def test_a_whole_session_comes_to_the_same_state_as_in_memory(house: House, script: Script) -> None:
    script.to_archived()
    await house.play(script)
    published = await house.registry.published(script.session)
    assert published is not None
    assert published.state.size == script.at.size
    assert published.state.path == script.at.path
    assert outcome(published.state, published.disclosed) == outcome(script.at, script.disclosed)


async def test_commands_of_one_batch_follow_each_other(house: House, script: Script) -> None:
    script.to_check_in()
    await house.play(script)
    size = await house.size(script.session)
    many = [binding(script, "M1", f"machine-{n}") for n in range(100)]
    answers = await asyncio.gather(*map(house.accept, many))
    assert [answer.seq for answer in answers] == list(range(size, size + 100))


async def test_a_refusal_in_a_batch_holds_up_nobody_behind_it(house: House, script: Script) -> None:
    script.to_check_in()
    await house.play(script)
    good, bad, last = binding(script, "M1", "a"), binding(script, "M9", "b"), binding(script, "M2", "c")
    first, second, third = await asyncio.gather(*map(house.submit, (good, bad, last)))
    assert isinstance(second, Answer)
    assert second.refused is not None
    assert second.refused.code == "UnknownSeat"
    assert [one.status for one in (first, third) if isinstance(one, Answer)] == ["accepted", "accepted"]


# --- answers ------------------------------------------------------------------------------------


async def test_a_repeat_gets_the_first_answer(house: House, script: Script) -> None:
    script.to_check_in()
    await house.play(script)
    size = await house.size(script.session)
    for one in script.submits:
        assert (await house.accept(one)).seq < size
    assert await house.size(script.session) == size


async def test_a_repeat_beside_its_first_is_answered_once_durable(house: House, script: Script) -> None:
    script.to_check_in()
    await house.play(script)
    one = binding(script, "M1", "a")
    first, second = await asyncio.gather(house.accept(one), house.accept(one))
    assert first == second


async def test_a_refused_command_is_refused_again_when_it_could_be_accepted(
    house: House, script: Script
) -> None:
    script.book()
    await house.play(script)
    early = script.next_submit("agent", cmd.OpenCheckIn())
    assert await house.refused(early) == "WrongPhase"
    script.to_check_in_from_booked()
    await house.play(script)
    assert await house.refused(early) == "WrongPhase"


async def test_answers_outlive_the_process(tmp_path: Path, script: Script) -> None:
    script.to_check_in()
    bad = script.next_submit("agent", cmd.LockRoster())
    house = House(tmp_path / "c.db")
    await house.play(script)
    answers = [await house.submit(one) for one in script.submits]
    assert await house.refused(bad) == "GuardUnmet"
    await house.close()
    house = House(tmp_path / "c.db")
    assert [await house.submit(one) for one in script.submits] == answers
    assert await house.refused(bad) == "GuardUnmet"
    await house.close()


async def test_the_same_id_with_other_content_is_refused(house: House, script: Script) -> None:
    script.to_check_in()
    await house.play(script)
    other = changed(script.submits[-1], "agent", author_at=script.now + 1)
    assert await house.refused(other) == "CommandReused"
    assert (await house.accept(script.submits[-1])).status == "accepted"


async def test_another_author_may_use_the_same_id(house: House, script: Script) -> None:
    script.to_check_in()
    await house.play(script)
    one = changed(binding(script, "M1", "a"), "a", command_id="same")
    two = changed(binding(script, "M2", "b"), "b", command_id="same")
    assert (await house.accept(one)).seq != (await house.accept(two)).seq


async def test_an_author_has_only_so_many_answers(
    house: House, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ANSWERS_PER_AUTHOR_MAX", 20)
    script.to_check_in()
    await house.play(script)
    codes = [await house.refused(script.next_submit("agent", cmd.LockRoster())) for _ in range(20)]
    assert codes[0] == "GuardUnmet"
    assert codes[-1] == "AnswersFull"
    assert (await house.accept(binding(script, "M1", "a"))).status == "accepted"


async def test_strangers_refusals_are_not_kept_without_end(tmp_path: Path, script: Script) -> None:
    house = House(tmp_path / "c.db", stranger_answers_max=3)
    script.to_check_in()
    await house.play(script)
    for n in range(6):
        assert await house.refused(script.next_submit(f"stranger {n}", cmd.LockRoster())) == "UnknownAuthor"
    kept = [await house.store.answers(script.session, key(f"stranger {n}")) for n in range(6)]
    assert sum(map(len, kept)) == 3
    assert (await house.accept(binding(script, "M1", "a"))).status == "accepted"
    await house.close()


# --- messages that are no commands --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"session":"s-1","type":"CheckIn"}', "Malformed"),
        ('{"session":"s-1","type":"CheckIn","x":' + "[" * 60 + "]" * 60 + "}", "Malformed"),
        ('{"session":"s-1","type":"CheckIn","author_at":1.5}', "Malformed"),
        ('{"session":"s-1","type":"CheckIn","x":"' + "x" * limits.COMMAND_BYTES_MAX + '"}', "TooLarge"),
    ],
)
async def test_a_text_that_is_no_command_is_refused(
    house: House, script: Script, text: str, code: str
) -> None:
    script.book()
    await house.play(script)
    assert await house.refused(Submit(command=text, sig="ed25519:AAAA")) == code


async def test_a_text_without_a_session_is_refused_as_a_request(house: House) -> None:
    for text in ("", "x", "[]", '{"type":"CheckIn"}', "[" * 5_000):
        refusal = await house.submit(Submit(command=text, sig="ed25519:AAAA"))
        assert isinstance(refusal, Refusal)
        assert refusal.code == "Malformed"


async def test_other_bytes_of_the_same_value_are_refused(house: House, script: Script) -> None:
    script.to_check_in()
    await house.play(script)
    one = binding(script, "M1", "a")
    spaced = replace(one, command=one.command.replace(",", ", "))
    answer = await house.submit(spaced)
    assert isinstance(answer, Answer)
    assert answer.refused is not None
    assert (answer.refused.code, answer.command_id) == ("Malformed", "bind-a-1")
    assert (await house.accept(one)).status == "accepted"


async def test_a_type_without_content_is_refused_by_name(house: House, script: Script) -> None:
    script.book()
    await house.play(script)
    value = msgspec.json.decode(script.next_submit("agent", cmd.OpenCheckIn()).command)
    text = canonical.encode(value | {"type": "Dance"}).decode()
    assert await house.refused(Submit(command=text, sig="ed25519:AAAA")) == "UnknownCommand"


async def test_a_session_that_is_not_there_is_said_and_leaves_nothing(house: House, script: Script) -> None:
    script.to_check_in()
    assert await house.refused(binding(script, "M1", "a")) == "UnknownSession"
    assert await house.registry.published("nowhere") is None
    await house.play(script)
    assert [note.session for note in house.registry.notes_awake()] == [script.session]


# --- who ----------------------------------------------------------------------------------------


async def test_a_wrong_signature_is_refused_and_takes_no_id_away(house: House, scoring: Script) -> None:
    good = scoring.next_submit("M1", cmd.SealSheet(bytes(32)), ONE)
    other = scoring.next_submit("M1", cmd.SealSheet(bytes(32)), ONE)
    assert await house.refused(replace(good, sig=other.sig)) == "BadSignature"
    assert await house.refused(replace(good, sig="ed25519:AAAA")) == "BadSignature"
    assert (await house.accept(good)).status == "accepted"


async def test_a_forged_author_is_refused_and_noted_once(house: House, scoring: Script) -> None:
    command = cmd.parse(scoring.next_submit("M1", cmd.SealSheet(bytes(32)), ONE).command.encode())
    forged = signed(command, "M2")
    for _ in range(3):
        assert await house.refused(forged) == "BadSignature"
    events = await house.events(scoring.session)
    assert events.count("RefusalNoted") == 1
    published = await house.registry.published(scoring.session)
    assert published is not None
    assert published.state.refusals_noted == 1


async def test_a_command_of_another_session_is_refused_here(
    house: House, script: Script, case: object
) -> None:
    script.to_check_in()
    await house.play(script)
    other = Script(script.case, "s-2")
    other.to_check_in()
    await house.play(other)
    stolen = binding(script, "M1", "a")
    moved = changed(stolen, "a", session="s-2")
    assert await house.refused(moved) == "BadAttestation"
    renamed = replace(stolen, command=stolen.command.replace('"s-1"', '"s-2"'))
    assert await house.refused(renamed) == "BadSignature"


async def test_a_stranger_is_refused_and_not_noted(house: House, scoring: Script) -> None:
    assert await house.refused(scoring.next_submit("nobody", cmd.CloseScoring(), ONE)) == "UnknownAuthor"
    assert "RefusalNoted" not in await house.events(scoring.session)


@pytest.mark.parametrize(
    ("author", "content", "code"),
    [
        ("M1", cmd.CloseScoring(), "NotAllowed"),
        ("node shanghai", cmd.TryOpening("M1", bytes(32), "ok", ""), "WrongPhase"),
    ],
)
async def test_what_supervisors_must_see_is_entered(
    house: House, scoring: Script, author: str, content: cmd.Content, code: str
) -> None:
    assert await house.refused(scoring.next_submit(author, content, ONE)) == code
    assert (await house.events(scoring.session)).count("RefusalNoted") == 1


async def test_a_head_that_is_not_ours_is_refused_and_entered(house: House, scoring: Script) -> None:
    submit = scoring.next_submit("M1", cmd.SealSheet(bytes(32)), ONE)
    forked = changed(submit, "M1", seen=Head(5, bytes(32)))
    assert await house.refused(forked) == "SeenUnknown"
    assert (await house.events(scoring.session)).count("RefusalNoted") == 1


async def test_only_so_many_refusals_are_entered_in_a_minute(tmp_path: Path, script: Script) -> None:
    house = House(tmp_path / "c.db", noted_refusals_per_minute_max=3)
    script.to_scoring()
    await house.play(script)
    for _ in range(6):
        assert await house.refused(script.next_submit("M1", cmd.CloseScoring(), ONE)) == "NotAllowed"
    assert (await house.events(script.session)).count("RefusalNoted") == 3
    await house.close()


async def test_an_ordinary_refusal_is_not_entered(house: House, script: Script) -> None:
    script.to_check_in()
    await house.play(script)
    assert await house.refused(script.next_submit("agent", cmd.LockRoster())) == "GuardUnmet"
    assert "RefusalNoted" not in await house.events(script.session)


async def test_the_installations_own_acts_cannot_be_played_again(house: House, scoring: Script) -> None:
    for author in ("M1",):
        await house.refused(scoring.next_submit(author, cmd.CloseScoring(), ONE))
    size = await house.size(scoring.session)
    for raw in await house.store.entries(scoring.session, 0, 1_000):
        value = msgspec.json.decode(raw)
        text = canonical.encode(value["command"]).decode()
        assert (await house.accept(Submit(command=text, sig=value["sig"]))).seq == value["seq"]
    assert await house.size(scoring.session) == size


# --- genesis and roster -------------------------------------------------------------------------


async def test_only_an_enrolled_agent_books(house: House, script: Script) -> None:
    content, plan = script.book_content()
    stranger = signed(script.command("another agent", content), "another agent", (plan,))
    assert await house.refused(stranger) == "UnknownAuthor"
    house.agents.add(key("another agent"))
    assert (await house.accept(stranger)).seq == 0


async def test_a_genesis_under_another_installations_key_is_refused(house: House, script: Script) -> None:
    content, plan = script.book_content()
    other = replace(content, installation_key=key("another installation"))
    assert await house.refused(signed(script.command("agent", other), "agent", (plan,))) == "PlanMismatch"


async def test_the_installations_own_name_is_no_session(house: House, script: Script) -> None:
    script.session = "installation"
    content, plan = script.book_content()
    assert await house.refused(signed(script.command("agent", content), "agent", (plan,))) == "SessionExists"


async def test_a_venue_that_is_no_node_here_is_refused(house: House, script: Script) -> None:
    script.book()
    await house.play(script)
    content, disclosures = script.committee_content()
    venues = (replace(content.venues[0], node_key=key("somewhere")), *content.venues[1:])
    submit = signed(script.command("agent", replace(content, venues=venues)), "agent", disclosures)
    assert await house.refused(submit) == "UnknownVenue"


# --- hidden values ------------------------------------------------------------------------------


async def test_no_score_reaches_the_disk_before_the_opening(
    house: House, scoring: Script, tmp_path: Path
) -> None:
    opening = scoring.opening("M1", "01", "1")
    content = cmd.SealSheet(hidden.commitment(opening))
    early = scoring.command("M1", content, ONE)
    leaking = signed(early, "M1", (hidden.disclose_opening(opening),))
    assert await house.refused(leaking) == "DisclosureMismatch"
    sealed = signed(replace(early, command_id="again", author_seq=early.author_seq + 1), "M1")
    await house.accept(sealed)
    nonce = base64.b64encode(opening.nonce)
    assert found_in(tmp_path, nonce) == []


async def test_a_disclosure_that_does_not_hold_is_refused(house: House, script: Script) -> None:
    content, plan = script.book_content()
    false = replace(plan, salt=salt("other"))
    assert await house.refused(signed(script.command("agent", content), "agent", (false,))) == (
        "DisclosureMismatch"
    )


async def test_a_disclosure_that_the_record_does_not_name_is_refused(house: House, script: Script) -> None:
    content, plan = script.book_content()
    stray = hidden.disclose("plan", salt("stray"), "stray")
    submit = signed(script.command("agent", content), "agent", (plan, stray))
    assert await house.refused(submit) == "DisclosureMismatch"
    assert await house.store.session(script.session) is None


async def test_an_entry_that_grows_too_large_is_refused(house: House, script: Script) -> None:
    script.book()
    await house.play(script)
    content, _ = script.committee_content()
    more = tuple(
        cmd.SeatRef(f"{n:060}x", "witness", "hefei", "none", reserve=False, person=bytes(32))
        for n in range(235)
    )
    submit = script.next_submit("agent", replace(content, seats=content.seats + more))
    assert len(submit.command) < limits.COMMAND_BYTES_MAX
    assert await house.refused(submit) == "TooLarge"


async def test_a_missing_disclosure_is_refused(house: House, script: Script) -> None:
    content, _ = script.book_content()
    submit = script.next_submit("agent", content, SESSION_STAGE)
    assert await house.refused(submit) == "DisclosureMissing"
