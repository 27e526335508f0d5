package io.github.jdropout.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The report's arithmetic; what it reads is written by runs on a GPU. */
class GpuReportTest {
  private static final String OURS =
      """
      {"run": {"launch": "%s", "binding": "b", "quick": %s},
       "machine": {"theoreticalBytesPerSecond": 4e12},
       "device": [
         {"operation": "copy", "type": "f32", "elements": 268435456, "bytes": 2147483648,
          "queued": "stream", "nanosPerCall": [1000000, 2000000, 1000000]},
         {"operation": "forward", "type": "f32", "elements": 268435456, "bytes": 2147483648,
          "queued": "stream", "nanosPerCall": [1250000, 2000000, %s]},
         {"type": "f64", "elements": 268435456, "notRun": "too little memory"}],
       "host": [{"measured": "queue", "call": "forward", "type": "f32", "elements": 1024,
                 "nanosPerCall": [3000, 2000, 4000]}]}
      """;

  private static final String PEER =
      """
      {"peer": {"name": "pytorch_cuda.py", "quick": false},
       "answers": ["words repeat: no"],
       "device": [
         {"case": "torch", "operation": "forward", "type": "f32", "elements": 268435456,
          "bytes": 2147483648, "nanosPerCall": [1500000, 1500000, 1500000]}]}
      """;

  @Test
  void ratesAndRatiosAreMediansOfTheRounds() throws Exception {
    String report = report(OURS.formatted("default", "false", "1250000"));
    // 2^28 in 1.25 ms; the copy of the same rounds took 1, 2 and 1 ms.
    assertContains(
        "| forward | default | f32 | 2^28 | 215 | 1718 | 1074 … 1718 | 80.0 % | 42.9 % | stream |",
        report);
    assertContains("| forward f32, × copy | 0.95 | default | 0.80 | missed |", report);
    assertContains("| forward f16, × copy | 0.95 | – | – | not measured |", report);
    assertContains("| b | queue | forward | 1024 | 3000 |", report);
    assertContains("| f64 | 268435456 | too little memory |", report);
  }

  @Test
  void launchShapesStandSideBySide() throws Exception {
    String report =
        report(
            OURS.formatted("default", "false", "1250000"),
            OURS.formatted("128", "false", "1000000"));
    assertContains("| Operation | Type | Size | default | 128 |", report);
    assertContains("| forward | f32 | 2^28 | 80.0 % | 100.0 % |", report);
  }

  @Test
  void peersAreComparedWithTheSameCase() throws Exception {
    String report = report(OURS.formatted("default", "false", "1250000"), PEER);
    assertContains("| forward f32, × torch | 1.25 | default | 1.20 | missed |", report);
    assertContains("| torch | forward | f32 | 2^28 | 179 | 1.20 (default) |", report);
    assertContains("- words repeat: no", report);
  }

  @Test
  void quickRunsHaveNoFigures() throws Exception {
    String report = report(OURS.formatted("default", "true", "1250000"));
    assertFalse(report.contains("| forward | default |"), report);
    assertFalse(report.contains("### Host"), report);
  }

  private static String report(String... runs) throws Exception {
    List<JsonNode> parsed = new ArrayList<>();
    for (String run : runs) {
      parsed.add(new ObjectMapper().readTree(run));
    }
    return GpuReport.of(parsed);
  }

  private static void assertContains(String part, String report) {
    assertTrue(report.contains(part), report);
  }
}
