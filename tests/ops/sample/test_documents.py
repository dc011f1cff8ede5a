"""The sample's documents, read back: sums to the fen, amounts in words, blind parts without a name."""

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from ops.sample import amounts, documents
from ops.sample.documents import Made
from ops.sample.facts import Facts, load
from tests.main_venue.typeset import pages

BID_PAPERS = {"letter", "authorisation", "bond", "bill", "qualification", "organisation"}
AMOUNT = r"[0-9]{1,3}(?:,[0-9]{3})*\.[0-9]{2}"


@pytest.fixture(scope="module")
def facts() -> Facts:
    return load()


@pytest.fixture(scope="module")
def made(facts: Facts) -> Mapping[str, Made]:
    return {one.path: one for one in documents.make(facts)}


def test_every_bidder_hands_in_six_papers_and_a_blind_part(facts: Facts, made: Mapping[str, Made]) -> None:
    for firm in facts.firms:
        own = {Path(one.path).stem for one in made.values() if one.bidder == firm.id and one.kind == "bid"}
        assert own == BID_PAPERS
        assert [one.bidder for one in made.values() if one.kind == "blind"].count(firm.id) == 1
    assert {one.path for one in made.values() if one.kind == "tender"} == {
        "tender/tender-document.pdf", "tender/opening-record.pdf", "tender/witness-certificate.pdf",
    }  # fmt: skip


def test_every_page_says_that_it_is_fictional(made: Mapping[str, Made]) -> None:
    for one in made.values():
        for number, text in enumerate(pages.texts(one.body), 1):
            assert "虚构示例" in text, f"{one.path} page {number}"


def test_a_bill_read_back_sums_to_the_price_of_the_case(facts: Facts, made: Mapping[str, Made]) -> None:
    for firm in facts.firms:
        text = "\n".join(pages.texts(made[f"{firm.id}/bill.pdf"].body))
        # quantity, unit price, amount: the last three figures of a row
        rows = re.findall(rf"([0-9]{{1,3}}(?:,[0-9]{{3}})*) ({AMOUNT}) ({AMOUNT})", text)
        assert len(rows) >= 12
        assert len(rows) == len(facts.bill.rows)
        total = 0
        for quantity, unit, amount in rows:
            assert int(quantity.replace(",", "")) * amounts.fen_of(unit) == amounts.fen_of(amount)
            total += amounts.fen_of(amount)
        price = next(bid.price for bid in facts.case.bids if bid.bidder == firm.id)
        assert total == Decimal(price) * 1_000_000
        assert re.search(rf"合计 ?{re.escape(amounts.figures(total))}", text)


def test_the_letters_words_and_figures_agree_but_for_one(facts: Facts, made: Mapping[str, Made]) -> None:
    differing = []
    for firm in facts.firms:
        text = pages.flowed(made[f"{firm.id}/letter.pdf"].body)
        found = re.search(rf"（大写）([^（]+)（¥({AMOUNT})）", text)
        assert found is not None
        price = facts.price_fen(firm.id)
        assert found[1] == amounts.words(price), "words prevail, so they are the price"
        if amounts.fen_of(found[2]) != price:
            differing.append((firm.id, found[2], found[1]))
    assert differing == [("b4", "46,908,000.00", "肆仟陆佰玖拾捌万元整")]


def test_the_opening_record_reads_out_the_words(facts: Facts, made: Mapping[str, Made]) -> None:
    text = pages.flowed(made["tender/opening-record.pdf"].body)
    assert "按46,980,000.00元唱标" in text
    for firm in facts.firms:
        assert amounts.figures(facts.price_fen(firm.id)) in text


def test_papers_bear_out_the_objective_points(facts: Facts) -> None:
    sheet = facts.case.sheets["01"]["M1"]
    for firm in facts.firms:
        scores = sheet[firm.id]
        recent = [work for work in firm.works if work[3] >= "2021-11-18"]
        assert scores["B1"] == 200 * min(len(firm.manager_works), 2)
        assert scores["B2"] == 200 * min(len(recent), 3)
        assert scores["B3"] == 300 - 100 * sum(person[3] != "有效" for person in firm.team)


def test_the_tender_document_holds_the_criteria_of_the_case(facts: Facts, made: Mapping[str, Made]) -> None:
    text = pages.flowed(made["tender/tender-document.pdf"].body)
    for top in facts.case.plan.schemes[0].criteria:
        for criterion in (top, *top.children):
            assert criterion.id + criterion.zh.replace("(", "（").replace(")", "）") in text
    assert facts.tender["opening_time"] == facts.case.plan.timetable.opening


