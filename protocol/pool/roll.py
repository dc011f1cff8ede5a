"""The frozen roll (冻结名册): whom a draw may pick and whom the filter left out, committed before any chance.

A leaf of the roll names a person, and what was known of it, by digest only. Leaves stand in the order
of province, speciality and person, so that the roll is the same whoever lists it, and each stratum
(province and speciality) is one run of them. The root is an RFC 6962 root over canonical leaves: one
drawn leaf with its proof shows who was drawn without showing the others. Source: SPEC 15.3.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Annotated

from msgspec import Meta, Struct

from protocol import canonical, limits
from protocol.commands_draw import PoolLeaf, StratumCount
from protocol.ledger import tree
from protocol.pool.conflict import Found, Sieve, reasons
from protocol.pool.expert import Expert, Party
from protocol.words import Hash, Id


class Left(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody whom the filter left out, with the reasons."""

    leaf: PoolLeaf
    found: Annotated[tuple[Found, ...], Meta(min_length=1)]


class Roll(Struct, frozen=True, forbid_unknown_fields=True):
    """The roll as disclosed (field `pool`): `parties` is the digest of the parties it was sieved by."""

    eligible: Annotated[tuple[PoolLeaf, ...], Meta(max_length=limits.POOL_PERSONS_MAX)]
    left: Annotated[tuple[Left, ...], Meta(max_length=limits.POOL_PERSONS_MAX)]
    parties: Hash
    sieve: Sieve


class Listed(Struct, frozen=True):
    """An expert with the digests that stand for the name and for the facts."""

    expert: Expert
    person: Hash
    facts: Hash


def freeze(
    listed: Iterable[Listed], wanted: Sequence[str], parties: tuple[Party, ...], digest: bytes, sieve: Sieve
) -> Roll:
    """The roll of everybody who has one of the wanted specialities.

    Args:
      listed: the pools of all provinces, in any order.
      wanted: specialities; who has several of them stands under the first, so that nobody is drawn twice.
      parties: the parties to sieve by, and
      digest: the digest that stands for them.
      sieve: the filter's parameters.
    """
    eligible, left = [], []
    for one in listed:
        speciality = next((name for name in wanted if name in one.expert.specialities), None)
        if speciality is None:
            continue
        leaf = PoolLeaf(one.facts, one.person, one.expert.province, speciality)
        found = reasons(one.expert, parties, sieve)
        if found:
            left.append(Left(leaf, found))
        else:
            eligible.append(leaf)
    eligible.sort(key=order)
    left.sort(key=lambda gone: order(gone.leaf))
    return Roll(tuple(eligible), tuple(left), digest, sieve)


def order(leaf: PoolLeaf) -> tuple[str, str, bytes]:
    """By what leaves are sorted."""
    return leaf.province, leaf.speciality, leaf.person


def strata(roll: Roll) -> tuple[StratumCount, ...]:
    """How many are eligible and left out, for each province and speciality, in order."""
    counts: dict[tuple[str, str], list[int]] = {}
    for leaf in roll.eligible:
        counts.setdefault((leaf.province, leaf.speciality), [0, 0])[0] += 1
    for gone in roll.left:
        counts.setdefault((gone.leaf.province, gone.leaf.speciality), [0, 0])[1] += 1
    return tuple(StratumCount(*name, eligible=n, left=m) for name, (n, m) in sorted(counts.items()))


def leaf_hashes(roll: Roll) -> tuple[bytes, ...]:
    """The leaf hashes of those eligible, in order."""
    return tuple(tree.leaf_hash(canonical.encode(leaf)) for leaf in roll.eligible)


def root(roll: Roll) -> bytes:
    """The root over those eligible, 32 bytes."""
    return tree.root(leaf_hashes(roll))


def faults(roll: Roll) -> tuple[str, ...]:
    """What is wrong with a roll's form: `order`, `twice`; empty when nothing is."""
    sides = (roll.eligible, tuple(gone.leaf for gone in roll.left))
    found = ["order" for leaves in sides if list(leaves) != sorted(leaves, key=order)]
    everybody = [leaf.person for leaf in (*roll.eligible, *(gone.leaf for gone in roll.left))]
    if any(len(list(same)) > 1 for _, same in groupby(sorted(everybody))):
        found.append("twice")
    return tuple(found)


def differences(
    roll: Roll, parties: tuple[Party, ...], known: Mapping[bytes, Expert]
) -> tuple[tuple[Id, tuple[Found, ...], tuple[Found, ...]], ...]:
    """Where a filter run again disagrees: the pool's id, the reasons told, and those found again.

    Args:
      roll: as disclosed.
      parties: as disclosed.
      known: digest of facts → the expert, as far as whoever asks may know; the others are not looked at.
    """
    told = {leaf.facts: () for leaf in roll.eligible} | {gone.leaf.facts: gone.found for gone in roll.left}
    return tuple(
        (expert.id, told[digest], again)
        for digest, expert in sorted(known.items())
        if digest in told and told[digest] != (again := reasons(expert, parties, roll.sieve))
    )
