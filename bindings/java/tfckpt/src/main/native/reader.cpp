// Readers, and what they list.
#include "jni.hpp"

using namespace jni;

namespace {

using Tensor = Owned<tfckpt_tensor, tfckpt_tensor_free>;
using Tensors = Owned<tfckpt_tensors, tfckpt_tensors_free>;

// What comes of the numbers of a tensor before its dimensions: TensorFacts of Java reads it.
const size_t FACTS = 8;

// The names of tensors, one behind the other, and their numbers.
jobjectArray named_facts(JNIEnv *env, jbyteArray names, const int64_t *facts, size_t count) {
    if (count > INT32_MAX - 8) {
        raise(env, TFCKPT_RESOURCE_LIMIT, "more numbers than an array of Java can hold");
        return nullptr;
    }
    jobjectArray both = objects(env, 2);
    jlongArray longs = both == nullptr ? nullptr : env->NewLongArray(static_cast<jsize>(count));
    if (longs == nullptr) {
        return nullptr;
    }
    env->SetLongArrayRegion(longs, 0, static_cast<jsize>(count), reinterpret_cast<const jlong *>(facts));
    env->SetObjectArrayElement(both, 0, names);
    env->SetObjectArrayElement(both, 1, longs);
    return both;
}

int64_t *copy(int64_t *to, const int64_t *from, size_t count) {
    if (count > 0) {
        memcpy(to, from, count * sizeof *to);
    }
    return to + count;
}

jobjectArray facts_of(JNIEnv *env, const tfckpt_tensor *tensor) {
    size_t name_len = 0;
    const char *name = tfckpt_tensor_name(tensor, &name_len);
    jbyteArray names = bytes(env, name, name_len);
    const size_t rank = tfckpt_tensor_rank(tensor);
    const int64_t slices = tfckpt_tensor_slice_count(tensor);
    const size_t count = FACTS + rank + 2 * rank * static_cast<size_t>(slices);
    Memory facts;
    if (names == nullptr || !facts.take(env, count * sizeof(int64_t))) {
        return nullptr;
    }
    const int64_t head[FACTS] = {static_cast<int64_t>(name_len), tfckpt_tensor_dtype(tensor),
                                 static_cast<int64_t>(rank),     tfckpt_tensor_shard(tensor),
                                 tfckpt_tensor_offset(tensor),   tfckpt_tensor_stored_size(tensor),
                                 tfckpt_tensor_crc32c(tensor),   slices};
    int64_t *at = copy(facts.as<int64_t>(), head, FACTS);
    at = copy(at, tfckpt_tensor_dims(tensor), rank);
    for (int64_t i = 0; i < slices; i++) {
        at = copy(at, tfckpt_tensor_slice_starts(tensor, i), rank);
        at = copy(at, tfckpt_tensor_slice_lengths(tensor, i), rank);
    }
    return named_facts(env, names, facts.as<int64_t>(), count);
}

// How many numbers the slices of all tensors have, starts and lengths each.
size_t slice_numbers(const tfckpt_tensors *tensors, size_t count) {
    const int64_t *dim_offsets = tfckpt_tensors_dim_offsets(tensors);
    const int64_t *slices = tfckpt_tensors_slice_counts(tensors);
    size_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += static_cast<size_t>(slices[i] * (dim_offsets[i + 1] - dim_offsets[i]));
    }
    return sum;
}

void pack(const tfckpt_tensors *tensors, size_t count, int64_t *at) {
    const int64_t *name_offsets = tfckpt_tensors_name_offsets(tensors);
    const int64_t *dim_offsets = tfckpt_tensors_dim_offsets(tensors);
    const int64_t *dims = tfckpt_tensors_dims(tensors);
    const int64_t *starts = tfckpt_tensors_slice_starts(tensors);
    const int64_t *lengths = tfckpt_tensors_slice_lengths(tensors);
    for (size_t i = 0; i < count; i++) {
        const size_t rank = static_cast<size_t>(dim_offsets[i + 1] - dim_offsets[i]);
        const int64_t slices = tfckpt_tensors_slice_counts(tensors)[i];
        const int64_t head[FACTS] = {name_offsets[i + 1] - name_offsets[i],
                                     tfckpt_tensors_dtypes(tensors)[i],
                                     static_cast<int64_t>(rank),
                                     tfckpt_tensors_shards(tensors)[i],
                                     tfckpt_tensors_offsets(tensors)[i],
                                     tfckpt_tensors_stored_sizes(tensors)[i],
                                     tfckpt_tensors_crc32cs(tensors)[i],
                                     slices};
        at = copy(at, head, FACTS);
        at = copy(at, dims + dim_offsets[i], rank);
        for (int64_t k = 0; k < slices; k++, starts += rank, lengths += rank) {
            at = copy(at, starts, rank);
            at = copy(at, lengths, rank);
        }
    }
}

using Finder = tfckpt_status (*)(const tfckpt_reader *, const char *, size_t, tfckpt_tensor **, tfckpt_error **);

jobjectArray found(JNIEnv *env, jlong reader, jbyteArray name, Finder find) {
    Bytes key(env, name);
    Call call(env);
    Tensor tensor;
    if (!key || call.failed(find(pointer<tfckpt_reader>(reader), key.data(), key.size(), tensor.out(), call.err()))) {
        return nullptr;
    }
    return facts_of(env, tensor.get());
}

