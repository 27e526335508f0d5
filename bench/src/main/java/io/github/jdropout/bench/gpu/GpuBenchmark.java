package io.github.jdropout.bench.gpu;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.backend.cuda.LaunchConfig;
import io.github.jdropout.spec.BackendUnavailableException;
import io.github.jdropout.spec.ElementType;
import java.io.File;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Measures dropout on a GPU; writes every sample as JSON, which {@link GpuReport} reads.
 *
 * <p>Launch shape and binding are fixed once per JVM, by the library's properties, so a comparison
 * of several takes a run for each. With {@code --quick} everything runs once and small, for its
 * output, which is compared with the scalar backend in any case.
 */
public final class GpuBenchmark {
  private GpuBenchmark() {}

  /** Runs what the options ask for, see {@link GpuOptions}. */
  public static void main(String[] args) throws IOException {
    GpuOptions options = GpuOptions.parse(args);
    Gpu gpu = Gpu.open();
    ObjectNode root = new ObjectMapper().createObjectNode();
    GpuLines lines = new GpuLines(options.hasLines());
    describeRun(gpu, options, root.putObject("run"));
    GpuMachine.describe(gpu, root.putObject("machine"));
    Smi.describe(gpu, root.putObject("smiBefore"));
    for (String part : List.of("run", "machine", "smiBefore")) {
      lines.print(part, root.get(part));
    }
    if (options.measures("device")) {
      measureDevice(gpu, options, root.putArray("device"), lines);
      // The clocks are still those of the work.
      Smi.describe(gpu, root.putObject("smiAfter"));
      lines.print("smiAfter", root.get("smiAfter"));
    }
    if (options.measures("host")) {
      try (CudaStream stream = CudaStream.create(gpu.device())) {
        new HostTimes(gpu, stream, options.isQuick()).measure(root.putArray("host"));
      }
      lines.turn("host", root.withArray("/host"), 0);
    }
    if (options.measures("staged")) {
      ArrayNode results = root.putArray("staged");
      for (ElementType type : options.types()) {
        for (int exponent : options.stagedExponents()) {
          StagedTimes.measure(type, 1L << exponent, options.samples(), results);
          lines.turn("staged", results, results.size() - 1);
        }
      }
    }
    if (options.measures("layers")) {
      measureLayers(gpu, options, root);
    }
    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(new File(options.out()), root);
    System.out.println(
        root.path("device").size()
            + " cases on the device ran with the right output, "
            + root.path("host").size()
            + " of the host, "
            + root.path("staged").size()
            + " through the host, "
            + root.path("layers").size()
            + " of layers");
  }

  /** Returns whether an operation of this name is measured on a GPU. */
  public static boolean hasOperation(String label) {
    return operation(label).isPresent();
  }

  /** Returns whether an operation can be measured with a number of elements. */
  public static boolean fits(String label, long count) {
    return operation(label).filter(operation -> operation.fits(count)).isPresent();
  }

  private static Optional<Operation> operation(String label) {
    return Arrays.stream(Operation.values())
        .filter(operation -> operation.label().equals(label))
        .findFirst();
  }

  private static void measureDevice(Gpu gpu, GpuOptions options, ArrayNode results, GpuLines lines)
      throws IOException {
    DeviceTimes times = new DeviceTimes(gpu, options.samples(), options.isQuick());
    for (ElementType type : options.types()) {
      for (int exponent : options.exponents()) {
        int before = results.size();
        times.measure(type, 1L << exponent, options.chosen(), results);
        lines.turn("device", results, before);
      }
    }
  }

  /** Layers need cuBLAS too, which a machine with a driver alone has not. */
  private static void measureLayers(Gpu gpu, GpuOptions options, ObjectNode root) {
    try {
      new LayerTimes(gpu, options.isQuick(), options.samples()).measure(root.putArray("layers"));
    } catch (BackendUnavailableException e) {
      root.put("layersNotRun", e.getMessage());
      System.out.println("SKIPPED layers: " + e.getMessage());
    }
  }

  private static void describeRun(Gpu gpu, GpuOptions options, ObjectNode node) {
    node.put("revision", System.getProperty("jdropout.revision", "unknown"));
    node.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    node.put("quick", options.isQuick());
    node.put("binding", gpu.bindingDescription());
    node.put("launch", System.getProperty(LaunchConfig.PROPERTY, "default"));
    node.put("p", Operation.P);
    node.put("samples", options.samples());
  }
}
