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
    table, out = lib.report(*words), lib.cpprof("-markdown", *words)
    if table is None or out is None:
        return 0
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
            value = wanted[name]
            if name.endswith("_share") and cell:
                if abs(float(cell.rstrip("%")) - 100 * value) > 0.0051:
                    lib.fail(what, f"{cell} is not {value}")
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
