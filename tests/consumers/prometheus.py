#!/usr/bin/env python3
"""docs/dashboards.md with Debian's programs: node_exporter gives out each line of the textfile recipe, Prometheus
scrapes it and answers every expression of its dashboard."""
import json
import re
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import lib

SECONDS = 60
# A profile of time has no bytes, and none of its functions is left out.
EMPTY = ("cpprof_profile_bytes", ',function=""}')


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def fetch(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def patiently(ask):
    """What `ask` returns as soon as it is something."""
    for _ in range(10 * SECONDS):
        try:
            found = ask()
        except (urllib.error.URLError, ConnectionError):
            found = None
        if found:
            return found
        time.sleep(0.1)
    return None


def expressions(node):
    if isinstance(node, list):
        for one in node:
            yield from expressions(one)
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from [value] if key == "expr" else expressions(value)


def samples(text):
    """By name and labels, in whatever order; an empty label is none, and the exporter adds such."""
    found = {}
    for line in text.splitlines():
        if line.startswith("cpprof_"):
            name, _, rest = line.partition("{")
            labels, _, value = rest.rpartition("} ")
            labels = [label for label in labels.removesuffix('"').split('",') if not label.endswith('="')]
            found[name, tuple(sorted(labels))] = float(value)
    return found


def check_answers(url):
    def ask(query):
        return json.loads(fetch(f"{url}/api/v1/query?{urllib.parse.urlencode({'query': query})}"))["data"]["result"]

    if not patiently(lambda: ask("cpprof_gate_rules_broken")):
        return lib.fail("prometheus", f"has nothing after {SECONDS} s")
    dashboard = json.loads((lib.ROOT / "docs/dashboards/prometheus.json").read_text())
    asked = list(expressions(dashboard))
    for one in asked:
        found = ask(re.sub(r"\$\w+", ".*", one))
        if bool(found) == any(word in one for word in EMPTY):
            lib.fail("prometheus", f"{one}: {found}")
    top = ask("topk(1, sum by (function) (cpprof_self_seconds))")
    if [(r["metric"], r["value"][1]) for r in top] != [({"function": "hash"}, "0.06")]:
        lib.fail("prometheus", f"the heaviest: {top}")
    if ask("max by (service) (cpprof_gate_rules_broken) > 0"):
        lib.fail("prometheus", "an alert for a gate that holds")
    return asked


def write_config(path, port):
    path.write_text(json.dumps({"global": {"scrape_interval": "1s"}, "scrape_configs": [
        {"job_name": "node", "static_configs": [{"targets": [f"localhost:{port}"]}]}]}))


def write_metrics(folder):
    folder.mkdir()
    for name, words in (("shop", ["-top", "-sample_index=all"]), ("gate", ["-gate", "-base=made/base_run.pb.gz"])):
        lib.run(lib.PROGRAM + [*words, "-openmetrics", "-label=service=shop", f"-output={folder / name}.prom",
                               "made/new_run.pb.gz"])
    return samples("".join(path.read_text() for path in sorted(folder.iterdir())))


def check(scratch):
    exporter = lib.tool("prometheus-node-exporter", "prometheus-node-exporter")
    prometheus = lib.tool("prometheus", "prometheus")
    text, config, ports, asked = scratch / "textfile", scratch / "prometheus.yml", (free_port(), free_port()), None
    written = write_metrics(text)
    write_config(config, ports[0])
    commands = ([exporter, f"--web.listen-address=localhost:{ports[0]}", f"--collector.textfile.directory={text}"],
                [prometheus, f"--web.listen-address=localhost:{ports[1]}", f"--config.file={config}",
                 f"--storage.tsdb.path={scratch}/data"])
    running = [subprocess.Popen(c, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for c in commands]
    try:
        seen = samples(patiently(lambda: fetch(f"http://localhost:{ports[0]}/metrics")) or "")
        if not written or seen != written:
            lib.fail("node_exporter", f"{sorted(seen.items() ^ written.items())[:2]}")
        asked = check_answers(f"http://localhost:{ports[1]}") or []
    finally:
        for one in running:
            one.kill()
            one.wait()
    return f"{len(written)} samples through node_exporter, {len(asked)} expressions answered by Prometheus"


lib.main(check)
