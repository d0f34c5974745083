// The index alone, as TensorFlow reads it: no values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace theirs {

// Opens the bundle and closes it.
void open(const std::string& prefix);

// Opens the bundle and walks along its keys; the sum of their lengths.
uint64_t list_names(const std::string& prefix);

// Opens the bundle and takes name, dtype and shape of every tensor; the sum of the
// names' lengths, the numbers of the dtypes and the elements.
uint64_t list_tensors(const std::string& prefix);

// Opens the bundle and looks the tensors of these names up; the sum of the numbers of
// their dtypes and their elements.
uint64_t look_up(const std::string& prefix, const std::vector<std::string>& names);

// How many MiB of the index a BundleReader keeps that is opened from now on; 0 for none,
// which is how TensorFlow comes.
void set_index_cache(int mebibytes);

// The data files of the sources are renamed; their indices are deleted.
void merge(const std::string& dst, const std::vector<std::string>& sources);

}  // namespace theirs
