"""Document numbers, numbering and book marks."""

import re
from collections.abc import Iterator

from bot.checks.base import Finding, Level, Text

HAN = "\u3400-\u9fff"
NUMBER = re.compile(
    rf"(?<=[{HAN}])(?P<open>[〔\[(【﹝〖<「])(?P<year>[0-9]{{4}}|[0-9]{{2}})(?P<close>[〕\])】﹞〗>」])"
    r" ?(?P<nth>第)?(?P<zeros>0*)(?P<number>[1-9][0-9]{0,4}) ?号"
)
LAND = re.compile(r"(?:国用|集用|房权证|林证|令|字第?|集有)$")
CHINESE = "一二三四五六七八九十"
NUMERAL = rf"(?P<numeral>[{CHINESE}百零]{{1,5}})"
SERIES = (
    re.compile(rf"(?m)^[ \t]*{NUMERAL}、"),
    re.compile(rf"(?m)^[ \t]*\({NUMERAL}\)"),
    re.compile(rf"(?m)^[ \t]*第{NUMERAL}条[ \t:]"),
)
MARKS = re.compile("[《》<>〈〉]|\n")
INNER = {"《": "〈", "<": "〈", "》": "〉", ">": "〉"}


def check(text: Text) -> list[Finding]:
    return [*_document_numbers(text), *_numbering(text), *_book_marks(text)]


def _document_numbers(text: Text) -> Iterator[Finding]:
    for match in NUMBER.finditer(text.plain):
        if LAND.search(text.plain[max(0, match.start() - 4) : match.start()]):
            continue
        year = match["year"] if len(match["year"]) == 4 else f"20{match['year']}"
        right = f"〔{year}〕{match['number']}号"
        if match[0].replace(" ", "") != right:
            sentence = f"发文字号“{match[0]}”应为“{right}”：六角括号、四位年份，不加“第”，不补零。"
            yield text.finding("document_number", Level.WARN, match.span(), sentence, right)


def _numbering(text: Text) -> Iterator[Finding]:
    for pattern in SERIES:
        last = 0
        for match in pattern.finditer(text.plain):
            number = value(match["numeral"])
            if last and number not in (1, last + 1):
                sentence = f"序号“{match[0].strip()}”前面是第 {last} 个，请核对是否漏号或重号。"
                yield text.finding("numbering", Level.WARN, match.span(), sentence)
            last = number


def value(numeral: str) -> int:
    """A Chinese numeral below a thousand."""
    hundreds, found, rest = numeral.rpartition("百")
    tens, ten, ones = rest.strip("零").rpartition("十")
    return (
        (100 * (_digit(hundreds) or 1) if found else 0)
        + (10 * (_digit(tens) or 1) if ten else 0)
        + _digit(ones)
    )


def _digit(char: str) -> int:
    return CHINESE.find(char) + 1 if char else 0


def _book_marks(text: Text) -> Iterator[Finding]:
    """Marks inside a title are single ones; every one is closed in its paragraph."""
    open_at: list[int] = []
    for match in MARKS.finditer(text.plain):
        mark, place = match[0], match.start()
        if mark == "\n":
            yield from (_unpaired(text, each) for each in open_at)
            open_at = []
        elif mark in "《<〈":
            if mark == "《" or open_at:
                if open_at and mark in INNER:
                    yield _inner(text, place, mark)
                open_at.append(place)
        elif open_at:
            inside = len(open_at) > 1
            open_at.pop()
            if inside and mark in INNER:
                yield _inner(text, place, mark)
        elif mark == "》":
            yield _unpaired(text, place)
    yield from (_unpaired(text, each) for each in open_at)


def _inner(text: Text, place: int, mark: str) -> Finding:
    sentence = f"书名号里面的书名号应为“{INNER[mark]}”，现为“{mark}”。"
    return text.finding("book_mark", Level.WARN, (place, place + 1), sentence, INNER[mark])


def _unpaired(text: Text, place: int) -> Finding:
    sentence = f"书名号“{text.plain[place]}”没有成对，请补上另一半。"
    return text.finding("book_mark", Level.WARN, (place, place + 1), sentence)
