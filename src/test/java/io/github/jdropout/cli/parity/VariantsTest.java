package io.github.jdropout.cli.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.backend.BackendId;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class VariantsTest {
  private static Variant named(String name) {
    return Variants.all().stream()
        .filter(variant -> variant.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void everyBackendBindingLaunchWidthAndInstructionSetIsThere() {
    List<Variant> all = Variants.all();
    assertEquals(26, all.size());
    assertEquals(26, new HashSet<>(all.stream().map(Variant::name).toList()).size());
    assertEquals(
        Arrays.stream(BackendId.values()).map(BackendId::label).collect(Collectors.toSet()),
        all.stream().map(Variant::family).collect(Collectors.toSet()));
    assertEquals(Map.of("jdropout.vector.bits", "512"), named("vector-512").properties());
    assertEquals(Map.of("JDROPOUT_MAX_ISA", "avx2"), named("ffm-avx2").environment());
    assertEquals(
        Map.of("jdropout.cuda.binding", "jcuda", "jdropout.cuda.launch", "96x7"),
        named("device-jcuda-96x7").properties());
    assertEquals(
        Map.of("jdropout.cublas.binding", "jcublas"), named("cublas-jcublas").properties());
  }

  @Test
  void quickRunLeavesOutWhatDiffersInLaunchOrBindingAlone() {
    assertEquals(
        Set.of(
            "host-ffm-256",
            "host-jcuda-256",
            "device-ffm-256",
            "device-ffm-32x1",
            "device-ffm-96x7",
            "device-ffm-224x1000",
            "device-jcuda-256",
            "cublas-ffm",
            "cublas-jcublas"),
        Variants.all().stream()
            .filter(Variant::isOnGpu)
            .filter(variant -> variant.weight() != Variant.Weight.LEAST)
            .map(Variant::name)
            .collect(Collectors.toSet()));
  }

  @Test
  void repetitionsAreLighterUnlessTheRunIsExhaustive() {
    Variant repetition = named("device-jcuda-256");
    assertEquals(Job.Depth.QUICK, job(Job.Depth.STANDARD).lightenedFor(repetition).depth());
    assertEquals(Job.Depth.STANDARD, job(Job.Depth.STANDARD).lightenedFor(named("scalar")).depth());
    assertEquals(Job.Depth.EXHAUSTIVE, job(Job.Depth.EXHAUSTIVE).lightenedFor(repetition).depth());
  }

  private static Job job(Job.Depth depth) {
    return new Job(Job.Task.CELLS, depth, 1, 0, List.of(), List.of(), Optional.empty(), false);
  }

  @Test
  void nameOrBackendIsAVariantsName() {
    assertTrue(named("vector-128").isNamed("vector"));
    assertTrue(named("vector-128").isNamed("vector-128"));
    assertFalse(named("vector-128").isNamed("vector-1"));
    assertEquals(List.of("--variant", "ffm-avx2"), named("ffm-avx2").options());
  }

  @Test
  void classIsNamedByItsLastWord() {
    Variant variant = Variants.ofClass("com.example.Mine$Kernel");
    assertEquals("Kernel", variant.name());
    assertEquals(List.of("--implementation", "com.example.Mine$Kernel"), variant.options());
  }
}
