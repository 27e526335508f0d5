package io.github.jdropout.backend.tiled;

/** Conversion between binary32 and bfloat16, its upper half. */
public final class Bfloat16 {
  private Bfloat16() {}

  /** Returns the value of bfloat16 bits; exact. */
  public static float toFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Returns the nearest bfloat16, ties to even; a NaN stays a NaN and becomes quiet. */
  public static short fromFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x0040);
    }
    // Adding just under half of the last kept place carries exactly when rounding up is due; the
    // last kept bit itself decides a tie.
    return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }
}
