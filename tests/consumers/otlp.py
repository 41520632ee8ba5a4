#!/usr/bin/env python3
"""OTLP profiles, written and read, against Google's own protobuf (protoc and its Python library).

What -otlp writes is read by a schema of today's layout and looked over by the rules of the protocol; random
messages of every layout that the protocol has had are written by the library and read by us."""
import hashlib
import random

import lib

lib.with_module("google.protobuf", "python3-protobuf")
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory  # noqa: E402

COMMON = """syntax = "proto3"; package x;
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
  ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7; int32 string_value_strindex = 8; } }
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
message KeyValue { string key = 1; AnyValue value = 2; int32 key_strindex = 3; }
message Scope { string name = 1; string version = 2; repeated KeyValue attributes = 3; }
message Resource { repeated KeyValue attributes = 1; }
message ResourceProfiles { Resource resource = 1; repeated ScopeProfiles scope_profiles = 2; string schema_url = 3; }
message ScopeProfiles { Scope scope = 1; repeated Profile profiles = 2; string schema_url = 3; }
message Link { bytes trace_id = 1; bytes span_id = 2; }
message Stack { repeated int32 location_indices = 1; }
message Line { int32 function_index = 1; int64 line = 2; int64 column = 3; }
message Function { int32 name_strindex = 1; int32 system_name_strindex = 2; int32 filename_strindex = 3; int64 start_line = 4; }
message AttributeUnit { int32 attribute_key_strindex = 1; int32 unit_strindex = 2; }
message KeyValueAndUnit { int32 key_strindex = 1; AnyValue value = 2; int32 unit_strindex = 3; }
message ValueType { int32 type_strindex = 1; int32 unit_strindex = 2; }
message Mapping { uint64 memory_start = 1; uint64 memory_limit = 2; uint64 file_offset = 3; int32 filename_strindex = 4;
  repeated int32 attribute_indices = 5; bool has_functions = 6; }
"""
OLD = """message Sample { int32 locations_start_index = 1; int32 locations_length = 2; repeated int64 values = 3;
  repeated int32 attribute_indices = 4; optional int32 link_index = 5; repeated uint64 timestamps_unix_nano = 6; }
message Location { optional int32 mapping_index = 1; uint64 address = 2; repeated Line lines = 3; bool is_folded = 4;
  repeated int32 attribute_indices = 5; }
"""
NEW = """message Location { int32 mapping_index = 1; uint64 address = 2; repeated Line lines = 3; repeated int32 attribute_indices = 4; }
message ProfilesDictionary { repeated Mapping mapping_table = 1; repeated Location location_table = 2;
  repeated Function function_table = 3; repeated Link link_table = 4; repeated string string_table = 5;
  repeated KeyValueAndUnit attribute_table = 6; repeated Stack stack_table = 7; }
message ProfilesData { repeated ResourceProfiles resource_profiles = 1; ProfilesDictionary dictionary = 2; }
"""


def tables(first, attribute="KeyValue"):
    kinds = ["Mapping mapping", "Location location", "Function function", "Link link", "string string", attribute + " attribute"]
    rows = [f"repeated {kind}_table = {first + i};" for i, kind in enumerate(kinds)]
    return "\n".join(rows + [f"repeated AttributeUnit attribute_units = {first + len(kinds)};"])


def old_profile(n, extra=""):
    return (f"message Profile {{ repeated ValueType sample_type = 1; repeated Sample samples = 2; {extra} "
            f"repeated int32 location_indices = {n[0]}; int64 time_unix_nano = {n[1]}; int64 duration_nano = {n[1] + 1}; "
            f"ValueType period_type = {n[1] + 2}; int64 period = {n[1] + 3}; }}")


NEW_PROFILE = """message Profile { ValueType sample_type = 1; repeated Sample samples = 2; fixed64 time_unix_nano = 3;
  uint64 duration_nano = 4; ValueType period_type = 5; int64 period = 6; repeated int32 attribute_indices = %d; %s }
message Sample { int32 stack_index = 1; repeated int32 attribute_indices = %d; int32 link_index = %d;
  repeated int64 values = %d; repeated fixed64 timestamps_unix_nano = 5; }
"""
OWN_TABLES = """repeated Mapping mapping_table = 3; repeated Location location_table = 4; repeated Function function_table = 6;
  repeated KeyValue attribute_table = 7; repeated AttributeUnit attribute_units = 8; repeated Link link_table = 9;
  repeated string string_table = 10;"""
