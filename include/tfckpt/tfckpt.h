/** @file
 * tfckpt: reads and writes TensorFlow checkpoints without TensorFlow.
 *
 * This file is generated from src/capi: change the comments there.
 *
 * These rules hold for every function. What stands at a function is only what is
 * its own: shapes, units, errors.
 *
 * Handles. Every type but tfckpt_read_request is opaque, and a function's first
 *   argument is the handle that it is about. What is about a path instead takes that
 *   first: tfckpt_checkpoint_... a checkpoint's, tfckpt_directory_... that of a
 *   directory of checkpoints. What a call hands out is one of
 *   - owned: a pointer that is not const. You free it, with the _free of its type
 *     and nothing else;
 *   - borrowed: a const pointer. It belongs to the handle it was asked from, and
 *     is good until that is freed, unless a nearer end is told;
 *   - copied: values, and bytes into your memory.
 *   Freeing NULL does nothing. Handles may be freed in any order.
 *
 * Errors. A call that can fail returns a tfckpt_status and takes, last, where an
 *   error goes: tfckpt_error **err, which may be NULL. On failure *err is set to a
 *   new error, owned by you, that says what is wrong and where. On success it is
 *   not touched, and *out is set on success only. There is no other state: nothing
 *   of an error is kept in the library or in the thread.
 *
 * NULL. A handle or an out that is NULL makes a call fail with INVALID_ARGUMENT. A
 *   function that cannot fail does nothing then, or returns 0, NULL or false, or -1
 *   where that is what it has for none. Only options, a progress, err and the len of
 *   what comes out may be NULL.
 *
 * Memory. Arrays come in as pointer and length, which for dims, starts and lengths
 *   is rank; (NULL, 0) is an empty one. Nothing that is given is kept after the
 *   call, but that options keep a share of a progress. Memory that a call writes to
 *   must not overlap anything else that it was given, and nobody else may touch it
 *   until the call returns.
 *
 * Strings. Names are any bytes, in practice UTF-8, and come in as pointer and
 *   length. Paths come in ending with a NUL and are taken as they are: no escapes,
 *   no patterns. All that come out end with a NUL that their length does not count. A
 *   path that comes out with a length need not be one of any file, and may have a NUL
 *   within; the others have none.
 *
 * Numbers. Sizes in bytes and lengths of arrays are size_t; counts, positions and
 *   dimensions are int64_t. Enums only come out: where a number goes in it is
 *   int32_t, and checked. Masked CRC-32Cs are as stored in the file.
 *
 * Values. Elements are in C order, outermost dimension first, in the byte order of
 *   this machine, one behind the other without padding.
 *
 * Threads. Any number of threads may use a handle at once where it is taken as
 *   const, and only one where it is not. A handle may move from thread to thread.
 *   Options are copied when they are used.
 *
 * Bad files. Any bytes at all may be given to be read: what is damaged is an error
 *   with its place, and no memory is taken because a file says so.
 */

#ifndef TFCKPT_TFCKPT_H
#define TFCKPT_TFCKPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The version of this header: MAJOR.MINOR.PATCH.
#define TFCKPT_VERSION_MAJOR 0

/// See TFCKPT_VERSION_MAJOR.
#define TFCKPT_VERSION_MINOR 1

/// See TFCKPT_VERSION_MAJOR.
#define TFCKPT_VERSION_PATCH 0

/// The binary interface that this header describes: one more with every change
/// that a program compiled before would not survive.
#define TFCKPT_ABI_VERSION 1

/// How a call ended. The numbers are never reused, and later versions may add
/// some: treat one that you don't know as a failure.
enum tfckpt_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// It did what it says.
    TFCKPT_OK = 0,
    /// The call asks for something that makes no sense.
    TFCKPT_INVALID_ARGUMENT = 1,
    /// There is no such file, or no such tensor.
    TFCKPT_NOT_FOUND = 2,
    /// The operating system refused a read, a write or a look at a directory.
    TFCKPT_IO = 3,
    /// The bytes are not what they should be: damaged, cut short, contradictory.
    TFCKPT_DATA_LOSS = 4,
    /// The file is sound but asks for what this version does not do.
    TFCKPT_UNSUPPORTED = 5,
    /// The caller's buffer is smaller than what is to go into it.
    TFCKPT_BUFFER_TOO_SMALL = 6,
    /// What was to be created is there already.
    TFCKPT_ALREADY_EXISTS = 7,
    /// The caller called it off.
    TFCKPT_CANCELLED = 8,
    /// A limit that the caller may raise was crossed.
    TFCKPT_RESOURCE_LIMIT = 9,
    /// A defect of this library.
    TFCKPT_INTERNAL = 99,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum tfckpt_status tfckpt_status;
#else
typedef int32_t tfckpt_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// What became of something.
enum tfckpt_change_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// It came on top.
    TFCKPT_CHANGE_KIND_ADDED = 0,
    /// It went away.
    TFCKPT_CHANGE_KIND_REMOVED = 1,
    /// It is there in both, and different.
    TFCKPT_CHANGE_KIND_CHANGED = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum tfckpt_change_kind tfckpt_change_kind;
#else
typedef int32_t tfckpt_change_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// What a change is about.
enum tfckpt_change_subject
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// The nodes of savers.
    TFCKPT_CHANGE_SUBJECT_SAVERS = 0,
    /// Nodes whose name is that of another of the same op, with a number: what an
    /// import of the graph into itself leaves, or an op made in a loop.
    TFCKPT_CHANGE_SUBJECT_REPEATS = 1,
    /// Nodes in an outermost scope.
    TFCKPT_CHANGE_SUBJECT_SCOPE = 2,
    /// Nodes of an op that are in no scope.
    TFCKPT_CHANGE_SUBJECT_OP = 3,
    /// Functions of the library.
    TFCKPT_CHANGE_SUBJECT_FUNCTIONS = 4,
    /// The values of a collection.
    TFCKPT_CHANGE_SUBJECT_COLLECTION = 5,
    /// Signatures.
    TFCKPT_CHANGE_SUBJECT_SIGNATURES = 6,
    /// Another part: "info", "saver_def", "assets", "object_graph" or "rest".
    TFCKPT_CHANGE_SUBJECT_PART = 7,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum tfckpt_change_subject tfckpt_change_subject;
#else
typedef int32_t tfckpt_change_subject;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// What the values of a collection are.
enum tfckpt_collection_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// Nothing says so: the collection is empty.
    TFCKPT_COLLECTION_KIND_NONE = 0,
    /// Names of nodes and tensors.
    TFCKPT_COLLECTION_KIND_NODES = 1,
    /// Serialized messages, or any other bytes.
    TFCKPT_COLLECTION_KIND_BYTES = 2,
    /// Integers.
    TFCKPT_COLLECTION_KIND_INT64 = 3,
    /// Floating-point numbers.
    TFCKPT_COLLECTION_KIND_FLOAT = 4,
    /// Messages that tell their own type.
    TFCKPT_COLLECTION_KIND_ANY = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum tfckpt_collection_kind tfckpt_collection_kind;
#else
typedef int32_t tfckpt_collection_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// What becomes of the data of a copy.
enum tfckpt_copy_data
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// It is written anew: every byte is checked on the way, what was left out takes
    /// no room, and the copy is little-endian.
    TFCKPT_COPY_DATA_REWRITE = 0,
    /// Only the index is written; the data files are copied as they are, unchecked,
    /// with all that is in them. The index keeps the checksums, so damage is told by
    /// whoever reads the copy, as it is of the source.
    TFCKPT_COPY_DATA_COPY = 1,
    /// Only the index is written; the data files get a second name, as hard links: no
    /// bytes are moved or checked, and either checkpoint may be removed without harm to
    /// the other. The index keeps the checksums. IO where the file system has no links, or the copy is to be on another.
    TFCKPT_COPY_DATA_LINK = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum tfckpt_copy_data tfckpt_copy_data;
#else
typedef int32_t tfckpt_copy_data;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// The types of elements, under the numbers of TensorFlow's DataType. A number
/// that is 100 higher stands for a reference to that type; no checkpoint has
/// values of those.
enum tfckpt_dtype
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// IEEE 754, 4 bytes.
    TFCKPT_DT_FLOAT = 1,
    /// IEEE 754, 8 bytes.
    TFCKPT_DT_DOUBLE = 2,
    /// 4 bytes.
    TFCKPT_DT_INT32 = 3,
    /// 1 byte.
    TFCKPT_DT_UINT8 = 4,
    /// 2 bytes.
    TFCKPT_DT_INT16 = 5,
    /// 1 byte.
    TFCKPT_DT_INT8 = 6,
    /// Bytes, as many as each element likes: see tfckpt_strings.
    TFCKPT_DT_STRING = 7,
    /// Two TFCKPT_DT_FLOAT: real part, imaginary part.
    TFCKPT_DT_COMPLEX64 = 8,
    /// 8 bytes.
    TFCKPT_DT_INT64 = 9,
    /// 1 byte, 0 or 1.
    TFCKPT_DT_BOOL = 10,
    /// Quantized, 1 byte.
    TFCKPT_DT_QINT8 = 11,
    /// Quantized, 1 byte.
    TFCKPT_DT_QUINT8 = 12,
    /// Quantized, 4 bytes.
    TFCKPT_DT_QINT32 = 13,
    /// The upper half of a TFCKPT_DT_FLOAT, 2 bytes.
    TFCKPT_DT_BFLOAT16 = 14,
    /// Quantized, 2 bytes.
    TFCKPT_DT_QINT16 = 15,
    /// Quantized, 2 bytes.
    TFCKPT_DT_QUINT16 = 16,
    /// 2 bytes.
    TFCKPT_DT_UINT16 = 17,
    /// Two TFCKPT_DT_DOUBLE: real part, imaginary part.
    TFCKPT_DT_COMPLEX128 = 18,
    /// IEEE 754, 2 bytes.
    TFCKPT_DT_HALF = 19,
    /// A handle of a running program: there are no values of it in a file.
    TFCKPT_DT_RESOURCE = 20,
    /// Any object, each element as a serialized VariantTensorDataProto: see
    /// tfckpt_strings.
    TFCKPT_DT_VARIANT = 21,
    /// 4 bytes.
    TFCKPT_DT_UINT32 = 22,
    /// 8 bytes.
    TFCKPT_DT_UINT64 = 23,
    /// 1 byte.
    TFCKPT_DT_FLOAT8_E5M2 = 24,
    /// 1 byte.
    TFCKPT_DT_FLOAT8_E4M3FN = 25,
    /// 1 byte.
    TFCKPT_DT_FLOAT8_E4M3FNUZ = 26,
    /// 1 byte.
    TFCKPT_DT_FLOAT8_E4M3B11FNUZ = 27,
    /// 1 byte.
    TFCKPT_DT_FLOAT8_E5M2FNUZ = 28,
    /// 1 byte each, of which 4 bits are used.
    TFCKPT_DT_INT4 = 29,
    /// 1 byte each, of which 4 bits are used.
    TFCKPT_DT_UINT4 = 30,
    /// 1 byte each, of which 2 bits are used.
    TFCKPT_DT_INT2 = 31,
    /// 1 byte each, of which 2 bits are used.
    TFCKPT_DT_UINT2 = 32,
    /// 1 byte each, of which 4 bits are used.
    TFCKPT_DT_FLOAT4_E2M1FN = 33,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum tfckpt_dtype tfckpt_dtype;
#else
typedef int32_t tfckpt_dtype;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// What a file in a directory of checkpoints is.
enum tfckpt_file_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// Something else than what follows.
    TFCKPT_FILE_OTHER = 0,
    /// A state file, by its name or by its content.
    TFCKPT_FILE_STATE = 1,
    /// The index of a V2 checkpoint.
    TFCKPT_FILE_INDEX = 2,
    /// A data shard of a V2 checkpoint.
    TFCKPT_FILE_DATA = 3,
    /// The graph beside a checkpoint, PREFIX.meta.
    TFCKPT_FILE_META = 4,
    /// A file of a V1 checkpoint, with metadata and values.
    TFCKPT_FILE_V1 = 5,
    /// What a writer is at work on, or has left: a file or a directory.
    TFCKPT_FILE_TEMPORARY = 6,
    /// A directory.
    TFCKPT_FILE_DIRECTORY = 7,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum tfckpt_file_kind tfckpt_file_kind;
#else
typedef int32_t tfckpt_file_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// In which format a checkpoint is.
enum tfckpt_format
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// Table files with the values in them.
    TFCKPT_FORMAT_V1 = 1,
    /// An index and data shards.
    TFCKPT_FORMAT_V2 = 2,
    /// Several checkpoints as one.
    TFCKPT_FORMAT_OVERLAY = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum tfckpt_format tfckpt_format;
#else
typedef int32_t tfckpt_format;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// Which nodes are cut that do again what another node does.
enum tfckpt_meta_copies
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// None.
    TFCKPT_META_COPIES_KEEP = 0,
    /// Those that are run for their effect, and all that an import brought along.
    TFCKPT_META_COPIES_WITH_EFFECT = 1,
    /// Also those that only compute a value, which a program may fetch by name.
    TFCKPT_META_COPIES_ALL = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum tfckpt_meta_copies tfckpt_meta_copies;
#else
typedef int32_t tfckpt_meta_copies;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// What is cut out of a graph.
enum tfckpt_meta_cut
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// Nodes of savers that nobody uses.
    TFCKPT_META_CUT_SAVER_NODES = 0,
    /// Nodes that did again what another does.
    TFCKPT_META_CUT_COPIES = 1,
    /// Nodes that are for training alone.
    TFCKPT_META_CUT_TRAINING = 2,
    /// Functions of the library that only nodes called that went.
    TFCKPT_META_CUT_FUNCTIONS = 3,
    /// Values of collections that stood there twice, or named a node that went.
    TFCKPT_META_CUT_COLLECTION_VALUES = 4,
    /// Constants that became an Identity; their bytes are what that saved.
    TFCKPT_META_CUT_CONSTANTS = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum tfckpt_meta_cut tfckpt_meta_cut;
#else
typedef int32_t tfckpt_meta_cut;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// The parts of a graph and what belongs to it.
enum tfckpt_meta_part
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// The nodes, constants and all.
    TFCKPT_META_PART_NODES = 0,
    /// The library of functions.
    TFCKPT_META_PART_LIBRARY = 1,
    /// Who wrote it, and the ops it needs.
    TFCKPT_META_PART_INFO = 2,
    /// How to save and restore.
    TFCKPT_META_PART_SAVER_DEF = 3,
    /// The collections.
    TFCKPT_META_PART_COLLECTIONS = 4,
    /// The signatures.
    TFCKPT_META_PART_SIGNATURES = 5,
    /// What files it needs beside it.
    TFCKPT_META_PART_ASSETS = 6,
    /// The object graph of a SavedModel.
    TFCKPT_META_PART_OBJECT_GRAPH = 7,
    /// Everything else: versions, tags, lengths, fields that nobody knows.
    TFCKPT_META_PART_REST = 8,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum tfckpt_meta_part tfckpt_meta_part;
#else
typedef int32_t tfckpt_meta_part;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// What happens where two sources have a tensor of the same name, or the same elements
/// of a partitioned one.
enum tfckpt_on_conflict
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// The call fails, and the error lists all such names.
    TFCKPT_ON_CONFLICT_ERROR = 0,
    /// The tensor of the source that was named first is taken.
    TFCKPT_ON_CONFLICT_FIRST = 1,
    /// The tensor of the source that was named last is taken.
    TFCKPT_ON_CONFLICT_LAST = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum tfckpt_on_conflict tfckpt_on_conflict;
#else
typedef int32_t tfckpt_on_conflict;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// What an object is in the checkpoint.
enum tfckpt_role
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// Nothing of its own is there: a model, a list.
    TFCKPT_ROLE_OBJECT = 0,
    /// A variable that is none of the following.
    TFCKPT_ROLE_VARIABLE = 1,
    /// A variable that an optimizer keeps for another one, in a slot.
    TFCKPT_ROLE_SLOT = 2,
    /// Any other variable that is an optimizer's alone. Optimizers of Keras from 2.11
    /// on have no slots: what they keep is this.
    TFCKPT_ROLE_OPTIMIZER_STATE = 3,
    /// The variable in which tf.train.Checkpoint counts how often it was saved.
    TFCKPT_ROLE_SAVE_COUNTER = 4,
    /// No variable: an iterator, a table, Python state.
    TFCKPT_ROLE_OTHER = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum tfckpt_role tfckpt_role;
