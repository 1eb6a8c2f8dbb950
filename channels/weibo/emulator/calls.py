"""One call of an app: its parameters, who makes it, and where it leads."""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from channels.emulator import File
from channels.weibo.emulator.platform import BEIJING, Grant, Platform
from channels.weibo.emulator.refusals import invalid, missing

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    platform: Platform
    grant: Grant
    params: Mapping[str, str]
    files: Mapping[str, File]
    now: datetime

    def need(self, name: str) -> str:
        """The parameter's text. Raises Refusal if it is not there."""
        if name not in self.params:
            raise missing(name)
        return self.params[name]

    def number(self, name: str, default: int) -> int:
        """Raises Refusal if the parameter is no whole number."""
        text = self.params.get(name) or str(default)
        if not text.isascii() or not text.isdigit():
            raise invalid(name, "int", text)
        return int(text)

    def look_at_rip(self) -> None:
        """Raises Refusal unless `rip` is an address of the acting machine."""
        try:
            ipaddress.ip_address(self.need("rip"))
        except ValueError:
            raise invalid("rip", "ip", self.params["rip"]) from None


@dataclass(frozen=True)
class Route:
    """`counted`: the call is one of the user's 100 a day."""

    method: str
    handle: Callable[[Call], Json | list[Json]]
    counted: bool = True


def moment(at: datetime) -> str:
    """Wed Oct 24 23:49:17 +0800 2012"""
    return at.astimezone(BEIJING).strftime("%a %b %d %H:%M:%S %z %Y")


def rounded(number: int) -> int:
    """An id as the platform prints it when it passed through a float of 12 digits."""
    return int(float(f"{number:.11e}"))


def newest(items: list[Json], call: Call, most: int) -> list[Json]:
    """One page of a list, newest first."""
    count = min(call.number("count", most), most)
    first = (max(call.number("page", 1), 1) - 1) * count
    return items[first : first + count]
