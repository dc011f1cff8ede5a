"""The group's rules, by the form of the act's content."""

from protocol import commands_signatures as cmd
from protocol.session.asked import Deciding
from protocol.session.signatures import signing

RULED: dict[type, Deciding] = {
    cmd.PrepareReport: signing.prepare,
    cmd.SignPaper: signing.sign,
}
