"""Whatever file it is, the items in it: a list's rows, a ZIP's documents, or the one; all or none."""

import posixpath
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bot.errors import RuleBroken
from bot.importing.document import read_file, take_in
from bot.importing.kinds import ZIP, Kind, recognise, suffix
from bot.importing.package import Package
from bot.importing.pictures import Folder
from bot.importing.sheets import read_sheet
from bot.importing.tables import entries, read_csv
from bot.importing.values import Entry, ListRefused

MAX_DOCUMENTS = 100
SHOWN = 5  # names in a note
PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp"}
LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini", "~$")  # what systems leave in a ZIP


def read_list(path: Path, title: str = "") -> list[Entry]:
    """The items of a file, with the pictures beside it. Raises RuleBroken."""
    name, content = read_file(path)
    return take_list(name, content, path.parent, title)


def take_list(name: str, content: bytes, folder: Folder | None = None, title: str = "") -> list[Entry]:
    """The items of any file that can be taken in. `title` is for a file that holds one document.

    Raises RuleBroken; ListRefused, which names each fault with its place, for a list or a ZIP.
    """
    kind = recognise(name, content)
    if kind is Kind.CSV:
        return entries(read_csv(content, name), name)
    if kind is Kind.SHEET:
        return entries(read_sheet(content, name), name)
    if kind is Kind.ARCHIVE:
        return _bundle(Package(content, name))
    return [Entry(take_in(name, content, folder, title), name)]


def _bundle(package: Package) -> list[Entry]:
    """A ZIP's documents in the order of their names, each with the pictures in its folder."""
    names = sorted(each for each in package.names if not _is_litter(each))
    documents = [each for each in names if suffix(each) not in PICTURES]
    if not documents:
        raise RuleBroken(f"{package.name} 里没有稿件，请把 Word、网页或文本文件打包进去后再导入。")
    if len(documents) > MAX_DOCUMENTS:
        raise RuleBroken(
            f"{package.name} 里有 {len(documents)} 个文件，超过 {MAX_DOCUMENTS} 个，请分批导入。"
        )
    used = set(documents)
    found: list[Entry] = []
    faults: list[tuple[str, str]] = []
    for each in documents:
        try:
            found += _packed(package, each, used)
        except ListRefused as error:
            faults += [(f"{each} {place}", sentence) for place, sentence in error.faults]
        except RuleBroken as error:
            faults.append((each, str(error)))
    if faults:
        raise ListRefused(package.name, faults)
    unused = [each for each in names if each not in used]
    return [_noted(found[0], package.name, unused), *found[1:]]


def _is_litter(name: str) -> bool:
    return name.startswith(LITTER) or posixpath.basename(name).startswith(LITTER)


def _packed(package: Package, member: str, used: set[str]) -> list[Entry]:
    """The items of one file in a ZIP; the pictures it takes are added to `used`."""
    content = package.read(member)
    name = posixpath.basename(member)
    if content.startswith(ZIP) and recognise(name, content) is Kind.ARCHIVE:
        raise RuleBroken("压缩包里面还有压缩包，请解开后重新打包。")
    found = take_list(name, content, _folder(package, posixpath.dirname(member), used))
    return [replace(each, file=f"{package.name} 里的 {each.file}") for each in found]


def _folder(package: Package, folder: str, used: set[str]) -> Callable[[str], bytes]:
    """How a document reads the pictures beside it."""

    def read(name: str) -> bytes:
        member = posixpath.normpath(posixpath.join(folder, name))
        content = package.read(member)
        used.add(member)
        return content

    return read


def _noted(entry: Entry, package: str, unused: list[str]) -> Entry:
    if not unused:
        return entry
    note = f"{package} 里有 {len(unused)} 张图片没有一篇稿件引用，没有导入：{'、'.join(unused[:SHOWN])}。"
    return replace(entry, document=replace(entry.document, notes=(*entry.document.notes, note)))
