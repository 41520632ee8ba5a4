#!/usr/bin/env python3
"""Profiles from servers: servers.py CPPROF LOOP

Everything happens on the loopback. The Go server is built here; without a go command its tests are
skipped. LOOP is tests/net/loop.c.
"""
import gzip
import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from servers_lib import Gperftools, Hostile, Plain, PROFILES, Server

HERE = pathlib.Path(__file__).resolve().parent
CPPROF, LOOP = [os.path.abspath(p) for p in sys.argv[1:3]]
SLACK = 3  # seconds that a loaded machine may add


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp())
        self.saved = self.dir / "saved" / "here"

    def tearDown(self):
        shutil.rmtree(self.dir)

    def environment(self, **more):
        kept = {k: v for k, v in os.environ.items() if k == "PATH" or k.endswith("SAN_OPTIONS")}
        return {**kept, "TZ": "UTC", "LC_ALL": "C", "HOME": str(self.dir / "home"),
                "PPROF_TMPDIR": str(self.saved), **more}

    def start(self, *args, env=None, **more):
        return subprocess.Popen([CPPROF, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=more.pop("stderr", subprocess.PIPE), cwd=self.dir,
                                env=env or self.environment(), **more)

    def run_(self, *args, env=None, timeout=60):
        p = self.start(*args, env=env)
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
        return sorted(os.listdir(self.saved))


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

    def test_ten_redirects_are_fine(self):
        self.good("-top", self.url + "/302" * 10 + "/files/go/cpu.pb.gz")

    def test_gzip(self):
        out, _ = self.good("-raw", "-symbolize=none", self.url + "/gzip/made/uncompressed.pb")
        self.assertEqual(out, self.raw("made/uncompressed.pb"))

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

    def test_loop_leaks_nothing(self):
        url = self.url + "/files/go/heap.pb.gz"
        done = subprocess.run([LOOP, "1000", "-symbolize=none", "-raw", url],
                              env=self.environment(PPROF_TMPDIR="/dev/null/x", HOME="/dev/null"),
                              capture_output=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.assertEqual(len(self.server.requests), 1000)


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

    def test_cpu(self):
        out, err = self.good("-symbolize=remote", "-raw", self.url + "/pprof/profile?seconds=1")
        self.assertIn("/pprof/profile?seconds=1", [r[1] for r in self.server.requests])


class Hostility(Case):
    """Each gets one clear line in time."""
    TIMEOUT = 1
    CASES = {
        "silent": "took longer than 6s",
        "slow": "took longer than 6s",
        "slow-header": "took longer than 6s",
        "slow-error": "took longer than 6s",
        "redirect-body": "took longer than 6s",
        "closes": "http fetch: Empty reply",
        "closes-early": "http fetch: transfer closed",
        "closes-in-chunk": "http fetch: transfer closed",
        "resets": "http fetch: ",
        "too-long": "",
        "garbage": "unrecognized",
        "no-http": "http fetch: Received HTTP/0.9",
        "bad-chunks": "http fetch: ",
        "bad-gzip": "http fetch: ",
        "empty": "empty",
        "loop/0": "stopped after 10 redirects",
        "elsewhere": 'redirected to protocol "file"',
        "nowhere": "http fetch: Failed to connect",
        "no-location": "server response: 302",
        "endless": "more than 8388608 bytes; see -max_bytes",
        "endless-gzip": "bytes",
        "endless-encoding": "more than 8388608 bytes; see -max_bytes",
        "endless-headers": "headers don't end",
        "many-headers": "headers don't end",
        "page": "server response: 500",
    }

    def test_all(self):
        server = Server(Hostile)
        began = time.monotonic()
        url = f"http://{server.address}/"
        flags = ["-top", f"-timeout={self.TIMEOUT}", "-max_bytes=64mb"]
        runs = {name: self.start(*flags, url + name) for name in self.CASES}
        for name, p in runs.items():
            with self.subTest(name):
                out, err = p.communicate(timeout=30)
                self.assertLess(time.monotonic() - began, self.TIMEOUT + 5 + SLACK)
                text = err.decode("utf-8", "backslashreplace")
                self.assertEqual((p.returncode, out), (2, b""), text)
                lines = text.splitlines()
                self.assertEqual(len(lines), 2, text)
                self.assertTrue(lines[0].startswith("Fetching profile over HTTP from "), text)
                self.assertTrue(lines[1].startswith(f"cpprof: {url}{name}: "), text)
                self.assertIn(self.CASES[name], lines[1])
                self.assertNotIn("\x1b", text)
        server.stop()
        self.assertFalse(self.saved.exists())

    def test_refused(self):
        for url, why in (("ftp://127.0.0.1/x", 'unsupported protocol "ftp"'),
                         ("//127.0.0.1/x", 'unsupported protocol ""'),
                         ("127.0.0.1:1", "Failed to connect"),
                         ("http://127.0.0.1:99999/", "http fetch: "),
                         ("nothing.pb.gz", "No such file")):
            self.assertIn(why, self.bad("-top", "-timeout=1", url))


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
        self.assertIn("took longer than 6s", self.bad("-top", "-timeout=1", url))
        self.assertLess(time.monotonic() - began, 6 + SLACK)

    def test_tls(self):
        url = f"//{self.secure}/debug/pprof/heap"
        self.assertIn("SSL certificate problem", self.bad("-top", "https:" + url))
        self.good("-top", "https+insecure:" + url)
        self.good("-top", "-tls_ca", self.tools + "/cert.pem", "https:" + url)
        env = self.environment(SSL_CERT_FILE=self.tools + "/cert.pem")
        self.good("-top", "https:" + url, env=env)

    def test_client_certificate(self):
        url = f"https://{self.secure}/whoami"
        cert, key = self.tools + "/cert.pem", self.tools + "/key.pem"
        trust = ["-top", "-tls_ca", cert]
        self.good(*trust, "-tls_cert", cert, "-tls_key", key, url)
        self.assertIn("403 Forbidden", self.bad(*trust, url))
        self.assertIn("one of them needs the other", self.bad(*trust, "-tls_key", key, url))
        self.assertIn("-tls_cert=x can't be read",
                      self.bad(*trust, "-tls_cert=x", "-tls_key", key, url))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
