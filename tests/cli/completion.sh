# Completion: what the program offers for a word, and that three shells take it. A shell that is not here is left out.
. "$(dirname "$0")/lib.sh"
PATH=$(dirname "$cpprof"):$PATH
mkdir folder
cp "$profiles/go/heap.pb.gz" heap.pb.gz
cp "$made/plain.pb.gz" 'a name.pb.gz'
cp "$profiles/go/cpu.pb.gz" folder/
echo 'no profile at all' >text
tab=$'\t'

# ---- what is offered: value, tab, what it is ----

offers() { # WANTED-LINES WORDS...: for the first word, others behind it
    local want=$1
    shift
    expect 0 "$want" '' "$cpprof" -complete=0 -- "$@"
}
offers "-topproto${tab}The functions of -top as a compressed protobuf" -topp
offers "--topproto${tab}The functions of -top as a compressed protobuf" --topp
offers "-peek=${tab}Callers and callees of the functions that match
-perf_map=${tab}Names of code made at run time: /tmp/perf-PID.map" -pe
offers "-color=auto${tab}
-color=always${tab}
-color=never${tab}" -color=
offers "-sample_index=alloc_objects${tab}count
-sample_index=alloc_space${tab}bytes" -sample_index=alloc heap.pb.gz
offers '' -sample_index=alloc text
offers '' -sample_index=alloc missing.pb.gz
# Who has not come to the profile yet gets what the last one in the folder has.
touch -d '2001-01-01' 'a name.pb.gz' text
touch -d '2030-01-01' text folder
offers "-sample_index=alloc_objects${tab}count
-sample_index=alloc_space${tab}bytes" -sample_index=alloc
offers "-peek=runtime.malg${tab}" -peek=runtime.mal -top -nodecount 5
touch -d '2029-01-01' 'a name.pb.gz'
offers "-sample_index=samples${tab}count
-sample_index=cpu${tab}nanoseconds" -sample_index=
offers '' -sample_index= text
offers '' -sample_index= http://localhost:1/
cd folder
rm cpu.pb.gz
offers '' -sample_index=
cp "$profiles/go/cpu.pb.gz" .
cd ..
offers "-peek=runtime.lock2${tab}" -peek=runtime.lock2 folder/cpu.pb.gz
offers "-focus=fibonacci${tab}" -focus=fibo folder/cpu.pb.gz
check 'nothing that a shell would have to quote' bash -c '! "$0" -complete=0 -- -peek= folder/cpu.pb.gz | grep -q "[][(){}*?<> &;|\\]"' "$cpprof"
offers "a name.pb.gz${tab}pprof protobuf
folder/${tab}
heap.pb.gz${tab}pprof protobuf" ''
offers "folder/cpu.pb.gz${tab}pprof protobuf" folder/c
offers "-base=heap.pb.gz${tab}pprof protobuf" -base=h
offers "-output=text${tab}" -output=t
offers "-source_path=folder/${tab}" -source_path=
expect 0 "alloc_space${tab}bytes" '' "$cpprof" -complete=1 -- -sample_index alloc_s heap.pb.gz
expect 0 "heap.pb.gz${tab}pprof protobuf" '' "$cpprof" -complete=1 -- -top h
expect 2 '' 'cpprof: -complete=7: no position of a word' "$cpprof" -complete=7 -- -top
expect 2 '' 'cpprof: -complete=-1: no position of a word' "$cpprof" -complete=-1 --
expect 2 '' 'cpprof: -completion=tcsh: one of bash.zsh.fish' "$cpprof" -completion=tcsh
for word in '=' '-=' '-' '--' '~/' '//' $'\x1b' '-nosuch=x' '-help=' '@x'; do
    expect 0 '*' '' "$cpprof" -complete=0 -- "$word" heap.pb.gz
done

# ---- bash: words are split at = and : there ----

