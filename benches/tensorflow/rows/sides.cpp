#include "sides.h"

namespace bench {

Files written_files(const Workspace& workspace, const Size& size) {
    std::unique_ptr<Sides> sides;
    const auto filled = [&]() -> const Sides& {
        if (!sides) sides = std::make_unique<Sides>(size);
        sides->set.fill();
        return *sides;
    };
    Files files;
    files.prefix = workspace.bundle(
        size.bundle, [&](const std::string& path) { filled().tensorflow.write(path); });
    files.safetensors =
        workspace.file(safetensors_name(size.bundle), [&](const std::string& path) {
            filled().safetensors.write(path, false);
        });
    return files;
}

Readers::Readers(const Workspace& workspace, const Size& size)
    : files_(written_files(workspace, size)), sides_(std::make_shared<Sides>(size)) {
    race_.bytes = size.bytes();
    race_.before_round = [&workspace, bundle = size.bundle] { workspace.refill(bundle); };
}

void Readers::add(const std::string& name, Work read) {
    add_unchecked(name, std::move(read));
    race_.contestants.back().check = [sides = sides_] {
        sides->set.expect_filled();
        sides->set.clear();
    };
}

void Readers::add_unchecked(const std::string& name, Work run) {
    const auto bound = [run = std::move(run), sides = sides_, files = files_] {
        run(*sides, files);
    };
    race_.contestants.push_back({name, timed(bound)});
}

Race Readers::race() const { return race_; }

}  // namespace bench
