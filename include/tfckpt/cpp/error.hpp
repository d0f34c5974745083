/// @file
/// What failed, and where. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_ERROR_HPP
#define TFCKPT_CPP_ERROR_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../tfckpt.h"
#include "handle.hpp"

namespace tfckpt {

/// How a call ended: the tfckpt_status of the same name. Later versions of the
/// library may add some.
enum class Status : std::int32_t {
    kOk = TFCKPT_OK,
    /// The call asks for something that makes no sense.
    kInvalidArgument = TFCKPT_INVALID_ARGUMENT,
    /// There is no such file, or no such tensor.
    kNotFound = TFCKPT_NOT_FOUND,
    /// The operating system refused.
    kIo = TFCKPT_IO,
    /// The bytes are damaged, cut short or contradictory.
    kDataLoss = TFCKPT_DATA_LOSS,
    /// The file is sound but asks for what this version does not do.
    kUnsupported = TFCKPT_UNSUPPORTED,
    /// The memory given is smaller than what is to go into it.
    kBufferTooSmall = TFCKPT_BUFFER_TOO_SMALL,
    /// What was to be created is there already.
    kAlreadyExists = TFCKPT_ALREADY_EXISTS,
    /// The caller called it off.
    kCancelled = TFCKPT_CANCELLED,
    /// A limit that the caller may raise was crossed.
    kResourceLimit = TFCKPT_RESOURCE_LIMIT,
    /// A defect of the library.
    kInternal = TFCKPT_INTERNAL,
};

/// The name of a status without its prefix: "DATA_LOSS"; empty for one that this
/// version of the library doesn't know.
[[nodiscard]] inline std::string_view status_name(Status status) noexcept {
    return detail::text(tfckpt_status_name(static_cast<std::int32_t>(status)));
}

/// Why a call failed, and where.
class Error : public std::runtime_error {
public:
    /// An error that no file has to do with, but perhaps a tensor.
    Error(Status code, const std::string& message, std::string_view tensor = {})
        : Error(code, with_tensor(message, tensor), Place(tensor)) {}

    /// The error of a C call, which stays the caller's.
    explicit Error(const tfckpt_error& error)
        : Error(static_cast<Status>(tfckpt_error_status(&error)), tfckpt_error_message(&error),
                Place(error)) {}

    /// What kind of failure it is; never Status::kOk.
    [[nodiscard]] Status code() const noexcept { return code_; }

    /// The path of the file it is about, or empty.
    [[nodiscard]] const std::string& file() const noexcept { return place_->file; }

    /// The name of the tensor it is about, or empty.
    [[nodiscard]] const std::string& tensor() const noexcept { return place_->tensor; }

    /// The data shard it is about, counted from 0.
    template <class T = std::int32_t>
    [[nodiscard]] std::optional<T> shard() const noexcept {
        return detail::unless_negative<T>(place_->shard);
    }

    /// The byte of file() at which it was noticed.
    template <class T = std::int64_t>
    [[nodiscard]] std::optional<T> offset() const noexcept {
        return detail::unless_negative<T>(place_->offset);
    }

    /// The names it lists: of the tensors that Reader::read_many did not find, or that
    /// several sources of merge() or Overlay::open have; or the keys that
    /// ObjectGraph::find leads to. None for most errors.
    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return place_->names; }

private:
    struct Place {
        explicit Place(std::string_view name) : tensor(name) {}

        explicit Place(const tfckpt_error& error) {
            std::size_t size = 0;
            file = detail::text(tfckpt_error_file(&error));
            const char* name = tfckpt_error_tensor(&error, &size);
            tensor = detail::text(name, size);
            shard = tfckpt_error_shard(&error);
            offset = tfckpt_error_offset(&error);
            names.resize(static_cast<std::size_t>(tfckpt_error_name_count(&error)));
            for (std::size_t i = 0; i < names.size(); i++) {
                name = tfckpt_error_name(&error, static_cast<std::int64_t>(i), &size);
                names[i] = detail::text(name, size);
            }
        }

        std::string file;
        std::string tensor;
        std::int32_t shard = -1;
        std::int64_t offset = -1;
        std::vector<std::string> names;
    };

    Error(Status code, const std::string& message, Place place)
        : std::runtime_error(message),
          code_(code),
          place_(std::make_shared<const Place>(std::move(place))) {}

    static std::string with_tensor(const std::string& message, std::string_view tensor) {
        return tensor.empty() ? message : "tensor '" + printable(tensor) + "': " + message;
    }

    /// A name with escapes for all that is not printable ASCII.
    static std::string printable(std::string_view name) {
        constexpr char digits[] = "0123456789abcdef";
        std::string text;
        for (const char c : name) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte >= 0x20 && byte < 0x7f && c != '\\' && c != '\'') {
                text += c;
            } else {
                text += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
            }
        }
        return text;
    }

    Status code_;
    // Shared, because an exception that throws when it is copied ends the program.
    std::shared_ptr<const Place> place_;
};

namespace detail {

/// Throws Status::kInvalidArgument.
[[noreturn]] inline void refuse(const std::string& message, std::string_view tensor = {}) {
    throw Error(Status::kInvalidArgument, message, tensor);
}

/// A path for the C API, which would take a NUL for its end.
inline const char* c_path(const std::string& path) {
    if (path.find('\0') != std::string::npos) refuse("a path with a NUL byte in it");
    return path.c_str();
}

/// A call of the C API: it is given error() as where its error goes, and what it returns
/// to check(), which throws that. Both are of one object, because the order in which
/// arguments are evaluated is not specified: `check(f(&error), error)` may look at the
/// error before there is one.
///
///     detail::Call call;
///     call.check(tfckpt_reader_count(get(), &count, call.error()));
class Call {
public:
    Call() = default;
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() { tfckpt_error_free(error_); }

    /// Where its error goes.
    [[nodiscard]] tfckpt_error** error() noexcept { return &error_; }

    /// Throws where it has failed. That it ended in another way may be no failure: that what
    /// it looks for is not there.
    void check(tfckpt_status status, tfckpt_status no_failure = TFCKPT_OK) const {
        if (status != TFCKPT_OK && status != no_failure) fail(static_cast<Status>(status));
    }

private:
    [[noreturn]] void fail(Status status) const {
        if (error_ != nullptr) throw Error(*error_);
        throw Error(status, std::string(status_name(status)));
    }

    tfckpt_error* error_ = nullptr;
};

/// Copies of the errors that a handle lists.
template <class T, class Of, class At>
std::vector<T> problems(const Of* of, std::int64_t count, const At& at) {
    std::vector<T> problems;
    for (std::int64_t i = 0; i < count; i++) problems.emplace_back(*at(of, i));
    return problems;
}

}  // namespace detail

}  // namespace tfckpt

#endif
