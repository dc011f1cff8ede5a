"""The benchmarks: each runs with tiny numbers and ends with its ratios; its figures are for `RESULTS.md`."""

from pathlib import Path

import pytest

from ops.bench import benches, media, media_janus, report, rounds
from ops.bench.report import Report
from ops.bench.rounds import Spread, Table
from ops.trouble import Trouble
from tests.house import ground
from tests.ops import stage

RATIOS = {
    "append": {"ratio_vs_fdatasync"},
    "fanout": {"cpu_ratio_vs_node", "last_p50_ratio_vs_node"},
    "submit": {"p50_ratio_vs_limit"},
    "resume": {"time_ratio_vs_bare"},
    "ledger": {
        "verify_ratio_vs_signatures",
        "verify_two_cores_vs_one",
        "two_cores_gain_vs_signatures",
        "append_share_of_event",
        "append_share_of_durable",
        "cosign_p99_ms",
    },
    "seal": {"decrypt_ratio_vs_aead", "gm-1_decrypt_ratio_vs_aead", "intl-1_decrypt_ratio_vs_aead"},
    "media": {"cpu_ratio_vs_janus", "cpu_ratio_vs_mediarelay", "delivery", "p50_ms_behind_janus", "p50_ms"},
    "opening": {"opening_s"},
    "readable": {"readable_s", "four_venues_s", "core_ratio_vs_limit"},
    "sessions": {"sessions_held", "memory_mb_per_session"},
}

DIFFERENCES = {"p50_ms_behind_janus"}
"""These may be less than nothing; all others are shares."""


@pytest.mark.parametrize("name", list(RATIOS))
def test_a_benchmark_ends_with_one_line_that_holds_its_ratios(name: str, tmp_path: Path) -> None:
    done = stage.call("bench", name, "--quick", "--json", "--data", str(tmp_path), cwd=tmp_path)
    assert done.code == 0, done.err
    assert done.told["bench"] == name
    assert RATIOS[name] <= set(done.told["ratios"])
    assert set(done.told["goals"]) <= RATIOS[name]
    for ratio, value in done.told["ratios"].items():
        least, most = done.told["spread"][ratio]
        assert least <= value <= most
        assert least > 0 or ratio in DIFFERENCES
    assert done.told["machine"]["cores"] >= 1
    left = [path.name for path in tmp_path.iterdir() if not path.name.startswith("peers-")]
    assert left == [], "a benchmark leaves nothing but its peers"


def test_every_benchmark_of_the_list_is_run_here() -> None:
    assert set(benches.BENCHES) == set(RATIOS)


def test_the_media_benchmark_tells_the_worse_shape_and_who_is_later() -> None:
    def table(ours: float, janus: float, late_ms: float) -> Table:
        def side(cpu: float, p50_ms: float) -> tuple[rounds.Measured, ...]:
            return ({"cpu_percent_per_viewer": cpu, "p50_ms": p50_ms, "delivery": 1.0},) * 2

        return Table({"ours": side(ours, late_ms), "janus": side(janus, 4.0), "mediarelay": side(40.0, 0.0)})

    told = media.report({"360p15": table(0.2, 0.1, 9.0), "720p30": table(0.3, 0.2, 3.0)}, {"viewers": 60})
    assert told.ratios["cpu_ratio_vs_janus"].median == 2.0
    assert told.ratios["720p30_cpu_ratio_vs_janus"].median == pytest.approx(1.5)
    assert told.ratios["cpu_ratio_vs_mediarelay"].median == pytest.approx(0.0075)
    assert told.ratios["p50_ms_behind_janus"] == Spread(-1.0, -1.0, -1.0)
    assert report.met("cpu_ratio_vs_janus", 1.25, told.goals["cpu_ratio_vs_janus"])
    assert not report.met("delivery", 0.998, told.goals["delivery"])
    assert told.figures["viewers"] == 60


def test_a_benchmark_without_janus_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_janus, "LIBRARY", "/nowhere/*/janus")
    with pytest.raises(Trouble, match="apt-get install --no-install-recommends janus"):
        media_janus.configure(tmp_path, port=1, address="10.99.0.1", loops=1)


async def test_the_sides_take_turns_and_who_begins_changes() -> None:
    order = []

    async def a() -> rounds.Measured:
        order.append("a")
        return {"ms": 1.0 + len(order)}

    async def b() -> rounds.Measured:
        order.append("b")
        return {"ms": 2.0}

    table = await rounds.interleaved(3, {"a": a, "b": b})
    assert "".join(order) == "abbaab"
    assert table.ratio("ms", "a", "b") == Spread(2.5, 1.0, 3.0)


def test_a_section_takes_the_place_of_its_earlier_run_and_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "RESULTS.md"
    path.write_text("# Results\n\nWhy.\n\n## append\n\nold\n\n## fanout\n\nother\n")
    found = Report("append", {"ratio_vs_fdatasync": Spread(6.0, 5.5, 7.0)}, {"ratio_vs_fdatasync": 5.0}, {})
    facts = {
        "date": "d", "cores": 2, "processor": "p", "memory_gb": 1, "kernel": "k", "python": "3", "node": "",
        "load": 0.1, "load_after": 0.2,
    }  # fmt: skip
    for _ in range(2):
        report.keep(path, found, facts, "tongchang bench append --json")
    text = path.read_text()
    assert text.startswith("# Results\n\nWhy.\n\n## append\n")
    assert "old" not in text
    assert "| `ratio_vs_fdatasync` | 6.0 | 5.5 – 7.0 | ≥ 5.0 met |" in text
    assert text.endswith("## fanout\n\nother\n")


def test_the_results_that_are_kept_name_every_benchmark() -> None:
    text = (ground.ROOT / "ops" / "bench" / "RESULTS.md").read_text()
    for name in benches.BENCHES:
        assert f"\n## {name}\n" in text
