package io.github.jdropout.parity;

import io.github.jdropout.parity.reference.ReferenceArithmetic;
import io.github.jdropout.parity.reference.ReferenceMask;
import io.github.jdropout.spec.ElementType;
import java.io.IOException;
import java.io.Writer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.Locale;

/** Writes the lines of a golden file. */
final class GoldenWriter {
  static final String HEADER = "jdropout-golden 1";
  static final String END = "end";

  private final Writer writer;

  GoldenWriter(Writer writer) {
    this.writer = writer;
  }

  void header() throws IOException {
    writer.write(HEADER + "\n");
    writer.write("# The format is described in docs/parity.md of JDropout.\n");
  }

  /** Ends the file, so that one that was cut is told from it. */
  void end(int cases) throws IOException {
    writer.write(END + " " + cases + "\n");
  }

  void write(GoldenCase given) throws IOException {
    int threshold = ReferenceMask.threshold(given.p());
    writer.write(
        String.format(
            Locale.ROOT,
            "case seed=%016x stream=%016x p=%s first=%d count=%d T=%d scale32=%08x scale64=%016x\n",
            given.key().seed(),
            given.key().stream(),
            given.p(),
            given.firstIndex(),
            given.count(),
            threshold,
            scale32(threshold),
            scale64(threshold)));
    MemorySegment bits = MemorySegment.ofArray(new byte[(given.count() + 63) / 64 * 8]);
    ReferenceMask.fill(
        given.key().seed(),
        given.key().stream(),
        given.firstIndex(),
        threshold,
        bits,
        0,
        given.count());
    byte[] mask = bits.asSlice(0, (given.count() + 7) / 8).toArray(ValueLayout.JAVA_BYTE);
    writer.write("mask " + HexFormat.of().formatHex(mask) + "\n");
    for (ElementType type : ElementType.values()) {
      if (given.types().contains(type)) {
        writeForward(given, type, mask, threshold);
      }
    }
  }

  /** Returns the bits of the scale; where nothing is kept there is none, and 0 stands for it. */
  static int scale32(int threshold) {
    return threshold == 0 ? 0 : Float.floatToRawIntBits(ReferenceArithmetic.scaleF32(threshold));
  }

  /** Returns the bits of the scale for f64. */
  static long scale64(int threshold) {
    return threshold == 0 ? 0 : Double.doubleToRawLongBits(ReferenceArithmetic.scale(threshold));
  }

  private void writeForward(GoldenCase given, ElementType type, byte[] mask, int threshold)
      throws IOException {
    MemorySegment pattern = MemorySegment.ofArray(Values.SPECIAL.pattern(type));
    StringBuilder inputs = new StringBuilder();
    StringBuilder outputs = new StringBuilder();
    for (int i = 0; i < given.count(); i++) {
      boolean isKept = (mask[i / 8] >>> (i % 8) & 1) != 0;
      long input = ElementBits.get(type, pattern, i % Values.PERIOD);
      if (isKept && ReferenceArithmetic.isNaN(type, input)) {
        // Its payload is not specified, so no bits could be written for it.
        input = ElementBits.one(type);
      }
      long output = 0;
      if (isKept) {
        output =
            ReferenceArithmetic.product(
                type,
                input,
                ReferenceArithmetic.scale(threshold),
                ReferenceArithmetic.scaleF32(threshold));
      }
      inputs.append(ElementBits.hex(type, input));
      outputs.append(ElementBits.hex(type, output));
    }
    writer.write("forward " + type.label() + " " + inputs + " " + outputs + "\n");
  }
}
