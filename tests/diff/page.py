#!/usr/bin/env python3
"""page.py [--pprof PROGRAM] CPPROF [PROFILE|FOLDER...]: the page beside a live pprof's of the same profile.

Addresses and where they lead; the boxes of /ui/flamegraph (names from the root, value), the rows of /ui/top and of
/ui/peek, for each profile with a quarter of QUERIES in turn (--all: each): every parameter that pprof's page has. Without
a profile, the fixtures. What differs and is meant stands in `known` with its reason. 77: there is no pprof of these columns here.
"""
import argparse
import html
import http.client
import importlib.machinery
import importlib.util
import json
import pathlib
import posixpath
import re
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "page")]
import harness  # noqa: E402
from boxes import add_totals  # noqa: E402

loader = importlib.machinery.SourceFileLoader("pprof_diff", str(HERE / "pprof"))
pprof_diff = importlib.util.module_from_spec(importlib.util.spec_from_loader("pprof_diff", loader))
loader.exec_module(pprof_diff)

FIXTURES = HERE.parent.parent / "fixtures" / "profiles"
MOST_BOXES = 30000
# {name} is a function of the profile, {type} its first sample type, {key} a label.
QUERIES = ["", "f={name}", "i={name}", "h={name}", "s={name}", "sf={name}", "f=a&i=b", "prunefrom={name}", "si={type}", "si=0&norm=t",
           "g=lines", "g=files", "g=addresses", "noinlines=t", "g=lines&showcolumns=t", "tf={key}", "ti={key}", "ts={key}", "th=.", "tagroot={key}",
           "mean=t", "dropneg=t", "calltree=t", "rel=t&f={name}", "unit=ms", "compact=t", "intel=t", "n=3", "nf=0.1", "ef=0.1", "trim=f", "sort=cum",
           "sort=cum&n=5&trim=t", "f=(", "si=nothing", "n=x", "sort=x", "g=x"]
ADDRESSES = ["/", "/?f=a", "/ui", "/ui?f=a", "/ui/", "/ui/?f=a&i=b", "/ui/flamegraph2?f=a", "/ui/flamegraphold", "/ui/flamegraph", "/ui/top", "/ui/peek?f=.",
             "/ui/download", "/ui/nothing"]
known = {
    "no match": "a filter that matches nothing, or can't be read, is said on the page, which is there; pprof answers 400",
    "mean": "means can't be added up: the flame graph says so, pprof's shows sums of them",
    "tagroot": "pprof's page has no parameter for it",
}
failures, compared, skipped = [], {}, {}


def count(table, what):
    table[what] = table.get(what, 0) + 1


