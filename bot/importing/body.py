"""The body of a document: an allow-list of HTML, and the same body as plain text.

Allowed is what WeChat, Weibo and a web page all show: paragraphs, headings, lists, tables, quotations,
emphasis, links to http, https and mailto, pictures that were taken in. Nothing keeps a class, an id or
a style; scripts, forms, frames and everything else unknown are dropped, their text kept where it is text.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from html.parser import HTMLParser
from string import ascii_lowercase
from xml.etree.ElementTree import Element, tostring

import nh3

from bot.errors import RuleBroken
from channels.base import PICTURE_SCHEME

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
TABLE = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
LISTS = {"ul", "ol", "li"}
CELLS = {"td", "th", "li"}
LEAVES = HEADINGS | {"p", "pre", "caption"}  # hold text, never another block
INLINE = {"strong", "em", "u", "s", "sub", "sup", "code", "a", "img", "br"}
BLOCKS = LEAVES | TABLE | LISTS | {"blockquote", "hr"}
TAGS = BLOCKS | INLINE
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}
LINKS = ("http://", "https://", "mailto:")

SYNONYMS = {"b": "strong", "i": "em", "strike": "s", "del": "s"}
CONTAINERS = {
    *("div", "section", "article", "main", "header", "footer", "aside", "nav", "center", "address"),
    *("figure", "figcaption", "dl", "dt", "dd", "details", "summary", "fieldset", "body"),
}
WRAPPERS = {"span", "font", "ins"}  # say nothing but what is hidden
DROPPED = {
    *("script", "style", "title", "head", "noscript", "template", "iframe", "object", "svg", "math"),
    *("textarea", "select", "button", "audio", "video", "canvas", "xml"),
}
VOID = {"br", "hr", "img"}
HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*(?!none)|mso-element\s*:\s*comment",
    re.IGNORECASE,
)
NUMBER = re.compile(
    r"mso-list\s*:\s*ignore", re.IGNORECASE
)  # Word writes its automatic numbers in such a span
TELLING = {"style", "hidden", "cite", "datetime"}  # read, never kept
DEPTH = 100

INVISIBLE = {
    code: None for code in (*range(0x20), *range(0x7F, 0xA0), 0x200B, 0xFEFF) if chr(code) not in "\t\n"
}
SPACES = re.compile(r"[ \t\n\r\f]+")
EAST = "\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff\u2018-\u201d"
WRAPPED = re.compile(rf"(?<=[{EAST}])[ \t]*\r?\n[ \t]*(?=[{EAST}])")  # a line end inside Chinese is no space
INDENT = " \t\n\u3000\xa0"


def sanitise(html: str) -> str:
    """Nothing but the allow-list, whatever comes in. Harmless on its own output."""
    return nh3.clean(
        html,
        tags=TAGS,
        clean_content_tags=DROPPED,
        attributes=ATTRIBUTES,
        attribute_filter=_keep_attribute,
        link_rel=None,
        url_schemes={"http", "https", "mailto", PICTURE_SCHEME.rstrip(":")},
        url_relative="deny",
    )


def parse(html: str) -> Element:
    """The blocks of any HTML below a root; pictures keep the address they came with."""
    loose = nh3.clean(
        html,
        tags=TAGS | CONTAINERS | set(SYNONYMS) | WRAPPERS,
        clean_content_tags=DROPPED,
        attributes=ATTRIBUTES | {"*": TELLING},
        link_rel=None,
        url_schemes={"http", "https", "mailto", "data", "file", *ascii_lowercase},  # C:\\ is a scheme, too
    )
    builder = _Builder()
    builder.feed(loose)
    builder.close()
    root = Element("root")
    root.extend(_blocks(builder.root))
    return root


def paragraphs(text: str) -> str:
    """Plain text as HTML: each line that holds something is a paragraph."""
    return "".join(f"<p>{escape(line.strip())}</p>" for line in text.splitlines() if line.strip())


def write(root: Element) -> str:
    html = "".join(tostring(block, encoding="unicode", method="html") for block in root)
    return sanitise(html)


def plain_text(root: Element) -> str:
    """One line for each block and each row of a table; cells are parted by tabs."""
    lines = (line.strip() for block in root for line in _lines(block))
    return "\n".join(line for line in lines if line)


def line_of(block: Element) -> str:
    """The text of one block in one line."""
    return " ".join(" ".join(_lines(block)).split())


def remove(root: Element, block: Element) -> None:
    for parent in root.iter():
        if block in list(parent):
            parent.remove(block)
            return


def _keep_attribute(_tag: str, attribute: str, value: str) -> str | None:
    if attribute == "href":
        return value if value.lower().startswith(LINKS) else None
    if attribute == "src":
        return value if value.startswith(PICTURE_SCHEME) else None
    return value if attribute == "alt" or value.isdecimal() else None


class _Builder(HTMLParser):
    """A tree from well-formed HTML, as nh3 writes it, of what a reader of the page sees."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("div")
        self._open = [self.root]
        self._hidden = 0  # how many of the open elements are hidden, or in a hidden one
        self._numbers = 0  # the same for numbers that Word wrote

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: clean(value or "") for name, value in attrs}
        style = given.get("style", "")
        hidden = self._hidden or bool(HIDDEN.search(style)) or "hidden" in given or _is_deleted(tag, given)
        self._hidden += bool(hidden and tag not in VOID)
        self._numbers += bool((self._numbers or NUMBER.search(style)) and tag not in VOID)
        kept = {name: value for name, value in given.items() if name not in TELLING}
        element = Element(SYNONYMS.get(tag, tag), kept)
        if not hidden:
            self._open[-1].append(element)
        if tag in VOID:
            return
        self._open.append(element)
        if len(self._open) > DEPTH:
            raise RuleBroken("网页的结构嵌套太深，请另存为纯文本后再导入。")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self._open.pop()
            self._hidden = max(self._hidden - 1, 0)
            self._numbers = max(self._numbers - 1, 0)

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        text = clean(data).replace("\xa0", "").strip() if self._numbers else clean(data)
        pre = any(element.tag == "pre" for element in self._open)
        _append_text(self._open[-1], text if pre else SPACES.sub(" ", WRAPPED.sub("", text)))


