"""One house and one report signed by all, for the tests of this room."""

import pytest

from main_venue.signing.statement import Statement
from tests.main_venue.signing import signing_house
from tests.main_venue.signing.signing_house import FIELDS, House


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return signing_house.build(tmp_path_factory.mktemp("signing") / "ca")


@pytest.fixture(scope="session")
def signed_by_all(house: House) -> bytes:
    return house.sign(house.prepared, *((one.name, Statement(one.role)) for one in FIELDS))
