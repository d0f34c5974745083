#include "memory.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <limits>

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

// In the child: never returns.
[[noreturn]] void become(const std::vector<std::string>& arguments, int output) {
    std::vector<char*> argv;
    for (const std::string& text : arguments) argv.push_back(const_cast<char*>(text.c_str()));
    argv.push_back(nullptr);
    ::dup2(output, STDOUT_FILENO);
    ::execv("/proc/self/exe", argv.data());
    ::_exit(127);
}

bool succeeded(pid_t child) {
    int status = 0;
    return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

double peak_growth(const std::function<void()>& run) {
    forget_peak();
    const double before = status("VmRSS");
    const double files_before = status("RssFile");
    run();
    const double files = status("RssFile") - files_before;
    return status("VmHWM") - before - files;
}

std::optional<double> number_from_child(const std::vector<std::string>& arguments) {
    int ends[2];
    if (::pipe(ends) != 0) return {};
    const pid_t child = ::fork();
    if (child == 0) become(arguments, ends[1]);
    ::close(ends[1]);
    std::FILE* output = ::fdopen(ends[0], "r");
    double number = 0;
    const bool read = output != nullptr && std::fscanf(output, "%lf", &number) == 1;
    if (output != nullptr) std::fclose(output);
    return child > 0 && succeeded(child) && read ? std::optional<double>(number) : std::nullopt;
}

}  // namespace bench
