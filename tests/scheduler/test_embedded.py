import os
import signal
import subprocess
import sys
from pathlib import Path

from redis import Redis

from scheduler.embedded import EmbeddedRedis

KEEP_A_VALUE_AND_DIE = """
import sys
from pathlib import Path
from redis import Redis
from scheduler.embedded import EmbeddedRedis
server = EmbeddedRedis(Path(sys.argv[1]))
server.start()
Redis.from_url(server.url).set("kept", "yes")
print("ready", flush=True)
sys.stdin.read()
"""


def test_it_starts_answers_and_stops(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path / "redis")
    server.start()
    with Redis.from_url(server.url) as client:
        assert client.ping()
    server.stop()
    assert not server.answers()


def test_data_is_there_after_a_restart(tmp_path: Path) -> None:
    for value in (None, b"yes"):
        server = EmbeddedRedis(tmp_path)
        server.start()
        with Redis.from_url(server.url) as client:
            assert client.get("kept") == value
            client.set("kept", "yes")
        server.stop()


def test_it_is_found_again_after_its_starter_was_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KEEP_A_VALUE_AND_DIE, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == b"ready\n"
        os.kill(starter.pid, signal.SIGKILL)
    server = EmbeddedRedis(tmp_path)
    assert server.answers()
    server.start()
    with Redis.from_url(server.url) as client:
        assert client.get("kept") == b"yes"
    server.stop()
    assert not server.answers()


def test_the_last_user_ends_it(tmp_path: Path) -> None:
    first, second = EmbeddedRedis(tmp_path), EmbeddedRedis(tmp_path)
    first.start()
    second.start()
    first.stop()
    assert second.answers()
    second.stop()
    assert not second.answers()


def test_a_folder_too_deep_for_a_socket_works_all_the_same(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path / "很深的目录" / ("x" * 120))
    server.start()
    assert server.answers()
    server.stop()
