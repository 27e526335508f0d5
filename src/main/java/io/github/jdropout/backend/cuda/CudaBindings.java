package io.github.jdropout.backend.cuda;

import io.github.jdropout.backend.cuda.driver.BindingException;
import io.github.jdropout.backend.cuda.driver.CudaDriver;
import io.github.jdropout.backend.cuda.ffm.FfmCudaDriver;
import io.github.jdropout.backend.cuda.jcuda.JCudaBinding;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The bindings of the CUDA driver in this JVM: which can be used, which is chosen, and why.
 *
 * <p>Each is probed once, when somebody first asks. Nothing here throws.
 */
public final class CudaBindings {
  /** System property: {@code auto}, which is the default, or the label of a binding. */
  public static final String PROPERTY = "jdropout.cuda.binding";

  private static final String AUTO = "auto";

  private CudaBindings() {}

  /**
   * What a probe has found.
   *
   * @param driver the driver, initialised; empty if the binding cannot be used
   * @param reason one line for people, in any case
   */
  public record Probe(Optional<CudaDriver> driver, String reason) {
    static Probe unusable(String reason) {
      return new Probe(Optional.empty(), reason);
    }
  }

  private static final class Ffm {
    static final Probe PROBE = probeOf(FfmCudaDriver::load);
  }

  private static final class JCuda {
    static final Probe PROBE = probeOf(CudaBindings::loadJCuda);
  }

  @FunctionalInterface
  private interface Loader {
    CudaDriver load() throws BindingException;
  }

  /** Returns what is known of a binding. */
  public static Probe probe(CudaBinding binding) {
    return switch (binding) {
      case FFM -> Ffm.PROBE;
      case JCUDA -> JCuda.PROBE;
    };
  }

  /**
   * Returns the chosen binding: the one that {@value #PROPERTY} names, else the first of {@link
   * CudaBinding} that can be used.
   */
  public static Probe select() {
    String label = System.getProperty(PROPERTY, AUTO).strip();
    if (label.isEmpty() || label.equalsIgnoreCase(AUTO)) {
      return first();
    }
    for (CudaBinding binding : CudaBinding.values()) {
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
            + Arrays.stream(CudaBinding.values())
                .map(CudaBinding::label)
                .collect(Collectors.joining(", "))
            + " but is "
            + label);
  }

  private static Probe first() {
    for (CudaBinding binding : CudaBinding.values()) {
      if (probe(binding).driver().isPresent()) {
        return probe(binding);
      }
    }
    List<String> reasons =
        Arrays.stream(CudaBinding.values()).map(binding -> probe(binding).reason()).toList();
    if (reasons.stream().distinct().count() == 1) {
      return Probe.unusable(reasons.getFirst());
    }
    return Probe.unusable(
        Arrays.stream(CudaBinding.values())
            .map(binding -> binding.label() + ": " + probe(binding).reason())
            .collect(Collectors.joining("; ")));
  }

  /**
   * Loads the driver's library in the other way first: for its better reasons, because that finds
   * out whether a function is missing, of which the JVM would die, and so that JCuda gets the
   * library that the user has named. Libraries are known by their inner names once they are loaded.
   */
  private static CudaDriver loadJCuda() throws BindingException {
    FfmCudaDriver.load();
    return JCudaBinding.load();
  }

  private static Probe probeOf(Loader loader) {
    try {
      CudaDriver driver = loader.load();
      return new Probe(Optional.of(driver), CudaProbe.describe(driver));
    } catch (BindingException e) {
      return Probe.unusable(e.getMessage());
    } catch (LinkageError | RuntimeException e) {
      return Probe.unusable(new BindingException("the binding fails", e).getMessage());
    }
  }
}
