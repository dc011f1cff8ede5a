"""Preparing the report and signing it by certificate (SPEC 29.6).

Signatures in the PDF follow each other, each over those before, so that an act names the file that it was
made over: of two who signed the same at once one is asked to sign again. Those beside it wait for nobody.
Sources: 实施条例 53; 12号令 43.
"""

from protocol.commands_signatures import PrepareReport, SignPaper
from protocol.events_signatures import PaperSigned, ReportPrepared
from protocol.refusals import refuse
from protocol.session.asked import Asked, Decision


def prepare(asked: Asked, content: PrepareReport) -> Decision:
    """The imported report's places: one for each member, others as the law asks; anew until one is signed."""
    state = asked.state
    if content.report != state.report:
        return refuse("DisclosureMismatch", field="report")
    if state.signatures.signed and state.signatures.report == state.report:
        return refuse("PaperBegun")
    seats = [one.seat for one in content.places]
    if len(set(seats)) != len(seats):
        return refuse("PaperIncomplete", seats=", ".join(sorted({s for s in seats if seats.count(s) > 1})))
    members = {one.seat for one in content.places if one.role == "member"}
    wrong = members.symmetric_difference(state.roster)
    if wrong:
        return refuse("PaperIncomplete", seats=", ".join(sorted(wrong)))
    for one in content.places:
        seat = state.seats.get(one.seat)
        if one.role != "member" and (seat is None or seat.role != one.role):
            return refuse("UnknownSeat", seat=one.seat)
    return (ReportPrepared(report=content.report, prepared=content.prepared, places=content.places),)


def sign(asked: Asked, content: SignPaper) -> Decision:
    """A signature in the author's own place, over the file as it stands now."""
    own, seat = asked.state.signatures, asked.who.seat
    if not own.prepared or content.prepared != own.prepared or own.report != asked.state.report:
        return refuse("PaperOther")
    if seat not in {one.seat for one in own.places}:
        return refuse("NoPlace", seat=seat)
    if seat in own.signed:
        return refuse("AlreadySigned", seat=seat)
    if content.before != (own.prepared if content.beside else own.document):
        return refuse("PaperMoved")
    return (
        PaperSigned(
            seat=seat, prepared=content.prepared, beside=content.beside, after=content.after,
            certificate=content.certificate,
        ),
    )  # fmt: skip
