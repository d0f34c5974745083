/// @file
/// Several checkpoints as one. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_MERGE_HPP
#define TFCKPT_CPP_MERGE_HPP

#include <string>
#include <vector>

#include "../tfckpt.h"
#include "error.hpp"
#include "options.hpp"
#include "path.hpp"

namespace tfckpt {

/// Merges checkpoints into a new one at the prefix dst. The sources are paths as of
/// Reader::open; everything about them is checked before anything is written, and
/// where the merge fails every one is as before and nothing is left at dst. What is
/// merged is what Overlay::open shows of the sources: slices of one tensor that lie in
/// several are brought together. Where a source is V1, or slices count only in part
/// because others overlap them, the values of all are written anew, into one data shard.
/// Throws Status::kInvalidArgument where such sources are to be moved, where there are
/// no sources, where the byte orders or versions of V2 sources differ, or where several
/// have the same tensor, with all such names; Status::kAlreadyExists where there is a
/// checkpoint at dst. Should a move be unable to remove its sources in the end, the error
/// says that dst is whole.
///
/// Object graphs become one of the objects of all, as of Overlay::open. For sources with
/// other names for their tensors, and for parts of them, copy an overlay: tfckpt::copy.
inline void merge(const Path& dst, const Paths& sources, const MergeOptions& options = {}) {
    const auto c_options = detail::to_c(options);
    const std::vector<const char*> c_sources = sources.c_strs();
    detail::Call call;
    call.check(tfckpt_checkpoint_merge(dst.c_str(), c_sources.data(), c_sources.size(),
                                       c_options.get(), call.error()));
}

}  // namespace tfckpt

#endif
