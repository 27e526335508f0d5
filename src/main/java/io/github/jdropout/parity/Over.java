package io.github.jdropout.parity;

import java.util.Locale;

/** Which operand of a layer lies where the output does. */
enum Over {
  NONE,
  PRODUCT,
  RESIDUAL,
  /** The gradient that is given. */
  GRADIENT;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
