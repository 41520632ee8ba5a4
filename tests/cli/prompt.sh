# The prompt beyond what its golden rows show: where its words go, files, viewers, and a terminal.
. "$(dirname "$0")/lib.sh"
p=$made/plain.pb.gz

run() { # COMMANDS FLAGS...
    local commands=$1
    shift
    printf '%b' "$commands" | "$cpprof" "$@"
}

# Words go to standard error, reports to standard output.
"$cpprof" -top -compact_labels -nodecount=10 "$p" >want
check 'a report on standard output alone' bash -c 'echo top | "$0" "$1" 2>err | cmp - want' "$cpprof" "$p"
check 'what was read is said beside it' [ "$(grep -c '^Type: cpu$' err)" = 1 ]
check 'without a word for a terminal' bash -c '! grep -q "^Commands" err'
run 'help\nhelp top\nhelp focus\nhelp cum\no\n' "$p" >out 2>err
check 'nothing but reports on standard output' [ ! -s out ]
for word in '^  focus=func_regex ' '^top \[n\] ' '^Only samples that pass' '^Sort by' '^  sample_index              = cpu                  //: \[samples | cpu\]$' \
    '^  nodecount                 = -1                   //: default$' '^  granularity               = (default)            //: \[functions | ' '^  focus                     = ""'; do
    check "help and o say $word" grep -q -e "$word" err
done
check 'o leaves out what is for the command line' bash -c '! grep -qE "^  (timeout|max_bytes|strict|base)\b" err'

expect_error() { # COMMAND PATTERN
    run "$1\ntop\n" "$p" >out 2>err
    check "$1: the next command runs" cmp -s out want
    check "$1: $(cat err)" grep -qxE -e "$2" err
}
expect_error nothing 'no command or setting "nothing"; help lists them'
expect_error tpo 'no command or setting "tpo"; did you mean top\?'
expect_error foucs=main 'no command or setting "foucs=main".*'
expect_error hel 'no command or setting "hel"; did you mean help\?'
expect_error 'focus=[' '-focus=\[: missing \].*'
expect_error 'tagfocus=a=[' '-tagfocus=a=\[: .*missing \].*'
printf 'focus=main\nfocus=[\n' | "$cpprof" "$p" 2>err >/dev/null
check "it is named as it was typed: $(cat err)" grep -q -e '^-focus=\[: missing' err
expect_error 'top3 | grep main' 'a pipe is the shell.s: top >FILE writes a file'
printf 'focus=[\ntop\n' | "$cpprof" "$p" 2>/dev/null | sed -n '/^Showing/,$p' >got
check 'a filter that is refused changes nothing' cmp -s got want
expect_error 'help nothing' 'no command or setting "nothing"'
expect_error 'focus main' 'did you mean focus=main\?'
expect_error 'files >' 'files: nothing may follow it'
expect_error focus 'focus needs a value, as in focus=\.\.\.'
expect_error peek 'peek needs <func_regex>'
expect_error 'top >' '> needs a file.s name'
expect_error 'timeout=3' 'timeout is for the command line: the profile has been read'
expect_error 'gate' 'gate compares sources, which are merged here: cpprof -gate \.\.\.'
check 'a failed report is no failure' run 'peek (\n' "$p" 2>err
check "and said: $(cat err)" grep -q '^-peek: missing )' err
head -c 2000000 /dev/zero | tr '\0' x >long
expect 2 '' 'cpprof: a command is longer than a megabyte' bash -c '"$0" "$1" <long' "$cpprof" "$p"
rm long

# No report and no commands: what it is, and what to type.
expect 0 '*' '' "$cpprof" "$p"
"$cpprof" "$p" </dev/null >about
for line in '^Type: ' '^  cpu  *nanoseconds .*  \(shown by default\)$' '^  samples  *count  *[1-9]' '^Samples: [1-9][0-9]* with [1-9][0-9]* stacks' \
    '^Binaries:$' '^  cpprof -top .*/plain.pb.gz$' '^  cpprof -top -sample_index=samples ' '^  cpprof -http=: '; do
    check "$line in: $(cat about)" grep -qE -e "$line" about
done
check 'no word of missing names' bash -c '! grep -e -symbols about'
cp "$profiles/cpp/cpu.prof" nameless.prof
"$cpprof" -symbolize=none nameless.prof </dev/null >about
check "names that are missing: $(cat about)" grep -qE '^  [^ ]+ +[1-9][0-9]* of [1-9][0-9]* locations without a name$' about
check 'and what to do' grep -qx '  cpprof -symbols nameless.prof' about
expect 2 '' 'cpprof: writing the report: No space left on device' bash -c '"$0" "$1" >/dev/full' "$cpprof" "$p"

