package io.github.jdropout.backend.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.IS_NAN;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.NEG;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.DropoutBackend;
import io.github.jdropout.backend.EpilogueBackend;
import io.github.jdropout.backend.tiled.Bfloat16;
import io.github.jdropout.backend.tiled.FusedMultiplyAdd;
import io.github.jdropout.backend.tiled.ScalarActivations;
import io.github.jdropout.backend.tiled.TileKernels;
import io.github.jdropout.backend.tiled.TiledBackend;
import io.github.jdropout.backend.tiled.TiledEpilogues;
import io.github.jdropout.spec.Activation;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The mask contract in the Vector API; {@link KeepBits} draws the bits, this class applies them.
 *
 * <p>A lane's bit becomes all its bits by shifts, and selects by AND, which makes a dropped NaN +0.
 * Vector masks would say the same, but have no instructions for two lanes on x86 without AVX-512
 * and fall to objects there, 40 times slower.
 */
public final class VectorKernels implements TileKernels {
  private static final VectorSpecies<Float> FLOATS = Shapes.FLOATS;
  private static final VectorSpecies<Double> DOUBLES = Shapes.DOUBLES;
  private static final VectorSpecies<Integer> INTS = Shapes.INTS;
  private static final VectorSpecies<Long> LONGS = Shapes.LONGS;
  private static final VectorSpecies<Short> SHORTS = Shapes.SHORTS;

  /** Lane i of the ints: the shift that brings bit i to the top. */
  private static final int[] TO_TOP = descending(31, 1);

  /** The same for bits 2i and 2i + 1: an int holds two 16-bit elements. */
  private static final int[] EVEN_TO_TOP = descending(31, 2);

  private static final int[] ODD_TO_TOP = descending(30, 2);
  private static final long[] IOTA = {0, 1, 2, 3, 4, 5, 6, 7};
  private static final int UPPER_HALF = 0xFFFF0000;

  private VectorKernels() {}

  /** Returns the backend; {@link VectorSupport#probe()} tells whether it can run. */
  public static DropoutBackend backend() {
    return new TiledBackend(BackendId.VECTOR, describe(), new VectorKernels());
  }

  /** Returns the epilogues of layers, which run where {@link #backend} does. */
  public static EpilogueBackend epilogues() {
    return new TiledEpilogues(new VectorKernels());
  }

  /** Returns one line for people; fails as the Vector API does where it is missing. */
  static String describe() {
    return Shapes.SHAPE.vectorBitSize() + "-bit vectors of jdk.incubator.vector";
  }

  @Override
  public void expandKey(long seed, int threshold, long[] expanded) {
    KeepBits.expandKey(seed, threshold, expanded);
  }

  @Override
  public void keepBits(
      long[] expandedKey, long stream, long firstWord, long[] words, int wordCount) {
    KeepBits.fill(expandedKey, stream, firstWord, words, wordCount);
  }

  private static int[] descending(int from, int step) {
    int[] values = new int[16];
    for (int lane = 0; lane < values.length; lane++) {
      values[lane] = from - step * lane;
    }
    return values;
  }

  @Override
  public void applyF32(
      long[] words,
      float scale,
      float[] input,
      int inputOffset,
      float[] output,
      int outputOffset,
      int count) {
    IntVector toTop = IntVector.fromArray(INTS, TO_TOP, 0);
    int i = 0;
    for (; i < FLOATS.loopBound(count); i += FLOATS.length()) {
      IntVector keep =
          IntVector.broadcast(INTS, (int) (words[i >>> 6] >>> i))
              .lanewise(LSHL, toTop)
              .lanewise(ASHR, 31);
      FloatVector.fromArray(FLOATS, input, inputOffset + i)
          .mul(scale)
          .reinterpretAsInts()
          .and(keep)
          .reinterpretAsFloats()
          .intoArray(output, outputOffset + i);
    }
    for (; i < count; i++) {
      output[outputOffset + i] = isKept(words, i) ? input[inputOffset + i] * scale : 0;
    }
  }

  @Override
  public void applyF64(
      long[] words,
      double scale,
      double[] input,
      int inputOffset,
      double[] output,
      int outputOffset,
      int count) {
    LongVector iota = LongVector.fromArray(LONGS, IOTA, 0);
    int i = 0;
    for (; i < DOUBLES.loopBound(count); i += DOUBLES.length()) {
      // AVX2 has no arithmetic shift of 64-bit lanes; negating a single bit fills the lane as well.
      LongVector keep =
          LongVector.broadcast(LONGS, words[i >>> 6] >>> i)
              .lanewise(LSHR, iota)
              .and(1L)
              .lanewise(NEG);
      DoubleVector.fromArray(DOUBLES, input, inputOffset + i)
          .mul(scale)
          .reinterpretAsLongs()
          .and(keep)
          .reinterpretAsDoubles()
          .intoArray(output, outputOffset + i);
    }
    for (; i < count; i++) {
      output[outputOffset + i] = isKept(words, i) ? input[inputOffset + i] * scale : 0;
    }
  }

