#include <tfckpt/tfckpt.h>

#include <cstring>

#include "plugin.h"

int read_one(const char* prefix, const char* name, void* dst, size_t bytes) {
    tfckpt_reader* reader = nullptr;
    if (tfckpt_reader_open(prefix, nullptr, &reader, nullptr) != TFCKPT_OK) return 1;
    const tfckpt_status status =
        tfckpt_reader_read(reader, name, std::strlen(name), nullptr, dst, bytes, nullptr);
    tfckpt_reader_free(reader);
    return status == TFCKPT_OK ? 0 : 1;
}
