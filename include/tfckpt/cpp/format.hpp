/// @file
/// The formats of checkpoints. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_FORMAT_HPP
#define TFCKPT_CPP_FORMAT_HPP

#include <cstdint>

#include "../tfckpt.h"

namespace tfckpt {

/// In which format a checkpoint is. Later versions of the library may add some.
enum class Format : std::int32_t {
    /// Table files with the values in them.
    kV1 = TFCKPT_FORMAT_V1,
    /// An index and data shards.
    kV2 = TFCKPT_FORMAT_V2,
    /// Several checkpoints as one.
    kOverlay = TFCKPT_FORMAT_OVERLAY,
};

}  // namespace tfckpt

#endif
