package io.github.jdropout.backend.vector;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector width, one for all kernels.
 *
 * <p>It is fixed when this class is initialised, because C2 makes instructions of vector operations
 * only where the species is a constant.
 */
final class Shapes {
  /** System property for the width in bits: 128, 256 or 512; unset takes the platform's own. */
  static final String PROPERTY = "jdropout.vector.bits";

  static final VectorShape SHAPE = chosen();
  static final VectorSpecies<Long> LONGS = LongVector.SPECIES_MAX.withShape(SHAPE);
  static final VectorSpecies<Integer> INTS = IntVector.SPECIES_MAX.withShape(SHAPE);
  static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_MAX.withShape(SHAPE);
  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_MAX.withShape(SHAPE);
  static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_MAX.withShape(SHAPE);

  private Shapes() {}

  private static VectorShape chosen() {
    String bits = System.getProperty(PROPERTY);
    return switch (bits) {
      case null -> preferred();
      case "128" -> VectorShape.S_128_BIT;
      case "256" -> VectorShape.S_256_BIT;
      case "512" -> VectorShape.S_512_BIT;
      default ->
          throw new IllegalArgumentException(
              "-D" + PROPERTY + " must be 128, 256 or 512 but is " + bits);
    };
  }

  /** Returns why vectors of this width do not become instructions here, or null if they do. */
  static String obstacle() {
    int bits = LongVector.SPECIES_PREFERRED.vectorBitSize();
    if (bits < SHAPE.vectorBitSize()) {
      return "this processor's vectors have " + bits + " bits";
    }
    // Shifts by a count for each lane came with AVX2; the kernels are made of them.
    boolean isX86 = System.getProperty("os.arch").matches("amd64|x86_64|x86|i386");
    return isX86 && bits < 256 ? "this processor has no AVX2" : null;
  }

  /** The kernels lay bits out for two to eight 64-bit lanes; wider vectors use eight. */
  private static VectorShape preferred() {
    int bits = Math.clamp(LongVector.SPECIES_PREFERRED.vectorBitSize(), 128, 512);
    return VectorShape.forBitSize(Integer.highestOneBit(bits));
  }
}
