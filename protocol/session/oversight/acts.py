"""The group's rules, by the form of the act's content."""

from protocol.commands_oversight import AnswerIntervention, Intervene, NoteAnswerOverdue
from protocol.session.asked import Deciding
from protocol.session.oversight import intervening

RULED: dict[type, Deciding] = {
    Intervene: intervening.intervene,
    AnswerIntervention: intervening.answer,
    NoteAnswerOverdue: intervening.note_overdue,
}
