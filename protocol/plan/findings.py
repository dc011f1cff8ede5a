"""Findings (检查结果): what is wrong or doubtful in a plan, a case or a sheet, where, and why.

Owns: the finding's form, its stable codes and their texts in Chinese and English. Must not know: how
anything is checked. A code never changes its meaning; its texts may be mended. An `error` stops the work,
a `warning` is shown and left to people.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

import msgspec
from msgspec import Struct

from protocol.words import Term


class Finding(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One finding: `pointer` is an RFC 6901 JSON pointer, `line` counts from 1, 0 when there is no file."""

    code: str
    severity: Literal["error", "warning"]
    pointer: str
    line: int
    zh: str
    en: str


TEXTS: Final[dict[str, Term]] = {
    # The file
    "Unreadable": Term(
        "不是有效的 UTF-8 JSON:{why_zh}(第 {column} 列)。请修正后重试。",
        "This is no valid UTF-8 JSON: {why_en} (column {column}). Mend it and try again.",
    ),
    "TooLarge": Term(
        "文件 {size} 字节,上限 {limit} 字节。请拆分文件。",
        "The file has {size} bytes, at most {limit}. Split it.",
    ),
    "DuplicateKey": Term(
        "“{key}”在同一对象中出现两次(首次在第 {first} 行)。请只保留一个。",
        "“{key}” stands twice in one object (first on line {first}). Keep one of them.",
    ),
    "VersionUnknown": Term(
        "格式版本“{given}”未知,本程序支持版本 {known}。请转换文件或升级程序。",
        "Format version “{given}” is unknown; version {known} is supported. Convert the file or upgrade.",
    ),
    "UnknownField": Term("没有名为“{field}”的字段。{hint_zh}", "There is no field “{field}” here. {hint_en}"),
    "MissingField": Term("缺少字段“{field}”。请补充。", "The field “{field}” is missing. Add it."),
    "WrongType": Term(
        "此处应为{wanted_zh},实际为{given_zh}。", "This must be {wanted_en}, but it is {given_en}."
    ),
    "NotAllowedValue": Term(
        "“{given}”不是允许的值;允许:{allowed}。", "“{given}” is not allowed here; allowed: {allowed}."
    ),
    "BadForm": Term(
        "“{given}”的写法不对:应为{wanted_zh}。", "“{given}” is not well formed: it must be {wanted_en}."
    ),
    "OutOfBounds": Term(
        "{given} 超出允许范围 {low} 至 {high}。", "{given} is outside the bounds {low} to {high}."
    ),
    # The plan
    "Empty": Term("{what_zh}不能为空。请至少写一项。", "{what_en} may not be empty. Give at least one."),
    "TooMany": Term("{what_zh}有 {count} 个,上限 {limit} 个。", "{count} {what_en}, at most {limit}."),
    "DuplicateId": Term(
        "{what_zh}“{id}”重复。请更改其中一个编号。", "The {what_en} “{id}” stands twice. Rename one of them."
    ),
    "OfficersUnnamed": Term(
        "未写明下列席位由谁就座:{seats_zh}。规则版本 4 按数字证书上的姓名核对,请在“officers”中写明。",
        "It is not said who sits at: {seats_en}. Rules version 4 holds certificates against names: "
        "give them in “officers”.",
    ),
    "UnknownId": Term("没有{what_zh}“{id}”。{hint_zh}", "There is no {what_en} “{id}”. {hint_en}"),
    "WeightSum": Term(
        "“{name}”下各项满分×权重合计 {sum} 分,应为 {wanted} 分。请核对分值或权重。",
        "Under “{name}” full marks × weight add up to {sum} points instead of {wanted}. "
        "Check the points or weights.",
    ),
    "TreeShape": Term("评分项“{name}”{zh}。", "The criterion “{name}” {en}."),
    "StepDivides": Term(
        "“{name}”满分 {max} 分不是步长 {step} 分的整数倍。请更改其一。",
        "“{name}” has {max} points, no multiple of its step of {step}. Change one of them.",
    ),
    "RuleUnfit": Term("评标办法参数不一致:{zh}。", "The plan's parameters do not fit together: {en}."),
    "RegionalPreference": Term(
        "“{name}”疑似以本地业绩、本地机构或特定行政区域作为得分条件(“{words}”)。"
        "发改法规〔2022〕355号第四条要求取消,请核对。",
        "“{name}” seems to reward local performance, a local office or a named region (“{words}”). "
        "355号 (2022) point 4 has such criteria removed; check it.",
    ),
    "PriceDropForbidden": Term(
        "政府采购不得去掉最高报价和最低报价(87号令第五十五条)。请核对“{name}”。",
        "Government procurement may not leave out the highest and lowest prices (87号令 55). Check “{name}”.",
    ),
    "PriceShareLow": Term(
        "价格分占 {share}%,低于 87号令第五十五条规定的 {wanted}%。请核对。",
        "Price counts for {share} %, less than the {wanted} % of 87号令 55. Check it.",
    ),
    "CandidatesMany": Term(
        "中标候选人最多 {count} 名,超过实施条例第五十三条规定的 {wanted} 名。请核对。",
        "Up to {count} candidates are more than the {wanted} of 实施条例 53. Check it.",
    ),
    "QualifyFew": Term(
        "技术评分最低标价法入围 {count} 名,通常不少于 {wanted} 名。请核对。",
        "{count} bids go on by technical points; usually it is {wanted} at least. Check it.",
    ),
    "DeviationMild": Term(
        "“{name}”高于基准价的扣分轻于低于基准价的扣分,通常相反。请核对 e_above 与 e_below。",
        "“{name}” takes off less above the base price than below it; usually it is the other way. "
        "Check e_above and e_below.",
    ),
    "TiesUnlike": Term(
        "评标办法“{scheme}”的并列规则与 87号令第五十七条不同(报价较低者优先,仍相同的并列)。请核对。",
        "The ties of scheme “{scheme}” are not those of 87号令 57 (the lower price, then a shared rank). "
        "Check them.",
    ),
    "DeductionUnusual": Term(
        "小微企业价格扣除 {percent}% 不在规定的 {least}%—{most}% 之内"
        "(财库〔2020〕46号、〔2022〕19号)。请核对。",
        "A deduction of {percent} % for small businesses is outside the {least}-{most} % of "
        "财库〔2020〕46号 and 〔2022〕19号. Check it.",
    ),
    # The case
    "DuplicateBidder": Term(
        "投标人“{id}”重复:{zh}。请删除或改正其中一个。",
        "The bidder “{id}” stands twice: {en}. Delete or correct one of them.",
    ),
    "CommitteeUnfit": Term("评标委员会不符合规定:{zh}。", "The committee is not as required: {en}."),
    "VenuesUnfit": Term("会场不符合要求:{zh}。", "The venues are not as required: {en}."),
    "PriceOverCeiling": Term(
        "投标人“{bidder}”报价 {price} 高于最高投标限价 {ceiling}。请核对,或将其列入否决。",
        "The price {price} of “{bidder}” is above the ceiling {ceiling}. Check it, or list it as rejected.",
    ),
    "PriceMissing": Term(
        "投标人“{bidder}”没有报价,而评标办法需要报价。请补充。",
        "“{bidder}” has no price, but the plan needs one. Add it.",
    ),
    "PriceZero": Term("投标人“{bidder}”报价为零。请核对。", "The price of “{bidder}” is zero. Check it."),
    "QuantityMissing": Term(
        "投标人“{bidder}”缺少数值“{quantity}”。请补充。",
        "The quantity “{quantity}” of “{bidder}” is missing. Add it.",
    ),
    "QuantityZero": Term(
        "投标人“{bidder}”的数值“{quantity}”必须大于零。请核对。",
        "The quantity “{quantity}” of “{bidder}” must be above zero. Check it.",
    ),
    "TooFewBids": Term(
        "标段“{lot}”有效投标 {count} 份,少于 {wanted} 份。",
        "Lot “{lot}” has {count} valid bids, fewer than {wanted}.",
    ),
    "MissingSheet": Term(
        "席位“{seat}”没有标段“{lot}”的评分表。请补充。",
        "Seat “{seat}” has no sheet for lot “{lot}”. Add it.",
    ),
    "MissingScore": Term(
        "席位“{seat}”缺少对“{bidder}”的评分:{criteria}。请补齐。",
        "The sheet of seat “{seat}” lacks scores for “{bidder}”: {criteria}. Complete it.",
    ),
    "ScoreRange": Term(
        "“{name}”给“{bidder}”{points} 分,超出 0 至 {max} 分。请更正。",
        "“{name}” for “{bidder}” is {points}, outside 0 to {max}. Correct it.",
    ),
    "ScoreStep": Term(
        "“{name}”给“{bidder}”{points} 分,不是步长 {step} 分的整数倍。请更正。",
        "“{name}” for “{bidder}” is {points}, no multiple of the step {step}. Correct it.",
    ),
    "DrawMissing": Term(
        "标段“{lot}”没有“{draw}”的抽取结果。请补充。",
        "Lot “{lot}” has no result of the draw “{draw}”. Add it.",
    ),
    "DrawNotCandidate": Term(
        "“{draw}”抽取结果“{given}”不在备选值之中:{candidates}。请核对。",
        "“{given}” is not among the candidates of the draw “{draw}”: {candidates}. Check it.",
    ),
    "OrderUnfit": Term(
        "对并列投标所定次序“{draw}”有误:{zh}。请按先后写出投标人编号,以空格分隔。",
        "The order “{draw}” decided for equal bids is wrong: {en}. "
        "Write the bidders' ids, best first, separated by spaces.",
    ),
    "ShareRange": Term(
        "投标人“{bidder}”的小微企业份额“{quantity}”为 {given},应在 0 至 100 之间"
        "(小微企业本身为 100)。请更正。",
        "“{bidder}” has {given} as its share of small businesses (“{quantity}”), which must lie in 0 to 100 "
        "(100 for one that is small itself). Correct it.",
    ),
    "NothingToRank": Term(
        "标段“{lot}”没有可排序的投标。请核对初步评审结果。",
        "Lot “{lot}” has no bid to rank. Check the preliminary review.",
    ),
    "ExpectedUnfit": Term("“expected”与案例不符:{zh}。", "“expected” does not fit the case: {en}."),
}
"""Code to words; the braces are filled by the finding's particulars."""


