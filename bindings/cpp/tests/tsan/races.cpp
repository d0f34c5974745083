/// Races for ThreadSanitizer to find: `races cpp` has one in its own code, `races rust` one
/// within the library, by doing what its rules forbid.
#include <cstring>
#include <thread>

#include <tfckpt/tfckpt.h>

namespace {

template <class Act>
void on_two_threads(const Act& act) {
    std::thread one(act), other(act);
    one.join();
    other.join();
}

void race_in_cpp() {
    int count = 0;
    on_two_threads([&] { count++; });
}

/// Both threads change the same options, which are not const here.
void race_in_rust() {
    tfckpt_reader_options* options = tfckpt_reader_options_new();
    on_two_threads([&] { tfckpt_reader_options_set_index_cache(options, 1); });
    tfckpt_reader_options_free(options);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    std::strcmp(argv[1], "rust") == 0 ? race_in_rust() : race_in_cpp();
}
