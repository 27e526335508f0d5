package io.github.jdropout.bench.compare;

import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.TrainingStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Two runs side by side: which cases differ by more than noise.
 *
 * <p>A case is faster or slower if the test of Mann and Whitney says so at 5 % for all cases
 * together (Holm's correction), the difference is at least 2 %, and, where the copy beside the case
 * has changed its speed, it differs beside the copy in the same direction. The samples of one run
 * know nothing of what sets whole runs apart, such as another layout of memory or another clock, so
 * a small difference should be seen in a second pair of runs before it is believed.
 *
 * @param a the run before
 * @param b the run after
 * @param changes of the cases that both have, in the order of A
 * @param onlyInA cases that B lacks
 * @param onlyInB cases that A lacks
 * @param training steps that both have
 */
public record Comparison(
    StoredRun a,
    StoredRun b,
    List<CaseChange> changes,
    List<BenchCase> onlyInA,
    List<BenchCase> onlyInB,
    List<TrainingChange> training) {
  /**
   * A training step's overhead in both runs.
   *
   * @param a in A
   * @param b in B
   */
  public record TrainingChange(TrainingStep a, TrainingStep b) {
    /** Returns whether the two intervals have nothing in common, which is stricter than 5 %. */
    public boolean isClear() {
      return a.highPercent() < b.lowPercent() || b.highPercent() < a.lowPercent();
    }
  }

  /**
   * Compares two runs.
   *
   * @throws IllegalArgumentException if one of them was quick, so that its times say nothing
   */
  public static Comparison of(StoredRun a, StoredRun b) {
    checkTimes(a);
    checkTimes(b);
    Map<String, BenchCase> casesOfA = byId(a.run().cases(), BenchCase::id);
    Map<String, BenchCase> casesOfB = byId(b.run().cases(), BenchCase::id);
    List<CaseChange> changes =
        a.run().cases().stream()
            .filter(measured -> casesOfB.containsKey(measured.id()))
            .map(measured -> CaseChange.of(measured, casesOfB.get(measured.id())))
            .toList();
    return new Comparison(
        a,
        b,
        judged(changes),
        without(a.run().cases(), casesOfB.keySet()),
        without(b.run().cases(), casesOfA.keySet()),
        training(a, b));
  }

  private static void checkTimes(StoredRun stored) {
    if (stored.run().run().isQuick()) {
      throw new IllegalArgumentException(
          stored.name() + ": is of a quick run, whose times say nothing");
    }
  }

  private static <T> Map<String, T> byId(List<T> values, Function<T, String> id) {
    return values.stream().collect(Collectors.toMap(id, Function.identity(), (first, _) -> first));
  }

  private static List<BenchCase> without(List<BenchCase> cases, Set<String> ids) {
    return cases.stream().filter(measured -> !ids.contains(measured.id())).toList();
  }

  private static List<CaseChange> judged(List<CaseChange> changes) {
    double[] corrected =
        Holm.correct(changes.stream().mapToDouble(change -> change.time().pValue()).toArray());
    List<CaseChange> judged = new ArrayList<>();
    for (int i = 0; i < corrected.length; i++) {
      judged.add(changes.get(i).judged(corrected[i]));
    }
    return List.copyOf(judged);
  }

  private static List<TrainingChange> training(StoredRun a, StoredRun b) {
    Map<String, TrainingStep> stepsOfB = byId(b.run().training(), Comparison::id);
    return a.run().training().stream()
        .filter(step -> stepsOfB.containsKey(id(step)))
        .map(step -> new TrainingChange(step, stepsOfB.get(id(step))))
        .toList();
  }

  private static String id(TrainingStep step) {
    return String.join("/", step.where(), step.name(), step.shape(), "p" + step.p());
  }

  /** Returns how many cases have a verdict. */
  public long count(Verdict verdict) {
    return changes.stream().filter(change -> change.verdict() == verdict).count();
  }
}
