"""Garbled text, names that must be exact, wrong and careful words, doubled characters."""

import re
from collections.abc import Iterator
from functools import cache

from bot.checks import data
from bot.checks.base import Context, Finding, Level, Text

HAN = "\u3400-\u9fff"
TONES = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
PINYIN = re.compile(
    rf"(?<=[{HAN}])[(（] ?[a-zü{TONES}]{{0,6}}[{TONES}][a-zü{TONES}' ]{{0,24}}[)）]", re.IGNORECASE
)
REMAINS = re.compile(
    r"&(?:nbsp|lt|gt|amp|quot|ldquo|rdquo|middot|mdash|#[0-9]{2,5});"
    r"|</?(?:p|br|span|div|font|td|tr|th|table|tbody|strong|em|img|style|script|section|o:p)\b[^<>\n]{0,200}>"
    rf"|\ufffd+|[\ue000-\uf8ff]+|锟斤拷|烫烫烫|屯屯屯|(?<=[{HAN}])\?{{2,}}(?=[{HAN}])",
    re.IGNORECASE,
)
DOUBLED = re.compile(
    "了了(?!解|[然事])|的的(?!确)|是是(?!非)|和和(?![美气睦])|与与|及及|为为|将将|被被|把把|人人(?=员)"
    "|元元|号号|第第|地地(?![道])"
    r"|(?:，，|。。(?!。)|、、|；；|：：)"
    rf"|(?P<word>[{HAN}]{{3,8}})(?P=word)|其中[:：]其中|(?P<pair>工作|进行|通知|关于|单位|人员|问题|情况"
    "|公开|政府|以及|按照|根据|落实|开展|加强)(?P=pair)"
)
MOST_SHOWN = 8
LEAST_TRADITIONAL = 3  # one or two may stand in a name


def check(text: Text, context: Context) -> list[Finding]:
    return [
        *_garbled(text),
        *_traditional(text),
        *_doubled(text),
        *_grave(text),
        *_protected(text, context.words.protected),
        *_wrong(text, context.words.wrong),
        *_careful(text, context.words.careful),
    ]


def without_pinyin(text: str) -> tuple[str, int]:
    """The text without the notes of pinyin that mirror sites put behind characters, and how many it had."""
    return PINYIN.subn("", text)


@cache
def traditional() -> frozenset[str]:
    """Characters in daily use in the traditional script alone: of Big5's first plane, and not in GB 2312."""
    found = set()
    for lead in range(0xA4, 0xC7):
        for trail in (*range(0x40, 0x7F), *range(0xA1, 0xFF)):
            char = bytes((lead, trail)).decode("big5", "ignore")
            if len(char) == 1 and not char.encode("gb2312", "ignore"):
                found.add(char)
    return frozenset(found)


def _garbled(text: Text) -> Iterator[Finding]:
    for match in PINYIN.finditer(text.raw):
        sentence = f"“{match[0]}”是转载网站加上的拼音注音，请删去。"
        yield Finding("garbling", Level.BLOCK, *match.span(), sentence, "")
    for match in REMAINS.finditer(text.raw):
        sentence = f"“{match[0][:12]}”是乱码或网页代码的残留，请对照原文改正。"
        yield Finding("garbling", Level.BLOCK, *match.span(), sentence, REPAIRS.get(match[0].lower()))


REPAIRS = {
    "&nbsp;": " ",
    "&amp;": "&",
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&middot;": "·",
    "&mdash;": "—",
}


def _traditional(text: Text) -> Iterator[Finding]:
    """One finding for the whole text, since a garbled text has a thousand."""
    places = [place for place, char in enumerate(text.raw) if char in traditional()]
    shown = "".join(dict.fromkeys(text.raw[place] for place in places))
    if len(shown) >= LEAST_TRADITIONAL:
        sentence = f"文中有 {len(places)} 处繁体字（如“{shown[:MOST_SHOWN]}”），请对照原文改为简体字。"
        yield Finding("traditional", Level.WARN, places[0], places[0] + 1, sentence)


