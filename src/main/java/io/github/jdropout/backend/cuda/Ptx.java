package io.github.jdropout.backend.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The kernels' PTX, which the driver compiles for the card at hand and keeps. */
final class Ptx {
  private static final int AMPERE = 80;

  private static final String FOLDER = "/io/github/jdropout/cuda/";

  private Ptx() {}

  /**
   * Returns an operator's PTX, in native memory, with a zero byte at its end.
   *
   * @param capability the device's compute capability times 10, for example 89
   */
  static MemorySegment read(Operator operator, int capability, Arena arena) {
    String name =
        operator.file()
            + (capability < AMPERE ? ".compute_" + CudaProbe.MIN_CAPABILITY : ".compute_" + AMPERE)
            + ".ptx";
    try (InputStream stream = Ptx.class.getResourceAsStream(FOLDER + name)) {
      if (stream == null) {
        throw new IllegalStateException("this build has no " + FOLDER + name);
      }
      byte[] text = stream.readAllBytes();
      MemorySegment image = arena.allocate(text.length + 1);
      MemorySegment.copy(MemorySegment.ofArray(text), 0, image, 0, text.length);
      return image;
    } catch (IOException e) {
      throw new IllegalStateException("cannot read " + FOLDER + name, e);
    }
  }
}
