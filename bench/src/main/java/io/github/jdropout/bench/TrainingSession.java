package io.github.jdropout.bench;

import io.github.jdropout.bench.gpu.GpuProperties;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.bench.result.TrainingStep;
import io.github.jdropout.bench.training.TrainingOptions;
import io.github.jdropout.bench.training.TrainingSteps;
import io.github.jdropout.spec.BackendUnavailableException;
import java.util.List;
import java.util.Optional;

/**
 * Measures what dropout adds to a training step: small on the CPU, whole on a GPU if there is one.
 */
public final class TrainingSession implements Measuring {
  private final BenchOptions options;
  private final BenchRecord record;

  /**
   * Creates one; nothing is timed yet.
   *
   * @param listener follows it
   */
  public TrainingSession(BenchOptions options, BenchListener listener) {
    this.options = options;
    this.record = new BenchRecord(options, listener);
  }

  @Override
  public void run() {
    List<TrainingOptions> places = List.of(of(TrainingOptions.cpu()), of(TrainingOptions.device()));
    record.planned(places.stream().mapToLong(TrainingSteps::turns).sum());
    for (TrainingOptions place : places) {
      if (record.isStopped()) {
        return;
      }
      run(place);
    }
  }

  private void run(TrainingOptions place) {
    String name = "training step on the " + (place.isOnDevice() ? "GPU" : "CPU");
    try {
      Optional<GpuProperties> gpu =
          place.isOnDevice() ? Optional.of(GpuProperties.before()) : Optional.empty();
      TrainingSteps.measure(place, new Follower(place.turns(), gpu));
    } catch (BackendUnavailableException e) {
      record.absent(name, e.getMessage());
      record.advanced(TrainingSteps.turns(place), name);
    } catch (IllegalStateException e) {
      record.failed(name, e.getMessage());
    }
  }

  private TrainingOptions of(TrainingOptions place) {
    return options.effort() == Effort.QUICK ? place.quick() : place;
  }

  private final class Follower implements TrainingSteps.Progress {
    private final int turnsOfStep;
    private final Optional<GpuProperties> gpu;
    private int turns;

    /**
     * Creates one.
     *
     * @param turnsOfStep after as many turns the clocks are asked for, before results are checked
     * @param gpu the device; empty on the CPU
     */
    Follower(int turnsOfStep, Optional<GpuProperties> gpu) {
      this.turnsOfStep = turnsOfStep;
      this.gpu = gpu;
    }

    @Override
    public void turn(String step) {
      record.advanced(1, step);
      turns++;
      if (turns % turnsOfStep == 0 || record.isStopped()) {
        gpu.ifPresent(GpuProperties::askAfter);
      }
    }

    @Override
    public boolean isStopped() {
      return record.isStopped();
    }

    @Override
    public void done(TrainingStep step) {
      gpu.ifPresent(properties -> record.device(properties.asMap()));
      record.trained(step);
    }
  }

  @Override
  public void stop() {
    record.stop();
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
