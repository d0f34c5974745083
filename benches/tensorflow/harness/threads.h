// Work on several threads.
#pragma once

#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace bench {

// Calls `work(k)` on `threads` threads, this one among them and k the number of each,
// and hands on what one threw.
template <typename Work>
void run_on_threads(int threads, Work work) {
    std::exception_ptr failure;
    std::mutex mutex;
    auto guarded = [&](int k) {
        try {
            work(k);
        } catch (...) {
            std::lock_guard<std::mutex> lock(mutex);
            failure = std::current_exception();
        }
    };
    std::vector<std::thread> others;
    for (int k = 1; k < threads; ++k) others.emplace_back(guarded, k);
    guarded(0);
    for (std::thread& other : others) other.join();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace bench
