/// @file
/// The elements of string and variant tensors. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_STRINGS_HPP
#define TFCKPT_CPP_STRINGS_HPP

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "../tfckpt.h"
#include "handle.hpp"
#include "iterator.hpp"
#include "span.hpp"

namespace tfckpt {

namespace detail {

/// Makes each std::string_view as it is asked for.
class StringsIterator : public RandomAccess<StringsIterator, std::string_view> {
public:
    /// Of no strings.
    StringsIterator() noexcept = default;
    /// At the element that begins there.
    StringsIterator(const char* data, const std::int64_t* offset) noexcept
        : data_(data), offset_(offset) {}

    /// The element.
    std::string_view operator*() const noexcept {
        return {data_ + offset_[0], static_cast<std::size_t>(offset_[1] - offset_[0])};
    }
    /// Goes so many steps on.
    StringsIterator& operator+=(std::ptrdiff_t steps) noexcept {
        offset_ += steps;
        return *this;
    }
    /// How many steps it is to another of the same strings.
    [[nodiscard]] std::ptrdiff_t distance_to(const StringsIterator& other) const noexcept {
        return other.offset_ - offset_;
    }

private:
    const char* data_ = nullptr;
    const std::int64_t* offset_ = nullptr;
};

/// What can be asked of strings, whoever owns them.
template <class Derived>
class StringsRange {
public:
    /// Goes over the elements.
    using iterator = StringsIterator;
    /// An element.
    using value_type = std::string_view;

    /// How many elements there are.
    [[nodiscard]] std::size_t size() const noexcept {
        return static_cast<std::size_t>(tfckpt_strings_count(raw()));
    }
    /// Whether there are none.
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }

    /// The element at index, which must be below size().
    [[nodiscard]] std::string_view operator[](std::size_t index) const noexcept {
        return *iterator(data().data(), offsets().data() + index);
    }

    /// The first element.
    [[nodiscard]] iterator begin() const noexcept {
        return {data().data(), offsets().data()};
    }
    /// Behind the last element.
    [[nodiscard]] iterator end() const noexcept {
        return {data().data(), offsets().data() + size()};
    }

    /// The bytes of all elements.
    [[nodiscard]] std::string_view data() const noexcept {
        return detail::text(static_cast<const char*>(tfckpt_strings_data(raw())),
                            tfckpt_strings_data_size(raw()));
    }

    /// Where in data() each element begins, and at last where the last one ends:
    /// one number more than there are elements.
    [[nodiscard]] Span<const std::int64_t> offsets() const noexcept {
        return {tfckpt_strings_offsets(raw()), raw() == nullptr ? 0 : size() + 1};
    }

    /// Whether both have the same elements.
    friend bool operator==(const Derived& a, const Derived& b) noexcept {
        if (a.size() != b.size() || a.data() != b.data()) return false;
        const auto x = a.offsets(), y = b.offsets();
        for (std::size_t i = 0; i < x.size(); i++) {
            if (x[i] != y[i]) return false;
        }
        return true;
    }
    /// Whether they have not.
    friend bool operator!=(const Derived& a, const Derived& b) noexcept { return !(a == b); }

private:
    [[nodiscard]] const tfckpt_strings* raw() const noexcept {
        return static_cast<const Derived&>(*this).get();
    }
};

}  // namespace detail

/// Strings that are borrowed. A range of std::string_view.
class StringsRef : public detail::StringsRange<StringsRef> {
public:
    /// Some of the C API.
    explicit StringsRef(const tfckpt_strings* strings) noexcept : strings_(strings) {}

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_strings* get() const noexcept { return strings_; }

private:
    const tfckpt_strings* strings_;
};

/// The elements of a string tensor, or the serialized VariantTensorDataProto of
/// each element of a variant tensor: one behind the other, in C order. A range of
/// std::string_view, which are borrowed.
class Strings : public detail::StringsRange<Strings> {
public:
    /// Takes what a call of the C API gave.
    explicit Strings(tfckpt_strings* owned) noexcept : strings_(owned) {}

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_strings* get() const noexcept { return strings_.get(); }

private:
    detail::Handle<tfckpt_strings, tfckpt_strings_free> strings_;
};

/// The elements of a string tensor to be written: Strings as they are, or a copy of
/// any range of what turns into a std::string_view. Made by the call it is given to.
class StringList {
public:
    /// Strings that were read; borrowed.
    StringList(const Strings& strings) noexcept : borrowed_(&strings) {}

    /// A copy of strings in braces.
    StringList(std::initializer_list<std::string_view> strings) { copy(strings); }

    /// A copy of any range of strings.
    template <class R,
              class = std::enable_if_t<std::is_convertible_v<
                  decltype(*std::begin(std::declval<const R&>())), std::string_view>>>
    StringList(const R& strings) {
        copy(strings);
    }

    StringList(const StringList&) = delete;
    StringList& operator=(const StringList&) = delete;

    /// How many elements there are.
    [[nodiscard]] std::size_t size() const noexcept {
        return borrowed_ != nullptr ? borrowed_->size() : offsets_.size() - 1;
    }
    /// As Strings::offsets.
    [[nodiscard]] Span<const std::int64_t> offsets() const noexcept {
        return borrowed_ != nullptr ? borrowed_->offsets() : Span<const std::int64_t>(offsets_);
    }
    /// The bytes of all elements.
    [[nodiscard]] std::string_view data() const noexcept {
        return borrowed_ != nullptr ? borrowed_->data() : std::string_view(data_);
    }

private:
    template <class R>
    void copy(const R& strings) {
        for (const std::string_view string : strings) {
            data_ += string;
            offsets_.push_back(static_cast<std::int64_t>(data_.size()));
        }
    }

    const Strings* borrowed_ = nullptr;
    std::vector<std::int64_t> offsets_ = {0};
    std::string data_;
};

}  // namespace tfckpt

#endif
