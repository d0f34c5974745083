#include "index.h"

#include <cstdlib>

#include "tensorflow.h"

namespace theirs {
namespace {

constexpr char kCacheVariable[] = "TF_TABLE_INDEX_CACHE_SIZE_IN_MB";

// Stands on the first entry behind the header.
void seek_to_first(tf::BundleReader& reader) {
    check(reader.status());
    reader.Seek(tf::kHeaderEntryKey);
    reader.Next();
}

uint64_t dtype_and_elements(int dtype, const tf::TensorShape& shape) {
    return static_cast<uint64_t>(dtype) + static_cast<uint64_t>(shape.num_elements());
}

}  // namespace

void open(const std::string& prefix) {
    check(tf::BundleReader(tf::Env::Default(), prefix).status());
}

uint64_t list_names(const std::string& prefix) {
    tf::BundleReader reader(tf::Env::Default(), prefix);
    uint64_t sum = 0;
    for (seek_to_first(reader); reader.Valid(); reader.Next()) sum += reader.key().size();
    return sum;
}

uint64_t list_tensors(const std::string& prefix) {
    tf::BundleReader reader(tf::Env::Default(), prefix);
    uint64_t sum = 0;
    tf::BundleEntryProto entry;
    for (seek_to_first(reader); reader.Valid(); reader.Next()) {
        const absl::string_view value = reader.value();
        if (!entry.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
            throw std::runtime_error("TensorFlow: an entry that is none");
        }
        sum += reader.key().size() +
               dtype_and_elements(entry.dtype(), tf::TensorShape(entry.shape()));
    }
    return sum;
}

uint64_t look_up(const std::string& prefix, const std::vector<std::string>& names) {
    tf::BundleReader reader(tf::Env::Default(), prefix);
    check(reader.status());
    uint64_t sum = 0;
    for (const std::string& name : names) {
        tf::DataType dtype;
        tf::TensorShape shape;
        check(reader.LookupDtypeAndShape(name, &dtype, &shape));
        sum += dtype_and_elements(dtype, shape);
    }
    return sum;
}

// Each BundleReader asks the environment anew.
void set_index_cache(int mebibytes) {
    if (mebibytes == 0) ::unsetenv(kCacheVariable);
    else ::setenv(kCacheVariable, std::to_string(mebibytes).c_str(), 1);
}

void merge(const std::string& dst, const std::vector<std::string>& sources) {
    const std::vector<tf::tstring> prefixes(sources.begin(), sources.end());
    check(tf::MergeBundles(tf::Env::Default(), prefixes, dst));
}

}  // namespace theirs
