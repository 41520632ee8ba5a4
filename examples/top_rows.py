#!/usr/bin/env python3
"""The rows of -top, by ctypes and the shared library: top_rows.py libcpprof.so PROFILE"""
import ctypes as c
import sys

Str = type("Str", (c.Structure,), {"_fields_": [("data", c.c_void_p), ("len", c.c_size_t)]})
Cell = type("Cell", (c.Structure,), {"_fields_": [
    ("kind", c.c_int), ("text", Str), ("num", c.c_int64), ("total", c.c_int64), ("real", c.c_double),
    ("texts", c.c_void_p), ("n_texts", c.c_size_t)]})
Error = type("Error", (c.Structure,), {"_fields_": [
    ("code", c.c_int), ("about", c.c_char_p), ("limit", c.c_uint64), ("text", c.c_char * 1000)]})
Request = type("Request", (c.Structure,), {"_fields_": [
    ("size", c.c_size_t), ("report", c.c_char_p), ("param", c.c_char_p), ("encoder", c.c_char_p),
    ("query", c.c_void_p), ("bases", c.c_void_p), ("more", c.c_void_p), ("n_bases", c.c_size_t),
    ("n_more", c.c_size_t), ("rules", c.c_char_p)]})
OnRow = c.CFUNCTYPE(c.c_bool, c.c_void_p, c.POINTER(Cell), c.c_size_t)
Visitor = type("Visitor", (c.Structure,), {"_fields_": [("begin", c.c_void_p), ("row", OnRow), ("user", c.c_void_p)]})

lib, error, profile = c.CDLL(sys.argv[1]), Error(), c.c_void_p()
lib.pp_context_new.restype = c.c_void_p
context = c.c_void_p(lib.pp_context_new(None, c.byref(error)))


@OnRow
def show(_, cells, n):
    print(c.string_at(cells[0].text.data, cells[0].text.len).decode(), cells[5].num, cells[7].num)
    return True


request = Request(size=c.sizeof(Request), report=b"top")
if not lib.pp_profile_read_file(context, sys.argv[2].encode(), c.byref(profile), c.byref(error)) or \
        not lib.pp_rows(context, profile, c.byref(request), c.byref(Visitor(row=show)), None, c.byref(error)):
    sys.exit(error.text.decode())
