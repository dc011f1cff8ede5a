"""A bidder's six papers (投标文件): letter, authorisation, bond, priced bill, qualification, project staff.

Owns what they say, as blocks that the template draws. Source of their kinds: 标准施工招标文件 第八章 投标文件格式.
"""

from collections.abc import Iterator
from typing import Any

from ops.sample import amounts
from ops.sample.evidence_papers import EQUIPMENT
from ops.sample.facts import Facts, Firm

Block = dict[str, Any]
ARRIVALS = ("开工后 10 天", "开工后 15 天", "按计划", "开工后 15 天", "按计划", "恢复期")
"""When each piece of equipment comes to the site."""
SEAL = "(盖单位电子印章,示例)"
SIGNATURE = "(电子签名,示例)"


def papers(facts: Facts, firm: Firm) -> Iterator[tuple[str, str, list[Block]]]:
    """Yield each paper's short name, its title and its blocks."""
    yield "letter", "投标函及投标函附录", list(_letter(facts, firm))
    yield "authorisation", "法定代表人授权委托书", list(_authorisation(facts, firm))
    yield "bond", "投标保证金凭证", list(_bond(facts, firm))
    yield "bill", "已标价工程量清单", list(_bill(facts, firm))
    yield "qualification", "资格与业绩资料", list(_qualification(facts, firm))
    yield "organisation", "项目管理机构", list(_organisation(firm))


def _signed(facts: Facts, firm: Firm) -> Block:
    rows = [
        ["投标人", f"{firm.name}{SEAL}"],
        ["法定代表人", f"{firm.legal}{SIGNATURE}"],
        ["日期", facts.tender["signed"]],
    ]
    return {"kind": "signed", "text": "", "rows": rows}


def _letter(facts: Facts, firm: Firm) -> Iterator[Block]:
    tender = facts.tender
    yield {"kind": "title", "text": "投标函"}
    yield {"kind": "address", "text": tender["tenderee"]}
    for text in (
        (
            f"我方已仔细研究{tender['title']}({tender['lot']},招标编号 {tender['number']})招标文件的全部内容,愿意以人民币"
            f"(大写){firm.words}(¥{firm.figures})的投标总报价,工期 {tender['days']} 日历天,按合同约定实施和完成承包工程,"
            f"修补工程中的任何缺陷,工程质量达到{tender['quality']}。"
        ),
        f"我方承诺在投标有效期 {tender['validity_days']} 日历天内不修改、撤销投标文件。",
        f"随同本投标函提交投标保证金一份,金额为人民币 {tender['bond_wan']} 万元。",
        (
            "如我方中标,我方承诺在收到中标通知书后,在规定期限内与招标人签订合同,按招标文件规定提交履约担保,"
            "并在合同约定的期限内完成并移交全部合同工程。"
        ),
        "我方在此声明,所递交的投标文件及有关资料内容完整、真实和准确,且不存在招标文件规定的不得投标的任何一种情形。",
    ):
        yield {"kind": "paragraph", "text": text}
    yield _signed(facts, firm)
    yield {"kind": "page", "text": ""}
    yield {"kind": "title", "text": "投标函附录"}
    yield {
        "kind": "table", "text": "", "widths": ["0.6", "2", "4"],
        "rows": [
            ["序号", "条款名称", "投标人响应"],
            ["1", "项目负责人", f"{firm.manager[0]},{firm.manager[1]}"],
            ["2", "工期", f"{tender['days']} 日历天"],
            ["3", "缺陷责任期", "24 个月"],
            ["4", "工程质量", tender["quality"]],
            ["5", "投标有效期", f"{tender['validity_days']} 日历天"],
            ["6", "逾期竣工违约金", "按招标文件合同专用条款,每天 5000 元"],
            ["7", "质量保证金", "工程价款结算总额的 3%"],
            ["8", "预付款", "签约合同价(扣除暂列金额)的 10%"],
            ["9", "安全文明施工费", "1,325,000.00 元,按招标文件给定,不参与竞争"],
        ],
    }  # fmt: skip
    yield _signed(facts, firm)


