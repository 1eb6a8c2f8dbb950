"""Where items are drafted, reviewed and signed."""

from bot.desk.desk import Desk
from bot.desk.values import Done, Dossier, Item, Proposal
from bot.desk.withdrawals import Withdrawals

__all__ = ["Desk", "Done", "Dossier", "Item", "Proposal", "Withdrawals"]
