package io.github.jdropout.bench.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/**
 * Hands results on as soon as they are there, to whoever started this program: a JSON object a line
 * on standard output, {@code part} and {@code result}.
 *
 * <p>After what was measured together comes {@code {"part":"turn"}}, and the program waits for a
 * line on standard input: in between, the other side may measure something else on the device.
 */
final class GpuLines {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final boolean isOn;

  /** Creates one that does nothing unless {@code isOn}. */
  GpuLines(boolean isOn) {
    this.isOn = isOn;
  }

  /** Prints a result. */
  void print(String part, JsonNode result) throws IOException {
    if (isOn) {
      ObjectNode line = JSON.createObjectNode().put("part", part);
      line.set("result", result);
      System.out.println(JSON.writeValueAsString(line));
    }
  }

  /**
   * Prints results and waits for the other side.
   *
   * @param first index of the first one
   * @throws IOException if the other side is gone
   */
  void turn(String part, ArrayNode results, int first) throws IOException {
    if (!isOn) {
      return;
    }
    for (int i = first; i < results.size(); i++) {
      print(part, results.get(i));
    }
    System.out.println("{\"part\":\"turn\"}");
    int next;
    do {
      next = System.in.read();
    } while (next >= 0 && next != '\n');
    if (next < 0) {
      throw new IOException("standard input has ended");
    }
  }
}
