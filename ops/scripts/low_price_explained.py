"""异常低价 (87号令 60): once prices are open the lowest bidder is asked why; its answer lets it stand."""

from ops.people.course import Course, Question
from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import as_purchase, fixed_k, with_scheme
from protocol.plan.policy import LowPriceCheck

SCRIPT = Scripted(
    name="low-price-explained",
    title_zh="低价投标人说明理由",
    title_en="A low price that is explained",
    zh="汇总提示最低价异常,评标委员会要求说明,供应商书面答复后保留",
    en="the tally finds the lowest price abnormal; asked for reasons, the bidder gives them and stays",
    case=with_scheme(
        as_purchase(fixed_k()), low_prices=(LowPriceCheck(than="mean_of_others", percent="96"),)
    ),
    course=Course(
        questions=(
            Question(
                seat="",
                bidder="b5",
                purpose="low_price",
                text="",
                answer="我方在当地有自有设备与材料基地,成本构成及合同见附件。",
            ),
        ),
    ),
    wanted=Wanted(
        ranking={"": ("b4", "b2", "b3", "b1", "b5")},
        totals={"": {"b4": "93.86", "b2": "92.64", "b3": "92.25", "b1": "91.53", "b5": "86.40"}},
        facts={"stages.0.clarifications": [["b5", "low_price", "answered"]], "stages.0.rejected": []},
    ),
)
