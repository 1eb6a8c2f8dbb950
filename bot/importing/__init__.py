"""From a file that staff hand in to bodies that may go out: clean HTML, its plain text, its pictures."""

from bot.importing.document import read, take_in
from bot.importing.listing import read_list, take_list
from bot.importing.values import Entry, Imported, ListRefused

__all__ = ["Entry", "Imported", "ListRefused", "read", "read_list", "take_in", "take_list"]
