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
 * The library's functions on elements of one type, each with a typed method.
 *
 * <p>The methods check that the segments hold what the function will touch, return its status and
 * check nothing else. A call must stay below about a millisecond, see {@link Linkage}.
 *
 * <p>A record, because the JVM takes a record's handles for constants and compiles calls directly.
 *
 * @param type of the elements
 * @param forward {@code jdropout_forward_TYPE}
 * @param forwardShared {@code jdropout_forward_shared_TYPE}
 * @param apply {@code jdropout_apply_TYPE}
 * @param scale {@code jdropout_scale_TYPE}
 */
record TypedFunctions(
    ElementType type,
    MethodHandle forward,
    MethodHandle forwardShared,
    MethodHandle apply,
    MethodHandle scale) {
  /** p, flags, seed, stream, first_index, input, output, element_count. */
  private static final FunctionDescriptor FORWARD =
      FunctionDescriptor.of(
          JAVA_INT,
          JAVA_DOUBLE,
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          ADDRESS,
          ADDRESS,
          JAVA_LONG);

  /**
   * p, flags, seed, stream, first_index, outer, shared, inner, from, input, output, element_count.
   */
  private static final FunctionDescriptor FORWARD_SHARED =
      FunctionDescriptor.of(
          JAVA_INT,
          JAVA_DOUBLE,
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          ADDRESS,
          ADDRESS,
          JAVA_LONG);

  /** p, flags, mask, first_bit, input, output, element_count. */
  private static final FunctionDescriptor APPLY =
      FunctionDescriptor.of(
          JAVA_INT, JAVA_DOUBLE, JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG);

  /** factor, flags, input, output, element_count. */
  private static final FunctionDescriptor SCALE =
      FunctionDescriptor.of(JAVA_INT, JAVA_DOUBLE, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);

  static TypedFunctions link(ElementType type, Linkage linkage) throws LibraryException {
    String suffix = "_" + type.label();
    return new TypedFunctions(
        type,
        linkage.link("jdropout_forward" + suffix, FORWARD, true),
        linkage.link("jdropout_forward_shared" + suffix, FORWARD_SHARED, true),
        linkage.link("jdropout_apply" + suffix, APPLY, true),
        linkage.link("jdropout_scale" + suffix, SCALE, true));
  }

  int forward(
      double p,
      int flags,
      long seed,
      long stream,
      long firstIndex,
      MemorySegment input,
      MemorySegment output,
      long count) {
    checkMemory(input, output, count);
    try {
      return (int) forward.invokeExact(p, flags, seed, stream, firstIndex, input, output, count);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  int forwardShared(
      double p,
      int flags,
      long seed,
      long stream,
      long firstIndex,
      long outer,
      long shared,
      long inner,
      long from,
      MemorySegment input,
      MemorySegment output,
      long count) {
    checkMemory(input, output, count);
    try {
      return (int)
          forwardShared.invokeExact(
              p, flags, seed, stream, firstIndex, outer, shared, inner, from, input, output, count);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  int apply(
      double p,
      int flags,
      MemorySegment mask,
      long firstBit,
      MemorySegment input,
      MemorySegment output,
      long count) {
    checkMemory(input, output, count);
    Objects.checkFromIndexSize(firstBit, count, Math.multiplyExact(mask.byteSize(), Byte.SIZE));
    try {
      return (int) apply.invokeExact(p, flags, mask, firstBit, input, output, count);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  int scale(double factor, int flags, MemorySegment input, MemorySegment output, long count) {
    checkMemory(input, output, count);
    try {
      return (int) scale.invokeExact(factor, flags, input, output, count);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  /** Native code would write to read-only memory, or die of it. */
  private void checkMemory(MemorySegment input, MemorySegment output, long count) {
    Objects.checkFromIndexSize(0, count, input.byteSize() / type.bytes());
    Objects.checkFromIndexSize(0, count, output.byteSize() / type.bytes());
    checkWritable(output);
  }

  static void checkWritable(MemorySegment output) {
    if (output.isReadOnly()) {
      throw new IllegalArgumentException("output must be writable but is read-only: " + output);
    }
  }
}
