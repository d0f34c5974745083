// Several bundles with many entries each, merged into one.
#include <cstdio>

#include "case.h"
#include "ours.h"
#include "tensors.h"
#include "theirs.h"

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

Case merge_case(const Workspace& workspace, double scale, bool sync) {
    std::vector<std::string> inputs;
    for (int i = 0; i < kSources; ++i) {
        write_source(workspace, i, scale);
        inputs.push_back(workspace.path(numbered("input", i)));
    }
    const std::string dst = workspace.path(kMerged);
    Case made;
    made.before = [=] { renew_inputs(workspace); };
    made.tensorflow = [=] {
        theirs::merge(dst, inputs);
        if (sync) workspace.sync(kMerged);
    };
    made.tfckpt = [=] {
        if (sync) ours::merge_by_move(dst, inputs);
        else ours::merge_by_link(dst, inputs);
    };
    return made;
}

Entry merging(std::string name, std::string what, bool sync) {
    auto make = [=](const Workspace& workspace, double scale) {
        return merge_case(workspace, scale, sync);
    };
    return {std::move(name), std::move(what), make};
}

}  // namespace

std::vector<Entry> merge_cases() {
    const std::string what = "merge 10 x 100,000 entries: ";
    return {
        merging("merge", what + "data renamed / linked, not synced", false),
        merging("merge-synced", what + "data moved, synced", true),
    };
}

}  // namespace bench
