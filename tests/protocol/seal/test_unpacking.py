"""What a bid's files may be called and how large they may grow: each rule, and what it leaves alone."""

import pytest

from protocol import limits
from protocol.seal import unpacking
from protocol.seal.unpacking import Entry, Meter, TooMuch, judge, of_name

HONEST = [
    "报价.xlsx",
    "技术标/施工组织设计(修订版).pdf",
    "商务标/01 投标函.pdf",
    "a/b/c/d/e/f/g/h",
    "Ångström.txt",
    "Смета.xlsx",
    "Κόστος.xlsx",
    "..hidden",
    "a..b/c...d",
    "資料/圖紙・平面図.dwg",
    "COM10.txt",
    "console.txt",
    "价格①.pdf",
    "x" * 255,
]

STRANGE = [
    ("../a", "traversal"),
    ("a/../../b", "traversal"),
    ("a/./b", "traversal"),
    ("a//b", "traversal"),
    ("/etc/passwd", "traversal"),
    ("a/", "traversal"),
    ("", "traversal"),
    ("..", "traversal"),
    ("C:/a", "traversal"),
    ("c:a", "traversal"),
    ("..\\a", "traversal"),
    ("\\\\host\\share", "traversal"),
    ("a\0.pdf", "traversal"),
    ("a/b/c/d/e/f/g/h/i", "deep"),
    ("x" * 256, "long"),
    ("报" * 86, "long"),
    ("/".join(["报" * 60] * 6), "long"),
    ("报价\u202efdp.exe", "bidi"),
    ("\u2067a\u2069.pdf", "bidi"),
    ("a\u200f.pdf", "bidi"),
    ("报\u200b价.pdf", "invisible"),
    ("a\u00ad.pdf", "invisible"),
    ("a\ufeff.pdf", "invisible"),
    ("a\n.pdf", "invisible"),
    ("a\x1b[2J.pdf", "invisible"),
    ("a\u2028b", "invisible"),
    ("a\ue000", "invisible"),
    ("a\u0300", "form"),
    ("\ud800a", "form"),
    ("CON", "reserved"),
    ("a/nul.txt", "reserved"),
    ("lpt1 .pdf", "reserved"),
    ("COM¹", "reserved"),
    ("报价.", "reserved"),
    ("报价 ", "reserved"),
    ("a?.pdf", "reserved"),
    ("a:b", "reserved"),
    ("рrice.pdf", "confusable"),
    ("priсe.pdf", "confusable"),
    ("Οffer.pdf", "confusable"),
]


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_name_is_left_alone(name: str) -> None:
    assert of_name(name) == ()


@pytest.mark.parametrize(("name", "rule"), STRANGE, ids=[ascii(name)[:40] for name, _ in STRANGE])
def test_a_strange_name_is_found_and_its_rule_named(name: str, rule: str) -> None:
    assert rule in of_name(name)
    (judged,) = judge([Entry(name, 1)])
    assert not judged.clean
    assert judged.entry.name == name, "what was found keeps the name as evidence"


def test_names_that_a_reader_takes_for_one_are_twins() -> None:
    for one, other in (
        ("报价.pdf", "报价.pdf"),
        ("offer.pdf", "OFFER.PDF"),
        ("offer.pdf", "offer.pdf"),
        ("cop.txt", "сор.txt"),
        ("a/b", "A/B"),
        ("a", "a/b"),
        ("straße", "STRASSE"),
    ):
        first, second = judge([Entry(one, 1), Entry(other, 1)])
        assert "twin" not in first.found
        assert "twin" in second.found, (one, other)
    between = judge([Entry("a/", 0, kind="folder"), Entry("a/b", 1), Entry("a/c", 1), Entry("A", 1)])
    assert [one.found for one in between] == [(), (), (), ("twin",)]
    after = judge([Entry("a/b", 1), Entry("a/", 0, kind="folder"), Entry("ab", 1)])
    assert all(one.clean for one in after)


def test_links_devices_and_locked_entries_are_put_aside() -> None:
    entries = [
        Entry("a", 1, kind="link"),
        Entry("b", 1, kind="device"),
        Entry("c", 1, 1, locked=True),
        Entry("d", 1),
    ]
    assert [one.found for one in judge(entries)] == [("link",), ("device",), ("locked",), ()]


def test_a_bomb_is_seen_before_anything_is_written() -> None:
    bomb = Entry("a.csv", 10**9, 10**6)
    assert "ratio" in judge([bomb])[0].found
    thin = [Entry(f"{at}", 10_000, 10) for at in range(200)]
    assert {one.found for one in judge(thin, 5_000)} == {("ratio",)}, "many small ones are a bomb together"
    assert all(one.clean for one in judge(thin, 50_000))
    dense = [Entry(f"{at}", 10_000, 5_000) for at in range(200)]
    assert all(one.clean for one in judge(dense, 1_000_000))
    small = Entry("empty.csv", 900_000, 900)
    assert judge([small])[0].clean, "below a megabyte nobody asks"
    assert judge([Entry("plan.pdf", 10**9)])[0].clean, "a file that is not packed has no ratio"


def test_too_many_or_too_large_puts_the_whole_aside() -> None:
    many = [Entry(f"{at}", 0) for at in range(limits.BID_FILES_MAX + 1)]
    assert {one.found for one in judge(many)} == {("many",)}
    assert all(one.clean for one in judge(many[:-1]))
    large = [Entry(f"{at}", limits.BID_FILE_BYTES_MAX) for at in range(3)]
    assert {one.found for one in judge(large)} == {("large",)}
    assert judge([Entry("a", limits.BID_FILE_BYTES_MAX + 1), Entry("b", 1)])[0].found == ("large",)


def test_what_comes_out_stops_at_what_was_declared() -> None:
    meter = Meter(Entry("a", 10, 10))
    meter.count(4)
    meter.count(6)
    meter.count(0)
    with pytest.raises(TooMuch):
        meter.count(1)


def test_every_rule_has_a_case() -> None:
    named = {rule for _, rule in STRANGE}
    assert named == {"traversal", "deep", "long", "bidi", "invisible", "form", "reserved", "confusable"}
    assert set(unpacking.Rule.__args__) - named == {  # type: ignore[attr-defined]
        "twin", "link", "device", "locked", "ratio", "broken", "many", "large",
    }  # fmt: skip