  /**
   * The Vector API has no binary16, but C2 vectorises plain conversion loops, if they go from an
   * array of one type to one of another: then it knows that the two do not overlap.
   */
  @Override
  public void applyF16(
      long[] words,
      float scale,
      short[] input,
      int inputOffset,
      short[] output,
      int outputOffset,
      int count,
      float[] scratch) {
    for (int i = 0; i < count; i++) {
      scratch[i] = Float.float16ToFloat(input[inputOffset + i]);
    }
    applyF32(words, scale, scratch, 0, scratch, 0, count);
    for (int i = 0; i < count; i++) {
      output[outputOffset + i] = Float.floatToFloat16(scratch[i]);
    }
  }

  @Override
  public void applyBf16(
      long[] words,
      float scale,
      short[] input,
      int inputOffset,
      short[] output,
      int outputOffset,
      int count) {
    IntVector evenToTop = IntVector.fromArray(INTS, EVEN_TO_TOP, 0);
    IntVector oddToTop = IntVector.fromArray(INTS, ODD_TO_TOP, 0);
    int i = 0;
    for (; i < SHORTS.loopBound(count); i += SHORTS.length()) {
      // A bfloat16 is the upper half of a float: two elements of an int are two floats.
      IntVector pairs = ShortVector.fromArray(SHORTS, input, inputOffset + i).reinterpretAsInts();
      FloatVector even = pairs.lanewise(LSHL, 16).reinterpretAsFloats().mul(scale);
      FloatVector odd = pairs.and(UPPER_HALF).reinterpretAsFloats().mul(scale);
      IntVector bits = IntVector.broadcast(INTS, (int) (words[i >>> 6] >>> i));
      // Rounding as in Bfloat16.fromFloat. A NaN keeps its bits, whose upper half is a NaN because
      // the multiplication has made it quiet. Written out twice: a method that takes vectors may
      // not be inlined, and then they become objects.
      IntVector evenBits = even.reinterpretAsInts();
      IntVector oddBits = odd.reinterpretAsInts();
      IntVector evenRounded =
          evenBits
              .add(evenBits.lanewise(LSHR, 16).and(1))
              .add(0x7FFF)
              .blend(evenBits, even.test(IS_NAN).cast(INTS))
              .and(bits.lanewise(LSHL, evenToTop).lanewise(ASHR, 31));
      IntVector oddRounded =
          oddBits
              .add(oddBits.lanewise(LSHR, 16).and(1))
              .add(0x7FFF)
              .blend(oddBits, odd.test(IS_NAN).cast(INTS))
              .and(bits.lanewise(LSHL, oddToTop).lanewise(ASHR, 31));
      evenRounded
          .lanewise(LSHR, 16)
          .or(oddRounded.and(UPPER_HALF))
          .reinterpretAsShorts()
          .intoArray(output, outputOffset + i);
    }
    for (; i < count; i++) {
      float product = Bfloat16.toFloat(input[inputOffset + i]) * scale;
      output[outputOffset + i] = isKept(words, i) ? Bfloat16.fromFloat(product) : 0;
    }
  }

  @Override
  public void signs(float[] values, int count, long[] words) {
    VectorActivations.signs(values, count, words);
  }

  @Override
  public void activation(Activation activation, float[] values, int count, float[][] scratch) {
    if (!FusedMultiplyAdd.isHardware()) {
      ScalarActivations.activation(activation, values, count);
      return;
    }
    switch (activation) {
      case GELU -> VectorActivations.gelu(values, count, scratch);
      case GELU_TANH -> VectorActivations.geluTanh(values, count, scratch);
      case SILU -> VectorActivations.silu(values, count, scratch);
      case IDENTITY, RELU -> throw new IllegalArgumentException(activation.label());
    }
  }

  @Override
  public void derivative(Activation activation, float[] values, int count, float[][] scratch) {
    if (!FusedMultiplyAdd.isHardware()) {
      ScalarActivations.derivative(activation, values, count);
      return;
    }
    switch (activation) {
      case GELU -> VectorActivations.geluDerivative(values, count, scratch);
      case GELU_TANH -> VectorActivations.geluTanhDerivative(values, count, scratch);
      case SILU -> VectorActivations.siluDerivative(values, count, scratch);
      case IDENTITY, RELU -> throw new IllegalArgumentException(activation.label());
    }
  }

  private static boolean isKept(long[] words, int element) {
    return (words[element >>> 6] >>> element & 1) != 0;
  }
}
