package io.github.jdropout.parity;

import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.Scaling;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One call that the suite makes and compares: everything that it depends on.
 *
 * <p>As text it is {@code forward f32 count=1000 p=0.1 seed=42 stream=7 first=3 threads=2
 * place=unaligned values=special}: the operation, the type unless there is none, and what else
 * there is to say, in any order; what is left out has its usual value.
 *
 * <p>Immutable.
 */
public final class ParityCase {
  private final Operation operation;
  private final ElementType type;
  private final Map<CaseField, String> fields = new EnumMap<>(CaseField.class);

  /**
   * Creates a case.
   *
   * @param type null for the mask
   * @param given values of fields; the others have their usual ones
   */
  ParityCase(Operation operation, ElementType type, Map<CaseField, String> given) {
    this.operation = operation;
    this.type = type;
    for (CaseField field : CaseField.of(operation)) {
      fields.put(field, given.getOrDefault(field, field.usual()));
    }
    checkFields();
    checkRange();
  }

  /**
   * Reads a case.
   *
   * @param text as {@link #toString} writes it
   * @throws IllegalArgumentException if it is no case; the message names the word
   */
  public static ParityCase parse(String text) {
    String[] words = text.strip().split("\\s+", -1);
    Operation operation = Operation.parse(words[0]);
    boolean isTyped = !operation.types().isEmpty();
    if (isTyped && words.length < 2) {
      throw new IllegalArgumentException("case must name a type after " + words[0]);
    }
    ElementType type =
        isTyped
            ? Labels.parse(
                "type of " + words[0],
                operation.types().toArray(ElementType[]::new),
                ElementType::label,
                words[1])
            : null;
    Map<CaseField, String> given = new EnumMap<>(CaseField.class);
    for (String word : Arrays.asList(words).subList(isTyped ? 2 : 1, words.length)) {
      int equals = word.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException("case must have NAME=VALUE but has " + word);
      }
      CaseField field = CaseField.parse(operation, word.substring(0, equals));
      if (given.put(field, word.substring(equals + 1)) != null) {
        throw new IllegalArgumentException("case must have " + field.label() + " once");
      }
    }
    return new ParityCase(operation, type, given);
  }

  /** Indices end at 2^63 - 1, or with the tensor. */
  private void checkRange() {
    if (!has(CaseField.FIRST)) {
      return;
    }
    long end = has(CaseField.SHAPE) ? shape().elementCount() : Long.MAX_VALUE;
    long last = end - span();
    if (last < 0 || natural(CaseField.FIRST) > last) {
      throw new IllegalArgumentException(
          "first must be in [0, %d] for what the case says besides, but is %d"
              .formatted(Math.max(0, last), natural(CaseField.FIRST)));
    }
  }

  /** Returns how many indices there are from the first to the last. */
  private long span() {
    if (has(CaseField.COUNT)) {
      return natural(CaseField.COUNT);
    }
    try {
      long columns = natural(CaseField.COLUMNS);
      long stride = Math.addExact(columns, natural(CaseField.BEYOND));
      long before = Math.max(0, natural(CaseField.ROWS) - 1);
      return Math.addExact(Math.multiplyExact(before, stride), columns);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "rows, columns and beyond must give at most 2^63 - 1 indices but are %s, %s and %s"
              .formatted(text(CaseField.ROWS), text(CaseField.COLUMNS), text(CaseField.BEYOND)),
          e);
    }
  }

  private void checkFields() {
    for (CaseField field : fields.keySet()) {
      switch (field) {
        case COUNT, FIRST, BEYOND, ROWS, COLUMNS, TERMS, GAP -> natural(field);
        case SEED, STREAM -> number(field, Long::valueOf);
        case P -> spec();
        case SCALING -> scaling();
        case SHAPE -> shape();
        case ACTIVATION -> activation();
        case BIAS, RESIDUAL, INFERENCE, ACCUMULATE -> is(field);
        case OVER -> over();
        case TRANSPOSE -> transpose();
        case ALPHA, BETA -> factor(field);
        case RESULT -> resultType();
        case THREADS -> threads();
        case PLACE -> place();
        case VALUES -> values();
      }
    }
  }

  /** Returns the operation. */
  public Operation operation() {
    return operation;
  }

  /** Returns the type of the elements; empty for the mask. */
  public Optional<ElementType> type() {
    return Optional.ofNullable(type);
  }

  /** Returns how many elements are compared. */
  public long elements() {
    return switch (operation) {
      case EPILOGUE, EPILOGUE_GRADIENT, BIAS_GRADIENT, PRODUCT ->
          Math.multiplyExact(natural(CaseField.ROWS), natural(CaseField.COLUMNS));
      default -> natural(CaseField.COUNT);
    };
  }

  boolean has(CaseField field) {
    return fields.containsKey(field);
  }

  /** Returns the same case with another value of a field. */
  ParityCase with(CaseField field, String value) {
    Map<CaseField, String> changed = new EnumMap<>(fields);
    changed.put(field, value);
    return new ParityCase(operation, type, changed);
  }

  private String text(CaseField field) {
    return fields.getOrDefault(field, field.usual());
  }

  private <T> T number(CaseField field, Function<String, T> parser) {
    try {
      return parser.apply(text(field));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          field.label() + " must be a number but is " + text(field), e);
    }
  }

  long natural(CaseField field) {
    long value = number(field, Long::valueOf);
    if (value < 0) {
      throw new IllegalArgumentException(field.label() + " must be at least 0 but is " + value);
    }
    return value;
  }

  /** Returns a number of rows, columns or elements that fits an int. */
  int size(CaseField field) {
    return Math.toIntExact(natural(field));
  }

  boolean is(CaseField field) {
    return Labels.parse(field.label(), new String[] {"no", "yes"}, Function.identity(), text(field))
        .equals("yes");
  }

  MaskKey key() {
    return new MaskKey(
        number(CaseField.SEED, Long::valueOf), number(CaseField.STREAM, Long::valueOf));
  }

  /** Returns the probability and the scaling, which the operation may imply. */
  DropoutSpec spec() {
    return new DropoutSpec(number(CaseField.P, Double::valueOf), scaling());
  }

  private Scaling scaling() {
    return operation == Operation.CLASSICAL
        ? Scaling.CLASSICAL
        : Labels.parse(
            "scaling",
            Scaling.values(),
            value -> value.name().toLowerCase(Locale.ROOT),
            text(CaseField.SCALING));
  }

  Activation activation() {
    return Labels.parse(
        "activation", Activation.values(), Activation::label, text(CaseField.ACTIVATION));
  }

  Place place() {
    return Place.parse(text(CaseField.PLACE));
  }

  Values values() {
    return Values.parse(text(CaseField.VALUES));
  }

  Over over() {
    return Labels.parse("over", Over.values(), Over::label, text(CaseField.OVER));
  }

  /** Returns whether the left and the right factor are transposed. */
  String transpose() {
    return Labels.parse(
        "transpose",
        new String[] {"nn", "nt", "tn", "tt"},
        Function.identity(),
        text(CaseField.TRANSPOSE));
  }

  float factor(CaseField field) {
    return number(field, Float::valueOf);
  }

  /** Returns f32 or the type of the case. */
  ElementType resultType() {
    ElementType[] allowed =
        type == ElementType.F32
            ? new ElementType[] {type}
            : new ElementType[] {ElementType.F32, type};
    return Labels.parse("result", allowed, ElementType::label, text(CaseField.RESULT));
  }

  /** Returns the size of the pool in which the call runs; 0 for the caller's thread. */
  int threads() {
    long threads = natural(CaseField.THREADS);
    if (threads > 1024) {
      throw new IllegalArgumentException("threads must be in [0, 1024] but is " + threads);
    }
    return (int) threads;
  }

  MaskShape shape() {
    return Shapes.parse(text(CaseField.SHAPE));
  }

  /** Returns what a report does not have apart. */
  String details() {
    return fields.entrySet().stream()
        .filter(entry -> !entry.getKey().isApart())
        .map(entry -> entry.getKey().label() + "=" + entry.getValue())
        .collect(Collectors.joining(" "));
  }

  @Override
  public String toString() {
    return operation.label()
        + (type == null ? "" : " " + type.label())
        + fields.entrySet().stream()
            .map(entry -> " " + entry.getKey().label() + "=" + entry.getValue())
            .collect(Collectors.joining());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ParityCase that && toString().equals(that.toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }
}
