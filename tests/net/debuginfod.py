#!/usr/bin/env python3
"""-debuginfod against Debian's debuginfod, if it is installed, and against a server of our own that also hangs,
lies and refuses. usage: debuginfod.py CPPROF"""
import contextlib, gzip, http.server, os, pathlib, shutil, socket, subprocess, sys, tempfile, threading, time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402

CPPROF = os.path.realpath(sys.argv[1])
ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARIES = ROOT / 'fixtures/binaries'
ID = 'c0ffee0123456789abcdef0123456789abcdef01'
failures = []


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        if self.server.hang:
            self.server.hang.wait(60)
            return
        if self.server.packed:
            self.send_response(200)
            self.send_header('Content-Encoding', 'gzip')
            self.send_header('Content-Length', str(len(self.server.packed)))
            self.end_headers()
            self.wfile.write(self.server.packed)
            return
        if self.server.endless:
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(bytes(1 << 16))
            except OSError:
                return
        body = self.server.files.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header('Content-Length', str(len(body or b'')))
        self.end_headers()
        self.wfile.write(body or b'')

    def log_message(self, *_):
        pass


def serve(files, hang=None):
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    server.daemon_threads = True
    server.files, server.hang, server.asked, server.endless, server.packed = files, hang, [], False, None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.url = 'http://127.0.0.1:%d' % server.server_port
    return server


class Watch(threading.Thread):
    """The most bytes that lay below a folder at a time."""
    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.most, self.ends = folder, 0, threading.Event()

    def run(self):
        while not self.ends.wait(0.005):
            total = 0
            for at, _, names in os.walk(self.folder):
                for name in names:
                    with contextlib.suppress(OSError):
                        total += os.lstat(os.path.join(at, name)).st_size
            self.most = max(self.most, total)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        self.join()


def run(folder, url, *flags, operands, prepare=lambda home: None):
    shutil.rmtree(folder / 'home', ignore_errors=True)
    (folder / 'home').mkdir()
    prepare(folder / 'home')
    env = harness.environment(HOME=str(folder / 'home'), XDG_CACHE_HOME=str(folder / 'home/.cache'))
    if url is not None:
        env['DEBUGINFOD_URLS'] = url
    start = time.monotonic()
    done = subprocess.run([CPPROF, *flags, *operands], cwd=folder, env=env, capture_output=True, text=True, timeout=120)
    return done.stdout, done.stderr, time.monotonic() - start


def check(what, ok, *details):
    if not ok:
        failures.append(what)
        print('FAILED:', what, *details, sep='\n  ')


def symbol(path, name):
    for line in subprocess.run(['nm', path], capture_output=True, text=True, check=True).stdout.splitlines():
        words = line.split()
        if words[2:] == [name]:
            return int(words[0], 16)
    raise SystemExit('no symbol ' + name)


def text_segment(path):
    """Address, file offset and size of the executable segment."""
    rows = subprocess.run(['readelf', '-lW', path], capture_output=True, text=True, check=True).stdout
    for line in rows.splitlines():
        words = line.split()
        if words[:1] == ['LOAD'] and 'E' in words[6:-1]:
            return int(words[2], 16), int(words[1], 16), int(words[5], 16)
    raise SystemExit('no code in ' + path)


def varint(n):
    out = b''
    while n > 0x7f:
        out += bytes([n & 0x7f | 0x80])
        n >>= 7
    return out + bytes([n])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def profile(file, build_id, address, segment):
    """A sample at an address of the segment's file, as profile.proto has it."""
    start, offset, size = segment
    strings = ['', 'samples', 'count', file, build_id]
    mapping = field(1, 1) + field(2, BASE + start) + field(3, BASE + start + size) + field(4, offset) + \
        field(5, 3) + field(6, 4)
    return field(1, field(1, 1) + field(2, 2)) + field(2, field(1, 1) + field(2, 1)) + field(3, mapping) + \
        field(4, field(1, 1) + field(2, 1) + field(3, BASE + address)) + \
        b''.join(field(6, s.encode()) for s in strings)


