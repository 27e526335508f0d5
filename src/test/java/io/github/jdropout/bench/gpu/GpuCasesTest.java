package io.github.jdropout.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchCase.Place;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GpuCasesTest {
  private final GpuCases cases = new GpuCases("ffm");

  @BeforeEach
  void describe() throws Exception {
    cases.describe("run", json("{\"p\": 0.25}"));
    cases.describe("machine", json("{\"theoreticalBytesPerSecond\": 1000000000000}"));
  }

  private static JsonNode json(String text) throws Exception {
    return new ObjectMapper().readTree(text);
  }

  private static JsonNode device(String operation, long bytes, long written, String nanos)
      throws Exception {
    return json(
        """
        {"operation": "%s", "type": "f32", "elements": 1000, "bytes": %d, "bytesWritten": %d,
         "nanosPerCall": %s}\
        """
            .formatted(operation, bytes, written, nanos));
  }

  @Test
  void casesHaveTheCopyOfTheirTurnsScaledToTheirBytes() throws Exception {
    List<BenchCase> found =
        cases.device(
            List.of(
                device("copy", 8000, 4000, "[10, 20]"),
                device("forward", 8000, 4000, "[20, 20]"),
                device("forward and backward", 16000, 8000, "[40, 50]"),
                device("mask", 125, 125, "[5, 5]"),
                json("{\"type\": \"f32\", \"elements\": 1000, \"notRun\": \"too large\"}")));
    assertEquals(
        List.of("forward", "forward and backward", "mask"),
        found.stream().map(BenchCase::operation).toList());
    BenchCase forward = found.getFirst();
    assertEquals("device/cuda/forward/f32/device/1000/p0.25/0t", forward.id());
    assertEquals(List.of(10.0, 20.0), forward.copyNanosPerCall());
    assertEquals(OptionalDouble.of(0.75), forward.ofCopy());
    // 8000 bytes in 20 ns are 400 GB/s.
    assertEquals(OptionalDouble.of(0.4), forward.ofTheoretical());
    assertEquals(List.of(20.0, 40.0), found.get(1).copyNanosPerCall());
    assertEquals(8000, found.get(1).bytesRead());
    assertEquals(List.of(), found.get(2).copyNanosPerCall());
    assertEquals(125, found.get(2).bytesWritten());
  }

  @Test
  void callsNameTheirBinding() throws Exception {
    BenchCase queue =
        cases.call(
            json(
                """
                {"measured": "queue", "call": "forward", "type": "f32", "elements": 1024,
                 "nanosPerCall": [900, 1100, 1000]}\
                """));
    assertEquals("call/cuda ffm/forward/f32/device/1024/p0.25/0t", queue.id());
    assertEquals(1000, queue.median());
    BenchCase latency =
        cases.call(
            json(
                """
                {"measured": "until done", "call": "forward", "type": "f32", "elements": 1024,
                 "nanosPerCall": [9000]}\
                """));
    assertEquals("forward until done", latency.operation());
  }

  @Test
  void stagedCasesReadHalfOfTheirBytes() throws Exception {
    BenchCase staged =
        cases.staged(
            json(
                """
                {"type": "f32", "elements": 1000, "bytes": 8000, "nanosPerCall": [100]}\
                """));
    assertEquals(Place.STAGED, staged.place());
    assertEquals(4000, staged.bytesRead());
    assertEquals(4000, staged.bytesWritten());
    assertEquals(OptionalDouble.empty(), staged.ofTheoretical());
  }
}
