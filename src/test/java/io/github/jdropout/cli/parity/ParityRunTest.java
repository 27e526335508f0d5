package io.github.jdropout.cli.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.parity.ParityReport.Cell;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParityRunTest {
  @TempDir private Path folder;

  /** Counts units of progress. */
  private static final class Counter implements ParityListener {
    private long done;
    private long dropped;
    private String doing = "";

    @Override
    public synchronized void progress(long units, String what) {
      done += units;
      doing = what;
    }

    @Override
    public synchronized void dropped(long units) {
      dropped += units;
    }

    @Override
    public void ended(List<Cell> cells) {}
  }

  @Test
  void whatCannotRunIsDroppedAndNotDone() {
    List<Variant> variants =
        List.of(
            Variants.ofClass(Kernels.Absent.class.getName()),
            Variants.ofClass(Kernels.Right.class.getName()));
    Job job =
        new Job(
            Job.Task.CELLS,
            Job.Depth.QUICK,
            1,
            1,
            List.of("mask"),
            List.of(),
            Optional.empty(),
            false);
    Counter counter = new Counter();
    new ParityRun(variants, job, false, folder, counter).run();
    long units = ParityRun.units(1, false);
    assertEquals(units, counter.dropped);
    assertEquals(units, counter.done);
    assertTrue(counter.doing.startsWith("1 cell done; "), counter.doing);
  }
}
