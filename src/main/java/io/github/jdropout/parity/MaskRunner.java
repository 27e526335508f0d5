package io.github.jdropout.parity;

import io.github.jdropout.parity.CaseResult.Difference;
import io.github.jdropout.parity.reference.ReferenceMask;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.PackedMask;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/** Runs what writes packed masks. */
final class MaskRunner implements CaseRunner {
  @Override
  public CaseResult run(ParityCase given, Subject subject, Workspace workspace, Threads threads) {
    long count = given.elements();
    DropoutSpec spec = given.spec();
    MaskKey key = given.key();
    long first = given.natural(CaseField.FIRST);
    Guarded output = given.place().allocate(workspace, null, PackedMask.bytesFor(count));
    PackedMask mask = PackedMask.of(output.memory(), count);
    threads.run(given.threads(), () -> subject.mask(spec, key, first, mask));
    MemorySegment expected = words(workspace, count);
    fill(key, first, ReferenceMask.threshold(spec.p()), expected, count);
    return new CaseResult(
        compare(expected, output, count).or(() -> Checks.canaries(output, 1, "mask")), 0);
  }

  /** Compares bytes; the bits after the last element must be 0. */
  private static Optional<Difference> compare(MemorySegment expected, Guarded output, long count) {
    MemorySegment actual = output.memory();
    long size = actual.byteSize();
    long at = MemorySegment.mismatch(expected, 0, size, actual, 0, size);
    if (at < 0) {
      return Optional.empty();
    }
    byte should = expected.get(ValueLayout.JAVA_BYTE, at);
    byte is = actual.get(ValueLayout.JAVA_BYTE, at);
    int bit = Integer.numberOfTrailingZeros((should ^ is) & 0xFF);
    long index = 8 * at + bit;
    return Optional.of(
        new Difference(
            index,
            "",
            String.valueOf(should >>> bit & 1),
            String.valueOf(is >>> bit & 1),
            index < count ? "" : "a bit after the last element"));
  }

  /** Returns memory for bits of elements, in whole words. */
  static MemorySegment words(Workspace workspace, long elements) {
    return workspace.memory((elements + 63) / 64 * 8);
  }

  /** Writes the reference's mask. */
  static void fill(MaskKey key, long first, int threshold, MemorySegment bits, long count) {
    Slices.run(
        count,
        (from, to) ->
            ReferenceMask.fill(key.seed(), key.stream(), first, threshold, bits, from, to));
  }
}
