"""A viewer cannot run code: only widget messages reach a kernel, and only one's own."""

from __future__ import annotations

import contextlib
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
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_binary_message,
    serialize_msg_to_ws_v1,
)
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from sozialanalyse.serve.channel import ERLAUBT, V1, darf

CODE = {"code": "1/0", "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}


def message(kind: str, content: dict[str, Any] | None = None, channel: str = "shell") -> dict[str, Any]:
    """A message as a front end sends it."""
    body = Session().msg(kind, content or {})
    body["header"] = json.loads(json.dumps(body["header"], default=str))
    return {**body, "channel": channel, "buffers": []}


def v1(body: dict[str, Any]) -> bytes:
    """The binary form our front end uses."""
    return serialize_msg_to_ws_v1(body, body["channel"], lambda part: json.dumps(part, default=str).encode())


def plain(body: dict[str, Any]) -> str:
    """The older text form."""
    return json.dumps({name: value for name, value in body.items() if name != "buffers"}, default=str)


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
    assert darf(v1(message(kind, content, channel)), V1) is expected


def test_only_the_binary_protocol_is_spoken() -> None:
    body = message("comm_msg", WIDGET)
    assert darf(v1(body), V1)
    assert not darf(v1(body), None)
    assert not darf(plain(body), None)
    assert not darf(plain(body), V1)
    assert not darf(serialize_binary_message(body), None)


@given(st.one_of(st.text(), st.binary(), st.binary(min_size=8).map(lambda data: data + bytes(600))))
def test_what_cannot_be_read_does_not_pass(data: bytes | str) -> None:
    assert darf(data, V1) is False


@pytest.mark.parametrize("parts", [0, 5, 65, 2**31, 2**63])
def test_a_wrong_number_of_parts_costs_nothing(parts: int) -> None:
    data = parts.to_bytes(8, "little") + v1(message("comm_msg", WIDGET))[8:]
    assert darf(data, V1) is False


def test_deep_nesting_does_not_break_the_reader() -> None:
    body = message("comm_msg", WIDGET)
    deep = b'{"a":' * 100_000
    data = serialize_msg_to_ws_v1([b"{}", b"{}", b"{}", deep], "shell")
    assert darf(data, V1) is False
    assert darf(v1(body), V1)


@given(st.text().filter(lambda kind: kind not in ERLAUBT))
def test_unknown_kinds_do_not_pass(kind: str) -> None:
    assert not darf(v1(message(kind)), V1)


def test_a_second_type_in_the_header_does_not_deceive() -> None:
    body = message("comm_msg", WIDGET)
    parts = [
        json.dumps(body[name], default=str) for name in ("header", "parent_header", "metadata", "content")
    ]
    parts[0] = parts[0].replace(
        '"msg_type": "comm_msg"', '"msg_type": "comm_msg", "msg_type": "execute_request"'
    )
    assert "execute_request" in parts[0]
    assert not darf(serialize_msg_to_ws_v1([part.encode() for part in parts], "shell"), V1)


@pytest.fixture
def kernel(public: Service) -> Iterator[str]:
    """Kernel of a live page that somebody looks at."""
    found = public.live("/live/cluster")[1]
    yield found
    public.goodbye(found)


def channels(service: Service, kernel: str, **kwargs: Any) -> ClientConnection:
    address = (
        f"{service.url.replace('http', 'ws')}/api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}"
    )
    return connect(address, origin=kwargs.pop("origin", service.url), **kwargs)


def answers(socket: ClientConnection, seconds: float = 3, *, text: bool = False) -> Iterator[str]:
    """Kinds of messages until the connection closes or falls silent."""
    while True:
        try:
            data = socket.recv(timeout=seconds)
        except (TimeoutError, ConnectionClosed):
            return
        if text:
            yield json.loads(data)["msg_type"]
            continue
        assert isinstance(data, bytes)
        yield json.loads(deserialize_msg_from_ws_v1(data)[1][0])["msg_type"]


def test_execute_request_is_refused_and_widget_talk_works(public: Service, kernel: str) -> None:
    target = public.folder / "eingebrochen"
    attack = message("execute_request", {**CODE, "code": f"open({str(target)!r}, 'w').close()"})
    with channels(public, kernel, subprotocols=[V1]) as socket:
        socket.send(v1(message("comm_info_request")))
        assert "comm_info_reply" in answers(socket)
        socket.send(v1(attack))
        assert not {"execute_reply", "execute_input"} & set(answers(socket))
        assert socket.close_code == 1008
    with channels(public, kernel) as socket:
        socket.send(plain(attack))
        for _ in answers(socket, text=True):
            pass
        assert socket.close_code == 1008
    assert not target.exists()
    assert kernel_alive(public, kernel)
    assert any(line["ereignis"] == "nachricht_abgewiesen" for line in public.log())


def test_a_control_that_fails_tells_nothing_of_the_inside(public: Service, kernel: str) -> None:
    """Every control gets a state it cannot have: the page hears that it failed, no path, no traceback."""
    with channels(public, kernel, subprotocols=[V1]) as socket:
        socket.send(v1(message("comm_info_request")))
        comms, heard = [], []
        while not comms:
            parts = deserialize_msg_from_ws_v1(socket.recv(timeout=5))[1]
            if json.loads(parts[0])["msg_type"] == "comm_info_reply":
                comms = list(json.loads(parts[3])["comms"])
        for comm in comms:
            state = {"method": "update", "state": {"value": {"x": 1}, "index": "x"}, "buffer_paths": []}
            socket.send(v1(message("comm_msg", {"comm_id": comm, "data": state})))
        with contextlib.suppress(TimeoutError, ConnectionClosed):
            while True:
                heard.append(deserialize_msg_from_ws_v1(socket.recv(timeout=2))[1])
    kinds = [json.loads(parts[0])["msg_type"] for parts in heard]
    assert "error" in kinds
    assert "stream" not in kinds
    words = b"".join(part for parts in heard for part in parts).decode(errors="replace")
    assert not re.search(r"Traceback|site-packages|TraitError|\.py\b", words)
    told = json.loads(heard[kinds.index("error")][3])
    assert told["ename"] == "Fehler"
    assert "Bitte" in told["evalue"]
    assert kernel_alive(public, kernel)
    assert any(line["ereignis"] == "bedienung_gescheitert" for line in public.log())


def test_a_connection_that_does_not_say_where_it_comes_from_is_refused(public: Service, kernel: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        channels(public, kernel, origin=None)
    assert refused.value.response.status_code == 403


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
