"""A browser without a screen: cookies, forms with their tokens, over a real socket."""

import re
from dataclasses import dataclass, field
from html import unescape

import requests

from bot.app import House
from bot.people import Grant, People, Role

PASSWORD = "three quiet lakes"
ACT = "/drafts/1/{}"


@dataclass
class Browser:
    address: str
    session: requests.Session = field(default_factory=requests.Session)
    token: str = ""

    def get(self, path: str, **more: object) -> requests.Response:
        return self.session.get(self.address + path, **more)  # type: ignore[arg-type]

    def post(self, path: str, values: object = (), **more: object) -> requests.Response:
        fields = [("csrf", self.token), *(values.items() if isinstance(values, dict) else values)]  # type: ignore[misc]
        return self.session.post(self.address + path, fields, **more)  # type: ignore[arg-type]

    def log_in(self, name: str, password: str = PASSWORD, code: str = "") -> requests.Response:
        door = hidden(self.get("/login").text, "door")
        fields = {"door": door, "name": name, "password": password, "code": code}
        response = self.session.post(f"{self.address}/login", fields)
        if response.ok:
            self.token = hidden(self.get("/me").text, "csrf")
        return response


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return unescape(found[1])


def admit(house: House, name: str, *roles: Role, unit: str = "") -> int:
    given = [Grant(role, unit) for role in roles]
    return People(house.engine).add(name, given, PASSWORD, house.clock(), "管理员", must_change=False)
