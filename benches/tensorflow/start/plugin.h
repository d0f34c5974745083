// What a fresh process asks of a library.
#pragma once

#include <stddef.h>

// Opens the bundle and reads the floats of a tensor into `dst`; 0 where it worked.
extern "C" int read_one(const char* prefix, const char* name, void* dst, size_t bytes);
