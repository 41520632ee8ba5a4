#!/usr/bin/env python3
"""-csv as Python's csv module reads it: the same cells as -json's."""
import csv
import io
import json

import lib

REPORTS = ["-top", "-top -addresses", "-tree", "-tags", "-comments", "-symbols", "-samples", "-list=.",
           "-flame"]


def text(value):
    """A value of JSON as its cell; a text that a spreadsheet would calculate has a ' in front."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, list):
        value = ";".join(value)
    if isinstance(value, dict):
        value = ";".join(f"{k}={v}" for k, v in value.items())
    value = value or ""
    return "'" + value if value.startswith(tuple("=+-@\t\r")) else value


def same(cell, value):
    if isinstance(value, list) and cell.startswith("[") and (not value or isinstance(value[0], dict)):
        return json.loads(cell) == value
    want = text(value)
    if isinstance(want, int):
        return cell == str(want)
    if isinstance(want, float):
        return float(cell) == want
    return lib.same_text(cell, want)


def check_table(words):
    what = " ".join(words)
    table, out = lib.report(*words), lib.cpprof("-csv", *words)
    if table is None or out is None:
        if table or out:
            lib.fail(what, "fails in one format")
        return 0
    rows = list(csv.reader(io.StringIO(out.decode(errors="replace"), newline=""), strict=True))
    header = rows.pop(0)
    if len(rows) != len(table["rows"]):
        lib.fail(what, f"{len(rows)} rows, JSON has {len(table['rows'])}")
    for row, wanted in zip(rows, table["rows"]):
        if list(wanted) != header or len(row) != len(header):
            lib.fail(what, f"{row} below {header}")
            break
        for cell, value in zip(row, wanted.values()):
            if not same(cell, value):
                lib.fail(what, f"{cell!r} is not {value!r}")
    return len(rows)


def check(scratch):
    csv.field_size_limit(1 << 30)
    n = 0
    for profile in lib.profiles():
        for flags in REPORTS:
            n += check_table(flags.split() + [profile])
    for profile, base in lib.BASES.items():
        n += check_table(["-diff", "-sample_index=0", f"-diff_base={base}", profile])
    return f"{n} rows"


lib.main(check)
