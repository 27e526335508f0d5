package io.github.jdropout.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchCase.Place;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.bench.result.TrainingStep;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Help.Ansi;

class BenchTableTest {
  private static BenchCase of(Place place, String by, double... nanos) {
    List<Double> samples = Arrays.stream(nanos).boxed().toList();
    return new BenchCase(
        place,
        by,
        "forward",
        "f32",
        place == Place.DEVICE ? "device" : "array",
        1 << 20,
        0.1,
        place == Place.CPU ? 2 : 0,
        1 << 22,
        1 << 22,
        samples,
        samples.stream().map(sample -> sample / 2).toList(),
        place == Place.DEVICE ? 1e12 : 0);
  }

  @Test
  void rowHasMedianSpreadAndWhatIsMadeOfThem() {
    BenchTable table = new BenchTable(Ansi.OFF);
    // 2^23 bytes in 100 µs; quartiles 90 and 110.
    String row = table.row(of(Place.DEVICE, "cuda", 80e3, 90e3, 100e3, 110e3, 120e3));
    assertEquals(
        "cuda forward f32 device 2^20 0.1 100 µs 10 % 83.9 50 % 8.4 %",
        row.replaceAll(" +", " ").replace(" us ", " µs ").strip());
    assertEquals(table.header().length(), row.length());
  }

  @Test
  void coloursAreOnlyWhereTheyAreWanted() {
    BenchRun.Absent absent = new BenchRun.Absent("GPU", "no driver");
    assertEquals("absent: GPU - no driver", new BenchTable(Ansi.OFF).absent(absent));
    assertTrue(new BenchTable(Ansi.ON).absent(absent).startsWith("\u001B["));
  }

  @Test
  void timesHaveThreeDigitsAndAUnit() {
    assertEquals("12.3 ns", BenchTable.time(12.34));
    assertTrue(BenchTable.time(1500).matches("1\\.50 [µu]s"), BenchTable.time(1500));
    assertEquals("250 ms", BenchTable.time(250e6));
    assertEquals("2.00 s", BenchTable.time(2e9));
  }

  @Test
  void ratiosAreOfTheFastestOfOursAtTheSameWork() {
    List<String> ratios =
        PeerRatios.of(
            List.of(
                of(Place.CPU, "vector", 200),
                of(Place.CPU, "ffm", 100),
                of(Place.CPU, "DL4J", 1000),
                of(Place.DEVICE, "Triton", 7)));
    assertEquals(List.of("forward f32 2^20: ffm is 10.0 times as fast as DL4J"), ratios);
  }

  @Test
  void fileIsNamedByDateAndProcessorOrDevice() {
    BenchCase onCpu = of(Place.CPU, "ffm", 1);
    BenchCase onDevice = of(Place.DEVICE, "cuda", 1);
    assertEquals("2026-11-22-AMD-EPYC-x", name(List.of(onCpu), List.of()));
    assertEquals("2026-11-22-NVIDIA-H200", name(List.of(onDevice), List.of()));
    assertEquals("2026-11-22-NVIDIA-H200", name(List.of(onCpu, onDevice), List.of()));
    assertEquals("2026-11-22-AMD-EPYC-x", name(List.of(), List.of(step("cpu"))));
    assertEquals("2026-11-22-NVIDIA-H200", name(List.of(), List.of(step("cpu"), step("device"))));
  }

  private static TrainingStep step(String where) {
    return new TrainingStep(
        "step", "shape", where, "by", 0.1, List.of(1.0, 1.0), List.of(1.0, 1.0), 0, 0, 0);
  }

  private static String name(List<BenchCase> cases, List<TrainingStep> steps) {
    return BenchFiles.name(
        new BenchRun(
            BenchRun.SCHEMA,
            new BenchRun.Run("2026-11-22T08:00:00Z", "1", "r", "", false, true),
            Map.of("cpu", "AMD EPYC (x)"),
            List.of(Map.of("device", "NVIDIA H200")),
            cases,
            List.of(),
            steps));
  }
}