#else
typedef int32_t tfckpt_role;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// Who uses a saver.
enum tfckpt_saver_use
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// Nobody: not saver_def, no collection, no signature, no other node.
    /// tfckpt_meta_strip() cuts it.
    TFCKPT_SAVER_USE_DEAD = 0,
    /// It can't be known: there is no saver_def, and whoever imports the graph may name
    /// any of its savers.
    TFCKPT_SAVER_USE_UNKNOWN = 1,
    /// Another node uses one of its nodes.
    TFCKPT_SAVER_USE_NODE = 2,
    /// A collection or a signature names it.
    TFCKPT_SAVER_USE_COLLECTION = 3,
    /// saver_def names it: it is the one that TensorFlow restores with.
    TFCKPT_SAVER_USE_SAVER_DEF = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum tfckpt_saver_use tfckpt_saver_use;
#else
typedef int32_t tfckpt_saver_use;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// What becomes of the data files of the sources.
enum tfckpt_transfer
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// They are copied.
    TFCKPT_TRANSFER_COPY = 0,
    /// They get a second name, as hard links: no bytes are moved, and either
    /// checkpoint may be removed without harm to the other. Copied where the file
    /// system has no links or the destination is on another.
    TFCKPT_TRANSFER_LINK = 1,
    /// As links; then, when the merged checkpoint is on stable storage, the
    /// sources are removed.
    TFCKPT_TRANSFER_MOVE = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum tfckpt_transfer tfckpt_transfer;
#else
typedef int32_t tfckpt_transfer;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// Something of an object that is in the checkpoint.
typedef struct tfckpt_attribute tfckpt_attribute;

/// What tfckpt_directory_gc() did.
typedef struct tfckpt_collected tfckpt_collected;

/// How a checkpoint is copied. NULL in its place means the defaults: all of it, as it
/// is.
typedef struct tfckpt_copy_options tfckpt_copy_options;

/// A walk over tensors, in the order of their names, byte by byte unsigned. It
/// needs its reader no more.
typedef struct tfckpt_cursor tfckpt_cursor;

/// Why a call failed, and where: file, tensor, shard, byte offset. A call that
/// fails makes one where it was given an err; it is owned by the caller.
typedef struct tfckpt_error tfckpt_error;

/// What tfckpt_directory_gc() removes. NULL in its place means the defaults.
typedef struct tfckpt_gc_options tfckpt_gc_options;

/// The latest checkpoint of a directory, and what was passed over on the way to it.
typedef struct tfckpt_latest tfckpt_latest;

/// A directory of checkpoints: saves the next, keeps the state file, and removes the
/// oldest, by the rules of TensorFlow's CheckpointManager. The two may take turns in
/// one directory.
///
/// Any number of threads may use it, and several saves may be under way at once; each
/// counts from when it is finished. Of the managers of one directory, in this or
/// other processes, one at a time should be saving.
typedef struct tfckpt_manager tfckpt_manager;

/// How a manager names, keeps and writes checkpoints. NULL in its place means the
/// defaults.
typedef struct tfckpt_manager_options tfckpt_manager_options;

/// How checkpoints are merged. NULL in its place means the defaults.
typedef struct tfckpt_merge_options tfckpt_merge_options;

/// A file of graphs: the .meta beside a checkpoint, which is one graph with all that
/// belongs to it, or the saved_model.pb of a SavedModel, which may be several. It
/// never changes: any number of threads may use one at once.
///
/// Files of any size are read, past the 2 GiB at which TensorFlow stops. What that
/// takes in memory is some twenty bytes for each node, and the largest single node.
/// Names of nodes that are not UTF-8, which TensorFlow knows none of, come out with
/// U+FFFD in them.
typedef struct tfckpt_meta tfckpt_meta;

/// Things of a kind that came on top, went away or are different.
typedef struct tfckpt_meta_change tfckpt_meta_change;

/// A collection: how much it holds, and of what.
typedef struct tfckpt_meta_collection tfckpt_meta_collection;

/// Constants: how many, and which of them are the largest.
typedef struct tfckpt_meta_constants tfckpt_meta_constants;

/// What is different between two graphs: why one is larger than the other. A snapshot
/// that needs their files no more.
///
/// Nodes are told apart by name; one that both have differs if its op, inputs or
/// attributes do. What came on top or went away is put together as people think of it:
/// savers, nodes that repeat others, the nodes of a scope, functions, collections.
typedef struct tfckpt_meta_diff tfckpt_meta_diff;

/// Nodes of a graph, in its order.
typedef struct tfckpt_meta_nodes tfckpt_meta_nodes;

/// The nodes of a graph, or of all its functions, by their ops.
typedef struct tfckpt_meta_ops tfckpt_meta_ops;

/// A saver: the nodes that one tf.train.Saver added to a graph, or an import of the
/// graph they were in. tfckpt_meta_list_saver_nodes() has them.
typedef struct tfckpt_meta_saver tfckpt_meta_saver;

/// How to save and restore with a graph: TensorFlow's SaverDef.
typedef struct tfckpt_meta_saver_def tfckpt_meta_saver_def;

/// A signature: what a model takes and gives under one name.
typedef struct tfckpt_meta_signature tfckpt_meta_signature;

/// What tfckpt_meta_strip() cuts, and how it writes. NULL in its place means the
/// defaults.
typedef struct tfckpt_meta_strip_options tfckpt_meta_strip_options;

/// What tfckpt_meta_strip() did.
typedef struct tfckpt_meta_stripped tfckpt_meta_stripped;

/// What is in a graph: a snapshot that needs its file no more.
typedef struct tfckpt_meta_summary tfckpt_meta_summary;

/// A tensor of a graph, as signatures speak of it.
typedef struct tfckpt_meta_tensor tfckpt_meta_tensor;

/// The nodes of a graph that hold variables, in its order.
typedef struct tfckpt_meta_variables tfckpt_meta_variables;

/// An object: a snapshot that needs its graph no more.
typedef struct tfckpt_object tfckpt_object;

/// The objects of a checkpoint that tf.train.Checkpoint or Keras wrote, and which
/// tensors are theirs. It never changes: any number of threads may use one at once.
///
/// Each object is a node with a number, from 0, which is the root. A variable has
/// three names: its path from the root, the local names of objects with / between
/// them; its key, which is the name of its tensor, made of the shortest path when it
/// was saved; and its full name, which name-based savers take. In paths and keys a
/// dot within a local name is written .. and a slash .S. All are UTF-8.
typedef struct tfckpt_object_graph tfckpt_object_graph;

/// An object graph being made, for a checkpoint that tf.train.Checkpoint restores.
/// Objects are added with the references between them, as the Python program has
/// them. They are numbered in the order in which they are added, from 0, the root,
/// which is there from the start. The graph is byte for byte TensorFlow's when they
/// come in its order: breadth first, slots last. Names are UTF-8.
typedef struct tfckpt_object_graph_builder tfckpt_object_graph_builder;

/// Several checkpoints, of any format, to be read as one: each may have other names
/// for its tensors than it has by itself. Nothing is copied.
typedef struct tfckpt_overlay tfckpt_overlay;

/// How far calls are, and the word to call them off. It goes into the options of a
/// call; while that runs, other threads ask how far it is, or cancel it; or the call
/// itself calls a function of yours, tfckpt_progress_set_callback().
///
/// A progress may see several calls, one after the other or at once: each adds the
/// bytes that it is going to read to the total when it knows them, and to what is done
/// what it has read.
typedef struct tfckpt_progress tfckpt_progress;

/// How values are read. NULL in its place means the defaults.
typedef struct tfckpt_read_options tfckpt_read_options;

/// A checkpoint open for reading. It never changes: any number of threads may use
/// one at once.
typedef struct tfckpt_reader tfckpt_reader;

/// How a checkpoint is opened. NULL in its place means the defaults.
typedef struct tfckpt_reader_options tfckpt_reader_options;

/// What tfckpt_directory_repair() made of a state file.
typedef struct tfckpt_repaired tfckpt_repaired;

/// All that tfckpt_checkpoint_verify() or tfckpt_reader_verify() found to be wrong.
typedef struct tfckpt_report tfckpt_report;

/// What a state file says: the file called "checkpoint" in which a directory keeps
/// which of its checkpoints is the latest, and which there are. It does not change
/// with the file.
///
/// Its paths are prefixes as they stand in the file, relative to its directory or
/// absolute. Any bytes may be in them, and nothing need be there.
typedef struct tfckpt_state tfckpt_state;

/// Which state file of a directory is meant, and how its checkpoints are looked at.
/// NULL in its place means the defaults.
typedef struct tfckpt_state_options tfckpt_state_options;

/// The elements of a string tensor, or the serialized VariantTensorDataProto of
/// each element of a variant tensor, one behind the other: element i is the bytes
/// of data from `offsets[i]` up to `offsets[i + 1]`. Or the names that a walk came to,
/// in the same way.
typedef struct tfckpt_strings tfckpt_strings;

/// What a directory holds: its checkpoints, how each of them is, and what every other
/// file is. It does not change with the directory.
typedef struct tfckpt_survey tfckpt_survey;

/// What a tensor is, and where its bytes are: a snapshot that needs its reader no
/// more.
typedef struct tfckpt_tensor tfckpt_tensor;

/// What many tensors are, and where their bytes are: arrays with an element for each
/// tensor, or with all that all of them have, one behind the other. A snapshot that
/// needs its cursor and its reader no more.
typedef struct tfckpt_tensors tfckpt_tensors;

/// The elements of a tensor in its mapped data file, without a copy. It needs its
/// reader no more. Should another process cut the file short, touching the bytes
/// that are gone raises SIGBUS.
typedef struct tfckpt_view tfckpt_view;

/// How many tensors are written at once. NULL in its place means the defaults.
typedef struct tfckpt_write_options tfckpt_write_options;

/// A checkpoint being written. Nothing of it can be seen at its prefix until
/// tfckpt_writer_finish() has succeeded. Values go to disk as they come: memory is
/// needed for the index, and a buffer for each shard. In the V1 format they must be
/// sorted by name, and all of them stay in memory until then, encoded: an integer
/// takes one to ten bytes, other numbers what they take anyhow; a tensor that comes in
/// pieces is there twice when it ends.
typedef struct tfckpt_writer tfckpt_writer;

/// How a checkpoint is written. NULL in its place means the defaults.
typedef struct tfckpt_writer_options tfckpt_writer_options;

/// What a call tells how many bytes are done, and how many there are to be done as far as
/// it is known. Returns whether the call goes on: false is as
/// tfckpt_progress_cancel(). It must return, neither by an exception nor by longjmp().
typedef bool (*tfckpt_progress_callback)(void *user, uint64_t done, uint64_t total);

/// One of the tensors that tfckpt_reader_read_many() reads. Set all of it to zero
/// before filling it in.
typedef struct {
    /// The tensor's name.
    const char *name;
    /// The bytes of the name.
    size_t name_len;
    /// Where in each dimension the slice begins; NULL for the whole tensor, with
    /// lengths NULL and rank 0.
    const int64_t *starts;
    /// How many elements of each dimension it has; -1 for all of one.
    const int64_t *lengths;
    /// How many dimensions starts and lengths have, and dst_strides.
    size_t rank;
    /// Where the values go.
    void *dst;
    /// The bytes that dst has room for.
    size_t dst_len;
    /// How many bytes lie between the first of neighbours along each of rank dimensions in
    /// dst: what is read goes to a part of a larger array, whose other bytes stay as
    /// they are. NULL where it is packed, C order. Each is a multiple of the element size, and no
    /// less than what neighbours along it take: rows may lie apart, but neither backwards
    /// nor in each other. Along a dimension of fewer than two elements it means
    /// nothing. For a whole tensor, starts and lengths are NULL and rank is its rank.
    const int64_t *dst_strides;
    /// NULL: room for later versions.
    void *reserved[1];
} tfckpt_read_request;

/// One of the tensors that tfckpt_writer_add_many() writes. Set all of it to zero before
/// filling it in.
typedef struct {
    /// The tensor's name.
    const char *name;
    /// The bytes of the name.
    size_t name_len;
    /// The type of its elements, which has a fixed size.
    int32_t dtype;
    /// The dimensions of the whole tensor.
    const int64_t *dims;
    /// How many dimensions there are.
    size_t rank;
    /// Where in each dimension the slice begins; NULL for the whole tensor, with lengths
    /// NULL too.
    const int64_t *starts;
    /// How many elements of each dimension it has; -1 for all of one.
    const int64_t *lengths;
    /// The values, in the byte order of this machine.
    const void *data;
    /// The bytes of data.
    size_t data_len;
    /// NULL: room for later versions.
    void *reserved[2];
} tfckpt_write_request;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/// The version of the library that runs, which may be another than that of the
/// header: "0.1.0". Never freed.
const char *tfckpt_version(void);

/// The binary interface of the library that runs. A program may go on where that
/// is the TFCKPT_ABI_VERSION it was compiled with.
int32_t tfckpt_abi_version(void);

/// The name of a status without its prefix: "DATA_LOSS"; NULL for a number that
/// is none. Never freed.
const char *tfckpt_status_name(int32_t status);

/// Frees an error. NULL is fine.
void tfckpt_error_free(tfckpt_error *error);

/// The status that the call returned.
tfckpt_status tfckpt_error_status(const tfckpt_error *error);

/// What is wrong and where, for people to read. UTF-8.
const char *tfckpt_error_message(const tfckpt_error *error);

/// The path of the file it is about, or NULL where it is about none.
const char *tfckpt_error_file(const tfckpt_error *error);

/// The name of the tensor it is about, or NULL where it is about none.
const char *tfckpt_error_tensor(const tfckpt_error *error, size_t *len);

/// The data shard it is about, counted from 0, or -1.
int32_t tfckpt_error_shard(const tfckpt_error *error);

/// The byte of tfckpt_error_file() at which it was noticed, or -1.
int64_t tfckpt_error_offset(const tfckpt_error *error);

/// How many names it lists: of the tensors that tfckpt_reader_read_many() did not
/// find, or that several sources of tfckpt_checkpoint_merge() or tfckpt_overlay_open()
/// have; or the keys that tfckpt_object_graph_find() leads to. 0 for most errors.
int64_t tfckpt_error_name_count(const tfckpt_error *error);

/// The name at index, from 0 to tfckpt_error_name_count() - 1; NULL outside.
const char *tfckpt_error_name(const tfckpt_error *error, int64_t index, size_t *len);

/// Bytes of one element; 0 for strings and variants, whose elements have no fixed
/// size, for types without values in a file, and for a number that is no type.
size_t tfckpt_dtype_size(int32_t dtype);

/// The name of a type as TensorFlow has it: "DT_FLOAT", and "DT_FLOAT_REF" for a
/// reference; NULL for a number that is no type. Never freed.
const char *tfckpt_dtype_name(int32_t dtype);

/// The type of a name, such as "DT_FLOAT", into *out. INVALID_ARGUMENT for a name
/// that is none.
tfckpt_status tfckpt_dtype_from_name(const char *name,
                                     size_t name_len,
                                     int32_t *out,
                                     tfckpt_error **err);

/// The defaults, owned by the caller.
tfckpt_reader_options *tfckpt_reader_options_new(void);

/// Frees options. NULL is fine.
void tfckpt_reader_options_free(tfckpt_reader_options *options);

/// Whether data shards are read through a mapping of the file rather than by
/// positioned reads. That saves a copy within the operating system; but a file
/// that another process cuts short then raises SIGBUS instead of giving an error.
/// Default: false. Views are mapped whatever this says.
void tfckpt_reader_options_set_mapped(tfckpt_reader_options *options, bool mapped);

/// How many bytes of the index are kept in memory for the next look at them.
/// Default: 64 MiB.
void tfckpt_reader_options_set_index_cache(tfckpt_reader_options *options, size_t bytes);

/// The largest block of the index, in bytes, that is taken into memory; a larger
/// one is RESOURCE_LIMIT. In V1 blocks have the values in them. Default: 1 GiB; of V1
/// 4 GiB, as there are no larger ones.
void tfckpt_reader_options_set_max_block(tfckpt_reader_options *options, size_t bytes);

