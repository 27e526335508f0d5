package io.github.jdropout.gemm.cublas;

import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.gemm.Transpose;
import io.github.jdropout.spec.DeviceMatrix;

/** From docs/layers.md. */
final class ProductExample {
  static void multiply(CudaDevice device, DeviceMatrix a, DeviceMatrix b, DeviceMatrix c) {
    try (CudaStream stream = CudaStream.create(device);
        CublasGemm gemm = CublasGemm.open(device, stream.handle())) {
      gemm.multiply(1, a, Transpose.NO, b, Transpose.YES, 0, c); // c = a * b', queued
      stream.synchronize();
    }
  }

  private ProductExample() {}
}
