package io.github.jdropout.integration.dl4j;

import io.github.jdropout.rng.StreamAllocator;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;

/**
 * Numbers the dropout calls of one network within an iteration.
 *
 * <p>Deeplearning4j never says which layer or network calls. But every workspace manager that a
 * network passes to its layers carries the network's own map of helper pointers: that object's
 * identity names the network.
 */
final class NetworkCalls {
  private static final int ITERATION_BITS = 31;
  private static final long OUTSIDE_TRAINING = 1L << 41;

  /** Deep enough for a layer in several wrappers. */
  private static final int FRAMES = 40;

  private static final StackWalker STACK =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

  private static final List<NetworkCalls> NETWORKS = new ArrayList<>();

  /** The network that ran last in this thread. */
  private static final ThreadLocal<NetworkCalls> LAST =
      ThreadLocal.withInitial(() -> new NetworkCalls(new Object()));

  private final WeakReference<Object> network;
  private WeakReference<LayerWorkspaceMgr> pass = new WeakReference<>(null);
  private boolean isTrainingStep;
  private int iteration = -1;
  private int trainingCalls;
  private int otherCalls;

  private NetworkCalls(Object network) {
    this.network = new WeakReference<>(network);
  }

  /**
   * Returns the stream of the next dropout call.
   *
   * @param workspaceMgr names the network; null, or one without helper pointers, for the network
   *     that ran last in this thread
   * @param iteration at least 0
   */
  static long nextStream(LayerWorkspaceMgr workspaceMgr, int iteration) {
    if (iteration < 0) {
      throw new IllegalArgumentException("iteration must be at least 0 but is " + iteration);
    }
    MaskScope scope = MaskScope.current();
    return scope != null ? scope.nextStream() : of(workspaceMgr).next(workspaceMgr, iteration);
  }

  private static NetworkCalls of(LayerWorkspaceMgr workspaceMgr) {
    Object network = workspaceMgr == null ? null : workspaceMgr.getHelperWorkspacePointers();
    NetworkCalls last = LAST.get();
    if (network == null || last.network.refersTo(network)) {
      return last;
    }
    NetworkCalls calls = find(network);
    LAST.set(calls);
    return calls;
  }

  private static NetworkCalls find(Object network) {
    synchronized (NETWORKS) {
      NETWORKS.removeIf(calls -> calls.network.refersTo(null));
      for (NetworkCalls calls : NETWORKS) {
        if (calls.network.refersTo(network)) {
          return calls;
        }
      }
      NetworkCalls calls = new NetworkCalls(network);
      NETWORKS.add(calls);
      return calls;
    }
  }

  /**
   * Returns whether the network is computing gradients.
   *
   * <p>Nothing in the arguments of a dropout call tells a training step from {@code output(x,
   * true)}, which may run between two steps and must not shift their masks.
   */
  private static boolean isTrainingStep() {
    return STACK.walk(frames -> frames.limit(FRAMES).anyMatch(NetworkCalls::isTrainingFrame));
  }

  private static boolean isTrainingFrame(StackWalker.StackFrame frame) {
    // The class first: it is cheap, a method's name is not.
    return NeuralNetwork.class.isAssignableFrom(frame.getDeclaringClass())
        && frame.getMethodName().equals("computeGradientAndScore");
  }

  private synchronized long next(LayerWorkspaceMgr workspaceMgr, int currentIteration) {
    // Every pass has managers of its own; looking at the stack once for each is enough.
    if (workspaceMgr == null || !pass.refersTo(workspaceMgr)) {
      pass = new WeakReference<>(workspaceMgr);
      isTrainingStep = isTrainingStep();
    }
    if (currentIteration != iteration) {
      iteration = currentIteration;
      trainingCalls = 0;
      otherCalls = 0;
    }
    int call = isTrainingStep ? trainingCalls++ : otherCalls++;
    long place = isTrainingStep ? iteration : OUTSIDE_TRAINING | iteration;
    return stream(call, place, ITERATION_BITS);
  }

  /** Returns the stream of a call; what exceeds the number of layers goes above {@code place}. */
  static long stream(int call, long place, int placeBits) {
    int layer = call & (StreamAllocator.MAX_LAYERS - 1);
    long rest = call / StreamAllocator.MAX_LAYERS;
    return StreamAllocator.stream(layer, place | rest << placeBits);
  }
}
