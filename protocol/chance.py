"""Chance that anybody can check: shares committed and revealed, a seed, unbiased lots (可验证抽取).

Several parties each make 32 random bytes in their own shell and commit to them; when all have
committed they reveal. The seed is a digest of all of them, so that it is even as long as one of
them was honest. From the seed SHA-256 in counter mode gives words; a word above the last whole
multiple of the bound is thrown away (rejection sampling), so that no lot is likelier than another;
Fisher–Yates makes a permutation of them. RFC 3797 is a compatible mode for whoever already draws
by it: it takes a remainder and MD5, and is here to be checked, not to be preferred.

Makes no randomness. Knows nothing of experts, venues or rates: what is drawn is a number.
Sources: Durstenfeld 1964 (Fisher–Yates in place); RFC 3797 sections 4 and 6; SPEC 15.2.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from protocol import canonical, hidden
from protocol.words import Hash, Id

WORD_SPAN = 2**64
"""How many values a word of the stream has."""

_WORD_BYTES = 8


class Share(Struct, frozen=True, forbid_unknown_fields=True):
    """One party's randomness, bound to the draw and to what is drawn from.

    `subject` is a digest of what is drawn from, so that a share is good for that alone.
    """

    draw: Id
    party: Id
    random: Hash
    session: Id
    subject: Hash


def commitment(share: Share, salt: bytes) -> bytes:
    """What a party commits to, 32 bytes: the hidden value `draw_share` (SPEC 5.4)."""
    return hidden.digest("draw_share", salt, share)


def reveals(commitment_: bytes, share: Share, salt: bytes) -> bool:
    """Whether a share and its salt are those of a commitment."""
    return commitment(share, salt) == commitment_


def seed(shares: Iterable[Share]) -> bytes:
    """The seed of a draw, 32 bytes: a digest of all shares, in the order of their parties' ids.

    In whatever order they come, the seed is the same.
    """
    found = sorted(shares, key=lambda share: share.party)
    assert found, "a draw needs a share"
    first = found[0]
    assert all(
        (one.draw, one.session, one.subject) == (first.draw, first.session, first.subject) for one in found
    )
    assert len({one.party for one in found}) == len(found), "two shares of one party"
    return canonical.tagged_digest(
        "draw-seed/v1",
        {
            "draw": first.draw,
            "session": first.session,
            "shares": [[one.party, one.random] for one in found],
            "subject": first.subject,
        },
    )


def words(seed_: bytes, label: Sequence[str]) -> Iterator[int]:
    """Endless 64-bit words of a seed for one purpose; `label` keeps purposes apart.

    Block *i* is SHA-256(`tag("draw-block/v1")` ‖ key ‖ *i* as 8 bytes, big-endian) with the key
    SHA-256(`tag("draw-stream/v1")` ‖ canonical `[label, seed]`); a block is four words, big-endian.
    """
    key = canonical.tagged_digest("draw-stream/v1", [list(label), seed_])
    prefix = canonical.tag("draw-block/v1") + key
    counter = 0
    while True:
        block = canonical.sha256(prefix + counter.to_bytes(8, "big"))
        for start in range(0, len(block), _WORD_BYTES):
            yield int.from_bytes(block[start : start + _WORD_BYTES], "big")
        counter += 1


def below(source: Iterator[int], bound: int, span: int = WORD_SPAN) -> int:
    """An even number from 0 up to, not including, `bound`; words that would tilt it are thrown away.

    Args:
      source: words, each even from 0 up to `span`.
      bound: from 1 to `span`.
      span: how many values a word has.

    >>> below(iter([7, 6, 5]), 3, span=8)
    2
    """
    assert 1 <= bound <= span
    whole = span - span % bound
    while True:
        word = next(source)
        if word < whole:
            return word % bound


def permutation(size: int, choose: Callable[[int], int]) -> tuple[int, ...]:
    """The numbers 0 … size-1 in drawn order (Fisher–Yates from the front).

    Args:
      size: how many.
      choose: given a bound, an even number below it. Each sequence of choices gives another order,
        and every order has one.

    >>> permutation(3, lambda bound: bound - 1)
    (2, 0, 1)
    """
    order = list(range(size))
    for place in range(size - 1):
        other = place + choose(size - place)
        order[place], order[other] = order[other], order[place]
    return tuple(order)


def drawn_order(seed_: bytes, label: Sequence[str], size: int) -> tuple[int, ...]:
    """The order in which the numbers 0 … size-1 come out of a seed for one purpose."""
    source = words(seed_, label)
    return permutation(size, lambda bound: below(source, bound))


# --- RFC 3797 -----------------------------------------------------------------------------------------------


def rfc3797_key(sources: Sequence[Sequence[int]]) -> bytes:
    """The key string of RFC 3797 section 4.3: sorted numbers, `.` after each, `/` after each source.

    >>> rfc3797_key([[9319], [2, 5, 12, 8, 10]])
    b'9319./2.5.8.10.12./'
    """
    return "".join("".join(f"{number}." for number in sorted(one)) + "/" for one in sources).encode()


def rfc3797_digest(key: bytes, place: int) -> bytes:
    """MD5 of the place (2 bytes, big-endian), the key, and the place again: the RFC's own choice."""
    edge = place.to_bytes(2, "big")
    return hashlib.md5(edge + key + edge, usedforsecurity=False).digest()


def rfc3797_selected(key: bytes, pool: int, wanted: int) -> tuple[int, ...]:
    """The numbers (from 1) that RFC 3797 section 4 picks out of a pool, in its order."""
    assert 0 <= wanted <= pool
    left = list(range(1, pool + 1))
    picked = []
    for place in range(wanted):
        at = int.from_bytes(rfc3797_digest(key, place), "big") % len(left)
        picked.append(left.pop(at))
    return tuple(picked)
