"""A whole evaluation, real processes and sockets: the table, the record, and what changes the ranking.

One stack stays up for most of it; the first evaluation runs on a stack of its own, as `ops/run --act` does.
"""

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops import installation, places, ports, processes, senses, stack
from ops.installation import DEFAULT_PLACES, PORTS_SPAN, Installation
from ops.people import script
from ops.senses import Dice
from protocol import archive, entry, record
from protocol.archive import Archive
from tests.house import ground
from tests.ops import stage
from tests.ops.stage import CASES, SAMPLE, TABLE, Ended, call, totals

SEALED_S = 400
"""So long a loaded machine takes at most to open, score and sign what came sealed."""
PUBLISHED = ("cn_sdjzu_2024_pkg2", "us_woodlands_transit_rfq_2015")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("act")


@pytest.fixture(scope="module")
def sample(folder: Path) -> Ended:
    """The sample played on a stack of its own, by one command, as nobody says otherwise: by version 4."""
    play = ("act", "--up", "--json", "--data", str(folder / "own"))
    ended = call(*play, cwd=folder, timeout_s=SEALED_S)
    assert ended.code == 0, ended.err
    return ended


@pytest.fixture(scope="module")
def light(standing: Installation) -> Ended:
    """The sample by version 2, which needs no custodians: for tests that are about any evaluation."""
    return _played(SAMPLE, standing)


