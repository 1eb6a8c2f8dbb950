"""A call of the platform's API, and how its body is read."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from channels.emulator import File, Request
from channels.wechat.emulator.errors import Refusal

ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)
MAX_COUNT = 20

Fields = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """`base` is the address the caller used, `http://host:port`."""

    request: Request
    at: datetime
    base: str

    def fields(self, escapes: int = 47002) -> Fields:
        """The JSON object of the body; backslash-u escapes in it are refused with the code `escapes`."""
        text = self._text()
        if any(found[0].startswith("\\u") for found in ESCAPE.finditer(text)):
            raise Refusal(escapes)
        return _object(text)

    def literal_fields(self) -> Fields:
        """The same, but an escape stands for its own six characters, as the draft calls count it."""
        return _object(ESCAPE.sub(_doubled, self._text()))

    def file(self, name: str = "media") -> File:
        file = self.form()[1].get(name)
        if file is None:
            raise Refusal(41005)
        if not file.content:
            raise Refusal(44001)
        return file

    def form(self) -> tuple[dict[str, str], dict[str, File]]:
        try:
            return self.request.form()
        except ValueError:
            raise Refusal(41005) from None

    def _text(self) -> str:
        if not self.request.body:
            raise Refusal(44002)
        try:
            return self.request.body.decode("utf-8")
        except UnicodeDecodeError:
            raise Refusal(47001) from None


Handler = Callable[[Call], object]


@dataclass(frozen=True)
class Route:
    """Where a path leads. `open`: no token needed; the rest says which accounts have the right."""

    method: str
    handler: Handler
    open: bool = False
    verified: bool = False
    service: bool = False


Routes = dict[str, Route]


def read_text(fields: Fields, name: str, default: str = "") -> str:
    value = fields.get(name, default)
    if value is None:
        return default
    if not isinstance(value, str):
        raise Refusal(47001, f"{name} is not a string")
    return value


def read_number(fields: Fields, name: str, default: int = 0) -> int:
    value = fields.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refusal(47001, f"{name} is not a number")
    return value


def read_flag(fields: Fields, name: str) -> int:
    value = read_number(fields, name)
    if value not in (0, 1):
        raise Refusal(40035, name)
    return value


def read_id(fields: Fields, name: str, code: int) -> int:
    """A number that may also come as text; anything else is refused with `code`."""
    value = fields.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refusal(code)
    return value


def read_page(fields: Fields) -> tuple[int, int]:
    offset, count = read_number(fields, "offset"), read_number(fields, "count")
    if offset < 0 or not 1 <= count <= MAX_COUNT:
        raise Refusal(40097)
    return offset, count


def _doubled(escape: re.Match[str]) -> str:
    return "\\" + escape[0] if escape[0].startswith("\\u") else escape[0]


def _object(text: str) -> Fields:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise Refusal(47001) from None
    if not isinstance(fields, dict):
        raise Refusal(47001)
    return fields
