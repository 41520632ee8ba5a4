"""Sums of a recording beside those of `perf report`: of each event the samples and the periods, then by command, by file,
and by function. A function agrees when it has the name that perf gives it or another of the same address. What perf
names by itself is none: an address, an entry of the procedure linkage table; nor is _init, which there reaches over that
table in static programs."""
import collections
import functools
import pathlib
import re
import subprocess

COLUMN = 12  # of a command's name, where another name is wider
PARTS = (("event", (0, 4)), ("command", (0, 1, 4)), ("file", (0, 1, 2, 4)))
NO_FILE = re.compile(r"\[JIT\]|perf-\d+\.map$|//anon|anon$|\[unknown\]|\[heap|SYSV0")


def output(*command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=300, check=False)
    return done.stdout.decode("utf8", "replace")


def base(file):
    name = file.strip().rsplit("/", 1)[-1]
    return "[kernel]" if name.startswith("[kernel") else "" if NO_FILE.match(name) else name


def plain(name):
    """Without version, arguments, those of templates, and what a compiler made of a function."""
    name = re.sub(r"^\[.\] ", "", name.strip())
    if re.match(r"0x[0-9a-f]+$|.*@plt$|\[unknown\]$|_init$", name):
        return ""
    if name.startswith("JS:"):
        return name
    name = re.sub(r"\(anonymous namespace\)", "{anonymous}", re.sub(r"@.*", "", name))
    while name != (shorter := re.sub(r"<[^<>]*>|\([^()]*\)", "", name.replace("->", "").replace("operator<", "operator"))):
        name = shorter
    return re.sub(r"\.(part|constprop|isra|cold|lto_priv)\b.*|\[clone.*", "", name).strip().rsplit("::", 1)[-1]


@functools.lru_cache(maxsize=None)
def same_place(file, build_id):
    """name -> those that have its address, by the tables of symbols of a file and of what was split off it."""
    at, place = collections.defaultdict(set), {}
    told = re.search(r"Build ID: ([0-9a-f]+)", output("readelf", "-n", file)) if not build_id else None
    build_id = told[1] if told else build_id
    for path in (file, f"/usr/lib/debug/.build-id/{build_id[:2]}/{build_id[2:]}.debug"):
        for line in output("readelf", "-Ws", "--demangle", path).splitlines() if pathlib.Path(path).is_file() else []:
            field = line.split(None, 7)
            if len(field) == 8 and field[3] in ("FUNC", "NOTYPE", "IFUNC"):
                at[field[1]].add(plain(field[7]))
                place[plain(field[7])] = field[1]
    return {name: at[address] for name, address in place.items()}


def of_perf(path):
    """(event, command, file, function, "n" or "p") -> samples or their periods."""
    sums, event = collections.Counter(), ""
    for line in output("perf", "report", "-f", "--stdio", "--no-children", "-g", "none", "--no-inline",
                       "-F", "sample,period,comm,dso,sym", "-t", "\t", "-i", path).splitlines():
        head, field = re.match(r"# Samples: .* of event '(.*)'", line), line.split("\t")
        event = head[1] if head else event
        if len(field) == 5 and line[0] != "#":
            comm = "" if field[2].startswith(":") else field[2].strip()[:COLUMN]  # ":7" is a thread without a name
            for kind, value in zip("np", field):
                sums[event, comm, base(field[3]), plain(field[4]), kind] += int(value)
    return sums


def leaves(text):
    """Locations of -raw: (file, build id, function, not inlined)."""
    locations, mappings = text.split("\nMappings\n")
    maps = {m[1]: (m[2], m[3] or "") for m in re.finditer(
        r"^(\d+): 0x[0-9a-f]+/0x[0-9a-f]+/0x[0-9a-f]+ (.*?)(?: ([0-9a-f]{16,40}))? *(?:\[\w\w\])*$", mappings, re.M)}
    found = {"": ("", "", "")}
    for m in re.finditer(r"^ *(\d+): 0x[0-9a-f]+(?: M=(\d+))?(.*(?:\n {10,}.*)*)", locations, re.M):
        name = re.match(r"\s*(.*?) \S*:\d+:\d+ s=\d+", m[3].rsplit("\n", 1)[-1])
        found[m[1]] = (*maps.get(m[2], ("", "")), plain(name[1]) if name else "")
    return found


def of_cpprof(program, path):
    """The same sums, and (file, function) -> other names of it."""
    samples, rest = output(program, "-raw", path).split("Samples:\n")[1].split("\nLocations\n")
    leaf, sums, others = leaves(rest), collections.Counter(), collections.defaultdict(set)
    columns = samples.split("\n", 1)[0].split(" ")
    for m in re.finditer(r"^ *((?:-?\d+ +)+)(-?\d+): (\d*)[\d ]*\n +(.*execution_mode:.*)", samples, re.M):
        file, build_id, name = leaf[m[3]]
        comm = re.search(r"thread_comm:\[(.*?)\](?: |$)", m[4])
        others[base(file), name] |= same_place(file, build_id).get(name, set())
        for column, value in zip(columns, (m[1] + m[2]).split()):
            event = re.match(r"(.*)_(sample|event)/count$", column)
            if event and int(value):
                sums[event[1], comm[1][:COLUMN] if comm else "", base(file), name, "n" if event[2] == "sample" else "p"] += int(value)
    return sums, others


def by(sums, places):
    parts = collections.Counter()
    for key, value in sums.items():
        parts[tuple(key[i] for i in places)] += value
    return parts


def rename(ours, theirs, others):
    """Ours by the names that perf prefers."""
    sums = collections.Counter()
    for key, value in ours.items():
        names = [n for n in sorted(others[key[2:4]]) if (*key[:3], n, key[4]) in theirs and (*key[:3], n, key[4]) not in ours]
        sums[(*key[:3], key[3] if key in theirs or not names else names[0], key[4])] += value
    return sums


def compare(program, path, verbose):
    """Whether they agree, and a line that says how far."""
    theirs, (ours, others) = of_perf(path), of_cpprof(program, path)
    wrong = [what for what, places in PARTS if by(theirs, places) != by(ours, places)]
    if verbose and wrong:
        print("   sums:", wrong, "perf", theirs - ours, "ours", ours - theirs)
    ours = rename(ours, theirs, others)
    nameless = theirs - ours  # to perf only, as a stripped program of Go is
    same, total = (sum(n for key, n in rows.items() if key[4] == "n" and (key[3] or key not in nameless)) for rows in (theirs & ours, theirs))
    if verbose:
        for who, rows in (("perf", theirs - ours), ("ours", ours - theirs)):
            for key, n in rows.items():
                if key[4] == "n":
                    print(f"   {who}: {n} {key[:4]}")
    words = f"sums differ by {', '.join(wrong)}" if wrong else "sums the same"
    return not wrong and same >= 0.97 * total, f"{words}, functions of {same} of {total}"
