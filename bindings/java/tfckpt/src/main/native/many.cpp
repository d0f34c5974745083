// Many tensors at once.
#include "jni.hpp"

using namespace jni;

namespace {

// Names and numbers of requests, as Packed of Java has put them together.
class Packed {
public:
    Packed(JNIEnv *env, jbyteArray names, jlongArray numbers)
        : names_(env, names), numbers_(env, numbers), name_(names_.data()), number_(numbers_.data()) {}
    explicit operator bool() const { return names_ && numbers_; }

    const char *name(size_t len) {
        const char *name = name_;
        name_ += len;
        return name;
    }
    int64_t number() { return *number_++; }
    size_t size() { return static_cast<size_t>(number()); }

    const int64_t *numbers(size_t count) {
        const int64_t *numbers = number_;
        number_ += count;
        return numbers;
    }

private:
    Bytes names_;
    Longs numbers_;
    const char *name_;
    const int64_t *number_;
};

// The request that comes next, as ManyReads of Java packs it.
tfckpt_read_request read_request(Packed &packed, const Direct &dst) {
    tfckpt_read_request request = {};
    request.name_len = packed.size();
    request.name = packed.name(request.name_len);
    const int64_t slice_rank = packed.number();
    const size_t stride_count = packed.size();
    if (slice_rank >= 0) {
        request.rank = static_cast<size_t>(slice_rank);
        request.starts = packed.numbers(request.rank);
        request.lengths = packed.numbers(request.rank);
    }
    if (stride_count > 0) {
        request.rank = stride_count;
        request.dst_strides = packed.numbers(stride_count);
    }
    request.dst = dst.data();
    request.dst_len = dst.size();
    return request;
}

// The request that comes next, as ManyWrites of Java packs it. False, with an exception, where the
// slice does not go with the shape.
bool write_request(JNIEnv *env, Packed &packed, const Direct &data, tfckpt_write_request *out) {
    tfckpt_write_request request = {};
    request.name_len = packed.size();
    request.name = packed.name(request.name_len);
    request.dtype = static_cast<int32_t>(packed.number());
    request.rank = packed.size();
    const int64_t slice_rank = packed.number();
    request.dims = packed.numbers(request.rank);
    if (slice_rank >= 0) {
        if (static_cast<size_t>(slice_rank) != request.rank) {
            raise(env, TFCKPT_INVALID_ARGUMENT, "the slice has another rank than the shape");
            return false;
        }
        request.starts = packed.numbers(request.rank);
        request.lengths = packed.numbers(request.rank);
    }
    request.data = data.data();
    request.data_len = data.size();
    *out = request;
    return true;
}

// Makes the requests, one for each buffer.
template <typename Request, typename Make>
bool make_all(JNIEnv *env, jobjectArray buffers, Memory &memory, size_t *count, Make make) {
    *count = static_cast<size_t>(env->GetArrayLength(buffers));
    if (!memory.take(env, *count * sizeof(Request))) {
        return false;
    }
    for (size_t i = 0; i < *count; i++) {
        jobject buffer = env->GetObjectArrayElement(buffers, static_cast<jsize>(i));
        Direct whole(env, buffer);
        env->DeleteLocalRef(buffer);
        if (!whole || !make(whole, &memory.as<Request>()[i])) {
            return false;
        }
    }
    return true;
}

} // namespace

extern "C" {

JNIEXPORT void JNICALL Java_org_tfckpt_Native_readMany(JNIEnv *env, jclass, jlong reader, jbyteArray names,
                                                       jlongArray numbers, jobjectArray buffers, jlongArray options) {
    Packed packed(env, names, numbers);
    ReadOptions how(env, options);
    Memory requests;
    size_t count = 0;
    const auto make = [&](const Direct &dst, tfckpt_read_request *out) {
        *out = read_request(packed, dst);
        return true;
    };
    if (!packed || !how || !make_all<tfckpt_read_request>(env, buffers, requests, &count, make)) {
        return;
    }
    Call call(env);
    call.failed(tfckpt_reader_read_many(pointer<tfckpt_reader>(reader), requests.as<tfckpt_read_request>(), count,
                                        how.get(), call.err()));
}

JNIEXPORT void JNICALL Java_org_tfckpt_Native_writerAddMany(JNIEnv *env, jclass, jlong writer, jbyteArray names,
                                                            jlongArray numbers, jobjectArray buffers,
                                                            jlongArray options) {
    Packed packed(env, names, numbers);
    WriteOptions how(env, options);
    Memory requests;
    size_t count = 0;
    const auto make = [&](const Direct &data, tfckpt_write_request *out) {
        return write_request(env, packed, data, out);
    };
    if (!packed || !how || !make_all<tfckpt_write_request>(env, buffers, requests, &count, make)) {
        return;
    }
    Call call(env);
    call.failed(tfckpt_writer_add_many(pointer<tfckpt_writer>(writer), requests.as<tfckpt_write_request>(), count,
                                       how.get(), call.err()));
}

} // extern "C"
