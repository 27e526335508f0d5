package io.github.jdropout.oracle;

import io.github.jdropout.spec.ElementType;
import java.math.BigDecimal;
import java.math.MathContext;

/** Scaling of kept elements on raw bits, with roundings found by search instead of bit tricks. */
public final class OracleArithmetic {
  private static final double[] F16 = positives(5, 10);
  private static final double[] BF16 = positives(8, 7);

  private OracleArithmetic() {}

  /** Returns the scale of inverted dropout in binary64, correctly rounded from the fraction. */
  public static double scale(int threshold) {
    return exactScale(threshold).doubleValue();
  }

  /** Returns the scale of inverted dropout in binary32, correctly rounded from the fraction. */
  public static float scaleF32(int threshold) {
    return exactScale(threshold).floatValue();
  }

  private static BigDecimal exactScale(int threshold) {
    return BigDecimal.valueOf(65536).divide(BigDecimal.valueOf(threshold), new MathContext(60));
  }

  /** Returns the bits of {@code round(x * s)} for the bits of x. */
  public static long product(ElementType type, long bits, double scale, float scaleF32) {
    return switch (type) {
      case F32 -> {
        // The product of two binary32 values is exact in binary64; the cast is the one rounding.
        double exact = (double) Float.intBitsToFloat((int) bits) * scaleF32;
        yield Float.floatToRawIntBits((float) exact) & 0xFFFFFFFFL;
      }
      case F64 -> Double.doubleToRawLongBits(Double.longBitsToDouble(bits) * scale);
      case F16 -> narrow(F16, (float) (widen(F16, bits) * scaleF32));
      case BF16 -> narrow(BF16, (float) (widen(BF16, bits) * scaleF32));
    };
  }

  /** Returns the value of an element of f32, f16 or bf16, which is exact. */
  public static float widen(ElementType type, long bits) {
    return switch (type) {
      case F32 -> Float.intBitsToFloat((int) bits);
      case F16 -> (float) widen(F16, bits);
      case BF16 -> (float) widen(BF16, bits);
      case F64 -> throw new IllegalArgumentException("f64 is wider than binary32");
    };
  }

  /** Returns the bits of the nearest element of f32, f16 or bf16, ties to even. */
  public static long narrow(ElementType type, float value) {
    return switch (type) {
      case F32 -> Float.floatToRawIntBits(value) & 0xFFFFFFFFL;
      case F16 -> narrow(F16, value);
      case BF16 -> narrow(BF16, value);
      case F64 -> throw new IllegalArgumentException("f64 is wider than binary32");
    };
  }

  /** Returns whether the bits are a NaN. */
  public static boolean isNaN(ElementType type, long bits) {
    return switch (type) {
      case F32 -> Float.isNaN(Float.intBitsToFloat((int) bits));
      case F64 -> Double.isNaN(Double.longBitsToDouble(bits));
      case F16 -> Double.isNaN(widen(F16, bits));
      case BF16 -> Double.isNaN(widen(BF16, bits));
    };
  }

  /** Returns the values of the non-negative bit patterns of a 16-bit format, up to infinity. */
  private static double[] positives(int exponentBits, int fractionBits) {
    int bias = (1 << (exponentBits - 1)) - 1;
    int infinity = ((1 << exponentBits) - 1) << fractionBits;
    double[] values = new double[infinity + 1];
    for (int bits = 0; bits < infinity; bits++) {
      int exponent = bits >> fractionBits;
      double fraction = (bits & ((1 << fractionBits) - 1)) / (double) (1 << fractionBits);
      values[bits] =
          exponent == 0
              ? fraction * Math.pow(2, 1 - bias)
              : (1 + fraction) * Math.pow(2, exponent - bias);
    }
    values[infinity] = Double.POSITIVE_INFINITY;
    return values;
  }

  private static double widen(double[] positives, long bits) {
    int magnitude = (int) (bits & 0x7FFF);
    double value = magnitude < positives.length ? positives[magnitude] : Double.NaN;
    return (bits & 0x8000) == 0 ? value : -value;
  }

  private static long narrow(double[] positives, float value) {
    long sign = Float.floatToRawIntBits(value) < 0 ? 0x8000 : 0;
    if (Float.isNaN(value)) {
      return 0x7FFF;
    }
    double magnitude = Math.abs((double) value);
    int below = 0;
    int above = positives.length - 1;
    while (above - below > 1) {
      int middle = (below + above) / 2;
      if (positives[middle] <= magnitude) {
        below = middle;
      } else {
        above = middle;
      }
    }
    if (magnitude == positives[above]) {
      return sign | above;
    }
    // Infinity stands where the next finite value would, for the purpose of rounding.
    double step = positives[below] - (below == 0 ? 0 : positives[below - 1]);
    double upper = Double.isInfinite(positives[above]) ? positives[below] + step : positives[above];
    double toBelow = magnitude - positives[below];
    double toAbove = upper - magnitude;
    boolean roundsUp = toAbove < toBelow || (toAbove == toBelow && below % 2 == 1);
    return sign | (roundsUp ? above : below);
  }
}
