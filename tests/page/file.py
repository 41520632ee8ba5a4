#!/usr/bin/env python3
"""file.py CPPROF: what -html writes for every fixture, without a browser.

One document that loads nothing and whose policy allows its own script and style alone; the data in it is
JSON that no name can end; its boxes are the rows of -flame -json, its tables those of the reports.
"""
import base64, hashlib, html.parser, json, pathlib, subprocess, sys, tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402
from boxes import add_totals  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROFILES = ROOT / "fixtures" / "profiles"
BUDGET = 2 << 20
TAGS = {"html", "head", "meta", "title", "style", "body", "noscript", "div", "script"}
failures = []


def plain(rows, columns):
    """A report's rows as the page has them: without what only databases need."""
    return [{name: row[name] for name in columns} for row in rows if row.get("left_out") is None]


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.texts, self.tags, self.attributes = [], {}, [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *attr) for attr in attrs]
        key = tag + (":data" if ("id", "data") in attrs else "")
        if tag != "meta":
            self.open.append(key)

    def handle_endtag(self, tag):
        self.open.pop()

    def handle_data(self, data):
        if self.open:
            self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + data


def cpprof(*words):
    done = subprocess.run([sys.argv[1], "-symbolize=none", *map(str, words)], env=harness.environment(),
                          capture_output=True)
    return done.stdout.decode("utf8") if done.returncode == 0 else None


def hash_of(text):
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def check_document(name, page):
    yield from (f"{name}: <{tag}>" for tag in set(page.tags) - TAGS)
    for tag, key, value in page.attributes:
        if key.startswith("on") or key in ("src", "href", "style"):
            yield f"{name}: <{tag} {key}={value}>"
    policy = next(value for tag, key, value in page.attributes if key == "content" and "default-src" in value)
    for part, kind in (("script", "script-src"), ("style", "style-src")):
        if f"{kind} '{hash_of(page.texts[part])}'" not in policy:
            yield f"{name}: the policy does not allow the {part}: {policy}"
    if "default-src 'none'" not in policy or "unsafe" in policy:
        yield f"{name}: a weak policy: {policy}"


def rows_of_boxes(boxes):
    both = "base_root" in boxes
    root, base = boxes["root"], boxes.get("base_root", [0, 0])
    rows = [[0, root[0] + base[0], root[1] + base[1], "total", root[0], root[1]]]
    for i, name in enumerate(boxes["name"]):
        total, own = boxes["total"][i], boxes["self"][i]
        below = [boxes["base_total"][i], boxes["base_self"][i]] if both else [0, 0]
        rows.append([boxes["level"][i] + 1, total + below[0], own + below[1], boxes["names"][name], total, own])
    return rows if both else [row[:4] for row in rows]


def table_rows(table):
    return [dict(zip(table["columns"], row)) for row in table["rows"]]


def check_data(name, words, data):
    want = cpprof("-flame", "-json", *words)
    boxes = add_totals(data["boxes"])
    rows = [list(row.values()) for row in json.loads(want)["rows"]] if want else None
    # -flame shows what is below zero by itself, the page as it is.
    as_it_is = all(v >= 0 for key in ("total", "self") for v in boxes[key])
    if as_it_is and boxes["lightest"] is None and rows != rows_of_boxes(boxes):
        yield f"{name}: the boxes are not those of -flame"
    if not all(0 <= at < len(boxes["names"]) for at in boxes["name"]):
        yield f"{name}: a name that is not there"
    if ("boxes_up" in data) != (boxes["lightest"] is not None):
        yield f"{name}: boxes for leaves first are there where some were cut, and only there"
    for report, options in (("top", ["-nodefraction=0", "-nodecount=1001"]), ("tags", []), ("tree", ["-nodefraction=0", "-nodecount=0"])):
        want = cpprof("-" + report, "-json", *options, *words)
        if want is None:
            continue
        got = table_rows(data["tables"][report])
        want = plain(json.loads(want)["rows"], data["tables"][report]["columns"])
        if report == "tree" and got != want and len(got) < len(want):
            continue  # fewer nodes: their neighbours are fewer, too
        if got != want[:len(got)] or (len(got) < len(want) and len(got) < 100):
            yield f"{name}: the table {report} is not that of -{report}"


def check(name, words):
    text = cpprof("-html", *words)
    if text is None:
        return
    if len(text.encode()) > BUDGET:
        failures.append(f"{name}: {len(text.encode())} bytes")
    page = Page(text)
    failures.extend(check_document(name, page))
    failures.extend(check_data(name, words, json.loads(page.texts["script:data"])))


def data_of(*words):
    data = json.loads(Page(cpprof("-html", *words)).texts["script:data"])
    for answer in [data, *data.get("others", [])]:
        add_totals(answer["boxes"])
    return data


def timeless(table):
    """Of sources that were added up it is not known when each was taken."""
    return [{name: value for name, value in row.items() if "time" not in name} for row in table_rows(table)]


