#!/usr/bin/env python3
"""Rows that a dashboard can live on: each says what it is of, all together are whole, sources and types
stay apart when that is asked for, a comparison has both sides' headers."""
import json

import lib

BASE, NEW = "made/base_run.pb.gz", "made/new_run.pb.gz"
TIMES = {BASE: (1700000000000000000, "2023-11-14T22:13:20.000000000Z"),
         NEW: (1700000060000000000, "2023-11-14T22:14:20.000000000Z")}


def rows(*words):
    out = lib.cpprof("-ndjson", *words)
    return [json.loads(line) for line in out.splitlines()] if out else []


def want(what, got, wanted):
    if got != wanted:
        lib.fail(what, f"{got!r}, not {wanted!r}")


def types(profile):
    return json.loads(lib.cpprof("-json", profile))["sample_types"]


def check_sides():
    table = lib.report("-diff", f"-diff_base={BASE}", NEW)
    for side, profile in ("base", BASE), ("new", NEW):
        want(side, (table[side]["source"], table[side]["time_nanos"], table[side]["time"]),
             (profile, *TIMES[profile]))
    want("durations", (table["base"]["duration_nanos"], table["new"]["duration_nanos"]), (10**10, 2 * 10**10))
    row = table["rows"][0]
    want("a row of -diff", (row["time_ns"], row["base_time_ns"], row["base_total"], row["total"]),
         (TIMES[NEW][0], TIMES[BASE][0], table["base_total"], table["now_total"]))
    want("-base", lib.report("-top", f"-base={BASE}", NEW)["profile"]["time_nanos"], TIMES[NEW][0])


def check_samples():
    found = rows("-samples", BASE, NEW)
    for profile in TIMES:
        own = [row for row in found if row["source"] == profile]
        alone = rows("-samples", profile)
        want(profile, own, alone)
        want(f"times of {profile}", {(row["time_ns"], row["time"]) for row in own}, {TIMES[profile]})
    for profile in lib.profiles():
        for row in rows("-samples", profile):
            names = [frame["function"] for frame in row["frames"]]
            if len(names) != len(row["stack"]):
                lib.fail(profile, f"{row['stack']} has {len(names)} frames")
    inlined = [f for row in rows("-samples", "made/inlined.pb.gz") for f in row["frames"] if f["inlined"]]
    if not inlined or not inlined[0]["file"]:
        lib.fail("inlined", f"{inlined[:1]}")


def check_whole(profile, index, *limits):
    samples = rows("-samples", f"-sample_index={index}", profile)
    found = rows("-top", f"-sample_index={index}", *limits, profile)
    what = f"-top {' '.join(limits)} {profile} {index}"
    wrap = lambda n: (n + 2**63) % 2**64 - 2**63  # noqa: E731
    want(what, wrap(sum(row["flat"] for row in found)), wrap(sum(row["value"] for row in samples)))
    for row in found:
        if (row["function"] is None and row["left_out"] is not None) != (row is found[-1]) and row["left_out"]:
            lib.fail(what, f"left out: {row}")
    return len(found)


def check_parts():
    heap = "go/heap.pb.gz"
    apart = [row for i in range(len(types(heap))) for row in rows("-top", f"-sample_index={i}", heap)]
    want("all types", rows("-top", "-sample_index=all", heap), apart)
    want("by source", rows("-top", "-by_source", BASE, NEW), rows("-top", BASE) + rows("-top", NEW))
    merged = rows("-top", BASE, NEW)
    want("merged", {row["source"] for row in merged}, {""})
    for words in ("-top", "-tags", "-tree", "-symbols", "-comments", "-flame"):
        for row in rows(words, "-label=service=shop", "-label=commit=c1", BASE):
            want(words, row["labels"], {"commit": "c1", "service": "shop"})
    for row in rows("-samples", "-label=service=shop", BASE):
        want("-samples", row["labels"].get("service"), "shop")
    want("head", lib.report("-top", "-label=service=shop", BASE)["labels"], {"service": "shop"})
    exported = lib.cpprof("-proto", "-label=service=shop", BASE)
    status, out, err = lib.run(lib.PROGRAM + ["-samples", "-"], exported)
    if status or not all(json.loads(line)["labels"]["service"] == "shop" for line in out.splitlines()):
        lib.fail("-proto -label", f"{status} {err}")


def check_refused():
    for words, why in ((["-top", "-by_source", BASE], "is for rows"), (["-top", "-sample_index=all", BASE], "is for rows"),
                       (["-top", "-ndjson", "-by_source", f"-base={BASE}", NEW], "are one"),
                       (["-gate=total grows at most 5%", "-json", "-by_source", BASE], "does not apply"),
                       (["-top", "-label=x", BASE], "key=value")):
        status, out, err = lib.run(lib.PROGRAM + words)
        if status != 2 or out or why not in err or err.count("\n") != 1:
            lib.fail(" ".join(words), f"exit {status}: {err}")


def check_people():
    for words in (["-top", "go/cpu.pb.gz"], ["-diff", "-diff_base=go/allocs.pb.gz", "go/heap.pb.gz"],
                  ["-diff", f"-diff_base={BASE}", NEW]):
        text = lib.cpprof("-markdown", *words).decode()
        if "`/" in text or "0000000" in text:
            lib.fail(" ".join(words), f"is not for people: {text[:400]}")


def check(scratch):
    n = 0
    check_sides()
    check_samples()
    check_parts()
    check_refused()
    check_people()
    for profile in lib.profiles():
        if not lib.cpprof("-json", profile) or not rows("-samples", profile):
            continue
        for index in range(len(types(profile))):
            n += check_whole(profile, index)
            n += check_whole(profile, index, "-nodecount=3")
            n += check_whole(profile, index, "-trim")
    return f"{n} rows"


lib.main(check)
