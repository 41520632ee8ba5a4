"""A third opinion about stacks that perf copied: gdb's own unwinder, which shares no code with perf's or libdw's.

Each sample becomes a core file that holds its registers and the copy of its stack; gdb is told where the process
had its files and walks the frames. For recordings on a little-endian x86-64, in a file, not packed.
"""
import collections
import json
import pathlib
import struct
import subprocess
import tempfile

IP, TID, TIME, ADDR, READ, CHAIN, ID, CPU, PERIOD, STREAM, RAW, BRANCH, REGS, STACK = (1 << i for i in range(14))
IDENTIFIER = 1 << 16
USER_REGS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 17, 18, 19, 20, 21, 22, 23]  # perf's numbers: ax bx cx dx si di bp sp ip r8...
# Of elf_gregset_t: r15 r14 r13 r12 bp bx r11 r10 r9 r8 ax cx dx si di orig_ax ip cs flags sp ss ...
GREGS = [23, 22, 21, 20, 6, 1, 19, 18, 17, 16, 0, 2, 3, 4, 5, None, 8, None, None, 7, None]

Sample = collections.namedtuple("Sample", "pid time regs stack maps")

WALK = r"""
import gdb, json
def frames():
    out, frame, exact = [], gdb.newest_frame(), True  # exact: no call returns to its pc
    while frame and len(out) < 1000:
        kind = frame.type()
        if kind not in (gdb.INLINE_FRAME, gdb.TAILCALL_FRAME):  # those that are on the stack
            out.append(frame.pc() - (not exact))
            exact = kind == gdb.SIGTRAMP_FRAME
        try: frame = frame.older()
        except gdb.error: break
    return out
for line in ("set pagination off", "set confirm off", "set backtrace past-main on", "set backtrace past-entry on",
             "set backtrace limit unlimited", "set auto-solib-add off", "set debuginfod enabled off"):
    try: gdb.execute(line, to_string=True)
    except gdb.error: pass
for job in json.load(open(JOBS)):
    gdb.execute("symbol-file", to_string=True)
    for file, base in job["files"]:
        try: gdb.execute(f"add-symbol-file {file} -o {base}", to_string=True)
        except gdb.error: pass
    for key, core in job["cores"]:
        try:
            gdb.execute("core-file " + core, to_string=True)
            print("STACK", json.dumps([key, frames()]), flush=True)
        except gdb.error as why:
            print("FAILED", key, why, flush=True)
"""


def samples(path):
    """Each sample that has a copied stack, with what was mapped when it was taken: [(start, end, offset, file)]."""
    data = pathlib.Path(path).read_bytes()
    attr_size, attrs_at, attrs_size, at, size = struct.unpack_from("<16xQQQ QQ".replace(" ", ""), data, 0)[:5]
    kind = struct.unpack_from("<Q", data, attrs_at + 24)[0]
    regs_mask = struct.unpack_from("<Q", data, attrs_at + 80)[0]
    trailer = 8 * sum(bool(kind & bit) for bit in (TID, TIME, ID, STREAM, CPU, IDENTIFIER))
    records, end = [], at + size
    while at < end:
        number, misc, length = struct.unpack_from("<IHH", data, at)
        body = data[at + 8:at + length]
        if number < 64:
            time_at = 8 * sum(bool(kind & bit) for bit in (IDENTIFIER, IP, TID))
            if number != 9:
                time_at = len(body) - trailer + 8 * bool(kind & TID)
            records.append((struct.unpack_from("<Q", body, time_at)[0], len(records), number, misc, body))
        at += length
    maps = collections.defaultdict(list)
    for time, _, number, misc, body in sorted(records):
        if number == 10 and misc & 7 == 2:
            pid, _, start, length, offset = struct.unpack_from("<IIQQQ", body)
            file = body[64:].split(b"\0")[0].decode("utf8", "replace")
            maps[pid] = [m for m in maps[pid] if m[1] <= start or m[0] >= start + length] + [(start, start + length, offset, file)]
        elif number == 7:
            pid, parent = struct.unpack_from("<II", body)
            if pid != parent:
                maps[pid] = list(maps[parent])
        elif number == 3 and misc & 1 << 13:
            maps[struct.unpack_from("<I", body)[0]] = []
        elif number == 9:
            yield from read_sample(body, kind, regs_mask, time, maps)


