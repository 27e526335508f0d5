package io.github.jdropout.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.bench.BenchOptions.Sweep;
import io.github.jdropout.spec.ElementType;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CpuPlanTest {
  private static final List<BackendId> NO_BACKENDS = List.of();

  private static BenchOptions options(
      Effort effort,
      Sweep sweep,
      List<String> operations,
      List<ElementType> types,
      List<BackendId> backends,
      List<Long> sizes) {
    return new BenchOptions(
        effort,
        sweep,
        operations,
        types,
        backends,
        sizes,
        List.of(),
        List.of(),
        0,
        "python3",
        "",
        "");
  }

  private static BenchOptions options(Effort effort, Sweep sweep) {
    return options(effort, sweep, List.of(), List.of(), NO_BACKENDS, List.of());
  }

  @Test
  void quickHasEveryOperationWithEachSettingOfThreads() {
    List<CpuCase> cases = CpuPlan.cases(options(Effort.QUICK, Sweep.NONE));
    for (int threads : new int[] {1, 0}) {
      Set<CpuOperation> operations =
          cases.stream()
              .filter(subject -> subject.operation().isSmall() || subject.threads() == threads)
              .map(CpuCase::operation)
              .collect(Collectors.toSet());
      assertEquals(EnumSet.allOf(CpuOperation.class), operations);
    }
  }

  @Test
  void curatedSetIsShortAndHasNothingTwice() {
    List<CpuCase> cases = CpuPlan.cases(options(Effort.NORMAL, Sweep.NONE));
    assertEquals(cases.size(), Set.copyOf(cases).size());
    assertTrue(cases.size() <= 40, "at about four seconds a case: " + cases.size());
  }

  @Test
  void fullSetHasAllThatTheOthersHaveButOneThread() {
    List<CpuCase> full = CpuPlan.cases(options(Effort.FULL, Sweep.NONE));
    assertEquals(full.size(), Set.copyOf(full).size());
    assertTrue(
        full.stream().map(CpuCase::operation).collect(Collectors.toSet()).size()
            == CpuOperation.values().length);
  }

  @Test
  void filtersReplaceTheChoice() {
    List<CpuCase> cases =
        CpuPlan.cases(
            options(
                Effort.NORMAL,
                Sweep.NONE,
                List.of("spatial", "mask"),
                List.of(ElementType.F16, ElementType.F32),
                List.of(BackendId.VECTOR),
                List.of(4096L, 5000L)));
    // A mask has no type, and only whole feature maps are spatial.
    assertEquals(
        List.of(
            "vector mask f32 2^12 p=0.1",
            "vector mask f32 5000 p=0.1",
            "vector spatial f16 2^12 p=0.1",
            "vector spatial f32 2^12 p=0.1"),
        cases.stream().map(CpuCase::name).sorted().toList());
  }

  @Test
  void sweepOfSizesHasEveryOtherPowerOfTwo() {
    List<Long> sizes =
        CpuPlan.cases(options(Effort.NORMAL, Sweep.SIZE)).stream()
            .filter(subject -> subject.by().equals("ffm"))
            .map(CpuCase::elements)
            .toList();
    assertEquals(10, sizes.size());
    assertEquals(1L << 10, sizes.getFirst());
    assertEquals(1L << 28, sizes.getLast());
  }

  @ParameterizedTest
  @CsvSource({"P, 9", "TYPE, 4", "THREADS, 0"})
  void otherSweepsVaryOneThing(Sweep sweep, int values) {
    List<CpuCase> cases =
        CpuPlan.cases(options(Effort.NORMAL, sweep)).stream()
            .filter(subject -> subject.by().equals("ffm") && subject.elements() == 1 << 24)
            .toList();
    int expected =
        values > 0
            ? values
            : CpuPlan.threadCounts(Runtime.getRuntime().availableProcessors()).size();
    assertEquals(expected, cases.size());
  }

  @Test
  void threadCountsArePowersOfTwoAndAllProcessors() {
    assertEquals(List.of(1), CpuPlan.threadCounts(1));
    assertEquals(List.of(1, 2), CpuPlan.threadCounts(2));
    assertEquals(List.of(1, 2, 4, 8, 12), CpuPlan.threadCounts(12));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "2^41", "-1", "1e6", "2^", ""})
  void sizeOutsideItsRangeIsRefused(String text) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Size.parse(text));
    assertEquals(
        "a size must be in [1, 2^40], digits or such as 2^24, but is " + text, e.getMessage());
  }

  @Test
  void sizesAreReadAndWritten() {
    assertEquals(1 << 20, Size.parse("2^20"));
    assertEquals(1000, Size.parse("1000"));
    assertEquals("2^20", Size.text(1 << 20));
    assertEquals("1000", Size.text(1000));
    assertEquals("64", Size.text(64));
  }

  @Test
  void optionsOutsideTheirRangesAreRefused() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                options(
                    Effort.NORMAL,
                    Sweep.NONE,
                    List.of("forwards"),
                    List.of(),
                    NO_BACKENDS,
                    List.of()));
    assertTrue(e.getMessage().startsWith("operation must be one of apply mask, "), e.getMessage());
    assertTrue(e.getMessage().endsWith(" but is forwards"), e.getMessage());
  }
}
