package io.github.jdropout.parity;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a case says besides its operation and type, in the order in which it is written. */
enum CaseField {
  /** Elements of the call. */
  COUNT("1000"),
  /** Rows of the matrices. */
  ROWS("33"),
  /** Columns of the matrices. */
  COLUMNS("100"),
  /** Terms of each sum of a product. */
  TERMS("64"),
  /** Sizes of the tensor's axes, and the shared ones: {@code 4x9x130/1}. */
  SHAPE("4x9x130/1"),
  /** Probability of dropping. */
  P("0.1"),
  SCALING("inverted"),
  SEED("0"),
  STREAM("0"),
  /** Global index of the first element. */
  FIRST("0"),
  /** Columns of the global matrix beyond those of the call. */
  BEYOND("0"),
  ACTIVATION("identity"),
  BIAS("no"),
  RESIDUAL("no"),
  /** Whether everything is kept. */
  INFERENCE("no"),
  /** Which operand's place is the output's. */
  OVER("none"),
  /** Whether the sums are added to what is there. */
  ACCUMULATE("no"),
  /** Whether the left and the right factor are transposed: {@code nn}, {@code nt}, … */
  TRANSPOSE("nn"),
  ALPHA("1"),
  BETA("0"),
  /** Type of the result. */
  RESULT("f32"),
  /** Elements between rows. */
  GAP("0"),
  THREADS("1"),
  PLACE("array"),
  VALUES("special");

  private static final Map<Operation, List<CaseField>> OF_OPERATIONS = ofOperations();

  private final String usual;

  CaseField(String usual) {
    this.usual = usual;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the value that a case has unless it says otherwise. */
  String usual() {
    return usual;
  }

  /** Returns what a case of the operation may say. */
  static List<CaseField> of(Operation operation) {
    return OF_OPERATIONS.get(operation);
  }

  private static Map<Operation, List<CaseField>> ofOperations() {
    Map<Operation, List<CaseField>> fields = new EnumMap<>(Operation.class);
    for (Operation operation : Operation.values()) {
      fields.put(
          operation,
          switch (operation) {
            case FORWARD, IN_PLACE, BACKWARD, CLASSICAL ->
                List.of(COUNT, P, SEED, STREAM, FIRST, THREADS, PLACE, VALUES);
            case MASK -> List.of(COUNT, P, SEED, STREAM, FIRST, THREADS, PLACE);
            case APPLY_MASK ->
                List.of(COUNT, P, SCALING, SEED, STREAM, FIRST, THREADS, PLACE, VALUES);
            case INFERENCE -> List.of(COUNT, P, SCALING, THREADS, PLACE, VALUES);
            case SHARED_MASK ->
                List.of(COUNT, SHAPE, P, SCALING, SEED, STREAM, FIRST, THREADS, PLACE, VALUES);
            case EPILOGUE ->
                List.of(
                    ROWS,
                    COLUMNS,
                    P,
                    SCALING,
                    SEED,
                    STREAM,
                    FIRST,
                    BEYOND,
                    ACTIVATION,
                    BIAS,
                    RESIDUAL,
                    INFERENCE,
                    OVER,
                    GAP,
                    THREADS,
                    PLACE);
            case EPILOGUE_GRADIENT ->
                List.of(
                    ROWS,
                    COLUMNS,
                    P,
                    SCALING,
                    SEED,
                    STREAM,
                    FIRST,
                    BEYOND,
                    ACTIVATION,
                    BIAS,
                    OVER,
                    GAP,
                    THREADS,
                    PLACE);
            case BIAS_GRADIENT -> List.of(ROWS, COLUMNS, SEED, ACCUMULATE, THREADS, PLACE);
            case PRODUCT ->
                List.of(
                    ROWS, COLUMNS, TERMS, SEED, TRANSPOSE, ALPHA, BETA, RESULT, GAP, THREADS,
                    PLACE);
          });
    }
    return fields;
  }

  /**
   * Returns the field of a name.
   *
   * @throws IllegalArgumentException if the operation has no such field
   */
  static CaseField parse(Operation operation, String label) {
    CaseField[] allowed = of(operation).toArray(CaseField[]::new);
    return Labels.parse(
        "what a case of " + operation.label() + " says", allowed, CaseField::label, label);
  }

  /** Returns the fields that say which elements and numbers, which a report has apart. */
  boolean isApart() {
    return Arrays.asList(COUNT, P, SEED, STREAM, FIRST).contains(this);
  }
}
