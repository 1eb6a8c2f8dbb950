import socket
from collections.abc import Iterator

import pytest
import requests

from bot.serving import HttpServer, PortTaken
from channels.emulator import Emulator, Request, Response
from tests.bot.house import ask


class Echo(Emulator):
    kind = "echo"

    def answer(self, request: Request) -> Response:
        return Response(request.path.encode(), media_type="text/plain")


@pytest.fixture
def server() -> Iterator[HttpServer]:
    server = HttpServer(Echo()).start()
    yield server
    server.stop()


def test_a_free_port_is_taken_and_told(server: HttpServer) -> None:
    assert server.address == f"http://127.0.0.1:{server.port}"
    assert ask("GET", f"{server.address}/here").content == b"/here"


def test_who_comes_before_the_server_runs_is_served() -> None:
    server = HttpServer(Echo())
    with socket.create_connection((server.host, server.port), timeout=10) as early:
        early.sendall(b"GET /early HTTP/1.0\r\n\r\n")
        server.start()
        assert early.makefile("rb").read().endswith(b"/early")
    server.stop()


def test_a_taken_port_is_one_sentence(server: HttpServer) -> None:
    with pytest.raises(PortTaken, match=f"无法监听 127.0.0.1:{server.port}.*请换一个端口"):
        HttpServer(Echo(), port=server.port)


def test_a_stopped_server_lets_go_of_its_port() -> None:
    server = HttpServer(Echo()).start()
    server.stop()
    with pytest.raises(requests.ConnectionError):
        ask("GET", server.address)
    again = HttpServer(Echo(), port=server.port).start()
    assert ask("GET", f"{again.address}/again").content == b"/again"
    again.stop()
