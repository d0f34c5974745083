// The table's rows by subject, with the goals that were set for them.
#pragma once

#include "../harness/race.h"

namespace bench {

Subject bulk_rows();
Subject middle_rows();
Subject small_rows();
Subject scalar_rows();
Subject index_rows();
Subject string_rows();
Subject slice_rows();
Subject write_rows();
Subject memory_file_rows();
Subject copy_rows();
Subject merge_rows();
Subject start_rows();

}  // namespace bench
