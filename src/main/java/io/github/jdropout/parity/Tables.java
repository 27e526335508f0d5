package io.github.jdropout.parity;

import io.github.jdropout.parity.reference.ReferenceDropout;
import io.github.jdropout.spec.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What takes long to make and serves many cases. */
final class Tables {
  private record Factors(ElementType type, double factor, float factorF32) {}

  private record Pattern(ElementType type, Values values) {}

  /** References that are kept; each of 16 bits has a table of 128 KiB. */
  private static final int LIMIT = 100;

  private final Map<Factors, ReferenceDropout> references = new ConcurrentHashMap<>();
  private final Map<Pattern, MemorySegment> patterns = new ConcurrentHashMap<>();

  /** Returns what multiplies by a factor. */
  ReferenceDropout reference(ElementType type, double factor, float factorF32) {
    if (references.size() >= LIMIT) {
      references.clear();
    }
    return references.computeIfAbsent(
        new Factors(type, factor, factorF32), _ -> new ReferenceDropout(type, factor, factorF32));
  }

  /** Returns the numbers of a kind, as many as a period has. */
  MemorySegment pattern(Values values, ElementType type) {
    return patterns.computeIfAbsent(
        new Pattern(type, values), _ -> MemorySegment.ofArray(values.pattern(type)));
  }
}
