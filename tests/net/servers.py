#!/usr/bin/env python3
"""Profiles from servers: servers.py CPPROF LOOP|- SLOW_NAMES

Everything happens on the loopback. The Go server is built here; without a go command its tests are
skipped. LOOP is tests/net/loop.c, SLOW_NAMES slow_names.c.
"""
import contextlib
import fcntl
import gzip
import os
import pathlib
import pty
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402
from servers_lib import (Careful, Chatty, Getting, Gperftools, Hostile, Nameless, Plain, PROFILES, Server,
                         UnixServer)

HERE = pathlib.Path(__file__).resolve().parent
CPPROF, LOOP, SLOW_NAMES = [os.path.abspath(p) for p in sys.argv[1:4]]
SANITIZED = b"__asan_init" in pathlib.Path(CPPROF).read_bytes()
SLACK = 3  # seconds that a loaded machine may add


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp())
        self.saved = self.dir / "saved" / "here"

    def tearDown(self):
        shutil.rmtree(self.dir)

    def environment(self, **more):
        return harness.environment(**{"HOME": str(self.dir / "home"), "PPROF_TMPDIR": str(self.saved), **more})

    def start(self, *args, env=None, **more):
        return subprocess.Popen([CPPROF, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=more.pop("stderr", subprocess.PIPE), cwd=self.dir,
                                env=env or self.environment(), **more)

    def run_(self, *args, timeout=60, **more):
        p = self.start(*args, **more)
        out, err = p.communicate(timeout=timeout)
        return p.returncode, out, err.decode("utf-8", "backslashreplace")

    def good(self, *args, **more):
        code, out, err = self.run_(*args, **more)
        self.assertEqual(code, 0, err)
        return out, err

    def bad(self, *args, **more):
        code, out, err = self.run_(*args, **more)
        self.assertEqual((code, out), (2, b""), err)
        last = err.splitlines()[-1]
        self.assertTrue(last.startswith("cpprof: "), err)
        return last

    def raw(self, name):
        return self.good("-symbolize=none", "-raw", str(PROFILES / name))[0]

    def names(self):
        """What was saved. The folder itself is made before the sandbox, so not where a sanitizer does without one."""
        return sorted(os.listdir(self.saved)) if self.saved.exists() else []


class Fetching(Case):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(Plain)
        cls.url = f"http://{cls.server.address}"

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def setUp(self):
        super().setUp()
        self.server.requests.clear()

    def test_says_and_saves(self):
        out, err = self.good("-symbolize=none", "-raw", self.url + "/files/go/heap.pb.gz")
        self.assertEqual(out, self.raw("go/heap.pb.gz"))
        name = "pprof.workload.alloc_objects.alloc_space.inuse_objects.inuse_space.001.pb.gz"
        self.assertEqual(self.names(), [name])
        self.assertEqual(err, f"Fetching profile over HTTP from {self.url}/files/go/heap.pb.gz\n"
                              f"Saved profile in {self.saved / name}\n")
        again = self.good("-symbolize=none", "-raw", str(self.saved / name))[0]
        self.assertEqual(again, out)
        self.good("-top", self.url + "/files/go/heap.pb.gz")
        self.assertEqual(len(self.names()), 2)
        self.assertIn("space.002.pb.gz", self.names()[1])

    def test_host_and_port_alone(self):
        out, err = self.good("-raw", "-symbolize=none", self.server.address + "/files/go/cpu.pb.gz")
        self.assertEqual(out, self.raw("go/cpu.pb.gz"))

    def test_a_file_of_that_name_comes_first(self):
        name = self.server.address
        shutil.copy(PROFILES / "go/cpu.pb.gz", self.dir / name)
        out, err = self.good("-raw", "-symbolize=none", name)
        self.assertEqual((out, err), (self.raw("go/cpu.pb.gz"), ""))
        self.assertEqual(self.server.requests, [])

    def test_seconds(self):
        out, err = self.good("-top", "-seconds=3", self.url + "/files/go/cpu.pb.gz?seconds=9&a=b")
        self.assertEqual(self.server.requests[0][1], "/files/go/cpu.pb.gz?a=b&seconds=3")
        self.assertIn("please wait 3s", err)

    def test_redirects(self):
        for code in (301, 302, 303, 307, 308):
            out, _ = self.good("-raw", "-symbolize=none", f"{self.url}/{code}/files/go/cpu.pb.gz")
            self.assertEqual(out, self.raw("go/cpu.pb.gz"))

    def test_ten_requests_and_no_more(self):
        self.good("-top", self.url + "/302" * 9 + "/files/go/cpu.pb.gz")
        self.assertEqual(len(self.server.requests), 10)
        self.server.requests.clear()
        self.assertIn("stopped after 10 redirects",
                      self.bad("-top", self.url + "/302" * 10 + "/files/go/cpu.pb.gz"))
        self.assertEqual(len(self.server.requests), 10)

    def test_path_goes_out_as_written(self):
        self.good("-top", self.url + "/files/./go/../go/cpu.pb.gz?x=.")
        self.assertEqual(self.server.requests[0][1], "/files/./go/../go/cpu.pb.gz?x=.")
        self.server.requests.clear()
        self.good("-top", self.url + "/302/./files/../files/go/cpu.pb.gz")
        self.assertEqual(self.server.requests[1][1], "/files/go/cpu.pb.gz")

    def test_redirects_are_resolved(self):
        for start, to, want in (("/a/./b/c?x=1", "../d?y", "/a/d?y"), ("/a/b/../c", "../../d/./", "/d/"),
                                ("/a/b?x=1", "?", "/a/b?"), ("/a", "//HOST/q%2Fr/..", "/"),
                                ("/a", "http://HOST?z", "/?z"), ("/a", "/x y", "/x%20y")):
            self.server.requests.clear()
            Plain.redirects = {start: to.replace("HOST", self.server.address)}
            self.bad("-top", self.url + start)
            self.assertEqual([r[1] for r in self.server.requests[1:]], [want])

    def test_gzip(self):
        out, _ = self.good("-raw", "-symbolize=none", self.url + "/gzip/made/uncompressed.pb")
        self.assertEqual(out, self.raw("made/uncompressed.pb"))

    def test_gzip_of_gzip_and_in_members(self):
        for kind in ("gzip", "members"):
            out, _ = self.good("-raw", "-symbolize=none", f"{self.url}/{kind}/go/cpu.pb.gz")
            self.assertEqual(out, self.raw("go/cpu.pb.gz"))

    def test_other_codings_are_left_alone(self):
        for coding in ("br", "deflate", "x-gzip", "what"):
            out, _ = self.good("-raw", "-symbolize=none", f"{self.url}/coded/{coding}/go/cpu.pb.gz")
            self.assertEqual(out, self.raw("go/cpu.pb.gz"))

    def test_password(self):
        host = self.server.address
        out, err = self.good("-top", f"http://u:pass@{host}/secret/go/cpu.pb.gz")
        self.assertNotIn("pass@", err)
        self.assertIn("401", self.bad("-top", self.url + "/secret/go/cpu.pb.gz"))

    def test_error_page_in_one_line(self):
        self.assertEqual(self.bad("-top", self.url + "/x"), f"cpprof: {self.url}/x: "
                         "server response: 404 Not Found - no such profile")

    def test_proxy(self):
        env = self.environment(HTTP_PROXY=self.url)
        self.good("-top", "http://example.invalid/heap", env=env)
        self.assertEqual(self.server.requests[0][1], "http://example.invalid/heap")
        env = self.environment(HTTP_PROXY="http://127.0.0.1:1")
        self.good("-top", self.url + "/files/go/cpu.pb.gz", env=env)
        env = self.environment(HTTP_PROXY="http://127.0.0.1:1", NO_PROXY="x.invalid")
        self.assertIn("resolve", self.bad("-top", "http://x.invalid/", env=env))

    def test_several_at_once(self):
        urls = [f"{self.url}/files/go/{n}.pb.gz" for n in ("cpu", "labels", "nothing")]
        out, err = self.good("-raw", "-symbolize=none", *urls)
        files = [str(PROFILES / "go" / f"{n}.pb.gz") for n in ("cpu", "labels")]
        self.assertEqual(out, self.good("-raw", "-symbolize=none", *files)[0])
        self.assertIn("Fetching 3 profiles over HTTP, the first from", err)
        self.assertIn(f"left out 1 of 3 source profiles: {urls[2]}: server response", err)

    def test_base(self):
        url = self.url + "/files/go/cpu.pb.gz"
        out, err = self.good("-raw", "-symbolize=none", "-base=" + url, url)
        self.assertIn("Fetching 2 profiles", err)
        self.assertEqual(len(self.server.requests), 2)
        path = str(PROFILES / "go/cpu.pb.gz")
        self.assertEqual(out, self.good("-raw", "-symbolize=none", "-base=" + path, path)[0])
        mixed = self.good("-raw", "-symbolize=none", "-base=" + url, path)[0]
        self.assertEqual(out, mixed)

    def test_saving_stays_in_its_directory(self):
        self.good("-top", self.url + "/evil")
        self.assertEqual(self.names(), ["pprof..._.._.._evil.001.pb.gz"])

    def test_saving_where_it_can(self):
        blocked = self.dir / "file"
        blocked.write_text("")
        env = self.environment(PPROF_TMPDIR=str(blocked / "x"))
        out, err = self.good("-top", self.url + "/files/go/cpu.pb.gz", env=env)
        self.assertIn(f"Could not use temp dir {blocked}/x: Not a directory", err)
        self.assertIn(f"Saved profile in {self.dir}/home/pprof/pprof.workload.samples.cpu.001.pb.gz",
                      err)

    def test_no_name_left_to_save_under(self):
        self.saved.mkdir(parents=True)
        for i in range(1, 10000):
            (self.saved / f"pprof.workload.samples.cpu.{i:03}.pb.gz").touch()
        out, err = self.good("-top", self.url + "/files/go/cpu.pb.gz")
        self.assertIn(f"Could not save profile in {self.saved}: 9999 of that name are there", err)

    def test_base_of_a_file_is_fetched_once(self):
        file = str(PROFILES / "go/labels.pb.gz")
        url = self.url + "/files/go/cpu.pb.gz"
        out, err = self.good("-raw", "-symbolize=none", "-base=" + url, file)
        self.assertEqual([r[1] for r in self.server.requests], ["/files/go/cpu.pb.gz"])
        self.assertIn("Fetching profile over HTTP from " + url, err)

    @unittest.skipIf(SANITIZED, "a sanitizer wants to be loaded first")
    def test_names_that_take_long_to_find(self):
        began = time.monotonic()
        env = self.environment(LD_PRELOAD=SLOW_NAMES)
        self.assertIn("took longer than 1s", self.bad("-top", "-timeout=1", "http://x.invalid/", env=env))
        self.assertLess(time.monotonic() - began, 6 + SLACK)

    def test_terminal(self):
        try:
            master, slave = pty.openpty()
        except OSError as e:
            self.skipTest(f"no pseudo-terminals here: {e}")
        p = self.start("-top", "-seconds=1", self.url + "/files/go/cpu.pb.gz", stderr=slave)
        p.communicate(timeout=30)
        os.close(slave)
        text = ""
        try:
            while piece := os.read(master, 10000):  # as much as is there, not all of it
                text += piece.decode()
        except OSError:
            pass
        os.close(master)
        self.assertRegex(text, r"^\r\x1b\[K0s: Fetching profile over HTTP from http://")
        self.assertRegex(text, r"\r\x1b\[KSaved profile in ")

    def test_libcurl_only_for_urls(self):
        env = self.environment(LD_DEBUG="files")
        path = str(PROFILES / "go/cpu.pb.gz")
        self.assertNotIn("libcurl", self.good("-top", path, env=env)[1])
        self.assertIn("libcurl", self.good("-top", self.url + "/files/go/cpu.pb.gz", env=env)[1])

    @unittest.skipIf(sys.argv[2] == "-", "the loop is no part of this build")
    def test_loop_leaks_nothing(self):
        url = self.url + "/files/go/heap.pb.gz"
        (self.dir / "tmp").mkdir()
        env = self.environment(TMPDIR=str(self.dir / "tmp"))
        done = subprocess.run([LOOP, "1000", "-symbolize=none", "-raw", url], env=env,
                              capture_output=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.assertEqual(len(self.server.requests), 1000)
        self.assertEqual(len(self.names()), 1000)
        self.assertEqual(os.listdir(self.dir / "tmp"), [])


class Symbols(Case):
    def setUp(self):
        super().setUp()
        self.server = Server(Gperftools)
        self.url = f"http://{self.server.address}"

    def tearDown(self):
        super().tearDown()
        self.server.stop()

    def test_names_from_the_server(self):
        out, err = self.good("-top", self.url + "/pprof/heap")
        posts = [r for r in self.server.requests if r[0] == "POST"]
        self.assertEqual([(p[1], p[3]) for p in posts],
                         [("/pprof/symbol", b"0x401010+0x402021+0x403032+0x401011")])
        self.assertEqual(posts[0][2]["Content-Type"], "application/octet-stream")
        rows = re.findall(r"^ *(\S+) +\S+ +\S+ +(\S+) +\S+ +(.*)$", out.decode(), re.M)
        self.assertEqual(rows[1:], [("300B", "300B", "ns::make_thing"), ("0", "300B", "main"),
                                    ("0", "300B", "work()")])
        self.assertNotIn("POST", [r[0] for r in self.server.requests[2:]])

    def test_by_get_where_a_post_is_not_allowed(self):
        server = Server(Getting)
        out, _ = self.good("-top", f"http://{server.address}/pprof/heap")
        self.assertIn(b"ns::make_thing", out)
        self.assertEqual([r[0] for r in server.requests if r[1].startswith("/pprof/symbol")][-1], "GET")
        server.stop()

    def test_saved_with_the_names(self):
        self.good("-top", self.url + "/pprof/heap")
        out, _ = self.good("-symbolize=none", "-raw", str(self.saved / self.names()[0]))
        self.assertIn(b"work()", out)

    def test_not_asked_for(self):
        for mode in ("none", "local", "fastlocal"):
            out, _ = self.good("-symbolize=" + mode, "-top", self.url + "/pprof/heap")
            self.assertNotIn(b"work()", out)
        self.assertNotIn("POST", [r[0] for r in self.server.requests])

    def test_two_servers_of_one_program(self):
        out, _ = self.good("-top", self.url + "/pprof/heap", self.url + "/pprof/heap?x")
        self.assertIn(b"work()", out)
        self.assertRegex(out, rb"600B")

    def test_a_server_without_names(self):
        server = Server(Plain)
        out, err = self.good("-raw", f"http://{server.address}/files/cpp/heap.prof")
        server.stop()
        self.assertIn("remote symbols: http post", err)

    def test_one_of_two_servers_without_names(self):
        nameless = Server(Nameless)
        bad = f"http://{nameless.address}/pprof/heap"
        for urls in ((self.url + "/pprof/heap", bad), (bad, self.url + "/pprof/heap")):
            out, err = self.good("-symbolize=remote", "-raw", *urls)
            self.assertIn(b"work()", out)
            self.assertIn(f"remote symbols: http post http://{nameless.address}/pprof/symbol: "
                          "server response: 404", err)
        nameless.stop()

    def test_the_gate(self):
        """Every run has names from its server, is kept, and is fetched together with the others."""
        base = Server(Gperftools)
        code, out, err = self.run_("-gate=work() cum grows at most 5%", "-symbolize=remote",
                                   f"-base=http://{base.address}/pprof/heap", self.url + "/pprof/heap")
        self.assertEqual(code, 0, out.decode() + err)
        self.assertIn(b"work()", out)
        self.assertIn("Fetching 2 profiles over HTTP", err)
        self.assertEqual(len(self.names()), 2)
        for server in (base, self.server):
            self.assertEqual([r[0] for r in server.requests], ["GET", "POST"])
        base.stop()

    def test_cpu(self):
        out, err = self.good("-symbolize=remote", "-raw", self.url + "/pprof/profile?seconds=1")
        self.assertIn("/pprof/profile?seconds=1", [r[1] for r in self.server.requests])


@contextlib.contextmanager
def answering(answer, wrap=lambda connection: connection):
    """A server that sends these bytes, and closes; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            connection, _ = listener.accept()
            with contextlib.suppress(OSError), wrap(connection) as c:
                c.recv(65536)
                c.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield "127.0.0.1:%d" % listener.getsockname()[1]


class Ends(Case):
    """An answer that only the end of its connection ends: cut off, it would look whole."""
    HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
    TEXT = Gperftools.HEAP % b"server"
    WARNED = "does not say how long its answer is"

    def test_of_what_length(self):
        n = len(self.TEXT)
        for head, body, warns in ((b"", self.TEXT, True),
                                  (b"Content-Length: %d\r\n" % n, self.TEXT, False),
                                  (b"Transfer-Encoding: chunked\r\n", b"%x\r\n%s\r\n0\r\n\r\n" % (n, self.TEXT), False),
                                  (b"", gzip.compress(self.TEXT), False)):
            with self.subTest(head=head), answering(self.HEAD + head + b"\r\n" + body) as address:
                _, err = self.good("-symbolize=none", "-top", f"http://{address}/")
                self.assertEqual(self.WARNED in err, warns, err)

    def test_it_is_an_error_when_asked_to_be_strict(self):
        with answering(self.HEAD + b"\r\n" + self.TEXT) as address:
            self.assertIn(self.WARNED, self.bad("-strict", "-symbolize=none", "-top", f"http://{address}/"))


class Hostility(Case):
    """Each gets one clear line in time."""
    TIMEOUT = 1
    CASES = {
        "silent": "took longer than 1s",
        "slow": "took longer than 1s",
        "slow-header": "took longer than 1s",
        "slow-error": "took longer than 1s",
        "redirect-body": "empty",
        "closes": "http fetch: Empty reply",
        "closes-early": "http fetch: transfer closed",
        "closes-in-chunk": "http fetch: transfer closed",
        "resets": "http fetch: ",
        "too-long": "",
        "garbage": "unrecognized",
        "no-http": "http fetch: Received HTTP/0.9",
        "bad-chunks": "http fetch: ",
        "bad-gzip": "unrecognized",
        "empty": "empty",
        "loop/0": "stopped after 10 redirects",
        "elsewhere": 'redirected to protocol "file"',
        "nowhere": "http fetch: Failed to connect",
        "no-location": "server response: 302",
        "endless": "more than 8388608 bytes",
        "endless-gzip": "bytes",
        "endless-encoding": "more than 67108864 bytes of profile; -max_bytes=N allows more",
        "long-header": "headers don't end",
        "no-host": "redirected to a URL without a host",
        "bad-location": "redirected to a malformed URL",
        "switching": "server response: 101 Switching Protocols",
        "endless-headers": "headers don't end",
        "many-headers": "headers don't end",
        "page": "server response: 500",
    }

    def test_all(self):
        server = Server(Hostile)
        url = f"http://{server.address}/"
        runs = {}
        for name, why in self.CASES.items():  # who is ended by another limit gets all the time that a busy machine needs
            seconds = self.TIMEOUT if "longer" in why else 60
            runs[name] = self.start("-top", f"-timeout={seconds}", "-max_bytes=64mb", url + name)
        for name, p in runs.items():
            with self.subTest(name):
                out, err = p.communicate(timeout=90)
                text = err.decode("utf-8", "backslashreplace")
                self.assertEqual((p.returncode, out), (2, b""), text)
                lines = text.splitlines()
                self.assertEqual(len(lines), 2, text)
                self.assertTrue(lines[0].startswith("Fetching profile over HTTP from "), text)
                self.assertTrue(lines[1].startswith(f"cpprof: {url}{name}: "), text)
                self.assertIn(self.CASES[name], lines[1])
                self.assertNotIn("\x1b", text)
        server.stop()
        self.assertEqual(self.names(), [])

    def test_refused(self):
        for url, why in (("ftp://127.0.0.1/x", 'unsupported protocol "ftp"'),
                         ("//127.0.0.1/x", 'unsupported protocol ""'),
                         ("127.0.0.1:1", "Failed to connect"),
                         ("http://127.0.0.1:99999/", "http fetch: "),
                         ("nothing.pb.gz", "No such file")):
            self.assertIn(why, self.bad("-top", "-timeout=1", url))


class Headers(Case):
    def setUp(self):
        super().setUp()
        self.server, self.other = Server(Careful), Server(Careful)
        self.url = f"http://{self.server.address}"
        Careful.away = f"http://{self.other.address}/open"

    def tearDown(self):
        self.server.stop()
        self.other.stop()
        super().tearDown()

    def test_from_the_command_line_a_file_and_the_environment(self):
        self.assertIn("401", self.bad("-top", self.url + "/x"))
        self.good("-top", "-header=Authorization: Bearer abc", self.url + "/x")
        (self.dir / "h").write_text("\nX-One: 1\r\nAuthorization: Bearer abc\n")
        self.good("-top", "-header=@h", self.url + "/x")
        self.assertEqual(self.server.requests[-1][2]["X-One"], "1")
        self.good("-top", self.url + "/x", env=self.environment(CPPROF_HEADER="Authorization: Bearer abc"))

    def test_no_other_host_gets_it(self):
        self.good("-top", "-header=Authorization: Bearer abc", "-header=X-Two: 2", self.url + "/away")
        self.assertEqual(self.server.requests[-1][2]["X-Two"], "2")
        self.assertNotIn("X-Two", self.other.requests[-1][2])
        self.assertNotIn("Authorization", self.other.requests[-1][2])

    def test_bad_ones(self):
        for bad in ("nothing", ": x", "A: b\x01"):
            self.assertIn("-header", self.bad("-top", "-header=" + bad, self.url + "/x"))
        self.assertIn("No such file", self.bad("-top", "-header=@none", self.url + "/x"))

    def test_from_a_pipe_and_not_for_ever(self):
        read, write = os.pipe()
        os.write(write, b"Authorization: Bearer abc\n")
        os.close(write)
        self.good("-top", f"-header=@/dev/fd/{read}", self.url + "/x", pass_fds=(read,))
        os.close(read)
        os.mkfifo(self.dir / "fifo")
        began = time.monotonic()
        self.assertIn("its end does not come", self.bad("-top", "-timeout=1", "-header=@fifo", self.url + "/x"))
        self.assertLess(time.monotonic() - began, 5 + SLACK)
        (self.dir / "long").write_text("A: b\n" * 20000)
        self.assertIn("more than 65536 bytes", self.bad("-top", "-header=@long", self.url + "/x"))

    def test_an_error_page_says_why(self):
        line = self.bad("-top", self.url + "/reason")
        self.assertIn("504 Gateway Timeout - upstream  [31mtimed out; ", line)
        self.assertNotIn("so on", line)
        self.assertIn(f"curl '{self.url}/reason' | cpprof -top -", line)


class Sockets(Case):
    def test_every_spelling(self):
        path = self.dir / "pp rof.sock"
        server = UnixServer(str(path), Plain)
        server.requests = []
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        quoted = str(path).replace("/", "%2F").replace(" ", "%20")
        for url in (f"http+unix://{path}:/files/go/heap.pb.gz", f"unix:{path}:/files/go/heap.pb.gz",
                    f"http+unix://{quoted}/files/go/heap.pb.gz", f"unix://{path}:/302/files/go/heap.pb.gz"):
            out, _ = self.good("-raw", "-symbolize=none", url)
            self.assertEqual(out, self.raw("go/heap.pb.gz"))
        server.shutdown()
        server.server_close()
        self.assertIn(f"socket {path}: ", self.bad("-top", f"unix:{path}:/debug/pprof/heap"))


class Budget(Case):
    def test_all_servers_together(self):
        server = Server(Hostile)
        urls = [f"http://{server.address}/endless/{i}" for i in range(6)]
        # What the sanitizer keeps of freed memory is not the program's.
        options = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
        p = self.start("-top", "-max_bytes=512mb", *urls, env=self.environment(ASAN_OPTIONS=options))
        with p:
            out, err = p.stdout.read(), p.stderr.read().decode()
            _, status, used = os.wait4(p.pid, 0)
            p.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual((p.returncode, out), (2, b""), err)
        self.assertIn("bytes in all", err.splitlines()[-1])
        self.assertLess(used.ru_maxrss, 256 << 10)  # kilobytes
        server.stop()

    def test_symbols(self):
        server = Server(Chatty)
        out, err = self.good("-top", f"http://{server.address}/pprof/heap")
        self.assertRegex(err, "the server sends more than [0-9]{5} bytes")
        server.stop()


def find_go():
    found = sorted(pathlib.Path("/usr/lib").glob("go-1.*/bin/go"), reverse=True)
    return str(found[0]) if found else shutil.which("go")


@unittest.skipUnless(find_go() and shutil.which("openssl"), "needs go and openssl")
class Go(Case):
    @classmethod
    def setUpClass(cls):
        cls.tools = tempfile.mkdtemp()
        t = cls.tools
        env = dict(os.environ, GOTOOLCHAIN="local", GOFLAGS="-mod=mod", GO111MODULE="on",
                   GOPROXY="off", HOME=t, GOCACHE=os.environ.get("GOCACHE", t + "/cache"))
        subprocess.run([find_go(), "build", "-o", t + "/server", "."], cwd=HERE / "server", env=env,
                       check=True)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", t + "/key.pem", "-out",
                        t + "/cert.pem", "-days", "2", "-subj", "/CN=test", "-addext",
                        "subjectAltName=IP:127.0.0.1"], check=True, stderr=subprocess.DEVNULL)
        cls.process = subprocess.Popen([t + "/server", t + "/cert.pem", t + "/key.pem",
                                        t + "/cert.pem"], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        cls.plain, cls.secure = cls.process.stdout.readline().decode().split()

    @classmethod
    def tearDownClass(cls):
        cls.process.stdin.close()
        cls.process.wait()
        cls.process.stdout.close()
        shutil.rmtree(cls.tools, ignore_errors=True)

    def test_cpu(self):
        out, err = self.good("-top", "-seconds=1", f"http://{self.plain}/debug/pprof/profile")
        self.assertIn(b"Type: cpu", out)
        self.assertIn(b"main.burn", out)
        self.assertEqual(self.names(), ["pprof.server.samples.cpu.001.pb.gz"])

    def test_the_server_alone(self):
        """As README has it: -top -seconds=10 http://localhost:6060"""
        out, err = self.good("-top", "-seconds=1", f"http://{self.plain}")
        self.assertIn(b"Type: cpu", out)
        self.assertIn("/debug/pprof/profile?seconds=1", err)

    def test_every_kind(self):
        for kind in ("heap", "allocs", "goroutine", "threadcreate", "block", "mutex"):
            self.good("-raw", f"{self.plain}/debug/pprof/{kind}")
            self.good("-raw", f"{self.plain}/debug/pprof/{kind}?debug=1")
        self.assertEqual(len(self.names()), 12)

    def test_its_errors(self):
        url = f"http://{self.plain}/debug/pprof/"
        self.assertIn("404 Not Found - Unknown profile", self.bad("-top", url + "nothing"))
        self.assertIn("unrecognized", self.bad("-top", url))

    def test_too_slow(self):
        url = f"http://{self.plain}/debug/pprof/profile?seconds=20"
        began = time.monotonic()
        self.assertIn("took longer than 1s", self.bad("-top", "-timeout=1", url))
        self.assertLess(time.monotonic() - began, 6 + SLACK)

    def test_tls(self):
        url = f"//{self.secure}/debug/pprof/heap"
        self.assertIn("SSL certificate problem", self.bad("-top", "https:" + url))
        self.good("-top", "https+insecure:" + url)
        self.good("-top", "-tls_ca", self.tools + "/cert.pem", "https:" + url)
        env = self.environment(SSL_CERT_FILE=self.tools + "/cert.pem")
        self.good("-top", "https:" + url, env=env)
        hash_ = subprocess.run(["openssl", "x509", "-hash", "-noout", "-in", self.tools + "/cert.pem"],
                               capture_output=True, check=True).stdout.decode().strip()
        os.link(self.tools + "/cert.pem", self.dir / (hash_ + ".0"))
        self.good("-top", "https:" + url, env=self.environment(SSL_CERT_DIR=str(self.dir)))

    def test_client_certificate(self):
        url = f"https://{self.secure}/whoami"
        cert, key = self.tools + "/cert.pem", self.tools + "/key.pem"
        trust = ["-top", "-tls_ca", cert]
        self.good(*trust, "-tls_cert", cert, "-tls_key", key, url)
        self.assertIn("403 Forbidden", self.bad(*trust, url))
        self.assertIn("one of them needs the other", self.bad(*trust, "-tls_key", key, url))
        self.assertIn("-tls_cert=x can't be read: No such file",
                      self.bad(*trust, "-tls_cert=x", "-tls_key", key, url))

    def test_nothing_but_files_for_tls(self):
        url = f"https://{self.secure}/debug/pprof/heap"
        cert, key = self.tools + "/cert.pem", self.tools + "/key.pem"
        os.mkfifo(self.dir / "fifo")
        for flags in (["-tls_ca=fifo"], ["-tls_cert=fifo", "-tls_key", key], ["-tls_cert", cert, "-tls_key=fifo"]):
            self.assertIn("=fifo is not a regular file", self.bad("-top", "-timeout=1", *flags, url))
        self.assertIn("SSL_CERT_FILE=fifo is not a regular file",
                      self.bad("-top", url, env=self.environment(SSL_CERT_FILE="fifo")))

    def test_cut_off_without_a_word(self):
        """The connection ends, and no close_notify was sent."""
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.tools + "/cert.pem", self.tools + "/key.pem")
        cut = Ends.HEAD + b"\r\n" + Ends.TEXT[:100]
        with answering(cut, lambda c: tls.wrap_socket(c, server_side=True)) as address:
            code, _, err = self.run_("-symbolize=none", "-top", f"https+insecure://{address}/")
        self.assertTrue(code == 2 or Ends.WARNED in err, err)

    def test_insecure(self):
        """What is asked without a look at the certificate; and that -tls_ca has no say there."""
        url = f"https+insecure://{self.secure}/debug/pprof/heap"
        _, err = self.good("-top", "-tls_ca", self.tools + "/cert.pem", url)
        self.assertIn("https+insecure checks no certificate: -tls_ca is of no use", err)
        self.assertNotIn("certificate", self.good("-top", url)[1])
        line = self.bad("-top", f"https+insecure://{self.secure}/nothing")
        self.assertIn(f"curl --insecure 'https://{self.secure}/nothing' | cpprof", line)

    def test_a_key_with_a_pass_phrase_is_refused(self):
        """Nobody is asked for it, though there is a terminal."""
        key, locked = self.tools + "/key.pem", str(self.dir / "locked.pem")
        subprocess.run(["openssl", "pkey", "-in", key, "-aes128", "-passout", "pass:x", "-out",
                        locked], check=True)
        try:
            master, slave = pty.openpty()
        except OSError as e:
            self.skipTest(f"no pseudo-terminals here: {e}")
        p = subprocess.Popen([CPPROF, "-top", "-tls_cert", self.tools + "/cert.pem", "-tls_key",
                              locked, f"https+insecure://{self.secure}/whoami"],
                             stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             env=self.environment(), start_new_session=True,
                             preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        try:
            _, err = p.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            p.kill()
            p.communicate()
            self.fail("it waits")
        finally:
            os.close(slave)
            os.close(master)
        self.assertEqual(p.returncode, 2)
        self.assertIn("private key", err.decode())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[4:], verbosity=2)
