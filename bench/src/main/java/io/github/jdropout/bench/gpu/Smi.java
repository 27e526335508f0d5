package io.github.jdropout.bench.gpu;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

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

  /** Writes each field, or {@code notRun} with the reason where there is no such program. */
  static void describe(ObjectNode node) {
    try {
      Process process =
          new ProcessBuilder(
                  "nvidia-smi",
                  "--id=0",
                  "--query-gpu=" + String.join(",", FIELDS),
                  "--format=csv,noheader")
              .redirectErrorStream(true)
              .start();
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
