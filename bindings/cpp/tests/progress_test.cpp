/// Calls that are watched, and called off.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support.hpp"

namespace {

using tfckpt::CopyData;
using tfckpt::Progress;
using tfckpt::Reader;

class ProgressTest : public test::Folder {
protected:
    static constexpr std::size_t kFloats = std::size_t{1} << 18;
    static constexpr std::uint64_t kBytes = 3 * kFloats * sizeof(float);

    ProgressTest() : memory_(3 * kFloats) {
        auto writer = tfckpt::Writer::create(path("from"));
        for (const char* name : {"a", "b", "c"}) writer.add(name, {kFloats}, floats(0));
        writer.finish();
    }

    /// Room for one of the tensors.
    [[nodiscard]] tfckpt::Span<float> floats(std::size_t number) {
        return {memory_.data() + number * kFloats, kFloats};
    }

    /// All that can be watched, over and over.
    [[nodiscard]] std::vector<std::function<void(const Progress&)>> calls() {
        return {
            [this](const Progress& progress) {
                tfckpt::ReadOptions options;
                options.progress = &progress;
                options.threads = 2;
                Reader::open(path("from"))
                    .read_many({{"a", floats(0)}, {"b", floats(1)}, {"c", floats(2)}}, options);
            },
            [this](const Progress& progress) {
                tfckpt::ReadOptions options;
                options.progress = &progress;
                const auto reader = Reader::open(path("from"));
                for (const char* name : {"a", "b", "c"}) reader.read_into(name, floats(0), options);
            },
            [this](const Progress& progress) {
                tfckpt::ReadOptions options;
                options.progress = &progress;
                EXPECT_TRUE(tfckpt::verify(Reader::open(path("from")), options).ok());
            },
            [this](const Progress& progress) { copy(progress, CopyData::kRewrite); },
            [this](const Progress& progress) { copy(progress, CopyData::kLink); },
            [this](const Progress& progress) {
                tfckpt::MergeOptions options;
                options.progress = &progress;
                options.sync = false;
                tfckpt::merge(fresh(), {path("from")}, options);
            },
        };
    }

private:
    void copy(const Progress& progress, CopyData data) {
        tfckpt::CopyOptions options;
        options.progress = &progress;
        options.data = data;
        options.sync = false;
        tfckpt::copy(fresh(), path("from"), options);
    }

    [[nodiscard]] std::string fresh() { return path("to" + std::to_string(number_++)); }

    std::vector<float> memory_;
    int number_ = 0;
};

TEST_F(ProgressTest, EndsWithAllThatThereWas) {
    for (const auto& call : calls()) {
        const Progress progress;
        EXPECT_EQ(progress.done() + progress.total(), 0U);
        call(progress);
        EXPECT_EQ(progress.done(), kBytes);
        EXPECT_EQ(progress.total(), kBytes);
        EXPECT_FALSE(progress.is_cancelled());
    }
}

TEST_F(ProgressTest, WhatWasCancelledDoesNothing) {
    const auto before = files();
    for (const auto& call : calls()) {
        const Progress progress;
        progress.cancel();
        EXPECT_TRUE(progress.is_cancelled());
        FAILS_AS(kCancelled, call(progress));
        EXPECT_EQ(progress.done() + progress.total(), 0U);
        EXPECT_EQ(files(), before);
    }
}

TEST_F(ProgressTest, AnotherThreadCancels) {
    for (const auto& call : calls()) {
        const Progress progress;
        std::thread thread([&] {
            while (progress.done() == 0) std::this_thread::yield();
            progress.cancel();
        });
        // It may come too late for a call, but not for all that follow.
        auto status = tfckpt::Status::kOk;
        while (status == tfckpt::Status::kOk) status = test::status_of([&] { call(progress); });
        EXPECT_EQ(status, tfckpt::Status::kCancelled);
        thread.join();
        EXPECT_LE(progress.done(), progress.total());
    }
}

TEST_F(ProgressTest, ACallbackIsCalledFromWithinTheCall) {
    const auto caller = std::this_thread::get_id();
    std::uint64_t calls = 0, last = 0;
    bool others = false, backwards = false;
    auto callback = [&](std::uint64_t done, std::uint64_t total) {
        calls++;
        others |= std::this_thread::get_id() != caller;
        backwards |= done < last || done > total;
        last = done;
        return true;
    };
    const Progress progress;
    progress.set_callback(callback);
    // A single read may be over before it is time to tell anything.
    while (calls < 2) this->calls().front()(progress);
    EXPECT_FALSE(others);
    EXPECT_FALSE(backwards);

    progress.clear_callback();
    const auto before = calls;
    for (int i = 0; i < 20; i++) this->calls().front()(progress);
    EXPECT_EQ(calls, before);
}

TEST_F(ProgressTest, ACallbackCancels) {
    for (const auto& call : calls()) {
        const Progress progress;
        int calls = 0;
        const auto callback = [&](std::uint64_t, std::uint64_t) {
            calls++;
            return false;
        };
        progress.set_callback(callback);
        auto status = tfckpt::Status::kOk;
        while (status == tfckpt::Status::kOk) status = test::status_of([&] { call(progress); });
        EXPECT_EQ(status, tfckpt::Status::kCancelled);
        EXPECT_EQ(calls, 1);
        EXPECT_TRUE(progress.is_cancelled());
    }
}

TEST_F(ProgressTest, MovesLikeAnyHandle) {
    Progress one;
    Progress other = std::move(one);
    other.cancel();
    one = std::move(other);
    EXPECT_TRUE(one.is_cancelled());
    EXPECT_EQ(Progress(tfckpt_progress_new()).total(), 0U);
}

}  // namespace
