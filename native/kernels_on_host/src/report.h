/* What went wrong, in words: on stderr and for whoever asks. */
#ifndef KERNELS_ON_HOST_REPORT_H
#define KERNELS_ON_HOST_REPORT_H

#include <string>

namespace kernels_on_host {

void report(const std::string &line);

/* The text keeps its address; it grows by a line a report until clear_report(). */
const char *reported();
void clear_report();

/* As printf, into a string. */
__attribute__((format(printf, 1, 2))) std::string text(const char *format, ...);

}  // namespace kernels_on_host

#endif
