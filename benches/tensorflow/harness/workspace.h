// A directory that the benchmark writes to.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace bench {

class Workspace {
public:
    explicit Workspace(std::string dir);

    const std::string& dir() const { return dir_; }
    // A prefix in the directory.
    std::string path(const std::string& name) const { return dir_ + "/" + name; }

    // Calls `write` with the prefix called `name` unless a bundle is there already.
    std::string bundle(const std::string& name,
                       const std::function<void(const std::string&)>& write) const;
    // The same for a file of that name.
    std::string file(const std::string& name,
                     const std::function<void(const std::string&)>& write) const;

    // Removes all files of a prefix.
    void remove(const std::string& name) const;
    // Gives all files of a prefix second names under another, for one of which
    // somebody may then rename or remove them.
    void link(const std::string& from, const std::string& to) const;
    // Removes all there is.
    void clear() const;

    // Takes the files of a prefix out of the page cache and reads them into it again,
    // from front to back: what kind of pages they are in no longer depends on who
    // wrote them, and how.
    void refill(const std::string& name) const;

    // Writes so many bytes to a file and removes it: what is written next finds pages for
    // as much that the host of a virtual machine has not taken, as of claim_from_host().
    void claim_pages(uint64_t bytes) const;

    // Returns when all that was written is on the disk: what runs next is not slowed
    // down by what ran before.
    void settle() const;
    // Returns when the files of a prefix, and their names, are on the disk.
    void sync(const std::string& name) const;

    // How many bytes are free.
    uint64_t room() const;

private:
    std::string dir_;
};

// The size of a file.
uint64_t file_size(const std::string& path);

}  // namespace bench
