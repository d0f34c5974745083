// What every function here is made of: memory that is freed on each way out, and errors that
// become exceptions. After one was raised, a function of JNI must return at once.
#pragma once

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <org_tfckpt_Native.h>
#include <tfckpt/tfckpt.h>

namespace jni {

/// Throws what is wrong with a call, as the library says it.
void raise(JNIEnv *env, const tfckpt_error *error);

/// Throws a TfckptException of the binding's own.
void raise(JNIEnv *env, tfckpt_status status, const char *message);

/// A TfckptException for an error; null where Java has thrown another.
jobject exception(JNIEnv *env, const tfckpt_error *error);

/// The classes and methods of Java that are called from here.
void remember(JNIEnv *env, jclass native);

/// Tells a listener how far a call is: whether that goes on, which it does not where the
/// listener has thrown something.
bool tell(JNIEnv *env, jobject listener, uint64_t done, uint64_t total);

/// New bytes of Java; null with an exception where they are more than an array can be.
jbyteArray bytes(JNIEnv *env, const void *data, size_t len);

/// An array of byte arrays; null with an exception.
jobjectArray bytes_array(JNIEnv *env, jsize count);

/// An Object[]; null with an exception.
jobjectArray objects(JNIEnv *env, jsize count);

/// How a call of the library ended.
class Call {
public:
    explicit Call(JNIEnv *env) : env_(env) {}
    Call(const Call &) = delete;
    ~Call() { tfckpt_error_free(error_); }

    tfckpt_error **err() { return &error_; }

    /// Whether it failed, and an exception was thrown: that of a listener before any other.
    bool failed(tfckpt_status status) {
        const bool thrown = env_->ExceptionCheck() != JNI_FALSE;
        if (status != TFCKPT_OK && !thrown) {
            raise(env_, error_);
        }
        return status != TFCKPT_OK || thrown;
    }

private:
    JNIEnv *env_;
    tfckpt_error *error_ = nullptr;
};

/// Something of the library that is freed in the end.
template <typename T, void (*Free)(T *)> class Owned {
public:
    explicit Owned(T *it = nullptr) : it_(it) {}
    Owned(const Owned &) = delete;
    ~Owned() { Free(it_); }

    T *get() const { return it_; }
    T **out() { return &it_; }

    /// Leaves it to Java, which frees it.
    jlong release() {
        T *it = it_;
        it_ = nullptr;
        return reinterpret_cast<jlong>(it);
    }

private:
    T *it_;
};

template <typename T> T *pointer(jlong handle) { return reinterpret_cast<T *>(handle); }

/// Memory that is not of Java.
class Memory {
public:
    Memory() = default;
    Memory(const Memory &) = delete;
    ~Memory() { free(data_); }

    /// False, with an OutOfMemoryError, where there is none.
    bool take(JNIEnv *env, size_t len);

    template <typename T = char> T *as() const { return static_cast<T *>(data_); }

    /// Leaves it to the caller, who frees it.
    char *release() {
        char *data = as();
        data_ = nullptr;
        return data;
    }

private:
    void *data_ = nullptr;
};

/// A copy of a byte[], with a NUL at the end: a name or a path.
class Bytes {
public:
    Bytes(JNIEnv *env, jbyteArray array);
    /// False where an exception was thrown.
    explicit operator bool() const { return ok_; }
    const char *data() const { return memory_.as(); }
    size_t size() const { return size_; }

private:
    Memory memory_;
    size_t size_ = 0;
    bool ok_;
};

/// A copy of a long[]; null is an empty one.
class Longs {
public:
    Longs(JNIEnv *env, jlongArray array);
    explicit operator bool() const { return ok_; }
    const int64_t *data() const { return memory_.as<int64_t>(); }
    size_t size() const { return size_; }

private:
    Memory memory_;
    size_t size_ = 0;
    bool ok_;
};

/// A slice, as Slice of Java gives it: the starts, then the lengths; null is the whole tensor.
class Sliced {
public:
    Sliced(JNIEnv *env, jlongArray array) : whole_(array == nullptr), longs_(env, array) {}
    explicit operator bool() const { return static_cast<bool>(longs_); }
    bool whole() const { return whole_; }
    size_t rank() const { return longs_.size() / 2; }
    const int64_t *starts() const { return whole_ ? nullptr : longs_.data(); }
    const int64_t *lengths() const { return whole_ ? nullptr : longs_.data() + rank(); }

private:
    bool whole_;
    Longs longs_;
};

/// Part of a direct buffer, whose bounds are checked once more, or all of it.
class Direct {
public:
    Direct(JNIEnv *env, jobject buffer, jlong position, jlong len) : Direct(env, buffer) {
        narrow(env, position, len);
    }
    Direct(JNIEnv *env, jobject buffer);
    explicit operator bool() const { return ok_; }
    char *data() const { return data_; }
    size_t size() const { return size_; }

private:
    void narrow(JNIEnv *env, jlong position, jlong len);

    char *data_ = nullptr;
    size_t size_ = 0;
    bool ok_ = false;
};

/// The kinds of arrays, as ArrayKind of Java numbers them.
enum Kind { BYTES, BOOLEANS, SHORTS, INTS, LONGS, FLOATS, DOUBLES };

size_t size_of(jint kind);

/// Copies to an array of Java.
void set_region(JNIEnv *env, jobject array, jint kind, jint offset, jint count, void *from);

/// Copies from an array of Java.
void get_region(JNIEnv *env, jobject array, jint kind, jint offset, jint count, void *to);

/// What a Progress of Java has, by its pointer; null for none.
const tfckpt_progress *progress_of(jlong progress);

/// The options of a read, as ReadOptions of Java gives them; null is the defaults.
class ReadOptions {
public:
    ReadOptions(JNIEnv *env, jlongArray array);
    explicit operator bool() const { return static_cast<bool>(longs_); }
    const tfckpt_read_options *get() const { return options_.get(); }

private:
    Longs longs_;
    Owned<tfckpt_read_options, tfckpt_read_options_free> options_;
};

/// Those of writing many tensors, as WriteOptions of Java gives them.
class WriteOptions {
public:
    WriteOptions(JNIEnv *env, jlongArray array);
    explicit operator bool() const { return static_cast<bool>(longs_); }
    const tfckpt_write_options *get() const { return options_.get(); }

private:
    Longs longs_;
    Owned<tfckpt_write_options, tfckpt_write_options_free> options_;
};

} // namespace jni