class Server:
    def __init__(self, program, file, config):
        self.port = harness_port()
        env = {**harness.environment(), "XDG_CONFIG_HOME": config, "HOME": config, "PPROF_TMPDIR": config}
        self.process = subprocess.Popen([*program, f"-http=localhost:{self.port}", "-no_browser", "-symbolize=none", file], env=env,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ready(self):
        for _ in range(600):
            if self.process.poll() is not None:
                return False
            try:
                self.ask("/ui/nothing")
                return True
            except OSError:
                time.sleep(0.05)
        return False

    def ask(self, path):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        c.request("GET", path, headers={"Host": f"localhost:{self.port}"})
        answer = c.getresponse()
        body = answer.read()
        c.close()
        return answer.status, answer.getheader("Location"), body

    def close(self):
        self.process.kill()
        self.process.wait()


def harness_port():
    import socket
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


# ---- what a page says, in one form ----

BOXES = {}  # by the box above (0: none) and the name: a number that is the same for both pages


def box_of(above, name):
    return BOXES.setdefault((above, name), len(BOXES) + 1)


def sums_of(own):
    """From what boxes cost by themselves what they cost with all below, without those that come to nothing."""
    above = {box: key[0] for key, box in BOXES.items()}
    sums = dict(own)
    for box in sorted(above, reverse=True):
        if above[box] and sums.get(box):
            sums[above[box]] = sums.get(above[box], 0) + sums[box]
    return {box: value for box, value in sums.items() if box and value}


def path_of(box):
    names = {number: key for key, number in BOXES.items()}
    path = []
    while box:
        box, name = names[box]
        path.append(name)
    return ";".join(reversed(path))


def their_boxes(text):
    data = json.JSONDecoder().raw_decode(text[text.rindex("stackViewer({") + len("stackViewer("):])[0]
    names, own = [cleaned(source["FullName"]) for source in data["Sources"]], {}
    for stack in data["Stacks"]:
        box = 0
        for at in stack["Sources"][1:]:
            box = box_of(box, names[at]) if names[at] and not NAMELESS.match(names[at]) else box
        own[box] = own.get(box, 0) + stack["Value"]
    return sums_of(own)


def cleaned(name):
    """Where a file stands for the function, cpprof shows its path as pprof's other views do: without `..` and `//`."""
    return posixpath.normpath(name) if "/" in name else name


NAMELESS = re.compile(r"^(\[.*\]|<.*>|[0-9a-f]{16}( .*)?)$")


def our_boxes(data):
    """Frames without a name, which pprof leaves out, are left out here; so is, on both sides, what is called like one."""
    boxes = add_totals(data["boxes"])
    own, path = {}, [0]
    for i, level in enumerate(boxes["level"]):
        del path[level + 1:]
        name = boxes["names"][boxes["name"][i]]
        path.append(path[-1] if NAMELESS.match(name) else box_of(path[-1], cleaned(name)))
        own[path[-1]] = own.get(path[-1], 0) + boxes["self"][i]
    return sums_of(own), bool(boxes["cut"])


def their_top(text):
    start = re.search(r"makeTopTable\(\s*-?\d+\s*,\s*", text)
    rows = json.JSONDecoder().raw_decode(text[start.end():])[0] or []
    return [(row["Flat"], row["Cum"], row["Name"]) for row in rows]


def our_top(data):
    table = data["tables"]["top"]
    rows = [dict(zip(table["columns"], row)) for row in table["rows"]]
    return [(row["flat"], row["cum"], row["function"]) for row in rows]


def same_top(theirs, ours):
    """pprof's name has the file, the line and the address where they are told apart; where names are alike it has no order."""
    names = {}
    for flat, cum, name in theirs:
        names.setdefault((flat, cum), []).append(name)
    return ([row[0] for row in theirs] == [row[0] for row in ours] and sorted(row[:2] for row in theirs) == sorted(row[:2] for row in ours)
            and all(any((row[2] or "") in name for name in names[row[:2]]) for row in ours))


def their_peek(text):
    """Each function between its callers and its callees: names in their order."""
    lines = html.unescape(text[text.index("<pre>"):text.index("</pre>")]).split("\n")
    groups, group = [], []
    for line in lines[lines.index(next(l for l in lines if l.startswith("-----"))):]:
        if line.startswith("-----"):
            if group:
                groups.append(group)
            group = []
        elif "|" in line:
            left, name = line.split("|", 1)
            role, blanks = ("edge", 3) if name.startswith("   ") else ("node", 1)
            group.append((role, name[blanks:].removesuffix(" (inline)")))
    return groups


def our_peek(data):
    table = data["tables"]["peek"]
    rows = [dict(zip(table["columns"], row)) for row in table["rows"]]
    groups, callers = [], {}
    for row in rows:
        if row["role"] == "node":
            groups.append([("node", row["name"])])
            callers[len(groups) - 1] = []
        elif row["role"] == "caller":
            callers[len(groups) - 1].append(("edge", row["name"]))
        else:
            groups[-1].append(("edge", row["name"]))
    return [callers[i] + group for i, group in enumerate(groups)]


VIEWS = {
    "flamegraph": (their_boxes, our_boxes, lambda theirs, ours: theirs == ours[0]),
    "top": (their_top, our_top, same_top),
    "peek": (their_peek, our_peek, lambda theirs, ours: theirs == ours),
}


# ---- comparing ----

def compare(theirs, ours, file, view, query):
    read_theirs, read_ours, same = VIEWS[view]
    BOXES.clear()
    their_status, _, their_text = theirs.ask(f"/ui/{view}?{query}")
    our_status, _, our_text = ours.ask(f"/ui/data/{view}?{query}")
    where = f"{file} {view}?{query}"
    data = json.loads(our_text) if our_status == 200 else None
    if their_status != 200:
        refused = our_status != 200 or data["errors"]
        return count(skipped, "no match") if refused else failures.append(f"{where}: pprof says {their_status} {their_text[:100]}, cpprof nothing")
    if our_status != 200:
        if view == "flamegraph" and b"mean" in our_text:
            return count(skipped, "mean")
        return failures.append(f"{where}: cpprof says {our_status} {our_text[:100]}, pprof nothing")
    a, b = read_theirs(their_text.decode(errors="replace")), read_ours(data)
    if view == "flamegraph" and b[1]:
        return count(skipped, "more than the boxes that are sent at first")
    if view == "peek" and any("\n" in name for group in b for _, name in group):
        return count(skipped, "names of several lines")
    count(compared, view)
    if not same(a, b):
        failures.append(f"{where}: {differences(a, b[0] if view == 'flamegraph' else b)}")


def differences(a, b):
    if isinstance(a, dict):
        keys = [key for key in {**a, **b} if a.get(key) != b.get(key)]
        return f"{len(keys)} boxes of {len(a)}: " + ", ".join(f"{path_of(k)} {a.get(k)} {b.get(k)}" for k in keys[:2])
    same = (lambda x, y: same_top([x], [y])) if a and isinstance(a[0], tuple) else (lambda x, y: x == y)
    at = next((i for i, (x, y) in enumerate(zip(a, b)) if not same(x, y)), min(len(a), len(b)))
    return f"{len(a)} and {len(b)} rows; {a[at:at + 1]} {b[at:at + 1]}"


def words_of(ours):
    """What QUERIES stand for in this profile: what is in the middle of its table, and a label."""
    data = json.loads(ours.ask("/ui/data/top?")[2])
    names = [row[2] for row in our_top(data) if row[2]]
    tags = json.loads(ours.ask("/ui/data/labels?")[2])["tables"]["tags"]["rows"]
    words = {"name": re.sub(r"[^\w.]", ".", names[len(names) // 2]) if names else "main", "type": data["types"][0], "key": tags[0][0] if tags else "key"}
    return {key: re.sub(r"[&=%#+ ]", ".", value) for key, value in words.items()}


def check_addresses(theirs, ours):
    for path in ADDRESSES:
        a, b = theirs.ask(path), ours.ask(path)
        if a[:2] != b[:2]:
            failures.append(f"{path}: {a[:2]} and {b[:2]}")


def check_profile(programs, file, queries, is_first):
    with tempfile.TemporaryDirectory() as config:
        theirs, ours = (Server(program, file, config) for program in programs)
        try:
            if not theirs.ready() or not ours.ready():
                return count(skipped, "read by neither" if not ours.ready() and not theirs.ready() else "read by one alone")
            if is_first:
                check_addresses(theirs, ours)
            words = words_of(ours)
            for query in queries:
                query = query.format(**words)
                if "tagroot" in query:
                    count(skipped, "tagroot")
                    continue
                for view in "flamegraph", "top":
                    compare(theirs, ours, file.name, view, query)
            compare(theirs, ours, file.name, "peek", f"f={words['name']}")
        finally:
            theirs.close()
            ours.close()


def has_granularity(pprof):
    """Older ones, as Go 1.23's, show functions in the flame graph whatever `g` says."""
    with tempfile.TemporaryDirectory() as config:
        server = Server(pprof, FIXTURES / "go" / "labels.pb.gz", config)
        try:
            pages = [server.ask(f"/ui/flamegraph?g={g}")[2].decode() for g in ("functions", "lines")] if server.ready() else [""] * 2
        finally:
            server.close()
    return "stackViewer({" in pages[0] and their_boxes(pages[0]) != their_boxes(pages[1])


def find_pprof(wanted):
    if wanted:
        return [wanted]
    version, go = pprof_diff.find_go(None)
    pprof = pprof_diff.tool_of(go) if version and version >= pprof_diff.GOOD_GO else None
    return pprof if pprof and has_granularity(pprof) else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pprof")
    parser.add_argument("--all", action="store_true", help="each question of each profile")
    parser.add_argument("-n", type=int, default=0, help="only so many profiles")
    parser.add_argument("cpprof")
    parser.add_argument("profiles", nargs="*", type=pathlib.Path)
    args = parser.parse_args()
    pprof = find_pprof(args.pprof)
    if not pprof:
        print("skipped: no pprof that has these pages here")
        return 77
    roots = args.profiles or [FIXTURES / "go", FIXTURES / "cpp", FIXTURES / "made"]
    files = [f for root in roots for f in (sorted(p for p in root.rglob("*") if p.is_file()) if root.is_dir() else [root])]
    files = [f for f in files if f.name.endswith((".pb.gz", ".pprof", ".pb", ".prof"))]
    for i, file in enumerate(files[:args.n or len(files)]):
        queries = QUERIES if args.all else sorted({*QUERIES[:3], *QUERIES[i % 4::4]}, key=QUERIES.index)
        check_profile((pprof, [args.cpprof]), file, queries, i == 0)
        print(f"{i + 1} of {len(files)}: {file.name}: {len(failures)} failures", file=sys.stderr, flush=True)
    print(f"compared: {compared}", f"not compared: {skipped}", f"{len(failures)} failures", *failures[:40], sep="\n")
    return 1 if failures or sum(compared.values()) < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