SCHEMAS = {
    "1.4 or 1.5": OLD + old_profile((5, 11), OWN_TABLES) + "message ProfilesData { repeated ResourceProfiles resource_profiles = 1; }",
    "1.6": OLD + old_profile((3, 4)) + "message ProfilesData { repeated ResourceProfiles resource_profiles = 1; %s }" % tables(2),
    "1.7": OLD + old_profile((3, 4)) + "message ProfilesDictionary { %s }" % tables(1) +
           "message ProfilesData { repeated ResourceProfiles resource_profiles = 1; ProfilesDictionary dictionary = 2; }",
    "1.8": NEW + NEW_PROFILE % (12, "repeated int32 comment_strindices = 7;", 3, 4, 2),
    "1.9": NEW + NEW_PROFILE % (11, "bytes profile_id = 7;", 3, 4, 2),
    "1.10 or later": NEW + NEW_PROFILE % (11, "bytes profile_id = 7;", 2, 3, 4),
}


def message_class(scratch, schema):
    protoc = lib.tool("protoc", "protobuf-compiler")
    name = hashlib.sha1(schema.encode()).hexdigest()[:8]
    (scratch / f"{name}.proto").write_text(COMMON + schema)
    status, _, err = lib.run([protoc, f"--proto_path={scratch}", f"--descriptor_set_out={scratch}/set", f"{name}.proto"])
    if status:
        raise SystemExit(f"protoc: {err}")
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString((scratch / "set").read_bytes()).file:
        pool.Add(file)
    found = pool.FindMessageTypeByName("x.ProfilesData")
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(found)
    return message_factory.MessageFactory(pool).GetPrototype(found)


class Model:
    """What a message says, at random: stacks of functions, labels, values by (stack, labels)."""

    def __init__(self, rng):
        self.functions = [f"f{i}" for i in range(rng.randint(1, 6))]
        self.types = [("cpu", "nanoseconds"), ("samples", "count"), ("space", "bytes")][:rng.randint(1, 3)]
        self.labels = [("key%d" % rng.randint(0, 3), rng.choice([rng.randint(-5, 9), "text", "long" * 40])) for _ in range(4)]
        self.links = [bytes([i]) * 16 for i in range(1, 4)]
        self.samples = []
        for _ in range(rng.randint(1, 9)):
            stack = [rng.randrange(len(self.functions)) for _ in range(rng.randint(1, 5))]
            chosen = {self.labels[i][0]: i for i in rng.sample(range(4), rng.randint(0, 2))}
            values = [rng.choice([0, 1, 5, 1 << 40, -3]) for _ in self.types]
            self.samples.append((stack, sorted(chosen.values()), rng.randint(0, 3), values))

    def lines(self):
        """The samples as -raw shows them, sorted."""
        out = []
        for stack, labels, link, values in self.samples:
            texts = {key: value for key, value in (self.labels[i] for i in labels) if isinstance(value, str)}
            nums = {key: value for key, value in (self.labels[i] for i in labels) if not isinstance(value, str)}
            if link:
                texts["trace_id"] = self.links[link - 1].hex()
            out.append("|".join([" ".join(map(str, values)) + ": " + " ".join(str(f + 1) for f in stack)] +
                                [" ".join(f"{k}:[{v}]" for k, v in sorted(some.items())) for some in (texts, nums) if some]))
        return sorted(out)


def fill(model, message, name):
    """The message that says what the model holds, in the layout of this name."""
    scope = message.resource_profiles.add().scope_profiles.add()
    old = name in ("1.4 or 1.5", "1.6", "1.7")
    strings = [""] + model.functions + [word for pair in model.types for word in pair] + [key for key, _ in model.labels]
    profiles = [scope.profiles.add() for _ in (range(1) if old else model.types)]
    home = profiles[0] if name == "1.4 or 1.5" else message if name == "1.6" else message.dictionary
    home.string_table.extend(strings)
    home.mapping_table.add()
    home.function_table.add()
    home.location_table.add()
    home.link_table.add(trace_id=bytes(16), span_id=bytes(8))
    home.attribute_table.add()
    for trace in model.links:
        home.link_table.add(trace_id=trace)
    for i, _ in enumerate(model.functions, 1):
        home.function_table.add(name_strindex=i)
        home.location_table.add(address=i).lines.add(function_index=i)
    for key, value in model.labels:
        attribute = home.attribute_table.add()
        if old:
            attribute.key = key
        else:
            attribute.key_strindex = strings.index(key)
        if isinstance(value, str):
            attribute.value.string_value = value
        else:
            attribute.value.int_value = value
    if not old:
        home.stack_table.add()
    for stack, labels, link, values in model.samples:
        where = [f + 1 for f in stack]
        if not old:
            home.stack_table.add(location_indices=where)
        for column, profile in enumerate(profiles):
            sample = profile.samples.add(attribute_indices=[i + 1 for i in labels])
            if link or not old:
                sample.link_index = link
            sample.values.extend(values if old else values[column:column + 1])
            if old:
                sample.locations_start_index, sample.locations_length = len(profile.location_indices), len(where)
                profile.location_indices.extend(where)
            else:
                sample.stack_index = len(home.stack_table) - 1
    for column, (kind, unit) in enumerate(model.types):
        profile = profiles[0 if old else column]
        kind_of = profile.sample_type.add() if old else profile.sample_type
        kind_of.type_strindex, kind_of.unit_strindex = strings.index(kind), strings.index(unit)
        profile.time_unix_nano = 1700000000000000000
    return message


