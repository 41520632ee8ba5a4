# Pictures by graphviz, and viewers: real ones, and programs that misbehave.
. "$(dirname "$0")/lib.sh"
p=$made/plain.pb.gz
real=$PATH
mkdir bin

program() { # NAME SCRIPT
    printf '#!/bin/sh\n%s\n' "$2" >"bin/$1"
    chmod +x "bin/$1"
}

if command -v dot >/dev/null; then
    for f in "$profiles"/go/heap.pb.gz "$made"/{odd_names,paths,recursion,tagged,negative,no_samples}.pb.gz; do
        "$cpprof" -svg -output=p.svg "$f" 2>err.txt || grep -qE 'no sample|duplicate|matched|empty' err.txt ||
            complain "-svg of $f: $(cat err.txt)"
        [ ! -e p.svg ] || python3 -c 'import xml.dom.minidom as m; m.parse("p.svg")' 2>/dev/null ||
            complain "-svg of $f: no XML"
        rm -f p.svg
    done
    for kind in png:PNG gif:GIF8 pdf:%PDF ps:%!PS; do
        "$cpprof" -${kind%:*} "$p" >picture
        check "-${kind%:*}" [ "$(head -c 8 picture | tr -d '\211' | cut -c 1-${#kind} | head -1 | grep -c "${kind#*:}")" = 1 ]
    done
fi

expect 2 '' 'cpprof: -svg needs the program dot: install graphviz.*' \
    env PATH="$scratch/bin:." "$cpprof" -svg "$p"
expect 2 '' 'cpprof: no program is installed that -web could show its report with.*' \
    env PATH="$scratch/bin:." "$cpprof" -web "$p"
PATH=$scratch/bin:$real
program dot 'echo "Error: bad graph" >&2; exit 1'
expect 2 '' 'cpprof: dot failed with exit status 1: Error: bad graph' "$cpprof" -svg "$p"
program dot 'kill -9 $$'
expect 2 '' 'cpprof: dot was killed by signal 9 .*' "$cpprof" -png "$p"
program dot 'exec 0<&-; echo "%!PS </svg> picture $*"'
expect 0 '%!PS </svg> picture -Tps' '' "$cpprof" -ps "$p"
expect 2 '' '(Generating.*\|)?cpprof: .*No space left on device' "$cpprof" -ps -output=/dev/full "$p"

# A viewer gets the file, which is gone afterwards.
export TMPDIR=$scratch/tmp
mkdir tmp
program view 'cat "$2" >seen.txt; echo "$1" >>seen.txt; ls -l "$2" >mode.txt'
BROWSER='view --new;window' expect 0 '' '' "$cpprof" -web "$p"
check 'the viewer saw the picture' [ "$(cat seen.txt)" = $'%!PS </svg> picture -Tsvg\n--new;window' ]
program eog 'cat "$1" >seen.txt'
expect 0 '' '' "$cpprof" -eog "$p"
check 'eog, too' [ "$(cat seen.txt)" = '%!PS </svg> picture -Tsvg' ]
program eog 'exit 7'
expect 2 '' 'cpprof: eog failed with exit status 7' "$cpprof" -eog "$p"
expect 0 '' 'Generating report in f.svg' "$cpprof" -web -output=f.svg "$p"
program kcachegrind 'head -1 "$1" >seen.txt'
expect 0 '' '' "$cpprof" -kcachegrind "$p"
check 'kcachegrind gets the report' [ "$(cat seen.txt)" = 'positions: instr line' ]
check 'no file is left' [ -z "$(ls tmp)" ]
finish
