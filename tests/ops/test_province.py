"""A province that the desk cannot reach signs a session's policy by file, and the booking finds it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from main_venue.provinces import Provinces
from ops import cosigning, files, installation, province, senses
from ops.command import app
from ops.installation import Installation, Shape
from ops.trouble import Trouble
from protocol.commands import ProvinceSignature
from protocol.ledger import quorum, trust
from protocol.refusals import Refusal
from sub_venue import config as venue_config
from sub_venue.cosigner.province import Province

NAMES = ("anhui", "jiangsu", "shanghai", "zhejiang")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    data = tmp_path_factory.mktemp("installed") / "data"
    return installation.ensure(data, now_ms=senses.now_ms(), shape=Shape(cosigners=True))


def keys(made: Installation) -> dict[str, Path]:
    """Province → the key with which it signs."""
    found = {}
    for path in (made.data / "cosigners").rglob("province.key"):
        place = next(node.place for node in made.nodes if node.place.node == path.parent.name)
        found[place.province] = path
    return found


async def desk(made: Installation, session: str) -> tuple[ProvinceSignature, ...] | Refusal:
    """What the desk has of the provinces, none of which it can reach."""
    settings = venue_config.read(made.config(made.main.place.node))
    assert settings.trust_policy is not None
    away = tuple(one.model_copy(update={"url": ""}) for one in settings.provinces)
    policy = quorum.read(settings.trust_policy.read_bytes())
    return await Provinces(settings.model_copy(update={"provinces": away}), policy).sign(session)


def run(*words: object) -> str:
    done = CliRunner().invoke(app, ["province", *map(str, words)])
    assert done.exit_code == 0, done.exception
    return done.output


async def test_by_files_to_and_fro_all_provinces_sign_what_they_had_agreed_to(
    made: Installation, tmp_path: Path
) -> None:
    asked = tmp_path / "asked.json"
    run("request", "--session", "s-1", "--out", asked, "--data", made.data)
    held = keys(made)
    assert tuple(sorted(held)) == NAMES
    for name in NAMES:
        waiting = await desk(made, "s-1")
        assert isinstance(waiting, Refusal)
        assert (waiting.code, waiting.detail["province"] in NAMES) == ("ProvinceUnsigned", True)
        agreed = made.data / "trust.policy"
        run("sign", asked, "--province", name, "--key", held[name], "--policy", agreed)
        run("accept", tmp_path / f"s-1-{name}.json", "--data", made.data)
    signed = await desk(made, "s-1")
    assert not isinstance(signed, Refusal)
    assert sorted(one.province for one in signed) == list(NAMES)
    # For another session each signs anew.
    assert isinstance(await desk(made, "s-2"), Refusal)


def test_a_province_that_waits_hard_signs_no_policy_that_others_can_meet_without_it(
    made: Installation, tmp_path: Path
) -> None:
    asked = province.request(made.data, "s-hard", tmp_path / "asked.json")
    key, agreed = keys(made)["anhui"], made.data / "trust.policy"
    read = quorum.read(agreed.read_text())
    own = ("hefei",)
    assert own[0] in {one.name for one in read.cosigners}
    with pytest.raises(Trouble, match="wants milestones to wait"):
        province.sign(asked, "anhui", key, agreed, None, own)
    assert not list(tmp_path.glob("*-anhui.json"))
    # Two who may each be owed are waited for by nobody, though the quorum needs one of them.
    both = ("hefei", "nanjing")
    assert read.awaits(both)
    with pytest.raises(Trouble, match="wants milestones to wait"):
        province.sign(asked, "anhui", key, agreed, None, both)
    # A name that is no cosigner's is waited for by nobody.
    with pytest.raises(Trouble, match="wants milestones to wait"):
        province.sign(asked, "anhui", key, agreed, None, ["hefei.example"])
    hard = tmp_path / "hard.policy"
    told = files.read_json(made.config("coordinator"))
    for one in told["cosigners"]:
        one["hard"] = one["name"] == "hefei"
    hard.write_text(quorum.write(cosigning.policy_of(read.logs[0], told["cosigners"])))
    awaiting = quorum.read(hard.read_text())
    assert [awaiting.awaits((one.name,)) for one in awaiting.cosigners] == [
        one.name in own for one in awaiting.cosigners
    ]
    signer = Province("anhui", key, hard, own)
    session = trust.digest(trust.of_session(awaiting, "s-hard"))
    assert isinstance(signer.sign("s-hard", session), ProvinceSignature)
    misspelt = Province("anhui", key, hard, (*own, "hefai")).sign("s-hard", session)
    assert isinstance(misspelt, Refusal)
    assert misspelt.code == "ProvinceNotAwaited"
    # Who may be owed signs the same policy; and whoever was told another one signs none of it.
    assert isinstance(Province("jiangsu", key, hard).sign("s-hard", session), ProvinceSignature)
    foreign = Province("anhui", key, agreed, own).sign("s-hard", session)
    assert isinstance(foreign, Refusal)
    assert foreign.code == "PolicyForeign"


def test_another_policy_is_not_signed_and_what_anybody_else_signed_is_not_accepted(
    made: Installation, tmp_path: Path
) -> None:
    asked = province.request(made.data, "s-3", tmp_path / "asked.json")
    held, agreed = keys(made), made.data / "trust.policy"
    other = tmp_path / "other.policy"
    other.write_text(agreed.read_text().replace("live 3", "live 2"))
    assert other.read_text() != agreed.read_text()
    with pytest.raises(Trouble, match="nothing was signed"):
        province.sign(asked, "anhui", held["anhui"], other, None)
    stranger = province.sign(asked, "anhui", held["zhejiang"], agreed, tmp_path / "stranger.json")
    unknown = province.sign(asked, "hubei", held["zhejiang"], agreed, tmp_path / "unknown.json")
    right = province.sign(asked, "anhui", held["anhui"], agreed, tmp_path / "right.json")
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_bytes(right.read_bytes().replace(b'"session":"s-3"', b'"session":"s-4"'))
    for path in (stranger, unknown, elsewhere):
        with pytest.raises(Trouble) as raised:
            province.accept(made.data, path)
        assert raised.value.exit_code == province.WRONG
    with pytest.raises(Trouble) as raised:
        province.accept(made.data, asked)
    assert raised.value.exit_code == province.UNREADABLE
    assert province.accept(made.data, right).path.exists()