# What is not for a terminal gets a file of its own.
run 'proto\nproto\ncallgrind\nproto >named.pb.gz\n' "$p" >out 2>err
check 'says where' grep -qx 'Generating report in profile002.pb.gz' err
for file in profile001.pb.gz profile002.pb.gz named.pb.gz; do
    check "$file" bash -c '"$0" -top -compact_labels "$1" | cmp - want' "$cpprof" $file
done
check 'profile001.callgraph.out' grep -q '^events: ' profile001.callgraph.out
check 'and nothing on standard output' [ ! -s out ]

ln -s elsewhere profile003.pb.gz
run 'proto\n' "$p" 2>err
check 'a link to nothing is no free name' grep -qx 'Generating report in profile004.pb.gz' err
check 'nothing is written through it' [ ! -e elsewhere ]
(mkdir full && cd full && seq -f 'profile%03g.pb.gz' 9999 | xargs touch && run 'proto\n' "$p" 2>../err)
check "no name is free: $(cat err)" grep -q 'are there already' err
check 'and none is overwritten' [ ! -s full/profile9999.pb.gz ]
rm -r full

# A viewer is left alone; its file stays until the prompt ends.
mkdir tmp
mkfifo shown
printf '#!/bin/sh\ncp "$1" seen.svg\nls tmp >shown\n' >viewer
chmod +x viewer
if command -v dot >/dev/null; then
    { echo web; cat shown >listed; echo top; } | BROWSER=$PWD/viewer TMPDIR=$PWD/tmp "$cpprof" "$p" >out 2>err
    check 'the next command runs' cmp -s out want
    check "the viewer saw a picture $(cat err)" grep -q '<svg' seen.svg
    check 'it was there' [ -s listed ]
    check 'it is gone' [ -z "$(ls tmp)" ]
fi

# Somebody types. libedit keeps the name of a function that is added to it (two calls of wcsdup).
echo leak:wcsdup >leaks
export LSAN_OPTIONS=suppressions=$PWD/leaks:print_suppressions=0${LSAN_OPTIONS:+:$LSAN_OPTIONS}
typed() { # WHAT KEYS PATTERN ...
    local what=$1 status
    shift
    TERM=xterm python3 "$here/typed" "$@" -- "$cpprof" "$p" >said
    status=$?
    [ $status = 77 ] || check "$what: $(cat said)" [ $status = 0 ]
}
typed 'quit' 'quit\n' ''
if python3 -c 'import ctypes; ctypes.CDLL("libedit.so.2")' 2>/dev/null; then
    typed 'shows what there is, ends with ^D' '\t' 'and .* more\n' '\x04' ''
    typed 'completes a command' 'trac\t1\n' '-+\+-+' 'quit\n' ''
    typed 'completes a setting and its value' 'granu\tl\t\n' '\n' 'o\n' 'granularity  *= lines' 'quit\n' ''
    typed 'completes a function from its middle' 'peek ocat\t\n' 'calls%(.*\n)+.*\| allocate\n' 'quit\n' ''
    typed 'shows the choice' 'sort=\t' '\n  cum\n  flat\n' 'c\t\n' '\n' 'o\n' 'sort  *= cum' 'quit\n' ''
    typed 'completes -cum' 'top -cu\t\n' 'cum \n+Showing nodes' 'quit\n' ''
    HOME=$PWD
    for line in 'bind -v' 'bind -e'; do
        echo "$line" >.editrc
        typed "completes after $line in .editrc" 'trac\t\n' '-+\+-+' 'quit\n' ''
        typed "searches after $line in .editrc" 'top 1\n' 'Showing top 1' 'trac\t' 'es ' '\x15\x12op' 'bck:' '\n' 'Showing top 1' 'quit\n' ''
    done
    rm .editrc
    p=$made/odd_names.pb.gz
    for locale in C C.UTF-8; do
        LC_ALL=$locale typed "completes what is not ASCII in $locale" 'peek gr\t\n' '\| größe::λ\n' 'quit\n' ''
        LC_ALL=$locale typed "takes what is not ASCII in $locale" 'peek \u00f6\u00dfe\n' '\| größe::λ\n' 'quit\n' ''
    done
    p=$made/plain.pb.gz
    typed 'remembers' 'top 1\n' 'Showing top 1' '\x1b[A\n' 'Showing top 1' 'quit\n' ''
fi
printf 'no library\n' >libedit.so.2
export LD_LIBRARY_PATH=$PWD
typed 'without libedit' 'top 2\n' 'Showing top 2 nodes' '\x04' ''
finish
