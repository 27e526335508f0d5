package io.github.jdropout.parity;

import io.github.jdropout.spec.ElementType;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** What the parity suite checks of an implementation, each on every type that it has. */
public enum Operation {
  /** Dropout into other memory. */
  FORWARD,
  /** Dropout where the input is. */
  IN_PLACE,
  /** The gradient. */
  BACKWARD,
  /** The packed mask, which has no type. */
  MASK,
  /** Dropout with a given mask. */
  APPLY_MASK,
  /** Inference, with both ways of scaling. */
  INFERENCE,
  /** Dropout with classical scaling. */
  CLASSICAL,
  /** Dropout with decisions shared along axes, such as variational and spatial dropout. */
  SHARED_MASK,
  /** The end of a layer: bias, activation, dropout and residual. */
  EPILOGUE,
  /** Its gradient, with the sums over each 32 rows. */
  EPILOGUE_GRADIENT,
  /** The gradient of a bias, from those sums. */
  BIAS_GRADIENT,
  /** Products of matrices, within bounds. */
  PRODUCT;

  /** Operations of layers, which have no f64. */
  private static final Set<Operation> OF_LAYERS =
      EnumSet.of(EPILOGUE, EPILOGUE_GRADIENT, BIAS_GRADIENT, PRODUCT);

  /** Returns the name used in cases and file formats, such as {@code in-place}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Returns the operation of a name.
   *
   * @param label a {@link #label()}
   * @throws IllegalArgumentException if no operation has that name
   */
  public static Operation parse(String label) {
    return Labels.parse("operation", values(), Operation::label, label);
  }

  /** Returns the types that it is defined for; none for the mask. */
  public Set<ElementType> types() {
    if (this == MASK) {
      return Set.of();
    }
    return OF_LAYERS.contains(this)
        ? EnumSet.complementOf(EnumSet.of(ElementType.F64))
        : EnumSet.allOf(ElementType.class);
  }
}
