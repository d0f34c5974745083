// Few large tensors and many small ones, read and written.
#include <stdexcept>

#include "case.h"
#include "ours.h"
#include "tensors.h"
#include "theirs.h"

namespace bench {
namespace {

// How many tensors there are, and of how many floats each.
struct Size {
    std::string bundle;
    size_t count;
    size_t elements;
};

// Large ones stay as many when they are scaled, small ones as large.
Size bulk(double scale) { return {"bulk", 16, scaled(16 << 20, scale)}; }
Size small(double scale) { return {"small", scaled(100000, scale), 256}; }

// The same memory, as both sides know it.
struct Memory {
    explicit Memory(const Size& size)
        : set(size.count, size.elements * sizeof(float)), tensorflow(set), tfckpt(set) {}

    TensorSet set;
    theirs::Tensors tensorflow;
    ours::Tensors tfckpt;
};

// Which threads and which kind of file access a row of the table is about.
struct Reading {
    int tensorflow_threads = 1;
    ours::ReadHow tfckpt;
};

Case read_case(const Workspace& workspace, const Size& size, const Reading& how) {
    auto memory = std::make_shared<Memory>(size);
    const std::string prefix = workspace.bundle(size.bundle, [&](const std::string& path) {
        memory->set.fill();
        memory->tensorflow.write(path);
    });
    workspace.settle();
    memory->set.clear();
    Case made;
    made.tensorflow = [=] { memory->tensorflow.read(prefix, how.tensorflow_threads); };
    made.tfckpt = [=] { memory->tfckpt.read(prefix, how.tfckpt); };
    made.check = [=] {
        if (!memory->set.is_filled()) throw std::logic_error("the values read are wrong");
        memory->set.clear();
    };
    return made;
}

// What a listing of the set's bundle adds up to.
uint64_t listing_of(const TensorSet& set) {
    uint64_t sum = 0;
    for (size_t i = 0; i < set.count(); ++i) {
        sum += set.name(i).size() + 1 + static_cast<uint64_t>(set.elements_each());
    }
    return sum;
}

Case write_case(const Workspace& workspace, const Size& size, bool sync) {
    auto memory = std::make_shared<Memory>(size);
    memory->set.fill();
    const std::string name = "written";
    const std::string prefix = workspace.path(name);
    Case made;
    made.before = [=] {
        workspace.remove(name);
        workspace.settle();
    };
    made.tensorflow = [=] {
        memory->tensorflow.write(prefix);
        if (sync) workspace.sync(name);
    };
    made.tfckpt = [=] { memory->tfckpt.write(prefix, sync); };
    made.check = [=] {
        if (theirs::list_tensors(prefix) != listing_of(memory->set)) {
            throw std::logic_error("what was written is not all there");
        }
    };
    return made;
}

Entry reading(std::string name, std::string what, Size (*size)(double), Reading how) {
    auto make = [=](const Workspace& workspace, double scale) {
        return read_case(workspace, size(scale), how);
    };
    return {std::move(name), std::move(what), make, !how.tfckpt.mapped};
}

Entry writing(std::string name, std::string what, Size (*size)(double), bool sync) {
    auto make = [=](const Workspace& workspace, double scale) {
        return write_case(workspace, size(scale), sync);
    };
    return {std::move(name), std::move(what), make};
}

}  // namespace

std::vector<Entry> bulk_cases() {
    const std::string bulk_read = "open, read 16 x 64 MiB: ";
    const std::string bulk_write = "write 16 x 64 MiB: ";
    return {
        reading("read-bulk", bulk_read + "1 thread", bulk, {1, {1, false}}),
        reading("read-bulk-mapped", bulk_read + "1 thread, tfckpt mapped", bulk, {1, {1, true}}),
        reading("read-bulk-2", bulk_read + "tfckpt 2 threads", bulk, {1, {2, false}}),
        reading("read-bulk-2-mapped", bulk_read + "tfckpt 2 threads, mapped", bulk, {1, {2, true}}),
        reading("read-bulk-2-2", bulk_read + "both 2 threads", bulk, {2, {2, false}}),
        writing("write-bulk", bulk_write + "not synced", bulk, false),
        writing("write-bulk-synced", bulk_write + "synced", bulk, true),
    };
}

std::vector<Entry> small_cases() {
    const std::string small_read = "open, read 100,000 x 1 KiB: ";
    const std::string small_write = "write 100,000 x 1 KiB: ";
    return {
        reading("read-small", small_read + "1 thread", small, {1, {1, false}}),
        reading("read-small-2-2", small_read + "both 2 threads", small, {2, {2, false}}),
        writing("write-small", small_write + "not synced", small, false),
        writing("write-small-synced", small_write + "synced", small, true),
    };
}

}  // namespace bench
