/* What the parts of test_api share, and its main:
 *
 *     test_api tests/data SCRATCH
 */
#define _POSIX_C_SOURCE 200809L

#include "api.h"

#include <dirent.h>

const char *data_folder;
static const char *scratch_folder;

static const char *join(const char *folder, const char *name) {
    static char paths[6][1024];
    static int next;
    next = (next + 1) % 6;
    snprintf(paths[next], sizeof paths[next], "%s/%s", folder, name);
    return paths[next];
}

const char *scratch(const char *name) { return join(scratch_folder, name); }

const char *data(const char *name) { return join(data_folder, name); }

int count_files(const char *folder) {
    DIR *dir = opendir(folder);
    int count = 0;
    if (dir == NULL) return -1;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(dir);
    return count;
}

tfckpt_reader *open_reader(const char *path) {
    tfckpt_reader *reader;
    OK(tfckpt_reader_open(path, NULL, &reader, &err));
    return reader;
}

tfckpt_writer *create_writer(const char *prefix) {
    tfckpt_writer *writer;
    OK(tfckpt_writer_create(prefix, NULL, &writer, &err));
    return writer;
}

void finish_writer(tfckpt_writer *writer) {
    OK(tfckpt_writer_finish(writer, &err));
    tfckpt_writer_free(writer);
}

void check_bytes(const tfckpt_reader *reader, const char *name, const void *bytes, size_t size) {
    void *read = take(size);
    OK(tfckpt_reader_read(reader, name, strlen(name), NULL, read, size, &err));
    CHECK(size == 0 || memcmp(read, bytes, size) == 0);
    free(read);
}

void write_floats(const char *prefix, const char *names, float value) {
    tfckpt_writer *writer = create_writer(prefix);
    int64_t dims[] = {1};
    for (; *names != '\0'; names++) {
        OK(tfckpt_writer_add(writer, names, 1, TFCKPT_DT_FLOAT, dims, 1, &value, sizeof value,
                             &err));
    }
    finish_writer(writer);
}

int main(int argc, char **argv) {
    CHECK(argc == 3);
    data_folder = argv[1];
    scratch_folder = argv[2];
    test_basics();
    test_nulls();
    test_reader();
    test_paths();
    test_values();
    test_writer();
    test_stream();
    test_v1_writer();
    test_merge();
    test_overlay();
    test_copy();
    test_verify();
    test_progress();
    test_object_graph();
    test_state_file();
    test_survey();
    test_manager();
    test_meta();
    test_meta_nulls();
    forget_error();
    puts("all well");
    return 0;
}
