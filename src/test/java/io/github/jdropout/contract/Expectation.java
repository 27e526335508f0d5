package io.github.jdropout.contract;

import io.github.jdropout.oracle.OracleMask;
import io.github.jdropout.parity.reference.ReferenceArithmetic;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Scaling;
import java.util.Arrays;

/** What the oracle says an operation must write. */
final class Expectation {
  private final ElementType type;
  private final DropoutSpec spec;
  private final int threshold;
  private final long[] inputs;
  private final long[] products;

  /** Computed when somebody first asks. */
  private long[] inferred;

  Expectation(ElementType type, DropoutSpec spec, long[] inputs) {
    this.type = type;
    this.spec = spec;
    this.inputs = inputs;
    this.threshold = OracleMask.threshold(spec.p());
    this.products = new long[inputs.length];
    boolean isScaled = spec.scaling() == Scaling.INVERTED && threshold != 0;
    double scale = isScaled ? ReferenceArithmetic.scale(threshold) : 1;
    float scaleF32 = isScaled ? ReferenceArithmetic.scaleF32(threshold) : 1;
    for (int i = 0; i < inputs.length; i++) {
      products[i] = ReferenceArithmetic.product(type, inputs[i], scale, scaleF32);
    }
  }

  /** Returns what is wrong with the first wrong element, or null. */
  String firstDifference(int[] lanes, long[] actual) {
    return firstDifference(lanes, actual, spec.p() == 0);
  }

  /** The same for a given mask, which may drop at p = 0, where the rest is multiplied by 1. */
  String firstDifferenceOfGivenMask(int[] lanes, long[] actual) {
    return firstDifference(lanes, actual, false);
  }

  /** The same for inference: a copy, or every input times the realised keep probability. */
  String firstDifferenceAtInference(long[] actual) {
    boolean isCopy = spec.scaling() == Scaling.INVERTED;
    if (!isCopy && inferred == null) {
      double factor = threshold / 65536.0;
      inferred = new long[inputs.length];
      Arrays.setAll(
          inferred, i -> ReferenceArithmetic.product(type, inputs[i], factor, (float) factor));
    }
    for (int i = 0; i < actual.length; i++) {
      long expected = isCopy ? inputs[i] : inferred[i];
      if (actual[i] != expected && (isCopy || !areNaN(expected, actual[i]))) {
        return String.format(
            "element %d of %d, %s: input %x, expected %x but was %x",
            i, actual.length, spec, inputs[i], expected, actual[i]);
      }
    }
    return null;
  }

  private String firstDifference(int[] lanes, long[] actual, boolean isCopy) {
    for (int i = 0; i < actual.length; i++) {
      boolean isKept = lanes[i] < threshold;
      if (isCopy ? actual[i] != inputs[i] : !matches(isKept, i, actual[i])) {
        return String.format(
            "element %d of %d, %s: lane %04x, T %d, input %x, expected %x but was %x",
            i,
            actual.length,
            spec,
            lanes[i],
            threshold,
            inputs[i],
            isKept ? products[i] : 0,
            actual[i]);
      }
    }
    return null;
  }

  private boolean matches(boolean isKept, int i, long actual) {
    if (!isKept) {
      return actual == 0;
    }
    return actual == products[i] || areNaN(products[i], actual);
  }

  private boolean areNaN(long expected, long actual) {
    return ReferenceArithmetic.isNaN(type, expected) && ReferenceArithmetic.isNaN(type, actual);
  }
}
