package io.github.jdropout;

import io.github.jdropout.backend.Availability;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.DropoutBackend;
import io.github.jdropout.backend.cuda.CudaSupport;
import io.github.jdropout.backend.ffm.FfmSupport;
import io.github.jdropout.backend.scalar.ScalarKernels;
import io.github.jdropout.backend.vector.VectorKernels;
import io.github.jdropout.backend.vector.VectorSupport;
import io.github.jdropout.spec.BackendUnavailableException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The backends of this JVM: which can run, which is chosen, and why.
 *
 * <p>Each is probed once, when somebody first asks. The fastest that can run is chosen, unless the
 * system property {@value #PROPERTY} names another.
 */
public final class DropoutBackends {
  /** System property that forces a backend by its label; {@code auto} or unset chooses. */
  public static final String PROPERTY = "jdropout.backend";

  private static final String AUTO = "auto";

  private static final Map<BackendId, Candidate> CANDIDATES = candidates();

  private DropoutBackends() {}

  /** A backend that is probed and created when somebody first asks. */
  private static final class Candidate {
    private final Supplier<Availability> probe;
    private final Supplier<DropoutBackend> creator;
    private Availability availability;
    private DropoutBackend backend;

    Candidate(Supplier<Availability> probe, Supplier<DropoutBackend> creator) {
      this.probe = probe;
      this.creator = creator;
    }

    synchronized Availability availability() {
      if (availability == null) {
        availability = probe.get();
        backend = availability.isAvailable() ? creator.get() : null;
      }
      return availability;
    }

    /** Returns null if it cannot run. */
    synchronized DropoutBackend backend() {
      availability();
      return backend;
    }
  }

  /**
   * What is known of one backend.
   *
   * @param id which
   * @param isAvailable whether it can run here
   * @param isSelected whether {@link #select()} returns it
   * @param reason one line: what it runs with, or why it cannot run or was passed over
   */
  public record Entry(BackendId id, boolean isAvailable, boolean isSelected, String reason) {
    @Override
    public String toString() {
      String state = isSelected ? "selected" : isAvailable ? "available" : "unavailable";
      return id.label() + ": " + state + " - " + reason;
    }
  }

  private static Map<BackendId, Candidate> candidates() {
    Map<BackendId, Candidate> candidates = new EnumMap<>(BackendId.class);
    candidates.put(
        BackendId.SCALAR,
        new Candidate(
            () -> Availability.available("plain Java, always there", 0.2), ScalarKernels::backend));
    // Not a method reference, which would load the class before the probe has said that it can be.
    candidates.put(
        BackendId.VECTOR, new Candidate(VectorSupport::probe, () -> VectorKernels.backend()));
    candidates.put(BackendId.FFM, new Candidate(FfmSupport::probe, FfmSupport::backend));
    candidates.put(BackendId.CUDA, new Candidate(CudaSupport::probe, CudaSupport::backend));
    return candidates;
  }

  /**
   * Returns the chosen backend: the one that {@value #PROPERTY} names, else the fastest.
   *
   * @throws BackendUnavailableException if the property names one that cannot run here
   * @throws IllegalArgumentException if the property names none
   */
  public static DropoutBackend select() {
    BackendId forced = forced();
    return forced != null ? get(forced) : CANDIDATES.get(fastest()).backend();
  }

  /**
   * Returns a backend by name.
   *
   * @throws BackendUnavailableException if it cannot run here; the message has every reason
   */
  public static DropoutBackend get(BackendId id) {
    Candidate candidate = CANDIDATES.get(Objects.requireNonNull(id, "id"));
    if (candidate.backend() == null) {
      throw new BackendUnavailableException(
          "backend "
              + id.label()
              + " cannot run here: "
              + CANDIDATES.entrySet().stream()
                  .map(entry ->
                      entry.getKey().label() + ": " + entry.getValue().availability().reason())
                  .collect(Collectors.joining("; ")));
    }
    return candidate.backend();
  }

  /** Returns the backends that can run here, in the order of {@link BackendId}. */
  public static List<DropoutBackend> available() {
    return CANDIDATES.values().stream().map(Candidate::backend).filter(Objects::nonNull).toList();
  }

  /**
   * Returns one entry per backend, in the reverse order of {@link BackendId}.
   *
   * @throws IllegalArgumentException if {@value #PROPERTY} names no backend
   */
  public static List<Entry> report() {
    BackendId forced = forced();
    BackendId selected = forced != null ? forced : fastest();
    List<Entry> entries = new ArrayList<>();
    CANDIDATES.forEach((id, candidate) -> {
      Availability availability = candidate.availability();
      boolean isSelected = id == selected && availability.isAvailable();
      String choice = "";
      if (isSelected) {
        choice = forced != null ? "; forced by -D" + PROPERTY + "=" + id.label() : "; fastest";
      } else if (availability.isAvailable() && availability.isRecommended()) {
        choice = "; " + selected.label() + (forced != null ? " is forced" : " comes first");
      }
      entries.add(
          0, new Entry(id, availability.isAvailable(), isSelected, availability.reason() + choice));
    });
    return List.copyOf(entries);
  }

  /** Returns the fastest candidate; the scalar one always qualifies. */
  private static BackendId fastest() {
    BackendId best = BackendId.SCALAR;
    for (Map.Entry<BackendId, Candidate> entry : CANDIDATES.entrySet()) {
      if (entry.getValue().availability().speed() >= CANDIDATES.get(best).availability().speed()) {
        best = entry.getKey();
      }
    }
    return best;
  }

  private static BackendId forced() {
    String label = System.getProperty(PROPERTY, AUTO);
    if (label.isBlank() || label.equalsIgnoreCase(AUTO)) {
      return null;
    }
    try {
      return BackendId.parse(label);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("-D" + PROPERTY + ": " + e.getMessage(), e);
    }
  }
}
