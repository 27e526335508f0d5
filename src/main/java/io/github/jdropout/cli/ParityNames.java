package io.github.jdropout.cli;

import io.github.jdropout.cli.parity.Variant;
import io.github.jdropout.cli.parity.Variants;
import io.github.jdropout.parity.Operation;
import io.github.jdropout.spec.ElementType;
import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.Stream;

/** What a shell completes after options of {@code jdropout parity}. */
final class ParityNames {
  private ParityNames() {}

  /** Names of operations. */
  static final class Operations implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Operation.values()).map(Operation::label).iterator();
    }
  }

  /** Names of element types. */
  static final class Types implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(ElementType.values()).map(ElementType::label).iterator();
    }
  }

  /** Names of variants. */
  static final class OfVariants implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Variants.all().stream().map(Variant::name).iterator();
    }
  }

  /** Names of variants and of their backends. */
  static final class OfRequired implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Variants.all().stream()
          .flatMap(variant -> Stream.of(variant.family(), variant.name()))
          .distinct()
          .iterator();
    }
  }
}
