#include "page/labels.h"

void page_labels_init(struct page_labels *l, const struct kept_labels *kept) {
    *l = (struct page_labels){.kept = kept};
    pthread_mutex_init(&l->lock, NULL);
}

void page_labels_done(struct page_labels *l) {
    pthread_mutex_destroy(&l->lock);
    pp_arena_done(&l->arena);
}

const struct pp_profile *page_labels_of(struct page_labels *l, const struct pp_profile *p) {
    if (!l) return p;
    if (atomic_load_explicit(&l->ready, memory_order_acquire)) return &l->whole;
    pthread_mutex_lock(&l->lock);
    if (!atomic_load_explicit(&l->ready, memory_order_relaxed)) {
        l->whole = kept_labels_restore(l->kept, p, &l->arena);
        atomic_store_explicit(&l->ready, true, memory_order_release);
    }
    pthread_mutex_unlock(&l->lock);
    return &l->whole;
}
