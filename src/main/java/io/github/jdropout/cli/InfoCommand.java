package io.github.jdropout.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.jdropout.DropoutBackends;
import io.github.jdropout.gemm.cublas.CublasBindings;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinPool;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code jdropout info}: what would compute here, and why. */
@Command(
    name = "info",
    mixinStandardHelpOptions = true,
    description = "Show the backends and why each is chosen or not, cuBLAS, the CPU and the JVM.",
    footerHeading = "%nExamples:%n",
    footer = {"  jdropout info", "  jdropout info --json"})
final class InfoCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Option(names = "--json", description = "Write JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    List<DropoutBackends.Entry> backends = DropoutBackends.report();
    CpuInfo cpu = CpuInfo.read();
    PrintWriter out = main.console().out();
    if (json) {
      out.println(
          new ObjectMapper()
              .enable(SerializationFeature.INDENT_OUTPUT)
              .writeValueAsString(toJson(backends, cpu)));
    } else {
      print(out, backends, cpu);
    }
    return 0;
  }

  private static void print(PrintWriter out, List<DropoutBackends.Entry> backends, CpuInfo cpu) {
    out.println("jdropout " + Version.current());
    for (DropoutBackends.Entry backend : backends) {
      out.println("backend  " + backend);
    }
    for (CublasBindings.Entry binding : CublasBindings.report()) {
      out.println("cuBLAS   " + binding);
    }
    out.println("CPU      " + cpu.model() + ", " + cpu.processors() + " processors");
    if (!cpu.features().isEmpty()) {
      out.println("         " + String.join(" ", cpu.features()));
    }
    OptionalInt bits = VectorWidth.preferredBits();
    out.println(
        "vectors  "
            + (bits.isPresent()
                ? "this JVM prefers " + bits.getAsInt() + " bits"
                : "unknown: start java with --add-modules jdk.incubator.vector"));
    out.println("JVM      " + jvm() + ", " + platform());
    out.println("pool     common pool, parallelism " + ForkJoinPool.getCommonPoolParallelism());
  }

  private static ObjectNode toJson(List<DropoutBackends.Entry> backends, CpuInfo cpu) {
    ObjectNode root = new ObjectMapper().createObjectNode();
    root.put("version", Version.current());
    ArrayNode list = root.putArray("backends");
    for (DropoutBackends.Entry backend : backends) {
      list.addObject()
          .put("id", backend.id().label())
          .put("available", backend.isAvailable())
          .put("selected", backend.isSelected())
          .put("reason", backend.reason());
    }
    ArrayNode bindings = root.putArray("cublas");
    for (CublasBindings.Entry entry : CublasBindings.report()) {
      bindings
          .addObject()
          .put("binding", entry.binding().label())
          .put("available", entry.probe().library().isPresent())
          .put("selected", entry.isSelected())
          .put("reason", entry.probe().reason());
    }
    root.putPOJO("cpu", cpu);
    OptionalInt bits = VectorWidth.preferredBits();
    root.put("preferredVectorBits", bits.isPresent() ? (Integer) bits.getAsInt() : null);
    root.put("jvm", jvm());
    root.put("platform", platform());
    root.put("poolParallelism", ForkJoinPool.getCommonPoolParallelism());
    return root;
  }

  private static String jvm() {
    return System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version");
  }

  private static String platform() {
    return System.getProperty("os.name") + " " + System.getProperty("os.arch");
  }
}
