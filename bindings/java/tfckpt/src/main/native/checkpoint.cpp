// What is about whole checkpoints, and how far it is.
#include "jni.hpp"

using namespace jni;

namespace {

using Report = Owned<tfckpt_report, tfckpt_report_free>;

// What is wrong, as exceptions; counts takes how many tensors and bytes were looked at.
jobjectArray problems(JNIEnv *env, const tfckpt_report *report, jlongArray counts) {
    const jlong numbers[2] = {tfckpt_report_tensor_count(report), tfckpt_report_byte_count(report)};
    env->SetLongArrayRegion(counts, 0, 2, numbers);
    jclass type = env->FindClass("org/tfckpt/TfckptException");
    const jsize count = static_cast<jsize>(tfckpt_report_problem_count(report));
    jobjectArray all = type == nullptr ? nullptr : env->NewObjectArray(count, type, nullptr);
    for (jsize i = 0; all != nullptr && i < count; i++) {
        if (env->PushLocalFrame(16) != 0) {
            return nullptr;
        }
        jobject made = exception(env, tfckpt_report_problem(report, i));
        if (made != nullptr && !env->ExceptionCheck()) {
            env->SetObjectArrayElement(all, i, made);
        }
        env->PopLocalFrame(nullptr);
        if (env->ExceptionCheck()) {
            return nullptr;
        }
    }
    return all;
}

// Paths, as copies.
class Paths {
public:
    bool take(JNIEnv *env, jobjectArray paths) {
        const jsize count = env->GetArrayLength(paths);
        size_ = static_cast<size_t>(count);
        if (!pointers_.take(env, size_ * sizeof(char *))) {
            return false;
        }
        memset(pointers_.as(), 0, size_ * sizeof(char *));
        for (jsize i = 0; i < count; i++) {
            if (!take_one(env, paths, i)) {
                return false;
            }
        }
        return true;
    }
    ~Paths() {
        for (size_t i = 0; i < size_ && pointers_.as() != nullptr; i++) {
            free(pointers_.as<char *>()[i]);
        }
    }

    const char *const *data() const { return pointers_.as<const char *>(); }
    size_t size() const { return size_; }

private:
    bool take_one(JNIEnv *env, jobjectArray paths, jsize i) {
        jbyteArray path = static_cast<jbyteArray>(env->GetObjectArrayElement(paths, i));
        Bytes bytes(env, path);
        env->DeleteLocalRef(path);
        if (!bytes) {
            return false;
        }
        Memory copy;
        if (!copy.take(env, bytes.size() + 1)) {
            return false;
        }
        memcpy(copy.as(), bytes.data(), bytes.size() + 1);
        pointers_.as<char *>()[i] = copy.release();
        return true;
    }

    Memory pointers_;
    size_t size_ = 0;
};

} // namespace

extern "C" {

JNIEXPORT jobjectArray JNICALL Java_org_tfckpt_Native_readerVerify(JNIEnv *env, jclass, jlong reader,
                                                                   jlongArray options, jlongArray counts) {
    ReadOptions how(env, options);
    Call call(env);
    Report report;
    if (!how ||
        call.failed(tfckpt_reader_verify(pointer<tfckpt_reader>(reader), how.get(), report.out(), call.err()))) {
        return nullptr;
    }
    return problems(env, report.get(), counts);
}

JNIEXPORT jobjectArray JNICALL Java_org_tfckpt_Native_verify(JNIEnv *env, jclass, jbyteArray path,
                                                             jlongArray counts) {
    Bytes place(env, path);
    Call call(env);
    Report report;
    if (!place || call.failed(tfckpt_checkpoint_verify(place.data(), nullptr, report.out(), call.err()))) {
        return nullptr;
    }
    return problems(env, report.get(), counts);
}

JNIEXPORT void JNICALL Java_org_tfckpt_Native_merge(JNIEnv *env, jclass, jbyteArray dst, jobjectArray sources,
                                                    jint on_conflict, jint transfer, jboolean sync, jlong progress) {
    Bytes place(env, dst);
    Paths from;
    Owned<tfckpt_merge_options, tfckpt_merge_options_free> options(tfckpt_merge_options_new());
    tfckpt_merge_options_set_sync(options.get(), sync != JNI_FALSE);
    tfckpt_merge_options_set_progress(options.get(), pointer<tfckpt_progress>(progress));
    Call call(env);
    if (!place || !from.take(env, sources) ||
        call.failed(tfckpt_merge_options_set_on_conflict(options.get(), on_conflict, call.err())) ||
        call.failed(tfckpt_merge_options_set_transfer(options.get(), transfer, call.err()))) {
        return;
    }
    call.failed(tfckpt_checkpoint_merge(place.data(), from.data(), from.size(), options.get(), call.err()));
}

JNIEXPORT jbyteArray JNICALL Java_org_tfckpt_Native_latest(JNIEnv *env, jclass, jbyteArray dir, jboolean valid) {
    Bytes place(env, dir);
    Call call(env);
    Owned<tfckpt_latest, tfckpt_latest_free> latest;
    auto find = valid != JNI_FALSE ? tfckpt_directory_latest_valid : tfckpt_directory_latest;
    if (!place || call.failed(find(place.data(), nullptr, latest.out(), call.err()))) {
        return nullptr;
    }
    const char *prefix = tfckpt_latest_prefix(latest.get());
    return bytes(env, prefix, strlen(prefix));
}

JNIEXPORT jlong JNICALL Java_org_tfckpt_Native_progressNew(JNIEnv *, jclass) {
    return reinterpret_cast<jlong>(tfckpt_progress_new());
}

JNIEXPORT void JNICALL Java_org_tfckpt_Native_progressFree(JNIEnv *, jclass, jlong progress) {
    tfckpt_progress_free(pointer<tfckpt_progress>(progress));
}

JNIEXPORT void JNICALL Java_org_tfckpt_Native_progressCancel(JNIEnv *, jclass, jlong progress) {
    tfckpt_progress_cancel(pointer<tfckpt_progress>(progress));
}

JNIEXPORT jboolean JNICALL Java_org_tfckpt_Native_progressIsCancelled(JNIEnv *, jclass, jlong progress) {
    return tfckpt_progress_is_cancelled(pointer<tfckpt_progress>(progress)) ? JNI_TRUE : JNI_FALSE;
}

JNIEXPORT jlong JNICALL Java_org_tfckpt_Native_progressDone(JNIEnv *, jclass, jlong progress) {
    return static_cast<jlong>(tfckpt_progress_done(pointer<tfckpt_progress>(progress)));
}

JNIEXPORT jlong JNICALL Java_org_tfckpt_Native_progressTotal(JNIEnv *, jclass, jlong progress) {
    return static_cast<jlong>(tfckpt_progress_total(pointer<tfckpt_progress>(progress)));
}

} // extern "C"
