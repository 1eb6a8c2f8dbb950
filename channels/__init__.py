"""The platforms. A kind of channel is a folder here, found by being there."""

from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from channels.base import ChannelModule
    from channels.emulator import Emulator


def kinds() -> list[str]:
    """The names of all kinds of channel, sorted."""
    return sorted(module.name for module in iter_modules(__path__) if module.ispkg)


def load(kind: str) -> "ChannelModule":
    """The kind's `channel.py`. Raises LookupError for a kind that is not there."""
    if kind not in kinds():
        raise LookupError(kind)
    return cast("ChannelModule", import_module(f"channels.{kind}.channel"))


def has_emulator(kind: str) -> bool:
    """Whether the platform can be played on this machine."""
    return find_spec(f"channels.{kind}.emulator") is not None


def load_emulator(kind: str) -> type["Emulator"]:
    """The kind's emulator class. Raises LookupError for a kind that is not there."""
    if kind not in kinds():
        raise LookupError(kind)
    return cast("type[Emulator]", import_module(f"channels.{kind}.emulator").Emulator)
