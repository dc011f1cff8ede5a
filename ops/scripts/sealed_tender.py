"""密封投标的完整评审: rules version 4, from sealed bids to a report that everybody has signed by certificate.

Bids are sealed by their bidders for three of five trading centres and the tenderee, scores lie with the
centres until scoring is closed, and every seat speaks by a certificate. Sources: DESIGN 5-8; 20号令 28-31.
"""

from msgspec.structs import replace

from ops.people.course import PLAIN
from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import fixed_k

SCRIPT = Scripted(
    name="sealed-tender",
    title_zh="密封投标、托管评分与签署报告",
    title_en="Sealed bids, scores in escrow, a signed report",
    zh="投标文件密封递交,五家交易中心托管密钥,评分托管,全员以数字证书签署报告",
    en="bids come sealed, five trading centres hold keys and scores, everybody signs by certificate",
    case=replace(fixed_k(), rules="4"),
    course=replace(PLAIN, tenderee_signs=True),
    wanted=Wanted(
        ranking={"": ("b1", "b3", "b4", "b2", "b5")},
        totals={"": {"b1": "92.07", "b3": "91.61", "b4": "91.26", "b2": "91.19", "b5": "85.83"}},
        facts={"stages.0.rejected": [], "dissents": [], "void": []},
    ),
)