/// The largest index, in bytes of its file, that is opened; a larger one is
/// RESOURCE_LIMIT. Of V1, whose files have the values in them, the largest file. Default:
/// any size, as no more of it is in memory than tfckpt_reader_options_set_index_cache()
/// and _set_max_block() say.
void tfckpt_reader_options_set_max_index(tfckpt_reader_options *options, size_t bytes);

/// How many tensors a checkpoint may have; of more, V1 is not opened, and V2 neither
/// counted nor read by position: RESOURCE_LIMIT. To walk over them takes no memory for
/// those before. A negative count is 0. Default: 2^28.
void tfckpt_reader_options_set_max_tensors(tfckpt_reader_options *options, int64_t count);

/// How many bytes of values one call may take memory for: tfckpt_reader_read_strings()
/// does not, and tfckpt_reader_read_size() does not tell of more, but is RESOURCE_LIMIT.
/// What is read into the caller's memory has the limits of that. Default: as many as the
/// files have.
void tfckpt_reader_options_set_max_tensor_bytes(tfckpt_reader_options *options,
                                                size_t bytes);

/// Opens a checkpoint, into *out, V2 or V1. The path is one of
/// - its prefix;
/// - one of its files: PREFIX.index, PREFIX.data-..., PREFIX.meta, a V1 file, any of
///   the files of a V1 checkpoint that has several, or the pattern that state files
///   name it by (STEM-?????-of-00003);
/// - a state file ("checkpoint"): the latest checkpoint that it names;
/// - a directory: its latest; without a state file, the SavedModel that it is, or
///   the only checkpoint in it.
///
/// It is taken literally first. Reads little of the checkpoint, but opens its files, of
/// more than 64 data shards each when it is first read: what is open can be read to the
/// end, though a manager or somebody else removes the checkpoint. NOT_FOUND where there
/// is none, or a file of V1 is missing; UNSUPPORTED for a version that asks for another
/// reader; DATA_LOSS for an index that is damaged, a file that is none of a checkpoint,
/// or a state file that leads to none.
tfckpt_status tfckpt_reader_open(const char *path,
                                 const tfckpt_reader_options *options,
                                 tfckpt_reader **out,
                                 tfckpt_error **err);

/// Frees a reader. NULL is fine. Cursors, tensors, strings and views that came
/// from it stay good.
void tfckpt_reader_free(tfckpt_reader *reader);

/// In which format it is: a tfckpt_format.
int32_t tfckpt_reader_format(const tfckpt_reader *reader);

/// The prefix of its files: their path without .index or .data-... Of V1 the path of
/// its file, or where it has several a pattern, STEM-?????-of-00003; of an overlay it
/// is empty.
const char *tfckpt_reader_prefix(const tfckpt_reader *reader);

/// How many files have its values: data shards, or the files of V1.
int64_t tfckpt_reader_num_shards(const tfckpt_reader *reader);

/// Whether its files have values highest byte first. Reading turns them round;
/// only views show them as they are. False for V1, and for overlays, which may have
/// either.
bool tfckpt_reader_is_big_endian(const tfckpt_reader *reader);

/// How many tensors there are, into *out. The first call reads all of the index.
tfckpt_status tfckpt_reader_count(const tfckpt_reader *reader,
                                  int64_t *out,
                                  tfckpt_error **err);

/// The tensor at a position, counted from 0 in the order of names, into *out.
/// INVALID_ARGUMENT where there is none. To go through all of them
/// tfckpt_reader_list() is quicker.
tfckpt_status tfckpt_reader_tensor_at(const tfckpt_reader *reader,
                                      int64_t position,
                                      tfckpt_tensor **out,
                                      tfckpt_error **err);

/// The tensor of a name, into *out. NOT_FOUND where there is none.
tfckpt_status tfckpt_reader_find(const tfckpt_reader *reader,
                                 const char *name,
                                 size_t name_len,
                                 tfckpt_tensor **out,
                                 tfckpt_error **err);

/// The tensor that a name means, into *out: the one that is called so; or else, where
/// the checkpoint has an object graph, that of the object with this path, or of the
/// variable with this full name. NOT_FOUND where it means none; INVALID_ARGUMENT where
/// it means several, whose names the error then lists; otherwise errors as of
/// tfckpt_reader_read_object_graph(). The graph is read at the first call that needs it.
tfckpt_status tfckpt_reader_resolve(const tfckpt_reader *reader,
                                    const char *name,
                                    size_t name_len,
                                    tfckpt_tensor **out,
                                    tfckpt_error **err);

/// Begins a walk over the tensors whose names begin with a prefix, into *out; an
/// empty prefix is all of them.
tfckpt_status tfckpt_reader_list(const tfckpt_reader *reader,
                                 const char *prefix,
                                 size_t prefix_len,
                                 tfckpt_cursor **out,
                                 tfckpt_error **err);

/// Goes to the next tensor, into *out: borrowed until the next call, and NULL
/// behind the last. DATA_LOSS where an entry or a part of the index is damaged;
/// the next call goes on behind that, so a walk always comes to an end.
tfckpt_status tfckpt_cursor_next(tfckpt_cursor *cursor,
                                 const tfckpt_tensor **out,
                                 tfckpt_error **err);

/// Goes to the next tensor, and looks at no more than its name, into *out: borrowed
/// until the next call of this, and NULL behind the last tensor. An entry that is
/// damaged is not noticed; otherwise as tfckpt_cursor_next(), the tensor borrowed from
/// which stays.
tfckpt_status tfckpt_cursor_next_name(tfckpt_cursor *cursor,
                                      const char **out,
                                      size_t *len,
                                      tfckpt_error **err);

/// Goes over the next tensors at once, and looks at no more than their names, max of them
/// at most, and no more when they take 2 MiB, into *out: borrowed until the next call of
/// this, and none behind the last. This is the fastest way to list what there is; a max of
/// 1,000 is a good one. INVALID_ARGUMENT for a max below 1. Otherwise as
/// tfckpt_cursor_next_name(); names before the damage come first, and the error with the
/// next call.
tfckpt_status tfckpt_cursor_next_names(tfckpt_cursor *cursor,
                                       int64_t max,
                                       const tfckpt_strings **out,
                                       tfckpt_error **err);

/// Goes over the next tensors at once, max of them at most, and no more when their names
/// take 2 MiB, into *out: none behind the last. What is borrowed from tfckpt_cursor_next()
/// stays. INVALID_ARGUMENT for a max below 1. DATA_LOSS as of tfckpt_cursor_next(); tensors
/// before the damage come first, and the error with the next call.
tfckpt_status tfckpt_cursor_next_many(tfckpt_cursor *cursor,
                                      int64_t max,
                                      tfckpt_tensors **out,
                                      tfckpt_error **err);

/// Frees a cursor, and the tensor that was borrowed from it. NULL is fine.
void tfckpt_cursor_free(tfckpt_cursor *cursor);

/// Frees a tensor. NULL is fine.
void tfckpt_tensor_free(tfckpt_tensor *tensor);

/// Its name: any bytes, in practice UTF-8.
const char *tfckpt_tensor_name(const tfckpt_tensor *tensor, size_t *len);

/// The type of its elements: a tfckpt_dtype, or a reference type.
int32_t tfckpt_tensor_dtype(const tfckpt_tensor *tensor);

/// How many dimensions it has; 0 for a scalar.
size_t tfckpt_tensor_rank(const tfckpt_tensor *tensor);

/// Its dimensions, outermost first, tfckpt_tensor_rank() of them.
const int64_t *tfckpt_tensor_dims(const tfckpt_tensor *tensor);

/// How many elements it has: the product of its dimensions, 1 for a scalar.
int64_t tfckpt_tensor_num_elements(const tfckpt_tensor *tensor);

/// How many bytes its elements take in memory; -1 where they have no fixed size.
int64_t tfckpt_tensor_byte_size(const tfckpt_tensor *tensor);

/// The data shard that has its bytes, counted from 0; -1 for a tensor stored as
/// slices, and in V1.
int32_t tfckpt_tensor_shard(const tfckpt_tensor *tensor);

/// Where in that shard its bytes begin; -1 for a tensor stored as slices,
/// and in V1.
int64_t tfckpt_tensor_offset(const tfckpt_tensor *tensor);

/// How many bytes it has there; -1 for a tensor stored as slices,
/// and in V1.
int64_t tfckpt_tensor_stored_size(const tfckpt_tensor *tensor);

/// The masked CRC-32C of its bytes there; 0 for a tensor stored as slices,
/// and in V1.
uint32_t tfckpt_tensor_crc32c(const tfckpt_tensor *tensor);

/// In how many slices it is stored; 0 for a tensor that is stored whole.
int64_t tfckpt_tensor_slice_count(const tfckpt_tensor *tensor);

/// Where in each dimension the slice at index begins, from 0 to
/// tfckpt_tensor_slice_count() - 1; NULL outside.
const int64_t *tfckpt_tensor_slice_starts(const tfckpt_tensor *tensor, int64_t index);

/// How many elements of each dimension the slice at index has, -1 for all of them;
/// NULL outside.
const int64_t *tfckpt_tensor_slice_lengths(const tfckpt_tensor *tensor, int64_t index);

/// Frees them, and the arrays that were borrowed. NULL is fine.
void tfckpt_tensors_free(tfckpt_tensors *tensors);

/// How many there are.
int64_t tfckpt_tensors_count(const tfckpt_tensors *tensors);

/// The names of all, one behind the other, with nothing between them and no NUL at the
/// end.
const char *tfckpt_tensors_names(const tfckpt_tensors *tensors);

/// Where in the names that of each begins, and at last where the last one ends:
/// tfckpt_tensors_count() + 1 numbers, of which the first is 0.
const int64_t *tfckpt_tensors_name_offsets(const tfckpt_tensors *tensors);

/// The type of the elements of each: a tfckpt_dtype, or a reference type.
const int32_t *tfckpt_tensors_dtypes(const tfckpt_tensors *tensors);

/// The dimensions of all, one tensor behind the other, outermost first.
const int64_t *tfckpt_tensors_dims(const tfckpt_tensors *tensors);

/// Where in the dimensions those of each begin, and at last where the last ones end:
/// tfckpt_tensors_count() + 1 numbers, of which the first is 0.
const int64_t *tfckpt_tensors_dim_offsets(const tfckpt_tensors *tensors);

/// The data shard of each, as of tfckpt_tensor_shard().
const int32_t *tfckpt_tensors_shards(const tfckpt_tensors *tensors);

/// Where in its shard each begins, as of tfckpt_tensor_offset().
const int64_t *tfckpt_tensors_offsets(const tfckpt_tensors *tensors);

/// How many bytes each has there, as of tfckpt_tensor_stored_size().
const int64_t *tfckpt_tensors_stored_sizes(const tfckpt_tensors *tensors);

/// The masked CRC-32C of each, as of tfckpt_tensor_crc32c().
const uint32_t *tfckpt_tensors_crc32cs(const tfckpt_tensors *tensors);

/// In how many slices each is stored; 0 for one that is stored whole.
const int64_t *tfckpt_tensors_slice_counts(const tfckpt_tensors *tensors);

/// Where in each dimension the slices begin: those of all tensors, one slice behind the
/// other, each with as many numbers as its tensor has dimensions.
const int64_t *tfckpt_tensors_slice_starts(const tfckpt_tensors *tensors);

/// How many elements of each dimension the slices have, -1 for all of them; otherwise as
/// tfckpt_tensors_slice_starts().
const int64_t *tfckpt_tensors_slice_lengths(const tfckpt_tensors *tensors);

/// A progress of nothing yet, owned by the caller.
tfckpt_progress *tfckpt_progress_new(void);

/// Frees a progress. Options and calls that have it go on, and nobody can cancel them
/// any more; a callback is called no more when this returns. Not from within that. NULL
/// is fine.
void tfckpt_progress_free(tfckpt_progress *progress);

/// Has a callback called with user while calls with this progress go on, from now on, in
/// the place of the one before; NULL for none. It is called only from threads that made
/// such a call, from within that call, whatever other threads help with it; never twice at
/// once, and at most every 10 ms: a call that is over sooner may never call it. The one before is called
/// no more when this returns.
///
/// The callback may cancel the progress and ask for anything of it, but neither free it nor
/// set another, which does nothing. user must be there until the callback is no longer
/// set, or the progress freed.
void tfckpt_progress_set_callback(const tfckpt_progress *progress,
                                  tfckpt_progress_callback callback,
                                  void *user);

/// Calls off what goes on and all that comes: every call that this is given to ends
/// with CANCELLED, when it has read what it is at, 4 MiB at most, or of V1 a stored
/// slice. A copy or a merge leaves nothing behind then. A call that is as good as over
/// may yet succeed. There is no way back: take a new progress.
void tfckpt_progress_cancel(const tfckpt_progress *progress);

/// Whether it was cancelled.
bool tfckpt_progress_is_cancelled(const tfckpt_progress *progress);

/// How many bytes are done. A total that is asked for afterwards is no less. When a call
/// has succeeded it has added as much to this as to the total, unless it was a check
/// that has found damage.
uint64_t tfckpt_progress_done(const tfckpt_progress *progress);

/// How many bytes there are to be done, as far as it is known: 0 until a call has
/// found its tensors. Reads from an overlay add to it checkpoint by checkpoint.
uint64_t tfckpt_progress_total(const tfckpt_progress *progress);

/// The defaults, owned by the caller.
tfckpt_read_options *tfckpt_read_options_new(void);

/// Frees options. NULL is fine.
void tfckpt_read_options_free(tfckpt_read_options *options);

/// Whether bytes are checked against their CRC-32C. A CRC is over all of a stored
/// tensor, so checking a slice reads all the stored pieces that it touches;
/// without, only the wanted ranges are read, and damage in them is not seen.
/// Default: true.
void tfckpt_read_options_set_verify(tfckpt_read_options *options, bool verify);

/// On how many threads a call reads or checks, the caller's included, one long tensor
/// too; more than 256 count as 256. The others are started for the call and end with
/// it. Default: 1.
void tfckpt_read_options_set_threads(tfckpt_read_options *options, size_t threads);

/// How many bytes tfckpt_reader_read_many() may hold at once besides the buffers
/// it fills, or tfckpt_reader_verify() of V1 in all, where a stored slice is held as a
/// whole. Default: 8 MiB.
void tfckpt_read_options_set_max_in_flight(tfckpt_read_options *options, size_t bytes);

/// Who watches the reads, or NULL for nobody, which is the default. The options keep a
/// share of the progress, which may be freed before them. It counts bytes as they are
/// stored; where slices are read without a check, and of V1, as they are in memory.
void tfckpt_read_options_set_progress(tfckpt_read_options *options,
                                      const tfckpt_progress *progress);

/// Reads a tensor into the front of dst, which has room for dst_len bytes; what
/// it takes is tfckpt_tensor_byte_size(). NOT_FOUND where there is no such tensor
/// or its shard is missing; BUFFER_TOO_SMALL; INVALID_ARGUMENT for strings and
/// variants; UNSUPPORTED for types without values in a file; DATA_LOSS where the
/// bytes are damaged or missing; CANCELLED by the progress of the options. What is in
/// dst after an error is not defined.
tfckpt_status tfckpt_reader_read(const tfckpt_reader *reader,
                                 const char *name,
                                 size_t name_len,
                                 const tfckpt_read_options *options,
                                 void *dst,
                                 size_t dst_len,
                                 tfckpt_error **err);

/// Reads a slice of a tensor: of each of its rank dimensions as many elements as
/// lengths says, from starts on; a length of -1 is all of a dimension. Otherwise
/// as tfckpt_reader_read(); INVALID_ARGUMENT where the slice reaches outside.
tfckpt_status tfckpt_reader_read_slice(const tfckpt_reader *reader,
                                       const char *name,
                                       size_t name_len,
                                       const int64_t *starts,
                                       const int64_t *lengths,
                                       size_t rank,
                                       const tfckpt_read_options *options,
                                       void *dst,
                                       size_t dst_len,
                                       tfckpt_error **err);

/// How many bytes tfckpt_reader_read_slice() takes, into *out, or tfckpt_reader_read()
/// where starts and lengths are NULL and rank 0. The files have as many, which of
/// tfckpt_tensor_byte_size() is only said: ask this before you take memory for a
/// checkpoint that you don't trust. Errors as of these two.
tfckpt_status tfckpt_reader_read_size(const tfckpt_reader *reader,
                                      const char *name,
                                      size_t name_len,
                                      const int64_t *starts,
                                      const int64_t *lengths,
                                      size_t rank,
                                      size_t *out,
                                      tfckpt_error **err);

