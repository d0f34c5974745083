#include "memory.h"

#include <malloc.h>

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

}  // namespace bench
