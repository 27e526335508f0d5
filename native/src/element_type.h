/* What elements are stored as. */
#ifndef JDROPOUT_ELEMENT_TYPE_H
#define JDROPOUT_ELEMENT_TYPE_H

#include <stddef.h>

typedef enum element_type { F32, F64, F16, BF16 } element_type;

#define ELEMENT_TYPES 4

static inline size_t bytes_of(element_type type) { return type == F64 ? 8 : type == F32 ? 4 : 2; }

#endif
