package io.github.jdropout.gemm.cublas;

import io.github.jdropout.backend.cuda.CudaAccess;
import io.github.jdropout.gemm.GemmCall;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.MatrixShape;

/**
 * Products whose factors have no columns and no rows: all sums are 0, and {@code c = beta * c}.
 *
 * <p>cuBLAS does not say what it does with them, and may refuse the null pointers of their factors.
 * So the driver's fill and this library's own kernel do it, in place.
 */
final class SumsWithoutTerms {
  private SumsWithoutTerms() {}

  /** Loads what {@link #queue} needs; not between push and pop. */
  static void prepare(CudaAccess access, GemmCall call) {
    if (call.beta() != 0 && call.beta() != 1) {
      access.prepareScaling(call.c().type());
    }
  }

  /** Queues the call's work, a piece without gaps at a time; the context is current. */
  static void queue(CudaAccess access, GemmCall call, long stream) {
    float beta = call.beta();
    if (beta == 1) {
      return;
    }
    DeviceMatrix first = (DeviceMatrix) call.c();
    MatrixShape shape = first.shape();
    long pieces = shape.isContiguous() ? 1 : shape.rows();
    long count = shape.isContiguous() ? shape.rows() * shape.columns() : shape.columns();
    for (int i = 0; i < call.batches().count(); i++) {
      for (long piece = 0; piece < pieces; piece++) {
        long from = i * call.batches().strideC() + piece * shape.rowStride();
        DeviceElements elements = first.elements().slice(from, count);
        if (beta == 0) {
          access.clear(elements.address(), elements.byteSize(), stream);
        } else {
          access.scale(beta, elements, stream);
        }
      }
    }
  }
}
