// Many tensors at once.
#include "jni.hpp"

using namespace jni;

extern "C" {

// The names one behind the other, the length of each; the ranks, -1 for a whole tensor; the
// starts and lengths of all slices; the direct buffers, and where in them.
JNIEXPORT void JNICALL Java_org_tfckpt_Native_readMany(JNIEnv *env, jclass, jlong reader, jbyteArray names,
                                                       jlongArray name_lens, jlongArray ranks, jlongArray slices,
                                                       jobjectArray buffers, jlongArray positions, jlongArray lens,
                                                       jlongArray options) {
    Bytes keys(env, names);
    Longs key_lens(env, name_lens), dims(env, ranks), parts(env, slices), from(env, positions), room(env, lens);
    ReadOptions how(env, options);
    Memory requests;
    if (!keys || !key_lens || !dims || !parts || !from || !room || !how ||
        !requests.take(env, key_lens.size() * sizeof(tfckpt_read_request))) {
        return;
    }
    const char *key = keys.data();
    const int64_t *numbers = parts.data();
    for (size_t i = 0; i < key_lens.size(); i++) {
        jobject buffer = env->GetObjectArrayElement(buffers, static_cast<jsize>(i));
        Direct to(env, buffer, from.data()[i], room.data()[i]);
        env->DeleteLocalRef(buffer);
        if (!to) {
            return;
        }
        tfckpt_read_request request = {};
        request.name = key;
        request.name_len = static_cast<size_t>(key_lens.data()[i]);
        key += request.name_len;
        if (dims.data()[i] >= 0) {
            request.rank = static_cast<size_t>(dims.data()[i]);
            request.starts = numbers;
            request.lengths = numbers + request.rank;
            numbers += 2 * request.rank;
        }
        request.dst = to.data();
        request.dst_len = to.size();
        requests.as<tfckpt_read_request>()[i] = request;
    }
    Call call(env);
    call.failed(tfckpt_reader_read_many(pointer<tfckpt_reader>(reader), requests.as<tfckpt_read_request>(),
                                        key_lens.size(), how.get(), call.err()));
}

} // extern "C"
