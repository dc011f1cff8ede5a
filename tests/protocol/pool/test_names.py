"""Names as people write them: the table of another house's tests, and firms of our own making."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.pool import han, latin
from protocol.pool.conflict import same_house

TABLE = json.loads((Path(__file__).parents[2] / "data" / "draw" / "conflict_match_dev.json").read_text())[
    "cases"
]

SAME = [
    ("华为技术有限公司", "華為技術有限公司"),
    ("ＡＢＣ科技有限公司", "abc 科技有限责任公司"),
    ("安徽建工集团股份有限公司", "安徽建工"),
    ("安徽建工集团股份有限公司", "安徽建工集团股份有限公司合肥分公司"),
    ("（上海）博远科技有限公司", "博远科技(上海)有限公司"),
    ("博远科技有限公司", "合肥博远科技有限公司"),
    ("江苏省建筑设计研究院", "江苏建筑设计研究院有限公司"),
    ("中建八局", "中国建筑第八工程局有限公司"),
    ("中铁四局集团有限公司", "中铁四局"),
    ("华东师大", "华东师范大学"),
    ("浙大", "浙江大学"),
    ("合肥工大", "合肥工业大学"),
    ("中国银行合肥分行", "中国银行股份有限公司"),
    ("苏州徽远信息技术有限公司", "苏州微远信息技术有限公司"),
    ("江苏省住建厅", "江苏省住房和城乡建设厅"),
    ("南京市第一医院", "南京第一医院"),
]
OTHER = [
    ("中建三局", "中国建筑第八工程局有限公司"),
    ("中铁四局", "中铁十四局"),
    ("合肥市第一建筑工程公司", "合肥市第二建筑工程公司"),
    ("南京博远科技有限公司", "合肥博远科技有限公司"),
    ("安徽大学", "安徽工业大学"),
    ("华东师大", "华中师范大学"),
    ("国网安徽省电力有限公司", "国网江苏省电力有限公司"),
    ("科技有限公司", "合肥科技有限公司"),
    ("南京市第一医院", "南京第二医院"),
]
GROUP = [
    ("中铁四局集团第二工程有限公司", "中铁四局集团有限公司"),
    ("上海建工集团股份有限公司", "上海建工一建集团有限公司"),
    ("同济大学建筑设计研究院(集团)有限公司", "同济大学"),
]


def test_nineteen_of_twenty_pairs_of_the_table_are_told_rightly() -> None:
    told = [latin.matches(one["guess"], one["candidate"], prefer_name=one["prefer_name"]) for one in TABLE]
    right = sum(found == one["match"] for found, one in zip(told, TABLE, strict=True))
    assert right * 100 >= 95 * len(TABLE)


def test_which_name_comes_first_does_not_matter() -> None:
    for one in TABLE:
        a, b = one["guess"], one["candidate"]
        assert latin.matches(a, b) == latin.matches(b, a), one


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_house_is_known_however_it_is_written(one: str, other: str) -> None:
    assert han.alike(one, other) == han.alike(other, one) == "same"


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_two_houses_stay_two(one: str, other: str) -> None:
    assert han.alike(one, other) == han.alike(other, one) == ""


@pytest.mark.parametrize(("one", "other"), GROUP)
def test_a_house_of_the_same_group_is_told_as_such(one: str, other: str) -> None:
    assert han.alike(one, other) == han.alike(other, one) == "group"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("UPenn", "University of Pennsylvania", True),
        ("UPenn", "Penn State", False),
        ("Caltech", "California Institute of Technology", True),
        ("UW Madison", "University of Wisconsin-Madison", True),
        ("Boston University", "Boston College", False),
        ("Dept. of Computer Science, NYU", "New York University", True),
        ("UT Austin", "UT Dallas", False),
        ("Georgia Tech", "Georgia Institute of Technology", True),
        ("HKU", "University of Hong Kong", True),
        ("Alibaba Group", "Alibaba", True),
    ],
)
def test_short_forms_that_the_table_does_not_have_follow_the_same_rules(
    one: str, other: str, same: bool
) -> None:
    assert latin.same_affiliation(one, other) is latin.same_affiliation(other, one) is same


def test_codes_decide_over_names() -> None:
    a, b = "91340100MA2T00001A", "91340100MA2T00002A"
    assert same_house("甲公司", "乙公司", a, a) == "same"
    assert same_house("博远科技有限公司", "博远科技有限公司", a, b) == "group"


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_breaks_the_comparison(one: str, other: str) -> None:
    assert same_house(one, one) in ("same", "")
    assert same_house(one, other) in ("same", "group", "")
    latin.matches(one, other, prefer_name=True)
