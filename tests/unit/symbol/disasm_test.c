/* What objdump and llvm-objdump write, read. */
#include "test.h"

#include "symbol/disasm.h"

#include <stdio.h>

/* Each instruction as a line: address|text|function|file|line. */
static void check(const char *listing, const char *want) {
    struct pp_arena arena = {0};
    struct disasm_code code;
    disasm_parse(pp_str_from(listing), &code, &arena);
    char got[2000] = "";
    for (size_t i = 0; i < code.n; i++) {
        const struct disasm_inst *in = &code.insts[i];
        sprintf(got + strlen(got), "%llx|%.*s|%.*s|%.*s|%lld\n", (unsigned long long)in->address,
                PP_STR_ARG(in->text), PP_STR_ARG(in->function), PP_STR_ARG(in->file),
                (long long)in->line);
    }
    assert_string_equal(got, want);
    pp_arena_done(&arena);
}

static void reads_gnu(void **state) {
    (void)state;
    check("\n/bin/x:     file format elf64-x86-64\n\n\nDisassembly of section .text:\n\n"
          "0000000000001139 <main>:\nmain():\n/src/a.c:7\n    1139:\tpush   %rbp\n"
          "    113a:\tmov    %rsp,%rbp\n/src/a.c:8 (discriminator 2)\n    113d:\tret\n\t...\n"
          "    1140:\tnop\n",
          "1139|push   %rbp|main|/src/a.c|7\n113a|mov    %rsp,%rbp|main|/src/a.c|7\n"
          "113d|ret|main|/src/a.c|8\n1140|nop|||0\n");
}

static void reads_llvm(void **state) {
    (void)state;
    check("0000000000001139 <ns::f(int)>:\n; ns::f(int)():\n; /src/a.c:7\n"
          "    1139:      \tpushq\t%rbp\n; /src/b:2.h:9\n    113a: \tcallq\t0x40 <g+0x3>\n",
          "1139|pushq\t%rbp|ns::f(int)|/src/a.c|7\n"
          "113a|callq\t0x40 <g+0x3>|ns::f(int)|/src/b:2.h|9\n");
}

static void survives_anything_else(void **state) {
    (void)state;
    check("", "");
    check("1139:", "");
    check("11223344556677889: too long an address\n1: x\n", "1|x|||0\n");
    check(":\n()\n():\n;\n; \nf:99999999999\n 2:\ty", "2|y|||0\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_gnu),
        cmocka_unit_test(reads_llvm),
        cmocka_unit_test(survives_anything_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
