package io.github.jdropout.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Matrices, their shapes and parts, and memory without a type. */
class MatrixTest {
  private static void assertMessage(String expected, Executable call) {
    assertEquals(expected, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  private static HostMatrix onHost(int elements, long rows, long columns, long rowStride) {
    MemorySegment segment = MemorySegment.ofArray(new float[elements]);
    return Matrix.of(ElementType.F32, segment, new MatrixShape(rows, columns, rowStride));
  }

  @Test
  void shapesAreChecked() {
    assertMessage(
        "rows and columns must be at least 0 but are -1 and 2", () -> MatrixShape.of(-1, 2));
    assertMessage(
        "rows and columns must be at least 0 but are 1 and -2", () -> MatrixShape.of(1, -2));
    assertMessage(
        "rowStride must be at least columns, 3, but is 2", () -> new MatrixShape(1, 3, 2));
    assertMessage(
        "a matrix of 4294967296 rows with stride 4294967296 spans 2^63 elements or more",
        () -> new MatrixShape(1L << 32, 1, 1L << 32));
    assertEquals((1L << 62) + 1, new MatrixShape(2, 1, 1L << 62).span());
    assertEquals(Long.MAX_VALUE, MatrixShape.of(1, Long.MAX_VALUE).span());
  }

  @Test
  void spansHaveGapsBetweenRowsOnly() {
    assertEquals(2 * 7 + 4, new MatrixShape(3, 4, 7).span());
    assertEquals(0, new MatrixShape(0, 4, 7).span());
    assertEquals(0, new MatrixShape(3, 0, 7).span());
    assertTrue(new MatrixShape(1, 4, 7).isContiguous());
    assertFalse(new MatrixShape(2, 4, 7).isContiguous());
    assertEquals("[3 x 4, row stride 7]", new MatrixShape(3, 4, 7).toString());
    assertEquals("[3 x 4]", MatrixShape.of(3, 4).toString());
  }

  @Test
  void memoryMustHoldTheMatrix() {
    assertMessage(
        "segment must hold at least 18 for [3 x 4, row stride 7] but holds 17",
        () -> onHost(17, 3, 4, 7));
    assertMessage(
        "elements must hold at least 6 for [2 x 3] but holds 5",
        () -> new DeviceMatrix(new DeviceElements(ElementType.F16, 64, 5), MatrixShape.of(2, 3)));
    assertEquals(20, onHost(20, 3, 4, 7).elementCount());
    assertEquals(18, onHost(20, 3, 4, 7).span().count());
  }

  @Test
  void rowsArePartsOfTheSameMemory() {
    HostMatrix matrix = onHost(18, 3, 4, 7);
    HostMatrix last = matrix.rows(2, 1);
    assertEquals(14 * Float.BYTES, last.bytes().segment().address());
    assertEquals(16, last.bytes().byteSize());
    assertEquals(0, matrix.rows(3, 0).bytes().byteSize());
    assertMessage("from must be in [0, 3] but is 4", () -> matrix.rows(4, 0));
    assertMessage("count must be in [0, 1] but is 2", () -> matrix.rows(2, 2));
    DeviceMatrix device = Matrix.onDevice(ElementType.BF16, 256, new MatrixShape(3, 4, 7));
    assertEquals(256 + 2 * 7, device.rows(1, 2).address());
    assertEquals("bf16[3 x 4, row stride 7] at device address 0x100", device.toString());
  }

  @Test
  void onlyMatricesWithoutGapsAreReshaped() {
    assertEquals("f32[6 x 2]", onHost(12, 3, 4, 4).reshaped(6, 2).toString());
    assertMessage(
        "a matrix [3 x 4] cannot be reshaped to [5 x 2]", () -> onHost(12, 3, 4, 4).reshaped(5, 2));
    assertMessage(
        "a matrix [3 x 4, row stride 7] cannot be reshaped to [6 x 2]",
        () -> onHost(18, 3, 4, 7).reshaped(6, 2));
  }

  @Test
  void memoryOverlapsWhereBytesAreShared() {
    HostMatrix matrix = onHost(18, 3, 4, 7);
    assertTrue(matrix.bytes().overlaps(matrix.rows(1, 1).bytes()));
    assertFalse(matrix.rows(0, 1).bytes().overlaps(matrix.rows(1, 1).bytes()));
    assertTrue(matrix.bytes().beginsLike(matrix.rows(0, 2).bytes()));
    assertFalse(matrix.bytes().beginsLike(matrix.rows(1, 2).bytes()));
    assertFalse(matrix.bytes().overlaps(onHost(18, 3, 4, 7).bytes()));
    Bytes.OfDevice device = new Bytes.OfDevice(256, 16);
    assertFalse(device.overlaps(new Bytes.OfDevice(272, 16)));
    assertTrue(device.overlaps(new Bytes.OfDevice(271, 16)));
    assertTrue(device.beginsLike(new Bytes.OfDevice(256, 1)));
    assertFalse(device.overlaps(matrix.bytes()));
    assertEquals(new Bytes.OfDevice(260, 8), device.slice(4, 8));
    assertThrows(IndexOutOfBoundsException.class, () -> device.slice(4, 13));
    assertMessage("address must not be 0 for 3 bytes", () -> new Bytes.OfDevice(0, 3));
    assertMessage("byteSize must be at least 0 but is -1", () -> new Bytes.OfDevice(8, -1));
  }

  @Test
  void signBitsBeginAWordInEachRow() {
    assertEquals(3 * 8, Epilogue.signBytes(MatrixShape.of(3, 64)));
    assertEquals(3 * 16, Epilogue.signBytes(MatrixShape.of(3, 65)));
    assertEquals(0, Epilogue.signBytes(MatrixShape.of(0, 65)));
    assertEquals(0, Epilogue.groups(0));
    assertEquals(1, Epilogue.groups(32));
    assertEquals(2, Epilogue.groups(33));
  }
}
