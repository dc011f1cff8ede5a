"""The group's rules, by the form of the act's content."""

from protocol import commands as cmd
from protocol import commands_ceremony as ceremony
from protocol import commands_turns as turns
from protocol.session.asked import Deciding
from protocol.session.ceremony import appointing, decrypting, releasing

RULED: dict[type, Deciding] = {
    ceremony.AppointCustodians: appointing.appoint,
    ceremony.OfferOpeningKey: appointing.offer_key,
    ceremony.BeginOpening: appointing.begin,
    ceremony.AnswerRollCall: appointing.answer,
    ceremony.ReceiveBids: appointing.receive,
    ceremony.ReleaseBid: releasing.release_bid,
    ceremony.CloseRelease: releasing.close,
    ceremony.ReleaseCustody: releasing.release_custody,
    ceremony.ReportDecryption: decrypting.report,
    ceremony.OpenBids: decrypting.open_bids,
    ceremony.RecordBidFailure: decrypting.record_failure,
    ceremony.DestroyOpeningKey: decrypting.destroy_key,
    cmd.SignOpeningRecord: decrypting.sign_record,
    turns.RaiseObjection: decrypting.raise_objection,
}
