package io.github.jdropout.backend.vector;

import static io.github.jdropout.backend.tiled.ActivationFunctions.EXP_2;
import static io.github.jdropout.backend.tiled.ActivationFunctions.EXP_3;
import static io.github.jdropout.backend.tiled.ActivationFunctions.EXP_4;
import static io.github.jdropout.backend.tiled.ActivationFunctions.EXP_5;
import static io.github.jdropout.backend.tiled.ActivationFunctions.EXP_6;
import static io.github.jdropout.backend.tiled.ActivationFunctions.HIGHEST;
import static io.github.jdropout.backend.tiled.ActivationFunctions.LIMIT;
import static io.github.jdropout.backend.tiled.ActivationFunctions.LN2_HIGH;
import static io.github.jdropout.backend.tiled.ActivationFunctions.LN2_LOW;
import static io.github.jdropout.backend.tiled.ActivationFunctions.LOWEST;
import static io.github.jdropout.backend.tiled.ActivationFunctions.NORMAL_LOWEST;
import static io.github.jdropout.backend.tiled.ActivationFunctions.ROUNDER;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.jdropout.backend.tiled.ActivationFunctions;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link ActivationFunctions} on tiles, to the same bits.
 *
 * <p>What several functions share is a loop of its own over arrays in the first-level cache, not a
 * method that takes vectors: such a one may not be inlined, and then they become objects. Where a
 * loop only adds and multiplies, C2 vectorises plain Java. The formulas are explained in {@link
 * ActivationFunctions}; arrays are a multiple of a vector long, and their ends may be overwritten.
 */
