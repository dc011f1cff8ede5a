"""K 值抽取: tenderee, witness and supervisor each give bytes of their own, which together draw the rate.

Nobody knows beforehand which of five it is; the ranking that must come out is that of the one drawn.
"""

from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import drawn_k

_USUAL = ("b1", "b3", "b4", "b2", "b5")

SCRIPT = Scripted(
    name="k-drawn",
    title_zh="各方共同抽取 K 值",
    title_en="K drawn by all who watch",
    zh="K 值由招标人、见证人员、监督人员共同抽取",
    en="the rate K is drawn by tenderee, witness and supervisor together",
    case=drawn_k(),
    wanted=Wanted(
        ranking={
            "97": _USUAL, "97.5": _USUAL, "98": _USUAL, "98.5": _USUAL, "99": ("b1", "b4", "b2", "b3", "b5"),
        },
        totals={
            "97": {"b1": "91.02", "b3": "90.57", "b4": "90.17", "b2": "90.12", "b5": "86.34"},
            "97.5": {"b1": "91.55", "b3": "91.09", "b4": "90.72", "b2": "90.65", "b5": "86.09"},
            "98": {"b1": "92.07", "b3": "91.61", "b4": "91.26", "b2": "91.19", "b5": "85.83"},
            "98.5": {"b1": "92.58", "b3": "92.12", "b4": "91.80", "b2": "91.71", "b5": "85.58"},
            "99": {"b1": "93.10", "b4": "92.33", "b2": "92.23", "b3": "91.94", "b5": "85.33"},
        },
    ),
)  # fmt: skip
