"""A web server on 127.0.0.1 that stands for every public host; what it says is written byte for byte."""

import contextlib
import http.server
import socket
import threading

PUBLIC = "93.184.216.34"


def answer(body, *headers, status="200 OK", length=True):
    lines = [f"HTTP/1.1 {status}", *headers, *([f"Content-Length: {len(body)}"] if length else [])]
    return "\r\n".join([*lines, "", ""]).encode("utf-8") + body


def redirect(location, status="302 Found"):
    return answer(b"", f"Location: {location}", status=status)


def endless(head, piece=b"x" * 65_536, *, pause=0.0):
    """Send `head` and then `piece` again and again, until the client hangs up or the test ends."""

    def send(wfile, closing):
        wfile.write(head)
        while not closing.wait(pause):
            wfile.write(piece)

    return send


class Site:
    """The server; each request takes the next answer, and the last one stays.

    `resolve` and `connect` are for what opens connections: they lead it here, whatever it asks for.
    """

    def __init__(self, *answers, tls=None, addresses=lambda _host: [PUBLIC], refusing=(), port=0):
        self.requests = []
        self.bodies = []
        self.looked_up = []
        self.connected = []
        self._answers = list(answers)
        self._addresses = addresses
        self._refusing = refusing
        self._tls = tls
        self._closing = threading.Event()
        self.port = port

    def resolve(self, host, port):
        self.looked_up.append(host)
        return self._addresses(host)

    def connect(self, address, port, seconds):
        self.connected.append((address, port))
        if address in self._refusing:
            raise ConnectionRefusedError
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)

    def __enter__(self):
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                site.requests.append((self.path, dict(self.headers)))
                reply = site._answers.pop(0) if len(site._answers) > 1 else site._answers[0]
                with contextlib.suppress(OSError):
                    if callable(reply):
                        reply(self.wfile, site._closing)
                    else:
                        self.wfile.write(reply)

            def do_POST(self):
                site.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.do_GET()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = False
        self.port = self._server.server_port
        if self._tls:
            self._server.socket = self._tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
