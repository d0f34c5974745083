/// Several checkpoints read as one.
#include <thread>

#include "support.hpp"

namespace {

using tfckpt::OnConflict;
using tfckpt::Overlay;
using tfckpt::Reader;

class OverlayTest : public test::Folder {
protected:
    void SetUp() override {
        test::write_floats(path("one"), {{"a", 1}, {"b", 2}});
        test::write_floats(path("two"), {{"b", 3}, {"c", 4}});
    }
};

float value_of(const Reader& reader, const char* name) { return reader.read<float>(name).at(0); }

TEST_F(OverlayTest, ReadsSeveralAsOne) {
    Overlay overlay;
    overlay.add(path("one")).map_prefix("", "one/");
    overlay.add(path("two"));
    const Reader reader = overlay.open();
    EXPECT_EQ(reader.format(), tfckpt::Format::kOverlay);
    EXPECT_EQ(reader.prefix(), "");
    EXPECT_EQ(reader.num_shards(), 2);
    EXPECT_EQ(test::names_of(reader), (std::vector<std::string>{"b", "c", "one/a", "one/b"}));
    EXPECT_EQ(value_of(reader, "one/b"), 2);
    EXPECT_EQ(value_of(reader, "b"), 3);
    std::vector<float> a(1), c(1);
    reader.read_many({{"one/a", a}, {"c", c}});
    EXPECT_EQ(a[0] + c[0], 5);
}

TEST_F(OverlayTest, KnowsWhatToDoAboutConflicts) {
    Overlay overlay;
    overlay.add(path("one")).add(path("two"));
    const auto error = test::error_of([&] { static_cast<void>(overlay.open()); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), tfckpt::Status::kInvalidArgument);
    EXPECT_EQ(error->names(), std::vector<std::string>{"b"});
    EXPECT_EQ(value_of(overlay.set_on_conflict(OnConflict::kFirst).open(), "b"), 2);
    EXPECT_EQ(value_of(overlay.set_on_conflict(OnConflict::kLast).open(), "b"), 3);
    FAILS_AS(kInvalidArgument, overlay.set_on_conflict(OnConflict{7}));
}

TEST_F(OverlayTest, GivesNewNames) {
    Overlay overlay;
    overlay.add(path("one")).map_name("a", "named").map_pattern("*a", "pattern/*x").map_prefix(
        "a", "prefix");
    EXPECT_EQ(test::names_of(overlay.open()),
              (std::vector<std::string>{"b", "named", "pattern/x", "prefix"}));
    overlay.set_keep_unmapped(false);
    EXPECT_EQ(test::names_of(overlay.open()),
              (std::vector<std::string>{"named", "pattern/x", "prefix"}));
    FAILS_AS(kInvalidArgument, overlay.map_pattern("a", "*"));
    FAILS_AS(kInvalidArgument, overlay.map_pattern("**", "*"));
    FAILS_AS(kInvalidArgument, overlay.map_name("", "x"));
    overlay.map_name("none", "x");
    FAILS_AS(kNotFound, overlay.open());
}

TEST_F(OverlayTest, TakesReadersThatAreOpen) {
    Overlay outer;
    {
        const Reader inner = Overlay().add(path("one")).map_prefix("", "in/").open();
        outer.add(inner).map_prefix("", "out/").add(Reader::open(path("two")));
    }
    const Reader reader = std::move(outer).open();
    EXPECT_EQ(test::names_of(reader), (std::vector<std::string>{"b", "c", "out/in/a", "out/in/b"}));
    EXPECT_EQ(value_of(reader, "out/in/a"), 1);
}

TEST_F(OverlayTest, MixesFormats) {
    Overlay overlay;
    overlay.add(test::data("hostile/good_v1/model.ckpt")).map_prefix("", "old/");
    overlay.add(test::data("hostile/good_v2/ckpt"));
    const Reader reader = overlay.open();
    EXPECT_EQ(reader.at("old/a").name(), "old/a");
    EXPECT_EQ(Reader::open(test::data("hostile/good_v1/model.ckpt")).format(),
              tfckpt::Format::kV1);
    EXPECT_EQ(Reader::open(test::data("hostile/good_v2/ckpt")).format(), tfckpt::Format::kV2);
}

TEST_F(OverlayTest, RefusesWhatMakesNoSense) {
    Overlay overlay;
    FAILS_AS(kInvalidArgument, overlay.open());
    FAILS_AS(kInvalidArgument, overlay.map_name("a", "b"));
    FAILS_AS(kInvalidArgument, overlay.set_keep_unmapped(false));
    FAILS_AS(kNotFound, overlay.add(path("none")));
    FAILS_AS(kInvalidArgument, overlay.add(std::string("a\0", 2)));
    const Overlay moved = std::move(overlay);
    FAILS_AS(kInvalidArgument, overlay.add(path("one")));
    FAILS_AS(kInvalidArgument, overlay.open());
}

TEST_F(OverlayTest, IsSharedByThreads) {
    Overlay overlay;
    overlay.add(path("one")).map_prefix("", "one/").add(path("two"));
    const auto read = [&] {
        for (int i = 0; i < 50; i++) {
            if (value_of(overlay.open(), "one/b") != 2) std::abort();
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++) threads.emplace_back(read);
    for (auto& thread : threads) thread.join();
}

}  // namespace
