# What crashed or misled readers of profiles elsewhere, by the issue where it was reported; and rows
# issue_* of ../golden/cases.tsv where google/pprof itself reads the file by now.
. "$(dirname "$0")/lib.sh"

google_pprof_242_a_location_whose_mapping_does_not_exist() {
    for report in -top -tree -raw -traces -peek=. -list=. -dot -symbols -json -callgrind; do
        expect 0 '*' '' "$cpprof" $report "$made/dangling_mapping.pb.gz"
    done
}

google_pprof_245_a_sample_whose_location_does_not_exist() {
    for report in -proto -raw -top; do
        expect 2 '' 'cpprof: .*/issue_pprof_245.pb.gz: sample 1 refers to location 99, which does not exist' \
            "$cpprof" $report "$broken/issue_pprof_245.pb.gz"
    done
    expect 2 '' 'cpprof: none of the 2 [^|]*location 99[^|]*' \
        "$cpprof" -proto "$broken/issue_pprof_245.pb.gz" "$broken/issue_pprof_245.pb.gz"
}

google_pprof_246_a_file_without_bytes_is_written() {
    expect 2 '' 'cpprof: .*/empty.pb: the file is empty' "$cpprof" -proto "$broken/empty.pb"
    expect 2 '' 'cpprof: .*/empty.pb: the file is empty' "$cpprof" -proto -output=out.pb.gz "$broken/empty.pb"
    check 'nothing is written' [ ! -e out.pb.gz ]
}

google_pprof_273_and_golang_go_22036_profiles_one_after_the_other() {
    expect 2 '' 'cpprof: .*/concatenated.pb: several profiles stand one after the other; .*' \
        "$cpprof" -top "$broken/concatenated.pb"
}

google_pprof_639_values_that_are_not_as_many_as_types() {
    expect 2 '' 'cpprof: .*/issue_pprof_639.pb: sample 1 has 4 values, but there are 2 sample types' \
        "$cpprof" -top "$broken/issue_pprof_639.pb"
    expect 2 '' 'cpprof: .*/few_values.pb.gz: sample 6 has 1 values, .* 2' "$cpprof" -top "$broken/few_values.pb.gz"
}

google_pprof_863_and_golang_go_67626_a_file_that_is_missing() {
    expect 2 '' 'cpprof: ./missing: No such file or directory' "$cpprof" -top ./missing
}

golang_go_18229_goroutines_without_stacks_and_mappings() {
    for report in -top -tree -raw -traces -dot -symbols -json -flame; do
        expect 0 '*' 'Main binary filename not available.' "$cpprof" $report "$made/issue_go_18229.pb.gz"
    done
    "$cpprof" -samples -ndjson "$made/issue_go_18229.pb.gz" >samples 2>/dev/null
    check 'the goroutine without a stack is there' grep -q '"value":1,"stack":\[\]' samples
}

golang_go_33802_lines_beyond_the_source() {
    local far=$here/../fuzz/corpus/profile/weblist_far_lines
    expect 0 '' '(Generating report in page.html)' timeout 30 "$cpprof" -weblist=. -nosource -output=page.html "$far"
    check 'the page is whole' grep -q '</html>' page.html
    expect 0 '*' '' timeout 30 "$cpprof" -list=. "$far"
}

golang_go_48580_a_heap_profile_behind_the_symbols_of_the_pprof_script() {
    expect 2 '' 'cpprof: .*/issue_go_48580.heap: unrecognized profile format: .*--- symbol.*' \
        "$cpprof" -top "$broken/issue_go_48580.heap"
}

golang_go_81290_a_location_that_does_not_exist_in_a_tiny_profile() {
    printf '\x32\x00\x32\x01n\x32\x01u\x0a\x04\x08\x01\x10\x02\x12\x05\x0a\x01\x63\x10\x01' >tiny.pb
    expect 2 '' 'cpprof: tiny.pb: sample 1 refers to location 99, which does not exist' "$cpprof" -top tiny.pb
}

for issue in $(compgen -A function | grep -E '^(google|golang)_'); do
    before=$failures
    $issue
    [ $failures = "$before" ] && echo "passed: $issue" || echo "FAILED: $issue"
done
finish
