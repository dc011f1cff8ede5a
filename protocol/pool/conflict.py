"""The conflict filter (回避筛查): who of a pool may not sit, each with the reasons, recomputable by anybody.

`reasons(expert, parties, sieve)` reads nothing but its arguments: every province that holds the facts
of its own experts computes the same list again (`check` on `FreezePool`). The filter takes out, it
never puts in; a person declares more by recusal. Sources: 招标投标法 37; 实施条例 46; 12号令 12 (near
relatives of a bidder's head, staff of the authority or supervisor, economic interest, penalties);
财库〔2016〕198号 16 (three years of employment; from memory, so a parameter).
"""

from collections.abc import Iterable
from typing import Annotated, Literal

from msgspec import Meta, Struct

from protocol.pool import han, latin
from protocol.pool.expert import Date, Expert, Party, Post

Reason = Literal[
    "employer", "past_employer", "same_group", "kin", "head", "staff_of_tenderee", "staff_of_agent",
    "staff_of_supervisor", "staff_of_authority", "penalty", "leave",
]  # fmt: skip
"""Works or worked for a bidder, for a house of its group, has kin there, leads it; is staff of another
party; is under a penalty; is away."""

_STAFF: dict[str, Reason] = {
    "tenderee": "staff_of_tenderee",
    "agent": "staff_of_agent",
    "supervisor": "staff_of_supervisor",
    "authority": "staff_of_authority",
}


class Sieve(Struct, frozen=True, forbid_unknown_fields=True):
    """The filter's parameters: the day of the evaluation, and for how many years a former employer counts."""

    day: Date
    past_years: Annotated[int, Meta(ge=0, le=99)] = 3


class Found(Struct, frozen=True, forbid_unknown_fields=True, order=True):
    """One reason, and the place of the party it is about in the list of parties; -1 for none."""

    reason: Reason
    party: int


def reasons(expert: Expert, parties: tuple[Party, ...], sieve: Sieve) -> tuple[Found, ...]:
    """Why a person may not be drawn, every reason once, in order; nothing where there is none."""
    found = {
        Found(reason, place) for place, party in enumerate(parties) for reason in _about(expert, party, sieve)
    }
    if any(one.since <= sieve.day and (not one.until or sieve.day <= one.until) for one in expert.penalties):
        found.add(Found("penalty", -1))
    if any(one.since <= sieve.day <= one.until for one in expert.leaves):
        found.add(Found("leave", -1))
    return tuple(sorted(found))


def same_house(one: str, other: str, one_code: str = "", other_code: str = "") -> han.Alike:
    """Whether two written employers are one house, or of one group; codes decide where both are known.

    >>> (
    ...     same_house("安徽建工", "安徽建工集团股份有限公司"),
    ...     same_house("MIT", "Massachusetts Institute of Technology"),
    ... )
    ('same', 'same')
    """
    if one_code and one_code == other_code:
        return "same"
    if han.is_han(one) and han.is_han(other):
        found = han.alike(one, other)
        # Two codes that differ are two houses, however alike their names.
        return "group" if found and one_code and other_code else found
    if han.is_han(one) or han.is_han(other):
        return ""
    return "same" if latin.same_affiliation(one, other) else ""


def _about(expert: Expert, party: Party, sieve: Sieve) -> Iterable[Reason]:
    for post in expert.posts:
        if not _counts(post, sieve):
            continue
        alike = same_house(post.employer, party.name, post.code, party.code)
        now = not post.until or post.until >= sieve.day
        if party.role != "bidder":
            if alike == "same" and now:
                yield _STAFF[party.role]
        elif alike == "same":
            yield "employer" if now else "past_employer"
        elif alike:
            yield "same_group"
    if party.role != "bidder":
        return
    if any(_same_name(expert.name, head) for head in party.heads):
        yield "head"
    if any(
        (kin.name and any(_same_name(kin.name, head) for head in party.heads))
        or (kin.employer and same_house(kin.employer, party.name, kin.code, party.code) == "same")
        for kin in expert.kin
    ):
        yield "kin"


def _counts(post: Post, sieve: Sieve) -> bool:
    """Whether a post is not over for longer than the sieve looks back."""
    if not post.until:
        return True
    earliest = f"{int(sieve.day[:4]) - sieve.past_years:04d}{sieve.day[4:]}"
    return post.until >= earliest


def _same_name(one: str, other: str) -> bool:
    if han.is_han(one) or han.is_han(other):
        return han.plain(one) == han.plain(other)
    return latin.same_person(one, other)