def _authorisation(facts: Facts, firm: Firm) -> Iterator[Block]:
    tender = facts.tender
    yield {"kind": "title", "text": "法定代表人授权委托书"}
    yield {
        "kind": "paragraph",
        "text": f"本人{firm.legal}系{firm.name}的法定代表人,现委托{firm.agent}({firm.agent_post})为我方代理人。代理人根据授权,"
        f"以我方名义签署、澄清、说明、补正、递交、撤回、修改{tender['title']}{tender['lot']}投标文件,签订合同和处理有关"
        "事宜,其法律后果由我方承担。",
    }
    yield {"kind": "paragraph", "text": f"委托期限:自投标文件递交之日起 {tender['validity_days']} 日历天。"}
    yield {"kind": "paragraph", "text": "代理人无转委托权。"}
    yield {
        "kind": "facts", "text": "",
        "rows": [
            ["投标人", firm.name], ["统一社会信用代码", firm.credit], ["注册地址", firm.place],
            ["法定代表人", f"{firm.legal}(身份证号:示例,略)"],
            ["委托代理人", f"{firm.agent},{firm.agent_post}(身份证号:示例,略)"],
            ["联系电话", "000-0000-0000(示例)"],
        ],
    }  # fmt: skip
    yield _signed(facts, firm)


def _bond(facts: Facts, firm: Firm) -> Iterator[Block]:
    tender = facts.tender
    guarantee = "保函" in firm.bond_number
    yield {"kind": "title", "text": "投标保证金凭证"}
    if guarantee:
        yield {"kind": "address", "text": tender["tenderee"]}
        yield {
            "kind": "paragraph",
            "text": f"鉴于{firm.name}(以下称“投标人”)参加{tender['title']}{tender['lot']}的投标,我方({firm.bank})愿为投标人"
            f"提供担保,担保金额为人民币 {tender['bond_wan']} 万元(大写捌拾万元整)。",
        }
        yield {
            "kind": "paragraph",
            "text": "投标人在投标有效期内撤销投标文件,或者中标后无正当理由不与招标人订立合同,或者不按招标文件提交履约担保的,"
            "我方在收到书面通知后七日内无条件支付上述款项。",
        }
        yield {
            "kind": "paragraph",
            "text": f"本保函自开立之日起生效,有效期至投标有效期({tender['validity_days']} 日历天)届满后三十日。",
        }
    else:
        yield {
            "kind": "paragraph",
            "text": f"{firm.name}参加{tender['title']}{tender['lot']}的投标,已按招标文件规定以银行转账方式从基本存款账户缴纳"
            "投标保证金,缴纳情况如下。",
        }
    yield {
        "kind": "table", "text": "保证金情况", "widths": ["1", "2"],
        "rows": [
            ["项目", "内容"],
            ["形式", "银行保函" if guarantee else "银行转账"],
            ["凭证编号", firm.bond_number],
            ["出具或汇出银行", firm.bank],
            ["金额(小写)", "¥800,000.00"],
            ["金额(大写)", amounts.words(80_000_000)],
            ["受益人或收款人", tender["tenderee"]],
            ["生效或到账时间", f"{tender['signed']} 10:20"],
        ],
    }  # fmt: skip
    issuer = firm.bank if guarantee else firm.name
    yield {
        "kind": "signed", "text": "",
        "rows": [["出具人", f"{issuer}{SEAL}"], ["日期", tender["signed"]]],
    }  # fmt: skip


def _bill(facts: Facts, firm: Firm) -> Iterator[Block]:
    tender = facts.tender
    rows = facts.priced(firm.id)
    price = facts.price_fen(firm.id)
    yield {"kind": "title", "text": "已标价工程量清单", "below": f"{tender['title']} {tender['lot']}"}
    yield {"kind": "facts", "text": "", "rows": [
        ["投标人", firm.name],
        ["投标总价(小写)", f"¥{amounts.figures(price)}"],
        ["投标总价(大写)", amounts.words(price)],
    ]}  # fmt: skip
    yield {"kind": "paragraph", "text": facts.bill.note}
    yield {
        "kind": "table", "text": "分部分项工程与措施项目清单计价表",
        "widths": ["auto", "auto", "2.4", "3.4", "auto", "auto", "auto", "auto"], "right": [5, 6, 7],
        "rows": [
            ["序号", "项目编码", "项目名称", "项目特征", "单位", "工程量", "综合单价(元)", "合价(元)"],
            *(
                [
                    str(number), row.code, row.name, row.feature.replace("m3", "m³"),
                    row.unit.replace("m3", "m³").replace("m2", "m²"), f"{row.quantity:,}",
                    amounts.figures(row.unit_fen), amounts.figures(row.amount_fen),
                ]
                for number, row in enumerate(rows, 1)
            ),
        ],
        "total": ["合计", amounts.figures(price)],
    }  # fmt: skip
    yield {
        "kind": "paragraph",
        "text": f"合计人民币(大写){amounts.words(price)}。",
    }
    yield {"kind": "signed", "text": "", "rows": [
        ["投标人", f"{firm.name}{SEAL}"],
        ["编制人", f"{firm.team[5][1]},{firm.team[5][2]}{SIGNATURE}"],
        ["日期", tender["signed"]],
    ]}  # fmt: skip


