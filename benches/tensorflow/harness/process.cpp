#include "process.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <stdexcept>

extern char** environ;

namespace bench {
namespace {

// A pipe that a child writes to.
class Pipe {
public:
    Pipe() {
        if (::pipe(ends_.data()) != 0) throw std::runtime_error("no pipe");
    }
    ~Pipe() {
        ::close(ends_[0]);
        close_write_end();
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    int read_end() const { return ends_[0]; }
    int write_end() const { return ends_[1]; }
    void close_write_end() {
        if (ends_[1] >= 0) ::close(ends_[1]);
        ends_[1] = -1;
    }

    std::string read_all() const {
        std::string all;
        std::array<char, 4096> piece;
        for (ssize_t got; (got = ::read(read_end(), piece.data(), piece.size())) > 0;) {
            all.append(piece.data(), static_cast<size_t>(got));
        }
        return all;
    }

private:
    std::array<int, 2> ends_{};
};

pid_t spawn(const std::string& path, const std::vector<std::string>& arguments, const Pipe& out) {
    std::vector<char*> argv;
    for (const std::string& text : arguments) argv.push_back(const_cast<char*>(text.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, out.write_end(), STDOUT_FILENO);
    ::posix_spawn_file_actions_addclose(&actions, out.read_end());
    pid_t child = 0;
    const int error = ::posix_spawn(&child, path.c_str(), &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error("cannot run " + path);
    return child;
}

}  // namespace

std::string output_of(const std::string& path, const std::vector<std::string>& arguments) {
    Pipe out;
    const pid_t child = spawn(path, arguments, out);
    out.close_write_end();
    const std::string text = out.read_all();
    int status = 0;
    if (::waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        throw std::runtime_error(path + " failed");
    }
    return text;
}

std::string own_path() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

std::string own_directory() { return std::filesystem::path(own_path()).parent_path().string(); }

}  // namespace bench
