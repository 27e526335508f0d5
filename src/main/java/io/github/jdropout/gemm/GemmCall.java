package io.github.jdropout.gemm;

import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.Matrix;
import java.util.Objects;

/**
 * The arguments of a product, checked: {@code c = alpha * a * b + beta * c}.
 *
 * @param batches how many products, and the distances of their matrices
 * @param a left factor, of the first product
 * @param b right factor, of the first product
 * @param c result, of the first product
 */
public record GemmCall(
    Batches batches,
    float alpha,
    Matrix a,
    Transpose transposeA,
    Matrix b,
    Transpose transposeB,
    float beta,
    Matrix c) {
  /**
   * Checks the arguments.
   *
   * @throws IllegalArgumentException if shapes or types do not go together, or the result overlaps
   *     a factor or itself
   */
  public GemmCall {
    Objects.requireNonNull(batches, "batches");
    Objects.requireNonNull(a, "a");
    Objects.requireNonNull(b, "b");
    Objects.requireNonNull(c, "c");
    Objects.requireNonNull(transposeA, "transposeA");
    Objects.requireNonNull(transposeB, "transposeB");
    String shapes = describe(a, transposeA, b, transposeB, c);
    checkTypes(a, b, c, shapes);
    long k = columns(a, transposeA);
    if (rows(b, transposeB) != k
        || c.rowCount() != rows(a, transposeA)
        || c.columnCount() != columns(b, transposeB)) {
      throw new IllegalArgumentException("shapes do not go together: " + shapes);
    }
    checkBatch("a", a, batches.strideA(), batches.count(), shapes);
    checkBatch("b", b, batches.strideB(), batches.count(), shapes);
    checkBatch("c", c, batches.strideC(), batches.count(), shapes);
    if (batches.count() > 1 && batches.strideC() < c.shape().span()) {
      throw new IllegalArgumentException(
          "strideC must be at least "
              + c.shape().span()
              + " but is "
              + batches.strideC()
              + ": "
              + shapes);
    }
    long lengthC = length(c, batches.strideC(), batches.count());
    if (overlap(c, lengthC, a, length(a, batches.strideA(), batches.count()))
        || overlap(c, lengthC, b, length(b, batches.strideB(), batches.count()))) {
      throw new IllegalArgumentException("c must not overlap a or b: " + shapes);
    }
  }

  /** Returns the number of rows of the result. */
  public long m() {
    return c.rowCount();
  }

  /** Returns the number of columns of the result. */
  public long n() {
    return c.columnCount();
  }

  /** Returns the number of terms of each sum. */
  public long k() {
    return columns(a, transposeA);
  }

  private static long rows(Matrix matrix, Transpose transpose) {
    return transpose == Transpose.YES ? matrix.columnCount() : matrix.rowCount();
  }

  private static long columns(Matrix matrix, Transpose transpose) {
    return transpose == Transpose.YES ? matrix.rowCount() : matrix.columnCount();
  }

  private static void checkTypes(Matrix a, Matrix b, Matrix c, String shapes) {
    if (a.type() == ElementType.F64
        || a.type() != b.type()
        || (c.type() != a.type() && c.type() != ElementType.F32)) {
      throw new IllegalArgumentException(
          "a and b must both be f32, f16 or bf16, and c of their type or f32, but they are "
              + a.type().label()
              + ", "
              + b.type().label()
              + " and "
              + c.type().label()
              + ": "
              + shapes);
    }
  }

  /** Checks that all matrices of a batch are in their memory. */
  private static void checkBatch(
      String name, Matrix matrix, long stride, int count, String shapes) {
    long span = matrix.shape().span();
    if (count > 1 && stride > (matrix.elementCount() - span) / (count - 1)) {
      throw new IllegalArgumentException(
          name
              + " has "
              + matrix.elementCount()
              + " elements, too few for "
              + count
              + " matrices "
              + matrix.shape()
              + " at a distance of "
              + stride
              + ": "
              + shapes);
    }
  }

  /** Returns how many elements lie from the first of a batch to its last. */
  private static long length(Matrix matrix, long stride, int count) {
    return matrix.shape().isEmpty() ? 0 : (count - 1) * stride + matrix.shape().span();
  }

  private static boolean overlap(Matrix c, long lengthC, Matrix factor, long lengthFactor) {
    if (c instanceof HostMatrix hostC && factor instanceof HostMatrix hostFactor) {
      return hostC
          .elements()
          .slice(0, lengthC)
          .overlaps(hostFactor.elements().slice(0, lengthFactor));
    }
    if (c instanceof DeviceMatrix deviceC && factor instanceof DeviceMatrix deviceFactor) {
      return deviceC
          .elements()
          .slice(0, lengthC)
          .bytes()
          .overlaps(deviceFactor.elements().slice(0, lengthFactor).bytes());
    }
    throw new IllegalArgumentException(
        "matrices must all be in the host's memory or all on a device, but c is "
            + c
            + " and a factor is "
            + factor);
  }

  private static String describe(
      Matrix a, Transpose transposeA, Matrix b, Transpose transposeB, Matrix c) {
    return "a "
        + a.shape()
        + (transposeA == Transpose.YES ? " transposed" : "")
        + ", b "
        + b.shape()
        + (transposeB == Transpose.YES ? " transposed" : "")
        + ", c "
        + c.shape();
  }

  @Override
  public String toString() {
    return (batches.count() > 1 ? batches + " of " : "")
        + a.type().label()
        + " product to "
        + c.type().label()
        + ": "
        + describe(a, transposeA, b, transposeB, c);
  }
}
