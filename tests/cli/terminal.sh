# On a terminal: names that fit, colours, links, long help by a pager; in a pipe the bytes that always were.
. "$(dirname "$0")/lib.sh"
p=$profiles/go/cpu.pb.gz
diff_of="-diff -base=$made/base_run.pb.gz $made/new_run.pb.gz"
esc=$'\x1b'

"$cpprof" -top "$p" >plain
expect 0 "$(cat plain)" '' "$cpprof" -top -color=auto "$p"
expect 0 "$(cat plain)" '' "$cpprof" -top -color=never "$p"
expect 0 "$(cat plain)" '' "$cpprof" -top -width=500 "$p"
check 'no escapes in a pipe' bash -c '! grep -q "$1" plain' - "$esc"

# Names lose their middle, numbers nothing; no name gets shorter than 9.
fits() { # FLAG WIDTH: all lines but the head, which is no table
    "$cpprof" "$1" "-width=$2" "$p" | grep -v -e '^---' -e context -e ': ' | sed 's/…/./' >fitted
    check "$1 fits into $2" awk "length(\$0) > $2 { exit 1 }" fitted
    check "$1 shortens at $2" bash -c '"$0" "$1" "-width=$2" "$3" | grep -q …' "$cpprof" "$1" "$2" "$p"
}
fits -top 80
fits -top 72
fits -tree 80
fits -peek=Busy 80
"$cpprof" -top -width=70 "$p" | cut -c1-44 >numbers
check 'the numbers stay' bash -c 'cut -c1-44 plain | cmp - numbers'
"$cpprof" -top -width=1 "$p" | sed 's/…/./' | tail -n 1 >least
check "nine characters stay: $(cat least)" [ "$(wc -c <least)" -ge 54 ]
check '-diff fits' bash -c '"$0" -width=60 $1 | grep -v : | sed s/…/./ | awk "length(\$0) > 60 { exit 1 }"' "$cpprof" "$diff_of"

# Colours leave the text as it is.
for report in -top -tree -peek=Busy -list=fibonacci; do
    "$cpprof" "$report" -color=always "$p" >colored
    check "$report is coloured" grep -q "$esc\[1;31m" colored
    check "$report says the same" bash -c '"$0" "$1" "$2" | cmp - <(sed "s/\x1b\[[0-9;]*m//g" colored)' "$cpprof" "$report" "$p"
done
"$cpprof" -color=always $diff_of >colored
check 'growth is red, the rest green' bash -c 'grep -q "\[31m *+.*m  hash" colored && grep -q "\[32m *-.*m  old_way" colored'
check '-json has no colours' bash -c '! "$0" -top -json -color=always "$1" | grep -q "$2"' "$cpprof" "$p" "$esc"

gate() { "$cpprof" "$@" "-base=$made/base_run.pb.gz" "$made/new_run.pb.gz"; }
gate "-gate=hash self at most 10ms exact" -color=always >colored
check 'what is broken is red' grep -q "^  $esc\[31mBROKEN " colored
check 'the verdict too' grep -q "^$esc\[31mgate broken" colored
gate "-gate=hash self at most 100ms exact" -color=always >colored
check 'a gate that holds is green' grep -q "^$esc\[32mgate holds" colored
check 'and what is fine has no colour' grep -q '^  ok ' colored

# Links, where they are asked for, a terminal reads them and a file has a full path.
q=$made/plain.pb.gz
unlinked() { sed "s/$esc]8;;[^$esc]*$esc\\\\//g; s/$esc\[[0-9;]*m//g" "$1"; }
leads() { # in what was written: where, and the text that leads there
    sed "s/$esc\[[0-9;]*m//g" linked | grep -oE "$esc]8;;[^$esc]+$esc.[^$esc]+" | sed "s/$esc]8;;//; s/$esc./ /"
}
for report in -top -tree -peek=. -flame -traces -list=. '-top -lines' "-diff -base=$made/base_run.pb.gz"; do
    "$cpprof" $report "$q" >plain
    "$cpprof" $report -hyperlinks "$q" >piped
    check "$report in a pipe" cmp piped plain
    "$cpprof" $report -hyperlinks -color=always "$q" >linked
    unlinked linked >same
    check "$report says the same" cmp same plain
    leads >led
    check "$report leads to a line: $(head -n 1 led)" grep -qE '^file:///src/(main.c#10 main|hash.h#(45|50) (hash|hash /src/hash.h:50|/src/hash.h))$' led
