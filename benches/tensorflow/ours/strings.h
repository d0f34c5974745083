// A string tensor, read and written by this library.
#pragma once

#include <memory>
#include <string>

#include "../harness/strings.h"

namespace ours {

class StringTensor {
public:
    StringTensor();
    ~StringTensor();

    // Opens the bundle and reads the tensor, which stays until it is dropped.
    void read(const std::string& prefix);
    void drop();
    // Throws where what was read is something else.
    void expect(const bench::StringSet& set) const;

    static void write(const std::string& prefix, const bench::StringSet& set);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace ours
