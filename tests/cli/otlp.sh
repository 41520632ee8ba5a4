# OTLP profiles: each layout says the same, what was read is told, and what is written reads back.
. "$(dirname "$0")/lib.sh"
otlp=$profiles/otlp

# What a layout says, apart from what only one of them holds.
raw() { "$cpprof" -symbolize=none -raw "$@" 2>/dev/null | grep -v '^Comment: note$'; }
raw "$otlp/v1_10.otlp" >want
check 'two columns' grep -q '^samples/count cpu/nanoseconds$' want
check 'a row for two profiles' grep -q '^          3         30: 1 2 $' want
check 'link, resource and scope are labels' grep -q \
    'otel.scope.name:\[agent\] otel.scope.version:\[1.2\] service.name:\[shop\] span_id:\[1112131415161718\] trace_id:\[0102030405060708090a0b0c0d0e0f10\]' want
check 'units of attributes' grep -q 'size:\[1024 bytes\] thread.id:\[7\]' want
check 'build id and inlined call' grep -q '^1: 0x1000/0x2000/0x0 /bin/app abcd \[FN\]$' want
for layout in 5 6 7 8 9 10; do
    raw "$otlp/v1_$layout.otlp" >got
    check "layout 1.$layout" cmp got want
    gzip -c "$otlp/v1_$layout.otlp" >packed.gz
    raw packed.gz >got
    check "layout 1.$layout in gzip" cmp got want
done
for layout in '5 1.4 or 1.5' '6 1.6' '7 1.7' '8 1.8' '9 1.9' '10 1.10 or later'; do
    set -- $layout
    name=$1
    shift
    expect 0 '*' ".*v1_$name.otlp: OTLP profiles, layout of protocol $*(;.*)?(\|.*)?" \
        "$cpprof" -symbolize=none -top "$otlp/v1_$name.otlp"
done
expect 0 '*' '.*no samples in it.*' "$cpprof" -symbolize=none -raw "$otlp/no_samples.otlp"

# A trace leads to its samples.
expect 0 'cpu;nanoseconds' '.*' bash -c '"$1" -symbolize=none -tagfocus=trace_id=^01020304 -top -json "$2" |
    python3 -c "import json, sys; d = json.load(sys.stdin); print(d[\"sample_type\"], d[\"unit\"], sep=\";\"); assert sum(r[\"flat\"] for r in d[\"rows\"]) == 30"' \
    - "$cpprof" "$otlp/v1_10.otlp"

# Events without values count one each; with -timestamps each is a sample.
raw "$otlp/events.otlp" >got
check 'events are counted' grep -q '^          3: 1 2 $' got
raw -timestamps "$otlp/events.otlp" >got
check 'events are kept' test "$(grep -c 'timestamp_ns:\[1700000000000000...' got)" = 5
check 'several messages' test "$(raw "$otlp/framed.otlp" | grep -c '^          3         30: ')" = 2

# pprof -> OTLP -> pprof.
for p in labels inlined columns twin_types default_type comments folded drop_keep_frames mappings kernel time_before_1970 \
    unsorted_ids huge_ids; do
    "$cpprof" -symbolize=none -raw "$made/$p.pb.gz" >want 2>/dev/null
    for form in otlp otlp_json; do
        "$cpprof" -symbolize=none -$form -output=file "$made/$p.pb.gz" 2>/dev/null
        raw file >got
        check "$p through -$form" cmp got want
    done
done
"$cpprof" -otlp_json "$made/huge_ids.pb.gz" 2>/dev/null >one
cat one one >two
check 'ids of one message hold' grep -q '^18446744073709551615: ' <(raw one | sed 's/^ *//')
check 'ids that two messages give do not' grep -q '^ *10: ' <(raw two)
"$cpprof" -otlp_json "$made/labels.pb.gz" 2>/dev/null >one
cat one one >two
check 'a line of JSON each' test "$(raw two | grep -c '^ *[0-9]*: ')" = "$((2 * $(raw one | grep -c '^ *[0-9]*: ')))"

# JSON as others write it: snake_case, numbers as numbers, unknown fields, values of every kind.
cat >other.json <<'END'
{"unknown": [{}], "resource_profiles": [{"resource": {"attributes": [{"key": "host", "value": {"kvlistValue": {"values":
 [{"key": "a", "value": {"doubleValue": 0.5}}, {"key": "b", "value": {"bytesValue": "/w=="}}]}}}]}, "scopeProfiles": [{"profiles":
 [{"sampleType": {"typeStrindex": 1}, "samples": [{"stackIndex": 1, "attributeIndices": [1], "values": ["9223372036854775807", -2]}],
  "time_unix_nano": "1700000000000000000"}]}]}],
 "dictionary": {"stringTable": ["", "x", "f", "list"], "mappingTable": [{}], "functionTable": [{}, {"nameStrindex": 2}],
  "locationTable": [{}, {"lines": [{"functionIndex": 1}]}], "stackTable": [{}, {"locationIndices": [1]}],
  "attributeTable": [{}, {"keyStrindex": 3, "value": {"arrayValue": {"values": [{"stringValue": "p"}, {"intValue": "7"}, {"boolValue": true}]}}}]}}
END
raw other.json >got
check 'values are added' grep -q '^ *9223372036854775805: 1 $' got
check 'values of every kind' grep -q 'host:\[{"a":0.5,"b":"ff"}\] list:\[p true\]' got
check 'a number of a list' grep -q 'list:\[7\]' got
sed -e 's/"list"\]/"list", "pprof.profile.comment.0"]/' -e 's/"time_unix_nano"/"attributeIndices": [2], &/' \
    -e 's/\(true}\]}}}\)\]/\1, {"keyStrindex": 4, "value": {"stringValue": "said"}}]/' other.json >x
raw x >got
check 'comments as the collector numbers them' grep -q '^Comment: said$' got

sed 's/"functionIndex": 1}/"functionIndex": -1}, {&/' other.json >x
raw x >got
check 'a line without a function, as the collector writes it' grep -q '^ *1: 0x0 M=1 f :0:0 s=0()$' got

# What is wrong is said in one line.
bad() { expect 2 '' "cpprof: x: OTLP.*$1[^|]*" "$cpprof" -raw x; }
sed 's/"stackIndex": 1/"stackIndex": 2/' other.json >x && bad 'a stack that does not exist'
sed 's/"locationIndices": \[1\]/"locationIndices": [9]/' other.json >x && bad 'location 9 is used, but there are 2'
sed 's/"nameStrindex": 2/"nameStrindex": 4/' other.json >x && bad 'string 4 is used, but there are 4'
sed 's/"attributeIndices": \[1\]/"attributeIndices": [-1]/' other.json >x && bad 'attribute 18446744073709551615 is used'
sed 's/\[1\], "values"/[1], "linkIndex": 1, "values"/' other.json >x && bad 'a link that does not exist'
echo '{"resourceProfiles": [{"resource": {}}]}' >x && bad 'no profile is in it'
head -c 300 other.json >x && bad 'JSON: expected'
head -c -7 "$otlp/v1_10.otlp" >x
expect 2 '' 'cpprof: x: unrecognized profile format[^|]*' "$cpprof" -raw x
python3 -c 'print("{\"resourceProfiles\":[{\"resource\":{\"attributes\":[{\"key\":\"k\",\"value\":" + "{\"arrayValue\":{\"values\":[" * 9999)' >x
bad 'nested too deeply'
finish
