#include "driver/examples.h"

#include "base/text.h"

const struct example example_table[] = {
    {"cpprof -top cpu.pb.gz", "the hot functions", true},
    {"cpprof -top -cum -focus=parse cpu.pb.gz", "what parse costs with its callees", true},
    {"cpprof -top -sample_index=alloc_space heap.pb.gz", "what was allocated, by function", true},
    {"cpprof -top -diff_base=old.pb.gz new.pb.gz", "what became slower", true},
    {"cpprof -gate -base=old.pb.gz new.pb.gz", "whether it got worse, as an exit status", true},
    {"cpprof -top -json cpu.pb.gz", "the same table for a program", true},
    {"cpprof -proto -output=all.pb.gz a.pb.gz b.pb.gz", "merged", true},
    {"cpprof cpu.pb.gz", "one command after the other", true},
    {"cpprof -top -lines -nodecount=20 cpu.pb.gz", "the twenty hottest lines", false},
    {"cpprof -top -files cpu.pb.gz", "cost by source file", false},
    {"cpprof -top -tagfocus=handler=/search cpu.pb.gz", "what one handler costs", false},
    {"cpprof -top -unit=ms -noinlines cpu.pb.gz", "inlined calls counted as their caller, in ms",
     false},
    {"cpprof -tree -focus=parse cpu.pb.gz", "callers and callees of all that passes through parse",
     false},
    {"cpprof -peek=parse cpu.pb.gz", "who calls parse, and what parse calls", false},
    {"cpprof -list=parse -source_path=src cpu.pb.gz", "its source with the cost of each line",
     false},
    {"cpprof -disasm=parse ./program cpu.pb.gz", "its instructions with the cost of each", false},
    {"cpprof -weblist=parse cpu.pb.gz", "source and instructions, in a browser", false},
    {"cpprof -http=: cpu.pb.gz", "all of it in a browser", false},
    {"cpprof -html -output=cpu.html cpu.pb.gz", "the same as one file, for a mail", false},
    {"cpprof -flame -depth=12 cpu.pb.gz", "a call tree with bars, in the terminal", false},
    {"cpprof -svg -output=cpu.svg cpu.pb.gz", "the graph as a picture, by graphviz", false},
    {"cpprof -dot -nodecount=40 cpu.pb.gz | dot -Tpng >cpu.png", "the same, drawn by hand", false},
    {"cpprof -diff -base=old.pb.gz new.pb.gz", "what changed, function by function", false},
    {"cpprof -gate=RULES -base=old.pb.gz new.pb.gz",
     "the same as exit status, by rules of one's own", false},
    {"cpprof -gate -junit -output=gate.xml -base=old.pb.gz new.pb.gz", "for a CI that reads JUnit",
     false},
    {"cpprof -tags heap.pb.gz", "the labels and what they cost", false},
    {"cpprof -traces cpu.pb.gz", "every stack with its value", false},
    {"cpprof -symbols ./program cpu.prof", "why names are missing", false},
    {"cpprof -top ./program cpu.prof", "names from a program that the profile does not name",
     false},
    {"cpprof -folded cpu.pb.gz | flamegraph.pl >cpu.svg", "for the flame graph tools", false},
    {"cpprof -speedscope -output=cpu.json cpu.pb.gz", "for speedscope.app", false},
    {"cpprof -callgrind -output=callgrind.out cpu.pb.gz", "for kcachegrind", false},
    {"cpprof -samples -ndjson cpu.pb.gz", "a row a sample, for ClickHouse or DuckDB", false},
    {"cpprof -preprofile -output=default.pgo cpu.pb.gz", "for go build -pgo, read faster", false},
    {"cpprof -raw cpu.pb.gz", "everything that the file holds, as text", false},
    {"cpprof -top -seconds=10 http://localhost:6060", "ten seconds of a Go server", false},
    {"cpprof -top -symbolize=force ./program cpu.pb.gz", "names looked up again", false},
    {"cpprof -top -output=top.txt cpu.pb.gz", "into a file, whole or not at all", false},
    {NULL, NULL, false},
};

bool example_uses(const struct example *e, struct pp_str name) {
    struct pp_str rest = pp_str_from(e->command), word;
    while (text_next_word(&rest, &word)) {
        const char *equals = word.len ? memchr(word.data, '=', word.len) : NULL;
        size_t end = equals ? (size_t)(equals - word.data) : word.len;
        if (word.data[0] == '-' && pp_str_eq(pp_str_slice(word, 1, end), name)) return true;
    }
    return false;
}
