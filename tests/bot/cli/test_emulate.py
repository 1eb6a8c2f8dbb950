"""`gongbao emulate`: what keeps it from starting. The emulators at work are in tests/acceptance."""

import socket

from tests.bot.cli.conftest import Gongbao


def test_a_platform_that_nobody_plays_is_told_those_there_are(gongbao: Gongbao) -> None:
    said = gongbao("emulate", "wechta")
    assert (said.code, said.out) == (1, "")
    assert said.err == "没有“wechta”的模拟平台，可选的有：wechat、weibo。\n"


def test_a_taken_port_is_one_sentence(gongbao: Gongbao) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        said = gongbao("emulate", "weibo", "--port", other.getsockname()[1])
    assert (said.code, said.out) == (1, "")
    assert "请换一个端口" in said.err