@pytest.fixture(scope="module")
def standing(folder: Path) -> Iterator[Installation]:
    """A stack that stays up, with the venues of the sample and of the published cases."""
    cases = [script.load(CASES / f"{name}.json") for name in PUBLISHED]
    wanted = {place.node: place for case in cases for place in places.of_case(case)}
    base = ports.free_base(PORTS_SPAN + len(DEFAULT_PLACES) + len(wanted), Dice())
    data = folder / "standing"
    installation.ensure(data, now_ms=senses.now_ms(), ports_from=base)
    found = installation.ensure(data, now_ms=senses.now_ms(), places=tuple(wanted.values()))
    with subprocess.Popen(
        [sys.executable, "-m", "ops.command", "up", "--no-session", "--rules", "2", "--data", str(data)],
        cwd=ground.ROOT, env=stage.environment(), stderr=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        assert running.stderr is not None
        said = []
        for line in running.stderr:
            said.append(line)
            if "Ctrl-C" in line:
                break
        assert running.poll() is None, "".join(said)
        try:
            yield found
        finally:
            running.send_signal(signal.SIGTERM)
            running.stderr.read()
            assert running.wait(30) == 0
    assert not stack.running(data)


def _played(case: dict[str, object] | Path, standing: Installation, *more: str) -> Ended:
    path = case if isinstance(case, Path) else standing.data / f"case-{len(str(case))}.json"
    if not isinstance(case, Path):
        path.write_text(json.dumps(case, ensure_ascii=False))
    ended = call("act", "--json", "--data", str(standing.data), "--case", str(path), *more, cwd=standing.data)
    assert ended.code == 0, ended.err
    return ended


def _replayed(ended: Ended, tmp_path: Path) -> dict[str, object]:
    """The record alone, in a fresh process and an empty folder."""
    away = tmp_path / "only.record"
    away.write_bytes(Path(ended.told["record"]).read_bytes())
    again = call("replay", str(away), "--json", cwd=tmp_path)
    assert again.code == 0, again.err
    return again.told


@pytest.mark.timeout(SEALED_S + 30)
def test_the_sample_ends_with_its_table(sample: Ended) -> None:
    assert set(sample.told) >= {"session", "ranking", "outcome", "entries", "record", "archive", "policy"}
    assert totals(sample.told) == TABLE
    assert list(totals(sample.told)) == list(TABLE)
    assert [row["rank"] for row in sample.told["ranking"]] == [1, 2, 3, 4, 5]
    assert [row["total"] for row in sample.told["ranking"]] == [float(text) for text in TABLE.values()]
    assert [row["code"] for row in sample.told["ranking"]] == ["甲", "丙", "丁", "乙", "戊"]
    assert sample.told["ranking"][0]["bidder"] == "皖澄市政"


def test_bids_come_sealed_scores_lie_with_custodians_and_everybody_signs_the_report(
    sample: Ended, tmp_path: Path
) -> None:
    read = record.read(Path(sample.told["record"]).read_bytes())
    state = record.replay(read)
    assert state.rules_version == "4"
    done = Counter(entry.decode(raw).command.type for raw in read.entries)
    assert {"ImportOpening", "ImportPreliminary"}.isdisjoint(done)
    assert (done["ReleaseBid"], done["EscrowSheet"], done["SignReport"]) == (5, 5, 5)
    assert done["ReleaseCustody"] >= 4  # three of five centres, and the tenderee
    assert done["AcknowledgeEscrow"] >= 15
    assert done["DelegateSeatKey"] >= 8
    assert (done["PrepareReport"], done["SignPaper"]) == (1, len(state.signatures.places))
    assert (done["Intervene"], done["AnswerIntervention"]) == (1, 1)
    assert [one.answer.outcome for one in state.oversight.interventions if one.answer] == ["explained"]
    files = (sample.told["archive"], "--policy", sample.told["policy"])
    signed = call("verify", *files, "--signed", "--json", cwd=tmp_path)
    assert (signed.code, signed.told["findings"]) == (0, []), signed.told
    assert len(signed.told["signatures"]) == len(state.signatures.places)


def test_it_leaves_a_report_signed_by_all_that_anybody_can_check(sample: Ended, tmp_path: Path) -> None:
    seals = [each for one in sample.told["seals"] for each in ("--seal", one)]
    files = (sample.told["signed"], "--trust", sample.told["trust"], "--record", sample.told["record"])
    found = call(
        "sign", "check", *files, *seals, "--prepared", sample.told["prepared"], "--json", cwd=tmp_path
    )
    assert found.code == 0, found.out
    assert found.told["outcome"] == "valid"
    assert {one["kind"] for one in found.told["signatures"]} == {"pades", "sm2-signed-data"}


def test_it_leaves_an_archive_that_its_policy_from_before_holds_good(sample: Ended, tmp_path: Path) -> None:
    files = (sample.told["archive"], "--policy", sample.told["policy"])
    shown = call("archive", "show", *files, "--json", cwd=tmp_path)
    assert shown.code == 0, shown.err
    assert shown.told["size"] == sample.told["entries"]
    assert shown.told["withheld"] == []
    found = archive.read(Path(sample.told["archive"]).read_bytes())
    assert isinstance(found, Archive)
    assert found.members[archive.RECORD] == Path(sample.told["record"]).read_bytes()
    assert found.members[archive.POLICY] == Path(sample.told["policy"]).read_bytes()
    assert {"report.json", "report.pdf", "report.xlsx"} <= set(found.members)
    verified = call("verify", *files, "--json", cwd=tmp_path)
    assert (verified.code, verified.told["rule"]) == (0, None), verified.told
    assert verified.told["outcome"] == sample.told["outcome"]
    assert sample.told["verified"] == "valid"


def test_its_archive_waits_for_every_venues_last_word_and_lists_what_lies_elsewhere(
    sample: Ended, folder: Path, tmp_path: Path
) -> None:
    found = archive.read(Path(sample.told["archive"]).read_bytes())
    assert isinstance(found, Archive)
    gone = Counter(type(event).__name__ for raw in found.record.entries for event in entry.decode(raw).events)
    assert gone["OpeningKeyDestroyed"] == gone["OpeningKeyOffered"] == 4
    attached = json.loads(found.members[archive.ATTACHED])
    assert [(one["kind"], one["name"]) for one in attached] == [("bid", f"01/1/b{n}") for n in range(1, 6)]
    assert sample.told["archived_ms"] > 0
    # A container that is another than the one that was received is no attachment.
    bids = tmp_path / "bids" / "01-1"
    bids.mkdir(parents=True)
    kept = next((folder / "own" / "nodes").glob("*/openings/sample/01-1/b1.tcbid")).read_bytes()
    (bids / "b2.tcbid").write_bytes(kept)
    call_of = ("archive", "make", sample.told["record"], "--out", "x.zip", "--bids", "bids")
    refused = call(*call_of, cwd=tmp_path)
    assert (refused.code, "01/1/b2" in refused.err) == (1, True), refused.err
    (bids / "b2.tcbid").unlink()
    (bids / "b1.tcbid").write_bytes(kept[:-200] + bytes([kept[-200] ^ 1]) + kept[-199:])
    assert call(*call_of, cwd=tmp_path).code == 1
    named = call(*call_of[:-2], "--attach", f"bid={bids / 'b1.tcbid'}", cwd=tmp_path)
    assert (named.code, "--bids" in named.err) == (1, True), named.err
    assert not (tmp_path / "x.zip").exists()


@pytest.mark.timeout(360)  # the standing stack starts within it, and two evaluations are played
def test_three_coordinators_on_postgresql_come_to_the_same_outcome_cosigned_by_every_venue(
    light: Ended, open_folder: Path
) -> None:
    data = open_folder / "act-3"
    ended = call(
        "act", "--up", "--json", "--data", str(data), "--rules", "2",
        "--coordinators", "3", "--postgres", "--redis", "--cosigners", cwd=open_folder,
    )  # fmt: skip
    assert ended.code == 0, ended.err
    assert ended.told["outcome"] == light.told["outcome"]
    assert totals(ended.told) == TABLE
    files = (ended.told["archive"], "--policy", ended.told["policy"])
    shown = call("archive", "show", *files, "--json", cwd=open_folder)
    assert shown.code == 0, shown.err
    assert len(shown.told["cosigned"]) > len(DEFAULT_PLACES) * 2 / 3
    assert call("verify", *files, cwd=open_folder).code == 0
    found = installation.find(data)
    assert found.coordinators == ("coordinator", "coordinator-2", "coordinator-3")
    assert not stack.running(data)
    taken = [port for part in processes.parts(found) for port in part.ports]
    assert all(ports.is_free(port) for port in (found.node_port, *taken))


def test_several_coordinators_without_a_database_are_told_what_to_add(tmp_path: Path) -> None:
    ended = call("act", "--up", "--data", str(tmp_path / "data"), "--coordinators", "2", cwd=tmp_path)
    assert ended.code == 2
    assert "请加上 --postgres" in ended.err
    assert "Add --postgres" in ended.err


@pytest.mark.timeout(SEALED_S + 30)
def test_three_coordinators_open_sealed_bids_and_the_archive_is_valid(open_folder: Path) -> None:
    """Nodes are spread over them, and one receives: headers and containers come through the others."""
    data = open_folder / "sealed"
    ended = call(
        "act", "--up", "--json", "--data", str(data), "--coordinators", "3", "--postgres", "--redis",
        cwd=open_folder, timeout_s=SEALED_S,
    )  # fmt: skip
    assert ended.code == 0, ended.err
    assert totals(ended.told) == TABLE
    read = record.read(Path(ended.told["record"]).read_bytes())
    done = Counter(entry.decode(raw).command.type for raw in read.entries)
    assert (done["ReleaseBid"], done["EscrowSheet"], done["SignReport"]) == (5, 5, 5)
    assert ended.told["verified"] == "valid"
    files = (ended.told["archive"], "--policy", ended.told["policy"])
    assert call("verify", *files, cwd=open_folder).code == 0


def test_only_the_json_is_on_stdout_and_the_table_is_on_stderr(sample: Ended) -> None:
    assert len(sample.out.splitlines()) == 1
    for text in ("皖澄市政", "92.07", "结果摘要", "ArchiveSession"):
        assert text in sample.err


def test_a_fresh_process_without_the_case_replays_the_record_to_the_same(
    sample: Ended, tmp_path: Path
) -> None:
    again = _replayed(sample, tmp_path)
    for name in ("session", "ranking", "unranked", "outcome", "entries"):
        assert again[name] == sample.told[name], name


def test_the_record_holds_every_persons_act_once(sample: Ended) -> None:
    read = record.read(Path(sample.told["record"]).read_bytes())
    entries = [entry.decode(raw) for raw in read.entries]
    assert len(entries) == sample.told["entries"]
    types = [one.command.type for one in entries]
    for type_, count in (("CheckIn", 5), ("SealSheet", 5), ("OpenSheet", 5), ("SignReport", 5)):
        assert types.count(type_) == count
    # five bids read out; the tenderee and the main venue's witness sign at least; four venues witness
    for type_, count in (("ReadOut", 5), ("SignWitnessRecord", 4)):
        assert types.count(type_) == count
    assert types.count("SignOpeningRecord") >= 2
    assert types[0] == "BookSession"
    # What venues write behind the archive is that their keys of the opening are no more (SPEC 28).
    left = [one for one in types[types.index("ArchiveSession") + 1 :] if one != "DestroyOpeningKey"]
    assert left == []
    assert len({(one.command.author_key, one.command.command_id) for one in entries}) == len(entries)


def test_witnesses_note_what_happens_at_their_venues_and_sign_all_of_it(sample: Ended) -> None:
    read = record.read(Path(sample.told["record"]).read_bytes())
    state = record.replay(read)
    at = {one.venue: one for one in state.observations}
    assert set(at) == set(state.venues)
    checked = {one.subject for one in state.observations if one.item == "identity_checked"}
    assert checked == set(state.roster)
    (abnormal,) = [one for one in state.observations if one.finding == "irregular"]
    assert (abnormal.item, abnormal.subject, abnormal.venue) == ("score_abnormal", "M5", "hangzhou")
    assert read.disclosed.value(abnormal.remark) == "汇总提示评分偏离"
    assert all(one.signed for one in state.witness_records.values())


def test_experts_at_four_venues_seal_at_the_same_time(sample: Ended) -> None:
    """Commands carry the head their author saw: sheets were sealed by people who had not seen the others'."""
    read = record.read(Path(sample.told["record"]).read_bytes())
    seals = [one.command for one in map(entry.decode, read.entries) if one.command.type == "SealSheet"]
    assert len({one.seen.size for one in seals}) < len(seals)


def test_the_engine_never_sees_what_is_expected(sample: Ended, folder: Path) -> None:
    kept = list((folder / "own" / "people").glob("case-*.json"))
    assert kept
    for path in kept:
        assert json.loads(path.read_text())["expected"] is None
    expected = json.loads(SAMPLE.read_text())["expected"]["lots"][0]["base_price"]
    assert all(expected.encode() not in path.read_bytes() for path in kept)


def test_nothing_is_left_running(sample: Ended, folder: Path) -> None:
    assert not stack.running(folder / "own")
    found = installation.find(folder / "own")
    assert all(ports.is_free(port) for part in processes.parts(found) for port in part.ports)


def test_two_undisturbed_runs_have_one_outcome_whatever_the_seed(
    light: Ended, standing: Installation
) -> None:
    seeded = _played(SAMPLE, standing, "--seed", "7")
    assert seeded.told["outcome"] == light.told["outcome"]
    assert seeded.told["record"] != light.told["record"]


def test_one_changed_score_changes_the_ranking_through_act_and_replay(
    light: Ended, standing: Installation, tmp_path: Path
) -> None:
    ended = _played(stage.with_one_score_changed(), standing)
    assert next(iter(totals(ended.told))) == "b3"
    assert ended.told["outcome"] != light.told["outcome"]
    assert _replayed(ended, tmp_path)["ranking"] == ended.told["ranking"]
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(stage.with_one_score_changed(), ensure_ascii=False))
    ranked = call("rank", str(path), "--json", cwd=tmp_path)
    assert totals(ranked.told) == totals(ended.told)


