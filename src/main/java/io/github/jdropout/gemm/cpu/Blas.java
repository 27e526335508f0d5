package io.github.jdropout.gemm.cpu;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.JavaBLAS;
import dev.ludovic.netlib.blas.NativeBLAS;
import io.github.jdropout.spec.BackendUnavailableException;
import java.util.Arrays;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The BLAS that multiplies blocks: a native one where the system has a fast one, else one in the
 * Vector API.
 *
 * <p>Chosen once, with a reason. A native library may be the reference implementation, which is
 * slower than Java's; so it is measured.
 *
 * @param routines the implementation
 * @param isNative whether it is native, with threads of its own
 * @param description one line for people, with the reason
 */
record Blas(BLAS routines, boolean isNative, String description) {
  /** System property: {@code native} or {@code java}; {@code auto} or unset chooses. */
  static final String PROPERTY = "jdropout.blas";

  /** Rows and columns of the matrices that a native library is measured with. */
  private static final int MEASURED_SIZE = 192;

  /** Operations in a nanosecond below which a native library is no faster than Java. */
  private static final double NATIVE_MIN_SPEED = 12;

  /** The library tells whoever listens what it has loaded. */
  private static final Logger LIBRARY = Logger.getLogger("dev.ludovic.netlib.blas");

  /** Chosen when somebody first multiplies. */
  private static final class Holder {
    private static final Choice CHOSEN = choose();
  }

  /** What was chosen, or why nothing could be. */
  private record Choice(Blas blas, String reason) {}

  /**
   * Returns the BLAS of this JVM.
   *
   * @throws BackendUnavailableException if there is none, or not the one that is asked for
   */
  static Blas get() {
    Choice choice = Holder.CHOSEN;
    if (choice.blas == null) {
      throw new BackendUnavailableException("no products of matrices on the CPU: " + choice.reason);
    }
    return choice.blas;
  }

  private static Choice choose() {
    String wanted = System.getProperty(PROPERTY, "auto").toLowerCase(Locale.ROOT);
    if (!wanted.isBlank() && !Arrays.asList("auto", "native", "java").contains(wanted)) {
      return new Choice(null, "-D" + PROPERTY + " must be auto, native or java but is " + wanted);
    }
    Level level = LIBRARY.getLevel();
    LIBRARY.setLevel(Level.WARNING);
    try {
      String reason = PROPERTY + " is java";
      if (!wanted.equals("java")) {
        Choice found = chooseNative(wanted.equals("native"));
        if (found.blas != null || wanted.equals("native")) {
          return found;
        }
        reason = found.reason;
      }
      BLAS java = JavaBLAS.getInstance();
      String name = java.getClass().getSimpleName() + " of netlib";
      if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
        name += ", which is slow: start java with --add-modules jdk.incubator.vector";
      }
      return new Choice(new Blas(java, false, name + "; " + reason), reason);
    } finally {
      LIBRARY.setLevel(level);
    }
  }

  private static Choice chooseNative(boolean isForced) {
    if (!Blas.class.getModule().isNativeAccessEnabled()) {
      return new Choice(null, "no native BLAS: java runs without --enable-native-access");
    }
    BLAS routines;
    try {
      routines = NativeBLAS.getInstance();
    } catch (RuntimeException | LinkageError e) {
      return new Choice(null, "no native BLAS: " + e.getMessage());
    }
    double speed = speed(routines);
    String measured = String.format(Locale.ROOT, "native BLAS, %.1f GFLOP/s in a test", speed);
    if (speed < NATIVE_MIN_SPEED && !isForced) {
      return new Choice(null, measured + ", which is slower than Java");
    }
    return new Choice(new Blas(routines, true, measured), measured);
  }

  /** Returns floating-point operations in a nanosecond, the best of a few calls. */
  private static double speed(BLAS routines) {
    int n = MEASURED_SIZE;
    float[] a = new float[n * n];
    float[] b = new float[n * n];
    float[] c = new float[n * n];
    long best = Long.MAX_VALUE;
    for (int call = 0; call < 4; call++) {
      long start = System.nanoTime();
      routines.sgemm("T", "N", n, n, n, 1, a, 0, n, b, 0, n, 0, c, 0, n);
      best = Math.min(best, System.nanoTime() - start);
    }
    return 2.0 * n * n * n / Math.max(best, 1);
  }
}