def shown(raw):
    samples, inside = [], False
    for line in raw.decode().split("\n"):
        if line.startswith("Locations"):
            break
        if inside and line.startswith("                "):
            samples[-1] += "|" + line.strip()
        elif inside:
            samples.append(" ".join(line.split()))
        inside |= "/" in line and not line.startswith(("PeriodType", "Time"))
    return sorted(samples)


def check_random(classes, n):
    rng = random.Random(int(lib.os.environ.get("OTLP_SEED", 7)))
    for i in range(n):
        model = Model(rng)
        name = rng.choice(sorted(classes))
        data = fill(model, classes[name](), name).SerializeToString()
        raw = lib.cpprof("-raw", "-", stdin=data)
        if raw is None or shown(raw) != model.lines():
            lib.fail(f"random message {i}, layout {name}", f"{raw and shown(raw)} instead of {model.lines()}")
            return i
        again = lib.cpprof("-raw", "-", stdin=lib.cpprof("-otlp", "-output=/dev/stdout", "-", stdin=data))
        if again != raw:
            lib.fail(f"random message {i}, layout {name}", "written and read again it differs")
    return n


def check_rules(profile, message):
    """What the protocol demands of a message."""
    d = message.dictionary
    for table in ("mapping", "location", "function", "link", "attribute", "stack"):
        if getattr(d, table + "_table")[0].ByteSize():
            lib.fail(profile, f"{table}_table[0] is not empty")
    if d.string_table[0]:
        lib.fail(profile, "string_table[0] is not empty")
    for name in ("string", "attribute", "link"):
        entries = [e if name == "string" else e.SerializeToString(deterministic=True) for e in getattr(d, name + "_table")]
        if len(entries) != len(set(entries)):
            lib.fail(profile, f"{name}_table has an entry twice")
    if any(len(link.trace_id) != 16 or len(link.span_id) != 8 for link in d.link_table[1:]):
        lib.fail(profile, "a link has ids of another length")
    for stack in d.stack_table:
        if any(not 0 < i < len(d.location_table) for i in stack.location_indices):
            lib.fail(profile, "a stack points nowhere")
    scope = message.resource_profiles[0].scope_profiles[0]
    if any(a.key or not 0 < a.key_strindex < len(d.string_table) for a in scope.scope.attributes):
        lib.fail(profile, "a key of the scope is not in the dictionary, where the collector looks for it")
    for one in scope.profiles:
        for sample in one.samples:
            if not 0 < sample.stack_index < len(d.stack_table) or len(sample.values) != 1:
                lib.fail(profile, "a sample points nowhere or has not one value")


def check_profile(profile, message):
    data = lib.cpprof("-otlp", "-output=/dev/stdout", profile)
    text = lib.cpprof("-otlp_json", profile)
    if data is None or text is None:
        return 0
    theirs = message.FromString(data)
    check_rules(profile, theirs)
    if theirs.SerializeToString() != data:
        lib.fail(profile, "their library writes it in another way")
    ids = "traceId" in text.decode() and any(link.trace_id.strip(b"\0") for link in theirs.dictionary.link_table)
    if not ids:  # OTLP's JSON has ids in hex, protobuf's in base64
        parsed = json_format.Parse(text.decode(), message(), ignore_unknown_fields=False)
        del parsed.dictionary.link_table[:]
        del theirs.dictionary.link_table[:]
        if parsed != theirs:
            lib.fail(profile, "JSON and message differ")
    return 1


def check(scratch):
    classes = {name: message_class(scratch, schema) for name, schema in SCHEMAS.items()}
    n = sum(check_profile(profile, classes["1.10 or later"]) for profile in lib.profiles())
    n_random = check_random(classes, int(lib.os.environ.get("OTLP_RANDOM", 100)))
    return f"{n} profiles read by Google's protobuf, {n_random} random messages of {len(classes)} layouts read by us"


lib.main(check)