def _doubled(text: Text) -> Iterator[Finding]:
    for match in DOUBLED.finditer(text.raw):
        half = match[0][: len(match[0]) // 2]
        sentence = f"“{match[0]}”重复了，请核对是否多出“{half}”。"
        yield Finding("doubled", Level.WARN, *match.span(), sentence, half)


@cache
def _grave_words() -> tuple[re.Pattern[str], dict[str, str]]:
    table: dict[str, str] = dict(data.rows("grave.tsv"))
    return re.compile("|".join(map(re.escape, table))), table


def _grave(text: Text) -> Iterator[Finding]:
    pattern, table = _grave_words()
    for match in pattern.finditer(text.raw):
        sentence = f"“{match[0]}”是严重表述错误，应为“{table[match[0]]}”，请改正。"
        yield Finding("grave_misstatement", Level.BLOCK, *match.span(), sentence, table[match[0]])


def _protected(text: Text, phrases: tuple[str, ...]) -> Iterator[Finding]:
    """Strings one edit away from a phrase that must be exact. Where the exact phrase stands, nothing is."""
    exact = [span for phrase in phrases for span in _places(text.raw, phrase)]
    seen: set[int] = set()
    for phrase in phrases:
        for start, end in _near_misses(text.raw, phrase):
            inside = any(first < end and start < last for first, last in exact)
            if not inside and start not in seen:
                seen.add(start)
                sentence = f"“{text.raw[start:end]}”与“{phrase}”只差一个字，请核对，应使用规范表述。"
                yield Finding("protected", Level.BLOCK, start, end, sentence, phrase)


def _near_misses(text: str, phrase: str) -> Iterator[tuple[int, int]]:
    """One edit leaves one half of a phrase whole, so only the places of the halves are looked at."""
    half = len(phrase) // 2
    starts = {start for start, _ in _places(text, phrase[:half])}
    for start, _ in _places(text, phrase[half:]):
        starts.update(start - half + shift for shift in (-1, 0, 1))
    for start in sorted(starts):
        for size in (len(phrase), len(phrase) + 1, len(phrase) - 1):
            words = text[max(start, 0) : start + size]
            if start >= 0 and len(words) == size and "\n" not in words and _one_edit(words, phrase):
                yield start, start + size
                break


def _places(text: str, words: str) -> Iterator[tuple[int, int]]:
    start = text.find(words)
    while start >= 0:
        yield start, start + len(words)
        start = text.find(words, start + 1)


def _one_edit(words: str, phrase: str) -> bool:
    """One character lost or added inside, one changed, or two neighbours swapped."""
    shorter = min(len(words), len(phrase))
    head = next((place for place in range(shorter) if words[place] != phrase[place]), shorter)
    rest, wanted = words[head:], phrase[head:]
    if len(words) == len(phrase):
        return rest[1:] == wanted[1:] or (rest[:2] == wanted[1::-1] and rest[2:] == wanted[2:])
    if len(words) > len(phrase):
        return bool(wanted) and head > 0 and rest[1:] == wanted
    return bool(rest) and head > 0 and rest == wanted[1:]


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _wrong(text: Text, words: tuple[tuple[str, str, str], ...]) -> Iterator[Finding]:
    for pattern, right, why in words:
        for match in _compiled(pattern).finditer(text.raw):
            sentence = f"“{match[0]}”请核对是否应为“{right}”：{why}。"
            yield Finding("wrong_word", Level.WARN, *match.span(), sentence, right)


def _careful(text: Text, words: tuple[tuple[str, str], ...]) -> Iterator[Finding]:
    for word, note in words:
        for start, end in _places(text.raw, word):
            yield Finding("careful_word", Level.WARN, start, end, f"“{word}”慎用：{note}。")
