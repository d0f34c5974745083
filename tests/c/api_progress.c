/* Calls that are watched, and called off. */
#include "api.h"

#include <pthread.h>
#include <sched.h>

enum { COUNT = 6, FLOATS = 1 << 18 };

static const char NAMES[] = "abcdef";
static float *memory;

/* A checkpoint of tensors of 1 MiB. */
static void write_large(const char *prefix) {
    tfckpt_writer *writer = create_writer(prefix);
    int64_t dims[] = {FLOATS};
    for (int i = 0; i < COUNT; i++) {
        OK(tfckpt_writer_add(writer, NAMES + i, 1, TFCKPT_DT_FLOAT, dims, 1, memory,
                             FLOATS * sizeof *memory, &err));
    }
    finish_writer(writer);
}

/* What a call is given that is watched. */
struct watched {
    tfckpt_progress *progress;
    const tfckpt_reader *reader;
    tfckpt_read_options *read;
    tfckpt_copy_options *copy;
    tfckpt_merge_options *merge;
};

static struct watched watch(const tfckpt_reader *reader) {
    struct watched watched = {tfckpt_progress_new(), reader, tfckpt_read_options_new(),
                              tfckpt_copy_options_new(), tfckpt_merge_options_new()};
    tfckpt_read_options_set_progress(watched.read, watched.progress);
    tfckpt_copy_options_set_progress(watched.copy, watched.progress);
    tfckpt_copy_options_set_replace(watched.copy, true);
    tfckpt_copy_options_set_sync(watched.copy, false);
    tfckpt_merge_options_set_progress(watched.merge, watched.progress);
    tfckpt_merge_options_set_sync(watched.merge, false);
    return watched;
}

static void forget(struct watched *watched) {
    tfckpt_progress_free(watched->progress);
    tfckpt_read_options_free(watched->read);
    tfckpt_copy_options_free(watched->copy);
    tfckpt_merge_options_free(watched->merge);
}

typedef tfckpt_status act(const struct watched *watched);

static tfckpt_status act_read(const struct watched *watched) {
    return tfckpt_reader_read(watched->reader, NAMES, 1, watched->read, memory,
                              FLOATS * sizeof *memory, &err);
}

static tfckpt_status act_read_slice(const struct watched *watched) {
    int64_t start = 5, length = 7;
    return tfckpt_reader_read_slice(watched->reader, NAMES, 1, &start, &length, 1, watched->read,
                                    memory, FLOATS * sizeof *memory, &err);
}

static tfckpt_status act_view(const struct watched *watched) {
    tfckpt_view *view = NULL;
    tfckpt_status status =
        tfckpt_reader_view(watched->reader, NAMES, 1, watched->read, &view, &err);
    tfckpt_view_free(view);
    return status;
}

static tfckpt_status act_read_many(const struct watched *watched) {
    tfckpt_read_request requests[COUNT] = {{0}};
    for (int i = 0; i < COUNT; i++) {
        requests[i].name = NAMES + i;
        requests[i].name_len = 1;
        requests[i].dst = memory + i * FLOATS;
        requests[i].dst_len = FLOATS * sizeof *memory;
    }
    return tfckpt_reader_read_many(watched->reader, requests, COUNT, watched->read, &err);
}

static tfckpt_status act_verify(const struct watched *watched) {
    tfckpt_report *report = NULL;
    tfckpt_status status = tfckpt_reader_verify(watched->reader, watched->read, &report, &err);
    CHECK((status == TFCKPT_OK) == tfckpt_report_is_ok(report));
    tfckpt_report_free(report);
    return status;
}

static tfckpt_status act_copy(const struct watched *watched) {
    return tfckpt_reader_copy(watched->reader, scratch("progress/copied/to"), watched->copy, &err);
}

static tfckpt_status act_copy_data(const struct watched *watched) {
    OK(tfckpt_copy_options_set_data(watched->copy, TFCKPT_COPY_DATA_COPY, &err));
    forget_error();
    return tfckpt_checkpoint_copy(scratch("progress/kept/to"), scratch("progress/from"),
                                  watched->copy, &err);
}

