package io.github.jdropout.backend.cuda.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.jdropout.backend.cuda.driver.BindingException;
import java.lang.invoke.MethodHandle;

/**
 * The driver itself, its devices and its errors.
 *
 * @param init {@code cuInit}
 * @param version {@code cuDriverGetVersion}
 * @param count {@code cuDeviceGetCount}
 * @param get {@code cuDeviceGet}
 * @param name {@code cuDeviceGetName}
 * @param attribute {@code cuDeviceGetAttribute}
 * @param memory {@code cuDeviceTotalMem_v2}
 * @param errorName {@code cuGetErrorName}
 * @param errorText {@code cuGetErrorString}
 */
record DeviceFunctions(
    MethodHandle init,
    MethodHandle version,
    MethodHandle count,
    MethodHandle get,
    MethodHandle name,
    MethodHandle attribute,
    MethodHandle memory,
    MethodHandle errorName,
    MethodHandle errorText) {
  static DeviceFunctions link(DriverLinkage linkage) throws BindingException {
    return new DeviceFunctions(
        linkage.link("cuInit", JAVA_INT),
        linkage.link("cuDriverGetVersion", ADDRESS),
        linkage.link("cuDeviceGetCount", ADDRESS),
        linkage.link("cuDeviceGet", ADDRESS, JAVA_INT),
        linkage.link("cuDeviceGetName", ADDRESS, JAVA_INT, JAVA_INT),
        linkage.link("cuDeviceGetAttribute", ADDRESS, JAVA_INT, JAVA_INT),
        linkage.link("cuDeviceTotalMem_v2", ADDRESS, JAVA_INT),
        linkage.link("cuGetErrorName", JAVA_INT, ADDRESS),
        linkage.link("cuGetErrorString", JAVA_INT, ADDRESS));
  }
}
