#!/usr/bin/env python3
"""Many profiles at once: many.py CPPROF"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402

TOP = pathlib.Path(__file__).resolve().parents[2]
PROFILES = TOP / "fixtures" / "profiles"
CPPROF = os.path.abspath(sys.argv[1])
CPU, LABELS = PROFILES / "go/cpu.pb.gz", PROFILES / "go/labels.pb.gz"


SANITIZED = any(name in pathlib.Path(CPPROF).read_bytes() for name in (b"__asan_init", b"__tsan_init"))


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp())
        os.chdir(self.dir)
        self.env = harness.environment(HOME=str(self.dir))

    def tearDown(self):
        os.chdir("/")
        shutil.rmtree(self.dir)

    def run_(self, *args, stdin=b""):
        p = subprocess.run([CPPROF, "-symbolize=none", *map(str, args)], input=stdin,
                           capture_output=True, env=self.env, timeout=120)
        return p.returncode, p.stdout, p.stderr.decode()

    def good(self, *args, said="", **more):
        code, out, err = self.run_(*args, **more)
        self.assertEqual((code, err), (0, said))
        return out

    def bad(self, *args, **more):
        code, out, err = self.run_(*args, **more)
        self.assertEqual((code, out), (2, b""))
        self.assertEqual(err.count("\n"), 1, err)
        return err

    def copies(self, n, source=CPU, under="."):
        os.makedirs(under, exist_ok=True)
        names = [f"{under}/p{i:04}.pb.gz" for i in range(n)]
        for name in names:
            os.link(names[0], name) if name != names[0] else shutil.copy(source, name)
        return names


class Names(Case):
    def test_directory(self):
        names = self.copies(3, under="d")
        shutil.copy(LABELS, "d/a.pb.gz")
        os.mkdir("d/sub")
        shutil.copy(LABELS, "d/sub/x.pb.gz")
        shutil.copy(LABELS, "d/.hidden")
        os.symlink(CPU, "d/z")
        os.mkfifo("d/pipe")
        want = self.good("-raw", "d/a.pb.gz", *names, CPU)
        self.assertEqual(self.good("-raw", "d"), want)
        self.assertEqual(self.good("-raw", "d/"), want)

    def test_directory_without_profiles(self):
        os.mkdir("d")
        self.assertIn("d: is a directory without files", self.bad("-top", "d"))
        pathlib.Path("d/a.txt").write_text("no profile at all")
        self.assertIn("cpprof: d/a.txt: ", self.bad("-top", "d"))
        pathlib.Path("d/b.txt").write_text("no profile at all")
        self.assertIn("none of the 2 source profiles could be read: d/a.txt and 1 more: ",
                      self.bad("-top", "d"))

    def test_source_that_is_no_file(self):
        """Left out like any other that fails."""
        os.mkdir("empty")
        os.makedirs("outer/inner")
        shutil.copy(LABELS, "outer/inner/x.pb.gz")
        os.symlink("loop", "loop")
        os.mkdir("d")
        shutil.copy(CPU, "d/a.pb.gz")
        os.symlink("gone", "d/z")
        want = self.good("-raw", CPU)
        for name, why in (("empty", "is a directory without files"), ("outer", "is a directory without files"),
                          ("loop", "Too many levels of symbolic links")):
            said = f"left out 1 of 2 source profiles: {name}: {why}\n"
            self.assertEqual(self.good("-raw", name, CPU, said=said), want)
            self.assertEqual(self.good("-raw", "@-", CPU, stdin=name.encode(), said=said), want)
            self.assertIn(f"{name}: {why} (-strict)", self.bad("-raw", "-strict", name, CPU))
        self.assertEqual(self.good("-raw", "two\nlines\n", CPU, said="left out 1 of 2 source profiles: "
                                   "two\\x0alines\\x0a: No such file or directory\n"), want)
        said = "left out 1 of 2 source profiles: d/z: No such file or directory\n"
        self.assertEqual(self.good("-raw", "d", said=said), want)

    def test_list(self):
        names = self.copies(3, under="d")
        shutil.copy(LABELS, "@x")
        listed = "".join(n + "\n" for n in names)
        want = self.good("-raw", *names)
        pathlib.Path("list").write_text(listed)
        self.assertEqual(self.good("-raw", "@list"), want)
        self.assertEqual(self.good("-raw", "@-", stdin=listed.encode()), want)
        self.assertEqual(self.good("-raw", "@-", stdin=listed.strip().encode()), want)
        self.assertEqual(self.good("-raw", "@-", stdin=b"\n\nd\n\n"), want)
        self.assertEqual(self.good("-raw", "@-", stdin=listed.replace("\n", "\0").encode()), want)
        self.assertEqual(self.good("-raw", "@-", stdin=listed.replace("\n", "\r\n").encode()), want)
        shutil.copy(names[0], "line end\r\n")
        self.assertEqual(self.good("-raw", "@-", stdin=b"line end\r\n\0"), self.good("-raw", names[0]))
        self.assertEqual(self.good("-raw", "./@x"), self.good("-raw", LABELS))
        self.assertEqual(self.good("-raw", "@-", stdin=b"@x\n"), self.good("-raw", LABELS))
        self.assertEqual(self.good("-raw", "-base=@list", LABELS),
                         self.good("-raw", "-base=d", LABELS))

    def test_bad_list(self):
        self.assertIn("@nothing: No such file", self.bad("-top", "@nothing"))
        self.assertIn("@-: the list names no profile", self.bad("-top", "@-"))
        os.mkdir("e")
        self.assertIn("cpprof: e: is a directory without files", self.bad("-top", "@-", stdin=b"e\n"))
        self.assertIn("@e: is a directory, not a file", self.bad("-top", "@e"))

    def test_profile_on_standard_input(self):
        data = CPU.read_bytes()
        self.assertEqual(self.good("-raw", "-", stdin=data), self.good("-raw", CPU))
        self.assertEqual(self.good("-raw", LABELS, "-", LABELS, stdin=data),
                         self.good("-raw", LABELS, CPU, LABELS))


class Merging(Case):
    def test_failures_in_one_line(self):
        names = self.copies(300, under="d")
        for i in (5, 17, 200):
            os.unlink(names[i])
        pathlib.Path(names[8]).unlink()
        pathlib.Path(names[8]).write_text("text")
        said = (f"left out 4 of 300 source profiles: {names[5]} and 2 more: "
                f"No such file or directory; {names[8]}: unrecognized profile format\n")
        code, out, err = self.run_("-raw", *names)
        self.assertEqual(code, 0)
        self.assertEqual(re.sub(r"(unrecognized[^\n]*)", "unrecognized profile format", err), said)
        rest = [n for n in names if os.path.exists(n) and n != names[8]]
        self.assertEqual(out, self.good("-raw", *rest))
        self.assertIn(f"{names[5]}: No such file or directory (-strict)",
                      self.bad("-raw", "-strict", *names))

    def test_cut_types_in_one_line(self):
        two, one = PROFILES / "made/labels.pb.gz", PROFILES / "made/duplicate_strings.pb.gz"
        code, out, err = self.run_("-raw", *[two] * 140, one)
        self.assertEqual(code, 0, err)
        self.assertRegex(err, r"^140 of 141 source profiles \(.*labels.pb.gz ...\) are cut to the "
                              r"sample types of all: samples\n")
        self.assertIn("are cut to the sample types of all", self.bad("-raw", "-strict", two, one))
        self.assertIn("are cut to the sample types of all", self.bad("-raw", "-strict",
                                                                     f"-base={one}", two))
        self.good("-raw", "-strict", PROFILES / "made/plain.pb.gz", CPU)

    def test_other_order_is_no_cut(self):
        swapped, plain = PROFILES / "made/swapped_types.pb.gz", PROFILES / "made/plain.pb.gz"
        code, out, err = self.run_("-raw", swapped, plain)
        self.assertRegex(err, r"^1 of 2 source profiles \(.*swapped_types.pb.gz\) are cut to the "
                              r"sample types of all: cpu, samples\n$")

    def test_merge_of_merges(self):
        """The same bytes, whatever the steps: with times, since a time of 0 depends on the order."""
        names = [str(p) for p in (CPU, LABELS, CPU, LABELS, LABELS)] * 30
        self.run_("-proto", "-output=all", *names)
        for step in (7, 128, 130):
            parts = []
            for i in range(0, len(names), step):
                parts.append(f"part{step}-{i}")
                self.run_("-proto", "-output=" + parts[-1], *names[i:i + step])
            self.run_("-proto", "-output=merged", *parts)
            self.assertEqual(pathlib.Path("merged").read_bytes(), pathlib.Path("all").read_bytes())

    def test_many_files_take_no_more_memory(self):
        peak = []
        for n in (150, 1500):
            names = self.copies(n, source=PROFILES / "made/many.pb.gz", under=f"d{n}")
            p = subprocess.Popen([CPPROF, "-symbolize=none", "-raw", f"d{n}"], env=self.env,
                                 stdout=subprocess.DEVNULL)
            peak.append(os.wait4(p.pid, 0)[2].ru_maxrss)
            p.returncode = 0
        if not SANITIZED:
            self.assertLess(peak[1], 1.3 * peak[0] + 4096)


STUBS = {
    # The host does not matter here: both have the same files.
    "ssh": 'shift; exec sh -c "$*"',
    # Runs a job's tasks at once, one after the other.
    "sbatch": """
