"""The tender's own papers: tender document (招标文件), opening record (开标记录), certificate (见证书).

Owns what they say, as blocks. Criteria, steps, members and venues are the case's, so that the document holds
the very rules by which it is evaluated.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ops.sample import amounts
from ops.sample.facts import Facts
from protocol.plan.plan import Criterion

Block = dict[str, Any]
KINDS = {"group": "—", "subjective": "主观", "objective": "客观", "price": "计算", "quantity": "计算"}


def papers(facts: Facts) -> Iterator[tuple[str, str, list[Block]]]:
    """Yield each paper's short name, its title and its blocks."""
    yield "tender-document", "招标文件", list(_tender_document(facts))
    yield "opening-record", "开标记录", list(_opening_record(facts))
    yield "witness-certificate", "见证书", list(_witness_certificate(facts))


def _tender_document(facts: Facts) -> Iterator[Block]:
    tender = facts.tender
    yield {"kind": "title", "text": tender["title"], "below": f"招标文件({tender['lot']})"}
    yield {"kind": "facts", "text": "", "rows": [
        ["招标编号", tender["number"]], ["招标人", tender["tenderee"]], ["招标代理机构", tender["agent"]],
        ["发布平台", tender["platform"]], ["发布日期", tender["issued"]],
    ]}  # fmt: skip
    yield {"kind": "chapter", "text": "第一章 招标公告"}
    yield {
        "kind": "paragraph",
        "text": f"{tender['title']}已具备招标条件,招标人为{tender['tenderee']},建设资金已落实。现对该项目的施工进行公开招标。",
    }
    yield {"kind": "table", "text": "项目概况与招标范围", "widths": ["1", "5"], "rows": [
        ["项目", "内容"], *([name, text] for name, text in tender["scope"]),
    ]}  # fmt: skip
    yield {
        "kind": "paragraph",
        "text": f"投标文件通过{tender['platform']}递交,截止时间为{tender['opened']} {tender['opening_time']};逾期送达的,"
        "平台予以拒收。",
    }
    yield {"kind": "chapter", "text": "第二章 投标人须知前附表"}
    yield {"kind": "table", "text": "", "widths": ["auto", "1.6", "5"], "rows": [
        ["条款号", "条款名称", "编列内容"], *tender["notice_table"],
    ]}  # fmt: skip
    yield {"kind": "section", "text": "暗标的格式要求"}
    for text in tender["blind_rules"]:
        yield {"kind": "item", "text": text}
    yield {"kind": "chapter", "text": "第三章 评标办法(综合评估法)"}
    yield {
        "kind": "paragraph",
        "text": "评标委员会对通过初步评审的投标文件,按下表规定的分值与标准打分,并按得分由高到低推荐中标候选人。满分 100 分。",
    }
    scheme = facts.case.plan.schemes[0]
    yield {"kind": "table", "text": "评分标准", "widths": ["auto", "1.7", "auto", "auto", "auto", "4.2"], "right": [2, 4],
           "rows": [
               ["代号", "评分项", "满分", "性质", "步长", "评分标准"],
               *(row for criterion in scheme.criteria for row in _criteria(criterion)),
           ]}  # fmt: skip
    yield {"kind": "section", "text": "计算与排序"}
    for text in tender["minor_rules"]:
        yield {"kind": "item", "text": text}
    yield {"kind": "section", "text": "初步评审与否决投标"}
    for text in (
        (
            "投标文件未按要求签字盖章、投标人不符合资格条件、报价高于最高投标限价、未响应实质性要求,或者有串通投标、弄虚作假等"
            "违法行为的,经评标委员会表决,否决其投标。"
        ),
        "报价可能低于成本的,应当要求投标人书面说明并提供证明材料;不能合理说明的,否决其投标。",
        "有效投标不足三个使得投标明显缺乏竞争的,评标委员会可以否决全部投标。",
    ):
        yield {"kind": "item", "text": text}
    yield {"kind": "chapter", "text": "第四章 合同与工程量清单"}
    yield {
        "kind": "paragraph",
        "text": "采用固定综合单价合同。工程量清单由招标人编制,投标人填报综合单价与合价;安全文明施工费与暂列金额按给定金额"
        "填报,不得竞争。",
    }
    yield {"kind": "table", "text": "工程量清单(未标价)", "right": [5],
           "widths": ["auto", "auto", "2.2", "3.6", "auto", "auto"],
           "rows": [
               ["序号", "项目编码", "项目名称", "项目特征", "单位", "工程量"],
               *(
                   [
                       str(number), row.code, row.name, row.feature.replace("m3", "m³"),
                       row.unit.replace("m3", "m³").replace("m2", "m²"), f"{row.quantity:,}",
                   ]
                   for number, row in enumerate(facts.bill.rows, 1)
               ),
           ]}  # fmt: skip


def _criteria(criterion: Criterion) -> Iterator[list[str]]:
    step = (
        f"{Decimal(criterion.step_centi) / 100:.1f}" if criterion.kind in {"subjective", "objective"} else "—"
    )
    full = f"{criterion.max_centi // 100}"
    yield [criterion.id, criterion.zh, full, KINDS[criterion.kind], step, criterion.rule_zh or "见下列各分项"]
    for child in criterion.children:
        yield from _criteria(child)


