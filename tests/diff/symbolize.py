#!/usr/bin/env python3
"""Compares the symbol layer with llvm-symbolizer over addresses drawn from a binary's executable sections.

usage: symbolize.py TOOL [-n N] [-v] [--min SHARE] BINARY...

Prints per binary how many addresses agree in function, file, line and inline chain, and how the others
differ, by kind. Fails when fewer than SHARE (default 0.995) agree. Kinds that known.tsv accepts are
counted as agreeing and printed beside.
"""
import argparse, collections, json, mmap, os, random, shutil, struct, subprocess, sys


def exec_sections(path):
    with open(path, 'rb') as f:
        data = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)
    assert data[:4] == b'\x7fELF' and data[4] == 2, path
    shoff, = struct.unpack_from('<Q', data, 40)
    entsize, num, strndx = struct.unpack_from('<HHH', data, 58)
    rows = []
    for i in range(num):
        name, kind, flags, addr, off, size = struct.unpack_from('<IIQQQQ', data, shoff + i * entsize)
        rows.append((name, kind, flags, addr, off, size))
    names = rows[strndx][4]
    for name, kind, flags, addr, off, size in rows:
        text = data[names + name:data.find(b'\0', names + name)].decode()
        if flags & 4 and flags & 2 and size and text == '.text':
            yield addr, size


def draw(path, n):
    rng = random.Random(1)
    spans = list(exec_sections(path))
    total = sum(s for _, s in spans)
    if total <= n:
        return [a + i for a, s in spans for i in range(s)]
    picks = sorted(rng.sample(range(total), n))
    out = []
    for p in picks:
        for a, s in spans:
            if p < s:
                out.append(a + p)
                break
            p -= s
    return out


def ask_tool(tool, path, addresses):
    text = subprocess.run([tool, path], input='\n'.join('%x' % a for a in addresses), text=True,
                          errors='surrogateescape', capture_output=True, check=True).stdout
    out, frames = {}, None
    for line in text.splitlines():
        if '\t' not in line:
            frames = out[int(line, 16)] = []
        else:
            function, place, start = line.split('\t')
            file, row, column = place.rsplit(':', 2)
            frames.append((function, file, int(row), int(column), int(start)))
    return out


def single_dot(path):
    """llvm-symbolizer before 19 joins a relative compilation directory, "." here, twice."""
    return path[2:] if path.startswith('././') else path


def ask_llvm(path, addresses):
    lines = '\n'.join('CODE %s 0x%x' % (path, a) for a in addresses)
    text = subprocess.run(['llvm-symbolizer', '--inlining', '-demangle=false', '--output-style=JSON'],
                          input=lines, text=True, errors='surrogateescape', capture_output=True).stdout
    out = {}
    for line, address in zip(text.splitlines(), addresses):
        frames = [(s['FunctionName'], single_dot(s['FileName']), s['Line'], s['Column'], s['StartLine'])
                  for s in json.loads(line).get('Symbol', [])]
        out[address] = [] if frames == [('', '', 0, 0, 0)] else frames
    return out


def kind(ours, theirs):
    if ours == theirs:
        return ''
    if not ours:
        return 'only llvm-symbolizer names it'
    if not theirs:
        return 'only cpprof names it'
    if len(ours) != len(theirs):
        return 'inline depth'
    for a, b in zip(ours, theirs):
        for part, name in enumerate(('function', 'file', 'line', 'column', 'start line')):
            if a[part] != b[part]:
                return name
    return ''


def known_kinds():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'known.tsv')
    rows = [line.rstrip('\n').split('\t') for line in open(path) if line[0] != '#'] if os.path.exists(path) else []
    return {(r[1], r[2]) for r in rows if r[0] == 'symbolize' and len(r) > 3}


def main():
    p = argparse.ArgumentParser()
    p.add_argument('tool')
    p.add_argument('-n', type=int, default=2000)
    p.add_argument('-v', action='store_true')
    p.add_argument('--min', type=float, default=0.995)
    p.add_argument('binaries', nargs='+')
    args = p.parse_args()
    if not shutil.which('llvm-symbolizer'):
        print('llvm-symbolizer is not installed')
        return 77
    known, bad = known_kinds(), False
    here = os.getcwd()
    args.tool = os.path.abspath(args.tool)
    for path in args.binaries:
        # llvm-symbolizer looks for split units from the working directory.
        os.chdir(os.path.join(here, os.path.dirname(path)))
        path = os.path.join('.', os.path.basename(path))
        addresses = draw(path, args.n)
        ours, theirs = ask_tool(args.tool, path, addresses), ask_llvm(path, addresses)
        kinds = collections.Counter()
        for a in addresses:
            k = kind(ours[a], theirs[a])
            kinds[k] += 1
            if k and args.v:
                print('0x%x: %s\n  cpprof %s\n  llvm   %s' % (a, k, ours[a], theirs[a]))
        base = os.path.basename(path)
        accepted = sum(c for k, c in kinds.items() if (base, k) in known or ('*', k) in known)
        share = (kinds[''] + accepted) / len(addresses)
        bad |= share < args.min
        print('%s: %d addresses, %.2f%% agree%s' % (base, len(addresses), 100 * kinds[''] / len(addresses),
              ''.join('; %s: %d' % (k, c) for k, c in kinds.most_common() if k)))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
