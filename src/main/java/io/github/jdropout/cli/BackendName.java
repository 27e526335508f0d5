package io.github.jdropout.cli;

import io.github.jdropout.backend.BackendId;
import java.util.Arrays;
import java.util.Iterator;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a backend's label; as candidates, lists them all in the help. */
final class BackendName implements ITypeConverter<BackendId>, Iterable<String> {
  static final String DESCRIPTION =
      "Compute with this backend: ${COMPLETION-CANDIDATES}."
          + " Default: -Djdropout.backend, else the fastest.";

  @Override
  public BackendId convert(String label) {
    try {
      return BackendId.parse(label);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  @Override
  public Iterator<String> iterator() {
    return Arrays.stream(BackendId.values()).map(BackendId::label).iterator();
  }
}
