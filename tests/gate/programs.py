#!/usr/bin/env python3
"""Real programs, made slower, noisy, renamed, on the machine as it is: does `-gate -run` say what is so?
programs.py [-n TIMES] [-o LOG] [-only PROGRAM] [-case PATTERN] [-keep DIR] CPPROF

Each program of programs/ is built as it is and once a case; `-gate -run` with its defaults compares both, TIMES times
a case. The log has a line a comparison and is added to; -table prints the table of docs/gate.md from it. A run takes 0.05 s
of processor time, a case some 10 to 20 runs. -keep compares nothing: it records what TIMES comparisons
of ten rounds would, with names, as DIR/PROGRAM/CASE/old and new (more, if some are there), for tests/stats/gate_replay. Status 1: the same code failed more often than stated by more than
chance, or a growth of 100% was missed; 77: something is missing here.
"""
import argparse
import collections
import itertools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent / 'programs'
BUILDS = {
    '.go': ['go', 'build', '-trimpath', '-ldflags=-w', '-o', 'program'],
    '.cpp': ['g++', '-O2', '-static', '-fno-omit-frame-pointer', '-o', 'program'],
    '.rs': ['rustc', '-O', '-C', 'force-frame-pointers=yes', '-C', 'target-feature=+crt-static',
            '-C', 'relocation-model=static', '--crate-name', 'links', '-o', 'program'],
}
PROGRAMS = ['words.go', 'records.go', 'packer.go', 'index.cpp', 'rays.cpp', 'links.rs']

# what the new side's source has instead, the noise of both sides' work, whether the gate should fail (None: its limit)
Case = collections.namedtuple('Case', 'name change noise fails')
CASES = [
    Case('the same code', (), 0, False),
    Case('the same, 3% noise', (), 0.03, False),
    Case('the same, 10% noise', (), 0.10, False),
    Case('renamed', (('slowOne', 'nearestMatch'), ('slow_one', 'nearest_match')), 0, False),
    Case('10% slower', (('= 100', '= 110'),), 0, None),
    Case('30% slower', (('= 100', '= 130'),), 0, True),
    Case('100% slower', (('= 100', '= 200'),), 0, True),
    Case('a new function', (('= 0', '= 4000000'),), 0, True),
]
FREQUENCY = '20000'
LIMIT = 0.01
ROUNDS = 10


def build(program, change, into, env):
    text = (HERE / program).read_text()
    for old, new in change:
        # constants only where they are declared
        text = re.sub(rf'((?:PERCENT|EXTRA)\S*(?: usize)?\s*){old}\b', rf'\g<1>{new}', text) if old[0] == '=' \
            else text.replace(old, new)
    into.mkdir()
    source = into / program
    source.write_text(text)
    subprocess.run(BUILDS[source.suffix] + [source.name], cwd=into, env=env, check=True, stdout=subprocess.DEVNULL)


def compare(cpprof, sampler, top, old, case, env):
    """Status, rounds, and what the verdict says."""
    run = f'{sampler} "$CPPROF_OUT" {FREQUENCY} ./program {case.noise}'
    done = subprocess.run([cpprof, '-gate', f'-run={run}', old, 'new'], cwd=top, env=env, text=True,
                          capture_output=True, stdin=subprocess.DEVNULL)
    if done.returncode not in (0, 1):
        sys.exit(f'{done.returncode}: {done.stderr}')
    return done.returncode, re.findall(r'^(?:cpprof: )?round (\d+)', done.stderr, re.M)[-1], done.stdout.splitlines()[-1]


def build_all(options, top, env):
    """The sampler, and each program as it is ("old") and once a case (its number)."""
    sampler = top / 'sampler'
    subprocess.run(['gcc', '-O2', '-Wall', '-Werror', '-o', sampler, HERE / 'sampler.c'], check=True)
    if subprocess.run([sampler, top / 'try', FREQUENCY, '/bin/true']).returncode == 77:
        sys.exit(77)
    names = [p for p in PROGRAMS if options.only in p and shutil.which(BUILDS[pathlib.Path(p).suffix][0])]
    for program in names:
        (top / program).mkdir()
        build(program, (), top / program / 'old', env)
        for i, case in enumerate(CASES):
            if case.change:
                build(program, case.change, top / program / str(i), env)
            else:
                (top / program / str(i)).symlink_to('old')
    return names


