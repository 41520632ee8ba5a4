#!/usr/bin/env python3
"""Compares demangling with the reference's (github.com/ianlancetaylor/demangle) over the C++ and Rust names
of installed libraries, of names.cpp as each compiler here mangles it, and of the Rust fixtures.

usage: demangle.py TOOL [LIBRARY...]

Needs Go and the demangler's source: its module by name (Go's proxy), or a checkout in
DEMANGLE_SOURCE. All names must agree, but for kinds that known.tsv lists.
"""
import glob, os, re, shutil, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

GO = '''package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/ianlancetaylor/demangle"
)

func main() {
	options := map[string][]demangle.Option{
		"default":   {demangle.NoParams, demangle.NoEnclosingParams, demangle.NoTemplateParams},
		"templates": {demangle.NoParams, demangle.NoEnclosingParams},
		"full":      {demangle.NoClones},
	}[os.Args[1]]
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<24)
	out := bufio.NewWriter(os.Stdout)
	for in.Scan() {
		fmt.Fprintln(out, demangle.Filter(in.Text(), options...))
	}
	out.Flush()
}
'''
LIBRARIES = ['libstdc++.so.6', 'libLLVM-14.so.1', 'libclang-14.so.1', 'libclang-cpp.so.14']
COMPILERS = ['g++', 'clang++', 'clang++-16', 'clang++-19', 'clang++-19 -stdlib=libc++']
# Kinds of known.tsv, as the names show them.
KNOWN = [r'Kn?[0-9a-f]{17,}_']


def build_reference(where):
    go = os.environ.get('GO', shutil.which('go'))
    if not go:
        return None
    source = os.environ.get('DEMANGLE_SOURCE')
    open(where + '/main.go', 'w').write(GO)
    mod = 'module reference\n\ngo 1.19\n'
    if source:
        mod += 'require github.com/ianlancetaylor/demangle v0.0.0\nreplace github.com/ianlancetaylor/demangle => %s\n' % source
    open(where + '/go.mod', 'w').write(mod)
    if not source and subprocess.run([go, 'get', 'github.com/ianlancetaylor/demangle@latest'], cwd=where,
                                     capture_output=True).returncode:
        return None
    built = subprocess.run([go, 'build', '-o', 'reference', '.'], cwd=where, capture_output=True)
    return None if built.returncode else where + '/reference'


def names_of(files):
    names = set()
    for path in files:
        for flags in (['-D', '--defined-only'], []):
            for line in subprocess.run(['nm', *flags, path], capture_output=True, text=True).stdout.splitlines():
                name = line.split()[-1].split('@')[0]
                if name.startswith(('_Z', '_R', '_GLOBAL_', '___Z')):
                    names.add(name)
    return sorted(names)


def compile_names(where):
    """names.cpp by every compiler that is here and knows enough of C++20."""
    objects = []
    for i, command in enumerate(COMPILERS):
        for std in ('c++20', 'c++23'):
            out = '%s/%d%s.o' % (where, i, std)
            if shutil.which(command.split()[0]) and not subprocess.run(
                    [*command.split(), '-std=' + std, '-w', '-c', '-o', out, HERE + '/names.cpp'],
                    capture_output=True).returncode:
                objects.append(out)
    return objects


def main():
    tool = os.path.abspath(sys.argv[1])
    libraries = sys.argv[2:] or [p for l in LIBRARIES for p in glob.glob('/usr/lib/*/' + l)]
    libraries += glob.glob(HERE + '/../../fixtures/binaries/rust-*')
    with tempfile.TemporaryDirectory() as where:
        reference = build_reference(where)
        objects = compile_names(where)
        names = names_of(libraries + objects)
        print('%d names, of %d objects of names.cpp too' % (len(names), len(objects)))
        if not reference or not names:
            print('no Go, no reference demangler or no names')
            return 77
        bad = False
        text = '\n'.join(names) + '\n'
        for mode in ('default', 'templates', 'full'):
            wanted, got = (subprocess.run([p, mode], input=text, capture_output=True, text=True).stdout.splitlines()
                           for p in (reference, tool))
            different = [(n, w, g) for n, w, g in zip(names, wanted, got)
                         if w != g and not any(re.search(k, n) for k in KNOWN)]
            print('%s: %d of %d names differ' % (mode, len(different), len(names)))
            for n, w, g in different[:3]:
                print('  %s\n    reference %s\n    cpprof    %s' % (n, w, g))
            bad |= len(wanted) != len(got) or bool(different)
    return 1 if bad else 0


sys.exit(main())
