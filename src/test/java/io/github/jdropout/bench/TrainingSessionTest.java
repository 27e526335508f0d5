package io.github.jdropout.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.bench.BenchOptions.Sweep;
import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.bench.result.TrainingStep;
import io.github.jdropout.gemm.cublas.Cublas;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TrainingSessionTest {
  private final List<TrainingStep> trained = new ArrayList<>();
  private Runnable afterEach = () -> {};
  private long planned;
  private long done;

  private final TrainingSession session =
      new TrainingSession(
          new BenchOptions(
              Effort.QUICK,
              Sweep.NONE,
              List.of(),
              List.of(),
              List.of(),
              List.of(),
              List.of(),
              List.of(),
              0,
              "python3",
              "",
              ""),
          new Follower());

  @Test
  void resultDescribesTheDeviceOfItsSteps() {
    session.run();
    BenchRun run = session.result(true);
    assertFalse(session.hasFailed(), run.absent().toString());
    assertEquals(planned, done);
    boolean isOnDevice = run.training().stream().anyMatch(step -> step.where().equals("device"));
    assertEquals(isOnDevice ? 1 : 0, run.devices().size());
    assertEquals(
        !isOnDevice,
        run.absent().stream().anyMatch(it -> it.what().equals("training step on the GPU")));
  }

  @Test
  void deviceHasBindingAndClocksBeforeAndAfter() {
    Cublas.device();
    session.run();
    Set<String> names = session.result(true).devices().getFirst().keySet();
    assertTrue(names.containsAll(List.of("binding", "device", "driverCuda")), names.toString());
    assertTrue(names.stream().anyMatch(name -> name.startsWith("before ")), names.toString());
    assertTrue(names.stream().anyMatch(name -> name.startsWith("after ")), names.toString());
  }

  @Test
  void stoppedSessionKeepsItsTurnsAndMeasuresNoOtherPlace() {
    afterEach =
        () -> {
          if (done == 2) {
            session.stop();
          }
        };
    session.run();
    assertEquals(2, done);
    assertEquals(2, trained.size());
    assertEquals(trained, session.result(false).training());
    assertFalse(session.hasFailed());
  }

  private final class Follower implements BenchListener {
    @Override
    public void planned(long units) {
      planned = units;
    }

    @Override
    public void advanced(long units, String next) {
      done += units;
      afterEach.run();
    }

    @Override
    public void measured(BenchCase it) {}

    @Override
    public void trained(TrainingStep step) {
      trained.add(step);
    }

    @Override
    public void absent(BenchRun.Absent it) {}
  }
}
