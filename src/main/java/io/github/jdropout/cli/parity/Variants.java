package io.github.jdropout.cli.parity;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.cuda.CudaBinding;
import io.github.jdropout.backend.cuda.CudaBindings;
import io.github.jdropout.backend.cuda.LaunchConfig;
import io.github.jdropout.cli.parity.Variant.Source;
import io.github.jdropout.cli.parity.Variant.Weight;
import io.github.jdropout.gemm.cublas.CublasBinding;
import io.github.jdropout.gemm.cublas.CublasBindings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The variants of this library, whether they can run here or not. */
public final class Variants {
  static final String CUDA = BackendId.CUDA.label();

  private static final String VECTOR_WIDTH = "jdropout.vector.bits";
  private static final String MAX_ISA = "JDROPOUT_MAX_ISA";

  private static final List<Integer> WIDTHS = List.of(128, 256, 512);
  private static final List<String> ISAS = List.of("portable", "avx2", "avx512f", "avx512bw");

  /** The usual one, one warp, blocks that walk, and an odd number of warps. */
  private static final List<String> LAUNCHES = List.of("256", "32x1", "96x7", "224x1000");

  private Variants() {}

  /** Returns all variants, those of the CPU first. */
  public static List<Variant> all() {
    List<Variant> variants = new ArrayList<>();
    variants.add(onCpu(BackendId.SCALAR.label(), BackendId.SCALAR, "", Map.of(), Map.of()));
    for (int bits : WIDTHS) {
      String name = vectors(bits);
      variants.add(
          onCpu(name, BackendId.VECTOR, "", Map.of(VECTOR_WIDTH, String.valueOf(bits)), Map.of()));
    }
    for (String isa : ISAS) {
      String name = BackendId.FFM.label() + "-" + isa;
      String wanted = "processor has [^;]*\\b" + isa + "\\b";
      variants.add(onCpu(name, BackendId.FFM, wanted, Map.of(), Map.of(MAX_ISA, isa)));
    }
    for (CudaBinding binding : CudaBinding.values()) {
      for (String launch : LAUNCHES) {
        addLaunch(variants, binding, launch);
      }
    }
    for (CublasBinding binding : CublasBinding.values()) {
      String name = "cublas-" + binding.label();
      Map<String, String> bound = Map.of(CublasBindings.PROPERTY, binding.label());
      variants.add(
          new Variant(
              name,
              CUDA,
              Source.PRODUCTS,
              CUDA,
              "",
              bound,
              Map.of(),
              CUDA + "/" + name,
              Weight.WHOLE));
    }
    return List.copyOf(variants);
  }

  /** Returns the name of the variant with vectors of so many bits. */
  public static String vectors(int bits) {
    return BackendId.VECTOR.label() + "-" + bits;
  }

  private static Variant onCpu(
      String name,
      BackendId id,
      String wanted,
      Map<String, String> properties,
      Map<String, String> environment) {
    return new Variant(
        name,
        id.label(),
        Source.BACKEND,
        id.label(),
        wanted,
        properties,
        environment,
        name,
        Weight.WHOLE);
  }

  private static void addLaunch(List<Variant> variants, CudaBinding binding, String launch) {
    Map<String, String> properties =
        Map.of(CudaBindings.PROPERTY, binding.label(), LaunchConfig.PROPERTY, launch);
    String name = binding.label() + "-" + launch;
    boolean isUsual = launch.equals(LAUNCHES.getFirst());
    boolean isFirst = binding == CudaBinding.FFM;
    // The other bindings load the driver through the first.
    String group = isFirst ? CUDA : CUDA + "/" + binding.label();
    Weight host = !isUsual ? Weight.LEAST : isFirst ? Weight.WHOLE : Weight.LESS;
    Weight device =
        isUsual && isFirst ? Weight.WHOLE : isUsual || isFirst ? Weight.LESS : Weight.LEAST;
    variants.add(
        new Variant(
            "host-" + name, CUDA, Source.BACKEND, CUDA, "", properties, Map.of(), group, host));
    variants.add(
        new Variant(
            "device-" + name, CUDA, Source.DEVICE, CUDA, "", properties, Map.of(), group, device));
  }

  /**
   * Returns the variant of a class of the user's.
   *
   * @param className of a public class with a public constructor without parameters that supplies
   *     an implementation
   */
  public static Variant ofClass(String className) {
    int last = Math.max(className.lastIndexOf('.'), className.lastIndexOf('$'));
    String name = className.substring(last + 1);
    return new Variant(
        name, "custom", Source.CLASS, className, "", Map.of(), Map.of(), className, Weight.WHOLE);
  }

  /**
   * Checks that a class can be asked for an implementation.
   *
   * @throws IllegalArgumentException if it cannot
   */
  public static void checkClass(String className) {
    Implementations.checkClass(className);
  }
}
