"""What the tests here share: a program that is built, a profile of its addresses, running cpprof, and checks.

A script says `t = Test("cc", "nm", ...)` with the tools that it takes, works in t.folder, and ends with t.finish().
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "fixtures/src")]
import harness  # noqa: E402
import wire  # noqa: E402

SKIPPED = 77
BASE = 0x560000000000  # where a position-independent program is taken to be loaded

SOURCE = """\
static inline __attribute__((always_inline)) int twice(int n) {
    volatile int r = n * 2;
    return r;
}

__attribute__((noinline)) int work(int n) {
    volatile int sum = 0;
    for (int i = 0; i < n; i++)
        sum += twice(i);
    return sum;
}

__attribute__((noinline)) int idle(int n) {
    volatile int k = n;
    return k;
}

int main(int argc, char **argv) {
    return work(argc) + idle(**argv);
}
"""


class Test:
    def __init__(self, *tools):
        missing = [tool for tool in tools if not shutil.which(tool)]
        if missing:
            print("not installed:", *missing)
            sys.exit(SKIPPED)
        self.program = [os.path.realpath(sys.argv[1])]
        self.holder = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.holder.name)
        self.failures = 0

    def check(self, what, ok, *details):
        if not ok:
            self.failures += 1
            print("FAILED:", what, *details, sep="\n  ")

    def tool(self, *words):
        return subprocess.run([str(w) for w in words], cwd=self.folder, check=True, capture_output=True,
                              text=True).stdout

    def build(self, name, *flags, source=SOURCE, compiler="cc", suffix=".c"):
        """A program from one file, with a build id."""
        file = self.folder / (name + suffix)
        file.write_text(source)
        self.tool(compiler, "-g", "-O1", "-Wl,--build-id", *flags, "-o", name, file)
        return self.folder / name

    def run(self, *flags, status=0, **env):
        """What it says on both streams; `env` beside the fixed environment."""
        done = subprocess.run(self.program + [str(f) for f in flags], cwd=self.folder, capture_output=True, text=True,
                              timeout=120, env=harness.environment(**{k: str(v) for k, v in env.items()}))
        self.check(f"{flags}: exit status {done.returncode}", done.returncode == status, done.stderr)
        return done.stdout, done.stderr

    def finish(self):
        self.holder.cleanup()
        print(f"{self.failures} failed" if self.failures else "all passed")
        sys.exit(bool(self.failures))

    # ---- binaries ----

    def symbols(self, path):
        rows = (line.split() for line in self.tool("nm", path).splitlines())
        return {row[2]: int(row[0], 16) for row in rows if len(row) == 3}

    def build_id(self, path):
        for line in self.tool("readelf", "-n", path).splitlines():
            if "Build ID:" in line:
                return line.split()[-1]
        raise SystemExit(f"{path} has no build id")

    def code(self, path):
        """The executable segment: address, file offset, size in memory."""
        for line in self.tool("readelf", "-lW", path).splitlines():
            words = line.split()
            if words[:1] == ["LOAD"] and "E" in words[6:-1]:
                return int(words[2], 16), int(words[1], 16), int(words[5], 16)
        raise SystemExit(f"no code in {path}")

    def profile(self, name, path, addresses, file=None, build_id=None, base=BASE):
        """A sample of 1 at each address of the program, which was loaded at `base`; its mapping says `file`."""
        start, offset, size = self.code(path)
        begin, end = start & ~0xfff, (start + size + 0xfff) & ~0xfff
        p = wire.Profile("samples/count")
        m = p.mapping(base + begin, base + end, offset & ~0xfff, str(path if file is None else file),
                      self.build_id(path) if build_id is None else build_id)
        for address in addresses:
            p.sample([p.location(address=base + address, mapping=m)], [1])
        out = self.folder / name
        out.write_bytes(p.write())
        return out
