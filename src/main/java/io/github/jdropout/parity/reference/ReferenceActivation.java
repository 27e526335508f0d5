package io.github.jdropout.parity.reference;

import io.github.jdropout.spec.Activation;

/**
 * Activations, from the contract's text.
 *
 * <p>Each operation is done in binary64 and rounded to binary32, which gives the bits of the
 * operation in binary32: binary64 has more than twice its digits.
 */
public final class ReferenceActivation {
  private static final float[] EXP = {
    0x1.6a23bcp-10f, 0x1.123a1ep-7f, 0x1.5558f4p-5f, 0x1.555492p-3f, 0x1.fffffcp-2f
  };

  private static final float[] NORMAL = {
    -0x1.5200cp-6f, 0x1.ccb01ap-4f, -0x1.d390f4p-3f, 0x1.8907e6p-3f, -0x1.45c344p-4f,
    0x1.8a1b86p-4f, 0x1.40fe68p-4f, 0x1.c38b6cp-4f, 0x1.e9c37cp-4f, 0x1.ea3ca2p-4f
  };

  private ReferenceActivation() {}

  /** Returns the activation of a number. */
  public static float value(Activation activation, float z) {
    return switch (activation) {
      case IDENTITY -> z;
      case RELU -> z <= 0 ? 0 : z;
      case GELU -> product(z, normal(z));
      case GELU_TANH -> product(z, logistic(tanhArgument(z)));
      case SILU -> product(z, logistic(z));
    };
  }

  /** Returns the activation's derivative at a number. */
  public static float derivative(Activation activation, float z) {
    float limited = Math.clamp(z, -128f, 128f);
    return switch (activation) {
      case IDENTITY -> 1;
      case RELU -> z <= 0 ? 0 : 1;
      case GELU ->
          sum(normal(limited), product(limited, product(normalPower(limited), 0x1.988454p-2f)));
      case GELU_TANH -> {
        float u = tanhArgument(limited);
        float s = sum(product(product(limited, limited), 0x1.b6676cp-3f), 0x1.988454p+0f);
        float bell = product(product(limited, logistic(u)), logistic(-u));
        yield sum(logistic(u), product(bell, s));
      }
      case SILU ->
          sum(logistic(limited), product(product(limited, logistic(limited)), logistic(-limited)));
    };
  }

  private static float tanhArgument(float z) {
    return product(z, sum(product(product(z, z), 0x1.2444f2p-4f), 0x1.988454p+0f));
  }

  /** Returns L(v). */
  private static float logistic(float v) {
    float power = exp(-Math.min(Math.abs(v), 128f), 0);
    float b = quotient(1, sum(1, power));
    return v < 0 ? product(power, b) : b;
  }

  /** Returns N(z). */
  private static float normal(float z) {
    float a = Math.min(Math.abs(z), 16f);
    float t = quotient(1, sum(product(a, 0x1.333334p-2f), 1));
    float c = product(product(polynomial(NORMAL, t), t), normalPower(z));
    return z < 0 ? c : difference(1, c);
  }

  /** Returns P(z) of the normal distribution. */
  private static float normalPower(float z) {
    float a = Math.min(Math.abs(z), 16f);
    int bits = Float.floatToIntBits(a);
    float u = Float.intBitsToFloat(bits - bits % 4096);
    float high = product(product(u, u), -0.5f);
    float low = product(product(difference(a, u), sum(a, u)), -0.5f);
    return exp(high, low);
  }

  /** Returns exp(h + l); a missing l is 0. */
  private static float exp(float h, float l) {
    float t = sum(product(h, 0x1.715476p+0f), 0x1.8p+23f);
    float n = difference(t, 0x1.8p+23f);
    float r = difference(h, product(n, 0x1.63p-1f));
    r = sum(difference(r, product(n, -0x1.bd0106p-13f)), l);
    float w = sum(sum(product(polynomial(EXP, r), product(r, r)), r), 1);
    int k = (int) n;
    int lower = Math.floorDiv(k, 2);
    return product(product(w, powerOfTwo(lower)), powerOfTwo(k - lower));
  }

  /** Returns a power whose exponent is in [-126, 127]. */
  private static float powerOfTwo(int exponent) {
    return Float.intBitsToFloat((exponent + 127) << 23);
  }

  /** Horner's rule, each step one product and one sum. */
  private static float polynomial(float[] coefficients, float x) {
    float q = coefficients[0];
    for (int i = 1; i < coefficients.length; i++) {
      q = sum(product(q, x), coefficients[i]);
    }
    return q;
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
