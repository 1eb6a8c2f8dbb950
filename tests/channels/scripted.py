"""A platform that says exactly what a test writes down: raw bytes on a real socket."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Turn = Callable[[socket.socket], object]


@dataclass
class Script:
    """`turns` are played one a connection, the last one for ever; `asked` is what arrived before each."""

    turns: list[Turn]
    asked: list[bytes] = field(default_factory=list)


@contextmanager
def scripted(*turns: Turn) -> Iterator[tuple[str, Script]]:
    """The address of a server that plays `turns`, and what it was asked."""
    script = Script(list(turns))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_serve, args=(listening, script))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", script
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def says(
    body: bytes, status: str = "200 OK", media_type: str = "application/json", keep: bool = False
) -> Turn:
    head = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {media_type}",
        f"Content-Length: {len(body)}",
        f"Connection: {'keep-alive' if keep else 'close'}",
        "\r\n",
    ]
    return lambda connection: connection.sendall("\r\n".join(head).encode() + body)


def says_json(content: object) -> Turn:
    return says(json.dumps(content, ensure_ascii=False).encode())


def hangs_up(connection: socket.socket) -> None:
    connection.close()


def keeps_open(connection: socket.socket) -> None:
    """Answers {"nth": 1} and goes on with what else comes on the same connection."""
    for nth in range(1, 10):
        says(b'{"nth": %d}' % nth, keep=True)(connection)
        _request(connection)


def dripping(piece: bytes, over: threading.Event) -> Turn:
    """One `piece` every 50 ms until the caller is gone or the test is over."""

    def turn(connection: socket.socket) -> None:
        while not over.wait(0.05):
            connection.sendall(piece)

    return turn


def _serve(listening: socket.socket, script: Script) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection, suppress(OSError):
            connection.settimeout(5)
            script.asked.append(_request(connection))
            turn = script.turns.pop(0) if len(script.turns) > 1 else script.turns[0]
            turn(connection)


def _request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += _piece(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        ),
        0,
    )
    while len(body) < length:
        piece = _piece(connection)
        received, body = received + piece, body + piece
    return received


def _piece(connection: socket.socket) -> bytes:
    piece = connection.recv(65536)
    if not piece:
        raise ConnectionError
    return piece
