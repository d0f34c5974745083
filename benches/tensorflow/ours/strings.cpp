#include "strings.h"

#include <algorithm>
#include <cstring>

#include "handles.h"

namespace ours {

struct StringTensor::Impl {
    Strings strings;
};

StringTensor::StringTensor() : impl_(new Impl) {}
StringTensor::~StringTensor() = default;

void StringTensor::read(const std::string& prefix) {
    const Reader reader = open_reader(prefix);
    tfckpt_strings* strings = nullptr;
    check([&](auto err) {
        return tfckpt_reader_read_strings(reader.get(), bench::kStringsName,
                                          std::strlen(bench::kStringsName), nullptr, &strings, err);
    });
    impl_->strings.reset(strings);
}

void StringTensor::drop() { impl_->strings.reset(); }

void StringTensor::expect(const bench::StringSet& set) const {
    const tfckpt_strings* read = impl_->strings.get();
    const bool same =
        tfckpt_strings_count(read) == static_cast<int64_t>(set.count()) &&
        std::equal(set.offsets.begin(), set.offsets.end(), tfckpt_strings_offsets(read)) &&
        std::memcmp(tfckpt_strings_data(read), set.data.data(), set.data.size()) == 0;
    if (!same) throw std::logic_error("the strings are wrong");
}

void StringTensor::write(const std::string& prefix, const bench::StringSet& set) {
    const Writer writer = create_writer(prefix, false);
    const int64_t count = static_cast<int64_t>(set.count());
    check([&](auto err) {
        return tfckpt_writer_add_strings(writer.get(), bench::kStringsName,
                                         std::strlen(bench::kStringsName), &count, 1,
                                         set.offsets.data(), set.data.data(), set.data.size(), err);
    });
    finish(writer);
}

}  // namespace ours
