package io.github.jdropout.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.Dropout;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.cuda.driver.CudaDriver;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.PackedMask;
import io.github.jdropout.testing.Backends;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Recorded work: a key in device memory draws a mask per replay, one in the launch always its. */
class CudaGraphTest {
  private static final int COUNT = 3001;
  private static final int REPLAYS = 5;
  private static final DropoutSpec SPEC = DropoutSpec.of(0.3);
  private static final MaskShape SHAPE = MaskShape.sharing(new long[] {COUNT / 3, 3}, 1);

  /** The replays carry into the upper half of the stream, and through zero. */
  private static final MaskKey[] KEYS = {
    new MaskKey(9, 0xFFFFFFFFL - 2), new MaskKey(-9, -2), new MaskKey(1, Long.MAX_VALUE - 1)
  };

  private CudaDevice device;
  private CudaDropout dropout;

  @BeforeEach
  void backendIsThere() {
    Backends.assumeAvailable(BackendId.CUDA);
    device = CudaSupport.devices().getFirst();
    dropout = CudaDropout.of(SPEC, device);
    dropout.prepare(ElementType.F32);
  }

  private static MaskKey advanced(MaskKey key, int replay) {
    return new MaskKey(key.seed(), key.stream() + replay);
  }

  @Test
  void replaysDrawOneMaskAfterTheOther() {
    for (MaskKey key : KEYS) {
      checkReplays(key);
    }
  }

  private void checkReplays(MaskKey first) {
    try (CudaStream stream = CudaStream.create(device);
        DeviceKey key = DeviceKey.of(device, first);
        Floats input = Floats.counting(device, COUNT);
        Floats output = Floats.poisoned(device, COUNT);
        Floats gradient = Floats.poisoned(device, COUNT);
        CudaGraph graph =
            stream.capture(() -> {
              dropout.forward(input.elements(), output.elements(), key, 0, stream.handle());
              dropout.backward(output.elements(), gradient.elements(), key, 0, stream.handle());
              key.advance(1, stream.handle());
            })) {
      stream.synchronize();
      assertTrue(output.isPoisoned(), "a capture runs nothing");
      assertEquals(first, key.get());
      for (int replay = 0; replay < REPLAYS; replay++) {
        graph.launch(stream);
        stream.synchronize();
        float[] expected = Floats.dropped(SPEC, advanced(first, replay), COUNT);
        assertArrayEquals(expected, output.values(), "replay " + replay + " of " + first);
        Dropout.of(SPEC, BackendId.SCALAR).backward(expected, expected, advanced(first, replay));
        assertArrayEquals(expected, gradient.values(), "replay " + replay + " of " + first);
        assertEquals(advanced(first, replay + 1), key.get());
      }
    }
  }

  /** Without a wait between them. */
  @Test
  void replaysThatAreQueuedTogetherRunInOrder() {
    try (CudaStream stream = CudaStream.create(device);
        DeviceKey key = DeviceKey.of(device, KEYS[0]);
        Floats cells = Floats.counting(device, COUNT);
        CudaGraph graph =
            stream.capture(() -> {
              dropout.forward(cells.elements(), cells.elements(), key, 0, stream.handle());
              key.advance(1, stream.handle());
            })) {
      for (int replay = 0; replay < REPLAYS; replay++) {
        graph.launch(stream);
      }
      stream.synchronize();
      float[] expected = Floats.counting(COUNT);
      for (int replay = 0; replay < REPLAYS; replay++) {
        Dropout.of(SPEC, BackendId.SCALAR).forward(expected, expected, advanced(KEYS[0], replay));
      }
      assertArrayEquals(expected, cells.values());
      assertEquals(advanced(KEYS[0], REPLAYS), key.get());
    }
  }

  @Test
  void keyOfTheHostRepeatsItsMask() {
    try (CudaStream stream = CudaStream.create(device);
        Floats input = Floats.counting(device, COUNT);
        Floats output = Floats.poisoned(device, COUNT);
        CudaGraph graph =
            stream.capture(() ->
                dropout.forward(
                    input.elements(), output.elements(), KEYS[0], 0, stream.handle()))) {
      float[] poison = new float[COUNT];
      for (int replay = 0; replay < 3; replay++) {
        graph.launch(stream);
        stream.synchronize();
        assertArrayEquals(Floats.dropped(SPEC, KEYS[0], COUNT), output.values());
        CudaDropout.of(DropoutSpec.of(1))
            .forward(input.elements(), output.elements(), KEYS[0], 0, stream.handle());
        stream.synchronize();
        assertArrayEquals(poison, output.values(), "zeros in between, so that each run shows");
      }
    }
  }

