package io.github.jdropout.bench.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** Properties of a GPU, its clocks among them, as a run's result has them. */
public final class GpuProperties {
  private static final String BEFORE = "before ";
  private static final String AFTER = "after ";

  private final Map<String, String> properties = new LinkedHashMap<>();

  /** Creates one without any. */
  GpuProperties() {}

  /**
   * Asks the driver and nvidia-smi for those of the first GPU, before anything is measured.
   *
   * @throws io.github.jdropout.spec.BackendUnavailableException if no GPU can be used here
   */
  public static GpuProperties before() {
    Gpu gpu = Gpu.open();
    GpuProperties properties = new GpuProperties();
    properties.addBinding(gpu.bindingDescription());
    ObjectNode machine = new ObjectMapper().createObjectNode();
    GpuMachine.describe(gpu, machine);
    properties.add("machine", machine);
    properties.addClocks(gpu, "smiBefore");
    return properties;
  }

  /** Asks nvidia-smi again, when the clocks are still those of the work. */
  public void askAfter() {
    addClocks(Gpu.open(), "smiAfter");
  }

  private void addClocks(Gpu gpu, String part) {
    ObjectNode clocks = new ObjectMapper().createObjectNode();
    Smi.describe(gpu, clocks);
    add(part, clocks);
  }

  void addBinding(String description) {
    properties.put("binding", description);
  }

  /** Adds all of a part of what {@link GpuBenchmark} prints. */
  void add(String part, JsonNode fields) {
    String prefix =
        switch (part) {
          case "smiBefore" -> BEFORE;
          case "smiAfter" -> AFTER;
          default -> "";
        };
    fields
        .properties()
        .forEach(field -> properties.put(prefix + field.getKey(), field.getValue().asText()));
  }

  /** Returns name and value of each, in order. */
  public Map<String, String> asMap() {
    return new LinkedHashMap<>(properties);
  }
}
