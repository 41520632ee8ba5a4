#!/usr/bin/env python3
"""-flame -json is a nested set as Grafana's flame graph panel wants it: one row at level 0 before all
others, depth first, each value its own and that of the rows right below it."""
import lib


def check_set(what, rows, value, self):
    """Returns the sum of self by path."""
    paths, open_rows, missing = [], [], []

    def close(level):
        while len(open_rows) > level:
            row, rest = open_rows.pop(), missing.pop()
            if rest != 0:
                lib.fail(what, f"{value} of {row} is not self and callees: {rest} is left")

    for i, row in enumerate(rows):
        level = row["level"]
        if level > len(open_rows) or (level == 0) != (i == 0):
            lib.fail(what, f"row {i} at level {level} below {len(open_rows)} others")
            return {}
        if not row["label"]:
            lib.fail(what, f"row {i} has no label")
        close(level)
        if missing:
            missing[-1] -= row[value]
        open_rows.append(row)
        missing.append(row[value] - row[self])
        paths.append((tuple(r["label"] for r in open_rows[1:]), row[self]))
    close(0)
    return lib.sums(paths)


def samples(*words):
    rows = lib.report("-samples", *words)["rows"]
    return lib.sums((tuple(row["stack"]), row["value"]) for row in rows)


def check(scratch):
    n = 0
    for profile in lib.profiles():
        table = lib.report("-flame", profile)
        if table is None:
            continue
        n += len(table["rows"])
        if min(samples(profile).values(), default=0) < 0:
            continue  # what became less stands apart, below "lost"
        paths = check_set(profile, table["rows"], "value", "self")
        if paths != samples(profile):
            lib.fail(profile, "self by path is not what -samples says")
    for profile, base in lib.BASES.items():
        rows = lib.report("-flame", "-sample_index=0", f"-diff_base={base}", profile)["rows"]
        n += len(rows)
        both = check_set(f"{profile} and {base}", rows, "value", "self")
        right = check_set(f"{profile} since {base}", rows, "valueRight", "selfRight")
        now, old = (samples("-sample_index=0", side) for side in (profile, base))
        if right != now or both != lib.sums([*now.items(), *old.items()]):
            lib.fail(profile, "the two sides are not those profiles")
    return f"{n} rows"


lib.main(check)
