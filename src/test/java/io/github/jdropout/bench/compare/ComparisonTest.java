package io.github.jdropout.bench.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final List<Double> NO_COPY = List.of();

  /** Noise is large beside what matters, so that the test alone keeps false alarms away. */
  @Test
  void equalRunsRaiseFewFalseAlarms() {
    int trials = 200;
    int alarms = 0;
    for (int seed = 0; seed < trials; seed++) {
      Random random = new Random(seed);
      Comparison comparison = Comparison.of(noisy("A", random), noisy("B", random));
      assertEquals(8, comparison.changes().size());
      alarms += comparison.count(Verdict.UNCLEAR) < 8 ? 1 : 0;
    }
    // 5 % of the runs, and three standard deviations of that.
    assertTrue(alarms <= 0.05 * trials + 3 * Math.sqrt(trials * 0.05 * 0.95), "" + alarms);
  }

  private static StoredRun noisy(String name, Random random) {
    List<BenchCase> cases =
        IntStream.range(0, 8)
            .mapToObj(i -> Runs.forward("ours" + i, Runs.samples(random, 20, 1000, 0.5), NO_COPY))
            .toList();
    return Runs.stored(name, cases, List.of());
  }

  @Test
  void tenPercentAreFound() {
    Random random = new Random(7);
    for (int trial = 0; trial < 20; trial++) {
      StoredRun a =
          Runs.stored(
              "A",
              Runs.forward("slower", Runs.samples(random, 20, 1000, 0.03), NO_COPY),
              Runs.forward("faster", Runs.samples(random, 20, 1000, 0.03), NO_COPY));
      StoredRun b =
          Runs.stored(
              "B",
              Runs.forward("faster", Runs.samples(random, 20, 900, 0.03), NO_COPY),
              Runs.forward("slower", Runs.samples(random, 20, 1100, 0.03), NO_COPY));
      List<CaseChange> changes = Comparison.of(a, b).changes();
      assertEquals(Verdict.SLOWER, changes.get(0).verdict());
      assertEquals(Verdict.FASTER, changes.get(1).verdict());
      assertEquals(10, changes.get(0).time().percent(), 4);
      assertEquals(-10, changes.get(1).time().percent(), 4);
    }
  }

  /** However sure, 1 % is not reported. */
  @Test
  void smallDifferencesDoNotMatter() {
    Random random = new Random(8);
    CaseChange change =
        change(
            Runs.samples(random, 100, 1000, 0.001),
            NO_COPY,
            Runs.samples(random, 100, 1010, 0.001),
            NO_COPY);
    assertTrue(change.corrected() < 1e-9, "" + change.corrected());
    assertEquals(Verdict.UNCLEAR, change.verdict());
  }

  /** Case and copy take 20 % longer: that was the machine. */
  @Test
  void aSlowerMachineIsNotASlowerCase() {
    Random random = new Random(9);
    List<Double> copyBefore = Runs.samples(random, 30, 500, 0.02);
    List<Double> copyAfter = Runs.samples(random, 30, 600, 0.02);
    List<Double> before = copyBefore.stream().map(nanos -> 2 * nanos).toList();
    List<Double> after = copyAfter.stream().map(nanos -> 2 * nanos).toList();
    CaseChange change = change(before, copyBefore, after, copyAfter);
    assertEquals(Verdict.COPY_MOVED, change.verdict());
    assertEquals(20, change.copy().orElseThrow().percent(), 4);
    assertEquals(1, change.besideCopy().orElseThrow().ratio(), 1e-12);
  }

  /** Slower, and slower than the slower copy explains. */
  @Test
  void aSlowerCaseOnASlowerMachine() {
    Random random = new Random(10);
    CaseChange change =
        change(
            Runs.samples(random, 30, 1000, 0.02),
            Runs.samples(random, 30, 500, 0.02),
            Runs.samples(random, 30, 1400, 0.02),
            Runs.samples(random, 30, 550, 0.02));
    assertEquals(Verdict.SLOWER, change.verdict());
    assertTrue(change.copyMoved());
  }

  /** What memory does not bound stays as it was while the copy changes. */
  @Test
  void aFasterCopyAloneIsNoDifference() {
    Random random = new Random(11);
    CaseChange change =
        change(
            Runs.samples(random, 30, 1000, 0.01),
            Runs.samples(random, 30, 500, 0.01),
            Runs.samples(random, 30, 1000, 0.01),
            Runs.samples(random, 30, 250, 0.01));
    assertEquals(Verdict.UNCLEAR, change.verdict());
    assertTrue(change.copyMoved());
  }

  private static CaseChange change(
      List<Double> a, List<Double> copyOfA, List<Double> b, List<Double> copyOfB) {
    return Comparison.of(
            Runs.stored("A", Runs.forward("ours", a, copyOfA)),
            Runs.stored("B", Runs.forward("ours", b, copyOfB)))
        .changes()
        .getFirst();
  }

  @Test
  void theTextSaysAll() {
    List<Double> slow = new ArrayList<>();
    List<Double> quick = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      slow.add(2e6 + i);
      quick.add(1e6 + i);
    }
    BenchCase shared = Runs.forward("ffm", slow, slow);
    StoredRun a =
        Runs.stored(
            "before.json",
            List.of(shared, Runs.forward("vector", quick, NO_COPY)),
            List.of(Runs.step("half", 0.1, 1.5, 1, 2)));
    BenchRun run =
        Runs.run(
            List.of(
                Runs.forward("ffm", quick, slow),
                Runs.forward("vector", quick.subList(0, 2), NO_COPY),
                Runs.forward("scalar", quick, NO_COPY)),
            List.of(Runs.step("half", 0.1, 3, 2.5, 3.5)));
    BenchRun other =
        new BenchRun(
            run.schema(),
            new BenchRun.Run("2026-11-23T08:00:00Z", "0.2.0", "def5678", "", false, false),
            Map.of("cpu", "Another CPU", "processors", "2"),
            run.devices(),
            run.cases(),
            run.absent(),
            run.training());
    String text =
        String.join(
            "\n",
            ComparisonText.lines(
                Comparison.of(a, new StoredRun("after.json", other)),
                (verdict, label) -> verdict == Verdict.FASTER ? "<" + label + ">" : label));
    assertEquals(
        """
        A  before.json  2026-11-22T08:00:00Z  JDropout 0.1.0, revision abc1234
        B  after.json  2026-11-23T08:00:00Z  JDropout 0.2.0, revision def5678
        differs: version: 0.1.0 in A, 0.2.0 in B
        differs: machine cpu: Some CPU in A, Another CPU in B
        B was interrupted: it has some of its cases only

        case                                                 A        B     time                95 %    copy  beside copy
        cpu/ffm/forward/f32/array/16777216/p0.1/2t     2.00 ms  1.00 ms  -50.0 %  -50.0 % to -50.0 %  +0.0 %      -50.0 %  <faster>
        cpu/vector/forward/f32/array/16777216/p0.1/2t  1.00 ms  1.00 ms   +0.0 %    +0.0 % to +0.0 %       –            –  no clear difference

        cpu, half: +1.50 % (+1.00 to +2.00) in A, +3.00 % (+2.50 to +3.50) in B, a clear difference

        only in B: cpu/scalar/forward/f32/array/16777216/p0.1/2t

        <1 faster>, 1 no clear difference\
        """,
        text);
  }

  @Test
  void runsWithNothingInCommon() {
    List<Double> samples = List.of(1.0, 2.0);
    List<String> lines =
        ComparisonText.lines(
            Comparison.of(
                Runs.stored("A", Runs.forward("ffm", samples, NO_COPY)),
                Runs.stored("B", Runs.forward("vector", samples, NO_COPY))),
            (_, label) -> label);
    assertEquals("The two have no case in common.", lines.getLast());
    assertTrue(lines.contains("only in A: cpu/ffm/forward/f32/array/16777216/p0.1/2t"));
    assertTrue(lines.contains("only in B: cpu/vector/forward/f32/array/16777216/p0.1/2t"));
  }

  @Test
  void tooFewSamplesAreSaid() {
    List<Double> samples = List.of(1.0, 2.0, 3.0);
    StoredRun run = Runs.stored("A", Runs.forward("ffm", samples, NO_COPY));
    List<String> lines = ComparisonText.lines(Comparison.of(run, run), (_, label) -> label);
    assertEquals("1 of 1 have too few samples for any difference to be clear.", lines.getLast());
  }

  @Test
  void aChangedMachineIsSaid() {
    Random random = new Random(12);
    List<Double> times = Runs.samples(random, 20, 1000, 0.01);
    List<Double> copies = Runs.samples(random, 20, 500, 0.0001);
    List<Double> fasterCopies = copies.stream().map(nanos -> nanos / 2).toList();
    List<String> lines =
        ComparisonText.lines(
            Comparison.of(
                Runs.stored("A", Runs.forward("ffm", times, copies)),
                Runs.stored("B", Runs.forward("ffm", times, fasterCopies))),
            (_, label) -> label);
    assertEquals(
        "The machine itself changed: beside 1 of 1 cases the copy takes another time, -50.0 % in"
            + " the middle.",
        lines.getLast());
  }

  @Test
  void quickRunsAreRefused() {
    BenchRun run = Runs.run(List.of(), List.of());
    BenchRun quick =
        new BenchRun(
            run.schema(),
            new BenchRun.Run("2026-11-22T08:00:00Z", "0.1.0", "abc1234", "--quick", true, true),
            run.machine(),
            run.devices(),
            run.cases(),
            run.absent(),
            run.training());
    StoredRun a = new StoredRun("slow.json", run);
    StoredRun b = new StoredRun("quick.json", quick);
    String message =
        assertThrows(IllegalArgumentException.class, () -> Comparison.of(a, b)).getMessage();
    assertEquals("quick.json: is of a quick run, whose times say nothing", message);
  }
}
