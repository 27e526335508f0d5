package io.github.jdropout.bench.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultTableTest {
  private static final List<Double> MILLISECOND = List.of(1e6, 1e6);
  private static final List<Double> HALF = List.of(5e5, 5e5);

  @TempDir private Path folder;

  @Test
  void thePageIsUpToDate() throws IOException {
    assertTrue(
        ResultTable.of(Path.of("bench/results")).isIn(Path.of("docs/benchmarks.md")),
        "docs/benchmarks.md lacks what bench/results has: run ./jdropout bench --table"
            + " bench/results docs/benchmarks.md");
  }

  @Test
  void aRowForEachDeviceAndCpu() throws IOException {
    write("2026-a.json", onCpu("B CPU"));
    write("2026-b.json", onCpu("A | CPU"));
    write("2026-c.json", onDevice());
    Files.writeString(folder.resolve("older.json"), "[{\"benchmark\": \"a.b.C\"}]");
    Files.writeString(folder.resolve("notes.md"), BenchRun.SCHEMA);
    assertEquals(
        """
        | on | forward f32 | forward bf16 | training step, dropout 0.1 | with LoRA, 0.05 | version | file |
        | --- | --- | --- | --- | --- | --- | --- |
        | Some GPU | 268 GB/s | – | +1.5 % (+1.0 to +2.0) | – | 0.1.0 | [2026-c.json](../bench/results/2026-c.json) |
        | A \\| CPU, 2 processors | 268 GB/s, 50 % of the copy | 67.1 GB/s | +2.5 % (-1.0 to +6.0) | +4.0 % (+3.0 to +5.0) | 0.1.0 | [2026-b.json](../bench/results/2026-b.json) |
        | B CPU, 2 processors | 268 GB/s, 50 % of the copy | 67.1 GB/s | +2.5 % (-1.0 to +6.0) | +4.0 % (+3.0 to +5.0) | 0.1.0 | [2026-a.json](../bench/results/2026-a.json) |
        | Some CPU, 2 processors | – | – | – | – | 0.1.0 | [2026-c.json](../bench/results/2026-c.json) |
        """,
        ResultTable.of(folder).markdown());
  }

  /** The fastest of ours counts, but no peer and no smaller call. */
  private static BenchRun onCpu(String cpu) {
    BenchCase.Place place = BenchCase.Place.CPU;
    BenchCase bf16 = Runs.of(place, "ffm", "forward", "bf16", MILLISECOND, List.of());
    BenchRun run =
        Runs.run(
            List.of(
                Runs.of(place, "vector", "forward", "f32", MILLISECOND, List.of()),
                Runs.of(place, "ffm", "forward", "f32", HALF, List.of(2.5e5, 2.5e5)),
                Runs.of(place, "DL4J", "forward", "f32", List.of(1.0), List.of()),
                Runs.of(place, "ffm", "mask", "f32", List.of(1.0), List.of()),
                bf16),
            List.of(
                Runs.step("half", 0.1, 2.5, -1, 6),
                Runs.step("half, more of it", 0.1, 9, 8, 10),
                Runs.step("adapters", 0.05, 4, 3, 5)));
    return new BenchRun(
        run.schema(),
        run.run(),
        Map.of("cpu", cpu, "processors", "2"),
        run.devices(),
        run.cases(),
        run.absent(),
        run.training());
  }

  private static BenchRun onDevice() {
    BenchRun run =
        Runs.run(
            List.of(
                Runs.of(BenchCase.Place.DEVICE, "cuda", "forward", "f32", HALF, List.of()),
                Runs.of(BenchCase.Place.STAGED, "cuda", "forward", "bf16", HALF, List.of())),
            List.of(Runs.onDevice(Runs.step("half", 0.1, 1.5, 1, 2))));
    return new BenchRun(
        run.schema(),
        run.run(),
        run.machine(),
        List.of(Map.of("device", "Some GPU")),
        run.cases(),
        run.absent(),
        run.training());
  }

  private void write(String name, BenchRun run) throws IOException {
    Files.writeString(folder.resolve(name), new ObjectMapper().writeValueAsString(run));
  }

  @Test
  void damagedFilesAreNamed() throws IOException {
    Path file = folder.resolve("cut.json");
    Files.writeString(file, "{\"schema\":\"jdropout-bench-1\",\"run\":");
    String message =
        assertThrows(IllegalArgumentException.class, () -> ResultTable.of(folder)).getMessage();
    assertTrue(message.startsWith(file + ": is damaged: "), message);
  }

  @Test
  void quickRunsAreRefused() throws IOException {
    BenchRun run = Runs.run(List.of(), List.of());
    write(
        "quick.json",
        new BenchRun(
            run.schema(),
            new BenchRun.Run("2026-11-22T08:00:00Z", "0.1.0", "abc1234", "--quick", true, true),
            run.machine(),
            run.devices(),
            run.cases(),
            run.absent(),
            run.training()));
    assertEquals(
        folder.resolve("quick.json") + ": is of a quick run, whose times say nothing",
        assertThrows(IllegalArgumentException.class, () -> ResultTable.of(folder)).getMessage());
  }

  @Test
  void thePageIsRenewed() throws IOException {
    Path page = folder.resolve("page.md");
    String before = "# Title\n\n" + ResultTable.BEGIN + "\n\nold\n\n" + ResultTable.END + "\n\nEnd";
    Files.writeString(page, before);
    ResultTable table = ResultTable.of(folder);
    assertFalse(table.isIn(page));
    table.update(page);
    assertTrue(table.isIn(page));
    assertEquals(before.replace("old", "No result file yet."), Files.readString(page));
    table.update(page);
    assertTrue(table.isIn(page));
  }

  @Test
  void pagesWithoutMarksAreRefused() throws IOException {
    Path page = Files.writeString(folder.resolve("page.md"), ResultTable.BEGIN + "\n");
    assertEquals(
        page
            + ": must have the lines "
            + ResultTable.BEGIN
            + " and "
            + ResultTable.END
            + " but has not",
        assertThrows(IllegalArgumentException.class, () -> ResultTable.of(folder).update(page))
            .getMessage());
  }
}
