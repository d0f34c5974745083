// Tells how long a model was trained: reads one number from the checkpoint given.
#include <iostream>
#include <tfckpt/tfckpt.hpp>

int main(int argc, char** argv) try {
    if (argc != 2) return 2;
    const auto reader = tfckpt::Reader::open(argv[1]);
    std::cout << "tfckpt " << tfckpt::version() << ": step "
              << reader.read<std::int64_t>("global_step").at(0) << '\n';
} catch (const tfckpt::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
