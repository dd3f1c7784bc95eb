"""A proxy between a browser and a broker that keeps every byte that passes, in both directions."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from broker.demo.story import listening


@dataclass
class Recorder:
    """Where the proxy listens, and what passed so far: what browsers sent, and what they were answered."""

    address: str
    sent: bytearray = field(default_factory=bytearray)
    answered: bytearray = field(default_factory=bytearray)


@contextmanager
def recording(broker_address: str) -> Iterator[Recorder]:
    """Pass on to this broker whatever browsers send it, until the block ends."""
    host, port = broker_address.removeprefix("http://").split(":")
    # What is asked of a proxy names the server (RFC 9112 3.2.2); what is asked of a server does not.
    absolute = f" {broker_address}/".encode()
    with listening() as door:
        recorder = Recorder(f"http://127.0.0.1:{door.getsockname()[1]}")

        def connect(near: socket.socket) -> None:
            with near, socket.create_connection((host, int(port))) as far:
                back = threading.Thread(target=pump, args=(far, near, recorder.answered))
                back.start()
                pump(near, far, recorder.sent)
                back.join()

        def pump(source: socket.socket, target: socket.socket, kept: bytearray) -> None:
            with suppress(OSError):
                while data := source.recv(65536):
                    kept.extend(data)
                    target.sendall(data.replace(absolute, b" /"))
                target.shutdown(socket.SHUT_WR)

        def serve() -> None:
            connections = []
            with suppress(OSError):
                while True:
                    near, _ = door.accept()
                    connections.append(threading.Thread(target=connect, args=(near,)))
                    connections[-1].start()
            for connection in connections:
                connection.join()

        serving = threading.Thread(target=serve)
        serving.start()
        yield recorder
        door.shutdown(socket.SHUT_RDWR)
        serving.join()
