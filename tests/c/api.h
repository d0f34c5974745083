/* test_api: every function of the header, used well and used badly. One file per
 * noun; they share the folder of the test data and a folder of their own. */
#ifndef API_H
#define API_H

#include "check.h"

extern const char *data_folder;

void test_basics(void);
void test_nulls(void);
void test_reader(void);
void test_paths(void);
void test_values(void);
void test_writer(void);
void test_stream(void);
void test_v1_writer(void);
void test_merge(void);
void test_overlay(void);
void test_copy(void);
void test_verify(void);
void test_progress(void);
void test_object_graph(void);
void test_state_file(void);
void test_survey(void);
void test_manager(void);
void test_meta(void);
void test_meta_nulls(void);

/* A path in the test's folder, good until the sixth next call. */
const char *scratch(const char *name);
/* A path in the test data, good as long. */
const char *data(const char *name);
/* How many files a folder has; -1 where there is no such folder. */
int count_files(const char *folder);

/* The length of a literal with it. */
#define NAME(literal) literal, sizeof(literal) - 1
/* An array with its length. */
#define BYTES(array) array, sizeof(array)

tfckpt_reader *open_reader(const char *path);
tfckpt_writer *create_writer(const char *prefix);
/* Finishes and frees. */
void finish_writer(tfckpt_writer *writer);
/* Checks that a tensor of the reader has just these bytes. */
void check_bytes(const tfckpt_reader *reader, const char *name, const void *bytes, size_t size);
/* Writes a checkpoint of one float vector of one element for each name of one letter. */
void write_floats(const char *prefix, const char *names, float value);

#endif
