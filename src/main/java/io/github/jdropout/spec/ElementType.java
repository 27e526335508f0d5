package io.github.jdropout.spec;

import java.lang.foreign.ValueLayout;

/** The storage types that dropout reads and writes. */
public enum ElementType {
  /** IEEE 754 binary32. */
  F32("f32", Float.BYTES),
  /** IEEE 754 binary64. */
  F64("f64", Double.BYTES),
  /** IEEE 754 binary16, held in a {@code short}; arithmetic is done in binary32. */
  F16("f16", Short.BYTES),
  /** bfloat16 (the upper half of a binary32), held in a {@code short}; arithmetic in binary32. */
  BF16("bf16", Short.BYTES);

  private final String label;
  private final int bytes;

  ElementType(String label, int bytes) {
    this.label = label;
    this.bytes = bytes;
  }

  /** Returns the short name used in messages and file formats: f32, f64, f16 or bf16. */
  public String label() {
    return label;
  }

  /** Returns the size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Returns the layout of one element in native byte order, without an alignment constraint. */
  public ValueLayout layout() {
    return switch (this) {
      case F32 -> ValueLayout.JAVA_FLOAT_UNALIGNED;
      case F64 -> ValueLayout.JAVA_DOUBLE_UNALIGNED;
      case F16, BF16 -> ValueLayout.JAVA_SHORT_UNALIGNED;
    };
  }
}
