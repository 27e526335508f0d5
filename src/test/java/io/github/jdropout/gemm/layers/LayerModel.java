package io.github.jdropout.gemm.layers;

import io.github.jdropout.oracle.OracleMask;
import io.github.jdropout.spec.Activation;
import java.util.function.ToDoubleFunction;
import org.apache.commons.numbers.gamma.Erfc;

/** The layers in binary64, from their formulas; matrices are arrays, row by row. */
final class LayerModel {
  private LayerModel() {}

  /** Returns {@code left * right^T}: [m x k] times the transpose of [n x k]. */
  static double[] timesTransposed(double[] left, double[] right, int m, int k, int n) {
    double[] product = new double[m * n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        for (int term = 0; term < k; term++) {
          product[i * n + j] += left[i * k + term] * right[j * k + term];
        }
      }
    }
    return product;
  }

  /** Returns the transpose of an [m x n] matrix. */
  static double[] transpose(double[] matrix, int m, int n) {
    double[] transposed = new double[m * n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        transposed[j * m + i] = matrix[i * n + j];
      }
    }
    return transposed;
  }

  /** Returns the absolute values. */
  static double[] absolute(double[] values) {
    double[] absolute = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      absolute[i] = Math.abs(values[i]);
    }
    return absolute;
  }

  /** Returns the factor of each element, 0 where it is dropped. */
  static double[] factors(
      long seed, long stream, long firstIndex, long stride, int rows, int columns, int threshold) {
    double[] factors = new double[rows * columns];
    for (int row = 0; row < rows; row++) {
      int[] lanes = OracleMask.lanes(seed, stream, firstIndex + row * stride, columns);
      for (int column = 0; column < columns; column++) {
        factors[row * columns + column] = lanes[column] < threshold ? 65536.0 / threshold : 0;
      }
    }
    return factors;
  }

  static double activate(Activation activation, double z) {
    return switch (activation) {
      case IDENTITY -> z;
      case RELU -> Math.max(z, 0);
      case GELU -> z * Erfc.value(-z / Math.sqrt(2)) / 2;
      case GELU_TANH ->
          z * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z * z * z))) / 2;
      case SILU -> z / (1 + Math.exp(-z));
    };
  }

  /** Returns the central difference quotients of a function with respect to each number. */
  static double[] gradient(double[] at, ToDoubleFunction<double[]> function) {
    double h = 0x1p-14;
    double[] moved = at.clone();
    double[] gradient = new double[at.length];
    for (int i = 0; i < at.length; i++) {
      moved[i] = at[i] + h;
      double above = function.applyAsDouble(moved);
      moved[i] = at[i] - h;
      double below = function.applyAsDouble(moved);
      moved[i] = at[i];
      gradient[i] = (above - below) / (2 * h);
    }
    return gradient;
  }

  static double dot(double[] left, double[] right) {
    double sum = 0;
    for (int i = 0; i < left.length; i++) {
      sum += left[i] * right[i];
    }
    return sum;
  }
}
