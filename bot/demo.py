"""The demo: the true program on emulated platforms, in a folder of its own.

Everything is what an office would run: a configuration file, the desk with three people, the ledger, Redis,
clock, workers and callbacks. Only the platforms are played, by `channels/<kind>/emulator`.
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import channels
from bot import importing, settings
from bot.app import Engines, House, web
from bot.desk import Desk, Proposal
from bot.people import Grant, People, Role, drawn_password
from bot.serving import HttpServer
from channels.emulator import Emulator, Shown
from scheduler import ledger
from scheduler.database import reading
from scheduler.delivery import State

ITEMS = Path(__file__).parent / "demo_items"
PEOPLE = ("王芳", "李明", "陈静")  # drafter, disclosure office, leader
ROLES = {
    "王芳": Role.DRAFTER,
    "李明": Role.REVIEWER,
    "陈静": Role.LEADER,
    "管理员": Role.ADMINISTRATOR,
}
OPEN = (State.QUEUED, State.SENDING, State.CONFIRMING, State.UNCERTAIN)
LOOK_SECONDS = 0.1

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """What came of it: the delivery log, what each platform shows, and every sentence of complaint."""

    deliveries: list[Row]
    histories: dict[int, list[Row]]  # by delivery
    platforms: dict[str, list[Shown]]
    complaints: list[str]

    @property
    def shown(self) -> dict[str, list[dict[str, Any]]]:
        return {account: [asdict(each) for each in seen] for account, seen in self.platforms.items()}


class Demo:
    """Emulators of every kind that has one, and the house that publishes on them."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self._folder, self._port = folder, port
        self.emulators: dict[str, Emulator] = {
            kind: channels.load_emulator(kind)() for kind in channels.kinds() if channels.has_emulator(kind)
        }
        self.phones = {kind: HttpServer(emulator) for kind, emulator in self.emulators.items()}
        self.config = folder / "config.toml"

    def __enter__(self) -> "Demo":
        for server in self.phones.values():
            server.start()
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.write_text(self._configuration(), encoding="utf-8")
        self.house = House(settings.load(self.config))
        self.web = HttpServer(web(self.house), port=self._port).start()
        for kind, emulator in self.emulators.items():
            emulator.callback = f"{self.web.address}/hook/{kind}"
        self._engines = Engines(self.house)
        self._engines.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.web.stop()
        self._engines.stop()
        self.house.close()
        for server in self.phones.values():
            server.stop()

    def publish(self, documents: Sequence[Path]) -> list[int]:
        """From files to signed posts, each step by another person; returns the deliveries."""
        house = self.house
        desk = Desk(house.engine, house.settings, house.check, lambda: secrets.token_hex(16))
        proposals = [Proposal(importing.read(path), path.name) for path in documents]
        drafter, office, leader = PEOPLE
        queued: list[int] = []
        for draft in desk.add(proposals, drafter, house.clock()):
            desk.submit(draft, drafter, house.clock(), seen=1)
            desk.review(draft, office, house.clock(), seen=1, opinion="属于主动公开范围，同意。")
            queued += desk.sign_off(draft, leader, house.clock(), seen=1, opinion="同意发布。").deliveries
        house.nudge()
        return queued

    def admit_people(self) -> dict[str, str]:
        """Let the people of the demo log in; returns their passwords by name."""
        people = People(self.house.engine)
        passwords = {name: drawn_password(secrets.choice) for name in ROLES}
        for name, password in passwords.items():
            people.add(name, {Grant(ROLES[name])}, password, self.house.clock(), "demo", must_change=False)
        return passwords

    def wait(self, deliveries: Sequence[int], seconds: float, tell: Callable[[int], None]) -> None:
        """Until no delivery is open, `seconds` at most; `tell` is told how many are settled."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with reading(self.house.engine) as connection:
                rows = ledger.listing(connection, ids=deliveries, limit=len(deliveries))
            settled = sum(State(row["state"]) not in OPEN for row in rows)
            tell(settled)
            if settled == len(deliveries):
                return
            time.sleep(LOOK_SECONDS)

    def verdict(self, deliveries: Sequence[int]) -> Verdict:
        """Count what the platforms show against what was signed."""
        with reading(self.house.engine) as connection:
            rows = ledger.listing(connection, ids=deliveries, limit=len(deliveries))[::-1]
            histories = {row["id"]: ledger.history(connection, row["id"]) for row in rows}
        shown = {kind: emulator.shown() for kind, emulator in self.emulators.items()}
        return Verdict(rows, histories, shown, complaints(rows, shown))

    def _configuration(self) -> str:
        """Like any office's, only with addresses of this machine and shorter waits."""
        lines = [
            "[office]",
            'name = "云溪镇人民政府"',
            'unit = "云溪镇政务公开办"',
            "[scheduler]",
            "confirm_after_seconds = [5, 15, 60]",
            "look_up_after_seconds = [2, 5, 10]",
            "back_off_seconds = 2",
            "[log]",
            'level = "warning"',
        ]
        for kind, emulator in self.emulators.items():
            account = emulator.account(self.phones[kind].address)
            lines += [f"[accounts.{kind}]", *(f'{key} = "{value}"' for key, value in account.items())]
        return "\n".join(lines) + "\n"


def complaints(rows: Sequence[Row], shown: Mapping[str, Sequence[Shown]]) -> list[str]:
    """Why the job is not done: a delivery not out, out twice or changed, or a post that nobody signed."""
    found = []
    for row in rows:
        seen = [each for each in shown.get(row["account"], ()) if _is_of(each, row)]
        titles = "、".join(row["titles"])
        if row["state"] != State.PUBLISHED:
            found.append(f"《{titles}》在 {row['account']} 没有发布：{row['sentence'] or row['state']}")
        elif len(seen) != len(row["titles"]):
            found.append(f"《{titles}》在 {row['account']} 出现了 {len(seen)} 次。")
    for account, posts in shown.items():
        signed = [row for row in rows if row["account"] == account]
        strays = [each for each in posts if not any(_is_of(each, row) for row in signed)]
        found += [f"{account} 上的《{each.title}》没有人签发。" for each in strays]
    return found


def _is_of(seen: Shown, row: Row) -> bool:
    """By the act's number; a post that was found by reading back may be known by its address alone."""
    return seen.act == row["reference"] or seen.address in (row["receipt"] or {}).get("addresses", ())
