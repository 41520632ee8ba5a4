#!/usr/bin/env python3
"""Reports of profiles with their binaries: cpprof's against what google/pprof with llvm-symbolizer printed.

usage: top.py CPPROF              compare with expected/
       top.py --record PPROF     write expected/ from the reference, which needs llvm-symbolizer
"""
import os, pathlib, subprocess, sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402

here = os.path.dirname(os.path.abspath(__file__))
binaries = os.path.join(here, '../../fixtures/binaries')
expected = os.path.join(here, 'expected')
flags = ['-top', '-top -lines', '-top -addresses', '-top -noinlines', '-top -cum -symbolize=demangle=full',
         '-top -symbolize=demangle=templates', '-top -symbolize=demangle=none', '-raw', '-traces', '-tree', '-peek=run']


def run(program, options, name):
    env = harness.environment(PPROF_BINARY_PATH='')
    return subprocess.run([program, *options.split(), name, name + '.prof'], cwd=binaries, env=env,
                          capture_output=True).stdout


def single_dot(text):
    """llvm-symbolizer before 19 joins a relative compilation directory, "." here, twice."""
    return text.replace(b'././', b'./')


def main():
    record = sys.argv[1] == '--record'
    program = os.path.abspath(sys.argv[-1])
    names = sorted(f[:-5] for f in os.listdir(binaries) if f.endswith('.prof'))
    failed = 0
    for name in names:
        for options in flags:
            path = os.path.join(expected, name + '.' + options.replace(' ', '').replace('=', '.')[1:])
            got = run(program, options, name)
            if record:
                os.makedirs(expected, exist_ok=True)
                open(path, 'wb').write(got)
            elif not got or got != single_dot(open(path, 'rb').read()):
                failed += 1
                print('differs: cpprof %s %s %s.prof' % (options, name, name))
                open('/tmp/top.got', 'wb').write(got)
                subprocess.run(['diff', path, '/tmp/top.got'])
    print('%d reports, %d differ' % (len(names) * len(flags), failed))
    return 1 if failed else 0


sys.exit(main())
