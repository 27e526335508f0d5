package io.github.jdropout.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.bench.BenchOptions.Sweep;
import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchCase.Place;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.testing.Backends;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of the options a GPU is asked for, and what is said of the rest. */
class GpuPlanTest {
  private static final List<BackendId> CUDA = List.of(BackendId.CUDA);
  private static final BenchRun.Absent ODD_SIZE =
      new BenchRun.Absent("GPU 1000", "only powers of 2 from 2^10 to 2^31 are measured on a GPU");
  private static final BenchRun.Absent BACKWARD =
      new BenchRun.Absent("GPU backward", "is not measured on a GPU");

  @TempDir private Path folder;

  private static BenchOptions options(
      List<String> operations, List<BackendId> backends, Long... sizes) {
    return new BenchOptions(
        Effort.QUICK,
        Sweep.NONE,
        operations,
        List.of(),
        backends,
        List.of(sizes),
        List.of(),
        List.of(),
        0,
        "no-such-python",
        "",
        "");
  }

  @Test
  void filteredRunHasPowersOfTwoAndOneType() {
    BenchOptions options = options(List.of(), CUDA, 1L << 20, 1000L);
    GpuPlan plan = GpuPlan.of(options).getFirst();
    assertEquals(List.of(20), plan.exponents());
    assertEquals(List.of(ElementType.F32), plan.types());
    assertEquals(List.of(ODD_SIZE), GpuPlan.absent(options));
  }

  @Test
  void nothingIsPlannedOrAbsentWhereNoGpuIsWanted() {
    BenchOptions options = options(List.of("backward"), List.of(BackendId.FFM), 1000L);
    assertEquals(List.of(), GpuPlan.of(options));
    assertEquals(List.of(), GpuPlan.absent(options));
  }

  @Test
  void sizesAndOperationsThatAGpuHasNotLeaveNoPlan() {
    assertEquals(List.of(), GpuPlan.of(options(List.of(), CUDA, 1000L)));
    BenchOptions options = options(List.of("backward"), CUDA);
    assertEquals(List.of(), GpuPlan.of(options));
    assertEquals(List.of(BACKWARD), GpuPlan.absent(options));
  }

  @Test
  void sizesOutsideTheRangeAreAbsent() {
    BenchOptions options = options(List.of(), CUDA, 512L, 1L << 10, 1L << 31, 1L << 32);
    assertEquals(List.of(10, 31), GpuPlan.of(options).getFirst().exponents());
    assertEquals(
        List.of("GPU 2^9", "GPU 2^32"),
        GpuPlan.absent(options).stream().map(BenchRun.Absent::what).toList());
  }

  @Test
  void sharedDecisionsNeedWholeExamples() {
    assertEquals(
        List.of(new BenchRun.Absent("GPU spatial 2^10", "needs a multiple of 4096 elements")),
        GpuPlan.absent(options(List.of("forward", "spatial"), CUDA, 1L << 10, 1L << 12)));
  }

  @Test
  void callsAndHostMemoryAreOfForwardAlone() {
    GpuPlan mask = GpuPlan.of(options(List.of("mask", "backward"), CUDA)).getFirst();
    assertEquals(List.of("mask"), mask.operations());
    assertFalse(mask.hasForward());
    assertTrue(mask.onDevice(Effort.QUICK).containsAll(List.of("--parts", "device")));
    GpuPlan forward = GpuPlan.of(options(List.of("forward"), CUDA)).getFirst();
    assertTrue(forward.hasForward());
    assertTrue(forward.onDevice(Effort.QUICK).contains("device,host"));
    assertTrue(GpuPlan.of(options(List.of(), CUDA)).getFirst().hasForward());
  }

  @Test
  void whatWasNotAskedForIsNotMeasured() throws Exception {
    Backends.assumeAvailable(BackendId.CUDA);
    List<BenchCase> measured = new ArrayList<>();
    List<BenchRun.Absent> absent = new ArrayList<>();
    new BenchSession(
            options(List.of("mask", "backward"), CUDA, 1000L, 4096L),
            new Follower(measured, absent),
            folder.resolve("log").toFile())
        .run();
    assertFalse(measured.isEmpty());
    for (BenchCase one : measured) {
      assertEquals(Place.DEVICE, one.place());
      assertEquals("mask", one.operation());
    }
    assertTrue(absent.containsAll(List.of(BACKWARD, ODD_SIZE)), absent.toString());
  }

  private record Follower(List<BenchCase> cases, List<BenchRun.Absent> missing)
      implements BenchListener {
    @Override
    public void planned(long units) {}

    @Override
    public void advanced(long units, String next) {}

    @Override
    public void measured(BenchCase it) {
      cases.add(it);
    }

    @Override
    public void absent(BenchRun.Absent it) {
      missing.add(it);
    }
  }
}
