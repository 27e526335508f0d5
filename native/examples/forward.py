"""Drops about half of eight elements through ctypes; the argument is the library's path."""

import ctypes
import sys

library = ctypes.CDLL(sys.argv[1])
library.jdropout_last_error.restype = ctypes.c_char_p
forward = library.jdropout_forward_f32
forward.argtypes = [ctypes.c_double, ctypes.c_uint32, ctypes.c_uint64, ctypes.c_uint64]
forward.argtypes += [ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint64]

values = (ctypes.c_float * 8)(1, 2, 3, 4, 5, 6, 7, 8)
p, flags, seed, stream, first_index = 0.5, 0, 42, 7, 0
if forward(p, flags, seed, stream, first_index, values, values, len(values)) != 0:
    raise ValueError(library.jdropout_last_error().decode())
print(list(values))
