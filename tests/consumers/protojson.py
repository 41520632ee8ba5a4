#!/usr/bin/env python3
"""Protobuf JSON, written and read, against Google's own protobuf (protoc and its Python library).

The schema is ours with its string table as strings, which makes it google/pprof's."""
import gzip
import json

import lib

lib.with_module("google.protobuf", "python3-protobuf")
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory  # noqa: E402


def message_class(scratch):
    protoc = lib.tool("protoc", "protobuf-compiler")
    ours = (lib.ROOT / "src/profile/profile.proto").read_text()
    theirs = ours.replace("bytes string_table", "string string_table").replace("cpprof.wire", "perftools.profiles")
    (scratch / "profile.proto").write_text(theirs)
    status, _, err = lib.run([protoc, f"--proto_path={scratch}", f"--descriptor_set_out={scratch}/set", "profile.proto"])
    if status:
        raise SystemExit(f"protoc: {err}")
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString((scratch / "set").read_bytes()).file:
        pool.Add(file)
    found = pool.FindMessageTypeByName("perftools.profiles.Profile")
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(found)
    return message_factory.MessageFactory(pool).GetPrototype(found)


def check_profile(profile, message):
    wire = lib.cpprof("-proto", "-output=/dev/stdout", profile)
    ours = lib.cpprof("-protojson", profile)
    if wire is None or ours is None:
        return 0
    wire = gzip.decompress(wire)
    raw = lib.cpprof("-raw", "-", stdin=wire)
    try:
        wanted = message.FromString(wire)
    except Exception:  # names that are no UTF-8, which JSON can't hold
        check_names(profile, wire, ours)
        return 1
    theirs = json_format.MessageToJson(wanted).encode()
    if json_format.Parse(ours.decode(), message()) != wanted:
        lib.fail(profile, "their library reads ours as another profile")
    if json.loads(ours) != json.loads(theirs):
        lib.fail(profile, "ours differs from theirs")
    for form in (ours, theirs, json.dumps(json.loads(theirs)).encode(),
                 json_format.MessageToJson(wanted, preserving_proto_field_name=True).encode()):
        if lib.cpprof("-raw", "-", stdin=form) != raw:
            lib.fail(profile, "reads back as another profile")
    return 1


def check_names(profile, wire, ours):
    raw = lib.cpprof("-raw", "-", stdin=wire).decode(errors="replace")
    again = lib.cpprof("-raw", "-", stdin=ours).decode()
    if "\ufffd" not in again or not lib.same_text(raw, again):
        lib.fail(profile, "differs in more than the bytes that are no UTF-8")


def check(scratch):
    message = message_class(scratch)
    return f"{sum(check_profile(profile, message) for profile in lib.profiles())} profiles"


lib.main(check)
