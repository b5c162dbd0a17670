"""The far side of a webhook: a small HTTP server in a thread that answers as badly as it is told to."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field

WAYS = {
    "ok": b"HTTP/1.1 204 No Content\r\n\r\n",
    "failing": b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 4\r\n\r\noops",
    "redirecting": b"HTTP/1.1 307 Temporary Redirect\r\nlocation: %s\r\ncontent-length: 0\r\n\r\n",
    "endless": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nmore\r\n",
    "babbling": b"SSH-2.0-not-http\r\n",
    "cutting": b"HTTP/1.1 200",
    "hanging": b"",
}


@dataclass
class FarSide:
    """Answers each request in one of `WAYS` and keeps what it was sent."""

    way: str = "ok"
    redirect_to: str = "http://127.0.0.1:9/"
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> FarSide:
        self._over = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(0.05)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()
        self._listening.close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook?key=1"

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._listening.getsockname()[1])

    def _serve(self) -> None:
        threads = []
        while not self._over.is_set():
            try:
                connection, _ = self._listening.accept()
            except TimeoutError:
                continue
            threads.append(threading.Thread(target=self._answer, args=(connection,)))
            threads[-1].start()
        for thread in threads:
            thread.join()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(5)
            self._read(connection)
            self.arrived.set()
            way = self.way
            told = WAYS[way].replace(b"%s", self.redirect_to.encode())
            try:
                connection.sendall(told)
            except OSError:
                return
            if way in ("hanging", "endless"):
                self._over.wait(5)

    def _read(self, connection: socket.socket) -> None:
        read = b""
        while b"\r\n\r\n" not in read:
            read += connection.recv(65536)
        head, _, body = read.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        while len(body) < int(headers.get("content-length", 0)):
            body += connection.recv(65536)
        self.paths.append(first)
        self.requests.append((headers, body))
