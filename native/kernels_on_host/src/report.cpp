#include "report.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace kernels_on_host {
namespace {

char lines[1 << 16];

}  // namespace

void report(const std::string &line) {
  std::fprintf(stderr, "kernels on host: %s\n", line.c_str());
  const size_t used = std::strlen(lines);
  std::snprintf(lines + used, sizeof lines - used, "%s\n", line.c_str());
}

const char *reported() { return lines; }

void clear_report() { lines[0] = '\0'; }

std::string text(const char *format, ...) {
  char line[1024];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  return line;
}

}  // namespace kernels_on_host
