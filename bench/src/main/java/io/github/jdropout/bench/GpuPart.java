package io.github.jdropout.bench;

import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.cuda.CudaBinding;
import io.github.jdropout.backend.cuda.CudaBindings;
import io.github.jdropout.bench.gpu.GpuProcess;
import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The part of a session that needs a GPU. */
final class GpuPart {
  /** Units of progress of calls, and of host memory through the device. */
  private static final int OTHER_UNITS = 2;

  private static final List<String> PEERS = List.of("PyTorch", "PyTorch compiled", "Triton");

  private final BenchOptions options;
  private final List<GpuPlan> plans;
  private final BenchRecord record;
  private final File log;
  private final String unavailable;

  /** Plans it, and notes what the options name and is not measured on a GPU. */
  GpuPart(BenchOptions options, BenchRecord record, File log) {
    this.options = options;
    this.record = record;
    this.log = log;
    this.plans = GpuPlan.of(options);
    this.unavailable =
        DropoutBackends.report().stream()
            .filter(entry -> entry.id() == BackendId.CUDA && !entry.isAvailable())
            .map(DropoutBackends.Entry::reason)
            .findFirst()
            .orElse("");
    if (unavailable.isEmpty()) {
      GpuPlan.absent(options).forEach(it -> record.absent(it.what(), it.reason()));
    }
  }

  /** Returns the units of progress. */
  long units() {
    return isAvailable() ? plans.stream().mapToLong(plan -> plan.groups() + OTHER_UNITS).sum() : 0;
  }

  private boolean isAvailable() {
    return unavailable.isEmpty() && !plans.isEmpty();
  }

  /** Measures, or says why not. */
  void run() {
    if (!options.wants(BackendId.CUDA) || record.isStopped()) {
      return;
    }
    if (!unavailable.isEmpty()) {
      record.absent("GPU", unavailable);
      record.absent("from where a GPU overtakes the CPU", "there is no GPU");
      return;
    }
    if (plans.isEmpty()) {
      return;
    }
    try (Peers peers = new Peers(options, record)) {
      peers.start("pytorch_cuda.py", PEERS, log);
      for (GpuPlan plan : plans) {
        run(plan, peers);
      }
    }
    if (Crossover.of(record.cases()).isEmpty()) {
      record.absent(
          "from where a GPU overtakes the CPU", "no size was measured on both; see --sweep size");
    }
  }

  private void run(GpuPlan plan, Peers peers) {
    boolean isFirst = true;
    for (CudaBinding binding : CudaBinding.values()) {
      CudaBindings.Probe probe = CudaBindings.probe(binding);
      if (probe.driver().isEmpty()) {
        record.absent("binding " + binding.label() + " of CUDA", probe.reason());
        continue;
      }
      // What the device does is the same through each binding.
      if (isFirst) {
        measure(binding, plan.p(), plan.onDevice(options.effort()), new Receiver(peers, true));
      }
      if (plan.hasForward()) {
        List<String> others =
            isFirst ? plan.staged(options.effort()) : GpuPlan.calls(options.effort());
        measure(binding, plan.p(), others, new Receiver(peers, false));
      }
      isFirst = false;
    }
    record.advanced(OTHER_UNITS, "GPU");
  }

  private void measure(CudaBinding binding, double p, List<String> arguments, Receiver receiver) {
    if (record.isStopped()) {
      return;
    }
    record.advanced(0, "GPU through " + binding.label());
    try {
      new GpuProcess(binding, receiver).run(p, arguments, log);
    } catch (IOException | IllegalStateException e) {
      record.failed("GPU through " + binding.label(), e.getMessage());
    }
  }

  /** Passes cases on, and has peers measured where one was measured on the device. */
  private final class Receiver implements GpuProcess.Receiver {
    private final Peers peers;
    private final boolean describes;

    /**
     * Creates one.
     *
     * @param describes whether the device's properties, its clocks among them, are those of the run
     */
    Receiver(Peers peers, boolean describes) {
      this.peers = peers;
      this.describes = describes;
    }

    @Override
    public void device(Map<String, String> properties) {
      if (describes) {
        record.device(properties);
      }
    }

    @Override
    public void measured(List<BenchCase> cases) {
      List<BenchCase> onDevice = new ArrayList<>();
      for (BenchCase measured : cases) {
        record.measured(measured);
        if (measured.place() == BenchCase.Place.DEVICE) {
          onDevice.add(measured);
        }
      }
      onDevice.forEach(peers::measure);
      if (!onDevice.isEmpty()) {
        record.advanced(1, "GPU " + onDevice.getFirst().type());
      }
    }

    @Override
    public void absent(BenchRun.Absent absent) {
      record.absent(absent.what(), absent.reason());
      record.advanced(1, "GPU");
    }
  }
}
