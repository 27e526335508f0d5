package io.github.jdropout.backend.cuda;

import static io.github.jdropout.testing.Messages.assertNullNamed;
import static io.github.jdropout.testing.Messages.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.testing.Backends;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Memory of a GPU: what is copied comes back, and what is wrong is refused. */
class DeviceBufferTest {
  private static final int BYTES = 1003;

  private CudaDevice device;

  @BeforeEach
  void backendIsThere() {
    Backends.assumeAvailable(BackendId.CUDA);
    device = CudaSupport.devices().getFirst();
  }

  private static byte[] random(int bytes) {
    byte[] random = new byte[bytes];
    new SplittableRandom(bytes).nextBytes(random);
    return random;
  }

  private static byte[] content(DeviceBuffer buffer) {
    byte[] bytes = new byte[(int) buffer.byteSize()];
    buffer.copyTo(MemorySegment.ofArray(bytes));
    return bytes;
  }

  @Test
  void whatIsCopiedComesBack() {
    byte[] bytes = random(BYTES);
    try (Arena arena = Arena.ofConfined();
        DeviceBuffer buffer = DeviceBuffer.allocate(device, BYTES)) {
      buffer.copyFrom(MemorySegment.ofArray(bytes));
      assertArrayEquals(bytes, content(buffer));

      MemorySegment host = arena.allocate(BYTES + 1).asSlice(1);
      buffer.copyTo(host);
      assertArrayEquals(bytes, host.toArray(ValueLayout.JAVA_BYTE));

      byte[] others = random(BYTES + 1);
      host.copyFrom(MemorySegment.ofArray(others).asSlice(1));
      buffer.copyFrom(host.asReadOnly());
      assertArrayEquals(Arrays.copyOfRange(others, 1, BYTES + 1), content(buffer));
    }
  }

  @Test
  void arraysOfAnyTypeAreCopied() {
    double[] doubles = {1.5, -0.0, Double.NaN, 4};
    try (DeviceBuffer buffer = DeviceBuffer.allocate(device, 4 * Double.BYTES)) {
      buffer.copyFrom(MemorySegment.ofArray(doubles));
      double[] back = new double[4];
      buffer.copyTo(MemorySegment.ofArray(back));
      assertArrayEquals(doubles, back);
      long[] part = new long[2];
      buffer.copyTo(MemorySegment.ofArray(part));
      assertEquals(Double.doubleToRawLongBits(1.5), part[0]);
      assertEquals(Double.doubleToRawLongBits(-0.0), part[1]);
    }
  }

  @Test
  void shorterCopiesLeaveTheRest() {
    byte[] bytes = random(BYTES);
    try (DeviceBuffer buffer = DeviceBuffer.allocate(device, BYTES)) {
      buffer.copyFrom(MemorySegment.ofArray(bytes));
      buffer.copyFrom(MemorySegment.ofArray(new byte[] {1, 2, 3}));
      buffer.copyFrom(MemorySegment.ofArray(new byte[0]));
      buffer.copyFrom(MemorySegment.NULL);
      System.arraycopy(new byte[] {1, 2, 3}, 0, bytes, 0, 3);
      assertArrayEquals(bytes, content(buffer));

      byte[] target = new byte[10];
      buffer.copyTo(MemorySegment.ofArray(target).asSlice(2, 5));
      buffer.copyTo(MemorySegment.ofArray(target).asSlice(9, 0));
      byte[] expected = new byte[10];
      System.arraycopy(bytes, 0, expected, 2, 5);
      assertArrayEquals(expected, target);
    }
  }

  @Test
  void whatIsTooLongIsRefused() {
    try (DeviceBuffer buffer = DeviceBuffer.allocate(device, 16)) {
      buffer.copyFrom(MemorySegment.ofArray(new byte[16]));
      assertRefused(
          "source has 17 bytes but the buffer has 16",
          () -> buffer.copyFrom(MemorySegment.ofArray(random(17))));
      assertRefused(
          "target has 24 bytes but the buffer has 16",
          () -> buffer.copyTo(MemorySegment.ofArray(new long[3])));
      assertArrayEquals(new byte[16], content(buffer));
    }
  }

  @Test
  void readOnlyTargetIsRefused() {
    try (DeviceBuffer buffer = DeviceBuffer.allocate(device, 16)) {
      MemorySegment target = MemorySegment.ofArray(new byte[16]).asReadOnly();
      assertRefused(
          "target must be writable but is read-only: " + target, () -> buffer.copyTo(target));
    }
  }

  /** The driver is given an address: nothing else would notice. */
  @Test
  void hostMemoryThatIsClosedIsRefused() {
    byte[] bytes = random(64);
    try (DeviceBuffer buffer = DeviceBuffer.allocate(device, 64)) {
      buffer.copyFrom(MemorySegment.ofArray(bytes));
      Arena arena = Arena.ofConfined();
      MemorySegment closed = arena.allocate(64);
      arena.close();
      assertThrows(IllegalStateException.class, () -> buffer.copyFrom(closed));
      assertThrows(IllegalStateException.class, () -> buffer.copyTo(closed));
      assertArrayEquals(bytes, content(buffer));
    }
  }

  @Test
  void hostMemoryOfAnotherThreadIsRefused() throws InterruptedException {
    try (Arena arena = Arena.ofConfined();
        DeviceBuffer buffer = DeviceBuffer.allocate(device, 64)) {
      MemorySegment confined = arena.allocate(64);
      Throwable[] thrown = new Throwable[2];
      Thread other =
          new Thread(() -> {
            thrown[0] = assertThrows(Throwable.class, () -> buffer.copyFrom(confined));
            thrown[1] = assertThrows(Throwable.class, () -> buffer.copyTo(confined));
          });
      other.start();
      other.join();
      assertEquals(WrongThreadException.class, thrown[0].getClass());
      assertEquals(WrongThreadException.class, thrown[1].getClass());
    }
  }

