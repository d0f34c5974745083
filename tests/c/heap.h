/* How much of the heap is taken, by the test and the library together. */
#ifndef HEAP_H
#define HEAP_H

#include <stddef.h>

/* Forgets earlier peaks. */
void heap_begin(void);

/* The most that was taken at once since, over what was taken then; 0 where a
 * sanitizer or valgrind has the heap. */
size_t heap_peak(void);

#endif
