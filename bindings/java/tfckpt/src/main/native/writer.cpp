// Writers.
#include "jni.hpp"

using namespace jni;

namespace {

// What a tensor is that is added: TensorSpec of Java. A slice is null where it is the whole.
class Spec {
public:
    Spec(JNIEnv *env, jbyteArray name, jint dtype, jlongArray dims, jlongArray slice)
        : name_(env, name), dtype_(dtype), dims_(env, dims), slice_(env, slice) {
        if (*this && !slice_.whole() && slice_.rank() != dims_.size()) {
            raise(env, TFCKPT_INVALID_ARGUMENT, "the slice has another rank than the shape");
            ok_ = false;
        }
    }
    explicit operator bool() const { return ok_ && name_ && dims_ && slice_; }

    tfckpt_status add(tfckpt_writer *writer, const void *data, size_t len, tfckpt_error **err) const {
        if (slice_.whole()) {
            return tfckpt_writer_add(writer, name_.data(), name_.size(), dtype_, dims_.data(), dims_.size(), data, len,
                                     err);
        }
        return tfckpt_writer_add_slice(writer, name_.data(), name_.size(), dtype_, dims_.data(), dims_.size(),
                                       slice_.starts(), slice_.lengths(), data, len, err);
    }

    tfckpt_status begin(tfckpt_writer *writer, tfckpt_error **err) const {
        if (slice_.whole()) {
            return tfckpt_writer_begin(writer, name_.data(), name_.size(), dtype_, dims_.data(), dims_.size(), err);
        }
        return tfckpt_writer_begin_slice(writer, name_.data(), name_.size(), dtype_, dims_.data(), dims_.size(),
                                         slice_.starts(), slice_.lengths(), err);
    }

    tfckpt_status add_strings(tfckpt_writer *writer, const int64_t *offsets, const void *data, size_t len,
                              tfckpt_error **err) const {
        const bool variants = dtype_ == TFCKPT_DT_VARIANT;
        if (slice_.whole()) {
            return (variants ? tfckpt_writer_add_variants : tfckpt_writer_add_strings)(
                writer, name_.data(), name_.size(), dims_.data(), dims_.size(), offsets, data, len, err);
        }
        return (variants ? tfckpt_writer_add_variants_slice : tfckpt_writer_add_strings_slice)(
            writer, name_.data(), name_.size(), dims_.data(), dims_.size(), slice_.starts(), slice_.lengths(), offsets,
            data, len, err);
    }

private:
    Bytes name_;
    jint dtype_;
    Longs dims_;
    Sliced slice_;
    bool ok_ = true;
};

// An array is copied in pieces of this many elements.
const jint PIECE = 1 << 17;

jint smaller(jint a, jint b) { return a < b ? a : b; }

// Adds a long array in pieces, so that it is not in memory twice.
tfckpt_status append_pieces(JNIEnv *env, tfckpt_writer *writer, jobject array, jint kind, jint offset, jint count,
                            void *piece, tfckpt_error **err) {
    for (jint done = 0; done < count;) {
        const jint next = smaller(PIECE, count - done);
        get_region(env, array, kind, offset + done, next, piece);
        const tfckpt_status status =
            tfckpt_writer_append(writer, piece, static_cast<size_t>(next) * size_of(kind), err);
        if (status != TFCKPT_OK) {
            return status;
        }
        done += next;
    }
    return tfckpt_writer_end(writer, err);
}

} // namespace

