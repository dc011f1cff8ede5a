"""The conflict filter: every reason, its limits in time, and that anybody finds the same again."""

from msgspec.structs import replace

from protocol import hidden
from protocol.pool import roll
from protocol.pool.conflict import Found, Reason, Sieve, reasons
from protocol.pool.expert import Expert, Kin, Leave, Party, Penalty, Post
from protocol.pool.roll import Listed

SIEVE = Sieve(day="2026-11-26")
PARTIES = (
    Party("bidder", "安徽建工集团股份有限公司", heads=("王大同",)),
    Party("tenderee", "合肥市重点工程建设管理局"),
    Party("agent", "安徽公共资源咨询有限公司"),
    Party("supervisor", "合肥市公共资源交易监督管理局"),
    Party("authority", "安徽省住房和城乡建设厅"),
)
CLEAN = Expert(id="e1", name="李明", province="anhui", specialities=("A08",), posts=(Post("南京市设计院"),))


def found(expert: Expert, sieve: Sieve = SIEVE) -> list[tuple[Reason, int]]:
    return [(one.reason, one.party) for one in reasons(expert, PARTIES, sieve)]


def works(*posts: Post) -> Expert:
    return replace(CLEAN, posts=posts)


def test_who_has_nothing_to_do_with_anybody_may_be_drawn() -> None:
    assert found(CLEAN) == []


def test_a_bidders_staff_is_left_out_now_and_for_three_years_after() -> None:
    assert found(works(Post("安徽建工合肥分公司"))) == [("employer", 0)]
    assert found(works(Post("安徽建工", until="2023-11-26"))) == [("past_employer", 0)]
    assert found(works(Post("安徽建工", until="2023-11-25"))) == []
    assert found(works(Post("安徽建工", until="2021-11-26")), Sieve("2026-11-26", 5)) == [
        ("past_employer", 0)
    ]


def test_a_house_of_the_bidders_group_is_a_reason_of_its_own() -> None:
    assert found(works(Post("安徽建工第三建筑有限公司"))) == [("same_group", 0)]


def test_staff_of_tenderee_agent_supervisor_and_authority_is_left_out_while_it_is_staff() -> None:
    for place, reason in enumerate(
        ("staff_of_tenderee", "staff_of_agent", "staff_of_supervisor", "staff_of_authority"), start=1
    ):
        employer = PARTIES[place].name
        assert found(works(Post(employer))) == [(reason, place)]
        assert found(works(Post(employer, until="2026-11-25"))) == []


def test_kin_at_a_bidder_and_kin_of_its_head_are_left_out() -> None:
    assert found(replace(CLEAN, kin=(Kin("李华", "子", "安徽建工"),))) == [("kin", 0)]
    assert found(replace(CLEAN, kin=(Kin("王大同", "姻亲", ""),))) == [("kin", 0)]
    assert found(replace(CLEAN, name="王大同")) == [("head", 0)]


def test_a_penalty_counts_while_it_lasts_and_one_without_end_for_good() -> None:
    lasting = Penalty("2026-01-01", "2026-11-26", "1号")
    assert found(replace(CLEAN, penalties=(lasting,))) == [("penalty", -1)]
    assert found(replace(CLEAN, penalties=(replace(lasting, until="2026-11-25"),))) == []
    assert found(replace(CLEAN, penalties=(replace(lasting, until=""),))) == [("penalty", -1)]


def test_who_is_away_on_the_day_is_not_called() -> None:
    assert found(replace(CLEAN, leaves=(Leave("2026-11-26", "2026-11-26"),))) == [("leave", -1)]
    assert found(replace(CLEAN, leaves=(Leave("2026-11-27", "2026-11-28"),))) == []


def test_every_reason_is_kept_once() -> None:
    both = replace(
        CLEAN, posts=(Post("安徽建工"), Post("安徽建工集团")), leaves=(Leave("2026-01-01", "2026-12-31"),)
    )
    assert found(both) == [("employer", 0), ("leave", -1)]


def listed(*experts: Expert) -> list[Listed]:
    return [
        Listed(one, hidden.digest("person", bytes(32), one.id), hidden.digest("facts", bytes(32), one))
        for one in experts
    ]


def test_each_province_finds_the_same_exclusions_again_and_a_forged_one_is_named() -> None:
    theirs = replace(CLEAN, id="e2", posts=(Post("安徽建工"),))
    known = {one.facts: one.expert for one in listed(CLEAN, theirs)}
    told = roll.freeze(listed(CLEAN, theirs), ("A08",), PARTIES, bytes(32), SIEVE)
    assert [gone.found for gone in told.left] == [(Found("employer", 0),)]
    assert roll.differences(told, PARTIES, known) == ()
    kept = replace(told, eligible=(*told.eligible, told.left[0].leaf), left=())
    assert roll.differences(kept, PARTIES, known) == (("e2", (), (Found("employer", 0),)),)


def test_the_roll_is_the_same_whoever_lists_it_and_in_which_order() -> None:
    others = [replace(CLEAN, id=f"e{number}") for number in range(9)]
    one = roll.freeze(listed(*others), ("A08",), PARTIES, bytes(32), SIEVE)
    again = roll.freeze(listed(*reversed(others)), ("A08",), PARTIES, bytes(32), SIEVE)
    assert one == again
    assert roll.root(one) == roll.root(again)
    assert roll.faults(one) == ()


def test_who_has_several_specialities_stands_in_the_roll_once() -> None:
    both = replace(CLEAN, specialities=("B01", "A08"))
    told = roll.freeze(listed(both), ("A08", "B01"), PARTIES, bytes(32), SIEVE)
    assert [leaf.speciality for leaf in told.eligible] == ["A08"]
    twice = replace(told, eligible=(told.eligible[0], replace(told.eligible[0], speciality="B01")))
    assert roll.faults(twice) == ("twice",)
