"""密封投标,签署时一人不同意、一人拒签: rules version 4, a report that not every member signs.

M4 gives its reasons, which become an annex that all others sign with the report; M5 gives none and is deemed
to agree. Neither signs the paper, and the record says why. Sources: 条例 53; SPEC 29.3, 29.6.
"""

from msgspec.structs import replace

from ops.scripts.refusal_to_sign import SCRIPT as OPEN
from ops.scripts.scripted import Scripted

SCRIPT = Scripted(
    name="sealed-refusal",
    title_zh="密封投标,不同意见与拒绝签字",
    title_en="Sealed bids, a dissent and a refusal to sign",
    zh="密封投标;M4 的书面不同意见随报告一并签署,M5 拒签视为同意",
    en="sealed bids; M4's written dissent is signed with the report, M5 refuses and is deemed to agree",
    case=replace(OPEN.case, rules="4"),
    course=OPEN.course,
    wanted=OPEN.wanted,
)
