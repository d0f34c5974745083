/// @file
/// What is in a graph. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_META_SUMMARY_HPP
#define TFCKPT_CPP_META_SUMMARY_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "../tfckpt.h"
#include "handle.hpp"
#include "list.hpp"
#include "meta_parts.hpp"

namespace tfckpt {

/// The parts of a graph and what belongs to it.
enum class MetaPart : std::int32_t {
    /// The nodes, constants and all.
    kNodes = TFCKPT_META_PART_NODES,
    /// The library of functions.
    kLibrary = TFCKPT_META_PART_LIBRARY,
    /// Who wrote it, and the ops it needs.
    kInfo = TFCKPT_META_PART_INFO,
    /// How to save and restore.
    kSaverDef = TFCKPT_META_PART_SAVER_DEF,
    /// The collections.
    kCollections = TFCKPT_META_PART_COLLECTIONS,
    /// The signatures.
    kSignatures = TFCKPT_META_PART_SIGNATURES,
    /// What files it needs beside it.
    kAssets = TFCKPT_META_PART_ASSETS,
    /// The object graph of a SavedModel.
    kObjectGraph = TFCKPT_META_PART_OBJECT_GRAPH,
    /// Everything else: versions, tags, lengths, fields that nobody knows.
    kRest = TFCKPT_META_PART_REST,
};

namespace detail {

/// What can be asked of a summary, whoever owns it.
template <class Self>
class SummaryFacts {
public:
    /// How many bytes the graph takes with all that belongs to it.
    [[nodiscard]] std::int64_t bytes() const noexcept {
        return tfckpt_meta_summary_byte_size(raw());
    }

    /// How many of these a part takes, tags and lengths included; together that is all.
    [[nodiscard]] std::int64_t bytes(MetaPart part) const noexcept {
        return tfckpt_meta_summary_part_size(raw(), static_cast<std::int32_t>(part));
    }

    /// The version of the TensorFlow that wrote it: "2.21.0"; empty where it does not
    /// say. Borrowed, as the next ones.
    [[nodiscard]] std::string_view tensorflow_version() const noexcept {
        return text_of(tfckpt_meta_summary_tensorflow_version, raw());
    }

    /// The commit of that TensorFlow.
    [[nodiscard]] std::string_view tensorflow_git_version() const noexcept {
        return text_of(tfckpt_meta_summary_tensorflow_git_version, raw());
    }

    /// What its author calls this version of the graph; empty where that is nothing.
    [[nodiscard]] std::string_view graph_version() const noexcept {
        return text_of(tfckpt_meta_summary_graph_version, raw());
    }

    /// The tags under which a SavedModel has it.
    [[nodiscard]] List<std::string_view, tfckpt_meta_summary> tags() const noexcept {
        return {raw(), tfckpt_meta_summary_tag_count(raw()), tag_at};
    }

    /// How many ops it lists as needed, with their definitions.
    [[nodiscard]] std::int64_t stripped_ops() const noexcept {
        return tfckpt_meta_summary_stripped_op_count(raw());
    }

    /// Whether attributes that have their default value were left out.
    [[nodiscard]] bool stripped_default_attrs() const noexcept {
        return tfckpt_meta_summary_has_stripped_default_attrs(raw());
    }

    /// The version of graphs that it was written as.
    [[nodiscard]] std::int64_t producer() const noexcept {
        return tfckpt_meta_summary_producer(raw());
    }

    /// The oldest version of the software that may read it.
    [[nodiscard]] std::int64_t min_consumer() const noexcept {
        return tfckpt_meta_summary_min_consumer(raw());
    }

    /// The nodes of the graph by their ops.
    [[nodiscard]] MetaOps ops() const noexcept { return MetaOps(tfckpt_meta_summary_ops(raw())); }

    /// The nodes of all functions together by their ops.
    [[nodiscard]] MetaOps function_ops() const noexcept {
        return MetaOps(tfckpt_meta_summary_function_ops(raw()));
    }

    /// How many functions the library has.
    [[nodiscard]] std::int64_t functions() const noexcept {
        return tfckpt_meta_summary_function_count(raw());
    }

    /// How many of them have a gradient function registered by name.
    [[nodiscard]] std::int64_t gradients() const noexcept {
        return tfckpt_meta_summary_gradient_count(raw());
    }

    /// The constants of the graph and its functions.
    [[nodiscard]] MetaConstants constants() const noexcept {
        return MetaConstants(tfckpt_meta_summary_constants(raw()));
    }

    /// How many variables the graph has; Meta::variables() has them.
    [[nodiscard]] std::int64_t variables() const noexcept {
        return tfckpt_meta_summary_variable_count(raw());
    }

