package io.github.jdropout.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DeviceMask;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.testing.Backends;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Calls on device memory queue their work and do nothing else: they wait for nothing, allocate
 * nothing, copy nothing.
 */
class CudaAsynchronyTest {
  private static final int COUNT = 3000;
  private static final MaskKey KEY = new MaskKey(3, 4);
  private static final MaskShape SHAPE = MaskShape.sharing(new long[] {30, 100}, 0);

  /** What would wait, allocate, or copy through the host. */
  private static final List<String> FORBIDDEN =
      List.of(
          "cuMemAlloc_v2",
          "cuMemAllocHost_v2",
          "cuMemFree_v2",
          "cuMemcpyHtoDAsync_v2",
          "cuMemcpyDtoHAsync_v2",
          "cuStreamSynchronize",
          "cuEventSynchronize",
          "cuModuleLoadDataEx",
          "cuModuleGetFunction");

  private CudaDevice device;

  @BeforeEach
  void backendIsThere() {
    Backends.assumeAvailable(BackendId.CUDA);
    device = CudaSupport.devices().getFirst();
  }

  /** Every operation, from an input to an output on a stream. */
  private static List<Consumer<Long>> calls(
      DropoutSpec spec, DeviceElements x, DeviceElements y, DeviceKey key) {
    CudaDropout dropout = CudaDropout.of(spec);
    DeviceMask mask = new DeviceMask(y.address(), y.count());
    DeviceMask given = new DeviceMask(x.address(), x.count());
    return List.of(
        stream -> dropout.forward(x, y, KEY, 0, stream),
        stream -> dropout.forward(x, y, key, 0, stream),
        stream -> dropout.forward(x, y, KEY, SHAPE, 0, stream),
        stream -> dropout.forward(x, y, key, SHAPE, 0, stream),
        stream -> dropout.backward(x, y, KEY, 0, stream),
        stream -> dropout.backward(x, y, key, 0, stream),
        stream -> dropout.backward(x, y, KEY, SHAPE, 0, stream),
        stream -> dropout.backward(x, y, key, SHAPE, 0, stream),
        stream -> dropout.mask(mask, KEY, 0, stream),
        stream -> dropout.mask(mask, key, 0, stream),
        stream -> dropout.applyMask(given, x, y, stream),
        stream -> dropout.infer(x, y, stream));
  }

  @Test
  void callsReturnBeforeTheirWorkIsDone() {
    RawDriver.assumeOnHost();
    try (CudaStream stream = CudaStream.create(device);
        DeviceKey key = DeviceKey.of(device, KEY);
        Floats input = Floats.counting(device, COUNT)) {
      for (DropoutSpec spec :
          List.of(DropoutSpec.of(0), DropoutSpec.of(0.3).classical(), DropoutSpec.of(1))) {
        int call = 0;
        for (int i = 0; i < 12; i++) {
          try (Floats output = Floats.poisoned(device, COUNT)) {
            calls(spec, input.elements(), output.elements(), key).get(i).accept(stream.handle());
            assertTrue(output.isPoisonedSoFar(), "call " + i + " waits, " + spec);
            stream.synchronize();
            assertFalse(output.isPoisonedSoFar(), "call " + i + " does nothing, " + spec);
            call++;
          }
        }
        assertEquals(12, call);
      }
      key.advance(1, stream.handle());
      assertEquals(KEY, key.get(), "a copy on the default stream must not wait for other streams");
      stream.synchronize();
      assertEquals(new MaskKey(3, 5), key.get());
    }
  }

  @Test
  void workOfOneStreamIsDoneInOrder() {
    DropoutSpec spec = DropoutSpec.of(0.5);
    try (CudaStream stream = CudaStream.create(device);
        Floats first = Floats.counting(device, COUNT);
        Floats second = Floats.poisoned(device, COUNT);
        Floats third = Floats.poisoned(device, COUNT)) {
      CudaDropout dropout = CudaDropout.of(spec);
      dropout.infer(first.elements(), second.elements(), stream.handle());
      dropout.forward(second.elements(), third.elements(), KEY, 0, stream.handle());
      dropout.forward(first.elements(), second.elements(), KEY, 0, stream.handle());
      stream.synchronize();
      assertArrayEquals(Floats.dropped(spec, KEY, COUNT), third.values());
      assertArrayEquals(Floats.dropped(spec, KEY, COUNT), second.values());
    }
  }

  @Test
  void preparedCallsAllocateNothingAndWaitForNothing() {
    RawDriver.assumeOnHost();
    try (CudaStream stream = CudaStream.create(device);
        DeviceKey key = DeviceKey.of(device, KEY);
        Floats input = Floats.counting(device, 2 * COUNT);
        Floats output = Floats.poisoned(device, 2 * COUNT)) {
      CudaDropout dropout = CudaDropout.of(DropoutSpec.of(0.3));
      for (ElementType type : ElementType.values()) {
        dropout.prepare(type);
      }
      for (String function : FORBIDDEN) {
        RawDriver.fail(function, 1, 999);
      }
      try {
        for (ElementType type : ElementType.values()) {
          DeviceElements x = input.elements(type).slice(0, COUNT);
          DeviceElements y = output.elements(type).slice(0, COUNT);
          for (double p : new double[] {0, 0.3, 1}) {
            calls(DropoutSpec.of(p).classical(), x, y, key)
                .forEach(call -> call.accept(stream.handle()));
          }
        }
        key.advance(1, stream.handle());
      } finally {
        // Each failure that was ordered is still to come, so none of them has been called.
        FORBIDDEN.forEach(function -> RawDriver.drain(function, 999));
      }
      stream.synchronize();
    }
  }

  @Test
  void callsTakeNoMemoryOfTheDevice() {
    try (Floats input = Floats.counting(device, COUNT);
        Floats output = Floats.poisoned(device, COUNT);
        DeviceKey key = DeviceKey.of(device, KEY)) {
      CudaDropout.of(DropoutSpec.of(0.3)).prepare(ElementType.F32);
      List<Consumer<Long>> calls =
          calls(DropoutSpec.of(0.3), input.elements(), output.elements(), key);
      calls.forEach(call -> call.accept(0L)); // The driver may take some when a kernel runs first.
      output.values();
      long free = RawDriver.freeMemory(device);
      for (int round = 0; round < 20; round++) {
        calls.forEach(call -> call.accept(0L));
      }
      assertFalse(output.isPoisoned());
      assertEquals(free, RawDriver.freeMemory(device));
    }
  }

  /** A copy between the host and a stream of its own waits for that stream alone. */
  @Test
  void copiesDoNotWaitForOtherStreams() {
    RawDriver.assumeOnHost();
    try (CudaStream stream = CudaStream.create(device);
        Floats input = Floats.counting(device, COUNT);
        Floats output = Floats.poisoned(device, COUNT);
        DeviceBuffer buffer = DeviceBuffer.allocate(device, 64)) {
      CudaDropout.of(DropoutSpec.of(0.3))
          .forward(input.elements(), output.elements(), KEY, 0, stream.handle());
      buffer.copyFrom(MemorySegment.ofArray(new byte[64]));
      buffer.copyTo(MemorySegment.ofArray(new byte[64]));
      assertTrue(output.isPoisonedSoFar());
      stream.synchronize();
      assertFalse(output.isPoisonedSoFar());
    }
  }
}
