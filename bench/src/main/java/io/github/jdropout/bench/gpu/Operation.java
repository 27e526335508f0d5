package io.github.jdropout.bench.gpu;

import io.github.jdropout.Dropout;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.cuda.CudaDropout;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import java.util.List;
import java.util.Locale;

/** What is measured. */
enum Operation {
  /** The driver's own copy, with which all others are compared. */
  COPY(2) {
    @Override
    void queue(Gpu gpu, Buffers buffers, int turn, long stream) {
      DeviceElements input = buffers.input(turn);
      gpu.copy(buffers.output(turn).address(), input.address(), input.byteSize(), stream);
    }

    @Override
    List<Output> outputs(Buffers buffers, int turn) {
      return List.of(
          Output.of(
              buffers.input(turn),
              buffers.output(turn),
              (from, input, output) -> output.segment().copyFrom(input.segment())));
    }
  },

  FORWARD(2) {
    @Override
    void queue(Gpu gpu, Buffers buffers, int turn, long stream) {
      Calls.DROPOUT.forward(buffers.input(turn), buffers.output(turn), KEY, 0, stream);
    }

    @Override
    List<Output> outputs(Buffers buffers, int turn) {
      return List.of(Output.of(buffers.input(turn), buffers.output(turn), Operation::forward));
    }
  },

  /**
   * With classical scaling, which multiplies by 1: the values then stay what they are after the
   * first call instead of growing with each, and the kernel is the same.
   */
  IN_PLACE(2) {
    @Override
    void queue(Gpu gpu, Buffers buffers, int turn, long stream) {
      DeviceElements place = buffers.inputGradient(turn);
      Calls.CLASSICAL.forward(place, place, KEY, 0, stream);
    }

    // Otherwise all is dropped already, and one more call changes no more than none.
    @Override
    void renew(Gpu gpu, Buffers buffers, int turn, long stream) {
      DeviceElements input = buffers.input(turn);
      gpu.copy(buffers.inputGradient(turn).address(), input.address(), input.byteSize(), stream);
    }

    @Override
    List<Output> outputs(Buffers buffers, int turn) {
      return List.of(
          Output.of(
              buffers.inputGradient(turn),
              buffers.inputGradient(turn),
              (from, input, output) ->
                  reference(Calls.CLASSICAL.spec()).forward(input, output, KEY, from)));
    }
  },

  FORWARD_AND_BACKWARD(4) {
    @Override
    void queue(Gpu gpu, Buffers buffers, int turn, long stream) {
      Calls.DROPOUT.forward(buffers.input(turn), buffers.output(turn), KEY, 0, stream);
      Calls.DROPOUT.backward(
          buffers.outputGradient(turn), buffers.inputGradient(turn), KEY, 0, stream);
    }

    @Override
    List<Output> outputs(Buffers buffers, int turn) {
      return List.of(
          Output.of(buffers.input(turn), buffers.output(turn), Operation::forward),
          Output.of(buffers.outputGradient(turn), buffers.inputGradient(turn), Operation::forward));
    }
  },

  /** The packed mask alone. Comes before the operation that takes it. */
  MASK(0) {
    @Override
    void queue(Gpu gpu, Buffers buffers, int turn, long stream) {
      Calls.DROPOUT.mask(buffers.mask(turn), KEY, 0, stream);
    }

    @Override
    List<Output> outputs(Buffers buffers, int turn) {
      return List.of(Output.ofMask(buffers.mask(turn), reference(Calls.DROPOUT.spec()), KEY));
    }

    @Override
    long bytes(Buffers buffers) {
      return buffers.mask(0).byteSize();
    }

    @Override
    int sets(Buffers buffers) {
      return buffers.maskSets();
    }
  },

  APPLY_MASK(2) {
    @Override
    void prepare(Gpu gpu, Buffers buffers, long stream) {
      for (int turn = 0; turn < buffers.maskSets(); turn++) {
        MASK.queue(gpu, buffers, turn, stream);
      }
    }

    @Override
    void queue(Gpu gpu, Buffers buffers, int turn, long stream) {
      Calls.DROPOUT.applyMask(
          buffers.mask(turn), buffers.input(turn), buffers.output(turn), stream);
    }

    @Override
    List<Output> outputs(Buffers buffers, int turn) {
      return FORWARD.outputs(buffers, turn);
    }

    @Override
    long bytes(Buffers buffers) {
      return super.bytes(buffers) + buffers.mask(0).byteSize();
    }
  },