def keep_run(options, top, program, where, case, kept, env):
    subprocess.run([top / 'sampler', top / 'raw', FREQUENCY, './program', str(case.noise)], cwd=top / program / where,
                   env=env, check=True, stdout=subprocess.DEVNULL)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([pathlib.Path(options.cpprof).resolve(), '-proto', f'-output={kept}', top / 'raw'],
                       cwd=top / program / where, env=env, check=True, stderr=subprocess.DEVNULL)


def keep(options, top, env):
    """Pairs of runs as -run makes them: a round that warms up, then ROUNDS, which side is first changing; profiles with
    names in them."""
    names = build_all(options, top, env)
    for comparison in range(options.n):
        for program, (i, case) in itertools.product(names, enumerate(CASES)):
            if not re.search(options.case, case.name):
                continue
            into = options.keep.resolve() / program / case.name.replace(' ', '-').replace(',', '')
            first = len(list((into / 'new').glob('*'))) // ROUNDS * ROUNDS  # what was cut off is written again
            for round in range(ROUNDS + 1):
                sides = [('old', 'old'), ('new', str(i))]
                for side, where in reversed(sides) if round % 2 else sides:
                    kept = into / side / f'{first + round - 1:04}.pb.gz' if round else None
                    keep_run(options, top, program, where, case, kept, env)


def comparisons(options, top, env):
    """Once all cases of all programs, then again."""
    names = build_all(options, top, env)
    for _ in range(options.n):
        for program in names:
            for i, case in enumerate(CASES):
                if not re.search(options.case, case.name):
                    continue
                new = top / program / 'new'
                new.unlink(missing_ok=True)
                new.symlink_to(str(i))
                yield program, case, compare(pathlib.Path(options.cpprof).resolve(), top / 'sampler', top / program,
                                             'old', case, env)


def read_log(path):
    """By program and case: [(status, rounds)]."""
    found = collections.defaultdict(list)
    for line in path.read_text().splitlines():
        program, case, status, rounds, _ = line.split('\t')
        found[program, case].append((int(status), int(rounds)))
    return found


def cell(runs):
    return f'{sum(s for s, _ in runs)} of {len(runs)} in {sum(r for _, r in runs) / len(runs):.1f}' if runs else ''


def table(found):
    programs = [p for p in PROGRAMS if any((p, c.name) in found for c in CASES)]
    print('| | ' + ' | '.join(f'`{p}`' for p in programs) + ' |\n|---' + '|---' * len(programs) + '|')
    for case in CASES:
        print(f'| {case.name} | ' + ' | '.join(cell(found[p, case.name]) for p in programs) + ' |')


def is_well(found):
    """Below the level by no more than chance (three standard deviations); what doubles is always found."""
    same = [s for (_, c), runs in found.items() for s, _ in runs if c.startswith('the same') or c == 'renamed']
    doubled = [s for (_, c), runs in found.items() for s, _ in runs if c == '100% slower']
    return sum(same) <= len(same) * LIMIT + 3 * (len(same) * LIMIT) ** 0.5 and all(doubled)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('-n', type=int, default=20)
    p.add_argument('-o', type=pathlib.Path)
    p.add_argument('-only', default='')
    p.add_argument('-case', default='', help='a pattern')
    p.add_argument('-keep', type=pathlib.Path)
    p.add_argument('-table', action='store_true', help='of the log that is there')
    p.add_argument('cpprof')
    options = p.parse_args()
    with tempfile.TemporaryDirectory() as top:
        top = pathlib.Path(top)
        env = harness.environment(HOME=str(top), GOCACHE=str(top / 'cache'), GO111MODULE='off',
                                  PATH=os.environ['PATH'], RUSTUP_HOME=os.environ.get('RUSTUP_HOME', f'{pathlib.Path.home()}/.rustup'))
        if options.keep:
            keep(options, top, env)
            return 0
        log = options.o or top / 'log'
        if not options.table:
            for program, case, (status, rounds, verdict) in comparisons(options, top, env):
                with log.open('a') as out:
                    out.write(f'{program}\t{case.name}\t{status}\t{rounds}\t{verdict}\n')
        found = read_log(log)
        table(found)
        return 0 if is_well(found) else 1


if __name__ == '__main__':
    sys.exit(main())
