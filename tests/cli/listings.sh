# -list, -disasm and -weblist over a program that is built here, with made-up samples; and what they
# do with names from strangers.
. "$(dirname "$0")/lib.sh"
command -v cc >/dev/null && command -v nm >/dev/null && command -v objdump >/dev/null || exit 0

mkdir project
cat >project/main.c <<'SOURCE'
static int twice(int n) {
    return n * 2;
}

int work(int n) {
    int sum = 0;
    for (int i = 0; i < n; i++)
        sum += twice(i);
    return sum;
}

int main(int argc, char **argv) {
    return argc > 1 ? work(**argv) : 0;
}
SOURCE
check 'the program builds' cc -g -O0 -no-pie -o project/-prog "$PWD/project/main.c"

# A profile: 3 ms in twice, called by work (line 8), called by main (line 13); 1 ms in main.
python3 - "$here/../../fixtures/src" "$PWD/project" >profile.pb.gz <<'MAKE'
import subprocess, sys, gzip
sys.path.insert(0, sys.argv[1])
import wire
where = sys.argv[2]
symbols = {w[2]: int(w[0], 16) for w in (l.split() for l in subprocess.run(
    ['nm', where + '/-prog'], capture_output=True, text=True).stdout.splitlines()) if len(w) == 3}
for line in subprocess.run(['readelf', '-lW', where + '/-prog'], capture_output=True, text=True).stdout.splitlines():
    words = line.split()
    if words[:1] == ['LOAD'] and 'E' in words[6:8]:
        offset, start, size = (int(words[i], 16) for i in (1, 2, 4))
p = wire.Profile('cpu/nanoseconds')
m = p.mapping(start, start + (size + 4095) // 4096 * 4096, offset, '-prog', flags='fnl')
def at(name, line, start_line):
    f = p.function(name, where + '/main.c', start_line)
    return p.location((f, line), address=symbols[name] + 4, mapping=m)
twice, work, main = at('twice', 2, 1), at('work', 8, 5), at('main', 13, 12)
p.sample([twice, work, main], [3000000])
p.sample([main], [1000000])
evil = p.function('<script>alert(1)</script>', sys.argv[2] + '/../.secret.txt')
p.sample([p.location((evil, 1), address=0x10)], [500000])
for name in ('/etc/passwd', '../../../../../../../../etc/passwd', '/proc/self/environ', '../pipe'):
    f = p.function('stranger', name)
    p.sample([p.location((f, 1), address=0x20)], [100])
sys.stdout.buffer.write(p.write())
MAKE
check 'the profile is made' [ -s profile.pb.gz ]
echo secret >.secret.txt
mkfifo pipe
cd project || exit 1
p=../profile.pb.gz

expect 0 'Total: 4.50ms
ROUTINE ======================== work in '"$PWD"'/main.c
         0        3ms (flat, cum) 66.66% of Total
         .          .      5:int work(int n) {
         .          .      6:    int sum = 0;
         .          .      7:    for (int i = 0; i < n; i++)
         .        3ms      8:        sum += twice(i);
         .          .      9:    return sum;
         .          .     10:}
         .          .     11:
         .          .     12:int main(int argc, char **argv) {
         .          .     13:    return argc > 1 ? work(**argv) : 0;' '' "$cpprof" -list='^work$' $p
"$cpprof" -list='^work$' -hyperlinks -color=always $p >linked
check 'each line leads to itself' grep -qF "]8;;file://$PWD/main.c#8" linked
mkdir moved
mv main.c moved
"$cpprof" -list='^work$' -hyperlinks -color=always -trim_path="$PWD" -source_path="$PWD/moved" $p >linked
check 'where it was found' grep -qF "]8;;file://$PWD/moved/main.c#8" linked
mv moved/main.c .
check '-nosource reads nothing' [ -z "$("$cpprof" -nosource -list=. $p | grep 'sum')" ]
check 'strangers get nothing' [ -z "$("$cpprof" -list='stranger' $p | grep -E 'root:|PATH=|HOME=')" ]
check 'no such function' [ "$("$cpprof" -list=nosuch $p 2>&1)" = 'cpprof: no matches found for regexp: nosuch' ]
check 'rows' python3 -c '
import json, subprocess, sys
rows = json.loads(subprocess.check_output(sys.argv[1:]))["rows"]
assert [r["cum"] for r in rows if r["line"] == 8] == [3000000], rows
assert rows[0]["source"] == "int work(int n) {" and rows[0]["function_cum"] == 3000000
' "$cpprof" -list='^work$' -json $p

# The binary is called "-prog": no program may take that for an option.
"$cpprof" -disasm='^twice$' $p >dis.txt 2>dis.err
check 'disasm' grep -q '^ROUTINE ======================== twice$' dis.txt
"$cpprof" -disasm='^twice$' -hyperlinks -color=always $p >linked 2>dis.err
check 'its places are links' grep -qF "]8;;file://$PWD/main.c#" linked
check 'which leave the text as it is' bash -c 'sed "s/\x1b]8;;[^\x1b]*\x1b.//g; s/\x1b\[[0-9;]*m//g" linked | cmp - dis.txt'
check 'its sum' grep -q '^ *3ms *3ms (flat, cum) 66.66% of Total$' dis.txt
check 'one instruction has it' [ "$(grep -c '^ *3ms *3ms  *[0-9a-f]*: ' dis.txt)" = 1 ]
check 'by address' [ "$("$cpprof" -disasm=0x$(nm -- ./-prog | sed -n 's/^0*\(.*\) [tT] twice$/\1/p') $p 2>&1 |
    grep -c ROUTINE)" = 1 ]
expect 2 '' 'cpprof: no matches found for regexp nosuch' "$cpprof" -disasm=nosuch $p
expect 2 '' 'cpprof: -tools=/nowhere: cannot disassemble: .*' "$cpprof" -tools=/nowhere -disasm=twice $p
expect 2 '' 'cpprof: no binary is opened, because of -nosource' "$cpprof" -nosource -disasm=twice $p

"$cpprof" -symbolize=none -weblist=. -output=page.html $p 2>/dev/null
check 'the page is well formed, and nothing in it is a stranger'"'"'s markup' python3 -c '
import html.parser
class Page(html.parser.HTMLParser):
    open, text = [], ""
    def handle_starttag(self, tag, attrs):
        assert tag not in ("script", "img", "iframe"), tag
        if tag != "meta": self.open.append(tag)
    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag
    def handle_data(self, data):
        self.text += data
page = Page()
page.feed(open("page.html", encoding="utf-8").read())
assert not page.open, page.open
assert "<script>alert(1)</script>" in page.text
assert "sum += twice(i);" in page.text
assert "secret\n" not in page.text and "root:" not in page.text
'
check 'instructions are in it' grep -q 'class="code"' page.html
finish
