package io.github.jdropout.cli.parity;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The program of a variant's JVM: reads an order, does the job, tells events. */
final class Worker {
  private static final int GONE = 1;

  private Worker() {}

  /** Reads the order from standard input, whose end ends the program at any time. */
  public static void main(String[] args) throws IOException {
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    System.setOut(System.err); // Events have it for themselves.
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Child.Order order = ParityJson.parse(in.readLine(), Child.Order.class);
    Thread.ofPlatform().daemon().start(() -> endWith(in));
    new JobRun(order.variant(), order.job(), event -> out.println(ParityJson.line(event))).run();
    System.exit(0);
  }

  private static void endWith(BufferedReader in) {
    try {
      in.skip(Long.MAX_VALUE);
    } catch (IOException e) {
      // The other end is gone in this case, too.
    }
    Runtime.getRuntime().halt(GONE);
  }
}