static tfckpt_status act_merge(const struct watched *watched) {
    static int number;
    char *dst = text("%s%d", scratch("progress/merged/to"), number++);
    const char *source = scratch("progress/from");
    tfckpt_status status = tfckpt_checkpoint_merge(dst, &source, 1, watched->merge, &err);
    free(dst);
    return status;
}

static const struct {
    const char *name;
    act *act;
    uint64_t tensors;
    /* Where it writes. */
    const char *folder;
} CALLS[] = {
    {"read", act_read, 1, NULL},
    {"read_slice", act_read_slice, 1, NULL},
    {"view", act_view, 1, NULL},
    {"read_many", act_read_many, COUNT, NULL},
    {"verify", act_verify, COUNT, NULL},
    {"copy", act_copy, COUNT, "progress/copied"},
    {"copy the data", act_copy_data, COUNT, "progress/kept"},
    {"merge", act_merge, COUNT, "progress/merged"},
};

static void test_to_the_end(const tfckpt_reader *reader, size_t call) {
    struct watched watched = watch(reader);
    uint64_t size = CALLS[call].tensors * FLOATS * sizeof *memory;
    testing("watch %s", CALLS[call].name);
    CHECK(tfckpt_progress_done(watched.progress) == 0);
    CHECK(tfckpt_progress_total(watched.progress) == 0);
    for (uint64_t times = 1; times < 3; times++) {
        OK(CALLS[call].act(&watched));
        CHECK(tfckpt_progress_total(watched.progress) == times * size);
        CHECK(tfckpt_progress_done(watched.progress) == times * size);
    }
    CHECK(!tfckpt_progress_is_cancelled(watched.progress));
    forget(&watched);
}

static void test_cancelled_before(const tfckpt_reader *reader, size_t call) {
    struct watched watched = watch(reader);
    int files = CALLS[call].folder == NULL ? 0 : count_files(scratch(CALLS[call].folder));
    testing("%s with what was cancelled", CALLS[call].name);
    tfckpt_progress_cancel(watched.progress);
    CHECK(tfckpt_progress_is_cancelled(watched.progress));
    EXPECT(TFCKPT_CANCELLED, CALLS[call].act(&watched));
    CHECK(tfckpt_progress_done(watched.progress) == 0);
    CHECK(tfckpt_progress_total(watched.progress) == 0);
    if (CALLS[call].folder != NULL) CHECK(count_files(scratch(CALLS[call].folder)) == files);
    forget(&watched);
}

/* Waits until a call has begun, then cancels it. */
static void *cancel(void *progress) {
    while (tfckpt_progress_done(progress) == 0) sched_yield();
    tfckpt_progress_cancel(progress);
    return NULL;
}

/* The thread may come too late for a call, but not for all that follow. */
static void test_cancelled_meanwhile(const tfckpt_reader *reader, size_t call) {
    struct watched watched = watch(reader);
    pthread_t thread;
    tfckpt_status status = TFCKPT_OK;
    testing("cancel %s from another thread", CALLS[call].name);
    CHECK(pthread_create(&thread, NULL, cancel, watched.progress) == 0);
    while (status == TFCKPT_OK) {
        forget_error();
        status = CALLS[call].act(&watched);
    }
    CHECK(status == TFCKPT_CANCELLED && tfckpt_error_status(err) == status);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(tfckpt_progress_done(watched.progress) <= tfckpt_progress_total(watched.progress));
    forget(&watched);
}

static void test_what_is_freed_first(const tfckpt_reader *reader) {
    struct watched watched = watch(reader);
    testing("options that outlive their progress");
    tfckpt_progress_free(watched.progress);
    watched.progress = NULL;
    OK(act_read_many(&watched));
    forget(&watched);

    watched = watch(reader);
    tfckpt_progress_cancel(watched.progress);
    tfckpt_read_options_set_progress(watched.read, NULL);
    OK(act_read_many(&watched));
    forget(&watched);
}

