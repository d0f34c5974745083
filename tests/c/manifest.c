#define _POSIX_C_SOURCE 200809L

#include "manifest.h"

void manifest_open(struct manifest *manifest, const char *folder, const char *name) {
    char *path = text("%s/%s", folder, name);
    memset(manifest, 0, sizeof *manifest);
    manifest->file = fopen(path, "r");
    if (manifest->file == NULL) fail(__FILE__, __LINE__, "cannot open %s", path);
    free(path);
}

bool manifest_next(struct manifest *manifest) {
    ssize_t length = getline(&manifest->line, &manifest->capacity, manifest->file);
    if (length < 0) return false;
    manifest->line[strcspn(manifest->line, "\n")] = '\0';
    manifest->columns = 0;
    char *next = manifest->line;
    while (next != NULL && manifest->columns < MAX_COLUMNS) {
        manifest->column[manifest->columns++] = next;
        next = strchr(next, '\t');
        if (next != NULL) *next++ = '\0';
    }
    return true;
}

bool manifest_is(const struct manifest *manifest, const char *kind) {
    return strcmp(manifest->column[0], kind) == 0;
}

void manifest_close(struct manifest *manifest) {
    fclose(manifest->file);
    free(manifest->line);
}

static int hex_digit(char digit) {
    return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

size_t unescape(char *name) {
    char *to = name;
    for (const char *from = name; *from != '\0'; to++) {
        if (*from != '\\') {
            *to = *from++;
            continue;
        }
        *to = (char)(hex_digit(from[2]) * 16 + hex_digit(from[3]));
        from += 4;
    }
    *to = '\0';
    return (size_t)(to - name);
}

void parse_shape(const char *shape, struct dims *dims) {
    dims->rank = 0;
    for (char *next = (char *)shape + 1; *next != ']';) {
        dims->first[dims->rank++] = strtoll(next, &next, 10);
        if (*next == ',') next++;
    }
}

void parse_slice(const char *spec, struct dims *dims) {
    dims->rank = 0;
    for (char *next = (char *)spec; *next != '\0';) {
        bool whole = *next == '-';
        dims->first[dims->rank] = whole ? 0 : strtoll(next, &next, 10);
        dims->second[dims->rank++] = whole ? -1 : strtoll(next + 1, &next, 10);
        if (whole) next++;
        if (*next == ':') next++;
    }
}

bool is_among(const char *word, const char *words) {
    size_t length = strlen(word);
    for (const char *next = words; next != NULL; next = strchr(next, '|')) {
        next += *next == '|';
        if (strncmp(next, word, length) == 0 && (next[length] == '\0' || next[length] == '|')) {
            return true;
        }
    }
    return false;
}

void digest_bytes(const void *data, size_t size, char hex[65]) {
    struct sha256 sha;
    sha256_begin(&sha);
    sha256_add(&sha, data, size);
    sha256_end(&sha, hex);
}

void digest_strings(const tfckpt_strings *strings, char hex[65]) {
    struct sha256 sha;
    const int64_t *offsets = tfckpt_strings_offsets(strings);
    const char *data = tfckpt_strings_data(strings);
    sha256_begin(&sha);
    for (int64_t i = 0; i < tfckpt_strings_count(strings); i++) {
        uint64_t length = (uint64_t)(offsets[i + 1] - offsets[i]);
        uint8_t bytes[8];
        for (int j = 0; j < 8; j++) bytes[j] = (uint8_t)(length >> 8 * j);
        sha256_add(&sha, bytes, 8);
        sha256_add(&sha, data + offsets[i], (size_t)length);
    }
    sha256_end(&sha, hex);
}
