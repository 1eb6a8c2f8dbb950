"""A ZIP from outside: judged by its table of contents before anything in it is unpacked."""

import io
import posixpath
import re
import stat
from collections.abc import Callable, Sequence
from typing import TypeVar
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from bot.errors import RuleBroken
from bot.importing.body import EAST

MAX_MEMBERS = 2_000
MAX_TOTAL = 200 * 1024 * 1024  # unpacked
MAX_MEMBER = 64 * 1024 * 1024
MAX_RATIO = 200  # of a member of more than a megabyte; text packs 10 to 40 times
ENTRY = b"PK\x01\x02"  # begins each line of the table of contents
IN_UTF_8 = 0x800
ENCRYPTED = 0x1
MEGABYTE = 1024 * 1024

CHINESE = re.compile(f"[\0-\x7f·—…{EAST}]*")

Unpacked = TypeVar("Unpacked")


class Package:
    """The files of a ZIP by their names. Raises RuleBroken for one that is broken, locked or hostile."""

    def __init__(self, content: bytes, name: str) -> None:
        self.name = name
        if content.count(ENTRY) > MAX_MEMBERS:
            raise self._refused(f"里的文件超过 {MAX_MEMBERS} 个，请分成几个压缩包。")
        self._zip = self._guarded(lambda: ZipFile(io.BytesIO(content)))
        self._members = self._judged(self._zip.infolist())

    @property
    def names(self) -> Sequence[str]:
        return list(self._members)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str) -> bytes:
        """One file, unpacked. Raises RuleBroken, or LookupError if it is not there."""
        member = self._members[name]
        if member.file_size > MAX_MEMBER:
            raise self._refused(f"里的 {name} 解开后超过 64 MB，请压缩或拆分后再导入。")
        return self._guarded(lambda: self._zip.read(member))

    def _judged(self, members: Sequence[ZipInfo]) -> dict[str, ZipInfo]:
        if sum(member.file_size for member in members) > MAX_TOTAL:
            raise self._refused("解开后超过 200 MB，请压缩图片或拆分后再导入。")
        kept: dict[str, ZipInfo] = {}
        for member in members:
            name = self._safe_name(member)
            self._want_harmless(member, name)
            if member.is_dir():
                continue
            if name in kept:
                raise self._refused(f"里有两个文件都叫 {name}，请重新打包。")
            kept[name] = member
        return kept

    def _safe_name(self, member: ZipInfo) -> str:
        name = _spelled(member).replace("\\", "/")
        parts = name.split("/")
        if name.startswith("/") or ".." in parts or ":" in parts[0] or not name.isprintable():
            raise self._refused("里有指向别处的文件路径，不安全，请重新打包。")
        return posixpath.normpath(name)

    def _want_harmless(self, member: ZipInfo, name: str) -> None:
        if member.flag_bits & ENCRYPTED:
            raise self._refused("加了密码，请去掉密码后再导入。")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise self._refused(f"里的 {name} 是指向别处的链接，不安全，请换成文件本身后重新打包。")
        if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise self._refused("用了不常见的压缩方式，请用系统自带的压缩功能重新打包成 ZIP。")
        if member.file_size > max(MEGABYTE, MAX_RATIO * member.compress_size):
            raise self._refused(f"里的 {name} 压缩得异常厉害，可能是恶意文件，没有导入。")

    def _guarded(self, unpack: Callable[[], Unpacked]) -> Unpacked:
        try:
            return unpack()
        except Exception:  # a forged ZIP makes zipfile and zlib fail in every way there is
            raise _broken(self.name) from None

    def _refused(self, why: str) -> RuleBroken:
        return RuleBroken(f"{self.name} {why}")


def _spelled(member: ZipInfo) -> str:
    """The name as it was meant: Windows in China packs names in GBK and does not say so."""
    if member.flag_bits & IN_UTF_8:
        return member.filename
    raw = member.filename.encode("cp437", errors="replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            name = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if CHINESE.fullmatch(name):  # 通知 in GBK is valid UTF-8, too, and means nothing in it
            return name
    return member.filename


def _broken(name: str) -> RuleBroken:
    return RuleBroken(f"{name} 是 Word、Excel 文档或压缩包，但已损坏，打不开，请重新保存或重新打包后再导入。")
