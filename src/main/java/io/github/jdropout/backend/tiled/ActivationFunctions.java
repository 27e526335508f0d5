package io.github.jdropout.backend.tiled;

/**
 * Activations and their derivatives, one number at a time.
 *
 * <p>Every operation is one of binary32, in the order of {@code docs/contract.md}; so all backends
 * return the same bits. The Java twin of {@code native/include/jdropout/activation.h}, where the
 * formulas are explained.
 */
public final class ActivationFunctions {
  /** Adding it rounds to an integer, which is then in the lowest bits. */
  private static final float ROUNDER = 0x1.8p+23f;

  private static final int ROUNDER_BITS = 0x4B400000;

  /** Beyond it the logistic function is 0 or 1, and so is every derivative. */
  private static final float LIMIT = 128;

  /** Beyond it the normal distribution is 0 or 1. */
  private static final float NORMAL_LIMIT = 16;

  private ActivationFunctions() {}

  /**
   * Returns exp({@code high + low}).
   *
   * @param high in [-128, 0]
   * @param low of at most 0.1 in size, for an argument with more digits than a float
   */
  static float exp(float high, float low) {
    float shifted = high * 0x1.715476p+0f + ROUNDER;
    float n = shifted - ROUNDER;
    // ln 2 in two parts, so that the first product is exact.
    float r = ((high - n * 0x1.63p-1f) - n * -0x1.bd0106p-13f) + low;
    float q = r * 0x1.6a23bcp-10f + 0x1.123a1ep-7f;
    q = q * r + 0x1.5558f4p-5f;
    q = q * r + 0x1.555492p-3f;
    q = q * r + 0x1.fffffcp-2f;
    float power = (q * (r * r) + r) + 1;
    int exponent = Float.floatToRawIntBits(shifted) - ROUNDER_BITS;
    // In two steps, because 2^exponent may be below the smallest number.
    int half = exponent >> 1;
    return (power * powerOfTwo(half)) * powerOfTwo(exponent - half);
  }

  private static float powerOfTwo(int exponent) {
    return Float.intBitsToFloat((exponent + 127) << 23);
  }

  /** Returns exp(-|v|), of which the logistic function is made. */
  private static float logisticPower(float v) {
    float size = Math.abs(v);
    return exp(-(size > LIMIT ? LIMIT : size), 0);
  }

  /** Returns 1 / (1 + exp(-v)). */
  static float logistic(float v) {
    float power = logisticPower(v);
    float larger = 1 / (1 + power);
    return v < 0 ? power * larger : larger;
  }

  /** Returns exp(-x * x / 2). */
  private static float normalPower(float x) {
    float a = normalSize(x);
    // The first part's square is exact.
    float upper = Float.intBitsToFloat(Float.floatToRawIntBits(a) & -4096);
    return exp((upper * upper) * -0.5f, ((a - upper) * (a + upper)) * -0.5f);
  }

  private static float normalSize(float x) {
    float size = Math.abs(x);
    return size > NORMAL_LIMIT ? NORMAL_LIMIT : size;
  }

  /**
   * Returns the normal distribution at x.
   *
   * @param power of x, from {@link #normalPower}
   */
  private static float normal(float x, float power) {
    float t = 1 / (normalSize(x) * 0x1.333334p-2f + 1);
    float q = t * -0x1.5200cp-6f + 0x1.ccb01ap-4f;
    q = q * t - 0x1.d390f4p-3f;
    q = q * t + 0x1.8907e6p-3f;
    q = q * t - 0x1.45c344p-4f;
    q = q * t + 0x1.8a1b86p-4f;
    q = q * t + 0x1.40fe68p-4f;
    q = q * t + 0x1.c38b6cp-4f;
    q = q * t + 0x1.e9c37cp-4f;
    q = q * t + 0x1.ea3ca2p-4f;
    float tail = (q * t) * power;
    return x < 0 ? tail : 1 - tail;
  }

  /** Returns the normal distribution at x: (1 + erf(x / sqrt 2)) / 2. */
  static float normal(float x) {
    return normal(x, normalPower(x));
  }

  private static float withinLimit(float x) {
    float lowered = x > LIMIT ? LIMIT : x;
    return lowered < -LIMIT ? -LIMIT : lowered;
  }

  /** Returns x where it is positive or NaN, else +0. */
  public static float relu(float x) {
    return x <= 0 ? 0 : x;
  }

  /** Returns x times the normal distribution at x. */
  public static float gelu(float x) {
    return x * normal(x);
  }

  /** Returns the derivative of {@link #gelu}. */
  public static float geluDerivative(float x) {
    float limited = withinLimit(x);
    float power = normalPower(limited);
    return normal(limited, power) + limited * (power * 0x1.988454p-2f);
  }

  /** Returns x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2. */
  public static float geluTanh(float x) {
    return x * logistic(x * ((x * x) * 0x1.2444f2p-4f + 0x1.988454p+0f));
  }

  /** Returns the derivative of {@link #geluTanh}. */
  public static float geluTanhDerivative(float x) {
    float limited = withinLimit(x);
    float square = limited * limited;
    float v = limited * (square * 0x1.2444f2p-4f + 0x1.988454p+0f);
    float slope = square * 0x1.b6676cp-3f + 0x1.988454p+0f;
    return logisticDerivative(limited, v, slope);
  }

  /** Returns x / (1 + exp(-x)). */
  public static float silu(float x) {
    return x * logistic(x);
  }

  /** Returns the derivative of {@link #silu}. */
  public static float siluDerivative(float x) {
    float limited = withinLimit(x);
    // Times 1 changes nothing.
    return logisticDerivative(limited, limited, 1);
  }

  /** Returns the derivative of x times the logistic function of v, where v has a slope. */
  private static float logisticDerivative(float x, float v, float slope) {
    float power = logisticPower(v);
    float larger = 1 / (1 + power);
    float smaller = power * larger;
    float value = v < 0 ? smaller : larger;
    float complement = v < 0 ? larger : smaller;
    return value + ((x * value) * complement) * slope;
  }
}
