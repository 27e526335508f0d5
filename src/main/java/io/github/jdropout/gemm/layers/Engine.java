package io.github.jdropout.gemm.layers;

import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.gemm.Gemm;
import io.github.jdropout.gemm.cublas.CublasGemm;
import io.github.jdropout.spec.BackendUnavailableException;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.EpilogueChecks;
import io.github.jdropout.spec.Matrix;
import java.util.List;
import java.util.Objects;

/**
 * Where layers run: what multiplies their matrices, and what computes the epilogues of the
 * products.
 *
 * <p>On a GPU, an engine belongs to the CUDA context and the stream it was opened with: calls of
 * its layers queue their work there and return. On the CPU they return when the work is done.
 * Operands must be in the engine's memory.
 *
 * <p>Safe for use by several threads; on a GPU their work runs in the order of their calls.
 */
public abstract sealed class Engine implements AutoCloseable permits HostEngine, CudaEngine {
  private volatile boolean isClosed;

  /**
   * Returns an engine on the CPU, with the backend that {@link DropoutBackends} chooses; the
   * fastest of the CPU if it chooses none of these.
   *
   * @throws BackendUnavailableException if there is nothing that multiplies
   */
  public static Engine host() {
    return HostEngine.ofBest();
  }

  /**
   * Returns an engine on the CPU.
   *
   * @param id what computes the epilogues
   * @throws IllegalArgumentException if that is not of the CPU
   * @throws BackendUnavailableException if it cannot run here, or there is nothing that multiplies
   */
  public static Engine host(BackendId id) {
    return HostEngine.of(id);
  }

  /**
   * Opens an engine on a GPU, in the context that is current in the calling thread; in the first
   * device's primary context where there is none.
   *
   * @param stream a {@code CUstream} of the context, 0 for the default stream; must live as long as
   *     the engine
   * @throws BackendUnavailableException if there is no GPU or no cuBLAS
   */
  public static Engine cuda(long stream) {
    return CudaEngine.open(null, stream, null);
  }

  /**
   * Opens an engine on a GPU, in the current context, with a workspace for cuBLAS: for work that is
   * recorded into a graph.
   *
   * @param workspace see {@link CublasGemm#open(long, Bytes.OfDevice)}
   * @throws IllegalArgumentException if the workspace is misaligned, too small or not the device's
   * @throws BackendUnavailableException if there is no GPU or no cuBLAS
   */
  public static Engine cuda(long stream, Bytes.OfDevice workspace) {
    return CudaEngine.open(null, stream, Objects.requireNonNull(workspace, "workspace"));
  }

  /**
   * Opens an engine in the primary context of a device.
   *
   * @param stream a {@code CUstream} of that context, 0 for the default stream
   * @throws BackendUnavailableException if there is no GPU or no cuBLAS
   */
  public static Engine cuda(CudaDevice device, long stream) {
    return CudaEngine.open(Objects.requireNonNull(device, "device"), stream, null);
  }

  /**
   * Loads the epilogues of a type, so that no call has to: before work is recorded, during which
   * nothing can be loaded. cuBLAS loads what a product needs when it first meets its shape, so run
   * each layer once as well.
   *
   * <p>A graph repeats its mask each time it runs, since the key is among a layer's arguments;
   * {@link io.github.jdropout.backend.cuda.CudaEpilogue} takes a key in device memory, which can
   * advance.
   *
   * @param type f32, f16 or bf16
   * @throws IllegalArgumentException if it is f64
   * @throws IllegalStateException if this is closed
   */
  public final void prepare(ElementType type) {
    Objects.requireNonNull(type, "type");
    EpilogueChecks.checkLayerType("type", type);
    checkOpen();
    load(type);
  }

  /** Loads what this engine loads for a type. */
  abstract void load(ElementType type);

  /** Returns one line for people: what multiplies and what computes the rest. */
  public abstract String description();

  /** Returns what multiplies; it is closed with this engine. */
  public abstract Gemm gemm();

  /** Gives back what the engine holds; work that is queued still runs. */
  @Override
  public void close() {
    isClosed = true;
    gemm().close();
  }

  /**
   * Checks that this can be used.
   *
   * @throws IllegalStateException if it is closed
   */
  void checkOpen() {
    if (isClosed) {
      throw new IllegalStateException("the engine has been closed: " + description());
    }
  }

  /** Throws if memory is not of the kind that this engine works in. */
  abstract void checkPlace(String name, Bytes bytes);

  /** Throws if some memory cannot be read, or written where it is to be. */
  abstract void checkUsable(List<Operands.Operand> operands);

  /**
   * Returns a matrix without gaps at the start of some memory, which may be null if it is empty.
   */
  abstract Matrix matrixIn(Bytes bytes, ElementType type, long rows, long columns);

  /** Writes {@code residual + dropout(activation(product + bias))}; null for what is missing. */
  abstract void epilogue(
      Epilogue epilogue, Matrix product, Matrix bias, Matrix residual, Matrix output, Bytes signs);

  /**
   * Writes {@code dropout(input) * weights^T} without the dropped input in memory, where it can.
   *
   * @return false if it cannot, and has done nothing
   */
  boolean multiplyDropped(Epilogue dropout, Matrix input, Matrix weights, Matrix output) {
    return false; // Libraries of products have none like it, nor like the next two.
  }

  /**
   * Adds {@code dropout(gradOutput * weights)} to the input's gradient without the product in
   * memory, where it can.
   *
   * @return false if it cannot, and has done nothing
   */
  boolean addDroppedGradInput(
      Epilogue dropout, Matrix gradOutput, Matrix weights, Matrix gradInput) {
    return false;
  }

  /**
   * Writes {@code gradOutput^T * dropout(input)} without the dropped input in memory, where it can.
   *
   * @param accumulates whether to add to what is there
   * @param workspace to work in
   * @return false if it cannot, and has done nothing
   */
  boolean gradDroppedWeights(
      Epilogue dropout,
      Matrix gradOutput,
      Matrix input,
      Matrix gradWeights,
      boolean accumulates,
      Bytes workspace) {
    return false;
  }

  /** Writes the gradient of the product; null for what is missing. */
  abstract void epilogueGradient(
      Epilogue epilogue,
      Matrix gradOutput,
      Matrix product,
      Matrix bias,
      Bytes signs,
      Matrix gradProduct,
      Matrix groupSums);

  /**
   * Writes the sums of columns, from the sums over groups of rows.
   *
   * @param groupSums may be overwritten
   * @param sums one row, of f32 or a 16-bit type
   * @param accumulates whether to add to what is there
   * @param workspace of {@link #columnSumsBytes}; null if that is 0
   */
  abstract void columnSums(Matrix groupSums, Matrix sums, boolean accumulates, Bytes workspace);

  /** Returns the bytes that {@link #columnSums} works in. */
  abstract long columnSumsBytes(long groups, long columns);
}
