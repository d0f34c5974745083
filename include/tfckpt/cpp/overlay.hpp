/// @file
/// Several checkpoints read as one. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_OVERLAY_HPP
#define TFCKPT_CPP_OVERLAY_HPP

#include <cstdint>
#include <string>
#include <string_view>

#include "../tfckpt.h"
#include "error.hpp"
#include "handle.hpp"
#include "options.hpp"
#include "path.hpp"
#include "reader.hpp"

namespace tfckpt {

/// Several checkpoints, of any format, to be read as one: each may have other names
/// for its tensors than it has by itself. Nothing is copied.
///
///     tfckpt::Overlay overlay;
///     overlay.add("encoder/ckpt-100").map_prefix("model/", "encoder/");
///     overlay.add("head/ckpt-7");
///     const tfckpt::Reader reader = overlay.open();
class Overlay {
public:
    /// An overlay of nothing.
    Overlay() noexcept : overlay_(tfckpt_overlay_new()) {}

    /// Takes what a call of the C API gave.
    explicit Overlay(tfckpt_overlay* owned) noexcept : overlay_(owned) {}

    /// What happens where two checkpoints have a tensor of the same name, or the same
    /// elements of a partitioned one. Default: OnConflict::kError.
    Overlay& set_on_conflict(OnConflict on_conflict) {
        detail::Call call;
        call.check(tfckpt_overlay_set_on_conflict(overlay_.get(),
                                                  static_cast<std::int32_t>(on_conflict),
                                                  call.error()));
        return *this;
    }

    /// Opens a checkpoint and adds it behind those that there are. Path, options and
    /// what is thrown are as of Reader::open.
    Overlay& add(const Path& path, const ReaderOptions& options = {}) {
        const auto c_options = detail::to_c(options);
        detail::Call call;
        call.check(tfckpt_overlay_add(overlay_.get(), path.c_str(), c_options.get(), call.error()));
        return *this;
    }

    /// Adds a checkpoint that is open already, which may be an overlay itself. The
    /// reader may die before the overlay.
    Overlay& add(const Reader& reader) {
        detail::Call call;
        call.check(tfckpt_overlay_add_reader(overlay_.get(), reader.get(), call.error()));
        return *this;
    }

    /// Gives a tensor of the checkpoint that was added last the name `to`. A tensor
    /// that several rules fit has several names, and one that none fits keeps its
    /// own, unless set_keep_unmapped() says otherwise. Throws
    /// Status::kInvalidArgument for an empty name, and where none was added yet.
    Overlay& map_name(std::string_view from, std::string_view to) {
        return map(tfckpt_overlay_map_name, from, to);
    }

    /// Gives all tensors of the checkpoint that was added last whose names begin with
    /// `from` names that begin with `to` instead. Either may be empty. Otherwise as
    /// map_name().
    Overlay& map_prefix(std::string_view from, std::string_view to) {
        return map(tfckpt_overlay_map_prefix, from, to);
    }

    /// Gives all tensors of the checkpoint that was added last whose names are as
    /// `from` new names. A `*` in it stands for anything, `/` included, and in `to`
    /// for what that was; a backslash takes the meaning from what follows. Throws
    /// Status::kInvalidArgument for more than one `*`, or one in `to` alone.
    /// Otherwise as map_name().
    Overlay& map_pattern(std::string_view from, std::string_view to) {
        return map(tfckpt_overlay_map_pattern, from, to);
    }

    /// Whether tensors of the checkpoint that was added last that no rule fits keep
    /// their names; if not they are left out. Default: true. Throws
    /// Status::kInvalidArgument where none was added yet.
    Overlay& set_keep_unmapped(bool keep_unmapped) {
        detail::Call call;
        call.check(tfckpt_overlay_set_keep_unmapped(overlay_.get(), keep_unmapped, call.error()));
        return *this;
    }

    /// Opens a reader over all of the checkpoints, which needs the overlay no more.
    /// Reads all of their indices; values are read from where they are, and an error
    /// about one has the file and the name there. Slices of one partitioned tensor that
    /// lie in several checkpoints are brought together, where dtype and shape are the
    /// same. Throws Status::kInvalidArgument where no checkpoint was added; where
    /// several have the same tensor and that is to be an error, or two tensors of one
    /// would have the same name, with all such names; Status::kNotFound for rules that
    /// fit no tensor; Status::kDataLoss where an index is damaged, or slices to be
    /// brought together overlap within a checkpoint; Status::kResourceLimit where those
    /// of several overlap in millions of ways.
    ///
    /// Where several have an object graph, or tensors of one get other names, the reader
    /// has a graph of the objects of all: paths stay what they are, and keys follow the
    /// names, as of tfckpt::copy. Of what is one object in several checkpoints but has
    /// different names, it has the name in the first; or in the last where that wins.
    /// That several have a graph, or the counter of saves that tf.train.Checkpoint adds,
    /// is no conflict. Rules are not for the graph.
    [[nodiscard]] Reader open() const {
        tfckpt_reader* reader = nullptr;
        detail::Call call;
        call.check(tfckpt_overlay_open(overlay_.get(), &reader, call.error()));
        return Reader(reader);
    }

    /// For calls of the C API; borrowed.
    [[nodiscard]] tfckpt_overlay* get() noexcept { return overlay_.get(); }

private:
    template <class Map>
    Overlay& map(const Map& map, std::string_view from, std::string_view to) {
        detail::Call call;
        call.check(map(overlay_.get(), from.data(), from.size(), to.data(), to.size(),
                       call.error()));
        return *this;
    }

    detail::Handle<tfckpt_overlay, tfckpt_overlay_free> overlay_;
};

}  // namespace tfckpt

#endif
