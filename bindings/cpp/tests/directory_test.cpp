/// What is asked about a directory of checkpoints: its state file, the latest, repair, what
/// each file is, gc.
#include "support.hpp"

namespace {

namespace fs = test::fs;

using tfckpt::StateOptions;
using tfckpt::Status;

StateOptions by_the_file(std::string name) {
    StateOptions options;
    options.file_name = std::move(name);
    return options;
}

/// Three checkpoints, and a state file that names the last two.
class DirectoryTest : public test::Folder {
protected:
    void SetUp() override {
        for (const char* name : {"ckpt-1", "ckpt-2", "ckpt-3"}) {
            test::write_floats(path(name), {{"a", 1}});
        }
        write("checkpoint",
              "model_checkpoint_path: \"ckpt-3\"\n"
              "all_model_checkpoint_paths: \"ckpt-2\"\n"
              "all_model_checkpoint_paths: \"ckpt-3\"\n"
              "all_model_checkpoint_timestamps: 20.5\n"
              "all_model_checkpoint_timestamps: 30.5\n"
              "last_preserved_timestamp: 9.25\n");
    }

    void write(const char* name, const std::string& text) const {
        std::ofstream(path(name), std::ios::binary) << text;
    }

    /// Flips a bit of a checkpoint's data.
    void damage(const std::string& name) const {
        const std::string data = name + ".data-00000-of-00001";
        std::string bytes = test::bytes_of(path(data));
        bytes[0] = static_cast<char>(bytes[0] ^ 1);
        write(data.c_str(), bytes);
    }

