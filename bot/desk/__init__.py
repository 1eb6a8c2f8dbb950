"""Where items are drafted, reviewed and signed."""

from bot.desk.desk import Desk
from bot.desk.values import Done, Dossier, Item, Proposal

__all__ = ["Desk", "Done", "Dossier", "Item", "Proposal"]
