package io.github.jdropout.cli.parity;

import io.github.jdropout.parity.ParityReport.Cell;
import io.github.jdropout.parity.ParityReport.Mismatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What failed in a cell, for people. */
final class Difference {
  private Difference() {}

  /** Returns the lines; none for a cell that did not fail. */
  static List<String> lines(Cell cell) {
    List<String> lines = new ArrayList<>();
    String where = (cell.operation() + " " + cell.type()).strip();
    if (!cell.reason().isEmpty()) {
      lines.add(
          cell.implementation() + (where.isEmpty() ? "" : ", " + where) + ": " + cell.reason());
    }
    cell.mismatch().ifPresent(mismatch -> add(lines, cell.type(), mismatch));
    return lines;
  }

  private static void add(List<String> lines, String type, Mismatch mismatch) {
    lines.add(
        "  seed "
            + mismatch.seed()
            + ", stream "
            + mismatch.stream()
            + ", p "
            + mismatch.p()
            + ", first "
            + mismatch.firstIndex()
            + ", count "
            + mismatch.count());
    // A call that failed gave no element.
    if (!mismatch.expected().isEmpty() || !mismatch.actual().isEmpty()) {
      addElement(lines, type, mismatch);
    }
    if (!mismatch.details().isEmpty()) {
      lines.add("  " + mismatch.details());
    }
    lines.add("  " + mismatch.command());
  }

  private static void addElement(List<String> lines, String type, Mismatch mismatch) {
    lines.add("  first difference at index " + mismatch.index());
    if (!mismatch.input().isEmpty()) {
      lines.add("    input    " + bits(type, mismatch.input()));
    }
    lines.add("    expected " + bits(type, mismatch.expected()));
    lines.add("    actual   " + bits(type, mismatch.actual()));
  }

  /** Returns the bits, and what number they are. */
  private static String bits(String type, String text) {
    return text + number(type, text).map(number -> " = " + number).orElse("");
  }

  private static Optional<String> number(String type, String text) {
    String digits = text.startsWith("0x") ? text.substring(2) : text;
    if (!digits.matches("[0-9a-fA-F]{1,16}")) {
      return Optional.empty();
    }
    long bits = Long.parseUnsignedLong(digits, 16);
    return switch (type) {
      case "f32" -> Optional.of(Float.toString(Float.intBitsToFloat((int) bits)));
      case "f64" -> Optional.of(Double.toString(Double.longBitsToDouble(bits)));
      case "f16" -> Optional.of(Float.toString(Float.float16ToFloat((short) bits)));
      case "bf16" -> Optional.of(Float.toString(Float.intBitsToFloat((int) (bits << 16))));
      default -> Optional.empty();
    };
  }
}
