/* Every damaged checkpoint ends in the error that it should, with its place, and in
 * little memory.
 *
 *     test_hostile tests/data/hostile
 */
#define _DEFAULT_SOURCE

#include <sys/mman.h>

#include "heap.h"
#include "manifest.h"

/* What may be taken over the size of the files, none of which has a MiB. */
#define MAX_HEAP ((size_t)65 << 20)
/* Buffers larger than this are claimed, but not there: touching them is fatal. */
#define MAX_BUFFER ((size_t)1 << 20)

static const char *folder;
static int cases, tensors, errors;

/* The case at hand. */
static char *path;
static char *files;
static tfckpt_reader *reader;
static tfckpt_report *report;

static bool has_failed(tfckpt_status status) { return status != TFCKPT_OK; }

/* Checks that a status is one of those allowed, and an error's place. */
static void check_status(tfckpt_status status, const char *allowed) {
    if (!is_among(tfckpt_status_name(status), allowed)) {
        const char *message = has_failed(status) ? tfckpt_error_message(err) : "no error";
        fail(__FILE__, __LINE__, "%s and not %s: %s", tfckpt_status_name(status), allowed, message);
    }
    CHECK(has_failed(status) == (err != NULL));
}

static void check_place(const tfckpt_error *error) {
    const char *file = tfckpt_error_file(error);
    errors++;
    if (file == NULL) fail(__FILE__, __LINE__, "no file in '%s'", tfckpt_error_message(error));
    CHECK(strncmp(file, folder, strlen(folder)) == 0);
    if (!is_among(file + strlen(folder) + 1, files)) {
        fail(__FILE__, __LINE__, "'%s' names none of %s", tfckpt_error_message(error), files);
    }
}

static bool is_about(const tfckpt_error *error, const char *name) {
    size_t len;
    const char *tensor = tfckpt_error_tensor(error, &len);
    return tensor != NULL && len == strlen(name) && memcmp(tensor, name, len) == 0;
}

/* Goes through all tensors; the allowed statuses say the worst that is met. */
static void check_list(const char *allowed) {
    const tfckpt_tensor *tensor;
    tfckpt_cursor *cursor;
    int met = 0;
    OK(tfckpt_reader_list(reader, NULL, 0, &cursor, &err));
    for (int step = 0;; step++) {
        CHECK(step < 1000);
        forget_error();
        tfckpt_status status = tfckpt_cursor_next(cursor, &tensor, &err);
        if (status == TFCKPT_OK && tensor == NULL) break;
        if (status == TFCKPT_OK) continue;
        met++;
        check_status(status, allowed);
        check_place(err);
    }
    CHECK(met > 0 || is_among("OK", allowed));
    tfckpt_cursor_free(cursor);
}

/* Going by position ends well as well. */
static void check_positions(void) {
    int64_t count = 0;
    forget_error();
    if (has_failed(tfckpt_reader_count(reader, &count, &err))) check_place(err);
    for (int64_t i = 0; i < count; i++) {
        tfckpt_tensor *tensor = NULL;
        forget_error();
        if (has_failed(tfckpt_reader_tensor_at(reader, i, &tensor, &err))) check_place(err);
        tfckpt_tensor_free(tensor);
    }
}

static void check_verify(const char *allowed) {
    forget_error();
    tfckpt_status status = tfckpt_checkpoint_verify(path, NULL, &report, &err);
    if (has_failed(status)) {
        check_status(status, allowed);
        check_place(err);
        return;
    }
    int64_t count = tfckpt_report_problem_count(report);
    CHECK(tfckpt_report_is_ok(report) == (count == 0));
    CHECK(count > 0 || is_among("OK", allowed));
    for (int64_t i = 0; i < count; i++) {
        const tfckpt_error *problem = tfckpt_report_problem(report, i);
        CHECK(is_among(tfckpt_status_name(tfckpt_error_status(problem)), allowed));
        check_place(problem);
    }
}

/* A state file that leads nowhere is one error, whatever way it is asked. */
static void check_state(tfckpt_status opened, const char *wanted) {
    char *dir = text("%s", path);
    tfckpt_latest *latest = NULL;
    CHECK(strchr(wanted, '|') == NULL);
    check_status(opened, wanted);
    *strrchr(dir, '/') = '\0';
    forget_error();
    check_status(tfckpt_directory_latest(dir, NULL, &latest, &err), wanted);
    forget_error();
    check_status(tfckpt_directory_latest_valid(dir, NULL, &latest, &err), wanted);
    CHECK(latest == NULL);
    free(dir);
}

