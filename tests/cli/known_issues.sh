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
    expect 2 '' 'cpprof: .*/concatenated.pb: another profile begins at byte 467; .*' \
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
    printf '%s\n' '--- symbol' 'binary=/bin/app' '0x0000000000400100 main' --- '--- heap' \
        'heap profile: 1: 100 [2: 200] @ heapprofile' '1: 100 [2: 200] @ 0x00400101' >named.heap
    expect 0 '*' '' "$cpprof" -top named.heap
    check 'the name is there' bash -c '"$0" -top named.heap 2>/dev/null | grep -q " main$"' "$cpprof"
}

golang_go_81290_a_location_that_does_not_exist_in_a_tiny_profile() {
    printf '\x32\x00\x32\x01n\x32\x01u\x0a\x04\x08\x01\x10\x02\x12\x05\x0a\x01\x63\x10\x01' >tiny.pb
    expect 2 '' 'cpprof: tiny.pb: sample 1 refers to location 99, which does not exist' "$cpprof" -top tiny.pb
}

gperftools_237_objects_that_are_all_gone() {
    printf '%s\n' 'heap profile: 3: 300 [45: 240142] @ heap_v2/524288' '0: 0 [42: 239842] @ 0x400100' '3: 300 [3: 300] @ 0x400300' \
        '' 'MAPPED_LIBRARIES:' '00400000-00500000 r-xp 00000000 08:01 1 /bin/app' >gone.heap
    "$cpprof" -top gone.heap >inuse 2>/dev/null
    "$cpprof" -top -sample_index=alloc_space gone.heap >alloc 2>/dev/null
    check 'what is in use' grep -q 'for 1.50MB, 100% of 1.50MB total' inuse
    check 'what was taken' grep -q 'for 22.61MB, 100% of 22.61MB total' alloc
}

pyroscope_3989_a_speedscope_file_with_two_profiles() {
    local frames='{"frames":[{"name":"a"},{"name":"b"}]}' one two
    one='{"type":"sampled","name":"one","unit":"seconds","startValue":0,"endValue":3,"samples":[[0,1],[0]],"weights":[1,2]}'
    two='{"type":"sampled","name":"two","unit":"seconds","startValue":0,"endValue":4,"samples":[[0,1]],"weights":[4]}'
    printf '{"$schema":"https://www.speedscope.app/file-format-schema.json","profiles":[%s,%s],"shared":%s}' "$one" "$two" "$frames" >two.json
    "$cpprof" -top two.json >top
    check 'both are counted' grep -q 'for 7s, 100% of 7s total' top
    "$cpprof" -top -tagfocus=profile=one two.json >top
    check 'and told apart' grep -q 'for 3s, 42.86% of 7s total' top
}

google_pprof_489_a_heap_profile_without_stacks() {
    printf '%s\n' 'heap profile: 2: 300 [4: 500] @ heapprofile' '2: 300 [4: 500] @' >empty.heap
    expect 0 '*' \
        '.*No sample has a stack, so no report can say where they are; .*' "$cpprof" -top empty.heap
}

golang_go_43132_text_and_protobuf_in_one_file() {
    printf '%s\n' 'heap profile: 1: 100 [1: 100] @ heapprofile' '1: 100 [1: 100] @ 0x1000' | cat - "$made/heap.pb.gz" >both
    expect 2 '' 'cpprof: both: another profile begins at byte 69; .*' "$cpprof" -top both
}

async_profiler_849_recordings_one_after_the_other() {
    zcat "$here/../../fixtures/profiles/java/work.jfr.gz" >once.jfr
    cat once.jfr once.jfr >twice.jfr
    check 'all is there twice, under the same names' [ "$("$cpprof" -folded twice.jfr 2>/dev/null)" = \
        "$("$cpprof" -folded once.jfr once.jfr 2>/dev/null)" ]
}

ddprof_560_addresses_with_0x_in_a_perf_map() {
    printf 'heap profile: 1: 100 [1: 100] @ heapprofile\n1: 100 [1: 100] @ 0x7f6cc9200110\n' >jit.heap
    echo '0x00007f6cc9200100 0x0000000000000368 java.lang.Object get(java.lang.Object, long)' >jit.map
    check 'it has a name' grep -q 'get(java.lang.Object, long)' <("$cpprof" -top -perf_map=jit.map jit.heap 2>/dev/null)
}

for issue in $(compgen -A function | grep -E '_[0-9]+_'); do
    before=$failures
    $issue
    [ $failures = "$before" ] && echo "passed: $issue" || echo "FAILED: $issue"
done
finish
