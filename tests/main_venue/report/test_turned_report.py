"""The report of rules version 3: whatever turn an evaluation took is told, from its record alone."""

import io
import re
from functools import cache

import openpyxl
import pypdf
import pytest

from main_venue.report import machine, paper, value, workbook
from main_venue.report.gathered import Gathered
from protocol import canonical, limits, record
from protocol.plan.report_contents import SECTIONS, missing_sections
from tests.main_venue.report import records, turned
from tests.main_venue.report.test_report_pdf import SIX_ITEMS, TEN_ITEMS
from tests.main_venue.typeset import pages
from tests.protocol.acting import Acting

ALL = ("straight", "turned", "voided", "two_envelopes", "purchased", "drawn")


@cache
def _made(name: str) -> tuple[Gathered, bytes]:
    found = records.read(getattr(turned, name)())
    return found, paper.pdf(found)


def _text(name: str) -> str:
    return pages.flowed(_made(name)[1])


def _headings(body: bytes) -> list[str]:
    return [str(one.title) for one in pypdf.PdfReader(io.BytesIO(body)).outline if not isinstance(one, list)]


@pytest.mark.parametrize("name", ALL)
def test_the_sections_are_the_orders_and_every_printing_is_the_same(name: str) -> None:
    found, body = _made(name)
    wanted = SIX_ITEMS if found.state.regime == "GOV_PROC" else TEN_ITEMS
    assert _headings(body)[: len(wanted)] == wanted
    assert [title[:3] for title in _headings(body)[len(wanted) :]] == ["附件一", "附件二"]
    assert paper.pdf(found) == body
    assert pages.unembedded_fonts(body) == set()
    assert re.findall(r"[\u4e00-\u9fff][,:;(]", "\n".join(pages.texts(body))) == []


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_said_to_be_missing_from_the_record(name: str) -> None:
    assert "尚未载入" not in _text(name)
    assert "未披露" not in _text(name)


def test_a_rejection_is_told_with_ground_votes_reasons_and_dissent() -> None:
    text = _text("turned")
    assert "表决：乙苏越建工（51-6投标文件没有对招标文件的实质性要求和条件作出响应）" in text
    assert "成员5人，同意3人，反对2人，弃权0人" in text
    assert "同意者超过全体成员半数，否决投标" in text
    assert re.search(r"M2反对M2的表决理由不同意见", text)
    assert re.search(r"M3同意M3的表决理由M4", text)


def test_review_results_are_told_for_every_bidder_and_item() -> None:
    text = "\n".join(pages.texts(_made("turned")[1]))
    assert re.search(r"1 甲 皖澄市政 4528.60 通过 通过 通过 符合", text)
    assert re.search(r"2 乙 苏越建工 4612.35 — — 重大偏差 否决投标", text)
    flowed = _text("turned")
    assert "丁沪岳建设形式评审M3细微偏差M3:form不符" in flowed
    assert "暗标部分5份在评审前经检查，均未发现投标人身份信息" in flowed


def test_clarifications_and_an_accepted_correction_are_told_step_by_step() -> None:
    text = _text("turned")
    for told in (
        "对象：丙浙衡水务", "答复：工期按日历天计", "事由：报价过低", "拒绝答复，未附说明", "结果：拒绝答复",
        "2×1264.50=2529", "开标价4528.60万元，修正后4529万元；投标人书面确认，以修正后的价格参加评审",
    ):  # fmt: skip
        assert told in text
    found, _ = _made("turned")
    assert {row.bidder: row.price for row in found.lots[0].ranked()}["b1"] == "4529"


def test_what_was_corrected_in_the_recheck_stands_beside_what_was_sealed() -> None:
    found, _ = _made("turned")
    (one,) = found.lots[0].stages[0].turns.corrected
    assert (one.seat, one.bidder, one.criterion, one.before, one.after) == ("M2", "b1", "B1", "0", "4")
    text = _text("turned")
    assert "作废汇总1份，已重新汇总" in text
    assert "客观评审因素评分不一致" in text
    assert "该方案与现场条件不符" in text


def test_a_suspension_more_time_and_an_objection_are_told() -> None:
    text = _text("turned")
    assert "历时3小时49分；恢复前逐一复核席位M1、M2、M3、M4、M5" in text
    assert "M1、M2认为评标时间不够" in text
    assert "延长30分" in text
    assert "唱标的工期与投标文件不一致。已核对，以投标函为准。" in text


def test_dissent_and_deemed_agreement_are_told_with_their_reasons() -> None:
    text = _text("turned")
    assert "M2的不同意见对第一名的技术评分有不同意见" in text
    assert "M5拒绝签字且未书面说明理由" in text
    assert "视为同意评标结论" in text
    assert [len(_made("turned")[0].turns.dissents), len(_made("turned")[0].turns.deemed)] == [1, 1]  # type: ignore[union-attr]


