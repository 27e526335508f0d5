package io.github.jdropout.backend.cuda.jcuda;

import static io.github.jdropout.testing.Messages.assertRefusedStarting;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import jcuda.runtime.cudaStream_t;
import org.junit.jupiter.api.Test;

/** Needs JCuda's classes only, not its native library. */
class JCudaHandlesTest {
  private static final long ADDRESS = 0x7F00_1234_5678L;

  @Test
  void devicePointersHaveTheirOffset() {
    CUdeviceptr pointer = NativePointers.set(new CUdeviceptr(), ADDRESS);
    assertEquals(ADDRESS, JCudaHandles.address(pointer));
    assertEquals(ADDRESS + 24, JCudaHandles.address(pointer.withByteOffset(16).withByteOffset(8)));
    assertEquals(0, JCudaHandles.address(new CUdeviceptr()));
  }

  @Test
  void pointersOfTheRuntimeHaveTheirOffset() {
    Pointer pointer = NativePointers.set(new Pointer(), ADDRESS);
    assertEquals(ADDRESS, JCudaHandles.address(pointer));
    assertEquals(ADDRESS - 4, JCudaHandles.address(pointer.withByteOffset(-4)));
    Pointer devicePointer = NativePointers.set(new CUdeviceptr(), ADDRESS).withByteOffset(8);
    assertEquals(ADDRESS + 8, JCudaHandles.address(devicePointer));
  }

  @Test
  void pointersToJavaMemoryAreRefused() {
    String start = "pointer must be one that CUDA has allocated but is Pointer[";
    assertRefusedStarting(start, () -> JCudaHandles.address(new Pointer()));
    assertRefusedStarting(start, () -> JCudaHandles.address(Pointer.to(new float[4])));
    assertRefusedStarting(
        start, () -> JCudaHandles.address(Pointer.to(ByteBuffer.allocateDirect(4))));
    Pointer offset = Pointer.to(new float[4]).withByteOffset(8);
    assertRefusedStarting(start, () -> JCudaHandles.address(offset));
  }

  @Test
  void streamsHaveTheirHandle() {
    CUstream stream = NativePointers.set(new CUstream(), ADDRESS);
    assertEquals(ADDRESS, JCudaHandles.stream(stream));
    assertEquals(ADDRESS, JCudaHandles.stream(new cudaStream_t(stream)));
    assertEquals(0, JCudaHandles.stream((CUstream) null));
    assertEquals(0, JCudaHandles.stream((cudaStream_t) null));
  }
}
