package io.github.jdropout.bench;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.bench.result.BenchCase;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Times cases on the CPU with JMH. */
public final class CpuBenchmark {
  private static final long ITERATION_MILLIS = 50;

  /** Until its code is compiled, the Vector API runs a thousand times slower. */
  private static final long VECTOR_WARMUP_MILLIS = 1200;

  private static final long WARMUP_MILLIS = 150;

  private final Effort effort;
  private final int forks;
  private final PrintStream log;

  /**
   * Creates one.
   *
   * @param forks fresh JVMs of each case, 0 for this one
   * @param log receives what JMH and the benchmarks say
   */
  public CpuBenchmark(Effort effort, int forks, PrintStream log) {
    this.effort = effort;
    this.forks = forks;
    this.log = log;
    if (forks == 0) {
      // Else JMH refuses to run beside another JMH; times do not matter here.
      System.setProperty("jmh.ignoreLock", "true");
    }
  }

  /**
   * Times a case, and checks its output afterwards.
   *
   * @throws IllegalStateException if the output is wrong or the case cannot run
   */
  public BenchCase measure(CpuCase subject) {
    PrintStream out = System.out;
    // A benchmark in this JVM would print among the results.
    System.setOut(log);
    try {
      Runner runner =
          new Runner(
              options(subject).build(),
              OutputFormatFactory.createFormatInstance(
                  log, forks == 0 ? VerboseMode.SILENT : VerboseMode.NORMAL));
      return result(subject, runner.runSingle());
    } catch (RunnerException e) {
      throw new IllegalStateException(subject.name() + ": " + rootMessage(e), e);
    } finally {
      System.setOut(out);
      log.flush();
    }
  }

  private static String rootMessage(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    Throwable[] suppressed = root.getSuppressed();
    return suppressed.length > 0 ? rootMessage(suppressed[0]) : String.valueOf(root.getMessage());
  }

  private ChainedOptionsBuilder options(CpuCase subject) {
    CpuOperation operation = subject.operation();
    String name = operation.benchmark().getName() + "." + operation.method();
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("^" + Pattern.quote(name) + "$")
            .shouldFailOnError(true)
            .forks(forks)
            .warmupIterations(effort.warmups())
            .warmupTime(TimeValue.milliseconds(warmupMillis(subject)))
            .measurementIterations(effort.iterations())
            .measurementTime(TimeValue.milliseconds(ITERATION_MILLIS));
    subject.params().forEach(options::param);
    List<String> jvm = Extent.optionsFor(subject.threads());
    if (forks == 0) {
      setProperties(jvm);
      return options.mode(Mode.SingleShotTime);
    }
    List<String> all = new ArrayList<>(jvm);
    long megabytes = (subject.memoryBytes() >> 20) + 1;
    all.add("-Xms" + megabytes + "m");
    all.add("-Xmx" + megabytes + "m");
    return options.jvmArgsAppend(all.toArray(String[]::new));
  }

  private static long warmupMillis(CpuCase subject) {
    boolean isOfVectors = !subject.operation().isPeer() && subject.backend() == BackendId.VECTOR;
    return isOfVectors ? VECTOR_WARMUP_MILLIS : WARMUP_MILLIS;
  }

  private static void setProperties(List<String> options) {
    for (String option : options) {
      String[] nameAndValue = option.substring("-D".length()).split("=", 2);
      System.setProperty(nameAndValue[0], nameAndValue[1]);
    }
  }

  private static BenchCase result(CpuCase subject, RunResult result) {
    List<Double> nanos = new ArrayList<>();
    List<Double> copies = new ArrayList<>();
    double read = 0;
    double written = 0;
    for (BenchmarkResult fork : result.getBenchmarkResults()) {
      for (IterationResult iteration : fork.getIterationResults()) {
        nanos.add(iteration.getPrimaryResult().getScore());
        var counters = iteration.getSecondaryResults();
        read = counters.get("bytesRead").getScore();
        written = counters.get("bytesWritten").getScore();
        if (read + written > 0) {
          copies.add(counters.get("copyNanos").getScore());
        }
      }
    }
    return new BenchCase(
        BenchCase.Place.CPU,
        subject.by(),
        subject.operation().label(),
        subject.type().label(),
        subject.storageLabel(),
        subject.elements(),
        subject.p(),
        subject.actualThreads(),
        (long) read,
        (long) written,
        nanos,
        copies,
        0);
  }
}
