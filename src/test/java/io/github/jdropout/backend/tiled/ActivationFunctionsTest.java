package io.github.jdropout.backend.tiled;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.PrimitiveIterator.OfLong;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.commons.numbers.gamma.Erfc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * How far the functions are from the truth, which is computed in binary64.
 *
 * <p>{@code docs/contract.md} states the errors. That the bits are the contract's is what the
 * contract tests of the backends say.
 */
class ActivationFunctionsTest {
  /** Of all bit patterns, one in so many is tried; a prime, so that all low bits occur. */
  private static final int STEP = 997;

  /** In an interval with no more numbers, all are. */
  private static final long FEW = 1 << 20;

  /** How far a stated error, which may be of a number not tried, may be above the one found. */
  private static final double SLACK = 1.35;

  /** How far a stated loss, of two digits, may be above the one found. */
  private static final double ROUNDING = 1.05;

  interface FloatFunction {
    float of(float x);
  }

  /**
   * The largest error of a function in an interval.
   *
   * @param from inclusive
   * @param to exclusive, but for infinity
   * @param isRelative whether the error is in units in the last place of the truth, else in 2^-24
   */
  record Accuracy(
      String name,
      FloatFunction function,
      DoubleUnaryOperator truth,
      double from,
      double to,
      boolean isRelative,
      double error) {
    /** Returns the bit patterns to try, which may lie outside of the interval. */
    LongStream tried() {
      long first = Integer.toUnsignedLong(Float.floatToRawIntBits((float) from));
      long last = Integer.toUnsignedLong(Float.floatToRawIntBits((float) to));
      return Math.abs(last - first) <= FEW
          ? LongStream.rangeClosed(Math.min(first, last), Math.max(first, last))
          : LongStream.range(0, (1L << 32) / STEP).map(i -> i * STEP);
    }

    double errorAt(float x) {
      double exact = truth.applyAsDouble(x);
      double unit = isRelative ? Math.ulp((float) exact) : 0x1p-24;
      return Math.abs(function.of(x) - exact) / unit;
    }

    @Override
    public String toString() {
      return name + " in [" + from + ", " + to + ")";
    }
  }

  private static double logistic(double v) {
    return 1 / (1 + StrictMath.exp(-v));
  }

  private static float normalTail(float b) {
    return ActivationFunctions.normalTail(b, ActivationFunctions.normalPower(b));
  }

  private static double normal(double x) {
    return Erfc.value(-x / Math.sqrt(2)) / 2;
  }

