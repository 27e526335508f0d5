package io.github.jdropout.examples;

import io.github.jdropout.backend.cuda.CudaDropout;
import io.github.jdropout.backend.cuda.jcuda.JCudaHandles;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;

/** Dropout in a program that calls JCuda: on its pointers, in its context, on its stream. */
final class JCudaExample {
  static void drop(CudaDropout dropout, CUdeviceptr x, long count, MaskKey key, CUstream stream) {
    DeviceElements elements = new DeviceElements(ElementType.F32, JCudaHandles.address(x), count);
    dropout.forward(elements, elements, key, 0, JCudaHandles.stream(stream));
  }

  private JCudaExample() {}
}
