// How far calls are, and who is told.
#include "jni.hpp"

using namespace jni;

namespace {

// What a Progress of Java has the pointer of. The listener is held weakly, for it may hold the
// Progress; while there are calls, that holds it.
struct Watched {
    tfckpt_progress *progress;
    jweak listener;
    JavaVM *vm;
};

// The library calls it from the thread that made the call, which came from Java.
bool on_progress(void *user, uint64_t done, uint64_t total) {
    const Watched *watched = static_cast<const Watched *>(user);
    JNIEnv *env = nullptr;
    watched->vm->GetEnv(reinterpret_cast<void **>(&env), JNI_VERSION_1_8);
    if (env->ExceptionCheck()) {
        return false; // which the listener threw the last time
    }
    jobject listener = env->NewLocalRef(watched->listener);
    const bool on = listener == nullptr || tell(env, listener, done, total);
    env->DeleteLocalRef(listener);
    return on;
}

} // namespace

namespace jni {

const tfckpt_progress *progress_of(jlong progress) {
    const Watched *watched = pointer<const Watched>(progress);
    return watched == nullptr ? nullptr : watched->progress;
}

} // namespace jni

extern "C" {

JNIEXPORT jlong JNICALL Java_org_tfckpt_Native_progressNew(JNIEnv *env, jclass, jobject listener) {
    Memory memory;
    if (!memory.take(env, sizeof(Watched))) {
        return 0;
    }
    Watched *watched = memory.as<Watched>();
    env->GetJavaVM(&watched->vm);
    watched->listener = listener == nullptr ? nullptr : env->NewWeakGlobalRef(listener);
    if (listener != nullptr && watched->listener == nullptr) {
        return 0;
    }
    watched->progress = tfckpt_progress_new();
    if (listener != nullptr) {
        tfckpt_progress_set_callback(watched->progress, on_progress, watched);
    }
    return reinterpret_cast<jlong>(memory.release());
}

JNIEXPORT void JNICALL Java_org_tfckpt_Native_progressFree(JNIEnv *env, jclass, jlong progress) {
    Watched *watched = pointer<Watched>(progress);
    tfckpt_progress_free(watched->progress);
    env->DeleteWeakGlobalRef(watched->listener);
    free(watched);
}

JNIEXPORT void JNICALL Java_org_tfckpt_Native_progressCancel(JNIEnv *, jclass, jlong progress) {
    tfckpt_progress_cancel(progress_of(progress));
}

JNIEXPORT jboolean JNICALL Java_org_tfckpt_Native_progressIsCancelled(JNIEnv *, jclass, jlong progress) {
    return tfckpt_progress_is_cancelled(progress_of(progress)) ? JNI_TRUE : JNI_FALSE;
}

JNIEXPORT jlong JNICALL Java_org_tfckpt_Native_progressDone(JNIEnv *, jclass, jlong progress) {
    return static_cast<jlong>(tfckpt_progress_done(progress_of(progress)));
}

JNIEXPORT jlong JNICALL Java_org_tfckpt_Native_progressTotal(JNIEnv *, jclass, jlong progress) {
    return static_cast<jlong>(tfckpt_progress_total(progress_of(progress)));
}

} // extern "C"
