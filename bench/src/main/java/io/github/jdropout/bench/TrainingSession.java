package io.github.jdropout.bench;

import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.bench.result.TrainingStep;
import io.github.jdropout.bench.training.TrainingOptions;
import io.github.jdropout.bench.training.TrainingSteps;
import io.github.jdropout.spec.BackendUnavailableException;
import java.util.List;
import java.util.concurrent.CancellationException;

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
      String name = "training step on the " + (place.isOnDevice() ? "GPU" : "CPU");
      if (record.isStopped()) {
        return;
      }
      try {
        TrainingSteps.measure(place, new Follower());
      } catch (CancellationException e) {
        return;
      } catch (BackendUnavailableException e) {
        record.absent(name, e.getMessage());
        record.advanced(TrainingSteps.turns(place), name);
      } catch (IllegalStateException e) {
        record.failed(name, e.getMessage());
      }
    }
  }

  private TrainingOptions of(TrainingOptions place) {
    return options.effort() == Effort.QUICK ? place.quick() : place;
  }

  private final class Follower implements TrainingSteps.Progress {
    @Override
    public void turn(String step) {
      if (record.isStopped()) {
        throw new CancellationException();
      }
      record.advanced(1, step);
    }

    @Override
    public void done(TrainingStep step) {
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