/// Reads all that is stored of a tensor, checks it, and keeps nothing of it: parts of it
/// may then be read without a check, by tfckpt_read_options_set_verify(). Of V2 it takes
/// no memory to speak of. Errors as of tfckpt_reader_read().
tfckpt_status tfckpt_reader_check(const tfckpt_reader *reader,
                                  const char *name,
                                  size_t name_len,
                                  tfckpt_error **err);

/// Reads many tensors, or slices of them, in the order in which they lie in the
/// files, whatever order they are asked for in. The memory of two requests, from dst on
/// dst_len bytes, must not overlap, even where strides leave bytes between: what goes to these
/// is read by another call. INVALID_ARGUMENT for that, and for strides that are not as they should be; NOT_FOUND lists all the names that there are no tensors of;
/// otherwise the error is the first that was met, and what is in all of the dst
/// after it is not defined.
tfckpt_status tfckpt_reader_read_many(const tfckpt_reader *reader,
                                      const tfckpt_read_request *requests,
                                      size_t count,
                                      const tfckpt_read_options *options,
                                      tfckpt_error **err);

/// Reads a string or variant tensor, into *out. INVALID_ARGUMENT for types of a
/// fixed element size; otherwise as tfckpt_reader_read().
tfckpt_status tfckpt_reader_read_strings(const tfckpt_reader *reader,
                                         const char *name,
                                         size_t name_len,
                                         const tfckpt_read_options *options,
                                         tfckpt_strings **out,
                                         tfckpt_error **err);

/// Reads a slice of a string or variant tensor, into *out; starts, lengths and
/// rank as of tfckpt_reader_read_slice().
tfckpt_status tfckpt_reader_read_strings_slice(const tfckpt_reader *reader,
                                               const char *name,
                                               size_t name_len,
                                               const int64_t *starts,
                                               const int64_t *lengths,
                                               size_t rank,
                                               const tfckpt_read_options *options,
                                               tfckpt_strings **out,
                                               tfckpt_error **err);

/// Frees strings. NULL is fine.
void tfckpt_strings_free(tfckpt_strings *strings);

/// How many elements there are.
int64_t tfckpt_strings_count(const tfckpt_strings *strings);

/// Where in the data each element begins, and at last where the last one ends:
/// tfckpt_strings_count() + 1 numbers, of which the first is 0.
const int64_t *tfckpt_strings_offsets(const tfckpt_strings *strings);

/// The bytes of all elements.
const void *tfckpt_strings_data(const tfckpt_strings *strings);

/// How many bytes the elements have in all.
size_t tfckpt_strings_data_size(const tfckpt_strings *strings);

/// Maps a tensor, into *out. UNSUPPORTED for V1, for a foreign byte order, for a
/// tensor stored as slices, and for types without a fixed element size; otherwise as
/// tfckpt_reader_read(). The CRC is checked once, now, unless the options say not
/// to.
tfckpt_status tfckpt_reader_view(const tfckpt_reader *reader,
                                 const char *name,
                                 size_t name_len,
                                 const tfckpt_read_options *options,
                                 tfckpt_view **out,
                                 tfckpt_error **err);

/// Frees a view; its bytes are gone then. NULL is fine.
void tfckpt_view_free(tfckpt_view *view);

/// The type of the elements: a tfckpt_dtype.
int32_t tfckpt_view_dtype(const tfckpt_view *view);

/// The first byte.
const void *tfckpt_view_data(const tfckpt_view *view);

/// How many bytes there are.
size_t tfckpt_view_size(const tfckpt_view *view);

/// The largest power of two, 4096 at most, that the address of the first byte is a
/// multiple of. To be used as an array of float it must be 4 at least; files that
/// TensorFlow wrote promise nothing.
size_t tfckpt_view_alignment(const tfckpt_view *view);

/// The defaults, owned by the caller.
tfckpt_writer_options *tfckpt_writer_options_new(void);

/// Frees options. NULL is fine.
void tfckpt_writer_options_free(tfckpt_writer_options *options);

/// In which format it is written: TFCKPT_FORMAT_V2, or TFCKPT_FORMAT_V1 for programs
/// that read no other. INVALID_ARGUMENT for other numbers.
///
/// V1 holds the dtypes FLOAT, DOUBLE, HALF, INT8 to INT64, UINT8, UINT16, BOOL,
/// COMPLEX64, COMPLEX128, QINT8, QUINT8, QINT32 and STRING. The file, where it is one, is
/// byte for byte what TensorFlow writes for the same tensors, the slices of each in the
/// same order. Alignment and big-endian values are refused for it, by
/// tfckpt_writer_create(). Default: TFCKPT_FORMAT_V2.
tfckpt_status tfckpt_writer_options_set_format(tfckpt_writer_options *options,
                                               int32_t format,
                                               tfckpt_error **err);

/// Over how many data shards the tensors are spread, 1 to 1000; of V1, over how many
/// files. Each tensor, or slice of one, goes to the one with the fewest bytes so far.
/// Default: 1.
tfckpt_status tfckpt_writer_options_set_shards(tfckpt_writer_options *options,
                                               int64_t shards,
                                               tfckpt_error **err);

/// At what multiple of bytes a tensor begins in its shard: a power of two up to
/// 1 MiB, or 0 for 64 where a tensor has 4 KiB or more and the size of an element
/// where it has fewer. 1 packs tensors as TensorFlow does, and the files are then
/// byte for byte those that TensorFlow writes for the same tensors in the same
/// order. Strings and variants are never aligned. Default: 0.
tfckpt_status tfckpt_writer_options_set_alignment(tfckpt_writer_options *options,
                                                  size_t alignment,
                                                  tfckpt_error **err);

/// Whether values are stored highest byte first. They are given in the byte order
/// of this machine all the same. Default: false.
void tfckpt_writer_options_set_big_endian(tfckpt_writer_options *options,
                                          bool big_endian);

/// Whether tfckpt_writer_finish() returns only when everything is on stable
/// storage. Without, a power cut may leave a checkpoint that is not whole.
/// Default: true.
void tfckpt_writer_options_set_sync(tfckpt_writer_options *options, bool sync);

/// Whether a checkpoint of that format that is at the prefix already is replaced. At
/// every instant of a crash one of the two is there, whole; only of V1 in several files,
/// and where the file system has no hard links, it may be neither, though never a
/// mixture. Default: false.
void tfckpt_writer_options_set_replace(tfckpt_writer_options *options, bool replace);

/// Begins a checkpoint, into *out, whose files will be PREFIX.index and
/// PREFIX.data-...; of the V1 format PREFIX itself, or with several shards
/// PREFIX-00000-of-00002 and so on. Directories that are missing are created.
/// ALREADY_EXISTS where there is a checkpoint of that prefix, unless the options say to
/// replace it; INVALID_ARGUMENT for options that the format has no use for.
tfckpt_status tfckpt_writer_create(const char *prefix,
                                   const tfckpt_writer_options *options,
                                   tfckpt_writer **out,
                                   tfckpt_error **err);

/// Adds a tensor whose elements have a fixed size. INVALID_ARGUMENT for an empty
/// name, or where dtype and dims don't take just data_len bytes; ALREADY_EXISTS
/// for a name that was added before; UNSUPPORTED for types whose elements have
/// none, and in the V1 format for what TensorFlow does not read from it: other types
/// than tfckpt_writer_options_set_format() says, names that are not UTF-8, more than 8
/// dimensions, 2 GiB or more in one piece; IO, after which the writer can only be freed.
tfckpt_status tfckpt_writer_add(tfckpt_writer *writer,
                                const char *name,
                                size_t name_len,
                                int32_t dtype,
                                const int64_t *dims,
                                size_t rank,
                                const void *data,
                                size_t data_len,
                                tfckpt_error **err);

/// Adds a slice of a tensor that is stored in several; dims and rank are those of
/// the whole tensor, starts and lengths as of tfckpt_reader_read_slice(). Slices
/// may come in any order, and among other tensors, but must not overlap. One that
/// is the whole tensor is stored as an ordinary tensor. Otherwise as
/// tfckpt_writer_add(); INVALID_ARGUMENT where the slice reaches outside, or dtype
/// or dims are not those of the tensor's slices before; UNSUPPORTED in V1 for a
/// length of 0.
tfckpt_status tfckpt_writer_add_slice(tfckpt_writer *writer,
                                      const char *name,
                                      size_t name_len,
                                      int32_t dtype,
                                      const int64_t *dims,
                                      size_t rank,
                                      const int64_t *starts,
                                      const int64_t *lengths,
                                      const void *data,
                                      size_t data_len,
                                      tfckpt_error **err);

/// Adds a string tensor; offsets and data as tfckpt_strings has them, of as many
/// elements as dims say. INVALID_ARGUMENT where the offsets don't rise from 0 to
/// data_len; otherwise as tfckpt_writer_add().
tfckpt_status tfckpt_writer_add_strings(tfckpt_writer *writer,
                                        const char *name,
                                        size_t name_len,
                                        const int64_t *dims,
                                        size_t rank,
                                        const int64_t *offsets,
                                        const void *data,
                                        size_t data_len,
                                        tfckpt_error **err);

/// Adds a slice of a string tensor, of as many elements as the slice has.
/// Otherwise as tfckpt_writer_add_slice() and tfckpt_writer_add_strings().
tfckpt_status tfckpt_writer_add_strings_slice(tfckpt_writer *writer,
                                              const char *name,
                                              size_t name_len,
                                              const int64_t *dims,
                                              size_t rank,
                                              const int64_t *starts,
                                              const int64_t *lengths,
                                              const int64_t *offsets,
                                              const void *data,
                                              size_t data_len,
                                              tfckpt_error **err);

/// Adds a variant tensor, each element a serialized VariantTensorDataProto.
/// Otherwise as tfckpt_writer_add_strings().
tfckpt_status tfckpt_writer_add_variants(tfckpt_writer *writer,
                                         const char *name,
                                         size_t name_len,
                                         const int64_t *dims,
                                         size_t rank,
                                         const int64_t *offsets,
                                         const void *data,
                                         size_t data_len,
                                         tfckpt_error **err);

/// Adds a slice of a variant tensor, each element a serialized
/// VariantTensorDataProto. Otherwise as tfckpt_writer_add_strings_slice().
tfckpt_status tfckpt_writer_add_variants_slice(tfckpt_writer *writer,
                                               const char *name,
                                               size_t name_len,
                                               const int64_t *dims,
                                               size_t rank,
                                               const int64_t *starts,
                                               const int64_t *lengths,
                                               const int64_t *offsets,
                                               const void *data,
                                               size_t data_len,
                                               tfckpt_error **err);

/// Begins a tensor whose bytes come in pieces, with tfckpt_writer_append(). Until
/// tfckpt_writer_end() or tfckpt_writer_cancel() nothing else can be added.
/// Otherwise as tfckpt_writer_add().
tfckpt_status tfckpt_writer_begin(tfckpt_writer *writer,
                                  const char *name,
                                  size_t name_len,
                                  int32_t dtype,
                                  const int64_t *dims,
                                  size_t rank,
                                  tfckpt_error **err);

/// Begins a slice of a tensor, as tfckpt_writer_begin() and
/// tfckpt_writer_add_slice().
tfckpt_status tfckpt_writer_begin_slice(tfckpt_writer *writer,
                                        const char *name,
                                        size_t name_len,
                                        int32_t dtype,
                                        const int64_t *dims,
                                        size_t rank,
                                        const int64_t *starts,
                                        const int64_t *lengths,
                                        tfckpt_error **err);

/// Adds the next bytes of the tensor that was begun; they may end within an
/// element. INVALID_ARGUMENT where they are more than it takes, or none was begun.
tfckpt_status tfckpt_writer_append(tfckpt_writer *writer,
                                   const void *data,
                                   size_t data_len,
                                   tfckpt_error **err);

/// Ends the tensor that was begun. INVALID_ARGUMENT where bytes of it are missing,
/// which can still be appended, or none was begun.
tfckpt_status tfckpt_writer_end(tfckpt_writer *writer, tfckpt_error **err);

/// Gives up the tensor that was begun, if one was: it will not be in the
/// checkpoint, and its name is free again.
tfckpt_status tfckpt_writer_cancel(tfckpt_writer *writer, tfckpt_error **err);

/// Makes the checkpoint appear at its prefix, whole, and on stable storage unless
/// the options say otherwise. Whether it succeeds or not, the writer then takes
/// nothing more and is left to be freed; where it fails, no file is left behind.
/// INVALID_ARGUMENT where slices overlap or a tensor was begun and not ended;
/// ALREADY_EXISTS where a checkpoint has appeared there meanwhile.
tfckpt_status tfckpt_writer_finish(tfckpt_writer *writer, tfckpt_error **err);

/// Frees a writer. NULL is fine. Without tfckpt_writer_finish() before, what was
/// written is abandoned, and no file is left behind.
void tfckpt_writer_free(tfckpt_writer *writer);

/// The defaults, owned by the caller.
tfckpt_write_options *tfckpt_write_options_new(void);

/// Frees options. NULL is fine.
void tfckpt_write_options_free(tfckpt_write_options *options);

/// On how many threads tfckpt_writer_add_many() writes, the caller's included; more than
/// 256 count as 256. The others are started for the call and end with it. What they write
/// into one file waits for each other in the kernel, so with as many shards as threads
/// they get on best. The bytes of the files don't depend on it. Default: 1.
void tfckpt_write_options_set_threads(tfckpt_write_options *options, size_t threads);

/// How many bytes tfckpt_writer_add_many() may hold at once besides the values, of all
/// threads together; 32 KiB for each it takes anyway. Default: 8 MiB.
void tfckpt_write_options_set_max_in_flight(tfckpt_write_options *options, size_t bytes);

/// Who watches tfckpt_writer_add_many(), or NULL for nobody, which is the default. The
/// options keep a share of the progress, which may be freed before them. It counts bytes
/// of values that were written.
void tfckpt_write_options_set_progress(tfckpt_write_options *options,
                                       const tfckpt_progress *progress);

/// Adds many tensors, or slices of them, on as many threads as the options say. The files
/// are the same as if each had been added by tfckpt_writer_add() or
/// tfckpt_writer_add_slice(), one after the other. Errors as of these, of the first request
/// that has one: none of them is added then, or in the V1 format those before it. Nothing
/// is written before all were checked; after IO, and CANCELLED by the progress of the
/// options, what is in the files is not known, and the writer can only be freed.
tfckpt_status tfckpt_writer_add_many(tfckpt_writer *writer,
                                     const tfckpt_write_request *requests,
                                     size_t count,
                                     const tfckpt_write_options *options,
                                     tfckpt_error **err);

/// The defaults, owned by the caller.
tfckpt_merge_options *tfckpt_merge_options_new(void);

/// Frees options. NULL is fine.
void tfckpt_merge_options_free(tfckpt_merge_options *options);

/// What happens where two sources have a tensor of the same name, or the same elements
/// of a partitioned one: a tfckpt_on_conflict. Default: TFCKPT_ON_CONFLICT_ERROR.
tfckpt_status tfckpt_merge_options_set_on_conflict(tfckpt_merge_options *options,
                                                   int32_t on_conflict,
                                                   tfckpt_error **err);

/// What becomes of the data files of the sources: a tfckpt_transfer. Default:
/// TFCKPT_TRANSFER_COPY.
tfckpt_status tfckpt_merge_options_set_transfer(tfckpt_merge_options *options,
                                                int32_t transfer,
                                                tfckpt_error **err);

/// Whether tfckpt_checkpoint_merge() returns only when the result is on stable
/// storage. A move is always synced. Default: true.
void tfckpt_merge_options_set_sync(tfckpt_merge_options *options, bool sync);

/// On how many threads data files are copied, or values written anew, the caller's
/// included; more than 256 count as 256. The others are started for the call and end with
/// it. What comes of it doesn't depend on that. Default: 1.
void tfckpt_merge_options_set_threads(tfckpt_merge_options *options, size_t threads);

/// How many bytes of data a merge may hold at once, as of
/// tfckpt_copy_options_set_max_in_flight(). Default: 64 MiB.
void tfckpt_merge_options_set_max_in_flight(tfckpt_merge_options *options, size_t bytes);

