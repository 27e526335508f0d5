package io.github.jdropout.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jdropout.backend.cuda.CudaBindings;
import org.junit.jupiter.api.Test;

class SmiTest {
  @Test
  void cardIsNamedByItsPlaceOnTheBus() {
    assertTrue(Smi.command("00000000:65:00.0").contains("--id=00000000:65:00.0"));
  }

  @Test
  void driverTellsThePlace() {
    CudaBindings.Probe probe = CudaBindings.select();
    assumeTrue(probe.driver().isPresent(), probe.reason());
    Gpu gpu = Gpu.open();
    String busId = gpu.busId();
    assertTrue(busId.matches("[0-9a-f]{8}:[0-9a-f]{2}:[0-9a-f]{2}\\.0"), busId);
    if (gpu.device().name().equals("Kernels on host 0")) {
      assertEquals("00000000:01:00.0", busId);
    }
  }
}
