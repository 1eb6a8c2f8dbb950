"""XML from outside: read once for what it must not hold, before any other parser sees it."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, fromstring
from xml.parsers import expat

from bot.errors import RuleBroken

MAX_ELEMENTS = 300_000
MAX_DEPTH = 100


def parse(content: bytes, name: str) -> Element:
    """The root. Raises RuleBroken for a document type, for entities, and for what is too large or broken."""
    want_harmless(content, name)
    return fromstring(content)  # noqa: S314 - nothing is left in it that could hurt


def want_harmless(content: bytes, name: str) -> None:
    _Judge(name).read(content)


def kind(element: Element) -> str:
    """Its name without the namespace: Word has two, and both say the same."""
    return str(element.tag).rpartition("}")[2]


def value(element: Element | None, attribute: str = "val") -> str | None:
    """An attribute by its name without the namespace."""
    if element is None:
        return None
    return next((text for key, text in element.items() if key.rpartition("}")[2] == attribute), None)


def child(element: Element | None, *path: str) -> Element | None:
    """The first element down this path of names without namespace."""
    for name in path:
        element = next(children(element, name), None)
    return element


def children(element: Element | None, name: str) -> Iterator[Element]:
    return (each for each in (() if element is None else element) if kind(each) == name)


class _Judge:
    def __init__(self, name: str) -> None:
        self._name, self._depth, self._count = name, 0, 0

    def read(self, content: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.StartElementHandler = self._enter
        parser.EndElementHandler = self._leave
        try:
            parser.Parse(content, True)
        except (expat.ExpatError, ValueError):
            raise RuleBroken(f"{self._name} 已损坏，打不开，请用 Word 或 WPS 重新保存后再导入。") from None

    def _refuse_doctype(self, *_declared: object) -> None:
        raise RuleBroken(f"{self._name} 里有外部实体声明，可能是恶意文件，没有导入。")

    def _enter(self, *_element: object) -> None:
        self._depth += 1
        self._count += 1
        if self._depth > MAX_DEPTH or self._count > MAX_ELEMENTS:
            raise RuleBroken(f"{self._name} 的结构太复杂，请把文字复制到新文档里，再保存导入。")

    def _leave(self, _name: str) -> None:
        self._depth -= 1