/// Who watches the merge, or NULL for nobody, which is the default: as of
/// tfckpt_read_options_set_progress(). It counts the bytes of data files, be they copied
/// or linked; where values are written anew, these.
void tfckpt_merge_options_set_progress(tfckpt_merge_options *options,
                                       const tfckpt_progress *progress);

/// Merges checkpoints into a new one at the prefix dst. The sources are count
/// paths, each as of tfckpt_reader_open(); everything about them is checked before
/// anything is written, and where the merge fails every one is as before and
/// nothing is left at dst. What is merged is what tfckpt_overlay_open() shows of the
/// sources: slices of one tensor that lie in several are brought together. Where a
/// source is V1, or slices count only in part because others overlap them, the values
/// of all are written anew, into one data shard. INVALID_ARGUMENT where such sources
/// are to be moved, where there are no sources, where the byte orders or versions of
/// V2 sources differ, or where several have the same tensor, with all such names;
/// ALREADY_EXISTS where there is a checkpoint at dst; CANCELLED by the progress of the
/// options. Should a move be unable to remove its sources in the end, the error says that
/// dst is whole.
///
/// Object graphs become one of the objects of all, as of tfckpt_overlay_open(). For
/// sources with other names for their tensors, and for parts of them, copy an overlay:
/// tfckpt_reader_copy().
tfckpt_status tfckpt_checkpoint_merge(const char *dst,
                                      const char *const *sources,
                                      size_t count,
                                      const tfckpt_merge_options *options,
                                      tfckpt_error **err);

/// An overlay of nothing, owned by the caller.
tfckpt_overlay *tfckpt_overlay_new(void);

/// Frees an overlay. NULL is fine. Readers that came from it stay good.
void tfckpt_overlay_free(tfckpt_overlay *overlay);

/// What happens where two checkpoints have a tensor of the same name, or the same
/// elements of a partitioned one: a tfckpt_on_conflict. Default: TFCKPT_ON_CONFLICT_ERROR.
tfckpt_status tfckpt_overlay_set_on_conflict(tfckpt_overlay *overlay,
                                             int32_t on_conflict,
                                             tfckpt_error **err);

/// Opens a checkpoint and adds it behind those that there are. Path, options and
/// errors are as of tfckpt_reader_open().
tfckpt_status tfckpt_overlay_add(tfckpt_overlay *overlay,
                                 const char *path,
                                 const tfckpt_reader_options *options,
                                 tfckpt_error **err);

/// Adds a checkpoint that is open already, which may be an overlay itself. The reader
/// stays the caller's, and may be freed before the overlay.
tfckpt_status tfckpt_overlay_add_reader(tfckpt_overlay *overlay,
                                        const tfckpt_reader *reader,
                                        tfckpt_error **err);

/// Gives a tensor of the checkpoint that was added last the name to. A tensor that
/// several rules fit has several names, and one that none fits keeps its own, unless
/// tfckpt_overlay_set_keep_unmapped() says otherwise.
tfckpt_status tfckpt_overlay_map_name(tfckpt_overlay *overlay,
                                      const char *from,
                                      size_t from_len,
                                      const char *to,
                                      size_t to_len,
                                      tfckpt_error **err);

/// Gives all tensors of the checkpoint that was added last whose names begin with
/// from names that begin with to instead. Either may be empty. Otherwise as
/// tfckpt_overlay_map_name().
tfckpt_status tfckpt_overlay_map_prefix(tfckpt_overlay *overlay,
                                        const char *from,
                                        size_t from_len,
                                        const char *to,
                                        size_t to_len,
                                        tfckpt_error **err);

/// Gives all tensors of the checkpoint that was added last whose names are as from
/// new names. A * in from stands for anything, / included, and in to for what that
/// was; a backslash takes the meaning from what follows. INVALID_ARGUMENT for more
/// than one *, or one in to alone. Otherwise as tfckpt_overlay_map_name().
tfckpt_status tfckpt_overlay_map_pattern(tfckpt_overlay *overlay,
                                         const char *from,
                                         size_t from_len,
                                         const char *to,
                                         size_t to_len,
                                         tfckpt_error **err);

/// Whether tensors of the checkpoint that was added last that no rule fits keep their
/// names; if not they are left out. Default: true.
tfckpt_status tfckpt_overlay_set_keep_unmapped(tfckpt_overlay *overlay,
                                               bool keep_unmapped,
                                               tfckpt_error **err);

/// Opens a reader over all of the checkpoints, into *out. Reads all of their indices;
/// values are read from where they are, and an error about one has the file and the
/// name there. Slices of one partitioned tensor that lie in several checkpoints are
/// brought together, where dtype and shape are the same. INVALID_ARGUMENT where no
/// checkpoint was added; where several have the same tensor and that is to be an error,
/// or two tensors of one would have the same name, with all such names; NOT_FOUND for
/// rules that fit no tensor; DATA_LOSS where an index is damaged, or slices to be
/// brought together overlap within a checkpoint; RESOURCE_LIMIT where those of several
/// overlap in millions of ways.
///
/// Where several have an object graph, or tensors of one get other names, the reader
/// has a graph of the objects of all: paths stay what they are, and keys follow the
/// names, as of tfckpt_checkpoint_copy(). Of what is one object in several checkpoints
/// but has different names, it has the name in the first; or in the last where that
/// wins. That several have a graph, or the counter of saves that tf.train.Checkpoint
/// adds, is no conflict. Rules are not for the graph.
tfckpt_status tfckpt_overlay_open(const tfckpt_overlay *overlay,
                                  tfckpt_reader **out,
                                  tfckpt_error **err);

/// The defaults, owned by the caller.
tfckpt_copy_options *tfckpt_copy_options_new(void);

/// Frees options. NULL is fine.
void tfckpt_copy_options_free(tfckpt_copy_options *options);

/// Says that tensors are to be copied whose whole names are as glob: * stands for
/// anything, / included, ? for one character, [a-z_] and [!a-z] for one byte of a set
/// or not of it; a backslash takes the meaning from what follows. What any of the
/// filters fits is copied, and where none was added, everything.
tfckpt_status tfckpt_copy_options_add_filter(tfckpt_copy_options *options,
                                             const char *glob,
                                             size_t glob_len,
                                             tfckpt_error **err);

/// Gives a tensor the name to. Of several rules that fit a tensor the first that was
/// added counts; one that none fits keeps its name.
tfckpt_status tfckpt_copy_options_map_name(tfckpt_copy_options *options,
                                           const char *from,
                                           size_t from_len,
                                           const char *to,
                                           size_t to_len,
                                           tfckpt_error **err);

/// Gives all tensors whose names begin with from names that begin with to instead.
/// Either may be empty. Otherwise as tfckpt_copy_options_map_name().
tfckpt_status tfckpt_copy_options_map_prefix(tfckpt_copy_options *options,
                                             const char *from,
                                             size_t from_len,
                                             const char *to,
                                             size_t to_len,
                                             tfckpt_error **err);

/// Gives all tensors whose names are as from new names. A * in from stands for
/// anything, / included, and in to for what that was; a backslash takes the meaning
/// from what follows. INVALID_ARGUMENT for more than one *, or one in to alone.
/// Otherwise as tfckpt_copy_options_map_name().
tfckpt_status tfckpt_copy_options_map_pattern(tfckpt_copy_options *options,
                                              const char *from,
                                              size_t from_len,
                                              const char *to,
                                              size_t to_len,
                                              tfckpt_error **err);

/// Whether to leave out the tensors that tfckpt_object_graph_is_optimizer_state()
/// tells. A copy of a checkpoint without an object graph fails then. Default: false.
void tfckpt_copy_options_set_drop_optimizer_state(tfckpt_copy_options *options,
                                                  bool drop_optimizer_state);

/// What becomes of the data: a tfckpt_copy_data. It can stay as it is where it comes
/// from V2, and there is neither a cast nor a number of shards nor an alignment;
/// otherwise INVALID_ARGUMENT, here or by the copy. Default:
/// TFCKPT_COPY_DATA_REWRITE.
tfckpt_status tfckpt_copy_options_set_data(tfckpt_copy_options *options,
                                           int32_t data,
                                           tfckpt_error **err);

/// The floating type that tensors of all other floating types are turned into, or 0
/// for none: a tfckpt_dtype, but not TFCKPT_DT_FLOAT4_E2M1FN, which has no NaN. Values
/// are rounded once, to the nearest, ties to even; what is too large becomes infinity,
/// or NaN in types without infinity. Default: 0.
tfckpt_status tfckpt_copy_options_set_cast(tfckpt_copy_options *options,
                                           int32_t dtype,
                                           tfckpt_error **err);

/// Over how many data shards the tensors are spread, 1 to 1000, or 0 for as many as
/// the source has. Default: 0.
tfckpt_status tfckpt_copy_options_set_shards(tfckpt_copy_options *options,
                                             int64_t shards,
                                             tfckpt_error **err);

/// At what multiple of bytes a tensor begins in its shard, as of
/// tfckpt_writer_options_set_alignment(). Default: 0.
tfckpt_status tfckpt_copy_options_set_alignment(tfckpt_copy_options *options,
                                                size_t alignment,
                                                tfckpt_error **err);

/// Whether a copy returns only when it is on stable storage. Default: true.
void tfckpt_copy_options_set_sync(tfckpt_copy_options *options, bool sync);

/// Whether a checkpoint that is at the destination already is replaced, as of
/// tfckpt_writer_options_set_replace(). Default: false.
void tfckpt_copy_options_set_replace(tfckpt_copy_options *options, bool replace);

/// On how many threads a copy is made, the caller's included; more than 256 count as 256.
/// The others are started for the call and end with it. The bytes of the files don't depend
/// on it. Default: 1.
void tfckpt_copy_options_set_threads(tfckpt_copy_options *options,
                                     size_t threads);

/// How many bytes of data a copy may hold at once, of all threads together; some 100 KiB
/// for each it takes anyway, and of V1 a stored slice, which is decoded as a whole.
/// Default: 64 MiB.
void tfckpt_copy_options_set_max_in_flight(tfckpt_copy_options *options, size_t bytes);

/// Who watches the copy, or NULL for nobody, which is the default: as of
/// tfckpt_read_options_set_progress(). Where the data stays as it is, it counts the bytes
/// of data files, be they copied or linked.
void tfckpt_copy_options_set_progress(tfckpt_copy_options *options,
                                      const tfckpt_progress *progress);

/// Copies a checkpoint into a new one of V2, at the prefix dst. The path src is as of
/// tfckpt_reader_open(). The copy appears whole or not at all, and nothing ever happens
/// to the source. Partitioned tensors stay partitioned; where slices are missing, as in
/// one part of a sharded save, those that are there are copied.
///
/// An object graph comes along and stays true, so that tf.train.Checkpoint restores what
/// is there: what it says of tensors that are left out goes, and its keys follow the
/// names. A name that can be no key, because it does not end as before from
/// /.ATTRIBUTES/ on, is lost to it. Filters and rules are not for it; it is left out
/// where nothing that it is about is copied.
///
/// INVALID_ARGUMENT where src and dst are the same; where data is to stay as it is and
/// can't; where several tensors would have the same name, with all such names; where
/// there is no object graph to tell optimizer state. NOT_FOUND for a filter or a rule
/// that fits no tensor. ALREADY_EXISTS where there is a checkpoint at dst. CANCELLED by
/// the progress of the options.
tfckpt_status tfckpt_checkpoint_copy(const char *dst,
                                     const char *src,
                                     const tfckpt_copy_options *options,
                                     tfckpt_error **err);

/// Copies what a reader reads, as tfckpt_checkpoint_copy() does: of an overlay, the
/// tensors of all its checkpoints, under the names that they have there. Where the data
/// stays as it is these are all of V2, and INVALID_ARGUMENT if their byte orders or
/// versions differ.
tfckpt_status tfckpt_reader_copy(const tfckpt_reader *reader,
                                 const char *dst,
                                 const tfckpt_copy_options *options,
                                 tfckpt_error **err);

/// Reads and checks every block of the index, or of the files of V1, and every
/// stored byte of every tensor, and lists all that is wrong, into *out. The path is as of
/// tfckpt_reader_open(). Fails only where the checkpoint cannot be opened: all
/// other damage is in the report.
tfckpt_status tfckpt_checkpoint_verify(const char *path,
                                       const tfckpt_reader_options *options,
                                       tfckpt_report **out,
                                       tfckpt_error **err);

/// The same for a checkpoint that is open; of an overlay, all of each checkpoint. Of
/// the options progress, threads and max_in_flight count, this one for V1. Fails where that cancels it, with CANCELLED, and
/// not because of damage.
tfckpt_status tfckpt_reader_verify(const tfckpt_reader *reader,
                                   const tfckpt_read_options *options,
                                   tfckpt_report **out,
                                   tfckpt_error **err);

/// Frees a report, and the errors that were borrowed from it. NULL is fine.
void tfckpt_report_free(tfckpt_report *report);

/// Whether nothing is wrong.
bool tfckpt_report_is_ok(const tfckpt_report *report);

/// How many problems there are.
int64_t tfckpt_report_problem_count(const tfckpt_report *report);

/// The problem at index, from 0 to tfckpt_report_problem_count() - 1, borrowed
/// from the report; NULL outside.
const tfckpt_error *tfckpt_report_problem(const tfckpt_report *report, int64_t index);

/// How many tensors were looked at.
int64_t tfckpt_report_tensor_count(const tfckpt_report *report);

/// How many bytes of tensors were read and found right: as stored, or in V1 as in
/// memory.
int64_t tfckpt_report_byte_count(const tfckpt_report *report);

/// Frees an object. NULL is fine.
void tfckpt_object_free(tfckpt_object *object);

/// Its number; -1 for NULL.
int64_t tfckpt_object_node(const tfckpt_object *object);

/// What it is in the checkpoint: a tfckpt_role.
int32_t tfckpt_object_role(const tfckpt_object *object);

/// Whether it, or an object that is reached from it, has something in the checkpoint:
/// 1 or 0, and -1 where the checkpoint is too old to say.
int32_t tfckpt_object_has_values(const tfckpt_object *object);

/// By how many paths it is known: the shortest, and for each other reference to it the
/// shortest that ends with that. 0 where nothing leads to it.
int64_t tfckpt_object_path_count(const tfckpt_object *object);

/// One of its paths, from 0, which is the shortest and what keys are made of; NULL
/// outside. What an optimizer keeps in a slot has the path
/// VARIABLE/.OPTIMIZER_SLOT/OPTIMIZER/SLOT.
const char *tfckpt_object_path(const tfckpt_object *object, int64_t index, size_t *len);

/// To how many objects it refers.
int64_t tfckpt_object_child_count(const tfckpt_object *object);

/// The local name of one of them, from 0, in the order in which they were tracked;
/// NULL outside. Of several with the same name the last counts.
const char *tfckpt_object_child_name(const tfckpt_object *object,
                                     int64_t index,
                                     size_t *len);

/// The number of that one; -1 outside.
int64_t tfckpt_object_child_node(const tfckpt_object *object, int64_t index);

/// How much of it is in the checkpoint: 1 for a variable.
int64_t tfckpt_object_attribute_count(const tfckpt_object *object);

/// What of it is in the checkpoint, from 0; borrowed, and NULL outside.
const tfckpt_attribute *tfckpt_object_attribute(const tfckpt_object *object,
                                                int64_t index);

/// How many variables it keeps in slots for others; of optimizers alone.
int64_t tfckpt_object_slot_count(const tfckpt_object *object);

/// Which of its slots one of them is in, from 0: "m", "momentum"; NULL outside.
const char *tfckpt_object_slot_name(const tfckpt_object *object,
                                    int64_t index,
                                    size_t *len);

/// The number of the variable that it is kept for; -1 outside.
int64_t tfckpt_object_slot_variable(const tfckpt_object *object, int64_t index);

/// Its own number; -1 outside.
int64_t tfckpt_object_slot_node(const tfckpt_object *object, int64_t index);

/// The name under which the function that saved it was registered; NULL where that
/// was TensorFlow's own.
const char *tfckpt_object_saver_name(const tfckpt_object *object, size_t *len);

/// The name by which that function knows it; NULL where there is none.
const char *tfckpt_object_saver_object_name(const tfckpt_object *object, size_t *len);

/// Frees an attribute that you own. NULL is fine.
void tfckpt_attribute_free(tfckpt_attribute *attribute);

