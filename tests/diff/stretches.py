#!/usr/bin/env python3
"""Packed debug information that is unpacked by stretches names what it names when it is unpacked as a whole.

TOOL is symbolize_tool. The programs are built here, by the compilers that are installed.
"""
import os, shutil, subprocess, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import symbolize

UNIT = """
#include <algorithm>
#include <map>
#include <string>
#include <vector>
namespace {
template <int N> struct key { std::string text; bool operator<(const key &o) const { return text < o.text; } };
template <int N> inline int count(const std::map<key<N>, std::vector<int>> &all) {
    int n = 0;
    for (auto &[k, list] : all) n += int(std::count_if(list.begin(), list.end(), [&](int i) { return i < int(k.text.size()); }));
    return n;
}
}
int unit_NUMBER(const std::string &text) {
    std::map<key<NUMBER>, std::vector<int>> all;
    for (char c : text) all[{std::string(3, c)}].push_back(c);
    return count(all);
}
"""

KINDS = [('g++', '-gz=zlib'), ('g++', '-gz=zlib -gdwarf-4 -fdebug-types-section'), ('g++', '-gz=zlib -flto'), ('clang++', '-gz=zlib')]


def build(compiler, flags, units, folder):
    program = os.path.join(folder, 'program')
    command = [compiler, '-std=c++17', '-O1', '-g', '-w', *flags.split(), '-o', program, *units]
    return program if subprocess.run(command, capture_output=True).returncode == 0 else None


def ask(tool, program, addresses, most=None):
    env = dict(os.environ, **({'MOST_TREES': str(most)} if most else {}))
    run = subprocess.run([tool, program, '2'], input='\n'.join('%x' % a for a in addresses), text=True, env=env, capture_output=True)
    return run.stdout if run.returncode == 0 else 'status %d' % run.returncode


def main():
    tool, failed, tried = sys.argv[1], 0, 0
    with tempfile.TemporaryDirectory() as folder:
        units = []
        for i in range(3):
            units.append(os.path.join(folder, 'unit%d.cc' % i))
            open(units[-1], 'w').write(UNIT.replace('NUMBER', str(i)))
        units.append(os.path.join(folder, 'main.cc'))
        calls = ''.join('int unit_%d(const std::string &);' % i for i in range(3))
        sums = ' + '.join('unit_%d(v[0])' % i for i in range(3))
        open(units[-1], 'w').write('#include <string>\n%s\nint main(int, char **v) { return %s; }\n' % (calls, sums))
        for compiler, flags in KINDS:
            program = build(compiler, flags, units, folder) if shutil.which(compiler) else None
            if not program:
                print('not built: %s %s' % (compiler, flags))
                continue
            forms = [program]
            again = program + '.zstd'
            if subprocess.run(['objcopy', '--compress-debug-sections=zstd', program, again], capture_output=True).returncode == 0:
                forms.append(again)
            for form in forms:
                addresses = symbolize.draw(form, 3000)
                whole = ask(tool, form, addresses)
                tried += 1
                named = whole.count('unit_')
                for most in (480, 48 * 4096, 48 * 50000):
                    if ask(tool, form, addresses, most) != whole or named < 100:
                        failed += 1
                        print('FAILED: %s %s %s: %d bytes at most, %d times named' % (compiler, flags, form[-5:], most, named))
    if not tried:
        sys.exit(77)
    print('%d programs, %d failures' % (tried, failed))
    sys.exit(failed > 0)


main()
