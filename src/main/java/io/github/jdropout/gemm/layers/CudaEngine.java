package io.github.jdropout.gemm.layers;

import io.github.jdropout.backend.cuda.CudaAccess;
import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.CudaDroppedProduct;
import io.github.jdropout.backend.cuda.CudaEpilogue;
import io.github.jdropout.gemm.Gemm;
import io.github.jdropout.gemm.cublas.CublasGemm;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.Matrix;
import java.util.List;

/** Layers on a GPU: in one context, on one stream. */
final class CudaEngine extends Engine {
  private final CublasGemm gemm;
  private final CudaEpilogue epilogues;
  private final CudaDroppedProduct products;
  private final CudaAccess access;

  private CudaEngine(CublasGemm gemm, CudaAccess access) {
    this.gemm = gemm;
    this.epilogues = CudaEpilogue.in(access);
    this.products = CudaDroppedProduct.in(access);
    this.access = access;
  }

  /**
   * Opens one.
   *
   * @param device null for the current context
   * @param workspace of cuBLAS; null for its own
   */
  static CudaEngine open(CudaDevice device, long stream, Bytes.OfDevice workspace) {
    CudaAccess access = device == null ? CudaAccess.current() : CudaAccess.primary(device);
    return new CudaEngine(CublasGemm.open(access, stream, workspace), access);
  }

  @Override
  public String description() {
    return "cuda, " + gemm.description();
  }

  @Override
  public Gemm gemm() {
    return gemm;
  }

  @Override
  void load(ElementType type) {
    epilogues.prepare(type);
    products.prepare(type);
  }

  @Override
  void checkPlace(String name, Bytes bytes) {
    if (!(bytes instanceof Bytes.OfDevice)) {
      throw new IllegalArgumentException(
          name + " must be on the device but is in the host's memory: " + bytes);
    }
  }

  /** Before the first part of a call is queued; each part checks its own again. */
  @Override
  void checkUsable(List<Operands.Operand> operands) {
    access.run(() -> {
      for (Operands.Operand operand : operands) {
        Bytes.OfDevice memory = device(operand.bytes());
        access.checkMemory(operand.name(), memory.address(), memory.byteSize());
      }
    });
  }

  @Override
  Matrix matrixIn(Bytes bytes, ElementType type, long rows, long columns) {
    long address = bytes == null ? 0 : device(bytes).address();
    return Matrix.onDevice(type, address, rows, columns);
  }

  @Override
  void epilogue(
      Epilogue epilogue, Matrix product, Matrix bias, Matrix residual, Matrix output, Bytes signs) {
    epilogues.epilogue(
        epilogue,
        (DeviceMatrix) product,
        elements(bias),
        (DeviceMatrix) residual,
        (DeviceMatrix) output,
        device(signs),
        gemm.stream());
  }

  @Override
  boolean multiplyDropped(Epilogue dropout, Matrix input, Matrix weights, Matrix output) {
    DeviceMatrix dropped = (DeviceMatrix) input;
    DeviceMatrix others = (DeviceMatrix) weights;
    if (!products.takes(dropped, others)) {
      return false;
    }
    products.multiply(dropout, dropped, others, (DeviceMatrix) output, gemm.stream());
    return true;
  }

  @Override
  boolean addDroppedGradInput(
      Epilogue dropout, Matrix gradOutput, Matrix weights, Matrix gradInput) {
    DeviceMatrix narrow = (DeviceMatrix) gradOutput;
    DeviceMatrix others = (DeviceMatrix) weights;
    DeviceMatrix target = (DeviceMatrix) gradInput;
    if (!products.takesGradInput(narrow, others, target)) {
      return false;
    }
    products.addGradInput(dropout, narrow, others, target, gemm.stream());
    return true;
  }

  @Override
  boolean gradDroppedWeights(
      Epilogue dropout,
      Matrix gradOutput,
      Matrix input,
      Matrix gradWeights,
      boolean accumulates,
      Bytes workspace) {
    DeviceMatrix narrow = (DeviceMatrix) gradOutput;
    DeviceMatrix dropped = (DeviceMatrix) input;
    DeviceMatrix target = (DeviceMatrix) gradWeights;
    long needed =
        CudaDroppedProduct.gradWeightsWorkspaceBytes(target.rowCount(), target.columnCount());
    if (workspace == null
        || workspace.byteSize() < needed
        || !products.takesGradWeights(narrow, dropped)) {
      return false;
    }
    products.gradWeights(
        dropout, narrow, dropped, target, accumulates, device(workspace), gemm.stream());
    return true;
  }

  @Override
  void epilogueGradient(
      Epilogue epilogue,
      Matrix gradOutput,
      Matrix product,
      Matrix bias,
      Bytes signs,
      Matrix gradProduct,
      Matrix groupSums) {
    epilogues.epilogueGradient(
        epilogue,
        (DeviceMatrix) gradOutput,
        (DeviceMatrix) product,
        elements(bias),
        device(signs),
        (DeviceMatrix) gradProduct,
        (DeviceMatrix) groupSums,
        gemm.stream());
  }

  @Override
  void columnSums(Matrix groupSums, Matrix sums, boolean accumulates, Bytes workspace) {
    epilogues.columnSums(
        (DeviceMatrix) groupSums, elements(sums), accumulates, device(workspace), gemm.stream());
  }

  @Override
  long columnSumsBytes(long groups, long columns) {
    return CudaEpilogue.columnSumsWorkspaceBytes(groups, columns);
  }

  private static DeviceElements elements(Matrix vector) {
    return vector == null ? null : ((DeviceMatrix) vector).span();
  }

  private static Bytes.OfDevice device(Bytes bytes) {
    return (Bytes.OfDevice) bytes;
  }
}
