#!/usr/bin/env python3
"""callgrind_annotate reads -callgrind and counts what the profile holds.

The reference says of every call that it took place 0 times, and so do we; KCachegrind minds that
not, but callgrind_annotate then takes the cost of a call for the caller's own. So it is given 1."""
import re

import lib

# What the reference writes of these, byte for byte, is no good callgrind file.
KNOWN = {
    "made/columns.pb.gz": "a negative line",
    "made/extremes.pb.gz": "a negative line",
    "made/mean_of_the_least.pb.gz": "a negative cost",
    "made/odd_names.pb.gz": "names that hold line breaks",
}


def annotate(program, path):
    status, text, err = lib.run([program, "--threshold=100", "--auto=no", str(path)])
    found = re.search(rb"^ *([0-9,]+) .*PROGRAM TOTALS", text, re.M)
    return status, int(found[1].replace(b",", b"")) if found else None, err


def check(scratch):
    program = lib.tool("callgrind_annotate", "valgrind")
    n = 0
    for profile in lib.profiles(plain=True):
        samples = lib.report("-samples", profile)
        if samples is None or profile in KNOWN:
            continue
        out = lib.cpprof("-callgrind", "-nodefraction=0", f"-unit={samples['unit']}", profile)
        path = scratch / "callgrind.out"
        path.write_bytes(out)
        status, total, err = annotate(program, path)
        if status or err:
            lib.fail(profile, f"exit {status}: {err}")
        path.write_bytes(re.sub(rb"^calls=0 ", b"calls=1 ", out, flags=re.M))
        status, total, err = annotate(program, path)
        wanted = sum(row["value"] for row in samples["rows"] if row["stack"])
        if (total or 0) != wanted:
            lib.fail(profile, f"it counts {total}, not {wanted} {samples['unit']}: {err}")
        n += 1
    return f"{n} profiles"


lib.main(check)
