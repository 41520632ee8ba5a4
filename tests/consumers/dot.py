#!/usr/bin/env python3
"""graphviz draws -dot of every fixture without a word of complaint (but for names that
are no UTF-8), with a shape for every function."""
import re

import lib

WAYS = [["-dot"], ["-dot", "-call_tree", "-lines", "-nodecount=30"]]


def is_utf8(text):
    try:
        return bool(text.decode())
    except UnicodeDecodeError:
        return False


def check_graph(dot, words):
    what = " ".join(words)
    out = lib.cpprof(*words)
    if out is None:
        return 0
    status, picture, err = lib.run([dot, "-Tsvg"], out)
    if status or (err and is_utf8(out)):
        lib.fail(what, f"exit {status}: {err}")
    if b"</svg>" not in picture:
        lib.fail(what, "no picture")
    drawn = picture.count(b'class="node"')
    wanted = len(re.findall(rb"^N+[0-9]+(?:_[0-9]+)* \[", out, re.M))
    if drawn < wanted:
        lib.fail(what, f"{drawn} shapes of {wanted}")
    return wanted


def check(scratch):
    dot = lib.tool("dot", "graphviz")
    n = sum(check_graph(dot, way + [profile]) for profile in lib.profiles() for way in WAYS)
    for profile, base in lib.BASES.items():
        n += check_graph(dot, ["-dot", "-sample_index=0", f"-diff_base={base}", profile])
    return f"{n} shapes"


lib.main(check)
