"""The group's rules, by the form of the act's content."""

from protocol import commands_identity as cmd
from protocol.session.asked import Deciding
from protocol.session.identity import delegating

RULED: dict[type, Deciding] = {
    cmd.DelegateSeatKey: delegating.delegate,
    cmd.ConfirmSeatKey: delegating.confirm,
    cmd.RevokeCertificate: delegating.revoke,
}
