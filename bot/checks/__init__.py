"""What is wrong with a text: offline, pure, fast."""

from bot.checks import personal_data
from bot.checks.base import Context, Finding, Level, Text, Words

__all__ = ["Context", "Finding", "Level", "Words", "check"]

FAMILIES = (personal_data.check,)


def check(text: str, context: Context) -> list[Finding]:
    """All findings in a text, in the order of their places."""
    whole = Text(text)
    found = [finding for family in FAMILIES for finding in family(whole, context)]
    return sorted(found, key=lambda finding: (finding.start, finding.end, finding.kind))
