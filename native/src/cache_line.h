/* Where stores past the cache may begin. */
#ifndef JDROPOUT_CACHE_LINE_H
#define JDROPOUT_CACHE_LINE_H

#include <stddef.h>
#include <stdint.h>

#define CACHE_LINE 64u

/*
 * Elements before the first whose address is a multiple of a cache line; the output is aligned so
 * far as to have one.
 */
static inline size_t elements_to_line(const unsigned char *output, size_t bytes) {
  return (CACHE_LINE - (uintptr_t)output % CACHE_LINE) % CACHE_LINE / bytes;
}

#endif
