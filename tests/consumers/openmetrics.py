#!/usr/bin/env python3
"""-openmetrics by the letter of the text format, and read by Prometheus' own client where that is installed:
every fixture, names that break other formats, labels of the user's that clash."""
import json
import math
import re
import sys

import lib

sys.path.insert(0, str(lib.ROOT / "fixtures" / "src"))
from wire import Profile  # noqa: E402

BASE, NEW = "made/base_run.pb.gz", "made/new_run.pb.gz"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^\\"\n]|\\[\\"n])*)"')
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
RESERVED = re.compile(r"_(total|created|count|sum|bucket|gsum|gcount)$")
OWN = {"build_id", "file", "function", "mapping", "rule", "source", "type", "unit", "verdict"}


def read_labels(text):
    labels, at = {}, 0
    while at < len(text):
        found = LABEL.match(text, at)
        if not found or found[1] in labels or found[1].startswith("__"):
            raise ValueError(f"labels {text!r}")
        labels[found[1]] = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], found[2])
        at = found.end() + (text[found.end():found.end() + 1] == ",")
    return labels


def read_sample(line):
    end = re.match(r'[a-z_]+(\{(?:[^"]|"(?:[^\\"]|\\.)*")*?\})? ', line).end()
    name, brace, inner = line[:end - 1].partition("{")
    if not NUMBER.fullmatch(line[end:]):
        raise ValueError(f"number {line[end:]!r}")
    return name, read_labels(inner[:-1]) if brace else {}, float(line[end:])


def read(out):
    """{(name, labels): value}; ValueError where OpenMetrics 1.0 or Prometheus' older format are not kept."""
    text = out.decode("utf-8", "strict")
    if not text.endswith("# EOF\n"):
        raise ValueError("no # EOF")
    samples, families, meta = {}, {}, {}
    for line in text[:-1].split("\n")[:-1]:
        if line.startswith("# "):
            _, kind, name, rest = line.split(" ", 3)
            if name in families or (meta.get(name, {}).keys() & {kind}):
                raise ValueError(f"{kind} of {name} comes twice or late")
            meta.setdefault(name, {})[kind] = rest
            continue
        name, labels, value = read_sample(line)
        if name not in families and list(meta)[-1] != name:
            raise ValueError(f"{name} is not together")
        if families and name in families and list(families)[-1] != name:
            raise ValueError(f"{name} is interrupted")
        families[name] = meta[name]
        key = name, tuple(sorted(labels.items()))
        if key in samples or "" in labels.values():
            raise ValueError(f"{key} twice, or an empty label")
        samples[key] = value
    for name, its in meta.items():
        unit = its.get("UNIT")
        if its["TYPE"] != "gauge" or not its["HELP"] or RESERVED.search(name) or name not in families:
            raise ValueError(f"{name} is {its}")
        if (unit and not name.endswith("_" + unit)) or (not unit and re.search("_(seconds|bytes)$", name)):
            raise ValueError(f"unit of {name}")
    return samples


def client():
    """Both readers of Prometheus' client; none where it is not installed."""
    if not lib.with_module("prometheus_client", "python3-prometheus-client", optional=True):
        return ()
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as newer
    from prometheus_client.parser import text_string_to_metric_families as older
    return newer, older


def by_client(reader, out):
    return {(s.name, tuple(sorted(s.labels.items()))): float(s.value)
            for family in reader(out.decode()) for s in family.samples}


def metrics(readers, *words):
    out = lib.cpprof("-openmetrics", *words)
    if out is None:
        return None
    try:
        samples = read(out)
    except (ValueError, KeyError, IndexError) as why:
        return lib.fail(" ".join(words), f"{type(why).__name__} {why}")
    for reader in readers:
        if by_client(reader, out) != samples:
            lib.fail(" ".join(words), f"{reader.__module__} reads something else")
    return samples


def total(samples, name, **labels):
    return sum(value for (its, have), value in samples.items() if its == name and labels.items() <= dict(have).items())


def want(what, got, wanted):
    if got != wanted and not (isinstance(got, float) and math.isclose(got, wanted, rel_tol=1e-12)):
        lib.fail(what, f"{got!r}, not {wanted!r}")


def check_sums(readers, profile, whole):
    """What functions cost by themselves is the total, however few have a series. (A total is a sum of amounts
    without their signs, and wraps.)"""
    columns = list(zip(*(sample["values"] for sample in whole["samples"])))
    plain = {t["type"] for t, column in zip(whole["sample_types"], columns) if min(column) >= 0 and sum(column) < 2**53}
    for words in ([], ["-nodecount=3"], ["-trim=false"]):
        samples = metrics(readers, "-top", "-sample_index=all", *words, profile)
        for kind in plain:
            own, all_of_it = (sum(total(samples, f"cpprof_{what}_{unit}", type=kind) for unit in ("seconds", "bytes", "value"))
                              for what in ("self", "profile"))
            if not math.isclose(own, all_of_it, rel_tol=1e-9, abs_tol=1e-9):
                lib.fail(f"{profile} {kind} {words}", f"{own}, not {all_of_it}")
    return len(samples or ())


