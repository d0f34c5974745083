// Values of tensors.
#include "jni.hpp"

using namespace jni;

namespace {

tfckpt_status read(const tfckpt_reader *reader, const Bytes &name, const Sliced &slice,
                   const tfckpt_read_options *options, void *dst, size_t dst_len, tfckpt_error **err) {
    if (slice.whole()) {
        return tfckpt_reader_read(reader, name.data(), name.size(), options, dst, dst_len, err);
    }
    return tfckpt_reader_read_slice(reader, name.data(), name.size(), slice.starts(), slice.lengths(), slice.rank(),
                                    options, dst, dst_len, err);
}

tfckpt_status read_strings(const tfckpt_reader *reader, const Bytes &name, const Sliced &slice,
                           const tfckpt_read_options *options, tfckpt_strings **out, tfckpt_error **err) {
    if (slice.whole()) {
        return tfckpt_reader_read_strings(reader, name.data(), name.size(), options, out, err);
    }
    return tfckpt_reader_read_strings_slice(reader, name.data(), name.size(), slice.starts(), slice.lengths(),
                                            slice.rank(), options, out, err);
}

} // namespace

extern "C" {

JNIEXPORT jlong JNICALL Java_org_tfckpt_Native_readSize(JNIEnv *env, jclass, jlong reader, jbyteArray name,
                                                        jlongArray slice) {
    Bytes key(env, name);
    Sliced part(env, slice);
    if (!key || !part) {
        return 0;
    }
    Call call(env);
    size_t size = 0;
    call.failed(tfckpt_reader_read_size(pointer<tfckpt_reader>(reader), key.data(), key.size(), part.starts(),
                                        part.lengths(), part.rank(), &size, call.err()));
    return static_cast<jlong>(size);
}

JNIEXPORT void JNICALL Java_org_tfckpt_Native_check(JNIEnv *env, jclass, jlong reader, jbyteArray name) {
    Bytes key(env, name);
    Call call(env);
    if (key) {
        call.failed(tfckpt_reader_check(pointer<tfckpt_reader>(reader), key.data(), key.size(), call.err()));
    }
}

JNIEXPORT void JNICALL Java_org_tfckpt_Native_readDirect(JNIEnv *env, jclass, jlong reader, jbyteArray name,
                                                         jlongArray slice, jlongArray options, jobject dst,
                                                         jlong position, jlong len) {
    Bytes key(env, name);
    Sliced part(env, slice);
    ReadOptions how(env, options);
    if (!key || !part || !how) {
        return;
    }
    Direct to(env, dst, position, len);
    Call call(env);
    if (to) {
        call.failed(read(pointer<tfckpt_reader>(reader), key, part, how.get(), to.data(), to.size(), call.err()));
    }
}

// By way of memory of C: the garbage collector must not wait for a disk.
JNIEXPORT void JNICALL Java_org_tfckpt_Native_readArray(JNIEnv *env, jclass, jlong reader, jbyteArray name,
                                                        jlongArray slice, jlongArray options, jobject dst, jint kind,
                                                        jint offset, jint count) {
    Bytes key(env, name);
    Sliced part(env, slice);
    ReadOptions how(env, options);
    Memory values;
    const size_t len = static_cast<size_t>(count) * size_of(kind);
    if (!key || !part || !how || !values.take(env, len)) {
        return;
    }
    Call call(env);
    if (!call.failed(read(pointer<tfckpt_reader>(reader), key, part, how.get(), values.as(), len, call.err()))) {
        set_region(env, dst, kind, offset, count, values.as());
    }
}

JNIEXPORT jlong JNICALL Java_org_tfckpt_Native_readStrings(JNIEnv *env, jclass, jlong reader, jbyteArray name,
                                                           jlongArray slice, jlongArray options) {
    Bytes key(env, name);
    Sliced part(env, slice);
    ReadOptions how(env, options);
    Call call(env);
    Owned<tfckpt_strings, tfckpt_strings_free> strings;
    if (!key || !part || !how ||
        call.failed(read_strings(pointer<tfckpt_reader>(reader), key, part, how.get(), strings.out(), call.err()))) {
        return 0;
    }
    return strings.release();
}

JNIEXPORT void JNICALL Java_org_tfckpt_Native_stringsFree(JNIEnv *, jclass, jlong strings) {
    tfckpt_strings_free(pointer<tfckpt_strings>(strings));
}

JNIEXPORT jlong JNICALL Java_org_tfckpt_Native_stringsCount(JNIEnv *, jclass, jlong strings) {
    return tfckpt_strings_count(pointer<tfckpt_strings>(strings));
}

// Where elements begin: those from first on, and where the last of them ends.
JNIEXPORT void JNICALL Java_org_tfckpt_Native_stringsOffsets(JNIEnv *env, jclass, jlong strings, jlong first,
                                                             jlongArray dst) {
    const int64_t *offsets = tfckpt_strings_offsets(pointer<tfckpt_strings>(strings));
    env->SetLongArrayRegion(dst, 0, env->GetArrayLength(dst), reinterpret_cast<const jlong *>(offsets + first));
}

JNIEXPORT void JNICALL Java_org_tfckpt_Native_stringsData(JNIEnv *env, jclass, jlong strings, jlong from,
                                                          jbyteArray dst, jint len) {
    const jbyte *data = static_cast<const jbyte *>(tfckpt_strings_data(pointer<tfckpt_strings>(strings)));
    env->SetByteArrayRegion(dst, 0, len, data + from);
}

JNIEXPORT jlong JNICALL Java_org_tfckpt_Native_view(JNIEnv *env, jclass, jlong reader, jbyteArray name,
                                                    jlongArray options) {
    Bytes key(env, name);
    ReadOptions how(env, options);
    Call call(env);
    Owned<tfckpt_view, tfckpt_view_free> view;
    if (!key || !how || call.failed(tfckpt_reader_view(pointer<tfckpt_reader>(reader), key.data(), key.size(),
                                                       how.get(), view.out(), call.err()))) {
        return 0;
    }
    return view.release();
}

JNIEXPORT void JNICALL Java_org_tfckpt_Native_viewFree(JNIEnv *, jclass, jlong view) {
    tfckpt_view_free(pointer<tfckpt_view>(view));
}

JNIEXPORT jlong JNICALL Java_org_tfckpt_Native_viewSize(JNIEnv *, jclass, jlong view) {
    return static_cast<jlong>(tfckpt_view_size(pointer<tfckpt_view>(view)));
}

JNIEXPORT jint JNICALL Java_org_tfckpt_Native_viewAlignment(JNIEnv *, jclass, jlong view) {
    return static_cast<jint>(tfckpt_view_alignment(pointer<tfckpt_view>(view)));
}

// The bounds are Java's to check.
JNIEXPORT jobject JNICALL Java_org_tfckpt_Native_viewBuffer(JNIEnv *env, jclass, jlong view, jlong offset, jint len) {
    const char *data = static_cast<const char *>(tfckpt_view_data(pointer<tfckpt_view>(view)));
    return env->NewDirectByteBuffer(const_cast<char *>(data) + offset, len);
}

} // extern "C"
