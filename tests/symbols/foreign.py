"""Small programs of macOS and Windows, made of bytes: two functions and their symbols, no code to speak of."""
import struct

TEXT = 0x100000000  # where their linkers put them
WORK, IDLE = TEXT + 0x400, TEXT + 0x440
UUID = bytes(range(16))
CODE = b"\xc3" * 0x80


def strings(names, first=b""):
    """A table of names and where each begins."""
    places, table = [], first
    for name in names:
        places.append(len(table))
        table += name.encode() + b"\0"
    return places, table


def macho(names=("_work", "_idle"), order="<", wide=True, uuid=UUID, cpu=0x01000007):
    """Thin Mach-O; `order` and `wide`: the other byte order, 32 bits."""
    word = "Q" if wide else "I"
    base = TEXT if wide else 0x1000
    places, table = strings(names, b" \0")
    symbols = b"".join(struct.pack(order + "IBBH" + word, place, 0x0f, 1, 0, base + 0x400 + 0x40 * i)
                       for i, place in enumerate(places))
    section = struct.pack(order + "16s16s" + 2 * word, b"__text", b"__TEXT", base + 0x400, len(CODE))
    section += struct.pack(order + "IIIIIII", 0x400, 4, 0, 0, 0x80000400, 0, 0) + (b"\0" * 4 if wide else b"")
    segment = struct.pack(order + "16s" + 4 * word + "IIII", b"__TEXT", base, 0x1000, 0, 0x480, 5, 5, 1, 0) + section
    commands = struct.pack(order + "II", 0x19 if wide else 1, 8 + len(segment)) + segment
    commands += struct.pack(order + "IIIIII", 2, 24, 0x480, len(symbols) // (16 if wide else 12), 0x500, len(table))
    n = 2
    if uuid:
        commands += struct.pack(order + "II", 0x1b, 24) + uuid
        n += 1
    header = struct.pack(order + "IIIIIII", 0xfeedfacf if wide else 0xfeedface, cpu, 3, 2, n, len(commands), 0)
    header += b"\0" * 4 if wide else b""
    return ((header + commands).ljust(0x400, b"\0") + CODE + symbols).ljust(0x500, b"\0") + table


def fat(*slices):
    """(cpu, bytes) each."""
    header, body, at = struct.pack(">II", 0xcafebabe, len(slices)), b"", 0x1000
    for cpu, data in slices:
        header += struct.pack(">IIIII", cpu, 0, at, len(data), 12)
        body += data.ljust(0x1000, b"\0")
        at += 0x1000
    return header.ljust(0x1000, b"\0") + body


def pe(names=("work", "a_function_with_a_long_name"), guid=UUID):
    """PE32+ for x86-64, with COFF symbols and the record of a PDB file."""
    places, table = strings(names, b"\0\0\0\0")
    table = struct.pack("<I", len(table)) + table[4:]
    symbols = b"".join(struct.pack("<IIIhHBB", 0, place, 0x40 * i, 1, 0x20, 2, 0) for i, place in enumerate(places))
    debug = struct.pack("<IIHHIIII", 0, 0, 0, 0, 2, 24, 0x51c, 0x51c) + b"RSDS" + guid + struct.pack("<I", 1)
    optional = struct.pack("<HBBIIIIIQ", 0x20b, 0, 0, 0x80, 0, 0, 0, 0x400, TEXT).ljust(108, b"\0")
    optional += struct.pack("<I", 16) + b"\0" * 48 + struct.pack("<II", 0x500, 28) + b"\0" * 72
    sections = struct.pack("<8sIIIIIIHHI", b".text", 0x80, 0x400, 0x80, 0x400, 0, 0, 0, 0, 0x60000020)
    sections += struct.pack("<8sIIIIIIHHI", b".rdata", len(debug), 0x500, len(debug), 0x500, 0, 0, 0, 0, 0x40000040)
    coff = struct.pack("<HHIIIHH", 0x8664, 2, 0, 0x600, len(places), len(optional), 0x22)
    head = b"MZ".ljust(0x3c, b"\0") + struct.pack("<I", 0x40) + b"PE\0\0" + coff + optional + sections
    return (head.ljust(0x400, b"\0") + CODE).ljust(0x500, b"\0") + debug.ljust(0x100, b"\0") + symbols + table
