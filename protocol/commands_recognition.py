"""Contents of the commands of rules version 4, group `recognition`: witness records accepted (SPEC 13.4)."""

from protocol.content import Content
from protocol.plan.recognition import Verdict
from protocol.words import Count, Hash, HashOrEmpty, Id, IdOrEmpty


class AcceptWitnessRecord(Content, frozen=True, forbid_unknown_fields=True):
    """见证互认: a witness says for its venue whether it accepts what another venue's witness has signed.

    `seat` is the other witness's; `count` and `record` are the number of its observations and the chain over
    them, as it signed them. `reason` is a code of the table, empty with `accepted`. `remark` is a hidden
    digest of a text, empty where there is none.
    """

    seat: Id
    count: Count
    record: Hash
    verdict: Verdict
    reason: IdOrEmpty
    remark: HashOrEmpty


CONTENTS: tuple[type[Content], ...] = (AcceptWitnessRecord,)
