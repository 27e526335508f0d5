package io.github.jdropout;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.DropoutBackend;
import io.github.jdropout.spec.CallChecks;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.PackedMask;
import java.util.Objects;

/**
 * Dropout with one mask everywhere: drops each element with probability p and scales the rest.
 *
 * <p>Whether an element is kept depends on the key's seed and stream, the element's index and p,
 * and on nothing else: every backend, thread count, slice and shard gives the same bits. No mask is
 * stored; {@link #backward backward} computes it again from the key of the forward call.
 *
 * <pre>{@code
 * Dropout dropout = Dropout.of(0.1);
 * MaskKey key = new MaskKey(seed, stream);
 * dropout.forward(x, y, key);
 * dropout.backward(gradY, gradX, key);
 * }</pre>
 *
 * <p>Element e of a call has the global index {@code firstIndex + e}, where {@code firstIndex} is 0
 * unless given; pass it to compute a slice or a shard of a larger tensor. Input and output may be
 * the same place; they must not overlap otherwise. All arguments are checked before anything is
 * written. A dropped element is +0, also where it was NaN or infinite. With {@code p == 0} the
 * output has the input's bits, with {@code p == 1} it is all +0.
 *
 * <p>A call returns when the output is complete; several threads may have worked on it. Memory must
 * not be freed or closed during a call, which then throws what the memory throws and leaves the
 * output undefined.
 *
 * <p>For Monte-Carlo dropout call {@code forward} at inference, with a stream for each sample.
 *
 * <p>A null argument throws a {@link NullPointerException} with the argument's name.
 *
 * <p>Immutable and safe for use by several threads.
 */
public final class Dropout {
  private final DropoutSpec spec;
  private final DropoutBackend backend;

  private Dropout(DropoutSpec spec, DropoutBackend backend) {
    this.spec = Objects.requireNonNull(spec, "spec");
    this.backend = backend;
  }

  /**
   * Returns inverted dropout on the backend that {@link DropoutBackends#select()} chooses.
   *
   * @param p probability of <em>dropping</em> an element, in [0, 1]
   * @throws IllegalArgumentException if {@code p} is NaN or outside [0, 1], or {@value
   *     DropoutBackends#PROPERTY} names no backend
   * @throws io.github.jdropout.spec.BackendUnavailableException if that property names a backend
   *     that cannot run here
   */
  public static Dropout of(double p) {
    return of(DropoutSpec.of(p));
  }

  /**
   * Returns dropout on the backend that {@link DropoutBackends#select()} chooses.
   *
   * @throws IllegalArgumentException if {@value DropoutBackends#PROPERTY} names no backend
   * @throws io.github.jdropout.spec.BackendUnavailableException if it names one that cannot run
   *     here
   */
  public static Dropout of(DropoutSpec spec) {
    return new Dropout(spec, DropoutBackends.select());
  }

  /**
   * Returns dropout on a backend of the caller's choice.
   *
   * @throws io.github.jdropout.spec.BackendUnavailableException if it cannot run here
   */
  public static Dropout of(DropoutSpec spec, BackendId backend) {
    return new Dropout(spec, DropoutBackends.get(backend));
  }

  /**
   * Returns dropout on a backend that the caller has, for example of another GPU than the first.
   *
   * @see io.github.jdropout.backend.cuda.CudaSupport#backend(
   *     io.github.jdropout.backend.cuda.CudaDevice)
   */
  public static Dropout on(DropoutSpec spec, DropoutBackend backend) {
    return new Dropout(spec, Objects.requireNonNull(backend, "backend"));
  }

  /** Returns the probability and the scaling. */
  public DropoutSpec spec() {
    return spec;
  }

  /** Returns the backend that computes. */
  public DropoutBackend backend() {
    return backend;
  }

  /** Returns the drop probability that is realised, see {@link DropoutSpec#effectiveP()}. */
  public double effectiveP() {
    return spec.effectiveP();
  }

  /** Returns the factor of kept elements while training, see {@link DropoutSpec#scale()}. */
  public double scale() {
    return spec.scale();
  }

  /**
   * Drops elements of a whole array.
   *
   * @param input not modified unless it is also {@code output}
   * @param output of the same length; may be {@code input}
   * @throws IllegalArgumentException if the lengths differ
   */
  public void forward(float[] input, float[] output, MaskKey key) {
    Objects.requireNonNull(input, "input");
    Objects.requireNonNull(output, "output");
    Objects.requireNonNull(key, "key");
    CallChecks.checkCounts("input", input.length, "output", output.length);
    backend.forward(spec, key, input, output);
  }

