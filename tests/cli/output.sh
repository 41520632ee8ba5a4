# -output: a regular file appears whole or not at all; links are followed, the mode is kept; devices
# and pipes are written directly.
. "$(dirname "$0")/lib.sh"
p=$made/plain.pb.gz
top() {
    "$cpprof" -top "$@" "$p"
}
top >want

expect 0 '' 'Generating report in new.txt' top -output=new.txt
check 'a new file' cmp new.txt want
check 'nothing else was left' [ "$(ls)" = $'new.txt\nwant' ]

umask 027
top -output=masked.txt 2>/dev/null
check 'a new file obeys the umask' [ "$(stat -c %a masked.txt)" = 640 ]

echo old >kept.txt
chmod 604 kept.txt
top -output=kept.txt 2>/dev/null
check 'the mode is kept' [ "$(stat -c %a kept.txt)" = 604 ]
check 'the file is replaced' cmp kept.txt want

mkdir sub
echo old >sub/target.txt
ln -s sub/target.txt link.txt
top -output=link.txt 2>/dev/null
check 'the link stays' [ -L link.txt ]
check 'its target is written' cmp sub/target.txt want

ln -s sub/fresh.txt dangling.txt
top -output=dangling.txt 2>/dev/null
check 'a dangling link stays' [ -L dangling.txt ]
check 'and its target is made' cmp sub/fresh.txt want

# A report that fails leaves what was there.
echo old >kept2.txt
expect 2 '' '(Generating report in [^|]*\|)?cpprof: [^|]*' "$cpprof" -peek=nothing -output=kept2.txt "$p"
check 'an old file survives a failure' [ "$(cat kept2.txt)" = old ]
expect 2 '' '(Generating report in [^|]*\|)?cpprof: [^|]*' "$cpprof" -peek=nothing -output=never.txt "$p"
check 'no new file after a failure' [ ! -e never.txt ]
expect 2 '' 'cpprof: [^|]*' "$cpprof" -top -output=never.txt nowhere.pb.gz
check 'no new file without a profile' [ ! -e never.txt ]
expect 2 '' '(Generating report in .*\|)?cpprof: [^|]*No such file or directory' top -output=none/at/all.txt
expect 2 '' '(Generating report in .*\|)?cpprof: [^|]*directory' top -output=sub
check 'no temporary file is left' [ -z "$(find . -name '*.??????' ! -name '*.txt')" ]

# Devices and pipes.
expect 0 '' 'Generating report in /dev/null' top -output=/dev/null
check '/dev/null is still a device' [ -c /dev/null ]
expect 0 "$(cat want)" 'Generating report in /dev/stdout' top -output=/dev/stdout
mkfifo pipe
cat pipe >from_pipe &
top -output=pipe 2>/dev/null
wait $!
check 'a pipe gets the report' cmp from_pipe want
check 'and stays a pipe' [ -p pipe ]
expect 2 '' '(Generating report in /dev/full\|)?cpprof: [^|]*No space left on device' top -output=/dev/full
check '/dev/full is still a device' [ -c /dev/full ]

# A disk that is full: a limit on file sizes acts like one.
# What a process may have: links, descriptors, stack.
ln -s circle2 circle1
ln -s circle1 circle2
expect 2 '' 'Generating report in circle1.cpprof: circle1: Too many levels of symbolic links' \
    "$cpprof" -top -output=circle1 "$p"
check 'a circle of links stays' [ "$(readlink circle1)" = circle2 ]
bash -c 'exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; ulimit -n 4; exec "$0" -raw -output=few.txt "$1"' "$cpprof" "$p" 2>few.err
check "with few descriptors it comes, or they are named: $(cat few.err)" \
    bash -c '[ -s few.txt ] || grep -q "Too many open files" few.err'
check 'and nothing about permissions' bash -c '! grep -q "Permission denied" few.err'
for kilobytes in 16 64 256; do
    expect 2 '' 'cpprof: the stack is limited .*' bash -c 'ulimit -s $2; exec "$0" -top "$1"' "$cpprof" "$p" $kilobytes
done

# Without /proc a file without a name could not get one.
if unshare -m true 2>/dev/null; then
    unshare -m sh -c 'umount -l /proc && exec "$0" -raw -output=no_proc.txt "$1"' "$cpprof" "$p" 2>proc.err
    "$cpprof" -raw "$p" >with_proc.txt
    check "without /proc: $(cat proc.err)" cmp -s no_proc.txt with_proc.txt
fi

( ulimit -f 1; "$cpprof" -raw -output=large.txt "$made/many.pb.gz" 2>limit.err )
check 'a file that gets too large fails' [ $? = 2 ]
check 'with one line about it' grep -q 'cpprof: .*File too large' limit.err
check 'and is not there' [ ! -e large.txt ]
check 'nor its temporary file' [ -z "$(find . -name 'large.txt*')" ]
finish
