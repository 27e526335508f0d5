/* The calling thread's last error. */
#ifndef JDROPOUT_ERROR_H
#define JDROPOUT_ERROR_H

#include "jdropout.h"

/* Keeps a message, formatted as by printf, and returns the status. */
__attribute__((cold, format(printf, 2, 3))) jdropout_status fail(jdropout_status status,
                                                                 const char *format, ...);

#endif
