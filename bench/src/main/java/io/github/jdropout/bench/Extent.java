package io.github.jdropout.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** How many elements a call has, and how many threads may work on them. */
@State(Scope.Benchmark)
public class Extent {
  @Param({"4096", "65536", "1048576", "16777216", "134217728"})
  public int size;

  /** Threads that may work on a call; 0 for all processors. */
  @Param("0")
  public int threads;

  /** Refuses to run on another number of threads; one thread alone is pinned. */
  @Setup
  public void prepareThreads() throws InterruptedException {
    ForkJoinPool pool = ForkJoinTask.getPool();
    if (threads != (pool == null ? 0 : pool.getParallelism())) {
      throw new IllegalStateException(
          "threads=" + threads + " needs java " + optionsFor(threads) + "; see jdropout bench");
    }
    if (threads == 1) {
      pinThisThread();
    }
  }

  /** Returns the options of a JVM whose benchmarks may work on a number of threads. */
  static List<String> optionsFor(int threads) {
    return Stream.concat(
            BenchmarkThreads.OPTIONS.stream(), Stream.of(BenchmarkThreads.PROPERTY + "=" + threads))
        .map(property -> "-D" + property)
        .toList();
  }

  static int allProcessors() {
    return Runtime.getRuntime().availableProcessors();
  }

  /** Binds this thread to one CPU; compiler and collector keep all of them. */
  private static void pinThisThread() throws InterruptedException {
    try {
      String thread = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName().toString();
      // The last CPU: the first serves most interrupts.
      String cpu = "" + (allProcessors() - 1);
      Process taskset =
          new ProcessBuilder("taskset", "-pc", cpu, thread).redirectErrorStream(true).start();
      String answer = new String(taskset.getInputStream().readAllBytes(), UTF_8).strip();
      System.out.println("# " + (taskset.waitFor() == 0 ? "pinned to CPU " + cpu : answer));
    } catch (IOException e) {
      System.out.println("# not pinned: " + e.getMessage());
    }
  }
}
