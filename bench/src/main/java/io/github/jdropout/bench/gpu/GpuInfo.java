package io.github.jdropout.bench.gpu;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.jdropout.backend.cuda.CudaBinding;
import io.github.jdropout.backend.cuda.CudaBindings;

/**
 * Prints what is known of the GPU, its driver and the ways to it, one {@code key: value} a line.
 * Ends with 1 if no GPU can be used.
 */
public final class GpuInfo {
  private GpuInfo() {}

  /** Prints it. */
  public static void main(String[] args) {
    for (CudaBinding binding : CudaBinding.values()) {
      CudaBindings.Probe probe = CudaBindings.probe(binding);
      String state = probe.driver().isPresent() ? "usable" : "UNUSABLE";
      System.out.println("binding." + binding.label() + ": " + state + " - " + probe.reason());
    }
    if (CudaBindings.select().driver().isEmpty()) {
      System.exit(1);
    }
    ObjectNode node = new ObjectMapper().createObjectNode();
    Gpu gpu = Gpu.open();
    GpuMachine.describe(gpu, node);
    Smi.describe(gpu, node.putObject("nvidia-smi"));
    print("", node);
    System.out.println(gpu.device().summary() + ", driver for CUDA " + gpu.driverVersion());
  }

  private static void print(String prefix, ObjectNode node) {
    node.properties()
        .forEach(field -> {
          if (field.getValue() instanceof ObjectNode inner) {
            print(prefix + field.getKey() + ".", inner);
          } else {
            System.out.println(prefix + field.getKey() + ": " + field.getValue().asText());
          }
        });
  }
}
