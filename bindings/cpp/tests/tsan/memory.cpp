/// What LLVM calls in the place of memcpy and its like, and GCC's runtime of ThreadSanitizer,
/// which watches those instead, doesn't have. The compiler is not to see through them.
#include <cstddef>
#include <cstring>

extern "C" {

void* (*volatile copy)(void*, const void*, std::size_t) = std::memcpy;
void* (*volatile move)(void*, const void*, std::size_t) = std::memmove;
void* (*volatile set)(void*, int, std::size_t) = std::memset;

void* __tsan_memcpy(void* dst, const void* src, std::size_t size) { return copy(dst, src, size); }
void* __tsan_memmove(void* dst, const void* src, std::size_t size) { return move(dst, src, size); }
void* __tsan_memset(void* dst, int byte, std::size_t size) { return set(dst, byte, size); }

}  // extern "C"