  /** Drops elements of a whole array, see {@link #forward(float[], float[], MaskKey)}. */
  public void forward(double[] input, double[] output, MaskKey key) {
    Objects.requireNonNull(input, "input");
    Objects.requireNonNull(output, "output");
    Objects.requireNonNull(key, "key");
    CallChecks.checkCounts("input", input.length, "output", output.length);
    backend.forward(spec, key, input, output);
  }

  /**
   * Drops elements, the first of which has global index 0.
   *
   * @throws IllegalArgumentException as {@link #forward(Elements, Elements, MaskKey, long)}
   */
  public void forward(Elements input, Elements output, MaskKey key) {
    forward(input, output, key, 0);
  }

  /**
   * Drops each element with probability p and scales the rest.
   *
   * @param input not modified unless it is also {@code output}
   * @param output of the same type and count; may be {@code input}'s place
   * @param key selects the mask
   * @param firstIndex global index of the first element, in [0, 2^63 - count]
   * @throws IllegalArgumentException if types or counts differ, the two overlap without being the
   *     same place, memory is closed, read-only or another thread's, or {@code firstIndex} is
   *     outside its range
   */
  public void forward(Elements input, Elements output, MaskKey key, long firstIndex) {
    drop("input", input, "output", output, key, firstIndex);
  }

  /**
   * Drops elements of a whole tensor with decisions shared along axes.
   *
   * @param shape shapes of the whole tensor and its mask
   * @throws IllegalArgumentException as {@link #forward(Elements, Elements, MaskKey, long)}, or if
   *     the shape has another number of elements
   */
  public void forward(Elements input, Elements output, MaskKey key, MaskShape shape) {
    checkWhole("input", input, shape);
    dropShared("input", input, "output", output, key, shape, 0);
  }

  /**
   * Drops a range of a tensor with decisions shared along axes.
   *
   * @param input elements {@code firstIndex} to {@code firstIndex + count - 1} of the tensor
   * @param output of the same type and count; may be {@code input}'s place
   * @param key selects the mask
   * @param shape shapes of the whole tensor and its mask
   * @param firstIndex index of the first element in the tensor, in [0, elements - count]
   * @throws IllegalArgumentException as {@link #forward(Elements, Elements, MaskKey, long)}, or if
   *     the range leaves the tensor
   */
  public void forward(
      Elements input, Elements output, MaskKey key, MaskShape shape, long firstIndex) {
    dropShared("input", input, "output", output, key, shape, firstIndex);
  }

  /**
   * Computes the gradient of a whole array, with the mask of the forward call that had this key.
   *
   * @param gradOutput gradient with respect to the forward call's output
   * @param gradInput receives the gradient with respect to its input; may be {@code gradOutput}
   * @throws IllegalArgumentException if the lengths differ
   */
  public void backward(float[] gradOutput, float[] gradInput, MaskKey key) {
    Objects.requireNonNull(gradOutput, "gradOutput");
    Objects.requireNonNull(gradInput, "gradInput");
    Objects.requireNonNull(key, "key");
    CallChecks.checkCounts("gradOutput", gradOutput.length, "gradInput", gradInput.length);
    backend.forward(spec, key, gradOutput, gradInput);
  }

  /** Computes the gradient of a whole array, see {@link #backward(float[], float[], MaskKey)}. */
  public void backward(double[] gradOutput, double[] gradInput, MaskKey key) {
    Objects.requireNonNull(gradOutput, "gradOutput");
    Objects.requireNonNull(gradInput, "gradInput");
    Objects.requireNonNull(key, "key");
    CallChecks.checkCounts("gradOutput", gradOutput.length, "gradInput", gradInput.length);
    backend.forward(spec, key, gradOutput, gradInput);
  }

  /**
   * Computes the gradient of elements, the first of which has global index 0.
   *
   * @throws IllegalArgumentException as {@link #forward(Elements, Elements, MaskKey, long)}
   */
  public void backward(Elements gradOutput, Elements gradInput, MaskKey key) {
    backward(gradOutput, gradInput, key, 0);
  }

  /**
   * Computes the gradient: the function of {@link #forward(Elements, Elements, MaskKey, long)}
   * applied to {@code gradOutput}, with the same key and index.
   *
   * @param gradOutput gradient with respect to the forward call's output
   * @param gradInput receives the gradient with respect to its input; may be the same place
   * @throws IllegalArgumentException as the forward call
   */
  public void backward(Elements gradOutput, Elements gradInput, MaskKey key, long firstIndex) {
    drop("gradOutput", gradOutput, "gradInput", gradInput, key, firstIndex);
  }

  /**
   * Computes the gradient of a whole tensor with decisions shared along axes.
   *
   * @param shape shapes of the whole tensor and its mask
   * @throws IllegalArgumentException as {@link #forward(Elements, Elements, MaskKey, long)}, or if
   *     the shape has another number of elements
   */
  public void backward(Elements gradOutput, Elements gradInput, MaskKey key, MaskShape shape) {
    checkWhole("gradOutput", gradOutput, shape);
    dropShared("gradOutput", gradOutput, "gradInput", gradInput, key, shape, 0);
  }

