package io.github.jdropout.bench;

import io.github.jdropout.backend.cuda.CudaBinding;
import io.github.jdropout.backend.cuda.CudaBindings;
import io.github.jdropout.backend.cuda.driver.CudaDriver;
import io.github.jdropout.backend.cuda.driver.KernelArguments;
import java.util.Arrays;

/**
 * What a launch costs before the driver does anything: of no kernel, which it refuses at once.
 *
 * <p>Needs no device, only a driver's library; a program of its own, because the benchmarks' suite
 * must run where there is none. Prints nanoseconds per launch for each binding.
 */
public final class CudaLaunchCost {
  private static final int LAUNCHES = 1_000_000;
  private static final int WARMUPS = 5;
  private static final int ROUNDS = 11;

  private CudaLaunchCost() {}

  /** Measures every binding that can be used. */
  public static void main(String[] args) {
    for (CudaBinding binding : CudaBinding.values()) {
      CudaBindings.Probe probe = CudaBindings.probe(binding);
      String result = probe.driver().map(CudaLaunchCost::measure).orElse("unavailable");
      System.out.println(binding.label() + ": " + result + " (" + probe.reason() + ")");
    }
  }

  private static String measure(CudaDriver driver) {
    KernelArguments arguments = new KernelArguments(64);
    double[] rounds = new double[ROUNDS];
    for (int round = -WARMUPS; round < ROUNDS; round++) {
      long start = System.nanoTime();
      int status = 0;
      for (int i = 0; i < LAUNCHES; i++) {
        status |= driver.launch(0, 1, 1, 0, arguments);
      }
      double time = (System.nanoTime() - start) / (double) LAUNCHES;
      if (round >= 0) {
        rounds[round] = time;
      }
      if (round == ROUNDS - 1) {
        System.out.println("status " + status);
      }
    }
    Arrays.sort(rounds);
    return "%.1f ns per launch, median of %.1f to %.1f"
        .formatted(rounds[ROUNDS / 2], rounds[0], rounds[ROUNDS - 1]);
  }
}
