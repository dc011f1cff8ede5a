"""得分相同: two bids with one total and one price are parted by their technical points, as planned."""

from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import fixed_k, with_a_tie

SCRIPT = Scripted(
    name="tie",
    title_zh="并列由规则定序",
    title_en="Equal bids, told apart by the plan",
    zh="两家总分、报价均相同,按评标办法以技术得分高者在前",
    en="two bids with one total and one price; the plan puts the higher technical points first",
    case=with_a_tie(fixed_k()),
    wanted=Wanted(
        ranking={"": ("b3", "b1", "b4", "b2", "b5")},
        totals={"": {"b3": "92.31", "b1": "92.31", "b4": "91.51", "b2": "91.43", "b5": "85.72"}},
        facts={"stages.0.tally.rows.0.rank": 1, "stages.0.tally.rows.1.rank": 2},
    ),
)
