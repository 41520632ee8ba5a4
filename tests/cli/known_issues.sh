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

google_pprof_9_growth_of_the_heap() {
    printf '%s\n' 'heap profile:     2:  3145728 [     2:  3145728] @ growthz' '     1:  1048576 [     1:  1048576] @ 0x400100 0x400200' \
        '     1:  2097152 [     1:  2097152] @ 0x400300' '' 'MAPPED_LIBRARIES:' '00400000-00500000 r-xp 00000000 08:01 1 /bin/app' >growth
    "$cpprof" -raw growth >raw 2>/dev/null
    check 'both samples, in the program' grep -q '2    2097152: 3\|1    2097152: 3' raw
    check 'its mapping' grep -q '^1: 0x400000/0x500000/0x0 /bin/app' raw
}

golang_go_16892_a_heap_profile_that_was_saved_in_one_mode() {
    "$cpprof" -proto -inuse_space -output=saved.pb.gz "$here/../../fixtures/profiles/go/heap.pb.gz" 2>/dev/null
    for mode in inuse_space inuse_objects alloc_space alloc_objects; do
        check "it can be shown as $mode" grep -q "^Type: $mode" <("$cpprof" -top "-$mode" saved.pb.gz)
    done
}

golang_go_29851_sources_of_a_container() {
    mkdir -p checkout/scrape
    printf 'one\ntwo\nthree\n' >checkout/scrape/scrape.go
    echo '{"stringTable":["","n","count","stop","/app/scrape/scrape.go"],"sampleType":[{"type":"1","unit":"2"}],
        "function":[{"id":"1","name":"3","filename":"4"}],"location":[{"id":"1","line":[{"functionId":"1","line":"3"}]}],
        "sample":[{"locationId":["1"],"value":["1"]}]}' >container.json
    check 'found where they are here' grep -q '3:three' \
        <("$cpprof" -list=stop -trim_path=/app -source_path=checkout container.json 2>/dev/null)
}

parca_1264_samples_without_a_stack_beside_others() {
    printf '\x0a\x04\x08\x01\x10\x02\x12\x06\x0a\x01\x01\x12\x01\x03\x12\x03\x12\x01\x02\x22\x06\x08\x01\x22\x02\x08\x01\x2a\x04\x08\x01\x10\x03' >stackless.pb
    printf '\x32\x00\x32\x01n\x32\x05count\x32\x01f' >>stackless.pb
    "$cpprof" -top stackless.pb >top 2>/dev/null
    check 'the total has them' grep -q 'accounting for 3, 60.00% of 5 total' top
}

gperftools_859_a_program_of_32_bits() {
    for word in '%b\0\0\0' '\0\0\0%b'; do
        for v in '\0' '\3' '\0' '\144' '\0' '\5' '\1' '\100' '\0' '\1' '\0'; do printf "$word" "$v"; done >small.prof
        check 'in either order of bytes' grep -q 'of 0.50ms total\|of 500us total' <("$cpprof" -top small.prof 2>/dev/null)
    done
}

flamegraph_92_unknown_files() {
    printf '%s\n' 'httpd 18294 [008] 205996.782023:   10101010 cpu-clock:' '	2b20e5 [unknown] (/opt/libphp5.so)' '	2b5e1de3f698 [unknown] ([unknown])' '' >unknown.txt
    "$cpprof" -traces unknown.txt >traces 2>/dev/null
    check 'are no file of that name' grep -q '<unknown>' traces
    check 'a known one is named' grep -q '\[libphp5.so\]' traces
}

flamegraph_205_lines_of_source() {
    printf '%s\n' 'ls 100 1.5: 1000 cycles:' '	11634 _dl_start+0x4 (/lib/ld-2.29.so)' '  ld-2.29.so[11634]' '	1130 main+0x10 (/bin/ls)' '  ls.c:120' '' >lines.txt
    check 'are no frames' [ "$("$cpprof" -folded lines.txt 2>/dev/null)" = 'main;_dl_start 1000' ]
}

flamegraph_220_one_function_a_sample() {
    printf '%s\n' 'a 1690389 290967.693997:     250000 cycles:u: ' '	7f1 printf+0x1 (/usr/lib/libc-2.30.so)' '	401 main+0x10 (/tmp/a)' '' \
        'a 1690389 290967.696562:     250000 cycles:u: ' '	7f1 printf+0x1 (/usr/lib/libc-2.30.so)' '	401 main+0x10 (/tmp/a)' '' >phantom.txt
    check 'is none: they are one stack' [ "$("$cpprof" -folded phantom.txt 2>/dev/null)" = 'main;printf 500000' ]
}

flamegraph_262_blanks_in_names_of_files() {
    printf '%s\n' 'com.google.android.apps.maps    21452/21452 [007] 11371.483014: 201198 cpu-clock:' '	ffffff9c807ad35c __schedule ([kernel.kallsyms])' \
        '	9c51fd34 java.lang.String.hashCode ([JIT app cache])' '' >android.txt
    check 'are read' [ "$("$cpprof" -folded android.txt 2>/dev/null)" = 'java.lang.String.hashCode;__schedule 201198' ]
}

continuous_async_profiler_25_a_recording_that_was_not_finished() {
    zcat "$here/../../fixtures/profiles/java/work.jfr.gz" | head -c 3000 >cut.jfr
    expect 2 '' 'cpprof: cut.jfr: JFR: a chunk does not say its types: the recording was not finished' "$cpprof" -top cut.jfr
}

for issue in $(compgen -A function | grep -E '_[0-9]+_'); do
    before=$failures
    $issue
    [ $failures = "$before" ] && echo "passed: $issue" || echo "FAILED: $issue"
done
finish
