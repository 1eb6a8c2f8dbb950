"""A machine for every story of a module."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.drill.machine import Machine


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    machine = Machine(tmp_path_factory.mktemp("drill"))
    yield machine
    machine.close()


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """What the engine logs here are the mishaps that we made."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
    structlog.configure(**before)
