"""What is wrong with a text: offline, pure, fast.

Each family is one module with `check(text, context)`. `check` looks at a text, `posts.look_over` at a post.
"""

from bot.checks import form, links, personal_data, secrecy, wording
from bot.checks.base import Context, Finding, Level, Text, Words

__all__ = ["Context", "Finding", "Level", "Words", "check"]

FAMILIES = (personal_data.check, secrecy.check, wording.check, form.check, links.check)


def check(text: str, context: Context) -> list[Finding]:
    """All findings in a text, in the order of their places."""
    whole = Text(text)
    found = [finding for family in FAMILIES for finding in family(whole, context)]
    return sorted(found, key=lambda finding: (finding.start, finding.end, finding.kind))
