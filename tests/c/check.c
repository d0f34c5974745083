#include "check.h"

tfckpt_error *err;
static char context[512];

void testing(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(context, sizeof context, format, arguments);
    va_end(arguments);
}

void fail(const char *file, int line, const char *format, ...) {
    va_list arguments;
    fprintf(stderr, "%s:%d: %s: ", file, line, context);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\n");
    exit(1);
}

void expect(tfckpt_status wanted, tfckpt_status got, const char *file, int line,
            const char *call) {
    if (got != wanted) {
        const char *message = tfckpt_error_message(err);
        fail(file, line, "%s gives %s and not %s: %s", call, tfckpt_status_name(got),
             tfckpt_status_name(wanted), message == NULL ? "no error" : message);
    }
    if ((got == TFCKPT_OK) != (err == NULL)) {
        fail(file, line, "%s gives %s and %s", call, tfckpt_status_name(got),
             err == NULL ? "no error" : "an error");
    }
    if (tfckpt_error_status(err) != got) {
        fail(file, line, "%s: the error has another status", call);
    }
}

void forget_error(void) {
    tfckpt_error_free(err);
    err = NULL;
}

void *take(size_t size) {
    void *memory = malloc(size == 0 ? 1 : size);
    if (memory == NULL) fail(__FILE__, __LINE__, "no memory of %zu bytes", size);
    return memory;
}

char *text(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *string = take((size_t)length + 1);
    va_start(arguments, format);
    vsnprintf(string, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return string;
}

bool ends_with(const char *string, const char *end) {
    size_t length = strlen(string), end_length = strlen(end);
    return length >= end_length && strcmp(string + length - end_length, end) == 0;
}
