"""The provinces' word before a session: asked of their cosigners when the agent has a booking prepared."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from main_venue.agent_desk import AgentDesk
from main_venue.case_shelf import CaseShelf
from main_venue.provinces import Provinces
from protocol import canonical
from protocol import commands as cmd
from protocol.hidden import Disclosed
from protocol.ledger import kinds, note, quorum, trust
from protocol.ledger.quorum import Party, Policy
from protocol.refusals import Refusal, refuse
from protocol.replay_cosigner import genesis_fault
from protocol.wire import Prepare, Prepared
from protocol.words import SESSION_STAGE
from sub_venue.config import ProvinceSettings, Settings
from sub_venue.cosigner import settings as cosigner_settings
from sub_venue.cosigner.asking import Asking
from sub_venue.cosigner.book import Book
from sub_venue.cosigner.door import Door
from sub_venue.cosigner.province import Province
from sub_venue.cosigner.service import Service
from sub_venue.journal.disk import Disk
from sub_venue.senses import Senses
from tests.protocol.world import key, private_key, salt
from tests.sub_venue.conftest import ROOT, pem

LOG = note.ed25519_signer("bids.example", private_key("log")).key
POLICY = trust.live(Party("bids.example", LOG, ""), ())
OTHER = replace(POLICY, logs=(Party("x.example", note.read_vkey(note.vkey("x.example", LOG.public)), ""),))


def agreed(folder: Path, name: str, policy: Policy) -> None:
    folder.mkdir()
    (folder / "key").write_bytes(pem(name))
    (folder / "policy").write_text(quorum.write(policy))


@contextlib.asynccontextmanager
async def cosigner(
    folder: Path, name: str, policy: Policy = POLICY, awaited: tuple[str, ...] = ()
) -> AsyncIterator[ProvinceSettings]:
    """The cosigner of a province that has agreed to a policy, where it waits for those cosigners."""
    agreed(folder, name, policy)
    signer = note.ed25519_signer(f"{name}.example/c", private_key(f"{name} cosigner"), kinds.COSIGNATURE)
    told = cosigner_settings.Settings(
        name=signer.key.name, data_dir=folder / "data", key=folder, http_port=0, logs=()
    )
    disk, asking = Disk(1_000), Asking(told.bounds)
    service = Service(told, (signer,), Book(told, disk), asking, Senses())
    door = Door(told, service, None, Province(name, folder / "key", folder / "policy", awaited))
    port = await door.open()
    try:
        yield ProvinceSettings(province=name, key=key(name), url=f"http://127.0.0.1:{port}")
    finally:
        await door.close()
        await asking.close()
        await disk.close()


def settings(*provinces: ProvinceSettings) -> Settings:
    nowhere = Path("nowhere")
    return Settings(
        node="hefei", zh="合肥", province="anhui", role="main", data_dir=nowhere, http_port=0,
        http_name="hefei.localhost", coordinator_url="https://127.0.0.1:1", coordinator_name="coordinator",
        ca=nowhere, cert=nowhere, key=nowhere, node_key=nowhere, installation_key=key("installation"),
        provinces=provinces,
    )  # fmt: skip


async def test_all_provinces_sign_what_they_agreed_to_and_who_does_not_is_named(tmp_path: Path) -> None:
    async with (
        cosigner(tmp_path / "a", "anhui") as anhui,
        cosigner(tmp_path / "j", "jiangsu") as jiangsu,
        cosigner(tmp_path / "z", "zhejiang", OTHER) as zhejiang,
    ):
        signed = await Provinces(settings(anhui, jiangsu), POLICY).sign("s-1")
        assert not isinstance(signed, Refusal)
        assert [one.province for one in signed] == ["anhui", "jiangsu"]
        assert await Provinces(settings(), POLICY).sign("s-1") == ()
        for wrong in (
            zhejiang,
            jiangsu.model_copy(update={"key": key("stranger")}),
            jiangsu.model_copy(update={"url": "http://127.0.0.1:1"}),
            jiangsu.model_copy(update={"province": "shanghai"}),
        ):
            found = await Provinces(settings(anhui, wrong), POLICY).sign("s-1")
            assert isinstance(found, Refusal)
            assert (found.code, found.detail["province"]) == ("ProvinceUnsigned", wrong.province)


async def test_a_province_that_waits_hard_signs_at_its_door_what_waits_for_it_alone(tmp_path: Path) -> None:
    names = ("anhui", "jiangsu", "shanghai", "zhejiang")
    signers = {
        name: note.ed25519_signer(f"{name}.example/c", private_key(name), kinds.COSIGNATURE) for name in names
    }
    four = [(name, (one.key,), "") for name, one in signers.items()]
    log = Party("bids.example", LOG, "")
    for number, (hard, code) in enumerate((((), "ProvinceNotAwaited"), (("anhui",), ""))):
        policy = trust.live(log, four, hard=hard)
        async with cosigner(tmp_path / f"a{number}", "anhui", policy, ("anhui",)) as anhui:
            found = await Provinces(settings(anhui), policy).sign("s-1")
        assert (found.code if isinstance(found, Refusal) else "") == code


@pytest.mark.parametrize("rules", ["3", "4"])
async def test_a_booking_carries_their_signatures_where_its_rules_ask_for_them(
    tmp_path: Path, rules: str
) -> None:
    case = json.loads((ROOT / "ops" / "sample" / "case.json").read_text())
    source = json.dumps(case | {"rules": rules})
    async with cosigner(tmp_path / "a", "anhui") as anhui:
        signed = await Provinces(settings(anhui), POLICY).sign("s-1")
    desk = AgentDesk(
        CaseShelf(tmp_path / "cases"), lambda *why: salt("/".join(why)), key("installation"), "hefei",
        policy=POLICY,
    )  # fmt: skip
    ask = Prepare(session="s-1", type="BookSession", stage=SESSION_STAGE, source=source)
    made = desk.prepare(ask, None, Disclosed(), (), provinces=signed)
    assert isinstance(made, Prepared), made
    booked = canonical.decode(made.content.encode(), cmd.BookSession)
    assert booked.province_signatures == (signed if rules == "4" else ())
    assert (genesis_fault("s-1", booked, {"anhui": anhui.key}) == "") == (rules == "4")
    away = desk.prepare(ask, None, Disclosed(), (), provinces=refuse("ProvinceUnsigned", province="anhui"))
    assert isinstance(away, Refusal if rules == "4" else Prepared)
