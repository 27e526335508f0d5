package io.github.jdropout.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jdropout.backend.cuda.jcuda.JCudaHandles;
import io.github.jdropout.gemm.layers.Engine;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.Matrix;
import io.github.jdropout.testing.Jcuda;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;

/** The example of docs/layers.md in memory, in a context and on a stream of JCuda's. */
class CudaLoraFineTuningTest {
  @Test
  void adapterLearns() {
    Jcuda.assumeUsable();
    CUdevice device = new CUdevice();
    CUcontext context = new CUcontext();
    CUstream stream = new CUstream();
    JCudaDriver.cuInit(0);
    assertEquals(0, JCudaDriver.cuDeviceGet(device, 0));
    assertEquals(0, JCudaDriver.cuCtxCreate(context, 0, device));
    // A blocking stream: the copies of the example, on the default stream, wait for it.
    assertEquals(0, JCudaDriver.cuStreamCreate(stream, 0));
    try (Engine engine = Engine.cuda(JCudaHandles.stream(stream))) {
      new OnDevice().teach(engine);
    }
    assertEquals(0, JCudaDriver.cuCtxDestroy(context));
  }

  private static final class OnDevice extends LoraLesson {
    @Override
    Matrix matrix(float[] values, long rows, long columns) {
      return LoraFineTuning.onDevice(values, rows, columns);
    }

    @Override
    float[] values(Matrix matrix) {
      float[] values = new float[(int) matrix.elementCount()];
      CUdeviceptr memory = pointer(((Bytes.OfDevice) matrix.bytes()).address());
      assertEquals(0, JCudaDriver.cuMemcpyDtoH(Pointer.to(values), memory, 4L * values.length));
      return values;
    }

    /** JCuda has no way from an address to a pointer but an offset. */
    private static CUdeviceptr pointer(long address) {
      return new CUdeviceptr().withByteOffset(address);
    }

    @Override
    Bytes bytes(long size) {
      Matrix memory = LoraFineTuning.onDevice(new float[(int) (size + 3) / 4], (size + 3) / 4, 1);
      return memory.bytes();
    }
  }
}
