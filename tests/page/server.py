#!/usr/bin/env python3
"""server.py CPPROF: -http without a browser. Addresses and redirects are pprof's, data equal the reports;
strangers' hosts, forged changes, malformed, slow and many clients get nowhere and stall nobody."""
import atexit, collections, http.client, json, os, pathlib, re, signal, socket, string, subprocess, sys, tempfile, threading, time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402
from urllib.parse import quote  # noqa: E402
from boxes import add_totals  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROFILES = ROOT / "fixtures" / "profiles"
ENV = harness.environment()
SILENCE, MAX_WAITING = 15, 256 # what src/page/server.c allows: seconds, requests
PATIENCE = 4 if re.search("[at]san", sys.argv[1]) else 1
failures = []


def plain(rows, columns):
    """A report's rows as the page has them: without what only databases need."""
    return [{name: row[name] for name in columns} for row in rows if row.get("left_out") is None]


def check(what, ok, got=""):
    if not ok:
        failures.append(f"{what}: {str(got)[:300]}")


class Server:
    def __init__(self, *words, config, stdin=os.devnull, port=0):
        with open(stdin) as source:
            self.process = subprocess.Popen([sys.argv[1], f"-http=localhost:{port}", "-no_browser", "-symbolize=none", *map(str, words)],
                                            env={**ENV, "XDG_CONFIG_HOME": config}, stdin=source, stderr=subprocess.PIPE, text=True)
        atexit.register(self.process.kill) # where a test ends by an exception; one that has ended is left alone
        if port: # asked before it has read its profile
            self.port = port
            self.wait()
            return
        for line in self.process.stderr:
            if not line.startswith("For tag "): # what the profile's units are like
                break
        match = re.fullmatch(r"Serving web UI on http://localhost:(\d+)\n", line)
        if not match:
            print("skipped:" if "libmicrohttpd" in line else "FAILED:", line)
            sys.exit(77 if "libmicrohttpd" in line else 1)
        self.port = int(match[1])

    def wait(self):
        for _ in range(600 * PATIENCE):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.05)

    def ask(self, path, method="GET", headers=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        c.request(method, path, headers={"Host": f"localhost:{self.port}", **(headers or {})})
        answer = c.getresponse()
        body = answer.read()
        c.close()
        return answer.status, dict((k.lower(), v) for k, v in answer.getheaders()), body

    def raw(self, data, wait=20):
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as s:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            got = b""
            while piece := s.recv(65536):
                got += piece
        return got

    def data(self, view, query=""):
        status, _, body = self.ask(f"/ui/data/{view}?{query}")
        return json.loads(body) if status == 200 else body.decode()

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        check("it ends when told to", self.process.wait(60) == 0, self.process.returncode)
        rest = self.process.stderr.read()
        check("nothing is said", not rest, rest)


def cpprof(*words, stdin=os.devnull):
    with open(stdin) as source:
        done = subprocess.run([sys.argv[1], "-symbolize=none", *map(str, words)], env=ENV, stdin=source, capture_output=True)
    return done.stdout


def addresses(s, config):
    for path, status, to in (("/", 307, "/ui"), ("/ui", 301, "/ui/"), ("/ui/?f=x", 301, "flamegraph?f=x"),
                             ("/ui/flamegraph2", 301, "flamegraph"), ("/ui/flamegraphold", 301, "flamegraph")):
        got = s.ask(path)
        check(path, (got[0], got[1].get("location")) == (status, to), got)
    for view in ("flamegraph", "graph", "top", "peek", "source", "disasm", "labels", "symbols"):
        got = s.ask(f"/ui/{view}?f=x")
        check(view, got[0] == 200 and got[2].startswith(b"<!DOCTYPE html>"), got)
        policy = got[1]["content-security-policy"]
        check("policy", "default-src 'none'" in policy and "unsafe" not in policy, policy)
    for path in ("/ui/nothing", "/nothing", "/ui/data/nothing", "/ui/data/diff", "/api/nothing", "/api/gate", "/api/top.exe", "/etc/passwd"):
        check(path, s.ask(path)[0] == 404, s.ask(path))
    for path in ("/ui/data/top?f=(", "/ui/data/top?n=x", "/ui/data/top?si=x", "/ui/data/top?f=%", "/ui/data/top?f=%00",
                 "/ui/data/top?sort=x", "/ui/data/top?" + "a=b&" * 100):
        check(path, s.ask(path)[0] == 400, s.ask(path))
    for headers in {"Cookie": "; ".join(f"name{i}=value" for i in range(300))}, {"X-Long": "x" * 16000}:
        check("long headers", s.ask("/ui/top", headers=headers)[0] == 200)
    check("a long address", s.ask("/ui/data/top?f=" + "x" * 16000)[0] == 200)
    check("the profile", s.ask("/ui/download")[2][:2] == b"\x1f\x8b")
    packed = s.ask("/ui/data/flamegraph", headers={"Accept-Encoding": "gzip"})
    check("compressed", packed[1].get("content-encoding") == "gzip" and packed[2][:2] == b"\x1f\x8b", packed[1])


def same_as_reports(s, file):
    for query, flags in (("", []), ("f=regexp", ["-focus=regexp"]), ("i=regexp&g=lines", ["-ignore=regexp", "-lines"]),
                         ("si=samples&sort=cum", ["-sample_index=samples", "-cum"]), ("n=5&unit=s", ["-nodecount=5", "-unit=s"])):
        for report in ("top", "tags", "flame", "tree"):
            want = cpprof(f"-{report}", "-json", *flags, file)
            check(f"/api/{report}?{query}", s.ask(f"/api/{report}?{query}")[2] == want)
    check("csv", s.ask("/api/top.csv")[2] == cpprof("-top", "-csv", file))
    check("peek", s.ask("/api/peek?param=fibonacci")[2] == cpprof("-peek=fibonacci", "-json", file))
    top = s.data("top")["tables"]["top"]
    want = json.loads(cpprof("-top", "-json", "-nodecount=500", file))["rows"]
    check("the page's top", [dict(zip(top["columns"], row)) for row in top["rows"]] == plain(want, top["columns"]))
    boxes = add_totals(s.data("flamegraph", "g=functions")["boxes"])
    want = json.loads(cpprof("-flame", "-json", file))["rows"][1:]
    got = [(boxes["level"][i] + 1, boxes["total"][i], boxes["names"][n]) for i, n in enumerate(boxes["name"])]
    check("the page's boxes", got == [(r["level"], r["value"], r["label"]) for r in want])


def labelled(config):
    """Labels are decoded for the first question that asks for them, here one of several at once: answers are the reports'."""
    for file, key in (PROFILES / "go" / "labels.pb.gz", "tenant"), (PROFILES / "made" / "labels.pb.gz", "bytes"):
        s = Server("-", config=config, stdin=file)
        check("without labels", s.ask("/api/top")[2] == cpprof("-top", "-json", "-", stdin=file))
        questions = [("tags", "", []), ("top", f"tagroot={key}", [f"-tagroot={key}"]), ("flame", f"tagleaf={key}", [f"-tagleaf={key}"]),
                     ("top", "tf=a", ["-tagfocus=a"]), ("top", "ti=a", ["-tagignore=a"]), ("tags", f"th={key}", [f"-taghide={key}"])] * 3
        answers = [None] * len(questions)

        def ask(i):
            answers[i] = s.ask(f"/api/{questions[i][0]}?{questions[i][1]}")[2]
        threads = [threading.Thread(target=ask, args=(i,)) for i in range(len(questions))]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        for (report, query, flags), answer in zip(questions, answers):
            check(f"{file.parent.name} {report}?{query}", answer == cpprof(f"-{report}", "-json", *flags, "-", stdin=file), answer)
        copy = pathlib.Path(config, "copy.pb.gz")
        copy.write_bytes(s.ask("/ui/download")[2])
        check("the download has them", cpprof("-raw", copy) == cpprof("-raw", file) and f"{key}:".encode() in cpprof("-raw", copy))
        s.close()
    file = PROFILES / "made" / "labels.pb.gz"
    for words in ("-label=a=b",), ("-tagfocus=a",), ("-diff_base", file):
        s = Server(*words, file, config=config)
        got, want = ([(row["key"], row["value"], row["flat"]) for row in json.loads(text)["rows"]]
                     for text in (s.ask("/api/tags")[2], cpprof("-tags", "-json", *words, file)))
        check(f"tags with {words}", got == want and got, got)
        s.close()


def privileges(pid):
    """Threads of the process: whether each has given up to gain rights, as one does that enters the sandbox."""
    return {task.name: "NoNewPrivs:\t1" in (task / "status").read_text() for task in pathlib.Path(f"/proc/{pid}/task").iterdir()}


def early(config):
    """The page is there before the profile is read; data come when it is, or word that there is none."""
    good = (PROFILES / "go" / "cpu.pb.gz").read_bytes()
    for what, data, status in ("a profile", good, 200), ("none", b"nothing of the kind", None):
        fifo = pathlib.Path(config, f"fifo{status}")
        os.mkfifo(fifo)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        s = Server(fifo, config=config, port=port)
        for path, content in (("/ui/flamegraph", b"<!DOCTYPE"), ("/ui/page.js", b""), ("/ui/page.css", b"")):
            got = s.ask(path)
            check(f"early {path}", got[0] == 200 and got[2].startswith(content), got)
        check("early redirect", s.ask("/")[0] == 307)
        check("a stranger comes early", s.ask("/ui/top", headers={"Host": "evil.example"})[0] == 403)
        before, answers = privileges(s.process.pid), []

        def ask():
            try:
                answers.append(s.ask("/ui/data/top"))
            except OSError: # it has ended
                answers.append((None,))
        waiting = [threading.Thread(target=ask) for _ in range(5)]
        for t in waiting:
            t.start()
        time.sleep(0.3)
        check("data wait", not answers, answers)
        fifo.write_bytes(data)
        for t in waiting:
            t.join()
        if status:
            check(f"{what}: answers", all(a[0] == 200 and json.loads(a[2])["tables"]["top"] for a in answers) and len(answers) == 5, answers)
            check("it is announced", s.process.stderr.readline() == f"Serving web UI on http://localhost:{port}\n")
            main = str(s.process.pid)
            check("who answers early is caged", not privileges(main)[main] or all(caged for task, caged in before.items() if task != main), before)
            s.close()
        else:
            check(f"{what}: told", all(a[0] == 503 for a in answers) and len(answers) == 5, answers)
            check("and it ends", s.process.wait(60) == 2, s.process.returncode)
            said = s.process.stderr.read()
            check("by one line", said.count("\n") == 1 and "unrecognized" in said, said)


def strangers(s, config):
    settings = pathlib.Path(config) / "pprof" / "settings.json"
    for host in ("evil.example", f"evil.example:{s.port}", "localhost.evil.example", "127.0.0.1.evil.example", "", "[evil]",
                 f"localhost:{s.port}x", "localhost:.evil.example", f"127.0.0.1:{s.port}.evil.example", "localhost:-1", "[::1]:x"):
        check(f"host {host}", s.ask("/ui/top", headers={"Host": host})[0] in (400, 403), host)
    for host in ("localhost", f"127.0.0.1:{s.port}", f"[::1]:{s.port}"):
        check(f"host {host}", s.ask("/ui/top", headers={"Host": host})[0] == 200, host)
    token = s.data("top")["token"]
    save, good = "/ui/saveconfig?config=mine&f=a%22b&n=7&trim=f", {"X-Cpprof-Token": token}
    for what, got in (("GET", s.ask(save, headers=good)), ("no token", s.ask(save, "POST")),
                      ("another token", s.ask(save, "POST", {"X-Cpprof-Token": "0" * 32})),
                      ("another origin", s.ask(save, "POST", {**good, "Origin": "http://evil.example"})),
                      ("another site", s.ask(save, "POST", {**good, "Sec-Fetch-Site": "cross-site"})),
                      ("no name", s.ask("/ui/saveconfig?f=a", "POST", good))):
        check(what, got[0] in (400, 403, 405) and not settings.exists(), got)
    check("saved", s.ask(save, "POST", good)[0] == 200)
    saved = json.loads(settings.read_text())["configs"]
    check("as pprof has it", saved[0]["name"] == "mine" and saved[0]["focus"] == 'a"b' and saved[0]["nodecount"] == 7
          and "trim" not in saved[0] and saved[0]["nodefraction"] == 0.005, saved)
    check("offered", s.data("top")["configs"] == [{"name": "mine", "params": {"n": "7", "f": 'a"b', "trim": "f"}}], s.data("top")["configs"])
    check("deleted", s.ask("/ui/deleteconfig?config=mine", "POST", good)[0] == 200 and not s.data("top")["configs"])
    check("not there", s.ask("/ui/deleteconfig?config=mine", "POST", good)[0] == 404)


def resident(s):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{s.process.pid}/status").read_text())[1])


def crowds(s):
    host = f"Host: localhost:{s.port}\r\n".encode()
    for data in (b"", b"\r\n\r\n", b"GET", b"GET /ui/top\r\n\r\n", b"\0" * 100000, b"A" * 1000000, b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 100000 + b"\r\n",
                 b"POST /ui/top HTTP/1.1\r\n" + host + b"Content-Length: 999999999999999999999\r\n\r\n", b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n" + host + b"\r\n",
                 b"GET /ui/data/top?f=%ff%fe HTTP/1.1\r\n" + host + b"Connection: close\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
        try:
            s.raw(data)
        except OSError:
            pass
    slow = []
    for i in range(600):
        c = socket.create_connection(("127.0.0.1", s.port), timeout=20)
        c.sendall(b"GET /ui/top HTTP/1.1\r\n" if i % 2 else b"")
        slow.append(c)
    check("beside slow clients", s.ask("/ui/data/top")[0] == 200)
    wrong = []

    def many(n):
        c = http.client.HTTPConnection("127.0.0.1", s.port, timeout=60)
        for i in range(n):
            c.request("GET", f"/ui/data/{('top', 'flamegraph', 'peek')[i % 3]}?f=regexp", headers={"Host": "localhost"})
            answer = c.getresponse()
            if answer.status != 200 or not answer.read().endswith(b"}"):
                wrong.append(answer.status)
        c.close()

    def crowd(n):
        threads = [threading.Thread(target=many, args=(n,)) for _ in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    crowd(40)
    before = resident(s)
    crowd(100)
    check("all are answered", not wrong, wrong[:5])
    check("memory does not grow", PATIENCE > 1 or resident(s) < before * 1.25 + 4096, (before, resident(s)))
    deadline = time.monotonic() + SILENCE + 15 * PATIENCE
    check("the silent are sent away", all(is_closed(c, deadline) for c in slow))


def is_closed(connection, deadline):
    connection.settimeout(max(deadline - time.monotonic(), 0.1))
    try:
        while connection.recv(65536):
            pass
    except ConnectionResetError:
        pass
    except TimeoutError:
        return False
    finally:
        connection.close()
    return True


def rush(config):
    """More requests at once than may wait: those beyond are told so."""
    file = pathlib.Path(config, "rush.folded")
    file.write_text("".join(f"main;a{i};b{j} 1\n" for i in range(100) for j in range(100)))
    s = Server(file, config=config)
    crowd = [socket.create_connection(("127.0.0.1", s.port), timeout=60 * PATIENCE) for _ in range(900)]
    for c in crowd:
        c.sendall(b"GET /ui/data/flamegraph HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    told = collections.Counter()
    for c in crowd:
        head = b"".join(iter(lambda: c.recv(65536), b"")).partition(b"\r\n")[0]
        told[head] += 1
        c.close()
    check("some are served", told.pop(b"HTTP/1.1 200 OK", 0) >= MAX_WAITING, told)
    check("the others are told", told.pop(b"HTTP/1.1 503 Service Unavailable", 0) > 0 and not told, told)
    check("and then all is as before", s.ask("/ui/data/top")[0] == 200)
    s.close()


def unfinished(s):
    """Requests that are not complete when the server ends: it keeps nothing of them, as the leak sanitizer tells."""
    parameters = b"&".join(b"a%d=b" % i for i in range(1000))
    asked = [socket.create_connection(("127.0.0.1", s.port), timeout=20) for _ in range(3)]
    for c, data in zip(asked, (b"GET /ui/top?" + parameters + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET /ui/top HTTP/1.1\r\nHo",
                               b"POST /ui/top HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n")):
        c.sendall(data)
    check("beside unfinished requests", s.ask("/ui/data/top")[0] == 200)
    return asked


def verdicts(config):
    """Twenty samples that became two hundred, and a hundred that stayed."""
    base, new, rules = (pathlib.Path(config, name) for name in ("base.folded", "new.folded", "rules"))
    base.write_text("main;grew 20\nmain;same 100\n")
    new.write_text("main;grew 200\nmain;same 104\n")
    rules.write_text("any function self grows at most 10%\n")
    words = ("-diff_base", base, f"-rules={rules}", new)
    s = Server(*words, config=config)
    boxes = s.data("flamegraph")["boxes"]
    check("sure", {boxes["names"][boxes["name"][i]] for i in boxes["sure"]} == {"main", "grew"}, boxes)
    table, want = s.data("gate")["tables"]["gate"], json.loads(cpprof("-gate", "-json", f"-rules={rules}", "-base", base, new))
    check("the verdict", table["verdict"] == "broken" and [dict(zip(table["columns"], row)) for row in table["rows"]] == want["rows"], table)
    check("whatever is filtered", s.data("gate", "f=same")["tables"]["gate"] == table)
    s.close()
    s = Server("-normalize", *words, config=config)
    check("what is scaled can't be counted", "sure" not in s.data("flamegraph")["boxes"])
    s.close()


def given_labels(config):
    file = PROFILES / "made" / "base_run.pb.gz"
    s = Server("-label=service=shop", file, config=config)
    for report in ("top", "tags"):
        check(f"-label, /api/{report}", s.ask(f"/api/{report}")[2] == cpprof(f"-{report}", "-json", "-label=service=shop", file))
    s.close()


def timeless(row):
    """Of sources that were added up it is not known when each was taken, nor for how long."""
    return {name: value for name, value in row.items() if "time" not in name and "duration" not in name}


def comparisons(config):
    a, b = PROFILES / "made" / "base_run.pb.gz", PROFILES / "made" / "new_run.pb.gz"
    s, named = Server(a, b, config=config), Server("-diff_base", b, a, config=config)
    check("the sources", (s.data("top")["sources"], s.data("top")["base"]) == ([str(a), str(b)], None), s.data("top"))
    check("together", s.ask("/api/top")[2] == cpprof("-top", "-json", a, b))
    check("labels show no mark", s.ask("/api/tags")[2] == cpprof("-tags", "-json", a, b))
    for view, query in (("diff", ""), ("top", "f=hash"), ("flamegraph", "si=samples"), ("labels", "")):
        got, want = s.data(view, query + "&base=2"), named.data(view, query)
        differ = [key for key in want if got[key] != want[key] and key not in ("comparison", "token", "tables")]
        rows = [{name: [timeless(dict(zip(t["columns"], row))) for row in t["rows"]] for name, t in d.get("tables", {}).items()} for d in (got, want)]
        check(f"base=2 {view}", not differ and rows[0] == rows[1] and got["base"] == 2, (differ, rows))
    rows = [[timeless(row) for row in json.loads(text)["rows"]] for text in (s.ask("/api/diff?base=2")[2], cpprof("-diff", "-json", "-diff_base", b, a))]
    check("/api", rows[0] == rows[1] and rows[0][0]["base_source"] == str(b), rows)
    for base in ("0", "3", "x", "-1", "99999999999999999999"):
        check(f"base={base}", s.ask(f"/ui/data/top?base={base}")[0] == 400)
    check("no base, no diff", s.ask("/ui/data/diff")[0] == 404)
    s.close()
    named.close()


def means(config):
    """Of a side of several runs the flame graph shows the mean, as -diff does."""
    a, b = PROFILES / "made" / "base_run.pb.gz", PROFILES / "made" / "new_run.pb.gz"
    one, two = Server("-diff_base", a, b, config=config), Server("-diff_base", a, b, b, config=config)
    picked = Server(a, b, b, config=config)
    single = one.data("flamegraph")
    check("one run a side is no mean", "runs" not in single["boxes"])
    for s, query in ((two, ""), (picked, "base=1")):
        data, diff = s.data("flamegraph", query), s.data("diff", query)["tables"]["diff"]
        boxes = data["boxes"]
        check("runs of the sides", boxes.get("runs") == [1, 2], boxes.get("runs"))
        check("their means", (boxes["base_root"][0], boxes["root"][0] / 2) == (diff["base_total"], diff["now_total"]), (boxes["root"], diff))
        check("are those of one run", (single["boxes"]["base_root"], single["boxes"]["root"][0]) == (boxes["base_root"], boxes["root"][0] / 2), boxes)
    swapped = Server("-diff_base", b, "-diff_base", b, a, config=config)
    data = swapped.data("top")
    check("shares are of one run of the base", data["total"] == data["tables"]["diff"]["base_total"], data["total"])
    for s in one, two, picked, swapped:
        s.close()


def wide(config):
    """Of 40,401 calls the heaviest 30,000 are sent, those nearer to the root first; what lies below one comes when it is asked for."""
    file = pathlib.Path(config, "wide.folded")
    file.write_text("".join(f"main;a{i};b{j} {1 + (i == 7)}\n" for i in range(400) for j in range(100)))
    s = Server(file, config=config)
    boxes = s.data("flamegraph")["boxes"]
    names = [boxes["names"][at] for at in boxes["name"]]
    check("30,000 boxes", (len(names), boxes["lightest"], boxes["level"].count(1)) == (30000, 1, 400), (len(names), boxes["lightest"]))
    check("the heavier first", names[:2] == ["main", "a7"] and boxes["level"][1:103] == [1, *[2] * 100, 1], names[:4])
    at, stack, rest = boxes["cut"][-1]
    check("what is missing is counted", sum(cut[2] for cut in boxes["cut"]) * boxes["scale"] == 40401 - 30000, boxes["cut"][:3])
    below = s.data("flamegraph", f"under={stack}.{boxes['level'][at] + 1}")["boxes"]
    got = [below["names"][n] for n in below["name"]]
    check("below one", got[:2] == ["main", names[at]] and sorted(got[2:]) == sorted(f"b{j}" for j in range(100)), got[:5])
    for spot in "999999.2", "0.9", "0", "x.1", "4294967295.1", "0.18446744073709551617":
        check(f"under={spot} is the whole", s.data("flamegraph", f"under={spot}")["boxes"] == boxes)
    s.close()


def paths(boxes):
    """Of each way from the first box on what ends there."""
    ways, way = collections.Counter(), []
    for level, name, own in zip(boxes["level"], boxes["name"], boxes["self"]):
        way[level:] = [boxes["names"][name]]
        ways[tuple(way)] += own * boxes["scale"]
    return +ways


def leaves_first(config):
    """The tree turned round: the same stacks, and what is cut lies behind the innermost calls, of which none is missing."""
    for file in PROFILES / "go" / "cpu.pb.gz", PROFILES / "made" / "inlined.pb.gz", PROFILES / "made" / "recursion.pb.gz":
        s = Server(file, config=config)
        for query in "g=functions", "g=lines", "g=functions&noinlines=t":
            down, up = (paths(s.data("flamegraph", query + turned)["boxes"]) for turned in ("", "&up=t"))
            check(f"{file.name} {query} leaves first", up and {way[::-1]: own for way, own in up.items()} == dict(down), (up, down))
        s.close()
    file = pathlib.Path(config, "deep.folded")
    file.write_text("".join(f"main;a{i};b{j} {1 + (j == 7)}\n" for i in range(400) for j in range(100)))
    s = Server(file, config=config)
    data = s.data("flamegraph", "up=t")
    boxes = add_totals(data["boxes"])
    first = {boxes["names"][n]: total for level, n, total in zip(boxes["level"], boxes["name"], boxes["total"]) if level == 0}
    check("all leaves", first == {f"b{j}": 400 * (1 + (j == 7)) for j in range(100)} and boxes["cut"], first)
    at, stack, _ = boxes["cut"][-1]
    below = s.data("flamegraph", f"up=t&under={stack}.{boxes['level'][at] + 1}")["boxes"]
    names = [below["names"][n] for n in below["name"]]
    check("callers of one", names.count("main") == sum(name.startswith("a") for name in names) and names[0] in first and names.count(names[0]) == 1, names[:9])
    s.close()
    base, new = PROFILES / "made" / "base_run.pb.gz", PROFILES / "made" / "new_run.pb.gz"
    s = Server("-diff_base", base, new, config=config)
    down, up = (s.data("flamegraph", query)["boxes"] for query in ("", "up=t"))
    check("a comparison", (down["root"], down["base_root"]) == (up["root"], up["base_root"]) and sum(up["base_self"]) == sum(down["base_self"]) and "sure" in up, up)
    s.close()


def dashboard(config):
    """examples/grafana/infinity.json: each query is answered, with the columns and types that its panel takes."""
    board = json.loads((ROOT / "examples" / "grafana" / "infinity.json").read_text())
    s = Server(PROFILES / "go" / "labels.pb.gz", config=config)
    known = {v["name"] for v in board["templating"]["list"]}
    kinds = {"number": (int, float, type(None)), "string": (str, type(None))}
    check("panels", sorted(p["type"] for p in board["panels"]) == ["flamegraph", "table", "table"])
    for values in {"type": "", "focus": ""}, {"type": "samples", "focus": "fibonacci|hash"}:
        for panel in board["panels"]:
            for target in panel["targets"]:
                used = re.findall(r"\$\{(\w+)(?::percentencode)?\}", target["url"])
                check("its variables", "cpprof" in used and set(used) <= known, target["url"])
                url = re.sub(r"\$\{(\w+)(?::percentencode)?\}", lambda m: quote(values.get(m[1], ""), safe=""), target["url"])
                status, headers, body = s.ask(url)
                if status != 200 or headers["content-type"] != "application/json":
                    check(url, False, (status, headers, body))
                    continue
                rows = json.loads(body)[target["root_selector"]]
                check(f"rows of {url}", len(rows) > 1, rows)
                for column in target["columns"]:
                    selector, want = column["selector"], kinds[column["type"]]
                    check(f"{url}: {selector}", all(selector in row and isinstance(row[selector], want) for row in rows)
                          and any(row[selector] is not None for row in rows), rows[:2])
    s.close()


def courses(config):
    """A history's courses are those that -trend has, by sample type; where it has none there is no view of it."""
    history, runs = pathlib.Path(config, "runs.db"), [PROFILES / "made" / name for name in ("base_run.pb.gz", "new_run.pb.gz")]
    for i, run in enumerate(runs):
        done = subprocess.run([sys.argv[1], "-record", f"-history={history}", f"-commit=c{i}", "-machine=ci", "-sample_index=cpu", run],
                              env=ENV, capture_output=True, text=True)
        if "SQLite" in done.stderr:
            return
        check("recorded", done.returncode == 0, done.stderr)
    s = Server(f"-history={history}", runs[1], config=config)
    data = s.data("trend", "si=cpu&f=nothing_matches")
    table, want = data["tables"]["trend"], {}
    for line in cpprof("-trend=.", "-ndjson", f"-history={history}").splitlines():
        row = json.loads(line)
        want.setdefault(row["function"], []).append((row["commit"], row["time"], row["value"]))
    got = {c["function"]: list(zip(table["runs"]["commit"], table["runs"]["time"], c["values"])) for c in table["series"]}
    rest = table["rest"]
    most = dict(zip(rest["function"], rest["most"]))
    check("each function has a course", sorted(list(got) + rest["function"]) == sorted(want), (list(got), rest, list(want)))
    digits = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    for name, course, newest in zip(rest["function"], rest["course"], rest["newest"]):
        values = [row[2] for row in want[name]]
        rough = [digits.index(digit) / 63 * most[name] for digit in course]
        check(f"roughly {name}", newest == values[-1] and most[name] == max(values)
              and all(abs(a - b) <= most[name] / 126 for a, b in zip(rough, values)), (rough, values))
    check("courses", len(got) > 3 and all(want.get(name, values) == values for name, values in got.items()), (got, want))
    check("the total first", table["series"][0]["function"] == "total" and [v[2] for v in got["total"]] == [100000000, 140000000], table)
    check("another type", s.ask("/ui/data/trend?si=samples")[::2] == (404, b"the history has no runs of samples\n"), s.ask("/ui/data/trend?si=samples"))
    check("no report of a profile", s.ask("/api/trend")[0] == 404, s.ask("/api/trend"))
    s.close()
    page = cpprof("-html", "-sample_index=cpu", f"-history={history}", runs[1])
    check("in a file", b'"trend":{"schema":"cpprof/courses/1"' in page, page[:200])
    check("but of another type", not cpprof("-html", "-sample_index=samples", f"-history={history}", runs[1]))


def main():
    file = PROFILES / "go" / "cpu.pb.gz"
    with tempfile.TemporaryDirectory() as config:
        s = Server(file, config=config)
        addresses(s, config)
        same_as_reports(s, file)
        strangers(s, config)
        crowds(s)
        asked = unfinished(s)
        s.close()
        check("they are told", [c.recv(1) for c in asked] == [b""] * 3)
        s = Server("-diff_base", PROFILES / "made" / "base_run.pb.gz", PROFILES / "made" / "new_run.pb.gz", config=config)
        diff = s.data("diff")["tables"]["diff"]
        check("diff", (diff["base_total"], diff["now_total"]) == (100000000, 140000000), diff)
        check("both sides", "base_root" in s.data("flamegraph")["boxes"])
        check("a change of 13 samples may be chance", s.data("flamegraph")["boxes"]["sure"] == [])
        check("no history, no courses", s.data("trend") == "no such view\n", s.data("trend"))
        check("no rules, no verdict", s.data("gate") == "no such view\n", s.data("gate"))
        s.close()
        s = Server("-max_output=2kb", file, config=config)
        for path in "/api/top", "/ui/data/flamegraph", "/ui/download":
            status, headers, body = s.ask(path)
            check("no more than max_output", (status, body) == (400, b"max_output: the report has more than 2048 bytes\n") and
                  "content-disposition" not in headers, (path, status, headers, body[:100]))
        check("less", s.ask("/api/tags")[0] == 200)
        s.close()
        labelled(config)
        early(config)
        verdicts(config)
        given_labels(config)
        comparisons(config)
        means(config)
        dashboard(config)
        wide(config)
        leaves_first(config)
        rush(config)
        courses(config)
    print(f"{len(failures)} failures", *failures[:20], sep="\n")
    return 1 if failures else 0


sys.exit(main())
