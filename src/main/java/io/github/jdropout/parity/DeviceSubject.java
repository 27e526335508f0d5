package io.github.jdropout.parity;

import io.github.jdropout.backend.EpilogueBackend;
import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.CudaDropout;
import io.github.jdropout.backend.cuda.CudaEpilogue;
import io.github.jdropout.gemm.GemmCall;
import io.github.jdropout.gemm.cublas.CublasException;
import io.github.jdropout.gemm.cublas.CublasGemm;
import io.github.jdropout.spec.BackendUnavailableException;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.PackedMask;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/** What works on the memory of a GPU; each call copies its operands there and back. */
final class DeviceSubject implements Subject {
  private final CudaDevice device;
  private final boolean hasProducts;

  DeviceSubject(CudaDevice device) {
    this.device = device;
    this.hasProducts = hasProducts(device);
  }

  private static boolean hasProducts(CudaDevice device) {
    try (CublasGemm gemm = CublasGemm.open(device, 0)) {
      return gemm.device().equals(device);
    } catch (BackendUnavailableException | CublasException _) {
      return false;
    }
  }

  @Override
  public Set<Operation> operations() {
    return hasProducts
        ? EnumSet.allOf(Operation.class)
        : EnumSet.complementOf(EnumSet.of(Operation.PRODUCT));
  }

  @Override
  public Set<ElementType> types() {
    return EnumSet.allOf(ElementType.class);
  }

  private void run(Consumer<DeviceCall> work) {
    try (DeviceCall call = new DeviceCall(device)) {
      work.accept(call);
      call.finish();
    }
  }

  @Override
  public void forward(
      DropoutSpec spec, MaskKey key, long firstIndex, Elements input, Elements output) {
    CudaDropout dropout = CudaDropout.of(spec, device);
    run(call -> {
      DeviceElements in = call.elements(input);
      DeviceElements out = call.elements(output);
      if (DeviceCall.hasDeviceKey(input.segment())) {
        dropout.forward(in, out, call.key(key), firstIndex, call.stream());
      } else {
        dropout.forward(in, out, key, firstIndex, call.stream());
      }
    });
  }

  @Override
  public void backward(
      DropoutSpec spec, MaskKey key, long firstIndex, Elements gradOutput, Elements gradInput) {
    CudaDropout dropout = CudaDropout.of(spec, device);
    run(call -> {
      DeviceElements in = call.elements(gradOutput);
      DeviceElements out = call.elements(gradInput);
      if (DeviceCall.hasDeviceKey(gradOutput.segment())) {
        dropout.backward(in, out, call.key(key), firstIndex, call.stream());
      } else {
        dropout.backward(in, out, key, firstIndex, call.stream());
      }
    });
  }

  @Override
  public void forwardShared(
      DropoutSpec spec,
      MaskKey key,
      MaskShape shape,
      long firstIndex,
      Elements input,
      Elements output) {
    CudaDropout dropout = CudaDropout.of(spec, device);
    run(call -> {
      DeviceElements in = call.elements(input);
      DeviceElements out = call.elements(output);
      if (DeviceCall.hasDeviceKey(input.segment())) {
        dropout.forward(in, out, call.key(key), shape, firstIndex, call.stream());
      } else {
        dropout.forward(in, out, key, shape, firstIndex, call.stream());
      }
    });
  }

  @Override
  public void mask(DropoutSpec spec, MaskKey key, long firstIndex, PackedMask output) {
    CudaDropout dropout = CudaDropout.of(spec, device);
    run(call -> {
      if (DeviceCall.hasDeviceKey(output.bytes())) {
        dropout.mask(call.mask(output), call.key(key), firstIndex, call.stream());
      } else {
        dropout.mask(call.mask(output), key, firstIndex, call.stream());
      }
    });
  }

  @Override
  public void applyMask(DropoutSpec spec, PackedMask mask, Elements input, Elements output) {
    run(call ->
        CudaDropout.of(spec, device)
            .applyMask(
                call.mask(mask), call.elements(input), call.elements(output), call.stream()));
  }

  @Override
  public void infer(DropoutSpec spec, Elements input, Elements output) {
    run(call ->
        CudaDropout.of(spec, device)
            .infer(call.elements(input), call.elements(output), call.stream()));
  }

  @Override
  public EpilogueBackend epilogues() {
    return new Epilogues();
  }

  @Override
  public void columnSums(HostMatrix groupSums, Elements gradBias, boolean accumulates) {
    long workspaceBytes =
        CudaEpilogue.columnSumsWorkspaceBytes(groupSums.rowCount(), groupSums.columnCount());
    run(call ->
        CudaEpilogue.of(device)
            .columnSums(
                call.matrix(groupSums),
                call.elements(gradBias),
                accumulates,
                call.workspace(workspaceBytes),
                call.stream()));
  }

  @Override
  public void multiply(GemmCall product) {
    run(call -> {
      try (CublasGemm gemm = CublasGemm.open(device, call.stream())) {
        gemm.multiply(
            new GemmCall(
                product.batches(),
                product.alpha(),
                call.matrix((HostMatrix) product.a()),
                product.transposeA(),
                call.matrix((HostMatrix) product.b()),
                product.transposeB(),
                product.beta(),
                call.matrix((HostMatrix) product.c())));
      }
    });
  }

  /** Epilogues of the device for operands of the host. */
  private final class Epilogues implements EpilogueBackend {
    @Override
    public void epilogue(
        Epilogue epilogue,
        HostMatrix product,
        Elements bias,
        HostMatrix residual,
        HostMatrix output,
        MemorySegment signs) {
      CudaEpilogue cuda = CudaEpilogue.of(device);
      run(call -> {
        Bytes.OfDevice signBytes = call.bytes(signs);
        if (DeviceCall.hasDeviceKey(product.elements().segment())) {
          cuda.epilogue(
              withoutKey(epilogue),
              call.key(epilogue.key()),
              call.matrix(product),
              call.elements(bias),
              call.matrix(residual),
              call.matrix(output),
              signBytes,
              call.stream());
        } else {
          cuda.epilogue(
              epilogue,
              call.matrix(product),
              call.elements(bias),
              call.matrix(residual),
              call.matrix(output),
              signBytes,
              call.stream());
        }
      });
    }

    @Override
    public void epilogueGradient(
        Epilogue epilogue,
        HostMatrix gradOutput,
        HostMatrix product,
        Elements bias,
        MemorySegment signs,
        HostMatrix gradProduct,
        HostMatrix groupSums) {
      CudaEpilogue cuda = CudaEpilogue.of(device);
      run(call -> {
        Bytes.OfDevice signBytes = call.bytes(signs);
        if (DeviceCall.hasDeviceKey(gradOutput.elements().segment())) {
          cuda.epilogueGradient(
              withoutKey(epilogue),
              call.key(epilogue.key()),
              call.matrix(gradOutput),
              call.matrix(product),
              call.elements(bias),
              signBytes,
              call.matrix(gradProduct),
              call.matrix(groupSums),
              call.stream());
        } else {
          cuda.epilogueGradient(
              epilogue,
              call.matrix(gradOutput),
              call.matrix(product),
              call.elements(bias),
              signBytes,
              call.matrix(gradProduct),
              call.matrix(groupSums),
              call.stream());
        }
      });
    }

    /** The key that comes with the epilogue must have no part in it. */
    private static Epilogue withoutKey(Epilogue epilogue) {
      return new Epilogue(
          epilogue.activation(),
          epilogue.threshold(),
          epilogue.factor(),
          new MaskKey(-1, -1),
          epilogue.firstIndex(),
          epilogue.indexStride());
    }
  }
}
