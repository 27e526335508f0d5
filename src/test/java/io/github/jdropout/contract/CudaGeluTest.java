package io.github.jdropout.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.CudaEpilogue;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.backend.cuda.CudaSupport;
import io.github.jdropout.backend.scalar.ScalarKernels;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.Matrix;
import io.github.jdropout.testing.Backends;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * GELU on a GPU has the scalar backend's bits at numbers so close that its divisor takes values
 * everywhere between its ends: there the GPU's reciprocal is of the kernels' own making.
 */
class CudaGeluTest {
  private static final int ROWS = 256;
  private static final int COLUMNS = 2048;

  @Test
  void manyNumbersHaveTheScalarBackendsBits() {
    Backends.assumeAvailable(BackendId.CUDA);
    CudaDevice device = CudaSupport.devices().getFirst();
    int count = ROWS * COLUMNS;
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = -14f * i / count;
    }
    float[] expected = new float[count];
    Epilogue gelu = Epilogue.inference(DropoutSpec.of(0), Activation.GELU);
    HostMatrix product = onHost(numbers);
    ScalarKernels.epilogues().epilogue(gelu, product, null, null, onHost(expected), null);
    try (CudaStream stream = CudaStream.create(device);
        DeviceBits input = new DeviceBits(device, ElementType.F32, bits(numbers));
        DeviceBits output = new DeviceBits(device, ElementType.F32, new long[count])) {
      CudaEpilogue.of(device)
          .epilogue(
              gelu,
              Matrix.onDevice(ElementType.F32, input.elements().address(), ROWS, COLUMNS),
              null,
              null,
              Matrix.onDevice(ElementType.F32, output.elements().address(), ROWS, COLUMNS),
              null,
              stream.handle());
      stream.synchronize();
      assertArrayEquals(bits(expected), output.read());
    }
  }

  private static HostMatrix onHost(float[] values) {
    return Matrix.of(ElementType.F32, MemorySegment.ofArray(values), ROWS, COLUMNS);
  }

  private static long[] bits(float[] values) {
    long[] bits = new long[values.length];
    Arrays.setAll(bits, i -> Integer.toUnsignedLong(Float.floatToRawIntBits(values[i])));
    return bits;
  }
}
