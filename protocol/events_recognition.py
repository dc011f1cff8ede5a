"""Events of rules version 4, group `recognition`: witness records accepted (SPEC 13.4)."""

from msgspec import Struct

from protocol.plan.recognition import Verdict
from protocol.words import Count, Hash, HashOrEmpty, Id, IdOrEmpty


class WitnessRecordAnswered(Struct, frozen=True, forbid_unknown_fields=True, tag="WitnessRecordAnswered.1"):
    """`venue` has accepted the record that `seat` signed, or objects to it; `by` is the seat that said so."""

    seat: Id
    by: Id
    venue: Id
    count: Count
    record: Hash
    verdict: Verdict
    reason: IdOrEmpty
    remark: HashOrEmpty


RecognitionEvent = WitnessRecordAnswered
