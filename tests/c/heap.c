/* A program's own malloc stands in for that of the C library in every library that
 * it loads; this one counts and passes on. */
#include "heap.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>

/* The C library's, under their other names. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

static atomic_size_t taken, peak, begin;

static void *note(void *memory) {
    size_t size = memory == NULL ? 0 : malloc_usable_size(memory);
    size_t now = atomic_fetch_add(&taken, size) + size;
    size_t last = atomic_load(&peak);
    while (now > last && !atomic_compare_exchange_weak(&peak, &last, now)) {
    }
    return memory;
}

static void forget(void *memory) {
    if (memory != NULL) atomic_fetch_sub(&taken, malloc_usable_size(memory));
}

void *malloc(size_t size) { return note(__libc_malloc(size)); }

void *calloc(size_t count, size_t size) { return note(__libc_calloc(count, size)); }

void *realloc(void *memory, size_t size) {
    size_t before = memory == NULL ? 0 : malloc_usable_size(memory);
    void *moved = __libc_realloc(memory, size);
    if (moved != NULL || size == 0) atomic_fetch_sub(&taken, before);
    return moved == NULL ? NULL : note(moved);
}

void *memalign(size_t alignment, size_t size) { return note(__libc_memalign(alignment, size)); }

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **out, size_t alignment, size_t size) {
    void *memory = memalign(alignment, size);
    if (memory == NULL) return ENOMEM;
    *out = memory;
    return 0;
}

void free(void *memory) {
    forget(memory);
    __libc_free(memory);
}

void heap_begin(void) {
    atomic_store(&begin, atomic_load(&taken));
    atomic_store(&peak, atomic_load(&taken));
}

size_t heap_peak(void) { return atomic_load(&peak) - atomic_load(&begin); }
