// A set of tensors and all that read or write it, on the very same memory.
#pragma once

#include <memory>

#include "../harness/race.h"
#include "../ours/tensors.h"
#include "../safetensors/tensors.h"
#include "../theirs/tensors.h"

namespace bench {

// How many tensors there are, and of how many floats each.
struct Size {
    std::string bundle;
    size_t count;
    size_t elements;

    size_t bytes_each() const { return elements * sizeof(float); }
    size_t bytes() const { return count * bytes_each(); }
};

// Large ones stay as many when they are scaled, small ones as large.
inline Size bulk(double scale) { return {"bulk", 16, scaled(16 << 20, scale)}; }
inline Size middle(double scale) { return {"middle", scaled(1000, scale), 1 << 18}; }
inline Size small(double scale) { return {"small", scaled(100000, scale), 256}; }
inline Size scalars(double scale) { return {"scalars", scaled(1000000, scale), 1}; }

struct Sides {
    explicit Sides(const Size& size)
        : set(size.count, size.bytes_each()), tensorflow(set), tfckpt(set), safetensors(set) {}

    TensorSet set;
    theirs::Tensors tensorflow;
    ours::Tensors tfckpt;
    safetensors::Tensors safetensors;
};

// The file of safetensors beside a bundle goes with it.
inline std::string safetensors_name(const std::string& bundle) { return bundle + ".safetensors"; }

// A bundle that TensorFlow wrote, and the same in one file of safetensors.
struct Files {
    std::string prefix;
    std::string safetensors;

    std::string data() const { return prefix + ".data-00000-of-00001"; }
    std::string index() const { return prefix + ".index"; }
};

// Writes them where they are not there yet.
Files written_files(const Workspace& workspace, const Size& size);

// Contestants that read a set, checked by what they read.
class Readers {
public:
    Readers(const Workspace& workspace, const Size& size);

    using Work = std::function<void(const Sides&, const Files&)>;

    void add(const std::string& name, Work read);
    // One that leaves nothing to look at.
    void add_unchecked(const std::string& name, Work run);
    Race race() const;

    const Files& files() const { return files_; }
    const std::shared_ptr<Sides>& sides() const { return sides_; }

private:
    Files files_;
    std::shared_ptr<Sides> sides_;
    Race race_;
};

}  // namespace bench
