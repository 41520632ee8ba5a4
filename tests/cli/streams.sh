# Standard input and output: profiles from pipes, a full disk, a reader that goes away.
. "$(dirname "$0")/lib.sh"
p=$made/plain.pb.gz
"$cpprof" -raw "$p" >want

check 'reads -' bash -c '"$0" -raw - <"$1" | cmp - want' "$cpprof" "$p"
check 'reads - from a pipe' bash -c 'cat "$1" | "$0" -raw - | cmp - want' "$cpprof" "$p"
check 'reads /dev/stdin' bash -c 'zcat "$1" | "$0" -raw /dev/stdin | cmp - want' "$cpprof" "$p"
mkfifo fifo
zcat "$p" >fifo &
check 'reads a FIFO' bash -c '"$0" -raw fifo | cmp - want' "$cpprof"
wait
expect 2 '' 'cpprof: .*empty.*' "$cpprof" -raw -

for report in -top -raw -json -proto -traces -tags; do
    expect 2 '*' 'cpprof: [^|]*No space left on device' bash -c '"$0" '$report' "$1" >/dev/full' "$cpprof" "$made/many.pb.gz"
    expect 2 '*' 'cpprof: [^|]*Bad file descriptor' bash -c '"$0" '$report' "$1" >&-' "$cpprof" "$made/many.pb.gz"
done

# A closed pipe ends the program without a word or with one line, and never with success.
"$cpprof" -raw "$made/many.pb.gz" 2>pipe.err | head -n 1 >/dev/null
status=${PIPESTATUS[0]}
check "a closed pipe is no success ($status)" [ "$status" != 0 ]
check "as a shell says of SIGPIPE ($status)" [ "$status" = 141 ]
check 'and no word about it' [ ! -s pipe.err ]
mkfifo reader
( head -c 1 reader >/dev/null; : ) &
"$cpprof" -raw -output=reader "$made/many.pb.gz" 2>pipe.err
check 'with -output it is an error' [ "$?" = 2 ]
check 'in a line' grep -q '^cpprof: .*Broken pipe' pipe.err
wait
( trap '' PIPE; "$cpprof" -raw "$made/many.pb.gz" 2>pipe.err; echo $? >status ) | true
check 'with SIGPIPE ignored it says so' [ "$(cat status)" = 2 ]
check 'in one line' grep -q 'cpprof: .*Broken pipe' pipe.err

# Sources are merged 128 at a time: what cancels out among them comes last, should it come again.
printf 'root;a 1\n' >a.folded
printf 'root;b 1\n' >b.folded
printf 'root;a 1\nroot;c 1\n' >both.folded
"$cpprof" -proto -output=minus.pb.gz -base=a.folded b.folded 2>/dev/null
yes b.folded | head -n 127 >many
expect 0 'b 128
a 1
c 1' '' bash -c '"$0" -traces a.folded minus.pb.gz $(cat many) both.folded | awk "/^ +[0-9]/ {print \$2, \$1}"' "$cpprof"

# Commands on standard input when no report is asked for.
"$cpprof" -top "$p" | sed -n '/^Showing/,$p' >want
check 'echo top' bash -c 'echo top | "$0" "$1" 2>/dev/null | cmp - want' "$cpprof" "$p"
finish
