package io.github.jdropout.bench;

import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/** Times what its options ask for: on the CPU, by peers, and on a GPU if there is one. */
public final class BenchSession implements Measuring {
  private static final List<String> PEERS = List.of("PyTorch", "PyTorch compiled");

  private final BenchOptions options;
  private final BenchRecord record;
  private final File log;

  /**
   * Creates one; nothing is timed yet.
   *
   * @param listener follows it
   * @param log receives what JMH and the peers say; appended to
   */
  public BenchSession(BenchOptions options, BenchListener listener, File log) {
    this.options = options;
    this.log = log;
    this.record = new BenchRecord(options, listener);
  }

  @Override
  public void run() throws IOException {
    List<CpuCase> cases = options.wantsCpu() ? possible(CpuPlan.cases(options)) : List.of();
    GpuPart gpu = new GpuPart(options, record, log);
    long units = cases.size() + gpu.units();
    if (units == 0) {
      gpu.run(); // Says why there is none.
      throw new IllegalArgumentException(
          "nothing to be timed is left: these options fit no case that can run here"
              + record.absentAsText());
    }
    record.planned(units);
    if (!cases.isEmpty()) {
      runOnCpu(cases);
    }
    gpu.run();
  }

  private void runOnCpu(List<CpuCase> cases) throws IOException {
    try (PrintStream text =
            new PrintStream(new FileOutputStream(log, true), true, StandardCharsets.UTF_8);
        Peers peers = new Peers(options, record)) {
      peers.start("pytorch_cpu.py", PEERS, log);
      CpuBenchmark benchmark = new CpuBenchmark(options.effort(), options.actualForks(), text);
      for (CpuCase subject : cases) {
        if (record.isStopped()) {
          return;
        }
        record.advanced(0, subject.name());
        measure(benchmark, subject, peers);
        record.advanced(1, subject.name());
      }
    }
  }

  private void measure(CpuBenchmark benchmark, CpuCase subject, Peers peers) {
    OptionalLong available = Machine.availableMemory();
    if (available.isPresent() && subject.memoryBytes() > available.getAsLong()) {
      record.absent(
          subject.name(),
          "needs "
              + (subject.memoryBytes() >> 20)
              + " MiB of memory, of which "
              + (available.getAsLong() >> 20)
              + " are free");
      return;
    }
    try {
      BenchCase measured = benchmark.measure(subject);
      record.measured(measured);
      peers.measure(measured);
    } catch (IllegalStateException e) {
      record.failed(subject.name(), e.getMessage());
    }
  }

  /** Returns the cases of what there is, and says what there is not. */
  private List<CpuCase> possible(List<CpuCase> cases) {
    Set<BackendId> available =
        DropoutBackends.report().stream()
            .filter(DropoutBackends.Entry::isAvailable)
            .map(DropoutBackends.Entry::id)
            .collect(Collectors.toSet());
    String dl4j = missingDl4j();
    List<CpuCase> possible = new ArrayList<>();
    for (CpuCase subject : cases) {
      if (subject.operation().isPeer()) {
        if (!dl4j.isEmpty()) {
          record.absent(subject.by(), dl4j);
        } else if (subject.p() == 1) {
          record.absent(subject.name(), "Deeplearning4j takes no p of 1");
        } else {
          possible.add(subject);
        }
      } else if (available.contains(subject.backend())) {
        possible.add(subject);
      } else {
        record.absent(subject.by(), reason(subject.backend()));
      }
    }
    return possible;
  }

  private static String reason(BackendId backend) {
    return DropoutBackends.report().stream()
        .filter(entry -> entry.id() == backend)
        .map(DropoutBackends.Entry::reason)
        .findFirst()
        .orElseThrow();
  }

  /**
   * Returns why Deeplearning4j cannot be timed; empty if it can, as far as the class path tells.
   */
  private static String missingDl4j() {
    for (String name :
        List.of(
            "org.nd4j.linalg.cpu.nativecpu.CpuBackend",
            "org.deeplearning4j.nn.conf.dropout.Dropout")) {
      try {
        Class.forName(name, false, BenchSession.class.getClassLoader());
      } catch (ClassNotFoundException | LinkageError e) {
        return "not on the class path: " + name;
      }
    }
    return "";
  }

  @Override
  public void stop() {
    record.stop();
    ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
  }

  @Override
  public boolean hasFailed() {
    return record.hasFailed();
  }

  @Override
  public BenchRun result(boolean isComplete) {
    return record.run(isComplete);
  }
}