extern "C" {

JNIEXPORT jlong JNICALL Java_org_tfckpt_Native_writerCreate(JNIEnv *env, jclass, jbyteArray prefix, jint format,
                                                            jlong shards, jlong alignment, jboolean big_endian,
                                                            jboolean sync, jboolean replace) {
    Bytes place(env, prefix);
    Owned<tfckpt_writer_options, tfckpt_writer_options_free> options(tfckpt_writer_options_new());
    tfckpt_writer_options_set_big_endian(options.get(), big_endian != JNI_FALSE);
    tfckpt_writer_options_set_sync(options.get(), sync != JNI_FALSE);
    tfckpt_writer_options_set_replace(options.get(), replace != JNI_FALSE);
    Call call(env);
    tfckpt_writer *writer = nullptr;
    if (!place || call.failed(tfckpt_writer_options_set_format(options.get(), format, call.err())) ||
        call.failed(tfckpt_writer_options_set_shards(options.get(), shards, call.err())) ||
        call.failed(tfckpt_writer_options_set_alignment(options.get(), static_cast<size_t>(alignment), call.err())) ||
        call.failed(tfckpt_writer_create(place.data(), options.get(), &writer, call.err()))) {
        return 0;
    }
    return reinterpret_cast<jlong>(writer);
}

JNIEXPORT void JNICALL Java_org_tfckpt_Native_writerFree(JNIEnv *, jclass, jlong writer) {
    tfckpt_writer_free(pointer<tfckpt_writer>(writer));
}

JNIEXPORT void JNICALL Java_org_tfckpt_Native_writerAddDirect(JNIEnv *env, jclass, jlong writer, jbyteArray name,
                                                              jint dtype, jlongArray dims, jlongArray slice,
                                                              jobject src, jlong position, jlong len) {
    Spec spec(env, name, dtype, dims, slice);
    if (!spec) {
        return;
    }
    Direct from(env, src, position, len);
    Call call(env);
    if (from) {
        call.failed(spec.add(pointer<tfckpt_writer>(writer), from.data(), from.size(), call.err()));
    }
}

JNIEXPORT void JNICALL Java_org_tfckpt_Native_writerAddArray(JNIEnv *env, jclass, jlong writer, jbyteArray name,
                                                             jint dtype, jlongArray dims, jlongArray slice,
                                                             jobject src, jint kind, jint offset, jint count) {
    Spec spec(env, name, dtype, dims, slice);
    Memory piece;
    const size_t piece_len = static_cast<size_t>(smaller(count, PIECE)) * size_of(kind);
    if (!spec || !piece.take(env, piece_len)) {
        return;
    }
    tfckpt_writer *to = pointer<tfckpt_writer>(writer);
    Call call(env);
    if (count <= PIECE) {
        get_region(env, src, kind, offset, count, piece.as());
        call.failed(spec.add(to, piece.as(), piece_len, call.err()));
        return;
    }
    if (call.failed(spec.begin(to, call.err()))) {
        return;
    }
    if (call.failed(append_pieces(env, to, src, kind, offset, count, piece.as(), call.err()))) {
        tfckpt_writer_cancel(to, nullptr);
    }
}

// Each element is a byte[]; C has them one behind the other.
JNIEXPORT void JNICALL Java_org_tfckpt_Native_writerAddStrings(JNIEnv *env, jclass, jlong writer, jbyteArray name,
                                                               jint dtype, jlongArray dims, jlongArray slice,
                                                               jobjectArray elements) {
    Spec spec(env, name, dtype, dims, slice);
    const jsize count = env->GetArrayLength(elements);
    Memory offsets, data;
    if (!spec || !offsets.take(env, (static_cast<size_t>(count) + 1) * sizeof(int64_t))) {
        return;
    }
    int64_t *ends = offsets.as<int64_t>();
    ends[0] = 0;
    for (jsize i = 0; i < count; i++) {
        jobject element = env->GetObjectArrayElement(elements, i);
        ends[i + 1] = ends[i] + env->GetArrayLength(static_cast<jbyteArray>(element));
        env->DeleteLocalRef(element);
    }
    const size_t len = static_cast<size_t>(ends[count]);
    if (!data.take(env, len)) {
        return;
    }
    for (jsize i = 0; i < count; i++) {
        jbyteArray element = static_cast<jbyteArray>(env->GetObjectArrayElement(elements, i));
        // The array is the caller's alone, and so has the lengths that it had; else Java throws.
        env->GetByteArrayRegion(element, 0, static_cast<jsize>(ends[i + 1] - ends[i]), data.as<jbyte>() + ends[i]);
        env->DeleteLocalRef(element);
        if (env->ExceptionCheck()) {
            return;
        }
    }
    Call call(env);
    call.failed(spec.add_strings(pointer<tfckpt_writer>(writer), ends, data.as(), len, call.err()));
}

JNIEXPORT void JNICALL Java_org_tfckpt_Native_writerBegin(JNIEnv *env, jclass, jlong writer, jbyteArray name,
                                                          jint dtype, jlongArray dims, jlongArray slice) {
    Spec spec(env, name, dtype, dims, slice);
    Call call(env);
    if (spec) {
        call.failed(spec.begin(pointer<tfckpt_writer>(writer), call.err()));
    }
}

JNIEXPORT void JNICALL Java_org_tfckpt_Native_writerAppendDirect(JNIEnv *env, jclass, jlong writer, jobject src,
                                                                 jlong position, jlong len) {
    Direct from(env, src, position, len);
    Call call(env);
    if (from) {
        call.failed(tfckpt_writer_append(pointer<tfckpt_writer>(writer), from.data(), from.size(), call.err()));
    }
}

JNIEXPORT void JNICALL Java_org_tfckpt_Native_writerEnd(JNIEnv *env, jclass, jlong writer) {
    Call call(env);
    call.failed(tfckpt_writer_end(pointer<tfckpt_writer>(writer), call.err()));
}

JNIEXPORT void JNICALL Java_org_tfckpt_Native_writerCancel(JNIEnv *env, jclass, jlong writer) {
    Call call(env);
    call.failed(tfckpt_writer_cancel(pointer<tfckpt_writer>(writer), call.err()));
}

JNIEXPORT void JNICALL Java_org_tfckpt_Native_writerFinish(JNIEnv *env, jclass, jlong writer) {
    Call call(env);
    call.failed(tfckpt_writer_finish(pointer<tfckpt_writer>(writer), call.err()));
}

} // extern "C"
