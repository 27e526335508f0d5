package io.github.jdropout.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.cuda.CudaBinding;
import io.github.jdropout.backend.cuda.CudaBindings;
import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchCase.Place;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.testing.Backends;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The GPU's benchmark in its own JVM, which compares every output with the scalar backend. */
class GpuProcessTest {
  @TempDir private Path folder;

  private final List<List<BenchCase>> turns = new ArrayList<>();
  private final Map<String, String> device = new HashMap<>();

  @BeforeEach
  void needsGpu() {
    CudaBindings.Probe probe = CudaBindings.probe(CudaBinding.FFM);
    Backends.assumeUsable(BackendId.CUDA, probe.driver().isPresent(), probe.reason());
  }

  private void run(String... options) throws Exception {
    new GpuProcess(CudaBinding.FFM, new Follower())
        .run(0.25, List.of(options), folder.resolve("log").toFile());
  }

  @Test
  void handsOnEachTurnOnceItIsMeasured() throws Exception {
    run(
        "--quick",
        "--parts",
        "device,host,staged",
        "--types",
        "f32,bf16",
        "--exponents",
        "10,12",
        "--staged-exponents",
        "10",
        "--operations",
        "forward,spatial");
    // Two types of two sizes, the calls, two types through the host.
    assertEquals(List.of(1, 2, 1, 2, 7, 1, 1), turns.stream().map(List::size).toList());
    BenchCase forward = turns.get(1).getFirst();
    assertEquals(Place.DEVICE, forward.place());
    assertEquals("forward", forward.operation());
    assertEquals(1 << 12, forward.elements());
    assertEquals(0.25, forward.p());
    assertEquals(4 << 12, forward.bytesRead());
    assertEquals(2, forward.copyNanosPerCall().size());
    assertEquals(Place.CALL, turns.get(4).getFirst().place());
    assertEquals(Place.STAGED, turns.get(6).getFirst().place());
    assertTrue(device.containsKey("theoreticalBytesPerSecond"), device.toString());
    assertTrue(device.keySet().stream().anyMatch(key -> key.startsWith("after ")));
  }

  @Test
  void failureIsTheLastThingItSaid() {
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> run("--no-such-option"));
    assertTrue(e.getMessage().contains("wants: --out FILE"), e.getMessage());
  }

  private final class Follower implements GpuProcess.Receiver {
    @Override
    public void device(Map<String, String> properties) {
      device.putAll(properties);
    }

    @Override
    public void measured(List<BenchCase> cases) {
      turns.add(cases);
    }

    @Override
    public void absent(BenchRun.Absent absent) {
      throw new AssertionError(absent.toString());
    }
  }
}
