from collections.abc import Iterator
from pathlib import Path

import pytest

from channels import load_emulator
from tests.acceptance.office import Office

KINDS = ("wechat", "weibo")
OF_A_KIND = 4  # a platform lets one account post only so often in an hour


@pytest.fixture
def bare_office(tmp_path: Path) -> Iterator[Office]:
    """A folder without configuration or platforms."""
    office = Office(tmp_path)
    yield office
    office.close()


@pytest.fixture
def office(bare_office: Office) -> Office:
    """One account on each platform."""
    return furnished(bare_office, 1)


@pytest.fixture
def large_office(bare_office: Office) -> Office:
    """Several accounts on each platform."""
    return furnished(bare_office, OF_A_KIND)


def furnished(office: Office, of_a_kind: int) -> Office:
    for kind in KINDS:
        for number in range(of_a_kind):
            office.play(f"{kind}-{number}", load_emulator(kind)(seed=number))
    office.configure()
    return office
