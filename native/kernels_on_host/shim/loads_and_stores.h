/*
 * Loads and stores with a cache hint. The hint means nothing here; what is left is the access, which
 * the instrumentation checks.
 */
#ifndef KERNELS_ON_HOST_LOADS_AND_STORES_H
#define KERNELS_ON_HOST_LOADS_AND_STORES_H

#define KERNELS_ON_HOST_LOAD(name)  \
  template <typename T>             \
  inline T name(const T *pointer) { \
    return *pointer;                \
  }
#define KERNELS_ON_HOST_STORE(name)                                        \
  template <typename T>                                                    \
  inline void name(T *pointer, typename std::common_type<T>::type value) { \
    *pointer = value;                                                      \
  }

KERNELS_ON_HOST_LOAD(__ldg)
KERNELS_ON_HOST_LOAD(__ldca)
KERNELS_ON_HOST_LOAD(__ldcg)
KERNELS_ON_HOST_LOAD(__ldcs)
KERNELS_ON_HOST_LOAD(__ldcv)
KERNELS_ON_HOST_LOAD(__ldlu)
KERNELS_ON_HOST_STORE(__stwb)
KERNELS_ON_HOST_STORE(__stcg)
KERNELS_ON_HOST_STORE(__stcs)
KERNELS_ON_HOST_STORE(__stwt)

#undef KERNELS_ON_HOST_LOAD
#undef KERNELS_ON_HOST_STORE

#endif