def test_a_void_committee_is_told_and_none_of_its_scores_count() -> None:
    found, _ = _made("voided")
    text = _text("voided")
    assert "第1个评标委员会作废" in text
    assert "已封存的评分表5份，全部评审意见无效" in text
    assert "未恢复" in text
    assert [one.seat for one in found.members] == ["N1", "N2", "N3", "N4", "N5"]
    assert set(found.lots[0].inputs.sheets) == {"N1", "N2", "N3", "N4", "N5"}
    assert "M1评分表" not in text


def test_two_envelopes_are_told_one_after_the_other() -> None:
    found, _ = _made("two_envelopes")
    first, second = found.lots[0].stages
    assert (len(first.bidders), len(second.bidders)) == (5, len(first.turns.passing))
    out = [one for one in first.track.valid if one not in first.turns.passing]
    assert out
    text = _text("two_envelopes")
    assert "标段01商务技术文件开标记录" in text
    assert "标段01报价文件开标记录" in text
    assert "未进入下一信封的开启" in text


def test_a_purchase_tells_what_its_own_desk_found_in_its_own_words() -> None:
    text = _text("purchased")
    assert "资格审查认定" in text
    assert "丁沪岳建设87-63-3" in text
    assert "投标无效" in text
    for word in ("招标人", "否决投标"):
        assert word not in text


def test_a_draw_is_told_by_stratum_party_and_place_and_names_nobody_who_was_left_out() -> None:
    found, _ = _made("drawn")
    text = _text("drawn")
    assert found.committee is not None
    draw = found.committee.draw
    assert draw is not None
    assert draw.left_out == {"employer": 6, "leave": 6, "penalty": 6}
    assert [one.revealed_ms > one.committed_ms for one in draw.parties] == [True] * 4
    assert draw.root in text
    assert draw.seed in text
    assert "更换成员M3M3b" in text
    assert "由继任成员重新进行评审" in text
    seated = {one.name for one in found.members}
    assert set(re.findall(r"专家[a-z]+-[AB]0[18]-[0-9]", text)) == seated - {"代表"}


@pytest.mark.parametrize("name", ALL)
def test_the_data_has_every_section_and_can_be_signed(name: str) -> None:
    raw = getattr(turned, name)()
    read = record.read(raw)
    state = record.replay(read)
    built = value.build(state, read.disclosed, read.entries)
    assert isinstance(built, dict)
    assert missing_sections(state.regime, built) == ()
    assert set(built["sections"]) == set(SECTIONS[state.regime])
    assert len(canonical.encode(built)) < limits.DISCLOSURE_BYTES_MAX
    assert built["sections"] == machine.sections(_made(name)[0])
    assert {"v", "session", "committee", "lots"} <= set(built)


def test_the_data_of_a_vote_is_the_records() -> None:
    told = machine.sections(_made("turned")[0])
    (stage,) = told["rejected_bids"]["rejected"]
    (vote,) = stage["votes"]
    assert (vote["yes"], vote["no"], vote["result"]) == (3, 2, "rejected")
    assert list(vote["dissent"]) == ["M2", "M5"]
    assert stage["bids"] == [{"bidder": "b2", "ground": "51-6"}]
    (asked,) = told["clarifications"]["clarified"]
    assert [one["result"] for one in asked["clarifications"]] == ["answered", "refused"]
    assert asked["corrections"][0]["confirmed"] is True


@pytest.mark.parametrize("name", ALL)
def test_the_workbook_has_the_figures_that_count(name: str) -> None:
    found, _ = _made(name)
    book = openpyxl.load_workbook(io.BytesIO(workbook.xlsx(found)), data_only=True)
    rows = list(book["汇总排序"].iter_rows(min_row=5, values_only=True))
    told = {str(row[1]): row[-1] for row in rows if row[0] or row[-1]}
    for row in found.lots[0].ranked():
        assert f"{told[found.lots[0].bidder(row.bidder).shown]:.2f}" == f"{float(row.total):.2f}"


@pytest.mark.parametrize(("rules", "said"), [("3", "尚未签署"), ("4", "见所附签名")])
def test_a_report_that_bears_its_signatures_says_nothing_of_them_that_they_make_untrue(
    rules: str, said: str
) -> None:
    world = Acting(records.case(records.SAMPLE), rules=rules)
    world.to_scoring()
    world.to_ranked_from_scoring()
    world.to_signing()
    found = records.read(turned.written(world))
    text = pages.flowed(paper.pdf(found))
    assert {one: text.count(one) for one in ("尚未签署", "见所附签名")} == {
        "尚未签署": 0, "见所附签名": 0, said: len(found.members),
    }  # fmt: skip
    assert ("以这些签名为准" in text) == (rules == "4")
