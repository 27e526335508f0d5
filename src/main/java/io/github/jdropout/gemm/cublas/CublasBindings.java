package io.github.jdropout.gemm.cublas;

import io.github.jdropout.backend.Availability;
import io.github.jdropout.backend.cuda.CudaSupport;
import io.github.jdropout.backend.cuda.driver.BindingException;
import io.github.jdropout.gemm.cublas.ffm.CublasOfJCublas;
import io.github.jdropout.gemm.cublas.ffm.FfmCublas;
import io.github.jdropout.gemm.cublas.jcublas.JCublasBinding;
import io.github.jdropout.gemm.cublas.library.CublasLibrary;
import io.github.jdropout.spec.BackendUnavailableException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The bindings of cuBLAS in this JVM: which can be used, which is chosen, and why.
 *
 * <p>Each is probed once, when somebody first asks. A probe loads cuBLAS, which is large, but
 * creates nothing on a device. Nothing here throws but {@link #library}.
 */
public final class CublasBindings {
  /** System property: {@code auto}, which is the default, or the label of a binding. */
  public static final String PROPERTY = "jdropout.cublas.binding";

  private static final String AUTO = "auto";

  private CublasBindings() {}

  /**
   * What a probe has found.
   *
   * @param library cuBLAS; empty if the binding cannot be used
   * @param reason one line for people, in any case
   */
  public record Probe(Optional<CublasLibrary> library, String reason) {
    static Probe unusable(String reason) {
      return new Probe(Optional.empty(), reason);
    }
  }

  /**
   * A binding, and what became of it.
   *
   * @param isSelected whether products are computed through it
   */
  public record Entry(CublasBinding binding, Probe probe, boolean isSelected) {
    /** Returns one line: name, whether it is chosen or can be, and why. */
    @Override
    public String toString() {
      String state =
          isSelected ? "selected" : probe.library().isPresent() ? "available" : "unavailable";
      return binding.label() + ": " + state + " - " + probe.reason();
    }
  }

  private static final class Ffm {
    static final Probe PROBE = probeOf(FfmCublas::load);
  }

  private static final class JCublas {
    static final Probe PROBE = probeOf(() -> JCublasBinding.load(CublasOfJCublas.load()));
  }

  @FunctionalInterface
  private interface Loader {
    CublasLibrary load() throws BindingException;
  }

  /** Returns what is known of a binding. */
  public static Probe probe(CublasBinding binding) {
    return switch (binding) {
      case FFM -> Ffm.PROBE;
      case JCUBLAS -> JCublas.PROBE;
    };
  }

  /**
   * Returns the chosen binding: the one that {@value #PROPERTY} names, else the first of {@link
   * CublasBinding} that can be used.
   */
  public static Probe select() {
    String label = System.getProperty(PROPERTY, AUTO).strip();
    if (label.isEmpty() || label.equalsIgnoreCase(AUTO)) {
      return first();
    }
    for (CublasBinding binding : CublasBinding.values()) {
      if (binding.label().equalsIgnoreCase(label)) {
        return probe(binding);
      }
    }
    return Probe.unusable(
        "-D"
            + PROPERTY
            + " must be one of "
            + AUTO
            + ", "
            + Arrays.stream(CublasBinding.values())
                .map(CublasBinding::label)
                .collect(Collectors.joining(", "))
            + " but is "
            + label);
  }

  /** Returns every binding, the preferred first. */
  public static List<Entry> report() {
    Probe selected = select();
    return Arrays.stream(CublasBinding.values())
        .map(binding -> {
          Probe probe = probe(binding);
          return new Entry(binding, probe, probe.library().isPresent() && probe.equals(selected));
        })
        .toList();
  }

  /**
   * Returns the chosen binding's library.
   *
   * @throws BackendUnavailableException if none can be used, with the reasons
   */
  static CublasLibrary library() {
    Probe selected = select();
    return selected
        .library()
        .orElseThrow(() ->
            new BackendUnavailableException("no cuBLAS can be used here: " + selected.reason()));
  }

  private static Probe first() {
    for (CublasBinding binding : CublasBinding.values()) {
      if (probe(binding).library().isPresent()) {
        return probe(binding);
      }
    }
    List<String> reasons =
        Arrays.stream(CublasBinding.values()).map(binding -> probe(binding).reason()).toList();
    if (reasons.stream().distinct().count() == 1) {
      return Probe.unusable(reasons.getFirst());
    }
    return Probe.unusable(
        Arrays.stream(CublasBinding.values())
            .map(binding -> binding.label() + ": " + probe(binding).reason())
            .collect(Collectors.joining("; ")));
  }

  /** Looks for the driver first: without one there is no need to load a library of that size. */
  private static Probe probeOf(Loader loader) {
    Availability gpu = CudaSupport.probe();
    if (!gpu.isAvailable()) {
      return Probe.unusable("no GPU: " + gpu.reason());
    }
    try {
      CublasLibrary library = loader.load();
      return new Probe(Optional.of(library), library.description());
    } catch (BindingException e) {
      return Probe.unusable(e.getMessage());
    } catch (LinkageError | RuntimeException e) {
      return Probe.unusable(new BindingException("the binding fails", e).getMessage());
    }
  }
}
