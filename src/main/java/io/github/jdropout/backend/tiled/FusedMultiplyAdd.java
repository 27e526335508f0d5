package io.github.jdropout.backend.tiled;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/**
 * The fused multiply-add of binary32: {@code a * b + c}, rounded once.
 *
 * <p>Where the processor has no instruction for it, or the JVM does not use it, {@link Math#fma}
 * computes with decimal numbers, which takes a microsecond. Then this class computes in binary64.
 */
public final class FusedMultiplyAdd {
  private static final boolean IS_HARDWARE = isUsedByJvm();

  private FusedMultiplyAdd() {}

  /** Returns whether the JVM uses an instruction for it; also where it does not tell. */
  public static boolean isHardware() {
    return IS_HARDWARE;
  }

  private static boolean isUsedByJvm() {
    try {
      return !ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .getVMOption("UseFMA")
          .getValue()
          .equals("false");
    } catch (RuntimeException | LinkageError e) {
      // Another JVM, another version of it, or a run-time image without the module.
      return true;
    }
  }

  static float of(float a, float b, float c) {
    return IS_HARDWARE ? Math.fma(a, b, c) : inBinary64(a, b, c);
  }

  /**
   * There the product is exact, and the sum is rounded to odd: to that of its two neighbours whose
   * last bit is 1. Rounded again, to binary32, it gives what one rounding gives (Boldo, Melquiond,
   * "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd", IEEE
   * Transactions on Computers, 2008).
   */
  static float inBinary64(float a, float b, float c) {
    double product = (double) a * b;
    double sum = product + c;
    // What the sum lacks, exactly (Knuth); NaN where the sum is not finite.
    double part = sum - product;
    double error = (product - (sum - part)) + (c - part);
    long bits = Double.doubleToRawLongBits(sum);
    if ((error > 0 || error < 0) && (bits & 1) == 0) {
      bits += error > 0 == sum > 0 ? 1 : -1;
    }
    return (float) Double.longBitsToDouble(bits);
  }
}
