package io.github.jdropout.backend.cuda.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jdropout.backend.cuda.driver.BindingException;
import java.lang.invoke.MethodHandle;

/**
 * Modules and the kernels in them.
 *
 * @param load {@code cuModuleLoadDataEx}
 * @param unload {@code cuModuleUnload}
 * @param function {@code cuModuleGetFunction}
 * @param launch {@code cuLaunchKernel}
 */
record ModuleFunctions(
    MethodHandle load, MethodHandle unload, MethodHandle function, MethodHandle launch) {
  static ModuleFunctions link(DriverLinkage linkage) throws BindingException {
    return new ModuleFunctions(
        linkage.link("cuModuleLoadDataEx", ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS),
        linkage.link("cuModuleUnload", JAVA_LONG),
        linkage.link("cuModuleGetFunction", ADDRESS, JAVA_LONG, ADDRESS),
        linkage.link(
            "cuLaunchKernel",
            JAVA_LONG,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_LONG,
            ADDRESS,
            ADDRESS));
  }
}
