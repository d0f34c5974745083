/// Threads that share what may be shared. Built once more by tsan/run, under ThreadSanitizer.
#include <array>
#include <functional>
#include <future>
#include <map>
#include <thread>

#include "support.hpp"

namespace {

using tfckpt::DType;
using tfckpt::Manager;
using tfckpt::Overlay;
using tfckpt::Reader;
using tfckpt::Slice;
using tfckpt::Strings;
using tfckpt::TensorRef;

constexpr int kThreads = 8;

/// Runs `act(i)` on 8 threads, which set out together.
void on_threads(const std::function<void(int)>& act) {
    std::promise<void> start;
    const std::shared_future<void> started = start.get_future().share();
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; i++) {
        threads.emplace_back([&act, started, i] {
            started.wait();
            EXPECT_NO_THROW(act(i));
        });
    }
    start.set_value();
    for (std::thread& thread : threads) thread.join();
}

/// What a tensor has in it.
std::string content(const Reader& reader, std::string_view name, DType dtype) {
    if (dtype == DType::kString || dtype == DType::kVariant) {
        return std::string(reader.read_strings(name).data());
    }
    const auto bytes = reader.read<std::byte>(name);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

using Contents = std::map<std::string, std::string, std::less<>>;

Contents contents(const Reader& reader) {
    Contents contents;
    for (const TensorRef& tensor : reader.tensors()) {
        contents.emplace(tensor.name(), content(reader, tensor.name(), tensor.dtype()));
    }
    return contents;
}

/// All that can be done with a reader, some of it by each thread at each moment.
void use(const Reader& reader, const Contents& wanted, int thread) {
    switch (thread % 4) {
        case 0: {
            EXPECT_EQ(contents(reader), wanted);
            break;
        }
        case 1: {
            // From the end, so that the threads meet in the middle.
            for (auto tensor = wanted.rbegin(); tensor != wanted.rend(); ++tensor) {
                const auto found = reader.find(tensor->first);
                ASSERT_TRUE(found);
                EXPECT_EQ(content(reader, found->name(), found->dtype()), tensor->second);
            }
            EXPECT_FALSE(reader.find("no/such/tensor"));
            break;
        }
        case 2: {
            std::map<std::string, std::vector<std::byte>, std::less<>> read;
            std::vector<tfckpt::ReadRequest> requests;
            for (const TensorRef& tensor : reader.tensors()) {
                if (!tensor.byte_size()) continue;
                auto& dst = read[std::string(tensor.name())];
                dst.resize(static_cast<std::size_t>(*tensor.byte_size()));
                requests.emplace_back(tensor.name(), dst);
            }
            tfckpt::ReadOptions options;
            options.threads = 3;
            reader.read_many(requests, options);
            for (const auto& [name, bytes] : read) {
                const auto* data = reinterpret_cast<const char*>(bytes.data());
                EXPECT_EQ(std::string(data, bytes.size()), wanted.find(name)->second);
            }
            break;
        }
        default: {
            EXPECT_EQ(static_cast<std::size_t>(reader.size()), wanted.size());
            for (std::int64_t i = 0; i < reader.size(); i++) {
                const tfckpt::Tensor tensor = reader.at(i);
                if (!tensor.byte_size()) continue;
                tfckpt::ReadOptions unchecked;
                unchecked.verify = false;
                const auto all = Slice::whole(tensor.dims().size());
                EXPECT_EQ(reader.read_slice<std::byte>(tensor.name(), all, unchecked).size(),
                          wanted.find(tensor.name())->second.size());
            }
        }
    }
}

class Shared : public testing::TestWithParam<const char*> {};

/// The reader is a new one, so that the threads also meet where it opens its shards and reads
/// its index for the first time.
TEST_P(Shared, ReaderServesManyThreads) {
    const std::string path = test::data("golden") / GetParam();
    const Contents wanted = contents(Reader::open(path));
    for (const bool mapped : {false, true}) {
        tfckpt::ReaderOptions options;
        options.mapped = mapped;
        options.index_cache = 4096;  // Blocks go out while others want them.
        const Reader reader = Reader::open(path, options);
        on_threads([&](int thread) {
            for (int round = 0; round < 4; round++) use(reader, wanted, thread + round);
        });
    }
}

INSTANTIATE_TEST_SUITE_P(Threads, Shared,
                         testing::Values("sharded/manual/ckpt", "max_shard_size/limit_500/ckpt",
                                         "partitioned/tf1/model.ckpt", "big_endian/big/ckpt",
                                         "strings/ckpt", "snappy_index/snappy_blocks_512/ckpt",
                                         "v1_saver/sharded", "v1_snappy/snappy", "v1_sliced/blocks.ckpt"));

TEST(Threads, ShareAnOverlay) {
    Overlay overlay;
    overlay.add(test::data("golden/sharded/manual/ckpt")).map_prefix("", "v2/");
    overlay.add(test::data("golden/v1_saver/single")).map_prefix("", "v1/");
    const Contents wanted = contents(overlay.open());
    const Reader reader = overlay.open();
    on_threads([&](int thread) { use(reader, wanted, thread); });
}

/// What comes from a reader outlives it, and may die on another thread.
TEST(Threads, TakeThingsWithThem) {
    auto reader = std::make_unique<Reader>(
        Reader::open(test::data("golden/aligned_data/aligned_64/ckpt")));
    const auto wanted = reader->read<float>("t00/float32");
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; i++) {
        threads.emplace_back([&wanted, view = reader->view("t00/float32"),
                              tensor = reader->at("t00/float32"), cursor = reader->tensors(),
                              strings = reader->read_strings("t01/string")]() mutable {
            EXPECT_EQ(test::to_vector(view.as<float>()), wanted);
            EXPECT_EQ(tensor.name(), "t00/float32");
            EXPECT_EQ(cursor.next()->name(), "t00/float32");
            EXPECT_EQ(strings.size(), 4U);
        });
    }
    reader.reset();
    for (std::thread& thread : threads) thread.join();
}

/// Errors have no state that threads could share.
TEST(Threads, EachGetTheirError) {
    const Reader reader = Reader::open(test::data("golden/sharded/manual/ckpt"));
    on_threads([&](int thread) {
        const std::string name = "no/such/tensor/" + std::to_string(thread);
        for (int i = 0; i < 50; i++) {
            const auto error = test::error_of([&] { static_cast<void>(reader.at(name)); });
            ASSERT_TRUE(error);
            EXPECT_EQ(error->tensor(), name);
        }
    });
}

class ThreadsTest : public test::Folder {};

TEST_F(ThreadsTest, SaveWithOneManager) {
    tfckpt::ManagerOptions options;
    options.max_to_keep = 3;
    options.writer_options.sync = false;
    const Manager manager = Manager::open(path("saved"), options);
    on_threads([&](int thread) {
        auto writer = manager.save_step(thread);
        writer.add("w", {1}, {static_cast<float>(thread)});
        writer.finish();
        EXPECT_TRUE(manager.latest());
        EXPECT_FALSE(manager.checkpoints().empty());
    });
    EXPECT_EQ(manager.checkpoints().size(), 3U);
    for (const std::string& prefix : manager.checkpoints()) {
        EXPECT_TRUE(tfckpt::verify(prefix).ok());
    }
}

}  // namespace
