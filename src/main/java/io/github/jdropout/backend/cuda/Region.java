package io.github.jdropout.backend.cuda;

import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.MatrixShape;

/** Memory of an argument; empty for one that is missing. */
record Region(String name, long address, long bytes) {
  static Region of(String name, DeviceMatrix matrix) {
    return of(name, matrix == null ? null : matrix.span());
  }

  static Region of(String name, DeviceElements elements) {
    return elements == null
        ? new Region(name, 0, 0)
        : new Region(name, elements.address(), elements.byteSize());
  }

  static Region of(String name, Bytes.OfDevice bytes) {
    return bytes == null
        ? new Region(name, 0, 0)
        : new Region(name, bytes.address(), bytes.byteSize());
  }

  /** Only what the call touches. */
  static Region ofSigns(Bytes.OfDevice signs, MatrixShape shape) {
    return signs == null
        ? new Region("signs", 0, 0)
        : new Region("signs", signs.address(), Epilogue.signBytes(shape));
  }

  boolean overlaps(Region other) {
    return bytes != 0
        && other.bytes != 0
        && Long.compareUnsigned(address, other.address + other.bytes) < 0
        && Long.compareUnsigned(other.address, address + bytes) < 0;
  }

  void checkApart(Region other) {
    if (overlaps(other)) {
      throw new IllegalArgumentException(name + " must not overlap " + other.name);
    }
  }
}
