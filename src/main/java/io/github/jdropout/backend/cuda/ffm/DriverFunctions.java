package io.github.jdropout.backend.cuda.ffm;

import io.github.jdropout.backend.cuda.driver.BindingException;

/**
 * The driver's functions.
 *
 * <p>Records, because the JVM takes a record's handles for constants and compiles calls directly.
 *
 * @param devices the driver itself, its devices and its errors
 * @param contexts contexts
 * @param modules modules and kernels
 * @param memory memory
 * @param streams streams and events
 * @param graphs graphs
 */
record DriverFunctions(
    DeviceFunctions devices,
    ContextFunctions contexts,
    ModuleFunctions modules,
    MemoryFunctions memory,
    StreamFunctions streams,
    GraphFunctions graphs) {
  /**
   * Links them all.
   *
   * @throws BindingException if the library lacks one that is needed
   */
  static DriverFunctions link(DriverLinkage linkage) throws BindingException {
    return new DriverFunctions(
        DeviceFunctions.link(linkage),
        ContextFunctions.link(linkage),
        ModuleFunctions.link(linkage),
        MemoryFunctions.link(linkage),
        StreamFunctions.link(linkage),
        GraphFunctions.link(linkage));
  }
}
