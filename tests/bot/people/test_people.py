from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import Engine, select

from bot import audit
from bot.errors import RuleBroken
from bot.people import Grant, People, Role
from bot.people.people import SHUT, TRIES, WrongLogin
from bot.sessions import Sessions
from bot.tables import people as table
from scheduler.database import reading
from tests.support import NOW

FIRST, OWN, BY = "first-word-of-four", "three quiet lakes", "管理员"
ADMINISTRATOR, DRAFTER = {Grant(Role.ADMINISTRATOR)}, {Grant(Role.DRAFTER, "党政办")}
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def people(engine: Engine) -> People:
    return People(engine)


def test_a_person_logs_in_with_name_and_password(people: People) -> None:
    people.add(" 王芳 ", DRAFTER, FIRST, NOW, BY)
    found = people.log_in("王芳", FIRST, "", NOW)
    assert (found.name, found.grants, found.must_change) == ("王芳", frozenset(DRAFTER), True)


def test_passwords_are_kept_as_argon2_alone(people: People, engine: Engine) -> None:
    people.add("王芳", DRAFTER, FIRST, NOW, BY)
    with reading(engine) as connection:
        row = connection.execute(select(table)).mappings().one()
    assert row["password"].startswith("$argon2id$")
    assert FIRST not in str(dict(row))


@pytest.mark.parametrize(("name", "password"), [("王芳", "wrong"), ("无此人", FIRST), ("", "")])
def test_a_wrong_login_does_not_say_what_was_wrong(people: People, name: str, password: str) -> None:
    people.add("王芳", DRAFTER, FIRST, NOW, BY)
    with pytest.raises(WrongLogin, match="姓名、密码或验证码不对"):
        people.log_in(name, password, "", NOW)


def test_too_many_wrong_tries_shut_the_door_for_a_while(people: People) -> None:
    people.add("王芳", DRAFTER, FIRST, NOW, BY)
    for _ in range(TRIES):
        with pytest.raises(WrongLogin):
            people.log_in("王芳", "wrong", "", NOW)
    with pytest.raises(RuleBroken, match="请 15 分钟后再试"):
        people.log_in("王芳", FIRST, "", NOW)
    assert people.log_in("王芳", FIRST, "", NOW + SHUT)


def test_a_good_login_forgets_the_wrong_tries(people: People) -> None:
    people.add("王芳", DRAFTER, FIRST, NOW, BY)
    for _ in range(2):
        for _ in range(TRIES - 1):
            with pytest.raises(WrongLogin):
                people.log_in("王芳", "wrong", "", NOW)
        people.log_in("王芳", FIRST, "", NOW)


def test_a_code_of_the_phone_is_wanted_once_it_is_set_and_counts_once(people: People) -> None:
    number = people.add("王芳", DRAFTER, FIRST, NOW, BY)
    totp, later = pyotp.TOTP(SECRET), NOW + timedelta(minutes=2)
    people.set_otp(number, SECRET, totp.at(NOW), NOW)
    with pytest.raises(WrongLogin):
        people.log_in("王芳", FIRST, "", later)
    assert people.log_in("王芳", FIRST, totp.at(later), later).has_otp
    with pytest.raises(WrongLogin):
        people.log_in("王芳", FIRST, totp.at(later), later)


@pytest.mark.parametrize("secret", [SECRET, "nonsense", ""])
def test_a_second_factor_is_set_only_with_a_right_code(people: People, secret: str) -> None:
    number = people.add("王芳", DRAFTER, FIRST, NOW, BY)
    with pytest.raises(RuleBroken, match="验证码不对"):
        people.set_otp(number, secret, "000000", NOW)
    assert not people.get(number).has_otp


def test_a_second_factor_is_dropped_only_with_the_password(people: People) -> None:
    number = people.add("王芳", DRAFTER, FIRST, NOW, BY)
    people.set_otp(number, SECRET, pyotp.TOTP(SECRET).at(NOW), NOW)
    with pytest.raises(RuleBroken, match="密码不对"):
        people.drop_otp(number, "wrong")
    people.drop_otp(number, FIRST)
    assert not people.get(number).has_otp


@pytest.mark.parametrize(
    "password", ["short", "aaaaaaaaaaaa", "password2026!", "王芳的密码是这个嗯", "x1" * 200]
)
def test_weak_passwords_are_refused_with_a_sentence(people: People, password: str) -> None:
    number = people.add("王芳", DRAFTER, FIRST, NOW, BY)
    with pytest.raises(RuleBroken, match="请"):
        people.change_password(number, FIRST, password)


def test_a_changed_password_is_ones_own(people: People) -> None:
    number = people.add("王芳", DRAFTER, FIRST, NOW, BY)
    people.change_password(number, FIRST, OWN)
    assert not people.log_in("王芳", OWN, "", NOW).must_change


def test_two_people_cannot_have_one_name(people: People) -> None:
    people.add("王芳", DRAFTER, FIRST, NOW, BY)
    with pytest.raises(RuleBroken, match="已经有“王芳”了"):
        people.add("王芳", ADMINISTRATOR, FIRST, NOW, BY)


def test_the_last_administrator_stays(people: People) -> None:
    number = people.add("管理员", ADMINISTRATOR, FIRST, NOW, BY)
    with pytest.raises(RuleBroken, match="最后一位管理员"):
        people.lock(number, NOW, BY)
    with pytest.raises(RuleBroken, match="最后一位管理员"):
        people.grant(number, DRAFTER, NOW, BY)
    people.add("第二位", ADMINISTRATOR, FIRST, NOW, BY)
    people.grant(number, DRAFTER, NOW, BY)
    assert people.get(number).grants == frozenset(DRAFTER)


def test_who_is_locked_is_out_at_once_and_stays_out(people: People, engine: Engine) -> None:
    number = people.add("王芳", DRAFTER, FIRST, NOW, BY)
    sessions = Sessions(engine)
    sessions.begin(number, "token", NOW)
    people.lock(number, NOW, BY)
    assert sessions.find("token", NOW) is None
    with pytest.raises(RuleBroken, match="已停用"):
        people.log_in("王芳", FIRST, "", NOW)
    people.unlock(number, NOW, BY)
    assert people.log_in("王芳", FIRST, "", NOW)


def test_a_reset_ends_sessions_and_the_second_factor(people: People, engine: Engine) -> None:
    number = people.add("王芳", DRAFTER, FIRST, NOW, BY)
    people.set_otp(number, SECRET, pyotp.TOTP(SECRET).at(NOW), NOW)
    Sessions(engine).begin(number, "token", NOW)
    people.reset(number, "another-first-word", NOW, BY)
    assert Sessions(engine).find("token", NOW) is None
    assert people.log_in("王芳", "another-first-word", "", NOW).must_change


def test_what_is_done_to_people_stands_on_record(people: People, engine: Engine) -> None:
    number = people.add("王芳", DRAFTER, FIRST, NOW, BY)
    people.grant(number, {Grant(Role.REVIEWER)}, NOW, BY)
    people.lock(number, NOW, BY)
    with reading(engine) as connection:
        entries = list(audit.entries(connection))
    assert [entry.act for entry in entries] == ["add_person", "grant_roles", "lock_person"]
    assert {(entry.actor, entry.kind) for entry in entries} == {(BY, "person")}
    assert FIRST not in str(entries)
