"""What a reader of the document does not see is taken out of it; what mammoth would lose is written in."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from bot.importing.markup import child, children, kind, value
from bot.importing.word.numbering import Numbering

GONE = {"del", "moveFrom", "commentReference", "annotationRef"}
OFF = {"0", "false", "off"}
LOST = {"oMath": "公式", "chart": "图表", "relIds": "SmartArt 图形"}  # by the element that holds it
STYLES_DEEP = 20


class Cleaner:
    def __init__(self, styles: Element | None, numbering: Numbering) -> None:
        self._hidden_styles = set(_hidden_styles(styles))
        self._numbering = numbering
        self._left_out = 0
        self._lost: dict[str, None] = {}

    def clean(self, body: Element, inside: set[str]) -> None:
        """Change the part in place. `inside` are the relations whose target lies in the file itself."""
        self._drop(body)
        self._cut_pictures(body, inside)
        self._numbering.write_labels(body)
        self._lost |= {word: None for each in body.iter() if (word := LOST.get(kind(each)))}

    def notes(self, name: str) -> tuple[str, ...]:
        found = []
        if self._left_out:
            found.append(
                f"{name} 有 {self._left_out} 张图片不在文档里，只是链接，没有导入，请插入图片本身后重新导入。"
            )
        if self._lost:
            found.append(f"{name} 里的{'、'.join(self._lost)}没有导入，请截成图片插入。")
        return tuple(found)

    def _drop(self, element: Element, style: str = "") -> None:
        """Deleted, moved away, remarked or hidden: gone, with all that is in it."""
        if kind(element) == "p":
            style = value(child(element, "pPr", "pStyle")) or ""
        for each in list(element):
            if kind(each) in GONE or (kind(each) == "r" and self._is_hidden(each, style)):
                element.remove(each)
            elif kind(each) == "trPr" and child(each, "del") is not None:
                element.clear()
                return
            else:
                self._drop(each, style)

    def _is_hidden(self, run: Element, style: str) -> bool:
        vanish = child(run, "rPr", "vanish")
        if vanish is not None:
            return value(vanish) not in OFF
        return not self._hidden_styles.isdisjoint({style, value(child(run, "rPr", "rStyle"))})

    def _cut_pictures(self, body: Element, inside: set[str]) -> None:
        """A picture that only points out of the file would be fetched by the reader's program."""
        for parent in list(body.iter()):
            for each in list(parent):
                if kind(each) not in ("blip", "imagedata"):
                    continue
                embedded = value(each, "embed" if kind(each) == "blip" else "id")
                for key in [key for key in each.attrib if key.endswith(("}link", "}href"))]:
                    del each.attrib[key]
                if embedded not in inside:
                    parent.remove(each)
                    self._left_out += 1


def _hidden_styles(styles: Element | None) -> Iterator[str]:
    by_id = {value(each, "styleId"): each for each in children(styles, "style")}
    for name, style in by_id.items():
        if name and _hides(style, by_id):
            yield name


def _hides(style: Element | None, by_id: dict[str | None, Element]) -> bool:
    for _ in range(STYLES_DEEP):
        if style is None:
            return False
        vanish = child(style, "rPr", "vanish")
        if vanish is not None:
            return value(vanish) not in OFF
        style = by_id.get(value(child(style, "basedOn")))
    return False
