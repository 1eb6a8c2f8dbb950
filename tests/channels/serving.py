"""A real server on a free port of this machine, for as long as a test needs it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from channels.emulator import Emulator, Request, Response


class Hook(Emulator):
    """A callback: keeps what it gets."""

    kind = "hook"

    def __init__(self) -> None:
        super().__init__()
        self.got = threading.Event()
        self.requests: list[Request] = []

    def answer(self, request: Request) -> Response:
        self.requests.append(request)
        self.got.set()
        return Response(b"success", media_type="text/plain")


@contextmanager
def served(application: Any) -> Iterator[str]:
    """The address at which `application` answers; early callers wait in the listening socket."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(application, log_level="critical", lifespan="on"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
