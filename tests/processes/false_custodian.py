"""A custodian's service that releases false shares, run as `tests.processes.false_custodian`.

It is the real service, its keys, its judgement, its line and its disk; what it boxes for the venues alone is
another thing than what was dealt to it. Which, its name says: see `LIES`.
"""

import sys
from collections.abc import Callable, Sequence
from typing import Any, Final
from unittest import mock

from msgspec.structs import replace

from protocol.seal import releasing
from protocol.seal.releasing import Fault, Shares
from sub_venue.custody import assembly, settings
from sub_venue.custody.judgement import Believed
from sub_venue.custody.releases import Released
from sub_venue.custody.service import Asked, Service
from sub_venue.starting import start

MODULE: Final = "tests.processes.false_custodian"


def damaged(true: Shares) -> Shares:
    """The first bid's share with a byte changed."""
    first = true.shares[0]
    wrong = replace(first, share=bytes([first.share[0] ^ 1]) + first.share[1:])
    return replace(true, shares=(wrong, *true.shares[1:]))


def exchanged(true: Shares) -> Shares:
    """The second bid's share as if it were the first's."""
    first, second, *rest = true.shares
    wrong = replace(first, share=second.share, blinder=second.blinder)
    return replace(true, shares=(wrong, second, *rest))


def withheld(true: Shares) -> Shares:
    """The second bid's share twice, and nothing for the first."""
    return replace(true, shares=(true.shares[1], *true.shares[1:]))


def blamed(true: Shares) -> Shares:
    """Of the second bid's share it says that the bidder dealt badly."""
    first, second, *rest = true.shares
    return Shares((Fault(second.bid.bid, "DealerFault"),), (first, *rest))


LIES: Final[dict[str, Sequence[Callable[[Shares], Shares]]]] = {
    "centre-1": (damaged, blamed),
    "centre-2": (exchanged,),
    "centre-3": (withheld,),
}


class FalseService(Service):
    """The service, lying in what it boxes."""

    def _keep(self, believed: Believed, asked: Asked, bids: Sequence[Any], digest: bytes) -> Released:
        take_all = releasing.take_all

        def take(*told: Any) -> Shares:
            found = take_all(*told)
            for lie in LIES[self.me.custodian]:
                found = lie(found)
            return found

        with mock.patch.object(releasing, "take_all", take):
            return super()._keep(believed, asked, bids, digest)


if __name__ == "__main__":
    with mock.patch.object(assembly, "Service", FalseService):
        sys.exit(start("tests.processes", "假托管服务", "A false custodian", settings.read, assembly.run))
