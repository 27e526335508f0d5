package io.github.jdropout.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.testing.Backends;
import org.junit.jupiter.api.Test;

class SmiTest {
  @Test
  void cardIsNamedByItsPlaceOnTheBus() {
    assertTrue(Smi.command("00000000:65:00.0").contains("--id=00000000:65:00.0"));
  }

  @Test
  void driverTellsThePlace() {
    Backends.assumeAvailable(BackendId.CUDA);
    Gpu gpu = Gpu.open();
    String busId = gpu.busId();
    assertTrue(busId.matches("[0-9a-f]{8}:[0-9a-f]{2}:[0-9a-f]{2}\\.0"), busId);
    if (gpu.device().name().equals("Kernels on host 0")) {
      assertEquals("00000000:01:00.0", busId);
    }
  }
}
