"""The identity node's certificates, as the settings say: there is one where a trust list is named."""

from pathlib import Path
from typing import Any, cast

from ops import senses
from ops.ca import alliance
from server.config import Bounds, Settings
from server.gateway.identity_node import IdentityNode
from server.senses import Senses
from server.store.sqlite import SqliteStore
from server.telemetry import Meters

ORIGIN = "https://coordinator.example"


async def test_it_begins_and_ends_with_a_list_and_is_not_there_without_one(tmp_path: Path) -> None:
    folder = tmp_path / "authorities"
    alliance.make(folder, senses.now_ms())
    alliance.publish(folder, senses.now_ms())
    store = SqliteStore(tmp_path / "store.db", Meters(), 1)
    for trust_list in (None, folder / alliance.FILE):
        settings: Any = Settings.model_construct(
            trust_list=trust_list, http_origin="", data_dir=tmp_path, bounds=Bounds()
        )
        made = IdentityNode.of(
            settings, cast(Any, None), store, cast(Any, None), Senses(), cast(Any, None), lambda: ORIGIN
        )
        assert (made is None) == (trust_list is None)
        if made is not None:
            await made.start()
            await made.stop()
            await made.stop()
    await store.close()
