package io.github.jdropout.backend.cuda;

import static io.github.jdropout.testing.Messages.assertNullNamed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.testing.Backends;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys in device memory. */
class DeviceKeyTest {
  private static final MaskKey KEY = new MaskKey(0x0123456789ABCDEFL, -2);

  private CudaDevice device;

  @BeforeEach
  void backendIsThere() {
    Backends.assumeAvailable(BackendId.CUDA);
    device = CudaSupport.devices().getFirst();
  }

  @Test
  void keyComesBack() {
    try (DeviceKey key = DeviceKey.of(device, KEY)) {
      assertEquals(KEY, key.get());
      assertEquals(device, key.device());
      key.set(new MaskKey(-1, Long.MIN_VALUE));
      assertEquals(new MaskKey(-1, Long.MIN_VALUE), key.get());
    }
  }

  @Test
  void advanceAddsToTheStreamModulo64Bits() {
    try (CudaStream stream = CudaStream.create(device);
        DeviceKey key = DeviceKey.of(device, KEY)) {
      key.advance(1, stream.handle());
      stream.synchronize();
      assertEquals(new MaskKey(KEY.seed(), -1), key.get());
      key.advance(2, stream.handle());
      key.advance(Long.MIN_VALUE, stream.handle());
      key.advance(-5, stream.handle());
      stream.synchronize();
      assertEquals(new MaskKey(KEY.seed(), Long.MAX_VALUE - 3), key.get());
    }
  }

  @Test
  void defaultStreamAdvancesToo() {
    try (DeviceKey key = DeviceKey.of(device, KEY)) {
      key.advance(7, 0);
      // Copies go through the default stream, so they come after.
      assertEquals(new MaskKey(KEY.seed(), 5), key.get());
    }
  }

  @Test
  void closedKeyIsRefused() {
    DeviceKey key = DeviceKey.of(device, KEY);
    String name = key.toString();
    key.close();
    assertThrows(IllegalStateException.class, key::get);
    assertThrows(IllegalStateException.class, () -> key.set(KEY));
    assertThrows(IllegalStateException.class, () -> key.advance(1, 0));
    assertThrows(IllegalStateException.class, key::close);
    assertEquals(name, key.toString());
  }

  @Test
  void nullsAreNamed() {
    assertNullNamed("device", () -> DeviceKey.of(null, KEY));
    assertNullNamed("key", () -> DeviceKey.of(device, null));
    try (DeviceKey key = DeviceKey.of(device, KEY)) {
      assertNullNamed("key", () -> key.set(null));
      assertEquals(KEY, key.get());
    }
  }
}
