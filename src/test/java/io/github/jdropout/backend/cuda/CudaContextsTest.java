package io.github.jdropout.backend.cuda;

import static io.github.jdropout.testing.Messages.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jdropout.Dropout;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.cuda.driver.CudaDriver;
import io.github.jdropout.backend.cuda.jcuda.JCudaHandles;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.testing.Backends;
import io.github.jdropout.testing.Jcuda;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import jcuda.Pointer;
import jcuda.Sizeof;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whose context a call runs in, on which stream and device. */
class CudaContextsTest {
  private static final int COUNT = 3000;
  private static final DropoutSpec SPEC = DropoutSpec.of(0.3);
  private static final MaskKey KEY = new MaskKey(3, 4);
  private static final float[] EXPECTED = Floats.dropped(SPEC, KEY, COUNT);

  private CudaDriver driver;
  private CudaDevice device;

  @BeforeEach
  void backendIsThere() {
    Backends.assumeAvailable(BackendId.CUDA);
    driver = CudaSupport.cuda().driver();
    device = CudaSupport.devices().getFirst();
    assertEquals(0, currentContext(), "the thread of the tests has a context");
  }

  private long currentContext() {
    long[] context = new long[1];
    assertEquals(0, driver.currentContext(context));
    return context[0];
  }

  @Test
  void withoutAContextThePrimaryOneServesAndIsNotLeftBehind() {
    for (CudaDropout dropout : List.of(CudaDropout.of(SPEC), CudaDropout.of(SPEC, device))) {
      try (Floats cells = Floats.counting(device, COUNT)) {
        dropout.prepare(ElementType.F32);
        dropout.forward(cells.elements(), cells.elements(), KEY, 0, 0);
        assertEquals(0, currentContext());
        assertArrayEquals(EXPECTED, cells.values());
      }
    }
    assertNull(CudaSupport.cuda().current());
  }

  @Test
  void failedCallsLeaveNoContextBehind() {
    DeviceElements none = new DeviceElements(ElementType.F32, 256, 1);
    CudaDropout dropout = CudaDropout.of(SPEC);
    assertThrows(IllegalArgumentException.class, () -> dropout.infer(none, none, 0));
    assertThrows(CudaException.class, () -> DeviceBuffer.allocate(device, 1L << 50));
    assertEquals(0, currentContext());
  }

  /** As the code of others has it: their context, memory and stream. */
  @Test
  void contextOfTheUserIsUsedAndMayBeReplaced() {
    CudaContext before = null;
    for (int round = 0; round < 3; round++) {
      long handle = RawDriver.createContext(0);
      CudaContext context = CudaSupport.cuda().current();
      assertNotSame(CudaSupport.cuda().primary(device), context);
      assertNotSame(before, context);
      assertSame(context, CudaSupport.cuda().current());
      checkInCurrentContext(CudaDropout.of(SPEC));
      checkInCurrentContext(CudaDropout.of(SPEC, device));
      assertEquals(handle, currentContext());
      // What has a context of its own works beside it.
      try (Floats cells = Floats.counting(device, COUNT)) {
        assertArrayEquals(Floats.counting(COUNT), cells.values());
      }
      assertEquals(handle, currentContext());
      RawDriver.destroyContext(handle);
      assertEquals(0, currentContext());
      before = context;
    }
    try (Floats cells = Floats.counting(device, COUNT)) {
      CudaDropout.of(SPEC).forward(cells.elements(), cells.elements(), KEY, 0, 0);
      assertArrayEquals(EXPECTED, cells.values());
    }
  }

