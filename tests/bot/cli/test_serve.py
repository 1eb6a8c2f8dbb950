"""`gongbao serve`: what keeps it from starting. The office at work is in tests/acceptance."""

import socket
from pathlib import Path

from tests.bot.cli.conftest import CONFIG, Gongbao


def test_a_role_that_is_none_is_told_those_there_are(gongbao: Gongbao) -> None:
    said = gongbao("serve", "--role", "cook")
    assert (said.code, said.out) == (1, "")
    assert said.err == "没有角色“cook”，可选的有：web、scheduler、worker。\n"


def test_a_taken_port_is_one_sentence(gongbao: Gongbao, office: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        config = office / "config.toml"
        config.write_text(f"{config.read_text()}\n[web]\nport = {port}\n", encoding="utf-8")
        said = gongbao("serve")
    assert (said.code, said.out) == (1, "")
    assert said.err == f"无法监听 127.0.0.1:{port}（Address already in use），请换一个端口。\n"


def test_a_redis_that_does_not_answer_is_one_sentence(gongbao: Gongbao, office: Path) -> None:
    config = CONFIG.format(redis="redis://127.0.0.1:9/0")
    (office / "config.toml").write_text(config, encoding="utf-8")
    said = gongbao("serve", "--role", "worker")
    assert (said.code, said.out) == (1, "")
    assert "连不上 Redis，请检查配置中的 redis.url" in said.err
    assert said.err.count("\n") == 1
