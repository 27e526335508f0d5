package io.github.jdropout.backend.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jdropout.backend.nativeaccess.DowncallFailures;
import io.github.jdropout.spec.ElementType;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Objects;

/**
 * The library's functions: those of each element type, and those that have none.
 *
 * @param f32 on binary32
 * @param f64 on binary64
 * @param f16 on binary16
 * @param bf16 on bfloat16
 * @param epilogueF32 on layers of binary32
 * @param epilogueF16 on layers of binary16
 * @param epilogueBf16 on layers of bfloat16
 * @param mask {@code jdropout_mask}
 * @param lastError {@code jdropout_last_error}
 */
record LibraryFunctions(
    TypedFunctions f32,
    TypedFunctions f64,
    TypedFunctions f16,
    TypedFunctions bf16,
    EpilogueFunctions epilogueF32,
    EpilogueFunctions epilogueF16,
    EpilogueFunctions epilogueBf16,
    MethodHandle mask,
    MethodHandle lastError) {
  /** Bits of the flags argument: kept elements are not scaled; outputs bypass the cache. */
  static final int CLASSICAL = 1;

  static final int STREAMING = 2;

  /** p, seed, stream, first_index, mask, element_count. */
  private static final FunctionDescriptor MASK =
      FunctionDescriptor.of(
          JAVA_INT, JAVA_DOUBLE, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG);

  static LibraryFunctions link(Linkage linkage) throws LibraryException {
    return new LibraryFunctions(
        TypedFunctions.link(ElementType.F32, linkage),
        TypedFunctions.link(ElementType.F64, linkage),
        TypedFunctions.link(ElementType.F16, linkage),
        TypedFunctions.link(ElementType.BF16, linkage),
        EpilogueFunctions.link(ElementType.F32, linkage),
        EpilogueFunctions.link(ElementType.F16, linkage),
        EpilogueFunctions.link(ElementType.BF16, linkage),
        linkage.link("jdropout_mask", MASK, true),
        LibraryInfo.linkLastError(linkage));
  }

  int mask(double p, long seed, long stream, long firstIndex, MemorySegment output, long count) {
    Objects.checkFromIndexSize(0, count, Math.multiplyExact(output.byteSize(), Byte.SIZE));
    TypedFunctions.checkWritable(output);
    try {
      return (int) mask.invokeExact(p, seed, stream, firstIndex, output, count);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  /**
   * Throws if a call has failed. The face has checked every argument, so this means that it and the
   * library disagree.
   *
   * @param status what the call returned to this thread, which must not have blocked since: a
   *     virtual thread could have moved, and the text is the carrier's
   */
  void check(int status) {
    if (status == 0) {
      return;
    }
    MemorySegment text;
    try {
      text = (MemorySegment) lastError.invokeExact();
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
    throw new IllegalStateException(
        "libjdropout refused a call (status " + status + "): " + LibraryInfo.text(text));
  }
}
