/// @file
/// Graphs: the .meta files beside checkpoints, and those of SavedModels. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_META_HPP
#define TFCKPT_CPP_META_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "../tfckpt.h"
#include "error.hpp"
#include "handle.hpp"
#include "meta_diff.hpp"
#include "meta_parts.hpp"
#include "meta_summary.hpp"
#include "path.hpp"

namespace tfckpt {

/// A file of graphs: the .meta beside a checkpoint, which is one graph with all that
/// belongs to it, or the saved_model.pb of a SavedModel, which may be several. It never
/// changes, so threads can share it.
///
/// Files of any size are read, past the 2 GiB at which TensorFlow stops. What that takes in
/// memory is some twenty bytes for each node, and the largest single node. Where a graph is
/// asked for by number that is 0 in a .meta.
class Meta {
public:
    /// Takes what a call of the C API gave.
    explicit Meta(tfckpt_meta* owned) noexcept : meta_(owned) {}

    /// Opens the graph that a path leads to: a .meta file or a saved_model.pb, under these
    /// names or any other; the prefix of a checkpoint or one of its files, with a .meta
    /// beside it; a directory, which is that of a SavedModel or leads to its latest
    /// checkpoint. Reads little of it. Throws Status::kNotFound where there is none;
    /// Status::kDataLoss for a file that has no graph in the binary form of protobuf.
    [[nodiscard]] static Meta open(const Path& path) {
        tfckpt_meta* meta = nullptr;
        detail::Call call;
        call.check(tfckpt_meta_open(path.c_str(), &meta, call.error()));
        return Meta(meta);
    }

    /// The path of the file; borrowed.
    [[nodiscard]] std::string_view path() const noexcept {
        return detail::text(tfckpt_meta_path(get()));
    }

    /// How many bytes the file has.
    [[nodiscard]] std::int64_t bytes() const noexcept { return tfckpt_meta_byte_size(get()); }

    /// The schema version of a SavedModel; none for a .meta.
    template <class T = std::int64_t>
    [[nodiscard]] std::optional<T> schema_version() const noexcept {
        return detail::unless_negative<T>(tfckpt_meta_schema_version(get()));
    }

    /// How many graphs it has: one for each set of tags in a SavedModel.
    [[nodiscard]] std::int64_t graph_count() const noexcept {
        return tfckpt_meta_graph_count(get());
    }

    /// Sums up what is in a graph. Goes through the file several times, past the values of
    /// constants. Throws Status::kInvalidArgument where there is no such graph;
    /// Status::kDataLoss, with the byte at which it was noticed, where it is damaged.
    [[nodiscard]] MetaSummary summarize(std::int64_t graph = 0) const {
        tfckpt_meta_summary* summary = nullptr;
        detail::Call call;
        call.check(tfckpt_meta_summarize(get(), graph, &summary, call.error()));
        return MetaSummary(summary);
    }

    /// Lists the variables of a graph, in its order. Errors as of summarize().
    [[nodiscard]] MetaVariables variables(std::int64_t graph = 0) const {
        tfckpt_meta_variables* variables = nullptr;
        detail::Call call;
        call.check(tfckpt_meta_list_variables(get(), graph, &variables, call.error()));
        return MetaVariables(variables);
    }

    /// Lists the nodes of a saver, by its index in the summary, in the order of the graph.
    /// Throws Status::kInvalidArgument where there is no such saver; otherwise as
    /// summarize().
    [[nodiscard]] MetaNodes saver_nodes(std::int64_t saver, std::int64_t graph = 0) const {
        tfckpt_meta_nodes* nodes = nullptr;
        detail::Call call;
        call.check(tfckpt_meta_list_saver_nodes(get(), graph, saver, &nodes, call.error()));
        return MetaNodes(nodes);
    }

    /// Finds out what is different in a graph of another file, or of this one, in comparison
    /// with a graph of this. Reads both through, constants and all. Errors as of summarize().
    [[nodiscard]] MetaDiff compare(const Meta& after, std::int64_t graph = 0,
                                   std::int64_t after_graph = 0) const {
        tfckpt_meta_diff* diff = nullptr;
        detail::Call call;
        call.check(tfckpt_meta_compare(get(), graph, after.get(), after_graph, &diff,
                                       call.error()));
        return MetaDiff(diff);
    }

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_meta* get() const noexcept { return meta_.get(); }

private:
    detail::Handle<tfckpt_meta, tfckpt_meta_free> meta_;
};

}  // namespace tfckpt

#endif