/// The number of the object that it is of; -1 for NULL.
int64_t tfckpt_attribute_node(const tfckpt_attribute *attribute);

/// Its name within the object; "VARIABLE_VALUE" for a variable.
const char *tfckpt_attribute_name(const tfckpt_attribute *attribute, size_t *len);

/// What a name-based saver would call the variable; empty for what is none. Several
/// may have the same.
const char *tfckpt_attribute_full_name(const tfckpt_attribute *attribute, size_t *len);

/// Its key. A variable's tensor has that name; those of iterators and tables have
/// names that begin with it.
const char *tfckpt_attribute_key(const tfckpt_attribute *attribute, size_t *len);

/// Reads the object graph of a checkpoint, into *out. NOT_FOUND where it has none,
/// because a name-based saver wrote it; DATA_LOSS where it is damaged;
/// RESOURCE_LIMIT where it has more than 64 MiB or 4 Mi nodes.
tfckpt_status tfckpt_reader_read_object_graph(const tfckpt_reader *reader,
                                              tfckpt_object_graph **out,
                                              tfckpt_error **err);

/// Frees a graph. NULL is fine.
void tfckpt_object_graph_free(tfckpt_object_graph *graph);

/// How many nodes it has.
int64_t tfckpt_object_graph_count(const tfckpt_object_graph *graph);

/// The object of a number, into *out. INVALID_ARGUMENT where there is none.
tfckpt_status tfckpt_object_graph_object_at(const tfckpt_object_graph *graph,
                                            int64_t node,
                                            tfckpt_object **out,
                                            tfckpt_error **err);

/// The number of the node that a path leads to, by any way; -1 where it leads to
/// none. The root has the empty path.
int64_t tfckpt_object_graph_find_node(const tfckpt_object_graph *graph,
                                      const char *path,
                                      size_t path_len);

/// What a name means, into *out: a key; else the path of an object that has one
/// tensor, or such a path with /.ATTRIBUTES/ and the name of the attribute behind
/// it, or a full name. NOT_FOUND where it means nothing; INVALID_ARGUMENT where
/// it means several tensors, whose keys the error then lists. To find a tensor of a
/// reader by any of its names see tfckpt_reader_resolve().
tfckpt_status tfckpt_object_graph_find(const tfckpt_object_graph *graph,
                                       const char *name,
                                       size_t name_len,
                                       tfckpt_attribute **out,
                                       tfckpt_error **err);

/// What a tensor is of, into *out: most tensors have the key as their name, those of
/// iterators and tables begin with it. NOT_FOUND where it is of none.
tfckpt_status tfckpt_object_graph_find_owner(const tfckpt_object_graph *graph,
                                             const char *name,
                                             size_t name_len,
                                             tfckpt_attribute **out,
                                             tfckpt_error **err);

/// Whether a tensor is an optimizer's alone: what it keeps for the variables, its
/// counters, its learning rate. The variables that it optimizes are not.
bool tfckpt_object_graph_is_optimizer_state(const tfckpt_object_graph *graph,
                                            const char *name,
                                            size_t name_len);

/// The graph for a copy of the checkpoint without the tensors that
/// tfckpt_object_graph_is_optimizer_state() tells, into *out. Its nodes have other
/// numbers.
tfckpt_status tfckpt_object_graph_without_optimizer_state(const tfckpt_object_graph *graph,
                                                          tfckpt_object_graph **out,
                                                          tfckpt_error **err);

/// Adds an object graph to a checkpoint. The tensors are added by their keys as any
/// others, and tf.train.Checkpoint looks for all that the graph names. Errors as of
/// tfckpt_writer_add().
tfckpt_status tfckpt_writer_add_object_graph(tfckpt_writer *writer,
                                             const tfckpt_object_graph *graph,
                                             tfckpt_error **err);

/// A graph of nothing but the root, owned by the caller.
tfckpt_object_graph_builder *tfckpt_object_graph_builder_new(void);

/// Frees a builder. NULL is fine.
void tfckpt_object_graph_builder_free(tfckpt_object_graph_builder *builder);

/// Adds an object that nothing refers to yet; its number goes to *out.
tfckpt_status tfckpt_object_graph_builder_add_node(tfckpt_object_graph_builder *builder,
                                                   int64_t *out,
                                                   tfckpt_error **err);

/// Adds a reference of parent to child under a local name, mostly that of a Python
/// attribute, or a number in a list. An object may be referred to by any number of
/// others, itself included. INVALID_ARGUMENT where one of the two is not there.
tfckpt_status tfckpt_object_graph_builder_add_child(tfckpt_object_graph_builder *builder,
                                                    int64_t parent,
                                                    const char *name,
                                                    size_t name_len,
                                                    int64_t child,
                                                    tfckpt_error **err);

/// Adds an object, and a reference of parent to it; its number goes to *out.
tfckpt_status tfckpt_object_graph_builder_add_object(tfckpt_object_graph_builder *builder,
                                                     int64_t parent,
                                                     const char *name,
                                                     size_t name_len,
                                                     int64_t *out,
                                                     tfckpt_error **err);

/// Adds something of an object that is in the checkpoint: for a variable
/// "VARIABLE_VALUE", with the name that it has in the program; for other objects that
/// is empty. INVALID_ARGUMENT where the object has an attribute of that name.
tfckpt_status tfckpt_object_graph_builder_add_attribute(tfckpt_object_graph_builder *builder,
                                                        int64_t node,
                                                        const char *name,
                                                        size_t name_len,
                                                        const char *full_name,
                                                        size_t full_name_len,
                                                        tfckpt_error **err);

/// Adds a variable, and a reference of parent to it; its number goes to *out.
tfckpt_status tfckpt_object_graph_builder_add_variable(tfckpt_object_graph_builder *builder,
                                                       int64_t parent,
                                                       const char *name,
                                                       size_t name_len,
                                                       const char *full_name,
                                                       size_t full_name_len,
                                                       int64_t *out,
                                                       tfckpt_error **err);

/// Adds the variable that an optimizer keeps for another one in its slot of that name;
/// its number goes to *out.
tfckpt_status tfckpt_object_graph_builder_add_slot(tfckpt_object_graph_builder *builder,
                                                   int64_t optimizer,
                                                   int64_t variable,
                                                   const char *name,
                                                   size_t name_len,
                                                   const char *full_name,
                                                   size_t full_name_len,
                                                   int64_t *out,
                                                   tfckpt_error **err);

/// Adds the variable in which tf.train.Checkpoint counts how often it was saved, and
/// which its restore() looks for: a scalar TFCKPT_DT_INT64. Its number goes to *out.
tfckpt_status tfckpt_object_graph_builder_add_save_counter(tfckpt_object_graph_builder *builder,
                                                           int64_t *out,
                                                           tfckpt_error **err);

/// Makes the keys, and of all a graph, into *out; numbers stay as they are.
/// INVALID_ARGUMENT where an object has two children of the same name, or something
/// that is to be in the checkpoint is not reached from the root. More may be added to
/// the builder after that, for another graph.
tfckpt_status tfckpt_object_graph_builder_build(const tfckpt_object_graph_builder *builder,
                                                tfckpt_object_graph **out,
                                                tfckpt_error **err);

/// The defaults, owned by the caller.
tfckpt_state_options *tfckpt_state_options_new(void);

/// Frees options. NULL is fine.
void tfckpt_state_options_free(tfckpt_state_options *options);

/// What the state file is called. INVALID_ARGUMENT for no name at all. Default:
/// "checkpoint".
tfckpt_status tfckpt_state_options_set_file_name(tfckpt_state_options *options,
                                                 const char *name,
                                                 tfckpt_error **err);

/// Whether tfckpt_directory_latest_valid(), tfckpt_directory_repair() and
/// tfckpt_directory_survey() read every byte of a checkpoint and check it before they
/// call it whole. Without, they read
/// its index and see that no data is missing: that takes as little time for large
/// tensors as for small, and shows what was cut short, but not what was changed.
/// Default: true.
void tfckpt_state_options_set_verify(tfckpt_state_options *options, bool verify);

/// Of the checkpoints that the state file does not name, tfckpt_directory_repair()
/// then takes up only those that are called NAME-STEP. INVALID_ARGUMENT for no name at
/// all. Default: all.
tfckpt_status tfckpt_state_options_set_checkpoint_name(tfckpt_state_options *options,
                                                       const char *name,
                                                       tfckpt_error **err);

/// Whether tfckpt_directory_repair() returns only when the new state file is on
/// stable storage. Default: true.
void tfckpt_state_options_set_sync(tfckpt_state_options *options, bool sync);

/// Reads the state file of a directory, into *out. NOT_FOUND where there is none;
/// DATA_LOSS, with its line, column and byte in the message, for what does not parse,
/// and for a file that does not say which checkpoint is the latest; RESOURCE_LIMIT
/// for a file of more than 64 MiB.
tfckpt_status tfckpt_state_read(const char *dir,
                                const tfckpt_state_options *options,
                                tfckpt_state **out,
                                tfckpt_error **err);

/// Frees a state. NULL is fine.
void tfckpt_state_free(tfckpt_state *state);

/// The path of the latest checkpoint. tfckpt_directory_latest() leads from it to
/// where the checkpoint is.
const char *tfckpt_state_latest(const tfckpt_state *state, size_t *len);

/// How many checkpoints it lists.
int64_t tfckpt_state_count(const tfckpt_state *state);

/// The path of the checkpoint at index, from 0, the oldest, to tfckpt_state_count()
/// - 1; NULL outside.
const char *tfckpt_state_path(const tfckpt_state *state, int64_t index, size_t *len);

/// When the checkpoint at index was saved, in seconds since the epoch; -1 where the
/// file does not say, and outside.
double tfckpt_state_timestamp(const tfckpt_state *state, int64_t index);

/// When the last checkpoint was saved that a manager keeps for good, in seconds
/// since the epoch; -1 where the file does not say.
double tfckpt_state_last_preserved_timestamp(const tfckpt_state *state);

/// The latest checkpoint by the state file of a directory, into *out. Where the file
/// names a path at which there is nothing any more, but the checkpoint lies beside
/// the file, the directory has moved, and that is it. NOT_FOUND, with a message that
/// tells which, where there is no state file, or where it names a checkpoint that is
/// not there. tfckpt_error_file() tells them apart: of the first kind it is the state
/// file, of the second the path of the checkpoint. A program that starts anew where it
/// finds no checkpoint should do so for the first kind alone. DATA_LOSS
/// as of tfckpt_state_read().
tfckpt_status tfckpt_directory_latest(const char *dir,
                                      const tfckpt_state_options *options,
                                      tfckpt_latest **out,
                                      tfckpt_error **err);

/// The newest checkpoint of a directory that is whole, into *out: the latest by the
/// state file; if that is not whole, the others in the file from the newest to the
/// oldest; then those that the directory holds besides, by step and time. It lists
/// what was passed over, a state file that is missing or damaged included. NOT_FOUND
/// where there is no checkpoint, be there a state file that names some or not;
/// DATA_LOSS where there are some but none is whole, or where the state file is
/// damaged.
tfckpt_status tfckpt_directory_latest_valid(const char *dir,
                                            const tfckpt_state_options *options,
                                            tfckpt_latest **out,
                                            tfckpt_error **err);

/// Frees a latest checkpoint, and what was borrowed from it. NULL is fine.
void tfckpt_latest_free(tfckpt_latest *latest);

/// Its prefix, which tfckpt_reader_open() takes. Of a V1 checkpoint in several files
/// it is their pattern, with ?????.
const char *tfckpt_latest_prefix(const tfckpt_latest *latest);

/// How many were passed over. 0 where it is what the state file says.
int64_t tfckpt_latest_skipped_count(const tfckpt_latest *latest);

/// The prefix of a checkpoint that was passed over, or the path of the state file,
/// at index from 0 to tfckpt_latest_skipped_count() - 1; NULL outside.
const char *tfckpt_latest_skipped_path(const tfckpt_latest *latest,
                                       int64_t index,
                                       size_t *len);

/// Why that was passed over, borrowed; NULL outside.
const tfckpt_error *tfckpt_latest_skipped_problem(const tfckpt_latest *latest,
                                                  int64_t index);

/// Rewrites the state file of a directory so that it names the checkpoints that are
/// there and whole, by paths relative to it, and no others; what was done goes into
/// *out. No checkpoint is touched. Those that the file named before keep their order
/// and times, and the newest of them is the latest. Those that it did not name come
/// before them, by step and time, and so that no manager takes them for its own to
/// remove. NOT_FOUND where no checkpoint is whole: the file is then left as it is.
/// ALREADY_EXISTS where it is no state file: a file of a checkpoint, or under another
/// name than the default something that does not begin as a state file does.
tfckpt_status tfckpt_directory_repair(const char *dir,
                                      const tfckpt_state_options *options,
                                      tfckpt_repaired **out,
                                      tfckpt_error **err);

/// Frees what a repair tells, and what was borrowed from it. NULL is fine.
void tfckpt_repaired_free(tfckpt_repaired *repaired);

/// Whether the file had to be written.
bool tfckpt_repaired_changed(const tfckpt_repaired *repaired);

/// What the file says now, borrowed.
const tfckpt_state *tfckpt_repaired_state(const tfckpt_repaired *repaired);

/// The prefix of the latest checkpoint.
const char *tfckpt_repaired_latest(const tfckpt_repaired *repaired);

/// How many whole checkpoints were there that the file did not name.
int64_t tfckpt_repaired_added_count(const tfckpt_repaired *repaired);

/// The prefix of the one at index, from 0 to tfckpt_repaired_added_count() - 1; NULL
/// outside.
const char *tfckpt_repaired_added(const tfckpt_repaired *repaired, int64_t index);

/// How many things are not, or no longer, in the file: checkpoints that are missing
/// or damaged, and the old file itself where it could not be read.
int64_t tfckpt_repaired_dropped_count(const tfckpt_repaired *repaired);

/// The prefix of such a checkpoint, or the path of the state file, at index from 0
/// to tfckpt_repaired_dropped_count() - 1; NULL outside.
const char *tfckpt_repaired_dropped_path(const tfckpt_repaired *repaired,
                                         int64_t index,
                                         size_t *len);

/// Why that was dropped, borrowed; NULL outside.
const tfckpt_error *tfckpt_repaired_dropped_problem(const tfckpt_repaired *repaired,
                                                    int64_t index);

/// Looks through a directory, and puts what it holds into *out. Each checkpoint is
/// checked as tfckpt_state_options_set_verify() says. NOT_FOUND where there is no such
/// directory; a state file that is missing or damaged is no error.
tfckpt_status tfckpt_directory_survey(const char *dir,
                                      const tfckpt_state_options *options,
                                      tfckpt_survey **out,
                                      tfckpt_error **err);

/// Frees a survey, and what was borrowed from it. NULL is fine.
void tfckpt_survey_free(tfckpt_survey *survey);

/// What is wrong with the state file, borrowed; NULL where there is none, or nothing is.
const tfckpt_error *tfckpt_survey_state_problem(const tfckpt_survey *survey);

/// How many checkpoints there are, whole or not: those in the directory, and those
/// that its state file names besides.
int64_t tfckpt_survey_checkpoint_count(const tfckpt_survey *survey);

/// The index of the one that the state file says is the latest; -1 where it says none.
int64_t tfckpt_survey_latest(const tfckpt_survey *survey);

/// The prefix of the checkpoint at index, from 0, the oldest by step and time, to
/// tfckpt_survey_checkpoint_count() - 1; NULL outside. Of a V1 checkpoint in several
/// files it is their pattern, with ?????.
const char *tfckpt_survey_checkpoint_prefix(const tfckpt_survey *survey, int64_t index);

/// In which format it is, TFCKPT_FORMAT_V1 or TFCKPT_FORMAT_V2; 0 where it is not there
/// at all, but the state file names it, and outside.
int32_t tfckpt_survey_checkpoint_format(const tfckpt_survey *survey, int64_t index);

/// Its step, by its name; -1 where that has none, and outside.
int64_t tfckpt_survey_checkpoint_step(const tfckpt_survey *survey, int64_t index);

/// When its index, or one of its files, was written, in seconds since the epoch; -1
/// where it is not there, and outside.
double tfckpt_survey_checkpoint_modified(const tfckpt_survey *survey, int64_t index);

/// Whether the state file names it.
bool tfckpt_survey_checkpoint_is_listed(const tfckpt_survey *survey, int64_t index);

