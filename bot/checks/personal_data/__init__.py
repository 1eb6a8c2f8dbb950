"""Personal data of citizens: what must be taken out, or have a reason, before an item is public."""

from bot.checks.base import Context, Finding, Text
from bot.checks.personal_data import addresses, contacts, numbers, people
from bot.checks.personal_data.labels import Labels


def check(text: Text, context: Context) -> list[Finding]:
    labels = Labels(text)
    return [
        *numbers.check(text, context, labels),
        *contacts.check(text, context, labels),
        *addresses.check(text, labels),
        *people.check(text, context, labels),
    ]