static void begin_case(struct manifest *row) {
    const char *kind = row->column[2];
    bool is_state = strcmp(kind, "state") == 0;
    cases++;
    testing("%s", row->column[1]);
    free(path);
    free(files);
    path = text("%s/%s", folder, row->column[3]);
    files = text("%s", row->column[7]);
    forget_error();
    tfckpt_status status = tfckpt_reader_open(path, NULL, &reader, &err);
    if (is_state) {
        check_state(status, row->column[5]);
        return;
    }
    check_status(status, row->column[4]);
    if (has_failed(status)) {
        check_place(err);
    } else {
        check_list(row->column[5]);
        check_positions();
    }
    check_verify(row->column[6]);
}

static void end_case(void) {
    tfckpt_reader_free(reader);
    tfckpt_report_free(report);
    reader = NULL;
    report = NULL;
}

/* Reads a tensor of a fixed element size, and digests it. */
static tfckpt_status read_plain(const char *name, size_t size, char hex[65]) {
    bool claimed = size > MAX_BUFFER;
    void *data = claimed ? mmap(NULL, size, PROT_NONE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
                         : take(size);
    /* Valgrind has no place for as much as some claim to be. */
    if (data == MAP_FAILED) return tfckpt_reader_check(reader, name, strlen(name), &err);
    size_t backed = 0;
    if (!has_failed(tfckpt_reader_read_size(reader, name, strlen(name), NULL, NULL, 0, &backed,
                                            NULL))) {
        CHECK(backed == size && !claimed);
    }
    tfckpt_status status =
        tfckpt_reader_read(reader, name, strlen(name), NULL, data, size, &err);
    if (!has_failed(status)) digest_bytes(data, size, hex);
    CHECK(tfckpt_reader_check(reader, name, strlen(name), NULL) == status);
    if (claimed) munmap(data, size);
    if (!claimed) free(data);
    return status;
}

static tfckpt_status read_strings(const char *name, char hex[65]) {
    tfckpt_strings *strings = NULL;
    tfckpt_status status =
        tfckpt_reader_read_strings(reader, name, strlen(name), NULL, &strings, &err);
    if (!has_failed(status)) digest_strings(strings, hex);
    tfckpt_strings_free(strings);
    return status;
}

static bool is_reported(const char *name) {
    for (int64_t i = 0; i < tfckpt_report_problem_count(report); i++) {
        const tfckpt_error *problem = tfckpt_report_problem(report, i);
        /* A part of the index that can't be read keeps the names in it to itself. */
        if (is_about(problem, name) || tfckpt_error_tensor(problem, NULL) == NULL) return true;
    }
    return false;
}

static void check_tensor(struct manifest *row) {
    const char *name = row->column[1], *info = row->column[2], *read = row->column[3];
    const char *digest = row->column[4];
    tfckpt_tensor *tensor = NULL;
    char hex[65];
    tensors++;
    forget_error();
    tfckpt_status status = tfckpt_reader_find(reader, name, strlen(name), &tensor, &err);
    check_status(status, info);
    if (has_failed(status)) check_place(err);

    int32_t dtype = tfckpt_tensor_dtype(tensor);
    int64_t size = tfckpt_tensor_byte_size(tensor);
    forget_error();
    status = dtype == TFCKPT_DT_STRING || dtype == TFCKPT_DT_VARIANT
                 ? read_strings(name, hex)
                 : read_plain(name, size < 0 ? 0 : (size_t)size, hex);
    check_status(status, read);
    if (has_failed(status)) {
        check_place(err);
        CHECK(is_about(err, name));
    } else {
        CHECK(strcmp(digest, "-") == 0 || strcmp(digest, hex) == 0);
    }
    if (report != NULL) CHECK(is_among("OK", read) || is_reported(name));
    tfckpt_tensor_free(tensor);
}

int main(int argc, char **argv) {
    struct manifest row;
    CHECK(argc == 2);
    folder = argv[1];
    manifest_open(&row, folder, "manifest.tsv");
    heap_begin();
    while (manifest_next(&row)) {
        if (manifest_is(&row, "case")) {
            end_case();
            begin_case(&row);
        } else if (reader != NULL) {
            check_tensor(&row);
        }
    }
    end_case();
    forget_error();
    manifest_close(&row);
    free(path);
    free(files);
    printf("%d cases, %d tensors, %d errors", cases, tensors, errors);
    if (heap_peak() > 0) printf(", %zu KiB of heap at most", heap_peak() >> 10);
    printf("\n");
    CHECK(cases > 100 && tensors > 300 && errors > 300);
    CHECK(heap_peak() < MAX_HEAP);
    return 0;
}
