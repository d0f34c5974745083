/* What would take Go several calls into C, done in one. */
#ifndef TFCKPT_GO_SHIM_H
#define TFCKPT_GO_SHIM_H

#include <stdlib.h>
#include <tfckpt/tfckpt.h>

/* The facts of one tensor, or of many: borrowed from the handle they are of. */
typedef struct {
    int64_t count;
    const char *names;
    const int64_t *name_offsets;
    const int32_t *dtypes;
    const int64_t *dims, *dim_offsets;
    const int32_t *shards;
    const int64_t *offsets, *stored_sizes;
    const uint32_t *crc32cs;
    const int64_t *slice_counts, *slice_starts, *slice_lengths;
} shim_facts;

/* Goes over the next tensors, and says where their facts are. */
static inline tfckpt_status shim_next(tfckpt_cursor *cursor, int64_t max, tfckpt_tensors **out,
                               shim_facts *facts, tfckpt_error **err) {
    tfckpt_tensors *tensors = NULL;
    tfckpt_status status = tfckpt_cursor_next_many(cursor, max, &tensors, err);
    if (status != TFCKPT_OK) return status;
    facts->count = tfckpt_tensors_count(tensors);
    facts->names = tfckpt_tensors_names(tensors);
    facts->name_offsets = tfckpt_tensors_name_offsets(tensors);
    facts->dtypes = tfckpt_tensors_dtypes(tensors);
    facts->dims = tfckpt_tensors_dims(tensors);
    facts->dim_offsets = tfckpt_tensors_dim_offsets(tensors);
    facts->shards = tfckpt_tensors_shards(tensors);
    facts->offsets = tfckpt_tensors_offsets(tensors);
    facts->stored_sizes = tfckpt_tensors_stored_sizes(tensors);
    facts->crc32cs = tfckpt_tensors_crc32cs(tensors);
    facts->slice_counts = tfckpt_tensors_slice_counts(tensors);
    facts->slice_starts = tfckpt_tensors_slice_starts(tensors);
    facts->slice_lengths = tfckpt_tensors_slice_lengths(tensors);
    *out = tensors;
    return status;
}

/* The dtype of a tensor. */
static inline tfckpt_status shim_dtype(const tfckpt_reader *reader, const char *name,
                                       size_t name_len, int32_t *dtype, tfckpt_error **err) {
    tfckpt_tensor *tensor = NULL;
    tfckpt_status status = tfckpt_reader_find(reader, name, name_len, &tensor, err);
    if (status != TFCKPT_OK) return status;
    *dtype = tfckpt_tensor_dtype(tensor);
    tfckpt_tensor_free(tensor);
    return status;
}

/* The sizes of those requests that have no memory yet, and the dtypes of those that say which
 * they want, up to the first that fails; 0 for what there is no tensor of: the reading lists
 * all of that. */
static inline tfckpt_status shim_measure(const tfckpt_reader *reader,
                                         const tfckpt_read_request *requests, size_t count,
                                         const uint8_t *wants_size, const uint8_t *wants_dtype,
                                         size_t *sizes, int32_t *dtypes, tfckpt_error **err) {
    for (size_t i = 0; i < count; i++) {
        const tfckpt_read_request *it = &requests[i];
        tfckpt_status status = TFCKPT_OK;
        tfckpt_error *error = NULL;
        int32_t dtype;
        if (wants_dtype[i])
            status = shim_dtype(reader, it->name, it->name_len, &dtypes[i], &error);
        if (wants_size[i] && status == TFCKPT_OK)
            status = tfckpt_reader_read_size(reader, it->name, it->name_len, it->starts,
                                             it->lengths, it->rank, &sizes[i], &error);
        /* It may also be a file that is missing. */
        if (status == TFCKPT_NOT_FOUND &&
            shim_dtype(reader, it->name, it->name_len, &dtype, NULL) == TFCKPT_NOT_FOUND) {
            tfckpt_error_free(error);
        } else if (status != TFCKPT_OK) {
            *err = error;
            return status;
        }
    }
    return TFCKPT_OK;
}

/* Memory as bytes: Go looks through whatever a void * may lead to, which can be a whole
 * object around a buffer. */

static inline tfckpt_status shim_read(const tfckpt_reader *reader, const char *name,
                                      size_t name_len, const int64_t *starts,
                                      const int64_t *lengths, size_t rank,
                                      const tfckpt_read_options *options, uint8_t *dst,
                                      size_t dst_len, tfckpt_error **err) {
    return rank == 0 ? tfckpt_reader_read(reader, name, name_len, options, dst, dst_len, err)
                     : tfckpt_reader_read_slice(reader, name, name_len, starts, lengths, rank,
                                                options, dst, dst_len, err);
}

static inline tfckpt_status shim_add(tfckpt_writer *writer, const char *name, size_t name_len,
                                     int32_t dtype, const int64_t *dims, size_t rank,
                                     const uint8_t *data, size_t data_len, tfckpt_error **err) {
    return tfckpt_writer_add(writer, name, name_len, dtype, dims, rank, data, data_len, err);
}

static inline tfckpt_status shim_add_slice(tfckpt_writer *writer, const char *name,
                                           size_t name_len, int32_t dtype, const int64_t *dims,
                                           size_t rank, const int64_t *starts,
                                           const int64_t *lengths, const uint8_t *data,
                                           size_t data_len, tfckpt_error **err) {
    return tfckpt_writer_add_slice(writer, name, name_len, dtype, dims, rank, starts, lengths,
                                   data, data_len, err);
}

static inline tfckpt_status shim_add_strings(tfckpt_writer *writer, const char *name,
                                             size_t name_len, const int64_t *dims, size_t rank,
                                             const int64_t *offsets, const uint8_t *data,
                                             size_t data_len, tfckpt_error **err) {
    return tfckpt_writer_add_strings(writer, name, name_len, dims, rank, offsets, data, data_len,
                                     err);
}

static inline tfckpt_status shim_add_strings_slice(tfckpt_writer *writer, const char *name,
                                                   size_t name_len, const int64_t *dims,
                                                   size_t rank, const int64_t *starts,
                                                   const int64_t *lengths, const int64_t *offsets,
                                                   const uint8_t *data, size_t data_len,
                                                   tfckpt_error **err) {
    return tfckpt_writer_add_strings_slice(writer, name, name_len, dims, rank, starts, lengths,
                                           offsets, data, data_len, err);
}

static inline tfckpt_status shim_add_variants(tfckpt_writer *writer, const char *name,
                                              size_t name_len, const int64_t *dims, size_t rank,
                                              const int64_t *offsets, const uint8_t *data,
                                              size_t data_len, tfckpt_error **err) {
    return tfckpt_writer_add_variants(writer, name, name_len, dims, rank, offsets, data, data_len,
                                      err);
}

static inline tfckpt_status shim_append(tfckpt_writer *writer, const uint8_t *data,
                                        size_t data_len, tfckpt_error **err) {
    return tfckpt_writer_append(writer, data, data_len, err);
}

#endif
