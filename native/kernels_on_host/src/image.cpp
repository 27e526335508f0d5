#include "image.h"

#include <link.h>

namespace kernels_on_host {
namespace {

int visit(dl_phdr_info *info, size_t, void *result) {
  Image found{};
  bool is_this = false;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) &header = info->dlpi_phdr[i];
    if (header.p_type != PT_LOAD) {
      continue;
    }
    const uintptr_t start = info->dlpi_addr + header.p_vaddr;
    if (found.all.start == 0) {
      found.all.start = start;
    }
    found.all.bytes = start + header.p_memsz - found.all.start;
    if (header.p_memsz > header.p_filesz) {
      found.zeroed = {start + header.p_filesz, header.p_memsz - header.p_filesz};
    }
    is_this = is_this || reinterpret_cast<uintptr_t>(&visit) - start < header.p_memsz;
  }
  if (is_this) {
    *static_cast<Image *>(result) = found;
  }
  return is_this ? 1 : 0;
}

}  // namespace

const Image &image() {
  static const Image found = [] {
    Image result{};
    dl_iterate_phdr(visit, &result);
    return result;
  }();
  return found;
}

}  // namespace kernels_on_host
