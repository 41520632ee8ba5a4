#!/usr/bin/env python3
"""-markdown as GitHub's own parser (cmark-gfm) reads it: one table, whose cells are those of -json,
and nothing in a name is markup."""
import html.parser

import lib

REPORTS = ["-top", "-top -lines", "-tree", "-tags", "-comments", "-symbols", "-list=.", "-flame"]
ALLOWED = {"p", "strong", "table", "thead", "tbody", "tr", "th", "td", "code"}
LONGEST = 70


class Table(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.rows, self.tags, self.after, self.cell = [], set(), "", None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.cell = ""

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.rows[-1].append(self.cell)
            self.cell = None

    def handle_data(self, data):
        if self.cell is None:
            self.after += data
        else:
            self.cell += data


def plain(text):
    """As a code span shows it: control characters as blanks or escapes, no backtick, no blanks around."""
    text = "".join(" " if c < " " else "'" if c == "`" else c for c in text)
    if len(text) > LONGEST:
        text = text[:LONGEST // 2 - 1] + "…" + text[-(LONGEST // 2):]
    text = lib.re.sub("[\x7f-\x9f]", lambda c: f"\\u{ord(c[0]):04x}", text)
    return " ".join(lib.re.sub("\ufffd+", "\ufffd", text).split(" ")).strip(" ")


SCALED = {"flat", "cum", "base_flat", "base_cum", "delta_flat", "delta_cum"}
PATHS = {"file", "mapping"}
UNITS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9, "mins": 6e10, "hrs": 3.6e12, "days": 8.64e13,
         "B": 1, "kB": 2**10, "MB": 2**20, "GB": 2**30}
OWN = {"nanoseconds": 1, "microseconds": 1e3, "milliseconds": 1e6, "seconds": 1e9}


def is_scaled(cell, value, own):
    """Whether a value with its unit is the number in the profile's own, as far as its digits go."""
    found = lib.re.fullmatch(r"(-?[0-9.]+)([A-Za-z]*)", cell)
    if not found:
        return False
    number, unit = found.groups()
    if unit not in UNITS:
        return bool(unit) or float(number) == value
    digits = len(number.partition(".")[2])
    return abs(float(number) - value * OWN.get(own, UNITS.get(own, 1)) / UNITS[unit]) <= 10**-digits * 0.51 or float(number) == value


def cell_of(value):
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, list):
        return plain(";".join(value))
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def check_table(parser, words):
    what = " ".join(words)
    table, out = lib.report("-trim", *words), lib.cpprof("-markdown", *words)
    if table is None or out is None:
        return 0
    table["rows"] = [row for row in table["rows"] if row.get("left_out") is None]
    status, page, err = lib.run([parser, "-e", "table", "-e", "autolink", "-t", "html"], out)
    seen = Table(page.decode())
    if status or seen.tags - ALLOWED:
        lib.fail(what, f"exit {status} {err}, has {seen.tags - ALLOWED}")
    if not table["rows"]:
        return 0
    if not seen.rows:
        lib.fail(what, "no table")
        return 0
    header, rows = seen.rows[0], seen.rows[1:]
    if len(rows) != len(table["rows"]) and f"{len(table['rows']) - len(rows)} more rows" not in seen.after:
        lib.fail(what, f"{len(rows)} of {len(table['rows'])} rows, and no word of it: {seen.after[-200:]}")
    for row, wanted in zip(rows, table["rows"]):
        for name, cell in zip(header, row):
            if name not in wanted:
                continue
            value = wanted[name]
            if name.endswith("_share") and cell:
                if abs(float(cell.rstrip("%")) - 100 * value) > 0.0051:
                    lib.fail(what, f"{cell} is not {value}")
            elif name in SCALED and cell == cell_of(value) or name in SCALED and is_scaled(cell, value, table["unit"]):
                pass
            elif name in PATHS and value:
                short = "/".join(value.split("/")[-2:])
                if plain(cell) != cell_of(short):
                    lib.fail(what, f"{name} is {cell!r}, not the end of {value!r}")
            elif plain(cell) != cell_of(value):
                lib.fail(what, f"{name} is {cell!r}, not {value!r}")
    return len(rows)


def check(scratch):
    parser = lib.tool("cmark-gfm", "cmark-gfm")
    n = 0
    for profile in lib.profiles(plain=True):
        for flags in REPORTS:
            n += check_table(parser, flags.split() + [profile])
    return f"{n} rows"


lib.main(check)
