/* As much of PTX as says which kernels are in it, and whether a device would take it. */
#ifndef KERNELS_ON_HOST_PTX_H
#define KERNELS_ON_HOST_PTX_H

#include <map>
#include <string>

#include "state.h"

namespace kernels_on_host {

/* On failure, `log` says why as ptxas would. */
Status read_ptx(const std::string &text, std::map<std::string, Entry> &entries, std::string &log);

}  // namespace kernels_on_host

#endif
