// The C side of the benchmarks: the same work, all of it in one call. The result is whether it went
// well.
#include <jni.h>
#include <stdio.h>
#include <stdlib.h>
#include <tfckpt/tfckpt.h>

enum { NAME = 64 };

static size_t name_of(int64_t i, char *name) {
    return (size_t)snprintf(name, NAME, "layer_%07lld/kernel", (long long)i);
}

static tfckpt_reader *open_reader(JNIEnv *env, jstring path) {
    tfckpt_reader *reader = NULL;
    // Of letters and digits alone.
    const char *bytes = (*env)->GetStringUTFChars(env, path, NULL);
    if (bytes != NULL) {
        tfckpt_reader_open(bytes, NULL, &reader, NULL);
        (*env)->ReleaseStringUTFChars(env, path, bytes);
    }
    return reader;
}

JNIEXPORT jboolean JNICALL Java_org_tfckpt_benchmarks_InC_read(JNIEnv *env, jclass self, jstring path, jint count,
                                                               jobject dst) {
    (void)self;
    void *data = (*env)->GetDirectBufferAddress(env, dst);
    const size_t size = (size_t)(*env)->GetDirectBufferCapacity(env, dst);
    tfckpt_reader *reader = open_reader(env, path);
    char name[NAME];
    jboolean ok = reader != NULL;
    for (jint i = 0; ok && i < count; i++) {
        const size_t len = name_of(i, name);
        ok = tfckpt_reader_read(reader, name, len, NULL, data, size, NULL) == TFCKPT_OK;
    }
    tfckpt_reader_free(reader);
    return ok;
}

JNIEXPORT jboolean JNICALL Java_org_tfckpt_benchmarks_InC_readMany(JNIEnv *env, jclass self, jstring path, jint count,
                                                                   jobject dst) {
    (void)self;
    char *data = (*env)->GetDirectBufferAddress(env, dst);
    const size_t size = (size_t)(*env)->GetDirectBufferCapacity(env, dst) / (size_t)count;
    tfckpt_read_request *requests = calloc((size_t)count, sizeof *requests);
    char *names = malloc((size_t)count * NAME);
    tfckpt_reader *reader = open_reader(env, path);
    jboolean ok = requests != NULL && names != NULL && reader != NULL;
    for (jint i = 0; ok && i < count; i++) {
        requests[i].name = names + (size_t)i * NAME;
        requests[i].name_len = name_of(i, names + (size_t)i * NAME);
        requests[i].dst = data + (size_t)i * size;
        requests[i].dst_len = size;
    }
    ok = ok && tfckpt_reader_read_many(reader, requests, (size_t)count, NULL, NULL) == TFCKPT_OK;
    tfckpt_reader_free(reader);
    free(names);
    free(requests);
    return ok;
}

JNIEXPORT jlong JNICALL Java_org_tfckpt_benchmarks_InC_list(JNIEnv *env, jclass self, jstring path) {
    (void)self;
    tfckpt_reader *reader = open_reader(env, path);
    tfckpt_cursor *cursor = NULL;
    const tfckpt_tensor *tensor = NULL;
    jlong elements = 0;
    bool ok = tfckpt_reader_list(reader, NULL, 0, &cursor, NULL) == TFCKPT_OK;
    while (ok) {
        ok = tfckpt_cursor_next(cursor, &tensor, NULL) == TFCKPT_OK && tensor != NULL;
        if (ok) {
            elements += tfckpt_tensor_dims(tensor)[0];
        }
    }
    tfckpt_cursor_free(cursor);
    tfckpt_reader_free(reader);
    return elements;
}
