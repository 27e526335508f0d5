package io.github.jdropout.cli.parity;

import io.github.jdropout.parity.Operation;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a JVM shall do with its variant.
 *
 * @param task which of the things below
 * @param depth how many cases
 * @param elementsPerCell at most, in the deepest plan
 * @param seed of the cases' choice and values
 * @param operations labels of those to check; empty for all
 * @param types labels of those to check; empty for all
 * @param argument the case to run again, or the golden file
 * @param acceptsSlow whether to run what is exact but a thousand times slower than it should be
 */
public record Job(
    Task task,
    Depth depth,
    long elementsPerCell,
    long seed,
    List<String> operations,
    List<String> types,
    Optional<String> argument,
    boolean acceptsSlow) {
  /** The kinds of jobs. */
  public enum Task {
    /** The cells of a plan. */
    CELLS,
    /** The tests of the mask's randomness. */
    STATISTICS,
    /** One case. */
    CASE,
    /** A golden file. */
    GOLDEN;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How many cases a plan has. */
  public enum Depth {
    /** Some seconds. */
    QUICK,
    /** Less than two minutes for all variants of a CPU. */
    STANDARD,
    /** As many elements as asked for. */
    EXHAUSTIVE;

    /** Returns the constant in lower case. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Copies the lists. */
  public Job {
    operations = List.copyOf(operations);
    types = List.copyOf(types);
  }

  /** Returns what is left of this for a variant that needs less in a run of this depth. */
  Job lightenedFor(Variant variant) {
    return depth == Depth.STANDARD && variant.weight() != Variant.Weight.WHOLE
        ? new Job(
            task, Depth.QUICK, elementsPerCell, seed, operations, types, argument, acceptsSlow)
        : this;
  }

  /** Returns the same without products, or this if it has none. */
  Job withoutProducts() {
    List<String> others =
        Arrays.stream(Operation.values())
            .map(Operation::label)
            .filter(label -> operations.isEmpty() || operations.contains(label))
            .filter(label -> !label.equals(Operation.PRODUCT.label()))
            .toList();
    // No operation at all would stand for every one.
    return others.isEmpty()
        ? this
        : new Job(task, depth, elementsPerCell, seed, others, types, argument, acceptsSlow);
  }

  /** Returns the same with another task. */
  Job withTask(Task other) {
    return new Job(other, depth, elementsPerCell, seed, operations, types, argument, acceptsSlow);
  }
}
