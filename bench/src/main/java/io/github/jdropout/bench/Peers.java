package io.github.jdropout.bench;

import io.github.jdropout.bench.peers.PythonPeer;
import io.github.jdropout.bench.result.BenchCase;
import java.io.File;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Has peers in Python time a case right after our own. */
final class Peers implements AutoCloseable {
  /** What the scripts know. */
  private static final Set<String> OPERATIONS =
      Set.of("forward", "backward", "forward and backward", "in place");

  private final BenchOptions options;
  private final Set<List<Object>> asked = new HashSet<>();
  private final BenchRecord record;
  private Optional<PythonPeer> python = Optional.empty();

  /** Creates one without a program. */
  Peers(BenchOptions options, BenchRecord record) {
    this.options = options;
    this.record = record;
  }

  /** Starts a script, or says why there are no peers. */
  void start(String script, List<String> names, File log) {
    try {
      PythonPeer peer = PythonPeer.start(options.python(), script, log);
      python = Optional.of(peer);
      if (!peer.version().isEmpty()) {
        record.machine("peer " + script, peer.version());
      }
      peer.absent().forEach(record::absent);
    } catch (IOException e) {
      names.forEach(name -> record.absent(name, options.python() + ": " + e.getMessage()));
    }
  }

  /** Has each peer time a case of ours, once for all backends that do the same. */
  void measure(BenchCase ours) {
    if (record.isStopped() || python.isEmpty() || !OPERATIONS.contains(ours.operation())) {
      return;
    }
    for (String name : python.get().names()) {
      List<Object> key =
          List.of(name, ours.operation(), ours.type(), ours.elements(), ours.p(), ours.threads());
      if (asked.add(key)) {
        ask(name, ours);
      }
    }
  }

  private void ask(String name, BenchCase ours) {
    PythonPeer.Answer answer =
        python
            .orElseThrow()
            .ask(
                new PythonPeer.Question(
                    name,
                    ours.operation(),
                    ours.type(),
                    ours.elements(),
                    ours.p(),
                    ours.threads(),
                    options.effort().samples(),
                    options.effort() == Effort.QUICK));
    if (!answer.notRun().isEmpty()) {
      record.absent(
          String.join(" ", name, ours.operation(), ours.type(), Size.text(ours.elements())),
          answer.notRun());
      return;
    }
    record.measured(
        new BenchCase(
            ours.place(),
            name,
            ours.operation(),
            ours.type(),
            ours.place() == BenchCase.Place.DEVICE ? ours.storage() : "native",
            ours.elements(),
            ours.p(),
            ours.threads(),
            answer.bytesRead(),
            answer.bytesWritten(),
            answer.nanosPerCall(),
            answer.copyNanosPerCall(),
            ours.theoreticalBytesPerSecond()));
  }

  @Override
  public void close() {
    python.ifPresent(PythonPeer::close);
  }
}
