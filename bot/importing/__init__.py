"""From a file that staff hand in to a body that may go out: clean HTML, its plain text, its pictures."""

from bot.importing.document import Imported, read, take_in

__all__ = ["Imported", "read", "take_in"]
