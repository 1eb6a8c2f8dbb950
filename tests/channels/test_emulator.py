"""The shared emulator: faults, pushes and the ASGI shell under a real server."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests

from channels.emulator import (
    MAX_BODY,
    Emulator,
    Fault,
    FaultRule,
    Outgoing,
    Request,
    Response,
    post_push,
)
from tests.channels.serving import Hook, served

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
READ = Request("POST", "/read")


class Echo(Emulator):
    """Answers with what it was sent, and keeps the answers to its pushes."""

    kind = "echo"

    def __init__(self, **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self.answers: list[tuple[str, bytes | None]] = []
        self.acted = 0

    def answer(self, request: Request) -> Response:
        self.acted += 1
        fields, files = request.form()
        return Response.of(
            {
                "method": request.method,
                "query": request.query,
                "fields": fields,
                "files": {key: [file.name, file.media_type] for key, file in files.items()},
                "sizes": {key: len(file.content) for key, file in files.items()},
                "body": len(request.body),
                "caller": request.caller,
            }
        )

    def control(self, request: Request) -> Response | None:
        if request.path == "/_emulator/back":
            return Response.redirect("/")
        if request.path == "/_emulator/number":
            return Response.of(int(request.query["of"]))
        return None

    def phone(self) -> str:
        return "<p>电话</p>"

    def replied(self, push: Outgoing, answer: bytes | None) -> None:
        self.answers.append((push.about, answer))


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def emulator() -> Echo:
    return Echo()


@pytest.fixture
def address(emulator: Echo) -> Iterator[str]:
    with served(emulator) as address:
        yield address


def get(path: str, **query: str) -> Request:
    return Request("GET", path, query)


# Faults


@pytest.mark.parametrize(
    ("fault", "acted"),
    [
        (Fault.SLOW_BEFORE, 0),
        (Fault.SLOW_AFTER, 1),
        (Fault.DROP_BEFORE, 0),
        (Fault.DROP_AFTER, 1),
        (Fault.ERRCODE, 0),
        (Fault.HTML_BEFORE, 0),
        (Fault.HTML_AFTER, 1),
        (Fault.HTTP_500_BEFORE, 0),
        (Fault.HTTP_500_AFTER, 1),
    ],
)
def test_a_fault_strikes_before_or_after_the_act(emulator: Echo, fault: Fault, acted: int) -> None:
    emulator.faults.append(FaultRule(fault, seconds=3))
    answer = emulator.handle(READ)
    assert emulator.acted == acted
    assert answer != Echo().handle(READ)


def test_a_fault_ends_after_its_times(emulator: Echo) -> None:
    emulator.faults.append(FaultRule(Fault.HTTP_500_BEFORE, times=2))
    assert [emulator.handle(READ).status for _ in range(3)] == [502, 502, 200]


def test_a_fault_keeps_to_its_path(emulator: Echo) -> None:
    emulator.faults.append(FaultRule(Fault.HTTP_500_BEFORE, path="/write"))
    assert emulator.handle(READ).status == 200
    assert emulator.handle(Request("POST", "/write/one")).status == 502


def test_a_share_of_faults_repeats_with_its_seed() -> None:
    def run(seed: int) -> list[int]:
        emulator = Echo(seed=seed)
        emulator.faults.append(FaultRule(Fault.HTTP_500_BEFORE, share=0.3))
        return [emulator.handle(READ).status for _ in range(200)]

    assert run(1) == run(1) != run(2)
    assert 30 < run(1).count(502) < 90


def test_an_errcode_fault_answers_with_that_code(emulator: Echo) -> None:
    emulator.faults.append(FaultRule(Fault.ERRCODE, code=45009))
    assert emulator.handle(READ) == Response.of({"errcode": 45009})


def test_a_skewed_clock_is_wrong_by_the_seconds_asked_for() -> None:
    emulator = Echo(clock=Clock())
    emulator.faults.append(FaultRule(Fault.CLOCK_SKEW, seconds=-90))
    assert emulator.now == NOW - timedelta(seconds=90)


# Control addresses


def test_calls_are_counted_by_path(emulator: Echo) -> None:
    emulator.handle(READ)
    emulator.handle(READ)
    assert emulator.handle(get("/_emulator/calls")) == Response.of({"/read": 2})


def test_faults_are_set_and_cleared_from_outside(emulator: Echo) -> None:
    rule = Request("POST", "/_emulator/faults", body=b'{"fault": "http_500_before"}')
    emulator.handle(rule)
    assert emulator.handle(READ).status == 502
    emulator.handle(Request("DELETE", "/_emulator/faults"))
    assert emulator.handle(READ).status == 200


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"fault": "none"}', b'{"fault": "errcode", "x": 1}'])
def test_a_bad_control_request_is_refused_and_does_not_break_anything(emulator: Echo, body: bytes) -> None:
    assert emulator.handle(Request("POST", "/_emulator/faults", body=body)).status == 400
    assert emulator.handle(READ).status == 200


def test_an_unknown_control_address_is_not_found(emulator: Echo) -> None:
    assert emulator.handle(get("/_emulator/nothing")).status == 404


def test_a_kind_adds_control_addresses_of_its_own(emulator: Echo) -> None:
    assert emulator.handle(get("/_emulator/number", of="7")).body == b"7"
    assert emulator.handle(get("/_emulator/number", of="x")).status == 400


# Pushes


def pushing(answers: list[bytes | None]) -> tuple[Echo, Clock, list[Outgoing]]:
    clock, sent = Clock(), []

    def push(address: str, outgoing: Outgoing) -> bytes | None:
        sent.append(outgoing)
        return answers.pop(0)

    emulator = Echo(clock=clock, callback="http://127.0.0.1/hook", push=push)
    return emulator, clock, sent


def test_a_push_waits_for_its_time() -> None:
    emulator, clock, sent = pushing([b"success"])
    emulator.push_later({}, b"x", "text/xml", NOW + timedelta(seconds=5))
    assert (emulator.tick(), sent) == (0, [])
    clock.now += timedelta(seconds=5)
    assert emulator.tick() == len(sent) == 1


def test_a_push_waits_for_a_callback_address() -> None:
    emulator, _, sent = pushing([b"success"])
    emulator.callback = ""
    emulator.push_later({}, b"x", "text/xml", NOW)
    assert emulator.tick() == len(sent) == 0


def test_the_answer_to_a_push_reaches_the_emulator() -> None:
    emulator, _, _ = pushing([b"success"])
    emulator.push_later({}, b"x", "text/xml", NOW, about="letter 1")
    emulator.tick()
    assert emulator.answers == [("letter 1", b"success")]


def test_an_unanswered_push_is_tried_three_times_and_then_given_up() -> None:
    emulator, clock, sent = pushing([None] * 4)
    emulator.push_later({}, b"x", "text/xml", NOW, about="letter 1")
    for _ in range(5):
        emulator.tick()
        clock.now += timedelta(seconds=1)
    assert [push.tries for push in sent] == [0, 1, 2]
    assert emulator.answers == [("letter 1", None)]


@pytest.mark.parametrize(("fault", "times"), [(Fault.EVENT_LOST, 0), (Fault.EVENT_REPEATED, 2)])
def test_an_event_fault_loses_or_repeats_a_push(fault: Fault, times: int) -> None:
    emulator, _, sent = pushing([b"", b""])
    emulator.faults.append(FaultRule(fault))
    emulator.push_later({}, b"x", "text/xml", NOW)
    emulator.tick()
    assert len(sent) == times


# The ASGI shell


def test_a_json_body_and_the_query_arrive_whole(address: str) -> None:
    answer = requests.post(f"{address}/read", params={"a": "稿"}, data=b"x" * 3_000_000, timeout=5).json()
    assert (answer["query"], answer["body"], answer["caller"]) == ({"a": "稿"}, 3_000_000, "127.0.0.1")


def test_a_form_arrives(address: str) -> None:
    answer = requests.post(f"{address}/read", data={"title": "公报", "empty": ""}, timeout=5).json()
    assert answer["fields"] == {"title": "公报", "empty": ""}


@pytest.mark.parametrize("size", [0, 1, 1024 * 1024 - 1, 1024 * 1024, 5_000_001])
def test_a_file_of_any_size_arrives(address: str, size: int) -> None:
    files = {"media": ("封面.png", b"\r\n" * (size // 2) + b"x" * (size % 2), "image/png")}
    answer = requests.post(f"{address}/read", data={"description": "说明"}, files=files, timeout=10).json()
    assert answer["files"] == {"media": ["封面.png", "image/png"]}
    assert (answer["sizes"], answer["fields"]) == ({"media": size}, {"description": "说明"})


def test_a_body_beyond_the_limit_is_refused(address: str) -> None:
    assert requests.post(f"{address}/read", data=b"x" * (MAX_BODY + 1), timeout=10).status_code == 413


def test_a_dropped_answer_breaks_the_connection_and_the_next_call_works(emulator: Echo, address: str) -> None:
    emulator.faults.append(FaultRule(Fault.DROP_AFTER, times=1))
    with pytest.raises(requests.RequestException):
        requests.post(f"{address}/read", timeout=5)
    assert emulator.acted == 1
    assert requests.post(f"{address}/read", timeout=5).status_code == 200


def test_a_slow_answer_runs_into_the_callers_time_limit(emulator: Echo, address: str) -> None:
    emulator.faults.append(FaultRule(Fault.SLOW_AFTER, times=1, seconds=1))
    with pytest.raises(requests.Timeout):
        requests.post(f"{address}/read", timeout=0.1)
    assert emulator.acted == 1


def test_the_phone_page_is_html(address: str) -> None:
    answer = requests.get(f"{address}/", timeout=5)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "电话" in answer.text


def test_a_redirect_leads_back_to_the_page(address: str) -> None:
    answer = requests.post(f"{address}/_emulator/back", timeout=5)
    assert (answer.status_code, answer.history[0].status_code) == (200, 303)


def test_the_account_names_the_address_it_was_asked_at(address: str) -> None:
    assert requests.get(f"{address}/_emulator/account", timeout=5).json()["base_url"] == address


def test_pushes_leave_a_running_emulator_by_themselves(emulator: Echo, address: str) -> None:
    hook = Hook()
    with served(hook) as hook_address:
        requests.put(f"{address}/_emulator/callback", json={"address": f"{hook_address}/wx"}, timeout=5)
        emulator.push_later({"nonce": "1"}, "事件".encode(), "text/xml", emulator.now)
        assert hook.got.wait(5)
    pushed = hook.requests[0]
    assert (pushed.path, pushed.query, pushed.body.decode()) == ("/wx", {"nonce": "1"}, "事件")
    assert pushed.headers["content-type"] == "text/xml"


def test_a_push_to_nobody_or_to_an_error_page_has_no_answer() -> None:
    push = Outgoing(NOW, {}, b"x", "text/xml")
    assert post_push("http://127.0.0.1:9/hook", push) is None
    with served(Hook()) as address:
        assert post_push(f"{address}/_emulator/nothing", push) is None
        assert post_push(f"{address}/wx", push) == b"success"
