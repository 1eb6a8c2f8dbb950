"""The configuration: one TOML file, read once, checked whole."""

from bot.errors import SettingsError
from bot.settings.example import example
from bot.settings.models import Account, Column, Settings
from bot.settings.reading import find, load
from bot.settings.shown import shown

__all__ = ["Account", "Column", "Settings", "SettingsError", "example", "find", "load", "shown"]
