"""What a forger who holds every key may do to an opening of version 4: custody, releases, milestones."""

import json
import random

from protocol import canonical
from tests.attacks.forged_archive import b64
from tests.attacks.forged_sealed import ForgedSealed
from tests.attacks.forging import both, drop, expects, insert, move

# --- the opening -------------------------------------------------------------------------------------------


@expects("CustodiansTooFew", "GuardUnmet")
def roll_call_thin(dice: random.Random, of: ForgedSealed) -> str:
    centres = [
        at for at in of.places("AnswerRollCall")
        if of.event(at, "RollCallAnswered")["custodian"].startswith("centre")
    ]  # fmt: skip
    drop(of, *dice.sample(centres, 3))
    return "bids received without enough custodians"


@expects("ChallengeStale")
def roll_call_stale(dice: random.Random, of: ForgedSealed) -> str:
    at = dice.choice(of.places("AnswerRollCall"))
    of.entries[at]["command"]["content"]["challenge"] = b64(dice.randbytes(32))
    return "a custodian that answered another challenge"


@expects("AlreadyDone")
def roll_call_twice(dice: random.Random, of: ForgedSealed) -> str:
    at = dice.choice(of.places("AnswerRollCall"))
    insert(of, at + 1, at)
    return "a custodian that answered twice"


@expects("NotCustodian", "NotAllowed", "WrongRole")
def roll_call_by_nobody(dice: random.Random, of: ForgedSealed) -> str:
    at = of.places("AnswerRollCall")[-1]
    other = dice.choice(of.places("OfferOpeningKey"))
    insert(of, at + 1, at, author_key=of.entries[other]["command"]["author_key"])
    return "a roll-call answered by who is no custodian"


@expects("GroupRefused")
def group_of_none(dice: random.Random, of: ForgedSealed) -> str:
    at = of.find("AppointCustodians")
    groups = of.entries[at]["command"]["content"]["groups"]
    groups[0]["threshold"] = len(groups[0]["members"]) + 1 + dice.randrange(3)
    both(of, at, groups=groups)
    return "a group whose threshold nobody can reach"


@expects("MilestoneAwaited")
def released_by_bidder_early(dice: random.Random, of: ForgedSealed) -> str:
    at, to = of.places("ReleaseBid")[0], of.milestone("bids_received")
    bind = of.by("BindSeat", of.event(at, "BidReleased")["bidder"])[0]
    move(of, bind, to)
    move(of, of.places("ReleaseBid")[0], to + 1)
    return "a bidder released before the list was cosigned"


@expects("MilestoneAwaited")
def released_by_custodian_early(dice: random.Random, of: ForgedSealed) -> str:
    move(of, dice.choice(of.places("ReleaseCustody")), of.milestone("release_closed"))
    return "a custodian released before the window's end was cosigned"


@expects("MilestoneAwaited", "WrongPhase")
def window_without_milestone(dice: random.Random, of: ForgedSealed) -> str:
    drop(of, of.milestone("release_closed"))
    return "a window closed without its milestone"


@expects("MilestoneAwaited", "GuardUnmet")
def list_without_milestone(dice: random.Random, of: ForgedSealed) -> str:
    drop(of, of.milestone("bids_received"))
    return "bids released under a list that nobody cosigned"


@expects("WindowOpen")
def window_closed_early(dice: random.Random, of: ForgedSealed) -> str:
    last = of.places("ReleaseBid")[-1]
    bid = of.event(last, "BidReleased")["bid"]
    drop(of, last)
    at = of.find("CloseRelease")
    event = of.event(at, "ReleaseClosed")
    event["released"] = [one for one in event["released"] if one != bid]
    event["missing"] = [bid]
    event["bids"] = _list_of(of, event["released"])
    return "a window closed while a bidder still had time"


@expects("WindowOver")
def released_late(dice: random.Random, of: ForgedSealed) -> str:
    event = of.event(of.find("ReceiveBids"), "BidsReceived")
    last = of.places("ReleaseBid")[-1]
    later = event["until"] - of.entries[last]["at"] + 1 + dice.randrange(60_000)
    for one in of.entries[last:]:
        one["at"] += later
    return "a bid released after the window"


