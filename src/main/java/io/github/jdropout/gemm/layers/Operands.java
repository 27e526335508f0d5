package io.github.jdropout.gemm.layers;

import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The operands of a call, by name: checks what they must have in common before anything is written,
 * and names them all if something is wrong.
 */
final class Operands {
  /** Of memory without a type, on a device: whole words of sign bits, and 16-byte accesses. */
  private static final int ALIGNMENT = 16;

  private final Engine engine;
  private final List<Operand> all = new ArrayList<>();

  /**
   * Begins without any.
   *
   * @throws IllegalStateException if the engine is closed
   */
  Operands(Engine engine) {
    engine.checkOpen();
    this.engine = engine;
  }

  /**
   * Returns the size of a matrix of f32 in memory without a type, so that something else can
   * follow.
   *
   * @throws ArithmeticException if it is 2^63 bytes or more
   */
  static long sumBytes(long rows, long columns) {
    long bytes = Math.multiplyExact(Math.multiplyExact(rows, columns), Float.BYTES);
    return Math.addExact(bytes, ALIGNMENT - 1) & -ALIGNMENT;
  }

  /**
   * One operand.
   *
   * @param matrix null if it is memory without a type
   * @param bytes its memory
   */
  record Operand(String name, Matrix matrix, Bytes bytes, boolean isWritten) {
    @Override
    public String toString() {
      return matrix == null
          ? name + " " + bytes.byteSize() + " bytes"
          : name + " " + matrix.type().label() + matrix.shape();
    }

    boolean isSamePlaceAs(Operand other) {
      return matrix != null
          && other.matrix != null
          && matrix.type() == other.matrix.type()
          && matrix.shape().equals(other.matrix.shape())
          && bytes.beginsLike(other.bytes);
    }
  }

  /** Adds a matrix that is read; nothing for null. */
  Operands reads(String name, Matrix matrix) {
    return matrix == null ? this : add(new Operand(name, matrix, matrix.bytes(), false));
  }

  /** Adds a matrix that is written; nothing for null. */
  Operands writes(String name, Matrix matrix) {
    return matrix == null ? this : add(new Operand(name, matrix, matrix.bytes(), true));
  }

  private Operands add(Operand operand) {
    all.add(operand);
    engine.checkPlace(operand.name, operand.bytes);
    return this;
  }

  /** Checks the number of rows and columns, of a matrix that is not null. */
  Operands size(String name, Matrix matrix, long rows, long columns) {
    if (matrix != null && (matrix.rowCount() != rows || matrix.columnCount() != columns)) {
      throw new IllegalArgumentException(
          name + " must be [" + rows + " x " + columns + "]" + describe());
    }
    return this;
  }

  /** Checks that a matrix is not without rows. */
  Operands atLeastOneRow(String name, Matrix matrix) {
    if (matrix.rowCount() == 0) {
      throw new IllegalArgumentException(name + " must have at least one row" + describe());
    }
    return this;
  }

  /** Checks that a matrix which is not null has one of the types. */
  Operands type(String name, Matrix matrix, ElementType... allowed) {
    if (matrix != null && !List.of(allowed).contains(matrix.type())) {
      String labels =
          List.of(allowed).stream()
              .map(ElementType::label)
              .distinct()
              .collect(Collectors.joining(" or "));
      throw new IllegalArgumentException(name + " must be " + labels + describe());
    }
    return this;
  }

  /** Adds memory of which the call reads the first bytes; null for none. */
  Operands reads(String name, Bytes bytes) {
    return bytes == null ? this : add(new Operand(name, null, bytes, false));
  }

  /** Adds memory of which the call writes the first bytes; null for none. */
  Operands writes(String name, Bytes bytes) {
    return bytes == null ? this : add(new Operand(name, null, bytes, true));
  }

  /** Checks that there is enough memory, of what has been added if it is not null. */
  Operands needs(String name, Bytes bytes, long neededBytes) {
    if (neededBytes > (bytes == null ? 0 : bytes.byteSize())) {
      throw new IllegalArgumentException(
          name
              + " must have at least "
              + neededBytes
              + " bytes but "
              + (bytes == null ? "is missing" : "has " + bytes.byteSize())
              + describe());
    }
    if (neededBytes > 0
        && bytes instanceof Bytes.OfDevice device
        && device.address() % ALIGNMENT != 0) {
      throw new IllegalArgumentException(
          name
              + " must begin at a multiple of "
              + ALIGNMENT
              + " bytes but is at device address 0x"
              + Long.toHexString(device.address())
              + describe());
    }
    return this;
  }

  /**
   * Checks that nothing that is written overlaps another operand, and that all memory can be used.
   *
   * @param samePlaces pairs of names that may be the very same place
   */
  void checkMemory(String... samePlaces) {
    checkOverlaps(samePlaces);
    try {
      engine.checkUsable(all);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(e.getMessage() + describe(), e);
    }
  }

  private void checkOverlaps(String... samePlaces) {
    for (int i = 0; i < all.size(); i++) {
      for (int j = 0; j < i; j++) {
        Operand first = all.get(j);
        Operand second = all.get(i);
        if ((first.isWritten || second.isWritten)
            && first.bytes.overlaps(second.bytes)
            && !(isAllowed(first.name, second.name, samePlaces) && first.isSamePlaceAs(second))) {
          throw new IllegalArgumentException(
              second.name + " must not overlap " + first.name + describe());
        }
      }
    }
  }

  private static boolean isAllowed(String first, String second, String[] pairs) {
    for (int at = 0; at + 1 < pairs.length; at += 2) {
      if ((pairs[at].equals(first) && pairs[at + 1].equals(second))
          || (pairs[at].equals(second) && pairs[at + 1].equals(first))) {
        return true;
      }
    }
    return false;
  }

  /** Returns all operands with their shapes, for a message. */
  String describe() {
    return ": " + all.stream().map(Operand::toString).collect(Collectors.joining(", "));
  }
}
