package io.github.jdropout.gemm.cpu;

import dev.ludovic.netlib.blas.BLAS;
import io.github.jdropout.gemm.GemmCall;
import io.github.jdropout.gemm.Transpose;
import io.github.jdropout.spec.HostMatrix;
import java.util.Arrays;

/** One call's product, cut into blocks that any threads compute in any order. */
final class BlockProduct {
  /** Rows and columns of a block, and terms that are packed at a time. */
  private static final int BLOCK = 128;

  private static final int TERMS = 512;

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final GemmCall call;
  private final BLAS blas;
  private final HostMatrix a;
  private final HostMatrix b;
  private final HostMatrix c;
  private final long rowBlocks;
  private final long columnBlocks;

  BlockProduct(GemmCall call, BLAS blas) {
    this.call = call;
    this.blas = blas;
    a = (HostMatrix) call.a();
    b = (HostMatrix) call.b();
    c = (HostMatrix) call.c();
    rowBlocks = blocks(call.m());
    columnBlocks = blocks(call.n());
  }

  /** A thread's working memory: small enough for its second-level cache. */
  private static final class Scratch {
    final float[] left = new float[BLOCK * TERMS];
    final float[] right = new float[BLOCK * TERMS];
    final float[] sums = new float[BLOCK * BLOCK];
    final FloatRows rows = new FloatRows(Math.max(BLOCK, TERMS));
  }

  private static long blocks(long size) {
    return (size + BLOCK - 1) / BLOCK;
  }

  long blockCount() {
    return rowBlocks * columnBlocks * call.batches().count();
  }

  /** Computes a block of the result. */
  void compute(long block) {
    long batch = block / (rowBlocks * columnBlocks);
    long inBatch = block % (rowBlocks * columnBlocks);
    long row = inBatch / columnBlocks * BLOCK;
    long column = inBatch % columnBlocks * BLOCK;
    int rows = (int) Math.min(BLOCK, call.m() - row);
    int columns = (int) Math.min(BLOCK, call.n() - column);
    Scratch scratch = SCRATCH.get();
    sum(batch, row, rows, column, columns, scratch);
    long start = batch * call.batches().strideC() + column;
    for (int i = 0; i < rows; i++) {
      long at = start + (row + i) * c.shape().rowStride();
      scratch.rows.writeScaled(
          call.alpha(), scratch.sums, i * columns, call.beta(), c.elements(), at, columns);
    }
  }

  /** Leaves the block's sums in the scratch, row by row. */
  private void sum(long batch, long row, int rows, long column, int columns, Scratch scratch) {
    Arrays.fill(scratch.sums, 0, rows * columns, 0);
    long startA = batch * call.batches().strideA();
    long startB = batch * call.batches().strideB();
    boolean isAlongA = call.transposeA() == Transpose.NO;
    boolean isAlongB = call.transposeB() == Transpose.YES;
    for (long term = 0; term < call.k(); term += TERMS) {
      int terms = (int) Math.min(TERMS, call.k() - term);
      pack(a, startA, isAlongA, row, rows, term, terms, scratch.left, scratch.rows);
      pack(b, startB, isAlongB, column, columns, term, terms, scratch.right, scratch.rows);
      // BLAS thinks in columns: what it takes for the transposed left factor are our rows of b.
      blas.sgemm(
          "T",
          "N",
          columns,
          rows,
          terms,
          1,
          scratch.right,
          0,
          terms,
          scratch.left,
          0,
          terms,
          1,
          scratch.sums,
          0,
          columns);
    }
  }

  /**
   * Packs some vectors of a factor one after the other.
   *
   * @param isAlong whether the vectors are parts of the matrix's rows, not of its columns
   * @param first index of the first vector
   * @param term index of each vector's first number that is packed
   */
  private static void pack(
      HostMatrix matrix,
      long start,
      boolean isAlong,
      long first,
      int vectors,
      long term,
      int terms,
      float[] target,
      FloatRows rows) {
    long stride = matrix.shape().rowStride();
    if (isAlong) {
      for (int i = 0; i < vectors; i++) {
        long from = start + (first + i) * stride + term;
        rows.read(matrix.elements(), from, terms, target, i * terms);
      }
      return;
    }
    for (int i = 0; i < terms; i++) {
      long from = start + (term + i) * stride + first;
      rows.readSpread(matrix.elements(), from, vectors, target, i, terms);
    }
  }
}
