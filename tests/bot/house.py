"""A house with one account on an emulated platform, no process of its own, and a real web server."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import requests

from bot import settings
from bot.app import House, web
from bot.serving import HttpServer
from channels import load_emulator
from channels.emulator import Emulator

ACCOUNT = "wechat-0"


@contextlib.contextmanager
def open_house(folder: Path, redis_url: str, platform: Emulator | None = None) -> Iterator[House]:
    """`platform` empty: its address leads nowhere."""
    own = (platform or load_emulator("wechat")()).account("http://127.0.0.1:9")
    lines = ["[redis]", f'url = "{redis_url}"', f"[accounts.{ACCOUNT}]"]
    lines += [f'{key} = "{value}"' for key, value in own.items()]
    config = folder / "config.toml"
    config.write_text("\n".join(lines), encoding="utf-8")
    with contextlib.closing(House(settings.load(config, {}))) as house:
        yield house


@contextlib.contextmanager
def served(house: House) -> Iterator[str]:
    """The address of the house's web server."""
    server = HttpServer(web(house)).start()
    try:
        yield server.address
    finally:
        server.stop()


def ask(method: str, address: str, body: bytes = b"") -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, address, data=body, timeout=10, allow_redirects=False)
