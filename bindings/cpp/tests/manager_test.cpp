/// A directory of checkpoints of which the newest are kept.
#include <thread>

#include "support.hpp"

namespace {

namespace fs = test::fs;

using tfckpt::Manager;
using tfckpt::ManagerOptions;

class ManagerTest : public test::Folder {
protected:
    [[nodiscard]] Manager open(const ManagerOptions& options = {}) const {
        return Manager::open(path(), options);
    }

    [[nodiscard]] std::string string(const char* name) const { return path(name).string(); }
};

/// Finishes a save; what the writer then has to tell.
tfckpt::Writer save(const Manager& manager) {
    auto writer = manager.save();
    writer.add("a", {}, {1.5f});
    writer.finish();
    return writer;
}

TEST_F(ManagerTest, KeepsTheNewest) {
    ManagerOptions options;
    options.max_to_keep = 2;
    const auto manager = open(options);
    EXPECT_EQ(manager.latest(), std::nullopt);
    EXPECT_TRUE(manager.checkpoints().empty() && files().empty());

    EXPECT_TRUE(save(manager).removed().empty());
    EXPECT_EQ(save(manager).step(), 2);
    const auto writer = save(manager);
    EXPECT_EQ(writer.prefix(), string("ckpt-3"));
    EXPECT_EQ(writer.removed(), std::vector<std::string>{string("ckpt-1")});
    EXPECT_TRUE(writer.removal_problems().empty());
    EXPECT_EQ(manager.latest(), string("ckpt-3"));
    EXPECT_EQ(manager.checkpoints(),
              (std::vector<std::string>{string("ckpt-2"), string("ckpt-3")}));
    EXPECT_EQ(files(),
              (std::vector<std::string>{"checkpoint", "ckpt-2.data-00000-of-00001", "ckpt-2.index",
                                        "ckpt-3.data-00000-of-00001", "ckpt-3.index"}));
    EXPECT_EQ(tfckpt::latest(path())->prefix(), string("ckpt-3"));
    EXPECT_EQ(open(options).checkpoints(), manager.checkpoints());
}

TEST_F(ManagerTest, SavesByOptions) {
    ManagerOptions options;
    options.checkpoint_name = "sub/model";
    options.file_name = "latest";
    options.keep_checkpoint_every_n_hours = 0.5;
    options.writer_options.shards = 2;
    options.writer_options.sync = false;
    const auto manager = open(options);
    auto writer = manager.save_step(70);
    writer.add("a", {}, {1.5f});
    writer.finish();
    EXPECT_EQ(tfckpt::Reader::open(path("sub/model-70")).num_shards(), 2);
    EXPECT_TRUE(fs::exists(path("latest")));
    EXPECT_EQ(manager.save().step(), 71);
    FAILS_AS(kAlreadyExists, manager.save_step(70));
    options.writer_options.replace = true;
    EXPECT_EQ(open(options).save_step(70).step(), 70);
    FAILS_AS(kInvalidArgument, manager.save_step(-1));
}

TEST_F(ManagerTest, RefusesOptionsThatMakeNoSense) {
    const auto refuses = [&](auto set) {
        ManagerOptions options;
        set(options);
        return test::status_of([&] { static_cast<void>(open(options)); }) ==
               tfckpt::Status::kInvalidArgument;
    };
    EXPECT_TRUE(refuses([](auto& options) { options.max_to_keep = 0; }));
    EXPECT_TRUE(refuses([](auto& options) { options.keep_checkpoint_every_n_hours = -1; }));
    EXPECT_TRUE(refuses([](auto& options) { options.checkpoint_name = "../ckpt"; }));
    EXPECT_TRUE(refuses([](auto& options) { options.checkpoint_name = std::string("a\0", 2); }));
    EXPECT_TRUE(refuses([](auto& options) { options.file_name = "/checkpoint"; }));
    EXPECT_TRUE(refuses([](auto& options) { options.writer_options.shards = 0; }));
    ManagerOptions v1;
    v1.writer_options.format = tfckpt::Format::kV1;
    FAILS_AS(kUnsupported, open(v1));
    FAILS_AS(kInvalidArgument, Manager::open(std::string("a\0", 2)));
    FAILS_AS(kDataLoss, Manager::open(test::data("hostile/state_bad_text_proto")));
}

TEST_F(ManagerTest, AbandonsWhatIsNotFinished) {
    const auto manager = open();
    {
        auto writer = manager.save();
        writer.add("a", {}, {1.5f});
        EXPECT_TRUE(writer.removed().empty() && writer.removal_problems().empty());
    }
    EXPECT_TRUE(files().empty());
    EXPECT_EQ(manager.latest(), std::nullopt);
}

TEST_F(ManagerTest, TellsWhatItCannotRemove) {
    ManagerOptions options;
    options.max_to_keep = 1;
    const auto manager = open(options);
    save(manager);
    // A directory in the place of a file.
    fs::remove(path("ckpt-1.index"));
    fs::create_directory(path("ckpt-1.index"));
    const auto writer = save(manager);
    EXPECT_TRUE(writer.removed().empty());
    ASSERT_EQ(writer.removal_problems().size(), 1u);
    EXPECT_EQ(writer.removal_problems()[0].file(), string("ckpt-1.index"));
    EXPECT_EQ(manager.checkpoints().size(), 2u);
}

TEST_F(ManagerTest, IsNotNeededByItsWriters) {
    auto writer = open().save();
    writer.add("a", {}, {1.5f});
    writer.finish();
    EXPECT_EQ(open().latest(), string("ckpt-1"));
    const auto alone = tfckpt::Writer::create(path("alone"));
    EXPECT_EQ(alone.prefix(), string("alone"));
    EXPECT_EQ(alone.step(), std::nullopt);
}

TEST_F(ManagerTest, IsSharedByThreads) {
    ManagerOptions options;
    options.max_to_keep = 3;
    options.writer_options.sync = false;
    const auto manager = open(options);
    const auto saves = [&] {
        for (int i = 0; i < 5; i++) {
            save(manager);
            if (manager.checkpoints().size() > 3 || !manager.latest()) std::abort();
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++) threads.emplace_back(saves);
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(manager.checkpoints().size(), 3u);
    EXPECT_EQ(files().size(), 7u);
}

TEST_F(ManagerTest, MovesAndIsThenEmpty) {
    auto manager = open();
    save(manager);
    const auto moved = std::move(manager);
    EXPECT_EQ(moved.checkpoints().size(), 1u);
    EXPECT_EQ(manager.latest(), std::nullopt);
    EXPECT_TRUE(manager.checkpoints().empty());
    FAILS_AS(kInvalidArgument, manager.save());
    auto writer = moved.save();
    const auto moved_writer = std::move(writer);
    EXPECT_EQ(moved_writer.step(), 2);
    EXPECT_EQ(writer.step(), std::nullopt);
    EXPECT_TRUE(writer.prefix().empty() && writer.removed().empty());
}

}  // namespace
