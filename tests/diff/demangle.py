#!/usr/bin/env python3
"""Compares demangling with the reference's (github.com/ianlancetaylor/demangle) over the C++ names of
installed libraries.

usage: demangle.py TOOL [LIBRARY...]

Needs Go and the demangler's source: its module by name (Go's proxy), or a checkout in
DEMANGLE_SOURCE. Default mode must agree for 99.5%, the others for 98%.
"""
import collections, glob, os, shutil, subprocess, sys, tempfile

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


def names_of(libraries):
    names = set()
    for path in libraries:
        for line in subprocess.run(['nm', '-D', '--defined-only', path], capture_output=True, text=True).stdout.splitlines():
            name = line.split()[-1].split('@')[0]
            if name.startswith('_Z'):
                names.add(name)
    return sorted(names)


def main():
    tool = os.path.abspath(sys.argv[1])
    libraries = sys.argv[2:] or [p for l in LIBRARIES for p in glob.glob('/usr/lib/*/' + l)]
    names = names_of(libraries)
    with tempfile.TemporaryDirectory() as where:
        reference = build_reference(where)
        if not reference or not names:
            print('no Go, no reference demangler or no names')
            return 77
        bad = False
        text = '\n'.join(names) + '\n'
        for mode, allowed in (('default', 0.005), ('templates', 0.02), ('full', 0.02)):
            wanted, got = (subprocess.run([p, mode], input=text, capture_output=True, text=True).stdout.splitlines()
                           for p in (reference, tool))
            different = [(n, w, g) for n, w, g in zip(names, wanted, got) if w != g]
            print('%s: %d of %d names differ (%.2f%%)' % (mode, len(different), len(names), 100 * len(different) / len(names)))
            for n, w, g in different[:3]:
                print('  %s\n    reference %s\n    cpprof    %s' % (n, w, g))
            bad |= len(wanted) != len(got) or len(different) > allowed * len(names)
    return 1 if bad else 0


sys.exit(main())
