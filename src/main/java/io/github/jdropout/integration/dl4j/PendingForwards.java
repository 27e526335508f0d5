package io.github.jdropout.integration.dl4j;

import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.MaskKey;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The forward calls of one instance that wait for their backward calls, newest first.
 *
 * <p>More than one waits where layers share the instance: backward runs through them in reverse.
 */
final class PendingForwards {
  /** Bounds what forward passes leave behind that are never followed by a backward one. */
  private static final int MAX_PENDING = 1024;

  private final Deque<Forward> pending = new ArrayDeque<>();
  private Forward last;

  /** What a backward call must know. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Forward(MaskKey key, DropoutSpec spec, long[] shape, int iteration) {
    /**
     * Returns a view of a gradient with the axes of the forward call.
     *
     * <p>Some of Deeplearning4j's channels-last layers (NHWC convolution, NWC SimpleRnn) work with
     * the channels first inside and hand out the gradient before they permute it back. Where the
     * channels and the axes after them have one size, the shape does not tell.
     */
    INDArray alignedToShape(String name, INDArray gradient) {
      if (Arrays.equals(gradient.shape(), shape)) {
        return gradient;
      }
      int rank = gradient.rank();
      if (rank == shape.length && (rank == 3 || rank == 4)) {
        INDArray channelsLast =
            rank == 3 ? gradient.permute(0, 2, 1) : gradient.permute(0, 2, 3, 1);
        if (Arrays.equals(channelsLast.shape(), shape)) {
          return channelsLast;
        }
      }
      throw new IllegalArgumentException(
          name
              + " has shape "
              + Arrays.toString(gradient.shape())
              + " but the forward call had "
              + Arrays.toString(shape));
    }
  }

  void push(Forward forward) {
    if (!pending.isEmpty() && pending.peek().iteration() != forward.iteration()) {
      pending.clear();
    }
    if (pending.size() == MAX_PENDING) {
      pending.removeLast();
    }
    pending.push(forward);
  }

  /** Returns the newest that waits, or what was returned last, or null. */
  Forward pop() {
    if (!pending.isEmpty()) {
      last = pending.pop();
    }
    return last;
  }

  void clear() {
    pending.clear();
    last = null;
  }
}
