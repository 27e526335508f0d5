package io.github.jdropout.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.jdropout.bench.compare.CaseChange;
import io.github.jdropout.bench.compare.Comparison;
import io.github.jdropout.bench.compare.ComparisonText;
import io.github.jdropout.bench.compare.ResultTable;
import io.github.jdropout.bench.compare.StoredRun;
import io.github.jdropout.bench.compare.Verdict;
import io.github.jdropout.bench.result.TrainingStep;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Help.Ansi;

/** What {@link BenchCommand} does with result files. */
final class CompareJob {
  private CompareJob() {}

  /** Prints how two runs differ and returns the exit code, 0 also if something is slower. */
  static int compare(PrintWriter out, Path a, Path b, boolean isJson) throws IOException {
    Comparison comparison = Comparison.of(StoredRun.read(a), StoredRun.read(b));
    if (isJson) {
      out.println(
          new ObjectMapper()
              .writerWithDefaultPrettyPrinter()
              .writeValueAsString(toJson(comparison)));
    } else {
      ComparisonText.lines(comparison, CompareJob::paint).forEach(out::println);
    }
    return 0;
  }

  private static String paint(Verdict verdict, String text) {
    return switch (verdict) {
      case FASTER -> Ansi.AUTO.string("@|green " + text + "|@");
      case SLOWER -> Ansi.AUTO.string("@|red " + text + "|@");
      case UNCLEAR, COPY_MOVED -> text;
    };
  }

  private static ObjectNode toJson(Comparison comparison) {
    ObjectNode root = new ObjectMapper().createObjectNode();
    root.put("a", comparison.a().name());
    root.put("b", comparison.b().name());
    ArrayNode changes = root.putArray("cases");
    for (CaseChange change : comparison.changes()) {
      ObjectNode node = changes.addObject();
      node.put("id", change.a().id());
      node.put("nanosOfA", change.a().median());
      node.put("nanosOfB", change.b().median());
      node.putPOJO("time", change.time());
      change.besideCopy().ifPresent(shift -> node.putPOJO("besideCopy", shift));
      node.put("correctedPValue", change.corrected());
      node.put("verdict", change.verdict().name().toLowerCase(Locale.ROOT));
    }
    ArrayNode training = root.putArray("training");
    for (Comparison.TrainingChange change : comparison.training()) {
      ObjectNode node = training.addObject();
      node.put("where", change.a().where());
      node.put("name", change.a().name());
      node.putPOJO("overheadOfA", overhead(change.a()));
      node.putPOJO("overheadOfB", overhead(change.b()));
      node.put("isClear", change.isClear());
    }
    ArrayNode onlyInA = root.putArray("onlyInA");
    comparison.onlyInA().forEach(measured -> onlyInA.add(measured.id()));
    ArrayNode onlyInB = root.putArray("onlyInB");
    comparison.onlyInB().forEach(measured -> onlyInB.add(measured.id()));
    return root;
  }

  private static Map<String, Double> overhead(TrainingStep step) {
    return Map.of(
        "percent", step.overheadPercent(), "low", step.lowPercent(), "high", step.highPercent());
  }

  /** Writes the table of a folder's result files into a page and returns the exit code. */
  static int renewTable(PrintWriter out, Path folder, Path page, boolean isJson)
      throws IOException {
    ResultTable.of(folder).update(page);
    out.println(
        isJson
            ? new ObjectMapper().createObjectNode().put("page", page.toString()).toPrettyString()
            : "wrote " + page);
    return 0;
  }
}