@expects("UnknownBid")
def released_not_received(dice: random.Random, of: ForgedSealed) -> str:
    at = dice.choice(of.places("ReleaseBid"))
    bid = "b9" if dice.random() < 0.5 else next(
        one for one in ("b1", "b2") if one != of.event(at, "BidReleased")["bid"]
    )  # fmt: skip
    both(of, at, bid=bid)
    return "a release for a bid that was not received, or is another's"


@expects("AlreadyReleased")
def released_twice(dice: random.Random, of: ForgedSealed) -> str:
    at = dice.choice(of.places("ReleaseBid"))
    insert(of, at + 1, at)
    return "a bid released twice"


@expects("OtherBids")
def custody_for_others(dice: random.Random, of: ForgedSealed) -> str:
    at = dice.choice(of.places("ReleaseCustody"))
    bids = b64(dice.randbytes(32))
    both(of, at, bids=bids)
    one = next(
        each for each in of.disclosures
        if each["digest"] == of.entries[at]["command"]["content"]["release"]
    )  # fmt: skip
    of.revalue(one, {**json.loads(one["value"]), "bids": bids})
    return "a custodian that released for other bids"


@expects("ReleaseForeign")
def custody_boxed_for_others(dice: random.Random, of: ForgedSealed) -> str:
    one = of.disclosure("custody_release", dice.randrange(6))
    value = json.loads(one["value"])
    value["boxes"] = value["boxes"][1:] if dice.random() < 0.5 else value["boxes"][::-1]
    of.revalue(one, value)
    return "a release boxed for other keys than the opening's"


@expects("ReleaseForged")
def release_unsigned(dice: random.Random, of: ForgedSealed) -> str:
    one, other = (of.disclosure("bid_release", at) for at in dice.sample(range(5), 2))
    of.revalue(one, {**json.loads(one["value"]), "sig": json.loads(other["value"])["sig"]})
    return "a release that its bidder did not sign"


@expects("NotCustodian")
def custody_by_another(dice: random.Random, of: ForgedSealed) -> str:
    at = dice.choice(of.places("ReleaseCustody"))
    other = "centre-9" if dice.random() < 0.5 else "bidder-1"
    both(of, at, custodian=other)
    one = next(
        each for each in of.disclosures
        if each["digest"] == of.entries[at]["command"]["content"]["release"]
    )  # fmt: skip
    of.revalue(one, {**json.loads(one["value"]), "custodian": other})
    return "a release in another custodian's name"


@expects("CustodiansTooFew", "OtherBids")
def opened_by_too_few(dice: random.Random, of: ForgedSealed) -> str:
    centres = [
        at for at in of.places("ReleaseCustody")
        if of.event(at, "CustodyReleased")["custodian"].startswith("centre")
    ]  # fmt: skip
    drop(of, *dice.sample(centres, 3))
    return "bids decrypted with fewer custodians than the threshold"


@expects("DigestsUnequal", "GuardUnmet")
def venues_differ(dice: random.Random, of: ForgedSealed) -> str:
    at = dice.choice(of.places("ReportDecryption"))
    content = of.entries[at]["command"]["content"]
    dice.choice(content["bids"])["listing"] = b64(dice.randbytes(32))
    of.event(at, "DecryptionReported").update(bids=content["bids"], digest=_found(of, at))
    return "venues that found different bids"


@expects("NotOpened", "GuardUnmet")
def unopened_bid_read(dice: random.Random, of: ForgedSealed) -> str:
    which = dice.randrange(5)
    for at in of.places("ReportDecryption"):
        content = of.entries[at]["command"]["content"]
        content["bids"][which] |= {"listing": "", "result": "container_broken"}
        of.event(at, "DecryptionReported").update(bids=content["bids"], digest=_found(of, at))
    return "a bid that no venue could open, opened"


