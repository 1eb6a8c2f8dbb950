"""What an import hands over."""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import RuleBroken
from bot.importing import titles
from channels.base import Picture


@dataclass(frozen=True)
class Imported:
    """What a document holds. `source` is the address it was saved from; `notes` are sentences for staff."""

    title: str
    html: str
    text: str
    pictures: tuple[Picture, ...] = ()
    source: str = ""
    notes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        return titles.digest(self.text)


@dataclass(frozen=True)
class Entry:
    """One item of a file, and what the file says about it; empty fields: it says nothing."""

    document: Imported
    file: str  # where it came from: "通知.docx", "清单.xlsx 第 3 行", "稿件.zip 里的 通知.docx"
    column: str = ""
    unit: str = ""
    author: str = ""
    source: str = ""
    accounts: tuple[str, ...] = ()
    due_at: datetime | None = None


class ListRefused(RuleBroken):
    """A list or bundle with faults, of which nothing is taken in. `faults` are places and sentences."""

    def __init__(self, name: str, faults: list[tuple[str, str]]) -> None:
        self.faults = tuple(faults)
        told = "".join(f"{place}：{sentence}" for place, sentence in faults[:SHOWN])
        more = f"其余 {len(faults) - SHOWN} 处略。" if len(faults) > SHOWN else ""
        super().__init__(f"{name} 有 {len(faults)} 处有误，一篇也没有导入。{told}{more}")


SHOWN = 10
