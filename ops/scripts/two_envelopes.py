"""双信封与暗标: the technical part is opened first, scored blind; who falls short keeps its price sealed."""

from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import fixed_k, in_two_envelopes, with_pass_mark

SCRIPT = Scripted(
    name="two-envelopes",
    title_zh="双信封与暗标",
    title_en="Two envelopes, one part blind",
    zh="双信封,技术暗标先评,未达合格分者不开报价",
    en="two envelopes, the technical one blind and first; who falls short keeps its price sealed",
    case=with_pass_mark(in_two_envelopes(fixed_k()), "A", 3200),
    wanted=Wanted(
        ranking={"": ("b1", "b4", "b3", "b2")},
        totals={"": {"b1": "92.90", "b4": "92.13", "b3": "92.04", "b2": "92.04"}},
        facts={
            "stages.0.passing": ["b1", "b2", "b3", "b4"],
            "stages.1.valid": ["b1", "b2", "b3", "b4"],
            "stages.0.path": [
                "AWAITED", "OPENED", "PRELIM", "DETAILED", "SCORES_SEALED", "SCORES_OPENING", "SUMMARY",
                "RANKED",
            ],
        },
    ),
)  # fmt: skip
