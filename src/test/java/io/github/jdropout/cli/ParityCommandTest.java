package io.github.jdropout.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.cli.parity.Kernels;
import io.github.jdropout.cli.parity.ParityJson;
import io.github.jdropout.parity.ParityReport;
import io.github.jdropout.parity.ParityReport.Cell;
import io.github.jdropout.parity.ParityReport.Mismatch;
import io.github.jdropout.parity.ParityReport.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

class ParityCommandTest {
  @TempDir private Path folder;

  private static CliRun parity(String... args) {
    return CliRun.of(
        Stream.concat(Stream.of("parity", "--quick"), Stream.of(args)).toArray(String[]::new));
  }

  private CliRun kernel(Class<?> kernel, String... more) {
    Stream<String> fixed =
        Stream.of("--implementation", kernel.getName(), "--out", folder.toString());
    return parity(Stream.concat(fixed, Stream.of(more)).toArray(String[]::new));
  }

  private static Cell failedCell(CliRun run) throws IOException {
    assertEquals(Console.FAILURE, run.exitCode(), run.err());
    return ParityJson.read(run.out()).cells().stream()
        .filter(cell -> cell.outcome() == Outcome.FAILED)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void jsonIsTheReportAndSoAreTheFiles() throws Exception {
    CliRun run =
        parity(
            "--backend=scalar",
            "--operation=forward,mask",
            "--type=f32,bf16",
            "--seed=7",
            "--json",
            "--out",
            folder.resolve("new/deep").toString());
    assertEquals(0, run.exitCode(), run.err());
    ParityReport report = ParityJson.read(run.out());
    assertEquals(
        List.of("forward f32", "forward bf16", "mask "),
        report.cells().stream().map(cell -> cell.operation() + " " + cell.type()).toList());
    for (Cell cell : report.cells()) {
      assertEquals("scalar", cell.implementation());
      assertEquals(Outcome.PASSED, cell.outcome(), cell.toString());
      assertTrue(cell.cases() > 20 && cell.elements() > 10_000, cell.toString());
    }
    assertTrue(report.isComplete() && report.passed());
    assertEquals("7", report.run().get("seed"));
    assertEquals("quick", report.run().get("depth"));
    assertTrue(report.machine().containsKey("CPU"), report.machine().toString());
    assertEquals("plain Java", report.machine().get("scalar"));
    assertFalse(report.statistics().isEmpty());
    report.statistics().forEach(test -> assertTrue(test.passed(), test.toString()));
    Path json = folder.resolve("new/deep/parity.json");
    assertEquals(report, ParityJson.read(Files.readString(json)));
    Element root =
        DocumentBuilderFactory.newDefaultInstance()
            .newDocumentBuilder()
            .parse(folder.resolve("new/deep/parity.xml").toFile())
            .getDocumentElement();
    assertEquals(
        report.cells().size() + report.statistics().size(),
        Integer.parseInt(root.getAttribute("tests")));
  }

  @Test
  void tableEndsInAVerdict() {
    CliRun run = kernel(Kernels.Right.class);
    assertEquals(0, run.exitCode(), run.out() + run.err());
    List<String> lines = run.out().lines().toList();
    assertTrue(lines.get(0).matches(" +mask +f32 +f64 +f16 +bf16 +elements +s"), run.out());
    assertTrue(run.out().matches("(?s).*\\RRight +dropout +ok .*"), run.out());
    assertTrue(run.out().matches("(?s).*\\RPASSED: [0-9]+ cells passed, 0 failed.*"), run.out());
    for (String name : List.of("parity.json", "parity.xml", "parity.html", "parity.png")) {
      assertTrue(lines.contains("wrote " + folder.resolve(name)), run.out());
      assertTrue(Files.exists(folder.resolve(name)), name);
    }
    assertTrue(lines.stream().filter(line -> line.contains(" ok")).allMatch(l -> l.length() <= 80));
  }

  @Test
  void plantedFaultIsShownAndItsCommandRepeatsIt() throws Exception {
    Cell cell = failedCell(kernel(Kernels.WrongOnce.class, "--operation=forward", "--json"));
    Mismatch mismatch = cell.mismatch().orElseThrow();
    assertEquals(Kernels.WRONG_INDEX, mismatch.firstIndex() + mismatch.index());
    assertEquals(
        1 << 31,
        Integer.parseUnsignedInt(hex(mismatch.expected()), 16)
            ^ Integer.parseUnsignedInt(hex(mismatch.actual()), 16));
    String command = mismatch.command();
    assertTrue(
        command.startsWith(
            "jdropout parity --implementation '" + Kernels.WrongOnce.class.getName() + "' --case"),
        command);

    CliRun replay = CliRun.of(words(command));
    assertEquals(Console.FAILURE, replay.exitCode(), replay.err());
    for (String part :
        List.of(
            "\n  seed " + mismatch.seed() + ", stream " + mismatch.stream() + ", p " + mismatch.p(),
            "\n  first difference at index " + mismatch.index() + "\n",
            "\n    expected " + mismatch.expected() + " = ",
            "\n    actual   " + mismatch.actual() + " = ",
            "\n  " + command + "\n",
            "FAILED: 0 cells passed, 1 failed")) {
      assertTrue(replay.out().contains(part), part + " in\n" + replay.out());
    }
    assertFalse(replay.out().contains("wrote "), "a replay leaves the report alone");

    String right =
        command.replace(Kernels.WrongOnce.class.getName(), Kernels.Right.class.getName());
    assertEquals(0, CliRun.of(words(right)).exitCode());
  }

  private static String hex(String bits) {
    return bits.replaceFirst("^0x", "");
  }

  /** Splits a command as a shell does; the first word is the program. */
  private static String[] words(String command) {
    List<String> words = new ArrayList<>();
    Matcher matcher = Pattern.compile("'([^']*)'|(\\S+)").matcher(command);
    while (matcher.find()) {
      words.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
    }
    return words.subList(1, words.size()).toArray(String[]::new);
  }

  @Test
  void wrongProbabilityFailsTheStatisticsToo() throws Exception {
    CliRun run = kernel(Kernels.EightBits.class, "--operation=mask", "--json");
    assertEquals("mask", failedCell(run).operation());
    assertTrue(
        ParityJson.read(run.out()).statistics().stream()
            .anyMatch(test -> test.name().startsWith("keep rate") && !test.passed()),
        run.out());
  }

  @Test
  void exceptionOfAnImplementationIsAFailure() throws Exception {
    Cell cell = failedCell(kernel(Kernels.Throwing.class, "--operation=forward", "--json"));
    assertTrue(
        (cell.reason() + cell.mismatch()).contains("no more <threads> & no & memory"),
        cell.toString());
    CliRun replay = CliRun.of(words(cell.mismatch().orElseThrow().command()));
    assertTrue(replay.out().contains("the call failed: java.lang.Ill"), replay.out());
    assertFalse(replay.out().contains("expected"), replay.out());
    assertFalse(replay.out().contains("element 0 differs"), replay.out());
  }

  @Test
  void exceptionOfAConstructorIsAFailureWithItsMessage() throws Exception {
    assertEquals(
        "java.lang.IllegalStateException: no licence (during start)",
        failedCell(kernel(Kernels.Unlicensed.class, "--json")).reason());
    CliRun run = kernel(Kernels.AbsentAtOnce.class);
    assertTrue(run.out().contains("skipped AbsentAtOnce: no abacus on this"), run.out());
  }

  @Test
  void crashOfAJvmIsAFailureWithItsSignal() throws Exception {
    Cell cell = failedCell(kernel(Kernels.Crashing.class, "--json"));
    assertTrue(
        cell.reason().matches("its JVM died with exit code \\d+: SIGSEGV .*\\(during .*\\)"),
        cell.reason());
    assertTrue(Files.exists(folder.resolve("Crashing-crash.log")));
    assertTrue(Files.exists(folder.resolve("parity.json")));
  }

  @Test
  void deathOfAJvmIsAFailureWithItsLastWords() throws Exception {
    Cell cell = failedCell(kernel(Kernels.Leaving.class, "--json"));
    assertEquals(
        "its JVM died with exit code 7: goodbye, cruel world (during start)", cell.reason());
  }

  @Test
  void stuckJvmIsKilled() throws Exception {
    System.setProperty("jdropout.parity.timeoutSeconds", "4");
    try {
      Cell cell = failedCell(kernel(Kernels.Stuck.class, "--json"));
      assertTrue(cell.reason().startsWith("no sign of life for 4 s (during "), cell.reason());
    } finally {
      System.clearProperty("jdropout.parity.timeoutSeconds");
    }
  }

  @Test
  void absenceIsAFailureOnlyIfRequired() throws Exception {
    CliRun run = kernel(Kernels.Absent.class);
    assertEquals(Console.FAILURE, run.exitCode(), "nothing was compared");
    assertTrue(run.out().contains("skipped Absent: no abacus on this machine"), run.out());
    String verdict = "(?s).*\\RFAILED: 0 cells [^\\n]*nothing ran: no abacus on this machine\\R.*";
    assertTrue(run.out().matches(verdict), run.out());
    String xml = Files.readString(folder.resolve("parity.xml"));
    assertTrue(xml.contains("<failure message=\"nothing ran: no abacus on this machine\""), xml);
    Cell cell = failedCell(kernel(Kernels.Absent.class, "--require=custom", "--json"));
    assertEquals("required but cannot run: no abacus on this machine", cell.reason());
  }

  @Test
  void oneVariantOfARequiredBackendIsEnough() {
    CliRun run =
        parity(
            "--backend=scalar,vector",
            "--require=scalar",
            "--operation=mask",
            "--out",
            folder.toString());
    assertEquals(0, run.exitCode(), run.out() + run.err());
  }

  @Test
  void supplierOfNothingIsAFailure() throws Exception {
    assertTrue(
        failedCell(kernel(Kernels.Empty.class, "--json"))
            .reason()
            .contains("supplies no Implementation"));
  }

  @Test
  void goldenFileIsWrittenAndChecked() throws Exception {
    Path file = folder.resolve("golden.txt");
    assertEquals(0, CliRun.of("mask", "--golden", file.toString()).exitCode());
    CliRun run = parity("--golden=" + file, "--backend=scalar", "--json");
    assertEquals(0, run.exitCode(), run.out() + run.err());
    assertEquals(
        List.of("", "f32", "f64", "f16", "bf16"),
        ParityJson.read(run.out()).cells().stream().map(Cell::type).toList());
    CliRun wrong =
        parity("--golden=" + file, "--implementation=" + Kernels.WrongOnce.class.getName());
    assertEquals(Console.FAILURE, wrong.exitCode(), wrong.out() + wrong.err());
    assertTrue(wrong.out().contains("FAIL"), wrong.out());
    assertTrue(wrong.out().contains("golden.txt:"), wrong.out());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList(), "no report without --out");
    }
  }

  @Test
  void goldenFileOfARange() throws Exception {
    Path file = folder.resolve("golden.txt");
    CliRun run =
        CliRun.of("mask", "--golden=" + file, "-p0.3", "--seed=0xFFFFFFFFFFFFFFFF", "--count=1000");
    assertEquals(0, run.exitCode(), run.err());
    CliRun check = parity("--golden=" + file, "--backend=scalar", "--json");
    assertEquals(0, check.exitCode(), check.err());
    assertEquals(1000, ParityJson.read(check.out()).cells().getFirst().elements());
    String text = Files.readString(file);
    Files.writeString(file, text.substring(0, text.length() / 2));
    CliRun damaged = parity("--golden=" + file, "--backend=scalar");
    assertEquals(Console.BAD_INPUT, damaged.exitCode(), damaged.out() + damaged.err());
    assertTrue(damaged.err().contains("golden.txt"), damaged.err());
    assertEquals(
        "jdropout: " + folder.resolve("none") + ": no such file",
        parity("--golden=" + folder.resolve("none")).err().strip());
  }

  @Test
  void shellsCompleteNames() {
    String script = CliRun.of("generate-completion").out();
    for (String names :
        List.of(
            "\"forward\" \"in-place\" \"backward\" \"mask\" ",
            "(\"f32\" \"f64\" \"f16\" \"bf16\")",
            "(\"scalar\" \"vector-128\" ",
            "(\"scalar\" \"vector\" \"vector-128\" ")) {
      assertTrue(script.contains(names), names);
    }
  }

  @Test
  void badInputIsOneLineAndNothingIsWritten() {
    Path out = folder.resolve("never");
    String unwritten = "--out=" + out;
    MainTest.assertBadInput(
        "jdropout: --quick and --exhaustive exclude each other",
        "parity",
        "--quick",
        "--exhaustive",
        unwritten);
    MainTest.assertBadInput(
        "jdropout: variant must be one of scalar, vector-128, ",
        "parity",
        "--variant=x",
        unwritten);
    MainTest.assertBadInput(
        "jdropout: operation must be one of forward, in-place, ",
        "parity",
        "--operation=mask,x",
        unwritten);
    MainTest.assertBadInput(
        "jdropout: type must be one of f32, f64, f16, bf16 but is f8",
        "parity",
        "--type=f32,f8",
        unwritten);
    MainTest.assertBadInput(
        "jdropout: type must be one that bias-gradient, product has, f32, f16, bf16, but is f64",
        "parity",
        "--operation=bias-gradient,product",
        "--type=f64",
        unwritten);
    MainTest.assertBadInput(
        "jdropout: require must name a variant that is run, or its backend: scalar but is cuda",
        "parity",
        "--backend=scalar",
        "--require=cuda",
        unwritten);
    MainTest.assertBadInput(
        "jdropout: --backend and --variant together leave nothing",
        "parity",
        "--backend=scalar",
        "--variant=vector-128",
        unwritten);
    MainTest.assertBadInput(
        "jdropout: implementation must be a class on the class path but is a.B",
        "parity",
        "--implementation=a.B",
        unwritten);
    MainTest.assertBadInput(
        "jdropout: implementation must be a class that implements java.util.function.Supplier but",
        "parity",
        "--implementation=java.lang.String",
        unwritten);
    MainTest.assertBadInput(
        "jdropout: p must be in [0, 1] but is 1.5",
        "parity",
        "--case",
        "forward f32 count=10 p=1.5",
        unwritten);
    MainTest.assertBadInput(
        "jdropout: first must be in [0, 9223372036854775797] for what the case says besides, but",
        "parity",
        "--case",
        "forward f32 first=9223372036854775807 count=10",
        unwritten);
    MainTest.assertBadInput(
        "jdropout: --elements needs --exhaustive", "parity", "--elements=5", unwritten);
    for (String ignored : List.of("--operation=mask", "--type=f32", "--seed=1")) {
      MainTest.assertBadInput(
          "jdropout: --case and --golden exclude --operation, --type and --seed",
          "parity",
          "--case=mask",
          ignored,
          unwritten);
    }
    MainTest.assertBadInput(
        "jdropout: elements must be at least 1 but is 0", "parity", "--elements=0", unwritten);
    assertFalse(Files.exists(out));
  }
}
