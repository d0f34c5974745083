/* The manifests of tests/data, which its README describes. */
#ifndef MANIFEST_H
#define MANIFEST_H

#include "check.h"
#include "sha256.h"

enum { MAX_COLUMNS = 10, MAX_DIMS = 254 };

/* Dimensions, or a slice's starts and lengths. */
struct dims {
    size_t rank;
    int64_t first[MAX_DIMS];
    int64_t second[MAX_DIMS];
};

/* A manifest, of which one row is at hand. */
struct manifest {
    FILE *file;
    char *line;
    size_t capacity;
    int columns;
    char *column[MAX_COLUMNS];
};

/* Opens one of the files of a folder: "manifest.tsv". */
void manifest_open(struct manifest *manifest, const char *folder, const char *name);
/* Goes to the next row; false behind the last. */
bool manifest_next(struct manifest *manifest);
/* Whether the row at hand is of that kind. */
bool manifest_is(const struct manifest *manifest, const char *kind);
void manifest_close(struct manifest *manifest);

/* Undoes the escapes of a name in place, and returns its length. */
size_t unescape(char *name);
/* Parses "[2,3]" into first. */
void parse_shape(const char *shape, struct dims *dims);
/* Parses "0,3:-" into first (starts) and second (lengths). */
void parse_slice(const char *spec, struct dims *dims);
/* Whether a word is among those between the bars. */
bool is_among(const char *word, const char *words);

/* The SHA-256 of a tensor's content, as tests/data/README.md defines it. */
void digest_bytes(const void *data, size_t size, char hex[65]);
void digest_strings(const tfckpt_strings *strings, char hex[65]);

#endif