    [[nodiscard]] std::string string(const char* name) const { return path(name).string(); }
};

TEST_F(DirectoryTest, HasAStateFile) {
    const auto state = tfckpt::State::read(path());
    EXPECT_EQ(state.latest(), "ckpt-3");
    const auto checkpoints = state.checkpoints();
    ASSERT_EQ(checkpoints.size(), 2u);
    EXPECT_EQ(checkpoints[0].path, "ckpt-2");
    EXPECT_EQ(checkpoints[0].timestamp, 20.5);
    EXPECT_EQ(checkpoints[1].path, "ckpt-3");
    EXPECT_EQ(state.last_preserved_timestamp(), 9.25);
}

TEST_F(DirectoryTest, HasAStateFileOfAnyNameAndPaths) {
    write("other", "model_checkpoint_path: \"a\\000\\377b\"\nall_model_checkpoint_paths: \"a\\000\"");
    const auto state = tfckpt::State::read(path(), by_the_file("other"));
    EXPECT_EQ(state.latest(), std::string_view("a\0\xff" "b", 4));
    ASSERT_EQ(state.checkpoints().size(), 1u);
    EXPECT_EQ(state.checkpoints()[0].path, std::string_view("a\0", 2));
    EXPECT_EQ(state.checkpoints()[0].timestamp, std::nullopt);
    EXPECT_EQ(state.last_preserved_timestamp(), std::nullopt);
    FAILS_AS(kNotFound, tfckpt::State::read(path(), by_the_file("none")));
    FAILS_AS(kInvalidArgument, tfckpt::State::read(path(), by_the_file("")));
    FAILS_AS(kInvalidArgument, tfckpt::State::read(path(), by_the_file(std::string("a\0", 2))));
}

TEST_F(DirectoryTest, SaysWhereAStateFileIsBroken) {
    write("checkpoint", "model_checkpoint_path: 7");
    const auto error = test::error_of([&] { static_cast<void>(tfckpt::State::read(path())); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), Status::kDataLoss);
    EXPECT_EQ(error->file(), string("checkpoint"));
    EXPECT_EQ(error->offset(), 23);
    FAILS_AS(kDataLoss, tfckpt::latest(path()));
}

TEST_F(DirectoryTest, HasALatestCheckpoint) {
    const auto latest = tfckpt::latest(path());
    ASSERT_TRUE(latest);
    EXPECT_EQ(latest->prefix(), string("ckpt-3"));
    EXPECT_TRUE(latest->skipped().empty());
    EXPECT_EQ(tfckpt::Reader::open(latest->prefix()).size(), 1);
}

/// A program may start anew where there is no state file, but not where it names what is gone.
TEST_F(DirectoryTest, TellsNoLatestFromOneThatIsMissing) {
    EXPECT_FALSE(tfckpt::latest(path(), by_the_file("none")));
    EXPECT_FALSE(tfckpt::latest(path("nowhere")));
    fs::remove(path("ckpt-3.index"));
    FAILS_AS(kNotFound, tfckpt::latest(path()));
    FAILS_AS(kNotFound, tfckpt::latest_valid(test::data("hostile/state_points_nowhere")));
}

TEST_F(DirectoryTest, HasANewestThatIsWhole) {
    damage("ckpt-3");
    fs::remove(path("ckpt-2.index"));
    const auto latest = tfckpt::latest_valid(path());
    ASSERT_TRUE(latest);
    EXPECT_EQ(latest->prefix(), string("ckpt-1"));
    const auto skipped = latest->skipped();
    ASSERT_EQ(skipped.size(), 2u);
    EXPECT_EQ(skipped[0].path, string("ckpt-3"));
    EXPECT_EQ(skipped[0].problem.code(), Status::kDataLoss);
    EXPECT_EQ(skipped[0].problem.tensor(), "a");
    EXPECT_EQ(skipped[1].problem.code(), Status::kNotFound);

    StateOptions quick;
    quick.verify = false;
    EXPECT_EQ(tfckpt::latest_valid(path(), quick)->prefix(), string("ckpt-3"));
    EXPECT_EQ(tfckpt::latest_valid(path(), by_the_file("none"))->skipped().size(), 2u);
    EXPECT_FALSE(tfckpt::latest_valid(path("nowhere")));
    damage("ckpt-1");
    FAILS_AS(kDataLoss, tfckpt::latest_valid(path()));
}

TEST_F(DirectoryTest, GetsItsStateFileRepaired) {
    damage("ckpt-3");
    const auto repaired = tfckpt::repair(path());
    EXPECT_TRUE(repaired.changed());
    EXPECT_EQ(repaired.latest(), string("ckpt-2"));
    EXPECT_EQ(repaired.added(), std::vector<std::string>{string("ckpt-1")});
    const auto dropped = repaired.dropped();
    ASSERT_EQ(dropped.size(), 1u);
    EXPECT_EQ(dropped[0].path, string("ckpt-3"));
    EXPECT_EQ(dropped[0].problem.code(), Status::kDataLoss);
    EXPECT_EQ(repaired.state().latest(), "ckpt-2");
    EXPECT_EQ(repaired.state().checkpoints().size(), 2u);
    EXPECT_EQ(repaired.state().checkpoints()[0].timestamp, 9.25);
    EXPECT_EQ(tfckpt::latest(path())->prefix(), string("ckpt-2"));
    EXPECT_FALSE(tfckpt::repair(path()).changed());
}

TEST_F(DirectoryTest, IsSurveyed) {
    damage("ckpt-3");
    fs::remove(path("ckpt-2.index"));
    write("page", "<!doctype html>");
    const auto survey = tfckpt::survey(path());
    EXPECT_FALSE(survey.state_problem());
    EXPECT_EQ(survey.latest(), 2u);
    const auto checkpoints = survey.checkpoints();
    ASSERT_EQ(checkpoints.size(), 3u);
    EXPECT_EQ(checkpoints[0].prefix, string("ckpt-1"));
    EXPECT_EQ(checkpoints[0].format, tfckpt::Format::kV2);
    EXPECT_EQ(checkpoints[0].step, 1);
    EXPECT_GT(checkpoints[0].modified, 0);
    EXPECT_FALSE(checkpoints[0].is_listed);
    EXPECT_TRUE(checkpoints[0].problems.empty());
    EXPECT_FALSE(checkpoints[1].format || checkpoints[1].modified);
    EXPECT_TRUE(checkpoints[1].is_listed);
    ASSERT_EQ(checkpoints[1].problems.size(), 1u);
    EXPECT_EQ(checkpoints[1].problems[0].code(), Status::kNotFound);
    ASSERT_EQ(checkpoints[2].problems.size(), 1u);
    EXPECT_EQ(checkpoints[2].problems[0].tensor(), "a");

    const auto files = survey.files();
    ASSERT_EQ(files.size(), 7u);
    EXPECT_EQ(files[0].path, string("checkpoint"));
    EXPECT_EQ(files[0].kind, tfckpt::FileKind::kState);
    EXPECT_FALSE(files[0].checkpoint);
    EXPECT_EQ(files[1].kind, tfckpt::FileKind::kData);
    EXPECT_EQ(files[1].checkpoint, 0u);
    EXPECT_EQ(files[1].byte_size, 4);
    EXPECT_EQ(files[3].note, "its index is missing");
    EXPECT_NE(files[6].note.find("an HTML page"), std::string::npos);

    StateOptions quick = by_the_file("page");
    quick.verify = false;
    const auto other = tfckpt::survey(path(), quick);
    EXPECT_EQ(other.state_problem()->code(), Status::kDataLoss);
    EXPECT_FALSE(other.latest());
    EXPECT_TRUE(other.checkpoints().back().problems.empty());
    FAILS_AS(kNotFound, tfckpt::survey(path("nowhere")));
}

TEST_F(DirectoryTest, IsRepairedByOptions) {
    test::write_floats(path("best-9"), {{"a", 1}});
    StateOptions options = by_the_file("other");
    options.checkpoint_name = "ckpt";
    options.sync = false;
    const auto repaired = tfckpt::repair(path(), options);
    EXPECT_EQ(repaired.added().size(), 3u);
    ASSERT_EQ(repaired.dropped().size(), 1u);
    EXPECT_EQ(repaired.dropped()[0].path, string("other"));
    options.checkpoint_name = "";
    FAILS_AS(kInvalidArgument, tfckpt::repair(path(), options));
    FAILS_AS(kNotFound, tfckpt::repair(path("nowhere")));
}

TEST_F(DirectoryTest, IsRidOfWhatCrashesLeft) {
    write("ckpt.index.tempstate17", "");
    const auto writer = tfckpt::Writer::create(path("next"));
    tfckpt::GcOptions options;
    options.tensorflow = true;
    auto collected = tfckpt::gc(path(), options);
    EXPECT_TRUE(collected.removed().empty());
    EXPECT_EQ(collected.too_young(), std::vector<std::string>{string("ckpt.index.tempstate17")});
    EXPECT_GE(collected.in_use().size(), 1u);
    EXPECT_TRUE(collected.problems().empty());

    options.min_age = 0;
    options.dry_run = true;
    EXPECT_EQ(tfckpt::gc(path(), options).removed().size(), 1u);
    EXPECT_TRUE(fs::exists(path("ckpt.index.tempstate17")));
    options.dry_run = false;
    EXPECT_EQ(tfckpt::gc(path(), options).removed().size(), 1u);
    EXPECT_FALSE(fs::exists(path("ckpt.index.tempstate17")));
    EXPECT_TRUE(tfckpt::gc(path()).removed().empty());

    write("lost.data-00000-of-00001", "");
    EXPECT_TRUE(tfckpt::gc(path(), options).removed().empty());
    options.orphans = true;
    EXPECT_EQ(tfckpt::gc(path(), options).removed(),
              std::vector<std::string>{string("lost.data-00000-of-00001")});

    options.min_age = -1;
    FAILS_AS(kInvalidArgument, tfckpt::gc(path(), options));
    FAILS_AS(kNotFound, tfckpt::gc(path("nowhere")));
}

TEST_F(DirectoryTest, TakesNoPathWithANul) {
    const std::string nul("a\0", 2);
    FAILS_AS(kInvalidArgument, tfckpt::State::read(nul));
    FAILS_AS(kInvalidArgument, tfckpt::latest(nul));
    FAILS_AS(kInvalidArgument, tfckpt::latest_valid(nul));
    FAILS_AS(kInvalidArgument, tfckpt::repair(nul));
    FAILS_AS(kInvalidArgument, tfckpt::gc(nul));
}

/// What was moved from has nothing to tell.
TEST_F(DirectoryTest, IsAskedThroughHandlesThatMove) {
    auto state = tfckpt::State::read(path());
    const auto moved_state = std::move(state);
    EXPECT_EQ(moved_state.latest(), "ckpt-3");
    EXPECT_TRUE(state.latest().empty() && state.checkpoints().empty());
    auto latest = tfckpt::latest(path()).value();
    const auto moved_latest = std::move(latest);
    EXPECT_TRUE(latest.prefix().empty() && latest.skipped().empty());
    auto repaired = tfckpt::repair(path());
    const auto moved_repaired = std::move(repaired);
    EXPECT_TRUE(repaired.latest().empty() && repaired.added().empty());
    EXPECT_TRUE(repaired.state().latest().empty() && repaired.dropped().empty());
    auto collected = tfckpt::gc(path());
    const auto moved_collected = std::move(collected);
    EXPECT_TRUE(collected.removed().empty() && collected.problems().empty());
}

}  // namespace
