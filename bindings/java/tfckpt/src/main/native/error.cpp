// Errors of the library become exceptions of Java.
#include "jni.hpp"

namespace {

// Of class Native, which is never unloaded while a function of it runs: that class itself,
// TfckptException exception(int, byte[], byte[], byte[], int, long, byte[][]), and
// boolean tell(Progress.Listener, long, long).
jclass native_class;
jclass bytes_class;
jclass object_class;
jmethodID make_exception;
jmethodID tell_listener;

jclass global(JNIEnv *env, jclass local) {
    return local == nullptr ? nullptr : static_cast<jclass>(env->NewGlobalRef(local));
}

// The bytes of what may be missing, which is null then.
bool optional(JNIEnv *env, const char *text, size_t len, jbyteArray *out) {
    *out = text == nullptr ? nullptr : jni::bytes(env, text, len);
    return text == nullptr || *out != nullptr;
}

jobjectArray names(JNIEnv *env, const tfckpt_error *error) {
    const jsize count = static_cast<jsize>(tfckpt_error_name_count(error));
    jobjectArray all = jni::bytes_array(env, count);
    for (jsize i = 0; all != nullptr && i < count; i++) {
        size_t len = 0;
        const char *name = tfckpt_error_name(error, i, &len);
        jbyteArray one = jni::bytes(env, name, len);
        if (one == nullptr) {
            return nullptr;
        }
        env->SetObjectArrayElement(all, i, one);
        env->DeleteLocalRef(one);
    }
    return all;
}

jobject make(JNIEnv *env, tfckpt_status status, const char *message, const tfckpt_error *error) {
    const char *file = tfckpt_error_file(error);
    size_t tensor_len = 0;
    const char *tensor = tfckpt_error_tensor(error, &tensor_len);
    jbyteArray what, where, which;
    if (!optional(env, message, strlen(message), &what) ||
        !optional(env, file, file == nullptr ? 0 : strlen(file), &where) ||
        !optional(env, tensor, tensor_len, &which)) {
        return nullptr;
    }
    jobjectArray all = names(env, error);
    if (all == nullptr) {
        return nullptr;
    }
    const jlong offset = error == nullptr ? -1 : tfckpt_error_offset(error);
    const jint shard = error == nullptr ? -1 : tfckpt_error_shard(error);
    return env->CallStaticObjectMethod(native_class, make_exception, static_cast<jint>(status), what, where,
                                       which, shard, offset, all);
}

void raise_made(JNIEnv *env, jobject made) {
    if (made != nullptr && !env->ExceptionCheck()) {
        env->Throw(static_cast<jthrowable>(made));
    }
}

} // namespace

namespace jni {

void remember(JNIEnv *env, jclass native) {
    native_class = global(env, native);
    bytes_class = global(env, env->FindClass("[B"));
    object_class = bytes_class == nullptr ? nullptr : global(env, env->FindClass("java/lang/Object"));
    if (object_class != nullptr) {
        make_exception = env->GetStaticMethodID(native, "exception",
                                                "(I[B[B[BIJ[[B)Lorg/tfckpt/TfckptException;");
    }
    if (make_exception != nullptr) {
        tell_listener = env->GetStaticMethodID(native, "tell", "(Lorg/tfckpt/Progress$Listener;JJ)Z");
    }
}

bool tell(JNIEnv *env, jobject listener, uint64_t done, uint64_t total) {
    const jboolean on = env->CallStaticBooleanMethod(native_class, tell_listener, listener,
                                                     static_cast<jlong>(done), static_cast<jlong>(total));
    return env->ExceptionCheck() == JNI_FALSE && on != JNI_FALSE;
}

jobjectArray bytes_array(JNIEnv *env, jsize count) { return env->NewObjectArray(count, bytes_class, nullptr); }

jobjectArray objects(JNIEnv *env, jsize count) { return env->NewObjectArray(count, object_class, nullptr); }

jobject exception(JNIEnv *env, const tfckpt_error *error) {
    return make(env, tfckpt_error_status(error), tfckpt_error_message(error), error);
}

void raise(JNIEnv *env, const tfckpt_error *error) { raise_made(env, exception(env, error)); }

void raise(JNIEnv *env, tfckpt_status status, const char *message) {
    raise_made(env, make(env, status, message, nullptr));
}

} // namespace jni

extern "C" JNIEXPORT void JNICALL Java_org_tfckpt_Native_init(JNIEnv *env, jclass native) {
    jni::remember(env, native);
}

extern "C" JNIEXPORT jstring JNICALL Java_org_tfckpt_Native_version(JNIEnv *env, jclass) {
    return env->NewStringUTF(tfckpt_version());
}

extern "C" JNIEXPORT jint JNICALL Java_org_tfckpt_Native_dtypeSize(JNIEnv *, jclass, jint dtype) {
    return static_cast<jint>(tfckpt_dtype_size(dtype));
}

extern "C" JNIEXPORT jbyteArray JNICALL Java_org_tfckpt_Native_dtypeName(JNIEnv *env, jclass, jint dtype) {
    const char *name = tfckpt_dtype_name(dtype);
    return name == nullptr ? nullptr : jni::bytes(env, name, strlen(name));
}