def check_values(readers):
    found = metrics(readers, "-top", "-label=service=shop", "-label=function=mine", "-label=9 x=a\"\\b", "-label=__name__=n", NEW)
    labels = dict(next(have for name, have in found if name == "cpprof_profile_seconds"))
    want("user's labels", labels, {"service": "shop", "function_": "mine", "label_9_x": 'a"\\b', "label___name__": "n",
                                  "source": NEW, "type": "cpu"})
    want("seconds", total(found, "cpprof_profile_seconds"), 0.14)
    want("duration", total(found, "cpprof_profile_duration_seconds"), 20.0)
    want("time", total(found, "cpprof_profile_timestamp_seconds"), 1700000060.0)
    want("hash", total(found, "cpprof_self_seconds", function="hash"), 0.06)
    names = {label for profile in (NEW, "go/heap.pb.gz") for _, have in metrics(readers, "-top", profile) for label, _ in have}
    gate = metrics(readers, "-gate=total grows at most 5%", "-label=service=shop", f"-base={BASE}", NEW)
    names |= {label for _, have in gate for label, _ in have} - {"service"}
    want("names of our labels", names <= OWN, True)
    want("verdict", total(gate, "cpprof_gate_verdict", verdict="holds", service="shop"), 1)
    heap = metrics(readers, "-top", "-sample_index=inuse_space", "go/heap.pb.gz")
    want("bytes", total(heap, "cpprof_profile_bytes"), lib.report("-top", "-sample_index=inuse_space", "go/heap.pb.gz")["total"])


def check_gate(readers, scratch):
    """A broken rule: the exit status is the gate's, the text is whole."""
    for name, n in ("old", 1000), ("new", 3000):
        p = Profile("samples/count", "cpu/nanoseconds", time=1, duration=10**9)
        p.sample([p.place('odd "name"\\with\nlines', "a.c", 1)], [n, n * 10**7])
        (scratch / name).write_bytes(p.write())
    status, out, err = lib.run(lib.PROGRAM + ["-gate=total grows at most 5%", "-openmetrics", f"-base={scratch / 'old'}", str(scratch / "new")])
    samples = read(out)
    want("broken gate", (status, total(samples, "cpprof_gate_verdict", verdict="broken"), total(samples, "cpprof_gate_rules_broken"),
                         total(samples, "cpprof_gate_broken"), total(samples, "cpprof_gate_growth_ratio")), (1, 1, 1, 1, 2))
    found = metrics(readers, "-top", str(scratch / "new"))
    want("an odd name", total(found, "cpprof_self_seconds", function='odd "name"\\with\nlines'), 30)


def check_bounds(readers, scratch):
    """However many functions: a bounded number of series, of bounded length, and whole sums."""
    p = Profile("samples/count", "odd-unit/Furlongs per \"night\"", time=1)
    for i in range(5000):
        p.sample([p.place(f"{'long' * 900}{i}" if i % 2 else f"f{i}", "a.c", 1)], [1, 5])
    (scratch / "many").write_bytes(p.write())
    for words, most in ([], 31), (["-nodecount=200", "-nodefraction=0"], 201), (["-trim=false"], 1001):
        found = metrics(readers, "-top", *words, str(scratch / "many"))
        own = [have for name, have in found if name == "cpprof_self_value"]
        want(f"series {words}", len(own) <= most, True)
        want(f"sum {words}", total(found, "cpprof_self_value"), 25000)
        want(f"unit {words}", {dict(have)["unit"] for have in own}, {'Furlongs per "night"'})
        want(f"length {words}", max(len(dict(have).get("function", "")) for have in own) <= 1000, True)
    p = Profile("samples/count", "cpu/nanoseconds", time=1)
    (scratch / "none").write_bytes(p.write())
    want("no samples", total(metrics(readers, "-top", str(scratch / "none")), "cpprof_profile_seconds"), 0)


def check_refused():
    for words, why in ((["-tags", NEW], "has no metrics"), ([NEW], "add a report")):
        status, out, err = lib.run(lib.PROGRAM + ["-openmetrics", *words])
        if status != 2 or out or why not in err or err.count("\n") != 1:
            lib.fail(" ".join(words), f"exit {status}: {err}")


def check(scratch):
    readers = client()
    n = 0
    for profile in lib.profiles():
        whole = lib.cpprof("-json", profile)
        n += check_sums(readers, profile, json.loads(whole)) if whole else 0
    check_values(readers)
    check_gate(readers, scratch)
    check_bounds(readers, scratch)
    check_refused()
    return f"{n} samples; " + ("also by prometheus_client" if readers else "no python3-prometheus-client here: by our own reader alone")


lib.main(check)