/* Where it was called off. */
static void test_the_error(const tfckpt_reader *reader) {
    struct watched watched = watch(reader);
    size_t len;
    testing("the error of a cancelled call");
    tfckpt_progress_cancel(watched.progress);
    EXPECT(TFCKPT_CANCELLED, act_read(&watched));
    CHECK(strcmp(tfckpt_error_tensor(err, &len), "a") == 0 && len == 1);
    CHECK(strstr(tfckpt_error_message(err), "called off") != NULL);
    forget(&watched);
}

/* Where a callback is called from, how often, and for how long it lets a call go on. */
struct heard {
    pthread_t thread;
    tfckpt_progress *progress;
    int calls, most;
};

static bool hear(void *user, uint64_t done, uint64_t total) {
    struct heard *heard = user;
    CHECK(pthread_equal(heard->thread, pthread_self()));
    CHECK(done <= total && total <= tfckpt_progress_total(heard->progress));
    tfckpt_progress_set_callback(heard->progress, NULL, NULL);
    return ++heard->calls < heard->most;
}

static void test_callback(const tfckpt_reader *reader, size_t call) {
    struct watched watched = watch(reader);
    struct heard heard = {pthread_self(), watched.progress, 0, 1000};
    testing("%s, which calls back", CALLS[call].name);
    tfckpt_read_options_set_threads(watched.read, 3);
    tfckpt_progress_set_callback(watched.progress, hear, &heard);
    OK(CALLS[call].act(&watched));
    CHECK(heard.calls > 0);

    testing("%s, called off by its callback", CALLS[call].name);
    heard.most = heard.calls;
    for (tfckpt_status status = TFCKPT_OK; status == TFCKPT_OK;) {
        forget_error();
        status = CALLS[call].act(&watched);
        CHECK(status == TFCKPT_OK || status == TFCKPT_CANCELLED);
    }
    CHECK(tfckpt_progress_is_cancelled(watched.progress));
    forget(&watched);
}

static void test_callback_taken_away(const tfckpt_reader *reader) {
    struct watched watched = watch(reader);
    struct heard heard = {pthread_self(), watched.progress, 0, 0};
    testing("a callback that is taken away");
    tfckpt_progress_set_callback(NULL, hear, &heard);
    tfckpt_progress_set_callback(watched.progress, hear, &heard);
    tfckpt_progress_set_callback(watched.progress, NULL, &heard);
    OK(act_read(&watched));
    tfckpt_progress_set_callback(watched.progress, hear, &heard);
    tfckpt_progress_free(watched.progress);
    watched.progress = NULL;
    OK(act_read(&watched));
    CHECK(heard.calls == 0);
    forget(&watched);
}

static void test_null(void) {
    tfckpt_progress *progress = tfckpt_progress_new();
    tfckpt_report *report = NULL;
    testing("NULL as a progress");
    tfckpt_progress_cancel(NULL);
    CHECK(!tfckpt_progress_is_cancelled(NULL));
    CHECK(tfckpt_progress_done(NULL) == 0 && tfckpt_progress_total(NULL) == 0);
    tfckpt_read_options_set_progress(NULL, progress);
    tfckpt_copy_options_set_progress(NULL, progress);
    tfckpt_merge_options_set_progress(NULL, progress);
    INVALID(tfckpt_reader_verify(NULL, NULL, &report, &err));
    CHECK(report == NULL);
    tfckpt_progress_free(progress);
    tfckpt_progress_free(NULL);
}

void test_progress(void) {
    memory = calloc(COUNT * FLOATS, sizeof *memory);
    CHECK(memory != NULL);
    write_large(scratch("progress/from"));
    tfckpt_reader *reader = open_reader(scratch("progress/from"));
    for (size_t call = 0; call < sizeof CALLS / sizeof *CALLS; call++) {
        test_to_the_end(reader, call);
        test_cancelled_before(reader, call);
        test_cancelled_meanwhile(reader, call);
        test_callback(reader, call);
    }
    test_callback_taken_away(reader);
    test_what_is_freed_first(reader);
    test_the_error(reader);
    test_null();
    INVALID(tfckpt_reader_verify(reader, NULL, NULL, &err));
    tfckpt_reader_free(reader);
    free(memory);
}
