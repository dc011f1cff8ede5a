"""What a forger who holds every key may do with witnesses' answers and supervisors' interventions.

Rules: SPEC 13.4, 32.8, 32.9, 34. The kept session has none of these acts; `answered` puts them in as they
should be, and that is the control. The report as it was signed is `forgeries_paper`'s.
"""

import random
from typing import Any

from protocol import canonical
from tests.attacks.forged_archive import b64
from tests.attacks.forged_sealed import ForgedSealed, due
from tests.attacks.forging import EXPECTED, Sealed, expects, insert

WITNESSES = ("witness-hangzhou", "witness-hefei", "witness-nanjing", "witness-shanghai")
MAIN, MAIN_WITNESS = "supervisor-hefei", "witness-hefei"
ANSWER_MS = 60_000
_EARLIER = frozenset(EXPECTED)


def hidden(dice: random.Random, of: ForgedSealed, field: str, text: str) -> str:
    """A text that is disclosed under a field; its digest."""
    salt, value = dice.randbytes(32), canonical.encode(text)
    digest = b64(canonical.sha256(canonical.tag(f"hidden/v1/{field}") + salt + value))
    of.disclosures.append({"digest": digest, "field": field, "salt": b64(salt), "value": value.decode()})
    return digest


def act(
    of: ForgedSealed, at: int, seat: str, type_: str, content: dict[str, Any], event: str, /, **bears: Any
) -> None:
    """A seat's act on the session in front of a place, and the event that it has by the rules."""
    like = of.find("SubmitReport") if seat == "agent" else of.by("DelegateSeatKey", seat)[-1]
    one = insert(of, at, like)
    seen = {"root": b64(bytes(32)), "size": at}
    one["command"] |= {"author_at": one["at"], "content": content, "seen": seen, "type": type_}
    one["events"] = [{**content, **bears, "type": f"{event}.1"}]


def _signed(of: ForgedSealed, seat: str) -> dict[str, Any]:
    content = of.entries[of.by("SignWitnessRecord", seat)[0]]["command"]["content"]
    return {"count": content["count"], "record": content["record"]}


def accept(of: ForgedSealed, by: str, seat: str, at: int = -1, **said: Any) -> None:
    """A witness's answer to another's record, before the session's end."""
    content = {"reason": "", "remark": "", "seat": seat, "verdict": "accepted", **_signed(of, seat), **said}
    where = of.find("ArchiveSession") if at < 0 else at
    act(of, where, by, "AcceptWitnessRecord", content, "WitnessRecordAnswered", by=by, venue=by.split("-")[1])


def intervene(dice: random.Random, of: ForgedSealed, by: str, at: int = -1, **said: Any) -> int:
    """A supervisor's intervention before the report goes out; its number."""
    where = of.find("SubmitReport") if at < 0 else at
    number = 1 + len(of.places("Intervene"))
    content = {
        "answer_ms": ANSWER_MS, "kind": "question", "reason": "scores", "scope": "session", "subject": "",
        "text": hidden(dice, of, "intervention", "请说明。"), **said,
    }  # fmt: skip
    until = of.entries[where - 1]["at"] + content["answer_ms"]
    act(
        of, where, by, "Intervene", content, "Intervened",
        due_at=until, number=number, seat=by, venue=by.split("-")[1],
    )  # fmt: skip
    return number


def answer(dice: random.Random, of: ForgedSealed, by: str, number: int, at: int = -1, **said: Any) -> None:
    content = {
        "answer": hidden(dice, of, "intervention_answer", "已说明。"), "number": number,
        "outcome": "explained", **said,
    }  # fmt: skip
    where = of.find("SubmitReport") if at < 0 else at
    act(of, where, by, "AnswerIntervention", content, "InterventionAnswered", seat=by)


def overdue(of: ForgedSealed, number: int, at: int) -> None:
    """The installation's note that nobody has answered."""
    one = insert(of, at, of.find("DisclosePolicy"))
    one["command"] |= {
        "author_at": one["at"], "command_id": due(of.session, f"overdue {number}"),
        "content": {"number": number}, "type": "NoteAnswerOverdue",
    }  # fmt: skip
    one["events"] = [{"number": number, "type": "AnswerOverdue.1"}]


