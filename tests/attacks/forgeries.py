"""What a forger who holds every key may do to a record, each a breach that only a rule's meaning can tell."""

import json
import random
from collections.abc import Callable

from protocol import canonical
from tests.attacks.forged_archive import Forged, b64

Forgery = Callable[[random.Random, Forged], str]
"""Changes a record in place and says what it did."""


def signature_missing(dice: random.Random, of: Forged) -> str:
    at = dice.randrange(len(of.entries))
    of.entries[at]["_sig"] = f"ed25519:{b64(dice.randbytes(64))}"
    return "an author's signature is none"


def signed_by_another(dice: random.Random, of: Forged) -> str:
    at = dice.choice([one for one in range(2, len(of.entries)) if of.entries[one]["command"]["author_seq"]])
    mine = of.entries[at]["command"]["author_key"]
    of.entries[at]["_by"] = dice.choice(sorted(set(of.keys) - {mine}))
    return "signed with another's key"


def moved(before: str, after: str, *, last: bool = False) -> Forgery:
    """An act comes before the one that makes it possible."""

    def mutate(dice: random.Random, of: Forged) -> str:
        at, to = dice.choice(of.places(after)), of.places(before)[-1 if last else 0]
        assert at > to, (before, after)
        of.entries.insert(to, of.entries.pop(at))
        of.entries[to]["at"] = of.entries[to + 1]["at"]
        for one in range(to + 1, len(of.entries)):
            of.entries[one]["at"] = max(of.entries[one]["at"], of.entries[one - 1]["at"])
        return f"{after} before {before}"

    mutate.__name__ = f"{after}_before_{before}"
    return mutate


def without(type_: str) -> Forgery:
    """An act that others wait for never came (a waiver that nobody gave)."""

    def mutate(dice: random.Random, of: Forged) -> str:
        del of.entries[dice.choice(of.places(type_))]
        # What only that act named is let go as well, so that no disclosure tells of it.
        text = json.dumps([of.entries, [one["value"] for one in of.disclosures]])
        of.disclosures = [one for one in of.disclosures if one["digest"] in text]
        return f"without {type_}"

    mutate.__name__ = f"without_{type_}"
    return mutate


def false_tally(dice: random.Random, of: Forged) -> str:
    one = of.disclosure("tally")
    value = json.loads(one["value"])
    row = dice.choice(value["rows"])
    match dice.randrange(3):
        case 0:
            row["total"] = f"{float(row['total']) + 1:.2f}"
        case 1:
            row["rank"] += 1
        case _:
            row["candidate"] = not row["candidate"]
    of.revalue(one, value)
    return "a false tally"


def false_price(dice: random.Random, of: Forged) -> str:
    prices = [one for one in of.disclosures if one["field"] == "price"]
    one = dice.choice(prices)
    of.revalue(one, f"{float(json.loads(one['value'])) - dice.randrange(100, 900):.2f}")
    return "another price than the one that was evaluated"


def changed_score(dice: random.Random, of: Forged) -> str:
    one = dice.choice([one for one in of.disclosures if one["field"] == "sheet"])
    value = json.loads(one["value"])
    bidder = dice.choice(sorted(value["scores"]))
    criterion = dice.choice(sorted(value["scores"][bidder]))
    given = value["scores"][bidder][criterion]
    value["scores"][bidder][criterion] = given - 50 if given >= 50 else given + 50
    of.revalue(one, value)
    return "a score that was changed after the tally"


def score_over_range(dice: random.Random, of: Forged) -> str:
    one = dice.choice([one for one in of.disclosures if one["field"] == "sheet"])
    value = json.loads(one["value"])
    bidder = dice.choice(sorted(value["scores"]))
    value["scores"][bidder][dice.choice(sorted(value["scores"][bidder]))] = 99_999
    of.revalue(one, value)
    return "a score over its range"


def false_event(dice: random.Random, of: Forged) -> str:
    at = dice.randrange(len(of.entries))
    event = dice.choice(of.entries[at]["events"])
    texts = sorted(
        name for name, value in event.items() if name != "type" and isinstance(value, str) and value
    )
    if not texts or event["type"] == "MilestoneReached.1":
        of.entries[at]["events"].append(event)
        return "an event twice"
    name = dice.choice(texts)
    event[name] = event[name][::-1] if event[name][::-1] != event[name] else f"{event[name]}x"
    return "an event that does not follow from the act"


def clock_back(dice: random.Random, of: Forged) -> str:
    at = dice.randrange(1, len(of.entries))
    of.entries[at]["at"] = of.entries[at - 1]["at"] - 1 - dice.randrange(10_000)
    return "the clock goes back"


def number_again(dice: random.Random, of: Forged) -> str:
    while True:
        at = dice.randrange(1, len(of.entries))
        key = of.entries[at]["command"]["author_key"]
        before = [one for one in of.entries[:at] if one["command"]["author_key"] == key]
        if before and of.entries[at]["command"]["author_seq"]:
            of.entries[at]["command"]["author_seq"] = before[-1]["command"]["author_seq"]
            return "an author's number again"


def false_seen(dice: random.Random, of: Forged) -> str:
    at = dice.choice([n for n, one in enumerate(of.entries) if one["command"]["seen"]["size"] > 1])
    one = of.entries[at]
    one["_as_is"] = True
    one["seq"] = at
    one["command"]["seen"]["root"] = b64(dice.randbytes(32))
    return "a head seen that never was"


def unattested_seat(dice: random.Random, of: Forged) -> str:
    at = dice.choice(of.places("BindSeat"))
    other = dice.choice([n for n in of.places("BindSeat") if n != at])
    content = of.entries[at]["command"]["content"]
    content["attestation"] = of.entries[other]["command"]["content"]["attestation"]
    return "a seat that nobody attested"