  @Test
  void sharedMasksAndPackedMasksFollowTheKeyToo() {
    DropoutSpec classical = SPEC.classical();
    int shared = COUNT / 3 * 3;
    try (CudaStream stream = CudaStream.create(device);
        DeviceKey key = DeviceKey.of(device, KEYS[0]);
        Floats input = Floats.counting(device, shared);
        Floats output = Floats.poisoned(device, shared);
        Floats applied = Floats.poisoned(device, shared);
        DeviceBuffer mask = DeviceBuffer.allocate(device, PackedMask.bytesFor(shared));
        CudaGraph graph =
            stream.capture(() -> {
              DeviceElements x = input.elements();
              CudaDropout recorded = CudaDropout.of(classical);
              recorded.forward(x, output.elements(), key, SHAPE, 0, stream.handle());
              recorded.mask(mask.mask(shared), key, 5, stream.handle());
              recorded.applyMask(mask.mask(shared), x, applied.elements(), stream.handle());
              key.advance(3, stream.handle());
            })) {
      for (int replay = 0; replay < REPLAYS; replay++) {
        graph.launch(stream);
        stream.synchronize();
        MaskKey now = advanced(KEYS[0], 3 * replay);
        Dropout scalar = Dropout.of(classical, BackendId.SCALAR);
        float[] expected = new float[shared];
        Elements x = Elements.of(Floats.counting(shared));
        scalar.forward(x, Elements.of(expected), now, SHAPE);
        assertArrayEquals(expected, output.values(), "replay " + replay);
        PackedMask packed = PackedMask.allocate(shared);
        scalar.mask(packed, now, 5);
        byte[] bytes = new byte[(int) PackedMask.bytesFor(shared)];
        mask.copyTo(MemorySegment.ofArray(bytes));
        assertArrayEquals(packed.bytes().toArray(ValueLayout.JAVA_BYTE), bytes);
        scalar.applyMask(packed, x, Elements.of(expected));
        assertArrayEquals(expected, applied.values(), "replay " + replay);
      }
    }
  }

  /** What needs no random bits is the driver's own copies and fills; they are recorded as well. */
  @Test
  void allKeptAndAllDroppedAreRecorded() {
    try (CudaStream stream = CudaStream.create(device);
        DeviceKey key = DeviceKey.of(device, KEYS[0]);
        Floats input = Floats.counting(device, COUNT);
        Floats kept = Floats.poisoned(device, COUNT);
        Floats dropped = Floats.poisoned(device, COUNT);
        CudaGraph graph =
            stream.capture(() -> {
              CudaDropout.of(DropoutSpec.of(0))
                  .forward(input.elements(), kept.elements(), key, 0, stream.handle());
              CudaDropout.of(DropoutSpec.of(1))
                  .forward(input.elements(), dropped.elements(), key, 0, stream.handle());
            })) {
      stream.synchronize();
      assertTrue(kept.isPoisoned() && dropped.isPoisoned());
      graph.launch(stream);
      stream.synchronize();
      assertArrayEquals(Floats.counting(COUNT), kept.values());
      assertArrayEquals(new float[COUNT], dropped.values());
    }
  }

  @Test
  void argumentsAreCheckedWhileRecording() {
    try (CudaStream stream = CudaStream.create(device);
        Floats input = Floats.counting(device, COUNT);
        Floats output = Floats.poisoned(device, COUNT)) {
      DeviceElements less = output.elements().slice(0, 5);
      assertThrows(
          IllegalArgumentException.class,
          () ->
              stream.capture(
                  () -> dropout.forward(input.elements(), less, KEYS[0], 0, stream.handle())));
      // The stream records no more.
      dropout.forward(input.elements(), output.elements(), KEYS[0], 0, stream.handle());
      stream.synchronize();
      assertArrayEquals(Floats.dropped(SPEC, KEYS[0], COUNT), output.values());
    }
  }

  /**
   * A real driver may refuse to load while a stream records, with this status. The driver on the
   * host does not mind, so there the failure is ordered.
   */
  @Test
  void loadingWhileRecordingIsAnErrorThatNamesTheWork() {
    RawDriver.assumeOnHost();
    CudaDriver driver = CudaSupport.cuda().driver();
    long context = RawDriver.createContext(0); // It has no kernels yet.
    try {
      long[] out = new long[1];
      assertEquals(0, driver.createStream(out));
      long stream = out[0];
      assertEquals(0, driver.allocate(64, out));
      DeviceElements cells = new DeviceElements(ElementType.F64, out[0], 8);
      assertEquals(0, driver.beginCapture(stream));
      RawDriver.fail("cuModuleLoadDataEx", 1, 900);
      CudaException e =
          assertThrows(
              CudaException.class, () -> dropout.forward(cells, cells, KEYS[0], 0, stream));
      String message = e.getMessage();
      assertTrue(message.startsWith("cuModuleLoadDataEx(dropout_forward) for device 0 "), message);
      assertTrue(message.contains("CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED (900)"), message);
      assertFalse(e.isContextLost());
      assertEquals(0, driver.endCapture(stream, out));
      assertEquals(0, driver.destroyGraph(out[0]));
      dropout.prepare(ElementType.F64);
      dropout.forward(cells, cells, KEYS[0], 0, stream);
      assertEquals(0, driver.synchronizeStream(stream));
    } finally {
      RawDriver.destroyContext(context);
    }
  }
}