in_bash() { # WANTED LINE INDEX WORDS...: COMP_WORDS, without the program's name
    local want=$1
    shift
    expect 0 "$want" '' bash -c '
        eval "$(cpprof -completion=bash)"
        compopt() { printf "(%s) " "$*"; }
        COMP_LINE="cpprof $1" COMP_CWORD=$2 COMP_TYPE=${TYPE:-9}
        shift 2
        COMP_WORDS=(cpprof "$@")
        _cpprof
        printf "%s|" "${COMPREPLY[@]}"' bash "$@"
}
in_bash '-top|-topproto|' '-top' 1 -top
in_bash '(-o nospace) -peek=|' '-pee' 1 -pee
in_bash 'alloc_objects|alloc_space|' '-sample_index=alloc heap.pb.gz' 3 -sample_index = alloc heap.pb.gz
in_bash 'alloc_objects|alloc_space|inuse_objects|inuse_space|' '-sample_index= heap.pb.gz' 2 -sample_index = heap.pb.gz
in_bash 'alloc_objects|alloc_space|' '-sample_index alloc heap.pb.gz' 2 -sample_index alloc heap.pb.gz
in_bash 'fibonacci|' '-top -focus=fibo folder/cpu.pb.gz' 4 -top -focus = fibo folder/cpu.pb.gz
in_bash 'a\ name.pb.gz|' '-top a' 2 -top a
in_bash 'a name.pb.gz|' '-top "a' 2 -top '"a'
in_bash 'samples|cpu|' 'a\ name.pb.gz -sample_index=' 3 'a\ name.pb.gz' -sample_index =
in_bash 'fibonacci|' "-focus='fibo folder/cpu.pb.gz" 3 -focus = "'fibo" folder/cpu.pb.gz
export HOME=$scratch/.home
mkdir "$HOME"
cp heap.pb.gz "$HOME/at home.pb.gz"
in_bash '~/at\ home.pb.gz|' '-top ~/at' 2 -top '~/at'
offers '' '-base=~/at' # no shell looks for a home there
in_bash '(-o nospace) folder/|' '-top fo' 2 -top fo
in_bash 'a name.pb.gz|folder/|heap.pb.gz|' '-top  -cum' 2 -top '' -cum
TYPE=63 in_bash '-top       (Functions by their own cost, one a line)|-topproto  (The functions of -top as a compressed protobuf)|' '-top' 1 -top

# ---- zsh ----

if command -v zsh >/dev/null; then
    in_zsh() {
        local want=$1
        shift
        expect 0 "$want" '' zsh -f -c '
            compdef() { :; }
            compadd() { print -r -- "${IPREFIX}${(P)@[-1]}:" "${(P)${@[-3]}[1]}"; }
            compset() { IPREFIX=${PREFIX%${PREFIX#${~2}}}; }
            eval "$(cpprof -completion=zsh)"
            CURRENT=$1
            words=(cpprof "${@[2,-1]}")
            PREFIX=${PREFIX-${words[CURRENT]}}
            _cpprof' zsh "$@"
    }
    in_zsh '-topproto: -topproto  The functions of -top as a compressed protobuf' 2 -topp
    in_zsh '-sample_index=alloc_objects: -sample_index=alloc_objects  count
-sample_index=alloc_space: -sample_index=alloc_space    bytes' 2 -sample_index=alloc heap.pb.gz
    in_zsh '-focus=fibonacci: -focus=fibonacci' 3 -top -focus=fibo folder/cpu.pb.gz
    PREFIX=-focus=fibo in_zsh '-focus=fibonacci: -focus=fibonacci' 2 "-focus='fibo" folder/cpu.pb.gz # zsh's own reading
    in_zsh '~/at home.pb.gz: ~/at home.pb.gz  pprof protobuf' 3 -top '~/at'
fi

# ---- fish ----

if command -v fish >/dev/null; then
    in_fish() {
        expect 0 "$1" '' env HOME="$scratch" XDG_CONFIG_HOME="$scratch" fish --no-config -c 'cpprof -completion=fish | source; complete -C "$argv[1]"' "$2"
    }
    in_fish "-topproto${tab}The functions of -top as a compressed protobuf" 'cpprof -topp'
    in_fish "heap.pb.gz${tab}pprof protobuf" 'cpprof -top h'
    in_fish "-base=heap.pb.gz${tab}pprof protobuf" 'cpprof -top -base=h'
    in_fish "-sample_index=cpu${tab}nanoseconds" 'cpprof -top -sample_index=c'
    in_fish "a name.pb.gz${tab}pprof protobuf" 'cpprof -top "a '
    in_fish "a name.pb.gz${tab}pprof protobuf" 'cpprof a\ '
    in_fish "alloc_space${tab}bytes" 'cpprof heap.pb.gz -sample_index alloc_s'
fi
finish
