"""Web server, scheduler and worker as processes of their own, on embedded parts and on servers."""

import secrets
from collections.abc import Iterator

import psycopg
import pytest
from redis import Redis

from scheduler.delivery import State
from scheduler.embedded import EmbeddedRedis
from tests.acceptance.office import Office, Program, get, until

ROLES = ("web", "worker", "scheduler")
WELL = {"database": "ok", "redis": "ok", "clock": "ok", "worker": "ok"}


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    """Address of a PostgreSQL database that is gone afterwards."""
    name = f"t{secrets.token_hex(8)}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield postgres.replace("/postgres?", f"/{name}?")
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def on_servers(
    office: Office, database: str, redis_server: EmbeddedRedis, redis: "Redis"
) -> Iterator[Office]:
    """An office whose ledger and queue are on servers, and whose programs end before they do."""
    office.configure(database={"url": database}, redis={"url": redis_server.url})
    yield office
    office.close()


def hire(office: Office) -> dict[str, Program]:
    """One process for each role."""
    return {role: office.serve(role) for role in ROLES}


def address(programs: dict[str, Program]) -> str:
    return str(programs["web"].ready()["address"])


def missing(address: str) -> dict[str, str]:
    """The parts that /health/ready does not find well."""
    answer = get(f"{address}/health/ready")
    found = {name: word for name, word in answer.json().items() if word != "ok"}
    assert answer.status_code == (503 if found else 200)
    return found


def test_three_processes_on_one_folder_do_the_job(office: Office) -> None:
    programs = hire(office)
    office.sign(10)
    office.wait_for(State.PUBLISHED, 20, 30)
    assert office.complaints() == []
    until(lambda: not missing(address(programs)), 10, "all is well")
    assert get(f"{address(programs)}/health/ready").json() == WELL


def test_readiness_names_the_part_that_was_stopped(office: Office) -> None:
    programs = hire(office)
    until(lambda: not missing(address(programs)), 10, "all is well")
    programs["scheduler"].stop()
    assert missing(address(programs)) == {"clock": "missing"}
    assert get(f"{address(programs)}/health/live").status_code == 200
    programs["worker"].stop()
    assert missing(address(programs)) == {"clock": "missing", "worker": "missing"}


def test_three_processes_on_postgresql_and_a_redis_server_do_the_job(on_servers: Office) -> None:
    programs = hire(on_servers)
    on_servers.sign(10)
    on_servers.wait_for(State.PUBLISHED, 20, 30)
    assert on_servers.complaints() == []
    until(lambda: not missing(address(programs)), 10, "all is well")
    assert not on_servers.database.exists()


def test_two_offices_at_work_at_once_double_nothing(on_servers: Office) -> None:
    on_servers.serve()
    on_servers.serve("scheduler", "worker")
    on_servers.sign(25)
    on_servers.wait_for(State.PUBLISHED, 50, 40)
    assert on_servers.complaints() == []
