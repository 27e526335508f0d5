package io.github.jdropout.cli;

import io.github.jdropout.spec.PackedMask;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** How a mask is written. */
enum MaskFormat {
  /** Bit {@code i & 7} of byte {@code i >> 3} is element i; the last byte ends in zero bits. */
  BITS {
    @Override
    void write(PackedMask mask, OutputStream out) throws IOException {
      out.write(mask.bytes().toArray(ValueLayout.JAVA_BYTE));
    }
  },
  /** One byte per element, 0 or 1. */
  BYTES {
    @Override
    void write(PackedMask mask, OutputStream out) throws IOException {
      out.write(expand(mask, 0));
    }
  },
  /** One digit per element, 0 or 1, {@value #LINE} to the line. */
  TEXT {
    @Override
    void write(PackedMask mask, OutputStream out) throws IOException {
      byte[] digits = expand(mask, '0');
      int lines = (digits.length + LINE - 1) / LINE;
      byte[] text = Arrays.copyOf(digits, digits.length + lines);
      for (int line = 0; line < lines; line++) {
        int length = Math.min(LINE, digits.length - line * LINE);
        System.arraycopy(digits, line * LINE, text, line * (LINE + 1), length);
        text[line * (LINE + 1) + length] = NEWLINE;
      }
      out.write(text);
    }
  };

  /** Elements of a line of text. */
  static final int LINE = 64;

  private static final byte NEWLINE = "\n".getBytes(StandardCharsets.US_ASCII)[0];

  /** Writes a part of a mask; all parts but the last have a multiple of {@value #LINE} elements. */
  abstract void write(PackedMask mask, OutputStream out) throws IOException;

  private static byte[] expand(PackedMask mask, int zero) {
    byte[] bits = mask.bytes().toArray(ValueLayout.JAVA_BYTE);
    byte[] values = new byte[Math.toIntExact(mask.count())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) (zero + (bits[i >> 3] >> (i & 7) & 1));
    }
    return values;
  }
}
