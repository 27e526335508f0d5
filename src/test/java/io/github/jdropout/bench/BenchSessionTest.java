package io.github.jdropout.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.bench.BenchOptions.Sweep;
import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.spec.ElementType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class BenchSessionTest {
  @TempDir private Path folder;

  private final List<BenchCase> measured = new ArrayList<>();
  private final List<BenchRun.Absent> absent = new ArrayList<>();
  private long planned;
  private long done;
  private Runnable afterEach = () -> {};

  private BenchSession session(List<String> operations, String python) {
    BenchOptions options =
        new BenchOptions(
            Effort.QUICK,
            Sweep.NONE,
            operations,
            List.of(),
            List.of(BackendId.SCALAR, BackendId.VECTOR),
            List.of(1024L),
            List.of(),
            List.of(1),
            0,
            python,
            "the options",
            "1.2.3");
    return new BenchSession(options, new Follower(), folder.resolve("log").toFile());
  }

  /** Plays a peer that takes always as long. */
  private String peer() throws Exception {
    Path program = folder.resolve("python");
    Files.writeString(
        program,
        """
        #!/bin/sh
        echo '{"peers": ["Peer"], "version": "peer 7", "absent": {"Other": "not installed"}}'
        while read -r question; do
          case $question in
            *'"in place"'*) echo '{"notRun": "cannot"}' ;;
            *) echo '{"nanosPerCall": [9, 8], "copyNanosPerCall": [4, 4], "bytesRead": 2,
                      "bytesWritten": 1}' | tr -d '\\n'; echo ;;
          esac
        done
        """);
    assertTrue(program.toFile().setExecutable(true));
    return program.toString();
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "the peer is a shell script")
  void peersComeRightAfterTheSameCaseAndOnce() throws Exception {
    BenchSession session = session(List.of("mask", "forward", "in place"), peer());
    session.run();
    List<String> order = measured.stream().map(it -> it.by() + " " + it.operation()).toList();
    assertEquals(
        List.of(
            "scalar forward",
            "Peer forward",
            "vector forward",
            "DL4J forward",
            "DL4J layer forward",
            "scalar in place",
            "vector in place",
            "scalar mask",
            "vector mask"),
        order);
    BenchCase peer = measured.get(1);
    assertEquals("cpu/Peer/forward/f32/native/1024/p0.1/1t", peer.id());
    assertEquals(List.of(9.0, 8.0), peer.nanosPerCall());
    assertEquals(2, peer.bytesRead());
    assertEquals(OptionalDouble.of((4.0 / 9 + 4.0 / 8) / 2), peer.ofCopy());
    assertEquals(
        List.of(
            new BenchRun.Absent("Other", "not installed"),
            new BenchRun.Absent("Peer in place f32 2^10", "cannot")),
        absent);
    assertFalse(session.hasFailed());
    assertEquals(planned, done);

    BenchRun run = session.result(true);
    assertEquals(measured, run.cases());
    assertEquals(absent, run.absent());
    assertEquals("peer 7", run.machine().get("peer pytorch_cpu.py"));
    assertEquals("the options", run.run().command());
    assertEquals("1.2.3", run.run().version());
  }

  @Test
  void stoppedSessionReturnsWithWhatItHas() throws Exception {
    BenchSession session = session(List.of("mask", "infer"), "no-such-python");
    afterEach = session::stop;
    session.run();
    assertEquals(1, measured.size());
    assertFalse(session.hasFailed());
    assertEquals(1, session.result(false).cases().size());
  }

  @Test
  void missingPythonIsNamedForEachPeer() throws Exception {
    session(List.of("mask"), "no-such-python").run();
    assertEquals(
        List.of("PyTorch", "PyTorch compiled"),
        absent.stream().map(BenchRun.Absent::what).toList());
    assertTrue(absent.getFirst().reason().startsWith("no-such-python: "), absent.toString());
  }

  @Test
  void nothingToTimeIsRefused() {
    BenchSession session = session(List.of("spatial"), "no-such-python");
    assertThrows(IllegalArgumentException.class, session::run);
  }

  @Test
  void caseNeedsItsTensorsAndWhatIsCopiedBesideThem() {
    CpuCase forward =
        new CpuCase(
            CpuOperation.FORWARD, BackendId.FFM, ElementType.F64, Storage.ARRAY, 1L << 28, 0.1, 0);
    assertTrue(forward.memoryBytes() >= 4L << 31, "four tensors of 2 GiB");
  }

  @Test
  void revisionIsOfTheCheckoutOrOfTheBundle() throws Exception {
    Path lib = Files.createDirectory(folder.resolve("lib"));
    Path jar = Files.createFile(lib.resolve("a.jar"));
    assertEquals("unknown", Revision.of(jar));
    Files.writeString(folder.resolve("REVISION"), "abc\n");
    assertEquals("abc", Revision.of(jar));
    assertEquals("unknown", Revision.of(folder));
    assertFalse(Revision.current().isBlank());
  }

  private final class Follower implements BenchListener {
    @Override
    public void planned(long units) {
      planned = units;
    }

    @Override
    public void advanced(long units, String next) {
      assertFalse(next.isBlank());
      done += units;
    }

    @Override
    public void measured(BenchCase it) {
      measured.add(it);
      afterEach.run();
    }

    @Override
    public void absent(BenchRun.Absent it) {
      absent.add(it);
    }
  }
}
