package io.github.jdropout.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Checks of epilogues, with one wording for memory of the host and of a device. */
public final class EpilogueChecks {
  private final String name;
  private final ElementType type;
  private final MatrixShape shape;

  /** What the call consists of, for messages that concern more than one argument. */
  private final List<String> arguments = new ArrayList<>();

  private EpilogueChecks(String name, Matrix matrix) {
    this.name = name;
    this.type = matrix.type();
    this.shape = matrix.shape();
    arguments.add(describe(name, matrix.type(), matrix.shape()));
  }

  /**
   * Begins the checks of a call with the matrix that the others are compared with.
   *
   * @param name the argument's name, for messages
   * @throws IllegalArgumentException if layers have no such type
   */
  public static EpilogueChecks of(String name, Matrix matrix) {
    Objects.requireNonNull(matrix, name);
    checkLayerType(name, matrix.type());
    return new EpilogueChecks(name, matrix);
  }

  /**
   * Checks that a type is one of those that layers have.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static void checkLayerType(String name, ElementType type) {
    if (type == ElementType.F64) {
      throw new IllegalArgumentException(name + " must be f32, f16 or bf16 but is " + type.label());
    }
  }

  /** Names another matrix of the call, for messages; checked by {@link #checkMatrices}. */
  private static String describe(String name, ElementType type, MatrixShape shape) {
    return name + " is " + type.label() + shape;
  }

  /**
   * A matrix of the call that has the first one's type and size.
   *
   * @param name the argument's name
   * @param matrix null for none
   */
  public record Named(String name, Matrix matrix) {}

  /**
   * Checks the other matrices, and the bias.
   *
   * @param biasType null for no bias
   * @param biasCount its number of elements
   * @throws IllegalArgumentException if a type or size differs from the first matrix's; the message
   *     has all of them
   */
  public void checkMatrices(ElementType biasType, long biasCount, Named... others) {
    boolean areGood = biasType == null || (biasType == type && biasCount == shape.columns());
    if (biasType != null) {
      arguments.add("bias is " + biasCount + " " + biasType.label());
    }
    for (Named other : others) {
      Matrix matrix = other.matrix;
      if (matrix != null) {
        areGood &= matrix.type() == type && matrix.shape().hasSizeOf(shape);
        arguments.add(describe(other.name, matrix.type(), matrix.shape()));
      }
    }
    if (!areGood) {
      throw new IllegalArgumentException(
          "types and sizes must be those of "
              + name
              + ", with one number of the bias for each column, but "
              + String.join(", ", arguments));
    }
  }

  /**
   * Checks that the epilogue suits the size.
   *
   * @throws IllegalArgumentException if the threshold is not in [0, 65536], or random bits are
   *     drawn and indices of rows overlap, are negative, or reach 2^63
   */
  public void checkIndices(Epilogue epilogue) {
    int threshold = epilogue.threshold();
    if (threshold < 0 || threshold > 65536) {
      throw new IllegalArgumentException("threshold must be in [0, 65536] but is " + threshold);
    }
    if (!epilogue.isRandom() || shape.isEmpty()) {
      return;
    }
    long first = epilogue.firstIndex();
    long stride = epilogue.indexStride();
    if (shape.rows() > 1 && stride < shape.columns()) {
      throw new IllegalArgumentException(
          "indexStride must be at least the columns of " + name + shape + " but is " + stride);
    }
    long rest = Long.MAX_VALUE - (shape.columns() - 1);
    boolean areGood = first >= 0 && first <= rest;
    if (areGood && shape.rows() > 1) {
      areGood = shape.rows() - 1 <= (rest - first) / stride;
    }
    if (!areGood) {
      throw new IllegalArgumentException(
          "the indices of "
              + name
              + shape
              + " must be in [0, 2^63 - 1] but firstIndex is "
              + first
              + " and indexStride "
              + stride);
    }
  }

  /**
   * Checks the sign bits of a forward call, which may be missing.
   *
   * @param byteSize how many bytes there are
   * @throws IllegalArgumentException if they are too few, or the activation has none
   */
  public void checkSigns(Activation activation, long byteSize) {
    if (activation != Activation.RELU) {
      throw new IllegalArgumentException(
          "signs are for relu only, and must be null for " + activation.label());
    }
    long needed = Epilogue.signBytes(shape);
    if (byteSize < needed) {
      throw new IllegalArgumentException(
          "signs must have at least " + needed + " bytes for " + shape + " but have " + byteSize);
    }
  }

  /**
   * Checks that a gradient is given what its activation needs.
   *
   * @throws IllegalArgumentException if something is missing, or given without need
   */
  public static void checkNeeds(Activation activation, boolean hasProduct, boolean hasSigns) {
    checkNeed("product", activation, hasProduct, activation.needsProduct());
    checkNeed("signs", activation, hasSigns, activation == Activation.RELU);
  }

  private static void checkNeed(
      String name, Activation activation, boolean isGiven, boolean isNeeded) {
    if (isGiven != isNeeded) {
      throw new IllegalArgumentException(
          name
              + (isNeeded ? " must not be null" : " must be null")
              + " for the gradient of "
              + activation.label());
    }
  }

  /**
   * Checks the sums of groups of rows.
   *
   * @throws IllegalArgumentException if they are not f32, or not one row for each 32 of the first
   *     matrix's
   */
  public void checkGroupSums(Matrix groupSums) {
    MatrixShape needed = MatrixShape.of(Epilogue.groups(shape.rows()), shape.columns());
    if (groupSums.type() != ElementType.F32 || !groupSums.shape().hasSizeOf(needed)) {
      throw new IllegalArgumentException(
          "groupSums must be f32"
              + needed
              + " for "
              + name
              + shape
              + " but are "
              + groupSums.type().label()
              + groupSums.shape());
    }
  }

  /**
   * Checks a bias's gradient against the sums that it is made of.
   *
   * @throws IllegalArgumentException if a type or the number of columns is wrong
   */
  public static void checkColumnSums(Matrix groupSums, ElementType type, long count) {
    Objects.requireNonNull(groupSums, "groupSums");
    if (groupSums.type() != ElementType.F32) {
      throw new IllegalArgumentException(
          "groupSums must be f32 but are " + groupSums.type().label() + groupSums.shape());
    }
    checkLayerType("gradBias", type);
    if (count != groupSums.columnCount()) {
      throw new IllegalArgumentException(
          "gradBias has "
              + count
              + " elements but groupSums have "
              + groupSums.columnCount()
              + " columns: "
              + groupSums.shape());
    }
  }

  /**
   * Returns whether any element belongs to both of two matrices of one type. Two may lie between
   * each other's rows, as parts of the columns of a third do.
   *
   * @param distance elements from the first one's start to the second one's
   */
  public static boolean overlap(MatrixShape first, MatrixShape second, long distance) {
    if (first.isEmpty()
        || second.isEmpty()
        || distance >= first.span()
        || distance <= -second.span()) {
      return false;
    }
    long stride = first.rowStride();
    if (stride != second.rowStride()) {
      return true;
    }
    long column = Math.floorMod(distance, stride);
    return column < first.columns() || column > stride - second.columns();
  }
}
