#include "machine.h"

#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <thread>

namespace bench {
namespace {

// What stands behind the colon of the first line that begins so.
std::string field(const char* path, const std::string& key) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (line.rfind(key, 0) == 0) return line.substr(line.find(':') + 2);
    }
    return "?";
}

std::string file_system(const std::string& dir) {
    struct statfs fs = {};
    if (::statfs(dir.c_str(), &fs) != 0) return "?";
    switch (static_cast<unsigned long>(fs.f_type)) {
        case 0xef53: return "ext4";
        case 0x01021994: return "tmpfs";
        case 0x58465342: return "xfs";
        case 0x9123683e: return "btrfs";
        case 0x794c7630: return "overlayfs";
        default: return "another file system";
    }
}

std::string memory() {
    const double bytes = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) *
                         static_cast<double>(::sysconf(_SC_PAGESIZE));
    return std::to_string(static_cast<int>(bytes / (1 << 30) + 0.5)) + " GiB";
}

}  // namespace

std::string machine_line(const std::string& dir) {
    utsname system = {};
    ::uname(&system);
    return field("/proc/cpuinfo", "model name") + ", " +
           std::to_string(std::thread::hardware_concurrency()) + " cores, " + memory() +
           ", Linux " + system.release + ", " + file_system(dir);
}

std::string today() {
    const std::time_t now = std::time(nullptr);
    char text[16];
    std::strftime(text, sizeof text, "%Y-%m-%d", std::gmtime(&now));
    return text;
}

}  // namespace bench
