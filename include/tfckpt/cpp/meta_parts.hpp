/// @file
/// What a graph is made of: ops, constants, savers, collections, signatures, variables. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_META_PARTS_HPP
#define TFCKPT_CPP_META_PARTS_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "../tfckpt.h"
#include "dtype.hpp"
#include "handle.hpp"
#include "list.hpp"
#include "span.hpp"

namespace tfckpt {

namespace detail {

/// A text of a handle.
template <class Of>
std::string_view text_of(const char* (*get)(const Of*, std::size_t*), const Of* of) noexcept {
    std::size_t size = 0;
    const char* data = get(of, &size);
    return text(data, size);
}

/// A text of a list of a handle.
template <class Of>
std::string_view text_of(const char* (*get)(const Of*, std::int64_t, std::size_t*), const Of* of,
                         std::int64_t index) noexcept {
    std::size_t size = 0;
    const char* data = get(of, index, &size);
    return text(data, size);
}

/// A type that a graph tells, into a std::optional.
template <class T>
void tell(T& into, std::int32_t dtype) noexcept {
    if (dtype != 0) into = static_cast<DType>(dtype);
}

/// A shape of which the rank may be open.
template <class T>
void tell(T& into, const std::int64_t* dims, std::int64_t rank) noexcept {
    if (rank >= 0) into.emplace(dims, static_cast<std::size_t>(rank));
}

}  // namespace detail

/// The nodes of one op.
struct MetaOp {
    /// The op; borrowed.
    std::string_view name;
    /// How many nodes there are.
    std::int64_t nodes;
    /// How many bytes they take.
    std::int64_t bytes;
};

/// The nodes of a graph, or of all its functions, by their ops; borrowed.
class MetaOps {
public:
    /// Those of the C API.
    explicit MetaOps(const tfckpt_meta_ops* ops) noexcept : ops_(ops) {}

    /// How many nodes there are, of all ops.
    [[nodiscard]] std::int64_t total() const noexcept { return tfckpt_meta_ops_total(ops_); }

    /// The ops, in the order of their names.
    [[nodiscard]] List<MetaOp, tfckpt_meta_ops> list() const noexcept {
        return {ops_, tfckpt_meta_ops_count(ops_), op_at};
    }

private:
    static MetaOp op_at(const tfckpt_meta_ops* ops, std::int64_t index) {
        return {detail::text_of(tfckpt_meta_ops_name, ops, index),
                tfckpt_meta_ops_node_count(ops, index), tfckpt_meta_ops_byte_size(ops, index)};
    }

    const tfckpt_meta_ops* ops_;
};

/// A constant.
struct MetaConstant {
    /// Its name, FUNCTION/NODE within a function; borrowed.
    std::string_view name;
    /// How many bytes its value takes.
    std::int64_t bytes;
};

/// Constants: how many, and which of them are the largest; borrowed.
class MetaConstants {
public:
    /// Those of the C API.
    explicit MetaConstants(const tfckpt_meta_constants* constants) noexcept
        : constants_(constants) {}

    /// How many there are.
    [[nodiscard]] std::int64_t count() const noexcept {
        return tfckpt_meta_constants_count(constants_);
    }

    /// How many bytes their values take.
    [[nodiscard]] std::int64_t bytes() const noexcept {
        return tfckpt_meta_constants_byte_size(constants_);
    }

    /// The largest of them, ten at most, the largest first.
    [[nodiscard]] List<MetaConstant, tfckpt_meta_constants> largest() const noexcept {
        return {constants_, tfckpt_meta_constants_largest_count(constants_), at};
    }

private:
    static MetaConstant at(const tfckpt_meta_constants* constants, std::int64_t index) {
        return {detail::text_of(tfckpt_meta_constants_largest_name, constants, index),
                tfckpt_meta_constants_largest_byte_size(constants, index)};
    }

