package io.github.jdropout.parity;

import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskShape;
import java.util.Map;

/** Makes a case of values that were chosen each by itself and may not go together. */
final class CaseCompletion {
  private CaseCompletion() {}

  /**
   * Returns the case nearest to what was chosen.
   *
   * @param type null for the mask
   */
  static ParityCase complete(Operation operation, ElementType type, Map<CaseField, String> fields) {
    fields.keySet().retainAll(CaseField.of(operation));
    if (fields.containsKey(CaseField.SHAPE)) {
      completeRange(fields);
    } else if (fields.containsKey(CaseField.FIRST)) {
      long stride = number(fields, CaseField.COLUMNS) + number(fields, CaseField.BEYOND);
      long span =
          fields.containsKey(CaseField.COUNT)
              ? number(fields, CaseField.COUNT)
              : number(fields, CaseField.ROWS) * stride + number(fields, CaseField.COLUMNS);
      fields.put(CaseField.FIRST, first(fields, Long.MAX_VALUE - span));
    }
    if ("residual".equals(fields.get(CaseField.OVER))) {
      fields.put(CaseField.RESIDUAL, "yes");
    }
    fields.computeIfPresent(
        CaseField.RESULT, (_, chosen) -> chosen.equals("same") ? type.label() : chosen);
    ParityCase complete = new ParityCase(operation, type, fields);
    // An activation that needs no product has none to lie over.
    boolean hasProduct = operation == Operation.EPILOGUE || complete.activation().needsProduct();
    return complete.over() == Over.PRODUCT && !hasProduct
        ? complete.with(CaseField.OVER, Over.NONE.label())
        : complete;
  }

  /** A range of a tensor lies in it. */
  private static void completeRange(Map<CaseField, String> fields) {
    MaskShape shape = Shapes.parse(fields.get(CaseField.SHAPE));
    long count = Math.min(number(fields, CaseField.COUNT), shape.elementCount());
    fields.put(CaseField.COUNT, String.valueOf(count));
    fields.put(CaseField.FIRST, first(fields, shape.elementCount() - count));
  }

  private static String first(Map<CaseField, String> fields, long last) {
    String chosen = fields.get(CaseField.FIRST);
    return String.valueOf(chosen.equals(Axes.LAST) ? last : Math.min(Long.parseLong(chosen), last));
  }

  private static long number(Map<CaseField, String> fields, CaseField field) {
    return Long.parseLong(fields.getOrDefault(field, "0"));
  }
}
