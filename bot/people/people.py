"""The people of the house, in the database. Each verb is one transaction."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pyotp
from sqlalchemy import Connection, Engine, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot import audit
from bot.errors import RuleBroken
from bot.importing.titles import tidy
from bot.people import passwords
from bot.people.rights import Grant, Person, Role
from bot.tables import grants, people, sessions
from scheduler.database import reading

TRIES = 5  # wrong ones in a row
SHUT = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)
OTP_SECONDS = 30
ISSUER = "公报"
SECRET = re.compile(r"[A-Z2-7]{32}")
WRONG = "姓名、密码或验证码不对，请核对后再试。"

Row = Mapping[str, Any]


class WrongLogin(RuleBroken):
    """Says nothing of which part was wrong."""


class People:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self,
        name: str,
        given: Iterable[Grant],
        password: str,
        now: datetime,
        by: str,
        must_change: bool = True,
    ) -> int:
        """A new person; `must_change` this password at the first login. Raises RuleBroken."""
        given = set(given)
        name = _want_a_name(name)
        row = {
            "name": name,
            "password": passwords.hashed(password),
            "must_change": must_change,
            "otp_secret": "",
            "otp_step": 0,
            "failures": 0,
            "added_at": now,
        }
        try:
            with self._engine.begin() as connection:
                person_id = connection.execute(insert(people).values(row).returning(people.c.id)).scalar_one()
                _write_grants(connection, person_id, given)
                _put_on_record(connection, "add_person", person_id, by, now, roles=_words(given))
        except IntegrityError:
            raise RuleBroken(f"已经有“{name}”了，同名的人请在姓名后加单位以示区别。") from None
        return int(person_id)

    def log_in(self, name: str, password: str, code: str, now: datetime) -> Person:
        """Raises WrongLogin; after too many wrong tries, RuleBroken with the time until which it stays shut.

        The try is counted before the password is looked at, so tries at the same time count as well.
        """
        row = self._counted_try(tidy(name), now)
        fits = passwords.matches(row["password"] if row else "", password)
        if row is None or not fits:
            raise WrongLogin(WRONG)
        step = _otp_step(row["otp_secret"], row["otp_step"], code, now)
        if row["otp_secret"] and step is None:
            raise WrongLogin(WRONG)
        self._let_in(row, step)
        return self.get(row["id"])

    def change_password(self, person_id: int, old: str, new: str) -> None:
        """By the person; the person's other sessions are ended by the caller. Raises RuleBroken."""
        with self._engine.begin() as connection:
            row = _row(connection, person_id)
            if not passwords.matches(row["password"], old):
                raise RuleBroken("现在的密码不对，请重新输入。")
            if old == new:
                raise RuleBroken("新密码和现在的一样，请换一个。")
            passwords.want_good(new, row["name"])
            _change(connection, person_id, password=passwords.hashed(new), must_change=False)

    def reset(self, person_id: int, password: str, now: datetime, by: str) -> None:
        """A password to be changed at the next login, no second factor, no session left."""
        with self._engine.begin() as connection:
            values = {"password": passwords.hashed(password), "must_change": True, "otp_secret": ""}
            _change(connection, person_id, **values, failures=0, shut_until=None)
            _end_sessions(connection, person_id, now)
            _put_on_record(connection, "reset_password", person_id, by, now)

    def lock(self, person_id: int, now: datetime, by: str) -> None:
        """Nobody logs in as this person until it is undone. Raises RuleBroken for the last administrator."""
        with self._engine.begin() as connection:
            _want_another_administrator(connection, person_id)
            _change(connection, person_id, locked_at=now)
            _end_sessions(connection, person_id, now)
            _put_on_record(connection, "lock_person", person_id, by, now)

    def unlock(self, person_id: int, now: datetime, by: str) -> None:
        with self._engine.begin() as connection:
            _change(connection, person_id, locked_at=None, failures=0, shut_until=None)
            _put_on_record(connection, "unlock_person", person_id, by, now)

    def grant(self, person_id: int, given: Iterable[Grant], now: datetime, by: str) -> None:
        """Give exactly these roles. Raises RuleBroken if no administrator were left."""
        given = set(given)
        with self._engine.begin() as connection:
            _row(connection, person_id)
            if not any(grant.role is Role.ADMINISTRATOR for grant in given):
                _want_another_administrator(connection, person_id)
            connection.execute(delete(grants).where(grants.c.person_id == person_id))
            _write_grants(connection, person_id, given)
            _put_on_record(connection, "grant_roles", person_id, by, now, roles=_words(given))

    def set_otp(self, person_id: int, secret: str, code: str, now: datetime) -> None:
        """A second factor from now on, once a code shows that the phone has it. Raises RuleBroken."""
        step = _otp_step(secret, 0, code, now) if SECRET.fullmatch(secret) else None
        if step is None:
            raise RuleBroken("验证码不对，请核对手机时间，再输入当前的六位数字。")
        with self._engine.begin() as connection:
            _change(connection, person_id, otp_secret=secret, otp_step=step)

    def drop_otp(self, person_id: int, password: str) -> None:
        """Who has only found an open browser cannot. Raises RuleBroken."""
        with self._engine.begin() as connection:
            if not passwords.matches(_row(connection, person_id)["password"], password):
                raise RuleBroken("密码不对，请重新输入。")
            _change(connection, person_id, otp_secret="")

    def get(self, person_id: int) -> Person:
        """Raises RuleBroken for an id that is not there."""
        with reading(self._engine) as connection:
            return _person(_row(connection, person_id), _grants(connection, [person_id]))

    def find(self, name: str) -> Person:
        """Raises RuleBroken for a name that nobody has."""
        with reading(self._engine) as connection:
            found = connection.execute(select(people.c.id).where(people.c.name == tidy(name))).scalar()
        if found is None:
            raise RuleBroken(f"没有叫“{tidy(name)}”的人，请用 gongbao people list 查看名单。")
        return self.get(found)

    def listing(self) -> list[tuple[Person, Row]]:
        """Everybody by name, with what stands in the row."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(people).order_by(people.c.name)).mappings().all()
            given = _grants(connection, [row["id"] for row in rows])
        return [(_person(row, given), dict(row)) for row in rows]

    def _counted_try(self, name: str, now: datetime) -> RowMapping | None:
        """The row, its try counted; None for a name that nobody has. Raises RuleBroken for a shut door."""
        with self._engine.begin() as connection:
            query = select(people).where(people.c.name == name).with_for_update()
            row = connection.execute(query).mappings().one_or_none()
            if row is None:
                return None
            if row["locked_at"] is not None:
                raise RuleBroken("这个账号已停用，请联系管理员。")
            if row["shut_until"] is not None and now < row["shut_until"]:
                minutes = -int((now - row["shut_until"]) // MINUTE)
                raise RuleBroken(f"连续输错次数太多，请 {minutes} 分钟后再试，或请管理员重置密码。")
            failures = row["failures"] + 1
            shut = {"failures": 0, "shut_until": now + SHUT} if failures >= TRIES else {"failures": failures}
            _change(connection, row["id"], **shut)
            return row

    def _let_in(self, row: RowMapping, step: int | None) -> None:
        """The last step is compared again, so of two who bring the same code one comes in."""
        with self._engine.begin() as connection:
            used = {"otp_step": step} if step is not None else {}
            fresh = people.c.otp_step < step if step is not None else people.c.id == row["id"]
            changed = connection.execute(
                update(people)
                .where(people.c.id == row["id"], fresh)
                .values(failures=0, shut_until=None, **used)
            ).rowcount
        if not changed:
            raise WrongLogin(WRONG)


def new_otp_secret() -> str:
    return pyotp.random_base32()


def otp_address(secret: str, name: str) -> str:
    """What an authenticator application reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def _otp_step(secret: str, used: int, code: str, now: datetime) -> int | None:
    """The step of 30 seconds that the code belongs to; None if it is wrong or used already."""
    if not secret:
        return None
    totp = pyotp.TOTP(secret)
    digits = "".join(code.split())
    this = int(now.timestamp()) // OTP_SECONDS
    for step in (this - 1, this, this + 1):
        if step > used and pyotp.utils.strings_equal(digits, totp.generate_otp(step)):
            return step
    return None


