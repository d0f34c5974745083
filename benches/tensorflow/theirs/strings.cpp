#include "strings.h"

#include "tensorflow.h"

namespace theirs {

struct StringTensor::Impl {
    tf::Tensor tensor;
};

StringTensor::StringTensor(const bench::StringSet& set)
    : impl_(new Impl{tf::Tensor(tf::DT_STRING,
                                tf::TensorShape({static_cast<int64_t>(set.count())}))}) {
    auto strings = impl_->tensor.flat<tf::tstring>();
    for (size_t i = 0; i < set.count(); ++i) strings(static_cast<int64_t>(i)) = set[i];
}

StringTensor::~StringTensor() = default;

void StringTensor::read(const std::string& prefix) {
    tf::BundleReader reader(tf::Env::Default(), prefix);
    check(reader.status());
    check(reader.Lookup(bench::kStringsName, &impl_->tensor));
}

void StringTensor::clear() {
    auto strings = impl_->tensor.flat<tf::tstring>();
    for (int64_t i = 0; i < strings.size(); ++i) strings(i).clear();
}

void StringTensor::expect(const bench::StringSet& set) const {
    const auto strings = impl_->tensor.flat<tf::tstring>();
    for (size_t i = 0; i < set.count(); ++i) {
        const tf::tstring& string = strings(static_cast<int64_t>(i));
        if (std::string_view(string.data(), string.size()) != set[i]) {
            throw std::logic_error("the strings are wrong");
        }
    }
}

void StringTensor::write(const std::string& prefix) const {
    tf::BundleWriter writer(tf::Env::Default(), prefix);
    check(writer.status());
    check(writer.Add(bench::kStringsName, impl_->tensor));
    check(writer.Finish());
}

}  // namespace theirs