BASE = 0x560000000000


def with_our_server(folder):
    prof = ['away.pb']
    binary = ['./stripped', 'here.pb']
    path = '/buildid/%s/' % ID
    good = {path + 'debuginfo': (BINARIES / 'tree/.build-id/c0' / (ID[2:] + '.debug')).read_bytes(),
            path + 'executable': (BINARIES / 'build-id').read_bytes()}

    server = serve(good)
    out, err, _ = run(folder, server.url, '-top', operands=binary)
    check('nobody is asked without the flag', 'plain_c' not in out and not server.asked, out, err, server.asked)
    out, err, _ = run(folder, server.url, '-debuginfod', '-lines', '-top', operands=binary)
    check('debug information is fetched', 'plain_c' in out and 'shapes.cc:6' in out, out, err)
    check('only debuginfo is asked for', server.asked == [path + 'debuginfo'], server.asked)
    out, err, _ = run(folder, server.url, '-debuginfod', '-symbols', operands=binary)
    check('-symbols says where it is', 'debuginfod_client/%s/debuginfo: found' % ID in out and '1 by DWARF' in out, out)
    out, err, _ = run(folder, server.url, '-debuginfod', '-lines', '-top', operands=prof)
    check('a binary that is not here is fetched', 'plain_c' in out and 'shapes.cc:6' in out, out, err)
    check('the binary is asked for', path + 'executable' in server.asked, server.asked)
    if shutil.which('objdump'):
        out, err, _ = run(folder, server.url, '-debuginfod', '-disasm=plain_c', operands=prof)
        check('its code is shown', 'ROUTINE ======================== plain_c' in out and 'shapes.cc:6' in out and 'ret' in out, out, err)
        out, err, _ = run(folder, server.url, '-disasm=plain_c', operands=prof)
        check('and not without the flag', 'ret' not in out, out)
        out, err, _ = run(folder, server.url, '-debuginfod', '-disasm=plain_c', operands=['other.pb'])
        check('and not that of another build', 'shapes.cc:6' in out and 'ret' in out, out, err)
    server.shutdown()

    server = serve({path + 'debuginfo': (BINARIES / 'gcc-pie').read_bytes(), path + 'executable': b'no ELF file'})
    out, err, _ = run(folder, server.url, '-debuginfod', '-symbols', operands=binary)
    check('another build is not used', 'debuginfo: has another build id' in out and '0 by DWARF' in out, out)
    out, err, _ = run(folder, server.url, '-debuginfod', '-symbols', operands=prof)
    check('nonsense is not used', 'not an ELF, Mach-O or PE file' in out and 'unreadable' in out, out)
    server.shutdown()

    server = serve({})
    out, err, _ = run(folder, server.url, '-debuginfod', '-symbols', operands=binary)
    check('who has nothing is named', 'debuginfod, debuginfo of %s: no server has it' % ID in out, out)
    server.shutdown()

    server = serve(good, hang=threading.Event())
    out, err, took = run(folder, server.url, '-debuginfod', '-timeout=2', '-symbols', operands=binary)
    check('a server that hangs', took < 6 and 'not here after 2 seconds' in out, out, err, took)
    server.hang.set()
    server.shutdown()

    server = serve(good)
    server.endless = True
    out, err, _ = run(folder, server.url, '-debuginfod', '-timeout=6', '-max_bytes=1mb', '-symbols', operands=binary)
    check('an answer without end', 'more than 1048576 bytes (max_bytes)' in out, out, err)
    server.shutdown()

    server = serve(good)
    server.packed = gzip.compress(bytes(300 << 20), 1)
    with Watch(folder / 'home') as watch:
        out, err, _ = run(folder, server.url, '-debuginfod', '-max_bytes=2mb', '-symbols', operands=binary)
    check('an answer that unpacks to much', 'more than 2097152 bytes (max_bytes)' in out, out, err)
    check('and is not written', watch.most <= 3 << 20, watch.most)
    server.shutdown()

    for kept in ('.cache/debuginfod_client/%s/debuginfo' % ID, '.cache/debuginfod_client/cache_miss_s',
                 '.debuginfod_client_cache/%s/debuginfo' % ID):
        server = serve(good)

        def lay(home):
            (home / kept).parent.mkdir(parents=True)
            os.mkfifo(home / kept)
        out, err, took = run(folder, server.url, '-debuginfod', '-timeout=2', '-symbols', operands=binary, prepare=lay)
        check('a FIFO among what is kept: ' + kept, took < 10 and kept + ' is not a regular file' in out, out, err, took)
        server.shutdown()


