# What can't be read: one clear line that names the file, exit 2, nothing on stdout.
. "$(dirname "$0")/lib.sh"

expect 2 '' 'cpprof: nowhere.pb.gz: No such file or directory' "$cpprof" -top nowhere.pb.gz
mkdir nothing
expect 2 '' 'cpprof: nothing: is a directory without files' "$cpprof" -top nothing
expect 2 '' 'cpprof: .*/empty.pb: the file is empty' "$cpprof" -top "$broken/empty.pb"
expect 2 '' 'cpprof: .*/gzip_of_nothing.pb.gz: the file is empty' "$cpprof" -top "$broken/gzip_of_nothing.pb.gz"
expect 2 '' 'cpprof: .*/cut_gzip.pb.gz: .*unexpected end.*' "$cpprof" -top "$broken/cut_gzip.pb.gz"
expect 2 '' 'cpprof: .*/cut_trailer.pb.gz: .*unexpected end.*' "$cpprof" -raw "$broken/cut_trailer.pb.gz"
expect 2 '' 'cpprof: .*/trailing_zeros.pb.gz: decompressing.*' "$cpprof" -raw "$broken/trailing_zeros.pb.gz"
expect 2 '' 'cpprof: .*/cut.pb: unrecognized profile format.*cut off at byte [0-9]+.*' "$cpprof" -top "$broken/cut.pb"
expect 2 '' 'cpprof: .*/text.pb: unrecognized profile format.*' "$cpprof" -top "$broken/text.pb"
expect 2 '' 'cpprof: .*/dangling_location.pb.gz: sample 6 .*location 77.*' "$cpprof" -raw "$broken/dangling_location.pb.gz"
expect 2 '' 'cpprof: .*/two_locations.pb.gz: .*id 2' "$cpprof" -json "$broken/two_locations.pb.gz"
expect 2 '' 'cpprof: .*/concatenated.pb: another profile begins at byte 467; .*' "$cpprof" -top "$broken/concatenated.pb"

# What is read with a doubt: a warning, and with -strict an error.
printf '\0\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\20\47\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\0\100\0\0\0\0\0' >killed.prof
expect 0 '*' 'killed.prof: the CPU profile has no end mark.*' "$cpprof" -top killed.prof
expect 2 '' 'cpprof: killed.prof: the CPU profile has no end mark.*\(-strict\)' "$cpprof" -top -strict killed.prof
printf 'heap profile: 1: 1 [1: 1] @ heapprofile\n0: 4096 [0: 4096] @ 0x1\n1: 1 [1: 1] @ 0x1\n' >mmap.heap
expect 0 '*' 'mmap.heap: heap profile: bytes without objects, 1 times, first at byte 40; .*' "$cpprof" -raw mmap.heap
expect 2 '' 'cpprof: mmap.heap: heap profile: bytes without objects.*' "$cpprof" -raw -strict mmap.heap
{ gzip -nc mmap.heap; cat mmap.heap; } >two.gz
expect 2 '' 'cpprof: two.gz: decompressing profile: what begins at byte [0-9]+, after the gzip data, is not gzip; .*' "$cpprof" -raw two.gz
gzip -dc "$profiles/java/work.jfr.gz" | head -c 300000 >cut.jfr
expect 0 '*' 'cut.jfr: the recording is cut off; its last chunk is shorter than it says' "$cpprof" -top cut.jfr
expect 2 '' 'cpprof: cut.jfr: the recording is cut off.*' "$cpprof" -top -strict cut.jfr
head -c 1000 cut.jfr >short.jfr
expect 2 '' 'cpprof: short.jfr: JFR: .*not finished' "$cpprof" -top short.jfr

# Every broken fixture with every kind of report: one line, and nothing half printed.
for file in "$broken"/*; do
    for report in -top -raw -json -proto -traces; do
        expect 2 '' 'cpprof: [^|]*' "$cpprof" $report "$file"
    done
done

# One source that fails is said and left out; all that fail are fatal.
expect 0 '*' '[^|]*1 of 2[^|]*nowhere.pb.gz: No such file or directory' "$cpprof" -top "$made/plain.pb.gz" nowhere.pb.gz
expect 2 '' 'cpprof: none of the 2 [^|]*nowhere.pb.gz[^|]*' "$cpprof" -top nowhere.pb.gz neither.pb.gz
expect 2 '' '.*no sample type in common.*' "$cpprof" -top "$made/plain.pb.gz" "$made/other_types.pb.gz"
expect 2 '' '.*nowhere.pb.gz.*' "$cpprof" -top -base=nowhere.pb.gz "$made/plain.pb.gz"
finish
