package io.github.jdropout.bench.gpu;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What {@code nvidia-smi} says of the device; it is only asked, nothing is set. */
final class Smi {
  private static final String[] FIELDS = {
    "name",
    "driver_version",
    "vbios_version",
    "pci.bus_id",
    "clocks.sm",
    "clocks.mem",
    "clocks.max.sm",
    "clocks.max.mem",
    "power.draw",
    "power.limit",
    "temperature.gpu",
    "ecc.mode.current",
    "mig.mode.current",
    "persistence_mode",
    "utilization.gpu",
    "memory.used"
  };

  private Smi() {}

  /**
   * Returns the command line.
   *
   * @param busId of the device: its own numbers for the cards are not always those of CUDA
   */
  static List<String> command(String busId) {
    return List.of(
        "nvidia-smi",
        "--id=" + busId,
        "--query-gpu=" + String.join(",", FIELDS),
        "--format=csv,noheader");
  }

  /** Writes each field, or {@code notRun} with the reason where there is no such program. */
  static void describe(Gpu gpu, ObjectNode node) {
    try {
      Process process = new ProcessBuilder(command(gpu.busId())).redirectErrorStream(true).start();
      String line =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      int status = process.waitFor();
      String[] values = line.split(", *", -1);
      if (status != 0 || values.length != FIELDS.length) {
        node.put("notRun", "nvidia-smi ended with " + status + ": " + line);
        return;
      }
      for (int i = 0; i < FIELDS.length; i++) {
        node.put(FIELDS[i], values[i]);
      }
    } catch (IOException e) {
      node.put("notRun", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      node.put("notRun", "interrupted");
    }
  }
}
