"""A group's key, dealt to custodians who hold their keys: what tests of dealings begin with."""

import msgspec

from protocol.seal import dealing, suites
from protocol.seal.dealing import Bid, Custodian, Dealing, Group, Share
from protocol.seal.suite import SoftwareKey, Suite

KEY = bytes(range(1, 33))


def the_bid(name: str, **changed: str) -> Bid:
    """A bid of a suite."""
    fields = {"bid": "b7", "envelope": "1", "lot": "01", "project": "HF-2026-01", "suite": name} | changed
    return msgspec.convert(fields, Bid)


def keys(suite: Suite, count: int) -> list[SoftwareKey]:
    """Private keys of custodians."""
    return [suite.private_key(suite.private_der(bytes([number + 1]) * 32)) for number in range(count)]


def group(held: list[SoftwareKey], threshold: int, name: str = "centres") -> Group:
    """A group of custodians that hold these keys."""
    members = tuple(Custodian(f"c{number}", key.public) for number, key in enumerate(held, 1))
    return Group(name, members, threshold)


class Held:
    """A group's key, dealt, and what each custodian found in its box."""

    def __init__(self, name: str, threshold: int = 3, count: int = 5, key: bytes = KEY) -> None:
        """Deal, and have every box opened."""
        self.suite = suites.get(name)
        self.bid = the_bid(name)
        self.keys = keys(self.suite, count)
        self.group = group(self.keys, threshold)
        self.dealt = dealing.deal(self.suite, self.bid, self.group, key)
        self.shares = [
            dealing.take(self.suite, self.bid, self.dealt, index, key)
            for index, key in enumerate(self.keys, 1)
        ]

    def combine(self, shares: list[Share], dealt: Dealing | None = None) -> bytes:
        """The group's key from shares."""
        return dealing.combine(self.suite, self.bid, dealt or self.dealt, shares)
