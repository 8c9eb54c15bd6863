#pragma once
#include <zlib.h>

// zlib's own names for these are macros, which Swift does not see.
static inline int curtail_deflate_init(z_stream *stream, int window_bits, int memory_level) {
    return deflateInit2(stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY);
}
static inline int curtail_inflate_init(z_stream *stream, int window_bits) {
    return inflateInit2(stream, window_bits);
}
