"""A whole office on this machine: the true program in processes of its own, and the platforms it posts to."""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import requests
from redis import Redis
from sqlalchemy import Engine

from bot import importing, settings
from bot.app import House
from bot.demo import Row, complaints
from bot.desk import Desk, Proposal
from bot.serving import HttpServer
from channels.emulator import Emulator
from scheduler import ledger
from scheduler.database import open_engine, reading
from scheduler.delivery import State
from scheduler.embedded import EmbeddedRedis

GONGBAO = (sys.executable, "-m", "bot")
PEOPLE = ("王芳", "李明", "陈静")  # drafter, disclosure office, leader
START_SECONDS = 20.0
LOOK_SECONDS = 0.02
SHORT_WAITS: dict[str, object] = {
    "tick_seconds": 0.2,
    "lease_seconds": 2,
    "put_again_seconds": 1,
    "confirm_after_seconds": [0.5],
    "look_up_after_seconds": [0.1, 0.1, 0.1],
    "back_off_seconds": 0.1,
    "back_off_at_most_seconds": 0.6,
}

Answer = TypeVar("Answer")


def until(look: Callable[[], Answer | None], seconds: float, what: str) -> Answer:
    """What `look` gives once it is true."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(LOOK_SECONDS)
    return found


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


class Program:
    """A run of `gongbao` that goes on by itself until it is ended."""

    def __init__(self, folder: Path, arguments: Sequence[str]) -> None:
        log = folder / f"{arguments[0]}-{secrets.token_hex(4)}"
        self._out, self._err = log.with_suffix(".out"), log.with_suffix(".err")
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(
                [*GONGBAO, *arguments], cwd=folder, env=_environment(), stdout=out, stderr=err
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def out(self) -> str:
        return self._out.read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        return self._err.read_text(encoding="utf-8")

    def first_line(self) -> str:
        return until(self._first_line, START_SECONDS, "the first line")

    def ready(self) -> dict[str, Any]:
        """The log's line that says that it is at work."""
        return until(lambda: self._logged_alive("ready"), START_SECONDS, "ready")[0]

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The log's lines about one kind of event."""
        whole = [line for line in self.err.splitlines(keepends=True) if line.endswith("}\n")]
        lines: list[dict[str, Any]] = [json.loads(line) for line in whole if line.startswith("{")]
        return [line for line in lines if line["event"] == event]

    def kill(self) -> None:
        """As a power cut would."""
        self._process.kill()
        self._process.wait()

    def stop(self, seconds: float = 35) -> int:
        """As a person or systemd would; returns the exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        return self._process.wait(seconds)

    def end(self) -> None:
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            self.kill()

    def _logged_alive(self, event: str) -> list[dict[str, Any]]:
        assert self._process.poll() is None, self.err
        return self.logged(event)

    def _first_line(self) -> str:
        assert self._process.poll() is None, self.err
        first, newline, _ = self.out.partition("\n")
        return first if newline else ""


@dataclass
class Office:
    """A folder with a configuration, the programs that run in it, and the accounts' platforms."""

    folder: Path
    platforms: dict[str, Emulator] = field(default_factory=dict)  # by account
    sites: dict[str, HttpServer] = field(default_factory=dict)
    programs: list[Program] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def database(self) -> Path:
        return self.folder / "data" / "gongbao.db"

    def run(self, *arguments: object, seconds: float = 60) -> Said:
        """A command that ends by itself."""
        done = subprocess.run(
            [*GONGBAO, *map(str, arguments)],
            cwd=self.folder,
            env=_environment(),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
        return Said(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(self, *arguments: object) -> Program:
        program = Program(self.folder, [str(argument) for argument in arguments])
        self.programs.append(program)
        return program

    def play(self, account: str, platform: Emulator) -> None:
        """Put an account's platform on a free port."""
        self.platforms[account] = platform
        self.sites[account] = HttpServer(platform).start()

    def restart_site(self, account: str) -> None:
        """The platform is away for a moment and comes back as it was, at the same address."""
        port = self.sites[account].port
        self.sites[account].stop()
        self.sites[account] = HttpServer(self.platforms[account], port=port).start()

    def configure(self, **sections: Mapping[str, object]) -> None:
        """Write the configuration: the accounts of the played platforms, short waits, and `sections`."""
        accounts: dict[str, Mapping[str, object]] = {
            f"accounts.{name}": platform.account(self.sites[name].address)
            for name, platform in self.platforms.items()
        }
        usual: dict[str, Mapping[str, object]] = {
            "web": {"port": 0},
            "log": {"format": "json"},
            "scheduler": SHORT_WAITS,
        }
        self.write_config({**accounts, **usual, **sections})

    def write_config(self, sections: Mapping[str, Mapping[str, object]]) -> None:
        """Each section's values are written as JSON, which is TOML for all that is used here."""
        lines = ['[office]\nunit = "党政办"']
        for name, values in sections.items():
            lines.append(f"[{name}]")
            lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
        self.config.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def serve(self, *roles: str) -> Program:
        """The office at work; the platforms are told its callback address."""
        program = self.start("serve", *(word for role in roles for word in ("--role", role)))
        address = program.ready()["address"]
        if address:
            for account, platform in self.platforms.items():
                platform.callback = f"{address}/hook/{account}"
        return program

    def sign(self, count: int) -> list[int]:
        """Bring so many items over the desk, for every account; returns the deliveries."""
        paths = [self.folder / f"{number}.md" for number in range(count)]
        for number, path in enumerate(paths):
            path.write_text(f"# 关于第{number}号事项的公告\n\n第{number}号事项现予公告。\n", encoding="utf-8")
        with contextlib.closing(House(settings.load(self.config))) as house:
            return _sign(house, [Proposal(importing.read(path), path.name) for path in paths])

    def engine(self) -> contextlib.AbstractContextManager[Engine]:
        return _opened(settings.load(self.config).database_url())

    def states(self) -> dict[State, int]:
        with self.engine() as engine, reading(engine) as connection:
            return ledger.counts(connection)

    def flush_redis(self) -> None:
        """Everything that Redis knows is gone."""
        socket = EmbeddedRedis(self.folder / "data" / "redis").url
        with contextlib.closing(Redis.from_url(socket)) as redis:
            redis.flushall()

    def wait_for(self, state: State, count: int, seconds: float) -> None:
        with self.engine() as engine:
            until(lambda: _count(engine, state) >= count, seconds, f"{count} {state}")

    def complaints(self) -> list[str]:
        """What is not out exactly once as it was signed, in sentences."""
        with self.engine() as engine, reading(engine) as connection:
            rows = ledger.listing(connection, limit=10_000)
        return complaints(rows, {name: platform.shown() for name, platform in self.platforms.items()})

    def rows(self) -> list[Row]:
        """The deliveries, oldest first."""
        with self.engine() as engine, reading(engine) as connection:
            return ledger.listing(connection, limit=10_000)[::-1]

    def close(self) -> None:
        for program in self.programs:
            program.end()
        for site in self.sites.values():
            site.stop()


def get(address: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(address, timeout=10)


@contextlib.contextmanager
def _opened(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()


def _sign(house: House, proposals: Sequence[Proposal]) -> list[int]:
    desk = Desk(house.engine, house.settings, house.check, lambda: secrets.token_hex(16))
    drafter, office, leader = PEOPLE
    queued: list[int] = []
    for draft in desk.add(proposals, drafter, house.clock()):
        desk.submit(draft, drafter, house.clock(), seen=1)
        desk.review(draft, office, house.clock(), seen=1)
        queued += desk.sign_off(draft, leader, house.clock(), seen=1).deliveries
    house.nudge()
    return queued


def _count(engine: Engine, state: State) -> int:
    with reading(engine) as connection:
        return ledger.counts(connection).get(state, 0)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("GONGBAO_")}
