#include "handles.h"

namespace ours {

Reader open_reader(const std::string& prefix, bool mapped) {
    const ReaderOptions options(tfckpt_reader_options_new());
    tfckpt_reader_options_set_mapped(options.get(), mapped);
    tfckpt_reader* reader = nullptr;
    check([&](auto err) {
        return tfckpt_reader_open(prefix.c_str(), options.get(), &reader, err);
    });
    return Reader(reader);
}

Writer create_writer(const std::string& prefix, bool sync, int shards) {
    const WriterOptions options(tfckpt_writer_options_new());
    tfckpt_writer_options_set_sync(options.get(), sync);
    check([&](auto err) {
        return tfckpt_writer_options_set_shards(options.get(), shards, err);
    });
    tfckpt_writer* writer = nullptr;
    check([&](auto err) {
        return tfckpt_writer_create(prefix.c_str(), options.get(), &writer, err);
    });
    return Writer(writer);
}

void finish(const Writer& writer) {
    check([&](auto err) { return tfckpt_writer_finish(writer.get(), err); });
}

}  // namespace ours
