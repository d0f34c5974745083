/* What every test here uses: checks that end the program where they fail. */
#ifndef CHECK_H
#define CHECK_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tfckpt/tfckpt.h>

/* The error of the last EXPECT that was to fail; freed by the next one. */
extern tfckpt_error *err;

/* Says, as printf does, what is being tested: a failure tells it. */
void testing(const char *format, ...);

/* Ends the program with what was being tested, and these words. */
void fail(const char *file, int line, const char *format, ...);

void expect(tfckpt_status wanted, tfckpt_status got, const char *file, int line,
            const char *call);
void forget_error(void);

#define CHECK(condition) \
    do { \
        if (!(condition)) fail(__FILE__, __LINE__, "not so: %s", #condition); \
    } while (0)

/* Checks the status of a call that was given &err, and that there is an error of
 * that status just when it failed. */
#define EXPECT(wanted, ...) \
    do { \
        forget_error(); \
        tfckpt_status got_ = (__VA_ARGS__); \
        expect(wanted, got_, __FILE__, __LINE__, #__VA_ARGS__); \
    } while (0)
#define OK(...) EXPECT(TFCKPT_OK, __VA_ARGS__)
#define INVALID(...) EXPECT(TFCKPT_INVALID_ARGUMENT, __VA_ARGS__)

/* Memory of at least one byte, or the end of the program. */
void *take(size_t size);

/* A string made as printf does, to be freed. */
char *text(const char *format, ...);

/* Whether a string ends with another. */
bool ends_with(const char *string, const char *end);

#endif