def _want_a_name(name: str) -> str:
    name = tidy(name)
    if not 1 <= len(name) <= 40:
        raise RuleBroken("请写上姓名，不超过 40 个字。")
    return name


def _want_another_administrator(connection: Connection, person_id: int) -> None:
    query = (
        select(people.c.id)
        .join(grants, grants.c.person_id == people.c.id)
        .where(grants.c.role == Role.ADMINISTRATOR, people.c.locked_at.is_(None))
    )
    administrators = set(connection.execute(query).scalars())
    if administrators == {person_id}:
        raise RuleBroken("这是最后一位管理员，请先另设一位管理员。")


def _change(connection: Connection, person_id: int, **values: object) -> None:
    connection.execute(update(people).where(people.c.id == person_id).values(**values))


def _end_sessions(connection: Connection, person_id: int, now: datetime) -> None:
    open_ones = (sessions.c.person_id == person_id, sessions.c.ended_at.is_(None))
    connection.execute(update(sessions).where(*open_ones).values(ended_at=now))


def _write_grants(connection: Connection, person_id: int, given: Iterable[Grant]) -> None:
    rows = [
        {"person_id": person_id, "role": grant.role, "unit": tidy(grant.unit)} for grant in sorted(set(given))
    ]
    if rows:
        connection.execute(insert(grants), rows)


def _put_on_record(
    connection: Connection, act: str, person_id: int, by: str, now: datetime, **more: object
) -> None:
    name = _row(connection, person_id)["name"]
    details = {"name": name, **more}
    audit.record(connection, at=now, actor=by, act=act, kind="person", object_id=person_id, details=details)


def _words(given: Iterable[Grant]) -> list[str]:
    return [f"{grant.role}@{grant.unit}" if grant.unit else grant.role for grant in sorted(given)]


def _row(connection: Connection, person_id: int) -> RowMapping:
    row = connection.execute(select(people).where(people.c.id == person_id)).mappings().one_or_none()
    if row is None:
        raise RuleBroken(f"没有编号为 {person_id} 的人员。")
    return row


def _grants(connection: Connection, ids: Iterable[int]) -> dict[int, frozenset[Grant]]:
    found: dict[int, frozenset[Grant]] = {}
    for row in connection.execute(select(grants).where(grants.c.person_id.in_(list(ids)))):
        found[row.person_id] = found.get(row.person_id, frozenset()) | {Grant(Role(row.role), row.unit)}
    return found


def _person(row: RowMapping, given: Mapping[int, frozenset[Grant]]) -> Person:
    return Person(
        row["id"],
        row["name"],
        given.get(row["id"], frozenset()),
        row["must_change"],
        bool(row["otp_secret"]),
    )