def answered(dice: random.Random, of: ForgedSealed) -> None:
    """All of these acts as they should be: the control of whatever is tried below."""
    number = intervene(dice, of, MAIN, scope="venue", subject="shanghai")
    answer(dice, of, "witness-shanghai", number)
    number = intervene(dice, of, "supervisor-shanghai", reason="other", kind="warning")
    late = of.find("SubmitReport")
    for one in of.entries[late:]:
        one["at"] += ANSWER_MS
    overdue(of, number, late)
    of.entries[late]["at"] += ANSWER_MS
    of.entries[late]["command"]["author_at"] = of.entries[late]["at"]
    answer(dice, of, "agent", number)
    remark = hidden(dice, of, "remark", "时间不一致")
    accept(of, MAIN_WITNESS, "witness-nanjing", reason="time", remark=remark, verdict="objection")
    accept(of, MAIN_WITNESS, "witness-nanjing")
    accept(of, "witness-shanghai", "witness-nanjing")
    accept(of, "witness-nanjing", MAIN_WITNESS, reason="other", remark=remark, verdict="objection")


# --- witness records accepted ----------------------------------------------------------------------------


def _two(dice: random.Random) -> tuple[str, str]:
    one, other = dice.sample(WITNESSES, 2)
    return one, other


@expects("OwnRecord")
def record_of_its_own(dice: random.Random, of: ForgedSealed) -> str:
    one = dice.choice(WITNESSES)
    accept(of, one, one)
    return "a venue that accepted its own witness's record"


@expects("RecordMismatch")
def record_of_another_digest(dice: random.Random, of: ForgedSealed) -> str:
    one, other = _two(dice)
    false: dict[str, Any] = {"record": b64(dice.randbytes(32))} if dice.random() < 0.5 else {"count": 9}
    accept(of, one, other, **false)
    return "a record accepted that the other witness did not sign"


@expects("AlreadyDone")
def record_accepted_twice(dice: random.Random, of: ForgedSealed) -> str:
    one, other = _two(dice)
    accept(of, one, other)
    again: dict[str, Any] = {} if dice.random() < 0.5 else {"reason": "place", "verdict": "objection"}
    accept(of, one, other, **again)
    return "a record answered again after it was accepted"


@expects("RecordUnsigned")
def record_accepted_early(dice: random.Random, of: ForgedSealed) -> str:
    one, other = _two(dice)
    accept(of, one, other, of.by("SignWitnessRecord", other)[0])
    return "a record accepted before it was signed"


@expects("RecordUnseen")
def record_not_seen(dice: random.Random, of: ForgedSealed) -> str:
    one, other = _two(dice)
    accept(of, one, other)
    command = of.entries[of.find("AcceptWitnessRecord")]["command"]
    command["seen"]["size"] = of.by("SignWitnessRecord", other)[0]
    return "a record accepted by who had not seen its signature"


@expects("UnknownSeat")
def record_of_no_witness(dice: random.Random, of: ForgedSealed) -> str:
    seat = dice.choice(("M1", "keeper-hefei", "b1", "nobody"))
    one, other = _two(dice)
    accept(of, one, other)
    at = of.find("AcceptWitnessRecord")
    for said in (of.entries[at]["command"]["content"], of.entries[at]["events"][0]):
        said["seat"] = seat
    return "a record accepted of who is no witness"


@expects("UnknownReason")
def record_with_a_false_reason(dice: random.Random, of: ForgedSealed) -> str:
    one, other = _two(dice)
    said: tuple[dict[str, Any], ...] = (
        {"reason": "time"},
        {"reason": "", "verdict": "objection"},
        {"reason": "mood", "verdict": "objection"},
    )
    accept(of, one, other, **dice.choice(said))
    return "an answer whose reason does not fit"


@expects("RemarkNeeded", "Malformed")
def record_with_a_false_remark(dice: random.Random, of: ForgedSealed) -> str:
    one, other = _two(dice)
    if dice.random() < 0.5:
        accept(of, one, other, reason="other", verdict="objection")
    else:
        accept(of, one, other, remark=hidden(dice, of, "remark", "很好"))
    return "an answer that lacks its remark, or has one too many"


@expects("HandoverRefused")
def answer_hushed_up(dice: random.Random, of: ForgedSealed) -> str:
    answered(dice, of)
    of.hushed = dice.choice((MAIN_WITNESS, "witness-nanjing"))
    return "a list that leaves the other venues' answers out"


# --- interventions ---------------------------------------------------------------------------------------


