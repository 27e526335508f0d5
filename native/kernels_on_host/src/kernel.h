/* The kernels that are compiled in: their names, their parameters and how to call them. */
#ifndef KERNELS_ON_HOST_KERNEL_H
#define KERNELS_ON_HOST_KERNEL_H

#include <stddef.h>

#include <utility>

namespace kernels_on_host {

struct Parameter {
  size_t offset;
  size_t bytes;
};

struct Kernel {
  const char *name;
  /* In the order of the declaration; the offsets are those of a structure of all of them. */
  const Parameter *parameters;
  size_t parameter_count;
  /* Of that structure, without padding at its end. */
  size_t bytes;
  /* Calls the kernel with the values in such a structure. */
  void (*call)(const unsigned char *arguments);
};

struct Kernels {
  const Kernel *kernels;
  size_t count;
};

/* The kernels of each source, in the order of the build; generated from its list. */
extern const Kernels *const compiled_kernels[];
extern const size_t compiled_sources;

template <auto function>
struct KernelOf;

template <typename... Types, void (*function)(Types...)>
struct KernelOf<function> {
  struct Layout {
    /* One more than there are, so that it is not empty. */
    Parameter parameters[sizeof...(Types) + 1];
    size_t bytes;
  };

  static constexpr Layout lay_out() {
    Layout layout{{Parameter{alignof(Types), sizeof(Types)}..., Parameter{1, 0}}, 0};
    size_t end = 0;
    for (Parameter &parameter : layout.parameters) {
      const size_t alignment = parameter.offset;
      parameter.offset = (end + alignment - 1) / alignment * alignment;
      end = parameter.offset + parameter.bytes;
    }
    layout.bytes = end;
    return layout;
  }

  static constexpr Layout layout = lay_out();

  template <size_t... index>
  static void apply(const unsigned char *arguments, std::index_sequence<index...>) {
    (void)arguments;
    function(*reinterpret_cast<const std::remove_const_t<Types> *>(
        arguments + layout.parameters[index].offset)...);
  }

  static void call(const unsigned char *arguments) {
    apply(arguments, std::index_sequence_for<Types...>());
  }

  static constexpr Kernel describe(const char *name) {
    return {name, layout.parameters, sizeof...(Types), layout.bytes, &call};
  }
};

}  // namespace kernels_on_host

#define KERNEL(name) ::kernels_on_host::KernelOf<&name>::describe(#name)

#endif