    /// The savers in the graph, in the order of their first nodes; Meta::saver_nodes() has
    /// their nodes.
    [[nodiscard]] List<MetaSaver, tfckpt_meta_summary> savers() const noexcept {
        return {raw(), tfckpt_meta_summary_saver_count(raw()), saver_at};
    }

    /// How to save and restore with the graph; none where it does not say.
    template <class T = MetaSaverDef>
    [[nodiscard]] std::optional<T> saver_def() const noexcept {
        const tfckpt_meta_saver_def* def = tfckpt_meta_summary_saver_def(raw());
        if (def == nullptr) return std::nullopt;
        return T{text_of(tfckpt_meta_saver_def_filename_tensor_name, def),
                            text_of(tfckpt_meta_saver_def_save_tensor_name, def),
                            text_of(tfckpt_meta_saver_def_restore_op_name, def),
                            tfckpt_meta_saver_def_max_to_keep(def),
                            tfckpt_meta_saver_def_is_sharded(def),
                            tfckpt_meta_saver_def_keep_checkpoint_every_n_hours(def),
                            tfckpt_meta_saver_def_version(def)};
    }

    /// The collections, in the order of their keys.
    [[nodiscard]] List<MetaCollection, tfckpt_meta_summary> collections() const noexcept {
        return {raw(), tfckpt_meta_summary_collection_count(raw()), collection_at};
    }

    /// The signatures, in the order of their keys.
    [[nodiscard]] List<MetaSignature, tfckpt_meta_summary> signatures() const noexcept {
        return {raw(), tfckpt_meta_summary_signature_count(raw()), signature_at};
    }

    /// How many files the graph needs beside it.
    [[nodiscard]] std::int64_t assets() const noexcept {
        return tfckpt_meta_summary_asset_count(raw());
    }

    /// How many nodes the object graph of a SavedModel has; none where there is no such.
    template <class T = std::int64_t>
    [[nodiscard]] std::optional<T> object_graph_nodes() const noexcept {
        return unless_negative<T>(tfckpt_meta_summary_object_graph_node_count(raw()));
    }

private:
    [[nodiscard]] const tfckpt_meta_summary* raw() const noexcept {
        return static_cast<const Self*>(this)->get();
    }

    static std::string_view tag_at(const tfckpt_meta_summary* summary, std::int64_t index) {
        return text_of(tfckpt_meta_summary_tag, summary, index);
    }

    static MetaSaver saver_at(const tfckpt_meta_summary* summary, std::int64_t index) {
        const tfckpt_meta_saver* saver = tfckpt_meta_summary_saver(summary, index);
        return {text_of(tfckpt_meta_saver_scope, saver),
                text_of(tfckpt_meta_saver_first_node, saver),
                tfckpt_meta_saver_node_count(saver),
                tfckpt_meta_saver_byte_size(saver),
                tfckpt_meta_saver_save_op_count(saver),
                tfckpt_meta_saver_restore_op_count(saver),
                tfckpt_meta_saver_merge_op_count(saver),
                static_cast<SaverUse>(tfckpt_meta_saver_used_by(saver))};
    }

    static MetaCollection collection_at(const tfckpt_meta_summary* summary, std::int64_t index) {
        const tfckpt_meta_collection* one = tfckpt_meta_summary_collection(summary, index);
        return {text_of(tfckpt_meta_collection_key, one),
                static_cast<CollectionKind>(tfckpt_meta_collection_kind(one)),
                tfckpt_meta_collection_value_count(one), tfckpt_meta_collection_byte_size(one)};
    }

    static MetaSignature signature_at(const tfckpt_meta_summary* summary, std::int64_t index) {
        return MetaSignature(tfckpt_meta_summary_signature(summary, index));
    }
};

}  // namespace detail

/// What is in a graph, borrowed from the MetaDiff.
class MetaSummaryRef : public detail::SummaryFacts<MetaSummaryRef> {
public:
    /// One of the C API.
    explicit MetaSummaryRef(const tfckpt_meta_summary* summary) noexcept : summary_(summary) {}

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_meta_summary* get() const noexcept { return summary_; }

private:
    const tfckpt_meta_summary* summary_;
};

/// What is in a graph: a snapshot that needs its file no more.
class MetaSummary : public detail::SummaryFacts<MetaSummary> {
public:
    /// Takes what a call of the C API gave.
    explicit MetaSummary(tfckpt_meta_summary* owned) noexcept : summary_(owned) {}

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_meta_summary* get() const noexcept { return summary_.get(); }

private:
    detail::Handle<tfckpt_meta_summary, tfckpt_meta_summary_free> summary_;
};

}  // namespace tfckpt

#endif
