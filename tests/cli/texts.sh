# Stacks in text: of bpftrace, of DTrace, and of a perf script that prints no times.
. "$(dirname "$0")/lib.sh"
raw() { "$cpprof" -symbolize=none -raw "$@" 2>/dev/null; }
has() { check "$1: $2" grep -qF -- "$2" got; }

cat >x <<'END'
Attaching 1 probe...

@start[1234]: 99
@total: 7

@[
    __schedule+697
    schedule+64
,
    0x7f0011223344
    main+0x1a
, worker, 42]: 7
@stacks[bash,
    7f1e214c24d9 foo(int, char (*)(int))+31 (/lib/x (deleted))
    operator[]+0
]: 3
END
raw x >got
has bpftrace '          7: 1 2 3 4 '
has bpftrace 'key:[worker 42]'
has bpftrace '          3: 5 6 '
has bpftrace 'key:[bash] map:[stacks]'
has bpftrace '1: 0x0 M=1 __schedule :0:0'
has bpftrace '4: 0x0 M=1 main :0:0'
has bpftrace '5: 0x0 M=1 foo(int, char (*)(int)) :0:0'
has bpftrace '6: 0x0 M=1 operator[] :0:0'
expect 0 '*' '.*1 entries without a stack are left out.*' "$cpprof" -top x
printf '@[\n    f+1\n]: 2\n@[\n    g' >x
expect 0 '*' '.*the last stack is cut off.*' "$cpprof" -top x
printf '@[\n    f+1\n]: x\n' >x
expect 2 '' 'cpprof: x: unrecognized profile format .no stack of bpftrace or DTrace ends in a count.' "$cpprof" -top x
printf '@us: \n[1K, 2K)  5 |@@@|\n' >x
expect 2 '' 'cpprof: x: unrecognized profile format .text of no kind that is known: "@us:".' "$cpprof" -top x

cat >x <<'END'
CPU     ID                    FUNCTION:NAME
  0  64091                        :tick-60s

              zfs`zfs_write+0x475
              unix`sys_syscall+0x17d

              libc.so.1`__pwrite+0xa
              app`std::f(int)+0x1
              0xfffffffffb8001d6
               12

              genunix`copen
                3
END
raw x >got
has DTrace '         12: 1 2 3 4 5 '
has DTrace '          3: 6 '
has DTrace '1: 0x0 M=1 zfs`zfs_write :0:0'
has DTrace '4: 0x0 M=1 app`std::f(int) :0:0'
has DTrace '5: 0x0 M=1 0xfffffffffb8001d6 :0:0'
sed 1,3d x >y
raw y >want
check 'DTrace without its heading' cmp got want

printf 'my job  42 cpu-clock: \n\t    400570 f (/bin/a)\n\t    4005b1 main 7 x: (/bin/a)\n\nmy job 42 [001] cpu-clock:\n\t    400577 f (/bin/a)\n' >x
raw x >got
has 'perf script' 'comm:[my job]'
check 'perf script: two samples' test "$("$cpprof" -symbolize=none -top -sample_index=0 x 2>/dev/null | grep -c 'of 2 total')" = 1

# Names that are brackets as a whole are no templates of C++.
printf 'main;<module> (x.py:1);<module> 3\n<php>;f<int>(char) 2\n' >x
"$cpprof" -top x >got 2>/dev/null
has 'names in brackets' '3 60.00%  <module>'
has 'names in brackets' '2 40.00%  <php>'
has 'names in brackets, one after another' '3 60.00%  <module> (x.py:1)'
has 'templates' '2 40.00%  f'

printf '[{"name":"a","ph":"X","ts":1,"dur":5,"pid":1,"tid":1}]' >x
expect 0 '*' '.*its spans of time; 0 other events left out' "$cpprof" -top x # where all has names no binary is missed
finish
