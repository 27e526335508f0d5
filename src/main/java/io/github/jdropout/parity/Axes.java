package io.github.jdropout.parity;

import java.util.ArrayList;
import java.util.List;

/**
 * The values that the fields of an operation's cases take.
 *
 * <p>Sizes stand around every boundary of implementations: a quad (8), a word of mask bits (64), a
 * tile (1024), a group of rows (32) and a call that is split over threads. {@link #LAST} stands for
 * the last index that there is, which depends on the size.
 */
final class Axes {
  static final String LAST = "last";

  private static final List<String> COUNTS =
      List.of("0", "1", "7", "8", "9", "63", "64", "65", "1023", "1024", "1025", "4099", "140003");

  private static final List<String> PROBABILITIES =
      List.of("0", "1.0E-9", "0.1", "0.3", "0.5", "0.9", "1");

  /** Of index 0 and unaligned ones, where the quad's index and its low half wrap, and the last. */
  private static final List<String> FIRST_INDICES =
      List.of("0", "3", "4294967291", "34359737339", "1099511627276", LAST);

  private static final List<String> SHAPES =
      List.of(
          "1x1/0",
          "5000",
          "5000/0",
          "4x9x130/1",
          "4x20x12x11/2,3",
          "4x12x11x20/1,2",
          "40x7x30/1,2",
          "6x1500x2/0",
          "7x1024/0",
          "3x2049/1",
          "3x4x5x6x7/0,2,4",
          "300x2x500/1");

  private static final List<String> NO_YES = List.of("no", "yes");

  private static final List<String> SCALINGS = List.of("inverted", "classical");

  private Axes() {}

  /** One field's values. */
  record Axis(CaseField field, List<String> values) {}

  /**
   * Returns the axes of an operation; a key is one, made of seed and stream.
   *
   * @param keys as text, seed and stream with a space between
   * @param isBrief whether to leave out values that others stand for
   */
  static List<Axis> of(Operation operation, List<String> keys, boolean isBrief) {
    List<Axis> axes = new ArrayList<>();
    for (CaseField field : CaseField.of(operation)) {
      if (field == CaseField.STREAM) {
        continue;
      }
      List<String> values = field == CaseField.SEED ? keys : values(operation, field);
      axes.add(
          new Axis(
              field,
              isBrief
                  ? values.stream().filter(value -> !isLeftOut(field, value)).toList()
                  : values));
    }
    return axes;
  }

  /** Returns whether a brief plan does without a value. */
  private static boolean isLeftOut(CaseField field, String value) {
    return switch (field) {
      case COUNT -> List.of("8", "63", "1024", "4099").contains(value);
      case P -> List.of("1.0E-9", "0.3", "0.5").contains(value);
      case FIRST -> List.of("34359737339", "1099511627276").contains(value);
      case ROWS -> List.of("2", "31", "65").contains(value);
      case COLUMNS -> List.of("7", "9", "63", "64", "1024").contains(value);
      case SHAPE -> List.of("5000", "4x12x11x20/1,2", "6x1500x2/0", "3x2049/1").contains(value);
      case THREADS -> List.of("2", "7").contains(value);
      case BEYOND -> value.equals("24");
      case GAP -> value.equals("1");
      case SEED -> value.equals("0 0") || value.equals("42 7");
      default -> false;
    };
  }

  private static List<String> values(Operation operation, CaseField field) {
    return switch (field) {
      case COUNT -> COUNTS;
      case ROWS ->
          switch (operation) {
            case BIAS_GRADIENT -> List.of("0", "1", "31", "32", "33", "1025");
            case PRODUCT -> List.of("1", "7", "64", "129");
            default -> List.of("0", "1", "2", "31", "32", "33", "65");
          };
      case COLUMNS ->
          operation == Operation.PRODUCT
              ? List.of("1", "7", "33", "130")
              : List.of("1", "7", "8", "9", "63", "64", "65", "1023", "1024", "1025");
      case TERMS -> List.of("1", "3", "33", "520");
      case SHAPE -> SHAPES;
      case P -> PROBABILITIES;
      case SCALING -> SCALINGS;
      case FIRST -> operation == Operation.SHARED_MASK ? List.of("0", "3", LAST) : FIRST_INDICES;
      case BEYOND -> List.of("0", "24", "1031");
      case ACTIVATION -> List.of("identity", "relu", "gelu", "gelu_tanh", "silu");
      case BIAS, RESIDUAL, ACCUMULATE -> NO_YES;
      case INFERENCE -> NO_YES;
      case OVER ->
          operation == Operation.EPILOGUE
              ? List.of("none", "product", "residual")
              : List.of("none", "product", "gradient");
      case TRANSPOSE -> List.of("nn", "nt", "tn", "tt");
      case ALPHA -> List.of("1", "-0.5", "0");
      case BETA -> List.of("0", "1", "0.25");
      case RESULT -> List.of("f32", "same");
      case GAP -> List.of("0", "1", "64");
      case THREADS -> List.of("0", "1", "2", "3", "7");
      case PLACE -> List.of("whole", "array", "bytes", "aligned", "unaligned");
      case VALUES -> List.of("special", "normal");
      case SEED, STREAM -> throw new IllegalArgumentException("a key is an axis of its own");
    };
  }
}
