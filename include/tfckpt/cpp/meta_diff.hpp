/// @file
/// What is different between two graphs. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_META_DIFF_HPP
#define TFCKPT_CPP_META_DIFF_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "../tfckpt.h"
#include "handle.hpp"
#include "list.hpp"
#include "meta_parts.hpp"
#include "meta_summary.hpp"

namespace tfckpt {

/// What became of something. Later versions of the library may add some, here and below.
enum class ChangeKind : std::int32_t {
    /// It came on top.
    kAdded = TFCKPT_CHANGE_KIND_ADDED,
    /// It went away.
    kRemoved = TFCKPT_CHANGE_KIND_REMOVED,
    /// It is there in both, and different.
    kChanged = TFCKPT_CHANGE_KIND_CHANGED,
};

/// What a change is about.
enum class ChangeSubject : std::int32_t {
    /// The nodes of savers.
    kSavers = TFCKPT_CHANGE_SUBJECT_SAVERS,
    /// Nodes whose name is that of another of the same op, with a number: what an import
    /// of the graph into itself leaves, or an op made in a loop.
    kRepeats = TFCKPT_CHANGE_SUBJECT_REPEATS,
    /// Nodes in an outermost scope.
    kScope = TFCKPT_CHANGE_SUBJECT_SCOPE,
    /// Nodes of an op that are in no scope.
    kOp = TFCKPT_CHANGE_SUBJECT_OP,
    /// Functions of the library.
    kFunctions = TFCKPT_CHANGE_SUBJECT_FUNCTIONS,
    /// The values of a collection.
    kCollection = TFCKPT_CHANGE_SUBJECT_COLLECTION,
    /// Signatures.
    kSignatures = TFCKPT_CHANGE_SUBJECT_SIGNATURES,
    /// Another part: "info", "saver_def", "assets", "object_graph" or "rest".
    kPart = TFCKPT_CHANGE_SUBJECT_PART,
};

/// Things of a kind that came on top, went away or are different; borrowed.
class MetaChange {
public:
    /// One of the C API.
    explicit MetaChange(const tfckpt_meta_change* change) noexcept : change_(change) {}

    /// It in English, as a line without an end.
    [[nodiscard]] std::string_view text() const noexcept {
        return detail::text_of(tfckpt_meta_change_text, change_);
    }

    /// What became of the things.
    [[nodiscard]] ChangeKind kind() const noexcept {
        return static_cast<ChangeKind>(tfckpt_meta_change_kind(change_));
    }

    /// What they are.
    [[nodiscard]] ChangeSubject subject() const noexcept {
        return static_cast<ChangeSubject>(tfckpt_meta_change_subject(change_));
    }

    /// Which scope, op, collection or part; empty for the other subjects.
    [[nodiscard]] std::string_view name() const noexcept {
        return detail::text_of(tfckpt_meta_change_name, change_);
    }

    /// How many nodes, functions or signatures; of a collection, by how many values it is
    /// larger or smaller.
    [[nodiscard]] std::int64_t items() const noexcept {
        return tfckpt_meta_change_item_count(change_);
    }

    /// How many savers, where they are the nodes of savers.
    [[nodiscard]] std::int64_t savers() const noexcept {
        return tfckpt_meta_change_saver_count(change_);
    }

    /// How many bytes they took in the first graph.
    [[nodiscard]] std::int64_t bytes_before() const noexcept {
        return tfckpt_meta_change_size_before(change_);
    }

    /// How many bytes they take in the second.
    [[nodiscard]] std::int64_t bytes_after() const noexcept {
        return tfckpt_meta_change_size_after(change_);
    }

    /// How many of these bytes are values of constants.
    [[nodiscard]] std::int64_t constant_bytes() const noexcept {
        return tfckpt_meta_change_constant_size(change_);
    }

    /// The first names among them, three at most.
    [[nodiscard]] List<std::string_view, tfckpt_meta_change> examples() const noexcept {
        return {change_, tfckpt_meta_change_example_count(change_), example_at};
    }

private:
    static std::string_view example_at(const tfckpt_meta_change* change, std::int64_t index) {
        return detail::text_of(tfckpt_meta_change_example, change, index);
    }

    const tfckpt_meta_change* change_;
};

/// What is different between two graphs: why one is larger than the other. A snapshot
/// that needs their files no more.
///
/// Nodes are told apart by name; one that both have differs if its op, inputs or
/// attributes do. What came on top or went away is put together as people think of it:
/// savers, nodes that repeat others, the nodes of a scope, functions, collections.
class MetaDiff {
public:
    /// Takes what a call of the C API gave.
    explicit MetaDiff(tfckpt_meta_diff* owned) noexcept : diff_(owned) {}

    /// All of it in English, a line for each change. Names stand in it as they are in the
    /// files, control characters included. Borrowed.
    [[nodiscard]] std::string_view text() const noexcept {
        return detail::text_of(tfckpt_meta_diff_text, get());
    }

    /// What is in the first graph.
    [[nodiscard]] MetaSummaryRef before() const noexcept {
        return MetaSummaryRef(tfckpt_meta_diff_before(get()));
    }

    /// What is in the second graph.
    [[nodiscard]] MetaSummaryRef after() const noexcept {
        return MetaSummaryRef(tfckpt_meta_diff_after(get()));
    }

    /// What came on top, went away or is different, what weighs most first; none where the
    /// graphs say the same.
    [[nodiscard]] List<MetaChange, tfckpt_meta_diff> changes() const noexcept {
        return {get(), tfckpt_meta_diff_change_count(get()), change_at};
    }

    /// The constants of the second graph that the first has not got, or has with another
    /// value; functions left out.
    [[nodiscard]] MetaConstants constants() const noexcept {
        return MetaConstants(tfckpt_meta_diff_constants(get()));
    }

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_meta_diff* get() const noexcept { return diff_.get(); }

private:
    static MetaChange change_at(const tfckpt_meta_diff* diff, std::int64_t index) {
        return MetaChange(tfckpt_meta_diff_change(diff, index));
    }

    detail::Handle<tfckpt_meta_diff, tfckpt_meta_diff_free> diff_;
};

}  // namespace tfckpt

#endif
