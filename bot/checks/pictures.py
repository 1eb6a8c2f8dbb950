"""Pictures: words for those who cannot see them, and nothing secret in their names."""

from bot.checks import check as check_text
from bot.checks.base import Context, Finding, Level
from channels.base import Picture


def check(picture: Picture, context: Context) -> list[Finding]:
    """Places count the alternative text; what only the name holds counts from its beginning."""
    return [*_without_words(picture), *check_text(picture.alt, context), *_in_name(picture, context)]


def _without_words(picture: Picture) -> list[Finding]:
    if picture.alt.strip():
        return []
    sentence = f"“{picture.name}”没有文字说明，看不见图片的人读不到它，请补上。"
    return [Finding("picture", Level.WARN, 0, 0, sentence)]


def _in_name(picture: Picture, context: Context) -> list[Finding]:
    return [each for each in check_text(picture.name, context) if each.level is Level.BLOCK]