final class VectorActivations {
  private static final VectorSpecies<Float> FLOATS = Shapes.FLOATS;
  private static final int LENGTH = FLOATS.length();

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
    float[] bounded = scratch[0];
    float[] tails = scratch[2];
    tails(values, bounded, scratch[1], tails, count);
    for (int i = 0; i < count; i += LENGTH) {
      FloatVector x = FloatVector.fromArray(FLOATS, values, i);
      FloatVector raised = x.blend(0, x.compare(LT, 0));
      FloatVector.fromArray(FLOATS, bounded, i)
          .fma(FloatVector.fromArray(FLOATS, tails, i), raised)
          .intoArray(values, i);
    }
  }

  static void geluDerivative(float[] values, int count, float[][] scratch) {
    float[] powers = scratch[1];
    float[] tails = scratch[2];
    limit(values, -LIMIT, LIMIT, values, count);
    tails(values, scratch[0], powers, tails, count);
    for (int i = 0; i < count; i += LENGTH) {
      FloatVector x = FloatVector.fromArray(FLOATS, values, i);
      FloatVector tail = FloatVector.fromArray(FLOATS, tails, i);
      FloatVector normal = FloatVector.broadcast(FLOATS, 1).sub(tail).blend(tail, x.compare(LT, 0));
      x.fma(FloatVector.fromArray(FLOATS, powers, i).mul(0x1.988454p-2f), normal)
          .intoArray(values, i);
    }
  }

  static void geluTanh(float[] values, int count, float[][] scratch) {
    float[] arguments = scratch[0];
    limit(values, LOWEST, Float.POSITIVE_INFINITY, values, count);
    tanhArguments(values, arguments, count);
    gate(values, arguments, scratch[1], scratch[2], count);
  }

  static void geluTanhDerivative(float[] values, int count, float[][] scratch) {
    float[] arguments = scratch[0];
    limit(values, -LIMIT, LIMIT, values, count);
    tanhArguments(values, arguments, count);
    cubic(values, 0x1.b6676cp-3f, values, count);
    gateDerivative(values, arguments, scratch[1], scratch[2], count);
  }

  static void silu(float[] values, int count, float[][] scratch) {
    float[] arguments = scratch[0];
    limit(values, LOWEST, Float.POSITIVE_INFINITY, values, count);
    limit(values, LOWEST, HIGHEST, arguments, count);
    gate(values, arguments, scratch[1], scratch[2], count);
  }

  static void siluDerivative(float[] values, int count, float[][] scratch) {
    limit(values, LOWEST, HIGHEST, values, count);
    gateDerivative(values, values, scratch[1], scratch[2], count);
  }

  /** Limits values from both sides; a NaN stays. */
  private static void limit(float[] values, float lowest, float highest, float[] to, int count) {
    for (int i = 0; i < count; i += LENGTH) {
      FloatVector x = FloatVector.fromArray(FLOATS, values, i);
      FloatVector raised = x.blend(lowest, x.compare(LT, lowest));
      raised.blend(highest, raised.compare(GT, highest)).intoArray(to, i);
    }
  }

  private static void tanhArguments(float[] values, float[] arguments, int count) {
    cubic(values, 0x1.2444f2p-4f, arguments, count);
    limit(arguments, LOWEST, HIGHEST, arguments, count);
  }

  /** Writes x * (sqrt(8 / pi) + factor * x^2): an argument, or x times its derivative. */
  private static void cubic(float[] values, float factor, float[] to, int count) {
    for (int i = 0; i < count; i += LENGTH) {
      FloatVector x = FloatVector.fromArray(FLOATS, values, i);
      x.mul(x)
          .fma(FloatVector.broadcast(FLOATS, factor), FloatVector.broadcast(FLOATS, 0x1.988454p+0f))
          .mul(x)
          .intoArray(to, i);
    }
  }

  /** Multiplies values by the logistic function of arguments. */
  private static void gate(
      float[] values, float[] arguments, float[] powers, float[] scales, int count) {
    expOfMinus(arguments, powers, scales, count);
    for (int i = 0; i < count; i++) {
      values[i] *= 1 / (powers[i] + 1);
    }
  }

  /**
   * Replaces values by the derivative of {@link #gate}; they have been multiplied by that of the
   * arguments.
   */
  private static void gateDerivative(
      float[] values, float[] arguments, float[] powers, float[] scales, int count) {
    expOfMinus(arguments, powers, scales, count);
    for (int i = 0; i < count; i += LENGTH) {
      FloatVector power = FloatVector.fromArray(FLOATS, powers, i);
      FloatVector one = FloatVector.broadcast(FLOATS, 1);
      FloatVector logistic = one.div(power.add(1));
      FloatVector complement =
          power
              .mul(logistic)
              .blend(one.sub(logistic), FloatVector.fromArray(FLOATS, arguments, i).compare(LT, 0));
      FloatVector.fromArray(FLOATS, values, i)
          .mul(logistic)
          .fma(complement, logistic)
          .intoArray(values, i);
    }
  }

  /** Writes -|x|, limited from below, exp(-x * x / 2), and the normal distribution at -|x|. */
  private static void tails(
      float[] values, float[] bounded, float[] powers, float[] tails, int count) {
    for (int i = 0; i < count; i += LENGTH) {
      FloatVector minusAbsolute =
          FloatVector.fromArray(FLOATS, values, i)
              .reinterpretAsInts()
              .or(Integer.MIN_VALUE)
              .reinterpretAsFloats();
      FloatVector b = minusAbsolute.blend(NORMAL_LOWEST, minusAbsolute.compare(LT, NORMAL_LOWEST));
      FloatVector shifted = b.mul(-0x1.715476p-1f).fma(b, FloatVector.broadcast(FLOATS, ROUNDER));
      FloatVector minusN = shifted.sub(ROUNDER);
      b.intoArray(bounded, i);
      minusN
          .fma(FloatVector.broadcast(FLOATS, 2 * LN2_LOW), b.fma(b, minusN.mul(2 * LN2_HIGH)))
          .mul(0.5f)
          .intoArray(powers, i);
      shifted.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats().intoArray(tails, i);
    }
    expOfRests(powers, tails, powers, count);
    for (int i = 0; i < count; i += LENGTH) {
      FloatVector b = FloatVector.fromArray(FLOATS, bounded, i);
      FloatVector p = FloatVector.broadcast(FLOATS, 0x1.0cc48ap-8f);
      p = p.fma(b, FloatVector.broadcast(FLOATS, -0x1.4c0704p-5f));
      p = p.fma(b, FloatVector.broadcast(FLOATS, 0x1.76a49cp-3f));
      p = p.fma(b, FloatVector.broadcast(FLOATS, -0x1.c064e4p-2f));
      p = p.fma(b, FloatVector.broadcast(FLOATS, 0.5f));
      FloatVector q = FloatVector.broadcast(FLOATS, -0x1.50d8aap-7f);
      q = q.fma(b, FloatVector.broadcast(FLOATS, 0x1.a02962p-4f));
      q = q.fma(b, FloatVector.broadcast(FLOATS, -0x1.dfea84p-2f));
      q = q.fma(b, FloatVector.broadcast(FLOATS, 0x1.338486p+0f));
      q = q.fma(b, FloatVector.broadcast(FLOATS, -0x1.ac74a2p+0f));
      q = q.fma(b, FloatVector.broadcast(FLOATS, 1));
      p.mul(FloatVector.broadcast(FLOATS, 1).div(q))
          .mul(FloatVector.fromArray(FLOATS, powers, i))
          .intoArray(tails, i);
    }
  }

  /** Writes exp(-argument), of arguments within the limits; {@code scales} is for its own use. */
  private static void expOfMinus(float[] arguments, float[] powers, float[] scales, int count) {
    for (int i = 0; i < count; i += LENGTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, arguments, i);
      FloatVector shifted =
          v.fma(
              FloatVector.broadcast(FLOATS, -0x1.715476p+0f),
              FloatVector.broadcast(FLOATS, ROUNDER));
      FloatVector minusN = shifted.sub(ROUNDER);
      FloatVector high = minusN.fma(FloatVector.broadcast(FLOATS, LN2_HIGH), v);
      minusN.fma(FloatVector.broadcast(FLOATS, LN2_LOW), high).intoArray(powers, i);
      shifted.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats().intoArray(scales, i);
    }
    expOfRests(powers, scales, powers, count);
  }

  /** Writes exp(-rest) times a scale; {@code powers} may be either. */
  private static void expOfRests(float[] rests, float[] scales, float[] powers, int count) {
    for (int i = 0; i < count; i += LENGTH) {
      FloatVector rest = FloatVector.fromArray(FLOATS, rests, i);
      FloatVector q = FloatVector.broadcast(FLOATS, EXP_6);
      q = q.fma(rest, FloatVector.broadcast(FLOATS, EXP_5));
      q = q.fma(rest, FloatVector.broadcast(FLOATS, EXP_4));
      q = q.fma(rest, FloatVector.broadcast(FLOATS, EXP_3));
      q = q.fma(rest, FloatVector.broadcast(FLOATS, EXP_2));
      q = q.fma(rest, FloatVector.broadcast(FLOATS, -1));
      q.fma(rest, FloatVector.broadcast(FLOATS, 1))
          .mul(FloatVector.fromArray(FLOATS, scales, i))
          .intoArray(powers, i);
    }
  }
}
