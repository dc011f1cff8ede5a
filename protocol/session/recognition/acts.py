"""The group's rules, by the form of the act's content."""

from protocol.commands_recognition import AcceptWitnessRecord
from protocol.session.asked import Deciding
from protocol.session.recognition import accepting

RULED: dict[type, Deciding] = {AcceptWitnessRecord: accepting.accept}