/// How many problems it has: one for each file that is missing, and where all are there
/// all that is wrong with them. 0 where it is whole, and outside.
int64_t tfckpt_survey_checkpoint_problem_count(const tfckpt_survey *survey,
                                               int64_t index);

/// Its problem number problem, from 0 to tfckpt_survey_checkpoint_problem_count() - 1,
/// borrowed; NULL outside.
const tfckpt_error *tfckpt_survey_checkpoint_problem(const tfckpt_survey *survey,
                                                     int64_t index,
                                                     int64_t problem);

/// How many files and directories there are in the directory.
int64_t tfckpt_survey_file_count(const tfckpt_survey *survey);

/// The path of the file at index, from 0 to tfckpt_survey_file_count() - 1, by name;
/// NULL outside.
const char *tfckpt_survey_file_path(const tfckpt_survey *survey, int64_t index);

/// What it is: a tfckpt_file_kind. TFCKPT_FILE_OTHER outside.
int32_t tfckpt_survey_file_kind(const tfckpt_survey *survey, int64_t index);

/// The index of the checkpoint that it belongs to; -1 where that is none, and outside.
int64_t tfckpt_survey_file_checkpoint(const tfckpt_survey *survey, int64_t index);

/// Its length in bytes; -1 for what is no file, and outside.
int64_t tfckpt_survey_file_byte_size(const tfckpt_survey *survey, int64_t index);

/// What else there is to say of it, for people to read: that the content is not what
/// the name says, as with a Git LFS pointer or an HTML page, or that the checkpoint it
/// would belong to is missing. NULL where there is nothing, and outside.
const char *tfckpt_survey_file_note(const tfckpt_survey *survey, int64_t index);

/// The defaults, owned by the caller.
tfckpt_manager_options *tfckpt_manager_options_new(void);

/// Frees options. NULL is fine.
void tfckpt_manager_options_free(tfckpt_manager_options *options);

/// Checkpoints are called NAME-STEP. It may begin with directories below the
/// manager's; INVALID_ARGUMENT where it is empty or leads elsewhere. Default: "ckpt".
tfckpt_status tfckpt_manager_options_set_checkpoint_name(tfckpt_manager_options *options,
                                                         const char *name,
                                                         tfckpt_error **err);

/// What the state file is called; INVALID_ARGUMENT where it is empty or leads out of
/// the directory. TensorFlow's manager knows it as "checkpoint" alone. Default:
/// "checkpoint".
tfckpt_status tfckpt_manager_options_set_file_name(tfckpt_manager_options *options,
                                                   const char *name,
                                                   tfckpt_error **err);

/// How many checkpoints there are at most before the oldest is removed, 1 or more;
/// -1 for no limit: nothing is ever removed. One of the V1 format is let go of instead,
/// as TensorFlow does: it is no longer listed, and its files stay. Default: -1.
tfckpt_status tfckpt_manager_options_set_max_to_keep(tfckpt_manager_options *options,
                                                     int64_t max_to_keep,
                                                     tfckpt_error **err);

/// A checkpoint whose turn it is to be removed stays for good if it was saved so
/// many hours or more after the last that stayed; 0 for none to stay.
/// INVALID_ARGUMENT for what is negative or not finite. Default: 0.
tfckpt_status tfckpt_manager_options_set_keep_checkpoint_every_n_hours(tfckpt_manager_options *options,
                                                                       double hours,
                                                                       tfckpt_error **err);

/// How checkpoints are written; NULL for the defaults. If it says to replace, a step
/// that was saved already may be saved again, as TensorFlow always does. Whether it
/// says to sync holds for the state file too. UNSUPPORTED for the V1 format.
tfckpt_status tfckpt_manager_options_set_writer_options(tfckpt_manager_options *options,
                                                        const tfckpt_writer_options *writer_options,
                                                        tfckpt_error **err);

/// Manages a directory, into *out, and takes over what its state file says. Nothing
/// is created before the first save. DATA_LOSS where there is a state file but it
/// does not parse: tfckpt_directory_repair() makes a new one.
tfckpt_status tfckpt_manager_open(const char *dir,
                                  const tfckpt_manager_options *options,
                                  tfckpt_manager **out,
                                  tfckpt_error **err);

/// Frees a manager, and the paths that were borrowed from it. NULL is fine. Writers
/// that came from it stay good.
void tfckpt_manager_free(tfckpt_manager *manager);

/// The prefix of the latest checkpoint, as of opening or of the last save that was
/// finished; NULL where there was no state file. It need not be there: see
/// tfckpt_directory_latest().
const char *tfckpt_manager_latest(const tfckpt_manager *manager);

/// How many checkpoints it keeps until they are too many. Those that stay for good
/// are not among them.
int64_t tfckpt_manager_count(const tfckpt_manager *manager);

/// The prefix of the checkpoint at index, from 0, the oldest, to
/// tfckpt_manager_count() - 1; NULL outside. A save that is finished in between, in
/// another thread for instance, moves them.
const char *tfckpt_manager_checkpoint(const tfckpt_manager *manager, int64_t index);

/// Begins the next checkpoint, into *out; its step is one more than any in the
/// directory. The writer is one as of tfckpt_writer_create(). Its
/// tfckpt_writer_finish() makes the checkpoint appear, makes it the latest in the
/// state file, then removes those that are too old; it succeeds where these could not
/// be removed, which tfckpt_writer_removal_problem() tells. Where it fails because of the
/// state file, the checkpoint stays, and the message says so.
tfckpt_status tfckpt_manager_save(const tfckpt_manager *manager,
                                  tfckpt_writer **out,
                                  tfckpt_error **err);

/// Begins the checkpoint of a step, from 0 on, into *out. ALREADY_EXISTS where that
/// step was saved before, unless the options say to replace it. Otherwise as
/// tfckpt_manager_save().
tfckpt_status tfckpt_manager_save_step(const tfckpt_manager *manager,
                                       int64_t step,
                                       tfckpt_writer **out,
                                       tfckpt_error **err);

/// The prefix of the checkpoint.
const char *tfckpt_writer_prefix(const tfckpt_writer *writer);

/// The step that a manager saves it as; -1 for a writer that is not a manager's.
int64_t tfckpt_writer_step(const tfckpt_writer *writer);

/// How many old checkpoints the manager has removed, once tfckpt_writer_finish() has
/// succeeded.
int64_t tfckpt_writer_removed_count(const tfckpt_writer *writer);

/// The prefix of the one at index, from 0 to tfckpt_writer_removed_count() - 1; NULL
/// outside.
const char *tfckpt_writer_removed(const tfckpt_writer *writer, int64_t index);

/// How many times something stood in the way of removing an old checkpoint, once
/// tfckpt_writer_finish() has succeeded. Such a checkpoint is kept, and the next save
/// tries again.
int64_t tfckpt_writer_removal_problem_count(const tfckpt_writer *writer);

/// What stood in the way, at index from 0 to tfckpt_writer_removal_problem_count() - 1,
/// borrowed; NULL outside.
const tfckpt_error *tfckpt_writer_removal_problem(const tfckpt_writer *writer,
                                                  int64_t index);

/// The defaults, owned by the caller.
tfckpt_gc_options *tfckpt_gc_options_new(void);

/// Frees options. NULL is fine.
void tfckpt_gc_options_free(tfckpt_gc_options *options);

/// Whether to remove, too, what saves of TensorFlow have left: files called
/// *.tempstate... and *.tmp..., and directories of parts that were never merged. It
/// does not tell whether it is still at work on them, so their age decides. Default:
/// false.
void tfckpt_gc_options_set_tensorflow(tfckpt_gc_options *options, bool tensorflow);

/// Whether to remove, too, data files that no index names: what a save, a replacement or
/// a removal leaves that a crash cut off between data and index. They may as well be of
/// another program's save, or of a download, whose index is still to come, so their age
/// decides. Default: false.
void tfckpt_gc_options_set_orphans(tfckpt_gc_options *options, bool orphans);

/// How many seconds ago a file must have been written last, if nothing else tells
/// whether its writer lives: that is so for TensorFlow's files, for orphans, and for ours where
/// the file system has no locks. INVALID_ARGUMENT where it is negative. Default: a
/// day.
tfckpt_status tfckpt_gc_options_set_min_age(tfckpt_gc_options *options,
                                            int64_t seconds,
                                            tfckpt_error **err);

/// Whether to tell only what would be removed. Default: false.
void tfckpt_gc_options_set_dry_run(tfckpt_gc_options *options, bool dry_run);

/// Removes the temporary files in a directory that no writer will ever finish, and
/// puts what it did into *out. A writer holds a lock as long as it lives, and a crash
/// releases it: files go as soon as they are stale, and never under a writer's hands.
/// Checkpoints, whole or not, are not touched. NOT_FOUND where there is no such
/// directory; that a single file could not be removed is no failure, and is listed.
tfckpt_status tfckpt_directory_gc(const char *dir,
                                  const tfckpt_gc_options *options,
                                  tfckpt_collected **out,
                                  tfckpt_error **err);

/// Frees what was told, and what was borrowed from it. NULL is fine.
void tfckpt_collected_free(tfckpt_collected *collected);

/// How many files and directories were removed, or would be.
int64_t tfckpt_collected_removed_count(const tfckpt_collected *collected);

/// The path of the one at index, from 0 to tfckpt_collected_removed_count() - 1; NULL
/// outside.
const char *tfckpt_collected_removed(const tfckpt_collected *collected, int64_t index);

/// How many files were left to writers that live.
int64_t tfckpt_collected_in_use_count(const tfckpt_collected *collected);

/// The path of the one at index, from 0 to tfckpt_collected_in_use_count() - 1; NULL
/// outside.
const char *tfckpt_collected_in_use(const tfckpt_collected *collected, int64_t index);

/// How many files were too young to say that they are forgotten.
int64_t tfckpt_collected_too_young_count(const tfckpt_collected *collected);

/// The path of the one at index, from 0 to tfckpt_collected_too_young_count() - 1;
/// NULL outside.
const char *tfckpt_collected_too_young(const tfckpt_collected *collected, int64_t index);

/// How many times something could not be looked at or removed.
int64_t tfckpt_collected_problem_count(const tfckpt_collected *collected);

/// What happened at index, from 0 to tfckpt_collected_problem_count() - 1, borrowed;
/// NULL outside.
const tfckpt_error *tfckpt_collected_problem(const tfckpt_collected *collected,
                                             int64_t index);

/// Opens the graph that a path leads to, into *out: a .meta file or a saved_model.pb,
/// under these names or any other; the prefix of a checkpoint or one of its files,
/// with a .meta beside it; a directory, which is that of a SavedModel or leads to its
/// latest checkpoint. Reads little of it. NOT_FOUND where there is none; DATA_LOSS for
/// a file that has no graph in the binary form of protobuf.
tfckpt_status tfckpt_meta_open(const char *path, tfckpt_meta **out, tfckpt_error **err);

/// Frees a file of graphs. NULL is fine. What came from it stays good.
void tfckpt_meta_free(tfckpt_meta *meta);

/// The path of the file.
const char *tfckpt_meta_path(const tfckpt_meta *meta);

/// How many bytes the file has.
int64_t tfckpt_meta_byte_size(const tfckpt_meta *meta);

/// The schema version of a SavedModel; -1 for a .meta.
int64_t tfckpt_meta_schema_version(const tfckpt_meta *meta);

/// How many graphs it has: 1 in a .meta, and one for each set of tags in a SavedModel.
int64_t tfckpt_meta_graph_count(const tfckpt_meta *meta);

/// Sums up what is in a graph, counted from 0, into *out. Goes through the file several
/// times, past the values of constants. INVALID_ARGUMENT where there is no such graph;
/// DATA_LOSS, with the byte at which it was noticed, where it is damaged.
tfckpt_status tfckpt_meta_summarize(const tfckpt_meta *meta,
                                    int64_t graph,
                                    tfckpt_meta_summary **out,
                                    tfckpt_error **err);

/// Lists the variables of a graph, in its order, into *out. Errors as of
/// tfckpt_meta_summarize().
tfckpt_status tfckpt_meta_list_variables(const tfckpt_meta *meta,
                                         int64_t graph,
                                         tfckpt_meta_variables **out,
                                         tfckpt_error **err);

/// Lists the nodes of a saver, by its index in the summary, in the order of the graph,
/// into *out. INVALID_ARGUMENT where there is no such saver; otherwise as
/// tfckpt_meta_summarize().
tfckpt_status tfckpt_meta_list_saver_nodes(const tfckpt_meta *meta,
                                           int64_t graph,
                                           int64_t saver,
                                           tfckpt_meta_nodes **out,
                                           tfckpt_error **err);

/// Finds out what is different in a second graph, in comparison with a first, into
/// *out. Reads both through, constants and all. The two may be of one file. Errors as
/// of tfckpt_meta_summarize().
tfckpt_status tfckpt_meta_compare(const tfckpt_meta *before,
                                  int64_t before_graph,
                                  const tfckpt_meta *after,
                                  int64_t after_graph,
                                  tfckpt_meta_diff **out,
                                  tfckpt_error **err);

/// Frees a summary that you own, and what was borrowed from it. NULL is fine.
void tfckpt_meta_summary_free(tfckpt_meta_summary *summary);

/// How many bytes the graph takes with all that belongs to it.
int64_t tfckpt_meta_summary_byte_size(const tfckpt_meta_summary *summary);

/// How many of these bytes a part takes, a tfckpt_meta_part, tags and lengths included;
/// 0 for a number that is no part. All parts together are all bytes.
int64_t tfckpt_meta_summary_part_size(const tfckpt_meta_summary *summary, int32_t part);

/// The version of the TensorFlow that wrote it: "2.21.0"; empty where it does not say.
const char *tfckpt_meta_summary_tensorflow_version(const tfckpt_meta_summary *summary,
                                                   size_t *len);

/// The commit of that TensorFlow.
const char *tfckpt_meta_summary_tensorflow_git_version(const tfckpt_meta_summary *summary,
                                                       size_t *len);

/// What its author calls this version of the graph; empty where that is nothing.
const char *tfckpt_meta_summary_graph_version(const tfckpt_meta_summary *summary,
                                              size_t *len);

/// Under how many tags a SavedModel has it.
int64_t tfckpt_meta_summary_tag_count(const tfckpt_meta_summary *summary);

/// The tag at index, from 0; NULL outside.
const char *tfckpt_meta_summary_tag(const tfckpt_meta_summary *summary,
                                    int64_t index,
                                    size_t *len);

/// How many ops it lists as needed, with their definitions.
int64_t tfckpt_meta_summary_stripped_op_count(const tfckpt_meta_summary *summary);

/// Whether attributes that have their default value were left out.
bool tfckpt_meta_summary_has_stripped_default_attrs(const tfckpt_meta_summary *summary);

/// The version of graphs that it was written as.
int64_t tfckpt_meta_summary_producer(const tfckpt_meta_summary *summary);

/// The oldest version of the software that may read it.
int64_t tfckpt_meta_summary_min_consumer(const tfckpt_meta_summary *summary);

/// The nodes of the graph by their ops; borrowed.
const tfckpt_meta_ops *tfckpt_meta_summary_ops(const tfckpt_meta_summary *summary);

/// The nodes of all functions together by their ops; borrowed.
const tfckpt_meta_ops *tfckpt_meta_summary_function_ops(const tfckpt_meta_summary *summary);

/// How many functions the library has.
int64_t tfckpt_meta_summary_function_count(const tfckpt_meta_summary *summary);

/// How many of them have a gradient function registered by name.
int64_t tfckpt_meta_summary_gradient_count(const tfckpt_meta_summary *summary);

/// The constants of the graph and its functions; borrowed.
const tfckpt_meta_constants *tfckpt_meta_summary_constants(const tfckpt_meta_summary *summary);

/// How many variables the graph has; tfckpt_meta_list_variables() has them.
int64_t tfckpt_meta_summary_variable_count(const tfckpt_meta_summary *summary);

/// How many savers are in the graph.
int64_t tfckpt_meta_summary_saver_count(const tfckpt_meta_summary *summary);

/// The saver at index, from 0, in the order of their first nodes; borrowed, and NULL
/// outside.
const tfckpt_meta_saver *tfckpt_meta_summary_saver(const tfckpt_meta_summary *summary,
                                                   int64_t index);

