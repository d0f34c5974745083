// Several bundles with many entries each, merged into one.
#include <cstdio>
#include <stdexcept>

#include "../harness/tensors.h"
#include "../ours/index.h"
#include "../theirs/index.h"
#include "../theirs/tensors.h"
#include "rows.h"

namespace bench {
namespace {

constexpr int kSources = 10;
const char kMerged[] = "merged";

std::string numbered(const char* stem, int i) {
    char name[32];
    std::snprintf(name, sizeof name, "%s_%02d", stem, i);
    return name;
}

void write_source(const Workspace& workspace, int i, double scale) {
    workspace.bundle(numbered("source", i), [&](const std::string& path) {
        const TensorSet set(scaled(100000, scale), sizeof(float), numbered("worker", i));
        theirs::Tensors(set).write(path);
    });
}

// A merge uses up its inputs, so each gets links to the sources.
void renew_inputs(const Workspace& workspace) {
    workspace.remove(kMerged);
    for (int i = 0; i < kSources; ++i) {
        workspace.remove(numbered("input", i));
        workspace.link(numbered("source", i), numbered("input", i));
    }
    workspace.settle();
}

std::vector<std::string> make_sources(const Workspace& workspace, double scale) {
    std::vector<std::string> inputs;
    for (int i = 0; i < kSources; ++i) {
        write_source(workspace, i, scale);
        inputs.push_back(workspace.path(numbered("input", i)));
    }
    return inputs;
}

uint64_t sum_of_sources(const Workspace& workspace) {
    uint64_t sum = 0;
    for (int i = 0; i < kSources; ++i) {
        sum += theirs::list_tensors(workspace.path(numbered("source", i)));
    }
    return sum;
}

Race merge_race(const Places& places, double scale) {
    const Workspace& workspace = places.disk;
    const std::vector<std::string> inputs = make_sources(workspace, scale);
    const std::string dst = workspace.path(kMerged);
    const uint64_t expected = sum_of_sources(workspace);
    const auto before = [&workspace] { renew_inputs(workspace); };
    const auto check = [=] {
        if (theirs::list_tensors(dst) != expected) throw std::logic_error("not all is there");
    };
    Race race;
    race.contestants = {
        {"tensorflow", timed([=] { theirs::merge(dst, inputs); }), check, before},
        {"tensorflow-synced", timed([=, &workspace] {
             theirs::merge(dst, inputs);
             workspace.sync(kMerged);
         }),
         check, before},
        {"tfckpt-linked", timed([=] { ours::merge_by_link(dst, inputs); }), check, before},
        {"tfckpt-moved", timed([=] { ours::merge_by_move(dst, inputs); }), check, before},
    };
    for (int i = 0; i < kSources; ++i) {
        race.bytes += file_size(workspace.path(numbered("source", i)) + ".index");
    }
    return race;
}

}  // namespace

// TensorFlow renames data files and syncs nothing; this library links them as quickly, or
// moves them, which always syncs.
Subject merge_rows() {
    const std::string what = "merge 10 x 100,000 entries, ";
    return {{"merge",
             {{"merge", what + "data renamed / linked", "tfckpt-linked", "tensorflow", "", "", 15},
              {"merge-moved", what + "data moved, synced", "tfckpt-moved", "tensorflow-synced", "",
               "", 15}},
             merge_race}};
}

}  // namespace bench
