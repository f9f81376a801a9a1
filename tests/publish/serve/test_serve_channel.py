"""A viewer cannot run code: only widget messages reach a kernel, and only one's own."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import Service
from hypothesis import given
from hypothesis import strategies as st
from jupyter_client.session import Session
from jupyter_server.services.kernels.connection.base import serialize_binary_message, serialize_msg_to_ws_v1
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from sozialanalyse.publish.serve.channel import ERLAUBT, V1, darf

CODE = {"code": "1/0", "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}


def message(kind: str, content: dict[str, Any] | None = None, channel: str = "shell") -> dict[str, Any]:
    """A message as a front end sends it."""
    body = Session().msg(kind, content or {})
    body["header"] = json.loads(json.dumps(body["header"], default=str))
    return {**body, "channel": channel, "buffers": []}


def v1(body: dict[str, Any]) -> bytes:
    pack = lambda part: json.dumps(part, default=str).encode()  # noqa: E731
    return serialize_msg_to_ws_v1(body, body["channel"], pack)


def forms(body: dict[str, Any]) -> list[tuple[bytes | str, str | None]]:
    """The three ways to write a message."""
    plain = {name: value for name, value in body.items() if name != "buffers"}
    return [(json.dumps(plain, default=str), None), (serialize_binary_message(body), None), (v1(body), V1)]


WIDGET = {"comm_id": "a", "data": {"method": "update", "state": {"value": 1}}}


@pytest.mark.parametrize(
    ("kind", "content", "channel", "expected"),
    [
        ("comm_msg", WIDGET, "shell", True),
        ("comm_open", {"target_name": "jupyter.widget.control", "comm_id": "b", "data": {}}, "shell", True),
        ("comm_close", {"comm_id": "a"}, "shell", True),
        ("comm_info_request", {}, "shell", True),
        ("kernel_info_request", {}, "shell", True),
        ("comm_open", {"target_name": "jupyter.widget", "comm_id": "b", "data": {}}, "shell", False),
        ("comm_open", {"comm_id": "b"}, "shell", False),
        ("execute_request", CODE, "shell", False),
        ("execute_request", CODE, "control", False),
        ("comm_msg", WIDGET, "control", False),
        ("comm_msg", WIDGET, "stdin", False),
        ("input_reply", {"value": "x"}, "stdin", False),
        ("inspect_request", {"code": "x"}, "shell", False),
        ("complete_request", {"code": "x"}, "shell", False),
        ("history_request", {}, "shell", False),
        ("debug_request", {}, "control", False),
        ("shutdown_request", {"restart": True}, "control", False),
        ("interrupt_request", {}, "control", False),
    ],
)
def test_only_widget_messages_pass(kind: str, content: dict[str, Any], channel: str, expected: bool) -> None:
    body = message(kind, content, channel)
    assert [darf(text, protocol) for text, protocol in forms(body)] == [expected] * 3


@given(st.one_of(st.text(), st.binary()), st.sampled_from([None, V1]))
def test_what_cannot_be_read_does_not_pass(data: bytes | str, protocol: str | None) -> None:
    assert darf(data, protocol) is False


@given(st.text().filter(lambda kind: kind not in ERLAUBT))
def test_unknown_kinds_do_not_pass(kind: str) -> None:
    assert not any(darf(text, protocol) for text, protocol in forms(message(kind)))


def test_a_second_type_in_the_header_does_not_deceive() -> None:
    text = json.dumps(message("comm_msg", WIDGET), default=str)
    double = text.replace('"msg_type": "comm_msg"', '"msg_type": "comm_msg", "msg_type": "execute_request"')
    assert double != text
    assert not darf(double, None)


@pytest.fixture
def kernel(public: Service) -> Iterator[str]:
    """Kernel of a live page that somebody looks at."""
    page = public.get("/live/cluster").text
    found = re.search(r'"kernelId": "([0-9a-f-]+)"', page)
    assert found
    yield found[1]
    public.get(f"/voila/api/shutdown/{found[1]}", "POST", b"")


def channels(service: Service, kernel: str, **kwargs: Any) -> ClientConnection:
    address = f"{service.url.replace('http', 'ws')}/api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}"
    return connect(address, origin=kwargs.pop("origin", service.url), **kwargs)


def answers(socket: ClientConnection, seconds: float = 3) -> Iterator[dict[str, Any]]:
    """Messages until the connection closes or falls silent."""
    while True:
        try:
            text = socket.recv(timeout=seconds)
        except (TimeoutError, ConnectionClosed):
            return
        yield json.loads(text)


def test_execute_request_is_refused_and_widget_talk_works(public: Service, kernel: str) -> None:
    target = public.folder / "eingebrochen"
    attack = message("execute_request", {**CODE, "code": f"open({str(target)!r}, 'w').close()"})
    with channels(public, kernel) as socket:
        socket.send(json.dumps(message("comm_info_request"), default=str))
        kinds = []
        for answer in answers(socket):
            kinds.append(answer["msg_type"])
            if answer["msg_type"] == "comm_info_reply":
                assert answer["content"]["comms"], "widgets are there"
                break
        assert "comm_info_reply" in kinds
        socket.send(json.dumps(attack, default=str))
        assert not any(answer["msg_type"] in ("execute_reply", "execute_input") for answer in answers(socket))
        assert socket.close_code == 1008
    with channels(public, kernel, subprotocols=[V1]) as socket:
        assert socket.subprotocol == V1
        socket.send(v1(attack))
        with pytest.raises(ConnectionClosed):
            while True:
                socket.recv(timeout=5)
    assert not target.exists()
    assert any(line["ereignis"] == "nachricht_abgewiesen" for line in public.log())


def test_foreign_origin_and_foreign_kernels_are_refused(public: Service, kernel: str) -> None:
    for origin in ("https://boese.example", "null", f"http://127.0.0.1:{public.port + 1}"):
        with pytest.raises(InvalidStatus) as refused:
            channels(public, kernel, origin=origin)
        assert refused.value.response.status_code == 403
    for other in (str(uuid.uuid4()), kernel[:-1] + ("0" if kernel[-1] != "0" else "1")):
        with pytest.raises(InvalidStatus) as refused:
            channels(public, other)
        assert refused.value.response.status_code == 404
        assert public.get(f"/api/kernels/{other}").status == 404


def test_kernels_cannot_be_listed_started_changed_or_asked_about(public: Service, kernel: str) -> None:
    assert json.loads(public.get(f"/api/kernels/{kernel}").body) == {"id": kernel, "name": "python"}
    for path, method in [("/api/kernels", "GET"), ("/api/kernels", "POST"), (f"/api/kernels/{kernel}", "DELETE"),
                         (f"/api/kernels/{kernel}/restart", "POST"), (f"/api/kernels/{kernel}/interrupt", "POST"),
                         ("/api/contents", "GET"), ("/api/kernelspecs", "GET"), ("/api/sessions", "GET"),
                         (f"/voila/query/{kernel}", "GET"), ("/api/terminals", "POST")]:  # fmt: skip
        assert public.get(path, method, b"{}" if method == "POST" else None).status in (403, 404, 405), path
    assert kernel_alive(public, kernel)


def test_another_site_cannot_end_a_kernel(public: Service, kernel: str) -> None:
    path = f"/voila/api/shutdown/{kernel}"
    assert public.get(path, "POST", b"", Origin="https://boese.example").status == 403
    assert public.get(path, "POST", b"", Sec_Fetch_Site="cross-site").status == 403
    assert kernel_alive(public, kernel)
    assert public.get(path, "POST", b"", Origin=public.url, Sec_Fetch_Site="same-origin").status == 204
    assert not kernel_alive(public, kernel)


def kernel_alive(service: Service, kernel: str) -> bool:
    return service.get(f"/api/kernels/{kernel}").status == 200