    const tfckpt_meta_constants* constants_;
};

/// Who uses a saver. Later versions of the library may add some.
enum class SaverUse : std::int32_t {
    /// Nobody: not saver_def, no collection, no signature, no other node.
    kDead = TFCKPT_SAVER_USE_DEAD,
    /// It can't be known: there is no saver_def, and whoever imports the graph may name
    /// any of its savers.
    kUnknown = TFCKPT_SAVER_USE_UNKNOWN,
    /// Another node uses one of its nodes.
    kNode = TFCKPT_SAVER_USE_NODE,
    /// A collection or a signature names it.
    kCollection = TFCKPT_SAVER_USE_COLLECTION,
    /// saver_def names it: it is the one that TensorFlow restores with.
    kSaverDef = TFCKPT_SAVER_USE_SAVER_DEF,
};

/// A saver: the nodes that one tf.train.Saver added to a graph, or an import of the
/// graph they were in.
struct MetaSaver {
    /// The scope its nodes are in: "save_1". Copies made by an import are in the same
    /// scope. Empty where they are in none: a SavedModel's is made of calls. Borrowed.
    std::string_view scope;
    /// The name of the first of its nodes in the graph; borrowed.
    std::string_view first_node;
    /// How many nodes it has.
    std::int64_t nodes;
    /// How many bytes they take.
    std::int64_t bytes;
    /// How many of its ops write files.
    std::int64_t save_ops;
    /// How many of its ops read files.
    std::int64_t restore_ops;
    /// How many of its ops join the files that several devices wrote.
    std::int64_t merge_ops;
    /// Who uses it.
    SaverUse used_by;
};

/// How to save and restore with a graph: TensorFlow's SaverDef. All texts are borrowed.
struct MetaSaverDef {
    /// The tensor that the name of the file is fed to.
    std::string_view filename_tensor_name;
    /// The tensor to run to save.
    std::string_view save_tensor_name;
    /// The op to run to restore.
    std::string_view restore_op_name;
    /// How many checkpoints are kept; 0 for all.
    std::int32_t max_to_keep;
    /// Whether each device has files of its own.
    bool sharded;
    /// Every how many hours a checkpoint is kept for good.
    double keep_checkpoint_every_n_hours;
    /// The format of the checkpoints: 1 and 2 are V1 and V2, 0 is older than numbers.
    std::int32_t version;
};

/// What the values of a collection are. Later versions of the library may add some.
enum class CollectionKind : std::int32_t {
    /// Nothing says so: the collection is empty.
    kNone = TFCKPT_COLLECTION_KIND_NONE,
    /// Names of nodes and tensors.
    kNodes = TFCKPT_COLLECTION_KIND_NODES,
    /// Serialized messages, or any other bytes.
    kBytes = TFCKPT_COLLECTION_KIND_BYTES,
    /// Integers.
    kInt64 = TFCKPT_COLLECTION_KIND_INT64,
    /// Floating-point numbers.
    kFloat = TFCKPT_COLLECTION_KIND_FLOAT,
    /// Messages that tell their own type.
    kAny = TFCKPT_COLLECTION_KIND_ANY,
};

/// A collection.
struct MetaCollection {
    /// Its key: "variables"; borrowed.
    std::string_view key;
    /// What its values are.
    CollectionKind kind;
    /// How many values it has.
    std::int64_t values;
    /// How many bytes it takes.
    std::int64_t bytes;
};

/// A tensor that a signature takes or gives.
template <template <class> class Optional = std::optional>
struct BasicMetaTensor {
    /// What the signature calls it; borrowed.
    std::string_view key;
    /// Its name in the graph: "dense/BiasAdd:0"; empty where it is made of several
    /// tensors (a sparse one, a composite one). Borrowed.
    std::string_view name;
    /// The type of its elements, as far as it is told and known.
    Optional<DType> dtype;
    /// Its dimensions, -1 for one that is open; none where their number is. Borrowed.
    Optional<Span<const std::int64_t>> dims;
};

/// A tensor that a signature takes or gives.
using MetaTensor = BasicMetaTensor<>;

/// What a model takes and gives under one name; borrowed.
class MetaSignature {
public:
    /// One of the C API.
    explicit MetaSignature(const tfckpt_meta_signature* signature) noexcept
        : signature_(signature) {}

    /// Its key: "serving_default".
    [[nodiscard]] std::string_view key() const noexcept {
        return detail::text_of(tfckpt_meta_signature_key, signature_);
    }

    /// What it is for: "tensorflow/serving/predict".
    [[nodiscard]] std::string_view method_name() const noexcept {
        return detail::text_of(tfckpt_meta_signature_method_name, signature_);
    }

    /// How many bytes it takes.
    [[nodiscard]] std::int64_t bytes() const noexcept {
        return tfckpt_meta_signature_byte_size(signature_);
    }

    /// What it takes, in the order of the keys.
    template <class T = MetaTensor>
    [[nodiscard]] List<T, tfckpt_meta_signature> inputs() const noexcept {
        return {signature_, tfckpt_meta_signature_input_count(signature_), input_at<T>};
    }

