"""Catches what an SDK really sends: each HTTP request byte for byte as it came, into tests/sdk/recorded.

    python tests/sdk/capture/catch.py <folder> <port>      until a request to /end

It must never change a byte: where a request ends is told by its headers, and the rest is left alone.
"""

import re
import socket
import sys
from pathlib import Path

END = "/end"


def request_of(connection: socket.socket) -> bytes:
    """One request: its head, and the body by Content-Length or by chunks."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        part = connection.recv(65_536)
        if not part:
            return raw
        raw += part
    head, _, body = raw.partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length:\s*(\d+)", head)
    is_chunked = re.search(rb"(?im)^transfer-encoding:\s*chunked", head) is not None
    while (length and len(body) < int(length[1])) or (is_chunked and not body.endswith(b"0\r\n\r\n")):
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def main(folder: Path, port: int) -> None:
    """Answer every request with 202, and keep it under the name in its address."""
    with socket.create_server(("127.0.0.1", port)) as server:
        while True:
            connection, _ = server.accept()
            with connection:
                raw = request_of(connection)
                address = raw.split(b" ", 2)[1].decode() if raw else END
                connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            if address == END:
                return
            (folder / f"{address.strip('/')}.http").write_bytes(raw)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
