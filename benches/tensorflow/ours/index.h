// The index alone, as this library reads it: no values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ours {

// Opens the bundle and closes it.
void open(const std::string& prefix);

// Opens the bundle and walks along its tensors; the sum of the lengths of their names.
uint64_t list_names(const std::string& prefix);

// Opens the bundle and takes name, dtype and shape of every tensor; the sum of the
// names' lengths, the numbers of the dtypes and the elements.
uint64_t list_tensors(const std::string& prefix);

// Opens the bundle and looks the tensors of these names up; the sum of the numbers of
// their dtypes and their elements.
uint64_t look_up(const std::string& prefix, const std::vector<std::string>& names);

// The data files of the sources move to `dst`, and all is on the disk.
void merge_by_move(const std::string& dst, const std::vector<std::string>& sources);

// The data files of the sources get second names; nothing is synced.
void merge_by_link(const std::string& dst, const std::vector<std::string>& sources);

}  // namespace ours
