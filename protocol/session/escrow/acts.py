"""The group's rules, by the form of the act's content."""

from protocol import commands as cmd
from protocol import commands_escrow as escrow
from protocol.session.asked import Deciding
from protocol.session.escrow import holding

RULED: dict[type, Deciding] = {
    escrow.EscrowSheet: holding.give,
    escrow.AcknowledgeEscrow: holding.acknowledge,
    escrow.ReleaseEscrow: holding.release,
    cmd.TryOpening: holding.try_opening,
    cmd.OpenSheet: holding.open_sheet,
}
