"""A session under siege: held while it is attacked, beside one that nothing happened to.

Owns the two sessions and what an attacker needs: their people with their keys, what passed on their wires,
connections to the doors. M4 stands before its sealing, everybody else has sealed, and the agent waits.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from ops import act, places
from ops.people import script
from ops.stack import Stack
from protocol import commands, wire
from protocol.commands import Command
from protocol.words import Stage
from tests.processes import raw_socket
from tests.processes.held_play import Gate, Held, HeldPlay, held
from tests.processes.raw_socket import RawSocket
from tests.processes.wiretap import Wiretap, tapped
from tests.server import nodes

VENUE = "nanjing"
"""Where the attacker sits: M3 and M4 do too."""
HOLDS = "M4"
STAGE = Stage("01", "1", 1)
Side = Literal["desk", "door"]
SIDES: tuple[Side, ...] = ("desk", "door")
EVENT: dict[Side, str] = {"desk": wire.ACT, "door": wire.SUBMIT}
"""What an act is sent under at a venue's desk and at the coordinator's door."""
SEALED_S = 30
"""How long the others may take to seal while one is held."""


class Sent(Struct, frozen=True):
    """An act as it passed on a wire, and its answer."""

    command: Command
    submit: wire.Submit
    answer: wire.Answer


class Siege(Struct, frozen=True):
    """Both sessions, the held one under way."""

    running: Stack
    calm: HeldPlay
    calm_end: act.Played
    calm_wire: Wiretap
    play: HeldPlay
    wire: Wiretap
    gate: Gate
    playing: asyncio.Task[act.Played]

    def person(self, seat: str) -> Held:
        """A person of the held session."""
        return self.play.people[seat]

    def desk(self) -> contextlib.AbstractAsyncContextManager[RawSocket]:
        """A stranger's connection to the node in `VENUE`."""
        return raw_socket.at_desk(self.running.installation.node(VENUE))

    def line(self, tls: ssl.SSLContext | None = None) -> contextlib.AbstractAsyncContextManager[RawSocket]:
        """A connection to the coordinator's door for nodes, with the certificate of `VENUE` or another."""
        found = self.running.installation
        return raw_socket.at_coordinator(found.node_port, tls or node_tls(found.data, VENUE))

    def sent(self, seat: str, type_: str) -> Sent:
        """What a person of the held session sent, by type."""
        return _sent(self.wire, seat, type_)

    def sent_before(self, seat: str, type_: str) -> Sent:
        """What a person of the other session sent, by type."""
        return _sent(self.calm_wire, seat, type_)


class Both:
    """The attacker's connection, and a neighbour's at the same door."""

    def __init__(self, side: Side, attacker: RawSocket, neighbour: RawSocket) -> None:
        self.side = side
        self.attacker = attacker
        self.neighbour = neighbour

    async def go_on(self) -> None:
        """Both are still served."""
        await self.neighbour_goes_on()
        assert await self.attacker.code_of(wire.SESSIONS) == "answered"

    async def neighbour_goes_on(self) -> None:
        assert await self.neighbour.code_of(wire.SESSIONS) == "answered"

    async def code_of(self, submit: Any) -> str:
        return await self.attacker.code_of(EVENT[self.side], submit)


@contextlib.asynccontextmanager
async def besieged(running: Stack) -> AsyncIterator[Siege]:
    """Play one session to its end, then another up to the moment when all have sealed but one."""
    case = script.load(places.sample_case())
    gate = Gate("SealSheet", HOLDS)
    async with tapped(running.installation) as before, tapped(running.installation) as now:
        calm = HeldPlay(before.installation, case, "calm")
        calm_end = await calm.to_the_end()
        play = HeldPlay(now.installation, case, "siege", before=gate.pass_by)
        async with held(play, gate) as playing:
            async with asyncio.timeout(SEALED_S):
                await play.agent.until(lambda view: view.stages[0].sealed_count == 4 or None)
            yield Siege(running, calm, calm_end, before, play, now, gate, playing)


def node_tls(data: Path, node: str | None, ca: Path | None = None) -> ssl.SSLContext:
    """What a node brings to the coordinator; `None` brings no certificate, `ca` trusts another authority."""
    return nodes.client_tls(data / "nodes", node, ca or data / "ca" / "ca.pem")


def _sent(wiretap: Wiretap, seat: str, type_: str) -> Sent:
    found = [
        Sent(command, submit, answer)
        for tap in wiretap.of(seat)
        for submit, answer in tap.acts()
        if (command := commands.parse(submit.command.encode())).type == type_
    ]
    return found[0]
