"""Web servers on loopback that answer as they are told to: what no honest PACS does on demand."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def answering(*answers: Answer, tls: ssl.SSLContext | None = None) -> Iterator[tuple[str, list[str]]]:
    """Its address, and the requests that came. The answers are given one after the other, the last one ever after."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.append(self.path)
            answers[min(len(asked), len(answers)) - 1](self)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http{'s' * bool(tls)}://127.0.0.1:{server.server_port}/dicom-web", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def status(code: int, body: bytes = b"", kind: str = "text/html", **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    return answer


def as_json(value: Any, code: int = 200) -> Answer:
    return status(code, json.dumps(value).encode(), "application/dicom+json; charset=utf-8")


def parts(files: Sequence[bytes], cut: int = 0) -> Answer:
    """A multipart answer; where it is cut, the last bytes never come."""
    body = b"".join(b"\r\n--next\r\nContent-Type: application/dicom\r\n\r\n" + file for file in files) + b"\r\n--next--"

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", 'multipart/related; type="application/dicom"; boundary=next')
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body[: len(body) - cut])

    return answer


def series(uid: str, images: int | None, modality: str = "MR") -> dict[str, Any]:
    """A series as QIDO-RS tells it."""
    told = {"0020000E": {"vr": "UI", "Value": [uid]}, "00080060": {"vr": "CS", "Value": [modality]}}
    return told if images is None else {**told, "00201209": {"vr": "IS", "Value": [images]}}


def study(uid: str, **more: str) -> dict[str, Any]:
    """A study as QIDO-RS tells it; more: value by tag."""
    return {"0020000D": {"vr": "UI", "Value": [uid]}, **{tag: {"vr": "LO", "Value": [more[tag]]} for tag in more}}
