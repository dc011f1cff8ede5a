"""The benchmarks: each runs with tiny numbers and ends with its ratios; its figures are for `RESULTS.md`."""

from pathlib import Path

import pytest

from ops.bench import benches, report, rounds
from ops.bench.report import Report
from ops.bench.rounds import Spread
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
    "media": {"cpu_ratio_vs_mediarelay", "delivery", "p50_ms"},
    "opening": {"opening_s"},
    "readable": {"readable_s", "four_venues_s", "core_ratio_vs_limit"},
    "sessions": {"sessions_held", "memory_mb_per_session"},
}


@pytest.mark.parametrize("name", list(RATIOS))
def test_a_benchmark_ends_with_one_line_that_holds_its_ratios(name: str, tmp_path: Path) -> None:
    done = stage.call("bench", name, "--quick", "--json", "--data", str(tmp_path), cwd=tmp_path)
    assert done.code == 0, done.err
    assert done.told["bench"] == name
    assert RATIOS[name] <= set(done.told["ratios"])
    assert set(done.told["goals"]) <= RATIOS[name]
    for ratio, value in done.told["ratios"].items():
        least, most = done.told["spread"][ratio]
        assert 0 < least <= value <= most
    assert done.told["machine"]["cores"] >= 1
    left = [path.name for path in tmp_path.iterdir() if not path.name.startswith("peers-")]
    assert left == [], "a benchmark leaves nothing but its peers"


def test_every_benchmark_of_the_list_is_run_here() -> None:
    assert set(benches.BENCHES) == set(RATIOS)


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