@expects("RecordMismatch")
def opening_record_false(dice: random.Random, of: ForgedSealed) -> str:
    both(of, dice.choice(of.places("SignOpeningRecord")), record=b64(dice.randbytes(32)))
    return "another opening record signed"


@expects("KeyTaken")
def opening_key_again(dice: random.Random, of: ForgedSealed) -> str:
    one, other = dice.sample(of.places("OfferOpeningKey"), 2)
    first, second = min(one, other), max(one, other)
    both(of, second, public=of.entries[first]["command"]["content"]["public"])
    return "an opening key that two venues have"


# --- milestones ------------------------------------------------------------------------------------------


def _reached(of: ForgedSealed, dice: random.Random) -> int:
    return dice.choice(of.places("ReachMilestone"))


@expects("QuorumUnmet")
def milestone_thin(dice: random.Random, of: ForgedSealed) -> str:
    all_of = sorted(of.cosigners)
    cosigned = dice.sample(all_of, 1)
    both(of, _reached(of, dice), cosigned=cosigned, owed=[one for one in all_of if one not in cosigned])
    return "a milestone without its quorum"


@expects("MilestoneAwaited")
def milestone_hasty(dice: random.Random, of: ForgedSealed) -> str:
    owed = dice.choice(("nanjing", "shanghai"))
    both(of, _reached(of, dice), cosigned=[one for one in sorted(of.cosigners) if one != owed], owed=[owed])
    return "a milestone that did not wait for who owes"


@expects("CosignerUnknown")
def milestone_of_a_stranger(dice: random.Random, of: ForgedSealed) -> str:
    both(of, _reached(of, dice), cosigned=[*sorted(of.cosigners), "zz-stranger"])
    return "a milestone cosigned by a stranger"


@expects("MilestoneFalse")
def milestone_unsigned(dice: random.Random, of: ForgedSealed) -> str:
    name = of.entries[_reached(of, dice)]["command"]["content"]["milestone"]
    of.silent[name] = dice.choice(("nanjing", "shanghai", "hangzhou"))
    return "a milestone said to be cosigned by who did not"


@expects("MilestoneUnproved", undecided=True)
def milestone_without_head(dice: random.Random, of: ForgedSealed) -> str:
    of.dropped.add(of.entries[_reached(of, dice)]["command"]["content"]["milestone"])
    return "a milestone whose head is not in the archive"


@expects("CommandReused")
def milestone_twice(dice: random.Random, of: ForgedSealed) -> str:
    at = of.milestone(dice.choice(("bids_received", "release_closed", "scores_closed")))
    insert(of, at + 1, at)
    return "a milestone reached twice"


@expects("PolicyFalse")
def policy_weaker(dice: random.Random, of: ForgedSealed) -> str:
    """The whole session by a policy of which one cosigner is enough, judged by the one handed over."""
    weaker = of.policy().decode().replace("group live 3", f"group live {dice.choice((1, 2))}")
    of.named = of.disclosed = weaker
    return "a session by a weaker policy than was handed over"


@expects("PolicyForeign")
def policy_changed(dice: random.Random, of: ForgedSealed) -> str:
    of.disclosed = of.policy().decode().replace("group live 3", f"group live {dice.choice((1, 2))}")
    return "another policy in the record than genesis names"


def _list_of(of: ForgedSealed, released: list[str]) -> str:
    received = of.event(of.find("ReceiveBids"), "BidsReceived")
    rows = [one for one in received["bids"] if one["bid"] in released]
    stage = of.entries[of.find("ReceiveBids")]["command"]["stage"]
    said = [of.session, stage, [{name: one[name] for name in ("bid", "bidder", "mark")} for one in rows]]
    return b64(canonical.sha256(canonical.tag("released-bids/v1") + canonical.encode(said)))


def _found(of: ForgedSealed, at: int) -> str:
    command = of.entries[at]["command"]
    stage = command["stage"]
    said = [of.session, stage["lot"], stage["envelope"], command["content"]["bids"]]
    return b64(canonical.sha256(canonical.tag("decryption/v1") + canonical.encode(said)))
