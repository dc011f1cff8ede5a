"""The typeset report: the order's items in order, every number the record's, words of the regime, PDF/A."""

import io
import re
from decimal import Decimal
from fractions import Fraction
from functools import cache

import msgspec
import pypdf
import pytest

from main_venue.report import gathered, paper
from main_venue.report.gathered import Gathered, NotRanked
from protocol import record
from protocol.plan.numbers import number
from tests.main_venue.report import records
from tests.main_venue.typeset import pages
from tests.protocol.world import World

TEN_ITEMS = [
    "一、基本情况和数据表", "二、评标委员会成员名单", "三、开标记录",
    "四、符合要求的投标一览表", "五、否决投标的情况说明",
    "六、评标标准、评标方法或者评标因素一览表",
    "七、经评审的价格或者评分比较一览表", "八、经评审的投标人排序",
    "九、推荐的中标候选人名单与签订合同前要处理的事宜", "十、澄清、说明、补正事项纪要",
]  # fmt: skip
SIX_ITEMS = [
    "一、招标公告刊登的媒体名称、开标日期和地点", "二、供应商名单和评标委员会成员名单", "三、评标方法和标准",
    "四、开标记录和评标情况及说明，包括投标无效供应商名单及原因", "五、评标结果，确定的中标候选人名单",
    "六、其他需要说明的情况",
]  # fmt: skip


@cache
def _made(raw: bytes) -> tuple[Gathered, bytes]:
    found = records.read(raw)
    return found, paper.pdf(found)


def _headings(body: bytes) -> list[str]:
    return [str(one.title) for one in pypdf.PdfReader(io.BytesIO(body)).outline if not isinstance(one, list)]


def _lines(body: bytes) -> str:
    return "\n".join(pages.texts(body))


def test_the_ten_items_stand_in_the_order_of_the_order() -> None:
    _, body = _made(records.archived(records.SAMPLE))
    assert _headings(body)[:10] == TEN_ITEMS
    assert [title[:3] for title in _headings(body)[10:]] == ["附件一", "附件二"]


def test_government_procurement_has_its_own_six() -> None:
    _, body = _made(records.archived(records.GOV_PROC))
    assert _headings(body)[:6] == SIX_ITEMS


def test_ranking_and_parts_are_the_tallys() -> None:
    found, body = _made(records.archived(records.SAMPLE))
    text = _lines(body)
    for row in found.lots[0].evaluation.rows:
        name = found.lots[0].bidder(row.bidder).shown
        line = re.search(rf"{row.rank} {name} ((?:[0-9.]+ ){{4}}[0-9.]+)\n", text)
        assert line is not None, name
        told = [Decimal(cell) for cell in line[1].split()]
        assert told == [Decimal(row.price), *(Decimal(part.points) for part in row.parts), Decimal(row.total)]
    assert [row.total for row in found.lots[0].ranked()] == ["92.07", "91.61", "91.26", "91.19", "85.83"]


def test_the_base_price_is_worked_out_line_by_line() -> None:
    _, body = _made(records.archived(records.SAMPLE))
    text = pages.flowed(body)
    assert "4528.60+4475.20+4698.00+4612.35+4390.75=22704.90（万元）" in text
    assert "22704.90÷5=4540.98" in text
    assert "4540.98×98%=4450.1604，四舍五入保留2位小数=4450.16" in text


def test_each_bids_deviation_and_points_follow_from_the_base_price() -> None:
    found, body = _made(records.archived(records.SAMPLE))
    base = Fraction("4450.16")
    rows = re.findall(r"([0-9.]+) (−?[0-9.]+)% ([0-9.]+) × ([0-9.]+) ([0-9.]+) ([0-9.]+)\n", _lines(body))
    assert len(rows) == len(found.lots[0].bidders)
    for price, rate, size, share, left, told in rows:
        exact = (number(price) - base) / base * 100
        assert abs(Fraction(rate.replace("−", "-")) - exact) <= Fraction(1, 2_000_000)
        assert abs(abs(exact) - Fraction(size)) <= Fraction(1, 2_000_000)
        assert Fraction(share) == (1 if exact > 0 else Fraction(1, 2))
        assert abs(45 - abs(exact) * Fraction(share) - Fraction(left)) <= Fraction(1, 2_000_000)
        assert abs(Fraction(left) - Fraction(told)) <= Fraction(1, 200)


def test_dropped_totals_are_marked_as_the_tally_dropped_them() -> None:
    found, body = _made(records.archived(records.SAMPLE))
    text = _lines(body)
    seats = [one.seat for one in found.members]
    for row in found.lots[0].evaluation.rows:
        line = re.search(rf"{found.lots[0].bidder(row.bidder).shown} ((?:[△▽]?[0-9.]+ ){{5}})([0-9.]+)", text)
        assert line is not None
        cells = dict(zip(seats, line[1].split(), strict=True))
        assert sorted(seat for seat, cell in cells.items() if cell[0] in "△▽") == list(row.parts[0].dropped)
        values = {seat: Decimal(cell.lstrip("△▽")) for seat, cell in cells.items()}
        assert [values[s] for s, cell in cells.items() if cell[0] == "△"] == [max(values.values())]
        assert [values[s] for s, cell in cells.items() if cell[0] == "▽"] == [min(values.values())]


