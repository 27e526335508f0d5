package io.github.jdropout.backend.vector;

import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NEG;

import io.github.jdropout.backend.tiled.ActivationFunctions;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link ActivationFunctions} on tiles, to the same bits.
 *
 * <p>What several functions share is a loop of its own over arrays in the first-level cache, not a
 * method that takes vectors: such a one may not be inlined, and then they become objects. Where a
 * loop only adds and multiplies, C2 vectorises plain Java. The formulas are explained there; arrays
 * are a multiple of a vector long, and their ends may be overwritten.
 */
final class VectorActivations {
  private static final VectorSpecies<Float> FLOATS = Shapes.FLOATS;
  private static final int LENGTH = FLOATS.length();
  private static final float ROUNDER = 0x1.8p+23f;
  private static final int ROUNDER_BITS = 0x4B400000;
  private static final float LIMIT = 128;
  private static final float NORMAL_LIMIT = 16;

  private VectorActivations() {}

  static void signs(float[] values, int count, long[] words) {
    for (int from = 0; from < count; from += 64) {
      long zeros = 0;
      for (int i = 0; i < 64; i += LENGTH) {
        zeros |= FloatVector.fromArray(FLOATS, values, from + i).compare(LE, 0).toLong() << i;
      }
      words[from >>> 6] = ~zeros;
    }
  }

  static void gelu(float[] values, int count, float[][] scratch) {
    float[] normals = scratch[1];
    normals(values, scratch[0], normals, count);
    multiply(values, normals, count);
  }

  static void geluDerivative(float[] values, int count, float[][] scratch) {
    float[] powers = scratch[0];
    float[] normals = scratch[1];
    limit(values, count);
    normals(values, powers, normals, count);
    for (int i = 0; i < count; i++) {
      values[i] = normals[i] + values[i] * (powers[i] * 0x1.988454p-2f);
    }
  }

  static void geluTanh(float[] values, int count, float[][] scratch) {
    float[] logistics = scratch[0];
    float[] arguments = scratch[2];
    tanhArguments(values, arguments, count);
    logistics(arguments, logistics, scratch[1], count);
    multiply(values, logistics, count);
  }

  static void geluTanhDerivative(float[] values, int count, float[][] scratch) {
    float[] logistics = scratch[0];
    float[] complements = scratch[1];
    float[] arguments = scratch[2];
    limit(values, count);
    tanhArguments(values, arguments, count);
    logistics(arguments, logistics, complements, count);
    for (int i = 0; i < count; i++) {
      float slope = (values[i] * values[i]) * 0x1.b6676cp-3f + 0x1.988454p+0f;
      values[i] = logistics[i] + ((values[i] * logistics[i]) * complements[i]) * slope;
    }
  }

  static void silu(float[] values, int count, float[][] scratch) {
    float[] logistics = scratch[0];
    logistics(values, logistics, scratch[1], count);
    multiply(values, logistics, count);
  }

  static void siluDerivative(float[] values, int count, float[][] scratch) {
    float[] logistics = scratch[0];
    float[] complements = scratch[1];
    limit(values, count);
    logistics(values, logistics, complements, count);
    for (int i = 0; i < count; i++) {
      values[i] = logistics[i] + (values[i] * logistics[i]) * complements[i];
    }
  }

  private static void multiply(float[] values, float[] factors, int count) {
    for (int i = 0; i < count; i++) {
      values[i] *= factors[i];
    }
  }

  private static void tanhArguments(float[] values, float[] arguments, int count) {
    for (int i = 0; i < count; i++) {
      float x = values[i];
      arguments[i] = x * ((x * x) * 0x1.2444f2p-4f + 0x1.988454p+0f);
    }
  }

  /** Limits values to [-128, 128]; a NaN stays. */
  private static void limit(float[] values, int count) {
    for (int i = 0; i < count; i += LENGTH) {
      FloatVector x = FloatVector.fromArray(FLOATS, values, i);
      FloatVector lowered = x.blend(LIMIT, x.compare(GT, LIMIT));
      lowered.blend(-LIMIT, lowered.compare(LT, -LIMIT)).intoArray(values, i);
    }
  }

