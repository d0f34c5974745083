#include "jni.hpp"

namespace jni {

bool Memory::take(JNIEnv *env, size_t len) {
    data_ = malloc(len > 0 ? len : 1);
    if (data_ == nullptr) {
        jclass error = env->FindClass("java/lang/OutOfMemoryError");
        if (error != nullptr) {
            env->ThrowNew(error, "native memory");
        }
    }
    return data_ != nullptr;
}

Bytes::Bytes(JNIEnv *env, jbyteArray array) {
    const jsize len = env->GetArrayLength(array);
    size_ = static_cast<size_t>(len);
    ok_ = memory_.take(env, size_ + 1);
    if (ok_) {
        env->GetByteArrayRegion(array, 0, len, memory_.as<jbyte>());
        memory_.as()[size_] = '\0';
    }
}

Longs::Longs(JNIEnv *env, jlongArray array) {
    const jsize len = array == nullptr ? 0 : env->GetArrayLength(array);
    size_ = static_cast<size_t>(len);
    ok_ = memory_.take(env, size_ * sizeof(jlong));
    if (ok_ && len > 0) {
        env->GetLongArrayRegion(array, 0, len, memory_.as<jlong>());
    }
}

Direct::Direct(JNIEnv *env, jobject buffer) {
    const jlong capacity = env->GetDirectBufferCapacity(buffer);
    void *address = env->GetDirectBufferAddress(buffer);
    if (capacity < 0 || (address == nullptr && capacity > 0)) {
        raise(env, TFCKPT_INVALID_ARGUMENT, "the buffer is not direct");
        return;
    }
    // An empty buffer may be nowhere.
    static char nowhere;
    data_ = address == nullptr ? &nowhere : static_cast<char *>(address);
    size_ = static_cast<size_t>(capacity);
    ok_ = true;
}

void Direct::narrow(JNIEnv *env, jlong position, jlong len) {
    const jlong capacity = static_cast<jlong>(size_);
    if (ok_ && (position < 0 || len < 0 || position > capacity || len > capacity - position)) {
        raise(env, TFCKPT_INVALID_ARGUMENT, "the bounds of the buffer");
        ok_ = false;
    }
    if (ok_) {
        data_ += position;
        size_ = static_cast<size_t>(len);
    }
}

size_t size_of(jint kind) {
    switch (kind) {
    case SHORTS:
        return 2;
    case INTS:
    case FLOATS:
        return 4;
    case LONGS:
    case DOUBLES:
        return 8;
    default:
        return 1;
    }
}

namespace {

// A boolean of Java must be 0 or 1, whatever a file says.
void make_booleans(jboolean *values, jint count) {
    for (jint i = 0; i < count; i++) {
        values[i] = values[i] != 0;
    }
}

} // namespace

void set_region(JNIEnv *env, jobject array, jint kind, jint offset, jint count, void *from) {
    switch (kind) {
    case BYTES:
        return env->SetByteArrayRegion(static_cast<jbyteArray>(array), offset, count, static_cast<jbyte *>(from));
    case BOOLEANS:
        make_booleans(static_cast<jboolean *>(from), count);
        return env->SetBooleanArrayRegion(static_cast<jbooleanArray>(array), offset, count,
                                          static_cast<jboolean *>(from));
    case SHORTS:
        return env->SetShortArrayRegion(static_cast<jshortArray>(array), offset, count, static_cast<jshort *>(from));
    case INTS:
        return env->SetIntArrayRegion(static_cast<jintArray>(array), offset, count, static_cast<jint *>(from));
    case LONGS:
        return env->SetLongArrayRegion(static_cast<jlongArray>(array), offset, count, static_cast<jlong *>(from));
    case FLOATS:
        return env->SetFloatArrayRegion(static_cast<jfloatArray>(array), offset, count, static_cast<jfloat *>(from));
    default:
        return env->SetDoubleArrayRegion(static_cast<jdoubleArray>(array), offset, count,
                                         static_cast<jdouble *>(from));
    }
}

void get_region(JNIEnv *env, jobject array, jint kind, jint offset, jint count, void *to) {
    switch (kind) {
    case BYTES:
        return env->GetByteArrayRegion(static_cast<jbyteArray>(array), offset, count, static_cast<jbyte *>(to));
    case BOOLEANS:
        return env->GetBooleanArrayRegion(static_cast<jbooleanArray>(array), offset, count,
                                          static_cast<jboolean *>(to));
    case SHORTS:
        return env->GetShortArrayRegion(static_cast<jshortArray>(array), offset, count, static_cast<jshort *>(to));
    case INTS:
        return env->GetIntArrayRegion(static_cast<jintArray>(array), offset, count, static_cast<jint *>(to));
    case LONGS:
        return env->GetLongArrayRegion(static_cast<jlongArray>(array), offset, count, static_cast<jlong *>(to));
    case FLOATS:
        return env->GetFloatArrayRegion(static_cast<jfloatArray>(array), offset, count, static_cast<jfloat *>(to));
    default:
        return env->GetDoubleArrayRegion(static_cast<jdoubleArray>(array), offset, count, static_cast<jdouble *>(to));
    }
}

jbyteArray bytes(JNIEnv *env, const void *data, size_t len) {
    if (len > INT32_MAX - 8) {
        raise(env, TFCKPT_RESOURCE_LIMIT, "more bytes than an array of Java can hold");
        return nullptr;
    }
    const jsize size = static_cast<jsize>(len);
    jbyteArray array = env->NewByteArray(size);
    if (array != nullptr) {
        env->SetByteArrayRegion(array, 0, size, static_cast<const jbyte *>(data));
    }
    return array;
}

ReadOptions::ReadOptions(JNIEnv *env, jlongArray array)
    : longs_(env, array), options_(longs_ && array != nullptr ? tfckpt_read_options_new() : nullptr) {
    if (options_.get() == nullptr) {
        return;
    }
    const int64_t *values = longs_.data();
    tfckpt_read_options_set_verify(options_.get(), values[0] != 0);
    tfckpt_read_options_set_threads(options_.get(), static_cast<size_t>(values[1]));
    if (values[2] >= 0) {
        tfckpt_read_options_set_max_in_flight(options_.get(), static_cast<size_t>(values[2]));
    }
    tfckpt_read_options_set_progress(options_.get(), progress_of(values[3]));
}

WriteOptions::WriteOptions(JNIEnv *env, jlongArray array)
    : longs_(env, array), options_(longs_ && array != nullptr ? tfckpt_write_options_new() : nullptr) {
    if (options_.get() == nullptr) {
        return;
    }
    const int64_t *values = longs_.data();
    tfckpt_write_options_set_threads(options_.get(), static_cast<size_t>(values[0]));
    if (values[1] >= 0) {
        tfckpt_write_options_set_max_in_flight(options_.get(), static_cast<size_t>(values[1]));
    }
    tfckpt_write_options_set_progress(options_.get(), progress_of(values[2]));
}

} // namespace jni
