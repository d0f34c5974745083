// A string tensor, read and written by TensorFlow.
#pragma once

#include <memory>
#include <string>

#include "../harness/strings.h"

namespace theirs {

class StringTensor {
public:
    // With the set's strings in it.
    explicit StringTensor(const bench::StringSet& set);
    ~StringTensor();

    // Opens the bundle and reads the tensor over the strings that are there.
    void read(const std::string& prefix);
    // Makes all strings empty.
    void clear();
    // Throws where the strings are others.
    void expect(const bench::StringSet& set) const;

    void write(const std::string& prefix) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace theirs