  /**
   * Writes the logistic function of arguments and that of their negatives.
   *
   * @param logistics must not be {@code arguments}
   */
  private static void logistics(
      float[] arguments, float[] logistics, float[] complements, int count) {
    for (int i = 0; i < count; i += LENGTH) {
      FloatVector size = FloatVector.fromArray(FLOATS, arguments, i).lanewise(ABS);
      size.blend(LIMIT, size.compare(GT, LIMIT)).lanewise(NEG).intoArray(logistics, i);
      FloatVector.zero(FLOATS).intoArray(complements, i);
    }
    exp(logistics, complements, logistics, count);
    for (int i = 0; i < count; i += LENGTH) {
      FloatVector power = FloatVector.fromArray(FLOATS, logistics, i);
      FloatVector larger = FloatVector.broadcast(FLOATS, 1).div(power.add(1));
      FloatVector smaller = power.mul(larger);
      VectorMask<Float> isNegative = FloatVector.fromArray(FLOATS, arguments, i).compare(LT, 0);
      larger.blend(smaller, isNegative).intoArray(logistics, i);
      smaller.blend(larger, isNegative).intoArray(complements, i);
    }
  }

  /** Writes the normal distribution at values, and exp(-x * x / 2). */
  private static void normals(float[] values, float[] powers, float[] normals, int count) {
    for (int i = 0; i < count; i += LENGTH) {
      FloatVector size = FloatVector.fromArray(FLOATS, values, i).lanewise(ABS);
      FloatVector a = size.blend(NORMAL_LIMIT, size.compare(GT, NORMAL_LIMIT));
      FloatVector upper = a.reinterpretAsInts().and(-4096).reinterpretAsFloats();
      upper.mul(upper).mul(-0.5f).intoArray(powers, i);
      a.sub(upper).mul(a.add(upper)).mul(-0.5f).intoArray(normals, i);
    }
    exp(powers, normals, powers, count);
    for (int i = 0; i < count; i += LENGTH) {
      FloatVector x = FloatVector.fromArray(FLOATS, values, i);
      FloatVector size = x.lanewise(ABS);
      FloatVector a = size.blend(NORMAL_LIMIT, size.compare(GT, NORMAL_LIMIT));
      FloatVector one = FloatVector.broadcast(FLOATS, 1);
      FloatVector t = one.div(a.mul(0x1.333334p-2f).add(one));
      FloatVector q = t.mul(-0x1.5200cp-6f).add(0x1.ccb01ap-4f);
      q = q.mul(t).sub(0x1.d390f4p-3f);
      q = q.mul(t).add(0x1.8907e6p-3f);
      q = q.mul(t).sub(0x1.45c344p-4f);
      q = q.mul(t).add(0x1.8a1b86p-4f);
      q = q.mul(t).add(0x1.40fe68p-4f);
      q = q.mul(t).add(0x1.c38b6cp-4f);
      q = q.mul(t).add(0x1.e9c37cp-4f);
      q = q.mul(t).add(0x1.ea3ca2p-4f);
      FloatVector tail = q.mul(t).mul(FloatVector.fromArray(FLOATS, powers, i));
      one.sub(tail).blend(tail, x.compare(LT, 0)).intoArray(normals, i);
    }
  }

  /** Writes exp(high + low); {@code powers} may be either. */
  private static void exp(float[] high, float[] low, float[] powers, int count) {
    for (int i = 0; i < count; i += LENGTH) {
      FloatVector h = FloatVector.fromArray(FLOATS, high, i);
      FloatVector shifted = h.mul(0x1.715476p+0f).add(ROUNDER);
      FloatVector n = shifted.sub(ROUNDER);
      FloatVector r =
          h.sub(n.mul(0x1.63p-1f))
              .sub(n.mul(-0x1.bd0106p-13f))
              .add(FloatVector.fromArray(FLOATS, low, i));
      FloatVector q = r.mul(0x1.6a23bcp-10f).add(0x1.123a1ep-7f);
      q = q.mul(r).add(0x1.5558f4p-5f);
      q = q.mul(r).add(0x1.555492p-3f);
      q = q.mul(r).add(0x1.fffffcp-2f);
      FloatVector power = q.mul(r.mul(r)).add(r).add(1);
      IntVector exponent = shifted.reinterpretAsInts().sub(ROUNDER_BITS);
      IntVector half = exponent.lanewise(ASHR, 1);
      FloatVector first = half.add(127).lanewise(LSHL, 23).reinterpretAsFloats();
      FloatVector second = exponent.sub(half).add(127).lanewise(LSHL, 23).reinterpretAsFloats();
      power.mul(first).mul(second).intoArray(powers, i);
    }
  }
}