def without_server(folder):
    binary = ['./stripped', 'here.pb']
    out, err, _ = run(folder, None, '-debuginfod', '-top', operands=binary)
    check('no server is set', err.count('DEBUGINFOD_URLS') == 1 and out, out, err)
    with socket.socket() as unused:
        unused.bind(('127.0.0.1', 0))
        out, err, _ = run(folder, 'http://127.0.0.1:%d' % unused.getsockname()[1], '-debuginfod', '-symbols',
                          operands=binary)
    check('nobody listens', 'no server could be reached' in out, out, err)
    evil = '../../../../../../../../../etc/passwd..'
    (folder / 'evil.pb').write_bytes((folder / 'here.pb').read_bytes().replace(ID.encode(), evil.ljust(40, 'x').encode()))
    server = serve({})
    out, err, _ = run(folder, server.url, '-debuginfod', '-symbols', operands=['evil.pb'])
    check('an id that is no id asks nobody', not server.asked, server.asked, out)
    server.shutdown()


def with_debian_server(folder):
    if not shutil.which('debuginfod'):
        print('debuginfod is not installed: that part is left out')
        return
    (folder / 'served').mkdir()
    shutil.copy(BINARIES / 'build-id', folder / 'served/build-id')
    shutil.copy(BINARIES / 'tree/.build-id/c0' / (ID[2:] + '.debug'), folder / 'served/build-id.debug')
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    log = open(folder / 'log', 'w')
    daemon = subprocess.Popen(['debuginfod', '-F', '-d', ':memory:', '-p', str(port), str(folder / 'served')],
                              stdout=log, stderr=log)
    try:
        for _ in range(60):
            time.sleep(0.5)
            out, err, _ = run(folder, 'http://127.0.0.1:%d' % port, '-debuginfod', '-lines', '-top',
                              operands=['away.pb'])
            if 'plain_c' in out:
                break
        check("Debian's debuginfod", 'plain_c' in out and 'shapes.cc:6' in out, out, err,
              (folder / 'log').read_text()[-2000:])
    finally:
        daemon.terminate()
        daemon.wait()


def main():
    for tool in ('nm', 'readelf'):
        if not shutil.which(tool):
            print(tool, 'is not installed')
            return 77
    try:
        import ctypes
        ctypes.CDLL('libdebuginfod.so.1')
    except OSError:
        print('libdebuginfod.so.1 is not installed')
        return 77
    debug = BINARIES / 'tree/.build-id/c0' / (ID[2:] + '.debug')
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        shutil.copy(BINARIES / 'build-id', folder / 'stripped')
        address, segment = symbol(debug, 'plain_c'), text_segment(BINARIES / 'build-id')
        (folder / 'here.pb').write_bytes(profile('/nowhere/build-id', ID, address, segment))
        (folder / 'away.pb').write_bytes(profile('/nowhere/build-id', ID, address, segment))
        shutil.copy(BINARIES / 'burn-gcc', folder / 'other')
        (folder / 'other.pb').write_bytes(profile(str(folder / 'other'), ID, address, segment))
        with_our_server(folder)
        without_server(folder)
        with_debian_server(folder)
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