def read_sample(body, kind, regs_mask, time, maps):
    at = 8 * bool(kind & IDENTIFIER) + 8 * bool(kind & IP)
    pid = struct.unpack_from("<I", body, at)[0]
    at += 8 * sum(bool(kind & bit) for bit in (TID, TIME, ADDR, ID, STREAM, CPU, PERIOD))
    if kind & CHAIN:
        at += 8 + 8 * struct.unpack_from("<Q", body, at)[0]
    if kind & (READ | RAW | BRANCH) or not kind & REGS or not kind & STACK:
        return
    abi = struct.unpack_from("<Q", body, at)[0]
    if abi != 2:
        return
    order = [bit for bit in range(64) if regs_mask >> bit & 1]
    regs = dict(zip(order, struct.unpack_from(f"<{len(order)}Q", body, at + 8)))
    at += 8 + 8 * len(order)
    size = struct.unpack_from("<Q", body, at)[0]
    filled = struct.unpack_from("<Q", body, at + 8 + size)[0] if size else 0
    yield Sample(pid, time, regs, body[at + 8:at + 8 + min(size, filled)], list(maps[pid]))


def base_of(file, start, offset):
    """What the loader added to the file's addresses."""
    with open(file, "rb") as f:
        head = f.read(64)
        if head[:5] != b"\x7fELF\x02":
            raise ValueError("no ELF file of 64 bits")
        at, n = struct.unpack_from("<Q", head, 32)[0], struct.unpack_from("<H", head, 56)[0]
        f.seek(at)
        for i in range(n):
            kind, flags, where, address, _, size = struct.unpack_from("<IIQQQQ", f.read(56))
            if kind == 1 and flags & 1 and where <= offset + 4095 and offset < where + size:
                return start - offset + where - address
    raise ValueError("no segment")


def write_core(path, sample):
    status = bytearray(336)
    struct.pack_into("<I", status, 32, sample.pid)
    for i, reg in enumerate(GREGS):
        struct.pack_into("<Q", status, 112 + 8 * i, 0x33 if i == 17 else 0x2b if i == 20 else sample.regs.get(reg, 0))
    note = struct.pack("<III8s", 5, len(status), 1, b"CORE") + status
    header = b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + struct.pack("<HHIQQQIHHHHHH", 4, 62, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    sp, at = sample.regs[7], 64 + 2 * 56
    parts = struct.pack("<IIQQQQQQ", 4, 4, at, 0, 0, len(note), 0, 4)
    parts += struct.pack("<IIQQQQQQ", 1, 6, at + len(note), sp, 0, len(sample.stack), len(sample.stack), 1)
    path.write_bytes(header + parts + note + sample.stack)


def ask(chosen):
    """time -> frames as (file, offset), of these samples, leaf first."""
    answers, jobs = {}, {}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for sample in chosen:
            files = {}
            for start, _, offset, file in sample.maps:
                try:
                    files[file] = base_of(file, start, offset)
                except (OSError, ValueError):
                    continue
            job = jobs.setdefault(tuple(sorted(files.items())), [])
            core = folder / f"core-{sample.time}"
            write_core(core, sample)
            job.append((sample.time, str(core)))
        (folder / "jobs").write_text(json.dumps([{"files": k, "cores": v} for k, v in jobs.items()]), encoding="utf8")
        (folder / "walk.py").write_text(f"JOBS = {str(folder / 'jobs')!r}\n" + WALK, encoding="utf8")
        done = subprocess.run(["gdb", "-q", "-nx", "-batch", "-x", folder / "walk.py"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=1200, check=False)
    by_time = {s.time: s for s in chosen}
    for line in done.stdout.decode("utf8", "replace").splitlines():
        if line.startswith("STACK "):
            time, frames = json.loads(line[6:])
            answers[time] = [place(by_time[time].maps, pc) for pc in frames]
    return answers


def place(maps, pc):
    for start, end, offset, file in maps:
        if start <= pc < end:
            return file, pc - start + offset
    return "", pc
