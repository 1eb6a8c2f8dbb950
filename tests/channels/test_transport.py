"""One call: bounded in time and size, and honest about what it proves. Over real sockets."""

import logging
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from channels.errors import AccountRefused, ChannelError, Unavailable, Uncertain
from channels.transport import MAX_BYTES, Transport, acting_while
from tests.channels.scripted import Turn, dripping, hangs_up, keeps_open, says, scripted

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"


@pytest.fixture
def over() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def call(turn: Turn, *, effect: bool, seconds: float = 5.0) -> object:
    with scripted(turn) as (address, _):
        transport = Transport(address, total_seconds=seconds)
        return transport.json("POST", "/act", effect=effect, params={"access_token": "T0KEN"})


def failure(turn: Turn, *, effect: bool, seconds: float = 5.0) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        call(turn, effect=effect, seconds=seconds)
    return caught.value


def test_an_answer_is_read_as_utf_8_whatever_its_header_says() -> None:
    assert call(says('{"title": "通知"}'.encode(), media_type="text/plain"), effect=True) == {"title": "通知"}


@pytest.mark.parametrize(
    "turn",
    [
        says(b"<html>firewall</html>", media_type="text/html"),
        says(b"<html>firewall</html>", "501 Not Implemented", "text/html"),
        says(b"bad gateway", "502 Bad Gateway", "text/plain"),
        says(b'["a list"]'),
        says(b"\xff\xfe"),
        says(b"[" * 100_000),
        says(b"", "302 Found"),
        says(b"x" * (MAX_BYTES + 1)),
        hangs_up,
    ],
    ids=["page", "501", "502", "list", "bytes", "deep", "redirect", "huge", "hung up"],
)
def test_what_is_no_answer_is_doubt_with_effect_and_another_try_without(turn: Turn) -> None:
    assert isinstance(failure(turn, effect=True), Uncertain)
    assert isinstance(failure(turn, effect=False), Unavailable)


@pytest.mark.parametrize("piece", [b"X-Slow: 1\r\n", b" "], ids=["head", "body"])
def test_the_time_limit_holds_for_the_whole_answer_and_not_for_each_piece(
    piece: bytes, over: threading.Event
) -> None:
    def turn(connection: socket.socket) -> None:
        connection.sendall(HEAD if piece == b" " else b"HTTP/1.1 200 OK\r\n")
        dripping(piece, over)(connection)

    begun = time.monotonic()
    error = failure(turn, effect=True, seconds=0.3)
    assert time.monotonic() - begun < 3
    assert error.code == "timeout"


def test_silence_ends_at_the_time_limit(over: threading.Event) -> None:
    assert failure(lambda _: over.wait(5), effect=False, seconds=0.2).code == "timeout"


def test_a_closed_port_proves_that_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Unavailable, match="connect"):
        Transport(f"http://127.0.0.1:{port}").json("POST", "/act", effect=True)


@pytest.mark.parametrize("address", ["", "api.example.test", "htp://127.0.0.1", "http://"])
def test_an_address_that_is_none_stops_the_account(address: str) -> None:
    with pytest.raises(AccountRefused, match="base_url"):
        Transport(address).json("POST", "/act", effect=True)


def test_no_failure_and_no_log_line_repeats_the_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    errors = [failure(turn, effect=True) for turn in (hangs_up, says(b"<p>"), says(b"x", "502 Bad"))]
    call(says(b"{}"), effect=False)
    assert "T0KEN" not in caplog.text
    assert "T0KEN" not in "".join(f"{error!r}{error}{error.sentence}" for error in errors)


def test_a_call_with_effect_never_uses_a_kept_connection() -> None:
    with scripted(keeps_open) as (address, _):
        transport = Transport(address)
        calls = [transport.json("POST", "/", effect=effect)["nth"] for effect in (False, False, True)]
    assert calls == [1, 2, 1]


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert call(says(b"{}"), effect=False) == {}


def test_a_call_with_effect_is_not_made_once_it_is_no_longer_ours() -> None:
    with scripted(says(b"{}")) as (address, script), acting_while(lambda: False):
        with pytest.raises(Uncertain) as caught:
            Transport(address).json("POST", "/act", effect=True)
        assert caught.value.code == "overtaken"
        assert script.asked == []
        assert Transport(address).json("GET", "/look", effect=False) == {}
