# Flags that are wrong: one line that says what to write instead, exit 2. Flags that are right, in every spelling.
. "$(dirname "$0")/lib.sh"
p=$made/plain.pb.gz

expect 2 '' 'cpprof: unknown flag -nosuchthing; -help lists all' "$cpprof" -top -nosuchthing "$p"
expect 2 '' 'cpprof: unknown flag -hlep; did you mean -help\?' "$cpprof" -hlep
expect 2 '' 'cpprof: unknown flag -tpo; did you mean -top\?' "$cpprof" -tpo "$p"
expect 2 '' 'cpprof: top: no such file; did you mean -top\?' "$cpprof" top "$p"
expect 2 '' 'cpprof: help: no such file; did you mean -help\?' "$cpprof" help
expect 2 '' 'cpprof: -http shows all reports: no other may be asked for' "$cpprof" -http=:0 -top "$p"
expect 2 '' 'cpprof: -http=8080: not \[host\]:\[port\]' "$cpprof" -http=8080 "$p"
expect 2 '' 'cpprof: -http=:x1: the port is no number below 65536' "$cpprof" -http=:x1 "$p"
expect 2 '' 'cpprof: unknown flag -nodecont; did you mean -nodecount\?' "$cpprof" -top -nodecont=3 "$p"
expect 2 '' 'cpprof: .*nodecount.*whole number.*' "$cpprof" -top -nodecount=many "$p"
expect 2 '' 'cpprof: -nodecount needs a value.*' "$cpprof" -top -nodecount
expect 2 '' 'cpprof: .*sample_index=7.*' "$cpprof" -top -sample_index=7 "$p"
expect 2 '' 'cpprof: -cum and -flat.*' "$cpprof" -top -cum -flat "$p"
expect 2 '' 'cpprof: -top and -raw.*' "$cpprof" -top -raw "$p"
expect 2 '' 'cpprof: -base and -diff_base.*' "$cpprof" -top -base="$p" -diff_base="$p" "$p"
expect 2 '' 'cpprof: -normalize needs .*' "$cpprof" -top -normalize "$p"
expect 2 '' 'cpprof: -focus=a.: .*' "$cpprof" -top '-focus=a(' "$p"
expect 2 '' 'cpprof: no profile given.*' "$cpprof" -top
expect 2 '' 'cpprof: .*nothing' "$cpprof" -peek=nothing "$p"

"$cpprof" -top -unit=ms "$p" >want
for spelling in '--top --unit=ms' '-top -unit ms' '--top --unit ms' '-top=true -unit=ms' '-top=1 -unit=s -unit=ms' '-top -cum=false -unit=ms --'; do
    expect 0 "$(cat want)" '' "$cpprof" $spelling "$p"
done

# The first operand ends the flags.
expect 2 '' 'cpprof: -raw: flags come before files' "$cpprof" -top "$p" -raw
expect 2 '' 'cpprof: -cum: flags come before files' "$cpprof" -top "$p" -cum
expect 0 '*' '.*-raw: No such file.*' "$cpprof" -top -- "$p" -raw
cp "$p" ./-raw
expect 0 '*' '' "$cpprof" -top "$p" -raw
rm ./-raw
expect 2 '' 'cpprof: -peek= needs <func_regex>' "$cpprof" -peek= "$p"
expect 2 '' 'cpprof: -list= needs <func_regex.address>' "$cpprof" -list= "$p"

expect 0 '*' '' "$cpprof" -help
check '-help fits into 80 columns' bash -c '"$0" -help | awk "length(\$0) > 80 { exit 1 }"' "$cpprof"
check '-help shows an example' bash -c '"$0" -help | grep -q "cpprof -top"' "$cpprof"

# The manual page has all that -help has, and is no roff that man complains about.
expect 0 '*' '' "$cpprof" -man
"$cpprof" -man | sed 's/\\f[BIR]//g; s/\\-/-/g' >man
"$cpprof" -help >help
"$cpprof" -complete=0 -- - | cut -f1 >flags
check 'the flags are many' [ "$(wc -l <flags)" -gt 100 ]
while read -r flag; do
    check "$flag is in -help" grep -qE -e "(^  | )${flag%=}([ =]|\$)" help
    check "$flag is in -man" grep -qE -e "(^| )${flag%=}([ =]|\$)" man
    said=$("$cpprof" "-help=${flag%=}") || complain "-help=$flag"
    [[ $said == *$'\n  cpprof '*${flag%=}* ]] || complain "-help=$flag has no example: $said"
done <flags
expect 2 '' 'cpprof: -help=topp: no report and no flag; did you mean top\?' "$cpprof" -help=topp
if command -v groff >/dev/null; then
    check 'good roff' bash -c '! "$0" -man | groff -man -Tutf8 -ww 2>&1 >/dev/null | grep .' "$cpprof"
fi
expect 0 '*' '' "$cpprof" -h

# Sample types are offered with the numbers that they have.
for wrong in 2 -1 99999999999999999999 nonsense; do
    expect 2 '' "cpprof: -sample_index=$wrong: no such sample type; the profile has 0 samples, 1 cpu" "$cpprof" -top "-sample_index=$wrong" "$p"
done

# Version, commit and parts.
check '-version' bash -c '"$0" -version | grep -qE "^cpprof [0-9]+\.[0-9]+\.[0-9]+, commit ([0-9a-f]{12}|unknown)\$"' "$cpprof"
check 'each part is found or not' [ "$("$cpprof" -version | tail -n +2 | tr -cd , | wc -c)" -ge 4 ]
for word in 'built with ' 'libraries .*zlib [0-9]' 'elfutils 0' 'protobuf-c 1' ' re2 ' 'sandbox ' 'threads  *[0-9]' '  curl  ' '  lzma  ' '  sqlite  ' '  debuginfod '; do
    check "-version -v: $word" bash -c '"$0" -version -v | grep -qE -e "$1"' "$cpprof" "$word"
done
expect 2 '' 'cpprof: -v goes with -version' "$cpprof" -v -top "$p"
finish