    /// What it gives, in the order of the keys.
    template <class T = MetaTensor>
    [[nodiscard]] List<T, tfckpt_meta_signature> outputs() const noexcept {
        return {signature_, tfckpt_meta_signature_output_count(signature_), output_at<T>};
    }

private:
    template <class T>
    static T input_at(const tfckpt_meta_signature* signature, std::int64_t index) {
        return tensor<T>(tfckpt_meta_signature_input(signature, index));
    }

    template <class T>
    static T output_at(const tfckpt_meta_signature* signature, std::int64_t index) {
        return tensor<T>(tfckpt_meta_signature_output(signature, index));
    }

    template <class T>
    static T tensor(const tfckpt_meta_tensor* tensor) {
        T one{};
        one.key = detail::text_of(tfckpt_meta_tensor_key, tensor);
        one.name = detail::text_of(tfckpt_meta_tensor_name, tensor);
        detail::tell(one.dtype, tfckpt_meta_tensor_dtype(tensor));
        detail::tell(one.dims, tfckpt_meta_tensor_dims(tensor), tfckpt_meta_tensor_rank(tensor));
        return one;
    }

    const tfckpt_meta_signature* signature_;
};

/// A node that holds a variable.
template <template <class> class Optional = std::optional>
struct BasicMetaVariable {
    /// Its name; borrowed.
    std::string_view name;
    /// Its op: "VarHandleOp", or the older "VariableV2" and "Variable"; borrowed.
    std::string_view op;
    /// The name under which a session shares it: nodes with the same one are the same
    /// variable. Often empty with the older ops: then that is the node's own name.
    /// Borrowed.
    std::string_view shared_name;
    /// The type of its elements, as far as it is told and known.
    Optional<DType> dtype;
    /// Its dimensions, -1 for one that is open; none where their number is. Borrowed.
    Optional<Span<const std::int64_t>> dims;
};

/// A node that holds a variable.
using MetaVariable = BasicMetaVariable<>;

/// The variables of a graph, in its order.
class MetaVariables {
public:
    /// Takes what a call of the C API gave.
    explicit MetaVariables(tfckpt_meta_variables* owned) noexcept : variables_(owned) {}

    /// Each of them.
    template <class T = MetaVariable>
    [[nodiscard]] List<T, tfckpt_meta_variables> list() const noexcept {
        return {get(), tfckpt_meta_variables_count(get()), at<T>};
    }

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_meta_variables* get() const noexcept { return variables_.get(); }

private:
    template <class T>
    static T at(const tfckpt_meta_variables* variables, std::int64_t index) {
        T one{};
        one.name = detail::text_of(tfckpt_meta_variables_name, variables, index);
        one.op = detail::text_of(tfckpt_meta_variables_op, variables, index);
        one.shared_name = detail::text_of(tfckpt_meta_variables_shared_name, variables, index);
        detail::tell(one.dtype, tfckpt_meta_variables_dtype(variables, index));
        detail::tell(one.dims, tfckpt_meta_variables_dims(variables, index),
                     tfckpt_meta_variables_rank(variables, index));
        return one;
    }

    detail::Handle<tfckpt_meta_variables, tfckpt_meta_variables_free> variables_;
};

/// A node of a graph.
struct MetaNode {
    /// Its name; borrowed.
    std::string_view name;
    /// Its op; borrowed.
    std::string_view op;
    /// How many bytes it takes.
    std::int64_t bytes;
};

/// Nodes of a graph, in its order.
class MetaNodes {
public:
    /// Takes what a call of the C API gave.
    explicit MetaNodes(tfckpt_meta_nodes* owned) noexcept : nodes_(owned) {}

    /// Each of them.
    [[nodiscard]] List<MetaNode, tfckpt_meta_nodes> list() const noexcept {
        return {get(), tfckpt_meta_nodes_count(get()), at};
    }

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_meta_nodes* get() const noexcept { return nodes_.get(); }

private:
    static MetaNode at(const tfckpt_meta_nodes* nodes, std::int64_t index) {
        return {detail::text_of(tfckpt_meta_nodes_name, nodes, index),
                detail::text_of(tfckpt_meta_nodes_op, nodes, index),
                tfckpt_meta_nodes_byte_size(nodes, index)};
    }

    detail::Handle<tfckpt_meta_nodes, tfckpt_meta_nodes_free> nodes_;
};

}  // namespace tfckpt

#endif
