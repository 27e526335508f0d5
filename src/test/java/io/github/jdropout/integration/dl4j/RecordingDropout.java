package io.github.jdropout.integration.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Serial;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Passes on to a {@link JDropout} and notes what was dropped, by logical index.
 *
 * <p>Clones write to the same list.
 */
final class RecordingDropout implements IDropout {
  @Serial private static final long serialVersionUID = 1;

  /**
   * One call.
   *
   * @param unknown index of every zero of the input, for which the result does not tell
   * @param dropped index of every further zero of the result
   */
  record Call(boolean isForward, List<Long> shape, BitSet unknown, BitSet dropped) {
    /** Returns whether both can have had the same mask. */
    boolean isMirroredBy(Call other) {
      BitSet difference = (BitSet) dropped.clone();
      difference.xor(other.dropped);
      difference.andNot(unknown);
      difference.andNot(other.unknown);
      return shape.equals(other.shape) && difference.isEmpty();
    }
  }

  private final JDropout dropout;
  private final transient List<Call> calls;

  /** Of this instance; null before the first call. */
  private transient List<Long> lastForwardShape;

  RecordingDropout(JDropout dropout) {
    this(dropout, new ArrayList<>());
  }

  private RecordingDropout(JDropout dropout, List<Call> calls) {
    this.dropout = dropout;
    this.calls = calls;
  }

  List<Call> calls() {
    return calls;
  }

  List<Call> calls(boolean isForward) {
    return calls.stream().filter(call -> call.isForward() == isForward).toList();
  }

  List<BitSet> forwardMasks() {
    return calls(true).stream().map(Call::dropped).toList();
  }

  @Override
  public INDArray applyDropout(
      INDArray input, INDArray result, int iteration, int epoch, LayerWorkspaceMgr workspaceMgr) {
    BitSet unknown = zeros(input);
    lastForwardShape = shape(input);
    INDArray output = dropout.applyDropout(input, result, iteration, epoch, workspaceMgr);
    record(true, output, unknown, zeros(output));
    return output;
  }

  @Override
  public INDArray backprop(INDArray gradOutput, INDArray gradInput, int iteration, int epoch) {
    BitSet unknown = zeros(inForwardLayout(gradOutput));
    INDArray result = dropout.backprop(gradOutput, gradInput, iteration, epoch);
    INDArray ordered = inForwardLayout(result);
    record(false, ordered, unknown, zeros(ordered));
    return result;
  }

  private void record(boolean isForward, INDArray result, BitSet unknown, BitSet zeros) {
    zeros.andNot(unknown);
    calls.add(new Call(isForward, shape(result), unknown, zeros));
  }

  /** Moves the channels last where the forward call had them there. */
  private INDArray inForwardLayout(INDArray gradient) {
    if (lastForwardShape == null || lastForwardShape.equals(shape(gradient))) {
      return gradient;
    }
    return gradient.rank() == 4 ? gradient.permute(0, 2, 3, 1) : gradient.permute(0, 2, 1);
  }

  private static List<Long> shape(INDArray array) {
    return Arrays.stream(array.shape()).boxed().toList();
  }

  static BitSet zeros(INDArray array) {
    double[] values = array.dup('c').data().asDouble();
    BitSet zeros = new BitSet(values.length);
    for (int i = 0; i < values.length; i++) {
      zeros.set(i, values[i] == 0);
    }
    return zeros;
  }

  /**
   * Checks that every forward mask differs from the others and comes back exactly once.
   *
   * @param count number of forward calls that must have been made
   */
  void assertMirrored(int count) {
    List<Call> forward = calls(true);
    List<Call> backward = new ArrayList<>(calls(false));
    assertEquals(count, forward.size());
    assertEquals(count, backward.size());
    assertEquals(count, new HashSet<>(forwardMasks()).size());
    for (Call call : forward) {
      assertTrue(backward.removeIf(call::isMirroredBy), "no gradient has the mask of " + call);
    }
    assertEquals(List.of(), backward);
  }

  @Override
  public void clear() {
    dropout.clear();
  }

  @Override
  @SuppressWarnings("MethodDoesntCallSuperMethod") // The fields are final.
  public RecordingDropout clone() {
    return new RecordingDropout(dropout.clone(), calls);
  }
}
