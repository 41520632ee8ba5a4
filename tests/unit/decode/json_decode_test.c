/* profile.proto as JSON. */
#include "decode_text.h"

static const struct decode_case cases[] = {
    {"as protojson writes it",
     BYTES("{\"sampleType\":[{\"type\":\"1\",\"unit\":\"2\"}],\"sample\":[{\"locationId\":[\"1\","
           "\"7\"],\"value\":[\"-5\"],\"label\":[{\"key\":\"3\",\"num\":\"9\",\"numUnit\":\"4\"},{"
           "\"key\":\"3\",\"str\":\"2\"}]}],\n"
           "\"mapping\":[{\"id\":\"1\",\"memoryStart\":\"4194304\",\"memoryLimit\":"
           "\"18446744073709551615\",\"filename\":\"5\",\"hasFunctions\":true}],\n"
           "\"location\":[{\"id\":\"7\",\"mappingId\":\"1\",\"address\":\"0\"},{\"id\":\"1\","
           "\"mappingId\":\"1\",\"address\":\"4194305\",\"isFolded\":true,\"line\":[{"
           "\"functionId\":\"1\",\"line\":\"3\",\"column\":\"4\"}]}],\n"
           "\"function\":[{\"id\":\"1\",\"name\":\"6\",\"systemName\":\"6\",\"filename\":\"5\","
           "\"startLine\":\"2\"}],\n"
           "\"stringTable\":[\"\",\"cpu\",\"ns\",\"key\",\"kB\",\"/bin/"
           "app\",\"f\\u00e9\\ud83d\\ude00\\n\\\"\\\\\\/"
           "\"],\"timeNanos\":\"0\",\"durationNanos\":null,\"periodType\":{\"type\":\"1\","
           "\"unit\":\"2\"},\"period\":\"100\",\"comment\":[\"3\"],\"defaultSampleType\":\"1\"}"),
     "Comment: key\n"
     "PeriodType: cpu ns\n"
     "Period: 100\n"
     "Samples:\n"
     "cpu/ns[dflt]\n"
     "         -5: 1 7 \n"
     "                key:[ns]\n"
     "                key:[9 kB]\n"
     "Locations\n"
     "     7: 0x0 M=1 \n"
     "     1: 0x400001 M=1 [F] fé😀\n"
     "\"\\/ /bin/app:3:4 s=2\n"
     "Mappings\n"
     "1: 0x400000/0xffffffffffffffff/0x0 /bin/app  [FN]\n"},
    {"names of the schema, numbers as numbers, an unknown member",
     BYTES("{ \"unknown\" : [1, {\"a\": [true, false, null, \"]}\"]}], \"sample_type\": [ "
           "{\"type\": 1, \"unit\": 2.0} ],\n"
           "  \"sample\": [ {\"location_id\": [1], \"value\": [1e3]} ], \"location\": [ {\"id\": "
           "1, \"address\": 15} ],\n"
           "  \"string_table\": [\"\", \"cpu\", \"ns\"] }\n"),
     "PeriodType:  \n"
     "Period: 0\n"
     "Samples:\n"
     "cpu/ns\n"
     "       1000: 1 \n"
     "Locations\n"
     "     1: 0xf \n"
     "Mappings\n"},
    {"other JSON", BYTES("{\"version\": \"1.0\", \"stackFrames\": []}"),
     "error: unrecognized format"},
    {"an empty object", BYTES("{}"), "error: unrecognized format"},
    {"cut off",
     BYTES("{\"sampleType\":[{\"type\":\"1\",\"unit\":\"2\"}],\"sample\":[{\"locationId\":[\"1\","
           "\"7\"],\"value\":[\"-5\"],\"label\":[{\"key\":\"3\",\"num\":\"9\",\"numUnit\":\"4\"},{"
           "\"key\":\"3\",\"str\":\"2\"}]}],\n"
           "\"mapping\":[{\"id\":\"1\",\"memoryStart\":\"4194304\",\"memoryLimit\":"
           "\"18446744073709551615\",\"filename\":\"5\",\"hasFunctions\":true}],\n"
           "\"location\":[{\"id\":\"7\",\"mappingId\":\"1\",\"address\":\"0\"},{\"id\":\"1\","
           "\"mappingId\":\"1\",\"address\":\"4194305\",\"isFolded\":true,\"line\":[{"
           "\"functionId\":\"1\",\"line\":\"3\",\"column\":\"4\"}]}],\n"
           "\"function\":[{\"id\":\"1\",\"name\":\"6\",\"systemName\":\"6\",\"filename\":\"5\","
           "\"startLine\":\"2\"}],\n"
           "\"stringTable\":[\"\",\"cpu\",\"ns\",\"key\",\"kB\",\"/bin/"
           "app\",\"f\\u00e9\\ud83d\\ude00\\n\\\"\\\\\\/"
           "\"],\"timeNanos\":\"0\",\"durationNanos\":null,\"periodType\":{\"type\":\"1\","
           "\"unit\":\"2\"},\"period\":\"100\",\"comment\":[\"3\"],\"defaultSampleType\":\""),
     "error: malformed input"},
    {"text after the end",
     BYTES("{\"sampleType\":[{\"type\":\"1\",\"unit\":\"2\"}],\"sample\":[{\"locationId\":[\"1\","
           "\"7\"],\"value\":[\"-5\"],\"label\":[{\"key\":\"3\",\"num\":\"9\",\"numUnit\":\"4\"},{"
           "\"key\":\"3\",\"str\":\"2\"}]}],\n"
           "\"mapping\":[{\"id\":\"1\",\"memoryStart\":\"4194304\",\"memoryLimit\":"
           "\"18446744073709551615\",\"filename\":\"5\",\"hasFunctions\":true}],\n"
           "\"location\":[{\"id\":\"7\",\"mappingId\":\"1\",\"address\":\"0\"},{\"id\":\"1\","
           "\"mappingId\":\"1\",\"address\":\"4194305\",\"isFolded\":true,\"line\":[{"
           "\"functionId\":\"1\",\"line\":\"3\",\"column\":\"4\"}]}],\n"
           "\"function\":[{\"id\":\"1\",\"name\":\"6\",\"systemName\":\"6\",\"filename\":\"5\","
           "\"startLine\":\"2\"}],\n"
           "\"stringTable\":[\"\",\"cpu\",\"ns\",\"key\",\"kB\",\"/bin/"
           "app\",\"f\\u00e9\\ud83d\\ude00\\n\\\"\\\\\\/"
           "\"],\"timeNanos\":\"0\",\"durationNanos\":null,\"periodType\":{\"type\":\"1\","
           "\"unit\":\"2\"},\"period\":\"100\",\"comment\":[\"3\"],\"defaultSampleType\":\"1\"}}"),
     "error: malformed input"},
    {"a string that does not exist", BYTES("{\"stringTable\":[\"\"],\"defaultSampleType\":\"9\"}"),
     "error: malformed input"},
    {"a string where an integer belongs", BYTES("{\"stringTable\":[\"\"],\"period\":\"x\"}"),
     "error: malformed input"},
    {"a fraction", BYTES("{\"stringTable\":[\"\"],\"period\":1.5}"), "error: malformed input"},
    {"a negative id", BYTES("{\"stringTable\":[\"\"],\"location\":[{\"id\":-1}]}"),
     "error: malformed input"},
    {"a negative id with an exponent",
     BYTES("{\"stringTable\":[\"\"],\"location\":[{\"id\":-1e0}]}"), "error: malformed input"},
    {"an integer with a NUL", BYTES("{\"stringTable\":[\"\"],\"period\":\"1e3\\u0000\"}"),
     "error: malformed input"},
    {"an integer of 65 bits",
     BYTES("{\"stringTable\":[\"\"],\"location\":[{\"id\":\"18446744073709551616\"}]}"),
     "error: malformed input"},
    {"null in an array", BYTES("{\"stringTable\":[\"\",null]}"), "error: malformed input"},
    {"a broken escape", BYTES("{\"stringTable\":[\"\",\"\\u00\"]}"), "error: malformed input"},
};

DECODE_TEST(decodes, cases)
