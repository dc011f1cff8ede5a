"""政府采购项目的完整评审 (87号令): the purchaser's desk reviews qualification, the committee conformity."""

from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import as_purchase, fixed_k

SCRIPT = Scripted(
    name="normal-gov",
    title_zh="政府采购的一般评审",
    title_en="An ordinary government purchase",
    zh="政府采购项目,资格审查由采购人办理,一切正常",
    en="government procurement, the purchaser's desk reviews qualification, nothing out of the ordinary",
    case=as_purchase(fixed_k()),
    wanted=Wanted(
        ranking={"": ("b4", "b2", "b3", "b1", "b5")},
        totals={"": {"b4": "93.86", "b2": "92.64", "b3": "92.25", "b1": "91.53", "b5": "86.40"}},
        facts={
            "regime": "GOV_PROC",
            "stages.0.rejected": [],
            "stages.0.marks.b1.qualification": {"desk": "pass"},
            "stages.0.marks.b1.conformity": {
                "M1": "pass", "M2": "pass", "M3": "pass", "M4": "pass", "M5": "pass",
            },
        },
    ),
)  # fmt: skip