  @Test
  void sizesThatAreNoneAreRefused() {
    for (long bytes : new long[] {0, -1, Long.MIN_VALUE}) {
      assertRefused(
          "byteSize must be at least 1 but is " + bytes,
          () -> DeviceBuffer.allocate(device, bytes));
    }
  }

  @Test
  void lackOfMemorySaysHowMuchWasWantedWhere() {
    long free = RawDriver.freeMemory(device);
    for (long bytes : new long[] {1L << 50, Long.MAX_VALUE}) {
      CudaException e =
          assertThrows(CudaException.class, () -> DeviceBuffer.allocate(device, bytes));
      assertTrue(
          e.getMessage()
              .startsWith("cuMemAlloc(" + bytes + " bytes) on " + device + " failed: CUDA_ERROR_"),
          e.getMessage());
      assertFalse(e.isContextLost());
    }
    CudaException e =
        assertThrows(CudaException.class, () -> DeviceBuffer.allocate(device, 1L << 50));
    assertEquals(2, e.status());
    assertEquals(free, RawDriver.freeMemory(device));
  }

  @Test
  void viewsAreAsLongAsAsked() {
    try (DeviceBuffer buffer = DeviceBuffer.allocate(device, 17)) {
      assertEquals(0, buffer.address() % 256);
      assertEquals(17, buffer.byteSize());
      assertEquals(device, buffer.device());
      assertEquals(
          new DeviceElements(ElementType.F64, buffer.address(), 2),
          buffer.elements(ElementType.F64, 2));
      assertEquals(0, buffer.elements(ElementType.F16, 0).count());
      assertEquals(136, buffer.mask(136).count());
      assertRefused("count must be in [0, 2] but is 3", () -> buffer.elements(ElementType.F64, 3));
      assertRefused(
          "count must be in [0, 8] but is -1", () -> buffer.elements(ElementType.BF16, -1));
      assertRefused("count must be in [0, 136] but is 137", () -> buffer.mask(137));
      assertRefused("count must be in [0, 136] but is -1", () -> buffer.mask(-1));
    }
  }

  @Test
  void nullsAreNamed() {
    assertNullNamed("device", () -> DeviceBuffer.allocate(null, 1));
    try (DeviceBuffer buffer = DeviceBuffer.allocate(device, 16)) {
      assertNullNamed("source", () -> buffer.copyFrom(null));
      assertNullNamed("target", () -> buffer.copyTo(null));
    }
  }

  @Test
  void closedBufferIsRefused() {
    DeviceBuffer buffer = DeviceBuffer.allocate(device, 16);
    String name =
        "DeviceBuffer of 16 bytes at 0x" + Long.toHexString(buffer.address()) + " on " + device;
    assertEquals(name, buffer.toString());
    buffer.close();
    MemorySegment host = MemorySegment.ofArray(new byte[16]);
    assertClosed(name + " has been closed", buffer::address);
    assertClosed(name + " has been closed", () -> buffer.elements(ElementType.F32, 1));
    assertClosed(name + " has been closed", () -> buffer.mask(1));
    assertClosed(name + " has been closed", () -> buffer.copyFrom(host));
    assertClosed(name + " has been closed", () -> buffer.copyTo(host));
    assertClosed(name + " has been closed before", buffer::close);
    assertEquals(name, buffer.toString());
    assertEquals(16, buffer.byteSize());
  }

  private static void assertClosed(String message, Runnable call) {
    assertEquals(message, assertThrows(IllegalStateException.class, call::run).getMessage());
  }

  @Test
  void closeFreesTheMemoryOnce() {
    long free = RawDriver.freeMemory(device);
    DeviceBuffer buffer = DeviceBuffer.allocate(device, 32 << 20);
    assertTrue(RawDriver.freeMemory(device) <= free - (32 << 20));
    buffer.close();
    assertEquals(free, RawDriver.freeMemory(device));
    assertThrows(IllegalStateException.class, buffer::close);
    assertEquals(free, RawDriver.freeMemory(device));
  }

  @Test
  void viewOfAClosedBufferIsAnErrorAndNotALostContext() {
    DeviceBuffer buffer = DeviceBuffer.allocate(device, 64);
    DeviceElements view = buffer.elements(ElementType.F32, 16);
    buffer.close();
    CudaDropout dropout = CudaDropout.of(DropoutSpec.of(0.5), device);
    assertRefused(
        "input must be memory of CUDA but 0x"
            + Long.toHexString(view.address())
            + " is not: it has been freed, or is the host's",
        () -> dropout.forward(view, view, new MaskKey(1, 2), 0, 0));
  }

  @Test
  void forgottenBuffersAreFreed() throws InterruptedException {
    long free = RawDriver.freeMemory(device);
    forget();
    Instant deadline = Instant.now().plus(Duration.ofSeconds(60));
    while (RawDriver.freeMemory(device) < free) {
      if (Instant.now().isAfter(deadline)) {
        fail((free - RawDriver.freeMemory(device)) + " bytes are not free after 60 s");
      }
      System.gc();
      Thread.onSpinWait();
    }
  }

  private void forget() {
    long free = RawDriver.freeMemory(device);
    for (int i = 0; i < 4; i++) {
      DeviceBuffer.allocate(device, 32 << 20);
    }
    assertTrue(RawDriver.freeMemory(device) < free);
  }
}
