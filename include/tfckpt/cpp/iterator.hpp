/// @file
/// What iterators have in common. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_ITERATOR_HPP
#define TFCKPT_CPP_ITERATOR_HPP

#include <cstddef>
#include <string_view>

namespace tfckpt::detail {

/// All that an iterator has whose items are made as they are asked for, of what the class
/// Self gives it: `*`, `+=`, and `distance_to(other)`.
template <class Self, class Item>
class RandomAccess {
public:
    /// @cond
    // C++17 wants true references of what is more than an input iterator; C++20 does not.
    using iterator_category = std::input_iterator_tag;
    using iterator_concept = std::random_access_iterator_tag;
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Item;
    /// @endcond

    /// The item so many steps on.
    Item operator[](difference_type steps) const { return *(self() + steps); }

    /// Goes on to the next.
    Self& operator++() noexcept { return self() += 1; }
    /// Goes back to the one before.
    Self& operator--() noexcept { return self() += -1; }
    /// Goes so many steps back.
    Self& operator-=(difference_type steps) noexcept { return self() += -steps; }
    /// Goes on to the next; where it was.
    Self operator++(int) noexcept {
        const Self was = self();
        ++self();
        return was;
    }
    /// Goes back to the one before; where it was.
    Self operator--(int) noexcept {
        const Self was = self();
        --self();
        return was;
    }

    /// So many steps on.
    friend Self operator+(Self it, difference_type steps) noexcept { return it += steps; }
    /// So many steps on.
    friend Self operator+(difference_type steps, Self it) noexcept { return it += steps; }
    /// So many steps back.
    friend Self operator-(Self it, difference_type steps) noexcept { return it += -steps; }
    /// How many steps it is from b to a.
    friend difference_type operator-(const Self& a, const Self& b) noexcept {
        return b.distance_to(a);
    }

    /// Whether both stand at the same item of the same range.
    friend bool operator==(const Self& a, const Self& b) noexcept { return a.distance_to(b) == 0; }
    /// Whether they don't.
    friend bool operator!=(const Self& a, const Self& b) noexcept { return !(a == b); }
    /// Whether a comes before b.
    friend bool operator<(const Self& a, const Self& b) noexcept { return a.distance_to(b) > 0; }
    /// Whether a comes behind b.
    friend bool operator>(const Self& a, const Self& b) noexcept { return b < a; }
    /// Whether a does not come behind b.
    friend bool operator<=(const Self& a, const Self& b) noexcept { return !(b < a); }
    /// Whether a does not come before b.
    friend bool operator>=(const Self& a, const Self& b) noexcept { return !(a < b); }

private:
    Self& self() noexcept { return static_cast<Self&>(*this); }
    const Self& self() const noexcept { return static_cast<const Self&>(*this); }
};

}  // namespace tfckpt::detail

#endif
