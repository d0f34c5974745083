// Contestants that write a set of tensors.
#pragma once

#include "sides.h"

namespace bench {

class Writers {
public:
    Writers(const Workspace& workspace, const Size& size, bool sync);

    // All there are.
    void add_all();
    // Those that can be given the tensors in any order, which they are.
    void add_unordered();
    Race race() const { return race_; }

private:
    void add(const std::string& name, std::function<void()> write, std::function<void()> check);
    void add_limit(int threads);
    std::function<void()> checked_by_tensorflow() const;

    const Workspace& workspace_;
    Size size_;
    bool sync_;
    std::string prefix_;
    std::shared_ptr<Sides> sides_;
    Race race_;
};

}  // namespace bench
