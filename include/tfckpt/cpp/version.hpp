/// @file
/// Which library runs. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_VERSION_HPP
#define TFCKPT_CPP_VERSION_HPP

#include <cstdint>
#include <string_view>

#include "../tfckpt.h"
#include "handle.hpp"

namespace tfckpt {

/// The version of the library that runs, which may be another than that of the
/// headers: "0.1.0".
[[nodiscard]] inline std::string_view version() noexcept { return detail::text(tfckpt_version()); }

/// The binary interface of the library that runs. A program may go on where that is
/// the TFCKPT_ABI_VERSION it was compiled with.
[[nodiscard]] inline std::int32_t abi_version() noexcept { return tfckpt_abi_version(); }

}  // namespace tfckpt

#endif
