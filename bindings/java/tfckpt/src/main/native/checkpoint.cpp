// What is about whole checkpoints.
#include "jni.hpp"

using namespace jni;

namespace {

using Report = Owned<tfckpt_report, tfckpt_report_free>;

using Collected = Owned<tfckpt_collected, tfckpt_collected_free>;

// What is wrong, as exceptions: the errors that something lists.
template <typename T>
jobjectArray problems(JNIEnv *env, const T *from, int64_t size, const tfckpt_error *(*at)(const T *, int64_t)) {
    jclass type = env->FindClass("org/tfckpt/TfckptException");
    const jsize count = static_cast<jsize>(size);
    jobjectArray all = type == nullptr ? nullptr : env->NewObjectArray(count, type, nullptr);
    for (jsize i = 0; all != nullptr && i < count; i++) {
        if (env->PushLocalFrame(16) != 0) {
            return nullptr;
        }
        jobject made = exception(env, at(from, i));
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

// Those of a report; counts takes how many tensors and bytes were looked at.
jobjectArray problems(JNIEnv *env, const tfckpt_report *report, jlongArray counts) {
    const jlong numbers[2] = {tfckpt_report_tensor_count(report), tfckpt_report_byte_count(report)};
    env->SetLongArrayRegion(counts, 0, 2, numbers);
    return problems(env, report, tfckpt_report_problem_count(report), tfckpt_report_problem);
}

// The paths that something lists, as byte arrays.
template <typename T>
jobjectArray paths(JNIEnv *env, const T *from, int64_t size, const char *(*at)(const T *, int64_t)) {
    const jsize count = static_cast<jsize>(size);
    jobjectArray all = bytes_array(env, count);
    for (jsize i = 0; all != nullptr && i < count; i++) {
        const char *path = at(from, i);
        jbyteArray one = bytes(env, path, strlen(path));
        if (one == nullptr) {
            return nullptr;
        }
        env->SetObjectArrayElement(all, i, one);
        env->DeleteLocalRef(one);
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

// What Collected of Java is made of.
jobjectArray parts(JNIEnv *env, const tfckpt_collected *it) {
    const jobjectArray removed = paths(env, it, tfckpt_collected_removed_count(it), tfckpt_collected_removed);
    const jobjectArray in_use =
        removed == nullptr ? nullptr : paths(env, it, tfckpt_collected_in_use_count(it), tfckpt_collected_in_use);
    const jobjectArray too_young = in_use == nullptr ? nullptr
                                                     : paths(env, it, tfckpt_collected_too_young_count(it),
                                                             tfckpt_collected_too_young);
    const jobjectArray wrong = too_young == nullptr ? nullptr
                                                    : problems(env, it, tfckpt_collected_problem_count(it),
                                                               tfckpt_collected_problem);
    const jobjectArray all = wrong == nullptr ? nullptr : objects(env, 4);
    if (all != nullptr) {
        env->SetObjectArrayElement(all, 0, removed);
        env->SetObjectArrayElement(all, 1, in_use);
        env->SetObjectArrayElement(all, 2, too_young);
        env->SetObjectArrayElement(all, 3, wrong);
    }
    return all;
}

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
                                                    jint on_conflict, jint transfer, jboolean sync, jint threads,
                                                    jlong max_in_flight, jlong progress) {
    Bytes place(env, dst);
    Paths from;
    Owned<tfckpt_merge_options, tfckpt_merge_options_free> options(tfckpt_merge_options_new());
    tfckpt_merge_options_set_sync(options.get(), sync != JNI_FALSE);
    tfckpt_merge_options_set_threads(options.get(), static_cast<size_t>(threads));
    if (max_in_flight >= 0) {
        tfckpt_merge_options_set_max_in_flight(options.get(), static_cast<size_t>(max_in_flight));
    }
    tfckpt_merge_options_set_progress(options.get(), progress_of(progress));
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

JNIEXPORT jobjectArray JNICALL Java_org_tfckpt_Native_gc(JNIEnv *env, jclass, jbyteArray dir, jboolean tensorflow,
                                                         jboolean orphans, jlong min_age, jboolean dry_run) {
    Bytes place(env, dir);
    Owned<tfckpt_gc_options, tfckpt_gc_options_free> options(tfckpt_gc_options_new());
    tfckpt_gc_options_set_tensorflow(options.get(), tensorflow != JNI_FALSE);
    tfckpt_gc_options_set_orphans(options.get(), orphans != JNI_FALSE);
    tfckpt_gc_options_set_dry_run(options.get(), dry_run != JNI_FALSE);
    Call call(env);
    Collected collected;
    if (!place || call.failed(tfckpt_gc_options_set_min_age(options.get(), min_age, call.err())) ||
        call.failed(tfckpt_directory_gc(place.data(), options.get(), collected.out(), call.err()))) {
        return nullptr;
    }
    return parts(env, collected.get());
}

} // extern "C"