  private static double geluDerivative(double x) {
    return normal(x) + x * StrictMath.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  private static double tanhArgument(double x) {
    return 2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
  }

  private static double geluTanhDerivative(double x) {
    double v = tanhArgument(x);
    double slope = 2 * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
    return logistic(v) + x * logistic(v) * logistic(-v) * slope;
  }

  private static double siluDerivative(double x) {
    return logistic(x) + x * logistic(x) * logistic(-x);
  }

  static Stream<Accuracy> accuracies() {
    double infinity = Double.POSITIVE_INFINITY;
    FloatFunction tanh = ActivationFunctions::geluTanh;
    DoubleUnaryOperator tanhTruth = x -> x * logistic(tanhArgument(x));
    return Stream.of(
        value("E", ActivationFunctions::expOfMinus, v -> StrictMath.exp(-v), -88, 87, 0.88),
        value(
            "L", ActivationFunctions::logistic, ActivationFunctionsTest::logistic, -88, 88.01, 2.5),
        value(
            "N", ActivationFunctionsTest::normalTail, ActivationFunctionsTest::normal, -13, 0, 6.4),
        value("GELU", ActivationFunctions::gelu, x -> x * normal(x), -13, infinity, 6.7),
        value("GELU", ActivationFunctions::gelu, x -> x * normal(x), -13.24, -13, 11),
        value("GELU, tanh form", tanh, tanhTruth, -1, infinity, 2.9),
        value("GELU, tanh form", tanh, tanhTruth, -5, -1, 32),
        value("GELU, tanh form", tanh, tanhTruth, -10.04, -5, 215),
        value("SiLU", ActivationFunctions::silu, x -> x * logistic(x), -88, infinity, 2.8),
        value("SiLU", ActivationFunctions::silu, x -> x * logistic(x), -88.37, -88, 4.1),
        derivative(
            "GELU'",
            ActivationFunctions::geluDerivative,
            ActivationFunctionsTest::geluDerivative,
            2.8),
        derivative(
            "GELU', tanh form",
            ActivationFunctions::geluTanhDerivative,
            ActivationFunctionsTest::geluTanhDerivative,
            3.6),
        derivative(
            "SiLU'",
            ActivationFunctions::siluDerivative,
            ActivationFunctionsTest::siluDerivative,
            3.2));
  }

  private static Accuracy value(
      String name,
      FloatFunction function,
      DoubleUnaryOperator truth,
      double from,
      double to,
      double error) {
    return new Accuracy(name, function, truth, from, to, true, error);
  }

  private static Accuracy derivative(
      String name, FloatFunction function, DoubleUnaryOperator truth, double error) {
    return new Accuracy(
        name, function, truth, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, false, error);
  }

  @ParameterizedTest
  @MethodSource("accuracies")
  void errorsAreThoseOfTheContract(Accuracy stated) {
    float at = 0;
    double largest = 0;
    for (OfLong tried = stated.tried().iterator(); tried.hasNext(); ) {
      float x = Float.intBitsToFloat((int) tried.nextLong());
      if (Float.isFinite(x) && x >= stated.from() && x < stated.to()) {
        double error = stated.errorAt(x);
        if (!(error <= largest)) {
          largest = error;
          at = x;
        }
      }
    }
    String found = stated + ": " + largest + " at " + at + ", stated are " + stated.error();
    assertTrue(largest <= stated.error() && stated.error() <= SLACK * largest, found);
  }

  @Test
  void knownValues() {
    assertEquals(0.8413447f, ActivationFunctions.gelu(1));
    assertEquals(0.7310586f, ActivationFunctions.silu(1));
    assertEquals(-0.26894143f, ActivationFunctions.silu(-1));
    assertEquals(1.0833155f, ActivationFunctions.geluDerivative(1));
    assertEquals(1.0829641f, ActivationFunctions.geluTanhDerivative(1));
    assertEquals(0.92767054f, ActivationFunctions.siluDerivative(1));
    assertEquals(3, ActivationFunctions.relu(3));
    assertEquals(0.5f, ActivationFunctions.logistic(0));
    assertEquals(0.5f, normalTail(0));
  }

  /** Values are 0 from where exp is, and no more than the contract says is lost there. */
  @Test
  void farBelowZeroValuesAreZero() {
    checkLost(ActivationFunctions::gelu, x -> x * normal(x), -13.24f, 3.3e-39);
    checkLost(ActivationFunctions::geluTanh, x -> x * logistic(tanhArgument(x)), -10, 4.3e-38);
    checkLost(ActivationFunctions::silu, x -> x * logistic(x), -88, 3.8e-37);
  }

  private static void checkLost(
      FloatFunction function, DoubleUnaryOperator truth, float from, double lost) {
    float x = from;
    while (function.of(x) != 0) {
      x = Math.nextDown(x);
    }
    assertTrue(x < from);
    double first = -truth.applyAsDouble(x);
    assertTrue(first <= lost && lost <= ROUNDING * first, x + ": " + first);
    for (float below = x; below > -Float.MAX_VALUE / 2; below *= 1.001f) {
      assertEquals(0, Math.abs(function.of(below)));
    }
  }

  @Test
  void specialValues() {
    List<FloatFunction> values =
        List.of(
            ActivationFunctions::gelu, ActivationFunctions::geluTanh, ActivationFunctions::silu);
    for (FloatFunction value : values) {
      assertTrue(Float.isNaN(value.of(Float.NaN)));
      assertEquals(Float.POSITIVE_INFINITY, value.of(Float.POSITIVE_INFINITY));
      assertEquals(Float.MAX_VALUE, value.of(Float.MAX_VALUE));
      assertEquals(0, Math.abs(value.of(-Float.MAX_VALUE)));
      assertEquals(0, Math.abs(value.of(Float.NEGATIVE_INFINITY)));
      assertEquals(0f, value.of(0f));
      assertEquals(-0f, value.of(-0f));
    }
    List<FloatFunction> derivatives =
        List.of(
            ActivationFunctions::geluDerivative,
            ActivationFunctions::geluTanhDerivative,
            ActivationFunctions::siluDerivative);
    for (FloatFunction derivative : derivatives) {
      assertTrue(Float.isNaN(derivative.of(Float.NaN)));
      assertEquals(0.5f, derivative.of(-0f));
      for (float large : new float[] {200, Float.MAX_VALUE, Float.POSITIVE_INFINITY}) {
        assertEquals(1, derivative.of(large));
        assertEquals(0, Math.abs(derivative.of(-large)));
      }
    }
    assertEquals(0f, ActivationFunctions.relu(-0f));
    assertEquals(0f, ActivationFunctions.relu(Float.NEGATIVE_INFINITY));
    assertTrue(Float.isNaN(ActivationFunctions.relu(Float.NaN)));
  }
}
