package io.github.jdropout.cli.parity;

import io.github.jdropout.cli.report.Written;
import io.github.jdropout.cli.terminal.Interruption;
import io.github.jdropout.cli.terminal.ProgressBar;
import io.github.jdropout.parity.ParityReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Help.Ansi;

/**
 * A run from its start to its files and its exit code.
 *
 * @param variants to run
 * @param job of each
 * @param hasStatistics whether the mask's randomness is tested
 * @param required names of variants, or families, of which one must run
 * @param folder of the files, which exists; empty for none
 * @param isJson whether the report goes to standard output
 */
public record ParitySession(
    List<Variant> variants,
    Job job,
    boolean hasStatistics,
    Set<String> required,
    Optional<Path> folder,
    boolean isJson) {
  /** Copies the lists. */
  public ParitySession {
    variants = List.copyOf(variants);
    required = Set.copyOf(required);
  }

  /**
   * Runs everything, prints it and writes the files; after Ctrl-C what there is.
   *
   * @param run what the report says of this run
   * @param machine what it says of the machine
   * @return the exit code
   */
  public int run(
      PrintWriter out,
      PrintWriter err,
      Ansi ansi,
      Map<String, String> run,
      Map<String, String> machine)
      throws IOException {
    long start = System.nanoTime();
    long units = ParityRun.units(variants.size(), hasStatistics);
    try (ProgressBar bar = new ProgressBar(err, ProgressBar.isTerminal(), "parity", units)) {
      ParityTerminal terminal = new ParityTerminal(out, ansi, bar, isJson);
      Path crashFolder = folder.orElse(Path.of(System.getProperty("java.io.tmpdir")));
      ParityRun work = new ParityRun(variants, job, hasStatistics, crashFolder, terminal);
      try (Interruption interruption = Interruption.watch(work::stop)) {
        Findings findings = work.run();
        if (!work.isStopped()) {
          required.forEach(findings::require);
        }
        Map<String, String> computedWith = new LinkedHashMap<>(machine);
        computedWith.putAll(findings.descriptions());
        ParityReport report =
            new ParityReport(
                ParityReport.SCHEMA,
                run,
                computedWith,
                findings.cells(),
                findings.statistics(),
                (System.nanoTime() - start) / 1e9,
                !work.isStopped());
        bar.interrupt(() -> terminal.conclude(report));
        write(report, out);
        return interruption.isInterrupted() ? Interruption.EXIT_CODE : report.passed() ? 0 : 1;
      }
    }
  }

  private void write(ParityReport report, PrintWriter out) throws IOException {
    if (isJson) {
      out.println(ParityJson.write(report));
    }
    if (folder.isPresent()) {
      Written written = ParityFiles.write(report, folder.get());
      if (!isJson) {
        written.files().forEach(file -> out.println("wrote " + file));
        written.problems().forEach(out::println);
      }
    }
    out.flush();
  }
}
