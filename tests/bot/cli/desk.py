"""A desk behind the command line: an item signed by command, and what the platform made of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from bot import settings
from channels.base import Receipt
from channels.errors import Uncertain
from scheduler import ledger
from scheduler.database import open_engine, reading
from scheduler.delivery import Delivery
from tests.bot.cli.conftest import Gongbao
from tests.support import claim

NOTICE = "# 关于防汛的通知\n\n汛期将至，请做好准备。\n"


@dataclass
class Signed:
    """One signed item with one delivery, both of number 1."""

    gongbao: Gongbao
    engine: Engine

    def delivery(self) -> Delivery:
        with reading(self.engine) as connection:
            return ledger.load(connection, 1)

    def publish(self, address: str = "https://weibo.com/1/a") -> None:
        item, now = self._claim()
        change = item.answered(Receipt("4711", True, (address,)), now)
        assert ledger.record(self.engine, item, change, now, "worker")

    def lose(self, number: int = 1) -> None:
        item, now = self._claim(number)
        assert ledger.record(self.engine, item, item.refused(Uncertain(), now), now, "worker")

    def sign_another(self) -> int:
        """Another item; returns its delivery's number."""
        file = Path("另.md")
        file.write_text(NOTICE.replace("防汛", "防火"), encoding="utf-8")
        self.sign(file, 2)
        return 2

    def sign(self, file: Path, number: int, *options: object) -> None:
        assert self.gongbao("item", "add", file, "--by", "张三", *options).code == 0
        for act, who in (("submit", "张三"), ("review", "李四"), ("sign", "王五")):
            assert self.gongbao("item", act, number, "--by", who).code == 0

    def _claim(self, number: int = 1) -> tuple[Delivery, datetime]:
        now = datetime.now(UTC)
        (item,) = claim(self.engine, number, now=now)
        return item, now


def signed(gongbao: Gongbao, office: Path) -> Signed:
    file = office / "通知.md"
    file.write_text(NOTICE, encoding="utf-8")
    desk = Signed(gongbao, open_engine(settings.load(office / "config.toml").database_url()))
    desk.sign(file, 1)
    return desk
