/// @file
/// tfckpt for C++17 and later: reads and writes TensorFlow checkpoints without
/// TensorFlow. Header only, on top of tfckpt.h; a program links libtfckpt.
///
///     auto reader = tfckpt::Reader::open("model/ckpt-100");
///     std::vector<float> kernel = reader.read<float>("dense/kernel");
///
/// These rules hold everywhere; what stands at a function is only what is its own.
///
/// Handles. A class with a get() owns a handle of the C API, that of the same name
///   (Reader a tfckpt_reader): it moves and doesn't copy, has the size of a pointer,
///   and frees its handle when it dies. One that was moved from can be assigned to or
///   die; any call on it fails. What is borrowed (a std::string_view, a Span, a List,
///   or what is called a Ref and owns nothing) is good for as long as the object it
///   came from, unless a nearer end is told.
///
/// Errors. What fails throws tfckpt::Error, with the status and the place; then
///   nothing has changed, except in memory that was given to be written to.
///   Besides it only std::bad_alloc and std::length_error can come. What is
///   noexcept cannot fail; destructors never throw.
///
/// Names and paths. Names of tensors are any bytes, in practice UTF-8. Both
///   come as any kind of string, paths also as a std::filesystem::path, and are taken
///   as they are.
///
/// Values. Elements are in C order, outermost dimension first, in this machine's
///   byte order. Sizes of memory are std::size_t; dimensions, counts and
///   positions std::int64_t.
///
/// Threads. As in the standard library: const members may be called from any
///   number of threads at once, the others from one. A Reader is never changed, so
///   threads can share it.
///
/// Options. A field that is left empty stands for the default of the library.
///
/// Templates. What gives a std::optional or a std::vector is a template, with the type of
///   the item as its default, and so is a struct that has a std::optional: a program
///   compiles those that it calls, and no others. Call it as if it were none:
///   reader.find(name).

#ifndef TFCKPT_TFCKPT_HPP
#define TFCKPT_TFCKPT_HPP

#include "cpp/copy.hpp"
#include "cpp/cursor.hpp"
#include "cpp/dtype.hpp"
#include "cpp/elements.hpp"
#include "cpp/error.hpp"
#include "cpp/format.hpp"
#include "cpp/gc.hpp"
#include "cpp/iterator.hpp"
#include "cpp/latest.hpp"
#include "cpp/list.hpp"
#include "cpp/manager.hpp"
#include "cpp/merge.hpp"
#include "cpp/meta.hpp"
#include "cpp/meta_diff.hpp"
#include "cpp/meta_parts.hpp"
#include "cpp/meta_strip.hpp"
#include "cpp/meta_summary.hpp"
#include "cpp/object.hpp"
#include "cpp/object_graph.hpp"
#include "cpp/object_graph_builder.hpp"
#include "cpp/options.hpp"
#include "cpp/overlay.hpp"
#include "cpp/path.hpp"
#include "cpp/progress.hpp"
#include "cpp/read_request.hpp"
#include "cpp/reader.hpp"
#include "cpp/repair.hpp"
#include "cpp/setting.hpp"
#include "cpp/shape.hpp"
#include "cpp/span.hpp"
#include "cpp/state.hpp"
#include "cpp/strings.hpp"
#include "cpp/survey.hpp"
#include "cpp/tensor.hpp"
#include "cpp/tensors.hpp"
#include "cpp/verify.hpp"
#include "cpp/version.hpp"
#include "cpp/view.hpp"
#include "cpp/write_request.hpp"
#include "cpp/writer.hpp"

#endif
