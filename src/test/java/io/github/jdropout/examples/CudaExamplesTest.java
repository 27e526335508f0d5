package io.github.jdropout.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.Dropout;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.CudaDropout;
import io.github.jdropout.backend.cuda.CudaGraph;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.backend.cuda.CudaSupport;
import io.github.jdropout.backend.cuda.DeviceBuffer;
import io.github.jdropout.backend.cuda.DeviceKey;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.testing.Backends;
import io.github.jdropout.testing.Jcuda;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of docs/cuda.md: they are there as they are here, and do what they say. */
class CudaExamplesTest {
  private static final int COUNT = 1000;

  @BeforeEach
  void backendIsThere() {
    Backends.assumeAvailable(BackendId.CUDA);
  }

  private static float[] ones() {
    float[] ones = new float[COUNT];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static float[] expected(MaskKey key) {
    float[] dropped = ones();
    Dropout.of(DropoutSpec.of(0.5), BackendId.SCALAR).forward(dropped, dropped, key);
    return dropped;
  }

  @ParameterizedTest
  @ValueSource(strings = {"DeviceMemoryExample", "JCudaExample", "GraphExample"})
  void pageShowsTheExamplesThatAreRun(String name) throws IOException {
    Path file = Path.of("src/test/java/io/github/jdropout/examples", name + ".java");
    String example = Files.readString(file);
    String body =
        example.substring(
            example.indexOf("  static "), example.indexOf("\n  private " + name + "()"));
    String page = Files.readString(Path.of("docs/cuda.md"));
    assertTrue(page.contains("```java\n" + body.stripTrailing().stripIndent() + "\n```\n"), name);
  }

  @Test
  void deviceMemory() {
    assertArrayEquals(expected(new MaskKey(42, 7)), DeviceMemoryExample.drop(ones()));
  }

  @Test
  void jcuda() {
    Jcuda.assumeUsable();
    CUdevice device = new CUdevice();
    CUcontext context = new CUcontext();
    CUdeviceptr pointer = new CUdeviceptr();
    CUstream stream = new CUstream();
    JCudaDriver.cuInit(0);
    assertEquals(0, JCudaDriver.cuDeviceGet(device, 0));
    assertEquals(0, JCudaDriver.cuCtxCreate(context, 0, device));
    assertEquals(0, JCudaDriver.cuMemAlloc(pointer, 4L * COUNT));
    assertEquals(0, JCudaDriver.cuStreamCreate(stream, 0));
    float[] values = ones();
    assertEquals(0, JCudaDriver.cuMemcpyHtoD(pointer, Pointer.to(values), 4L * COUNT));

    MaskKey key = new MaskKey(1, 2);
    JCudaExample.drop(CudaDropout.of(DropoutSpec.of(0.5)), pointer, COUNT, key, stream);

    assertEquals(0, JCudaDriver.cuStreamSynchronize(stream));
    assertEquals(0, JCudaDriver.cuMemcpyDtoH(Pointer.to(values), pointer, 4L * COUNT));
    assertArrayEquals(expected(key), values);
    assertEquals(0, JCudaDriver.cuCtxDestroy(context));
  }

  @Test
  void graph() {
    CudaDevice device = CudaSupport.devices().getFirst();
    try (CudaStream stream = CudaStream.create(device);
        DeviceBuffer x = DeviceBuffer.allocate(device, 4L * COUNT);
        DeviceBuffer y = DeviceBuffer.allocate(device, 4L * COUNT);
        DeviceBuffer gradX = DeviceBuffer.allocate(device, 4L * COUNT);
        DeviceKey key = DeviceKey.of(device, new MaskKey(3, 100))) {
      x.copyFrom(MemorySegment.ofArray(ones()));
      try (CudaGraph graph =
          GraphExample.record(
              CudaDropout.of(DropoutSpec.of(0.5), device),
              x.elements(ElementType.F32, COUNT),
              y.elements(ElementType.F32, COUNT),
              x.elements(ElementType.F32, COUNT),
              gradX.elements(ElementType.F32, COUNT),
              key,
              stream)) {
        for (int run = 0; run < 3; run++) {
          graph.launch(stream);
          stream.synchronize();
          float[] values = new float[COUNT];
          for (DeviceBuffer result : new DeviceBuffer[] {y, gradX}) {
            result.copyTo(MemorySegment.ofArray(values));
            assertArrayEquals(expected(new MaskKey(3, 100 + run)), values);
          }
        }
      }
      assertEquals(new MaskKey(3, 103), key.get());
    }
  }
}