def _identities(facts: Facts) -> set[str]:
    """Whatever names somebody: firms, short names, marks, people, earlier works."""
    found = {bidder.name for bidder in facts.case.bidders}
    for firm in facts.firms:
        found |= {
            firm.name.removesuffix("(示例公司)"),
            firm.legal,
            firm.agent,
            firm.credit,
            firm.bank,
            firm.place,
            firm.permit,
            firm.bond_number,
        }
        found |= {person[1] for person in firm.team if person[1] != "—"}
        found |= {name for work in firm.works for name in work[:2]}
    return found


def test_the_evidence_bears_out_the_objective_points(facts: Facts, made: Mapping[str, Made]) -> None:
    """An expert who counts what answers the rule comes to the case's points, without a name."""
    for firm in facts.firms:
        one = next(one for one in made.values() if (one.kind, one.bidder) == ("evidence", firm.id))
        text = pages.flowed(one.body)
        works = [int(count) for count in re.findall(r"共列[0-9]+项，符合([0-9]+)项", text)]
        lacking = [int(count) for count in re.findall(r"不符合([0-9]+)[岗类]。", text)]
        scores = facts.case.sheets["01"]["M1"][firm.id]
        assert [min(400, 200 * works[0]), min(600, 200 * works[1])] == [scores["B1"], scores["B2"]]
        assert [300 - 100 * lacking[0], 200 - 100 * lacking[1]] == [scores["B3"], scores["B4"]]


@pytest.mark.parametrize("kind", ["blind", "evidence"])
def test_an_anonymous_paper_names_nobody_in_text_or_properties(
    facts: Facts, made: Mapping[str, Made], kind: str
) -> None:
    found = [one for one in made.values() if one.kind == kind]
    assert len(found) == 5
    for one in found:
        told = pages.flowed(one.body) + pages.properties(one.body)
        assert {name for name in _identities(facts) if name in told} == set(), one.path
        assert "/Author" not in pages.properties(one.body)
        assert one.bidder not in one.path


def test_blind_parts_have_one_form_and_different_contents(made: Mapping[str, Made]) -> None:
    blind = [one.body for one in made.values() if one.kind == "blind"]
    assert all(12 <= len(pages.texts(body)) <= 20 for body in blind)
    assert min(len(text) for body in blind for text in pages.texts(body)) > 250, "no page stands nearly empty"
    titles = {re.sub(r"[0-9.]", "", pages.flowed(body))[:40] for body in blind}
    assert len(titles) == 1
    assert len({pages.flowed(body) for body in blind}) == 5


def test_the_leaking_variants_leak_where_they_say(facts: Facts, made: Mapping[str, Made]) -> None:
    name = next(firm.name for firm in facts.firms if firm.id == "b2").removesuffix("(示例公司)")
    text, metadata = made["leaks/name-in-text.pdf"].body, made["leaks/name-in-metadata.pdf"].body
    assert name in pages.flowed(text)
    assert name not in pages.properties(text)
    assert name not in pages.flowed(metadata)
    assert name in pages.properties(metadata)


def test_fonts_are_embedded_as_subsets(made: Mapping[str, Made]) -> None:
    for one in made.values():
        assert pages.unembedded_fonts(one.body) == set(), one.path


def test_punctuation_beside_chinese_is_full_width(made: Mapping[str, Made]) -> None:
    for one in made.values():
        assert re.findall(r"[\u4e00-\u9fff][,:;(!?]", "".join(pages.texts(one.body))) == [], one.path


def test_making_them_again_gives_the_same_bytes(facts: Facts, made: Mapping[str, Made]) -> None:
    again = documents.make(facts)
    for _ in range(9):
        one = next(again)
        assert one.body == made[one.path].body, one.path


def test_a_folder_is_filled_once_and_mended_when_it_lacks_one(
    tmp_path: Path, made: Mapping[str, Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    makings = []

    def few(_facts: Facts) -> list[Made]:
        makings.append(1)
        return [made["b1/letter.pdf"], made["blind/T1.pdf"]]

    monkeypatch.setattr(documents, "make", few)
    listed = documents.ensure(tmp_path)
    assert (tmp_path / "b1" / "letter.pdf").read_bytes() == made["b1/letter.pdf"].body
    assert documents.ensure(tmp_path) == listed
    assert len(makings) == 1
    (tmp_path / "blind" / "T1.pdf").write_bytes(b"cut")
    assert documents.ensure(tmp_path) == listed
    assert len(makings) == 2
    assert (tmp_path / "blind" / "T1.pdf").read_bytes() == made["blind/T1.pdf"].body
