package io.github.jdropout.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.jdropout.backend.tiled.ParallelSlices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** How many elements a call has, and how many cores may work on them. */
@State(Scope.Benchmark)
public class Extent {
  static final String ONE_CORE = "1";
  static final String ALL_CORES = "all";

  /** System property that makes JMH call a benchmark from a fork-join pool of one thread. */
  static final String ONE_CORE_OPTION = "-Djmh.executor=FJP";

  @Param({"4096", "65536", "1048576", "16777216", "134217728"})
  public int size;

  /** {@value #ONE_CORE} or {@value #ALL_CORES}. */
  @Param(ALL_CORES)
  public String cores;

  /** With one core, refuses to run on several and pins the thread. */
  @Setup
  public void prepareCores() throws InterruptedException {
    if (!cores.equals(ONE_CORE)) {
      return;
    }
    if (ParallelSlices.pays(Long.MAX_VALUE)) {
      throw new IllegalStateException("cores=1 needs java " + ONE_CORE_OPTION);
    }
    pinThisThread();
  }

  /** Binds this thread to one CPU; compiler and collector keep all of them. */
  private static void pinThisThread() throws InterruptedException {
    try {
      String thread = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName().toString();
      // The last CPU: the first serves most interrupts.
      String cpu = "" + (Runtime.getRuntime().availableProcessors() - 1);
      Process taskset =
          new ProcessBuilder("taskset", "-pc", cpu, thread).redirectErrorStream(true).start();
      String answer = new String(taskset.getInputStream().readAllBytes(), UTF_8).strip();
      System.out.println("# " + (taskset.waitFor() == 0 ? "pinned to CPU " + cpu : answer));
    } catch (IOException e) {
      System.out.println("# not pinned: " + e.getMessage());
    }
  }
}
