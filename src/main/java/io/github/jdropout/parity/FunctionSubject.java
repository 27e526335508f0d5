package io.github.jdropout.parity;

import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.PackedMask;
import java.util.Arrays;
import java.util.Set;

/** A function of a user's; its mask is what it makes of ones. */
record FunctionSubject(DropoutFunction function, Set<Operation> operations, Set<ElementType> types)
    implements Subject {
  private static final int CHUNK = 1 << 16;

  @Override
  public Subject only(Set<ElementType> fewer) {
    return new FunctionSubject(function, operations, fewer);
  }

  @Override
  public void forward(
      DropoutSpec spec, MaskKey key, long firstIndex, Elements input, Elements output) {
    function.apply(key, spec.p(), firstIndex, input, output);
  }

  @Override
  public void mask(DropoutSpec spec, MaskKey key, long firstIndex, PackedMask output) {
    ElementType type = types.iterator().next();
    long[] words = new long[CHUNK / Long.SIZE];
    for (long from = 0; from < output.count(); from += CHUNK) {
      int count = (int) Math.min(CHUNK, output.count() - from);
      Elements ones = ElementBits.ones(type, count);
      Elements dropped = ElementBits.ones(type, count);
      function.apply(key, spec.p(), firstIndex + from, ones, dropped);
      Arrays.fill(words, 0);
      for (int i = 0; i < count; i++) {
        if (ElementBits.get(type, dropped.segment(), i) != 0) {
          words[i >> 6] |= 1L << i;
        }
      }
      output.write(from, words, count);
    }
  }
}
