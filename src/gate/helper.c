/* The table of helpers. Only what nobody writes a call of, or what the compiler calls for a plain
 * assignment, copy or comparison; never an allocator, a lock or a collector's own work. */
#include "gate/helper.h"

#include <stddef.h>

struct helper {
    const char *name;
    enum { WHOLE, PREFIX, SUFFIX } match;
};

static const struct helper table[] = {
    /* Go: preemption, growing stacks, write barriers, copies and comparisons of values */
    {"runtime.asyncPreempt", PREFIX},
    {"runtime.morestack", PREFIX},
    {"runtime.newstack", WHOLE},
    {"runtime.gcWriteBarrier", PREFIX},
    {"gcWriteBarrier", WHOLE},
    {"runtime.wbBufFlush", PREFIX},
    {"runtime.bulkBarrierPreWrite", PREFIX},
    {"runtime.typedmemmove", WHOLE},
    {"runtime.memmove", WHOLE},
    {"runtime.memclrNoHeapPointers", WHOLE},
    {"runtime.memequal", PREFIX},
    {"runtime.duffcopy", WHOLE},
    {"runtime.duffzero", WHOLE},
    {"runtime.gcAssistAlloc", WHOLE},
    {"runtime.deductAssistCredit", WHOLE},
    {"runtime.racefuncenter", WHOLE},
    {"runtime.racefuncexit", WHOLE},
    {"runtime.panicIndex", WHOLE},
    /* C and C++: stubs of the linker, hooks of profilers and hardening, copies of values */
    {"@plt", SUFFIX},
    {".plt", SUFFIX},
    {"_mcount", WHOLE},
    {"mcount", WHOLE},
    {"__mcount", WHOLE},
    {"__fentry__", WHOLE},
    {"__cyg_profile_func_enter", WHOLE},
    {"__cyg_profile_func_exit", WHOLE},
    {"__stack_chk_fail", WHOLE},
    {"__tls_get_addr", WHOLE},
    {"_dl_runtime_resolve", PREFIX},
    {"memcpy", WHOLE},
    {"memmove", WHOLE},
    {"memset", WHOLE},
    {"__memcpy_", PREFIX},
    {"__memmove_", PREFIX},
    {"__memset_", PREFIX},
    {"__x86_return_thunk", WHOLE},
    {"__x86_indirect_thunk_", PREFIX},
    {"__udivti3", WHOLE},
    {"__umodti3", WHOLE},
    /* Rust */
    {"__rust_probestack", WHOLE},
    {"compiler_builtins::mem::", PREFIX},
    /* The JVM: stubs that HotSpot makes */
    {"vtable stub", WHOLE},
    {"itable stub", WHOLE},
    {"_arraycopy", SUFFIX},
    {"checkcast_arraycopy_uninit", WHOLE},
    {"SafepointBlob", WHOLE},
    /* V8: barriers and checks of the engine */
    {"Builtins_RecordWrite", PREFIX},
    {"Builtins_StackCheck", PREFIX},
    {"Builtins_InterpreterEntryTrampoline", WHOLE},
};

bool gate_is_helper(struct pp_str function) {
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct pp_str name = pp_str_from(table[i].name);
        bool is_it = table[i].match == WHOLE    ? pp_str_eq(function, name)
                     : table[i].match == PREFIX ? pp_str_has_prefix(function, name)
                                                : pp_str_has_suffix(function, name);
        if (is_it) return true;
    }
    return false;
}
