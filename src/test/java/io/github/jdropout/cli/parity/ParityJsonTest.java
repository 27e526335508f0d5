package io.github.jdropout.cli.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.jdropout.parity.ParityReport;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ParityJsonTest {
  @Test
  void reportComesBack() throws Exception {
    ParityReport report = SampleReports.mixed();
    String text = ParityJson.write(report);
    assertEquals(report, ParityJson.read(text));
    JsonNode root = new ObjectMapper().readTree(text);
    assertEquals("jdropout-parity-1", root.get("schema").textValue());
    assertTrue(root.at("/cells/0/mismatch").isNull());
    assertEquals(37, root.at("/cells/3/mismatch/index").intValue());
    assertEquals(SampleReports.HOSTILE, root.at("/cells/4/reason").textValue());
    assertEquals(List.of("depth", "seed", "argument"), List.copyOf(report.run().keySet()));
  }

  @Test
  void eventsAreLinesThatComeBack() throws Exception {
    List<Event> events =
        List.of(
            new Event.Unavailable(SampleReports.HOSTILE),
            new Event.Started("plain Java"),
            new Event.Progress(0.5, "forward f32"),
            new Event.Finished(SampleReports.failed("a", "forward", "f32")),
            new Event.Finished(SampleReports.passed("a", "mask", "")),
            new Event.Tested(new ParityReport.StatisticalTest("runs", "a", 0.1, 1, 0.5, 1e-6)),
            new Event.Failed("died", "mask"),
            new Event.Ended());
    for (Event event : events) {
      String line = ParityJson.line(event);
      assertEquals(1, line.lines().count());
      assertTrue(line.startsWith("{\"event\":"), line);
      assertEquals(event, ParityJson.parse(line, Event.class));
    }
  }

  @Test
  void orderComesBack() throws Exception {
    Job job =
        new Job(
            Job.Task.CASE,
            Job.Depth.QUICK,
            1,
            -1,
            List.of("mask"),
            List.of(),
            Optional.of("mask count=8 'x'"),
            true);
    Variant variant =
        new Variant(
            "v-1",
            "v",
            Variant.Source.BACKEND,
            "v",
            "",
            Map.of("a", "b"),
            Map.of(),
            "v",
            Variant.Weight.LESS);
    Child.Order order = new Child.Order(variant, job);
    assertEquals(order, ParityJson.parse(ParityJson.line(order), Child.Order.class));
    assertEquals(
        Optional.empty(),
        ParityJson.parse(
                ParityJson.line(
                    new Job(
                        Job.Task.CELLS,
                        Job.Depth.QUICK,
                        1,
                        0,
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        false)),
                Job.class)
            .argument());
  }
}