def by_another_role(dice: random.Random, of: Forged) -> str:
    """An act of the desk, signed rightly by a member."""
    members = [one["command"]["author_key"] for one in of.entries if one["command"]["type"] == "CheckIn"]
    at = dice.choice(
        [of.find(name) for name in ("CloseScoring", "PublishTally", "ConfirmRanking", "BeginReport")]
    )
    command = of.entries[at]["command"]
    command |= {"author_key": dice.choice(members), "author_seq": 500}
    return "an act of the desk by a member"


def wrong_round(dice: random.Random, of: Forged) -> str:
    at = dice.choice(of.places("SealSheet"))
    of.entries[at]["command"]["stage"]["round"] = 2
    of.event(at, "SheetSealed")["round"] = 2
    return "an act of another round"


def foreign_session(dice: random.Random, of: Forged) -> str:
    at = dice.randrange(1, len(of.entries))
    of.entries[at]["command"]["session"] = "another"
    return "an act of another session"


def milestone_false(dice: random.Random, of: Forged) -> str:
    at = dice.choice(of.places("ReachMilestone"))
    one = of.entries[at]
    one["command"]["content"]["cosigned"] = ["nobody"]
    of.event(at, "MilestoneReached")["cosigned"] = ["nobody"]
    return "a milestone cosigned by nobody there is"


def committee_unlawful(dice: random.Random, of: Forged) -> str:
    """One member less than was drawn up, in all that follows."""
    at = of.find("LockRoster")
    names = of.event(at, "RosterLocked")["members"]
    names.remove(dice.choice(names))
    return "a roster without one of its members"


def other_undertaking(dice: random.Random, of: Forged) -> str:
    at = dice.choice(of.places("CheckIn"))
    digest = b64(dice.randbytes(32))
    of.entries[at]["command"]["content"]["undertaking"] = digest
    of.event(at, "SeatCheckedIn")["undertaking"] = digest
    return "another undertaking"


def twice_signed(dice: random.Random, of: Forged) -> str:
    at = dice.choice(of.places("SignReport"))
    again = json.loads(json.dumps(of.entries[at]))
    again["command"] |= {"author_seq": again["command"]["author_seq"] + 500, "command_id": "again"}
    to = of.find("SubmitReport")
    again["at"] = of.entries[to - 1]["at"]
    of.entries.insert(to, again)
    return "a report signed twice by one seat"


def head_of_another(dice: random.Random, of: Forged) -> str:
    of.head = (len(of.entries), dice.randbytes(32))
    return "a final head of other entries"


def thin_quorum(dice: random.Random, of: Forged) -> str:
    of.signs = dice.randrange(3)
    return "a final head without its quorum"


def malformed(dice: random.Random, of: Forged) -> str:
    at = dice.randrange(1, len(of.entries))
    one = of.entries[at]
    match dice.randrange(3):
        case 0:
            one["extra"] = 1
        case 1:
            one["command"]["content"] = {**one["command"]["content"], "extra": ""}
        case _:
            one["v"] = 2
    return "a form that is none"


def strange_disclosure(dice: random.Random, of: Forged) -> str:
    salt, value = dice.randbytes(32), canonical.encode("nobody asked")
    digest = canonical.sha256(canonical.tag("hidden/v1/statement") + salt + value)
    of.disclosures.append(
        {"digest": b64(digest), "field": "statement", "salt": b64(salt), "value": value.decode()}
    )
    return "a disclosure that opens nothing"


FORGED: tuple[Forgery, ...] = (
    signature_missing, signed_by_another, false_tally, false_price, changed_score, score_over_range,
    false_event, clock_back, number_again, false_seen, unattested_seat, by_another_role, wrong_round,
    foreign_session, milestone_false, committee_unlawful, other_undertaking, twice_signed, head_of_another,
    thin_quorum, malformed, strange_disclosure, moved("OpenCheckIn", "CheckIn"),
    moved("BookSession", "ImportCommittee"), moved("CloseScoring", "TryOpening"),
    moved("TryOpening", "OpenSheet", last=True), moved("ImportReport", "SignReport"),
    moved("OpenSheet", "PublishTally"), moved("BeginReport", "ArchiveSession"), without("CheckIn"),
    without("SealSheet"), without("TryOpening"), without("OpenSheet"), without("PublishTally"),
    without("SignReport"), without("ReachMilestone"), without("ConfirmRanking"), without("LockRoster"),
    without("NoteObservation"),
)  # fmt: skip


def mark_missing(dice: random.Random, of: Forged) -> str:
    """Of a bid that goes on: who was rejected by a vote needs no more marks."""
    out = {of.entries[at]["command"]["content"]["bidder"] for at in of.places("ProposeRejection")}
    marks = [at for at in of.places("MarkItem") if of.entries[at]["command"]["content"]["bidder"] not in out]
    del of.entries[dice.choice(marks)]
    return "without a member's marks"


def vote_miscounted(dice: random.Random, of: Forged) -> str:
    event = of.event(of.find("CloseVote"), "VoteClosed")
    event |= {"yes": event["no"], "no": event["yes"], "rejected": not event["rejected"]}
    return "a vote counted wrongly"


def due_moved(dice: random.Random, of: Forged) -> str:
    of.event(of.find("ProposeRejection"), "VoteOpened")["due_at"] += dice.randrange(1, 9) * 60_000
    return "a vote due later than the plan says"


FORGED_3: tuple[Forgery, ...] = (
    vote_miscounted, due_moved, mark_missing, without("CastVote"), without("ExplainDeviation"),
    without("PublishItems"), without("CheckBlindPart"), without("CloseVote"), moved("LockRoster", "MarkItem"),
)  # fmt: skip