tasks=0-0
for word; do
    case $word in
        --array=*) tasks=${word#--array=} ;;
        --wrap) for script; do :; done; exec sh -c "$script" ;;
        --*) ;;
        *) script=$word ;;
    esac
done
for i in $(seq "${tasks%-*}" "${tasks#*-}"); do SLURM_ARRAY_TASK_ID=$i sh "$script"; done
echo 1""",
}


class Fleet(Case):
    """The commands of docs/fleet.md, with other directories and shorter parts."""

    def setUp(self):
        super().setUp()
        os.mkdir("bin")
        os.symlink(CPPROF, "bin/cpprof")
        for name, text in STUBS.items():
            pathlib.Path("bin", name).write_text("#!/bin/sh -eu\n" + text + "\n")
            os.chmod(f"bin/{name}", 0o755)
        self.env["PATH"] = f"{self.dir}/bin:{self.env['PATH']}"
        self.env["PARALLEL_HOME"] = str(self.dir)
        self.names = sorted(self.copies(60, under="data") + self.copies(40, source=LABELS, under="data/more"))
        os.unlink(self.names[22])
        shutil.copy(PROFILES / "made/plain.pb.gz", self.names[22])  # in the third part: their order shows

    def shown(self, heading):
        section = (TOP / "docs/fleet.md").read_text().split(f"### {heading}\n")[1].split("\n##")[0]
        for ours, theirs in (("/data/profiles", "data"), ("/var/profiles", "data"), ("-N500", "-N9"), ("-l 500", "-l 9")):
            section = section.replace(ours, theirs)
        return re.findall(r"```sh\n(.*?)```", section, re.S)

    def sh(self, script, fails=False):
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], env=self.env, capture_output=True, timeout=120)
        self.assertEqual(done.returncode != 0, fails, done.stderr.decode())

    def check(self, script, parts, sources):
        self.sh(script)
        self.assertEqual(len(list(pathlib.Path(".").glob(parts))), 12 if sources is self.names else 2)
        self.good("-proto", "-output=want", *sources, said="Generating report in want\n")
        self.assertEqual(pathlib.Path("all.pb.gz").read_bytes(), pathlib.Path("want").read_bytes())
        pathlib.Path("data/zz.pb.gz").write_text("no profile")
        self.sh(script, fails=True)

    @unittest.skipUnless(shutil.which("parallel"), "needs GNU parallel")
    def test_parallel(self):
        self.check(self.shown("GNU parallel")[0], "part-*.pb.gz", self.names)

    @unittest.skipUnless(shutil.which("parallel"), "needs GNU parallel")
    def test_hosts(self):
        pathlib.Path("hosts.txt").write_text("a\nb\n")
        self.check(self.shown("GNU parallel")[1], "host-*.pb.gz", ["data", "data"])

    def test_slurm(self):
        reduce, commands = self.shown("Slurm")
        pathlib.Path("reduce.sh").write_text(reduce)
        self.check(commands, "parts/*.pb.gz", self.names)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