  /** One decision for all 16 time steps of [batch, time, 256 features]. */
  VARIATIONAL(2) {
    @Override
    MaskShape shape(long count) {
      return MaskShape.sharing(new long[] {count / SHARED_MULTIPLE, 16, 256}, 1);
    }
  },

  /** One decision for all positions of a feature map of [batch, 16 channels, 16, 16]. */
  SPATIAL(2) {
    @Override
    MaskShape shape(long count) {
      return MaskShape.sharing(new long[] {count / SHARED_MULTIPLE, 16, 16, 16}, 2, 3);
    }
  },

  /** At inference, with classical scaling: with the usual one it is a copy. */
  INFER(2) {
    @Override
    void queue(Gpu gpu, Buffers buffers, int turn, long stream) {
      Calls.CLASSICAL.infer(buffers.input(turn), buffers.output(turn), stream);
    }

    @Override
    List<Output> outputs(Buffers buffers, int turn) {
      return List.of(
          Output.of(
              buffers.input(turn),
              buffers.output(turn),
              (from, input, output) -> reference(Calls.CLASSICAL.spec()).infer(input, output)));
    }
  };

  /** System property of the probability of dropping. */
  static final String P_PROPERTY = "jdropout.bench.p";

  static final double P = Double.parseDouble(System.getProperty(P_PROPERTY, "0.1"));
  private static final MaskKey KEY = new MaskKey(42, 7);

  /** Apart, because a report is made of the operations' names where there is no GPU. */
  private static final class Calls {
    static final CudaDropout DROPOUT = CudaDropout.of(DropoutSpec.of(P));
    static final CudaDropout CLASSICAL = CudaDropout.of(DropoutSpec.of(P).classical());
  }

  /** Elements of one example of the shared shapes. */
  private static final long SHARED_MULTIPLE = 4096;

  private final int passes;

  /**
   * Makes one.
   *
   * @param passes how often a tensor is read or written
   */
  Operation(int passes) {
    this.passes = passes;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** Queues one call on a set of buffers; what it uses twice it uses on that set. */
  void queue(Gpu gpu, Buffers buffers, int turn, long stream) {
    MaskShape shape = shape(buffers.count());
    Calls.DROPOUT.forward(buffers.input(turn), buffers.output(turn), KEY, shape, 0, stream);
  }

  /** Returns what a call on a set writes, to compare with the scalar backend. */
  List<Output> outputs(Buffers buffers, int turn) {
    MaskShape shape = shape(buffers.count());
    return List.of(
        Output.of(
            buffers.input(turn),
            buffers.output(turn),
            (from, input, output) ->
                reference(Calls.DROPOUT.spec()).forward(input, output, KEY, shape, from)));
  }

  /** Queues what the calls need to be there. */
  void prepare(Gpu gpu, Buffers buffers, long stream) {}

  /** Writes the input again that calls on a set have overwritten. */
  void renew(Gpu gpu, Buffers buffers, int turn, long stream) {}

  /** Returns the shape of an operation with shared decisions. */
  MaskShape shape(long count) {
    throw new UnsupportedOperationException(this + " shares no decisions");
  }

  boolean fits(long count) {
    return (this != VARIATIONAL && this != SPATIAL) || count % SHARED_MULTIPLE == 0;
  }

  /** Returns the fewest bytes that a call can read and write. */
  long bytes(Buffers buffers) {
    return passes * buffers.count() * buffers.type().bytes();
  }

  /** Returns how many of those are written. */
  long bytesWritten(Buffers buffers) {
    return this == MASK ? bytes(buffers) : passes / 2 * buffers.count() * buffers.type().bytes();
  }

  /** Returns over how many sets the calls turn. */
  int sets(Buffers buffers) {
    return buffers.sets();
  }

  private static Dropout reference(DropoutSpec spec) {
    return Dropout.of(spec, BackendId.SCALAR);
  }

  private static void forward(long from, Elements input, Elements output) {
    reference(Calls.DROPOUT.spec()).forward(input, output, KEY, from);
  }
}
