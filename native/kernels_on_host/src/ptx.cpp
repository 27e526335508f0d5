#include "ptx.h"

#include <cctype>
#include <cstdlib>

#include "report.h"

namespace kernels_on_host {
namespace {

/* Comments become spaces; lines stay lines. */
std::string without_comments(const std::string &ptx) {
  std::string plain = ptx;
  for (size_t i = 0; i + 1 < plain.size(); i++) {
    const bool is_block = plain.compare(i, 2, "/*") == 0;
    if (!is_block && plain.compare(i, 2, "//") != 0) {
      continue;
    }
    size_t end = is_block ? plain.find("*/", i + 2) : plain.find('\n', i);
    end = end == std::string::npos ? plain.size() : is_block ? end + 2 : end;
    for (; i < end; i++) {
      if (plain[i] != '\n') {
        plain[i] = ' ';
      }
    }
    i--;
  }
  return plain;
}

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || c == '.';
}

/* The word that starts at or after the position, which moves past it. */
std::string word(const std::string &plain, size_t &at) {
  while (at < plain.size() && std::isspace(static_cast<unsigned char>(plain[at])) != 0) {
    at++;
  }
  const size_t start = at;
  while (at < plain.size() && is_name(plain[at])) {
    at++;
  }
  return plain.substr(start, at - start);
}

/* The newest PTX of a driver, as 10 * major + minor. */
int newest_ptx(int driver_version) {
  const int major = driver_version / 1000;
  const int minor = driver_version % 1000 / 10;
  /* CUDA 12.5 and 12.6 have the same. */
  return major == 12 ? 80 + minor - (minor >= 6 ? 1 : 0) : (major - 4) * 10 + minor;
}

}  // namespace

Status read_ptx(const std::string &ptx, std::map<std::string, Entry> &entries, std::string &log) {
  const std::string plain = without_comments(ptx);
  size_t at = 0;
  if (word(plain, at) != ".version") {
    log =
        "ptxas application ptx input, line 1; fatal   : Missing .version directive at start of "
        "file '<stdin>'";
    return INVALID_PTX;
  }
  const std::string version = word(plain, at);
  const size_t point = version.find('.');
  const int number = point == std::string::npos
                         ? 0
                         : 10 * std::atoi(version.c_str()) + std::atoi(version.c_str() + point + 1);
  if (number == 0) {
    log = "ptxas application ptx input, line 1; fatal   : Parsing error near '" + version +
          "': syntax error";
    return INVALID_PTX;
  }
  if (number > newest_ptx(driver.version)) {
    log = "ptxas application ptx input, line 1; fatal   : Unsupported .version " + version +
          "; current version is '" +
          text("%d.%d", newest_ptx(driver.version) / 10, newest_ptx(driver.version) % 10) + "'";
    return UNSUPPORTED_PTX_VERSION;
  }
  if (word(plain, at) != ".target") {
    log = "ptxas application ptx input, line 2; fatal   : Missing .target directive";
    return INVALID_PTX;
  }
  const std::string target = word(plain, at);
  if (target.compare(0, 3, "sm_") != 0 || std::atoi(target.c_str() + 3) > driver.compute) {
    log = "ptxas fatal   : Program with .target '" + target +
          "' cannot be compiled to architecture 'sm_" + std::to_string(driver.compute) + "'";
    return INVALID_PTX;
  }
  size_t entry = plain.find(".entry", at);
  while (entry != std::string::npos) {
    at = entry + 6;
    const std::string name = word(plain, at);
    const size_t next = plain.find(".entry", at);
    const size_t body = plain.find('{', at);
    const size_t bound = plain.find(".maxntid", at);
    uint32_t max_threads = 0;
    if (bound < body && bound < next) {
      max_threads = 1;
      /* Up to three extents with commas between. */
      for (const char *digits = plain.c_str() + bound + 8;; digits++) {
        char *rest = nullptr;
        max_threads *= static_cast<uint32_t>(std::strtoul(digits, &rest, 10));
        while (std::isspace(static_cast<unsigned char>(*rest)) != 0) {
          rest++;
        }
        digits = rest;
        if (*digits != ',') {
          break;
        }
      }
    }
    entries[name] = {max_threads};
    entry = next;
  }
  return SUCCESS;
}

}  // namespace kernels_on_host
