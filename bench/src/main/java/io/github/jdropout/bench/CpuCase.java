package io.github.jdropout.bench;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.ElementType;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One case to be timed on the CPU.
 *
 * @param operation what is done
 * @param backend who does it; without a meaning for a peer
 * @param type of the elements
 * @param storage where they lie
 * @param elements of a call, below 2^31
 * @param p probability of dropping
 * @param threads that may work on a call; 0 for all processors
 */
public record CpuCase(
    CpuOperation operation,
    BackendId backend,
    ElementType type,
    Storage storage,
    long elements,
    double p,
    int threads) {
  /** Bytes of a JVM besides those of the tensors. */
  private static final long OTHER_BYTES = 512L << 20;

  /** Returns the backend's label or the peer's name. */
  public String by() {
    return operation.isPeer() ? operation.peer() : backend.label();
  }

  /** Returns how many threads may work on a call. */
  public int actualThreads() {
    return threads == 0 ? Extent.allProcessors() : threads;
  }

  /** Returns a short description. */
  public String name() {
    return String.join(" ", by(), operation.label(), type.label(), Size.text(elements), "p=" + p);
  }

  /** Returns an estimate, not too low, of the memory that the case takes. */
  long memoryBytes() {
    return operation.tensorsAtMost() * elements * type.bytes() + OTHER_BYTES;
  }

  /** Returns the parameters of the benchmark, by name. */
  Map<String, String> params() {
    Map<String, String> params = new LinkedHashMap<>(operation.params());
    params.put("p", Double.toString(p));
    if (!operation.isPeer()) {
      params.put("backend", backend.name());
    }
    if (!operation.isSmall()) {
      params.put("size", Long.toString(elements));
      params.put("threads", Integer.toString(threads));
    }
    if (operation.hasTensors()) {
      params.put("type", type.name());
      params.put("storage", storage.name());
    }
    return params;
  }

  /** Returns where the elements lie, as results name it. */
  String storageLabel() {
    return storage.name().toLowerCase(Locale.ROOT);
  }
}
