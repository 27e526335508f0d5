package io.github.jdropout.parity.reference;

import io.github.jdropout.spec.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Epilogues of layers row by row, in binary32; types are widened before and narrowed after. */
public final class ReferenceRows {
  private final ReferenceEpilogue epilogue;

  /** Creates one that does with each element what another does. */
  public ReferenceRows(ReferenceEpilogue epilogue) {
    this.epilogue = epilogue;
  }

  /** Reads elements of f32, f16 or bf16. */
  public static float[] read(ElementType type, MemorySegment memory, long from, int count) {
    float[] values = new float[count];
    long start = from * type.bytes();
    if (type == ElementType.F32) {
      MemorySegment.copy(memory, type.layout(), start, values, 0, count);
      return values;
    }
    short[] bits = new short[count];
    MemorySegment.copy(memory, type.layout(), start, bits, 0, count);
    for (int i = 0; i < count; i++) {
      values[i] = ReferenceArithmetic.widen(type, bits[i] & 0xFFFFL);
    }
    return values;
  }

  /** Writes elements, rounded once. */
  public static void write(ElementType type, float[] values, MemorySegment memory, long from) {
    long start = from * type.bytes();
    if (type == ElementType.F32) {
      MemorySegment.copy(values, 0, memory, type.layout(), start, values.length);
      return;
    }
    short[] bits = new short[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = (short) ReferenceArithmetic.narrow(type, values[i]);
    }
    MemorySegment.copy(bits, 0, memory, type.layout(), start, bits.length);
  }

  /**
   * Returns the decisions of a row, in words.
   *
   * @param threshold T, in [0, 65536]
   */
  public static long[] kept(long seed, long stream, long firstIndex, int threshold, int count) {
    long[] words = new long[(count + 63) / 64];
    if (threshold == 65536) {
      Arrays.fill(words, -1);
    } else if (threshold != 0) {
      ReferenceMask.fill(
          seed, stream, firstIndex, threshold, MemorySegment.ofArray(words), 0, count);
    }
    return words;
  }

  /** Writes words of bits. */
  public static void writeWords(long[] words, MemorySegment memory, long from) {
    MemorySegment.copy(words, 0, memory, ReferenceMask.WORD, from * Long.BYTES, words.length);
  }

  private static boolean isKept(long[] kept, int index) {
    return (kept[index >> 6] >>> index & 1) != 0;
  }

  /**
   * Returns the activation's arguments.
   *
   * @param bias null for none
   */
  public static float[] arguments(float[] product, float[] bias) {
    float[] arguments = product.clone();
    for (int i = 0; bias != null && i < arguments.length; i++) {
      arguments[i] = (float) ((double) product[i] + bias[i]);
    }
    return arguments;
  }

  /**
   * Returns the output of a row, not yet rounded to the type.
   *
   * @param residual null for none
   */
  public float[] outputs(float[] arguments, long[] kept, float[] residual) {
    float[] outputs = new float[arguments.length];
    for (int i = 0; i < outputs.length; i++) {
      float dropped = epilogue.dropped(arguments[i], isKept(kept, i));
      outputs[i] = residual == null ? dropped : (float) ((double) residual[i] + dropped);
    }
    return outputs;
  }

  /** Returns the gradient of a row with respect to the product, not yet rounded to the type. */
  public float[] gradients(float[] arguments, long[] kept, float[] gradOutput) {
    float[] gradients = new float[arguments.length];
    for (int i = 0; i < gradients.length; i++) {
      gradients[i] = epilogue.gradientOf(arguments[i], isKept(kept, i), gradOutput[i]);
    }
    return gradients;
  }

  /** Returns the sign bits of a row, in words. */
  public static long[] signs(float[] arguments) {
    long[] words = new long[(arguments.length + 63) / 64];
    for (int i = 0; i < arguments.length; i++) {
      if (ReferenceEpilogue.sign(arguments[i])) {
        words[i >> 6] |= 1L << i;
      }
    }
    return words;
  }
}
