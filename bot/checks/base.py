"""What a check is given and what it finds."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\u00ad"
SPACES = "\u00a0\u2002\u2003\u2009\u202f\u3000"
HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufe0e\ufe0f]")
PLAIN: dict[int, str] = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **{ord(dash): "-" for dash in DASHES},
    **{ord(space): " " for space in SPACES},
    **{
        code: str(unicodedata.digit(chr(code)))
        for code in range(0x80, 0x1FFFF)
        if unicodedata.category(chr(code)) == "Nd"
    },
    0xFF5E: "~",
    0x2022: "·",  # the dots that stand in plates and foreign names
    0x30FB: "·",
    0x2027: "·",
}
DIGITS = "〇零一二三四五六七八九"
SPELLED = re.compile(rf"(?<![0-9])[{DIGITS}幺](?:[ -]?[{DIGITS}幺]){{10,}}(?![0-9])")
AS_DIGITS = str.maketrans(f"{DIGITS}幺", "001234567891")
LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"'，。；、）】》]+", re.IGNORECASE | re.ASCII)


class Level(StrEnum):
    """How grave a finding is, gravest first."""

    BLOCK = "block"  # it cannot be submitted
    NEED_REASON = "need_reason"  # who passes it writes why
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True)
class Finding:
    """A fault in a text. `start` and `end` count its code points, end exclusive."""

    kind: str
    level: Level
    start: int
    end: int
    sentence: str
    repair: str | None = None  # what may stand there instead; empty: nothing


@dataclass(frozen=True)
class Words:
    """The lists that an office keeps, besides those that are shipped."""

    protected: tuple[str, ...] = ()  # names and phrases that must be exact
    wrong: tuple[tuple[str, str, str], ...] = ()  # pattern, right word, why
    careful: tuple[tuple[str, str], ...] = ()  # word, what to mind


@dataclass(frozen=True)
class Context:
    """What a check must know besides the text. A host or mailbox domain counts with those below it."""

    today: date  # in Beijing
    words: Words = Words()
    hosts: tuple[str, ...] = ()  # that links may lead to
    mailboxes: tuple[str, ...] = ()  # addresses or domains that are the office's own
    telephones: frozenset[str] = frozenset()  # the directory of offices, digits only; empty: none kept


@dataclass(frozen=True)
class Text:
    """A text and the copy in which numbers are looked for: half width, without hidden characters."""

    raw: str

    @cached_property
    def plain(self) -> str:
        visible = HIDDEN.sub("", self.raw)
        return SPELLED.sub(_in_digits, visible.translate(PLAIN))

    @cached_property
    def _places(self) -> list[int] | None:
        """For each character of `plain` its place in `raw`; None: the same."""
        if not HIDDEN.search(self.raw):
            return None
        return [place for place, char in enumerate(self.raw) if not HIDDEN.match(char)]

    @cached_property
    def links(self) -> list[tuple[int, int]]:
        return [match.span() for match in LINK.finditer(self.plain)]

    def finding(
        self, kind: str, level: Level, span: tuple[int, int], sentence: str, repair: str | None = None
    ) -> Finding:
        """A finding whose span counts `plain`, put back into the text itself."""
        start, end = span
        if self._places is not None:
            start, end = self._places[start], self._places[end - 1] + 1
        return Finding(kind, level, start, end, sentence, repair)

    def lines(self) -> Iterator[tuple[int, str]]:
        """The lines of `plain` that hold something, each with its place."""
        place = 0
        for line in self.plain.split("\n"):
            if line.strip():
                yield place, line
            place += len(line) + 1

    def line_around(self, start: int, end: int) -> tuple[int, int]:
        """The line of `plain` that holds this span."""
        after = self.plain.find("\n", end)
        return self.plain.rfind("\n", 0, start) + 1, after if after >= 0 else len(self.plain)


def _in_digits(match: re.Match[str]) -> str:
    return match[0].translate(AS_DIGITS)


def place(text: str, start: int) -> tuple[int, int]:
    """Line and column of a place in a text, both from 1."""
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