done

gate "-gate=hash self at most 10ms exact" >plain
gate "-gate=hash self at most 10ms exact" -hyperlinks -color=always >linked
unlinked linked >same
check '-gate says the same' cmp same plain
check "-gate leads to a line: $(leads)" grep -q '^file:///src/hash.h#50 hash self takes' <(leads)

# A terminal of its own: colours unless NO_COLOR or a dumb one, its width, a pager for what is longer.
if ! command -v python3 >/dev/null || ! python3 -c 'import pty; pty.openpty()' 2>/dev/null; then
    echo 'left out: no python3 or no terminals here'
    finish
    exit
fi
cat >pager <<'END'
#!/bin/sh
echo "paged $(wc -l <"$1")"
END
chmod +x pager
at_terminal() { # COMMAND, for bash; the terminal has 20 lines and 66 columns
    python3 -c 'import pty, sys; pty.spawn(["bash", "-c", "stty rows 20 cols 66; " + sys.argv[1]])' "$1" </dev/null | tr -d '\r'
}
export cpprof p
export TERM=xterm PAGER=$PWD/pager
at_terminal '$cpprof -top $p' >shown
check 'a terminal gets colours' grep -q "$esc\[" shown
check 'and its width' grep -q '…' shown
NO_COLOR=1 at_terminal '$cpprof -top $p' >shown
check 'not with NO_COLOR' bash -c '! grep -q "$1\[" shown' - "$esc"
TERM=dumb at_terminal '$cpprof -top $p' >shown
check 'nor on a dumb one' bash -c '! grep -q "$1\[" shown' - "$esc"
q=$q at_terminal '$cpprof -top -hyperlinks $q' >shown
check 'a terminal gets links' grep -qF "$esc]8;;file:///src/hash.h#50" shown
q=$q TERM=dumb at_terminal '$cpprof -top -hyperlinks $q; $cpprof -top $q' >shown
check 'not a dumb one, nor one that was not asked for' bash -c '! grep -qF "$1]8;;" shown' - "$esc"
at_terminal '$cpprof -help' >shown
check "a pager shows long help: $(head -c 200 shown)" grep -qE '^paged [1-9][0-9][0-9]$' shown
at_terminal '$cpprof -help=comments' >shown
check 'and none what is short' grep -q 'cpprof -comments' shown
PAGER=/nonexistent/pager at_terminal '$cpprof -help' >shown
check 'without one it is printed' grep -q '^usage: cpprof' shown

# A line that tells of what takes more than a second, and is gone then; none for what is quick.
at_terminal '(sleep 1.5; cat $p) | $cpprof -top -' >shown
check 'it reads' grep -q "Reading: 1s$esc\\[KFile: " shown
printf '#!/bin/sh\nsleep 1.5\ncat >dotted\necho "<svg></svg>"\n' >dot
chmod +x dot
PATH=$PWD:$PATH at_terminal '$cpprof -svg -output=cpu.svg $p; echo over' >shown
check 'it waits for dot' grep -q "Reporting: 1s$esc\\[Kover" shown
mkdir old new
at_terminal '$cpprof -gate -rounds=1 -run="sleep 1.3; cp $p \$CPPROF_OUT" old new' >shown
check 'it waits for a command' grep -q "Warming up, old: 1s$esc\[K" shown
check 'then for the next, which is told of at once' grep -q "Round 1, new: 0s$esc\[K" shown
at_terminal '$cpprof -top $p; $cpprof -top -focus=missing $p' >shown
check 'nothing is said of what is quick' bash -c '! grep -qE "Reading|Reporting" shown'
at_terminal '(sleep 1.5; cat $p; echo more) | $cpprof -top -' >shown
check 'a message takes its place' grep -qE "1s$esc\\[K($esc\\[K)?cpprof: " shown
finish
