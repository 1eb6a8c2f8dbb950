"""Automatic numbers as text: 一、 and 第三条 are words of a document, and lists of HTML do not know them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from bot.importing.markup import child, children, kind, value

PLAIN = re.compile(r"%\d[.．、]?")
PLACE = re.compile(r"%(\d)")
DIGITS = "〇一二三四五六七八九"
FORMAL = "零壹贰叁肆伍陆柒捌玖"
UNITS = ((1000, "千"), (100, "百"), (10, "十"))
FORMAL_UNITS = ((1000, "仟"), (100, "佰"), (10, "拾"))
ROMAN = (
    *((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC")),
    *((50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")),
)
STYLES_DEEP = 20


@dataclass(frozen=True)
class Level:
    """One level of a list: what its numbers look like, and where they begin."""

    form: str
    text: str
    start: int


class Numbering:
    """The lists of a document, counted on from paragraph to paragraph."""

    def __init__(self, numbering: Element | None, styles: Element | None) -> None:
        self._abstract = {value(each, "abstractNumId"): each for each in children(numbering, "abstractNum")}
        self._lists = {value(each, "numId"): each for each in children(numbering, "num")}
        self._styles = {value(each, "styleId"): each for each in children(styles, "style")}
        self._counts: dict[str, dict[int, int]] = {}

    def write_labels(self, body: Element) -> None:
        """Write each number before its paragraph, except where HTML's own list says the same."""
        for parent in list(body.iter()):
            run: list[tuple[Element, str, int]] = []
            for each in [*parent, None]:
                place = self._place(each) if each is not None and kind(each) == "p" else None
                if place is None or (run and place[0] != run[0][1]):
                    self._write(run)
                    run = []
                if each is not None and place is not None:
                    run.append((each, *place))

    def _write(self, run: list[tuple[Element, str, int]]) -> None:
        """Label paragraphs of one list that follow each other."""
        labels = [(paragraph, self._label(number, depth)) for paragraph, number, depth in run]
        if _is_html_list([label for _, label in labels], run, self._level):
            return
        for paragraph, label in labels:
            if label:
                _write_label(paragraph, label)

    def _place(self, paragraph: Element) -> tuple[str, int] | None:
        """Number of the list and depth in it; None for a paragraph without number."""
        properties = child(paragraph, "pPr")
        style = value(child(properties, "pStyle"))
        for _ in range(STYLES_DEEP):
            mark = child(properties, "numPr")
            number = value(child(mark, "numId"))
            if number is not None:
                depth = value(child(mark, "ilvl")) or "0"
                return (number, int(depth)) if number in self._lists and depth.isdecimal() else None
            found = self._styles.get(style)
            if found is None:
                return None
            properties, style = child(found, "pPr"), value(child(found, "basedOn"))
        return None

    def _level(self, number: str, depth: int) -> Level | None:
        listed = self._lists[number]
        overriding = next(
            (each for each in children(listed, "lvlOverride") if value(each, "ilvl") == str(depth)), None
        )
        abstract = self._abstract.get(value(child(listed, "abstractNumId")))
        own = child(overriding, "lvl")
        levels = (each for each in children(abstract, "lvl") if value(each, "ilvl") == str(depth))
        found = own if own is not None else next(levels, None)
        if found is None:
            return None
        start = value(child(overriding, "startOverride")) or value(child(found, "start")) or "1"
        form = value(child(found, "numFmt")) or "decimal"
        return Level(form, value(child(found, "lvlText")) or "", int(start) if start.isdecimal() else 1)

    def _label(self, number: str, depth: int) -> str:
        """The paragraph's number as it stands on paper; empty for a bullet."""
        level = self._level(number, depth)
        counts = self._counts.setdefault(self._shared(number), {})
        counts[depth] = counts.get(depth, level.start - 1 if level else 0) + 1
        for deeper in [each for each in counts if each > depth]:
            del counts[deeper]
        if level is None or level.form in ("bullet", "none"):
            return ""

        def shown(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            upper = self._level(number, at)
            return _numeral(upper.form if upper else "decimal", counts.get(at, upper.start if upper else 1))

        return PLACE.sub(shown, level.text)

    def _shared(self, number: str) -> str:
        """Lists with an own start count by themselves; all others of one kind count on together."""
        listed = self._lists[number]
        if child(listed, "lvlOverride") is not None:
            return number
        return f"abstract {value(child(listed, 'abstractNumId'))}"


def _is_html_list(
    labels: list[str], run: list[tuple[Element, str, int]], level: Callable[[str, int], Level | None]
) -> bool:
    """Bullets, or plain numbers on one level that begin with 1."""
    levels = [level(number, depth) for _, number, depth in run]
    if all(each is None or each.form == "bullet" for each in levels):
        return True
    plain = all(each and each.form == "decimal" and PLAIN.fullmatch(each.text) for each in levels)
    return plain and {depth for *_, depth in run} == {0} and labels[0].rstrip(".．、") == "1"


def _write_label(paragraph: Element, label: str) -> None:
    space = paragraph.tag.rpartition("}")[0] + "}"
    properties = child(paragraph, "pPr")
    if properties is None:
        properties = Element(f"{space}pPr")
        paragraph.insert(0, properties)
    for mark in list(children(properties, "numPr")):
        properties.remove(mark)
    off = SubElement(properties, f"{space}numPr")  # against the number of its style
    SubElement(off, f"{space}ilvl", {f"{space}val": "0"})
    SubElement(off, f"{space}numId", {f"{space}val": "0"})
    run = Element(f"{space}r")
    SubElement(run, f"{space}t").text = label if label[-1] in "、．.）)" else f"{label} "
    paragraph.insert(list(paragraph).index(properties) + 1, run)


def _numeral(form: str, number: int) -> str:
    return FORMS.get(form, str)(number)


def _chinese(number: int, digits: str = DIGITS, units: tuple[tuple[int, str], ...] = UNITS) -> str:
    """1 to 9999 in words; 10 to 19 without the leading one."""
    if not 0 < number < 10_000:
        return str(number)
    zero = "零"
    parts, rest, gap = "", number, False
    for size, word in (*units, (1, "")):
        digit, rest = divmod(rest, size)
        if digit:
            parts += (zero if gap else "") + digits[digit] + word
            gap = False
        elif parts and rest:
            gap = True
    short = units is UNITS and 10 <= number < 20
    return parts[1:] if short else parts


def _formal(number: int) -> str:
    return _chinese(number, FORMAL, FORMAL_UNITS)


def _by_digit(number: int) -> str:
    return "".join(DIGITS[int(digit)] for digit in str(number))


def _roman(number: int) -> str:
    if not 0 < number < 4000:
        return str(number)
    written = ""
    for size, letters in ROMAN:
        count, number = divmod(number, size)
        written += letters * count
    return written


def _letter(number: int) -> str:
    """a to z, then aa to zz, as Word counts."""
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1) if 0 < number <= 260 else str(number)


def _circled(number: int) -> str:
    return chr(ord("①") + number - 1) if 0 < number <= 20 else str(number)


def _bracketed(number: int) -> str:
    return chr(ord("㈠") + number - 1) if 0 < number <= 10 else str(number)


def _wide(number: int) -> str:
    return "".join(chr(ord("０") + int(digit)) for digit in str(number))


FORMS: Mapping[str, Callable[[int], str]] = {
    "chineseCounting": _chinese,
    "chineseCountingThousand": _chinese,
    "japaneseCounting": _chinese,
    "taiwaneseCounting": _chinese,
    "taiwaneseCountingThousand": _chinese,
    "ideographDigital": _by_digit,
    "japaneseDigitalTenThousand": _by_digit,
    "chineseLegalSimplified": _formal,
    "ideographLegalTraditional": _formal,
    "upperRoman": _roman,
    "lowerRoman": lambda number: _roman(number).lower(),
    "upperLetter": lambda number: _letter(number).upper(),
    "lowerLetter": _letter,
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "ideographEnclosedCircle": _bracketed,
    "decimalFullWidth": _wide,
    "decimalZero": lambda number: f"{number:02d}",
}
