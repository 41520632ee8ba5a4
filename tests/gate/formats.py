#!/usr/bin/env python3
"""The gate's output formats, read by other programs: formats.py CPPROF XMLLINT CMARK-GFM

JUnit against a schema, Markdown by a CommonMark parser with tables, GitHub's annotations against their
documented limits. The profiles are made here, with names that try to break out of each format.
"""
import gzip
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

HERE = pathlib.Path(__file__).resolve().parent
CPPROF = str(pathlib.Path(sys.argv[1]).resolve())
XMLLINT, CMARK = sys.argv[2:4]

NASTY = [
    'plain.f', 'with|pipe', 'with`tick`', '<b>bold</b>&amp;', 'a"quote\'', '*star*_under_~tilde~', '@someone #12',
    '[link](http://example.com)', 'percent%25%0A::error::x', 'comma,colon:semicolon;', 'new\nline\r\n', 'tab\there',
    'control\x01\x1b[31m', 'é漢字', ']]>', '<!-- comment -->', 'back\\slash', 'x' * 3000, '::error file=a::b', '$math$',
    'std::vector<int, std::allocator<int> >::operator[](unsigned long)', '| --- |', '=1+1',
]


def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out + bytes([n]))


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def profile(path, counts):
    """A CPU profile: name -> samples of 10 ms."""
    strings = ['', 'samples', 'count', 'cpu', 'nanoseconds', 'main']
    body = field(1, field(1, 1) + field(2, 2)) + field(1, field(1, 3) + field(2, 4))
    names = ['main', *counts]
    for i, name in enumerate(names, 1):
        strings += [name, f'/src/{name}.go']
        body += field(5, field(1, i) + field(2, len(strings) - 2) + field(3, len(strings) - 2) + field(4, len(strings) - 1))
        body += field(4, field(1, i) + field(4, field(1, i) + field(2, 7)))
        if i > 1 and counts[name]:
            n = counts[name]
            body += field(2, field(1, varint(i) + varint(1)) + field(2, varint(n) + varint(n * 10_000_000)))
    for s in strings:
        body += field(6, s.encode())
    path.write_bytes(gzip.compress(body))


def run(directory, *arguments):
    done = subprocess.run([CPPROF, '-symbolize=none', '-gate', *arguments], cwd=directory, capture_output=True)
    return done.returncode, done.stdout


def check(truth, what):
    if not truth:
        sys.exit(f'FAILED: {what}')


def junit(directory, arguments, status, failures, errors):
    got, out = run(directory, '-junit', *arguments)
    check(got == status, f'junit: exit {got}')
    lint = subprocess.run([XMLLINT, '--noout', '--schema', HERE / 'junit.xsd', '-'], input=out, capture_output=True)
    check(lint.returncode == 0, f'junit: {lint.stderr.decode()[:500]}')
    suite = ET.fromstring(out).find('testsuite')
    check(len(suite.findall('testcase')) == int(suite.get('tests')), 'junit: number of tests')
    check(len(suite.findall('testcase/failure')) == int(suite.get('failures')) == failures, 'junit: failures')
    check(len(suite.findall('testcase/error')) == int(suite.get('errors')) == errors, 'junit: errors')


def markdown(directory, arguments, status):
    got, out = run(directory, '-markdown', *arguments)
    rows = json.loads(run(directory, '-json', *arguments)[1])['rows']
    check(got == status, f'markdown: exit {got}')
    check(len(out) <= 65536, f'markdown: {len(out)} bytes')
    html = subprocess.run([CMARK, '-e', 'table', '-e', 'strikethrough', '-e', 'autolink', '-t', 'xml'],
                          input=out, capture_output=True, check=True).stdout
    ns = '{http://commonmark.org/xml/1.0}'
    tree = ET.fromstring(re.sub(rb'<!DOCTYPE[^>]*>', b'', html))
    tables = tree.findall(f'{ns}table')
    check(len(tables) == 1, f'markdown: {len(tables)} tables')
    lines = tables[0].findall(f'{ns}table_row')
    widths = {len(line.findall(f'{ns}table_cell')) for line in tables[0]}
    check(len(widths) == 1, f'markdown: rows of {widths} cells')
    check(len(lines) == len(rows) or b'more' in out, f'markdown: {len(lines)} rows of {len(rows)}')
    folds = {'<details><summary>Where it came from</summary>\n', '</details>\n'}
    words = {'BROKEN', 'cannot compare'}
    ours = [e for e in tree.iter(f'{ns}html_block') if e.text in folds]
    ours += [e for e in tree.iter(f'{ns}strong') if ''.join(e.itertext()).strip() in words]
    markup = {e.tag.replace(ns, '') for e in tree.iter() if e not in ours} & {
        'html_inline', 'html_block', 'link', 'image', 'emph', 'strong', 'strikethrough'}
    check(not markup, f'markdown: names became {markup}')


def github(directory, arguments, status):
    got, out = run(directory, '-github', *arguments)
    check(got == status, f'github: exit {got}')
    lines = out.decode().split('\n')
    check(lines.pop() == '', 'github: last line')
    for kind in 'error', 'warning', 'notice':
        of_kind = [line for line in lines if line.startswith(f'::{kind} ')]
        check(len(of_kind) <= 10, f'github: {len(of_kind)} of {kind}')
    check(not lines[-1].startswith('::') and lines[-1].startswith('gate '), f'github: ends in {lines[-1]}')
    for line in lines[:-1]:
        match = re.fullmatch(r'::(error|warning|notice) ((?:[a-z]+=[^,:\r\n]*,?)+)::(.*)', line)
        check(match, f'github: {line}')
        check(len(match[3]) <= 3 * 4096, 'github: length')
        for text in [match[2], match[3]]:
            check(not re.search(r'%(?!25|0D|0A|3A|2C)', text), f'github: a bare %: {text}')
        check(all(not '\0' <= c < ' ' or c == '\t' for c in line), f'github: control characters: {line!r}')
        keys = [part.split('=')[0] for part in match[2].split(',')]
        check(set(keys) <= {'file', 'line', 'title'}, f'github: {keys}')


def main():
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        profile(directory / 'old', {n: 1000 for n in NASTY})
        profile(directory / 'new', {n: 3000 if i % 2 else 300 for i, n in enumerate(NASTY)})
        many = [f'{"y" * 400}{i}' for i in range(200)]
        profile(directory / 'many-old', {n: 1000 for n in many})
        profile(directory / 'many-new', {n: 3000 for n in many})
        odd = sum(1 for i in range(len(NASTY)) if i % 2)
        pair = ['-base=old', 'new']
        junit(directory, ['-gate=any function grows at most 10%', *pair], 1, odd, 0)
        junit(directory, ['-base=old', 'old'], 0, 0, 0)
        junit(directory, ['new'], 3, 0, 2)
        junit(directory, ['-gate="no such|<&>" grows at most 1%; any function grows at most 10%', *pair], 1, odd, 1)
        for arguments, status in [(pair, 1), (['-base=old', 'old'], 0), (['new'], 3),
                                  (['-base=many-old', 'many-new'], 1)]:
            markdown(directory, arguments, status)
            github(directory, arguments, status)
    print('ok')


main()
