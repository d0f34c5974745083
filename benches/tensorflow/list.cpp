// An index with very many entries, opened and gone through.
#include <stdexcept>

#include "case.h"
#include "ours.h"
#include "tensors.h"
#include "theirs.h"

namespace bench {
namespace {

using Listing = uint64_t (*)(const std::string& prefix);

std::string large_index(const Workspace& workspace, double scale) {
    return workspace.bundle("large_index", [&](const std::string& path) {
        const TensorSet set(scaled(1000000, scale), sizeof(float));
        theirs::Tensors(set).write(path);
    });
}

// Both must come to the same sum.
Case list_case(const Workspace& workspace, double scale, Listing tensorflow, Listing tfckpt) {
    const std::string prefix = large_index(workspace, scale);
    const uint64_t expected = tensorflow(prefix);
    auto sum = std::make_shared<uint64_t>(0);
    Case made;
    made.tensorflow = [=] { *sum = tensorflow(prefix); };
    made.tfckpt = [=] { *sum = tfckpt(prefix); };
    made.check = [=] {
        if (*sum != expected) throw std::logic_error("the listings differ");
    };
    return made;
}

Entry listing(std::string name, std::string what, Listing tensorflow, Listing tfckpt) {
    auto make = [=](const Workspace& workspace, double scale) {
        return list_case(workspace, scale, tensorflow, tfckpt);
    };
    return {std::move(name), std::move(what), make};
}

}  // namespace

std::vector<Entry> list_cases() {
    return {
        listing("list-names", "open, list 1,000,000 names", theirs::list_names, ours::list_names),
        listing("list-tensors", "open, list 1,000,000 names, dtypes, shapes", theirs::list_tensors,
                ours::list_tensors),
    };
}

}  // namespace bench