@expects("NotAddressed")
def intervention_answered_by_another(dice: random.Random, of: ForgedSealed) -> str:
    scope, subject, by = dice.choice(
        [("session", "", "witness-hefei"), ("venue", "shanghai", "witness-nanjing"),
         ("venue", "shanghai", "M2"), ("seat", "M1", "M2"), ("role", "expert", "M1")]
    )  # fmt: skip
    number = intervene(dice, of, MAIN, scope=scope, subject=subject)
    answer(dice, of, by, number)
    return "an intervention answered by who was not asked"


@expects("GuardUnmet")
def report_over_a_question(dice: random.Random, of: ForgedSealed) -> str:
    number = intervene(dice, of, MAIN)
    answer(dice, of, "agent", number, of.find("ArchiveSession"))
    return "a report submitted while a supervisor's question was open"


@expects("GuardUnmet")
def archived_over_a_question(dice: random.Random, of: ForgedSealed) -> str:
    intervene(dice, of, MAIN, of.find("ArchiveSession"))
    return "a session archived while a supervisor's question was open"


@expects("NoStanding")
def intervention_from_elsewhere(dice: random.Random, of: ForgedSealed) -> str:
    scope, subject = dice.choice([("venue", "nanjing"), ("role", "expert"), ("seat", "witness-nanjing")])
    answer(dice, of, "agent", intervene(dice, of, "supervisor-shanghai", scope=scope, subject=subject))
    return "a supervisor who addressed another province"


@expects("UnknownSubject")
def intervention_with_nobody(dice: random.Random, of: ForgedSealed) -> str:
    scope, subject = dice.choice(
        [("seat", "b1"), ("seat", "supervisor-nanjing"), ("role", "bidder"), ("venue", "elsewhere"),
         ("session", "hefei"), ("seat", "agent")]
    )  # fmt: skip
    answer(dice, of, "agent", intervene(dice, of, MAIN, scope=scope, subject=subject))
    return "an intervention with who may not be addressed"


@expects("InterventionUnfit")
def intervention_unfit(dice: random.Random, of: ForgedSealed) -> str:
    match dice.randrange(4):
        case 0:
            answer(dice, of, "agent", intervene(dice, of, MAIN, reason="mood"))
        case 1:
            number = intervene(dice, of, MAIN, kind="suspend_request")
            answer(dice, of, "agent", number, outcome="suspended")
        case 2:
            answer(dice, of, "agent", intervene(dice, of, MAIN), outcome="suspended")
        case _:
            said: dict[str, Any] = {"kind": "suspend_request", "scope": "venue", "subject": "shanghai"}
            answer(dice, of, "agent", intervene(dice, of, MAIN, **said), outcome="declined")
    return "an intervention or an answer that does not fit"


@expects("AlreadyDone")
def intervention_answered_twice(dice: random.Random, of: ForgedSealed) -> str:
    number = intervene(dice, of, MAIN)
    answer(dice, of, "agent", number)
    answer(dice, of, "agent", number, outcome="declined")
    return "an intervention answered twice"


@expects("UnknownIntervention")
def intervention_unasked(dice: random.Random, of: ForgedSealed) -> str:
    answer(dice, of, "agent", 1 + dice.randrange(9))
    return "an answer to what nobody asked"


@expects("AlreadyDone")
def overdue_before_its_time(dice: random.Random, of: ForgedSealed) -> str:
    number = intervene(dice, of, MAIN)
    overdue(of, number, of.find("SubmitReport"))
    answer(dice, of, "agent", number)
    return "an answer called late before its time was over"


@expects("DueFalse")
def overdue_by_another_cause(dice: random.Random, of: ForgedSealed) -> str:
    answered(dice, of)
    of.entries[of.find("NoteAnswerOverdue")]["command"]["command_id"] = due(of.session, "overdue 1")
    return "a late answer noted by another cause"


@expects("EventsFalse")
def due_another_time(dice: random.Random, of: ForgedSealed) -> str:
    answer(dice, of, "agent", intervene(dice, of, MAIN))
    of.event(of.find("Intervene"), "Intervened")["due_at"] += dice.randrange(1, 60_000)
    return "an intervention that is due at another time"


@expects("ProvinceForged")
def province_forged(dice: random.Random, of: ForgedSealed) -> str:
    rows = of.entries[of.find("BookSession")]["command"]["content"]["province_signatures"]
    of.unsaid = dice.choice([one["province"] for one in rows])
    return "a session that a province did not sign"


ACTS: tuple[Sealed, ...] = tuple(one for one in EXPECTED if one not in _EARLIER)
