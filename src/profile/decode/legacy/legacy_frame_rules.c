/* Legacy profiles say nothing about frames of the profiler itself, so every reader brings
 * expressions for them. These give the same language and, since -proto writes them, the same text
 * as those that google/pprof brings. */
#include "profile/decode/legacy/legacy.h"

static const char cpu_drop[] = "ProfileData::Add|ProfileData::prof_handler"
                               "|CpuProfiler::prof_handler|__pthread_sighandler|__restore";

static const char lock_drop[] =
    "RecordLockProfileData|(base::)?RecordLockProfileData.*|(base::)?SubmitMutexProfileData.*"
    "|(base::)?SubmitSpinLockProfileData.*|(base::Mutex::)?AwaitCommon.*|(base::Mutex::)?Unlock.*"
    "|(base::Mutex::)?UnlockSlow.*|(base::Mutex::)?ReaderUnlock.*|(base::MutexLock::)?~MutexLock.*"
    "|(Mutex::)?AwaitCommon.*|(Mutex::)?Unlock.*|(Mutex::)?UnlockSlow.*|(Mutex::)?ReaderUnlock.*"
    "|(MutexLock::)?~MutexLock.*|(SpinLock::)?Unlock.*|(SpinLock::)?SlowUnlock.*"
    "|(SpinLockHolder::)?~SpinLockHolder.*";

static const char heap_drop[] =
    "calloc|cfree|malloc|free|memalign|do_memalign|(__)?posix_memalign|pvalloc|valloc|realloc"
    "|tcmalloc::.*|tc_calloc|tc_cfree|tc_malloc|tc_free|tc_memalign|tc_posix_memalign|tc_pvalloc"
    "|tc_valloc|tc_realloc|tc_new|tc_delete|tc_newarray|tc_deletearray|tc_new_nothrow"
    "|tc_newarray_nothrow|malloc_zone_malloc|malloc_zone_calloc|malloc_zone_valloc"
    "|malloc_zone_realloc|malloc_zone_memalign|malloc_zone_free|runtime\\..*|BaseArena::.*"
    "|(::)?do_malloc_no_errno|(::)?do_malloc_pages|(::)?do_malloc|DoSampledAllocation"
    "|MallocedMemBlock::MallocedMemBlock|_M_allocate|__builtin_(vec_)?delete|__builtin_(vec_)?new"
    "|__gnu_cxx::new_allocator::allocate|__libc_malloc|__malloc_alloc_template::allocate|allocate"
    "|cpp_alloc|operator new(\\[\\])?|simple_alloc::allocate";

static const char heap_keep[] = "runtime\\.panic|runtime\\.reflectcall|runtime\\.call[0-9]*";

static const struct rule {
    const char *types; /* of the samples, separated by blanks */
    const char *drop, *keep;
} rule_table[] = {
    {"allocations size", heap_drop, heap_keep},
    {"objects space", heap_drop, heap_keep},
    {"inuse_objects inuse_space", heap_drop, heap_keep},
    {"alloc_objects alloc_space", heap_drop, heap_keep},
    {"alloc_objects alloc_space inuse_objects inuse_space", heap_drop, heap_keep},
    {"contentions delay", lock_drop, ""},
};

static bool has_types(const struct profile_builder *b, const char *types) {
    struct pp_str rest = pp_str_from(types);
    for (uint32_t i = 0; i < b->p.n_types; i++) {
        struct pp_str type = builder_text(b, b->p.sample_types[i].type);
        if (!pp_str_has_prefix(rest, type)) return false;
        rest = pp_str_slice(rest, type.len, rest.len);
        if (rest.len && rest.data[0] != ' ') return false;
        if (rest.len)
            rest = pp_str_slice(rest, 1, rest.len);
        else if (i + 1 < b->p.n_types)
            return false;
    }
    return rest.len == 0;
}

void legacy_set_frame_rules(struct profile_builder *b, const char *more_drop) {
    struct rule rule = {"", cpu_drop, ""};
    for (size_t i = 0; i < sizeof rule_table / sizeof *rule_table; i++)
        if (has_types(b, rule_table[i].types)) rule = rule_table[i];
    struct pp_str drop = pp_str_from(rule.drop);
    if (more_drop) drop = pp_arena_printf(b->arena, "%s|%s", rule.drop, more_drop);
    b->p.drop_frames = builder_string(b, drop);
    b->p.keep_frames = builder_string(b, pp_str_from(rule.keep));
}
