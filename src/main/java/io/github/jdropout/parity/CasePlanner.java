package io.github.jdropout.parity;

import io.github.jdropout.parity.Axes.Axis;
import io.github.jdropout.spec.ElementType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Makes the cases of a plan's cells. */
final class CasePlanner {
  /** Elements of a large call: memory for it stays below 200 MB, with all operands. */
  private static final int LARGE = (1 << 22) + 5;

  /** Binary logarithm of the limit of a random call's elements: from 16 to a quarter million. */
  private static final int RANDOM_BITS_MIN = 4;

  private static final int RANDOM_BITS_END = 19;

  private final ParityPlan plan;
  private final Map<Operation, List<int[]>> coverings = new HashMap<>();
  private final List<String> keys;

  CasePlanner(ParityPlan plan) {
    this.plan = plan;
    SplittableRandom random = new SplittableRandom(plan.seed());
    keys =
        List.of(
            "0 0",
            "42 7",
            "-1 -1",
            Long.MIN_VALUE + " " + Long.MAX_VALUE,
            (1L << 32) + " " + (1L << 63),
            random.nextLong() + " " + random.nextLong());
  }

  /**
   * Returns the cases of a cell, always the same.
   *
   * @param type null for the mask
   */
  List<ParityCase> cases(Operation operation, ElementType type) {
    List<Axis> axes = Axes.of(operation, keys, plan.isBrief());
    List<ParityCase> cases = new ArrayList<>();
    int[] sizes = axes.stream().mapToInt(axis -> axis.values().size()).toArray();
    for (int[] values : coverings.computeIfAbsent(operation, _ -> Pairs.covering(sizes))) {
      Map<CaseField, String> fields = new EnumMap<>(CaseField.class);
      for (int i = 0; i < values.length; i++) {
        put(fields, axes.get(i), values[i]);
      }
      cases.add(CaseCompletion.complete(operation, type, fields));
    }
    SplittableRandom random =
        new SplittableRandom(
            plan.seed() + 31L * operation.label().hashCode() + (type == null ? 0 : type.bytes()));
    for (int i = 0; i < plan.randomCases(); i++) {
      cases.add(random(operation, type, axes, random));
    }
    long elements = cases.stream().mapToLong(ParityCase::elements).sum();
    while (elements < plan.elementsPerCell()) {
      ParityCase large = large(operation, type, axes, random);
      cases.add(large);
      elements += large.elements();
    }
    return cases;
  }

  private static void put(Map<CaseField, String> fields, Axis axis, int value) {
    String text = axis.values().get(value);
    if (axis.field() == CaseField.SEED) {
      int space = text.indexOf(' ');
      fields.put(CaseField.SEED, text.substring(0, space));
      fields.put(CaseField.STREAM, text.substring(space + 1));
    } else {
      fields.put(axis.field(), text);
    }
  }

  /** A combination at random, with sizes, keys, indices and probabilities that are no axis's. */
  private static ParityCase random(
      Operation operation, ElementType type, List<Axis> axes, SplittableRandom random) {
    Map<CaseField, String> fields = combination(axes, random);
    // Small sizes are as likely as large ones.
    fields.put(
        CaseField.COUNT,
        String.valueOf(random.nextInt(1 << random.nextInt(RANDOM_BITS_MIN, RANDOM_BITS_END))));
    if (operation != Operation.PRODUCT) {
      fields.put(CaseField.COLUMNS, String.valueOf(1 + random.nextInt(1 << random.nextInt(1, 11))));
    }
    return CaseCompletion.complete(operation, type, fields);
  }

  private static Map<CaseField, String> combination(List<Axis> axes, SplittableRandom random) {
    Map<CaseField, String> fields = new EnumMap<>(CaseField.class);
    for (Axis axis : axes) {
      put(fields, axis, random.nextInt(axis.values().size()));
    }
    fields.put(CaseField.SEED, String.valueOf(random.nextLong()));
    fields.put(CaseField.STREAM, String.valueOf(random.nextLong()));
    if (random.nextBoolean()) {
      fields.put(CaseField.FIRST, String.valueOf(random.nextLong() >>> random.nextInt(1, 63)));
    }
    if (random.nextBoolean()) {
      fields.put(CaseField.P, String.valueOf(random.nextDouble()));
    }
    return fields;
  }

  private static ParityCase large(
      Operation operation, ElementType type, List<Axis> axes, SplittableRandom random) {
    Map<CaseField, String> fields = combination(axes, random);
    fields.put(CaseField.COUNT, String.valueOf(LARGE));
    fields.put(CaseField.SHAPE, "5x511x1657/1");
    int columns = operation == Operation.PRODUCT ? 1031 : 4099;
    fields.put(CaseField.COLUMNS, String.valueOf(columns));
    fields.put(CaseField.ROWS, String.valueOf(LARGE / columns));
    return CaseCompletion.complete(operation, type, fields);
  }
}
