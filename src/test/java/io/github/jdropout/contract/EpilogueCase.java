package io.github.jdropout.contract;

import io.github.jdropout.oracle.OracleMask;
import io.github.jdropout.parity.reference.ReferenceArithmetic;
import io.github.jdropout.parity.reference.ReferenceEpilogue;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.Scaling;

/**
 * One epilogue, its operands, and what the oracle says of them.
 *
 * <p>Elements are bits of the type, row after row, without gaps.
 */
final class EpilogueCase {
  private static final MaskKey KEY = new MaskKey(0x299F31D0A4093822L, 0x0370734413198A2EL);

  final Epilogue epilogue;
  final ElementType type;
  final int rows;
  final int columns;

  final long[] product;
  final long[] gradOutput;

  /** Null for none. */
  final long[] bias;

  /** Null for none. */
  final long[] residual;

  private final ReferenceEpilogue oracle;

  /** Random bits of all elements; null where none are drawn. */
  private final int[][] lanes;

  private EpilogueCase(
      Epilogue epilogue, ReferenceEpilogue oracle, int rows, int columns, long[][] operands) {
    this.epilogue = epilogue;
    this.oracle = oracle;
    this.type = oracle.type();
    this.rows = rows;
    this.columns = columns;
    this.product = operands[0];
    this.gradOutput = operands[1];
    this.bias = operands[2];
    this.residual = operands[3];
    this.lanes = epilogue.isRandom() ? new int[rows][] : null;
    for (int row = 0; lanes != null && row < rows; row++) {
      long first = epilogue.firstIndex() + row * epilogue.indexStride();
      lanes[row] = OracleMask.lanes(KEY.seed(), KEY.stream(), first, columns);
    }
  }

  /**
   * Returns a training step.
   *
   * @param operands product, gradOutput, bias and residual; the last two may be null
   */
  static EpilogueCase training(
      ElementType type,
      Activation activation,
      DropoutSpec spec,
      long firstIndex,
      long indexStride,
      int rows,
      int columns,
      long[]... operands) {
    int threshold = OracleMask.threshold(spec.p());
    boolean isScaled = spec.scaling() == Scaling.INVERTED && threshold != 0;
    float factor = isScaled ? ReferenceArithmetic.scaleF32(threshold) : 1;
    return new EpilogueCase(
        Epilogue.training(spec, activation, KEY, firstIndex, indexStride),
        new ReferenceEpilogue(type, activation, factor),
        rows,
        columns,
        operands);
  }

  /** Returns inference; see {@link #training}. */
  static EpilogueCase inference(
      ElementType type,
      Activation activation,
      DropoutSpec spec,
      int rows,
      int columns,
      long[]... operands) {
    boolean isScaled = spec.scaling() == Scaling.CLASSICAL;
    float factor = isScaled ? OracleMask.threshold(spec.p()) / 65536f : 1;
    return new EpilogueCase(
        Epilogue.inference(spec, activation),
        new ReferenceEpilogue(type, activation, factor),
        rows,
        columns,
        operands);
  }

  private boolean isKept(int row, int column) {
    if (lanes == null) {
      return epilogue.threshold() != 0;
    }
    return lanes[row][column] < epilogue.threshold();
  }

  private float argument(int row, int column) {
    return oracle.argument(product[row * columns + column], bias == null ? null : bias[column]);
  }

  /** Returns what the forward pass writes. */
  long[] output() {
    long[] output = new long[rows * columns];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        int at = row * columns + column;
        Long added = residual == null ? null : residual[at];
        output[at] = oracle.output(argument(row, column), isKept(row, column), added);
      }
    }
    return output;
  }

  /** Returns the sign bits, words of 64 bits. */
  long[] signs() {
    int rowWords = (columns + 63) / 64;
    long[] words = new long[rows * rowWords];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        if (ReferenceEpilogue.sign(argument(row, column))) {
          words[row * rowWords + column / 64] += 1L << (column % 64);
        }
      }
    }
    return words;
  }

  /** Returns the gradient with respect to the product, as binary32. */
  float[][] gradient() {
    float[][] gradient = new float[rows][columns];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        gradient[row][column] =
            oracle.gradient(
                argument(row, column), isKept(row, column), gradOutput[row * columns + column]);
      }
    }
    return gradient;
  }

  /** Returns what the backward pass writes of a gradient. */
  long[] rounded(float[][] gradient) {
    long[] bits = new long[gradient.length * columns];
    for (int at = 0; at < bits.length; at++) {
      bits[at] = ReferenceArithmetic.narrow(type, gradient[at / columns][at % columns]);
    }
    return bits;
  }

  /** Returns the sums over each 32 rows of a gradient, as bits. */
  long[] groupSums(float[][] gradient) {
    float[][] sums = ReferenceEpilogue.groupSums(gradient, columns);
    long[] bits = new long[sums.length * columns];
    for (int at = 0; at < bits.length; at++) {
      bits[at] = ReferenceArithmetic.narrow(ElementType.F32, sums[at / columns][at % columns]);
    }
    return bits;
  }

  /**
   * Returns what is wrong with the first wrong element, or null; any NaN equals any other.
   *
   * @param results of {@link #columns} columns
   */
  String firstDifference(ElementType resultType, long[] expected, long[] results) {
    for (int at = 0; at < expected.length; at++) {
      boolean areNaN =
          ReferenceArithmetic.isNaN(resultType, expected[at])
              && ReferenceArithmetic.isNaN(resultType, results[at]);
      if (expected[at] != results[at] && !areNaN) {
        return String.format(
            "row %d, column %d: expected %x but was %x in %s",
            at / columns, at % columns, expected[at], results[at], this);
      }
    }
    return null;
  }

  @Override
  public String toString() {
    return String.format(
        "%d x %d %s%s%s, %s",
        rows,
        columns,
        type.label(),
        bias == null ? "" : " with bias",
        residual == null ? "" : " with residual",
        epilogue);
  }
}
