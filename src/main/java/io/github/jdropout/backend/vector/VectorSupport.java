package io.github.jdropout.backend.vector;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.github.jdropout.backend.Availability;
import java.lang.management.ManagementFactory;

/** Finds out whether the Vector API can be used; touches none of its classes before it must. */
public final class VectorSupport {
  private static final String MODULE = "jdk.incubator.vector";

  private VectorSupport() {}

  /** Returns whether the backend can run, what it would run with, and whether that is fast. */
  public static Availability probe() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return Availability.unavailable(
          "module "
              + MODULE
              + " is not in the boot layer; start java with --add-modules "
              + MODULE);
    }
    String description;
    String obstacle;
    try {
      description = VectorKernels.describe();
      obstacle = Shapes.obstacle();
    } catch (ExceptionInInitializerError e) {
      return Availability.unavailable(String.valueOf(e.getCause().getMessage()));
    } catch (LinkageError | RuntimeException e) {
      return Availability.unavailable(MODULE + " does not initialise: " + e);
    }
    // Where vectors do not become instructions, each is an object and each operation a call: far
    // slower than the scalar backend.
    if (obstacle == null) {
      obstacle = compilerObstacle();
    }
    return obstacle == null
        ? Availability.available(description, Shapes.LONGS.vectorBitSize() / 256.0)
        : Availability.discouraged(description + ", but slow: " + obstacle);
  }

  private static String compilerObstacle() {
    String mode = System.getProperty("java.vm.info", "");
    if (mode.contains("interpreted")) {
      return "this JVM does not optimise (" + mode + ")";
    }
    String level = option("TieredStopAtLevel");
    if (level != null && Integer.parseInt(level) < 4) {
      return "this JVM does not optimise (-XX:TieredStopAtLevel=" + level + ")";
    }
    return "false".equals(option("EnableVectorSupport")) ? "-XX:-EnableVectorSupport" : null;
  }

  /** Returns the value of a HotSpot option; null on other JVMs. */
  private static String option(String name) {
    try {
      HotSpotDiagnosticMXBean bean =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      return bean == null ? null : bean.getVMOption(name).getValue();
    } catch (IllegalArgumentException | LinkageError e) {
      return null;
    }
  }
}
