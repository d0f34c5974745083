#include <iostream>
#include <tfckpt/tfckpt.hpp>

int main() {
    auto writer = tfckpt::Writer::create("model/ckpt-1");
    writer.add("dense/kernel", {2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
    writer.add_strings("labels", {2}, {"cat", "dog"});
    writer.finish();

    auto reader = tfckpt::Reader::open("model/ckpt-1");
    for (const auto& tensor : reader.tensors())
        std::cout << tensor.name() << ' ' << to_string(tensor.shape()) << '\n';
    std::vector<float> kernel = reader.read<float>("dense/kernel");
    std::cout << kernel[5] << ' ' << reader.read_strings("labels")[1] << '\n';
}
