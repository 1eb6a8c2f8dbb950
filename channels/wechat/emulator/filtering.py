"""What the platform takes out of an article's HTML. It never says so; reading the draft back shows it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser

PASSING = """
    section p span strong b em i u s del br h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code div center font
    sup sub small figure figcaption table caption colgroup col thead tbody tfoot tr th td img hr a
    svg g path rect circle ellipse line polyline polygon text tspan defs lineargradient radialgradient stop
    mp-common-profile mp-common-product mp-miniprogram
"""
TAGS = frozenset(PASSING.split())
SWALLOWED = "script style title iframe object video audio noscript textarea select template"
DROPPED_WHOLE = frozenset(SWALLOWED.split())
VOID = frozenset({"br", "hr", "img", "col"})
AMPERSAND = "\ue000"  # stands in for & while parsing, so that what was escaped stays as it was written
DROPPED_ATTRIBUTES = frozenset({"id", "srcset"})
DROPPED_CSS = re.compile(
    r"^(position|transform|animation|filter|grid|backdrop-filter|-webkit-(transform|animation|filter))\b"
)


@dataclass(frozen=True)
class Places:
    """Which pictures and links, given as they stand in the HTML, are the platform's own."""

    picture: Callable[[str], bool]
    link: Callable[[str], bool]


def filtered(content: str, places: Places) -> str:
    sieve = _Sieve(places)
    sieve.feed(content.replace("&", AMPERSAND))
    sieve.close()
    return "".join(sieve.kept).replace(AMPERSAND, "&")


def plain(content: str) -> str:
    """The words of an article without its markup, blocks on lines of their own."""
    words = re.sub(r"<(?:br|/(?:p|section|div|h[1-6]|li|tr|blockquote|pre))\b[^>]*>", "\n", content)
    lines = [line.strip() for line in unescape(re.sub(r"<[^>]*>", "", words)).splitlines()]
    return "\n".join(line for line in lines if line)


def links(content: str) -> list[str]:
    return [unescape(found) for found in re.findall(r"""<a\b[^>]*?\bhref\s*=\s*["']([^"']*)["']""", content)]


def count_pictures(content: str) -> int:
    return len(re.findall(r"<img\b", content))


class _Sieve(HTMLParser):
    def __init__(self, places: Places) -> None:
        super().__init__(convert_charrefs=False)
        self._places = places
        self._inside_dropped = ""
        self._depth = 0
        self.kept: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._inside_dropped:
            self._depth += tag == self._inside_dropped
        elif tag in DROPPED_WHOLE:
            self._inside_dropped, self._depth = tag, 1
        elif tag in TAGS and self._is_seen(tag, dict(attrs)):
            self.kept.append(f"<{tag}{self._attributes(attrs)}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._inside_dropped and tag in TAGS and self._is_seen(tag, dict(attrs)):
            end = "/>" if tag in VOID else f"></{tag}>"
            self.kept.append(f"<{tag}{self._attributes(attrs)}{end}")

    def handle_endtag(self, tag: str) -> None:
        if self._inside_dropped:
            self._depth -= tag == self._inside_dropped
            if self._depth == 0:
                self._inside_dropped = ""
        elif tag in TAGS and tag not in VOID:
            self.kept.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._inside_dropped:
            self.kept.append(data)

    def _is_seen(self, tag: str, attributes: dict[str, str | None]) -> bool:
        return tag != "img" or self._places.picture((attributes.get("src") or "").replace(AMPERSAND, "&"))

    def _attributes(self, attrs: list[tuple[str, str | None]]) -> str:
        kept: list[str] = []
        for name, value in attrs:
            passed = self._attribute(name, value or "")
            if passed is not None:
                kept.append(' {}="{}"'.format(name, passed.replace('"', "&quot;")))
        return "".join(kept)

    def _attribute(self, name: str, value: str) -> str | None:
        if name in DROPPED_ATTRIBUTES or name.startswith("on"):
            return None
        if name in {"href", "xlink:href"}:
            return value if self._places.link(value.replace(AMPERSAND, "&")) else None
        return _style(value) if name == "style" else value


def _style(css: str) -> str | None:
    kept = [rule.strip() for rule in css.split(";") if rule.strip() and not _is_dropped(rule.strip().lower())]
    return ";".join(kept) + ";" if kept else None


def _is_dropped(rule: str) -> bool:
    name, _, value = rule.partition(":")
    return (
        bool(DROPPED_CSS.match(name)) or "url(" in value or "expression(" in value or value.strip() == "grid"
    )
