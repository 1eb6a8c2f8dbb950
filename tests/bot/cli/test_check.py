"""`gongbao check` prints what is wrong, and its exit code says whether that forbids publishing."""

import json
from pathlib import Path

from tests.bot.cli.conftest import Gongbao

LEAK = "户主李桂兰，13812345678"


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_clean_text_ends_with_0(gongbao: Gongbao, office: Path) -> None:
    said = gongbao("check", write(office, "a.txt", "全镇安全生产形势稳定。"))
    assert (said.code, said.out) == (0, "没有发现问题。\n")


def test_a_leak_ends_with_1_and_names_its_place(gongbao: Gongbao, office: Path) -> None:
    said = gongbao("check", write(office, "a.txt", f"公示\n{LEAK}"))
    assert said.code == 1
    assert "第 2 行第 7 字" in said.out
    assert "138****5678" in said.out
    assert "13812345678" not in said.out


def test_a_warning_ends_with_0(gongbao: Gongbao, office: Path) -> None:
    said = gongbao("check", write(office, "a.txt", "截止目前，安装了了电脑。"))
    assert said.code == 0
    assert "请核对" in said.out


def test_json_gives_the_span_in_code_points(gongbao: Gongbao, office: Path) -> None:
    file = write(office, "a.txt", f"\U00020bb7田村。{LEAK}")
    said = gongbao("check", "--json", file)
    (finding,) = json.loads(said.out)
    text = file.read_text(encoding="utf-8")
    assert said.code == 1
    assert text[finding["start"] : finding["end"]] == "13812345678"
    assert set(finding) == {"file", "kind", "level", "start", "end", "sentence", "repair"}
    assert (finding["kind"], finding["level"], finding["file"]) == ("mobile", "block", str(file))


def test_each_line_may_be_a_text_of_its_own(gongbao: Gongbao, office: Path) -> None:
    said = gongbao("check", "--json", "--lines", write(office, "a.txt", f"公示\n\n{LEAK}\n{LEAK}"))
    found = json.loads(said.out)
    assert [(each["line"], each["start"]) for each in found] == [(3, 6), (4, 6)]


def test_a_page_is_checked_without_its_markup(gongbao: Gongbao, office: Path) -> None:
    said = gongbao("check", write(office, "a.html", "<h1>通知</h1><p>防汛工作。</p>"))
    assert (said.code, said.out) == (0, "没有发现问题。\n")


def test_a_file_that_is_not_there_is_told(gongbao: Gongbao, office: Path) -> None:
    said = gongbao("check", "none.txt")
    assert said.code == 1
    assert "none.txt 打不开" in said.err
