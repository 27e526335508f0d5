package io.github.jdropout.parity.reference;

import io.github.jdropout.spec.Activation;
import java.math.BigDecimal;

/**
 * Activations, from the contract's text.
 *
 * <p>Sums, products and quotients are done in binary64 and rounded to binary32, which gives the
 * bits of the operation in binary32: binary64 has more than twice its digits. Where that is too
 * little for a fused multiply-add, it is done in decimal numbers.
 */
public final class ReferenceActivation {
  /** The highest power first. */
  private static final float[] EXP = {
    0x1.68691ap-10f, -0x1.123d18p-7f, 0x1.555b84p-5f, -0x1.55548cp-3f, 0x1.fffff8p-2f, -1, 1
  };

  private static final float[] NUMERATOR = {
    0x1.0cc48ap-8f, -0x1.4c0704p-5f, 0x1.76a49cp-3f, -0x1.c064e4p-2f, 0.5f
  };

  private static final float[] DENOMINATOR = {
    -0x1.50d8aap-7f, 0x1.a02962p-4f, -0x1.dfea84p-2f, 0x1.338486p+0f, -0x1.ac74a2p+0f, 1
  };

  private ReferenceActivation() {}

  /** Returns the activation of a number. */
  public static float value(Activation activation, float z) {
    return switch (activation) {
      case IDENTITY -> z;
      case RELU -> z <= 0 ? 0 : z;
      case GELU -> fused(b(z), tail(z), z < 0 ? 0 : z);
      case GELU_TANH -> product(raised(z), logistic(tanhArgument(raised(z))));
      case SILU -> product(raised(z), logistic(raised(z)));
    };
  }

  /** Returns the activation's derivative at a number. */
  public static float derivative(Activation activation, float z) {
    float limited = Math.clamp(z, -128f, 128f);
    return switch (activation) {
      case IDENTITY -> 1;
      case RELU -> z <= 0 ? 0 : 1;
      case GELU -> fused(limited, product(power(limited), 0x1.988454p-2f), normal(limited));
      case GELU_TANH -> {
        float u = tanhArgument(limited);
        float s = fused(product(limited, limited), 0x1.b6676cp-3f, 0x1.988454p+0f);
        yield fused(product(product(limited, s), logistic(u)), complement(u), logistic(u));
      }
      case SILU -> {
        float v = limitedForExp(z);
        yield fused(product(v, logistic(v)), complement(v), logistic(v));
      }
    };
  }

  private static float raised(float z) {
    return z < -88.75f ? -88.75f : z;
  }

  private static float tanhArgument(float z) {
    return product(z, fused(product(z, z), 0x1.2444f2p-4f, 0x1.988454p+0f));
  }

  /** Returns v, or the nearer end of [-88.75, 88]. */
  private static float limitedForExp(float v) {
    return Math.clamp(v, -88.75f, 88f);
  }

  /** Returns L(v). */
  private static float logistic(float v) {
    return quotient(1, sum(exp(limitedForExp(v)), 1));
  }

  /** Returns L(-v). */
  private static float complement(float v) {
    return v < 0 ? difference(1, logistic(v)) : product(exp(limitedForExp(v)), logistic(v));
  }

  /** Returns N(z). */
  private static float normal(float z) {
    return z < 0 ? tail(z) : difference(1, tail(z));
  }

  private static float b(float z) {
    float b = -Math.abs(z);
    return b < -13.28125f ? -13.28125f : b;
  }

  /** Returns N(b). */
  private static float tail(float z) {
    float b = b(z);
    float quotient = product(polynomial(NUMERATOR, b), quotient(1, polynomial(DENOMINATOR, b)));
    return product(quotient, power(z));
  }

  /** Returns P(b). */
  private static float power(float z) {
    float b = b(z);
    float t = fused(product(b, -0x1.715476p-1f), b, 0x1.8000fep+23f);
    float m = difference(t, 0x1.8000fep+23f);
    float r = fused(m, 0x1.7f7d1cp-19f, fused(b, b, product(m, 0x1.62e4p+0f)));
    return product(polynomial(EXP, product(r, 0.5f)), powerOfTwo(m));
  }

  /** Returns E(v). */
  private static float exp(float v) {
    float t = fused(v, -0x1.715476p+0f, 0x1.8000fep+23f);
    float m = difference(t, 0x1.8000fep+23f);
    float r = fused(m, 0x1.7f7d1cp-20f, fused(m, 0x1.62e4p-1f, v));
    return product(polynomial(EXP, r), powerOfTwo(m));
  }

  /** Returns the power of an integer in [-126, 127], 0 of -127 and infinity of 128. */
  private static float powerOfTwo(float exponent) {
    if (exponent <= -127) {
      return 0;
    }
    return exponent >= 128 ? Float.POSITIVE_INFINITY : (float) Math.pow(2, exponent);
  }

  /** Horner's rule, each step one fused multiply-add. */
  private static float polynomial(float[] coefficients, float x) {
    float q = coefficients[0];
    for (int i = 1; i < coefficients.length; i++) {
      q = fused(q, x, coefficients[i]);
    }
    return q;
  }

  /** Returns a * b + c, rounded once. */
  private static float fused(float a, float b, float c) {
    double rounded = (double) a * b + c;
    // The product is exact and the sum is not, which matters where it has become the middle of two
    // floats: then the digits that it has lost decide.
    boolean isMiddle = (Double.doubleToLongBits(rounded) & 0x1FFF_FFFF) == 0x1000_0000;
    if (Math.abs(rounded) >= Float.MIN_NORMAL ? !isMiddle : rounded == 0) {
      return (float) rounded;
    }
    return Double.isNaN(rounded)
        ? Float.NaN
        : new BigDecimal((double) a * b).add(new BigDecimal(c)).floatValue();
  }

  private static float sum(float a, float b) {
    return (float) ((double) a + b);
  }

  private static float difference(float a, float b) {
    return (float) ((double) a - b);
  }

  private static float product(float a, float b) {
    return (float) ((double) a * b);
  }

  private static float quotient(float a, float b) {
    return (float) ((double) a / b);
  }
}
