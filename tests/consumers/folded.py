#!/usr/bin/env python3
"""-folded against the grammar that flame graph tools read, and against -samples."""
import json
import re

import lib

LINE = re.compile(r"[^;\n\r]+(;[^;\n\r]+)* -?[0-9]+( -?[0-9]+)?")


def parse(text, n_values):
    stacks = {}
    for line in text.split("\n")[:-1]:
        if not LINE.fullmatch(line):
            lib.fail("grammar", repr(line))
        stack, *values = line.rsplit(" ", n_values)
        if stack in stacks:
            lib.fail("twice", repr(line))
        stacks[stack] = tuple(map(int, values))
    return stacks


def frame(name):
    return name.replace(";", ":").replace("\n", " ").replace("\r", " ")


def samples(profile):
    """What each stack weighs, and the same of a saved comparison: in its base, whose samples are marked, and beside it."""
    sides = {False: [], True: []}
    for row in map(json.loads, lib.cpprof("-samples", profile).decode().split("\n")[:-1]):
        is_base = row["labels"].get("pprof::base") == "true"
        sides[is_base].append((";".join(map(frame, row["stack"])) or "[no stack]", -row["value"] if is_base else row["value"]))
    new, base = lib.sums(sides[False]), lib.sums(sides[True])
    if not base:
        return {stack: (value,) for stack, value in new.items()}
    return {stack: (base.get(stack, 0), new.get(stack, 0)) for stack in base.keys() | new.keys()}


def check(scratch):
    n = 0
    for profile in lib.profiles():
        out = lib.cpprof("-folded", profile)
        if out is None:
            continue
        text = out.decode(errors="replace")
        want = {lib.re.sub("\ufffd+", "\ufffd", k): v for k, v in samples(profile).items() if k}
        n_values = max(map(len, want.values()), default=1)
        got = {lib.re.sub("\ufffd+", "\ufffd", k): v for k, v in parse(text, n_values).items()}
        if got != want:
            lib.fail(profile, f"is not what -samples says: {sorted(set(got.items()) ^ set(want.items()))[:3]}")
        if out and ";" in text and n_values == 1 and min(got.values()) > (0,) and "\ufffd" not in text and "[no stack]" not in got:
            again = lib.cpprof("-folded", "-", stdin=out)
            if again != out:
                lib.fail(profile, "reads back as something else")
        n += len(got)
    for profile, base in lib.BASES.items():
        n += len(parse(lib.cpprof("-folded", "-sample_index=0", f"-diff_base={base}", profile).decode(errors="replace"), 2))
    return f"{n} stacks"


lib.main(check)