def test_with_the_plain_mean_the_other_bidder_wins(standing: Installation, tmp_path: Path) -> None:
    ended = _played(stage.with_plain_mean(), standing)
    found = totals(ended.told)
    assert next(iter(found)) == "b3"
    assert (found["b3"], found["b1"]) == ("92.54", "91.14")
    assert _replayed(ended, tmp_path)["ranking"] == ended.told["ranking"]


def test_a_stack_without_custodians_holds_no_sealed_bids_and_says_what_to_do(
    light: Ended, standing: Installation
) -> None:
    ended = call("act", "--data", str(standing.data), cwd=standing.data)
    assert ended.code == 2
    assert "没有密钥托管服务" in ended.err
    assert "--rules 3" in ended.err


def test_an_unknown_seat_after_except_is_told_which_seats_there_are(standing: Installation) -> None:
    ended = call(
        "act", "--data", str(standing.data), "--case", str(SAMPLE), "--except", "M9", cwd=standing.data
    )
    assert ended.code == 2
    assert "--except 中的席位 M9 不存在" in ended.err
    assert "M1、M2、M3、M4、M5" in ended.err


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_evaluation_is_held_to_its_published_winner(
    name: str, standing: Installation, tmp_path: Path
) -> None:
    ended = _played(CASES / f"{name}.json", standing)
    lots = json.loads((CASES / f"{name}.json").read_text())["expected"]["lots"]
    found = totals(ended.told)
    for lot in lots:
        assert next(iter(found)) == lot["winner"]
        assert [one for one in found if one in lot["ranking"]] == lot["ranking"]
        for bidder, total in lot["totals"].items():
            assert abs(float(found[bidder]) - float(total)) <= float(lot.get("tolerance", 0)) + 1e-9
    again = _replayed(ended, tmp_path)
    assert again["outcome"] == ended.told["outcome"]
    assert totals(again) == found
