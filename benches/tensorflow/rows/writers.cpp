#include "writers.h"

#include "../limit/limit.h"

namespace bench {
namespace {

constexpr char kWritten[] = "written";

}  // namespace

Writers::Writers(const Workspace& workspace, const Size& size, bool sync)
    : workspace_(workspace),
      size_(size),
      sync_(sync),
      prefix_(workspace.path(kWritten)),
      sides_(std::make_shared<Sides>(size)) {
    sides_->set.fill();
    race_.bytes = size.bytes();
    race_.rounds_factor = 2;
}

// Nothing of the last one is left, neither its files nor what goes on for them.
void Writers::add(const std::string& name, std::function<void()> write,
                  std::function<void()> check) {
    const auto before = [&workspace = workspace_, bytes = size_.bytes()] {
        workspace.remove(kWritten);
        workspace.settle();
        workspace.claim_pages(bytes + (64 << 20));
    };
    race_.contestants.push_back({name, timed(std::move(write)), std::move(check), before});
}

// Whoever wrote it, TensorFlow must read it.
std::function<void()> Writers::checked_by_tensorflow() const {
    return [size = size_, prefix = prefix_] {
        const Sides read(size);
        read.tensorflow.read(prefix, 1);
        read.set.expect_filled();
    };
}

void Writers::add_limit(int threads) {
    const std::string path = prefix_ + ".raw";
    add(threads == 1 ? "write" : "write-2",
        [=, sides = sides_, sync = sync_] {
            limit::write(path, sides->set.data(0), sides->set.bytes(), threads, sync);
        },
        [] {});
}

void Writers::add_all() {
    const auto sides = sides_;
    const auto prefix = prefix_;
    const bool sync = sync_;
    add("tensorflow",
        [=, &workspace = workspace_] {
            sides->tensorflow.write(prefix);
            if (sync) workspace.sync(kWritten);
        },
        checked_by_tensorflow());
    for (const int threads : {1, 2}) {
        add(threads == 1 ? "tfckpt" : "tfckpt-2",
            [=] { sides->tfckpt.write(prefix, {threads, sync}); }, checked_by_tensorflow());
        add_limit(threads);
    }
    const std::string file = workspace_.path(safetensors_name(kWritten));
    add("safetensors", [=] { sides->safetensors.write(file, sync); },
        [=, size = size_] {
            const Sides read(size);
            read.safetensors.read(file);
            read.set.expect_filled();
        });
}

void Writers::add_unordered() {
    const Order order = shuffled(sides_->set.count());
    const auto theirs = std::make_shared<theirs::Tensors>(sides_->set, order);
    const auto ours = std::make_shared<ours::Tensors>(sides_->set, order);
    const auto prefix = prefix_;
    // The set stays as long as those that have it.
    const auto sides = sides_;
    add("tensorflow", [=] { (void)sides; theirs->write(prefix); }, checked_by_tensorflow());
    add("tfckpt", [=] { (void)sides; ours->write(prefix, {1, false}); }, checked_by_tensorflow());
    add_limit(1);
}

}  // namespace bench