def check_comparisons(made):
    """Each source as the base is what -diff_base makes of it; the whole is what it was."""
    a, b = made / "base_run.pb.gz", made / "new_run.pb.gz"
    merged = data_of("-focus=main", a, b)
    for base, (old, new) in enumerate(((a, b), (b, a))):
        want, got = data_of("-focus=main", "-diff_base", old, new), merged["others"][base]
        if got["base"] != base + 1 or got["sources"] != [str(a), str(b)] or got["total"] != want["total"]:
            failures.append(f"comparison {base}: {got['base']} {got['sources']} {got['total']}")
        for table in ("top", "tree", "diff", "tags"):
            if timeless(got["tables"][table]) != timeless(want["tables"][table]):
                failures.append(f"comparison {base}: the table {table} differs")
        if rows_of_boxes(got["boxes"]) != rows_of_boxes(want["boxes"]) or got["boxes"]["sure"] != want["boxes"]["sure"]:
            failures.append(f"comparison {base}: the boxes differ")
    whole = data_of("-diff_base", a, a, b)
    if "sources" in whole or rows_of_boxes(merged["boxes"]) != [list(r.values()) for r in json.loads(cpprof("-flame", "-json", "-focus=main", a, b))["rows"]]:
        failures.append("several sources, and a base that was named")


def check_source():
    file, words = PROFILES / "go" / "cpu.pb.gz", [f"-source_path={ROOT / 'fixtures' / 'src' / 'go'}", "-trim_path=example.org/workload"]
    table = data_of("-html_source", *words, file)["tables"]["list"]
    rows, want = table_rows(table), json.loads(cpprof("-list=^example.org/workload/jobs.fibonacci$", "-json", *words, file))["rows"]
    got = [row for row in rows if row["function"] == want[0]["function"]]
    if got != want or not any("fibonacci" in (row["source"] or "") for row in got) or len({row["function"] for row in rows}) < 20:
        failures.append(f"-html_source: {got[:2]}")
    if "list" in data_of(*words, file)["tables"]:
        failures.append("source lines that nobody asked for")


def check_gate(made):
    """The verdict is -gate's, whatever its exit status; and its names end no script."""
    words = ["-diff_base", made / "base_run.pb.gz", made / "new_run.pb.gz"]
    with tempfile.TemporaryDirectory() as scratch:
        rules = pathlib.Path(scratch, "<script>rules")
        rules.write_text("total grows at most 5% exact\nhash at most 10%\n")
        page = Page(cpprof("-html", f"-rules={rules}", *words))
        failures.extend(check_document("gate", page))
        table = json.loads(page.texts["script:data"])["tables"]["gate"]
        done = subprocess.run([sys.argv[1], "-symbolize=none", "-gate", "-json", f"-rules={rules}", *map(str, words)], capture_output=True)
        want = json.loads(done.stdout)
        if table_rows(table) != want["rows"] or table["verdict"] != want["verdict"] or done.returncode != 1:
            failures.append(f"the gate's table: {table}")
        done = subprocess.run([sys.argv[1], "-html", f"-rules={rules}", "-"], stdin=open(words[2]), capture_output=True, text=True)
        if done.returncode != 2 or "read only once" not in done.stderr:
            failures.append(f"rules about what comes from a pipe: {done.stderr}")


def check_many_labels():
    """Labels that differ in each sample stay within the budget: the heaviest of each."""
    values = 50000
    profile = {"stringTable": ["", "n", "count", "request", "main", *(f"{i:040}" for i in range(values))],
               "sampleType": [{"type": "1", "unit": "2"}], "function": [{"id": "1", "name": "4"}],
               "location": [{"id": "1", "line": [{"functionId": "1"}]}],
               "sample": [{"locationId": ["1"], "value": [str(1 + i)], "label": [{"key": "3", "str": str(5 + i)}]} for i in range(values)]}
    with tempfile.TemporaryDirectory() as scratch:
        file = pathlib.Path(scratch, "labels.json")
        file.write_text(json.dumps(profile))
        text = cpprof("-html", file)
        data = json.loads(Page(text).texts["script:data"])
        rows, want = table_rows(data["tables"]["tags"]), json.loads(cpprof("-tags", "-json", file))["rows"]
        want = plain(want, data["tables"]["tags"]["columns"])
        if len(text) > BUDGET or len(want) != values or len(rows) != data["most"] or rows != want[:len(rows)]:
            failures.append(f"many labels: {len(text)} bytes, {len(rows)} of {len(want)} rows")


def check_leaves_first():
    """Where boxes were cut, the order with the leaves first has boxes of its own: its first level is what calls cost by themselves."""
    with tempfile.TemporaryDirectory() as scratch:
        file = pathlib.Path(scratch, "wide.folded")
        file.write_text("".join(f"root;a{i % 300};b{i};leaf{i % 7} {1 + i % 50}\n" for i in range(60000)))
        boxes = add_totals(data_of(file)["boxes_up"])
        got = {boxes["names"][name]: total for name, total, level in zip(boxes["name"], boxes["total"], boxes["level"]) if level == 0}
        want = {row["function"]: row["flat"] for row in json.loads(cpprof("-top", "-json", "-focus=leaf", "-nodecount=7", file))["rows"] if row["function"]}
        if boxes["lightest"] is None or got != want:
            failures.append(f"leaves first: {got}, wanted {want}")


def main():
    files = [f for folder in ("go", "cpp", "made") for f in sorted((PROFILES / folder).iterdir()) if f.is_file()]
    for file in files:
        check(file.name, [file])
    made = PROFILES / "made"
    check("both sides", ["-diff_base", made / "base_run.pb.gz", made / "new_run.pb.gz"])
    check("filtered", ["-focus=work", "-hide=main", PROFILES / "go" / "cpu.pb.gz"])
    check_gate(made)
    check_comparisons(made)
    check_source()
    check_many_labels()
    check_leaves_first()
    print(f"{len(files)} files, {len(failures)} failures", *failures[:20], sep="\n")
    return 1 if failures or len(files) < 20 else 0


sys.exit(main())
