"""依法招标项目的完整评审: nothing turns anywhere."""

from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import fixed_k

SCRIPT = Scripted(
    name="normal-tender",
    title_zh="工程招标的一般评标",
    title_en="An ordinary tender of works",
    zh="依法招标项目,五家投标,一切正常",
    en="a tender by law, five bids, nothing out of the ordinary",
    case=fixed_k(),
    wanted=Wanted(
        ranking={"": ("b1", "b3", "b4", "b2", "b5")},
        totals={"": {"b1": "92.07", "b3": "91.61", "b4": "91.26", "b2": "91.19", "b5": "85.83"}},
        facts={
            "stages.0.rejected": [],
            "stages.0.explained": [["M5", "b1", "A"], ["M5", "b3", "A"]],
            "dissents": [],
            "void": [],
        },
    ),
)
