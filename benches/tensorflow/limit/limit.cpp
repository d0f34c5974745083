#include "limit.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

#include "../harness/threads.h"

namespace limit {
namespace {

constexpr size_t kPiece = 1 << 20;

void check(bool fine, const std::string& path) {
    if (!fine) throw std::system_error(errno, std::generic_category(), path);
}

class File {
public:
    File(const std::string& path, int flags) : path_(path), fd_(::open(path.c_str(), flags, 0644)) {
        check(fd_ >= 0, path);
    }
    ~File() { ::close(fd_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    void read(uint8_t* dst, size_t bytes, size_t at) const {
        while (bytes > 0) {
            const ssize_t got = ::pread(fd_, dst, bytes, static_cast<off_t>(at));
            check(got > 0, path_);
            dst += got;
            at += static_cast<size_t>(got);
            bytes -= static_cast<size_t>(got);
        }
    }

    void write(const uint8_t* src, size_t bytes, size_t at) const {
        while (bytes > 0) {
            const ssize_t put = ::pwrite(fd_, src, bytes, static_cast<off_t>(at));
            check(put > 0, path_);
            src += put;
            at += static_cast<size_t>(put);
            bytes -= static_cast<size_t>(put);
        }
    }

    // Not every file system can.
    void reserve(size_t bytes) const {
        if (bytes > 0) (void)::fallocate(fd_, 0, 0, static_cast<off_t>(bytes));
    }

    void start_write_back(size_t at, size_t bytes) const {
        (void)::sync_file_range(fd_, static_cast<off_t>(at), static_cast<off_t>(bytes),
                                SYNC_FILE_RANGE_WRITE);
    }

    void sync() const { check(::fsync(fd_) == 0, path_); }

private:
    std::string path_;
    int fd_;
};

struct Part {
    size_t at;
    size_t bytes;
};

// The k-th of `count` equal parts, whole pages each but the last.
Part part_of(size_t bytes, int k, int count) {
    constexpr size_t kPage = 4096;
    const auto edge = [&](int i) {
        if (i == count) return bytes;
        return bytes / static_cast<size_t>(count) * static_cast<size_t>(i) / kPage * kPage;
    };
    return {edge(k), edge(k + 1) - edge(k)};
}

// Calls `work(at, bytes)` for the pieces of a part.
template <typename Work>
void in_pieces(const Part& part, Work work) {
    for (size_t done = 0; done < part.bytes; done += kPiece) {
        work(part.at + done, std::min(kPiece, part.bytes - done));
    }
}

void write_part(const File& file, const uint8_t* src, size_t bytes, bool sync) {
    file.reserve(bytes);
    in_pieces({0, bytes}, [&](size_t at, size_t piece) {
        file.write(src + at, piece, at);
        if (sync) file.start_write_back(at, piece);
    });
    if (sync) file.sync();
}

}  // namespace

void copy(uint8_t* dst, const uint8_t* src, size_t bytes, int threads) {
    bench::run_on_threads(threads, [&](int k) {
        const Part part = part_of(bytes, k, threads);
        if (part.bytes > 0) std::memcpy(dst + part.at, src + part.at, part.bytes);
    });
}

uint64_t scan(const uint8_t* src, size_t bytes, int threads) {
    std::atomic<uint64_t> sum{0};
    bench::run_on_threads(threads, [&](int k) {
        const Part part = part_of(bytes, k, threads);
        const auto* words = reinterpret_cast<const uint64_t*>(src + part.at);
        uint64_t lanes[16] = {};
        for (size_t i = 0; i + 16 <= part.bytes / sizeof *words; i += 16) {
            for (size_t lane = 0; lane < 16; ++lane) lanes[lane] += words[i + lane];
        }
        for (const uint64_t lane : lanes) sum += lane;
    });
    return sum;
}

void read(const std::string& path, uint8_t* dst, size_t bytes, int threads) {
    const File file(path, O_RDONLY);
    bench::run_on_threads(threads, [&](int k) {
        in_pieces(part_of(bytes, k, threads),
                  [&](size_t at, size_t piece) { file.read(dst + at, piece, at); });
    });
}

void write(const std::string& path, const uint8_t* src, size_t bytes, int threads, bool sync) {
    bench::run_on_threads(threads, [&](int k) {
        const Part part = part_of(bytes, k, threads);
        const File file(path + "." + std::to_string(k), O_WRONLY | O_CREAT | O_EXCL);
        write_part(file, src + part.at, part.bytes, sync);
    });
}

void copy_file(const std::string& dst, const std::string& src, size_t bytes, int threads) {
    const File from(src, O_RDONLY);
    bench::run_on_threads(threads, [&](int k) {
        const Part part = part_of(bytes, k, threads);
        const File to(dst + "." + std::to_string(k), O_WRONLY | O_CREAT | O_EXCL);
        std::vector<uint8_t> memory(kPiece);
        to.reserve(part.bytes);
        in_pieces(part, [&](size_t at, size_t piece) {
            from.read(memory.data(), piece, at);
            to.write(memory.data(), piece, at - part.at);
        });
    });
}

}  // namespace limit
