#include "workspace.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <vector>

namespace fs = std::filesystem;

namespace bench {
namespace {

// An open file or directory.
class Descriptor {
public:
    explicit Descriptor(const std::string& path, int flags = O_RDONLY)
        : fd_(::open(path.c_str(), flags, 0600)) {
        check(fd_, path);
    }
    ~Descriptor() { ::close(fd_); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return fd_; }

    static void check(int result, const std::string& path) {
        if (result < 0) throw std::system_error(errno, std::generic_category(), path);
    }

private:
    int fd_;
};

void sync_path(const std::string& path) {
    Descriptor file(path);
    Descriptor::check(::fsync(file.get()), path);
}

// To the end, front to back.
void read_through(int fd, const std::string& path) {
    std::vector<char> piece(1 << 20);
    for (off_t at = 0;;) {
        const ssize_t got = ::pread(fd, piece.data(), piece.size(), at);
        Descriptor::check(static_cast<int>(got), path);
        if (got == 0) return;
        at += got;
    }
}

std::vector<fs::path> files_of(const std::string& dir, const std::string& name) {
    std::vector<fs::path> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(dir)) {
        if (entry.path().filename().string().rfind(name + ".", 0) == 0) {
            files.push_back(entry.path());
        }
    }
    return files;
}

}  // namespace

Workspace::Workspace(std::string dir) : dir_(std::move(dir)) { fs::create_directories(dir_); }

std::string Workspace::bundle(const std::string& name,
                              const std::function<void(const std::string&)>& write) const {
    const std::string prefix = path(name);
    if (!fs::exists(prefix + ".index")) write(prefix);
    return prefix;
}

std::string Workspace::file(const std::string& name,
                            const std::function<void(const std::string&)>& write) const {
    const std::string whole = path(name);
    if (!fs::exists(whole)) write(whole);
    return whole;
}

void Workspace::remove(const std::string& name) const {
    for (const fs::path& file : files_of(dir_, name)) fs::remove(file);
}

void Workspace::link(const std::string& from, const std::string& to) const {
    for (const fs::path& file : files_of(dir_, from)) {
        const std::string rest = file.filename().string().substr(from.size());
        fs::create_hard_link(file, path(to + rest));
    }
}

void Workspace::clear() const {
    for (const fs::directory_entry& entry : fs::directory_iterator(dir_)) {
        fs::remove_all(entry.path());
    }
}

void Workspace::refill(const std::string& name) const {
    settle();
    for (const fs::path& path : files_of(dir_, name)) {
        Descriptor file(path);
        (void)::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
        read_through(file.get(), path);
    }
}

void Workspace::claim_pages(uint64_t bytes) const {
    const std::string claimed = path("claimed");
    const std::vector<char> piece(1 << 20);
    Descriptor file(claimed, O_WRONLY | O_CREAT | O_TRUNC);
    fs::remove(claimed);
    for (uint64_t done = 0; done < bytes; done += piece.size()) {
        Descriptor::check(static_cast<int>(::write(file.get(), piece.data(), piece.size())),
                          claimed);
    }
}

void Workspace::settle() const {
    Descriptor dir(dir_);
    Descriptor::check(::syncfs(dir.get()), dir_);
}

void Workspace::sync(const std::string& name) const {
    for (const fs::path& file : files_of(dir_, name)) sync_path(file);
    sync_path(dir_);
}

uint64_t Workspace::room() const { return fs::space(dir_).available; }

uint64_t file_size(const std::string& path) { return fs::file_size(path); }

}  // namespace bench
