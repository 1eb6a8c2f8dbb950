"""The body of a post, rewritten so that WeChat's silent filter finds nothing to take out.

What passes by the operators' reports: plain text tags, inline styles, pictures of the platform's own and
links to articles of official accounts. Ids, classes, div and everything else lose their place or their look.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from urllib.parse import urlsplit

import nh3

from channels.base import PICTURE_SCHEME

RENAMED = {
    "article": "section",
    "caption": "p",
    "center": "section",
    "dd": "p",
    "del": "s",
    "div": "section",
    "dl": "section",
    "dt": "p",
    "figcaption": "p",
    "figure": "section",
    "main": "section",
}
KEPT = frozenset(
    {
        *("b", "blockquote", "br", "code", "em", "hr", "i", "li", "ol", "p", "pre", "s", "section", "span"),
        *("strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul"),
        *("h1", "h2", "h3", "h4", "h5", "h6"),
    }
)
VOID = frozenset({"br", "hr"})
ALIGNED = {"align", "style"}
IN_TABLES = {*ALIGNED, "colspan", "rowspan"}
ATTRIBUTES = {
    **dict.fromkeys(("p", "section", "div", "h1", "h2", "h3", "h4", "h5", "h6"), ALIGNED),
    "td": IN_TABLES,
    "th": IN_TABLES,
    "a": {"href"},
    "img": {"src", "alt"},
    "ol": {"start"},
}
ALIGNMENTS = frozenset({"left", "center", "right", "justify"})
PICTURE_HOSTS = frozenset({"mmbiz.qpic.cn", "mmbiz.qlogo.cn"})
ARTICLE_HOST = "mp.weixin.qq.com"
INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Link:
    """A link that WeChat does not open: its text stays, its address goes to the foot."""

    text: str
    address: str


@dataclass
class Markup:
    """`pictures` are the addresses that stand in the HTML; `lost` those that cannot."""

    html: str = ""
    text: str = ""
    links: list[Link] = field(default_factory=list)
    previews: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def rewritten(html: str, addresses: Mapping[str, str]) -> Markup:
    """`addresses` holds the platform's address of each picture by SHA-256."""
    safe = nh3.clean(
        INVISIBLE.sub("", html),
        tags={*KEPT, *RENAMED, "a", "img"},
        attributes=ATTRIBUTES,
        filter_style_properties={"text-align"},
        url_schemes={"http", "https", "mailto", PICTURE_SCHEME.rstrip(":")},
        link_rel=None,
    )
    return _rewrite(safe, addresses)


def read(html: str) -> Markup:
    """The HTML as it is, for comparing: its text and its pictures."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Markup(html, "".join(reader.text), pictures=reader.pictures)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.pictures: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.pictures.append(dict(attrs).get("src") or "")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _rewrite(safe: str, addresses: Mapping[str, str]) -> Markup:
    writer = _Writer(addresses)
    writer.feed(safe)
    writer.close()
    writer.found.html = "".join(writer.written)
    writer.found.text = "".join(writer.text)
    return writer.found


class _Writer(HTMLParser):
    """Writes well-formed HTML anew; nh3 has closed every tag before."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        super().__init__()
        self.found = Markup()
        self.written: list[str] = []
        self.text: list[str] = []
        self._addresses = addresses
        self._open_links: list[tuple[str, int]] = []  # address, where its text began
        self._inside_pre = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "img":
            self._write_picture(given)
        elif tag == "a":
            self._open_link(given.get("href", ""))
        else:
            self._inside_pre += tag == "pre"
            self.written.append(f"<{RENAMED.get(tag, tag)}{_attributes(given)}>")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._close_link()
        elif tag not in VOID and tag != "img":
            self._inside_pre -= tag == "pre"
            self.written.append(f"</{RENAMED.get(tag, tag)}>")

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        written = escape(data, quote=False)
        if self._inside_pre:  # white space and line ends collapse there
            written = written.expandtabs(4).replace(" ", "\u00a0").replace("\n", "<br>")
        self.written.append(written)

    def _write_picture(self, given: Mapping[str, str]) -> None:
        source = given.get("src", "")
        address = self._address_of(source)
        if not address:
            self.found.lost.append(source)
            return
        self.found.pictures.append(address)
        alt = f' alt="{escape(given["alt"])}"' if given.get("alt") else ""
        self.written.append(f'<img src="{escape(address)}"{alt}>')

    def _address_of(self, source: str) -> str:
        if source.startswith(PICTURE_SCHEME):
            return self._addresses.get(source.removeprefix(PICTURE_SCHEME), "")
        return source if _host(source) in PICTURE_HOSTS else ""

    def _open_link(self, address: str) -> None:
        self._open_links.append((address, len(self.text)))
        if _clickable(address):
            self.written.append(f'<a href="{escape(address)}">')

    def _close_link(self) -> None:
        address, begun = self._open_links.pop()
        address = address.removeprefix("mailto:")
        text = "".join(self.text[begun:]).strip()
        if _clickable(address):
            self.written.append("</a>")
        elif _host(address) == ARTICLE_HOST:
            self.found.previews.append(address)
        elif text and address and text.rstrip("/") != address.rstrip("/"):
            self.written.append(f"<sup>[{self._number(Link(text, address))}]</sup>")

    def _number(self, link: Link) -> int:
        if link not in self.found.links:
            self.found.links.append(link)
        return self.found.links.index(link) + 1


def _attributes(given: Mapping[str, str]) -> str:
    kept = {name: given[name] for name in ("colspan", "rowspan", "start") if given.get(name, "").isdecimal()}
    align = given.get("align") or given.get("style", "").rpartition("text-align:")[2].strip(" ;")
    if align.lower() in ALIGNMENTS:
        kept["style"] = f"text-align:{align.lower()}"
    return "".join(f' {name}="{value}"' for name, value in kept.items())


def _clickable(address: str) -> bool:
    """Links to sent articles of official accounts; not the short-lived preview of a draft."""
    return _host(address) == ARTICLE_HOST and "tempkey=" not in address


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