def finding(code: str, pointer: str, **detail: str) -> Finding:
    """Make an error of a known code; `detail` fills the braces of its texts.

    >>> finding("MissingField", "/v", field="v").en
    'The field “v” is missing. Add it.'
    """
    return _make(code, "error", pointer, detail)


def warning(code: str, pointer: str, **detail: str) -> Finding:
    """Make a warning of a known code; `detail` fills the braces of its texts."""
    return _make(code, "warning", pointer, detail)


def at_line(found: Finding, line: int) -> Finding:
    """Return the finding with its line given."""
    return msgspec.structs.replace(found, line=line)


def _make(
    code: str, severity: Literal["error", "warning"], pointer: str, detail: Mapping[str, str]
) -> Finding:
    text = TEXTS[code]
    return Finding(
        code=code,
        severity=severity,
        pointer=pointer,
        line=0,
        zh=text.zh.format(**detail).rstrip(),
        en=text.en.format(**detail).rstrip(),
    )


def errors_among(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that stop the work."""
    return tuple(found for found in findings if found.severity == "error")


def with_lines(findings: Iterable[Finding], lines: Mapping[str, int]) -> tuple[Finding, ...]:
    """Give each finding the line of its place, or of the nearest place around it, and sort by line.

    Args:
        findings: findings whose `line` is 0 get one; others keep theirs.
        lines: JSON pointer → line, as `locate.parse` gives it.
    """
    placed = [found if found.line else at_line(found, _line(found.pointer, lines)) for found in findings]
    return tuple(sorted(placed, key=lambda found: (found.line, found.pointer, found.code)))


def _line(pointer: str, lines: Mapping[str, int]) -> int:
    while pointer not in lines and pointer:
        pointer = pointer.rpartition("/")[0]
    return lines.get(pointer, 0)
