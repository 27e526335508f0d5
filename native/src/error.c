#include "error.h"

#include <stdarg.h>
#include <stdio.h>

#include "float_environment.h"

static _Thread_local char last_error[512];

jdropout_status fail(jdropout_status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  /* Formatting a number rounds, and traps, as the environment says. */
  const float_environment caller = enter_float_environment();
  (void)vsnprintf(last_error, sizeof last_error, format, arguments);
  leave_float_environment(caller);
  va_end(arguments);
  return status;
}

const char *jdropout_last_error(void) { return last_error; }
