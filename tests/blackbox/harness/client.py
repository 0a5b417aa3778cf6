"""A client that sends exactly the bytes it is told to and reads exactly what comes back."""

import socket
import struct
import time

from .http import Closed, Reader, Response, field_lines, read_body


class Client(Reader):
    def __init__(self, port, address="127.0.0.1", timeout=10.0, receive_buffer=None):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.settimeout(timeout)
        sock.connect((address, port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().__init__(sock, timeout)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        self.sock.close()

    def abort(self):
        """Closes with a reset instead of an orderly end."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def send(self, data):
        self.sock.settimeout(self.timeout)
        self.sock.sendall(data)

    def send_slowly(self, data, pause=0.002):
        """One byte at a time, each in a packet of its own."""
        for at in range(len(data)):
            self.send(data[at:at + 1])
            time.sleep(pause)

    def read_head(self, timeout=None):
        return Response(self.until(b"\r\n\r\n", timeout))

    def read_response(self, method="GET", timeout=None, sink=None):
        """The final response; the interim ones before it are in its member `interim`."""
        interim = []
        while True:
            response = self.read_head(timeout)
            if response.status >= 200:
                break
            interim.append(response)
        bodiless = method == "HEAD" or response.status in (204, 304)
        read_body(self, response, bodiless, sink, timeout)
        response.interim = interim
        return response

    def request(self, method="GET", target="/", host="localhost", fields=(), body=None,
                timeout=None):
        """Sends one request with a Content-Length body and reads its response."""
        self.send(request_bytes(method, target, host, fields, body))
        return self.read_response(method, timeout)


def request_bytes(method="GET", target="/", host="localhost", fields=(), body=None):
    lines = [("Host", host)] if host is not None else []
    lines += list(fields)
    if body is not None:
        lines.append(("Content-Length", str(len(body))))
    return f"{method} {target} HTTP/1.1\r\n".encode("latin-1") + field_lines(lines) + b"\r\n" + (
        body or b"")


def fetch(port, target="/", host="localhost", method="GET", fields=(), body=None, timeout=10.0):
    """One request on a connection of its own."""
    with Client(port, timeout=timeout) as client:
        return client.request(method, target, host, fields, body)


def send_raw(port, data, timeout=10.0):
    """Sends bytes on a connection of its own. Gives the first response and whether the gateway
    closed the connection behind it."""
    with Client(port, timeout=timeout) as client:
        client.send(data)
        response = client.read_response()
        return response, client.at_end()


__all__ = ["Client", "Closed", "fetch", "request_bytes", "send_raw"]
