#include "memory.h"

#include <malloc.h>
#include <sys/mman.h>

#include <fstream>
#include <limits>
#include <string>

namespace bench {
namespace {

// A size of /proc/self/status, in bytes.
double status(const std::string& field) {
    std::ifstream file("/proc/self/status");
    std::string name;
    double kib = 0;
    while (file >> name) {
        if (name == field + ":" && file >> kib) return kib * 1024;
        file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    return 0;
}

// Makes VmHWM what VmRSS is now.
void forget_peak() { std::ofstream("/proc/self/clear_refs") << 5; }

constexpr size_t kHugePage = 2 << 20;

}  // namespace

double peak_growth(const std::function<double()>& run) {
    // What was freed and kept would be taken again unseen.
    ::malloc_trim(0);
    forget_peak();
    const double before = status("VmRSS");
    const double files_before = status("RssFile");
    run();
    const double files = status("RssFile") - files_before;
    return status("VmHWM") - before - files;
}

void claim_from_host(uint64_t bytes) {
    void* memory =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    (void)::madvise(memory, bytes, MADV_HUGEPAGE);
    // One byte of each is enough; where there are only small ones, one in 512 of them has
    // to do.
    auto* at = static_cast<volatile uint8_t*>(memory);
    for (uint64_t i = 0; i < bytes; i += kHugePage) at[i] = 1;
    ::munmap(memory, bytes);
}

}  // namespace bench
