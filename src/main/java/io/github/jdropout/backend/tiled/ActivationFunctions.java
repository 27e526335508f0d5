package io.github.jdropout.backend.tiled;

/**
 * Activations and their derivatives, one number at a time.
 *
 * <p>Every operation is one of binary32, in the order of {@code docs/contract.md}; so all backends
 * return the same bits. The Java twin of {@code native/include/jdropout/activation.h}, where the
 * formulas are explained.
 */
public final class ActivationFunctions {
  /** Adding it rounds to an integer, which is then, with 127 more, in the lowest bits. */
  public static final float ROUNDER = 0x1.8000fep+23f;

  /** ln 2 in two parts: a product of the first with an integer of up to seven bits is exact. */
  public static final float LN2_HIGH = 0x1.62e4p-1f;

  public static final float LN2_LOW = 0x1.7f7d1cp-20f;

  /** Of exp(-r), the highest power first; the last two are -1 and 1. */
  public static final float EXP_6 = 0x1.68691ap-10f;

  public static final float EXP_5 = -0x1.123d18p-7f;
  public static final float EXP_4 = 0x1.555b84p-5f;
  public static final float EXP_3 = -0x1.55548cp-3f;
  public static final float EXP_2 = 0x1.fffff8p-2f;

  /** At it, exp(-v) is infinite. */
  public static final float LOWEST = -88.75f;

  /** At it, exp(-v) counts as 0. */
  public static final float HIGHEST = 88;

  /** At it, the normal distribution counts as 0. */
  public static final float NORMAL_LOWEST = -13.28125f;

  /** Beyond it every derivative is 0 or 1. */
  public static final float LIMIT = 128;

  private ActivationFunctions() {}

  private static float fma(float a, float b, float c) {
    return FusedMultiplyAdd.of(a, b, c);
  }

  /** Returns the larger of the two; a NaN stays, and -0 stays where the limit is 0. */
  private static float atLeast(float limit, float x) {
    return limit > x ? limit : x;
  }

  private static float atMost(float limit, float x) {
    return limit < x ? limit : x;
  }

  /** Returns exp(-rest), for a rest of ln 2 / 2 at most in size. */
  private static float expMinus(float rest) {
    float q = fma(EXP_6, rest, EXP_5);
    q = fma(q, rest, EXP_4);
    q = fma(q, rest, EXP_3);
    q = fma(q, rest, EXP_2);
    q = fma(q, rest, -1);
    return fma(q, rest, 1);
  }

  /** Returns 2^-n of {@code ROUNDER - n}, for n in [-128, 127]: infinity and 0 at the ends. */
  private static float powerOfTwo(float shifted) {
    return Float.intBitsToFloat(Float.floatToRawIntBits(shifted) << 23);
  }

  /**
   * Returns exp(-v).
   *
   * @param v in [{@link #LOWEST}, {@link #HIGHEST}]
   */
  static float expOfMinus(float v) {
    float shifted = fma(v, -0x1.715476p+0f, ROUNDER);
    float minusN = shifted - ROUNDER;
    float rest = fma(minusN, LN2_LOW, fma(minusN, LN2_HIGH, v));
    return expMinus(rest) * powerOfTwo(shifted);
  }

  /** Returns -|x|, at which the normal distribution is computed, but no less than where it is 0. */
  private static float normalArgument(float x) {
    return atLeast(NORMAL_LOWEST, -Math.abs(x));
  }

  /**
   * Returns exp(-b * b / 2).
   *
   * @param b in [{@link #NORMAL_LOWEST}, 0]
   */
  static float normalPower(float b) {
    float shifted = fma(b * -0x1.715476p-1f, b, ROUNDER);
    float minusN = shifted - ROUNDER;
    float rest = fma(minusN, 2 * LN2_LOW, fma(b, b, minusN * (2 * LN2_HIGH)));
    return expMinus(rest * 0.5f) * powerOfTwo(shifted);
  }

  /**
   * Returns the normal distribution at b.
   *
   * @param b in [{@link #NORMAL_LOWEST}, 0]
   * @param power of b, from {@link #normalPower}
   */
  static float normalTail(float b, float power) {
    float p = fma(0x1.0cc48ap-8f, b, -0x1.4c0704p-5f);
    p = fma(p, b, 0x1.76a49cp-3f);
    p = fma(p, b, -0x1.c064e4p-2f);
    p = fma(p, b, 0.5f);
    float q = fma(-0x1.50d8aap-7f, b, 0x1.a02962p-4f);
    q = fma(q, b, -0x1.dfea84p-2f);
    q = fma(q, b, 0x1.338486p+0f);
    q = fma(q, b, -0x1.ac74a2p+0f);
    q = fma(q, b, 1);
    return (p * (1 / q)) * power;
  }

  /** Returns v within the limits of {@link #expOfMinus}. */
  private static float withinExp(float v) {
    return atMost(HIGHEST, atLeast(LOWEST, v));
  }

  private static float withinLimit(float x) {
    return atMost(LIMIT, atLeast(-LIMIT, x));
  }

  /** Returns x where it is positive or NaN, else +0. */
  public static float relu(float x) {
    return x <= 0 ? 0 : x;
  }

  /** Returns x times the normal distribution at x: (1 + erf(x / sqrt 2)) / 2. */
  public static float gelu(float x) {
    float b = normalArgument(x);
    return fma(b, normalTail(b, normalPower(b)), atLeast(0, x));
  }

  /** Returns the derivative of {@link #gelu}. */
  public static float geluDerivative(float x) {
    float limited = withinLimit(x);
    float b = normalArgument(limited);
    float power = normalPower(b);
    float tail = normalTail(b, power);
    float value = limited < 0 ? tail : 1 - tail;
    return fma(limited, power * 0x1.988454p-2f, value);
  }

  /** Returns sqrt(8 / pi) * (x + 0.044715 x^3), within the limits of {@link #expOfMinus}. */
  private static float tanhArgument(float x) {
    return withinExp(x * fma(x * x, 0x1.2444f2p-4f, 0x1.988454p+0f));
  }

  /** Returns x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2. */
  public static float geluTanh(float x) {
    float raised = atLeast(LOWEST, x);
    return gated(raised, tanhArgument(raised));
  }

  /** Returns the derivative of {@link #geluTanh}. */
  public static float geluTanhDerivative(float x) {
    float limited = withinLimit(x);
    float slope = fma(limited * limited, 0x1.b6676cp-3f, 0x1.988454p+0f);
    return gatedDerivative(limited * slope, tanhArgument(limited));
  }

  /** Returns x / (1 + exp(-x)). */
  public static float silu(float x) {
    float raised = atLeast(LOWEST, x);
    return gated(raised, atMost(HIGHEST, raised));
  }

  /** Returns the derivative of {@link #silu}. */
  public static float siluDerivative(float x) {
    float limited = withinExp(x);
    return gatedDerivative(limited, limited);
  }

  /** Returns 1 / (1 + exp(-v)), for v as in {@link #expOfMinus}. */
  static float logistic(float v) {
    return 1 / (expOfMinus(v) + 1);
  }

  private static float gated(float x, float v) {
    return x * logistic(v);
  }

  /**
   * Returns the derivative of x times the logistic function of v.
   *
   * @param x multiplied by the derivative of v
   */
  private static float gatedDerivative(float x, float v) {
    float power = expOfMinus(v);
    float value = 1 / (power + 1);
    float complement = v < 0 ? 1 - value : power * value;
    return fma(x * value, complement, value);
  }
}