// Of a block, the index, the number of tensors, and the bytes of one; those below 0 are the defaults.
void set_limits(JNIEnv *env, tfckpt_reader_options *options, jlongArray limits) {
    jlong values[4] = {-1, -1, -1, -1};
    env->GetLongArrayRegion(limits, 0, 4, values);
    if (values[0] >= 0) {
        tfckpt_reader_options_set_max_block(options, static_cast<size_t>(values[0]));
    }
    if (values[1] >= 0) {
        tfckpt_reader_options_set_max_index(options, static_cast<size_t>(values[1]));
    }
    if (values[2] >= 0) {
        tfckpt_reader_options_set_max_tensors(options, values[2]);
    }
    if (values[3] >= 0) {
        tfckpt_reader_options_set_max_tensor_bytes(options, static_cast<size_t>(values[3]));
    }
}

} // namespace

extern "C" {

JNIEXPORT jlong JNICALL Java_org_tfckpt_Native_readerOpen(JNIEnv *env, jclass, jbyteArray path, jboolean mapped,
                                                          jlong index_cache, jlongArray limits) {
    Bytes place(env, path);
    Owned<tfckpt_reader_options, tfckpt_reader_options_free> options(tfckpt_reader_options_new());
    tfckpt_reader_options_set_mapped(options.get(), mapped != JNI_FALSE);
    if (index_cache >= 0) {
        tfckpt_reader_options_set_index_cache(options.get(), static_cast<size_t>(index_cache));
    }
    set_limits(env, options.get(), limits);
    Call call(env);
    tfckpt_reader *reader = nullptr;
    if (!place || call.failed(tfckpt_reader_open(place.data(), options.get(), &reader, call.err()))) {
        return 0;
    }
    return reinterpret_cast<jlong>(reader);
}

JNIEXPORT void JNICALL Java_org_tfckpt_Native_readerFree(JNIEnv *, jclass, jlong reader) {
    tfckpt_reader_free(pointer<tfckpt_reader>(reader));
}

JNIEXPORT jint JNICALL Java_org_tfckpt_Native_readerFormat(JNIEnv *, jclass, jlong reader) {
    return tfckpt_reader_format(pointer<tfckpt_reader>(reader));
}

JNIEXPORT jbyteArray JNICALL Java_org_tfckpt_Native_readerPrefix(JNIEnv *env, jclass, jlong reader) {
    const char *prefix = tfckpt_reader_prefix(pointer<tfckpt_reader>(reader));
    return bytes(env, prefix, strlen(prefix));
}

JNIEXPORT jlong JNICALL Java_org_tfckpt_Native_readerNumShards(JNIEnv *, jclass, jlong reader) {
    return tfckpt_reader_num_shards(pointer<tfckpt_reader>(reader));
}

JNIEXPORT jboolean JNICALL Java_org_tfckpt_Native_readerIsBigEndian(JNIEnv *, jclass, jlong reader) {
    return tfckpt_reader_is_big_endian(pointer<tfckpt_reader>(reader)) ? JNI_TRUE : JNI_FALSE;
}

JNIEXPORT jlong JNICALL Java_org_tfckpt_Native_readerCount(JNIEnv *env, jclass, jlong reader) {
    Call call(env);
    int64_t count = 0;
    call.failed(tfckpt_reader_count(pointer<tfckpt_reader>(reader), &count, call.err()));
    return count;
}

JNIEXPORT jobjectArray JNICALL Java_org_tfckpt_Native_readerFind(JNIEnv *env, jclass, jlong reader, jbyteArray name) {
    return found(env, reader, name, tfckpt_reader_find);
}

JNIEXPORT jobjectArray JNICALL Java_org_tfckpt_Native_readerResolve(JNIEnv *env, jclass, jlong reader,
                                                                    jbyteArray name) {
    return found(env, reader, name, tfckpt_reader_resolve);
}

JNIEXPORT jlong JNICALL Java_org_tfckpt_Native_readerList(JNIEnv *env, jclass, jlong reader, jbyteArray prefix) {
    Bytes front(env, prefix);
    Call call(env);
    tfckpt_cursor *cursor = nullptr;
    if (!front || call.failed(tfckpt_reader_list(pointer<tfckpt_reader>(reader), front.data(), front.size(), &cursor,
                                                 call.err()))) {
        return 0;
    }
    return reinterpret_cast<jlong>(cursor);
}

JNIEXPORT jobjectArray JNICALL Java_org_tfckpt_Native_cursorNext(JNIEnv *env, jclass, jlong cursor, jlong max) {
    Call call(env);
    Tensors tensors;
    if (call.failed(tfckpt_cursor_next_many(pointer<tfckpt_cursor>(cursor), max, tensors.out(), call.err()))) {
        return nullptr;
    }
    const size_t count = static_cast<size_t>(tfckpt_tensors_count(tensors.get()));
    const int64_t names_len = tfckpt_tensors_name_offsets(tensors.get())[count];
    const int64_t dims = tfckpt_tensors_dim_offsets(tensors.get())[count];
    const size_t numbers =
        count * FACTS + static_cast<size_t>(dims) + 2 * slice_numbers(tensors.get(), count);
    jbyteArray names = bytes(env, tfckpt_tensors_names(tensors.get()), static_cast<size_t>(names_len));
    Memory facts;
    if (names == nullptr || !facts.take(env, numbers * sizeof(int64_t))) {
        return nullptr;
    }
    pack(tensors.get(), count, facts.as<int64_t>());
    return named_facts(env, names, facts.as<int64_t>(), numbers);
}

JNIEXPORT void JNICALL Java_org_tfckpt_Native_cursorFree(JNIEnv *, jclass, jlong cursor) {
    tfckpt_cursor_free(pointer<tfckpt_cursor>(cursor));
}

} // extern "C"
