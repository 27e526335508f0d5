package io.github.jdropout.gemm.cpu;

import io.github.jdropout.gemm.Gemm;
import io.github.jdropout.gemm.GemmCall;
import io.github.jdropout.spec.BackendUnavailableException;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.Matrix;
import java.util.stream.LongStream;

/**
 * Products on the CPU, of matrices in the host's memory.
 *
 * <p>The result is computed in blocks. Parts of the factors are packed as f32, with the terms of a
 * sum next to each other, and multiplied by {@link Blas}; so one path serves all types, strides and
 * transpositions. Blocks are shared among the threads of the fork-join pool, unless a native
 * library has threads of its own or some memory is confined to one.
 *
 * <p>For one element, {@code sum} being f32, the result is {@code round(alpha * sum + beta * c)}
 * with each product and sum rounded to f32.
 */
public final class CpuGemm implements Gemm {
  /** Products of fewer terms in all are computed by the caller alone. */
  private static final double MIN_PARALLEL_TERMS = 1 << 21;

  private final Blas blas;

  private CpuGemm(Blas blas) {
    this.blas = blas;
  }

  /**
   * Returns what multiplies on this machine.
   *
   * @throws BackendUnavailableException if there is no BLAS
   */
  public static CpuGemm open() {
    try {
      return new CpuGemm(Blas.get());
    } catch (NoClassDefFoundError e) {
      throw new BackendUnavailableException(
          "no products of matrices on the CPU: dev.ludovic.netlib:blas is not on the class path");
    }
  }

  @Override
  public String description() {
    return blas.description();
  }

  @Override
  public void multiply(GemmCall call) {
    Elements a = host("a", call.a());
    Elements b = host("b", call.b());
    Elements c = host("c", call.c());
    a.checkReadable("a");
    b.checkReadable("b");
    c.checkWritable("c");
    if (call.c().shape().isEmpty()) {
      return;
    }
    BlockProduct product = new BlockProduct(call, blas.routines());
    LongStream blocks = LongStream.range(0, product.blockCount());
    boolean isParallel =
        !blas.isNative()
            && (double) call.m() * call.n() * call.k() * call.batches().count()
                >= MIN_PARALLEL_TERMS
            && a.isSharedBetweenThreads()
            && b.isSharedBetweenThreads()
            && c.isSharedBetweenThreads();
    (isParallel ? blocks.parallel() : blocks).forEach(product::compute);
  }

  private static Elements host(String name, Matrix matrix) {
    if (matrix instanceof HostMatrix host) {
      return host.elements();
    }
    throw new IllegalArgumentException(name + " must be in the host's memory but is " + matrix);
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