  private void checkInCurrentContext(CudaDropout dropout) {
    long[] out = new long[1];
    assertEquals(0, driver.allocate(4 * COUNT, out));
    long address = out[0];
    assertEquals(0, driver.createStream(out));
    DeviceElements cells = new DeviceElements(ElementType.F32, address, COUNT);
    for (long stream : new long[] {out[0], 0}) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment host = arena.allocateFrom(ValueLayout.JAVA_FLOAT, Floats.counting(COUNT));
        assertEquals(0, driver.copyToDevice(address, host.address(), 4 * COUNT, stream));
        dropout.forward(cells, cells, KEY, 0, stream);
        assertEquals(0, driver.copyToHost(host.address(), address, 4 * COUNT, stream));
        assertEquals(0, driver.synchronizeStream(stream));
        assertArrayEquals(EXPECTED, host.toArray(ValueLayout.JAVA_FLOAT));
      }
    }
    assertEquals(0, driver.destroyStream(out[0]));
    assertEquals(0, driver.free(address));
  }

  /** A context cannot reach the memory of another, though it be on the same device. */
  @Test
  void memoryOfAnotherContextIsRefused() {
    try (Floats cells = Floats.counting(device, COUNT)) {
      long handle = RawDriver.createContext(0);
      try {
        assertRefused(
            "input is in another context of " + device + " than the call's",
            () -> CudaDropout.of(SPEC).forward(cells.elements(), cells.elements(), KEY, 0, 0));
      } finally {
        RawDriver.destroyContext(handle);
      }
      assertArrayEquals(Floats.counting(COUNT), cells.values());
    }
  }

  /** The same of a key. */
  @Test
  void keyInThePrimaryContextIsRefusedInAnother() {
    try (Floats cells = Floats.counting(device, COUNT);
        DeviceKey key = DeviceKey.of(device, KEY)) {
      long handle = RawDriver.createContext(0);
      try {
        assertRefused(
            "key is in the primary context of "
                + device
                + " but the current context is another one",
            () -> CudaDropout.of(SPEC).forward(cells.elements(), cells.elements(), key, 0, 0));
        // The key itself stays usable.
        key.advance(1, 0);
        assertEquals(new MaskKey(3, 5), key.get());
      } finally {
        RawDriver.destroyContext(handle);
      }
      assertArrayEquals(Floats.counting(COUNT), cells.values());
    }
  }

  @Test
  void streamOfAnotherContextIsAnError() {
    try (CudaStream stream = CudaStream.create(device)) {
      long handle = RawDriver.createContext(0);
      try {
        long[] address = new long[1];
        assertEquals(0, driver.allocate(4 * COUNT, address));
        DeviceElements cells = new DeviceElements(ElementType.F32, address[0], COUNT);
        CudaDropout dropout = CudaDropout.of(SPEC);
        CudaException e =
            assertThrows(
                CudaException.class, () -> dropout.forward(cells, cells, KEY, 0, stream.handle()));
        assertTrue(
            e.getMessage().startsWith("cuLaunchKernel(dropout_forward_f32; "), e.getMessage());
        checkInCurrentContext(dropout);
      } finally {
        RawDriver.destroyContext(handle);
      }
    }
  }

  private static CudaDevice second() {
    List<CudaDevice> devices = CudaSupport.devices();
    assumeTrue(devices.size() > 1, "needs two devices, and there is only " + devices);
    return devices.get(1);
  }

  @Test
  void backendsOfTwoDevicesWorkInOneJvm() {
    CudaDevice second = second();
    // Not those that other tests may have used: they have their buffers already.
    Dropout there = Dropout.on(SPEC, new StagedBackend(CudaSupport.cuda(), second));
    Dropout here = Dropout.on(SPEC, new StagedBackend(CudaSupport.cuda(), device));
    long freeHere = RawDriver.freeMemory(device);
    long freeThere = RawDriver.freeMemory(second);
    float[] output = new float[COUNT];
    there.forward(Floats.counting(COUNT), output, KEY);
    assertArrayEquals(EXPECTED, output);
    assertEquals(freeHere, RawDriver.freeMemory(device));
    assertTrue(RawDriver.freeMemory(second) < freeThere);
    here.forward(Floats.counting(COUNT), output, new MaskKey(5, 6));
    assertArrayEquals(Floats.dropped(SPEC, new MaskKey(5, 6), COUNT), output);
    assertTrue(RawDriver.freeMemory(device) < freeHere);
    Dropout offered = Dropout.on(SPEC, CudaSupport.backend(second));
    offered.forward(Floats.counting(COUNT), output, KEY);
    assertArrayEquals(EXPECTED, output);
    assertEquals(there.backend().description(), offered.backend().description());
    assertTrue(there.backend().description().contains("(device 1, "), there.toString());
    assertTrue(here.backend().description().contains("(device 0, "), here.toString());
  }

  @Test
  void memoryOfTheSecondDeviceIsComputedThere() {
    CudaDevice second = second();
    try (CudaStream stream = CudaStream.create(second);
        DeviceKey key = DeviceKey.of(second, KEY);
        Floats cells = Floats.counting(second, COUNT);
        Floats others = Floats.counting(second, COUNT)) {
      CudaDropout dropout = CudaDropout.of(SPEC, second);
      dropout.forward(cells.elements(), cells.elements(), KEY, 0, 0);
      assertArrayEquals(EXPECTED, cells.values());
      dropout.forward(others.elements(), others.elements(), key, 0, stream.handle());
      stream.synchronize();
      assertArrayEquals(EXPECTED, others.values());
    }
  }

  /** A kernel can reach it through the bus. */
  @Test
  @SuppressWarnings("restricted") // The driver has allocated as much.
  void pageLockedMemoryIsTaken() {
    CudaContext context = CudaSupport.cuda().primary(device);
    long[] out = new long[1];
    context.push();
    try (CudaStream stream = CudaStream.create(device)) {
      assertEquals(0, driver.allocatePinned(4 * COUNT, out));
      MemorySegment pinned = MemorySegment.ofAddress(out[0]).reinterpret(4 * COUNT);
      pinned.copyFrom(MemorySegment.ofArray(Floats.counting(COUNT)));
      DeviceElements cells = new DeviceElements(ElementType.F32, out[0], COUNT);
      CudaDropout.of(SPEC).forward(cells, cells, KEY, 0, stream.handle());
      stream.synchronize();
      assertArrayEquals(EXPECTED, pinned.toArray(ValueLayout.JAVA_FLOAT));
      DeviceElements beyond = new DeviceElements(ElementType.F32, out[0] + 4, COUNT);
      assertRefused(
          "input has 12000 bytes from 0x"
              + Long.toHexString(beyond.address())
              + " on but the allocation has only 11996 there",
          () -> CudaDropout.of(SPEC).forward(beyond, beyond, KEY, 0, stream.handle()));
      assertEquals(0, driver.freePinned(out[0]));
    } finally {
      context.pop();
    }
  }

  @Test
  void objectsOfJcudaAreTaken() {
    Jcuda.assumeUsable();
    CudaContext context = CudaSupport.cuda().primary(device);
    context.push();
    try {
      CUdeviceptr pointer = new CUdeviceptr();
      CUstream stream = new CUstream();
      assertEquals(0, JCudaDriver.cuMemAlloc(pointer, (COUNT + 4) * Sizeof.FLOAT));
      assertEquals(0, JCudaDriver.cuStreamCreate(stream, 1));
      CUdeviceptr start = pointer.withByteOffset(4 * Sizeof.FLOAT);
      float[] values = Floats.counting(COUNT);
      assertEquals(0, JCudaDriver.cuMemcpyHtoD(start, Pointer.to(values), COUNT * Sizeof.FLOAT));
      DeviceElements cells =
          new DeviceElements(ElementType.F32, JCudaHandles.address(start), COUNT);
      CudaDropout.of(SPEC).forward(cells, cells, KEY, 0, JCudaHandles.stream(stream));
      assertEquals(0, JCudaDriver.cuStreamSynchronize(stream));
      assertEquals(0, JCudaDriver.cuMemcpyDtoH(Pointer.to(values), start, COUNT * Sizeof.FLOAT));
      assertArrayEquals(EXPECTED, values);
      assertEquals(0, JCudaDriver.cuStreamDestroy(stream));
      assertEquals(0, JCudaDriver.cuMemFree(pointer));
    } finally {
      context.pop();
    }
  }
}
