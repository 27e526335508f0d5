package io.github.jdropout.bench.compare;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.bench.result.TrainingStep;
import io.github.jdropout.spec.ElementType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The table of a folder's result files in Markdown, a row for each device and each CPU.
 *
 * <p>Throughput is that of the largest call with p = 0.1 by the fastest of the library's own
 * backends. It stands between two marks in a page, so that a program can renew it.
 */
public final class ResultTable {
  /** Line of a page that the table follows. */
  public static final String BEGIN = "<!-- results: made by jdropout bench --table -->";

  /** Line of a page that follows the table. */
  public static final String END = "<!-- end of results -->";

  private static final double P = 0.1;
  private static final List<String> HEADER =
      List.of(
          "on",
          "forward f32",
          "forward bf16",
          "training step, dropout 0.1",
          "with LoRA, 0.05",
          "version",
          "file");

  private final List<Row> rows;

  private ResultTable(List<Row> rows) {
    this.rows = rows;
  }

  /**
   * What was measured on one device.
   *
   * @param where the cases' place: of the CPU or of a GPU
   * @param device its name
   * @param file the file's name
   */
  private record Row(BenchCase.Place where, String device, String file, BenchRun run) {}

  /**
   * Reads the files of a folder that have this version's format.
   *
   * @throws IOException if one cannot be read
   * @throws IllegalArgumentException if one claims to have the format and has not, or is of a quick
   *     run
   */
  public static ResultTable of(Path folder) throws IOException {
    List<Row> rows = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        if (file.toString().endsWith(".json") && StoredRun.claimsToBe(file)) {
          rows.addAll(rows(file));
        }
      }
    }
    rows.sort(
        Comparator.comparing((Row row) -> row.where() == BenchCase.Place.CPU)
            .thenComparing(Row::device)
            .thenComparing(Row::file));
    return new ResultTable(List.copyOf(rows));
  }

  private static List<Row> rows(Path file) throws IOException {
    BenchRun run = StoredRun.read(file).run();
    if (run.run().isQuick()) {
      throw new IllegalArgumentException(file + ": is of a quick run, whose times say nothing");
    }
    String name = file.getFileName().toString();
    List<Row> rows = new ArrayList<>();
    if (!run.devices().isEmpty()) {
      String device = run.devices().getFirst().getOrDefault("device", "unknown GPU");
      rows.add(new Row(BenchCase.Place.DEVICE, device, name, run));
    }
    String cpu = run.machine().getOrDefault("cpu", "unknown CPU");
    String processors = run.machine().get("processors");
    String suffix = processors == null ? "" : ", " + processors + " processors";
    rows.add(new Row(BenchCase.Place.CPU, cpu + suffix, name, run));
    return rows;
  }

  /** Returns the table. */
  public String markdown() {
    if (rows.isEmpty()) {
      return "No result file yet.\n";
    }
    StringBuilder table = new StringBuilder();
    line(table, HEADER);
    line(table, HEADER.stream().map(_ -> "---").toList());
    for (Row row : rows) {
      line(
          table,
          List.of(
              row.device(),
              forward(row, ElementType.F32),
              forward(row, ElementType.BF16),
              overhead(row, P),
              overhead(row, 0.05),
              row.run().run().version() + (row.run().run().isComplete() ? "" : ", interrupted"),
              "[" + row.file() + "](../bench/results/" + row.file() + ")"));
    }
    return table.toString();
  }

  private static void line(StringBuilder table, List<String> cells) {
    table.append('|');
    cells.forEach(cell -> table.append(' ').append(cell.replace("|", "\\|")).append(" |"));
    table.append('\n');
  }

  private static String forward(Row row, ElementType type) {
    Optional<BenchCase> fastest =
        row.run().cases().stream()
            .filter(measured -> isForward(measured, row.where(), type))
            .max(
                Comparator.comparingLong(BenchCase::elements)
                    .thenComparingInt(BenchCase::threads)
                    .thenComparingDouble(BenchCase::gigabytesPerSecond));
    return fastest.map(ResultTable::throughput).orElse("–");
  }

  private static boolean isForward(BenchCase measured, BenchCase.Place where, ElementType type) {
    return measured.place() == where
        && measured.operation().equals("forward")
        && measured.type().equals(type.label())
        && measured.p() == P
        && Stream.of(BackendId.values()).anyMatch(id -> id.label().equals(measured.by()));
  }

  private static String throughput(BenchCase measured) {
    String speed = String.format(Locale.ROOT, "%.3g GB/s", measured.gigabytesPerSecond());
    return measured.ofCopy().isEmpty()
        ? speed
        : String.format(
            Locale.ROOT, "%s, %.0f %% of the copy", speed, 100 * measured.ofCopy().getAsDouble());
  }

  /** Returns the overhead of the first step with a probability, which is the plainest. */
  private static String overhead(Row row, double p) {
    String where = row.where() == BenchCase.Place.CPU ? "cpu" : "device";
    return row.run().training().stream()
        .filter(step -> step.where().equals(where) && step.p() == p)
        .findFirst()
        .map(ResultTable::overhead)
        .orElse("–");
  }

  private static String overhead(TrainingStep step) {
    return String.format(
        Locale.ROOT,
        "%+.1f %% (%+.1f to %+.1f)",
        step.overheadPercent(),
        step.lowPercent(),
        step.highPercent());
  }

  /**
   * Returns whether a page has this table.
   *
   * @throws IOException if the page cannot be read
   * @throws IllegalArgumentException if it lacks the marks
   */
  public boolean isIn(Path page) throws IOException {
    String text = Files.readString(page);
    return text.equals(renewed(page, text));
  }

  /**
   * Writes this table into a page, in place of the one that is there.
   *
   * @throws IOException if the page cannot be read or written
   * @throws IllegalArgumentException if it lacks the marks
   */
  public void update(Path page) throws IOException {
    Files.writeString(page, renewed(page, Files.readString(page)));
  }

  private String renewed(Path page, String text) {
    int begin = text.indexOf(BEGIN + "\n");
    int end = text.indexOf("\n" + END, begin + 1);
    if (begin < 0 || end < 0) {
      throw new IllegalArgumentException(
          page + ": must have the lines " + BEGIN + " and " + END + " but has not");
    }
    return text.substring(0, begin) + BEGIN + "\n\n" + markdown() + text.substring(end);
  }
}