/// How to save and restore with the graph; borrowed, and NULL where it does not say.
const tfckpt_meta_saver_def *tfckpt_meta_summary_saver_def(const tfckpt_meta_summary *summary);

/// How many collections there are.
int64_t tfckpt_meta_summary_collection_count(const tfckpt_meta_summary *summary);

/// The collection at index, from 0, in the order of their keys; borrowed, and NULL
/// outside.
const tfckpt_meta_collection *tfckpt_meta_summary_collection(const tfckpt_meta_summary *summary,
                                                             int64_t index);

/// How many signatures there are.
int64_t tfckpt_meta_summary_signature_count(const tfckpt_meta_summary *summary);

/// The signature at index, from 0, in the order of their keys; borrowed, and NULL
/// outside.
const tfckpt_meta_signature *tfckpt_meta_summary_signature(const tfckpt_meta_summary *summary,
                                                           int64_t index);

/// How many files the graph needs beside it.
int64_t tfckpt_meta_summary_asset_count(const tfckpt_meta_summary *summary);

/// How many nodes the object graph of a SavedModel has; -1 where there is none.
int64_t tfckpt_meta_summary_object_graph_node_count(const tfckpt_meta_summary *summary);

/// How many nodes there are, of all ops.
int64_t tfckpt_meta_ops_total(const tfckpt_meta_ops *ops);

/// How many different ops there are.
int64_t tfckpt_meta_ops_count(const tfckpt_meta_ops *ops);

/// The op at index, from 0, in the order of their names; NULL outside.
const char *tfckpt_meta_ops_name(const tfckpt_meta_ops *ops, int64_t index, size_t *len);

/// How many nodes are of that op.
int64_t tfckpt_meta_ops_node_count(const tfckpt_meta_ops *ops, int64_t index);

/// How many bytes they take.
int64_t tfckpt_meta_ops_byte_size(const tfckpt_meta_ops *ops, int64_t index);

/// How many there are.
int64_t tfckpt_meta_constants_count(const tfckpt_meta_constants *constants);

/// How many bytes their values take.
int64_t tfckpt_meta_constants_byte_size(const tfckpt_meta_constants *constants);

/// How many of the largest are listed: ten at most.
int64_t tfckpt_meta_constants_largest_count(const tfckpt_meta_constants *constants);

/// The name of one of these, from 0, the largest first; FUNCTION/NODE for one within a
/// function, and NULL outside.
const char *tfckpt_meta_constants_largest_name(const tfckpt_meta_constants *constants,
                                               int64_t index,
                                               size_t *len);

/// How many bytes its value takes.
int64_t tfckpt_meta_constants_largest_byte_size(const tfckpt_meta_constants *constants,
                                                int64_t index);

/// The scope its nodes are in: "save_1". Copies made by an import are in the same
/// scope. Empty where they are in none: a SavedModel's is made of calls.
const char *tfckpt_meta_saver_scope(const tfckpt_meta_saver *saver, size_t *len);

/// The name of the first of its nodes in the graph.
const char *tfckpt_meta_saver_first_node(const tfckpt_meta_saver *saver, size_t *len);

/// How many nodes it has.
int64_t tfckpt_meta_saver_node_count(const tfckpt_meta_saver *saver);

/// How many bytes they take.
int64_t tfckpt_meta_saver_byte_size(const tfckpt_meta_saver *saver);

/// How many of its ops write files.
int64_t tfckpt_meta_saver_save_op_count(const tfckpt_meta_saver *saver);

/// How many of its ops read files.
int64_t tfckpt_meta_saver_restore_op_count(const tfckpt_meta_saver *saver);

/// How many of its ops join the files that several devices wrote.
int64_t tfckpt_meta_saver_merge_op_count(const tfckpt_meta_saver *saver);

/// Who uses it: a tfckpt_saver_use.
int32_t tfckpt_meta_saver_used_by(const tfckpt_meta_saver *saver);

/// The tensor that the name of the file is fed to.
const char *tfckpt_meta_saver_def_filename_tensor_name(const tfckpt_meta_saver_def *def,
                                                       size_t *len);

/// The tensor to run to save.
const char *tfckpt_meta_saver_def_save_tensor_name(const tfckpt_meta_saver_def *def,
                                                   size_t *len);

/// The op to run to restore.
const char *tfckpt_meta_saver_def_restore_op_name(const tfckpt_meta_saver_def *def,
                                                  size_t *len);

/// How many checkpoints are kept; 0 for all.
int32_t tfckpt_meta_saver_def_max_to_keep(const tfckpt_meta_saver_def *def);

/// Whether each device has files of its own.
bool tfckpt_meta_saver_def_is_sharded(const tfckpt_meta_saver_def *def);

/// Every how many hours a checkpoint is kept for good.
double tfckpt_meta_saver_def_keep_checkpoint_every_n_hours(const tfckpt_meta_saver_def *def);

/// The format of the checkpoints: 1 and 2 are V1 and V2, 0 is older than numbers.
int32_t tfckpt_meta_saver_def_version(const tfckpt_meta_saver_def *def);

/// Its key: "variables".
const char *tfckpt_meta_collection_key(const tfckpt_meta_collection *collection,
                                       size_t *len);

/// What its values are: a tfckpt_collection_kind.
int32_t tfckpt_meta_collection_kind(const tfckpt_meta_collection *collection);

/// How many values it has.
int64_t tfckpt_meta_collection_value_count(const tfckpt_meta_collection *collection);

/// How many bytes it takes.
int64_t tfckpt_meta_collection_byte_size(const tfckpt_meta_collection *collection);

/// Its key: "serving_default".
const char *tfckpt_meta_signature_key(const tfckpt_meta_signature *signature,
                                      size_t *len);

/// What it is for: "tensorflow/serving/predict".
const char *tfckpt_meta_signature_method_name(const tfckpt_meta_signature *signature,
                                              size_t *len);

/// How many bytes it takes.
int64_t tfckpt_meta_signature_byte_size(const tfckpt_meta_signature *signature);

/// How many tensors it takes.
int64_t tfckpt_meta_signature_input_count(const tfckpt_meta_signature *signature);

/// The input at index, from 0, in the order of their keys; borrowed, and NULL outside.
const tfckpt_meta_tensor *tfckpt_meta_signature_input(const tfckpt_meta_signature *signature,
                                                      int64_t index);

/// How many tensors it gives.
int64_t tfckpt_meta_signature_output_count(const tfckpt_meta_signature *signature);

/// The output at index, from 0, in the order of their keys; borrowed, and NULL outside.
const tfckpt_meta_tensor *tfckpt_meta_signature_output(const tfckpt_meta_signature *signature,
                                                       int64_t index);

/// What the signature calls it.
const char *tfckpt_meta_tensor_key(const tfckpt_meta_tensor *tensor, size_t *len);

/// Its name in the graph: "dense/BiasAdd:0"; empty where it is made of several tensors
/// (a sparse one, a composite one).
const char *tfckpt_meta_tensor_name(const tfckpt_meta_tensor *tensor, size_t *len);

/// The type of its elements: a tfckpt_dtype; 0 where it is not told, or unknown.
int32_t tfckpt_meta_tensor_dtype(const tfckpt_meta_tensor *tensor);

/// How many dimensions it has; -1 where that is open.
int64_t tfckpt_meta_tensor_rank(const tfckpt_meta_tensor *tensor);

/// Its dimensions, as many as tfckpt_meta_tensor_rank() says, -1 for one that is open;
/// borrowed, and NULL where their number is open.
const int64_t *tfckpt_meta_tensor_dims(const tfckpt_meta_tensor *tensor);

/// Frees variables. NULL is fine.
void tfckpt_meta_variables_free(tfckpt_meta_variables *variables);

/// How many there are.
int64_t tfckpt_meta_variables_count(const tfckpt_meta_variables *variables);

/// The name of the one at index, from 0; NULL outside.
const char *tfckpt_meta_variables_name(const tfckpt_meta_variables *variables,
                                       int64_t index,
                                       size_t *len);

/// Its op: "VarHandleOp", or the older "VariableV2" and "Variable".
const char *tfckpt_meta_variables_op(const tfckpt_meta_variables *variables,
                                     int64_t index,
                                     size_t *len);

/// The name under which a session shares it: nodes with the same one are the same
/// variable. Often empty with the older ops: then that is the node's own name.
const char *tfckpt_meta_variables_shared_name(const tfckpt_meta_variables *variables,
                                              int64_t index,
                                              size_t *len);

/// The type of its elements: a tfckpt_dtype; 0 where it is not told, or unknown.
int32_t tfckpt_meta_variables_dtype(const tfckpt_meta_variables *variables,
                                    int64_t index);

/// How many dimensions it has; -1 where that is open.
int64_t tfckpt_meta_variables_rank(const tfckpt_meta_variables *variables, int64_t index);

/// Its dimensions, as many as tfckpt_meta_variables_rank() says, -1 for one that is
/// open; borrowed, and NULL where their number is open.
const int64_t *tfckpt_meta_variables_dims(const tfckpt_meta_variables *variables,
                                          int64_t index);

/// Frees nodes. NULL is fine.
void tfckpt_meta_nodes_free(tfckpt_meta_nodes *nodes);

/// How many there are.
int64_t tfckpt_meta_nodes_count(const tfckpt_meta_nodes *nodes);

/// The name of the one at index, from 0; NULL outside.
const char *tfckpt_meta_nodes_name(const tfckpt_meta_nodes *nodes,
                                   int64_t index,
                                   size_t *len);

/// Its op.
const char *tfckpt_meta_nodes_op(const tfckpt_meta_nodes *nodes,
                                 int64_t index,
                                 size_t *len);

/// How many bytes it takes.
int64_t tfckpt_meta_nodes_byte_size(const tfckpt_meta_nodes *nodes, int64_t index);

/// Frees what was different, and what was borrowed from it. NULL is fine.
void tfckpt_meta_diff_free(tfckpt_meta_diff *diff);

/// All of it in English, a line for each change. Names stand in it as they are in the
/// files, control characters included.
const char *tfckpt_meta_diff_text(const tfckpt_meta_diff *diff, size_t *len);

/// What is in the first graph; borrowed.
const tfckpt_meta_summary *tfckpt_meta_diff_before(const tfckpt_meta_diff *diff);

/// What is in the second graph; borrowed.
const tfckpt_meta_summary *tfckpt_meta_diff_after(const tfckpt_meta_diff *diff);

/// How many changes there are; 0 where the graphs say the same.
int64_t tfckpt_meta_diff_change_count(const tfckpt_meta_diff *diff);

/// The change at index, from 0, what weighs most first; borrowed, and NULL outside.
const tfckpt_meta_change *tfckpt_meta_diff_change(const tfckpt_meta_diff *diff,
                                                  int64_t index);

/// The constants of the second graph that the first has not got, or has with another
/// value; functions left out. Borrowed.
const tfckpt_meta_constants *tfckpt_meta_diff_constants(const tfckpt_meta_diff *diff);

/// It in English, as a line without an end.
const char *tfckpt_meta_change_text(const tfckpt_meta_change *change, size_t *len);

/// What became of the things: a tfckpt_change_kind.
int32_t tfckpt_meta_change_kind(const tfckpt_meta_change *change);

/// What they are: a tfckpt_change_subject.
int32_t tfckpt_meta_change_subject(const tfckpt_meta_change *change);

/// Which scope, op, collection or part; NULL for the other subjects.
const char *tfckpt_meta_change_name(const tfckpt_meta_change *change, size_t *len);

/// How many nodes, functions or signatures; of a collection, by how many values it is
/// larger or smaller.
int64_t tfckpt_meta_change_item_count(const tfckpt_meta_change *change);

/// How many savers, where they are the nodes of savers.
int64_t tfckpt_meta_change_saver_count(const tfckpt_meta_change *change);

/// How many bytes they took in the first graph.
int64_t tfckpt_meta_change_size_before(const tfckpt_meta_change *change);

/// How many bytes they take in the second.
int64_t tfckpt_meta_change_size_after(const tfckpt_meta_change *change);

/// How many of these bytes are values of constants.
int64_t tfckpt_meta_change_constant_size(const tfckpt_meta_change *change);

/// How many of the first names among them are listed: three at most.
int64_t tfckpt_meta_change_example_count(const tfckpt_meta_change *change);

/// One of these, from 0; NULL outside.
const char *tfckpt_meta_change_example(const tfckpt_meta_change *change,
                                       int64_t index,
                                       size_t *len);

/// The defaults, owned by the caller.
tfckpt_meta_strip_options *tfckpt_meta_strip_options_new(void);

/// Frees options. NULL is fine.
void tfckpt_meta_strip_options_free(tfckpt_meta_strip_options *options);

/// Whether savers go that nobody uses: not saver_def, no collection, no signature, no
/// other node. Default: true.
void tfckpt_meta_strip_options_set_savers(tfckpt_meta_strip_options *options,
                                          bool savers);

/// Which nodes go that do again what another does: a tfckpt_meta_copies. Default:
/// TFCKPT_META_COPIES_WITH_EFFECT.
tfckpt_status tfckpt_meta_strip_options_set_copies(tfckpt_meta_strip_options *options,
                                                   int32_t copies,
                                                   tfckpt_error **err);

/// Whether collections lose values that name nodes and stand there more than once.
/// Default: true.
void tfckpt_meta_strip_options_set_collections(tfckpt_meta_strip_options *options,
                                               bool collections);

/// From how many bytes on a constant that equals another becomes an Identity of that;
/// 0 for never. Default: 0.
void tfckpt_meta_strip_options_set_constants(tfckpt_meta_strip_options *options,
                                             size_t min_size);

/// Whether all goes that is for training alone: gradients, the steps of optimizers,
/// what comes of them, what only they need, the functions that only they call.
/// Variables stay, slots of optimizers too: they are restored. With signatures in the
/// file all goes that neither they nor the saver nor a collection need. Default: false.
void tfckpt_meta_strip_options_set_training(tfckpt_meta_strip_options *options,
                                            bool training);

/// Whether tfckpt_meta_strip() returns only when everything is on stable storage.
/// Default: true.
void tfckpt_meta_strip_options_set_sync(tfckpt_meta_strip_options *options, bool sync);

/// Whether a file at dst is replaced; it may be the source. Default: false.
void tfckpt_meta_strip_options_set_replace(tfckpt_meta_strip_options *options,
                                           bool replace);

/// Whether to tell only what would be cut; dst is not looked at then. Default: false.
void tfckpt_meta_strip_options_set_dry_run(tfckpt_meta_strip_options *options,
                                           bool dry_run);

/// Writes the graph that src leads to, by a path as of tfckpt_meta_open(), anew as the
/// file dst, without what nobody uses, and puts what was cut into *out.
///
/// By default that is what makes such files grow while the data stays: savers that
/// nobody uses, copies of nodes that an import of the graph into itself or a loop has
/// left, and values that stand in a collection twice. What remains imports and restores
/// as before: it is kept byte for byte, and so is whatever it uses, or saver_def, a
/// collection or a signature names.
///
/// The file appears whole or not at all, under a temporary name at first.
/// ALREADY_EXISTS where there is a file at dst that is not to be replaced; UNSUPPORTED
/// for a SavedModel; DATA_LOSS, with the byte at which it was noticed, where the graph
/// is damaged or two of its nodes have one name; NOT_FOUND where there is none.
tfckpt_status tfckpt_meta_strip(const char *src,
                                const char *dst,
                                const tfckpt_meta_strip_options *options,
                                tfckpt_meta_stripped **out,
                                tfckpt_error **err);

/// Frees what was told. NULL is fine.
void tfckpt_meta_stripped_free(tfckpt_meta_stripped *stripped);

/// How many bytes there were.
int64_t tfckpt_meta_stripped_size_before(const tfckpt_meta_stripped *stripped);

/// How many bytes are left.
int64_t tfckpt_meta_stripped_size_after(const tfckpt_meta_stripped *stripped);

/// How many savers went.
int64_t tfckpt_meta_stripped_saver_count(const tfckpt_meta_stripped *stripped);

/// How many nodes, functions or values were cut of a kind, a tfckpt_meta_cut; 0 for a
/// number that is none.
int64_t tfckpt_meta_stripped_cut_count(const tfckpt_meta_stripped *stripped, int32_t cut);

/// How many bytes they took.
int64_t tfckpt_meta_stripped_cut_size(const tfckpt_meta_stripped *stripped, int32_t cut);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* TFCKPT_TFCKPT_H */
