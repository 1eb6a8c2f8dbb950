"""The console with 20,000 items: the server's time for each page, to the last byte over a socket.

Reference in the same run: the page that is asked for without a login and only redirects.

    python -m tests.benchmarks.bench_console
"""

import secrets
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bot import settings
from bot.app import House, web
from bot.desk import Desk, Proposal
from bot.importing import take_in
from bot.people import Role
from bot.serving import HttpServer
from bot.tables import draft_acts, draft_versions, drafts
from scheduler import ledger
from scheduler.embedded import EmbeddedRedis
from scheduler.tables import attempts, deliveries, delivery_posts
from tests.benchmarks.parts import report
from tests.bot.cli.conftest import CONFIG
from tests.bot.console.browser import Browser, admit
from tests.support import a_post

ITEMS = 20_000
WAITING = 40  # under review at the same time
ROUNDS = 15
PAGES = ("/", "/drafts", "/drafts?q=第19", "/drafts/20001", "/review", "/plan", "/plan?span=month")
MORE = ("/deliveries", "/deliveries?state=trouble", "/deliveries/1", "/accounts", "/audit", "/people")


def fill(house: House) -> None:
    """Items of two years, each out on one account, then some that are under review."""
    now = datetime.now(UTC)
    with house.engine.begin() as connection:
        for number in range(1, ITEMS + 1):
            ledger.freeze(connection, a_post(f"第{number}号通知"), now)
        for table, rows in _rows(now).items():
            connection.execute(insert(table), rows)
    desk = Desk(house.engine, house.settings, house.check, lambda: secrets.token_hex(16))
    document = take_in("通知.txt", "通知\n\n各村请按时完成。".encode(), title="等人审核的通知")
    source = "https://www.example.gov.cn/1"
    for number in desk.add([Proposal(document, "通知.txt", source=source)] * WAITING, "王芳", now):
        desk.submit(number, "王芳", now, 1)


def _rows(now: datetime) -> dict[Any, list[dict[str, Any]]]:
    found: dict[Any, list[dict[str, Any]]] = {
        table: [] for table in (drafts, draft_versions, draft_acts, deliveries, delivery_posts, attempts)
    }
    for number in range(1, ITEMS + 1):
        at = now - timedelta(minutes=50 * (ITEMS - number))
        title = f"第{number}号通知"
        found[drafts].append(
            {
                "id": number,
                "state": "signed",
                "steps": ["经办人", "政务公开办", "分管领导"],
                "passed": ["王芳", "李明", "陈静"],
                "version": 1,
                "column": "通知公告",
                "unit": "党政办",
                "post_id": number,
                "added_at": at,
                "changed_at": at,
            }
        )
        found[draft_versions].append(
            {
                "draft_id": number,
                "version": 1,
                "title": title,
                "html": f"<p>{title}正文。</p>",
                "text": f"{title}正文。",
                "digest": "",
                "author": "党政办",
                "source": "",
                "accounts": ["town_weibo"],
                "sha256": "0" * 64,
                "file": "通知.md",
                "written_by": "王芳",
                "written_at": at,
            }
        )
        found[draft_acts].append(
            {
                "draft_id": number,
                "version": 1,
                "act": "sign",
                "step": "分管领导",
                "state": "signed",
                "who": "陈静",
                "at": at,
                "opinion": "同意",
            }
        )
        found[deliveries].append(
            {
                "id": number,
                "key": f"{number:032x}",
                "account": "town_weibo",
                "state": "published" if number % 100 else "failed",
                "version": 2,
                "attempt": 1,
                "failures": 0,
                "looks": 0,
                "due_at": at,
                "since": at,
                "reference": str(number),
                "code": "",
                "sentence": "",
            }
        )
        found[delivery_posts].append({"delivery_id": number, "position": 0, "post_id": number})
        found[attempts].append(
            {
                "delivery_id": number,
                "number": 1,
                "event": "publish",
                "state": "published",
                "at": at,
                "actor": "worker",
                "code": "",
                "sentence": "",
            }
        )
    return found


def milliseconds(browser: Browser, path: str, **more: Any) -> float:
    spans = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        browser.get(path, **more)
        spans.append((time.perf_counter() - began) * 1000)
    return statistics.median(spans)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        redis = EmbeddedRedis(Path(folder) / "redis")
        redis.start()
        config = Path(folder) / "config.toml"
        config.write_text(CONFIG.format(redis=redis.url), encoding="utf-8")
        house = House(settings.load(config))
        fill(house)
        admit(house, "赵六", *Role)
        admit(house, "孙七", Role.DRAFTER, Role.REVIEWER, unit="党政办")
        server = HttpServer(web(house)).start()
        measure(server.address)
        server.stop()
        house.close()
        redis.stop()


def measure(address: str) -> None:
    reference = milliseconds(Browser(address), "/drafts", allow_redirects=False)
    report("without a login", reference, "ms")
    for name, pages in (("赵六", PAGES + MORE), ("孙七", PAGES + MORE[:3])):
        browser = Browser(address)
        browser.log_in(name)
        for path in pages:
            took = milliseconds(browser, path)
            report(f"{name} {path}", took, "ms", took / reference, "without a login")


if __name__ == "__main__":
    main()
