"""What an item is called, and its digest: whole sentences or nothing."""

import re
import unicodedata
from html import unescape
from pathlib import PurePath
from xml.etree.ElementTree import Element

from bot.importing import body

DIGEST = 54  # code points; what WeChat shows
FIRST_LINE = range(4, 33)  # the length of a first line that may be a title
HEAD = 100_000  # characters in which an HTML page has its head
STOPS = "。!?…\uff01\uff1f"  # end a sentence
SENTENCE_ENDS = STOPS + ";:,.、\uff1b\uff1a\uff0c"
CLOSING = "”’」』)》\uff09\"'"
TITLE_TAG = re.compile(r"<title[^>]*>([^<]*)</title", re.IGNORECASE)
ARTICLE_TITLE = re.compile(r"""<meta\s+name=["']ArticleTitle["']\s+content=["']([^"']+)["']""", re.IGNORECASE)
SAVED_FROM = re.compile(r"<!-- saved from url=\(\d+\)(https?://[^\s<>]+) -->")
SENTENCE = re.compile(rf"[^{STOPS}]*[{STOPS}]+[{re.escape(CLOSING)}]*")


def take_title(root: Element, given: str, page_title: str, name: str) -> tuple[str, str]:
    """The title, taken out of the body if it stood there, and a note for staff if it was a guess."""
    heading = root.find(".//h1")
    if heading is None and len(root) and root[0].tag in body.HEADINGS:
        heading = root[0]
    found = body.line_of(heading) if heading is not None else ""
    title = tidy(given) or found
    if heading is not None and title == found:
        body.remove(root, heading)
    if title:
        return title, ""
    if page_title:
        return page_title, f"标题取自网页标题：“{page_title}”，请核对。"
    if len(root) > 1 and _like_a_title(line := body.line_of(root[0])):
        body.remove(root, root[0])
        return line, f"标题取自正文第一行：“{line}”，请核对。"
    stem = tidy(PurePath(name).stem)
    return stem, f"没有找到标题，暂用文件名“{stem}”，请用 --title 写上标题。"


def page_title(html: str) -> str:
    """What the page calls itself, if it does."""
    match = ARTICLE_TITLE.search(html, 0, HEAD) or TITLE_TAG.search(html, 0, HEAD)
    return tidy(unescape(match[1])) if match else ""


def page_address(html: str) -> str:
    """Where a browser saved the page from, if it says so."""
    match = SAVED_FROM.search(html, 0, HEAD)
    return match[1] if match else ""


def digest(text: str) -> str:
    """The first sentences of the first line that holds one, whole, within the limit; else nothing."""
    line = next((line for line in text.splitlines() if SENTENCE.match(line)), "")
    found = ""
    for sentence in SENTENCE.findall(line):
        if len(found) + len(sentence) > DIGEST:
            break
        found += sentence
    return found.strip()


def tidy(text: str) -> str:
    """One line, NFC, nothing invisible; bytes of a name that are no UTF-8 become question marks."""
    text = text.encode(errors="replace").decode()
    return " ".join(unicodedata.normalize("NFC", text.translate(body.INVISIBLE)).split())


def _like_a_title(line: str) -> bool:
    return len(line) in FIRST_LINE and not line.rstrip(CLOSING).endswith(tuple(SENTENCE_ENDS))
