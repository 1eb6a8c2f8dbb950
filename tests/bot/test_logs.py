"""One line an event, and no secret in any of them."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot import logs

SECRET = 'hunter2"\\密'


@pytest.fixture(autouse=True)
def quiet_again() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers[:], logging.root.level = handlers, level


def fail() -> None:
    raise ValueError(f"no {SECRET} here")


@pytest.mark.parametrize("form", ["console", "json"])
def test_no_secret_reaches_a_line(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", form, [SECRET])
    log = structlog.get_logger()
    log.info("sent", token=SECRET, nested={"a": [SECRET]}, address="https://h/x?access_token=abcdef&x=1")
    try:
        fail()
    except ValueError:
        log.exception("failed")
    logging.getLogger("library").warning(
        "GET /cgi?access_token=%s&b=1 {'secret': 'abcdef'} %s", "abcdef", SECRET
    )
    said = capsys.readouterr().err
    assert said.count(logs.HIDDEN) >= 5
    assert "hunter2" not in said
    assert "abcdef" not in said


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    structlog.get_logger().info("已发布", delivery=7)
    logging.getLogger("library").error("bad")
    ours, theirs = map(json.loads, capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["level"], ours["delivery"]) == ("已发布", "info", 7)
    assert (theirs["event"], theirs["level"]) == ("bad", "error")


def test_json_with_an_exception_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("failed")
    (line,) = capsys.readouterr().err.splitlines()
    assert "ValueError" in json.loads(line)["exception"]


def test_what_is_less_grave_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("warning", "console")
    structlog.get_logger().info("ours")
    logging.getLogger("library").info("theirs")
    assert capsys.readouterr().err == ""


def test_a_line_for_people_has_its_pairs_and_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    structlog.get_logger().info("published", delivery=7, account="town")
    assert capsys.readouterr().err.rstrip().endswith("info     published delivery=7 account=town")


@given(st.text(st.characters(codec="utf-8"), min_size=4, max_size=30))
def test_a_known_secret_is_hidden_in_every_spelling(secret: str) -> None:
    redactor = logs.Redactor([secret])
    for spelling in (secret, repr({"k": secret}), json.dumps({"k": secret})):
        assert secret not in redactor.redact(spelling)