def test_every_members_sheet_is_annexed_as_it_was_sealed() -> None:
    found, body = _made(records.archived(records.SAMPLE))
    text = _lines(body)
    lot = found.lots[0]
    for seat, sheet in lot.inputs.sheets.items():
        start = text.index(f"{seat} 示例人员 {seat} 评分表")
        for criterion in ("A1", "A6", "B2"):
            line = re.search(rf"\n{criterion} .*? ([0-9. ]+)\n", text[start:])
            assert line is not None
            told = [Decimal(cell) * 100 for cell in line[1].split()][-len(lot.bidders) :]
            assert told == [sheet[one.id][criterion] for one in lot.bidders]


def test_a_deviation_over_the_threshold_is_told_and_that_words_are_missing() -> None:
    _, body = _made(records.archived(records.SAMPLE))
    text = pages.flowed(body)
    assert "−15.71%" in text
    assert "16.18%" in text
    assert "成员对上述偏差的书面说明，本版本的记录尚未载入" in text


def test_every_page_bears_outcome_tree_head_and_notice() -> None:
    found, body = _made(records.archived(records.SAMPLE))
    for text in pages.texts(body):
        assert found.outcome.hex() in text
        assert f"{found.size}:{found.root.hex()}" in text
        assert "虚构示例" in text


@pytest.mark.parametrize(
    "path", [records.SAMPLE, records.GOV_PROC, records.LOW_PRICE, records.ADJUSTED_PRICE]
)
def test_it_is_for_keeping_and_the_same_at_every_printing(path: str) -> None:
    found, body = _made(records.archived(path))
    told = pages.properties(body)
    assert "<pdfaid:part>2</pdfaid:part>" in told
    assert pages.unembedded_fonts(body) == set()
    assert paper.pdf(found) == body
    assert re.findall(r"[\u4e00-\u9fff][,:;(]", _lines(body)) == []


def test_words_follow_the_regime() -> None:
    _, gov = _made(records.archived(records.LOW_PRICE))
    text = pages.flowed(gov)
    assert "供应商" in text
    assert "投标无效" in text
    assert "综合评分法" in text
    for word in ("投标人", "招标人", "否决投标", "标段"):
        assert word not in text
    _, tender = _made(records.archived(records.SAMPLE))
    assert "供应商" not in pages.flowed(tender)
    assert "采购" not in pages.flowed(tender)


def test_points_in_proportion_to_the_lowest_price_are_worked_out() -> None:
    _, body = _made(records.archived(records.LOW_PRICE))
    text = pages.flowed(body)
    assert "980000÷1050000×100=93.333333" in text
    assert "980000÷1120000×100=87.5" in text


def test_hidden_names_stay_hidden() -> None:
    raw = records.archived(records.GOV_PROC)
    found, body = _made(raw)
    assert found.state.names_hidden
    assert all(one.name == "" for one in found.lots[0].bidders)
    text = pages.flowed(body)
    for bidder in records.case(records.GOV_PROC).bidders:
        assert bidder.name == bidder.code or bidder.name not in text


def test_a_rejected_bid_is_told_with_its_ground_and_is_in_no_table_of_points() -> None:
    found, body = _made(records.one_rejected())
    text = _lines(body)
    assert re.search(r"1 戊 淮泰工程 51-1", text)
    assert [row.bidder for row in found.lots[0].evaluation.rows if row.bidder == "b5"] == []
    assert "18314.15 ÷ 4 = 4578.5375" in text
    assert "四、符合要求的投标一览表" in text
    conforming = text.split("符合要求的投标一览表")[-1].split("否决投标一览表")[0]
    assert "淮泰" not in conforming


def test_members_who_have_signed_are_told_with_their_entry() -> None:
    found, body = _made(records.archived(records.SAMPLE))
    text = _lines(body)
    for one in found.members:
        assert one.signature is not None
        assert re.search(rf"{one.seat} .*{one.signature.seq} {re.escape(one.signature.sig[8:24])}", text)
    assert found.report_digest in pages.flowed(body)


def test_a_session_that_is_not_ranked_has_no_report() -> None:
    world = World(records.case(records.SAMPLE))
    world.to_scoring()
    found = record.read(record.write(world.session, world.entries, world.held))
    with pytest.raises(NotRanked, match="01"):
        gathered.gather(found, record.replay(found))


def test_unsigned_members_are_told_as_such() -> None:
    world = World(records.case(records.SAMPLE))
    world.to_ranked()
    found, body = _made(record.write(world.session, world.entries, world.held))
    assert all(one.signature is None for one in found.members)
    assert pages.flowed(body).count("尚未签署") == len(found.members)


def test_a_rare_character_is_found_in_the_machines_own_fonts() -> None:
    found = records.read(records.archived(records.SAMPLE))
    rare = msgspec.structs.replace(
        found, plan=msgspec.structs.replace(found.plan, title="\U00020bb7野区工程")
    )
    assert "\U00020bb7野区工程" in pages.flowed(paper.pdf(rare))


def test_two_bidders_more_than_a_table_holds_go_on_in_the_next() -> None:
    found = records.read(records.archived(records.SAMPLE))
    narrow = pytest.MonkeyPatch()
    with narrow.context() as patch:
        patch.setattr("main_venue.report.scores.BIDDERS_PER_TABLE_MAX", 3)
        text = _lines(paper.pdf(found))
    assert text.count("M1 示例人员 M1 评分表") == 2
