#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "call.h"

namespace kernels_on_host {
namespace {

struct Order {
  std::string function;
  long calls;
  Status status;
};

std::vector<Order> &orders = *new std::vector<Order>;

}  // namespace

void order_failures(const char *specification) {
  const std::string all = specification == nullptr ? "" : specification;
  for (size_t start = 0; start < all.size();) {
    const size_t end = std::min(all.find(',', start), all.size());
    const std::string one = all.substr(start, end - start);
    const size_t first = one.find(':');
    const size_t second = first == std::string::npos ? first : one.find(':', first + 1);
    if (second != std::string::npos) {
      orders.push_back({one.substr(0, first), std::strtol(one.c_str() + first + 1, nullptr, 10),
                        static_cast<Status>(std::strtol(one.c_str() + second + 1, nullptr, 10))});
    }
    start = end + 1;
  }
}

Status ordered_failure(const char *function) {
  for (auto order = orders.begin(); order != orders.end(); ++order) {
    if (order->function == function && --order->calls == 0) {
      const Status status = order->status;
      orders.erase(order);
      return status;
    }
  }
  return SUCCESS;
}

}  // namespace kernels_on_host
