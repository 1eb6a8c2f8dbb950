"""`gongbao emulate`: a platform alone on a port, for any client."""

import json

import pytest
from wechatpy import WeChatClient

from tests.acceptance.office import Office, Program, get, until
from tests.bot.importing.samples import drawn


def account(program: Program) -> dict[str, str]:
    told: dict[str, str] = json.loads(program.first_line())
    return told


def token(own: dict[str, str]) -> str:
    """Fetched here, since the client asks the real platform for it, whatever its address of the interface."""
    asked = f"grant_type=client_credential&appid={own['appid']}&secret={own['secret']}"
    return str(get(f"{own['base_url']}/cgi-bin/token?{asked}").json()["access_token"])


@pytest.mark.parametrize("kind", ["wechat", "weibo"])
def test_the_first_line_is_an_account_that_a_configuration_takes(bare_office: Office, kind: str) -> None:
    program = bare_office.start("emulate", kind, "--port", "0")
    bare_office.write_config({"accounts.town": account(program)})
    assert bare_office.run("config", "check").code == 0
    assert get(account(program)["base_url"]).status_code == 200
    assert program.stop(10) == 0


def test_an_unmodified_client_publishes_on_it(bare_office: Office) -> None:
    own = account(bare_office.start("emulate", "wechat", "--port", "0"))
    client = WeChatClient(own["appid"], own["secret"], access_token=token(own), timeout=10)
    client.API_BASE_URL = f"{own['base_url']}/cgi-bin/"
    cover = client.material.add("image", ("封面.png", drawn(size=(900, 383))))["media_id"]
    article = {"title": "停水通知", "content": "<p>明日停水。</p>", "thumb_media_id": cover}
    client.freepublish.submit(client.draft.add([article])["media_id"])
    client._http.close()
    posts = until(lambda: get(f"{own['base_url']}/_emulator/posts").json(), 10, "the article")
    assert [post["title"] for post in posts] == ["停水通知"]


def test_a_platform_that_nobody_plays_is_one_sentence(bare_office: Office) -> None:
    said = bare_office.run("emulate", "wechta")
    assert (said.code, said.out) == (1, "")
    assert "可选的有：wechat、weibo" in said.err
