package io.github.jdropout.parity;

import io.github.jdropout.gemm.Batches;
import io.github.jdropout.gemm.GemmCall;
import io.github.jdropout.gemm.Transpose;
import io.github.jdropout.parity.CaseResult.Difference;
import io.github.jdropout.parity.reference.ReferenceArithmetic;
import io.github.jdropout.parity.reference.ReferenceProduct;
import io.github.jdropout.parity.reference.ReferenceRows;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.Matrix;
import io.github.jdropout.spec.MatrixShape;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Runs products of matrices, whose errors have a bound. */
final class ProductRunner implements CaseRunner {
  @Override
  public CaseResult run(ParityCase given, Subject subject, Workspace workspace, Threads threads) {
    Operands operands = new Operands(given, workspace);
    GemmCall call = operands.call();
    threads.run(given.threads(), () -> subject.multiply(call));
    return operands.check();
  }

  /** The matrices of a case. */
  private static final class Operands {
    private final ParityCase given;
    private final Workspace workspace;
    private final ElementType type;
    private final ElementType resultType;
    private final int m;
    private final int n;
    private final int k;
    private final boolean isTransposedA;
    private final boolean isTransposedB;
    private final Operand a;
    private final Operand b;
    private final Operand c;

    /** A matrix, and the same without gaps. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Operand(HostMatrix matrix, Guarded memory, float[] values) {}

    Operands(ParityCase given, Workspace workspace) {
      this.given = given;
      this.workspace = workspace;
      type = given.type().orElseThrow();
      resultType = given.resultType();
      m = given.size(CaseField.ROWS);
      n = given.size(CaseField.COLUMNS);
      k = given.size(CaseField.TERMS);
      isTransposedA = given.transpose().charAt(0) == 't';
      isTransposedB = given.transpose().charAt(1) == 't';
      a = isTransposedA ? operand(type, k, m, 1) : operand(type, m, k, 1);
      b = isTransposedB ? operand(type, n, k, 2) : operand(type, k, n, 2);
      c = operand(resultType, m, n, 3);
      if (given.factor(CaseField.BETA) == 0) {
        // Must not be read.
        scatter(c.matrix.shape(), resultType, nans(), c.memory.memory());
      }
    }

    private MemorySegment nans() {
      MemorySegment nans = workspace.memory((long) m * n * resultType.bytes());
      for (int i = 0; i < m * n; i++) {
        ElementBits.set(resultType, nans, i, ElementBits.special(resultType)[0]);
      }
      return nans;
    }

    private Operand operand(ElementType elements, int rows, int columns, int salt) {
      long gap = given.natural(CaseField.GAP);
      MatrixShape shape = new MatrixShape(rows, columns, columns + gap);
      MemorySegment numbers = workspace.memory((long) rows * columns * elements.bytes());
      int seed = (int) given.key().seed();
      Values.NORMAL.fill(workspace, elements, numbers, salt + 4 * (seed + m + n + k));
      Guarded memory = given.place().allocate(workspace, elements, shape.span() * elements.bytes());
      scatter(shape, elements, numbers, memory.memory());
      return new Operand(
          Matrix.of(elements, memory.memory(), shape),
          memory,
          ReferenceRows.read(elements, numbers, 0, rows * columns));
    }

    private static void scatter(
        MatrixShape shape, ElementType type, MemorySegment numbers, MemorySegment target) {
      long rowBytes = shape.columns() * type.bytes();
      for (long row = 0; row < shape.rows(); row++) {
        long at = row * shape.rowStride() * type.bytes();
        MemorySegment.copy(numbers, row * rowBytes, target, at, rowBytes);
      }
    }

    GemmCall call() {
      return new GemmCall(
          Batches.ONE,
          given.factor(CaseField.ALPHA),
          a.matrix,
          isTransposedA ? Transpose.YES : Transpose.NO,
          b.matrix,
          isTransposedB ? Transpose.YES : Transpose.NO,
          given.factor(CaseField.BETA),
          c.matrix);
    }

    CaseResult check() {
      ReferenceProduct reference =
          new ReferenceProduct(
              given.factor(CaseField.ALPHA),
              a.values,
              isTransposedA,
              b.values,
              isTransposedB,
              given.factor(CaseField.BETA),
              c.values,
              m,
              n,
              k);
      double worst = 0;
      for (int row = 0; row < m; row++) {
        long start = row * c.matrix.shape().rowStride();
        float[] actual = ReferenceRows.read(resultType, c.memory.memory(), start, n);
        double[] expected = reference.row(row);
        double[] bounds = reference.bounds(row, resultType);
        for (int column = 0; column < n; column++) {
          double error = Math.abs(actual[column] - expected[column]);
          // Written so that a NaN is beyond.
          if (!(error <= bounds[column])) {
            return new CaseResult(
                Optional.of(
                    difference(row, column, expected[column], actual[column], bounds[column])),
                error / bounds[column]);
          }
          worst = Math.max(worst, error == 0 ? 0 : error / bounds[column]);
        }
      }
      return new CaseResult(Checks.canaries(c.memory, resultType.bytes(), "result"), worst);
    }

    private Difference difference(
        int row, int column, double expected, float actual, double bound) {
      return new Difference(
          (long) row * n + column,
          "",
          bits((float) expected),
          bits(actual),
          "should be " + expected + " within " + bound + " but is " + actual);
    }

    private String bits(float value) {
      return ElementBits.hex(resultType, ReferenceArithmetic.narrow(resultType, value));
    }
  }
}
