package io.github.jdropout.integration.dl4j;

import io.github.jdropout.Dropout;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.rng.KeepThreshold;
import io.github.jdropout.rng.StreamAllocator;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.MaskKey;
import java.io.Serial;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Objects;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonInclude;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Dropout for Deeplearning4j: goes where {@code new Dropout(0.9)} stood.
 *
 * <p><strong>Deeplearning4j's number is the probability of <em>retaining</em>, this library's the
 * probability of <em>dropping</em>.</strong> Both have a factory named after them:
 *
 * <pre>{@code
 * .dropOut(new Dropout(0.9))          // Deeplearning4j: retains 90 %
 * .dropOut(JDropout.retaining(0.9))   // the same
 * .dropOut(JDropout.dropping(0.1))    // the same
 * }</pre>
 *
 * <p>No mask is kept between forward and backward, only its key. The seed of the key is {@link
 * StreamAllocator#replicaSeed replicaSeed(seed, replica)}. Its stream comes from the iteration and
 * from the number of the call among all calls that the same network made in that iteration:
 *
 * <ul>
 *   <li>in a training step, {@code StreamAllocator.stream(call, iteration)}, so equal layers, and
 *       layers that share an instance, draw different masks, and training resumed from a saved
 *       model draws the masks of uninterrupted training;
 *   <li>in {@code output(x, true)} and other forward passes outside training, {@code stream(call,
 *       2^41 + iteration)} with a count of its own, so every Monte-Carlo sample differs and
 *       sampling leaves training as it is;
 *   <li>in a {@link MaskScope}, {@code stream(call, 2^42 + sample)}, whatever the iteration.
 * </ul>
 *
 * <p>A call number of 2<sup>20</sup> or more goes on in the bits above the iteration. Two networks
 * with one seed draw the same masks: give each its own.
 *
 * <p>Copies from {@link #clone()}, JSON and Java serialization draw the same masks in the same
 * place. The settings are immutable. An instance belongs to the one network, or the layers of one,
 * that Deeplearning4j runs in one thread at a time; networks in several threads need a clone of the
 * configuration each.
 *
 * <p>Scaling is always inverted, because Deeplearning4j does not call dropout at inference.
 */
public final class JDropout implements IDropout {
  @Serial private static final long serialVersionUID = 1;

  /** Null where {@link #schedule} holds. */
  @JsonProperty("p")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private final Double p;

  /** Null where {@link #p} holds. */
  @JsonProperty("schedule")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private final ISchedule schedule;

  @JsonProperty("seed")
  private final long seed;

  @JsonProperty("replica")
  private final int replica;

  /** Null for the fastest; not saved, because every backend gives the same bits. */
  private final transient BackendId backend;

  private final transient PendingForwards forwards = new PendingForwards();

  @JsonCreator
  private JDropout(
      @JsonProperty("p") Double p,
      @JsonProperty("schedule") ISchedule schedule,
      @JsonProperty("seed") long seed,
      @JsonProperty("replica") int replica) {
    this(p, schedule, seed, replica, null);
  }

  private JDropout(Double p, ISchedule schedule, long seed, int replica, BackendId backend) {
    if ((p == null) == (schedule == null)) {
      throw new IllegalArgumentException(
          "exactly one of p and schedule must be given but they are " + p + " and " + schedule);
    }
    if (p != null) {
      KeepThreshold.checkProbability(p);
    }
    StreamAllocator.replicaSeed(seed, replica); // Checks the range.
    this.p = p;
    this.schedule = schedule;
    this.seed = seed;
    this.replica = replica;
    this.backend = backend;
  }

  /**
   * Returns dropout by the probability of <em>dropping</em> an activation, with seed 0.
   *
   * @param p probability of dropping, in [0, 1]
   * @throws IllegalArgumentException if {@code p} is NaN or outside [0, 1]
   */
  public static JDropout dropping(double p) {
    return new JDropout(p, null, 0, 0);
  }

  /**
   * Returns dropout whose probability of <em>dropping</em> follows a schedule, with seed 0.
   *
   * @param p gives the probability of dropping, in [0, 1], for each iteration and epoch; a value
   *     outside makes the forward pass throw an {@link IllegalArgumentException}
   */
  public static JDropout dropping(ISchedule p) {
    return new JDropout(null, Objects.requireNonNull(p, "p"), 0, 0);
  }

  /**
   * Returns dropout by Deeplearning4j's number, the probability of <em>retaining</em> an
   * activation, with seed 0.
   *
   * @param retainProbability in (0, 1]; Deeplearning4j takes 0 for no dropout at all, so 0 is
   *     refused here: use {@code dropping(0)} or {@code dropping(1)}
   * @throws IllegalArgumentException if {@code retainProbability} is NaN or outside (0, 1]
   */
  public static JDropout retaining(double retainProbability) {
    if (!(retainProbability > 0 && retainProbability <= 1)) {
      throw new IllegalArgumentException(
          "retainProbability must be in (0, 1] but is " + retainProbability);
    }
    // In decimal, so that retaining 0.9 is exactly dropping 0.1.
    return dropping(BigDecimal.ONE.subtract(BigDecimal.valueOf(retainProbability)).doubleValue());
  }

  /** Returns the same dropout with another seed, any 64 bits. */
  public JDropout withSeed(long newSeed) {
    return new JDropout(p, schedule, newSeed, replica, backend);
  }

  /**
   * Returns the same dropout with masks of its own for one of several replicas of a network.
   *
   * @param newReplica number of the replica, at least 0; 0 is the network alone
   * @throws IllegalArgumentException if {@code newReplica} is negative
   * @see Replicas
   */
  public JDropout withReplica(int newReplica) {
    return new JDropout(p, schedule, seed, newReplica, backend);
  }

  /**
   * Returns the same dropout, computed by a backend of the caller's choice.
   *
   * <p>The choice goes with {@link #clone()} but is not saved with a model. Without it, {@link
   * io.github.jdropout.DropoutBackends#select()} chooses.
   *
   * @param label {@code scalar}, {@code vector} …
   * @throws IllegalArgumentException if no backend has that name
   */
  public JDropout withBackend(String label) {
    return new JDropout(p, schedule, seed, replica, BackendId.parse(label));
  }

  /**
   * Drops elements of the activations.
   *
   * @param resultArray receives the result; may be {@code inputActivations}
   * @param workspaceMgr names the network; null for the network this thread used last
   * @return {@code resultArray}
   * @throws IllegalArgumentException if shapes differ, the type is not FLOAT, DOUBLE, HALF or
   *     BFLOAT16, or the schedule leaves [0, 1]
   */
  @Override
  public INDArray applyDropout(
      INDArray inputActivations,
      INDArray resultArray,
      int iteration,
      int epoch,
      LayerWorkspaceMgr workspaceMgr) {
    DropoutSpec spec = spec(iteration, epoch);
    long[] shape = inputActivations.shape();
    if (!Arrays.equals(shape, resultArray.shape())) {
      throw new IllegalArgumentException(
          "resultArray has shape "
              + Arrays.toString(resultArray.shape())
              + " but inputActivations has "
              + Arrays.toString(shape));
    }
    ArrayDropout.checkSupported("resultArray", resultArray);
    long stream = NetworkCalls.nextStream(workspaceMgr, iteration);
    MaskKey key = new MaskKey(StreamAllocator.replicaSeed(seed, replica), stream);
    ArrayDropout.apply(dropout(spec), key, inputActivations, resultArray);
    forwards.push(new PendingForwards.Forward(key, spec, shape, iteration));
    return resultArray;
  }

  /**
   * Drops the gradients of the elements that the last forward call dropped.
   *
   * <p>After several forward calls, each call takes the next older one; the oldest serves again.
   * Where there was none since {@link #clear()}, the layer ran without dropout, as some of
   * Deeplearning4j's frozen layers do, and the gradient passes unchanged.
   *
   * @param gradAtInput receives the result; may be {@code gradAtOutput}
   * @return {@code gradAtInput}
   * @throws IllegalArgumentException if the shape is not the forward call's, nor that with the
   *     channels moved from the last place to the second
   */
  @Override
  public INDArray backprop(INDArray gradAtOutput, INDArray gradAtInput, int iteration, int epoch) {
    ArrayDropout.checkSupported("gradAtInput", gradAtInput);
    PendingForwards.Forward forward = forwards.pop();
    if (forward != null) {
      ArrayDropout.apply(
          dropout(forward.spec()),
          forward.key(),
          forward.alignedToShape("gradAtOutput", gradAtOutput),
          forward.alignedToShape("gradAtInput", gradAtInput));
    } else if (!isSameObject(gradAtOutput, gradAtInput)) {
      gradAtInput.assign(gradAtOutput);
    }
    return gradAtInput;
  }

  @Override
  public void clear() {
    forwards.clear();
  }

  @Override
  @SuppressWarnings("MethodDoesntCallSuperMethod") // The copy must not share the pending calls.
  public JDropout clone() {
    return new JDropout(p, schedule == null ? null : schedule.clone(), seed, replica, backend);
  }

  private DropoutSpec spec(int iteration, int epoch) {
    if (schedule == null) {
      return DropoutSpec.of(p);
    }
    double value = schedule.valueAt(iteration, epoch);
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(
          "p must be in [0, 1] but the schedule gives "
              + value
              + " at iteration "
              + iteration
              + ", epoch "
              + epoch
              + ": "
              + schedule);
    }
    return DropoutSpec.of(value);
  }

  private Dropout dropout(DropoutSpec spec) {
    return backend == null ? Dropout.of(spec) : Dropout.of(spec, backend);
  }

  @SuppressWarnings("ReferenceEquality") // INDArray.equals compares the values.
  private static boolean isSameObject(INDArray first, INDArray second) {
    return first == second;
  }

  /** Java serialization leaves transient fields null. */
  @Serial
  private Object readResolve() {
    return clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof JDropout that
        && Objects.equals(p, that.p)
        && Objects.equals(schedule, that.schedule)
        && seed == that.seed
        && replica == that.replica;
  }

  @Override
  public int hashCode() {
    return Objects.hash(p, schedule, seed, replica);
  }

  @Override
  public String toString() {
    return "JDropout[dropping="
        + (schedule == null ? p : schedule)
        + ", seed="
        + seed
        + ", replica="
        + replica
        + "]";
  }
}