def _is_deleted(tag: str, attributes: Mapping[str, str]) -> bool:
    """By track changes, which sign what they delete; other strokes are meant to be seen."""
    return tag == "del" and ("cite" in attributes or "datetime" in attributes)


def clean(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").translate(INVISIBLE))


def _append_text(element: Element, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def _blocks(element: Element) -> Iterator[Element]:
    """The blocks in an element; text and emphasis between them become paragraphs of their own."""
    run = Element("p")
    for part in _parts(element):
        if isinstance(part, str):
            _append_text(run, part)
        elif not _holds_block(part):
            run.append(part)
        else:
            yield from _shown(run)
            run = Element("p")
            yield from _tidied(part)
    yield from _shown(run)


def _parts(element: Element) -> Iterator[str | Element]:
    """Texts and elements in order, each element without its tail."""
    if element.text:
        yield element.text
    for child in list(element):
        tail, child.tail = child.tail, None
        yield child
        if tail:
            yield tail


def _holds_block(element: Element) -> bool:
    return any(each.tag in BLOCKS or each.tag in CONTAINERS for each in element.iter())


def _tidied(block: Element) -> Iterable[Element]:
    if block.tag in LEAVES:
        return _shown(_flat(block))
    if block.tag in CONTAINERS or block.tag in INLINE or block.tag in WRAPPERS:
        return _blocks(block)
    if block.tag == "hr":
        return [block]
    return _kept(block)


def _kept(block: Element) -> Iterable[Element]:
    """A list, table, cell or quotation, tidied inside."""
    kept = Element(block.tag, block.attrib)
    blocks = list(_blocks(block))
    if block.tag in CELLS and [each.tag for each in blocks] == ["p"]:
        kept.text, kept[:] = blocks[0].text, list(blocks[0])
    else:
        kept.extend(blocks)
    return [kept] if len(kept) or kept.text or block.tag in CELLS else []


def _flat(leaf: Element) -> Element:
    """A heading or paragraph with the blocks inside it reduced to their text."""
    if not any(_holds_block(child) for child in leaf):
        return leaf
    flat = Element(leaf.tag)
    flat.text = line_of(leaf)
    return flat


def _shown(leaf: Element) -> Iterable[Element]:
    """The leaf without indent, if there is anything to see in it."""
    if leaf.tag != "pre":
        leaf.text = (leaf.text or "").lstrip(INDENT)
        if len(leaf):
            leaf[-1].tail = (leaf[-1].tail or "").rstrip(INDENT)
        else:
            leaf.text = leaf.text.rstrip(INDENT)
    return [leaf] if line_of(leaf) or leaf.find(".//img") is not None else []


def _lines(block: Element) -> Iterator[str]:
    if block.tag == "tr":
        yield "\t".join(line_of(cell) for cell in block)
    elif block.tag == "ol":
        yield from _numbered(block)
    elif any(_holds_block(child) for child in block):
        yield block.text or ""
        for child in block:
            yield from _lines(child)
            yield child.tail or ""
    else:
        yield from _broken(block).splitlines()


def _numbered(block: Element) -> Iterator[str]:
    start = block.get("start", "1")
    for number, item in enumerate(block, int(start) if start.isdecimal() else 1):
        first, *rest = [line for line in _lines(item) if line.strip()] or [""]
        yield from (f"{number}. {first}", *rest)


def _broken(element: Element) -> str:
    """The text of a block, with line ends where it has them."""
    texts = [element.text or ""]
    for child in element:
        texts += ["\n" if child.tag == "br" else _broken(child), child.tail or ""]
    return "".join(texts)
