package io.github.jdropout.cli.parity;

import io.github.jdropout.backend.BackendId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One way of computing dropout that a JVM can be set to; each runs in a JVM of its own.
 *
 * @param name such as {@code vector-256}; what {@code --variant} takes and reports show
 * @param family what {@code --backend} takes: a backend's label, or {@code custom}
 * @param source where its implementation comes from
 * @param subject the backend's label, or the name of the class
 * @param wanted what the backend's description must contain, as a regular expression; empty if
 *     anything will do
 * @param properties system properties of its JVM
 * @param environment environment variables of its JVM
 * @param group variants that can all run or all not run, for one reason; what stands in the way of
 *     {@code cuda} stands in the way of {@code cuda/jcuda}, too
 * @param weight how much of it a run that is not exhaustive needs
 */
public record Variant(
    String name,
    String family,
    Source source,
    String subject,
    String wanted,
    Map<String, String> properties,
    Map<String, String> environment,
    String group,
    Weight weight) {
  private static final Pattern INSTRUCTION_SETS = Pattern.compile("processor has [^;]*");

  /** Where an implementation comes from. */
  public enum Source {
    /** A backend, on host memory. */
    BACKEND,
    /** The GPU, on its own memory. */
    DEVICE,
    /** Products on the GPU. */
    PRODUCTS,
    /** A class of the user's, which supplies it. */
    CLASS
  }

  /** How much of a variant a run that is not exhaustive needs. */
  public enum Weight {
    /** All. */
    WHOLE,
    /** Not as much: another runs the same code, with another launch or binding. */
    LESS,
    /** Likewise, and nothing in a quick run. */
    LEAST
  }

  /** Copies the maps. */
  public Variant {
    properties = Map.copyOf(properties);
    environment = Map.copyOf(environment);
  }

  /** Returns whether this is its name, or its family's. */
  public boolean isNamed(String text) {
    return text.equals(name) || text.equals(family);
  }

  /** Returns whether what stands in another's way stands in this one's, too. */
  boolean dependsOn(String otherGroup) {
    return group.equals(otherGroup) || group.startsWith(otherGroup + "/");
  }

  /**
   * Returns what of the wanted its family has not here.
   *
   * @param description that any of the family gives of what it computes with
   */
  Optional<String> missingIn(String description) {
    if (Pattern.compile(wanted).matcher(description).find()) {
      return Optional.empty();
    }
    Matcher sets = INSTRUCTION_SETS.matcher(description);
    return Optional.of("this " + (sets.find() ? sets.group() : description));
  }

  /** Returns whether it computes on the GPU, of which there is one. */
  boolean isOnGpu() {
    return family.equals(Variants.CUDA);
  }

  /** Returns whether it is a thousand times slower before the JVM's second compiler has seen it. */
  boolean needsSecondCompiler() {
    return family.equals(BackendId.VECTOR.label()) || source == Source.CLASS;
  }

  /** Returns the options that choose this variant alone. */
  List<String> options() {
    return source == Source.CLASS
        ? List.of("--implementation", subject)
        : List.of("--variant", name);
  }
}
