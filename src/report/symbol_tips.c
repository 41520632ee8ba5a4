/* A text a code. In it %a is what the tip is about, %n and %m its numbers. */
#include "report/symbol_tips.h"

#include "base/out.h"

static const char *const texts[] = {
    [TIP_UNUSED] = "No location of the profile is in it.",
    [TIP_PRESENT] = "The profile came with names; -symbolize=force looks them up again.",
    [TIP_OFF] = "Local symbolization is switched off by -symbolize.",
    [TIP_NO_FILE] =
        "The profile does not name the file: give the binary before the profile; or, if it is code "
        "that was made at run time, -perf_map=FILE.",
    [TIP_MEMORY] = "Memory without a file: if a just-in-time compiler put code there, let it write "
                   "/tmp/perf-PID.map and give -perf_map=FILE.",
    [TIP_PAGES] = "Pages of the kernel's in the process: there is no file to read.",
    [TIP_KERNEL] =
        "Code of the kernel: names of the one that runs here are read where /proc/kallsyms shows "
        "addresses (as root, or with kernel.kptr_restrict=0). Else put its vmlinux, or a module's "
        ".ko, under PPROF_BINARY_PATH as BUILD-ID/NAME, install its debug package, or give vmlinux "
        "before the profile.",
    [TIP_SOME_KERNEL] =
        "Code of a kernel, and no build id tells which: put its list of symbols (/proc/kallsyms, "
        "read there as root) under PPROF_BINARY_PATH as %a.",
    [TIP_KERNEL_LINES] = "For lines and inlined calls install the kernel's debug package.",
    [TIP_PERF_MAP_GONE] =
        "Code that was made at run time; that file has its names: keep it, with the profile, while "
        "the process runs, and give -perf_map=FILE.",
    [TIP_PERF_MAP_GAPS] =
        "What the map lacks was made after it was written, or is no code of this process.",
    [TIP_REMOTE] = "The mapping names the server: give the binary before the profile.",
    [TIP_UNREADABLE] =
        "Put the binary under PPROF_BINARY_PATH, as BUILD-ID/NAME or NAME, or give it before the "
        "profile.",
    [TIP_WRONG_BUILD] = "Find the file of this build id; -symbolize=force uses the other one.",
    [TIP_BROKEN_DWARF] = "Its DWARF is of no use: %a.",
    [TIP_SPLIT_MISSING] =
        "%n units have their DWARF in .dwo files that were not found: keep them beside the binary, "
        "where they were built, or packed as BINARY.dwp.",
    [TIP_DWZ_MISSING] = "Some names are in the dwz file %a, which is not here: install it. Until "
                        "then inlined calls "
                        "count as their callers.",
    [TIP_SOME_LINES] =
        "Addresses without lines are in code that was built without -g, or in stubs.",
    [TIP_NO_LINES] = "For lines and inlined calls build with -g, or install its debug package.",
    [TIP_STRIPPED] = "It is stripped: install its debug package (-dbgsym), or build with -g and "
                     "keep the symbols.",
    [TIP_NO_PROGRAM] =
        "Only the debug file is here: names and lines are known, but not the code for -disasm.",
    [TIP_BEHIND] = "They begin %n bytes behind the mapping of %a. If it is that program's code, "
                   "the profile's mapping "
                   "covers only a part of it: a profiler must write each executable mapping.",
    [TIP_NO_MAPPING] = "In no mapping. If a just-in-time compiler made the code, let it write "
                       "/tmp/perf-PID.map and "
                       "give -perf_map=FILE. If a library was unloaded before the profile was "
                       "written, keep it loaded (no dlclose).",
    [TIP_NEWER] = "The file was changed after the profile was taken, and no build id says that it "
                  "is the same: if it "
                  "was built again, names are another build's.",
    [TIP_MISFIT] = "%n of %m addresses are in no function: is this the build that ran?",
    [TIP_OTHER_SIZE] = "The mapping has %n bytes, the file's code %m: is this the build that ran?",
    [TIP_NO_STACK] = "%n of %m samples have no stack: no report can say where they are.",
};

struct pp_str symbol_tip_text(const struct symbol_tip *tip, struct pp_arena *arena) {
    struct out o;
    out_open_memory(&o);
    for (const char *at = texts[tip->code]; *at; at++) {
        if (*at != '%')
            out_char(&o, *at);
        else if (*++at == 'a')
            out_str(&o, tip->about);
        else
            out_printf(&o, "%llu", (unsigned long long)(*at == 'n' ? tip->n : tip->of));
    }
    struct pp_str text = pp_arena_copy(arena, out_text(&o));
    out_close(&o, NULL);
    return text;
}
