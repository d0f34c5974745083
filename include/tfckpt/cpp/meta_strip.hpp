/// @file
/// Graphs without what nobody uses. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_META_STRIP_HPP
#define TFCKPT_CPP_META_STRIP_HPP

#include <cstddef>
#include <cstdint>
#include <string>

#include "../tfckpt.h"
#include "error.hpp"
#include "handle.hpp"
#include "path.hpp"
#include "setting.hpp"

namespace tfckpt {

/// Which nodes strip_meta() cuts that do again what another node does.
enum class MetaCopies : std::int32_t {
    /// None.
    kKeep = TFCKPT_META_COPIES_KEEP,
    /// Those that are run for their effect, and all that an import brought along.
    kWithEffect = TFCKPT_META_COPIES_WITH_EFFECT,
    /// Also those that only compute a value, which a program may fetch by name.
    kAll = TFCKPT_META_COPIES_ALL,
};

/// What strip_meta() cuts, and how it writes.
struct MetaStripOptions {
    /// Whether savers go that nobody uses: not saver_def, no collection, no signature, no
    /// other node. Default: true.
    Setting<bool> savers = {};
    /// Which nodes go that do again what another does. Default: MetaCopies::kWithEffect.
    Setting<MetaCopies> copies = {};
    /// Whether collections lose values that name nodes and stand there more than once.
    /// Default: true.
    Setting<bool> collections = {};
    /// From how many bytes on a constant that equals another becomes an Identity of that;
    /// 0 for never. Default: 0.
    Setting<std::size_t> constants = {};
    /// Whether all goes that is for training alone: gradients, the steps of optimizers,
    /// what comes of them, what only they need, the functions that only they call.
    /// Variables stay, slots of optimizers too: they are restored. With signatures in the
    /// file all goes that neither they nor the saver nor a collection need. Default: false.
    Setting<bool> training = {};
    /// Whether it returns only when everything is on stable storage. Default: true.
    Setting<bool> sync = {};
    /// Whether a file at the destination is replaced; it may be the source. Default: false.
    Setting<bool> replace = {};
    /// Whether to tell only what would be cut; the destination is not looked at then.
    /// Default: false.
    Setting<bool> dry_run = {};
};

namespace detail {

/// Options as the C API has them.
inline auto to_c(const MetaStripOptions& options) {
    Handle<tfckpt_meta_strip_options, tfckpt_meta_strip_options_free> c(
        tfckpt_meta_strip_options_new());
    if (options.savers) tfckpt_meta_strip_options_set_savers(c.get(), *options.savers);
    if (options.collections) {
        tfckpt_meta_strip_options_set_collections(c.get(), *options.collections);
    }
    if (options.constants) tfckpt_meta_strip_options_set_constants(c.get(), *options.constants);
    if (options.training) tfckpt_meta_strip_options_set_training(c.get(), *options.training);
    if (options.sync) tfckpt_meta_strip_options_set_sync(c.get(), *options.sync);
    if (options.replace) tfckpt_meta_strip_options_set_replace(c.get(), *options.replace);
    if (options.dry_run) tfckpt_meta_strip_options_set_dry_run(c.get(), *options.dry_run);
    if (options.copies) {
        const auto copies = static_cast<std::int32_t>(*options.copies);
        Call call;
        call.check(tfckpt_meta_strip_options_set_copies(c.get(), copies, call.error()));
    }
    return c;
}

}  // namespace detail

/// What is cut out of a graph.
enum class MetaCut : std::int32_t {
    /// Nodes of savers that nobody uses.
    kSaverNodes = TFCKPT_META_CUT_SAVER_NODES,
    /// Nodes that did again what another does.
    kCopies = TFCKPT_META_CUT_COPIES,
    /// Nodes that are for training alone.
    kTraining = TFCKPT_META_CUT_TRAINING,
    /// Functions of the library that only nodes called that went.
    kFunctions = TFCKPT_META_CUT_FUNCTIONS,
    /// Values of collections that stood there twice, or named a node that went.
    kCollectionValues = TFCKPT_META_CUT_COLLECTION_VALUES,
    /// Constants that became an Identity; their bytes are what that saved.
    kConstants = TFCKPT_META_CUT_CONSTANTS,
};

/// What strip_meta() did.
class MetaStripped {
public:
    /// Takes what a call of the C API gave.
    explicit MetaStripped(tfckpt_meta_stripped* owned) noexcept : stripped_(owned) {}

    /// How many bytes there were.
    [[nodiscard]] std::int64_t bytes_before() const noexcept {
        return tfckpt_meta_stripped_size_before(get());
    }

    /// How many bytes are left.
    [[nodiscard]] std::int64_t bytes_after() const noexcept {
        return tfckpt_meta_stripped_size_after(get());
    }

    /// How many savers went.
    [[nodiscard]] std::int64_t savers() const noexcept {
        return tfckpt_meta_stripped_saver_count(get());
    }

    /// How many nodes, functions or values were cut of a kind.
    [[nodiscard]] std::int64_t count(MetaCut cut) const noexcept {
        return tfckpt_meta_stripped_cut_count(get(), static_cast<std::int32_t>(cut));
    }

    /// How many bytes they took.
    [[nodiscard]] std::int64_t bytes(MetaCut cut) const noexcept {
        return tfckpt_meta_stripped_cut_size(get(), static_cast<std::int32_t>(cut));
    }

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_meta_stripped* get() const noexcept { return stripped_.get(); }

private:
    detail::Handle<tfckpt_meta_stripped, tfckpt_meta_stripped_free> stripped_;
};

/// Writes the graph that `src` leads to, by a path as of Meta::open, anew as the file
/// `dst`, without what nobody uses.
///
/// By default that is what makes such files grow while the data stays: savers that nobody
/// uses, copies of nodes that an import of the graph into itself or a loop has left, and
/// values that stand in a collection twice. What remains imports and restores as before: it
/// is kept byte for byte, and so is whatever it uses, or saver_def, a collection or a
/// signature names.
///
/// The file appears whole or not at all, under a temporary name at first. Throws
/// Status::kAlreadyExists where there is a file at `dst` that is not to be replaced;
/// Status::kUnsupported for a SavedModel; Status::kDataLoss, with the byte at which it was
/// noticed, where the graph is damaged or two of its nodes have one name; Status::kNotFound
/// where there is none.
inline MetaStripped strip_meta(const Path& src, const Path& dst,
                               const MetaStripOptions& options = {}) {
    const auto c_options = detail::to_c(options);
    tfckpt_meta_stripped* stripped = nullptr;
    detail::Call call;
    call.check(tfckpt_meta_strip(src.c_str(), dst.c_str(), c_options.get(), &stripped,
                                 call.error()));
    return MetaStripped(stripped);
}

}  // namespace tfckpt

#endif
