"""Passwords: kept as argon2 hashes, long enough, and drawn where nobody has chosen one yet."""

from collections.abc import Callable, Sequence
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from bot.errors import RuleBroken

LEAST = 10  # characters
MOST = 200
EASY = ("password", "123456", "qwerty", "abcdef", "111111", "admin", "gongbao")
DISTINCT = 5  # different characters at least
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is mistaken for another
HASHER = PasswordHasher()


def hashed(password: str) -> str:
    return HASHER.hash(password)


def matches(kept: str, password: str) -> bool:
    """Takes as long for a name that is not there (`kept` empty), so that names cannot be found out."""
    try:
        return HASHER.verify(kept or _nobody(), password) and bool(kept)
    except (VerifyMismatchError, InvalidHashError):
        return False


def want_good(password: str, name: str) -> None:
    """Raises RuleBroken, which says what is wrong with a new password."""
    if len(password) < LEAST:
        raise RuleBroken(f"密码太短，请设 {LEAST} 个字符以上，例如几个不相干的词连在一起。")
    if len(password) > MOST:
        raise RuleBroken(f"密码太长，请不要超过 {MOST} 个字符。")
    if name in password:
        raise RuleBroken("密码里不要带自己的姓名，请换一个。")
    if len(set(password)) < DISTINCT or any(word in password.lower() for word in EASY):
        raise RuleBroken("这个密码太容易猜到，请换一个。")


def drawn_password(draw: Callable[[Sequence[str]], str]) -> str:
    """Four groups of four, for a first login; `draw` chooses one of the signs."""
    return "-".join("".join(draw(SIGNS) for _ in range(4)) for _ in range(4))


@cache
def _nobody() -> str:
    return hashed("nobody has this password")
