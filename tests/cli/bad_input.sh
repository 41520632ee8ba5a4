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
expect 2 '' 'cpprof: .*/concatenated.pb: several profiles .*' "$cpprof" -top "$broken/concatenated.pb"

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