def _qualification(facts: Facts, firm: Firm) -> Iterator[Block]:
    yield {"kind": "title", "text": "资格与业绩资料"}
    yield {"kind": "chapter", "text": "一、投标人基本情况"}
    yield {"kind": "facts", "text": "", "rows": [
        ["投标人", firm.name], ["统一社会信用代码", firm.credit], ["注册地址", firm.place], ["注册资本", firm.capital],
        ["企业资质", f"{firm.qualification},有效"], ["安全生产许可证", f"{firm.permit},有效"],
        ["信用情况", "未被列入失信被执行人名单与严重失信主体名单(示例查询,2026年11月15日)"],
    ]}  # fmt: skip
    yield {"kind": "chapter", "text": "二、近五年类似工程业绩"}
    yield {
        "kind": "paragraph",
        "text": "类似工程是指合同金额 3500 万元及以上的市政排水管网新建或改造工程,以竣工验收日期为准,近五年自"
        "2021年11月18日起算。每项附中标通知书、合同与竣工验收证明(示例,略)。",
    }
    yield {
        "kind": "table", "text": "类似工程业绩表", "widths": ["auto", "3", "2", "1.6", "1.6"], "right": [3],
        "rows": [
            ["序号", "工程名称", "建设单位", "合同金额(万元)", "竣工日期"],
            *([str(number), *work] for number, work in enumerate(firm.works, 1)),
        ],
    }  # fmt: skip
    yield {"kind": "chapter", "text": "三、项目负责人业绩"}
    yield {
        "kind": "table", "text": f"{firm.manager[0]}近五年同类工程业绩", "widths": ["auto", "3", "2", "1.6", "1.6"],
        "right": [3],
        "rows": [
            ["序号", "工程名称", "担任职务", "合同金额(万元)", "竣工日期"],
            *([str(number), *work] for number, work in enumerate(firm.manager_works, 1)),
        ],
    }  # fmt: skip
    yield _signed(facts, firm)


def _organisation(firm: Firm) -> Iterator[Block]:
    yield {"kind": "title", "text": "项目管理机构"}
    yield {"kind": "chapter", "text": "一、项目负责人简历"}
    yield {"kind": "facts", "text": "", "rows": [
        ["姓名", firm.manager[0]], ["职称", firm.manager[2]], ["执业资格", firm.manager[1]],
        ["从业年限", firm.manager[3]], ["安全考核证", "B 类,有效"], ["在建项目", "投标截止时无在建项目"],
    ]}  # fmt: skip
    yield {"kind": "chapter", "text": "二、主要管理人员"}
    yield {
        "kind": "table", "text": "主要管理人员一览表", "widths": ["auto", "1.4", "1", "2.6", "2.2"],
        "rows": [
            ["序号", "岗位", "姓名", "职称或证书", "证书状态"],
            *([str(number), *person] for number, person in enumerate(firm.team, 1)),
        ],
    }  # fmt: skip
    yield {"kind": "chapter", "text": "三、拟投入的主要施工设备"}
    yield {
        "kind": "table", "text": "主要施工设备一览表", "widths": ["auto", "2", "2", "auto", "1.6", "1.6"],
        "rows": [
            ["序号", "设备名称", "规格型号", "数量", "来源", "进场时间"],
            *(
                [str(number), *one, when]
                for number, (one, when) in enumerate(zip(EQUIPMENT, ARRIVALS, strict=True), 1)
            ),
        ],
    }  # fmt: skip
    yield {"kind": "paragraph", "text": "以上人员与设备按投标承诺到场;更换关键岗位人员须经招标人书面同意。"}
