"""Codes of rules version 3 in the words of a report (报告用语). Source: SPEC 15-17; DOMAIN's glossary."""

from typing import Final

LEFT_OUT: Final = {
    "employer": "在投标单位任职", "past_employer": "近年曾在投标单位任职", "same_group": "与投标单位同属一集团",
    "kin": "与投标单位有近亲属关系", "head": "系投标单位负责人", "staff_of_tenderee": "招标方工作人员",
    "staff_of_agent": "招标代理机构工作人员", "staff_of_supervisor": "监督部门工作人员",
    "staff_of_authority": "项目主管部门工作人员", "penalty": "处罚期内", "leave": "请假",
}  # fmt: skip
"""Why the conflict filter leaves somebody out."""

CHANGES: Final = {"recusal": "声明回避", "call": "补抽", "replacement": "更换成员"}

CHANGE_REASONS: Final = {
    "refused": "不能参加", "no_show": "未到场", "unreachable": "无法联系", "ineligible": "不符合条件", "recused": "回避",
    "ill": "身体原因", "absent": "缺席", "misconduct": "违反评标纪律", "other": "其他",
    "kin": "近亲属关系", "interest": "经济利益关系", "employer": "任职关系", "staff": "主管或者监督部门人员",
    "penalty": "曾受处罚",
}  # fmt: skip

STEPS: Final = {"desk": "值守人员核对", "document": "证件", "face": "人脸", "certificate": "数字证书"}
"""Steps of identification."""

PARTS: Final = {
    "form": "形式评审", "qualification": "资格评审", "responsiveness": "响应性评审", "conformity": "符合性审查",
}  # fmt: skip

MARKS: Final = {"pass": "通过", "minor": "细微偏差", "material": "重大偏差"}
CHOICES: Final = {"yes": "同意", "no": "反对", "abstain": "弃权"}
PURPOSES: Final = {
    "unclear": "含义不明确", "inconsistent": "前后不一致", "slip": "明显文字和计算错误", "low_price": "报价过低",
    "correction": "算术修正",
}  # fmt: skip
CLOSED: Final = {"answered": "已答复", "refused": "拒绝答复", "overdue": "逾期未答复", "": "未结束"}
ARITHMETIC: Final = {
    "read_out": "以开标一览表为准", "words": "以大写金额为准", "decimal_point": "单价小数点明显错位",
    "unit_price": "以单价为准", "sum": "以各行之和为准",
}  # fmt: skip

SUSPENDED: Final = {
    "line": "线路中断", "power": "停电", "system": "系统故障", "equipment": "设备故障", "people": "人员原因",
    "disaster": "自然灾害等不可抗力", "other": "其他",
}  # fmt: skip
VOID: Final = {
    "suspended_too_long": "中断超过规定时限", "cannot_replace": "成员无法补足", "unlawful": "组成或者评审不合法",
    "misconduct": "成员违反评标纪律", "other": "其他",
}  # fmt: skip
FAILED: Final = {
    "too_few_bids": "有效投标不足", "all_rejected": "全部投标被否决", "ended": "终止", "competition": "缺乏竞争",
    "all_stages_failed": "全部标段失败", "cannot_continue": "无法继续", "other": "其他",
}  # fmt: skip


def told(words: dict[str, str], code: str) -> str:
    """A code in words; one that is not here as it is.

    >>> told(MARKS, "minor"), told(MARKS, "x-1")
    ('细微偏差', 'x-1')
    """
    return words.get(code, code)


def span(ms: int) -> str:
    """A length of time as papers write it, to the minute, shorter ones to the second.

    >>> span(13_800_000), span(90_000)
    ('3 小时 50 分', '1 分 30 秒')
    """
    seconds = ms // 1000
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    if hours:
        return f"{hours} 小时 {minutes} 分" if minutes else f"{hours} 小时"
    return f"{minutes} 分 {seconds % 60} 秒" if seconds % 60 else f"{minutes} 分"