  /**
   * Computes the gradient of a range of a tensor with decisions shared along axes.
   *
   * @throws IllegalArgumentException as {@link #forward(Elements, Elements, MaskKey, MaskShape,
   *     long)}
   */
  public void backward(
      Elements gradOutput, Elements gradInput, MaskKey key, MaskShape shape, long firstIndex) {
    dropShared("gradOutput", gradOutput, "gradInput", gradInput, key, shape, firstIndex);
  }

  /**
   * Writes the mask of the elements 0 to {@code output.count() - 1}.
   *
   * @throws IllegalArgumentException if {@code output} cannot be written
   */
  public void mask(PackedMask output, MaskKey key) {
    mask(output, key, 0);
  }

  /**
   * Writes the mask as packed bits, 1 = keep.
   *
   * @param output receives as many bits as it has elements; bit 0 is element {@code firstIndex}
   * @param key selects the mask
   * @param firstIndex global index of the first element, in [0, 2^63 - count]
   * @throws IllegalArgumentException if {@code output} cannot be written or {@code firstIndex} is
   *     outside its range
   */
  public void mask(PackedMask output, MaskKey key, long firstIndex) {
    Objects.requireNonNull(output, "output");
    Objects.requireNonNull(key, "key");
    output.checkWritable("output");
    CallChecks.checkFirstIndex(firstIndex, output.count());
    backend.mask(spec, key, firstIndex, output);
  }

  /**
   * Drops the elements whose bit in a given mask is 0 and scales the rest by {@link #scale()}.
   *
   * <p>Applied to a gradient it is its own backward pass. With {@code p == 1} the output is all +0,
   * whatever the mask says.
   *
   * @param mask has the count of the elements; it need not come from {@link #mask}
   * @param input not modified unless it is also {@code output}
   * @param output of the same type and count; may be {@code input}'s place
   * @throws IllegalArgumentException if types or counts differ, {@code output} overlaps one of the
   *     others without being {@code input}'s place, or memory is closed, read-only or another
   *     thread's
   */
  public void applyMask(PackedMask mask, Elements input, Elements output) {
    Objects.requireNonNull(mask, "mask");
    checkPair("input", input, "output", output);
    mask.checkReadable("mask");
    CallChecks.checkCounts("input", input.count(), "mask", mask.count());
    if (mask.overlaps(output)) {
      throw new IllegalArgumentException("output must not overlap mask");
    }
    backend.applyMask(spec, mask, input, output);
  }

  /**
   * Computes the layer's output at inference: the input itself with inverted scaling, each element
   * times {@code T / 65536} with classical scaling.
   *
   * @param input not modified unless it is also {@code output}
   * @param output of the same type and count; may be {@code input}'s place
   * @throws IllegalArgumentException as {@link #forward(Elements, Elements, MaskKey, long)}
   */
  public void infer(Elements input, Elements output) {
    checkPair("input", input, "output", output);
    backend.scale(spec.inferenceScale(), input, output);
  }

  @Override
  public String toString() {
    return "Dropout[" + spec + ", backend=" + backend.id().label() + "]";
  }

  private void drop(
      String inputName,
      Elements input,
      String outputName,
      Elements output,
      MaskKey key,
      long firstIndex) {
    checkPair(inputName, input, outputName, output);
    Objects.requireNonNull(key, "key");
    CallChecks.checkFirstIndex(firstIndex, input.count());
    backend.forward(spec, key, firstIndex, input, output);
  }

  private void dropShared(
      String inputName,
      Elements input,
      String outputName,
      Elements output,
      MaskKey key,
      MaskShape shape,
      long firstIndex) {
    checkPair(inputName, input, outputName, output);
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(shape, "shape");
    CallChecks.checkRange(inputName, shape, firstIndex, input.count());
    backend.forwardShared(spec, key, shape, firstIndex, input, output);
  }

  private static void checkPair(
      String inputName, Elements input, String outputName, Elements output) {
    Objects.requireNonNull(input, inputName);
    Objects.requireNonNull(output, outputName);
    CallChecks.checkTypes(inputName, input.type(), outputName, output.type());
    CallChecks.checkCounts(inputName, input.count(), outputName, output.count());
    input.checkReadable(inputName);
    output.checkWritable(outputName);
    if (!input.isSamePlaceAs(output) && input.overlaps(output)) {
      throw CallChecks.overlap(inputName, outputName);
    }
  }

  private static void checkWhole(String name, Elements elements, MaskShape shape) {
    Objects.requireNonNull(elements, name);
    Objects.requireNonNull(shape, "shape");
    CallChecks.checkWhole(name, shape, elements.count());
  }
}
