package io.github.jdropout.backend.cuda.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jdropout.backend.cuda.driver.BindingException;
import java.lang.invoke.MethodHandle;

/**
 * Contexts.
 *
 * @param retainPrimary {@code cuDevicePrimaryCtxRetain}
 * @param releasePrimary {@code cuDevicePrimaryCtxRelease_v2}
 * @param push {@code cuCtxPushCurrent_v2}
 * @param pop {@code cuCtxPopCurrent_v2}
 * @param current {@code cuCtxGetCurrent}
 * @param id {@code cuCtxGetId}, which drivers before 12.0 lack
 * @param device {@code cuCtxGetDevice}
 */
record ContextFunctions(
    MethodHandle retainPrimary,
    MethodHandle releasePrimary,
    MethodHandle push,
    MethodHandle pop,
    MethodHandle current,
    MethodHandle id,
    MethodHandle device) {
  static ContextFunctions link(DriverLinkage linkage) throws BindingException {
    return new ContextFunctions(
        linkage.link("cuDevicePrimaryCtxRetain", ADDRESS, JAVA_INT),
        linkage.link("cuDevicePrimaryCtxRelease_v2", JAVA_INT),
        linkage.link("cuCtxPushCurrent_v2", JAVA_LONG),
        linkage.link("cuCtxPopCurrent_v2", ADDRESS),
        linkage.link("cuCtxGetCurrent", ADDRESS),
        linkage.linkOptional("cuCtxGetId", JAVA_LONG, ADDRESS),
        linkage.link("cuCtxGetDevice", ADDRESS));
  }
}
