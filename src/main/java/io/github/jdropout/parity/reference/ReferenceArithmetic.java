package io.github.jdropout.parity.reference;

import io.github.jdropout.spec.ElementType;
import java.math.BigDecimal;
import java.math.MathContext;

/** Scaling of kept elements on raw bits, with roundings made of whole multiples of a step. */
public final class ReferenceArithmetic {
  private static final ShortFormat F16 = new ShortFormat(5, 10);
  private static final ShortFormat BF16 = new ShortFormat(8, 7);

  private ReferenceArithmetic() {}

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
      case F16 -> F16.narrow((float) (F16.widen(bits) * scaleF32));
      case BF16 -> BF16.narrow((float) (BF16.widen(bits) * scaleF32));
    };
  }

  /** Returns the value of an element of f32, f16 or bf16, which is exact. */
  public static float widen(ElementType type, long bits) {
    return switch (type) {
      case F32 -> Float.intBitsToFloat((int) bits);
      case F16 -> (float) F16.widen(bits);
      case BF16 -> (float) BF16.widen(bits);
      case F64 -> throw new IllegalArgumentException("f64 is wider than binary32");
    };
  }

  /** Returns the bits of the nearest element of f32, f16 or bf16, ties to even. */
  public static long narrow(ElementType type, float value) {
    return switch (type) {
      case F32 -> Float.floatToRawIntBits(value) & 0xFFFFFFFFL;
      case F16 -> F16.narrow(value);
      case BF16 -> BF16.narrow(value);
      case F64 -> throw new IllegalArgumentException("f64 is wider than binary32");
    };
  }

  /** Returns whether the bits are a NaN. */
  public static boolean isNaN(ElementType type, long bits) {
    return switch (type) {
      case F32 -> Float.isNaN(Float.intBitsToFloat((int) bits));
      case F64 -> Double.isNaN(Double.longBitsToDouble(bits));
      case F16 -> (bits & 0x7FFF) > 0x7C00;
      case BF16 -> (bits & 0x7FFF) > 0x7F80;
    };
  }

  /** A format of 16 bits: a sign, an exponent and a fraction. */
  private static final class ShortFormat {
    private final int fractionBits;
    private final int bias;

    /** Bits of infinity. */
    private final int infinity;

    /** Values of the bit patterns up to infinity. */
    private final double[] values;

    ShortFormat(int exponentBits, int fractionBits) {
      this.fractionBits = fractionBits;
      bias = (1 << (exponentBits - 1)) - 1;
      infinity = ((1 << exponentBits) - 1) << fractionBits;
      values = new double[infinity + 1];
      int one = 1 << fractionBits;
      for (int bits = 0; bits < infinity; bits++) {
        int exponent = bits >> fractionBits;
        double fraction = bits % one / (double) one;
        values[bits] =
            exponent == 0
                ? fraction * powerOfTwo(1 - bias)
                : (1 + fraction) * powerOfTwo(exponent - bias);
      }
      values[infinity] = Double.POSITIVE_INFINITY;
    }

    double widen(long bits) {
      int magnitude = (int) (bits & 0x7FFF);
      double value = magnitude <= infinity ? values[magnitude] : Double.NaN;
      return (bits & 0x8000) == 0 ? value : -value;
    }

    long narrow(float value) {
      if (Float.isNaN(value)) {
        return 0x7FFF;
      }
      long sign = Float.floatToRawIntBits(value) < 0 ? 0x8000 : 0;
      double magnitude = Math.abs((double) value);
      // Below the normal numbers, neighbours keep the distance of the smallest of these.
      int exponent = Math.max(Math.getExponent(magnitude), 1 - bias);
      if (exponent > bias) {
        return sign | infinity;
      }
      // Powers of two scale exactly, so rint is the one rounding, and its ties go to even.
      long steps = (long) Math.rint(magnitude * powerOfTwo(fractionBits - exponent));
      // Neighbours' bits follow each other, from exponent to exponent and up to infinity.
      return sign | (((long) (exponent + bias - 1) << fractionBits) + steps);
    }

    private static double powerOfTwo(int exponent) {
      return Double.longBitsToDouble((long) (exponent + 1023) << 52);
    }
  }
}
