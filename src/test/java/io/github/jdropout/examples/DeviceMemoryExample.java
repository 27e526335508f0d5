package io.github.jdropout.examples;

import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.CudaDropout;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.backend.cuda.CudaSupport;
import io.github.jdropout.backend.cuda.DeviceBuffer;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import java.lang.foreign.MemorySegment;

/** Dropout of values that are on a GPU. */
final class DeviceMemoryExample {
  static float[] drop(float[] values) {
    CudaDevice device = CudaSupport.devices().getFirst();
    CudaDropout dropout = CudaDropout.of(DropoutSpec.of(0.5), device);
    MaskKey key = new MaskKey(42, 7);
    try (CudaStream stream = CudaStream.create(device);
        DeviceBuffer buffer = DeviceBuffer.allocate(device, (long) values.length * Float.BYTES)) {
      buffer.copyFrom(MemorySegment.ofArray(values));
      DeviceElements x = buffer.elements(ElementType.F32, values.length);
      dropout.forward(x, x, key, 0, stream.handle()); // queued; returns at once
      stream.synchronize();
      float[] result = new float[values.length];
      buffer.copyTo(MemorySegment.ofArray(result));
      return result;
    }
  }

  private DeviceMemoryExample() {}
}
