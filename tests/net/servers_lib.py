"""Servers on the loopback for the tests: a plain one, one in the manner of gperftools, a hostile one.

Every server records the requests that it saw: (method, path, headers, body).
"""
import gzip
import http.server
import pathlib
import socket
import threading
import time

PROFILES = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "profiles"


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.requests = []
        self.address = f"127.0.0.1:{self.server_port}"
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def stop(self):
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        pass


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def note(self, body=b""):
        self.server.requests.append((self.command, self.path, dict(self.headers), body))

    def answer(self, body, status=200, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Plain(Handler):
    """/files/NAME: a fixture; /gzip/NAME: the same with Content-Encoding; /members/NAME: in two members;
    /coded/CODING/NAME: said to be in that coding; /CODE/...: a redirect."""

    redirects = {}

    def do_GET(self):
        self.note()
        if self.path in self.redirects:
            self.answer(b"moved", 302, Location=self.redirects[self.path])
            return
        path = self.path.split("?")[0]
        if self.path.startswith("http://"):  # asked as a proxy
            path = "/files/go/heap.pb.gz"
        kind, _, name = path[1:].partition("/")
        if kind in ("301", "302", "303", "307", "308"):
            self.answer(b"moved", int(kind), Location="/" + name)
        elif kind == "secret" and self.headers.get("Authorization") != "Basic dTpwYXNz":
            self.answer(b"", 401)
        elif kind == "gzip":
            assert self.headers.get("Accept-Encoding") == "gzip"
            self.answer(gzip.compress((PROFILES / name).read_bytes()), Content_Encoding="gzip")
        elif kind == "members":
            data = (PROFILES / name).read_bytes()
            self.answer(gzip.compress(data[:100]) + gzip.compress(data[100:]), Content_Encoding="GZIP")
        elif kind == "coded":
            coding, _, name = name.partition("/")
            self.answer((PROFILES / name).read_bytes(), Content_Encoding=coding)
        elif kind in ("files", "secret") and (PROFILES / name).is_file():
            self.answer((PROFILES / name).read_bytes())
        elif kind == "evil":
            self.answer(evil_profile())
        else:
            self.answer(b"no such\nprofile\n", 404, X_Go_Pprof="1", Content_Type="text/plain")


class Careful(Handler):
    """Wants a header; /away: a redirect to another host; /reason: an error page of a proxy."""

    away = ""

    def do_GET(self):
        self.note()
        if self.path == "/reason":
            self.answer(b"\n  upstream \x1b[31mtimed out\nand so on\n", 504)
        elif self.headers.get("Authorization") != "Bearer abc" and not self.path.startswith("/open"):
            self.answer(b"who are you?\n", 401)
        elif self.path == "/away":
            self.answer(b"", 302, Location=self.away)
        else:
            self.answer((PROFILES / "go/heap.pb.gz").read_bytes())


class UnixServer(http.server.ThreadingHTTPServer):
    address_family = socket.AF_UNIX
    daemon_threads = True

    def server_bind(self):
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = "unix", 0

    def get_request(self):
        request, _ = self.socket.accept()
        return request, ("unix", 0)


class Gperftools(Handler):
    """Profiles without names, and the names for those who ask."""
    HEAP = b"""heap profile: 2: 300 [ 2: 300] @ heapprofile
     1:    100 [     1:    100] @ 0x401011 0x402022 0x403033
     1:    200 [     1:    200] @ 0x401012 0x402022 0x403033

MAPPED_LIBRARIES:
00400000-00500000 r-xp 00000000 08:01 1234 /nonexistent/%s
"""
    NAME = b"server"
    NAMES = {0x401: "ns::make_thing(int)", 0x402: "work()", 0x403: "main"}

    def do_GET(self):
        self.note()
        if self.path.startswith("/pprof/heap"):
            self.answer(self.HEAP % self.NAME)
        elif self.path.startswith("/pprof/profile"):
            self.answer((PROFILES / "cpp" / "cpu.prof").read_bytes())
        else:
            self.answer(b"num_symbols: 1\n" if self.path == "/pprof/symbol" else b"", 200)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.note(body)
        if self.path != "/pprof/symbol":
            self.answer(b"", 404)
            return
        lines = []
        for address in body.decode().split("+"):
            name = self.NAMES.get(int(address, 16) >> 12)
            if name:
                lines.append(f"{address}\t{name}\n")
        self.answer("".join(lines).encode())


class Getting(Gperftools):
    """A newer server of Go's: the symbols are for a GET alone."""

    def do_GET(self):
        if not self.path.startswith("/pprof/symbol?"):
            super().do_GET()
            return
        self.note()
        lines = []
        for address in self.path.split("?")[1].split("+"):
            name = self.NAMES.get(int(address, 16) >> 12)
            if name:
                lines.append(f"{address}\t{name}\n")
        self.answer(("num_symbols: 1\n" + "".join(lines)).encode())

    def do_POST(self):
        self.note(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer(b"use GET\n", 405)


class Chatty(Gperftools):
    """The symbols never end."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(b"0x401011\t" + b"x" * 4000 + b"\n")


class Nameless(Gperftools):
    """Another one, which tells no names."""
    NAME = b"nameless"

    def do_POST(self):
        self.note(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer(b"", 404)


class Hostile(Handler):
    protocol_version = "HTTP/1.1"

    def raw(self, *pieces, pause=0.0, forever=False):
        self.close_connection = True
        while True:
            for piece in pieces:
                self.wfile.write(piece)
                self.wfile.flush()
                time.sleep(pause)
            if not forever:
                return

    def do_GET(self):
        self.note()
        ok = b"HTTP/1.1 200 OK\r\n"
        kind = self.path.strip("/").split("/")[0]
        if kind == "silent":
            time.sleep(60)
        elif kind == "slow":
            self.raw(ok + b"Content-Length: 100000\r\n\r\n")
            self.raw(b"x", pause=0.1, forever=True)
        elif kind == "slow-header":
            self.raw(ok)
            self.raw(b"X", pause=0.1, forever=True)
        elif kind == "slow-error":
            self.raw(b"HTTP/1.1 500 Broken\r\nX-Go-Pprof: 1\r\nContent-Type: text/plain\r\n\r\n")
            self.raw(b"x", pause=0.1, forever=True)
        elif kind == "closes":
            self.close_connection = True
        elif kind == "closes-early":
            self.raw(ok + b"Content-Length: 1000\r\n\r\nabc")
        elif kind == "closes-in-chunk":
            self.raw(ok + b"Transfer-Encoding: chunked\r\n\r\n100\r\nabc")
        elif kind == "resets":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            self.connection.close()
            self.close_connection = True
        elif kind == "too-long":
            self.raw(ok + b"Content-Length: 5\r\n\r\n" + (PROFILES / "go/heap.pb.gz").read_bytes())
        elif kind == "garbage":
            self.raw(ok + b"\r\n" + bytes(range(256)) * 100)
        elif kind == "no-http":
            self.raw(b"\0\1\2 hello, what is this?\n" * 50)
        elif kind == "bad-chunks":
            self.raw(ok + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n")
        elif kind == "bad-gzip":
            self.raw(ok + b"Content-Encoding: gzip\r\n\r\nnot gzip at all")
        elif kind == "empty":
            self.raw(ok + b"Content-Length: 0\r\n\r\n")
        elif kind == "loop":
            n = int(self.path.split("/")[2])
            self.answer(b"", 302, Location=f"/loop/{n + 1}")
        elif kind == "elsewhere":
            self.answer(b"", 302, Location="file:///etc/passwd")
        elif kind == "nowhere":
            self.answer(b"", 302, Location="http://127.0.0.1:1/")
        elif kind == "no-location":
            self.answer(b"", 302)
        elif kind == "no-host":
            self.answer(b"", 302, Location="http:///")
        elif kind == "bad-location":
            self.answer(b"", 302, Location="http://a b/")
        elif kind == "switching":
            self.raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", pause=30)
        elif kind == "redirect-body":
            self.raw(b"HTTP/1.1 302 Found\r\nLocation: /empty\r\n\r\n")
            self.raw(b"x" * 65536, forever=True)
        elif kind == "endless":
            self.raw(ok + b"\r\n")
            self.raw(bytes(1 << 20), forever=True)
        elif kind == "endless-gzip":
            self.raw(ok + b"\r\n")
            packer = gzip.compress(bytes(8 << 20))
            self.raw(packer, forever=True)
        elif kind == "endless-encoding":
            self.raw(ok + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(65 << 20)))
        elif kind == "long-header":
            self.raw(ok + b"X-More: ")
            self.raw(b"y" * 10000, forever=True)
        elif kind == "endless-headers":
            self.raw(ok)
            self.raw(b"X-More: " + b"y" * 1000 + b"\r\n", forever=True)
        elif kind == "many-headers":
            self.raw(ok + b"X-More: y\r\n" * 100000 + b"\r\n")
        elif kind == "page":
            self.raw(b"HTTP/1.1 500 \x1b[31mred\r\nX-Go-Pprof: 1\r\nContent-Type: text/plain\r\n\r\n"
                     b"a\nb\x1b[2Jc" * 100000)


def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out + bytes([n]))


def field(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def evil_profile():
    """A profile whose sample type wants to be saved elsewhere."""
    type_ = bytes([8, 1, 16, 2])
    strings = ["", "../../../evil", "count"]
    return field(1, type_) + b"".join(field(6, s.encode()) for s in strings)
