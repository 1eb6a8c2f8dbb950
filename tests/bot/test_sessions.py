import pytest
from sqlalchemy import Engine, select

from bot.people import People
from bot.sessions import IDLE, LONGEST, Sessions
from bot.tables import sessions as table
from scheduler.database import reading
from tests.support import NOW


@pytest.fixture
def person(engine: Engine) -> int:
    return People(engine).add("王芳", (), "first-word-of-four", NOW, "管理员")


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    return Sessions(engine)


def test_a_session_is_found_by_its_token_alone(sessions: Sessions, person: int) -> None:
    number = sessions.begin(person, "token", NOW)
    found = sessions.find("token", NOW)
    assert found is not None
    assert (found.id, found.person_id) == (number, person)
    assert sessions.find("", NOW) is None
    assert sessions.find("other", NOW) is None


def test_the_token_itself_is_not_kept(sessions: Sessions, person: int, engine: Engine) -> None:
    sessions.begin(person, "a-secret-token", NOW)
    with reading(engine) as connection:
        assert "a-secret-token" not in str(connection.execute(select(table)).one())


def test_an_idle_session_ends(sessions: Sessions, person: int) -> None:
    sessions.begin(person, "token", NOW)
    assert sessions.find("token", NOW + IDLE) is None


def test_use_keeps_a_session_open_until_its_longest(sessions: Sessions, person: int) -> None:
    sessions.begin(person, "token", NOW)
    now = NOW
    while now + IDLE / 2 < NOW + LONGEST:
        now += IDLE / 2
        assert sessions.find("token", now)
    assert sessions.find("token", NOW + LONGEST) is None


def test_ending_the_others_leaves_this_one(sessions: Sessions, person: int) -> None:
    sessions.begin(person, "here", NOW)
    sessions.begin(person, "there", NOW)
    here = sessions.find("here", NOW)
    assert here is not None
    sessions.end_others(here, NOW)
    assert sessions.find("here", NOW)
    assert sessions.find("there", NOW) is None


def test_each_session_has_a_form_token_of_its_own(sessions: Sessions, person: int) -> None:
    for token in ("here", "there"):
        sessions.begin(person, token, NOW)
    found = [sessions.find(token, NOW) for token in ("here", "there")]
    assert len({each.csrf for each in found if each}) == 2


def test_the_list_names_open_sessions_only(sessions: Sessions, person: int) -> None:
    first = sessions.begin(person, "here", NOW, "10.0.0.1", "Firefox")
    sessions.end(sessions.begin(person, "there", NOW), NOW)
    [row] = sessions.listing(NOW)
    assert (row["id"], row["name"], row["address"]) == (first, "王芳", "10.0.0.1")