def _opening_record(facts: Facts) -> Iterator[Block]:
    tender = facts.tender
    firms = facts.firms
    yield {"kind": "title", "text": "开标记录", "below": f"{tender['title']} {tender['lot']}"}
    yield {"kind": "facts", "text": "", "rows": [
        ["招标编号", tender["number"]], ["开标时间", f"{tender['opened']} {tender['opening_time']}"],
        ["开标方式", "不见面开标,投标人在线解密"], ["主持人", "招标人代表"], ["最高投标限价", f"{tender['ceiling_yuan']} 元"],
        ["解密截止", f"{tender['opened']} {tender['release_until']}"],
    ]}  # fmt: skip
    yield {
        "kind": "table", "text": "唱标内容", "widths": ["auto", "4.4", "2", "auto", "auto", "auto"], "right": [2],
        "rows": [
            ["序号", "投标人", "投标总价(元)", "工期(天)", "保证金(万元)", "解密时间"],
            *(
                [
                    str(number), firm.name, amounts.figures(facts.price_fen(firm.id)), str(tender["days"]),
                    tender["bond_wan"], f"09:{33 + 4 * number:02d}",
                ]
                for number, firm in enumerate(firms, 1)
            ),
        ],
    }  # fmt: skip
    yield {"kind": "chapter", "text": "开标过程记录"}
    for text in (
        "投标截止时间前收到投标文件五份,五家投标人均在规定时间内解密成功,无撤回、撤销。",
        *(
            f"{firm.name}投标函的小写金额为 ¥{firm.figures},大写金额为{firm.words},两者不一致;按招标文件第 5.1 条以大写为准,"
            f"按 {amounts.figures(facts.price_fen(firm.id))} 元唱标。"
            for firm in firms
            if amounts.fen_of(firm.figures) != facts.price_fen(firm.id)
        ),
        f"K 值由招标人代表在见证人员见证下公开抽取,抽取结果为 {facts.case.draws['01']['K']}%。",
        "投标人对开标过程无异议。",
    ):
        yield {"kind": "item", "text": text}
    average = sum(facts.price_fen(firm.id) for firm in firms)
    yield {
        "kind": "paragraph",
        "text": f"五家投标报价合计 {amounts.figures(average)} 元,均不高于最高投标限价。",
    }
    yield {"kind": "signed", "text": "", "rows": [
        ["招标人代表", "(电子签名,示例)"], ["招标代理机构", "(电子签名,示例)"], ["见证人员", "(电子签名,示例)"],
        ["日期", tender["opened"]],
    ]}  # fmt: skip


def _witness_certificate(facts: Facts) -> Iterator[Block]:
    tender, case = facts.tender, facts.case
    yield {"kind": "title", "text": "跨省远程异地评标见证书", "below": f"{tender['title']} {tender['lot']}"}
    yield {"kind": "facts", "text": "", "rows": [
        ["招标编号", tender["number"]], ["见证日期", tender["opened"]],
        ["会场", "、".join(f"{venue.zh}({'主场' if venue.role == 'main' else '副场'})" for venue in case.venues)],
        ["评标委员会", f"{sum(not one.reserve for one in case.members)} 人,另有候补 {sum(one.reserve for one in case.members)} 人"],
    ]}  # fmt: skip
    yield {"kind": "table", "text": "席位与会场", "widths": ["auto", "1", "1.4", "2", "1.4"], "rows": [
        ["席位", "会场", "身份", "专业", "签到"],
        *(
            [
                one.seat, next(venue.zh for venue in case.venues if venue.id == one.venue),
                "招标人代表" if one.kind == "tenderee_rep" else "评标专家",
                one.speciality if one.kind == "expert" else "—", "候补,未入席" if one.reserve else "已签到",
            ]
            for one in case.members
        ),
    ]}  # fmt: skip
    yield {"kind": "table", "text": "见证事项", "widths": ["auto", "2", "4", "auto"], "rows": [
        ["序号", "事项", "见证内容", "结果"],
        ["1", "设备与线路", "开始前各会场席位、摄像、录像、网络与时钟检查正常", "正常"],
        ["2", "身份与签到", "成员身份核验、承诺书签署、回避声明,通信工具统一存放", "正常"],
        ["3", "公开抽取", "K 值在开标后公开抽取,过程全程录像", "正常"],
        ["4", "独立评审", "成员之间未交流评分,未见他人评分;无关人员未进入评标区", "正常"],
        ["5", "评分封存与开启", "全部成员封存后同时开启,开启前任何人未见分值", "正常"],
        ["6", "更正与说明", "客观分更正一次,偏差书面说明二次,均有记录", "已记录"],
        ["7", "签署与退还", "评标报告由全体成员签署,资料收回,录像封存", "正常"],
    ]}  # fmt: skip
    yield {
        "kind": "paragraph",
        "text": "各会场见证人员对本会场的见证记录签名;依发改法规〔2022〕355号,各地见证行为与结果互相认可。本见证书只证明见证所及的"
        "事实,不对评审结论作出判断。",
    }
    yield {"kind": "table", "text": "见证人员签名", "widths": ["1", "1.4", "2.4", "1.6"], "rows": [
        ["会场", "省(市)", "见证人员", "签名时间"],
        *([venue.zh, _PROVINCES[venue.province], "(电子签名,示例)", ""] for venue in case.venues),
    ]}  # fmt: skip


_PROVINCES = {"anhui": "安徽省", "shanghai": "上海市", "jiangsu": "江苏省", "zhejiang": "浙江省"}
