package io.github.jdropout.backend.cuda.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jdropout.backend.cuda.driver.BindingException;
import java.lang.invoke.MethodHandle;

/**
 * Memory. Addresses are numbers here, for the memory is not the JVM's.
 *
 * @param allocate {@code cuMemAlloc_v2}
 * @param free {@code cuMemFree_v2}
 * @param allocatePinned {@code cuMemAllocHost_v2}
 * @param freePinned {@code cuMemFreeHost}
 * @param toDevice {@code cuMemcpyHtoDAsync_v2}
 * @param toHost {@code cuMemcpyDtoHAsync_v2}
 * @param onDevice {@code cuMemcpyDtoDAsync_v2}
 * @param fill {@code cuMemsetD8Async}
 * @param attributes {@code cuPointerGetAttributes}
 */
record MemoryFunctions(
    MethodHandle allocate,
    MethodHandle free,
    MethodHandle allocatePinned,
    MethodHandle freePinned,
    MethodHandle toDevice,
    MethodHandle toHost,
    MethodHandle onDevice,
    MethodHandle fill,
    MethodHandle attributes) {
  static MemoryFunctions link(DriverLinkage linkage) throws BindingException {
    return new MemoryFunctions(
        linkage.link("cuMemAlloc_v2", ADDRESS, JAVA_LONG),
        linkage.link("cuMemFree_v2", JAVA_LONG),
        linkage.link("cuMemAllocHost_v2", ADDRESS, JAVA_LONG),
        linkage.link("cuMemFreeHost", JAVA_LONG),
        linkage.link("cuMemcpyHtoDAsync_v2", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
        linkage.link("cuMemcpyDtoHAsync_v2", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
        linkage.link("cuMemcpyDtoDAsync_v2", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
        // An unsigned char: compilers disagree on who extends it to a register, and an int is
        // extended either way.
        linkage.link("cuMemsetD8Async", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG),
        linkage.link("cuPointerGetAttributes", JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
  }
}
