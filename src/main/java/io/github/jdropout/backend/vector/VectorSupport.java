package io.github.jdropout.backend.vector;

import io.github.jdropout.backend.Availability;

/** Finds out whether the Vector API can be used; touches none of its classes before it must. */
public final class VectorSupport {
  private static final String MODULE = "jdk.incubator.vector";

  private VectorSupport() {}

  /** Returns whether the backend can run, and what it would run with. */
  public static Availability probe() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return Availability.unavailable(
          "module "
              + MODULE
              + " is not in the boot layer; start java with --add-modules "
              + MODULE);
    }
    String lanes;
    try {
      lanes = VectorKernels.describe();
    } catch (LinkageError | RuntimeException e) {
      return Availability.unavailable(MODULE + " does not initialise: " + e);
    }
    // Without the optimising compiler every vector is an object and every operation a call.
    String jvm = System.getProperty("java.vm.info", "");
    if (jvm.contains("interpreted") || jvm.contains("emulated-client")) {
      return Availability.discouraged(lanes + ", but this JVM does not optimise (" + jvm + ")");
    }
    return Availability.available(lanes);
  }
}
